"""The day's report: figures of a small day known by hand, and of a virtual day counted anew."""

import csv
import json
from collections import Counter, defaultdict
from dataclasses import asdict, replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from faults.streaming import quick_folder
from hallctl.chain import read_only
from hallctl.cli.report import NoSuchDay, as_words, csv_lines, read_day
from hallctl.config.load import load
from hallctl.core import commands as c
from hallctl.core import reports as r
from hallctl.core.effects import Announce
from hallctl.core.events import AnnouncementMade, RulesSet, TicketCalled
from hallctl.core.rules import Fitting
from hallctl.device import driver_class
from hallctl.projections.calls import announced
from hallctl.projections.day import day_of
from hallctl.projections.waits import waits
from hallctl.simulator.day import Day, VirtualHall
from running import ROOT
from sample import RULES, VOICED, Bench

MONDAY = "2026-11-23"


def told(bench, day=MONDAY):
    return day_of(bench.recorded, day)


def issue(bench, queue="A", **more):
    return bench.ask(c.IssueTicket(queue=queue, kiosk="kiosk-1", **more)).answer["result"]["visit"]


def test_a_visit_is_told_with_its_wait_its_service_and_why_it_was_called():
    bench = Bench()
    visit = issue(bench)
    bench.later(300)
    bench.ask(c.CallNext(window=1))
    why = next(x.event.why for x in bench.recorded if isinstance(x.event, TicketCalled))
    bench.later(30)
    bench.ask(c.Start(window=1))
    bench.later(480)
    bench.ask(c.Finish(window=1))
    bench.ask(c.Rate(window=1, grade=2))
    row = told(bench).visits[visit]
    assert (row.label, row.outcome, row.window, row.calls) == ("A001", "finished", 1, 1)
    assert (row.waited_s, row.served_s) == (300, 480)
    assert (row.called_s - row.taken_s, row.ended_s - row.started_s) == (300, 480)
    assert row.why == why
    assert row.why
    assert row.rated is True


def test_a_grade_stands_nowhere_but_in_the_halls_counts():
    bench = Bench()
    issue(bench)
    bench.ask(c.CallNext(window=1))
    bench.ask(c.Finish(window=1))
    bench.ask(c.Rate(window=1, grade=1))
    found = as_words(told(bench))
    assert found.pop("grades") == {1: 1}
    assert "grade" not in json.dumps(found)


def test_a_transferred_visit_waited_twice_and_was_served_twice():
    bench = Bench()
    visit = issue(bench)
    bench.later(100)
    bench.ask(c.CallNext(window=1))
    bench.ask(c.Start(window=1))
    bench.later(60)
    assert bench.ask(c.Transfer(window=1, queue="B")).answer["ok"]
    bench.later(200)
    bench.ask(c.CallNext(window=3))
    bench.ask(c.Start(window=3))
    bench.later(40)
    bench.ask(c.Finish(window=3))
    day = told(bench)
    row = day.visits[visit]
    assert (row.queue, row.waited_s, row.served_s, row.window) == ("B", 300, 100, 3)
    assert (day.windows[1].served_s, day.windows[3].served_s) == (60, 40)
    assert (day.windows[1].visits, day.windows[3].visits) == (0, 1)


def test_a_clerk_who_never_presses_start_has_served_since_the_call():
    bench = Bench()
    visit = issue(bench)
    bench.ask(c.CallNext(window=2))
    bench.later(90)
    bench.ask(c.Finish(window=2))
    day = told(bench)
    assert day.visits[visit].served_s == day.windows[2].served_s == 90


def test_a_finish_that_is_undone_counts_once():
    bench = Bench()
    visit = issue(bench)
    bench.ask(c.CallNext(window=2))
    bench.ask(c.Start(window=2))
    bench.later(60)
    bench.ask(c.Finish(window=2))
    bench.ask(c.Undo(window=2))
    assert told(bench).visits[visit].outcome == "serving"
    bench.later(60)
    bench.ask(c.Finish(window=2))
    day = told(bench)
    assert (day.windows[2].visits, day.visits[visit].served_s) == (1, 120)


def test_who_was_missed_cancelled_or_left_over_is_told_so():
    bench = Bench()
    missed, cancelled, left = issue(bench), issue(bench), issue(bench)
    bench.ask(c.CallNext(window=1))
    for _ in range(2):
        bench.later(21)
        bench.ask(c.Recall(window=1))
    bench.ask(c.MarkNoShow(window=1))
    bench.ask(c.CancelTicket(visit=cancelled))
    assert told(bench).visits[left].outcome == "waiting"
    bench.now = replace(bench.now, day="2026-11-24", weekday=2, wall_s=bench.now.wall_s + 86400)
    bench.ask(c.Tick())
    visits = told(bench).visits
    assert (visits[missed].outcome, visits[missed].calls) == ("missed", 3)
    assert (visits[cancelled].outcome, visits[cancelled].reason) == ("void", "cancelled")
    assert (visits[left].outcome, visits[left].reason) == ("void", "day_end")
    assert told(bench, "2026-11-24").visits == {}


def said(bench, *, languages=("mandarin",), took_s=5.0, **more):
    """The voice has said what it was given last."""
    told = [x for x in bench.effects if isinstance(x, Announce)][-1]
    word = r.Announced(announcement=told.announcement, languages=languages, took_s=took_s, **more)
    return bench.report("voice", word)


def failed(bench, reason="no_sound"):
    told = [x for x in bench.effects if isinstance(x, Announce)][-1]
    word = r.AnnouncementFailed(announcement=told.announcement, reason=reason, evidence="busy")
    return bench.report("voice", word)


def called(bench, window=1):
    """Somebody comes and is called; the call's place in the journal."""
    issue(bench)
    outcome = bench.ask(c.CallNext(window=window))
    return next(x.seq for x in outcome.recorded if isinstance(x.event, TicketCalled))


@pytest.fixture
def aloud():
    bench = Bench(VOICED)
    bench.speak()
    return bench


def test_calls_that_nobody_saw_or_heard_are_listed(aloud):
    seq = called(aloud)
    aloud.later(5)
    said(aloud)
    aloud.later(21)
    recalled = aloud.ask(c.Recall(window=1)).recorded[0].seq
    day = told(aloud)
    assert [x.seq for x in day.unshown()] == [seq, recalled]
    assert [x.seq for x in day.unheard()] == [recalled]
    aloud.ask(c.ReportShown(screen="hall", shown=seq))
    said(aloud)
    day = told(aloud)
    assert [x.seq for x in day.unshown()] == [recalled]
    assert day.unheard() == []


def test_a_call_tells_when_it_was_said_in_which_languages_and_how_soon(aloud):
    called(aloud, 1)
    called(aloud, 2)
    aloud.later(8)
    said(aloud, languages=("mandarin", "cantonese"), took_s=7.5)
    aloud.later(6)
    said(aloud, took_s=5.0, left_out=("cantonese/letter-a: none",))
    first, second = told(aloud).calls
    (one,), (two,) = first.said, second.said
    assert (one.device, one.languages, one.took_s) == ("voice", ("mandarin", "cantonese"), 7.5)
    assert one.began_s - first.at_s == 0.5
    assert two.began_s - second.at_s == 9
    assert two.left_out == ("cantonese/letter-a: none",)
    assert (first.heard_after_s, second.heard_after_s) == (8, 14)
    found = announced([first, second])
    assert (found.calls, found.heard, found.median_s, found.longest_s) == (2, 2, 11, 14)
    assert found.languages == {"cantonese": 1, "mandarin": 2}
    assert found.unheard == {}


def test_a_chime_without_words_was_heard(aloud):
    called(aloud)
    said(aloud, languages=())
    assert announced(told(aloud).calls).languages == {"chime": 1}


def test_a_call_that_was_said_and_not_proven_is_not_said_again_and_stands_apart(aloud):
    called(aloud)
    said(aloud, proven=False)
    aloud.later(30)
    (call,) = told(aloud).calls
    assert (call.heard, [x.proven for x in call.said]) == (True, [False])
    assert announced([call]).unproven == 1
    assert len([x for x in aloud.effects if isinstance(x, Announce)]) == 1


def test_failures_are_told_with_their_reasons_and_the_call_may_be_heard_after_all(aloud):
    called(aloud)
    aloud.later(1)
    failed(aloud)
    aloud.later(2)
    failed(aloud, "silence")
    (call,) = told(aloud).unheard()
    assert call.why_unheard() == "silence"
    aloud.later(4)
    said(aloud)
    (call,) = told(aloud).calls
    assert call.heard
    assert call.why_unheard() == ""
    assert call.heard_after_s == 7
    assert [(x.reason, x.evidence) for x in call.said[0].failures] == [
        ("no_sound", "busy"),
        ("silence", "busy"),
    ]
    assert call.said[0].failures[0].at_s - call.at_s == 1
    assert announced([call]).failures == {"no_sound": 1, "silence": 1}


def test_calls_nobody_heard_tell_why(aloud):
    waits_seq = [called(aloud, 1), called(aloud, 2)]
    aloud.ask(c.Start(window=2))
    aloud.ask(c.QuietVoice(minutes=5))
    quiet_seq = called(aloud, 3)
    reasons = {x.seq: x.why_unheard() for x in told(aloud).unheard()}
    assert reasons == {waits_seq[0]: "waits", waits_seq[1]: "moved_on", quiet_seq: "quiet"}
    assert announced(told(aloud).calls).skips == {"moved_on": 1, "quiet": 1}
    aloud.ask(c.QuietVoice(minutes=0))
    failed(aloud)
    aloud.ask(c.Start(window=1))
    reasons = announced(told(aloud).calls).unheard
    assert reasons == {"moved_on": 1, "no_sound": 1, "quiet": 1}, "it failed before it moved on"


def test_a_call_where_no_voice_is_heard_says_so():
    bench = Bench()
    called(bench)
    assert announced(told(bench).calls).unheard == {"no_voice": 1}


def test_a_recall_that_was_merged_is_heard_with_the_call_it_was_merged_with():
    bench = Bench(VOICED)
    seq = called(bench)
    for _ in range(2):
        bench.later(21)
        assert bench.ask(c.Recall(window=1)).answer["ok"]
    assert [x.why_unheard() for x in told(bench).calls] == ["waits", "merged", "merged"]
    bench.speak()
    bench.later(3)
    said(bench)
    calls = told(bench).calls
    assert calls[0].seq == seq
    assert [x.heard for x in calls] == [True] * 3
    assert [x.heard_after_s for x in calls] == [45, 24, 3]
    assert [x.said[0].skipped for x in calls] == [""] * 3


def test_a_recall_that_was_merged_shares_the_end_of_a_call_that_was_never_said():
    bench = Bench(VOICED)
    called(bench)
    bench.later(21)
    bench.ask(c.Recall(window=1))
    bench.ask(c.Start(window=1))
    assert [x.why_unheard() for x in told(bench).calls] == ["moved_on", "moved_on"]


def test_one_voice_of_two_is_enough_to_be_heard():
    both = (Fitting("voice", "voice"), Fitting("yard", "voice"))
    bench = Bench(replace(RULES, fittings=both))
    bench.speak()
    called(bench)
    bench.later(6)
    said(bench)
    (call,) = told(bench).calls
    assert call.heard
    assert [(x.device, bool(x.began_s)) for x in call.said] == [("voice", True), ("yard", False)]


def test_a_clock_that_is_set_makes_no_speech_later(aloud):
    called(aloud)
    aloud.later(2)
    aloud.now = replace(aloud.now, wall_s=aloud.now.wall_s + 5000)
    aloud.later(3)
    said(aloud)
    assert told(aloud).calls[0].heard_after_s == 5


def test_an_older_journals_word_counts_for_the_latest_call_that_was_not_heard():
    bench = Bench()
    seq = called(bench)
    bench.later(21)
    bench.ask(c.Recall(window=1))
    last = bench.recorded[-1]
    visit = last.event.visit
    old = AnnouncementMade(device="voice", visit=visit, window=1)
    words = replace(last, seq=last.seq + 1, event=old)
    day = day_of([*bench.recorded, words], MONDAY)
    assert [x.seq for x in day.unheard()] == [seq]


def test_a_walk_up_who_stands_there_already_is_no_call_and_no_wait():
    bench = Bench()
    assert bench.ask(c.ServeWalkUp(window=1)).answer["ok"]
    day = told(bench)
    (row,) = day.visits.values()
    assert row.walk_up
    assert row.calls == 0
    assert day.calls == []
    assert waits(day) == []


def test_windows_tell_pauses_and_idleness_while_people_waited():
    bench = Bench()
    bench.later(500)  # nobody waits: free, not idle
    bench.ask(c.Pause(window=1, reason="print"))
    issue(bench, "B")  # window 3 alone serves B
    bench.later(120)
    bench.ask(c.Resume(window=1))
    bench.ask(c.CallNext(window=3))
    bench.later(50)
    windows = told(bench).windows
    assert (windows[1].paused_s, windows[1].idle_waited_s) == (120, 0)
    assert windows[2].idle_waited_s == 0
    assert windows[3].idle_waited_s == 120


def test_troubles_of_devices_keys_and_slips_are_told():
    bench = Bench()
    bench.report("keypads", r.LinkUp())
    bench.report("keypads", r.LinkDown(evidence="no answer", remedy="look at the plug"))
    bench.later(90)
    bench.report("keypads", r.LinkUp())
    bench.report("keypads", r.KeyPressed(window=1, key="recall", press=1))
    issue(bench)
    bench.later(RULES.print_wait_s + 1)
    day = told(bench)
    (down,) = day.downs
    assert (down.device, down.lasted_s, down.up_s - down.down_s) == ("keypads", 90, 90)
    assert [(k.window, k.key, k.code) for k in day.keys] == [(1, "recall", "nobody_here")]
    assert [(s.label, s.how, s.reason) for s in day.slips] == [("A001", "failed", "expired")]


def test_a_device_that_is_down_since_yesterday_is_down_from_the_first_moment():
    bench = Bench()
    bench.report("keypads", r.LinkDown(evidence="no answer", remedy=""))
    bench.now = replace(
        bench.now, day="2026-11-24", weekday=2, wall_s=bench.now.wall_s + 86400,
        mono_s=bench.now.mono_s + 86400,
    )  # fmt: skip
    bench.ask(c.Tick())
    bench.later(60)
    bench.report("keypads", r.LinkUp())
    (down,) = told(bench, "2026-11-24").downs
    assert (down.lasted_s, down.up_s - down.down_s) == (60, 86460)


def test_alerts_have_a_beginning_and_an_end():
    bench = Bench()
    issue(bench)
    bench.later(RULES.wait_yellow_s)
    bench.later(RULES.wait_red_s - RULES.wait_yellow_s)
    bench.ask(c.CallNext(window=1))
    bench.later(1)
    found = [(a.level, a.ended_s - a.at_s) for a in told(bench).alerts if a.kind == "wait"]
    assert found == [("yellow", 600), ("red", 1)]


def test_a_clock_that_jumps_is_told_and_makes_no_wait_longer():
    bench = Bench()
    visit = issue(bench)
    bench.later(100)
    bench.now = replace(bench.now, wall_s=bench.now.wall_s + 3000)
    bench.later(20)
    bench.ask(c.CallNext(window=1))
    day = told(bench)
    assert day.visits[visit].waited_s == 120
    assert [round(j.by_s) for j in day.jumps] == [3000]


ACTS = st.sampled_from([
    c.IssueTicket(queue="A"), c.IssueTicket(queue="B", klass="priority"),
    c.IssueTicket(queue="A", kiosk="kiosk-1"), c.ServeWalkUp(window=2),
    *(act(window=n) for n in (1, 2, 3) for act in (
        c.CallNext, c.CallNext, c.Start, c.Finish, c.Recall, c.MarkNoShow, c.Hold, c.CallBack,
        c.Undo, c.Pause, c.Resume, c.RaiseStuck,
    )),
    c.Transfer(window=1), c.Transfer(window=1, queue="B"), c.CancelTicket(visit="A002"),
    c.Rejoin(visit="A001"), c.ExtendHours(until_day_s=18 * 3600),
])  # fmt: skip


@settings(max_examples=40, deadline=None)
@given(acts=st.lists(st.tuples(ACTS, st.integers(0, 900)), max_size=60))
def test_every_ticket_issued_appears_exactly_once_whatever_is_done(acts):
    bench = Bench()
    for act, seconds in acts:
        bench.ask(act)
        bench.later(seconds)
    day = told(bench)
    issued = [x.event.label for x in bench.recorded if type(x.event).__name__ == "TicketIssued"]
    assert Counter(row.label for row in day.visits.values()) == Counter(issued)
    lines = list(csv.reader(csv_lines(day)))[1:]
    assert [line[0] for line in lines] == issued
    finished = [r for r in day.visits.values() if r.outcome == "finished"]
    assert sum(w.visits for w in day.windows.values()) == len(finished)
    ended = {v.id for v in bench.hall.visits.values() if v.finished_s}
    assert {row.visit for row in finished} == ended


@pytest.fixture(scope="module")
def virtual():
    with quick_folder() as state:
        hall = VirtualHall(load(ROOT, driver_class=driver_class), state, MONDAY, 7)
        Day(hall, 150).run()
        hall.close()
        db = read_only(state)
        day = read_day(db, MONDAY)
        rows = [json.loads(b) for (b,) in db.execute("SELECT body FROM events ORDER BY seq")]
        db.close()
    return day, rows


def test_the_figures_of_a_virtual_day_are_those_of_a_simple_count(virtual):
    """Nothing is transferred or rejoined there: a wait is the first call less the issue."""
    day, rows = virtual
    first = defaultdict(dict)
    for row in rows:
        event = row["event"]
        if "visit" in event:
            first[event["visit"]].setdefault(event["type"], row["wall_s"])
    tickets = [x["event"]["visit"] for x in rows if x["event"]["type"] == "TicketIssued"]
    assert list(day.visits) == tickets
    for visit, row in day.visits.items():
        times = first[visit]
        if "TicketCalled" in times:
            assert row.waited_s == pytest.approx(
                times["TicketCalled"] - times["TicketIssued"], abs=0.01
            )
        if "ServiceFinished" in times:
            lasted_s = times["ServiceFinished"] - times["ServiceStarted"]
            assert row.served_s == pytest.approx(lasted_s, abs=0.01)
            assert row.outcome == "finished"
    counted = Counter(x["event"]["window"] for x in rows if x["event"]["type"] == "ServiceFinished")
    assert {n: w.visits for n, w in day.windows.items() if w.visits} == dict(counted)
    grades = Counter(x["event"]["grade"] for x in rows if x["event"]["type"] == "VisitRated")
    assert day.grades == dict(grades)
    kinds = Counter(x["event"]["type"] for x in rows)
    assert len(day.calls) == kinds["TicketCalled"] + kinds["TicketRecalled"]
    assert len(day.alerts) == kinds["AlertRaised"]
    assert len(day.keys) == kinds["KeyRefused"]
    assert len(day.slips) == kinds["SlipDoubtful"] + kinds["SlipFailed"]
    made = [x["event"] for x in rows if x["event"]["type"] == "AnnouncementMade"]
    proved = {x["call"] for x in made} & {call.seq for call in day.calls}
    assert len(day.calls) - len(day.unheard()) == len(proved) > 100


def test_the_virtual_day_was_without_a_screen_and_its_keypads_were_pulled_out(virtual):
    day, rows = virtual
    assert len(day.unshown()) == len(day.calls) > 140
    (down,) = day.downs
    times = [x["wall_s"] for x in rows if x["event"].get("device") == "keypads"]
    gone_s, back_s = times[1:3]  # up in the morning, then pulled out at 14:12
    assert (down.device, down.lasted_s) == ("keypads", pytest.approx(back_s - gone_s, abs=0.01))
    assert down.lasted_s > 30
    assert day.jumps == []
    assert day.closed
    assert sum(row.taken for row in waits(day)) == len(day.visits)


def test_idle_and_served_minutes_of_a_window_fit_into_the_hours(virtual):
    day, _ = virtual
    for work in day.windows.values():
        assert work.served_s + work.paused_s + work.idle_waited_s < 9 * 3600
    served = sum(work.served_s for work in day.windows.values())
    assert served == pytest.approx(sum(row.served_s for row in day.visits.values()))


def test_the_report_holds_no_person_and_no_clerk():
    bench = Bench()
    person = "hash-of-a-person"
    issue(bench, person=person)
    found = json.dumps(as_words(told(bench)))
    assert person not in found
    assert not {"person", "staff"} & set(asdict(told(bench)))


def test_rules_set_again_during_the_day_are_told():
    bench = Bench()
    bench.later(60)
    bench.ask(c.Wake(rules=replace(RULES, recall_gap_s=5.0), digest="d2", running=True))
    assert sum(isinstance(x.event, RulesSet) for x in bench.recorded) == 2
    times = told(bench).rules_set_s
    assert times[-1] - times[0] == 60


def test_a_day_the_journal_has_not_is_refused_with_those_it_has(tmp_path):
    hall = VirtualHall(load(ROOT, driver_class=driver_class), tmp_path, MONDAY, 1)
    hall.close()
    db = read_only(tmp_path)
    with pytest.raises(NoSuchDay, match="2026-11-23 to 2026-11-23"):
        read_day(db, "2026-11-22")
    assert read_day(db, "today").day == MONDAY
    db.close()
