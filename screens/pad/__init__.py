"""The rating pad of a window: five equal faces, reasons only after a low grade."""
