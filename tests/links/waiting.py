"""What tests of wires share: nothing here depends on how fast the machine is."""

import os
import time
from contextlib import contextmanager

from hallctl.links.base import LinkError

PATIENCE_S = 60.0
"""Far longer than anything takes; only a test that fails waits so long."""
NOBODY = 65534


def until(done, most_s=PATIENCE_S):
    """Ask again and again; the first true answer. AssertionError when there is none."""
    end = time.monotonic() + most_s
    while not (got := done()):
        assert time.monotonic() < end, "it never happened"
        time.sleep(0.005)
    return got


def error_of(act):
    """The LinkError that `act` raises, at once or by and by."""

    def tried():
        try:
            act()
        except LinkError as problem:
            return problem
        return None

    found = until(tried)
    assert found.evidence
    assert found.remedy
    return found


@contextmanager
def unprivileged():
    """Nobody when the tests run as root, else who they are."""
    if os.geteuid() != 0:
        yield
        return
    os.seteuid(NOBODY)
    try:
        yield
    finally:
        os.seteuid(0)
