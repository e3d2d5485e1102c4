"""Every driver against every fault of its twin, its line and its wire: the self-test names it."""

import functools

import pytest

from every_driver import TWINNED, deepest, failed, wired
from hallctl.device import driver_class
from hallctl.simulator.faults import LINE_FAULTS
from hallctl.simulator.stage import twin_class
from wired import codes, named

WIRE_FAULTS = ("unplug", "stall")
RECOVERY_S = 40.0
"""Longer than the longest wait before a lost wire is opened again."""

MEANS = {
    ("printer", "paper_out_after"): "paper_out",
    ("reader", "card_unread"): "error",
    ("voice", "busy_forever"): "no_sound",
    ("voice", "hangs"): "silence",
}
"""Switches of twins that are no name of something wrong, by kind, and what they make wrong."""

_NEVER_TOLD = "a USB keyboard is never told anything, so nothing can be stuck or lost on its way"
_LATE_FINGER = "the device is asked nothing, and a late press is a late finger"
_OWN_CHILD = "the player is a child of ours on a pipe: such bytes are never late, dirty or in drops"
CANNOT = {
    ("keypad_hid", "stall"): _NEVER_TOLD,
    ("keypad_hid", "short_write"): _NEVER_TOLD,
    ("keypad_hid", "slow"): _LATE_FINGER,
    ("pad_hid", "stall"): _NEVER_TOLD,
    ("pad_hid", "short_write"): _NEVER_TOLD,
    ("pad_hid", "slow"): _LATE_FINGER,
    ("pad_serial", "slow"): _LATE_FINGER,
    ("pad_serial", "short_write"): "the pad answers nothing it is told; the keys work all the same",
    ("escpos", "byte_by_byte"): "a printer's answers are single bytes: they always come so",
    ("voice_syn6288", "byte_by_byte"): "its answers are single bytes: they always come so",
    ("voice_clips", "slow"): _OWN_CHILD,
    ("voice_clips", "stale_byte"): _OWN_CHILD,
    ("voice_clips", "garbage"): _OWN_CHILD,
    ("voice_clips", "noise"): _OWN_CHILD,
    ("voice_clips", "byte_by_byte"): _OWN_CHILD,
}
"""(driver, fault): why nobody at this end of the wire could tell."""

OF_WORDS = frozenset(LINE_FAULTS) - {"stale_byte"}
"""Faults of a line that nobody could tell of a device that says nothing, ever."""

LEFTOVERS = {
    ("voice_clips", "short_write"): "half an order stays in the player until the next line ends",
}
"""(driver, fault): why one more self-test is spoilt after the fault is gone."""

CASES = [
    (name, fault)
    for name in TWINNED
    for fault in dict.fromkeys((*WIRE_FAULTS, *LINE_FAULTS, *twin_class(name).FAULTS))
]


@functools.cache
def says_nothing(name):
    """Whether not a byte comes from the device, whatever it is asked or told."""
    pair = wired(name)
    deepest(pair)
    return pair.device.bytes_in == 0


@pytest.mark.parametrize("name", TWINNED)
def test_a_device_with_nothing_wrong_passes_its_self_test(name):
    pair = wired(name)
    assert failed(deepest(pair)) == []


@pytest.mark.parametrize(("name", "fault"), [case for case in CASES if case not in CANNOT])
def test_the_self_test_names_what_is_wrong_and_nothing_of_it_sticks(name, fault):
    pair = wired(name)
    pair.fault(fault)
    pair.run(1)
    found = deepest(pair)
    meant = MEANS.get((driver_class(name).kind, fault), fault)
    told = not (fault in OF_WORDS and says_nothing(name))
    assert named(meant, found) == told, (meant, sorted(codes(found)), found)
    for wrong in (*WIRE_FAULTS, *pair.line.faults):
        pair.fault(wrong, on=False)
    pair.run(RECOVERY_S)
    if (name, fault) in LEFTOVERS:
        deepest(pair)
    assert failed(deepest(pair)) == []


@pytest.mark.parametrize(("name", "fault"), CANNOT)
def test_what_nobody_could_tell_is_not_told_and_hurts_nobody(name, fault):
    assert (name, fault) in CASES
    pair = wired(name)
    pair.fault(fault)
    pair.run(1)
    assert not named(fault, deepest(pair)), "it can be told after all: it is no exception"
    pair.fault(fault, on=False)
    pair.run(RECOVERY_S)
    assert failed(deepest(pair)) == []
