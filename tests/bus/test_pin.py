"""The technician's PIN: none by default, slow to guess, opens a technician's acts only."""

import stat

import pytest
import zmq

from hallctl import wire
from hallctl.bus.server import Bus
from hallctl.core import commands as c
from hallctl.pin import LOCK_S, TRIES, Pin, PinError


class Clock:
    now_s = 0.0

    def __call__(self):
        return self.now_s


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def pin(tmp_path, clock):
    return Pin(tmp_path / "pin", clock)


def test_without_a_pin_no_pin_is_right(pin):
    assert not pin.is_set
    assert not pin.check("")
    assert not pin.check("000000")


def test_the_right_pin_is_right_and_lies_nowhere_in_clear(pin, tmp_path):
    pin.set("271828")
    assert pin.check("271828")
    assert not pin.check("271829")
    kept = [(tmp_path / "pin").read_text()]
    pin.set("271828")
    kept.append((tmp_path / "pin").read_text())
    assert any("271828" not in text for text in kept), "by chance it may stand in the salt, once"
    assert kept[0] != kept[1]
    assert stat.S_IMODE((tmp_path / "pin").stat().st_mode) == 0o600


@pytest.mark.parametrize("easy", ["", "12345", "111111", "123456", "654321", "890123", "27182a"])
def test_an_easy_pin_is_refused_in_words(pin, easy):
    with pytest.raises(PinError, match=r"digits|easy"):
        pin.set(easy)


def test_after_five_wrong_ones_not_even_the_right_one_opens_for_five_minutes(pin, clock):
    pin.set("271828")
    for _ in range(TRIES):
        assert not pin.check("000001")
    assert not pin.check("271828")
    clock.now_s = LOCK_S + 1
    assert pin.check("271828")


def test_a_right_one_in_between_forgives_the_wrong_ones(pin):
    pin.set("271828")
    for _ in range(TRIES * 2):
        assert not pin.check("000001")
        assert pin.check("271828")


@pytest.fixture
def bus(tmp_path, pin):
    context = zmq.Context()
    pin.set("271828")
    bus = Bus(tmp_path / "b", context, pin.check)
    yield bus, context, tmp_path / "b"
    bus.close()
    context.term()


def ask(bus, role, command, **more):
    server, context, folder = bus
    socket = context.socket(zmq.DEALER)
    socket.connect(f"ipc://{folder}/{role}")
    body = {"v": 1, "ask": "command", "id": "1", "from": "k", "command": wire.word_out(command)}
    socket.send(wire.dumps({**body, **more}))
    taken = []
    for _ in range(100):
        taken = server.receive(10)
        if taken or socket.poll(10):
            break
    socket.close(linger=0)
    return bool(taken)


LOAD = c.LoadPaper(printer="printer-1")


def test_at_the_kiosk_the_pin_opens_the_technicians_acts_and_no_others(bus):
    assert ask(bus, "kiosk", LOAD, pin="271828")
    assert not ask(bus, "kiosk", LOAD)
    assert not ask(bus, "kiosk", LOAD, pin="271829")
    assert not ask(bus, "kiosk", LOAD, pin=271828)
    assert not ask(bus, "kiosk", c.CallNext(window=1), pin="271828")
    assert not ask(bus, "screen", LOAD, pin="271828")
