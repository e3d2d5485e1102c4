"""Snapshot and events as one iterator: nothing lost, nothing doubled, whoever goes away."""

import os
import signal

import pytest

from hallctl.asked import Answer
from hallctl.client import HallClient
from hallctl.connecting import Trouble
from hallctl.core import commands as c
from hallctl.core.events import Recorded, TicketCalled, TicketIssued
from hallctl.mirror import Fresh, Snapshot, Stale
from hallctl.talking import BACKLOG_MOST, Backlog
from running import PATIENT_S, RunningDaemon, wait_until

TICKET = c.IssueTicket(queue="A", kiosk="kiosk-1")


@pytest.fixture
def daemon(tmp_path):
    daemon = RunningDaemon(tmp_path)
    daemon.start()
    yield daemon
    daemon.stop()


@pytest.fixture
def bus(daemon):
    return daemon.state / "bus"


def follow(hall, enough):
    """What the iterator gives, up to the first that is enough; nothing of it is thrown away."""
    found = []
    for change in hall.follow(PATIENT_S):
        found.append(change)
        if enough(change):
            return found
    raise AssertionError(f"not within {PATIENT_S} s; heard {found}")


def labels(changes):
    events = [one.event for one in changes if isinstance(one, Recorded)]
    return [event.label for event in events if isinstance(event, TicketIssued)]


def is_label(label):
    return lambda one: labels([one]) == [label]


def test_a_snapshot_comes_first_and_then_each_event_once(bus):
    with (
        HallClient.at(bus, "screen", "hall-1") as screen,
        HallClient.at(bus, "guide", "g") as guide,
    ):
        guide.do(TICKET, PATIENT_S)
        found = []
        for change in screen.follow(PATIENT_S):
            found.append(change)
            if isinstance(change, Snapshot):
                assert screen.hall.labelled("A001") is not None
                for _ in range(3):
                    guide.do(TICKET, PATIENT_S)
            if labels([change]) == ["A004"]:
                break
        known = [one for one in found if not isinstance(one, Trouble)]
        assert isinstance(known[0], Snapshot)
        assert labels(known) == ["A002", "A003", "A004"]


def test_what_happens_while_one_asks_is_followed_afterwards(bus):
    with HallClient.at(bus, "guide", "g") as guide:
        follow(guide, lambda one: isinstance(one, Snapshot))
        for change in guide.follow(PATIENT_S):
            if isinstance(change, Snapshot):
                assert guide.do(TICKET, PATIENT_S).ok
                assert guide.do(c.CallNext(window=1), PATIENT_S).ok
            if isinstance(getattr(change, "event", 0), TicketCalled):
                break
        assert guide.hall.windows[1].status == "called"


def test_an_iterator_begun_later_starts_with_what_is_known_and_repeats_nothing(bus):
    with HallClient.at(bus, "guide", "g") as guide:
        follow(guide, lambda one: isinstance(one, Snapshot))
        guide.do(TICKET, PATIENT_S)
        wait_until(lambda: guide.wait("nobody's", 0.1) or guide.hall.labelled("A001"), every_s=0)
        asked = guide.ask(TICKET)
        found = follow(guide, is_label("A002"))
        assert isinstance(found[0], Snapshot)
        assert labels(found) == ["A002"]
        assert guide.wait(asked, PATIENT_S) or any(isinstance(one, Answer) for one in found)


def test_a_daemon_killed_and_started_again_leaves_no_gap(daemon, bus):
    with HallClient.at(bus, "screen", "s") as screen, HallClient.at(bus, "guide", "g") as guide:
        guide.do(TICKET, PATIENT_S)
        found = follow(screen, lambda one: isinstance(one, Snapshot))
        at = screen.hall.seq
        for n in range(2, 6):
            assert guide.do(TICKET, PATIENT_S).result["label"] == f"A00{n}"
            if n in (2, 4):
                daemon.kill()
                daemon.start()
        told = []
        for change in screen.follow(PATIENT_S):
            told.append(change)
            if labels([change]) == ["A005"] or screen.hall.labelled("A005"):
                break
        assert isinstance(found[-1], Snapshot)
        assert screen.hall.seq > at
        assert [screen.hall.labelled(f"A00{n}") is not None for n in range(1, 6)] == [True] * 5


def test_a_subscriber_that_is_started_again_sees_the_same_hall(bus):
    with HallClient.at(bus, "guide", "g") as guide:
        for _ in range(3):
            guide.do(TICKET, PATIENT_S)
        with HallClient.at(bus, "screen", "s") as screen:
            follow(screen, lambda one: isinstance(one, Snapshot))
            before = set(screen.hall.visits)
        guide.do(TICKET, PATIENT_S)
        with HallClient.at(bus, "screen", "s") as screen:
            follow(screen, lambda one: isinstance(one, Snapshot))
            assert set(screen.hall.visits) > before
            assert screen.hall.labelled("A004") is not None


def test_a_hall_that_stands_still_is_stale_and_then_fresh_with_what_was_missed(daemon, bus):
    with HallClient.at(bus, "screen", "s") as screen:
        follow(screen, lambda one: isinstance(one, Snapshot))
        os.kill(daemon.process.pid, signal.SIGSTOP)
        try:
            found = follow(screen, lambda one: isinstance(one, Stale))
            assert found[-1].since_s > 0
            assert follow(screen, lambda one: one == Trouble("silent"))
        finally:
            os.kill(daemon.process.pid, signal.SIGCONT)
        follow(screen, lambda one: isinstance(one, Fresh))
        assert screen.stale_since_s is None


def test_an_iterator_ends_after_the_quiet_it_was_given(tmp_path):
    with HallClient.at(tmp_path, "screen", "s") as screen:
        assert [one for one in screen.follow(0.2) if not isinstance(one, Trouble)] == []


def test_a_backlog_is_bounded_for_a_snapshot_stands_for_any_number_of_events():
    backlog = Backlog()
    backlog.add([Answer("a", ok=True)], 1)
    for n in range(BACKLOG_MOST + 10):
        backlog.add([Snapshot(n)], n)
    found = backlog.take()
    assert len(found) < BACKLOG_MOST
    assert found[0] == Answer("a", ok=True), "an answer is never thrown away"
    assert backlog.one() is None
