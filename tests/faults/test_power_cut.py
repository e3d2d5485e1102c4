"""The current goes off at every moment that there is; what was acknowledged is there afterwards.

The disk of `hallctl.simulator.disk` knows at each moment what a power cut would leave. So one run
of a stream is looked at after every single write and before every single sync, once for each way
in which the unsynced may be lost; and a second time by really cutting and really starting again.
"""

import contextlib
import itertools
import os
import random
import shutil

import apsw
import pytest

from faults.streaming import (
    DAY,
    Stream,
    check,
    commits,
    found_commits,
    often,
    quick_folder,
    rows_of,
)
from hallctl.chain import JournalError
from hallctl.journal import Journal
from hallctl.mark import HighWaterMark
from hallctl.simulator.disk import FaultyDisk
from hallctl.simulator.platter import SyncedAgain
from hallctl.simulator.unsynced import HOWS

COMMITS = int(os.environ.get("HALLCTL_CUT_COMMITS", "40"))
CUTS = int(os.environ.get("HALLCTL_CUTS", "40"))
DEAD = (apsw.Error, OSError, JournalError)
"""What a start or a commit ends with when the disk is no more."""


def looked_at(folder, wanted, how, *, seed=0, every=1, pragma=""):
    """Run a stream; check what a cut would leave at each moment. Gives all that was found wrong."""
    state, scratch = folder / "state", folder / "cut"
    state.mkdir(parents=True)
    disk = FaultyDisk(seed)
    stream = None
    rows = rows_of(wanted)
    moments, wrong, found = 0, [], []

    def moment():
        nonlocal moments
        moments += 1
        if moments % every:
            return
        left = disk.would_leave(how)
        scratch.mkdir()
        for path in state.iterdir():
            image = left.get(path, path.read_bytes())
            if image is not None and not path.name.endswith("-shm"):
                (scratch / path.name).write_bytes(image)
        for path, image in left.items():
            if image is not None:
                (scratch / path.name).write_bytes(image)
        least, most = stream.bounds if stream else (0, 0)
        try:
            thorough = moments % 50 == 0
            found.append(check(scratch, wanted, rows, least, most, thorough=thorough))
        except Exception as problem:  # noqa: BLE001 - whatever a start on it says
            wrong.append((moments, str(problem)))
        shutil.rmtree(scratch)

    disk.watch = moment
    journal = Journal(state, disk)
    if pragma:
        journal._db.execute(pragma)
    stream = Stream(journal, wanted)
    stream.run()
    journal.close()
    disk.watch = None
    disk.end()
    return moments, wrong, found


@pytest.fixture
def folder():
    with quick_folder() as path:
        yield path


@pytest.mark.parametrize("how", HOWS)
def test_a_cut_at_every_write_and_every_sync_loses_nothing_acknowledged(folder, monkeypatch, how):
    often(monkeypatch)
    wanted = commits(COMMITS)
    moments, wrong, found = looked_at(folder, wanted, how)
    assert wrong == []
    assert moments > 8 * COMMITS, "each commit is several writes and a sync"
    assert {x.commits for x in found} == set(range(COMMITS + 1)), "cut after every commit"
    assert max(x.marked for x in found) > 0


def test_a_journal_that_syncs_less_would_lose_what_was_acknowledged(folder, monkeypatch):
    """The same stream, the same cuts, one setting changed: so these tests can fail."""
    often(monkeypatch)
    wanted = commits(COMMITS)
    _, wrong, _ = looked_at(folder, wanted, "nothing", pragma="PRAGMA synchronous=NORMAL")
    lost = [words for _, words in wrong if "were acknowledged" in words or "ahead" in words]
    assert len(lost) > 3 * COMMITS
    assert len(lost) == len(wrong)


def test_ways_drawn_for_each_file_lose_nothing_either(folder, monkeypatch):
    """The log may be whole and the database torn, the mark new and its name gone: any mixture."""
    often(monkeypatch)
    for seed in range(CUTS // 10):
        _, wrong, _ = looked_at(
            folder / str(seed), commits(COMMITS, seed), None, seed=seed, every=3
        )
        assert wrong == []


@pytest.mark.parametrize("seed", range(6))
def test_cut_off_or_killed_again_and_again_the_hall_goes_on_where_it_was(folder, monkeypatch, seed):
    """Starts are cut off too, and what one cut left is what the next one finds."""
    often(monkeypatch)
    wanted = commits(10 * COMMITS, seed)
    rows = rows_of(wanted)
    chance = random.Random(seed)
    state, copy = folder / "state", folder / "copy"
    state.mkdir()
    disk = FaultyDisk(seed)
    acknowledged, durable, cuts_at_start = 0, 0, 0
    for _ in range(CUTS):
        disk.cut_at(chance.choice((1, 20, 150)) + chance.randrange(6))
        stream = None
        try:
            journal = Journal(state, disk)
            journal.check_mark()
            stream = Stream(journal, wanted, acknowledged)
            stream.run()
        except DEAD:
            assert disk.is_off
        assert disk.is_off, f"the stream ended, {acknowledged}"
        cuts_at_start += stream is None
        least, most = stream.bounds if stream else (durable, acknowledged)
        killed = chance.random() < 0.3
        disk.kill() if killed else disk.power_cut()
        shutil.copytree(state, copy)
        acknowledged = check(copy, wanted, rows, least, most, thorough=True).commits
        shutil.rmtree(copy)
        # What a killed process wrote and did not sync counts once a start has come to its end.
        durable = least if killed else acknowledged
    assert cuts_at_start > CUTS // 20
    assert acknowledged > 2 * COMMITS
    disk.end()


def test_what_a_start_has_read_outlives_a_power_cut(folder):
    """A killed process left a whole commit unsynced; the next one would answer with it."""
    wanted = commits(4)
    rows = rows_of(wanted)
    read = []
    for at in range(1, 30):
        state = folder / str(at)
        state.mkdir()
        disk = FaultyDisk(at)
        Stream(Journal(state, disk), wanted[:3]).run()
        disk.cut_at(at)
        with contextlib.suppress(*DEAD):
            Stream(Journal(state, disk), wanted, 3).run()
        disk.kill()
        read.append(found_commits(Journal(state, disk), wanted))
        disk.power_cut("nothing")
        check(state, wanted, rows, read[-1], read[-1])
        disk.end()
    assert set(read) == {3, 4}


def test_the_mark_that_was_synced_last_outlives_every_cut(folder):
    """Not the one before it, and not none, in a hall so large that a mark is several sectors."""
    disk = FaultyDisk(1)
    mark = HighWaterMark(folder / "high-water", disk)
    mark.make_room()
    durable, seen = [0], []

    def moment():
        left = disk.would_leave("subset").get(folder / "high-water")
        (folder / "left").write_bytes(left or (folder / "high-water").read_bytes())
        found = HighWaterMark(folder / "left")
        assert len(found.numbers) in {0, 80}
        seen.append((found.seq, durable[0]))

    disk.watch = moment
    for seq in range(1, 300):
        mark.advance(seq, "epoch-1", {f"Q{n}": seq for n in range(80)}, DAY)
        if seq % 7 == 6:
            mark.sync()
            durable[0] = seq
    disk.end()
    assert [pair for pair in seen if pair[0] < pair[1]] == []
    assert any(pair[0] > pair[1] for pair in seen)


def test_a_sync_that_fails_is_the_last_one_of_that_journal(folder, monkeypatch):
    """Every sync of a stream fails once: nothing is synced again, and nothing acknowledged is lost.

    The doubtful commit may be there after the next start or not; then its asker asks again.
    """
    often(monkeypatch)
    wanted = commits(COMMITS // 2)
    rows = rows_of(wanted)
    doubtful = set()
    for at in itertools.count(1):
        state = folder / str(at)
        state.mkdir()
        disk = FaultyDisk(at)
        stream = Stream(Journal(state, disk), wanted)
        disk.fail_sync(at)
        try:
            stream.run()
            break
        except DEAD:
            stream.journal.close()
        assert disk.synced_again == []
        disk.kill()
        least, most = stream.bounds
        doubtful.add(check(state, wanted, rows, least, most).commits - least)
        disk.end()
    disk.end()
    assert at > len(wanted), "each commit has at least one"
    assert doubtful == {0, 1}


def test_a_failing_disk_is_told_of_when_a_journal_is_made_or_opened(folder):
    """No start goes on without its log, its FULL sync or its mark."""
    for at in itertools.count(1):
        state = folder / str(at)
        state.mkdir()
        disk = FaultyDisk(at)
        disk.fail_sync(at)
        try:
            journal = Journal(state, disk)
            assert journal._one("PRAGMA journal_mode") == "wal"
            break
        except (*DEAD, SyncedAgain):  # SQLite does so, as long as there is no log yet
            disk.kill()
        check(state, [], [], 0, 0)
        disk.end()
    disk.end()
    assert at > 5, "making a journal takes some syncs"
