"""The twin of the strips of plain lines, against domain.md 3.4 (b)."""

import json

import pytest

from hallctl.simulator.twins.led_ascii import LedAsciiTwin, _check

WRITE = b"@03|W|A001*FD3D\r\n"
ASK = b"@03|Q*171E\r\n"


def bus(**options):
    return LedAsciiTwin({"strips": {3: 5, "4": 6}, "columns": 8} | options)


def line(body):
    return b"@" + body + b"*" + _check(body) + b"\r\n"


def window(twin, number):
    return twin.state()["windows"][str(number)]


def test_the_checksum_is_that_of_the_specification():
    assert _check(b"123456789") == b"4B37"


def test_a_text_is_shown_counted_and_answered():
    twin = bus()
    assert twin.receive(ASK, 0.0) == line(b"03|OK|0")
    assert twin.receive(WRITE, 0.0) == line(b"03|OK|1")
    assert twin.receive(ASK, 0.0) == line(b"03|OK|1")
    assert (window(twin, 5)["text"], window(twin, 5)["count"]) == ("A001", 3)
    assert window(twin, 6)["text"] == ""
    json.dumps(twin.state())


def test_chinese_whose_second_byte_is_a_mark_is_text():
    twin = bus()
    text = "脇|亅*@"
    twin.receive(line(b"04|W|" + text.encode("gb18030")), 0.0)
    assert window(twin, 6)["text"] == text


def test_lines_are_read_in_any_pieces_and_behind_dirt():
    stream = b"\x00\x91" + WRITE + line(b"04|W|" + "暂停服务".encode("gb18030"))
    for size in (1, 4, len(stream)):
        twin, said = bus(), b""
        for at in range(0, len(stream), size):
            said += twin.receive(stream[at : at + size], 0.0)
        assert said == line(b"03|OK|1") + line(b"04|OK|1")
        assert window(twin, 6)["text"] == "暂停服务"
        assert twin.state()["bad"] == ["00 91"]


@pytest.mark.parametrize("wrong", [b"@03|W|A001*FD3E\r\n", b"@x|W*0000\r\n", b"03|W|A\r\n", b"\n"])
def test_a_line_that_is_none_is_not_answered(wrong):
    twin = bus()
    assert twin.receive(wrong, 0.0) == b""
    assert twin.state()["bad_count"] >= 1
    assert twin.receive(WRITE, 0.0) == line(b"03|OK|1")


def test_what_it_cannot_do_it_says():
    twin = bus()
    assert twin.receive(line(b"03|Z"), 0.0) == line(b"03|ER|order")
    assert twin.receive(line(b"03|W|\xff\xff"), 0.0) == line(b"03|ER|text")
    assert len(window(twin, 5)["unknown"]) == 2


def test_everybody_takes_a_broadcast_and_nobody_answers_it():
    twin = bus()
    assert twin.receive(line(b"00|W|" + "休息".encode("gb18030")), 0.0) == b""
    assert [window(twin, n)["text"] for n in (5, 6)] == ["休息", "休息"]
    assert twin.receive(line(b"09|Q"), 0.0) == b""
    assert twin.state()["foreign"] == 1


def test_an_endless_line_is_given_up():
    twin = bus()
    twin.receive(b"\x41" * 5000, 0.0)
    assert twin.state()["bad_count"] == 9
    assert twin.receive(b"\n" + WRITE, 0.0) == line(b"03|OK|1")


def test_without_power_it_forgets_and_counts_anew():
    twin = bus()
    twin.receive(WRITE, 0.0)
    lit = twin.picture()["window-5"]
    twin.press({"window": 5, "power": False}, 0.0)
    assert twin.receive(ASK, 0.0) == b""
    assert twin.picture()["window-5"] != lit
    twin.press({"window": 5, "power": True}, 0.0)
    assert twin.receive(ASK, 0.0) == line(b"03|OK|0")
    assert window(twin, 5)["text"] == ""


@pytest.mark.parametrize(
    ("fault", "answer"),
    [
        ("wrong_address", line(b"04|OK|1")),
        ("error", line(b"03|ER|busy")),
    ],
)
def test_each_fault_is_to_be_heard_in_the_answer(fault, answer):
    twin = bus()
    twin.fault(fault, True)
    assert twin.receive(WRITE, 0.0) == answer
    assert window(twin, 5)["text"] == ("" if fault == "error" else "A001")


def test_with_a_wrong_checksum_nothing_but_the_sum_is_wrong():
    twin = bus()
    twin.fault("wrong_checksum", True)
    said, right = twin.receive(WRITE, 0.0), line(b"03|OK|1")
    assert said != right
    assert said[:-6] == right[:-6]
