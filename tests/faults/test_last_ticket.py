"""Twelve clerks press for the same last ticket at the same moment, again and again."""

import os
from collections import Counter

import pytest

from faults.seeing import journal, ready
from faults.twelve import WINDOWS, twelve_windows
from running import PATIENT_S, RawAsker, RunningDaemon

ROUNDS = int(os.environ.get("HALLCTL_RACES", "60"))


@pytest.fixture
def daemon(tmp_path):
    daemon = RunningDaemon(tmp_path)
    twelve_windows(daemon)
    daemon.start()
    daemon.guide = ready(daemon)
    daemon.clerks = [RawAsker(daemon.state / "bus", "window", f"window-{n}") for n in WINDOWS]
    yield daemon
    for asker in (daemon.guide, *daemon.clerks):
        asker.close()
    assert daemon.stop() == 0


def race(daemon, number):
    """All twelve press before any of them is answered; their answers, in order of windows."""
    for window, clerk in zip(WINDOWS, daemon.clerks, strict=True):
        clerk.send(f"race-{number}", {"type": "CallNext", "window": window})
    answers = [clerk.receive(PATIENT_S) for clerk in daemon.clerks]
    assert None not in answers, "somebody was not answered"
    return answers


def test_one_of_twelve_gets_the_last_ticket_and_eleven_are_told_that_nobody_waits(daemon):
    winners = Counter()
    for number in range(ROUNDS):
        issued = daemon.guide.ask(f"t{number}", {"type": "IssueTicket", "queue": "A"})
        answers = race(daemon, number)
        won = [w for w, a in zip(WINDOWS, answers, strict=True) if a["ok"]]
        assert len(won) == 1
        assert answers[won[0] - 1]["result"]["label"] == issued["result"]["label"]
        assert {a["code"] for a in answers if not a["ok"]} == {"nobody_waits"}
        winners[won[0]] += 1
        done = daemon.guide.ask(f"f{number}", {"type": "Finish", "window": won[0]})
        assert done["ok"]
    called = [e["event"]["visit"] for e in journal(daemon) if e["event"]["type"] == "TicketCalled"]
    assert len(called) == len(set(called)) == ROUNDS
    assert sum(winners.values()) == ROUNDS
