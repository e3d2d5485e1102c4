"""Whatever is asked, in whatever order: no number twice, no ticket at two windows, replay equal."""

from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st

from hallctl import wire
from hallctl.core import commands as c
from hallctl.core import reports as r
from hallctl.core.applying import apply
from hallctl.core.events import TicketIssued
from hallctl.core.hall import Hall
from sample import Bench, check_a_snapshot_is_the_hall

windows = st.integers(0, 4)
labels = st.sampled_from(["A001", "A002", "B001", "1", "2", "Z9", "999", ""])
asked = st.one_of(
    st.builds(
        c.IssueTicket,
        queue=st.sampled_from(["A", "B", "", "X"]),
        item=st.sampled_from(["", "SB01", "nope"]),
        klass=st.sampled_from(["ordinary", "priority"]),
        kiosk=st.sampled_from(["", "kiosk-1"]),
    ),
    st.builds(c.CallNext, window=windows),
    st.builds(c.CallTicket, window=windows, label=labels),
    st.builds(c.Recall, window=windows),
    st.builds(c.Start, window=windows),
    st.builds(c.Finish, window=windows),
    st.builds(c.MarkNoShow, window=windows),
    st.builds(c.Pause, window=windows),
    st.builds(c.Resume, window=windows),
    st.builds(c.Rate, window=windows, grade=st.integers(-1, 7)),
    st.builds(c.Reprint, visit=st.sampled_from(["2026-11-23-A001", "A002", "x"])),
    st.builds(c.AskHelp, place=st.just("kiosk-1")),
    st.builds(c.AnswerHelp, place=st.just("kiosk-1")),
    st.builds(
        c.TestDevice,
        device=st.sampled_from(["printer-1", "keypads", "x"]),
        level=st.sampled_from(["internal", "external", "interactive"]),
    ),
    st.builds(c.StopTest, device=st.just("keypads")),
    st.builds(c.RehearseVisit, window=windows),
    st.builds(c.EndRehearsal, window=windows),
    st.builds(c.LoadPaper, printer=st.just("printer-1"), length_m=st.floats(0, 100)),
)
jobs = st.sampled_from(["2026-11-23-A001.1", "2026-11-23-A002.1", "2026-11-23-B001.1", "no"])
keys = st.sampled_from(["call", "recall", "rate", "confirm", "no_show", "pause", "cancel"])
reported = st.one_of(
    st.builds(r.KeyPressed, window=windows, key=keys, digits=labels, press=st.just("p")),
    st.builds(r.Rated, window=windows, grade=st.integers(1, 5)),
    st.builds(r.SlipReady, job=jobs),
    st.builds(r.SlipHeld, job=jobs, reason=st.just("paper_out")),
    st.builds(r.SlipPrinted, job=jobs),
    st.builds(r.SlipDoubtful, job=jobs, reason=st.just("no_answer")),
    st.builds(r.Finding, step=st.just("paper"), result=st.sampled_from(["passed", "failed"])),
    st.builds(r.TestEnded),
    st.builds(r.Condition, part=st.just("paper"), state=st.sampled_from(["ok", "out"])),
)
waits = st.floats(0, 5000).map(lambda s: ("wait", s))
days = st.just(("day", 1))
wakes = st.just(("wake", 0))


def invariants(bench: Bench) -> None:
    hall = bench.hall
    at_windows = [w.visit for w in hall.windows.values() if w.visit]
    assert len(at_windows) == len(set(at_windows)), "one ticket at two windows"
    for window in hall.windows.values():
        visit = hall.visits.get(window.visit)
        assert (window.status in ("called", "serving")) == (visit is not None)
        if visit is not None:
            assert visit.status == window.status
            assert visit.window == window.number
    for visit in hall.visits.values():
        assert (visit.status in ("called", "serving")) == (visit.id in at_windows)


@settings(max_examples=300, deadline=None)
@given(st.lists(st.one_of(asked, reported, waits, days, wakes), max_size=60))
def test_any_sequence_keeps_the_promises(steps):
    bench = Bench()
    issued: set[tuple[str, str, int]] = set()
    for one in steps:
        before = len(bench.recorded)
        match one:
            case ("wait", float(seconds)):
                bench.later(seconds)
            case ("day", _):
                day = f"2026-11-{min(30, int(bench.now.day[-2:]) + 1):02d}"
                bench.now = replace(bench.now, day=day, wall_s=bench.now.wall_s + 86400)
                bench.ask(c.Tick())
            case ("wake", _):
                bench.ask(c.Wake(rules=bench.hall.rules, digest="d1"))
            case _ if isinstance(one, c.Command):
                answer = bench.ask(one).answer
                assert answer["ok"] or answer["words"]["zh"]
            case _:
                bench.report("device", one)
        for recorded in bench.recorded[before:]:
            if isinstance(recorded.event, TicketIssued):
                number = (recorded.event.visit[:10], recorded.event.queue, recorded.event.number)
                assert number not in issued, "a number twice"
                issued.add(number)
        invariants(bench)
    replayed = Hall()
    for recorded in bench.recorded:
        apply(replayed, wire.recorded_in(wire.loads_own(wire.dumps(wire.recorded_out(recorded)))))
    assert replayed == bench.hall
    check_a_snapshot_is_the_hall(bench.hall)
    assert [x.seq for x in bench.recorded] == list(range(1, len(bench.recorded) + 1))
