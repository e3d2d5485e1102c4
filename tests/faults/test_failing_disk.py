"""A disk that fails, is full now and then, or is slow: system calls of a real daemon do so."""

import os
import random
import shutil
import signal
import socket
import time

import pytest
import zmq

from killing import Load, check
from running import PATIENT_S, RawAsker, RunningDaemon
from traced import TracedDaemon, needs_strace

pytestmark = needs_strace
EX_IOERR = 74
POINTS = int(os.environ.get("HALLCTL_KILL_POINTS", "0"))
"""So many more places to be killed at than the eight of every run."""
WAIT_S = 120.0


class Asked:
    """A daemon that has a journal already, and a load for it."""

    def __init__(self, folder, begun):
        self.daemon = TracedDaemon(folder)
        shutil.copytree(begun, self.daemon.state, dirs_exist_ok=True)
        self.asker = RawAsker(self.daemon.state / "bus")
        self.load = Load(self.asker, random.Random(1))

    def until_it_ends(self):
        """Ask without pause; gives how it ended."""
        until_s = time.monotonic() + WAIT_S
        while self.daemon.process.poll() is None:
            assert time.monotonic() < until_s, "it did not end"
            self.load.push()
            if not self.load.take(0.5):
                self.load.repeat()
        while self.load.take(0):
            pass
        return self.daemon.process.returncode

    def see_that_all_is_there(self):
        """Start it on a good disk, ask again for what had no answer, and look at the journal."""
        self.daemon.start()
        self.asker.ask("seen", {"type": "AskHelp", "place": "door"}, WAIT_S)
        self.load.settle()
        assert self.daemon.stop() == 0
        check(self.daemon, self.load)

    def close(self):
        self.daemon.end()
        self.asker.close()


@pytest.fixture(scope="module")
def begun(tmp_path_factory):
    """The state of a hall that was opened and ended."""
    daemon = RunningDaemon(tmp_path_factory.mktemp("begun"))
    daemon.start()
    asker = RawAsker(daemon.state / "bus")
    asker.ask("hello", {"type": "AskHelp", "place": "door"}, WAIT_S)
    asker.close()
    assert daemon.stop() == 0
    shutil.rmtree(daemon.state / "bus")
    return daemon.state


@pytest.fixture
def asked(tmp_path, begun):
    made = Asked(tmp_path, begun)
    yield made
    made.close()


@pytest.mark.parametrize(
    ("name", "at"), [("journal.db-wal", 6), ("journal.db", 1), ("high-water", 2)]
)
def test_a_failed_sync_ends_the_daemon_and_that_file_is_never_synced_again(asked, name, at):
    asked.daemon.traced(f"fdatasync:error=EIO:when={at}", (name,))
    assert asked.until_it_ends() == EX_IOERR
    calls = asked.daemon.calls()
    failed = [n for n, (_, _, injected) in enumerate(calls) if injected]
    assert [calls[n][1] for n in failed] == [name]
    assert [c for c in calls[failed[0] + 1 :] if c[1] == name] == [], "synced again: it would lie"
    words = asked.daemon.words()
    assert "Traceback" not in words
    assert f"{asked.daemon.state}: [Errno 5] Input/output error" in words.splitlines()[-1]
    # The other two are synced when all is answered: what was asked since may be nothing.
    assert asked.load.open or name != "journal.db-wal", "what was doubtful was answered"
    asked.see_that_all_is_there()


def test_a_disk_that_is_full_at_some_writes_is_helped_by_the_reserve(asked):
    before = (asked.daemon.state / "reserve").stat().st_size
    asked.daemon.traced("pwrite64:error=ENOSPC:when=30+61", ("journal.db-wal", "high-water"))
    while (asked.daemon.state / "reserve").stat().st_size > before - 4 * (1 << 20):
        asked.load.push()
        asked.load.take(0.05)
        assert asked.daemon.process.poll() is None, asked.daemon.words()
    asked.load.settle()
    asked.daemon.end()
    asked.see_that_all_is_there()


def test_a_disk_that_has_become_read_only_ends_the_daemon_in_words(asked):
    asked.daemon.traced("pwrite64:error=EROFS:when=40+", ("journal.db-wal",))
    assert asked.until_it_ends() == EX_IOERR
    assert f"{asked.daemon.state}: the disk is read-only" in asked.daemon.words().splitlines()[-1]
    asked.see_that_all_is_there()


def places():
    """Where it is killed: at the n-th of a call, at its start, in its work, at its checkpoints."""
    yield from (("pwrite64", n) for n in (1, 22, 61, 150))
    yield from (("fdatasync", n) for n in (1, 6, 17))
    yield "ftruncate", 1
    rng = random.Random(20261128)
    for _ in range(POINTS):
        yield rng.choice(("pwrite64", "fdatasync", "write")), int(rng.expovariate(1 / 60)) + 1


def test_killed_at_any_write_or_sync_it_loses_nothing_and_doubles_nothing(asked):
    killed = 0
    for call, at in places():
        asked.daemon.traced(f"{call}:signal=KILL:when={at}")
        killed += asked.until_it_ends() == -signal.SIGKILL
    assert killed == 8 + POINTS
    asked.see_that_all_is_there()


def test_on_a_slow_disk_every_second_is_told_and_everything_is_answered(
    asked, tmp_path, monkeypatch
):
    """20 ms for each sync: ticks go on, the watchdog is fed, followers hear that the hall lives."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as ear, zmq.Context() as context:
        ear.bind(str(tmp_path / "notify"))
        ear.settimeout(PATIENT_S)
        monkeypatch.setenv("NOTIFY_SOCKET", str(tmp_path / "notify"))
        monkeypatch.setenv("WATCHDOG_USEC", "20000000")
        asked.daemon.traced("fdatasync:delay_exit=20000")
        assert ear.recv(4096).startswith(b"READY=1")
        follower = context.socket(zmq.SUB)
        follower.subscribe(b"heartbeat")
        follower.connect(f"ipc://{asked.daemon.state}/bus/events-staff")
        ear.setblocking(False)
        fed = beats = 0
        until_s = time.monotonic() + WAIT_S
        while fed < 5 or beats < 5:
            assert time.monotonic() < until_s, f"{fed} pings, {beats} heartbeats"
            asked.load.push()
            asked.load.take(0.02)
            fed += said(ear)
            while follower.poll(0):
                beats += follower.recv_multipart()[0] == b"heartbeat"
        follower.close(0)
    slowed = [c for c in asked.daemon.calls() if c[1] == "journal.db-wal"]
    assert len(slowed) > 20, "the disk was not slow"
    asked.load.settle()
    asked.daemon.end()
    asked.see_that_all_is_there()


def said(ear):
    try:
        return ear.recv(4096) == b"WATCHDOG=1"
    except BlockingIOError:
        return False
