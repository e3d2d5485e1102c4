"""A keypad's events over any descriptor; the real grab needs a kernel's keyboard: tests/vm."""

import errno
import os
import struct

import pytest

from hallctl.links.base import LinkError
from hallctl.links.evdev import EVENT, EvdevLink
from links.waiting import error_of, until

EV_SYN, EV_KEY = 0, 1
SYN_DROPPED = 3
KEY_KP1 = 79


def event(kind, code, value):
    """As the kernel's evdev gives it on 64 bits: two longs of time, type, code, value."""
    return struct.pack("qqHHi", 12, 345, kind, code, value)


PRESS = event(EV_KEY, KEY_KP1, 1) + event(EV_SYN, 0, 0)


class Keypad:
    """The kernel's end of a keypad: a pipe."""

    def __init__(self):
        self.opened = []
        self.plug()

    def plug(self):
        self.reading, self.writing = os.pipe()

    def open(self, path):
        self.opened.append(path)
        return os.dup(self.reading)

    def unplug(self):
        os.close(self.reading)
        os.close(self.writing)
        self.reading = self.writing = -1


@pytest.fixture
def keypad():
    keypad = Keypad()
    yield keypad
    if keypad.reading >= 0:
        keypad.unplug()


@pytest.fixture
def link(keypad):
    link = EvdevLink("/dev/input/by-path/pad-event-kbd", opener=keypad.open)
    yield link
    link.close()


def test_an_event_is_24_bytes():
    assert EVENT.size == len(event(0, 0, 0)) == 24


def test_events_come_as_the_kernel_wrote_them(keypad, link):
    assert link.open() >= 0
    assert link.read() == b""
    os.write(keypad.writing, PRESS)
    assert link.read() == PRESS
    assert link.read() == b""


@pytest.mark.parametrize("cut", range(1, 48))
def test_half_an_event_waits_for_its_other_half(keypad, link, cut):
    link.open()
    os.write(keypad.writing, PRESS[:cut])
    first = link.read()
    assert len(first) == cut - cut % 24
    os.write(keypad.writing, PRESS[cut:])
    assert first + link.read() == PRESS


def test_a_burst_comes_whole_and_in_order(keypad, link):
    link.open()
    burst = b"".join(event(EV_KEY, code, 1) for code in range(500))
    os.write(keypad.writing, burst)
    assert b"".join(iter(link.read, b"")) == burst


def test_that_the_kernel_dropped_events_is_passed_on(keypad, link):
    link.open()
    dropped = event(EV_SYN, SYN_DROPPED, 0)
    os.write(keypad.writing, dropped)
    assert link.read() == dropped


def test_the_end_of_events_is_an_unplug(keypad, link):
    link.open()
    keypad.unplug()
    problem = error_of(link.read)
    assert problem.evidence.endswith("ENODEV 19: No such device")
    assert problem.remedy == "设备没有插上：插回原来的口"
    with pytest.raises(LinkError, match="not open"):
        link.read()


def test_a_half_event_of_before_does_not_spoil_the_first_after(keypad, link):
    link.open()
    os.write(keypad.writing, PRESS[:10])
    assert link.read() == b""
    keypad.unplug()
    error_of(link.read)
    keypad.plug()
    link.open()
    os.write(keypad.writing, PRESS)
    assert until(link.read) == PRESS
    assert keypad.opened == ["/dev/input/by-path/pad-event-kbd"] * 2


@pytest.mark.parametrize(
    ("number", "word"),
    [
        (errno.EBUSY, "键盘被别的程序占用"),
        (errno.EACCES, "input 组"),
        (errno.ENOENT, "没有插上"),
        (errno.ENOTTY, "不是这种设备"),
    ],
)
def test_why_a_keypad_does_not_open_is_told(number, word):
    def refuse(_path):
        raise OSError(number, os.strerror(number))

    problem = error_of(EvdevLink("/dev/input/x", opener=refuse).open)
    assert problem.evidence.startswith(f"/dev/input/x: {errno.errorcode[number]} {number}: ")
    assert word in problem.remedy


def test_a_keypad_with_an_unreadable_name_is_a_failure_like_others():
    def unreadable(_path):
        b"\xff".decode()

    assert (
        "invalid start byte" in error_of(EvdevLink("/dev/input/x", opener=unreadable).open).evidence
    )


def test_a_computer_without_the_evdev_package_is_told_what_to_do():
    def missing(_path):
        raise ModuleNotFoundError("No module named 'evdev'")

    problem = error_of(EvdevLink("/dev/input/x", opener=missing).open)
    assert "make setup" in problem.remedy


def test_the_real_opener_refuses_what_is_no_keyboard():
    master, slave = os.openpty()
    problem = error_of(EvdevLink(os.ttyname(slave)).open)
    assert "ENOTTY 25" in problem.evidence
    os.close(master)
    os.close(slave)


def test_the_real_opener_says_when_nothing_is_there():
    assert "ENOENT 2" in error_of(EvdevLink("/dev/input/by-path/none-event-kbd").open).evidence


def test_a_keypad_takes_no_bytes(link):
    link.open()
    assert link.write(b"") == 0
    with pytest.raises(LinkError, match="3 bytes for a keyboard") as caught:
        link.write(b"abc")
    assert caught.value.remedy
    assert link.unsent() == 0
