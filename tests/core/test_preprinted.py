"""Numbers on pre-printed paper: handed out while the PC was down, entered afterwards."""

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hallctl import wire
from hallctl.core import commands as c
from hallctl.core import effects as f
from hallctl.core import events as e
from hallctl.core.applying import apply
from hallctl.core.hall import Hall
from hallctl.core.rules import Preprinted
from sample import NINE, RULES, VOICED, Bench, at, check_a_snapshot_is_the_hall, words

SMALL = replace(RULES, preprinted=Preprinted(4, 6))
"""A hall whose numbers on paper are soon reached."""
DAY_S = at(9).wall_s - NINE


def day_s(clock):
    hour, minute = clock.split(":")
    return int(hour) * 3600 + int(minute) * 60


def enter(bench, label, came="9:12", **more):
    for word in ("started", "finished"):
        if word in more:
            more[f"{word}_day_s"] = day_s(more.pop(word))
    command = c.EnterPreprinted(label=label, came_day_s=day_s(came), **more)
    return bench.ask(command)


def served(bench, label, came="9:00", at=2, started="9:10", finished="9:20", **more):
    return enter(bench, label, came, served_at=at, started=started, finished=finished, **more)


def take(bench, **more):
    bench.later(1)
    return bench.ask(c.IssueTicket(kiosk="kiosk-1", **more)).answer["result"]["label"]


def call(bench, window=1):
    return bench.ask(c.CallNext(window=window))


def line(bench):
    return [v.label for v in bench.hall.waiting()]


def refused(outcome):
    assert outcome.recorded == []
    assert outcome.answer["words"]["zh"]
    assert outcome.answer["words"]["en"]
    return outcome.answer["code"]


def test_a_queue_passes_over_the_numbers_on_paper():
    bench = Bench(SMALL)
    assert [take(bench) for _ in range(5)] == ["A001", "A002", "A003", "A007", "A008"]
    assert take(bench, queue="B") == "B001"


def test_after_nine_hundred_comes_a_thousand():
    bench = Bench()
    bench.hall.numbers["A"] = 900
    assert [take(bench) for _ in range(2)] == ["A1000", "A1001"]


def test_a_hall_without_such_paper_gives_every_number_and_enters_none():
    bench = Bench(replace(RULES, preprinted=None))
    bench.hall.numbers["A"] = 900
    assert take(bench) == "A901"
    assert refused(enter(bench, "A905")) == "no_preprinted"


def test_who_came_without_the_pc_waits_before_those_who_came_later():
    bench = Bench()
    first = take(bench)
    outcome = enter(bench, "A905", "9:12")
    assert words(outcome) == ["PreprintedEntered"]
    result = outcome.answer["result"]
    assert (result["label"], result["visit"]) == ("A905", "2026-11-23-A905")
    assert (result["ahead"], line(bench)) == (0, ["A905", first])
    called = call(bench).recorded[-1].event
    assert (called.label, called.why) == ("A905", "预印号，按来的时间轮到")
    assert call(bench, 2).recorded[-1].event.label == first


def test_who_came_later_than_others_waits_behind_them():
    bench = Bench()
    first = take(bench)
    bench.later(600)
    assert enter(bench, "A905", "9:35").answer["result"]["ahead"] == 1
    assert line(bench) == [first, "A905"]


def test_of_one_minute_the_lower_number_is_first():
    bench = Bench()
    for label in ("A907", "A905", "A906"):
        enter(bench, label, "9:12")
        bench.now = replace(bench.now, wall_s=bench.now.wall_s + 0.3)
    assert line(bench) == ["A905", "A906", "A907"]


def test_priority_counts_from_when_it_came():
    bench = Bench()
    enter(bench, "A901", "9:10")
    enter(bench, "A902", "9:25", klass="priority")
    assert line(bench) == ["A902", "A901"], "9:25 less half an hour is before 9:10"


def test_a_number_entered_goes_the_way_of_every_other():
    bench = Bench()
    enter(bench, "A905")
    for command in (c.CallNext, c.Start, c.Finish):
        assert bench.ask(command(window=1)).answer["ok"]
    bench.later(61)
    assert bench.hall.labelled("A905").status == "finished"
    enter(bench, "A906")
    assert bench.ask(c.CancelTicket(visit="A906")).answer["ok"]
    assert bench.hall.labelled("A906").status == "void"


def test_who_was_served_is_recorded_and_nothing_is_called_spoken_or_printed():
    bench = Bench(VOICED)
    bench.speak()
    before = len(bench.effects)
    outcome = served(bench, "A905")
    assert words(outcome) == ["PreprintedEntered"]
    assert [x for x in bench.effects[before:] if not isinstance(x, f.ShowKeypad)] == []
    visit = bench.hall.labelled("A905")
    assert (visit.status, visit.window) == ("finished", 2)
    assert visit.issued_s == DAY_S + NINE
    assert (visit.started_s, visit.finished_s) == (DAY_S + NINE + 600, DAY_S + NINE + 1200)
    assert bench.hall.windows[2].status == "idle"
    assert refused(call(bench)) == "nobody_waits"
    assert bench.hall.learned == {}, "times written by hand teach nothing"


def test_a_waiting_number_is_shown_on_the_keypads_and_prints_nothing():
    bench = Bench()
    before = len(bench.effects)
    enter(bench, "A905")
    shown = bench.effects[before:]
    assert {(x.window, x.waiting) for x in shown} == {(1, 1), (2, 1), (3, 1)}
    assert all(isinstance(x, f.ShowKeypad) for x in shown)
    assert bench.hall.jobs == {}


def test_entering_moves_no_number_of_the_kiosk():
    bench = Bench()
    assert take(bench) == "A001"
    enter(bench, "A950")
    served(bench, "A999")
    assert take(bench) == "A002"
    assert bench.hall.numbers == {"A": 2}


def test_a_number_is_entered_once_and_the_refusal_names_when():
    bench = Bench()
    enter(bench, "A905")
    bench.later(300)
    again = enter(bench, "A905", "9:20")
    assert refused(again) == "entered_already"
    assert "9:30" in again.answer["words"]["zh"]
    assert refused(served(bench, "A905")) == "entered_already"
    call(bench)
    assert refused(enter(bench, "A905")) == "entered_already"
    assert enter(bench, "B905").answer["ok"], "the other queue's paper is another"


def test_a_refusal_names_the_same_minute_within_every_second():
    bench = Bench()
    whole = at(9, 30)
    bench.now = replace(whole, wall_s=whole.wall_s + 0.1)
    enter(bench, "A905")
    bench.now = replace(whole, wall_s=whole.wall_s + 0.9)
    assert "9:30" in enter(bench, "A905", "9:20").answer["words"]["zh"]


def test_a_number_that_the_hall_gave_before_the_rules_changed_is_not_taken_for_paper():
    bench = Bench(replace(RULES, preprinted=None))
    bench.hall.numbers["A"] = 904
    assert take(bench) == "A905"
    bench.ask(c.Wake(rules=RULES, digest="d2", running=True))
    assert refused(enter(bench, "A905")) == "given_already"
    assert take(bench) == "A1000"


def test_a_label_is_read_as_people_write_it():
    bench = Bench()
    for written, label in (("a905", "A905"), (" A 906 ", "A906"), ("A0907", "A907")):
        assert enter(bench, written).answer["result"]["label"] == label


def test_a_prefix_in_chinese_is_read_too():
    queues = (replace(RULES.queues[0], prefix="综"), RULES.queues[1])
    bench = Bench(replace(RULES, queues=queues))
    assert enter(bench, "综905").answer["result"]["queue"] == "A"


@pytest.mark.parametrize(
    ("label", "code"),
    [
        ("A900", "not_preprinted"),
        ("A1000", "not_preprinted"),
        ("A001", "not_preprinted"),
        ("X905", "unknown_queue"),
        ("905", "unknown_queue"),
        ("", "unknown_queue"),
        ("A", "not_preprinted"),
        ("A９05", "unknown_queue"),
        ("A" + "9" * 150, "unknown_queue"),
    ],
)
def test_what_is_no_number_on_paper_is_refused(label, code):
    assert refused(enter(Bench(), label)) == code


@pytest.mark.parametrize(
    ("more", "code"),
    [
        ({"came": "9:31"}, "not_yet"),
        ({"came": "8:44"}, "came_early"),
        ({"came": "0:00"}, "came_early"),
        ({"item": "XX99"}, "unknown_item"),
        ({"served_at": 2}, "served_half"),
        ({"started": "9:15"}, "served_half"),
        ({"finished": "9:15"}, "served_half"),
        ({"served_at": 2, "started": "9:15"}, "served_half"),
        ({"served_at": 9, "started": "9:15", "finished": "9:20"}, "unknown_window"),
        ({"served_at": -1, "started": "9:15", "finished": "9:20"}, "unknown_window"),
        ({"served_at": 2, "started": "9:20", "finished": "9:15"}, "served_order"),
        ({"served_at": 2, "started": "9:11", "finished": "9:15"}, "served_order"),
        ({"served_at": 2, "started": "9:15", "finished": "9:31"}, "not_yet"),
    ],
)
def test_what_cannot_have_been_is_refused_in_words(more, code):
    bench = Bench()
    assert refused(enter(bench, "A905", **{"came": "9:12", **more})) == code
    assert bench.hall.visits == {}


def test_times_at_the_very_edge_are_taken():
    bench = Bench()
    assert enter(bench, "A901", "9:30").answer["ok"]
    assert enter(bench, "A902", "8:45").answer["ok"]
    assert served(bench, "A903", "9:30", started="9:30", finished="9:30").answer["ok"]


def test_a_day_off_has_no_numbers():
    bench = Bench()
    bench.now = at(9, 30, day="2026-11-28")
    bench.ask(c.Tick())
    assert refused(enter(bench, "A905")) == "closed"


def test_a_queue_that_was_stopped_takes_those_who_came_before():
    bench = Bench()
    bench.ask(c.CloseQueue(queue="A", reason="系统升级"))
    bench.later(600)
    assert enter(bench, "A905", "9:29").answer["ok"]
    late = enter(bench, "A906", "9:35")
    assert (refused(late), "9:30" in late.answer["words"]["zh"]) == ("stopped_before", True)
    assert served(bench, "A906", "9:35", started="9:36", finished="9:39").answer["ok"]
    bench.ask(c.OpenQueue(queue="A"))
    assert enter(bench, "A907", "9:35").answer["ok"]


def test_after_the_day_is_closed_nobody_waits_but_who_was_served_is_recorded():
    bench = Bench()
    bench.now = at(17, 1)
    bench.ask(c.Tick())
    assert bench.hall.closed
    assert refused(enter(bench, "A905", "16:30")) == "day_over"
    assert served(bench, "A905", "16:30", started="16:35", finished="16:50").answer["ok"]


def test_who_still_waits_in_the_evening_ends_with_the_day():
    bench = Bench()
    enter(bench, "A905")
    bench.now = at(9, 0, day="2026-11-24")
    ended = [x.event for x in bench.ask(c.Tick()).recorded]
    assert [(x.label, x.reason) for x in ended if isinstance(x, e.TicketVoided)] == [
        ("A905", "day_end")
    ]
    counted = next(x for x in ended if isinstance(x, e.DayClosed))
    assert (counted.issued, counted.voided) == (1, 1)
    assert enter(bench, "A905", "8:50").answer["ok"], "the next day has the same paper"


def test_numbers_on_paper_count_to_the_quota_of_when_they_were_handed_out():
    queue = replace(RULES.queues[0], quotas=(2, 5))
    bench = Bench(replace(RULES, queues=(queue, RULES.queues[1])))
    enter(bench, "A905")
    served(bench, "A906")
    assert bench.ask(c.IssueTicket(queue="A")).answer["code"] == "quota"
    assert enter(bench, "A907").answer["ok"], "they are in their holders' hands already"


def test_a_copy_can_be_printed_for_who_has_lost_the_paper():
    bench = Bench()
    enter(bench, "A905")
    assert bench.ask(c.Reprint(visit="A905", kiosk="kiosk-1")).answer["ok"]
    printed = next(x for x in bench.effects if isinstance(x, f.PrintSlip))
    assert "A905" in str(printed.slip)


def test_a_long_wait_without_the_pc_is_an_alert_at_once():
    bench = Bench()
    enter(bench, "A905", "8:50")
    bench.later(1)
    alert = bench.hall.alerts["wait:2026-11-23-A905"]
    assert (alert.level, "40" in alert.words) == ("red", True)


def test_nothing_is_entered_while_everybody_leaves():
    bench = Bench()
    bench.ask(c.StartEvacuation(place="guide"))
    assert refused(enter(bench, "A905")) == "evacuation"


PAPER = st.tuples(
    st.sampled_from(["A", "B"]),
    st.integers(901, 912),
    st.integers(0, 29),
    st.sampled_from(["ordinary", "ordinary", "priority"]),
    st.booleans(),
)
"""A number: its queue, itself, minutes after nine, its class, whether it was served."""


@settings(max_examples=150, deadline=None)
@given(st.lists(st.one_of(PAPER, st.sampled_from(["take", "call", "finish"])), max_size=40))
def test_entered_in_any_order_each_is_there_once_at_its_place(steps):
    bench = Bench()
    entered = {}
    for step in steps:
        match step:
            case "take":
                take(bench)
            case "call":
                call(bench)
            case "finish":
                bench.ask(c.Start(window=1))
                bench.ask(c.Finish(window=1))
            case (queue, number, minute, klass, was_served):
                times = {"started": "9:30", "finished": "9:30", "served_at": 2}
                label, came = f"{queue}{number}", f"9:{minute:02d}"
                more = times if was_served else {}
                answer = enter(bench, label, came, klass=klass, **more).answer
                assert answer["ok"] == (label not in entered)
                entered.setdefault(label, (came, klass))
    visits = bench.hall.visits.values()
    assert sorted(v.label for v in visits if v.entered_s) == sorted(entered)
    assert len({v.label for v in visits}) == len(bench.hall.visits)
    for queue in ("A", "B"):
        places = [v.virtual_s for v in bench.hall.waiting(queue)]
        assert places == sorted(places)
    for label, (came, klass) in entered.items():
        credit_s = 1800 if klass == "priority" else 0
        assert bench.hall.labelled(label).virtual_s == DAY_S + day_s(came) - credit_s
    issued = [v for v in visits if not v.entered_s]
    assert [v.number for v in issued] == list(range(1, len(issued) + 1))
    replayed = Hall()
    for recorded in bench.recorded:
        apply(replayed, wire.recorded_in(wire.loads_own(wire.dumps(wire.recorded_out(recorded)))))
    assert replayed == bench.hall
    check_a_snapshot_is_the_hall(bench.hall)


def test_a_journal_that_enters_a_number_twice_is_no_journal_of_ours():
    bench = Bench()
    recorded = enter(bench, "A905").recorded[-1]
    with pytest.raises(AssertionError, match="twice"):
        apply(bench.hall, recorded)


def test_rules_of_an_old_journal_keep_the_usual_numbers_back():
    """A RulesSet from before there were such numbers has no word of them."""
    bench = Bench()
    ruled = next(x for x in bench.recorded if isinstance(x.event, e.RulesSet))
    old = wire.recorded_out(ruled)
    del old["event"]["rules"]["preprinted"]
    assert wire.recorded_in(old).event.rules.preprinted == Preprinted(901, 999)
