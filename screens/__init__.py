"""One file or package a screen; each runs as a process of its own."""
