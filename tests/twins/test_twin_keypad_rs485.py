"""The keypads' twin against the vectors of domain.md 3.2."""

import pytest

from hallctl.simulator.twins.keypad_rs485 import KEYS, KeypadRs485Twin


def bus(**options):
    return KeypadRs485Twin({"windows": {1: 1, "2": 3}} | options)


def hexed(text):
    return bytes.fromhex(text)


TICKET_012 = hexed("FF 68 08 08 68 01 02 0A 0A 0A 00 01 02 24 16")
WAITING_005 = hexed("FF 68 08 08 68 01 02 00 00 05 0A 0A 0A 26 16")
BEEP = hexed("FF 68 02 02 68 01 03 04 16")
RATING_3 = hexed("FF 68 03 03 68 01 11 03 15 16")
RATING_3_ACK = hexed("FF 68 03 03 68 01 01 03 05 16")


def test_it_shows_the_digits_it_is_told_and_leaves_the_others():
    twin = bus()
    assert twin.receive(TICKET_012 + WAITING_005 + BEEP, 0.0) == b""
    pad = twin.state()["windows"]["1"]
    assert (pad["ticket"], pad["waiting"], pad["beeps"]) == ("012", "005", 1)
    assert twin.state()["windows"]["3"]["ticket"] == ""


def test_frames_are_read_in_any_pieces_and_between_dirt():
    stream = b"\x00\xff\x68" + TICKET_012 + b"\xff" + WAITING_005 + b"\xff\x68\x08\x07" + BEEP
    for size in (1, 3, len(stream)):
        twin = bus()
        for start in range(0, len(stream), size):
            twin.receive(stream[start : start + size], 0.0)
        pad = twin.state()["windows"]["1"]
        assert (pad["ticket"], pad["waiting"], pad["beeps"]) == ("012", "005", 1)
        assert twin.state()["bad"]


def test_a_frame_with_a_wrong_sum_changes_nothing():
    twin = bus()
    twin.receive(TICKET_012[:-2] + b"\x25\x16", 0.0)
    assert twin.state()["windows"]["1"]["ticket"] == ""
    assert twin.state()["bad"]


def test_a_call_is_a_frame_that_ends_with_0c():
    assert bus().press({"window": 3, "key": "call"}, 0.0) == hexed("FF 68 03 03 68 02 06 0C 14 16")


def test_digits_go_before_the_key():
    sent = bus(upload_cmd=4).press({"window": 1, "digits": "012", "key": "call"}, 0.0)
    assert sent == hexed("FF 68 06 06 68 01 04 00 01 02 0C 14 16")


def test_a_no_show_is_six_and_confirm():
    sent = bus().press({"window": 1, "keys": "no_show"}, 0.0)
    assert sent == hexed("FF 68 04 04 68 01 06 06 0F 1C 16")


@pytest.mark.parametrize("key", KEYS)
def test_every_key_sends_a_frame_of_three_to_five_bytes(key):
    frame = bus().press({"window": 1, "key": key}, 0.0)
    assert frame[2] == frame[3]
    assert 3 <= frame[2] <= 5
    assert sum(frame[5:-2]) & 0xFF == frame[-2]


def test_an_echo_ends_the_press_and_nothing_is_repeated():
    twin = bus()
    frame = twin.press({"window": 3, "key": "call"}, 0.0)
    twin.receive(frame, 0.1)
    assert [twin.wake(t / 10) for t in range(50)] == [b""] * 50
    pad = twin.state()["windows"]["3"]
    assert (pad["acks"], pad["sent"], pad["resent"], pad["pending"]) == (1, 1, 0, 0)


def test_without_an_echo_it_repeats_three_times_half_a_second_apart():
    twin = bus()
    frame = twin.press({"window": 3, "key": "call"}, 0.0)
    said = {t / 10: twin.wake(t / 10) for t in range(1, 40)}
    assert {t: b for t, b in said.items() if b} == {0.5: frame, 1.0: frame, 1.5: frame}
    pad = twin.state()["windows"]["3"]
    assert (pad["resent"], pad["unanswered"], pad["pending"]) == (3, 1, 0)


def test_a_second_press_waits_for_the_echo_of_the_first():
    twin = bus()
    call = twin.press({"window": 3, "key": "call"}, 0.0)
    assert twin.press({"window": 3, "key": "pause"}, 0.0) == b""
    assert twin.press({"window": 1, "key": "call"}, 0.0) != b""
    pause = twin.receive(call, 0.1)
    assert pause == hexed("FF 68 03 03 68 02 06 12 1A 16")


def test_a_rating_is_acknowledged_with_command_01():
    twin = bus()
    assert twin.press({"window": 1, "grade": 5}, 0.0) == RATING_3
    twin.receive(RATING_3_ACK, 0.1)
    assert twin.state()["windows"]["1"]["acks"] == 1
    assert twin.press({"window": 1, "result": 0}, 0.2)[7] == 0


def test_the_start_of_a_rating_is_counted():
    twin = bus()
    twin.receive(hexed("FF 68 03 03 68 01 01 0B 0D 16"), 0.0)
    assert twin.state()["windows"]["1"]["ratings_asked"] == 1


def test_garbage_goes_out_as_typed_and_a_foreign_address_is_counted():
    twin = bus()
    assert twin.press({"window": 3, "raw": "ff00aa"}, 0.0) == b"\xff\x00\xaa"
    twin.receive(hexed("FF 68 02 02 68 09 03 0C 16"), 0.0)
    assert twin.state()["foreign"] == 1


def test_what_is_not_there_cannot_be_pressed():
    with pytest.raises(ValueError, match="no keypad of window 9"):
        bus().press({"window": 9, "key": "call"}, 0.0)
    with pytest.raises(ValueError, match="'fly'"):
        bus().press({"window": 1, "key": "fly"}, 0.0)
    with pytest.raises(ValueError, match="no such key"):
        bus().press({"window": 1, "grade": 9}, 0.0)


def test_deaf_keypads_hear_no_echo_and_noise_comes_around_the_frame():
    twin = bus()
    twin.fault("deaf", True)
    frame = twin.press({"window": 1, "key": "call"}, 0.0)
    twin.receive(frame, 0.1)
    assert twin.wake(0.6) == frame
    twin.fault("noise", True)
    noisy = twin.wake(1.2)
    assert frame in noisy
    assert len(noisy) == len(frame) + 5
