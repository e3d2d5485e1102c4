"""Twelve USB keypads at 50 presses a second, half of them with a key held down.

The bytes are the kernel's `struct input_event`, on a pty each, written by this test.
"""

import os
import struct
import threading
import time
import tty
from collections import Counter

import pytest

from faults.seeing import happened, journal, memory_kb, ready
from faults.twelve import WINDOWS, twelve_windows
from running import RunningDaemon, wait_until

STORM_S = 4.0
EVERY_S = 0.02
ENTER, ZERO, MINUS = 96, 82, 74
MEMORY_KB = 20_000
STORMING, HELD = WINDOWS[:6], WINDOWS[6:]
DEVICES = "devices:\n" + "".join(
    f"  keypad-{n}: {{driver: keypad_hid, link: {{evdev: /dev/input/by-path/{n}-event-kbd}}, "
    f"window: {n}}}\n"
    for n in WINDOWS
)


def key(code, *values):
    """A key as evdev tells it: down 1, held 2, up 0, each with its end."""
    end = struct.pack("qqHHi", 0, 0, 0, 0, 0)
    return b"".join(struct.pack("qqHHi", 0, 0, 1, code, value) + end for value in values)


class Keypads:
    """The kernel's ends of the keypads."""

    def __init__(self):
        self.masters, self.names = {}, {}
        for window in WINDOWS:
            master, slave = os.openpty()
            tty.setraw(slave)
            os.set_blocking(master, False)
            self.masters[window], self.names[window] = master, os.ttyname(slave)
            os.close(slave)
        self.pressed = Counter()
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._storm)

    def write(self, window, data):
        try:
            written = os.write(self.masters[window], data)
        except BlockingIOError:
            return False  # the computer is behind: a real keypad's press is lost as well
        assert written == len(data)
        return True

    def _storm(self):
        for window in HELD:
            self.pressed[window] += self.write(window, key(ENTER, 1))
        while not self._stop.wait(EVERY_S):
            for window in STORMING:
                self.pressed[window] += self.write(window, key(ENTER, 1, 0))
            for window in HELD:
                self.write(window, key(ENTER, 2))
        for window in HELD:
            self.write(window, key(ENTER, 0))

    def begin(self):
        self._thread.start()

    def end(self):
        self._stop.set()
        self._thread.join()

    def close(self):
        for master in self.masters.values():
            os.close(master)


@pytest.fixture
def keypads():
    keypads = Keypads()
    yield keypads
    keypads.close()


@pytest.fixture
def daemon(tmp_path, keypads):
    daemon = RunningDaemon(tmp_path, DEVICES)
    twelve_windows(daemon)
    daemon.rewire({f"keypad-{n}": {"serial": keypads.names[n]} for n in WINDOWS})
    daemon.start()
    daemon.asker = ready(daemon)
    wait_until(lambda: len(happened(daemon, "DeviceUp")) == len(WINDOWS))
    yield daemon
    daemon.asker.close()
    assert daemon.stop() == 0


def issue(daemon, number):
    return daemon.asker.ask(f"t{number}", {"type": "IssueTicket", "queue": "A"})


def refusals(daemon):
    """How many keys were refused, by window: each keypad is read by itself, some of them later."""
    return Counter(event["window"] for event in happened(daemon, "KeyRefused"))


def test_in_a_storm_of_keys_each_window_calls_one_ticket_and_the_others_are_served(
    daemon, keypads, capsys
):
    for number in range(40):
        issue(daemon, number)
    before_kb = memory_kb(daemon.process.pid)
    answered_s = []
    keypads.begin()
    try:
        until_s = time.monotonic() + STORM_S
        while time.monotonic() < until_s:
            asked_s = time.monotonic()
            assert issue(daemon, len(answered_s) + 40)["ok"]
            answered_s.append(time.monotonic() - asked_s)
    finally:
        keypads.end()
    wait_until(lambda: len(happened(daemon, "TicketCalled")) == len(WINDOWS))
    assert keypads.write(7, key(ZERO, 1, 0) + key(MINUS, 1, 0))  # the clerk finishes
    wait_until(lambda: happened(daemon, "ServiceFinished"))

    calls = happened(daemon, "TicketCalled")
    assert sorted(call["window"] for call in calls) == list(WINDOWS), "one call of each keypad"
    assert len({call["visit"] for call in calls}) == len(WINDOWS)
    wait_until(lambda: refusals(daemon).total() >= sum(keypads.pressed[w] - 1 for w in STORMING))
    refused = refusals(daemon)
    assert set(refused) == set(STORMING), "a key that is held was pressed once"
    assert all(refused[w] == keypads.pressed[w] - 1 for w in STORMING), "each press counted once"
    assert min(refused.values()) > 20, "there was a storm"
    assert memory_kb(daemon.process.pid) - before_kb < MEMORY_KB
    order = [one["seq"] for one in journal(daemon)]
    assert order == list(range(1, len(order) + 1))
    with capsys.disabled():
        worst_ms = max(answered_s) * 1000
        print(f"\n{sum(refused.values())} presses refused; worst answer {worst_ms:.0f} ms")
