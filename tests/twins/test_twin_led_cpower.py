"""The LED strips' twin against the vectors of domain.md 3.4."""

import io

from PIL import Image

from hallctl.simulator.twins.led_cpower import LedCpowerTwin

CALL = bytes.fromhex(
    "A5 68 32 01 7B 01 18 00 00 00 85 00 00 00 01 01 01 20"
    "C7 EB 41 30 30 31 B5 BD 33 BA C5 B4 B0 BF DA 00 7C 0A AE"
)
CLEAR = bytes.fromhex("A5 68 32 01 7B 01 04 00 00 00 07 00 00 00 22 01 AE")


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
    assert twin.receive(CALL, 0.0) == framed(bytes.fromhex("E8 32 01 7B 00"))
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
    twin.fault("mute", True)
    assert twin.receive(text_frame(2, "好", ack=1), 0.0) == b""


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
    twin.receive(framed(bytes.fromhex("68 32 01 76 00 01")), 0.0)
    assert len(window(twin, 3)["unknown"]) == 2


def test_what_does_not_fit_is_cut_and_said():
    twin = bus(columns=4)
    twin.receive(text_frame(1, "暂停服务"), 0.0)
    assert not window(twin, 3)["overflow"]
    twin.receive(text_frame(1, "暂停服务1"), 0.0)
    assert window(twin, 3)["overflow"]


def test_deaf_cards_take_nothing():
    twin = bus()
    twin.fault("deaf", True)
    twin.receive(CALL, 0.0)
    assert window(twin, 3)["count"] == 0


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
