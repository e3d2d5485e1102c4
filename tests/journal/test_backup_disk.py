"""A disk that fails in the midst of a restore: the old journal or the new one, and plain words."""

import os
import resource
import shutil

import apsw
import pytest

from hallctl.backups import restoring
from hallctl.backups.restoring import restore
from hallctl.backups.trouble import BackupError
from kept_journals import BackedUp, Lines, in_child, listing, next_start, tickets


@pytest.fixture
def desk(tmp_path):
    return BackedUp(tmp_path)


def failing(monkeypatch, at_call, problem):
    """`os.fsync` that fails at its n-th call."""
    real, calls = os.fsync, []

    def fsync(file):
        calls.append(file)
        if len(calls) == at_call:
            raise problem
        return real(file)

    monkeypatch.setattr(os, "fsync", fsync)
    return calls


@pytest.mark.parametrize("problem", [OSError(28, "No space left"), OSError(5, "I/O error")])
def test_a_disk_that_fails_at_any_sync_leaves_the_old_or_the_new(
    desk, tmp_path, monkeypatch, problem
):
    ends = set()
    for at_call in range(1, 40):
        state = tmp_path / f"try-{at_call}"
        shutil.copytree(desk.state, state)
        with monkeypatch.context() as patched:
            calls = failing(patched, at_call, problem)
            try:
                restore(state, desk.file)
                end = "done"
            except BackupError as told:
                end = told.what
        hall, journal = next_start(state)
        is_new = hall.epoch != "epoch-1"
        labels = tickets(journal)
        journal.close()
        assert len(labels) == (4 if is_new else 9)
        assert hall.numbers == {"A": 7, "B": 2}
        assert is_new == (end in {"half_way", "done"}), f"sync {at_call}: {end}"
        ends.add(end)
        if len(calls) < at_call:
            break
    full = problem.errno == 28
    assert ends == {"disk_full" if full else "unwritable", "half_way", "done"}
    assert not full or calls


@pytest.mark.parametrize("room", [0, 1000, 4096, 12_000, 20_000])
def test_a_disk_that_takes_no_more_at_any_byte_changes_nothing(desk, room):
    """In a child whose files may not grow beyond `room` bytes."""
    before = listing(desk.state)

    def confined():
        resource.setrlimit(resource.RLIMIT_FSIZE, (room, resource.RLIM_INFINITY))
        try:
            restore(desk.state, desk.file)
        except BackupError as problem:
            os._exit(3 if problem.what in {"unwritable", "disk_full"} else 4)

    ended, _ = in_child(confined, Lines(()))
    assert ended == -3
    assert listing(desk.state) == before
    assert restore(desk.state, desk.file).aside is not None


def test_what_was_prepared_for_a_restore_that_failed_is_gone(desk, monkeypatch):
    def fails(*_args, **_more):
        raise apsw.FullError("full")

    before = listing(desk.state)
    monkeypatch.setattr(restoring, "begin_epoch", fails)
    with pytest.raises(BackupError) as problem:
        restore(desk.state, desk.file)
    assert problem.value.what == "disk_full"
    assert listing(desk.state) == before
    assert not (desk.state / "restoring").exists()
