"""The LED strips' twin against the vectors of domain.md 3.4."""

import io

import pytest
from PIL import Image

from hallctl.simulator.twins.led_cpower import LedCpowerTwin

CALL = bytes.fromhex(
    "A5 68 32 01 7B 01 18 00 00 00 85 00 00 00 01 01 01 20"
    "C7 EB 41 30 30 31 B5 BD 33 BA C5 B4 B0 BF DA 00 7C 0A AE"
)
CLEAR = bytes.fromhex("A5 68 32 01 7B 01 04 00 00 00 07 00 00 00 22 01 AE")
QUERY = bytes.fromhex("A5 68 32 01 76 01 01 13 01 AE")
OPEN = bytes.fromhex("A5 68 32 01 76 01 00 01 00 00 00 00 00 00 00 13 01 AE")
CLOSE = bytes.fromhex("A5 68 32 01 76 01 00 00 00 00 00 00 00 00 00 12 01 AE")
IS_ON = bytes.fromhex("A5 E8 32 01 76 01 01 00 00 00 00 00 00 00 93 01 AE")


def bus(**options):
    return LedCpowerTwin({"strips": {1: 3, "2": 4}, "columns": 8} | options)


def framed(inner):
    inner += (sum(inner) & 0xFFFF).to_bytes(2, "little")
    inner = inner.replace(b"\xaa", b"\xaa\x0a").replace(b"\xa5", b"\xaa\x05")
    return b"\xa5" + inner.replace(b"\xae", b"\xaa\x0e") + b"\xae"


def text_frame(card, text, ack=0):
    cc = b"\x85\x00\x00\x00\x01\x01\x01\x20" + text.encode("gb18030") + b"\x00"
    head = bytes((0x68, 0x32, card, 0x7B, ack))
    return framed(head + len(cc).to_bytes(2, "little") + b"\x00\x00" + cc)


def window(twin, number):
    return twin.state()["windows"][str(number)]


def test_the_makers_sample_is_shown_on_its_window_and_answered():
    twin = bus()
    assert twin.receive(CALL, 0.0) == framed(bytes.fromhex("E8 32 01 7B 00 01 00 00 00 85"))
    assert window(twin, 3)["text"] == "请A001到3号窗口"
    assert window(twin, 3)["hex"].startswith("A5 68 32 01")
    assert window(twin, 3)["count"] == 1
    assert window(twin, 4)["text"] == ""


def test_clear_puts_the_strip_out():
    twin = bus()
    twin.receive(CALL + CLEAR, 0.0)
    assert window(twin, 3)["text"] == ""
    assert window(twin, 3)["clears"] == 1


def test_frames_are_read_in_any_pieces_and_between_dirt():
    stream = b"\x00\x01" + CALL[:9] + CALL + b"\xae" + text_frame(2, "暂停服务")
    for size in (1, 4, len(stream)):
        twin = bus()
        for start in range(0, len(stream), size):
            twin.receive(stream[start : start + size], 0.0)
        assert window(twin, 3)["text"] == "请A001到3号窗口"
        assert window(twin, 4)["text"] == "暂停服务"
        assert twin.state()["bad_count"] >= 3


def test_escaped_bytes_are_text_again():
    for text in ("ェ", "ギ", "お"):  # A5 A7.., rows A4 and A5 of GB 2312 need escapes
        twin = bus()
        twin.receive(text_frame(2, text), 0.0)
        assert window(twin, 4)["text"] == text


def test_no_answer_unless_it_is_asked_for():
    twin = bus()
    assert twin.receive(text_frame(2, "好"), 0.0) == b""
    assert twin.receive(text_frame(2, "好", ack=1), 0.0) != b""


def test_a_wrong_sum_and_a_wrong_escape_are_bad_frames():
    twin = bus()
    twin.receive(CALL[:-3] + b"\x00\x0a\xae", 0.0)
    twin.receive(b"\xa5\x68\x32\x01\xaa\x77\xae", 0.0)
    assert window(twin, 3)["text"] == ""
    assert twin.state()["bad_count"] == 2


def test_a_card_that_is_not_on_the_bus_is_counted_and_every_card_takes_a_broadcast():
    twin = bus()
    twin.receive(text_frame(9, "好"), 0.0)
    assert twin.state()["foreign"] == 1
    assert twin.receive(text_frame(255, "休息", ack=1), 0.0) == b""
    assert [window(twin, n)["text"] for n in (3, 4)] == ["休息", "休息"]


def test_a_command_it_does_not_know_is_recorded():
    twin = bus()
    twin.receive(framed(bytes.fromhex("68 32 01 7B 00 02 00 00 00 84 00")), 0.0)
    twin.receive(framed(bytes.fromhex("68 32 01 76 00 07")), 0.0)
    assert len(window(twin, 3)["unknown"]) == 2


def test_what_does_not_fit_is_cut_and_said():
    twin = bus(columns=4)
    twin.receive(text_frame(1, "暂停服务"), 0.0)
    assert not window(twin, 3)["overflow"]
    twin.receive(text_frame(1, "暂停服务1"), 0.0)
    assert window(twin, 3)["overflow"]


def test_the_picture_has_a_strip_for_every_window_and_lit_lamps_are_amber():
    twin = bus()
    dark = twin.picture()
    assert set(dark) == {"window-3", "window-4"}
    twin.receive(CALL, 0.0)
    lit = twin.picture()
    assert lit["window-4"] == dark["window-4"]
    with Image.open(io.BytesIO(lit["window-3"])) as picture:
        assert picture.width > 128 * 8
        amber = sum(n for n, (r, g, b) in picture.getcolors(1 << 20) if r > 230 and g > 160)
    with Image.open(io.BytesIO(dark["window-3"])) as picture:
        assert not any(r > 100 for _, (r, _g, _b) in picture.getcolors(1 << 20))
    assert amber > 2000


def test_the_screen_is_asked_put_out_and_lit_again_by_the_makers_samples():
    twin = bus()
    twin.receive(CALL, 0.0)
    assert twin.receive(QUERY, 0.0) == IS_ON
    assert twin.receive(CLOSE, 0.0) == framed(bytes.fromhex("E8 32 01 76 00 00"))
    assert window(twin, 3)["text"] == ""
    assert twin.receive(QUERY, 0.0) == framed(bytes.fromhex("E8 32 01 76 01 00") + bytes(7))
    twin.receive(OPEN, 0.0)
    assert window(twin, 3)["text"] == "请A001到3号窗口"
    assert window(twin, 3)["unknown"] == []


def test_the_brightness_has_a_value_for_every_hour():
    twin = bus()
    order = bytes.fromhex("68 32 02 46 01 00") + bytes(range(24))
    assert twin.receive(framed(order), 0.0) == framed(bytes.fromhex("E8 32 02 46 01"))
    assert window(twin, 4)["brightness"] == list(range(24))
    assert twin.receive(framed(order[:-1]), 0.0) == b""


def test_in_the_network_form_it_hears_and_answers_as_seen_on_the_network():
    twin = bus(tcp_prefix=True)
    clear = bytes.fromhex("FF FF FF FF 0F 00 00 00 68 32 01 7B 01 04 00 00 00 07 00 00 00 22 01")
    done = bytes.fromhex("FF FF FF FF 0C 00 00 00 E8 32 01 7B 00 01 00 00 00 07 9E 01")
    assert twin.receive(b"\x00\xff" + clear[:5], 0.0) == b""
    assert twin.receive(clear[5:] + clear, 0.0) == done + done
    assert twin.receive(CALL, 0.0) == b""
    assert window(twin, 3)["clears"] == 2


def test_each_fault_of_a_card_is_to_be_heard_in_its_answer():
    right = bus().receive(CALL, 0.0)
    wrong = {}
    for fault in ("wrong_checksum", "wrong_address", "error"):
        twin = bus()
        twin.fault(fault, True)
        wrong[fault] = twin.receive(CALL, 0.0)
    assert wrong["wrong_checksum"][:-2] == right[:-2]
    assert wrong["wrong_checksum"] != right
    assert wrong["wrong_address"] == framed(bytes.fromhex("E8 32 02 7B 00 01 00 00 00 85"))
    assert wrong["error"] == framed(bytes.fromhex("E8 32 01 7B 01 01 00 00 00 85"))


def test_a_card_without_power_is_dark_and_has_forgotten_its_text():
    twin = bus()
    twin.receive(CALL, 0.0)
    lit = twin.picture()["window-3"]
    twin.press({"window": 3, "power": False}, 0.0)
    assert twin.receive(CALL, 0.0) == b""
    assert window(twin, 3)["text"] == ""
    assert twin.picture()["window-3"] != lit
    twin.press({"window": 3, "power": True}, 0.0)
    assert window(twin, 3)["text"] == ""
    with pytest.raises(ValueError, match="nothing to press"):
        twin.press({"window": 3, "key": "call"}, 0.0)
