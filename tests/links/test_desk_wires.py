"""On the desk every wire of devices.yaml is a twin's pty or port, whatever it is in the hall."""

import json
import os
import tty

import pytest

from hallctl.config.devices_file import DeviceConfig
from hallctl.driver import DriverOptions
from hallctl.links.evdev import EvdevLink
from hallctl.links.serial import SerialLink
from hallctl.links.spec import EvdevSpec, UsblpSpec, UsbSpec
from hallctl.links.tcp import TcpLink
from hallctl.service import rewired
from links.waiting import until

SPECS = [
    EvdevSpec(evdev="/dev/input/by-path/x-event-kbd"),
    UsblpSpec(usblp="/dev/hall/printer/by-path/x"),
    UsbSpec(usb="1-1.2"),
]


def device(spec):
    return DeviceConfig("one", "x", spec, (), DriverOptions(), "keypad", ())


@pytest.mark.parametrize("spec", SPECS, ids=str)
def test_a_wire_is_replaced_by_the_twins(tmp_path, spec):
    links = tmp_path / "links.json"
    links.write_text(json.dumps({"one": {"serial": "/tmp/pty"}}))
    assert isinstance(rewired((device(spec),), links, ())["one"], SerialLink)
    links.write_text(json.dumps({"one": {"tcp": "127.0.0.1:9"}}))
    assert isinstance(rewired((device(spec),), links, ())["one"], TcpLink)


def test_without_a_desk_the_wire_is_the_halls():
    assert isinstance(rewired((device(SPECS[0]),), None, ())["one"], EvdevLink)


def test_a_keypads_events_pass_a_pty_unchanged():
    # Among the bytes of an event are those a terminal would act on: ^C, ^D, XON, CR, DEL.
    master, slave = os.openpty()
    tty.setraw(slave)
    link = SerialLink(os.ttyname(slave))
    link.open()
    events = bytes(range(256)) * 3
    for at in range(0, len(events), 24):
        os.write(master, events[at : at + 24])
    got = b""
    while len(got) < len(events):
        got += until(link.read)
    assert got == events
    link.close()
    os.close(master)
    os.close(slave)
