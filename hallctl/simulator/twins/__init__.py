"""The other end of each device, parsed by code of its own."""
