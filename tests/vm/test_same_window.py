"""Two equal devices, unplugged and plugged in again in every order, keep their windows.

Everything between the port and the report is real: kernel driver, udev, link, device.py. The two
differ in nothing but their port. That their numbers do swap is shown too, or nothing is proved.
"""

import time
from itertools import permutations

import pytest

from hallctl.core import reports as r
from hallctl.device import Device
from hallctl.devices import Devices
from hallctl.driver import Driver, Reply
from hallctl.links.evdev import EVENT, EvdevLink
from hallctl.links.serial import SerialLink
from hallctl.links.usblp import UsblpLink
from links.waiting import until
from vm.bed import Keypad, Printer, Serial

KP_1, KP_2 = 0x59, 0x5A
KEY_KP1, KEY_KP2 = 79, 80
FAST = 10.0
"""The back-off after a loss runs so much faster than the clock on the wall."""


class Ear(Driver):
    """Reports what it hears: the code of each key pressed, or each byte."""

    kind = "keypad"
    takes = ()

    def receive(self, data, now):
        return Reply(reports=tuple(r.Fault(code="heard", evidence=str(b)) for b in data))


class KeyEar(Ear):
    def receive(self, data, now):
        events = (EVENT.unpack_from(data, at)[2:] for at in range(0, len(data), EVENT.size))
        pressed = [code for kind, code, value in events if (kind, value) == (1, 1)]
        return Reply(reports=tuple(r.Fault(code="heard", evidence=str(c)) for c in pressed))


class Hall:
    """Two devices of equal make at two windows, each named by its port, run by device.py."""

    def __init__(self, gadgets, ear, link):
        self.heard = []
        self.gadgets = gadgets
        self.devices = Devices(
            [
                Device(f"window-{n}", ear(ear.Options()), link(str(gadget.host)), "boot")
                for n, gadget in enumerate(gadgets, 1)
            ],
            self._take,
            lambda: time.monotonic() * FAST,
        )
        self.devices.start()

    def _take(self, reported):
        self.heard += [(x.device, int(x.report.evidence)) for x in reported if is_word(x.report)]
        return True

    def is_up(self, gadget):
        return self.devices.devices[self.gadgets.index(gadget)].is_open


def is_word(report):
    return isinstance(report, r.Fault) and report.code == "heard"


KINDS = {
    "keypads": (Keypad, KeyEar, EvdevLink, (KP_1, KP_2), (KEY_KP1, KEY_KP2)),
    "serial": (Serial, Ear, SerialLink, (65, 66), (65, 66)),
    "printers": (Printer, Ear, UsblpLink, (65, 66), (65, 66)),
}
MOVES = ("out 0", "out 1", "in 0", "in 1")
ORDERS = [
    order
    for order in permutations(MOVES)
    if all(order.index(f"out {n}") < order.index(f"in {n}") for n in (0, 1))
]
"""Every order in which two devices can each be pulled out and put back."""


@pytest.mark.parametrize("kind", KINDS)
def test_two_equal_devices_keep_their_windows_in_every_order(bed, kind, record_property):
    make, ear, link, words, meanings = KINDS[kind]
    gadgets = bed(make)
    for gadget in gadgets:
        gadget.plug()
    hall = Hall(gadgets, ear, link)
    numbers = {0: set(), 1: set()}
    try:
        assert len(ORDERS) == 6
        for order in ORDERS:
            for move in order:
                way, which = move.split()
                gadget = gadgets[int(which)]
                gadget.unplug() if way == "out" else gadget.plug()
                until(lambda g=gadget, up=way == "in": hall.is_up(g) == up)
                for n, other in enumerate(gadgets):
                    if hall.is_up(other):
                        numbers[n].add(other.number)
                        hall.heard.clear()
                        other.speak(words[n])
                        until(lambda: hall.heard)
                        assert hall.heard == [(f"window-{n + 1}", meanings[n])], (order, move)
    finally:
        hall.devices.stop()
    swapped = numbers[0] & numbers[1]
    print(f"{kind}: port 0 was {sorted(numbers[0])}, port 1 was {sorted(numbers[1])}")
    assert swapped, "no number was ever the other device's: the bed proves nothing"


@pytest.mark.parametrize("kind", ["keypads", "serial"])
def test_the_makers_name_does_not_tell_two_equal_devices_apart(bed, kind):
    gadgets = bed(KINDS[kind][0])
    for gadget in gadgets:
        gadget.plug()
    by_id = gadgets[0].host.parent.parent / "by-id"
    ours = [link for link in by_id.iterdir() if "Hall_Twin" in link.name]
    assert len(ours) == 1
