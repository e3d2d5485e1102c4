"""One virtual day with 500 visits: the whole daemon, real drivers, twins; from one seed."""

import json
import math
from collections import Counter

import pytest

from faults.streaming import quick_folder
from hallctl.chain import read_only, verify
from hallctl.config.load import load
from hallctl.core.applying import apply
from hallctl.core.hall import Hall
from hallctl.device import driver_class
from hallctl.journal import Journal
from hallctl.simulator.day import Day, VirtualHall
from running import ROOT

MORNING_S = 9.8 * 3600
"""The hall opens at 9: an hour of numbers, forty minutes of windows."""


def spend(state, seed, visits, until_s=math.inf):
    config = load(ROOT, driver_class=driver_class)
    hall = VirtualHall(config, state, "2026-11-23", seed)
    day = Day(hall, visits)
    day.run(until_s)
    hall.close()
    return hall, day


def events(state):
    db = read_only(state)
    found = [json.loads(b)["event"] for (b,) in db.execute("SELECT body FROM events ORDER BY seq")]
    db.close()
    return found


@pytest.fixture(scope="module")
def spent():
    """Nothing of it is about a disk: a folder in memory makes the day half as long."""
    with quick_folder() as folder:
        yield (folder, *spend(folder, 20261123, 500))


def test_everybody_who_came_got_a_number_and_nobody_got_one_twice(spent):
    state, _, day = spent
    issued = [e for e in events(state) if e["type"] == "TicketIssued"]
    assert len(issued) == 500 - day.refused
    assert day.refused < 25, "only those who came when the work left did not fit into the day"
    assert max(Counter(e["label"] for e in issued).values()) == 1


def test_everybody_was_served_or_missed_and_the_windows_are_free(spent):
    _, hall, _ = spent
    statuses = Counter(v.status for v in hall.hall.visits.values())
    assert set(statuses) <= {"finished", "void"}, statuses
    assert statuses["finished"] > 450
    assert hall.hall.closed, "the day ends with nobody in limbo"
    assert all(not w.visit for w in hall.hall.windows.values())


def test_every_ticket_lies_on_paper_once_and_what_the_printer_says_is_true(spent):
    state, hall, day = spent
    issued = 500 - day.refused
    happened = events(state)
    printed = [e["job"] for e in happened if e["type"] == "SlipPrinted"]
    assert len(printed) == len(set(printed)) == issued
    assert hall.twins["printer-1"].state()["cuts"] == issued
    assert hall.twins["printer-1"].state()["unknown"] == []
    assert any(e["type"] == "SlipHeld" and e["reason"] == "paper_out" for e in happened)


def test_every_press_was_answered_and_every_strip_is_right_at_the_end(spent):
    _, hall, _ = spent
    keypads = hall.twins["keypads"].state()
    assert keypads["bad"] == []
    assert sum(k["unanswered"] for k in keypads["windows"].values()) <= 20, "pulled out for 45 s"
    strips = hall.twins["strips"].state()
    assert json.dumps(strips, ensure_ascii=False).count("窗口未开放") >= 9


def test_the_grades_pressed_are_the_grades_recorded(spent):
    state, hall, _ = spent
    rated = [e for e in events(state) if e["type"] == "VisitRated"]
    assert len(rated) > 250
    assert Counter(e["grade"] for e in rated).keys() == {1, 2, 3, 4, 5}


def test_the_journal_verifies_and_folds_to_the_hall_that_was(spent):
    state, hall, _ = spent
    count, head = verify(state)
    assert count == hall.journal.seq
    journal = Journal(state)
    folded = Hall()
    for recorded in journal.today():
        apply(folded, recorded)
    journal.close()
    assert folded == hall.hall


def test_the_same_seed_gives_the_same_journal_and_another_seed_another():
    with quick_folder() as folder:
        for name, seed in (("a", 1), ("b", 1), ("c", 2)):
            spend(folder / name, seed, 400, MORNING_S)
        heads = [verify(folder / name) for name in "abc"]
    assert heads[0][0] > 500, "of a morning that was busy"
    assert heads[0] == heads[1]
    assert heads[0] != heads[2]
