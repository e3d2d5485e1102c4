"""A driver may have its wire closed and opened anew, when what is behind it does nothing."""

import pytest

from hallctl.core import effects as f
from hallctl.core import reports as r
from hallctl.device import Device
from hallctl.devices import Devices
from hallctl.driver import Driver, Reply
from hallctl.links.memory import MemoryLink

STRIP = f.ShowStrip(window=1, state="idle", texts=("x",))
WORD = r.Fault(code="stuck")
DOUBT = r.Fault(code="in doubt")


class Deaf(Driver):
    """Asks for another wire at `asks`; greets each one."""

    kind = "strip"
    takes = (f.ShowStrip,)
    asks = ""

    def _reply(self, at):
        if self.asks != at:
            return Reply()
        return Reply(write=b"never sent", reports=(WORD,), wake_at=1e6, reopen="no answer for 9 s")

    def start(self, now):
        reply = self._reply("start")
        return reply if reply.reopen else Reply(write=b"hello ", wake_at=now + 5)

    def lost(self, now):
        return Reply(reports=(DOUBT,), reopen="not heeded: the wire is gone already")

    def perform(self, effect, now):
        return self._reply("perform")

    def receive(self, data, now):
        return self._reply("receive")

    def wake(self, now):
        return self._reply("wake")

    def selftest(self, test, now):
        return self._reply("selftest")


class Rig:
    def __init__(self):
        self.now, self.said, self.reports = 100.0, b"", []
        self.link = MemoryLink(self.hear)
        self.driver = Deaf(Deaf.Options())
        self.device = Device("deaf", self.driver, self.link, "boot")
        self.devices = Devices([self.device], self.take, lambda: self.now, inline_open=True)
        self.turn()

    def hear(self, payload):
        self.said += payload
        return b""

    def take(self, reports):
        self.reports += [x.report for x in reports]
        return True

    def turn(self, seconds=0.0):
        self.now += seconds
        self.devices.turn()
        self.devices.turn()

    def provoke(self, at):
        self.driver.asks = at
        if at == "perform":
            self.devices.post([STRIP])
        elif at == "selftest":
            self.devices.post([f.ExerciseDevice(device="deaf", level="internal")])
        elif at == "receive":
            self.link.arrive(b"x")
        self.turn(6.0 if at == "wake" else 0.0)


@pytest.fixture
def rig():
    rig = Rig()
    yield rig
    rig.devices.stop()


@pytest.mark.parametrize("at", ["perform", "receive", "wake", "selftest"])
def test_the_wire_is_closed_with_the_reason_and_opened_anew(rig, at):
    rig.provoke(at)
    assert not rig.link.opened
    down = next(x for x in rig.reports if isinstance(x, r.LinkDown))
    assert down.evidence == "no answer for 9 s"
    assert down.remedy
    assert rig.reports.index(WORD) < rig.reports.index(down) < rig.reports.index(DOUBT)
    rig.driver.asks = ""
    rig.turn(1.0)
    assert [type(x) for x in rig.reports].count(r.LinkUp) == 2
    assert rig.said == b"hello hello ", "what was to be written on the old wire is gone"


def test_a_self_test_that_ran_then_ends(rig):
    rig.provoke("selftest")
    assert [x for x in rig.reports if isinstance(x, r.TestEnded)]


def test_a_driver_that_asks_at_every_start_waits_longer_and_longer(rig):
    rig.provoke("perform")
    rig.driver.asks = "start"
    waits = []
    for _ in range(6):
        waits.append(rig.device.retry_at - rig.now)
        rig.turn(waits[-1])
    assert waits == [1, 2, 4, 8, 15, 30]
