"""The wires: bytes in and out, never blocking, every failure a `LinkError` with a remedy."""
