"""These tests change their machine, so they have one of their own: `make test-vm`.

Most plug and unplug USB devices; those of an installed hall need a real systemd and run apart.
"""

import os
from collections import defaultdict

import pytest

APART = [f"test_{phase}.py" for phase in ("installed", "screened", "restarted", "cut", "removed")]
_goal = os.environ.get("HALLCTL_VM", "")
collect_ignore_glob = {"": ["test_*.py"], "1": APART}.get(_goal, [])
"""A phase of an installed hall is told its file."""


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
