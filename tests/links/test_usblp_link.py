"""A USB printer's file without a printer: what it says of itself, and each way to fail.

The kernel's own driver, unplugging and its ioctls are in tests/vm.
"""

import errno
import os

import pytest

from hallctl.links import usblp
from hallctl.links.base import LinkError
from hallctl.links.usblp import UsblpLink, status_words
from links.waiting import error_of, unprivileged


@pytest.fixture
def printer(tmp_path):
    """A file that is opened for both ways and never blocks, as the printer's is: a FIFO."""
    path = tmp_path / "lp0"
    os.mkfifo(path)
    return path


@pytest.fixture
def link(printer):
    link = UsblpLink(str(printer))
    yield link
    link.close()


def test_bytes_go_and_come_and_nothing_is_no_error(link):
    assert link.open() >= 0
    assert link.read() == b""
    assert link.write(b"\x10\x04\x01") == 3
    assert link.read() == b"\x10\x04\x01"


def test_a_printer_that_takes_nothing_never_blocks_and_what_waits_is_counted(link):
    link.open()
    while link.write(b"x" * 4096) == 4096:
        pass
    assert link.write(b"x" * 4096) == 0
    assert link.unsent() > 0
    while link.read():
        pass
    assert link.unsent() == 0


def test_a_printer_that_does_not_say_who_it_is_is_used_all_the_same(link):
    link.open()
    assert link.identity == {}


@pytest.mark.parametrize(
    ("number", "word"),
    [
        (errno.ENODEV, "没有插上"),
        (errno.EIO, "打印机断线或出错"),
        (errno.ENOSPC, "缺纸"),
        (errno.EBUSY, "停掉 CUPS"),
        (errno.EACCES, "lp 组"),
        (errno.EPROTO, "拔下再插回"),
    ],
)
@pytest.mark.parametrize("act", ["read", "write"])
def test_what_the_kernel_says_of_a_printer_is_told(link, monkeypatch, act, number, word):
    def fail(*_):
        raise OSError(number, os.strerror(number))

    link.open()
    link.identity = {"MFG": "Xprinter", "MDL": "XP-58"}
    monkeypatch.setattr(os, act, fail)
    problem = error_of(link.read if act == "read" else lambda: link.write(b"x"))
    assert problem.evidence.endswith(f"{errno.errorcode[number]} {number}: {os.strerror(number)}")
    assert "(Xprinter XP-58)" in problem.evidence
    assert word in problem.remedy
    with pytest.raises(LinkError, match="not open"):
        link.read()


def test_a_printer_without_a_way_back_stays_silent_and_open(link, monkeypatch):
    def one_way(*_):
        raise OSError(errno.EINVAL, os.strerror(errno.EINVAL))

    link.open()
    monkeypatch.setattr(os, "read", one_way)
    assert link.read() == b""
    assert link.write(b"x") == 1


def test_a_missing_printer_says_to_plug_it_in(tmp_path):
    problem = error_of(UsblpLink(str(tmp_path / "lp0")).open)
    assert problem.evidence == f"{tmp_path}/lp0: ENOENT 2: No such file or directory"
    assert problem.remedy == "设备没有插上：插回原来的口"


def test_a_printer_without_permission_names_the_rules(link, printer):
    printer.chmod(0)
    with unprivileged():
        problem = error_of(link.open)
    assert "EACCES 13" in problem.evidence
    assert "60-hallctl.rules" in problem.remedy


def test_a_printer_opens_again_under_its_name(link, printer):
    link.open()
    link.close()
    link.close()
    printer.unlink()
    error_of(link.open)
    os.mkfifo(printer)
    link.open()
    assert link.write(b"x") == 1


def test_the_port_status_is_told_in_words():
    assert status_words(0x18) == "0x18: paper, on line, no error"
    assert status_words(0x38) == "0x38: paper out, on line, no error"
    assert status_words(0x20) == "0x20: paper out, off line, error"


def answers(monkeypatch, said):
    def ioctl(_fd, _number, held):
        held[: len(said)] = said
        return 0

    monkeypatch.setattr(usblp.fcntl, "ioctl", ioctl)


@pytest.mark.parametrize("length", [b"\x00\x1f", b"\x1f\x00", b"\x00\x00"])
def test_who_a_printer_is_is_read_whatever_length_it_claims(monkeypatch, length):
    answers(monkeypatch, length + b"MFG:Xprinter; MDL:XP-58;CLS:PRINTER;odd;" + b"\0" * 8)
    assert usblp.device_id(0) == {"MFG": "Xprinter", "MDL": "XP-58", "CLS": "PRINTER"}


def test_the_port_status_is_asked_of_the_kernel(monkeypatch):
    answers(monkeypatch, b"\x38\0\0\0")
    assert usblp.port_status(0) == 0x38


def test_a_file_that_knows_no_port_status_says_nothing(link):
    assert usblp.port_status(link.open()) is None
