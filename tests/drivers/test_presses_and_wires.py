"""Presses of a keypad that repeats itself until it is heard: wires that go, disks that wait."""

import pytest

from drivers.keypad_rs485 import KeypadOptions, KeypadRs485
from hallctl.core import commands as c
from hallctl.core.effects import AnswerKey
from hallctl.core.reports import KeyPressed
from hallctl.simulator.twins import keypad_rs485 as twin
from sample import Bench, words
from wired import Wired


@pytest.fixture
def stubborn(monkeypatch):
    """Keypads that never give up."""
    monkeypatch.setattr(twin, "RESENDS", 10_000)


class Keys:
    """A keypad, its wire and the hall behind it; `acts` is what the presses have come to."""

    def __init__(self):
        self.wired = Wired(
            KeypadRs485(KeypadOptions(windows={1: 1})), twin.KeypadRs485Twin({"windows": {1: 1}})
        )
        self.bench, self.acts, self.decided = Bench(), [], 0
        self.bench.ask(c.IssueTicket(queue="A"))

    def decide(self):
        """The loop takes what has come, and its disk has it: now it is answered."""
        for press in self.wired.heard(KeyPressed)[self.decided :]:
            self.decided += 1
            self.bench.later(3)
            told = KeyPressed(window=1, key=press.key, digits="", press=press.press)
            self.acts += words(self.bench.report("keypads", told))
            self.wired.do(AnswerKey(device="dut", window=1, press=press.press, accepted=True))

    def run(self, seconds):
        for _ in range(round(seconds / 0.1)):
            self.wired.run(0.1)
            self.decide()


@pytest.mark.parametrize("slow_s", [0.3, 2.2, 2.8, 12.0, 40.0])
def test_however_long_the_disk_takes_a_press_acts_once(stubborn, slow_s):
    keys = Keys()
    keys.wired.press(window=1, key="pause")
    keys.wired.run(slow_s)
    keys.run(5)
    assert keys.acts == ["WindowPaused"]


@pytest.mark.parametrize("down_s", [0.2, 1.0, 3.0, 30.0])
@pytest.mark.parametrize("decided", ["before", "while the wire is gone", "after"])
def test_a_press_whose_wire_goes_before_it_is_answered_acts_once_and_is_answered_then(
    stubborn, decided, down_s
):
    keys = Keys()
    keys.wired.press(window=1, key="pause")
    if decided == "before":
        keys.wired.link.stalled = True  # the answer does not get through any more
        keys.decide()
    keys.wired.fault("unplug")
    keys.wired.run(0.1)
    if decided == "while the wire is gone":
        keys.decide()
    keys.wired.run(down_s)
    keys.wired.link.stalled = False
    keys.wired.fault("unplug", on=False)
    keys.wired.run(0.5)
    keys.run(20)
    assert keys.acts == ["WindowPaused"]
    keys.wired.press(window=1, key="pause")
    keys.run(5)
    assert keys.acts == ["WindowPaused", "WindowResumed"], "the keypad was answered, and goes on"
