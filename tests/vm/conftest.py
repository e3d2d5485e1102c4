"""These tests plug and unplug USB devices, so they have a machine of their own: `make test-vm`."""

import os
from collections import defaultdict

import pytest

collect_ignore_glob = [] if os.environ.get("HALLCTL_VM") else ["test_*.py"]


@pytest.fixture(scope="session")
def ports():
    """All devices there are, two of a class, each with a port of its own."""
    from vm.bed import Keypad, Printer, Serial

    made = defaultdict(list)
    for port, kind in enumerate((Keypad, Keypad, Serial, Serial, Printer, Printer)):
        made[kind].append(kind(port))
    return made


@pytest.fixture
def bed(ports):
    """`bed(Keypad)` are the two keypads, unplugged."""

    def unplugged(kind):
        for gadget in ports[kind]:
            gadget.unplug()
        return ports[kind]

    yield unplugged
    for gadgets in ports.values():
        for gadget in gadgets:
            gadget.unplug()
