"""Numbers entered from paper in the day's report, in exports, and in a day that is played again."""

import csv
import json

import pytest

from hallctl.backups.exporting import export
from hallctl.cli.report import as_words, csv_lines
from hallctl.core import commands as c
from hallctl.journal import Journal
from hallctl.projections.day import day_of
from hallctl.projections.waits import waits
from hallctl.rehearsal.measures import summarise
from hallctl.rehearsal.replayed import read_day
from hallctl.rehearsal.runner import play
from sample import NINE, Bench, at

DAY = "2026-11-23"


def enter(bench, label, minute, **more):
    command = c.EnterPreprinted(label=label, came_day_s=NINE + 60 * minute, **more)
    assert bench.ask(command).answer["ok"]


@pytest.fixture
def bench():
    """At 9:30: A901 came at 9:00 and was served at window 2; A902 came at 9:10, is called 9:35."""
    bench = Bench()
    served = {"served_at": 2, "started_day_s": NINE + 240, "finished_day_s": NINE + 960}
    enter(bench, "A901", 0, **served)
    enter(bench, "A902", 10)
    bench.ask(c.IssueTicket(queue="A"))
    bench.later(300)
    bench.ask(c.CallNext(window=1))
    bench.ask(c.Start(window=1))
    bench.later(600)
    bench.ask(c.Finish(window=1))
    return bench


@pytest.fixture
def state(bench, tmp_path):
    """Its journal; a day began after it."""
    bench.now = at(9, day="2026-11-24")
    bench.ask(c.Tick())
    journal = Journal(tmp_path)
    journal.append(bench.recorded, [], DAY)
    journal.close()
    return tmp_path


def test_both_are_counted_with_the_waits_they_had(bench):
    day = day_of(bench.recorded, DAY)
    first, second, third = day.visits.values()
    assert (first.waited_s, first.served_s, first.outcome) == (240, 720, "finished")
    assert (second.waited_s, second.served_s, second.outcome) == (25 * 60, 600, "finished")
    assert (first.entered_s, second.entered_s, third.entered_s) == (at(9, 30).wall_s,) * 2 + (0,)
    assert [(w.visits, w.served_s) for w in (day.windows[2], day.windows[1])] == [
        (1, 720),
        (1, 600),
    ]
    (row,) = waits(day)
    assert (row.taken, row.called, row.finished, row.longest_s) == (3, 2, 2, 1500)
    assert [call.label for call in day.calls] == ["A902"]


def test_the_spreadsheet_says_when_each_was_entered(bench):
    day = day_of(bench.recorded, DAY)
    rows = list(csv.DictReader(csv_lines(day)))
    assert [(r["label"], r["taken"], r["ended"], r["entered"]) for r in rows] == [
        ("A901", "09:00:00", "09:16:00", "09:30:00"),
        ("A902", "09:10:00", "09:45:00", "09:30:00"),
        ("A001", "09:30:00", "", ""),
    ]
    assert json.dumps(as_words(day))


def test_an_export_has_them(state, tmp_path):
    written = export(state, DAY, tmp_path, as_json=True)
    visits = [json.loads(line) for line in written.visits_file.read_text().splitlines()]
    assert [v["label"] for v in visits if v["entered_s"]] == ["A901", "A902"]
    events = written.events_file.read_text()
    assert events.count("PreprintedEntered") == 2


def test_a_day_played_again_has_them_as_people_who_came_when_they_did(state):
    behind = read_day(state, DAY)
    served, waited, _ = behind.residents
    assert (served.arrives_s, served.service_s) == (NINE, 720)
    assert (waited.arrives_s, waited.service_s) == (NINE + 600, 600)
    life = behind.happened.visits[0]
    assert (life.end, life.window, life.called_s - life.taken_s) == ("finished", 2, 240)
    assert behind.happened.busy_s[2] == 720
    again = play(behind.rules, behind.residents, behind.staffing)
    assert [v.end for v in again.visits].count("finished") == 3
    assert summarise([again]).waits
