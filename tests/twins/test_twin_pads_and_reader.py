"""The twins of HID keypad and pads, of the RS-485 pad and of the ID reader, against the notes."""

import struct

import pytest

from hallctl.simulator.twins.idcard_sam import PHOTO, IdCardSamTwin, number_of, text_of
from hallctl.simulator.twins.keypad_hid import KeypadHidTwin
from hallctl.simulator.twins.pad_hid import PadHidTwin
from hallctl.simulator.twins.pad_rs485 import PadRs485Twin

BEGIN = bytes.fromhex("AA AA AA 96 69")


def hexed(text):
    return bytes.fromhex(text)


def events(said):
    assert len(said) % 24 == 0
    found = [struct.unpack_from("llHHi", said, at) for at in range(0, len(said), 24)]
    return [(kind, code, value) for _, _, kind, code, value in found]


# - keyboards


def test_a_key_goes_down_and_up_with_its_scan_code():
    said = KeypadHidTwin({"window": 3}).press({"key": "enter"}, 12.5)
    assert struct.unpack_from("ll", said) == (12, 500_000)
    assert events(said) == [
        (4, 4, 0x70058), (1, 96, 1), (0, 0, 0), (4, 4, 0x70058), (1, 96, 0), (0, 0, 0),
    ]  # fmt: skip


def test_digits_go_before_the_key_and_a_word_is_several_keys():
    twin = KeypadHidTwin({})
    pressed = [code for kind, code, value in events(twin.press({"key": "call", "digits": "12"}, 0))
               if kind == 1 and value == 1]  # fmt: skip
    assert pressed == [79, 80, 96]
    twin.press({"key": "finish"}, 0)
    assert twin.state()["typed"] == ["1", "2", "enter", "0", "-"]


def test_a_held_key_repeats_and_lost_events_are_told():
    twin = KeypadHidTwin({})
    assert (1, 78, 2) in events(twin.press({"key": "+", "held": True}, 0))
    twin.fault("keys_lost", True)
    assert events(twin.press({"key": "+"}, 0))[0] == (0, 3, 0)


def test_a_pad_types_its_grade():
    assert (1, 6, 1) in events(PadHidTwin({"window": 1}).press({"grade": 5}, 0))
    other = PadHidTwin({"grades": {"1": 5, "0": 2}})
    assert (1, 2, 1) in events(other.press({"grade": 5}, 0))
    assert (1, 11, 1) in events(other.press({"grade": 2}, 0))


def test_what_is_not_there_cannot_be_pressed():
    for twin, what in (
        (KeypadHidTwin({}), {"key": "fly"}),
        (KeypadHidTwin({}), {"grade": 5}),
        (PadHidTwin({}), {"grade": 6}),
        (PadRs485Twin({"windows": {1: 3}}), {"window": 4, "grade": 5}),
        (PadRs485Twin({"windows": {1: 3}}), {"window": 3, "grade": 1}),
        (IdCardSamTwin({}), {"key": "call"}),
    ):
        with pytest.raises(ValueError, match=r"key|pad"):
            twin.press(what, 0.0)


# - the pad on RS-485


def test_a_grade_goes_out_until_it_is_answered():
    twin = PadRs485Twin({"windows": {"1": 3}})
    rating = hexed("FF 68 03 03 68 01 11 03 15 16")
    assert twin.press({"window": 3, "grade": 5}, 0.0) == rating
    assert [twin.wake(t / 10) for t in range(1, 10)].count(rating) == 1
    twin.receive(hexed("FF 68 03 03 68 01 01 03 05 16"), 1.0)
    assert [twin.wake(1 + t / 10) for t in range(40)] == [b""] * 40
    pad = twin.state()["windows"]["3"]
    assert (pad["acks"], pad["resent"], pad["pending"]) == (1, 1, 0)


def test_it_lights_beeps_shows_stars_and_goes_dark():
    twin = PadRs485Twin({"windows": {1: 3}})
    twin.receive(hexed("FF 68 03 03 68 01 01 0B 0D 16 FF 68 02 02 68 01 03 04 16"), 0.0)
    twin.receive(hexed("FF 68 03 03 68 01 02 05 08 16"), 0.0)
    pad = twin.state()["windows"]["3"]
    assert (pad["asking"], pad["beeps"], pad["stars"]) == (True, 1, 5)
    twin.wake(16.0)
    assert not twin.state()["windows"]["3"]["asking"]
    assert twin.state()["bad"] == []


# - the reader


def asked(twin, text):
    said = twin.receive(BEGIN + hexed(text), 0.0)
    assert said.startswith(BEGIN)
    return said[5:]


def test_the_readers_vectors():
    twin = IdCardSamTwin({})
    assert asked(twin, "00 03 20 01 22")[2:5] == hexed("00 00 80")
    twin.press({"do": "card"}, 0.0)
    assert asked(twin, "00 03 20 01 22") == hexed("00 08 00 00 9F 00 00 00 00 97")
    assert asked(twin, "00 03 20 02 21")[2:5] == hexed("00 00 90")
    card = asked(twin, "00 03 30 01 32")
    assert len(card) + 5 == 1295
    assert asked(twin, "00 03 20 01 22")[2:5] == hexed("00 00 80"), "it must leave the field"
    twin.press({"do": "card", "fingers": True}, 0.0)
    asked(twin, "00 03 20 01 22")
    asked(twin, "00 03 20 02 21")
    assert len(asked(twin, "00 03 30 01 32")) + 5 == 2321


def test_a_card_is_text_and_photo():
    twin = IdCardSamTwin({})
    twin.press({"do": "card", "birth": "19500101"}, 0.0)
    text = text_of(twin._card)
    assert len(text) == 256
    assert text[122:158].decode("utf-16-le") == number_of("19500101")
    assert text[36:52].decode("utf-16-le") == "19500101"
    assert len(PHOTO) == 1024


def test_a_wrong_sum_and_an_unknown_command_are_refused_and_dirt_is_passed_over():
    twin = IdCardSamTwin({})
    assert asked(twin, "00 03 20 01 23")[2:5] == hexed("00 00 10")
    assert asked(twin, "00 03 55 01 57")[2:5] == hexed("00 00 21")
    assert twin.receive(b"\xaa\x00" + BEGIN, 0.0) == b""
    assert twin.receive(hexed("00 03 11 FF ED"), 0.0)[7:10] == hexed("00 00 90")


def test_a_broken_reader_says_so():
    twin = IdCardSamTwin({})
    twin.fault("error", True)
    assert asked(twin, "00 03 11 FF ED")[2:5] == hexed("00 00 60")
    twin.fault("error", False)
    twin.fault("card_unread", True)
    twin.press({"do": "card"}, 0.0)
    asked(twin, "00 03 20 01 22")
    asked(twin, "00 03 20 02 21")
    assert asked(twin, "00 03 30 01 32")[2:5] == hexed("00 00 41")
