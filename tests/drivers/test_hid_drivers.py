"""The USB keypad and the USB pad: what is typed, what it means, what the kernel loses."""

import struct

import pytest
from pydantic import ValidationError

from drivers.keypad_hid import KEYS, KeypadHid, KeypadHidOptions
from drivers.pad_hid import PadHid, PadHidOptions
from hallctl.core.effects import AskRating, EndRating
from hallctl.core.reports import Condition, Fault, KeyPressed, Rated
from hallctl.protocols.input_event import InputEvents
from hallctl.simulator.faults import LINE_FAULTS
from hallctl.simulator.twins.keypad_hid import WORDS, KeypadHidTwin
from hallctl.simulator.twins.pad_hid import PadHidTwin
from wired import Wired, named

EVENT = struct.Struct("llHHi")
ENTER_DOWN = bytes.fromhex("E803000000000000 0000000000000000 0100 6000 01000000")
IMPOSSIBLE = {
    "slow": "nobody knows when the key went down, so nobody knows that it was told late",
    "short_write": "nothing is ever written to a keyboard",
}
"""Faults of a line that no self-test of a keyboard can see, and why."""


def event(kind, code, value):
    return EVENT.pack(1_700_000_000, 999_999, kind, code, value)


def down(*codes):
    return b"".join(event(1, code, 1) + event(0, 0, 0) + event(1, code, 0) for code in codes)


DIGITS = {d: c for c, d in zip((82, 79, 80, 81, 75, 76, 77, 71, 72, 73), "0123456789", strict=True)}
SIGNS = {"enter": 96, "+": 78, "-": 74, "*": 55, "/": 98, ".": 83}


def keypad(**options):
    driver = KeypadHid(KeypadHidOptions(window=3, **options))
    driver.start(0.0)
    return driver


def typed(driver, digits, sign, now=1.0):
    data = down(*(DIGITS[d] for d in digits), SIGNS[sign])
    return driver.receive(data, now).reports


def test_the_event_of_the_docstring_is_the_keypads_enter():
    assert EVENT.pack(1000, 0, 1, 96, 1) == ENTER_DOWN
    assert InputEvents().feed(ENTER_DOWN) == [("key", 96, b"")]


@pytest.mark.parametrize(
    ("digits", "sign", "key", "left"),
    [
        ("", "enter", "call", ""),
        ("", "+", "recall", ""),
        ("", "-", "no_show", ""),
        ("", "*", "transfer", ""),
        ("", "/", "pause", ""),
        ("", ".", "rate", ""),
        ("012", "enter", "call", "012"),
        ("0", "-", "finish", ""),
        ("0", "*", "hold", ""),
        ("0", "+", "resume", ""),
        ("0", "enter", "start", ""),
        ("0", "/", "cancel", ""),
        ("4", "*", "transfer", "4"),
        ("12", "+", "resume", "12"),
        ("1001", ".", "confirm", "1001"),
    ],
)
def test_what_is_typed_has_its_meaning(digits, sign, key, left):
    (report,) = typed(keypad(), digits, sign)
    assert (report.window, report.key, report.digits) == (3, key, left)


def test_a_main_keyboard_and_the_twins_words_mean_the_same():
    for word in WORDS:
        twin = KeypadHidTwin({"window": 3})
        (report,) = keypad().receive(twin.press({"key": word}, 5.0), 1.0).reports
        assert report.key == word
    main = KeypadHidTwin({}).press({"key": "enter", "digits": "0123456789", "main": True}, 5.0)
    reports = keypad().receive(main, 1.0).reports
    assert [report.code for report in reports] == ["unknown_key"], "more digits than any ticket has"
    main = KeypadHidTwin({}).press({"key": "enter", "digits": "456", "main": True}, 5.0)
    assert keypad().receive(main, 1.0).reports[0].digits == "456"


def test_each_press_has_a_name_of_its_own():
    driver = keypad()
    names = {typed(driver, "", "enter", now)[0].press for now in range(20)}
    assert len(names) == 20


def test_a_key_held_down_is_one_press():
    held = KeypadHidTwin({}).press({"key": "enter", "held": True}, 5.0)
    assert len(keypad().receive(held, 1.0).reports) == 1


def test_half_typed_digits_are_forgotten_by_backspace_and_after_five_seconds():
    driver = keypad()
    driver.receive(down(DIGITS["7"], 14), 1.0)
    assert typed(driver, "", "enter")[0].digits == ""
    driver.receive(down(DIGITS["7"]), 2.0)
    assert typed(driver, "", "enter", 7.1)[0].digits == ""
    driver.receive(down(DIGITS["7"]), 8.0)
    assert typed(driver, "", "enter", 12.9)[0].digits == "7"


def test_lost_events_clear_what_was_typed_and_are_told():
    driver = keypad()
    driver.receive(down(DIGITS["7"]), 1.0)
    lost = event(0, 3, 0) + event(1, SIGNS["-"], 1) + event(0, 0, 0)
    assert driver.receive(lost, 1.1).reports == (Fault(code="keys_lost", evidence="SYN_DROPPED"),)
    assert typed(driver, "", "enter", 1.2)[0].digits == ""


def test_what_has_no_meaning_does_nothing_and_is_told_once():
    driver = keypad()
    assert typed(driver, "5", "-") == (Fault(code="unknown_key", evidence="5-"),)
    assert typed(driver, "5", "-", 2.0) == ()
    assert driver.receive(down(69, 15), 3.0).reports == ()


def test_the_hall_may_give_keys_another_meaning():
    driver = keypad(keys={".": "hold", "0-": "no_show"})
    assert typed(driver, "", ".")[0].key == "hold"
    assert typed(driver, "0", "-")[0].key == "no_show"
    assert typed(driver, "", "-")[0].key == KEYS["-"]
    for wrong in ("x", "00-", "5-", ""):
        with pytest.raises(ValidationError, match="is no key"):
            KeypadHidOptions(window=1, keys={wrong: "call"})


def test_events_are_found_again_after_bytes_went_missing():
    for cut in range(1, 24):
        driver = keypad()
        driver.receive(down(SIGNS["enter"])[cut:], 1.0)
        assert [r.key for r in typed(driver, "", "+", 2.0) if isinstance(r, KeyPressed)][
            -1
        ] == "recall"


# - the pad


def pad(**options):
    driver = PadHid(PadHidOptions(window=3, **options))
    driver.start(0.0)
    return driver


def test_a_digit_is_a_grade_while_a_rating_is_open_and_only_once():
    driver = pad()
    assert driver.receive(down(6), 1.0).reports == ()
    driver.perform(AskRating(window=4, label="A001"), 1.0)
    assert driver.receive(down(6), 1.0).reports == ()
    driver.perform(AskRating(window=3, label="A001"), 1.0)
    assert driver.receive(down(5, 2), 1.0).reports == (Rated(window=3, grade=4),)
    assert driver.receive(down(6), 1.0).reports == ()
    driver.perform(AskRating(window=3, label="A001"), 1.0)
    driver.perform(EndRating(window=3, thanks=False), 1.0)
    assert driver.receive(down(6), 1.0).reports == ()


def test_a_pad_with_four_grades_says_so_and_its_keys_mean_what_is_configured():
    grades = {1: 5, 2: 4, 3: 3, 4: 2}
    driver = PadHid(PadHidOptions(window=3, grades=grades))
    assert driver.start(0.0).reports == (Condition(part="keys", state="four"),)
    driver.perform(AskRating(window=3, label="A001"), 1.0)
    assert driver.receive(down(79), 1.0).reports == (Rated(window=3, grade=5),)
    with pytest.raises(ValidationError, match="from 1 to 5"):
        PadHidOptions(window=3, grades={1: 6})


# - the self-tests


def keypad_wire():
    return Wired(KeypadHid(KeypadHidOptions(window=3)), KeypadHidTwin({"window": 3}))


def pad_wire():
    return Wired(PadHid(PadHidOptions(window=3)), PadHidTwin({"window": 3}))


def person(pair):
    def act(asks):
        word, _, what = asks.step.partition(":")
        pair.press(**({"key": what} if word == "key" else {"grade": int(what)}))

    return act


@pytest.mark.parametrize("wire", [keypad_wire, pad_wire])
def test_each_key_is_asked_for_and_none_of_them_acts(wire):
    pair = wire()
    found = pair.selftest("interactive", person=person(pair))
    assert {x.result for x in found if x.step != "answer"} == {"passed"}
    assert len(found) >= 6
    assert pair.heard(KeyPressed) + pair.heard(Rated) == []
    assert [x.code for x in pair.selftest("internal") if x.step == "answer"] == ["no_question"]


def test_a_wrong_key_does_not_end_the_asking():
    pair = keypad_wire()

    def first_wrong(asks):
        pair.press(key="9")
        person(pair)(asks)

    found = pair.selftest("interactive", person=first_wrong)
    assert "failed" not in {x.result for x in found}


@pytest.mark.parametrize("fault", [*LINE_FAULTS, "keys_lost", "unplug"])
@pytest.mark.parametrize("wire", [keypad_wire, pad_wire])
def test_the_self_test_names_each_fault_it_can_see(wire, fault):
    pair = wire()
    pair.fault(fault)
    pair.run(1)
    found = pair.selftest("interactive", person=person(pair))
    assert named(fault, found) == (fault not in IMPOSSIBLE)
