"""A device without a kernel driver: found, claimed, counted to the last byte, given back."""

import errno
import selectors

import pytest
import usb.core

from hallctl.links.base import LinkError
from hallctl.links.usb import UsbLink
from links.usb_bus import Bus, Interface, Printer
from links.waiting import error_of, until


@pytest.fixture
def printer():
    return Printer("1-1.2")


@pytest.fixture
def bus(printer):
    return Bus(Printer("1-1.1"), printer, Printer("2-1"))


@pytest.fixture
def link(bus):
    link = UsbLink("1-1.2", backend=bus)
    yield link
    link.close()


def test_bytes_go_both_ways_and_nothing_is_no_error(printer, link):
    fd = link.open()
    assert link.read() == b""
    assert link.write(b"\x10\x04\x01") == 3
    until(lambda: printer.got == b"\x10\x04\x01")
    printer.speak(b"\x12")
    with selectors.DefaultSelector() as selector:
        selector.register(fd, selectors.EVENT_READ)
        assert selector.select(10)
    assert link.read() == b"\x12"


def test_only_the_device_at_the_port_is_touched(bus, printer, link):
    link.open()
    link.write(b"ticket")
    until(lambda: printer.got == b"ticket")
    assert [bytes(p.got) for p in bus.printers] == [b"", b"ticket", b""]
    assert [p.log for p in bus.printers if p is not printer] == [[], []]


def test_every_byte_arrives_though_each_transfer_takes_a_few(printer, link):
    link.open()
    job = bytes(range(256)) * 200
    sent = 0
    printer.eats = 0
    while sent < len(job):
        printer.eats += 700
        sent += link.write(job[sent:])
    until(lambda: printer.__dict__.update(eats=700) or len(printer.got) == len(job))
    assert bytes(printer.got) == job
    until(lambda: link.unsent() == 0)  # the device has them a moment before they are counted


def test_a_device_that_takes_nothing_never_blocks_and_what_waits_is_counted(printer, link):
    printer.eats = 100
    link.open()
    taken = 0
    for _ in range(64):
        taken += link.write(b"x" * 4096)
    assert taken < 64 * 4096
    until(lambda: link.unsent() == taken - 100)


def test_a_ticket_that_went_in_part_is_an_error_with_both_counts(bus, printer):
    link = UsbLink("1-1.2", backend=bus, stuck_s=0.3)
    printer.eats = 90
    link.open()
    assert link.write(b"x" * 628) == 628
    problem = error_of(link.read)
    assert problem.evidence == "usb 1-1.2: 90 of 628 bytes written"
    assert problem.remedy.startswith("设备不收数据")


@pytest.mark.parametrize("act", ["read", "write"])
def test_an_unplugged_device_is_noticed(printer, link, act):
    link.open()
    printer.trouble = {"read": errno.ENODEV, "write": errno.ENODEV}
    problem = error_of(link.read if act == "read" else lambda: link.write(b"x"))
    assert "bytes written: ENODEV 19" in problem.evidence
    assert problem.remedy == "设备没有插上：插回原来的口"
    with pytest.raises(LinkError, match="not open"):
        link.read()


def test_a_device_that_refuses_a_transfer_is_told_to_go_on_for_the_next_time(printer, link):
    link.open()
    printer.trouble = {"write": errno.EPIPE}
    link.write(b"x")
    assert "EPIPE 32" in error_of(link.read).evidence
    assert {"clear 02", "clear 81"} <= set(printer.log)
    printer.trouble = {}
    link.open()
    link.write(b"y")
    until(lambda: printer.got == b"y")


def test_the_kernels_driver_is_taken_off_and_given_back(printer, link):
    link.open()
    assert printer.driver == ""
    link.close()
    assert printer.driver == "usblp"
    assert printer.log == ["open", "detach", "claim", "release", "attach", "close"]


def test_a_device_that_had_no_driver_gets_none(printer, link):
    printer.driver = ""
    link.open()
    link.close()
    assert "attach" not in printer.log


def test_a_configured_device_is_not_configured_again(printer, link):
    link.open()
    assert "configure" not in printer.log


def test_an_unconfigured_device_is_configured(printer, link):
    printer.configured = False
    link.open()
    assert "configure" in printer.log


def test_a_claim_that_fails_gives_the_driver_back(printer, link):
    printer.trouble = {"claim": errno.EBUSY}
    problem = error_of(link.open)
    assert "EBUSY 16" in problem.evidence
    assert problem.remedy == "设备被别的程序占用：关掉那个程序"
    assert printer.driver == "usblp"


def test_a_device_without_permission_names_the_rules(printer, link):
    printer.trouble = {"open": errno.EACCES}
    problem = error_of(link.open)
    assert problem.evidence.startswith("usb 1-1.2: EACCES 13")
    assert "60-hallctl.rules" in problem.remedy


def test_the_endpoints_are_those_of_the_descriptors(bus, printer):
    # Interrupt endpoints and a storage interface first; the printer's are 01 and 83.
    printer.interfaces = [
        Interface(8, [(0x04, 2), (0x85, 2)]),
        Interface(7, [(0x86, 3), (0x83, 2), (0x01, 2)]),
    ]
    link = UsbLink("1-1.2", backend=bus)
    link.open()
    asked = []
    bus.bulk_read = lambda dev, ep, *_: (
        asked.append(ep)
        or (_ for _ in ()).throw(
            usb.core.USBTimeoutError("Operation timed out", -7, errno.ETIMEDOUT)
        )
    )
    link.write(b"x")
    until(lambda: printer.got == b"x")
    until(lambda: asked)
    link.close()
    assert set(asked) == {0x83}


def test_a_device_that_only_listens_is_written_to(printer, link):
    printer.interfaces = [Interface(255, [(0x02, 2)], alternate=1)]
    link.open()
    link.write(b"x")
    until(lambda: printer.got == b"x")
    assert link.read() == b""
    assert "alternate 1" in printer.log


def test_a_device_without_a_pipe_outward_is_refused(printer, link):
    printer.interfaces = [Interface(3, [(0x81, 3)])]
    problem = error_of(link.open)
    assert "no interface with a bulk endpoint outward" in problem.evidence
    assert "没有打印的通道" in problem.remedy


def test_a_missing_device_is_told_with_those_that_are_there(bus):
    problem = error_of(UsbLink("1-1.4", backend=bus).open)
    assert problem.evidence == (
        "usb 1-1.4: no such device; there are: 1-1.1 0483:5743, 1-1.2 0483:5743, 2-1 0483:5743"
    )
    assert problem.remedy == "设备没有插上：插回原来的口"


def test_a_model_names_a_device_that_is_the_only_one(printer):
    other = Printer("1-3", model=(0x04B8, 0x0E15))
    link = UsbLink("04b8:0E15", backend=Bus(printer, other))
    link.open()
    link.write(b"x")
    until(lambda: other.got == b"x")
    link.close()
    assert printer.log == []


def test_a_model_that_two_devices_have_names_neither(bus):
    problem = error_of(UsbLink("0483:5743", backend=bus).open)
    assert problem.evidence == "usb 0483:5743: 3 devices: 1-1.1, 1-1.2, 2-1"
    assert "端口路径" in problem.remedy


def test_a_computer_without_libusb_is_told_what_to_install(monkeypatch):
    monkeypatch.setattr("usb.backend.libusb1.get_backend", lambda: None)
    monkeypatch.setattr("usb.backend.libusb0.get_backend", lambda: None)
    monkeypatch.setattr("usb.backend.openusb.get_backend", lambda: None)
    problem = error_of(UsbLink("1-1").open)
    assert problem.remedy == "缺少 libusb：安装 libusb-1.0-0"


def test_a_device_that_comes_back_is_opened_again(bus, printer, link):
    link.open()
    bus.printers.remove(printer)
    printer.trouble = {"read": errno.ENODEV}
    error_of(link.read)
    assert "no such device" in error_of(link.open).evidence
    fresh = Printer("1-1.2")
    bus.printers.append(fresh)
    link.open()
    link.write(b"back")
    until(lambda: fresh.got == b"back")


def test_a_flood_from_the_device_waits_until_it_is_read(printer, link):
    link.open()
    printer.speak(b"\x12" * 200_000)
    got = 0
    while got < 200_000:
        got += len(until(link.read))
    assert got == 200_000


def test_closing_does_not_wait_for_a_device_that_neither_takes_nor_speaks(printer, link):
    printer.eats = 0
    link.open()
    link.write(b"x" * 100)
    link.close()
    assert printer.driver == "usblp"  # so both pumps had ended
    link.close()
    assert link.unsent() == 0
    with pytest.raises(LinkError, match="not open"):
        link.write(b"x")
