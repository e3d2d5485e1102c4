"""A second daemon on the folder of a running one, by whatever name it comes."""

import subprocess
import sys

import pytest

from faults.seeing import happened, ready
from hallctl.client import HallClient
from hallctl.mirror import Snapshot
from running import PATIENT_S, ROOT, RunningDaemon


@pytest.fixture
def daemon(tmp_path):
    daemon = RunningDaemon(tmp_path)
    daemon.start()
    daemon.asker = ready(daemon)
    yield daemon
    daemon.asker.close()
    assert daemon.stop() == 0


def second(daemon, state):
    command = [sys.executable, "-m", "hallctl", "run", "--hall", daemon.hall, "--state", state]
    return subprocess.run(
        command, capture_output=True, text=True, timeout=PATIENT_S, cwd=ROOT, check=False
    )


def test_the_second_ends_naming_the_first_and_the_first_goes_on_undisturbed(daemon, tmp_path):
    other_name = tmp_path / "o"
    other_name.symlink_to(daemon.state)
    with HallClient.at(daemon.state / "bus", "screen", "hall-1") as screen:
        next(c for c in screen.follow(PATIENT_S) if isinstance(c, Snapshot))
        doors = {p: p.stat().st_ino for p in (daemon.state / "bus").iterdir()}
        assert len(doors) > 6
        for state in (daemon.state, other_name):
            ended = second(daemon, state)
            assert ended.returncode == 75
            assert f"process {daemon.process.pid} already runs this hall" in ended.stderr
            assert "Traceback" not in ended.stderr
        assert {p: p.stat().st_ino for p in doors} == doors, "no socket was taken over"
        answer = daemon.asker.ask("t", {"type": "IssueTicket", "queue": "A"})
        assert answer["result"]["label"] == "A001"
        found = screen.follow(PATIENT_S)
        assert any(type(getattr(c, "event", None)).__name__ == "TicketIssued" for c in found)
    assert len(happened(daemon, "EpochBegun")) == 1


def test_the_lock_of_a_killed_daemon_stops_nobody(daemon):
    daemon.kill()
    daemon.start()
    answer = daemon.asker.ask("t", {"type": "IssueTicket", "queue": "A"})
    assert answer["result"]["label"] == "A001"
