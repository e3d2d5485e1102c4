"""The clock is set while people wait: nothing is early, nothing is late, no order changes."""

import dataclasses
import typing
from dataclasses import replace

import pytest

from hallctl.core import commands as c
from hallctl.core import hall as kept
from hallctl.core import reports as r
from hallctl.core.applied.times import DEADLINES, INSTANTS
from hallctl.core.applying import apply
from hallctl.core.hall import Hall
from hallctl.core.visit import Visit
from sample import Bench, check_a_snapshot_is_the_hall, words

HOUR_S = 3600.0
SET = [HOUR_S, -HOUR_S, 90.0, -90.0, 0.3]
NOT_INSTANTS = {
    ("VoiceState", "begun_s"), ("VoiceState", "spoke_s"),  # the steady clock's
    ("Learned", "mean_s"), ("Hall", "extended_s"),
    ("Visit", "virtual_s"),  # moved with issued_s
    ("Hall", "closed_s"),  # by name
}  # fmt: skip


def morning():
    """Half past ten, so that an hour earlier and later numbers are given too."""
    bench = Bench()
    bench.later(HOUR_S)
    return bench


def set_clock(bench, by_s, up_s=None):
    """The wall clock is set, the steady one goes on. `up_s`: since when the computer runs."""
    now = bench.now
    mono_s = now.mono_s if up_s is None else up_s
    day_s = int(now.day_s + by_s)
    bench.now = replace(now, wall_s=now.wall_s + by_s, mono_s=mono_s, day_s=day_s)
    return bench.ask(c.NoteClock(by_s=by_s))


def issue(bench, **more):
    return bench.ask(c.IssueTicket(queue="A", **more)).answer["result"]["label"]


def test_every_time_that_the_hall_keeps_is_moved_or_is_of_no_wall_clock():
    classes = [x for x in vars(kept).values() if dataclasses.is_dataclass(x)]
    classes = [x for x in {*classes, Visit} if x.__module__ in (kept.__name__, Visit.__module__)]
    assert len(classes) > 12
    moved = {
        (n, f) for table in (INSTANTS, DEADLINES) for n, fields in table.items() for f in fields
    }
    times = {
        (x.__name__, f.name)
        for x in classes
        for f in dataclasses.fields(x)
        if f.name.endswith("_s") and typing.get_type_hints(x)[f.name] is not str
    }
    assert times - NOT_INSTANTS == moved


@pytest.mark.parametrize("by_s", SET)
def test_who_waits_keeps_the_place_and_has_waited_no_longer(by_s):
    bench = morning()
    first = [issue(bench), issue(bench, klass="priority"), issue(bench)]
    order = [v.label for v in bench.hall.waiting()]
    bench.later(120)
    set_clock(bench, by_s)
    later = issue(bench)
    assert [v.label for v in bench.hall.waiting()] == [*order, later]
    visits = [bench.hall.labelled(label) for label in first]
    assert [bench.now.wall_s - v.issued_s for v in visits] == pytest.approx([120.0] * 3, abs=1e-3)


@pytest.mark.parametrize("by_s", SET)
def test_a_rating_is_open_as_long_as_the_rules_say(by_s):
    bench = morning()
    issue(bench)
    bench.ask(c.CallNext(window=1))
    bench.ask(c.Start(window=1))
    bench.ask(c.Finish(window=1))
    open_s = bench.hall.rules.rating_open_s
    bench.later(open_s / 2)
    set_clock(bench, by_s)
    bench.later(open_s / 2 - 1)
    assert bench.hall.windows[1].rating
    bench.later(1.5)
    assert not bench.hall.windows[1].rating


@pytest.mark.parametrize("by_s", SET)
def test_a_recall_waits_its_gap_and_an_undo_has_its_time(by_s):
    bench = morning()
    issue(bench)
    bench.ask(c.CallNext(window=1))
    gap_s = int(bench.hall.rules.recall_gap_s)
    bench.later(2)
    set_clock(bench, by_s)
    refused = bench.ask(c.Recall(window=1))
    assert refused.answer["code"] == "too_soon"
    bench.later(gap_s - 2)
    assert bench.ask(c.Recall(window=1)).answer["ok"]

    bench.ask(c.Start(window=1))
    set_clock(bench, -by_s)
    assert words(bench.ask(c.Undo(window=1))) == ["StartUndone"]


@pytest.mark.parametrize("by_s", SET)
def test_a_slip_that_waits_for_its_printer_is_given_up_when_its_time_is_over_and_not_before(by_s):
    bench = morning()
    bench.report("printer-1", r.LinkUp())
    job = bench.ask(c.IssueTicket(queue="A", kiosk="kiosk-1")).answer["result"]["job"]
    bench.report("printer-1", r.SlipHeld(job=job, reason="paper_out"))
    wait_s = bench.hall.rules.print_wait_s
    bench.later(wait_s / 2)
    set_clock(bench, by_s)
    bench.later(wait_s / 2 - 1)
    assert bench.hall.jobs[job].status == "held"
    bench.later(2)
    assert bench.hall.jobs[job].status == "failed"


def test_what_was_remembered_before_the_computer_was_started_stays():
    bench = morning()
    issue(bench)
    issued_s = bench.hall.labelled("A001").issued_s
    bench.later(600)
    # The computer starts anew, its battery is flat: for ten seconds it is another year.
    years_s = 20 * 365 * 86400.0
    bench.now = replace(bench.now, wall_s=bench.now.wall_s - years_s, day="2006-11-28", mono_s=10.0)
    bench.ask(c.Tick())
    label = issue(bench)
    bench.now = replace(bench.now, day="2026-11-23")
    set_clock(bench, years_s, up_s=20.0)
    assert bench.hall.labelled("A001").issued_s == issued_s
    assert bench.hall.labelled(label).issued_s == pytest.approx(bench.now.wall_s)
    assert [v.label for v in bench.hall.waiting()] == ["A001", label]


def test_the_journal_tells_it_and_folds_to_the_same_hall():
    bench = morning()
    for _ in range(4):
        issue(bench)
    for window in (1, 2):
        bench.ask(c.CallNext(window=window))
    bench.ask(c.AskHelp(place="kiosk-1"))
    bench.ask(c.Pause(window=3, until_s=bench.now.wall_s + 600))
    assert words(set_clock(bench, 1234.5)) == ["ClockSet"]
    assert bench.hall.windows[3].pause_until_s == bench.now.wall_s + 600
    assert bench.hall.help["kiosk-1"] == bench.now.wall_s
    folded = Hall()
    for recorded in bench.recorded:
        apply(folded, recorded)
    assert folded == bench.hall
    check_a_snapshot_is_the_hall(bench.hall)
