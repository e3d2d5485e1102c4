"""A wire's name should stay its device's own after the next plug; `hallctl check` says when not."""

import pytest

from hallctl.config.load import describe
from hallctl.links.evdev import EvdevLink
from hallctl.links.serial import SerialLink
from hallctl.links.spec import EvdevSpec, SerialSpec, SoundSpec, TcpSpec, UsblpSpec, UsbSpec
from hallctl.links.usb import UsbLink
from hallctl.links.usblp import UsblpLink
from hallctl.service import link_for

OWN = [
    SerialSpec(serial="/dev/serial/by-path/pci-0000:00:14.0-usb-0:1.1:1.0-port0"),
    SerialSpec(serial="/dev/ttyS0"),
    SerialSpec(serial="/dev/hall/keypads"),
    UsblpSpec(usblp="/dev/hall/printer/by-path/pci-0000:00:14.0-usb-0:1.3:1.0"),
    EvdevSpec(evdev="/dev/input/by-path/pci-0000:00:14.0-usb-0:1.2:1.0-event-kbd"),
    UsbSpec(usb="1-1.2"),
    TcpSpec(tcp="pad.internal:9100"),
    SoundSpec(),
]
ANOTHERS = [
    SerialSpec(serial="/dev/ttyUSB0"),
    SerialSpec(serial="/dev/ttyACM1"),
    SerialSpec(serial="/dev/serial/by-id/usb-1a86_USB_Serial-if00-port0"),
    UsblpSpec(usblp="/dev/usb/lp0"),
    EvdevSpec(evdev="/dev/input/event3"),
    EvdevSpec(evdev="/dev/input/by-id/usb-SIGMACHIP_USB_Keyboard-event-kbd"),
    UsbSpec(usb="0483:5743"),
]
KINDS = {"serial", "usblp", "evdev", "usb", "tcp", "sound"}


def told(hall):
    return [line for line in describe(hall.load()) if "order of plugging" in line]


@pytest.mark.parametrize("spec", OWN, ids=str)
def test_a_port_path_names_one_device(hall, spec):
    ((kind, where),) = spec.model_dump(include=set(type(spec).model_fields) & KINDS).items()
    hall.change("devices.yaml", "{serial: /dev/serial/by-path/two}", f'{{{kind}: "{where}"}}')
    assert told(hall) == []


@pytest.mark.parametrize("spec", ANOTHERS, ids=str)
def test_a_name_that_is_anothers_after_the_next_plug_is_told(hall, spec):
    ((kind, where),) = spec.model_dump(include=set(type(spec).model_fields) & KINDS).items()
    hall.change("devices.yaml", "{serial: /dev/serial/by-path/two}", f'{{{kind}: "{where}"}}')
    (line,) = told(hall)
    assert "devices.yaml: pad-1 is named by the order of plugging" in line


def test_each_kind_of_link_opens_its_own_wire():
    line = link_for(SerialSpec(serial="/dev/a", baud=19200, parity="even", rtscts=True), ())
    assert isinstance(line, SerialLink)
    assert (line.path, line.baud, line.parity, line.rtscts) == ("/dev/a", 19200, "even", True)
    assert isinstance(link_for(UsblpSpec(usblp="/dev/b"), ()), UsblpLink)
    assert isinstance(link_for(UsbSpec(usb="1-1"), ()), UsbLink)
    assert isinstance(link_for(EvdevSpec(evdev="/dev/c"), ()), EvdevLink)
