"""A real daemon on a disk that takes nothing: one line says which folder and what to do."""

import errno
import os
import socket
import stat
import time
from pathlib import Path

import apsw
import pytest
import zmq

from hallctl import service
from hallctl.bus.local import LocalDoors
from hallctl.disk import trouble_words
from running import PATIENT_S, RawAsker, RunningDaemon, wait_until
from small_disk import SmallDisk, needs_mount

EX_IOERR = 74


@pytest.fixture
def hall(tmp_path):
    daemon = RunningDaemon(tmp_path)
    disk = SmallDisk(daemon.state, 64)
    yield daemon, disk
    if daemon.process is not None and daemon.process.poll() is None:
        daemon.kill()
    disk.close()


@needs_mount
def test_it_does_not_start_on_a_read_only_disk_and_says_why(hall):
    daemon, disk = hall
    disk.read_only()
    daemon.start()
    assert daemon.process.wait(PATIENT_S) == EX_IOERR
    (line,) = daemon.words().splitlines()
    assert line.startswith(f"ERROR {daemon.state}: the disk is read-only;")
    assert "mount -o remount,rw" in line
    disk.writable()
    daemon.start()
    asker = RawAsker(daemon.state / "bus")
    assert asker.ask("a", {"type": "IssueTicket", "queue": "A"})["result"]["label"] == "A001"
    asker.close()
    assert daemon.stop() == 0
    disk.read_only()
    daemon.start()
    assert daemon.process.wait(PATIENT_S) == EX_IOERR, "with a journal there too"
    assert daemon.words().splitlines()[-1] == line
    assert "Traceback" not in daemon.words()


@needs_mount
def test_under_systemd_a_start_that_fails_at_the_disk_takes_its_time(hall, tmp_path, monkeypatch):
    daemon, disk = hall
    disk.read_only()
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as ear:
        ear.bind(str(tmp_path / "notify"))
        ear.settimeout(PATIENT_S)
        monkeypatch.setenv("NOTIFY_SOCKET", str(tmp_path / "notify"))
        begun_s = time.monotonic()
        daemon.start()
        assert "the disk is read-only" in ear.recv(4096).decode(), "said at once, not at the end"
        assert daemon.process.wait(PATIENT_S) == EX_IOERR
    assert time.monotonic() - begun_s >= service.SLOWLY_S


@pytest.mark.parametrize(
    ("problem", "words"),
    [
        (OSError(errno.ENOSPC, "No space"), "make room (old files in /state/backups, logs)"),
        (OSError(errno.EDQUOT, "Quota"), "make room"),
        (apsw.FullError("database or disk is full"), "make room"),
        (OSError(errno.EROFS, "Read-only"), "mount -o remount,rw"),
        (apsw.ReadOnlyError("attempt to write"), "mount -o remount,rw"),
        (PermissionError(errno.EACCES, "Denied"), "must belong to the user"),
        (OSError(errno.EIO, "I/O error"), "have the disk looked at"),
        (apsw.IOError("disk I/O error"), "have the disk looked at"),
    ],
)
def test_each_trouble_is_one_line_with_the_folder_and_what_to_do(problem, words):
    line = trouble_words(Path("/state"), problem)
    assert line.startswith("/state: ")
    assert words in line
    assert "\n" not in line


def modes(state):
    return {
        str(p.relative_to(state)): stat.S_IMODE(p.stat().st_mode)
        for p in (state, *state.rglob("*"))
    }


def test_under_any_umask_the_group_gets_to_the_sockets_and_to_nothing_else(tmp_path):
    before = os.umask(0o077)  # the unit's
    try:
        daemon = RunningDaemon(tmp_path)
        daemon.start()
        asker = RawAsker(daemon.state / "bus")
        asker.ask("a", {"type": "IssueTicket", "queue": "A"})
        wait_until((daemon.state / "reserve").exists)
        found = modes(daemon.state)
        asker.close()
        daemon.stop()
    finally:
        os.umask(before)
    assert found.pop("bus") == 0o750
    sockets = {name: found.pop(name) for name in list(found) if name.startswith("bus/")}
    assert set(sockets.values()) == {0o660}
    assert found.pop(".") == 0o700  # the test made it; the unit's StateDirectoryMode is 0750
    assert {"journal.db", "journal.db-wal", "high-water", "reserve", "lock"} <= set(found)
    assert set(found.values()) == {0o600}


def test_a_bus_folder_that_is_there_is_given_to_the_group(tmp_path):
    (tmp_path / "bus").mkdir(mode=0o700)
    with zmq.Context() as context:
        doors = LocalDoors(tmp_path / "bus", context)
        doors.close()
    assert stat.S_IMODE((tmp_path / "bus").stat().st_mode) == 0o750
