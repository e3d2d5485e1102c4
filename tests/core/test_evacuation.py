"""紧急疏散: everybody leaves, nobody loses number or place."""

import pytest

from hallctl.core import commands as c
from hallctl.core import effects as f
from hallctl.core import reports as r
from sample import Bench, words


@pytest.fixture
def bench():
    bench = Bench()
    for _ in range(3):
        bench.ask(c.IssueTicket(queue="A", paper=False))
    bench.ask(c.CallNext(window=1))
    return bench


def start(bench):
    return bench.ask(c.StartEvacuation(place="guide"))


def test_every_strip_says_to_leave_and_afterwards_what_it_said_before(bench):
    strips = [x for x in start(bench).effects if isinstance(x, f.ShowStrip)]
    assert {x.window for x in strips} == {1, 2, 3}
    assert all(x.texts[-1] == "疏散" for x in strips)
    ended = bench.ask(c.EndEvacuation(place="guide")).effects
    first = next(x for x in ended if isinstance(x, f.ShowStrip) and x.window == 1)
    assert first.texts[0] == "请A001号到1号窗口"


@pytest.mark.parametrize(
    "command",
    [
        c.IssueTicket(queue="A", paper=False),
        c.CallNext(window=2),
        c.Finish(window=1),
        c.Pause(window=2),
        c.StartEvacuation(place="guide"),
    ],
)
def test_nobody_works_while_everybody_leaves(bench, command):
    start(bench)
    assert bench.ask(command).answer["code"] == "evacuation"


def test_a_key_pressed_while_everybody_leaves_beeps(bench):
    start(bench)
    outcome = bench.report("keypads", r.KeyPressed(window=2, key="call", press="p"))
    assert words(outcome) == ["KeyRefused"]


def test_everybody_keeps_number_and_place(bench):
    before = [(v.label, v.status, v.virtual_s) for v in bench.hall.visits.values()]
    start(bench)
    bench.later(600)
    bench.ask(c.EndEvacuation(place="guide"))
    assert [(v.label, v.status, v.virtual_s) for v in bench.hall.visits.values()] == before
    assert bench.ask(c.CallNext(window=2)).answer["result"]["label"] == "A002"


def test_clerks_say_once_that_their_place_is_clear(bench):
    start(bench)
    assert words(bench.ask(c.ConfirmClear(window=2))) == ["AreaCleared"]
    assert words(bench.ask(c.ConfirmClear(window=2))) == []
    assert set(bench.hall.cleared) == {2}
    bench.ask(c.EndEvacuation(place="guide"))
    assert not bench.hall.cleared
    assert bench.ask(c.ConfirmClear(window=2)).answer["code"] == "no_evacuation"


def test_it_ends_once(bench):
    start(bench)
    assert bench.ask(c.EndEvacuation(place="guide")).answer["ok"]
    assert bench.ask(c.EndEvacuation(place="guide")).answer["code"] == "no_evacuation"


def test_a_rehearsal_ends_when_everybody_leaves(bench):
    bench.ask(c.RehearseVisit(window=3))
    start(bench)
    assert not bench.hall.rehearsals
