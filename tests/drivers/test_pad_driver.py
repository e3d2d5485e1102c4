"""The serial pad: a grade counts only while somebody was asked."""

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drivers.pad_serial import PadOptions, PadSerial
from hallctl.core.effects import AskRating, EndRating, ExerciseDevice
from hallctl.core.reports import Rated, TestEnded
from hallctl.simulator.faults import LINE_FAULTS
from hallctl.simulator.twins.pad_serial import PadSerialTwin
from wired import Wired, named

ASK = AskRating(window=3, label="A001")


def pad():
    driver = PadSerial(PadOptions(window=3))
    driver.start(0.0)
    return driver


def asking():
    driver = pad()
    driver.perform(ASK, 1.0)
    return driver


def test_the_pad_is_asked_thanked_and_put_to_rest():
    driver = pad()
    assert driver.perform(ASK, 1.0).write == b"ASK A001\r\n"
    assert driver.perform(EndRating(window=3, thanks=True), 2.0).write == b"THANKS\r\n"
    assert driver.perform(EndRating(window=3, thanks=False), 2.0).write == b"IDLE\r\n"


def test_each_grade_is_reported():
    for grade in range(1, 6):
        reply = asking().receive(f"R{grade}\r\n".encode(), 2.0)
        assert reply.reports == (Rated(window=3, grade=grade),)


def test_without_a_question_there_is_no_grade():
    driver = pad()
    assert driver.receive(b"R5\r\n", 1.0).reports == ()
    driver.perform(ASK, 1.0)
    driver.perform(EndRating(window=3, thanks=False), 2.0)
    assert driver.receive(b"R5\r\n", 3.0).reports == ()


def test_only_the_first_grade_counts():
    driver = asking()
    assert driver.receive(b"R2\r\nR5\r\n", 2.0).reports == (Rated(window=3, grade=2),)
    assert driver.receive(b"R5\r\n", 2.0).reports == ()


def test_other_grades_and_words_are_no_grade():
    for line in (b"R0", b"R6", b"R", b"R55", b"r5", b"X5", b"R5 ", b"", b"R" * 500):
        assert asking().receive(line + b"\r\n", 2.0).reports == ()


def test_dirt_before_a_press_does_not_hide_it():
    reply = asking().receive(b"\xfe\x00R\x80R4\r\n", 2.0)
    assert reply.reports == (Rated(window=3, grade=4),)


def test_the_tail_of_an_endless_line_is_no_grade():
    driver = asking()
    driver.receive(b"\x00" * 10_000, 2.0)
    assert driver.receive(b"R5\r\n", 2.0).reports == ()
    assert len(driver.receive(b"R5\r\n", 2.0).reports) == 1


def test_a_pad_that_was_away_asks_again_or_rests():
    driver = asking()
    assert driver.start(5.0).write == b"ASK A001\r\n"
    driver.receive(b"R4\r\n", 6.0)
    assert driver.start(7.0).write == b"IDLE\r\n"


def test_another_windows_question_is_not_ours():
    assert pad().perform(AskRating(window=4, label="A001"), 1.0).write == b""


@given(st.text(max_size=100))
def test_no_label_can_end_the_line_or_begin_another(label):
    line = pad().perform(AskRating(window=3, label=label), 1.0).write
    assert line.startswith(b"ASK ")
    assert line.endswith(b"\r\n")
    assert len(line) <= 80
    assert not any(byte < 0x20 for byte in line[:-2])


@given(st.lists(st.integers(0, 40), max_size=8))
def test_a_grade_is_heard_in_any_fragments(cuts):
    wire, driver, heard = b"\x00\xff??\r\nR9\r\nR4\r\nR1\r\n", asking(), []
    marks = sorted({0, len(wire), *(cut for cut in cuts if cut < len(wire))})
    for begin, end in itertools.pairwise(marks):
        heard += driver.receive(wire[begin:end], 2.0).reports
    assert heard == [Rated(window=3, grade=4)]


# - the self-test


IMPOSSIBLE = {"slow": "it is asked nothing, so nobody knows when the face was pressed"}
"""Faults of a line that no self-test of such a pad can see, and why."""


def wire():
    return Wired(PadSerial(PadOptions(window=3)), PadSerialTwin({"window": 3}))


def resident(pair):
    """Presses a face while the keys are lit."""

    def act(asks):
        pair.run(0.1)
        if pair.line.twin.state()["asking"]:
            pair.press(grade=int(asks.step.removeprefix("face:")))

    return act


def test_each_face_is_asked_for_and_the_open_question_is_asked_again():
    pair = wire()
    pair.do(ASK)
    found = pair.selftest("interactive", person=resident(pair))
    passed = [x.step for x in found if x.result == "passed"]
    assert passed == ["wire", "face:5", "face:4", "face:3", "face:2", "face:1"]
    pair.run(1)
    assert pair.line.twin.state()["label"] == "A001"
    pair.press(grade=4)
    assert pair.heard(Rated) == [Rated(window=3, grade=4)]


def test_the_external_test_lights_the_pad_for_three_seconds():
    pair = wire()
    pair.do(ExerciseDevice(device="dut", level="external", texts=("测试",)))
    pair.run(1)
    assert pair.line.twin.state()["label"] == "测试"
    pair.until(lambda: pair.heard(TestEnded))
    pair.run(1)
    assert not pair.line.twin.state()["asking"]


@pytest.mark.parametrize("fault", [*LINE_FAULTS, *PadSerialTwin.FAULTS, "unplug"])
def test_the_self_test_names_each_fault_it_can_see(fault):
    pair = wire()
    pair.fault(fault)
    pair.run(1)
    found = pair.selftest("interactive", person=resident(pair))
    assert named(fault, found) == (fault not in IMPOSSIBLE)
