"""The screen over a window: whose turn it is here, and what to do when nobody is served."""
