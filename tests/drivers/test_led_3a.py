"""The board of one number: its frames, which number it shows, and that it is told again."""

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drivers.led_3a import BoardOptions, NumberBoard
from hallctl.core.effects import EndExercise, ExerciseDevice, ShowStrip
from hallctl.core.reports import Condition, Fault, Finding, TestEnded
from hallctl.simulator.twins.led_3a import Led3aTwin
from wired import Wired, codes, named

RED_12 = bytes.fromhex("3A 01 0C 00 01 48 0A")
RED_0 = bytes.fromhex("3A 01 00 00 01 3C 0A")
RED_8888 = bytes.fromhex("3A 01 B8 22 01 16 0A")
FRAMES = {
    "3A 01 0C 00 01 48 0A": ("A012", {}),
    "3A 01 0C 00 01 0E 0A": ("A012", {"sum_from": "colour"}),
    "3A 01 00 0C 01 48 0A": ("A012", {"first_byte": "high"}),
    "3A 02 0C 00 01 49 0A": ("A012", {"colour": 2}),
    "3A 01 0F 27 01 72 0A": ("L9999", {}),
    "3A 01 0A 00 01 46 0A": ("A010", {}),
    "3A 01 3A 00 01 76 0A": ("A058", {}),
}


def show(*texts, state="call", window=3):
    return ShowStrip(window=window, state=state, texts=texts)


def board(**options):
    driver = NumberBoard(BoardOptions(window=3, **options))
    driver.start(0.0)
    return driver


def number(effect, **options):
    """The number a board shows for it."""
    return int.from_bytes(board(**options).perform(effect, 1.0).write[2:4], "little")


class Board(Wired):
    """A board at window 3 with its twin."""

    def __init__(self, **options):
        driver = NumberBoard(BoardOptions(window=3, **options))
        super().__init__(driver, Led3aTwin(driver.options.model_dump(mode="json")))
        self.twin = self.line.twin

    @property
    def strip(self):
        return self.twin.state()["windows"]["3"]


# - the frames


@pytest.mark.parametrize("frame", FRAMES)
def test_a_ticket_becomes_the_frame_of_the_description(frame):
    label, options = FRAMES[frame]
    assert board(**options).perform(show(label), 1.0).write.hex(" ").upper() == frame


@pytest.mark.parametrize("frame", FRAMES)
@pytest.mark.parametrize("sizes", [[1], [2, 5], [400]])
@pytest.mark.parametrize("dirt", [b"", b"\x3a\x01\x0c", RED_12[:6], b"\x3a" * 300, RED_12[::-1]])
def test_the_twin_reads_a_frame_behind_any_dirt_in_any_pieces(frame, sizes, dirt):
    label, options = FRAMES[frame]
    twin, size = Led3aTwin({"window": 3} | options), itertools.cycle(sizes)
    wire = dirt + bytes.fromhex(frame)
    while wire:
        step = next(size)
        assert twin.receive(wire[:step], 0.0) == b""
        wire = wire[step:]
    state = twin.state()
    assert state["windows"]["3"]["text"] == str(int(label[1:]))
    assert state["bad_count"] > 0 or not dirt


@given(
    st.integers(0, 9999),
    st.sampled_from(["low", "high"]),
    st.sampled_from(["begin", "colour"]),
    st.integers(1, 255),
)
def test_driver_and_twin_mean_the_same_number(shown, first_byte, sum_from, colour):
    options = {"first_byte": first_byte, "sum_from": sum_from, "colour": colour}
    twin = Led3aTwin({"window": 3} | options)
    twin.receive(board(**options).perform(show(f"L{shown}"), 1.0).write, 1.0)
    strip = twin.state()["windows"]["3"]
    assert (strip["text"], strip["colour"], strip["unknown"]) == (str(shown), colour, [])


def test_a_board_that_sums_otherwise_shows_nothing():
    twin = Led3aTwin({"window": 3, "sum_from": "colour"})
    twin.receive(RED_12, 0.0)
    assert twin.state()["windows"]["3"]["text"] == ""


def test_a_number_too_long_is_not_shown_by_the_twin():
    twin = Led3aTwin({"window": 3})
    twin.receive(bytes.fromhex("3A 01 10 27 01 73 0A"), 0.0)
    assert twin.state()["windows"]["3"]["unknown"] == ["3A 01 10 27 01 73 0A"]


# - which number


@pytest.mark.parametrize(
    ("texts", "shown"),
    [
        (("请A012号到3号窗口", "请A012号", "请A012"), 12),
        (("办理中综015", "综015"), 15),
        (("A012 to window 3", "A012"), 12),
        (("L1000",), 1000),
        (("L9999",), 9999),
    ],
)
@pytest.mark.parametrize("state", ["call", "serving"])
def test_the_number_is_that_of_the_ticket_called_or_served(texts, shown, state):
    assert number(show(*texts, state=state), idle=7) == shown


@pytest.mark.parametrize(
    "effect",
    [
        show("3号 综合", "3 综合", state="idle"),
        show("暂停服务", "暂停", state="pause"),
        show("12号窗口未开放", state="closed"),
        show("请测试", state="call"),
        show("L10000", state="call"),
        show("1" * 9000, state="call"),
        show(state="call"),
    ],
)
def test_without_a_ticket_the_idle_number_stands_there(effect):
    assert number(effect) == 0
    assert number(effect, idle=8000) == 8000


@given(st.text(max_size=60), st.sampled_from(["call", "serving"]))
def test_any_text_becomes_a_number_the_board_can_show(text, state):
    assert 0 <= number(show(text, state=state)) <= 9999


# - the wire


def test_a_board_is_told_nothing_before_the_hall_has_said_what_stands_there():
    reply = NumberBoard(BoardOptions(window=3)).start(0.0)
    assert (reply.write, reply.wake_at) == (b"", None)
    assert reply.reports == (Condition(part="state", state="unknown"),)


def test_the_number_is_sent_again_now_and_then():
    driver = board(repeat_s=4)
    assert driver.perform(show("A012"), 1.0).wake_at == 5.0
    assert driver.wake(4.0).write == b""
    reply = driver.wake(5.0)
    assert (reply.write, reply.wake_at) == (RED_12, 9.0)
    assert board(repeat_s=0).perform(show("A012"), 1.0).wake_at is None


def test_a_board_that_lost_its_power_shows_its_number_again():
    hall = Board()
    hall.do(show("A012"))
    hall.press(window=3, power=False)
    hall.press(window=3, power=True)
    assert hall.strip["text"] == ""
    hall.run(10)
    assert hall.strip["text"] == "12"


def test_a_wire_that_comes_back_brings_the_newest_number():
    hall = Board()
    hall.do(show("A012"))
    hall.fault("unplug")
    hall.run(1)
    hall.do(show("A013"))
    hall.fault("unplug", on=False)
    hall.run(40)
    assert hall.strip["text"] == "13"


def test_whatever_comes_from_a_board_is_one_fault_for_a_burst():
    driver = board()
    driver.perform(show("A012"), 1.0)
    said = [driver.receive(b"\x81", 1 + step / 100) for step in range(500)]
    assert [report for reply in said for report in reply.reports] == [
        Fault(code="garbage", evidence="81")
    ]
    assert driver.receive(RED_12, 20.0).write == b""


# - the self-test


def test_the_self_test_lights_every_segment_and_puts_the_number_back():
    hall = Board()
    hall.do(show("A012"))
    hall.do(ExerciseDevice(device="dut", level="external"))
    assert hall.strip["text"] == "8888"
    hall.do(show("A013"))
    assert hall.strip["text"] == "8888"
    hall.until(lambda: hall.heard(TestEnded))
    hall.run(1)
    assert hall.strip["text"] == "13"
    sent = RED_8888.hex(" ").upper()
    assert hall.heard(Finding)[-1] == Finding(
        step="show", result="untested", code="no_question", evidence=sent
    )


def test_the_internal_self_test_disturbs_nobody():
    hall = Board()
    hall.do(show("A012"))
    count = hall.strip["count"]
    assert codes(hall.selftest("internal")) == {"no_question"}
    assert (hall.strip["text"], hall.strip["count"]) == ("12", count)


def test_a_self_test_before_the_first_number_leaves_the_idle_one():
    driver = board()
    assert driver.selftest(ExerciseDevice(device="dut", level="external"), 1.0).write == RED_8888
    assert driver.wake(6.0).write == RED_0


def test_a_self_test_broken_off_puts_the_number_back_once():
    hall = Board()
    hall.do(show("A012"))
    hall.do(ExerciseDevice(device="dut", level="interactive"))
    hall.do(EndExercise(device="dut"))
    hall.turn()
    assert hall.strip["text"] == "12"
    assert hall.device.driver.end_selftest(hall.now).write == b""


def test_bytes_out_of_a_board_are_named_by_the_self_test():
    hall = Board()
    hall.fault("stale_byte")
    assert named("stale_byte", hall.selftest())


def test_options_are_checked():
    for wrong in ({"idle": 10000}, {"colour": 0}, {"sum_from": "end"}, {"text": "x"}):
        with pytest.raises(ValueError, match=next(iter(wrong))):
            BoardOptions(window=3, **wrong)
