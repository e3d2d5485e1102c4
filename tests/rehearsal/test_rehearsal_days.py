"""Days as they are played: who comes, who works, who is turned away."""

from dataclasses import replace
from statistics import fmean

import pytest

from hallctl.core.rules import Queue, Span
from hallctl.rehearsal.days import Setting, play_days, play_one
from hallctl.rehearsal.generator import Demand, generate, visits_expected
from hallctl.rehearsal.measures import half_interval, quantile, summarise
from hallctl.rehearsal.page import page
from hallctl.rehearsal.residents import Resident, Staffing
from hallctl.rehearsal.runner import play
from hallctl.rehearsal.telling import Plan, as_json, fact_rows, use_rows, wait_rows
from sample import NINE, RULES

NOON, ONE = 12 * 3600, 13 * 3600


def comes(at_s, queue="A", **changes):
    return replace(Resident(at_s, queue, "", "ordinary", 300.0, 20.0), **changes)


def test_a_resident_is_called_walks_is_served_and_leaves():
    (visit,) = play(RULES, (comes(NINE + 60),)).visits
    assert (visit.end, visit.window) == ("finished", 1)
    assert visit.wait_s == 0
    assert visit.finished_s == NINE + 60 + 20 + 300


def test_who_comes_before_the_doors_open_is_called_when_they_do():
    (visit,) = play(RULES, (comes(NINE - 600),)).visits
    assert (visit.wait_s, visit.open_wait_s) == (600, 0)


def test_nobody_is_called_at_lunch_and_the_morning_ticket_stays_valid():
    visits = play(RULES, tuple(comes(NOON - 930, service_s=2000.0) for _ in range(4))).visits
    last = max(visits, key=lambda v: v.called_s)
    assert last.called_s == ONE
    assert last.end == "finished"


def test_who_is_not_there_is_called_three_times_and_passed_over():
    (visit,) = play(RULES, (comes(NINE, comes=False),)).visits
    assert (visit.end, visit.finished_s) == ("no_show", 0.0)


def test_who_gives_the_ticket_back_before_the_call_is_not_served():
    people = [comes(NINE, service_s=3000.0) for _ in range(3)]
    played = play(RULES, (*people, comes(NINE + 1, leaves_s=NINE + 600.0)))
    assert [v.end for v in played.visits] == ["finished"] * 3 + ["left"]


def test_a_window_without_a_clerk_serves_nobody_until_one_comes():
    people = tuple(comes(NINE + 1 + n) for n in range(6))
    off = Staffing(closed=((1, Span(0, 86400)), (2, Span(0, 10 * 3600))))
    played = play(RULES, people, off)
    assert {v.window for v in played.visits if v.called_s < 10 * 3600} == {3}
    assert played.staffed_s == {1: 0.0, 2: 6 * 3600.0, 3: 7 * 3600.0}


def test_a_clerk_who_is_serving_finishes_before_leaving():
    off = Staffing(closed=tuple((n, Span(NINE + 60, 86400)) for n in (1, 2, 3)))
    played = play(RULES, (comes(NINE + 1, service_s=900.0), comes(NINE + 70)), off)
    assert [v.end for v in played.visits] == ["finished", "unserved"]


def test_a_helping_window_takes_what_it_otherwise_would_not():
    two, three = RULES.windows[1], RULES.windows[2]
    rules = replace(RULES, windows=(RULES.windows[0], replace(two, helps=(("B", 300.0),)), three))
    people = (comes(NINE + 1, "B", service_s=3000.0), comes(NINE + 2, "B"))
    assert [v.window for v in play(rules, people).visits] == [3, 3]
    assert [v.window for v in play(rules, people, Staffing(helping=(2,))).visits] == [3, 2]


def test_a_number_outside_the_hours_is_refused_with_its_code():
    (visit,) = play(RULES, (comes(7 * 3600),)).visits
    assert (visit.end, visit.called_s) == ("closed", 0.0)


def test_a_full_hall_cuts_off_and_no_ticket_is_left_unserved():
    one = replace(RULES, queues=(replace(RULES.queues[0], standard_min=6.0),), items=())
    summary = summarise(play_days(Setting(one, Demand(load=1.6), seed=2), 3))
    assert summary.ends["cut_off"] > 0
    assert summary.ends.get("unserved", 0) == 0


def test_a_day_brings_about_as_much_work_as_its_load_says():
    demand = Demand(load=0.7)
    days = [len(generate(RULES, demand, str(n))) for n in range(60)]
    assert fmean(days) == pytest.approx(sum(visits_expected(RULES, demand).values()), rel=0.03)
    busy = [play_one(Setting(RULES, replace(demand, load=0.4)), n).busy_s for n in range(20)]
    used = fmean(sum(b.values()) for b in busy) / (3 * 7 * 3600)
    assert 0.36 < used < 0.42


def test_shares_of_queues_are_kept():
    found = visits_expected(RULES, Demand(shares={"A": 3, "B": 1}))
    assert found["A"] == pytest.approx(3 * found["B"])


def test_queues_that_share_windows_share_their_load():
    apart = Queue("C", "领证", "Collection", "领证", "C", (9,))
    found = visits_expected(replace(RULES, queues=(*RULES.queues, apart)), Demand())
    assert found["A"] + found["B"] == pytest.approx(3 * found["C"])


def test_quantiles_and_intervals_of_few_values():
    assert quantile([], 0.9) == 0
    assert quantile([1.0, 2.0, 3.0], 0.5) == 2
    assert quantile([0.0, 10.0], 0.9) == 9
    assert half_interval([[4.0, 6.0]]) == 0
    assert half_interval([[1.0, 2.0], [1.5, 1.5, 1.5]]) == 0
    with pytest.raises(ValueError, match="no day"):
        summarise([])


def test_the_report_tells_every_plan_and_asks_nobody_for_anything():
    rules = replace(RULES, hall="<赤坭>")
    now = Setting(rules, Demand(load=0.9))
    fewer = replace(now, staffing=Staffing(closed=((2, Span(0, 86400)),)))
    plans = [Plan("现行 & now", summarise(play_days(now, 2)))]
    plans.append(Plan("变更", summarise(play_days(fewer, 2))))
    html = page(rules, plans, "2 days")
    assert "&lt;赤坭&gt;" in html
    assert "现行 &amp; now" in html
    assert "<svg" in html
    assert "http" not in html
    assert "<script" not in html
    assert len(wait_rows(rules, plans)) == 2 * 9
    assert [row[0] for row in use_rows(plans)] == ["1", "2", "3"]
    assert use_rows(plans)[1][2] == "–"
    assert all(len(row) == 3 for row in fact_rows(plans))
    assert set(as_json(plans)["plans"]) == {"现行 & now", "变更"}
