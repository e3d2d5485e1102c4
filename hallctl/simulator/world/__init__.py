"""The world around one daemon, from one seed: people, programs, wires, a bus, a disk, a clock.

What is tested is the product's own code; what judges it (`oracle`, `ledger`) is not.
"""
