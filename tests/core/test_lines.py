"""Who waits is kept in order; a day that grows long makes no act dearer."""

import sys
from dataclasses import replace

import pytest

from hallctl.core import commands as c
from hallctl.core.hall import Hall
from hallctl.core.lines import Lines
from hallctl.core.rules import Queue, Window
from sample import RULES, Bench, check_the_lines_are_the_visits

WINDOWS = 100
LARGE = replace(
    RULES,
    windows=tuple(Window(n, "", "", "", ("A",) if n <= 10 else ("B",)) for n in range(1, 101)),
    queues=(
        Queue("A", "综合", "", "", "A", tuple(range(1, 11))),
        Queue("B", "社保", "", "", "B", tuple(range(11, 101))),
    ),
    cut_off=False,
)


def steps(act) -> int:
    """How many calls Python makes for it: no clock, so no noise."""
    made = 0

    def count(_frame, what, _function):
        nonlocal made
        made += what in ("call", "c_call")

    sys.setprofile(count)
    try:
        act()
    finally:
        sys.setprofile(None)
    return made


def visit(bench, window):
    """One visit from the ticket to its end, counted act by act."""
    counted = {
        "ticket": steps(lambda: bench.ask(c.IssueTicket(queue="A"))),
        "call": steps(lambda: bench.ask(c.CallNext(window=window))),
        "finish": steps(lambda: bench.ask(c.Finish(window=window))),
    }
    bench.recorded.clear()
    return counted


def test_an_act_costs_the_same_in_the_evening_as_in_the_morning():
    bench = Bench(LARGE)
    for _ in range(20):
        bench.ask(c.IssueTicket(queue="A"))
    for _ in range(3):
        visit(bench, 1)
    morning = visit(bench, 1)
    for _ in range(400):
        visit(bench, 1)
    evening = visit(bench, 1)
    assert len(bench.hall.visits) > 400
    for act, made in evening.items():
        assert made <= morning[act] * 1.1, (act, morning, evening)


def test_a_ticket_costs_hardly_more_behind_a_long_line_than_behind_a_short_one():
    bench = Bench(LARGE)
    for _ in range(10):
        bench.ask(c.IssueTicket(queue="A"))
    short = steps(lambda: bench.ask(c.IssueTicket(queue="A")))
    for _ in range(500):
        bench.ask(c.IssueTicket(queue="A"))
    assert steps(lambda: bench.ask(c.IssueTicket(queue="A"))) <= short * 1.1


def test_a_ticket_looks_at_the_windows_of_its_queue_and_not_at_pairs_of_windows():
    few = replace(LARGE, windows=LARGE.windows[:20])
    small, large = Bench(few), Bench(LARGE)
    for bench in (small, large):
        bench.ask(c.IssueTicket(queue="A"))
    asked = c.IssueTicket(queue="A")
    less, more = (steps(lambda b=b: b.ask(asked)) for b in (small, large))
    assert more <= less + 10 * (WINDOWS - len(few.windows))


def test_a_hall_made_from_its_visits_lines_them_up():
    bench = Bench()
    for klass in ("ordinary", "priority", "ordinary"):
        bench.ask(c.IssueTicket(queue="A", klass=klass))
    bench.ask(c.CallNext(window=1))
    made = Hall(visits=bench.hall.visits, windows=bench.hall.windows, rules=bench.hall.rules)
    check_the_lines_are_the_visits(made)
    assert [v.label for v in made.waiting("A")] == [v.label for v in bench.hall.waiting("A")]


def test_a_visit_that_changes_is_put_where_it_belongs_and_nobody_stands_twice():
    bench = Bench()
    for _ in range(3):
        bench.ask(c.IssueTicket(queue="A"))
    first, second, third = bench.hall.visits.values()
    lines = Lines((first, second, third))
    third.virtual_s = first.virtual_s - 1
    second.to_window = 2
    for one in (third, second, second):
        lines.keep(one)
    assert list(lines.of("A")) == [third.id, first.id, second.id]
    assert (lines.count_for("A", 1), lines.count_for("A", 2)) == (2, 3)
    first.status = "called"
    lines.keep(first)
    assert list(lines.all()) == [third.id, second.id]
    assert lines.count_until("A", second.virtual_s) == 2
    lines.clear()
    assert list(lines.all()) == []
    assert lines.count("A") == 0


@pytest.mark.parametrize("number", [0, 101])
def test_a_window_that_is_not_there_is_not_found(number):
    assert LARGE.window(number) is None
    assert LARGE.window(100) == LARGE.windows[-1]
    assert replace(LARGE, windows=()).window(100) is None, "found in its own windows only"
