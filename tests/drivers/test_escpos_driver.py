"""The conversation with the printer: asked, then sent, then believed only behind the fence."""

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from drivers.escpos import FENCE, EscposOptions, EscposPrinter
from hallctl.core.effects import DropSlip, ExerciseDevice, PrintSlip, SendSlip
from hallctl.core.reports import Condition, Fault, SlipDoubtful, SlipHeld, SlipPrinted, SlipReady
from hallctl.core.slip import Line, Slip

SLIP = Slip(parts=(Line("您的号码"), Line("A001", scale=4)))
OK = {1: 0x12, 2: 0x12, 3: 0x12, 4: 0x12}
OUT = {1: 0x1A, 2: 0x32, 3: 0x12, 4: 0x7E}
LOW = OK | {4: 0x1E}
OPEN = {1: 0x1A, 2: 0x16, 3: 0x12, 4: 0x12}
BROKEN = {1: 0x1A, 2: 0x52, 3: 0x1A, 4: 0x12}
FEEDING = OK | {1: 0x1A}


class Bench:
    """A driver and, at the other end, a printer that answers from a table. Time is a number."""

    def __init__(self, answers=OK, fence=0x00, **options):
        self.driver = EscposPrinter(EscposOptions(**options))
        self.answers, self.fence = dict(answers), fence
        self.now, self.wake_at = 100.0, None
        self.reports, self.wire = [], b""

    def take(self, reply):
        if reply.wake_at is not None:
            self.wake_at = reply.wake_at
        self.reports += reply.reports
        self.wire += reply.write
        if reply.write[:2] == b"\x10\x04":
            answer = self.answers.get(reply.write[2])
            if answer is not None:
                self.take(self.driver.receive(bytes((answer,)), self.now))
        elif reply.write.endswith(FENCE) and self.fence is not None:
            self.take(self.driver.receive(bytes((self.fence,)), self.now))

    def start(self):
        self.take(self.driver.start(self.now))
        return self

    def ask(self, job="j1"):
        self.take(self.driver.perform(PrintSlip(printer="p", job=job, slip=SLIP), self.now))

    def send(self, job="j1"):
        self.take(self.driver.perform(SendSlip(printer="p", job=job), self.now))

    def go(self, job):
        """Ask for a slip, and send it when it may go."""
        self.ask(job)
        self.run(2)
        self.send(job)

    def run(self, seconds):
        until = self.now + seconds
        while self.wake_at is not None and self.wake_at <= until:
            self.now, self.wake_at = max(self.now, self.wake_at), None
            self.take(self.driver.wake(self.now))
        self.now = until

    def about(self, *kinds):
        """The reports of these kinds; how long a slip is has tests of its own."""
        found = [report for report in self.reports if isinstance(report, kinds)]
        return [replace(x, length_mm=0) if isinstance(x, SlipPrinted) else x for x in found]

    def slips(self):
        return self.about(SlipReady, SlipHeld, SlipPrinted, SlipDoubtful)


def settled(answers=OK, **options):
    bench = Bench(answers, **options).start()
    bench.run(5)
    return bench


def test_a_slip_is_asked_for_then_sent_whole_then_proven():
    bench = settled()
    bench.wire = b""
    bench.ask()
    bench.run(1)
    assert bench.slips() == [SlipReady(job="j1")]
    assert bench.wire.replace(b"\x10\x04", b"")[:4] == b"\x01\x02\x03\x04"
    assert b"A001" not in bench.wire
    bench.wire = b""
    bench.send()
    bench.run(1)
    assert bench.wire.startswith(b"\x1b@\x1c&")
    assert bench.wire.count(FENCE) == 1
    assert bench.slips()[-1] == SlipPrinted(job="j1", proven=True)


def test_the_slip_and_its_fence_leave_in_one_piece():
    bench = settled(fence=None)
    bench.ask()
    bench.run(1)
    reply = bench.driver.perform(SendSlip(printer="p", job="j1"), bench.now)
    assert reply.write.startswith(b"\x1b@")
    assert reply.write.endswith(b"\x1dVB\x00" + FENCE)


@pytest.mark.parametrize(
    ("answers", "reason"),
    [(OUT, "paper_out"), (OPEN, "cover_open"), (BROKEN, "cutter_error"), (FEEDING, "offline")],
)
def test_a_slip_is_held_once_for_one_reason_and_goes_on_when_it_ends(answers, reason):
    bench = settled(answers)
    bench.ask()
    bench.run(10)
    assert bench.slips() == [SlipHeld(job="j1", reason=reason)]
    bench.answers = dict(OK)
    bench.run(1.5)
    assert bench.slips()[1:] == [SlipReady(job="j1")]


def test_a_slip_held_for_a_new_reason_says_so():
    bench = settled(OUT)
    bench.ask()
    bench.run(3)
    bench.answers = dict(OPEN)
    bench.run(3)
    assert [report.reason for report in bench.slips()] == ["paper_out", "cover_open"]


def test_every_waiting_slip_is_told_why_it_waits():
    bench = settled(OUT)
    bench.ask("j1")
    bench.ask("j2")
    bench.run(3)
    assert {report.job for report in bench.about(SlipHeld)} == {"j1", "j2"}


def test_a_printer_that_stands_for_long_is_not_filled_up_with_questions():
    bench = settled(OUT)
    bench.ask()
    bench.run(900)
    assert len(bench.wire) < 4096
    bench.answers = dict(OK)
    bench.run(6)
    assert bench.slips()[-1] == SlipReady(job="j1")


def test_low_paper_prints_and_is_said():
    bench = settled(LOW)
    assert ("paper", "low") in [(c.part, c.state) for c in bench.about(Condition)]
    bench.ask()
    bench.run(1)
    assert bench.slips() == [SlipReady(job="j1")]


def test_a_printer_with_the_near_end_bits_the_other_way_round_is_understood():
    def paper(answers):
        found = settled(answers, near_end_inverted=True).about(Condition)
        return [c.state for c in found if c.part == "paper"]

    assert paper(LOW) == ["ok"]
    assert paper(OK) == ["low"]


def test_conditions_are_said_after_the_start_and_then_only_when_they_change():
    bench = settled()
    bench.run(20)
    said = [(c.part, c.state) for c in bench.about(Condition)]
    assert said == [("paper", "ok"), ("cover", "closed"), ("state", "ready")]
    bench.reports.clear()
    bench.answers = dict(OPEN)
    bench.run(3)
    said = [(c.part, c.state) for c in bench.about(Condition)]
    assert said == [("cover", "open"), ("state", "offline")]
    assert bench.about(Condition)[0].evidence == "1:1A 2:16 3:12 4:12"
    bench.reports.clear()
    bench.start()
    bench.run(3)
    assert len(bench.about(Condition)) == 3


def test_a_printer_that_never_answers_prints_unproven():
    bench = settled({}, fence=None)
    assert {c.state for c in bench.about(Condition)} == {"unknown"}
    bench.ask()
    bench.run(2)
    assert bench.slips() == [SlipReady(job="j1")]
    bench.send()
    bench.run(10)
    assert bench.slips()[-1] == SlipPrinted(job="j1", proven=False)


def sent_to_a_mute_printer(*jobs):
    bench = settled({}, fence=None)
    for job in jobs:
        bench.go(job)
        bench.run(10)
    assert bench.slips()[-1] == SlipPrinted(job=jobs[-1], proven=False)
    bench.reports.clear()
    return bench


def test_a_mute_printer_that_comes_back_is_given_time_for_the_fences_of_what_it_has_kept():
    bench = sent_to_a_mute_printer("j1", "j2")
    bench.answers = dict(OK)
    bench.ask("j3")
    for _ in range(2):
        bench.run(4)
        assert bench.slips() == [], "one of the two may still answer"
        bench.take(bench.driver.receive(b"\x00", bench.now))
    bench.run(3)
    assert bench.slips() == [SlipReady(job="j3")]
    bench.wire = b""
    bench.send("j3")
    assert bench.wire.lstrip(b"\0").startswith(b"\x1b@\x1c&"), "they were whole: nothing to part"


def test_a_fence_of_a_kept_slip_does_not_prove_the_one_on_its_way():
    bench = sent_to_a_mute_printer("j1")
    bench.go("j2")
    bench.answers = dict(OK)
    bench.take(bench.driver.receive(b"\x00", bench.now))
    bench.run(3)
    assert bench.slips() == [SlipReady(job="j2")]
    bench.take(bench.driver.receive(b"\x00", bench.now))
    bench.run(3)
    assert bench.slips()[1:] == [SlipPrinted(job="j2", proven=True)]


def test_fences_that_come_together_answer_for_one_slip_each():
    bench = sent_to_a_mute_printer("j1")
    bench.go("j2")
    bench.answers = dict(OK)
    bench.take(bench.driver.receive(b"\x00\x00", bench.now))
    bench.run(3)
    assert bench.slips()[1:] == [SlipPrinted(job="j2", proven=True)]


def test_a_slip_stopped_behind_one_that_a_mute_printer_kept_is_proven_by_its_own_fence_only():
    bench = sent_to_a_mute_printer("j1")
    bench.go("j2")
    bench.answers = dict(OPEN)
    bench.ask("j3")
    bench.run(3)
    assert SlipDoubtful(job="j2", reason="cover_open") in bench.slips()
    bench.answers = dict(OK)
    bench.take(bench.driver.receive(b"\x00", bench.now))
    bench.run(3)
    assert SlipPrinted(job="j2", proven=True) not in bench.slips(), "that was the first one's"
    assert SlipReady(job="j3") not in bench.slips()
    bench.take(bench.driver.receive(b"\x00", bench.now))
    bench.run(3)
    assert bench.slips()[-2:] == [SlipPrinted(job="j2", proven=True), SlipReady(job="j3")]


def test_after_a_new_plug_the_answers_owed_are_waited_for_once_and_the_next_slip_is_believed():
    bench = sent_to_a_mute_printer("j1")
    bench.go("j2")
    bench.take(bench.driver.lost(bench.now))
    bench.answers, bench.fence = dict(OK), 0x00
    bench.start()
    bench.run(10)
    bench.ask("j3")
    bench.run(3)
    bench.send("j3")
    bench.run(3)
    assert bench.slips()[-2:] == [SlipReady(job="j3"), SlipPrinted(job="j3", proven=True)]


def test_a_slip_on_its_way_out_when_a_mute_printer_begins_to_speak_is_parted_all_the_same():
    bench = sent_to_a_mute_printer("j1")
    bench.ask("j2")
    bench.run(2)
    assert bench.slips()[-1] == SlipReady(job="j2")
    bench.answers = dict(OK)
    bench.ask("j3")
    bench.run(1)
    bench.wire = b""
    bench.send("j2")
    assert bench.wire.lstrip(b"\0").startswith(b"\x1b@\x1bd\x03\x1dVB\x00\x1b@")
    bench.take(bench.driver.receive(b"\x00", bench.now))
    bench.run(2)
    assert SlipPrinted(job="j2", proven=True) not in bench.slips(), "that was the first one's"
    bench.take(bench.driver.receive(b"\x00", bench.now))
    bench.run(2)
    assert SlipPrinted(job="j2", proven=True) in bench.slips()


def test_a_printer_that_fell_silent_holds_the_slip_until_it_speaks_again():
    bench = settled()
    bench.answers = {}
    bench.ask()
    bench.run(10)
    assert bench.slips() == [SlipHeld(job="j1", reason="no_answer")]
    bench.answers = dict(OK)
    bench.run(4)
    assert bench.slips()[1:] == [SlipReady(job="j1")]


def test_noise_on_the_line_does_not_make_a_mute_printer_one_that_answers():
    bench = Bench({}, fence=None).start()
    bench.take(bench.driver.receive(b"\x00\x00", bench.now))
    bench.run(5)
    bench.ask()
    bench.run(3)
    assert bench.slips() == [SlipReady(job="j1")]


def test_a_late_answer_to_the_fence_still_counts_while_we_ask_what_is_wrong():
    bench = settled(fence=None)
    bench.ask()
    bench.run(1)
    bench.send()
    bench.run(8.01)
    bench.take(bench.driver.receive(b"\x00", bench.now))
    bench.run(2)
    assert bench.slips()[-1] == SlipPrinted(job="j1", proven=True)


def test_a_printer_declared_silent_is_never_asked():
    bench = settled({}, fence=None, silent=True)
    assert bench.wire == b""
    bench.ask("j1")
    bench.ask("j2")
    assert bench.slips() == [SlipReady(job="j1")]
    bench.send("j1")
    assert FENCE not in bench.wire
    bench.run(5)
    assert bench.slips()[1:] == [SlipPrinted(job="j1", proven=False), SlipReady(job="j2")]


def test_a_fence_nobody_answers_makes_the_slip_doubtful():
    bench = settled(fence=None)
    bench.ask()
    bench.run(1)
    bench.send()
    bench.run(7.5)
    assert not bench.about(SlipDoubtful)
    bench.run(2)
    assert bench.slips()[-1] == SlipDoubtful(job="j1", reason="no_answer")


@pytest.mark.parametrize("fence", [None, 0x00, 0x0C, 0x0F])
def test_paper_that_ran_out_while_printing_makes_the_slip_doubtful(fence):
    bench = settled(fence=fence)
    bench.ask()
    bench.run(1)
    if fence is None or not fence & 0x0C:
        bench.answers = dict(OUT)
    bench.send()
    bench.run(10)
    assert bench.slips()[-1] == SlipDoubtful(job="j1", reason="paper_out")


def test_a_slip_on_its_way_when_the_wire_went_is_doubtful_and_the_next_is_asked_again():
    bench = settled(fence=None)
    bench.ask("j1")
    bench.ask("j2")
    bench.run(1)
    bench.send("j1")
    bench.reports.clear()
    bench.start()
    bench.run(10)
    assert bench.slips() == [SlipDoubtful(job="j1", reason="unplugged"), SlipReady(job="j2")]


def test_slips_go_one_after_the_other():
    bench = settled()
    for job in ("j1", "j2"):
        bench.ask(job)
    bench.run(1)
    assert bench.slips() == [SlipReady(job="j1")]
    bench.send("j1")
    bench.run(1)
    assert bench.slips()[1:] == [SlipPrinted(job="j1"), SlipReady(job="j2")]


def test_a_slip_asked_for_while_another_prints_waits_for_its_fence():
    bench = settled(fence=None)
    bench.ask("j1")
    bench.run(1)
    bench.send("j1")
    bench.ask("j2")
    bench.run(4)
    assert bench.slips() == [SlipReady(job="j1")], "a printer takes a second or two for a ticket"
    bench.take(bench.driver.receive(b"\x00", bench.now))
    bench.run(1)
    assert bench.slips()[1:] == [SlipPrinted(job="j1", proven=True), SlipReady(job="j2")]


def test_a_dropped_slip_is_forgotten_and_the_next_one_goes():
    bench = settled(OUT)
    bench.ask("j1")
    bench.ask("j2")
    bench.run(2)
    bench.take(bench.driver.perform(DropSlip(printer="p", job="j1"), bench.now))
    bench.answers = dict(OK)
    bench.run(3)
    assert bench.about(SlipReady) == [SlipReady(job="j2")]
    bench.send("j1")
    assert bench.about(Fault) == [Fault(code="unknown_job", evidence="j1")]


def test_the_ninth_waiting_slip_is_held_because_the_queue_is_full():
    bench = settled(OUT)
    for number in range(9):
        bench.ask(f"j{number}")
    assert SlipHeld(job="j8", reason="queue_full") in bench.slips()


def test_the_same_job_asked_twice_is_printed_once():
    bench = settled()
    bench.ask()
    bench.ask()
    bench.run(1)
    bench.send()
    bench.ask()
    bench.run(5)
    assert len(bench.about(SlipPrinted)) == 1
    assert bench.wire.count(FENCE) == 1


def test_a_slip_asked_for_before_the_wire_is_open_waits_for_it():
    bench = Bench()
    bench.ask()
    assert bench.wire == b""
    bench.start()
    bench.run(1)
    assert bench.slips() == [SlipReady(job="j1")]


def test_a_stale_byte_does_not_answer_for_the_printer():
    bench = Bench(OUT).start()
    bench.take(bench.driver.receive(b"\x12\x12", bench.now + 0.01))
    bench.ask()
    bench.run(3)
    assert bench.slips() == [SlipHeld(job="j1", reason="paper_out")]


def test_an_unasked_report_of_the_printer_is_no_answer_to_the_fence():
    bench = settled(fence=None)
    bench.ask()
    bench.run(1)
    bench.send()
    for byte in (0x10, 0x00, 0x00, 0x00, 0x11, 0x13):
        bench.take(bench.driver.receive(bytes((byte,)), bench.now))
    bench.run(1)
    assert not bench.about(SlipPrinted)


def test_a_printer_that_answers_only_some_questions_is_believed_in_those():
    bench = settled({1: 0x12, 4: 0x72})
    bench.ask()
    bench.run(5)
    assert bench.slips() == [SlipHeld(job="j1", reason="paper_out")]
    assert {(c.part, c.state) for c in bench.about(Condition)} >= {("cover", "unknown")}


STEPS = st.one_of(
    st.tuples(st.just("ask"), st.integers(0, 12)),
    st.tuples(st.just("send"), st.integers(0, 12)),
    st.tuples(st.just("drop"), st.integers(0, 12)),
    st.tuples(st.just("start"), st.just(0)),
    st.tuples(st.just("run"), st.integers(0, 12)),
    st.tuples(st.just("noise"), st.binary(max_size=6)),
    st.tuples(st.just("printer"), st.sampled_from([OK, OUT, OPEN, BROKEN, {}])),
    st.tuples(st.just("fence"), st.sampled_from([None, 0, 0x0C])),
    st.tuples(st.just("test"), st.sampled_from(["", "internal", "external"])),
)
TEST = ExerciseDevice(device="p", level="internal", form=Slip((Line("自检"),)))


@given(st.lists(STEPS, max_size=30), st.sampled_from(["xprinter", "epson", "clone"]))
@settings(max_examples=300, deadline=None)
def test_whatever_happens_a_sent_slip_comes_to_one_end_and_an_unsent_one_to_none(steps, profile):
    bench = Bench(profile=profile).start()
    sent = []
    for kind, value in steps:
        if kind == "ask":
            bench.ask(f"j{value}")
        elif kind == "send":
            before = bench.wire.count(b"A001")
            bench.send(f"j{value}")
            if bench.wire.count(b"A001") > before:
                sent.append(f"j{value}")
        elif kind == "drop":
            bench.take(bench.driver.perform(DropSlip(printer="p", job=f"j{value}"), bench.now))
        elif kind == "start":
            bench.start()
        elif kind == "run":
            bench.run(value)
        elif kind == "noise":
            bench.take(bench.driver.receive(value, bench.now))
        elif kind == "test":
            bench.take(bench.driver.end_selftest(bench.now))
            if value:
                bench.take(bench.driver.selftest(replace(TEST, level=value), bench.now))
        elif kind == "printer":
            bench.answers = dict(value)
        else:
            bench.fence = value
    bench.run(60)
    ends = {}
    for report in bench.about(SlipPrinted, SlipDoubtful):
        ends.setdefault(report.job, []).append(type(report))
    assert sorted(ends) == sorted(set(sent))
    for job, said in ends.items():
        # A slip may be sent again by the same name; each time it ends once, or is doubtful and
        # then, when the printer goes on, printed after all.
        assert sent.count(job) <= len(said) <= 2 * sent.count(job)
        assert said.count(SlipPrinted) <= sent.count(job) >= said.count(SlipDoubtful)
