"""Which keypad was pressed: events from pipes, frames from a pty."""

import fcntl
import os
import struct

import pytest

from hallctl import learning
from hallctl.journal import lock_state
from hallctl.links.base import LinkError
from hallctl.links.serial import SerialLink
from hallctl.protocols import ff68
from hallctl.simulator.twins.keypad_rs485 import KeypadRs485Twin
from hallctl.simulator.wires import PtyWire
from running import TwinThread

KEY, ENTER, PAD_ENTER, SEVEN = 1, 28, 96, 8


def event(code, value=1, kind=KEY):
    return struct.pack("llHHi", 12, 34, kind, code, value)


class Pipes:
    """Keyboards that are named pipes: what is written is what they say."""

    def __init__(self, folder, *names):
        self.root = folder
        self.writers = {}
        for name in names:
            path = folder / name
            os.mkfifo(path)
            self.writers[f"/{name}"] = os.open(path, os.O_RDWR)

    def say(self, path, data):
        os.write(self.writers[path], data)

    def close(self):
        for fd in self.writers.values():
            os.close(fd)


@pytest.fixture
def pipes(tmp_path):
    pipes = Pipes(tmp_path, "one", "two")
    yield pipes
    pipes.close()


def test_the_keyboard_whose_enter_is_pressed_is_named(pipes):
    with learning.keyboards(pipes.writers, pipes.root) as ears:
        pipes.say("/two", event(PAD_ENTER))
        assert ears.enter(5) == "/two"
        pipes.say("/one", event(ENTER))
        assert ears.enter(5) == "/one"


def test_other_keys_a_release_and_a_repeat_are_no_press(pipes):
    with learning.keyboards(pipes.writers, pipes.root) as ears:
        pipes.say("/one", event(SEVEN) + event(ENTER, 0) + event(ENTER, 2) + event(ENTER, 1, 4))
        assert ears.enter(0.3) == ""


def test_an_event_in_two_pieces_is_one_press(pipes):
    with learning.keyboards(pipes.writers, pipes.root) as ears:
        pipes.say("/one", event(ENTER)[:10])
        assert ears.enter(0.3) == ""
        pipes.say("/one", event(ENTER)[10:])
        assert ears.enter(5) == "/one"


def test_a_keyboard_that_is_not_there_or_unplugged_hinders_nobody(pipes):
    with learning.keyboards([*pipes.writers, "/three"], pipes.root) as ears:
        assert ears.gone == ["/three"]
        os.close(pipes.writers.pop("/one"))
        pipes.say("/two", event(ENTER))
        assert ears.enter(5) == "/two"
        assert ears.enter(0.3) == ""
        assert ears.gone == ["/three", "/one"]
        assert [k.path for k in ears.keyboards] == ["/two"]


def test_a_keyboard_another_program_hears_alone_is_named_as_held(pipes, monkeypatch):
    def busy(_fd, request, _on):
        assert request == learning.EVIOCGRAB
        raise OSError(16, "Device or resource busy")

    monkeypatch.setattr(fcntl, "ioctl", busy)
    with learning.keyboards(pipes.writers, pipes.root) as ears:
        assert (ears.held, ears.keyboards) == (["/one", "/two"], [])
        assert ears.enter(5) == ""


@pytest.fixture
def line(tmp_path):
    twins = TwinThread()
    wire = PtyWire(KeypadRs485Twin({"windows": {1: 1, 5: 5}}), tmp_path / "line")
    twins.add("keypads", wire)
    link = SerialLink(str(tmp_path / "line"))
    yield twins, link
    link.close()
    twins.close()


def test_each_address_that_speaks_is_heard_once_for_it_is_answered(line):
    twins, link = line
    fd = link.open()
    heard = learning.addresses(link, fd, 3)
    twins.press("keypads", {"window": 5, "key": "confirm"})
    assert next(heard).address == 5
    twins.press("keypads", {"window": 1, "key": "call"})
    assert next(heard).address == 1
    assert list(heard) == [], "an unanswered keypad would have repeated itself"


class Spoken:
    """A link that has these bytes waiting."""

    def __init__(self, data):
        self.data, self.sent = data, b""

    def read(self):
        data, self.data = self.data, b""
        return data

    def write(self, payload):
        self.sent += payload
        return len(payload)


def test_what_is_no_frame_is_told_in_bytes_and_frames_are_answered():
    readable, writer = os.pipe()
    os.write(writer, b"x")
    press = ff68.make_frame(3, 0x10, b"\x0c")
    rating = ff68.make_frame(4, ff68.RATING, b"\x03")
    link = Spoken(b"\x00\x99" + press + rating)
    heard = list(learning.addresses(link, readable, 0.3))
    os.close(readable)
    os.close(writer)
    assert [(h.address, h.odd) for h in heard] == [(0, b"\x00\x99"), (3, b""), (4, b"")]
    assert link.sent == press + ff68.make_frame(4, ff68.ACK, b"\x03")


def test_a_line_that_goes_is_an_error_with_a_remedy(line):
    twins, link = line
    fd = link.open()
    twins.fault("keypads", "unplug", True)
    with pytest.raises(LinkError):
        list(learning.addresses(link, fd, 5))


def test_the_process_that_runs_the_hall_is_named(tmp_path):
    assert learning.holder(tmp_path) == 0
    lock = lock_state(tmp_path)
    assert learning.holder(tmp_path) == os.getpid()
    os.close(lock)
    assert learning.holder(tmp_path) == 0
    assert learning.holder(tmp_path / "none") == 0
