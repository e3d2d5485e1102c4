"""The daemon of the hall: journal, rules, devices, bus."""
