"""`hallctl scan` and `learn` on the kernel's own drivers and udev's own names."""

import threading
from pathlib import Path

import pytest

from hallctl import learning, scanning
from hallctl.links.evdev import EvdevLink
from vm.bed import Keypad, Printer, Serial

ROOT = Path("/")
KP_ENTER = 0x58
MODEL = "1d6b:0104"
KINDS = {Keypad: "input", Serial: "serial", Printer: "usblp"}


@pytest.mark.parametrize("kind", [Keypad, Serial, Printer])
def test_two_equal_devices_are_found_by_port_and_called_alike(bed, kind):
    gadgets = bed(kind)
    before = {wire.path for wire in scanning.attached(ROOT)}
    for gadget in gadgets:
        gadget.plug()
    found = [w for w in scanning.attached(ROOT) if w.path not in before]
    assert {w.path for w in found} == {str(gadget.host) for gadget in gadgets}
    assert {w.kind for w in found} == {KINDS[kind]}
    assert {w.model for w in found} == {MODEL}
    assert all("Twin" in w.name for w in found), found
    assert {w.node for w in found} == {str(gadget.host.resolve()) for gadget in gadgets}
    assert scanning.alike(found) == {MODEL: 2}
    for wire in found:
        by_number = scanning.Entry(
            name="x", driver="y", link=scanning.LINK_KEY[wire.kind], path=wire.node
        )
        assert scanning.entry_of(wire, [by_number], ROOT) == by_number
        assert scanning.passing([by_number]) == [by_number]


def test_learn_names_the_keypad_whose_enter_was_pressed(bed):
    one, two = bed(Keypad)
    one.plug()
    two.plug()
    paths = [w.path for w in scanning.attached(ROOT) if w.kind == "input"]
    with learning.keyboards(paths, ROOT) as ears:
        assert {k.path for k in ears.keyboards} >= {str(one.host), str(two.host)}
        for keypad in (two, one):
            press = threading.Timer(0.5, keypad.speak, [KP_ENTER])
            press.start()
            assert ears.enter(30) == str(keypad.host)
            press.join()
        one.unplug()
        assert ears.enter(2) == ""
        assert str(one.host) in ears.gone


def test_a_keypad_that_the_hall_holds_is_said_to_be_held(bed):
    one, two = bed(Keypad)
    one.plug()
    two.plug()
    link = EvdevLink(str(one.host))
    link.open()
    try:
        with learning.keyboards([str(one.host), str(two.host)], ROOT) as ears:
            assert ears.held == [str(one.host)]
            assert [k.path for k in ears.keyboards] == [str(two.host)]
    finally:
        link.close()
    with learning.keyboards([str(one.host)], ROOT) as ears:
        assert ears.held == []
