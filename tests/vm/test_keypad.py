"""The evdev link on the kernel's own keyboard driver."""

import os
import struct

import pytest

from hallctl.links.base import LinkError
from hallctl.links.evdev import EVENT, EvdevLink
from links.waiting import error_of, unprivileged, until
from vm.bed import Keypad, opened

KP_1, KP_ENTER = 0x59, 0x58
KEY_KP1, KEY_KPENTER = 79, 96
EV_SYN, EV_KEY, SYN_DROPPED = 0, 1, 3


@pytest.fixture
def keypad(bed):
    keypad = bed(Keypad)[0]
    keypad.plug()
    return keypad


@pytest.fixture
def link(keypad):
    link = EvdevLink(str(keypad.host))
    yield link
    link.close()


def events(data):
    return [EVENT.unpack_from(data, at)[2:] for at in range(0, len(data), EVENT.size)]


def test_keys_come_as_events_of_24_bytes(keypad, link):
    link.open()
    keypad.speak(KP_1)
    keypad.speak(KP_ENTER)
    got = b""
    while len([e for e in events(got) if e[0] == EV_KEY]) < 4:
        got += until(link.read)
    assert [e for e in events(got) if e[0] == EV_KEY] == [
        (EV_KEY, KEY_KP1, 1),
        (EV_KEY, KEY_KP1, 0),
        (EV_KEY, KEY_KPENTER, 1),
        (EV_KEY, KEY_KPENTER, 0),
    ]


def test_nobody_else_hears_a_grabbed_keypad(keypad, link):
    other = os.open(keypad.host, os.O_RDONLY | os.O_NONBLOCK)
    link.open()
    keypad.speak(KP_1)
    until(link.read)
    with pytest.raises(BlockingIOError):
        os.read(other, 4096)
    link.close()
    keypad.speak(KP_1)
    until(lambda: readable(other))
    os.close(other)


def readable(fd):
    try:
        return os.read(fd, 4096)
    except BlockingIOError:
        return b""


def test_a_keypad_that_another_program_has_grabbed_says_so(keypad, link):
    link.open()
    problem = error_of(EvdevLink(str(keypad.host)).open)
    assert "EBUSY 16" in problem.evidence
    assert problem.remedy == "键盘被别的程序占用：关掉那个程序"
    link.close()
    again = EvdevLink(str(keypad.host))
    again.open()
    again.close()


def test_a_flood_that_nobody_read_says_that_events_were_dropped(keypad, link):
    link.open()
    for _ in range(100):
        keypad.speak(KP_1)
    got = until(link.read)
    while more := link.read():
        got += more
    kinds = [e[:2] for e in events(got)]
    assert (EV_SYN, SYN_DROPPED) in kinds
    assert len(got) % 24 == 0
    assert len([e for e in events(got) if e == (EV_KEY, KEY_KP1, 1)]) < 100


def test_an_unplugged_keypad_is_noticed_and_comes_back_grabbed(keypad, link):
    link.open()
    keypad.unplug()
    problem = error_of(link.read)
    assert problem.evidence == f"{keypad.host}: ENODEV 19: No such device"
    assert problem.remedy == "设备没有插上：插回原来的口"
    assert "ENOENT 2" in error_of(link.open).evidence
    keypad.plug()
    link.open()
    assert "EBUSY 16" in error_of(EvdevLink(str(keypad.host)).open).evidence
    keypad.speak(KP_1)
    assert until(link.read)


def test_an_unplug_wakes_whoever_waits_on_the_descriptor(keypad, link):
    import selectors

    with selectors.DefaultSelector() as selector:
        selector.register(link.open(), selectors.EVENT_READ)
        keypad.unplug()
        assert selector.select(30)
    with pytest.raises(LinkError):
        link.read()


def test_group_input_may_read_keypads_and_nobody_may(keypad):
    found = keypad.host.stat()
    assert oct(found.st_mode & 0o777) == "0o660"
    with unprivileged():
        problem = error_of(EvdevLink(str(keypad.host)).open)
    assert "EACCES 13" in problem.evidence
    assert "input 组" in problem.remedy


def test_a_key_that_is_held_repeats_and_stops_with_the_unplug(keypad, link):
    link.open()
    with opened(keypad) as fd:
        os.write(fd, struct.pack("8B", 0, 0, KP_1, 0, 0, 0, 0, 0))
    got = b""
    while (EV_KEY, KEY_KP1, 2) not in events(got):  # 2 is a repeat: no second press
        got += until(link.read)
    keypad.unplug()
    error_of(link.read)
