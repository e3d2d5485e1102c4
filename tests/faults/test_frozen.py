"""A daemon that stands still: the service manager hears nothing, terminals say since when."""

import signal
import time

import pytest

from faults.seeing import ready
from hallctl.client import HallClient
from hallctl.mirror import STALE_S, Fresh, Snapshot, Stale
from running import PATIENT_S, RunningDaemon, as_systemd

LONGER_S = 4.0
"""Four heartbeats and pings would come in this time."""


@pytest.fixture
def ear(tmp_path, monkeypatch):
    with as_systemd(tmp_path, monkeypatch) as ear:
        yield ear


@pytest.fixture
def daemon(tmp_path, ear):
    daemon = RunningDaemon(tmp_path)
    daemon.start()
    daemon.asker = ready(daemon)
    yield daemon
    daemon.process.send_signal(signal.SIGCONT)
    daemon.asker.close()
    assert daemon.stop() == 0


def pings(ear):
    """What has been said to the service manager and not yet heard."""
    ear.setblocking(False)
    found = []
    try:
        while True:
            found += ear.recv(4096).decode().splitlines()
    except BlockingIOError:
        return found
    finally:
        ear.settimeout(PATIENT_S)


def follow(screen, kind):
    for change in screen.follow(PATIENT_S):
        if isinstance(change, kind):
            return change
    raise AssertionError(f"no {kind.__name__} in {PATIENT_S} s")


def test_a_frozen_daemon_pings_no_more_and_is_stale_since_its_last_word_until_it_goes_on(
    daemon, ear
):
    with HallClient.at(daemon.state / "bus", "screen", "hall-1") as screen:
        follow(screen, Snapshot)
        assert "WATCHDOG=1" in [ear.recv(4096).decode() for _ in range(3)]
        heard_s = screen.now().wall_s
        daemon.process.send_signal(signal.SIGSTOP)
        stopped_s = time.monotonic()
        try:
            stale = follow(screen, Stale)
            assert heard_s - PATIENT_S < stale.since_s < screen.now().wall_s
            assert time.monotonic() - stopped_s > STALE_S - 2, "not for one late heartbeat"
            pings(ear)
            time.sleep(LONGER_S)
            assert pings(ear) == [], "systemd kills it after WatchdogSec, and starts it anew"
            daemon.asker.send("asked", {"type": "IssueTicket", "queue": "A"})
        finally:
            daemon.process.send_signal(signal.SIGCONT)
        follow(screen, Fresh)
        assert screen.stale_since_s is None
        assert "WATCHDOG=1" in ear.recv(4096).decode()
        answer = daemon.asker.ask("asked", {"type": "IssueTicket", "queue": "A"})
        assert answer["result"]["label"] == "A001", "what was asked meanwhile is done once"
