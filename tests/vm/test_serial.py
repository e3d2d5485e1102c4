"""The serial link on the kernel's own USB serial driver."""

import os
import selectors
import time

import pytest

from hallctl.links.serial import SerialLink
from links.waiting import error_of, until
from vm.bed import Serial, opened


@pytest.fixture
def adapter(bed):
    adapter = bed(Serial)[0]
    adapter.plug()
    return adapter


@pytest.fixture
def link(adapter):
    link = SerialLink(str(adapter.host))
    yield link
    link.close()


def test_bytes_go_both_ways(adapter, link):
    with opened(adapter) as fd:
        link.open()
        assert link.write(b"\xa7\x68\x11\x13\x00") == 5
        assert until(lambda: readable(fd)) == b"\xa7\x68\x11\x13\x00"
        os.write(fd, bytes(range(256)))
        got = b""
        while len(got) < 256:
            got += until(link.read)
        assert got == bytes(range(256))


def readable(fd):
    try:
        return os.read(fd, 4096)
    except BlockingIOError:
        return b""


@pytest.mark.parametrize("parity", ["none", "even", "odd"])
def test_a_real_line_takes_every_setting(adapter, parity):
    link = SerialLink(str(adapter.host), 19200, parity=parity, rtscts=True)
    link.open()
    link.close()


def test_a_device_that_takes_nothing_never_blocks_not_even_in_closing(adapter, link):
    link.open()
    taken = 0
    while got := link.write(b"x" * 4096):
        taken += got
        assert taken < 4_000_000
    assert link.unsent() > 0
    begun = time.monotonic()
    link.close()
    took_s = time.monotonic() - begun
    assert took_s < 10, "the kernel waits 30 s for the bytes of a line that is closed with some"
    adapter.unplug()
    adapter.plug()
    link.open()
    adapter.speak(65)
    assert until(link.read) == b"A"
    print(f"{taken} bytes taken by a device that reads none, closed in {took_s:.2f} s")


@pytest.mark.parametrize("act", ["read", "write"])
def test_an_unplugged_adapter_is_noticed_at_once(adapter, link, act):
    with selectors.DefaultSelector() as selector:
        selector.register(link.open(), selectors.EVENT_READ)
        adapter.unplug()
        assert selector.select(30)
    problem = error_of(link.read if act == "read" else lambda: link.write(b"x"))
    assert str(adapter.host) in problem.evidence
    assert problem.remedy == "设备没有插上：插回原来的口"


def test_a_link_that_let_go_finds_its_old_name_again(adapter, link):
    link.open()
    adapter.unplug()
    error_of(link.read)
    adapter.plug()
    assert adapter.number == "ttyACM0"
    link.open()
    adapter.speak(65)
    assert until(link.read) == b"A"


def test_whoever_keeps_the_line_open_takes_the_name_away(adapter):
    # Why a link closes itself at once: this is what happens otherwise.
    stale = os.open(adapter.host, os.O_RDWR | os.O_NOCTTY | os.O_NONBLOCK)
    adapter.unplug()
    adapter.plug()
    assert adapter.number == "ttyACM1"
    os.close(stale)
