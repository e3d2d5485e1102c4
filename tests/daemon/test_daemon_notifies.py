"""What a running daemon tells systemd, and when: a real daemon, a real socket."""

import pytest

from running import RawAsker, RunningDaemon, as_systemd


@pytest.fixture
def ear(tmp_path, monkeypatch):
    with as_systemd(tmp_path, monkeypatch) as ear:
        yield ear


@pytest.fixture
def daemon(tmp_path, ear):
    daemon = RunningDaemon(tmp_path)
    daemon.start()
    yield daemon
    daemon.stop()


def heard(ear):
    return ear.recv(4096).decode().splitlines()


def test_it_is_ready_when_the_first_number_can_be_given_and_not_before(daemon, ear):
    first = heard(ear)
    assert first[0] == "READY=1", "nothing is said before"
    assert (daemon.state / "bus/guide").exists()
    asker = RawAsker(daemon.state / "bus")
    answer = asker.ask("one", {"type": "IssueTicket", "queue": "A"})
    asker.close()
    assert answer["result"]["label"] == "A001"


def test_it_lives_as_long_as_its_loop_turns_and_says_that_it_ends(daemon, ear):
    assert heard(ear)[0] == "READY=1"
    for _ in range(3):
        assert heard(ear) == ["WATCHDOG=1"]
    assert daemon.stop() == 0
    rest = []
    ear.setblocking(False)
    try:
        while True:
            rest += heard(ear)
    except BlockingIOError:
        assert rest[-1] == "STOPPING=1"
    assert set(rest) <= {"WATCHDOG=1", "STOPPING=1"}


def test_without_systemd_it_runs_all_the_same(tmp_path, monkeypatch):
    monkeypatch.delenv("NOTIFY_SOCKET", raising=False)
    daemon = RunningDaemon(tmp_path)
    daemon.start()
    asker = RawAsker(daemon.state / "bus")
    assert asker.ask("one", {"type": "IssueTicket", "queue": "A"})["ok"]
    asker.close()
    assert daemon.stop() == 0
