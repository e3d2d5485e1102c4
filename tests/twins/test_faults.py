"""A bad line around a twin: each fault does what its name says, the same in every run."""

import pytest

from hallctl.simulator.faults import LINE_FAULTS, FaultyLine
from hallctl.simulator.twins.base import Twin

ANSWER = b"\x01\x02\x03\x04\x05\x06"


class Parrot(Twin):
    """Answers everything with the same six bytes, and says `hello`, `key` and `tick` by itself."""

    FAULTS = ("noise", "moody")

    def __init__(self):
        super().__init__({})
        self.got = b""
        self.ticks = b""

    def opened(self, now):
        return b"hello"

    def receive(self, data, now):
        self.got += data
        return ANSWER

    def press(self, what, now):
        return b"key"

    def wake(self, now):
        said, self.ticks = self.ticks, b""
        return said


def line(*faults, seed=0):
    made = FaultyLine(Parrot(), seed=seed)
    for fault in faults:
        made.fault(fault, True)
    return made


def later(made, seconds, since=0.0):
    """What comes in that time, piece by piece, 20 turns a second."""
    turns = range(1, round(seconds * 20) + 1)
    return [said for turn in turns if (said := made.wake(since + turn / 20))]


def test_a_good_line_passes_everything_on_at_once():
    good = line()
    good.twin.ticks = b"tick"
    assert good.opened(0.0) == b"hello"
    assert good.receive(b"question", 0.0) == ANSWER
    assert good.press({}, 0.0) == b"key"
    assert good.wake(0.0) == b"tick"
    assert good.twin.got == b"question"
    assert good.faults == set()


def test_silence_hears_and_never_speaks():
    dead = line("silence")
    dead.twin.ticks = b"tick"
    said = [dead.opened(0.0), dead.receive(b"question", 0.0), dead.press({}, 0.0)]
    assert said == [b"", b"", b""]
    assert later(dead, 3) == []
    assert dead.twin.got == b"question"


def test_slow_speaks_seven_tenths_of_a_second_late_and_in_order():
    late = line("slow")
    assert late.receive(b"?", 0.0) == b""
    assert late.press({}, 0.1) == b""
    assert later(late, 0.65) == []
    assert b"".join(later(late, 0.3, since=0.65)) == ANSWER + b"key"


def test_what_comes_after_a_fault_is_gone_does_not_overtake_what_is_still_on_its_way():
    late = line("slow")
    late.receive(b"?", 0.0)
    late.fault("slow", False)
    assert late.press({}, 0.1) == b""
    assert b"".join(later(late, 1)) == ANSWER + b"key"
    assert late.press({}, 2.0) == b"key"


@pytest.mark.parametrize(("sent", "arrives"), [(b"abcdef", b"abc"), (b"abc", b"ab"), (b"a", b"a")])
def test_short_write_loses_the_second_half_of_each_piece(sent, arrives):
    short = line("short_write")
    assert short.receive(sent, 0.0) == ANSWER
    assert short.twin.got == arrives


def test_stale_bytes_come_unasked_and_beside_the_answers():
    stray = line("stale_byte")
    assert later(stray, 0.1) == [b"\x81", b"\x81"]
    assert stray.receive(b"?", 0.2) == ANSWER


def test_garbage_is_as_long_as_what_was_said_and_nothing_of_it():
    broken = line("garbage")
    said = broken.receive(b"?", 0.0)
    assert len(said) == len(ANSWER)
    assert all(byte >= 0x80 for byte in said)


def test_noise_puts_dirt_before_and_behind_and_leaves_the_answer_whole():
    dirty = line("noise")
    said = dirty.receive(b"?", 0.0)
    assert said[3:-3] == ANSWER
    assert all(byte >= 0x80 for byte in said[:3] + said[-3:])
    assert dirty.twin.faults == set(), "the twin's own switch of that name is not needed"


def test_byte_by_byte_gives_one_byte_a_turn():
    drop = line("byte_by_byte")
    assert drop.receive(b"?", 0.0) == b""
    assert later(drop, 1) == [bytes([byte]) for byte in ANSWER]


@pytest.mark.parametrize("fault", LINE_FAULTS)
def test_the_same_seed_is_the_same_dirt(fault):
    def story(seed):
        made = line(fault, seed=seed)
        return [made.receive(b"?", 0.0), made.press({}, 0.0), *later(made, 2)]

    assert story(7) == story(7)


@pytest.mark.parametrize("fault", ["garbage", "noise"])
def test_another_seed_is_other_dirt(fault):
    assert line(fault, seed=1).receive(b"?", 0.0) != line(fault, seed=2).receive(b"?", 0.0)


@pytest.mark.parametrize("fault", LINE_FAULTS)
def test_a_fault_that_is_over_leaves_nothing_behind(fault):
    made = line(fault)
    made.receive(b"?", 0.0)
    made.fault(fault, False)
    later(made, 2)
    assert made.receive(b"whole", 3.0) == ANSWER
    assert made.twin.got.endswith(b"whole")
    assert later(made, 2, since=3.0) == []


def test_what_was_on_its_way_is_gone_when_the_line_is_opened_anew():
    late = line("slow")
    late.receive(b"?", 0.0)
    late.fault("slow", False)
    assert late.opened(0.1) == b"hello"
    assert later(late, 2) == []


def test_faults_of_the_line_and_of_the_twin_have_one_list_and_one_switch():
    made = line("silence", "moody")
    assert made.names == (*LINE_FAULTS, "moody")
    assert made.faults == {"silence", "moody"}
    before = made.twin.changed
    made.fault("silence", False)
    assert made.twin.changed > before, "who looks at the twin sees the switch"
    with pytest.raises(ValueError, match="fire"):
        made.fault("fire", True)
