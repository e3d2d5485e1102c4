"""One contract over every driver's self-test: it ends, it names, and it leaves no trace."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from every_driver import (
    DEVICE,
    FORM,
    LEVELS,
    TWINNED,
    failed,
    orders,
    person,
    shown,
    wired,
    working_day,
)
from hallctl.core import effects as f
from hallctl.core import reports as r
from wired import codes

REST_S = 60.0
"""Longer than any pad thanks or asks by itself, and than any page of a strip stands."""


@pytest.mark.parametrize("level", LEVELS)
@pytest.mark.parametrize("faults", [("silence",), ("garbage", "stale_byte"), ("stale_byte",)])
@pytest.mark.parametrize("name", TWINNED)
def test_a_self_test_ends_by_itself_whatever_comes_or_does_not(name, faults, level):
    pair = wired(name)
    for fault in faults:
        pair.fault(fault)
    found = pair.selftest(level, form=FORM)
    assert "interrupted" not in codes(found)
    assert [x for x in found if x.step != "wire"], "it says something"


@pytest.mark.parametrize("name", TWINNED)
def test_after_a_self_test_the_device_shows_again_what_it_showed(name):
    pair = wired(name)
    working_day(pair)
    pair.run(REST_S)
    before = shown(pair.line.twin.state())
    for level in LEVELS:
        pair.selftest(level, form=FORM, person=person(pair))
        pair.run(REST_S)
        assert shown(pair.line.twin.state()) == before, level


@pytest.mark.parametrize("level", LEVELS)
@pytest.mark.parametrize("name", TWINNED)
@given(turns=st.integers(0, 300), again=st.booleans())
@settings(max_examples=20, deadline=None)
def test_a_self_test_may_be_broken_off_at_any_moment(name, level, turns, again):
    fresh, pair = wired(name), wired(name)
    for one in (fresh, pair):
        working_day(one)
    pair.do(f.ExerciseDevice(device=DEVICE, level=level, form=FORM, texts=("测试",)))
    for _ in range(turns):
        pair.turn()
    pair.do(f.EndExercise(device=DEVICE))
    told = len(pair.reports)
    for one in (fresh, pair):
        one.run(REST_S)
    assert not [x for x in pair.reports[told:] if isinstance(x, r.Finding | r.TestAsks)]
    assert shown(pair.line.twin.state()) == shown(fresh.line.twin.state())
    if again:
        assert failed(pair.selftest("external", form=FORM)) == []
    assert working_day(pair, 1) == working_day(fresh, 1)


@pytest.mark.parametrize("level", LEVELS)
@pytest.mark.parametrize("name", TWINNED)
def test_what_is_ordered_during_a_self_test_is_done_after_it(name, level):
    fresh, pair = wired(name), wired(name)
    pair.do(f.ExerciseDevice(device=DEVICE, level=level, form=FORM, texts=("测试",)))
    pair.run(0.3)
    for one in (fresh, pair):
        for order in orders(one.device.driver, 2):
            one.do(order)
    pair.until(lambda: pair.heard(r.TestEnded))
    for one in (fresh, pair):
        one.run(REST_S)
    assert shown(pair.line.twin.state()) == shown(fresh.line.twin.state())
    jobs = [[report.job for report in one.heard(r.SlipReady)] for one in (fresh, pair)]
    assert jobs[0] == jobs[1]
