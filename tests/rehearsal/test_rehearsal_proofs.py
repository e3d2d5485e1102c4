"""What a rehearsal must agree with: queueing theory, the promise of the rule, and itself."""

import heapq
from dataclasses import replace
from math import factorial

import pytest

from hallctl.core.rules import Queue, Span, Window
from hallctl.rehearsal.days import Setting, play_days, play_one
from hallctl.rehearsal.generator import FLAT, Demand, generate
from hallctl.rehearsal.measures import STUDENT_95, half_interval, summarise
from hallctl.rehearsal.residents import Staffing
from sample import RULES

LONG = Span(0, 86400)
WARM_S, HOME_S = 6 * 3600, 22 * 3600
CREDIT_S = 1800.0
NINETY_NINE = 2.576
"""Three loads are looked at: with 95 % each, one in seven such tests would be red by chance."""
ALL_DAY = (1, 2, 3, 4, 5, 6, 7)


def pool(windows, minutes=6.0, **changes):
    """A hall of one queue before some equal windows, open around the clock."""
    numbers = tuple(range(1, windows + 1))
    return replace(
        RULES,
        queues=(Queue("A", "综合服务", "General", "综合", "A", numbers, standard_min=minutes),),
        windows=tuple(Window(n, "综合窗口", "General", "综合", ("A",)) for n in numbers),
        workdays=ALL_DAY,
        sessions=(LONG,),
        taking=(LONG,),
        stuck_queue="A",
        items=(),
        categories=(),
        cut_off=False,
        **changes,
    )


def erlang_c_wait_s(windows, load, service_s):
    """The mean wait of M/M/c (Erlang 1917), from the offered load a = c·rho."""
    a = windows * load
    last = a**windows / factorial(windows) / (1 - load)
    waits = last / (sum(a**k / factorial(k) for k in range(windows)) + last)
    return waits * service_s / (windows * (1 - load))


THEORY = Demand(
    priority=0.0, no_shows=0.0, service="exponential", walk_s=(0, 0), turnaround_s=0, profile=FLAT
)


@pytest.mark.parametrize(("windows", "load", "minutes"), [(1, 0.5, 2), (3, 0.6, 5), (5, 0.7, 8)])
def test_the_mean_wait_agrees_with_erlang_c(windows, load, minutes):
    # Heavier loads need more days than a test has: benchmarks/fairness.py plays them.
    setting = Setting(
        pool(windows, minutes), replace(THEORY, load=load), Staffing(turnaround_s=0), seed=1
    )
    # The hall begins empty and clerks go home at midnight: look at the hours between.
    days = [
        [v.wait_s for v in day.visits if WARM_S <= v.taken_s < HOME_S]
        for day in play_days(setting, 18)
    ]
    expected = erlang_c_wait_s(windows, load, minutes * 60)
    mean, half_s = sum(map(sum, days)) / sum(map(len, days)), half_interval(days)
    assert abs(mean - expected) < NINETY_NINE / STUDENT_95 * half_s
    # The interval must be narrow enough to mean something.
    assert half_s < 0.35 * expected


def test_each_single_wait_is_that_of_the_exact_recursion():
    """Kiefer and Wolfowitz 1955: whoever comes takes the window that is free first."""
    setting = Setting(pool(4, 5), replace(THEORY, load=0.85), Staffing(turnaround_s=0), seed=4)
    people = generate(setting.rules, setting.demand, "4:0")
    free = [0.0] * 4
    waits = []
    for person in people:
        begins_s = max(heapq.heappop(free), person.arrives_s)
        heapq.heappush(free, begins_s + person.service_s)
        waits.append(begins_s - person.arrives_s)
    played = sorted(play_one(setting, 0).visits, key=lambda v: v.taken_s)
    assert len(played) > 900
    assert [v.wait_s for v in played] == pytest.approx(waits, abs=1e-3)


@pytest.fixture(scope="module", params=[0.80, 0.95, 1.10])
def rush(request):
    """Days of a town hall with 15 % priority, at a load."""
    rules = replace(
        pool(5, minutes=8.0, priority_credit_s=CREDIT_S),
        sessions=(Span(9 * 3600, 12 * 3600), Span(13 * 3600, 17 * 3600)),
        taking=(Span(8 * 3600 + 2700, 11 * 3600 + 2700), Span(11 * 3600 + 2700, 16 * 3600 + 2700)),
    )
    patient = Staffing(overtime_s=4 * 3600)
    return play_days(Setting(rules, Demand(load=request.param), patient, seed=11), 12)


def test_whoever_passes_you_came_within_your_credit(rush):
    for day in rush:
        for visit in day.visits:
            assert visit.passed_s <= (CREDIT_S if visit.klass == "ordinary" else 0.0)
            assert visit.passed_by == 0 or visit.klass == "ordinary"


def test_priority_waits_less_and_nobody_starves(rush):
    summary = summarise(rush)
    priority, ordinary = summary.waits["", "priority"], summary.waits["", "ordinary"]
    assert priority.mean_s + priority.half_s < ordinary.mean_s - ordinary.half_s
    assert summary.ends.get("unserved", 0) == 0
    # The credit is all that priority can cost: no ordinary wait is longer than the longest of
    # priority by more than the credit and what one service at each window takes.
    assert ordinary.mean_s - priority.mean_s <= CREDIT_S


def test_without_credit_everybody_goes_in_the_order_of_coming():
    rules = pool(3, priority_credit_s=0.0)
    days = play_days(Setting(rules, Demand(load=0.9), seed=3), 2)
    assert all(v.passed_by == 0 for day in days for v in day.visits)


def test_the_same_seed_gives_the_same_days_over_one_process_or_two():
    setting = Setting(RULES, Demand(load=0.9), seed=5)
    alone = play_days(setting, 8)
    assert play_days(setting, 8, processes=2) == alone
    assert play_days(replace(setting, seed=6), 8) != alone
