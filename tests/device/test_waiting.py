"""The devices' thread sleeps until a wire speaks, and looks at that wire only."""

import os
import queue
import time

import pytest

from hallctl.core.reports import LinkDown, LinkUp
from hallctl.device import Device
from hallctl.devices import Devices
from hallctl.driver import Driver, DriverOptions, Reply
from hallctl.links.base import LinkError
from running import PATIENT_S


class Echo(Driver):
    """Says what it hears, to the test."""

    def __init__(self):
        super().__init__(DriverOptions())
        self.heard = queue.Queue()

    def receive(self, data, now):
        self.heard.put(data)
        return Reply()


class PipeLink:
    """A wire whose other end the test has; counts how often it is looked at."""

    def __init__(self):
        self.ends = None
        self.looks = 0

    def open(self):
        self.ends = os.pipe()
        os.set_blocking(self.ends[0], False)
        return self.ends[0]

    def read(self):
        self.looks += 1
        try:
            got = os.read(self.ends[0], 64)
        except BlockingIOError:
            return b""
        if not got:
            raise LinkError("gone", "")
        return got

    def write(self, data):
        return len(data)

    def unsent(self):
        return 0

    def close(self):
        ends, self.ends = self.ends, None
        for end in ends or ():
            if end >= 0:
                os.close(end)


@pytest.fixture
def pair():
    """Two devices whose wires are open."""
    reports = queue.Queue()
    links, drivers = [PipeLink(), PipeLink()], [Echo(), Echo()]
    devices = Devices(
        [Device(f"d{n}", drivers[n], links[n], "boot") for n in range(2)],
        lambda found: [reports.put((r.device, r.report)) for r in found] or True,
        time.monotonic,
    )
    devices.start()
    try:
        for _ in range(2):
            assert isinstance(reports.get(timeout=PATIENT_S)[1], LinkUp)
        yield links, drivers, reports
    finally:
        devices.stop()


def test_a_wire_that_says_nothing_is_left_alone_while_another_speaks(pair):
    (talker, silent), (driver, _), _ = pair
    before, said = silent.looks, 0
    while said < 200:
        os.write(talker.ends[1], b"x")
        driver.heard.get(timeout=PATIENT_S)
        said += 1
    assert silent.looks - before < said / 2, "only the sweeps looked at it"


def test_a_wire_that_comes_back_under_the_number_it_had_is_heard(pair):
    (link, _), (driver, _), reports = pair
    for word in (b"one", b"two", b"three"):
        os.write(link.ends[1], word)
        assert driver.heard.get(timeout=PATIENT_S) == word
        number = link.ends[0]
        ours, link.ends = link.ends[1], (link.ends[0], -1)
        os.close(ours)
        seen = [reports.get(timeout=PATIENT_S)[1] for _ in range(2)]
        assert [type(report) for report in seen] == [LinkDown, LinkUp]
        assert link.ends[0] == number
