"""The usblp and the usb link on the kernel's own printer driver and libusb."""

import os
import re
import selectors
import threading
from pathlib import Path

import pytest

from hallctl.links.base import LinkError
from hallctl.links.usb import UsbLink
from hallctl.links.usblp import UsblpLink, device_id, port_status, status_words
from links.waiting import error_of, unprivileged, until
from vm.bed import Printer, opened

DLE_EOT = b"\x10\x04\x01"


@pytest.fixture
def printer(bed):
    printer = bed(Printer)[0]
    printer.plug()
    return printer


@pytest.fixture
def link(printer):
    link = UsblpLink(str(printer.host))
    yield link
    link.close()


@pytest.fixture
def by_libusb(printer):
    link = UsbLink(f"{printer.port + 1}-1")  # each dummy_hcd is a bus: the first is bus 1
    yield link
    link.close()


class Paper:
    """Takes what the printer is sent, on a thread, as a printer would."""

    def __init__(self, fd):
        self.got = bytearray()
        self._fd = fd
        self._done = False
        self._thread = threading.Thread(target=self._run)

    def __enter__(self):
        self._thread.start()
        return self

    def __exit__(self, *_):
        self._done = True
        self._thread.join()

    def _run(self):
        with selectors.DefaultSelector() as selector:
            selector.register(self._fd, selectors.EVENT_READ)
            while not self._done:
                if selector.select(0.05):
                    self.got += readable(self._fd)


def readable(fd):
    try:
        return os.read(fd, 8192)
    except BlockingIOError:
        return b""


def send(link, job):
    sent = 0
    while sent < len(job):
        taken = link.write(job[sent : sent + 4096])
        sent += taken
        if not taken:
            link.read()
    return sent


JOB = bytes(range(256)) * 800


@pytest.mark.parametrize("way", ["link", "by_libusb"])
def test_a_long_job_arrives_to_the_last_byte(printer, way, request):
    link = request.getfixturevalue(way)
    link.open()
    with opened(printer) as fd, Paper(fd) as paper:
        send(link, JOB)
        until(lambda: len(paper.got) == len(JOB))
        assert bytes(paper.got) == JOB
        until(lambda: link.unsent() == 0)


@pytest.mark.parametrize("way", ["link", "by_libusb"])
def test_a_status_question_is_answered(printer, way, request):
    link = request.getfixturevalue(way)
    link.open()
    with opened(printer) as fd:
        assert link.write(DLE_EOT) == 3
        assert until(lambda: readable(fd)) == DLE_EOT
        os.write(fd, b"\x12")
        assert until(link.read) == b"\x12"
        assert link.read() == b""


@pytest.mark.parametrize("way", ["link", "by_libusb"])
def test_a_printer_that_takes_nothing_never_blocks(printer, way, request):
    link = request.getfixturevalue(way)
    link.open()
    taken = 0
    while got := link.write(b"x" * 4096):
        taken += got
        assert taken < 4_000_000
    until(lambda: not link.write(b"x"))
    assert link.unsent() > 0
    print(f"{way}: {taken} bytes taken by a printer that reads none, {link.unsent()} known unsent")


def test_a_printer_says_who_it_is(link):
    fd = link.open()
    assert link.identity == {"MFG": "Hall", "MDL": "Twin-80", "CLS": "PRINTER"}
    assert device_id(fd) == link.identity


@pytest.mark.parametrize(
    ("status", "words"),
    [
        (0x18, "paper, on line, no error"),
        (0x38, "paper out, on line, no error"),
        (0x30, "paper out, on line, error"),
    ],
)
def test_the_port_status_is_the_printers(printer, link, status, words):
    ours = link.open()
    with opened(printer) as fd:
        printer.status(fd, status)
        assert port_status(ours) == status
        assert words in status_words(status)
    assert "off line" in status_words(port_status(ours))


def test_a_printer_that_another_program_has_says_so(printer, link):
    link.open()
    problem = error_of(UsblpLink(str(printer.host)).open)
    assert "EBUSY 16" in problem.evidence
    assert "CUPS" in problem.remedy


@pytest.mark.parametrize("way", ["link", "by_libusb"])
def test_an_unplugged_printer_is_noticed_and_comes_back(printer, way, request):
    link = request.getfixturevalue(way)
    with selectors.DefaultSelector() as selector:
        selector.register(link.open(), selectors.EVENT_READ)
        printer.pull()
        assert selector.select(30)
    problem = error_of(link.read)
    assert re.search(r"ENODEV 19|EIO 5", problem.evidence)
    assert "没有插上" in problem.remedy or "断线" in problem.remedy
    until(lambda: error_of(link.open).remedy == "设备没有插上：插回原来的口")
    printer.plug()
    link.open()
    with opened(printer) as fd:
        assert link.write(b"back") == 4
        assert until(lambda: readable(fd)) == b"back"


@pytest.mark.parametrize("way", ["link", "by_libusb"])
def test_an_unplug_in_the_middle_of_a_job_is_noticed(printer, way, request):
    link = request.getfixturevalue(way)
    link.open()
    while link.write(b"x" * 4096):
        pass
    printer.pull()
    problem = error_of(lambda: link.write(b"x"))
    # A transfer that is cut off may fail before the kernel knows why; the next opening knows.
    assert re.search(r"ENODEV 19|EIO 5", problem.evidence)
    assert "没有插上" in problem.remedy or "断线" in problem.remedy
    if way == "by_libusb":
        assert re.search(r"\d+ of \d+ bytes written", problem.evidence)
    until(lambda: error_of(link.open).remedy == "设备没有插上：插回原来的口")


def test_libusb_takes_the_kernels_printer_and_gives_it_back(printer, by_libusb):
    by_libusb.open()
    until(lambda: not printer.host.exists())
    by_libusb.close()
    until(printer.host.exists)
    link = UsblpLink(str(printer.host))
    link.open()
    link.close()


def test_libusb_says_when_the_printer_is_taken(printer, by_libusb):
    by_libusb.open()
    problem = error_of(UsbLink(by_libusb.where).open)
    assert "EBUSY 16" in problem.evidence


def test_libusb_names_what_is_there_when_the_printer_is_not(printer):
    problem = error_of(UsbLink("99-1").open)
    assert f"{printer.port + 1}-1 1d6b:0104" in problem.evidence


def test_two_equal_printers_cannot_be_told_apart_by_model(bed):
    for printer in bed(Printer):
        printer.plug()
    problem = error_of(UsbLink("1d6b:0104").open)
    assert "2 devices: 5-1, 6-1" in problem.evidence


def test_group_lp_may_print_and_nobody_may(printer, by_libusb):
    bus = Path(f"/dev/bus/usb/{printer.port + 1:03}")
    for node in (printer.host, *(node for node in bus.iterdir() if node.name != "001")):
        assert node.group() == "lp"
        assert oct(node.stat().st_mode & 0o777) == "0o660"
    with unprivileged():
        assert "lp 组" in error_of(UsblpLink(str(printer.host)).open).remedy
        assert "EACCES 13" in error_of(by_libusb.open).evidence


def test_a_link_that_failed_holds_nothing(printer, link):
    link.open()
    printer.unplug()
    error_of(link.read)
    with pytest.raises(LinkError, match="not open"):
        link.read()
    printer.plug()
    assert printer.number == "lp0"
