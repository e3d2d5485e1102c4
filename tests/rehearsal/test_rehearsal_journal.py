"""A day of the journal, played again."""

import json
from dataclasses import replace

import pytest
from typer.testing import CliRunner

from hallctl.chain import JournalError
from hallctl.cli.main import app
from hallctl.core import commands as c
from hallctl.journal import Journal
from hallctl.rehearsal.measures import summarise
from hallctl.rehearsal.replayed import read_day
from hallctl.rehearsal.runner import play
from sample import RULES, Bench, at

DAY = "2026-11-23"


@pytest.fixture
def state(tmp_path):
    """A journal of a short day: five residents, window 2 away for a while, window 3 never calls."""
    bench = Bench(replace(RULES, no_show_after=1))
    bench.ask(c.Pause(window=2, reason="茶"))
    for klass in ("ordinary", "ordinary", "priority"):
        bench.ask(c.IssueTicket(queue="A", klass=klass))
        bench.later(60)
    bench.ask(c.CallNext(window=1))  # the priority one
    bench.later(30)
    bench.ask(c.Start(window=1))
    bench.later(600)
    bench.ask(c.CallNext(window=1))
    bench.ask(c.CallNext(window=2))
    bench.later(20)
    bench.ask(c.Start(window=1))
    bench.ask(c.MarkNoShow(window=2))
    bench.later(300)
    bench.ask(c.Finish(window=1))
    left = bench.ask(c.IssueTicket(queue="A")).answer["result"]["visit"]
    bench.later(60)
    bench.ask(c.CancelTicket(visit=left))
    bench.ask(c.IssueTicket(queue="B"))
    bench.now = at(9, day="2026-11-24")
    bench.ask(c.IssueTicket(queue="A"))
    journal = Journal(tmp_path)
    journal.append(bench.recorded, [], DAY)
    journal.close()
    return tmp_path


def test_a_day_of_the_journal_has_its_people_its_clerks_and_its_rules(state):
    behind = read_day(state, DAY)
    people = behind.residents
    assert [p.queue for p in people] == ["A", "A", "A", "A", "B"]
    assert [p.klass for p in people] == ["ordinary", "ordinary", "priority", "ordinary", "ordinary"]
    assert [p.comes for p in people] == [True, False, True, True, True]
    assert (people[2].walk_s, people[2].service_s) == (30, 600)
    assert (people[0].walk_s, people[0].service_s) == (20, 300)
    assert people[3].leaves_s - people[3].arrives_s == 60
    assert people[4].service_s == RULES.queues[1].standard_min * 60
    assert behind.rules.no_show_after == 1
    nine_thirty = 9 * 3600 + 1800
    away = [(w, s.start_s, s.end_s) for w, s in behind.staffing.closed]
    assert away == [(2, nine_thirty, nine_thirty + 810), (3, 0, 86400)]
    assert [v.end for v in behind.happened.visits] == [
        "finished", "no_show", "finished", "left", "unserved",
    ]  # fmt: skip
    assert [v.passed_by for v in behind.happened.visits] == [1, 1, 0, 0, 0]


def test_the_same_people_are_played_again_and_a_change_shows(state):
    behind = read_day(state, DAY)
    again = play(behind.rules, behind.residents, behind.staffing, behind.learned)
    assert summarise([again]).residents == 5
    assert {v.window for v in again.visits} <= {0, 1, 2}
    no_credit = replace(behind.rules, priority_credit_s=0.0)
    other = play(no_credit, behind.residents, behind.staffing, behind.learned)
    assert sum(v.passed_by for v in other.visits) == 0


def test_a_day_that_is_not_there_is_said(state, tmp_path):
    with pytest.raises(JournalError, match="no day 2020-01-01"):
        read_day(state, "2020-01-01")
    with pytest.raises(JournalError, match="no journal"):
        read_day(tmp_path / "none", DAY)


def run(*words):
    done = CliRunner().invoke(app, ["rehearse", *words])
    return done.exit_code, done.stdout, done.stderr


def test_the_command_sets_life_rehearsal_and_change_beside_each_other(state):
    code, told, _ = run("--state", str(state), "--day", DAY, "--windows-off", "1", "--json")
    assert code == 0
    plans = json.loads(told)["plans"]
    assert list(plans) == ["实况 as it was", "现行 now", "变更 changed"]
    assert {p["residents"] for p in plans.values()} == {5}


def test_the_command_plays_generated_days_of_a_hall_and_writes_a_page(hall_folder, tmp_path):
    words = ("--hall", str(hall_folder), "--days", "2", "--load", "0.5", "--seed", "3")
    html = tmp_path / "report.html"
    code, told, _ = run(*words, "--windows-off", "5,6@13:00-15:00", "--html", str(html))
    assert code == 0
    assert "变更" in told
    assert "预演" in html.read_text()
    first = run(*words, "--rules", str(hall_folder), "--json")
    assert first == run(*words, "--rules", str(hall_folder), "--json")
    plans = json.loads(first[1])["plans"]
    assert plans["现行 now"] == plans["变更 changed"]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--windows-off", "x"), '"x" is no window'),
        (("--windows-off", "77"), "no window 77"),
        (("--helping", "a"), '"a" is no window'),
    ],
)
def test_a_window_that_cannot_be_is_said_in_words(hall_folder, words, said):
    code, _, complaint = run("--hall", str(hall_folder), "--days", "1", *words)
    assert code == 1
    assert said in " ".join(complaint.split())


@pytest.fixture
def hall_folder():
    from pathlib import Path

    return Path(__file__).parents[2]
