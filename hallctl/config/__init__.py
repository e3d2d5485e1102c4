"""hall.yaml, catalogue.yaml, devices.yaml: read, checked against each other, made into Rules."""
