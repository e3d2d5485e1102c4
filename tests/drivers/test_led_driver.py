"""The C-Power strip: the vector of its manual, what fits, pages, redraw."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drivers.led_cpower import LedCpower, LedOptions, escape, make_frame, pages, unescape
from hallctl.core.effects import ShowStrip
from hallctl.core.reports import Condition, Fault

VECTOR = bytes.fromhex(
    "A5 68 32 01 7B 01 18 00 00 00 85 00 00 00 01 01 01 20 C7 EB 41 30 30 31 B5 BD 33 BA C5 "
    "B4 B0 BF DA 00 7C 0A AE"
)
CLEAR = bytes.fromhex("A5 68 32 01 7B 01 04 00 00 00 07 00 00 00 22 01 AE")


def strip(**options):
    driver = LedCpower(LedOptions(**({"strips": {1: 3}} | options)))
    driver.start(0.0)
    return driver


def show(*texts, window=3):
    return ShowStrip(window=window, state="call", texts=texts)


def text_of(frame):
    body = unescape(frame[1:-1])
    return body[17:-3].decode("gb18030")


def test_the_frame_is_that_of_the_manual():
    assert strip().perform(show("请A001到3号窗口"), 0.0).write == VECTOR
    assert make_frame(1, b"\x07\x00\x00\x00", ack=True) == CLEAR


def test_the_longest_text_that_fits_is_shown():
    texts = ("请A001号到3号窗口办理", "请A001号", "A001")
    assert text_of(strip(columns=8).perform(show(*texts), 0.0).write) == "请A001号"
    assert text_of(strip(columns=11).perform(show(*texts), 0.0).write) == texts[0]
    assert text_of(strip(columns=2).perform(show(*texts), 0.0).write) == "A001"


def test_a_text_that_never_fits_is_paged_every_three_seconds():
    driver = strip(columns=2)
    first = driver.perform(show("暂停服务中"), 10.0)
    assert (text_of(first.write), first.wake_at) == ("暂停", 13.0)
    assert driver.wake(12.0).write == b""
    assert text_of(driver.wake(13.0).write) == "服务"
    assert text_of(driver.wake(16.0).write) == "中"
    assert text_of(driver.wake(19.0).write) == "暂停"
    driver.perform(show("好"), 20.0)
    assert (driver.wake(22.0).write, driver.wake(22.0).wake_at) == (b"", None)


def test_a_strip_that_was_away_is_drawn_again():
    driver = strip(strips={1: 3, 2: 4})
    frames = driver.perform(show("请A001"), 0.0).write
    frames += driver.perform(show("综合", window=4), 0.0).write
    assert driver.start(9.0).write == frames


def test_only_the_windows_own_card_is_addressed():
    driver = strip(strips={1: 3, 5: 4})
    assert driver.perform(show("好", window=4), 0.0).write[3] == 5
    assert driver.perform(show("好", window=9), 0.0).write == b""
    assert driver.windows() == (3, 4)


def test_marks_of_begin_and_end_never_travel_inside():
    text = "イ" * 3 + "ギ" + "い"  # A5 A4, A5 AE ... : kana begin with A5 or A4 in GB2312
    frame = strip(columns=20).perform(show(text), 0.0).write
    assert frame[1:-1].count(0xA5) == 0
    assert frame[1:-1].count(0xAE) == 0
    assert text_of(frame) == text


@given(st.binary(max_size=200))
def test_escaping_is_undone_by_unescaping(body):
    wire = escape(body)
    assert not {0xA5, 0xAE} & set(wire)
    assert unescape(wire) == body


@given(st.text(max_size=40), st.integers(1, 12))
def test_any_text_gives_a_frame_without_controls(text, columns):
    frame = strip(columns=columns).perform(show(text), 0.0).write
    shown = unescape(frame[1:-1])[17:-3]
    assert all(byte >= 0x20 for byte in shown)
    shown.decode("gbk")


@given(st.text(alphabet="请A0号窗口综", min_size=1, max_size=60), st.integers(1, 9))
def test_pages_lose_nothing_and_fit(text, columns):
    found = list(pages(text, columns))
    assert "".join(found) == text
    assert all(sum(1 if c.isascii() else 2 for c in page) <= 2 * columns for page in found)


def test_a_silent_card_is_unknown_and_an_answer_makes_it_ready():
    driver = LedCpower(LedOptions(strips={1: 3}))
    assert driver.start(0.0).reports == (Condition(part="state", state="unknown"),)
    answer = bytes.fromhex("E8 32 01 7B 00")
    answer += sum(answer).to_bytes(2, "little")
    wire = b"\xa5" + escape(answer) + b"\xae"
    said = [driver.receive(wire[at : at + 1], 1.0).reports for at in range(len(wire))]
    assert [(r.part, r.state) for reports in said for r in reports] == [("state", "ready")]
    assert driver.receive(wire, 2.0).reports == ()


def test_our_own_frames_heard_back_prove_nothing():
    assert strip().receive(VECTOR, 1.0).reports == ()


def test_garbage_is_one_fault():
    driver = strip()
    assert [type(r) for r in driver.receive(b"\xa5\x00\x01\xae\xa5\x02\xae", 1.0).reports] == [
        Fault
    ]


def test_options_keep_the_limits_of_the_manual():
    with pytest.raises(ValueError, match="program"):
        LedOptions(strips={1: 1}, program=101)
