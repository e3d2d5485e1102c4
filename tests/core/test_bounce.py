"""A key that bounces, or a finger that is nervous: whatever key, wherever, it acts once."""

from typing import get_args

import pytest

from hallctl.core import commands as c
from hallctl.core import reports as r
from hallctl.core.reports import Key
from sample import Bench, words

ACTS = {
    "idle": (),
    "called": (c.CallNext(window=1),),
    "serving": (c.CallNext(window=1), c.Start(window=1)),
    "rating": (c.CallNext(window=1), c.Start(window=1), c.Finish(window=1)),
    "held": (c.CallNext(window=1), c.Start(window=1), c.Hold(window=1)),
    "paused": (c.Pause(window=1),),
}
BOUNCES_S = (0.001, 0.1, 0.29)


def at_window(state):
    bench = Bench()
    for _ in range(4):
        bench.ask(c.IssueTicket(queue="A"))
    for act in ACTS[state]:
        bench.later(30)
        assert bench.ask(act).answer["ok"]
    bench.later(30)
    return bench


def press(bench, key):
    return words(bench.report("keypads", r.KeyPressed(window=1, key=key, digits="", press="p")))


@pytest.mark.parametrize("state", ACTS)
@pytest.mark.parametrize("key", get_args(Key))
@pytest.mark.parametrize("apart_s", BOUNCES_S)
def test_a_second_press_within_a_third_of_a_second_is_refused_and_counted(state, key, apart_s):
    bench = at_window(state)
    press(bench, key)
    bench.later(apart_s)
    assert press(bench, key) == ["KeyRefused"]


def test_two_real_presses_of_pause_400_ms_apart_both_count():
    bench = at_window("idle")
    assert press(bench, "pause") == ["WindowPaused"]
    bench.later(0.4)
    assert press(bench, "pause") == ["WindowResumed"]
