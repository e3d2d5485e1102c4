"""The strip of plain lines: its frames, its marks, what it reads from answers."""

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drivers.led_ascii import AsciiStripOptions, LedAscii, make_line
from hallctl.core.effects import ShowStrip
from hallctl.core.reports import Condition, Fault
from hallctl.protocols.crc import crc16_modbus

WRITE_A001 = b"@03|W|A001*FD3D\r\n"
ASK = b"@03|Q*171E\r\n"
DONE_17 = b"@03|OK|17*549C\r\n"


def show(*texts, window=5, state="call"):
    return ShowStrip(window=window, state=state, texts=texts)


def strip(**options):
    """A driver whose one strip has answered."""
    driver = LedAscii(AsciiStripOptions(**({"strips": {3: 5}} | options)))
    driver.start(0.0)
    driver.receive(DONE_17, 0.1)
    return driver


def sent(text, **options):
    return strip(columns=32, **options).perform(show(text), 1.0).write


def test_lines_are_those_of_the_protocol():
    assert LedAscii(AsciiStripOptions(strips={3: 5})).start(0.0).write == ASK
    assert sent("A001") == WRITE_A001
    assert make_line(3, b"OK|17") == DONE_17


@given(st.text(max_size=60))
def test_no_text_can_hold_a_mark_of_the_frame(text):
    line = sent(text)
    body, _, check = line[1:-2].rpartition(b"*")
    assert int(check, 16) == crc16_modbus(body)
    address, word, shown = body.split(b"|", 2)
    assert (address, word) == (b"03", b"W")
    assert not set(shown.decode("gb18030")) & set("@|*\r\n")


def test_marks_are_shown_in_their_full_width():
    assert "a＠b｜c＊d".encode("gb18030") in sent("a@b|c*d")


def test_a_strip_that_lost_its_text_is_written_again():
    driver = strip()
    driver.perform(show("A001"), 1.0)
    driver.receive(make_line(3, b"OK|18"), 1.1)
    assert driver.wake(11.2).write == ASK
    assert driver.receive(make_line(3, b"OK|18"), 11.3).write == b""
    assert driver.wake(21.4).write == ASK
    assert driver.receive(make_line(3, b"OK|0"), 21.5).write == WRITE_A001


def test_a_refusal_is_a_fault_and_after_three_the_strip_is_in_error():
    driver, said = strip(), []
    driver.perform(show("A001"), 1.0)
    for at in range(3):
        said += driver.receive(make_line(3, b"ER|busy"), 1.1 + at / 10).reports
    said += driver.wake(2.0).reports
    assert [type(report) for report in said] == [Condition, Fault]
    assert (said[0].part, said[0].state, said[1].code) == ("strip:3", "error", "refused")


@pytest.mark.parametrize("sizes", [[1], [2, 5], [400]])
@pytest.mark.parametrize("dirt", [b"", b"@03|O", b"*\n\x00@", b"\xff" * 300, b"@03|OK|9*0000\r\n"])
def test_an_answer_is_heard_behind_any_dirt_in_any_pieces(dirt, sizes):
    driver, size = strip(), itertools.cycle(sizes)
    driver.perform(show("A1"), 1.0)
    driver.perform(show("A001"), 1.0)
    wire, written = dirt + make_line(3, b"OK|18"), b""
    while wire:
        step = next(size)
        written += driver.receive(wire[:step], 1.1).write
        wire = wire[step:]
    assert written == WRITE_A001


def test_our_own_line_heard_back_is_neither_answer_nor_dirt():
    driver = strip()
    driver.perform(show("A001"), 1.0)
    assert driver.receive(WRITE_A001, 1.1).reports == ()
    assert driver.wake(1.5).reports == ()
    assert driver.wake(2.0).write == WRITE_A001


def test_addresses_have_two_figures():
    with pytest.raises(ValueError, match="strips"):
        AsciiStripOptions(strips={100: 1})
