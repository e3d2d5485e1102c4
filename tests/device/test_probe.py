"""The probe tells from a device's answers what is wrong with its line."""

import pytest

from hallctl.probe import Probe, Question

TWO = [Question("answer:1", b"Q1"), Question("answer:2", b"Q2")]


class Device:
    """Answers to be, told by the test; `asked` is what was written."""

    def __init__(self, questions=TWO, **more):
        self.probe = Probe(questions, **more)
        self.now = 100.0
        self.asked = []
        self.found = []
        self.due = 0.0
        self.take(self.probe.begin(self.now))

    def take(self, reply):
        if reply.write:
            self.asked.append(reply.write)
        self.found += reply.reports
        self.due = reply.wake_at or self.due

    def listened(self):
        self.now = self.due
        self.take(self.probe.wake(self.now))

    def answer(self, frame=b"ANSWER", pieces=1, after_s=0.1):
        self.now += after_s
        for _ in range(pieces):
            self.probe.piece(frame[: len(frame) // pieces])
        self.take(self.probe.answered(frame, self.now))

    def codes(self):
        return [(f.step, f.result, f.code) for f in self.found]


def test_questions_are_asked_one_after_the_other_and_each_has_its_finding():
    device = Device()
    assert device.asked == []  # it listens first
    device.listened()
    assert device.asked == [b"Q1"]
    device.answer()
    assert device.asked == [b"Q1", b"Q2"]
    device.answer()
    assert device.codes() == [("answer:1", "passed", ""), ("answer:2", "passed", "")]
    assert "41 4E" in device.found[0].evidence
    assert not device.probe.running


def test_an_answer_that_never_comes_is_silence_and_the_next_is_asked():
    device = Device()
    device.listened()
    device.listened()
    assert device.codes() == [("answer:1", "failed", "silence")]
    assert device.asked[-1] == b"Q2"


def test_a_late_answer_is_slow():
    device = Device(TWO[:1])
    device.listened()
    device.answer(after_s=0.6)
    assert device.codes() == [("answer:1", "failed", "slow")]


def test_bytes_before_the_first_question_are_stale():
    device = Device(TWO[:1])
    device.probe.piece(b"\x12")
    device.listened()
    device.answer()
    assert device.codes() == [("quiet", "failed", "stale_byte"), ("answer:1", "passed", "")]


@pytest.mark.parametrize(
    ("dirt", "alone", "beside"),
    [
        ("garbage", "garbage", "noise"),
        ("bad_checksum", "wrong_checksum", "wrong_checksum"),
        ("other_address", "wrong_address", ""),
    ],
)
def test_dirt_is_named_by_what_came_with_it(dirt, alone, beside):
    device = Device()
    device.listened()
    getattr(device.probe, dirt)(b"\xff")
    device.listened()
    getattr(device.probe, dirt)(b"\xff")
    device.answer()
    assert [f.code for f in device.found] == [alone, beside]


def test_an_answer_in_single_bytes_passes_and_is_mentioned():
    device = Device(TWO[:1])
    device.listened()
    device.answer(b"ABCDEF", pieces=6)
    assert device.codes() == [("answer:1", "passed", "byte_by_byte")]


def test_dirt_of_one_question_does_not_stain_the_next():
    device = Device()
    device.listened()
    device.probe.garbage(b"\xff")
    device.answer()
    device.answer()
    assert [f.code for f in device.found] == ["noise", ""]


def test_answers_that_come_when_nothing_is_asked_change_nothing():
    device = Device(TWO[:1])
    device.take(device.probe.answered(b"ANSWER", device.now))
    assert device.found == []
    device.listened()
    device.answer()
    device.answer()
    assert device.codes() == [("answer:1", "passed", "")]


def test_a_stopped_probe_asks_and_finds_no_more():
    device = Device()
    device.listened()
    device.probe.stop()
    device.answer()
    device.take(device.probe.wake(device.now + 10))
    assert device.found == []
    assert device.asked == [b"Q1"]
