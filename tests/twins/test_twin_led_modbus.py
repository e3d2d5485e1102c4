"""The Modbus strips' twin against the map of domain.md 3.4 and the Modbus specification."""

import json

import pytest

from hallctl.simulator.twins.led_modbus import LedModbusTwin, _crc

WRITE_A1 = bytes.fromhex("03 10 00 00 00 25 4A 00 02 00 01 00 00 00 01 00 02 41 31") + bytes(62)
WRITE_A1 += bytes.fromhex("CC 90")
WRITTEN = bytes.fromhex("03 10 00 00 00 25 00 30")
CHECK = bytes.fromhex("03 03 00 00 00 05 84 2B")


def bus(**options):
    return LedModbusTwin({"strips": {3: 5, "4": 6}, "columns": 8} | options)


def framed(text):
    return bytes.fromhex(text) + _crc(bytes.fromhex(text))


def written(address, text, count=1):
    coded = text.encode("gb18030")
    head = bytes((address, 0x10, 0, 0, 0, 37, 74, 0, 2, 0, count, 0, 0, 0, 1, 0, len(coded)))
    frame = head + coded.ljust(64, b"\x00")
    return frame + _crc(frame)


def window(twin, number):
    return twin.state()["windows"][str(number)]


def test_the_checksum_is_that_of_the_specification():
    assert _crc(b"123456789") == bytes.fromhex("37 4B")
    assert framed("11 03 00 6B 00 03") == bytes.fromhex("11 03 00 6B 00 03 76 87")


def test_a_written_text_is_shown_and_answered_and_can_be_read():
    twin = bus()
    assert twin.receive(WRITE_A1, 0.0) == WRITTEN
    strip = window(twin, 5)
    assert (strip["text"], strip["state"], strip["seq"], strip["flash"]) == ("A1", 2, 1, 0)
    assert (strip["colour"], strip["count"], strip["unknown"]) == (1, 1, [])
    assert twin.receive(CHECK, 0.0) == framed("03 03 0A 00 02 00 01 00 00 00 01 00 02")
    assert window(twin, 6)["text"] == ""
    json.dumps(twin.state())


def test_frames_are_read_in_any_pieces_one_behind_the_other():
    stream = WRITE_A1 + written(4, "暂停服务") + CHECK
    for size in (1, 5, len(stream)):
        twin, said = bus(), b""
        for at in range(0, len(stream), size):
            said += twin.receive(stream[at : at + size], 0.0)
        assert window(twin, 6)["text"] == "暂停服务"
        assert said.startswith(WRITTEN)
        assert len(said) == 8 + 8 + 15


def test_a_frame_that_breaks_off_ends_with_a_pause():
    twin = bus()
    twin.receive(WRITE_A1[:40], 0.0)
    assert twin.receive(WRITE_A1, 0.5) == WRITTEN
    assert twin.state()["bad_count"] == 1


def test_a_wrong_sum_is_not_answered_and_the_next_frame_is_heard():
    twin = bus()
    assert twin.receive(WRITE_A1[:-1] + b"\x00", 0.0) == b""
    assert window(twin, 5)["text"] == ""
    assert twin.state()["bad_count"] == 1
    assert twin.receive(WRITE_A1, 0.0) == WRITTEN


@pytest.mark.parametrize(
    ("request_", "answer"),
    [
        ("03 06 00 00 00 01", "03 86 01"),
        ("03 03 00 21 00 05", "03 83 02"),
        ("03 03 00 00 00 00", "03 83 02"),
        ("03 10 00 24 00 02 04 00 01 00 02", "03 90 02"),
        ("03 10 00 00 00 02 02 00 01", "03 90 02"),
    ],
)
def test_what_a_slave_does_not_have_is_refused(request_, answer):
    twin = bus()
    assert twin.receive(framed(request_), 0.0) == framed(answer)
    assert len(window(twin, 5)["unknown"]) == 1


def test_everybody_takes_a_broadcast_and_nobody_answers_it():
    twin = bus()
    assert twin.receive(written(0, "休息"), 0.0) == b""
    assert [window(twin, n)["text"] for n in (5, 6)] == ["休息", "休息"]
    assert twin.receive(written(9, "好"), 0.0) == b""
    assert twin.state()["foreign"] == 1


def test_state_nought_puts_the_strip_out():
    twin = bus()
    twin.receive(WRITE_A1, 0.0)
    lit = twin.picture()["window-5"]
    twin.receive(framed("03 10 00 00 00 01 02 00 00"), 0.0)
    assert window(twin, 5)["text"] == ""
    assert twin.picture()["window-5"] != lit == bus_lit()


def bus_lit():
    twin = bus()
    twin.receive(WRITE_A1, 0.0)
    return twin.picture()["window-5"]


def test_without_power_the_registers_are_empty():
    twin = bus()
    twin.receive(WRITE_A1, 0.0)
    twin.press({"window": 5, "power": False}, 0.0)
    assert twin.receive(CHECK, 0.0) == b""
    twin.press({"window": 5, "power": True}, 0.0)
    assert twin.receive(CHECK, 0.0) == framed("03 03 0A" + " 00" * 10)


@pytest.mark.parametrize(
    ("fault", "answer"),
    [
        ("wrong_checksum", bytes.fromhex("03 10 00 00 00 25 30 00")),
        ("wrong_address", framed("04 10 00 00 00 25")),
        ("error", framed("03 90 04")),
    ],
)
def test_each_fault_is_to_be_heard_in_the_answer(fault, answer):
    twin = bus()
    twin.fault(fault, True)
    assert twin.receive(WRITE_A1, 0.0) == answer
    assert window(twin, 5)["text"] == ("" if fault == "error" else "A1")
