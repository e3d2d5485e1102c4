"""A driver, run by device.py itself, on a line to its twin: one clock, no threads, no waiting."""

import weakref

from hallctl.core import effects as f
from hallctl.core import reports as r
from hallctl.device import Device
from hallctl.devices import Devices
from hallctl.links.memory import MemoryLink
from hallctl.simulator.faults import FaultyLine

TURN_S = 0.05
"""As often as a wire wakes its twin."""


class Wired:
    """`run` lets time pass, `reports` are all so far, `findings` those of the last self-test."""

    def __init__(self, driver, twin, *, name="dut", seed=0, now=1000.0, first=(), faults=()):
        self.now = now
        self.line = FaultyLine(twin, seed=seed)
        for fault in faults:
            self.line.fault(fault, True)
        self.link = MemoryLink(lambda sent: self.line.receive(sent, self.now))
        self.reports = []
        self.device = Device(name, driver, self.link, "boot")
        self.devices = Devices([self.device], self._take, lambda: self.now, inline_open=True)
        for inbox in (self.devices._effects, self.devices._opened):
            weakref.finalize(self, inbox.close)  # thousands of these live in one test run
        self._plugged = False
        for effect in first:  # as in the product: before any wire is open
            self.device.perform(effect, self.now)
        self.run(0.5)

    def _take(self, reported):
        self.reports += [one.report for one in reported]
        return True

    def turn(self):
        if self.link.opened and not self._plugged:
            self.link.arrive(self.line.opened(self.now))
        self._plugged = self.link.opened
        self.link.arrive(self.line.wake(self.now))
        self.devices.turn()
        self.now += TURN_S

    def run(self, seconds):
        for _ in range(round(seconds / TURN_S)):
            self.turn()

    def until(self, done, most_s=300.0):
        """Let time pass until `done()`; AssertionError when it never is."""
        begun = self.now
        while not done():
            assert self.now - begun < most_s, "it never happened"
            self.turn()

    def do(self, *effects):
        assert self.devices.post(effects)
        self.turn()

    def press(self, **what):
        self.link.arrive(self.line.press(what, self.now))
        self.turn()

    def fault(self, name, on=True):
        """A fault of the wire (unplug, stall), the line or the twin."""
        if name == "unplug":
            self.link.plugged = not on
        elif name == "stall":
            self.link.stalled = on
        else:
            self.line.fault(name, on)

    def heard(self, kind):
        """All reports of a kind so far."""
        return [report for report in self.reports if isinstance(report, kind)]

    def selftest(self, level="external", *, windows=(), form=None, texts=("测试",), person=None):
        """Run a self-test to its end; its findings. `person(asks)` acts when it asks for one."""
        from_here = len(self.reports)
        asked = 0
        test = {"device": self.device.name, "level": level, "windows": windows, "texts": texts}
        self.do(f.ExerciseDevice(**test) if form is None else f.ExerciseDevice(**test, form=form))
        begun = self.now
        while not any(isinstance(x, r.TestEnded) for x in self.reports[from_here:]):
            asks = [x for x in self.reports[from_here:] if isinstance(x, r.TestAsks)]
            for ask in asks[asked:]:
                if person:
                    person(ask)
            asked = len(asks)
            self.turn()
            assert self.now - begun < 400, "the self-test never ended"
        return [x for x in self.reports[from_here:] if isinstance(x, r.Finding)]


def codes(findings):
    """Everything a self-test named."""
    return {finding.code for finding in findings} - {""}


def named(fault, findings):
    """Whether a self-test named the fault, or one that cannot be told apart from it."""
    from hallctl.core.trial import MAY_BE

    return any(fault in MAY_BE.get(code, (code,)) for code in codes(findings))
