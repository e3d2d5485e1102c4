"""Framing that two families of devices share. Pure bytes in, bytes out."""
