"""Every pair of status and act that the table does not have is refused, in words."""

from dataclasses import replace

import pytest

from hallctl.core import commands as c
from hallctl.core import events as e
from hallctl.core.rules import Item
from hallctl.core.visit import TRANSITIONS, moved
from sample import RULES, Bench

STATUSES = ("waiting", "called", "serving", "rating", "finished", "held", "no_show", "void")
EVENTS = sorted({event for _, event in TRANSITIONS}, key=lambda event: event.__name__)
VISIT_ACTS = (
    c.CancelTicket(visit="A001"),
    c.Rejoin(visit="A001"),
    c.SetItem(visit="A001", item="MZ01"),
    c.AddMatter(visit="A001", item="MZ01"),
    c.ChangeClass(visit="A001", klass="priority"),
    c.Reprint(visit="A001"),
    c.CallTicket(window=2, label="A001"),
    c.CallBack(window=2, label="A001"),
)
WINDOW_ACTS = tuple(
    act(window=1)
    for act in (
        c.CallNext, c.Recall, c.Start, c.Finish, c.MarkNoShow, c.Hold, c.Transfer, c.Undo,
        c.CallBack, c.ServeWalkUp, c.RaiseStuck, c.Pause, c.Resume, c.SignOff,
    )
)  # fmt: skip


def brought_to(status):
    """A hall whose ticket A001 stands in a status, reached by the acts of people."""
    bench = Bench(
        replace(RULES, items=(*RULES.items, Item("MZ01", "x", "A", "civil")), no_show_after=1)
    )
    bench.ask(c.IssueTicket(queue="A"))
    road = {
        "waiting": [],
        "called": [c.CallNext(window=1)],
        "serving": [c.CallNext(window=1), c.Start(window=1)],
        "rating": [c.CallNext(window=1), c.Start(window=1), c.Finish(window=1)],
        "finished": [c.CallNext(window=1), c.Start(window=1), c.Finish(window=1)],
        "held": [c.CallNext(window=1), c.Start(window=1), c.Hold(window=1)],
        "no_show": [c.CallNext(window=1), c.MarkNoShow(window=1)],
        "void": [c.CancelTicket(visit="A001")],
    }
    for command in road[status]:
        assert bench.ask(command).answer["ok"]
    bench.later(61 if status == "finished" else 15)
    assert bench.hall.labelled("A001").status == status
    return bench


@pytest.mark.parametrize("status", STATUSES)
@pytest.mark.parametrize("event", EVENTS, ids=lambda event: event.__name__)
def test_an_event_that_the_table_has_not_is_a_bug_and_stops_at_once(status, event):
    visit = brought_to(status).hall.labelled("A001")
    fields = {n: getattr(visit, n, "") for n in event.__dataclass_fields__ if n != "back_to"}
    happened = event(**fields)
    if (status, event) in TRANSITIONS:
        assert moved(visit, happened) in STATUSES
    else:
        with pytest.raises(AssertionError, match=event.__name__):
            moved(visit, happened)


@pytest.mark.parametrize("status", STATUSES)
@pytest.mark.parametrize("command", VISIT_ACTS + WINDOW_ACTS, ids=lambda x: type(x).__name__)
def test_an_act_either_follows_the_table_or_is_refused_in_words(status, command):
    bench = brought_to(status)
    outcome = bench.ask(command)
    if not outcome.answer["ok"]:
        assert outcome.recorded == [] or all(
            not isinstance(x.event, tuple(EVENTS)) for x in outcome.recorded
        )
        assert outcome.answer["words"]["zh"]
        assert outcome.answer["words"]["en"]
        assert "{" not in outcome.answer["words"]["zh"]
        assert bench.hall.labelled("A001").status == status
        return
    now = status
    for recorded in outcome.recorded:
        event = recorded.event
        if getattr(event, "visit", "") != "2026-11-23-A001":
            continue
        if isinstance(event, e.CallWithdrawn):
            assert now == "called"
            now = event.back_to
        elif type(event) in EVENTS:
            now = TRANSITIONS[now, type(event)]
            now = getattr(event, "back_to", now)
    assert bench.hall.labelled("A001").status == now
