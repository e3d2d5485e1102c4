"""The C-Power strip: the vectors of its manuals, its answers, its options."""

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drivers.led_cpower import (
    LedCpower,
    LedOptions,
    enclosed,
    escape,
    external_call,
    unescape,
)
from hallctl.core.effects import ShowStrip
from hallctl.core.reports import Condition, Fault
from hallctl.simulator.twins.led_cpower import LedCpowerTwin
from wired import Wired

VECTOR = bytes.fromhex(
    "A5 68 32 01 7B 01 18 00 00 00 85 00 00 00 01 01 01 20 C7 EB 41 30 30 31 B5 BD 33 BA C5 "
    "B4 B0 BF DA 00 7C 0A AE"
)
CLEAR = bytes.fromhex("A5 68 32 01 7B 01 04 00 00 00 07 00 00 00 22 01 AE")
QUERY = bytes.fromhex("A5 68 32 01 76 01 01 13 01 AE")
OPEN = bytes.fromhex("A5 68 32 01 76 01 00 01 00 00 00 00 00 00 00 13 01 AE")
CLOSE = bytes.fromhex("A5 68 32 01 76 01 00 00 00 00 00 00 00 00 00 12 01 AE")
QUERIED = bytes.fromhex("A5 E8 32 01 76 01 01 00 00 00 00 00 00 00 93 01 AE")
"""Seen on the line of a card that was on."""
NET_DONE = bytes.fromhex("FF FF FF FF 0C 00 00 00 E8 32 01 7B 00 01 00 00 00 02 99 01")
"""Seen on the network, after a command 02."""


def show(*texts, window=3, state="call"):
    return ShowStrip(window=window, state=state, texts=texts)


def one(**options):
    """A card that only listens, so that nothing but the text goes out."""
    driver = LedCpower(LedOptions(**({"strips": {1: 3}, "ack": False} | options)))
    driver.start(0.0)
    return driver


def text_of(frame):
    return unescape(frame[1:-1])[17:-3].decode("gb18030")


def wired(**options):
    options = {"strips": {1: 3, 2: 4}} | options
    twin = LedCpowerTwin(LedOptions(**options).model_dump(mode="json"))
    return Wired(LedCpower(LedOptions(**options)), twin), twin


def test_frames_are_those_of_the_manuals():
    driver = LedCpower(LedOptions(strips={1: 3}, off_when_closed=True))
    assert driver.start(0.0).write == QUERY
    assert driver.receive(QUERIED, 0.1).write == b""
    assert driver.perform(show("请A001到3号窗口"), 0.2).write == OPEN
    assert driver.receive(QUERIED, 0.3).write == VECTOR
    assert enclosed(external_call(1, b"\x07\x00\x00\x00", ack=True)) == CLEAR


def test_a_card_that_is_not_asked_to_answer_gets_its_text_at_once():
    frame = one().perform(show("请A001到3号窗口"), 0.0).write
    assert unescape(frame[1:-1])[5] == 0x18
    assert (frame[5], text_of(frame)) == (0, "请A001到3号窗口")


def test_the_brightness_is_set_after_every_start():
    driver = one(brightness=12)
    (level,) = {driver.start(float(n)).write for n in range(2)}
    body = unescape(level[1:-1])
    assert body[:-2] == bytes((0x68, 0x32, 1, 0x46, 0, 0)) + bytes((12,)) * 24
    text = driver.perform(show("好"), 3.0).write
    assert driver.start(4.0).write == text + level
    pair, twin = wired(brightness=12)
    pair.run(1)
    assert twin.state()["windows"]["4"]["brightness"] == [12] * 24


def test_a_card_that_does_not_know_the_brightness_still_shows_its_text():
    pair, twin = wired(brightness=12)
    obey = twin._obey
    twin._obey = lambda strip, command, packet: (
        b"" if command == 0x46 else obey(strip, command, packet)
    )
    pair.fault("unplug")
    pair.run(1)
    pair.fault("unplug", on=False)
    pair.do(show("请A001"))
    pair.run(60)
    assert twin.state()["windows"]["3"]["text"] == "请A001"
    assert [r.state for r in pair.heard(Condition) if r.part == "strip:1"][-1] == "ready"
    assert "silent" not in {r.state for r in pair.heard(Condition)}


def test_a_closed_windows_strip_goes_dark_if_the_hall_wants_it():
    pair, twin = wired(off_when_closed=True)
    pair.do(show("窗口未开放", state="closed"))
    pair.run(1)
    assert twin.state()["windows"]["3"]["text"] == ""
    driver = LedCpower(LedOptions(strips={1: 3}, off_when_closed=True))
    driver.start(0.0)
    driver.receive(QUERIED, 0.1)
    assert driver.perform(show("窗口未开放", state="closed"), 0.2).write == CLOSE
    pair.do(show("请A001"))
    pair.run(1)
    assert twin.state()["windows"]["3"]["text"] == "请A001"


def test_the_network_form_is_that_seen_on_the_network():
    pair, twin = wired(tcp_prefix=True)
    pair.do(show("请A001"))
    pair.run(1)
    assert twin.state()["windows"]["3"]["text"] == "请A001"
    assert enclosed(bytes.fromhex("E8 32 01 7B 00 01 00 00 00 02"), tcp_prefix=True) == NET_DONE
    driver = LedCpower(LedOptions(strips={1: 3}, tcp_prefix=True))
    driver.start(0.0)
    wire = b"\xff\x00\xff\xff" + NET_DONE
    driver.perform(show("好"), 0.0)
    driver.wake(1.1)  # the query's time is over: the text is under way
    said = [r for at in range(len(wire)) for r in driver.receive(wire[at : at + 1], 1.2).reports]
    assert [(r.part, r.state) for r in said] == [("strip:1", "ready"), ("state", "ready")]


def test_marks_of_begin_and_end_never_travel_inside():
    text = "イ" * 3 + "ギ" + "い"  # A5 A4, A5 AE ... : kana begin with A5 or A4 in GB2312
    frame = one(columns=20).perform(show(text), 0.0).write
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
    frame = one(columns=columns).perform(show(text), 0.0).write
    shown = unescape(frame[1:-1])[17:-3]
    assert all(byte >= 0x20 for byte in shown)
    shown.decode("gbk")


def test_our_own_frames_heard_back_prove_nothing():
    driver = LedCpower(LedOptions(strips={1: 3}))
    driver.start(0.0)
    assert driver.receive(QUERY + VECTOR, 0.1).reports == ()
    assert driver.wake(0.5).reports == ()


@pytest.mark.parametrize("sizes", [[1], [3, 1], [100]])
def test_what_is_no_answer_is_one_fault_in_any_pieces(sizes):
    driver, said = LedCpower(LedOptions(strips={1: 3})), []
    driver.start(0.0)
    wire = b"\x31\xa5\x00\x01\xae\xa5" + QUERIED[:-2] + b"\x77\xae" + b"\xa5\x02\xae"
    size = itertools.cycle(sizes)
    while wire:
        step = next(size)
        said += driver.receive(wire[:step], 0.1).reports
        wire = wire[step:]
    said += driver.wake(0.9).reports
    assert said == [Fault(code="garbage", evidence=said[0].evidence)]
    assert said[0].evidence.startswith("31 A5 00 01 AE A5")


def test_a_card_without_its_template_refuses_and_is_said_to_be_in_error():
    pair, twin = wired()
    twin.fault("error", True)
    pair.do(show("请A001"))
    pair.run(20)
    states = [(r.part, r.state) for r in pair.heard(Condition)]
    assert ("strip:1", "error") in states
    assert ("strip:2", "error") not in states
    assert "refused" in {r.code for r in pair.heard(Fault)}
    twin.fault("error", False)
    pair.run(20)
    assert twin.state()["windows"]["3"]["text"] == "请A001"
    assert [r.state for r in pair.heard(Condition) if r.part == "strip:1"][-1] == "ready"


def test_options_keep_the_limits_of_the_manual():
    for wrong in ({"program": 101}, {"brightness": 32}, {"strips": {255: 1}}):
        with pytest.raises(ValueError, match=next(iter(wrong))):
            LedOptions(**({"strips": {1: 1}} | wrong))
