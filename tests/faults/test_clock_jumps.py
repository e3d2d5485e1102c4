"""The machine's clock is set while the hall runs: a real daemon, its wall clock faked from below.

libfaketime stands between the daemon and the system's clock; the steady clock is left alone.
"""

import re
from pathlib import Path

import pytest

from faults.seeing import change, happened, journal, ready
from hallctl import wire
from hallctl.chain import verify
from hallctl.core.applying import apply
from hallctl.core.events import TicketCalled, TicketIssued
from hallctl.core.hall import Hall
from running import RunningDaemon, wait_until

FAKETIME = next(iter(Path("/usr/lib").glob("*/faketime/libfaketimeMT.so.1")), None)
pytestmark = pytest.mark.skipif(FAKETIME is None, reason="faketime is not installed")
RATING_OPEN_S = 5
GAP_S = 90
LATE_S = 30.0
"""A slow machine is late by seconds; a clock that was believed is late by an hour."""


@pytest.fixture
def daemon(tmp_path):
    said = tmp_path / "set"
    said.write_text("+0")
    daemon = RunningDaemon(
        tmp_path,
        via=(
            "env", f"LD_PRELOAD={FAKETIME}", f"FAKETIME_TIMESTAMP_FILE={said}",
            "FAKETIME_NO_CACHE=1", "FAKETIME_DONT_FAKE_MONOTONIC=1", "NO_FAKE_STAT=1",
        ),
    )  # fmt: skip
    daemon.clock.write_text(str(float(daemon.clock.read_text()) + 3600))  # half past ten
    change(daemon, "rating_open_s: 60 ", f"rating_open_s: {RATING_OPEN_S} ")
    change(daemon, "recall_gap_s: 20 ", f"recall_gap_s: {GAP_S} ")
    change(daemon, "undo_s: 10 ", f"undo_s: {GAP_S} ")
    daemon.start()
    daemon.asker = ready(daemon)
    daemon.said = said
    daemon.count = 0
    yield daemon
    daemon.asker.close()
    assert daemon.stop() == 0


def ask(daemon, kind, **fields):
    daemon.count += 1
    return daemon.asker.ask(f"c{daemon.count}", {"type": kind, **fields})


def issue(daemon):
    return ask(daemon, "IssueTicket", queue="A")["result"]["label"]


def set_clock(daemon, offset):
    """Set the machine's clock, and wait until the hall has noticed."""
    before = len(happened(daemon, "ClockSet"))
    replaced = daemon.said.with_suffix(".new")
    replaced.write_text(offset)
    replaced.replace(daemon.said)
    wait_until(lambda: len(happened(daemon, "ClockSet")) > before)


def folded(daemon):
    """The hall at each event."""
    hall = Hall()
    for one in journal(daemon):
        recorded = wire.recorded_in(one)
        apply(hall, recorded)
        yield hall, recorded


def test_an_hour_forth_and_back_makes_nothing_early_nothing_late_and_no_wait_negative(daemon):
    for _ in range(2):
        issue(daemon)
    for done, offset in enumerate(("+3600", "+0", "-3600", "+0"), 1):
        issue(daemon)
        assert ask(daemon, "CallNext", window=1)["ok"]
        assert ask(daemon, "CallNext", window=2)["ok"]
        assert ask(daemon, "Finish", window=1)["ok"]
        set_clock(daemon, offset)
        refused = ask(daemon, "Recall", window=2)
        assert refused["code"] == "too_soon"
        assert int(re.search(r"\d+", refused["words"]["en"])[0]) <= GAP_S
        assert ask(daemon, "Undo", window=2)["ok"], "a press can be taken back as before"
        wait_until(lambda n=done: len(happened(daemon, "RatingClosed")) == n)
        issue(daemon)

    jumps = [event["by_s"] for event in happened(daemon, "ClockSet")]
    assert jumps == pytest.approx([3600, -3600, -3600, 3600], abs=1)
    check_ratings(daemon)
    check_waits(daemon)


def check_ratings(daemon):
    """A pad asks as long as the rules say, by the steady clock."""
    opened = {}
    for one in journal(daemon):
        event = one["event"]
        if event["type"] == "ServiceFinished":
            opened[event["visit"]] = one["mono_s"]
        elif event["type"] == "RatingClosed":
            lasted_s = one["mono_s"] - opened.pop(event["visit"])
            assert RATING_OPEN_S - 0.2 <= lasted_s < LATE_S
    assert opened == {}


def check_waits(daemon):
    """By the hall's own times everybody waits as long as by the steady clock, and in order."""
    came, turns = {}, []
    for hall, recorded in folded(daemon):
        event = recorded.event
        if isinstance(event, TicketIssued):
            came[event.visit] = recorded.mono_s
        elif isinstance(event, TicketCalled):
            visit = hall.visits[event.visit]
            waited_s = visit.called_s - visit.issued_s
            assert waited_s == pytest.approx(recorded.mono_s - came[event.visit], abs=0.5)
            turns.append(visit.number)
    assert min(turns) == 1
    first = sorted(set(turns), key=turns.index)
    assert first == sorted(first), "who came later was called earlier"


def test_a_clock_a_day_ahead_and_set_back_gives_no_number_twice_and_keeps_the_order(daemon):
    for _ in range(3):
        issue(daemon)
    assert ask(daemon, "CallNext", window=1)["result"]["label"] == "A001"
    set_clock(daemon, "+86400")
    wait_until(lambda: len(happened(daemon, "DayOpened")) == 2)
    assert [issue(daemon) for _ in range(2)] == ["A001", "A002"], "another day, other numbers"
    set_clock(daemon, "+0")
    assert [issue(daemon) for _ in range(2)] == ["A003", "A004"]
    assert [ask(daemon, "CallNext", window=w)["result"]["label"] for w in (1, 2, 3)] == [
        "A001", "A002", "A003",
    ]  # fmt: skip
    set_clock(daemon, "+86400")
    assert issue(daemon) == "A005", "the day that was begun by mistake goes on"
    days = [event["day"] for event in happened(daemon, "DayOpened")]
    assert days == ["2026-11-23", "2026-11-24"], "a day is begun once, and never an older one"
    visits = [event["visit"] for event in happened(daemon, "TicketIssued")]
    assert len(visits) == len(set(visits)) == 8
    voided = [event["label"] for event in happened(daemon, "TicketVoided")]
    assert sorted(voided) == ["A001", "A002", "A003"], "nobody of the day before stays in limbo"
    assert [one["seq"] for one in journal(daemon)] == list(range(1, len(journal(daemon)) + 1))
    assert verify(daemon.state)[0] == len(journal(daemon))
