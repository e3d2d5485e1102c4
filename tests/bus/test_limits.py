"""Rates and the notes of who was turned away: bounded, whatever comes in."""

from hypothesis import given
from hypothesis import strategies as st

from hallctl.bus.limits import (
    ANEW_S,
    ANSWERED_MOST,
    DROPS_MOST,
    KINDS_MOST,
    OTHERS,
    REST_S,
    Rates,
    Refusals,
)


def test_a_burst_is_taken_and_then_the_rate():
    rates = Rates(rate=10.0, burst=5)
    assert [rates.wait_s(b"k", "command", 0.0) for _ in range(5)] == [0.0] * 5
    assert rates.wait_s(b"k", "command", 0.0) == 0.1
    assert rates.wait_s(b"k", "command", 0.1) == 0.0
    assert rates.wait_s(b"k", "command", 0.1) > 0.0


def test_one_key_uses_up_nothing_of_anothers():
    rates = Rates(rate=1.0, burst=1)
    assert rates.wait_s(b"a", "command", 0.0) == 0.0
    assert rates.wait_s(b"a", "command", 0.0) > 0.0
    assert rates.wait_s(b"b", "command", 0.0) == 0.0


def test_a_snapshot_costs_more_than_a_command_but_is_never_out_of_reach():
    rates = Rates(rate=1.0, burst=20)
    assert [rates.wait_s(b"k", "snapshot", 0.0) for _ in range(3)] == [0.0, 0.0, 10.0]
    small = Rates(rate=1.0, burst=2)
    assert small.wait_s(b"k", "snapshot", 0.0) == 0.0


@given(
    st.lists(st.tuples(st.floats(0, 5), st.sampled_from(["command", "snapshot", ""])), max_size=200)
)
def test_nobody_gets_more_than_burst_and_rate_together(steps):
    rates, now_s, taken = Rates(rate=3.0, burst=10), 0.0, 0
    for gone_s, ask in steps:
        now_s += gone_s
        if rates.wait_s(b"k", ask, now_s) == 0:
            taken += 10 if ask == "snapshot" else 1
    assert taken <= 10 + 3.0 * now_s + 1e-6


def test_a_clock_that_goes_back_gives_nothing_and_takes_nothing():
    rates = Rates(rate=1.0, burst=1)
    assert rates.wait_s(b"k", "command", 100.0) == 0.0
    assert rates.wait_s(b"k", "command", 50.0) > 0.0


def test_one_that_does_not_stop_is_no_longer_answered_then_cut_off_then_let_in_again():
    rates = Rates(rate=1.0, burst=1)
    rates.wait_s(b"k", "command", 0.0)
    for _ in range(ANSWERED_MOST):
        assert rates.hears(b"k", 0.1)
        rates.refused(b"k", 0.1)
    assert not rates.hears(b"k", 0.1)
    cut = [rates.refused(b"k", 0.2) for _ in range(DROPS_MOST)]
    assert cut.index(True) == DROPS_MOST - ANSWERED_MOST - 1
    assert rates.resting(b"k", 0.2)
    assert not rates.resting(b"k", 0.2 + REST_S)
    assert rates.hears(b"k", 5.0)


def test_rates_of_keys_that_are_gone_are_forgotten():
    rates = Rates(rate=1.0, burst=2)
    for n in range(100):
        rates.wait_s(str(n).encode(), "command", 0.0)
        rates.rest(str(n).encode(), 0.0)
    rates.forget(1.0)
    assert rates._buckets
    assert rates._resting
    rates.forget(REST_S + 1)
    assert not rates._buckets
    assert not rates._resting


def test_the_first_refusal_is_told_at_once_and_more_of_the_kind_once_a_minute():
    notes = Refusals()
    notes.note("a", "not_allowed", "CallNext")
    assert [(t.asker, t.what, t.count) for t in notes.take(0.0)] == [("a", "CallNext", 1)]
    for _ in range(500):
        notes.note("a", "not_allowed", "Finish")
    assert notes.take(ANEW_S - 1) == ()
    assert [(t.what, t.count) for t in notes.take(ANEW_S)] == [("Finish", 500)]
    assert notes.counted["not_allowed"] == 501


def test_another_reason_and_another_asker_are_told_at_once():
    notes = Refusals()
    notes.note("a", "not_allowed", "")
    notes.take(0.0)
    notes.note("a", "not_yours", "")
    notes.note("b", "not_allowed", "")
    assert {(t.asker, t.code) for t in notes.take(1.0)} == {
        ("a", "not_yours"),
        ("b", "not_allowed"),
    }


@given(
    st.lists(
        st.tuples(st.integers(0, 999), st.sampled_from(["x", "y", "z"]), st.floats(0, 30)),
        max_size=400,
    )
)
def test_whoever_comes_nothing_is_lost_and_little_is_told(steps):
    notes, now_s, told = Refusals(), 0.0, []
    for asker, code, gone_s in steps:
        now_s += gone_s
        notes.note(f"tcp:{asker}", code, "")
        told += notes.take(now_s)
        assert len(notes._kinds) <= KINDS_MOST + 3
    told += notes.take(now_s + ANEW_S)
    for later in (2, 3, 4):
        told += notes.take(now_s + later * ANEW_S)
    assert sum(t.count for t in told) == len(steps) == notes.counted.total()
    assert not notes._kinds


def test_of_very_many_askers_the_later_ones_are_told_together():
    notes = Refusals()
    for n in range(10_000):
        notes.note(f"tcp:{n}", "handshake", "")
    told = notes.take(0.0)
    assert len(told) == KINDS_MOST + 1
    assert next(t.count for t in told if t.asker == OTHERS) == 10_000 - KINDS_MOST
