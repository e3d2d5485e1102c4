"""The simulated disk loses what a disk may lose, nothing else; the real one syncs what counts."""

import errno
import os
from pathlib import Path

import apsw
import pytest

from faults.streaming import Stream, check, commits, quick_folder, rows_of
from hallctl.chain import JournalError
from hallctl.disk import SystemDisk
from hallctl.journal import Journal
from hallctl.simulator.disk import FaultyDisk
from hallctl.simulator.platter import SyncedAgain
from hallctl.simulator.unsynced import HOWS

OLD, NEW = b"o" * 4096, b"n" * 4096


@pytest.fixture
def folder():
    with quick_folder() as path:
        yield path


@pytest.fixture
def disk():
    disk = FaultyDisk(7)
    yield disk
    disk.end()


def half_written(folder, seed=7):
    """A file that was durable with OLD in it and has NEW over it, in two writes and not synced."""
    disk, path = FaultyDisk(seed), folder / "file"
    disk.write_at(path, OLD, 0)
    disk.sync(path)
    disk.write_at(path, NEW[:1000], 0)
    disk.write_at(path, NEW[1000:], 1000)
    return disk, path


@pytest.mark.parametrize(("how", "left"), [("nothing", OLD), ("all", NEW)])
def test_a_power_cut_takes_what_was_not_synced_or_leaves_it(folder, how, left):
    disk, path = half_written(folder)
    disk.power_cut(how)
    assert path.read_bytes() == left
    disk.end()


def test_a_prefix_ends_at_any_byte_and_a_subset_is_of_whole_sectors(folder):
    prefixes, subsets = set(), set()
    for seed in range(40):
        disk, path = half_written(folder, seed)
        image = disk.would_leave("prefix").get(path, NEW)
        assert image == NEW[: image.count(b"n")] + OLD[image.count(b"n") :]
        prefixes.add(image)
        image = disk.would_leave("subset").get(path, NEW)
        sectors = [image[at : at + 512] for at in range(0, 4096, 512)]
        torn = [at for at, sector in enumerate(sectors) if len(set(sector)) > 1]
        assert set(torn) <= {1}, "two writes meet in the second sector only"
        subsets.add(image)
        disk.power_cut("all")
        disk.end()
    assert len(prefixes) > 20
    assert len(subsets) > 20


def test_the_same_seed_leaves_the_same(folder):
    def run(seed):
        found = []
        for how in (*HOWS, None):
            disk, path = half_written(folder, seed)
            disk.power_cut(how)
            found.append(path.read_bytes())
            disk.end()
        return found

    assert run(3) == run(3)
    assert run(3) != run(4)


def test_a_name_that_was_not_synced_may_be_gone_and_a_kill_takes_nothing(folder, disk):
    path = folder / "file"
    disk.write_at(path, OLD, 0)
    disk.kill()
    assert path.read_bytes() == OLD
    disk.write_at(path, NEW, 0)
    disk.power_cut("nothing")
    assert not path.exists()


def test_a_log_that_was_taken_away_may_be_back_after_a_power_cut(folder, disk):
    journal = Journal(folder, disk)
    Stream(journal, commits(3)).run()
    journal.close()
    log = folder / "journal.db-wal"
    assert not log.exists()
    disk.power_cut("nothing")
    assert log.exists()
    check(folder, commits(3), rows_of(commits(3)), 3, 3)


def test_a_full_disk_takes_what_fits_and_has_room_again_when_there_is_some(folder, disk):
    path = folder / "file"
    disk.full_after(1000)
    with pytest.raises(OSError, match="No space") as full:
        disk.write_at(path, NEW, 0)
    assert full.value.errno == errno.ENOSPC
    assert path.stat().st_size == 1000
    assert disk.free_bytes(folder) == 0
    disk.write_at(path, OLD[:1000], 0)  # what is there may be written over
    disk.space_back()
    disk.write_at(path, NEW, 0)
    assert path.read_bytes() == NEW


def test_on_a_full_disk_a_commit_fails_whole_and_the_hall_goes_on_later(folder, disk):
    wanted = commits(20)
    stream = Stream(Journal(folder, disk), wanted)
    disk.full_after(30_000)
    with pytest.raises(apsw.FullError):
        stream.run()
    assert 0 < stream.acknowledged < 20
    disk.kill()
    disk.space_back()
    check(folder, wanted, rows_of(wanted), *[stream.acknowledged] * 2)
    Stream(Journal(folder, disk), wanted, stream.acknowledged).run()
    disk.kill()
    check(folder, wanted, rows_of(wanted), 20, 20)


def test_a_disk_that_turned_read_only_takes_no_commit_and_loses_none(folder, disk):
    wanted = commits(10)
    stream = Stream(Journal(folder, disk), wanted[:5])
    stream.run()
    disk.read_only()
    stream.commits = wanted
    with pytest.raises((apsw.Error, OSError)):
        stream.run()
    assert stream.acknowledged == 5
    disk.kill()
    with pytest.raises((apsw.Error, OSError, JournalError)):
        Journal(folder, disk)
    disk.kill()
    disk.read_only(False)
    check(folder, wanted, rows_of(wanted), 5, 5)


def test_a_file_whose_sync_failed_is_not_to_be_synced_again(folder, disk):
    path = folder / "file"
    disk.write_at(path, OLD, 0)
    disk.sync(path)
    disk.write_at(path, NEW, 0)
    disk.fail_sync()
    with pytest.raises(OSError, match="Input/output"):
        disk.sync(path)
    with pytest.raises(SyncedAgain):
        disk.sync(path)
    assert disk.synced_again == [path]
    disk.kill()
    left = path.read_bytes()
    disk.sync(path)
    disk.power_cut("nothing")
    assert path.read_bytes() == left, "what the next process read is so"


def test_a_flipped_bit_is_one_bit(folder, disk):
    path = folder / "file"
    path.write_bytes(OLD)
    disk.flip(path, 17, 3)
    assert [at for at, byte in enumerate(path.read_bytes()) if byte != OLD[at]] == [17]
    assert path.read_bytes()[17] == OLD[17] ^ 8


def test_a_journal_on_it_is_the_product_s_own(folder, disk):
    journal = Journal(folder, disk)
    assert journal._one("PRAGMA journal_mode") == "wal"
    assert journal._one("PRAGMA locking_mode") == "normal"
    assert journal._one("PRAGMA synchronous") == 2
    journal.close()


@pytest.fixture
def synced(monkeypatch):
    """Which files the process has really synced, by name."""
    names = []

    def noting(real):
        def call(fd):
            names.append(str(Path(f"/proc/self/fd/{fd}").readlink()))
            real(fd)

        return call

    for name in ("fsync", "fdatasync"):
        monkeypatch.setattr(os, name, noting(getattr(os, name)))
    return names


def test_the_system_s_disk_syncs_a_new_file_s_name_too(tmp_path, synced):
    disk = SystemDisk()
    disk.write_at(tmp_path / "high-water", OLD, 0)
    assert synced == [str(tmp_path)]
    disk.sync(tmp_path / "high-water")
    disk.write_at(tmp_path / "high-water", NEW, 0)
    assert synced == [str(tmp_path), str(tmp_path / "high-water")]
    disk.close()


def test_a_start_syncs_the_log_that_it_found_and_the_mark(tmp_path, synced):
    """Both may have been written by a process that was killed before it synced them."""
    first = Journal(tmp_path)
    Stream(first, commits(2)).run()
    first._db.config(apsw.SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1)
    first._db.close()
    synced.clear()
    Journal(tmp_path).close()
    assert synced[:2] == [str(tmp_path / name) for name in ("journal.db-wal", "high-water")]
