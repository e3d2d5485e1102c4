"""The heart: pure rules. No clock, file, thread, socket or randomness."""
