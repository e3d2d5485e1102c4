"""One file a device family; the file name is the `driver:` of devices.yaml."""
