"""The Modbus strip: the register map, its checksum, what it reads from answers."""

import itertools

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from drivers.led_modbus import LedModbus, ModbusStripOptions, make_frame
from hallctl.core.effects import ShowStrip
from hallctl.core.reports import Condition, Fault
from hallctl.protocols.crc import crc16_modbus

WRITE_A1 = bytes.fromhex("03 10 00 00 00 25 4A 00 02 00 01 00 00 00 01 00 02 41 31") + bytes(62)
WRITE_A1 += bytes.fromhex("CC 90")
WRITTEN = bytes.fromhex("03 10 00 00 00 25 00 30")
CHECK = bytes.fromhex("03 03 00 00 00 05 84 2B")


def show(*texts, window=5, state="call"):
    return ShowStrip(window=window, state=state, texts=texts)


def holds(count):
    """The answer to a check."""
    return make_frame(3, bytes((3, 10, 0, 2, 0, count, 0, 0, 0, 1, 0, 2)))


def strip(**options):
    """A driver whose one strip has answered."""
    driver = LedModbus(ModbusStripOptions(**({"strips": {3: 5}} | options)))
    driver.start(0.0)
    driver.receive(holds(0), 0.1)
    return driver


def then(driver, data, now):
    """What is sent after it was heard, and the pause that parts two frames."""
    assert driver.receive(data, now).write == b""
    assert driver.wake(now + 0.003).write == b""
    return driver.wake(now + 0.006).write


def sent(texts, **options):
    return strip(**options).perform(show(*texts), 1.0).write


def test_the_checksum_is_that_of_modbus():
    assert crc16_modbus(b"123456789") == 0x4B37
    for frame in ("01 03 00 00 00 0A C5 CD", "11 03 00 6B 00 03 76 87"):
        assert make_frame(int(frame[:2], 16), bytes.fromhex(frame[3:-6])) == bytes.fromhex(frame)


def test_a_text_is_one_write_of_all_registers():
    assert sent(["A1"]) == WRITE_A1


@pytest.mark.parametrize(
    ("state", "number"), [("idle", 1), ("call", 2), ("pause", 3), ("closed", 3), ("serving", 4)]
)
def test_the_state_stands_in_register_0_and_nothing_ever_flashes(state, number):
    frame = strip().perform(show("好", state=state), 1.0).write
    assert frame[7:9] == bytes((0, number))
    assert frame[11:13] == b"\x00\x00"


def test_the_colour_is_the_makers_number():
    assert sent(["好"], colour=7)[13:15] == b"\x00\x07"


def test_the_count_goes_up_with_every_text_and_never_is_nought():
    driver = strip()
    driver._count[3] = 0xFFFE
    counts = []
    for at, text in enumerate("甲乙丙"):
        counts.append(driver.perform(show(text), at + 1.0).write[9:11].hex())
        driver.receive(WRITTEN, at + 1.1)
    assert counts == ["ffff", "0001", "0002"]


@given(st.text(max_size=80), st.integers(1, 32))
@settings(deadline=None)
def test_no_text_outgrows_its_registers(text, columns):
    frame = sent([text], columns=columns)
    assert len(frame) == len(WRITE_A1)
    length = int.from_bytes(frame[15:17], "big")
    assert length <= min(64, 2 * columns)
    assert frame[17 : 17 + length].decode("gb18030").encode("gb18030") == frame[17 : 17 + length]


def test_a_strip_wider_than_the_registers_is_refused():
    with pytest.raises(ValueError, match="columns"):
        ModbusStripOptions(strips={1: 1}, columns=33)


def test_a_strip_that_lost_its_text_is_written_again():
    driver = strip()
    driver.perform(show("A1"), 1.0)
    driver.receive(WRITTEN, 1.1)
    assert driver.wake(11.2).write == CHECK
    assert then(driver, holds(1), 11.3) == b""
    assert driver.wake(21.4).write == CHECK
    assert then(driver, holds(0), 21.5)[1:9] == WRITE_A1[1:9]


def test_a_refusal_is_a_fault_and_after_three_the_strip_is_in_error():
    driver, said = strip(), []
    driver.perform(show("A1"), 1.0)
    refusal = make_frame(3, b"\x90\x04")
    for at in range(3):
        said += driver.receive(refusal, 1.1 + at / 10).reports
        again = driver.wake(1.15 + at / 10)
        said += again.reports
    said += driver.wake(2.0).reports
    shown = refusal.hex(" ").upper()
    error = Condition(part="strip:3", state="error", evidence=shown)
    assert said == [error, Fault(code="refused", evidence=(refusal * 3).hex(" ").upper())]
    assert again.write == b""


@pytest.mark.parametrize("sizes", [[1], [2, 5], [200]])
@pytest.mark.parametrize("dirt", [b"", b"\x03\x10\x00", b"\x00\xff\x90\x83", WRITTEN[:-1]])
def test_an_answer_is_heard_behind_any_dirt_in_any_pieces(dirt, sizes):
    driver, size = strip(), itertools.cycle(sizes)
    driver.perform(show("A1"), 1.0)
    driver.perform(show("A2"), 1.0)
    wire = dirt + WRITTEN
    while wire:
        step = next(size)
        driver.receive(wire[:step], 1.1)
        wire = wire[step:]
    assert then(driver, b"", 1.1)[17:19] == b"A2"


def test_our_own_request_heard_back_is_neither_answer_nor_dirt():
    driver = strip()
    driver.perform(show("A1"), 1.0)
    assert driver.receive(WRITE_A1, 1.1) == driver.receive(b"", 1.1)
    assert driver.wake(1.5).reports == ()
    assert driver.wake(2.0).write == WRITE_A1[:9] + b"\x00\x02" + WRITE_A1[11:-2] + driver_crc(2)


def driver_crc(count):
    """The check of the same text as the `count`th."""
    return crc16_modbus(WRITE_A1[:9] + bytes((0, count)) + WRITE_A1[11:-2]).to_bytes(2, "little")
