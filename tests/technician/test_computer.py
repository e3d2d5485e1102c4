"""The computer's own checks: clock, disk, the end of the journal."""

import errno
import os
from datetime import UTC, datetime

import apsw
import pytest

from hallctl import selftest
from hallctl.core import events as e
from hallctl.core.events import Recorded
from hallctl.journal import Journal
from hallctl.selftest import Sync

NOW = datetime(2026, 11, 23, 1, 30, tzinfo=UTC).timestamp()
GOOD = Sync(True, "adjtimex 0")


def clock(wall_s=NOW, sync=GOOD, last=None, hall="Asia/Shanghai", own="Asia/Shanghai"):
    found = selftest.clock_found(wall_s, sync, last, hall, own)
    return {f.step: (f.result, f.code) for f in found}


def test_a_good_clock_passes_everything():
    assert set(clock(last=NOW - 5).values()) == {("passed", "")}


def test_the_kernel_is_asked_and_says_what_it_knows():
    found = selftest.kernel_sync()
    assert found.synced in (True, False, None)
    assert found.evidence


@pytest.mark.parametrize(
    ("sync", "told"),
    [
        (Sync(False, "adjtimex 5"), ("failed", "clock_unsynced")),
        (Sync(None, "no such call"), ("untested", "")),
    ],
)
def test_a_clock_that_is_not_synchronised_fails_one_that_does_not_say_is_not_tested(sync, told):
    assert clock(sync=sync)["clock:sync"] == told


@pytest.mark.parametrize(
    "wall_s", [0, 1e9, datetime(2025, 12, 31, tzinfo=UTC).timestamp(), 5e9, 1e18]
)
def test_a_year_that_cannot_be_is_wrong(wall_s):
    assert clock(wall_s)["clock:year"] == ("failed", "clock_behind")


def test_a_clock_behind_the_last_event_is_wrong_but_for_a_moment():
    assert clock(last=NOW + 60)["clock:journal"] == ("failed", "clock_behind")
    assert clock(last=NOW + 1)["clock:journal"] == ("passed", "")
    assert "clock:journal" not in clock(last=None)


def test_another_zone_with_the_same_hours_is_as_good_and_other_hours_are_told():
    assert clock(own="PRC")["clock:zone"] == ("passed", "")
    assert clock(own="Etc/GMT-8")["clock:zone"] == ("passed", "")
    assert clock(own="Europe/Berlin")["clock:zone"] == ("passed", "clock_zone")
    assert clock(own="Mars/Olympus")["clock:zone"] == ("passed", "clock_zone")
    assert clock(own="")["clock:zone"] == ("untested", "")
    assert "clock:zone" not in clock(hall="")


def test_the_computers_zone_is_read_as_the_system_has_it(tmp_path, monkeypatch):
    monkeypatch.delenv("TZ", raising=False)
    assert selftest.own_zone(tmp_path) == ""
    (tmp_path / "etc").mkdir()
    (tmp_path / "etc/timezone").write_text("Asia/Shanghai\n")
    assert selftest.own_zone(tmp_path) == "Asia/Shanghai"
    zone = tmp_path / "usr/share/zoneinfo/Asia/Tokyo"
    zone.parent.mkdir(parents=True)
    zone.touch()
    (tmp_path / "etc/localtime").symlink_to(zone)
    assert selftest.own_zone(tmp_path) == "Asia/Tokyo"
    monkeypatch.setenv("TZ", ":Europe/Paris")
    assert selftest.own_zone(tmp_path) == "Europe/Paris"


def disk(state):
    return {f.step: (f.result, f.code) for f in selftest.disk_found(state)}


def test_a_small_file_is_written_and_gone_again(tmp_path):
    assert disk(tmp_path)["disk:write"] == ("passed", "")
    assert list(tmp_path.iterdir()) == []
    assert disk(tmp_path / "none")["disk:write"] == ("untested", "")


@pytest.mark.parametrize(
    ("number", "code"),
    [
        (errno.ENOSPC, "disk_full"),
        (errno.EDQUOT, "disk_full"),
        (errno.EROFS, "disk_read_only"),
        (errno.EACCES, "disk_read_only"),
        (errno.EIO, "disk_read_only"),
    ],
)
def test_what_the_system_says_of_a_write_is_named(tmp_path, monkeypatch, number, code):
    def refused(_fd):
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(os, "fsync", refused)
    assert disk(tmp_path)["disk:write"] == ("failed", code)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.skipif(os.geteuid() != 0, reason="only root may give a folder away")
def test_a_folder_of_another_user_is_not_called_broken(tmp_path, monkeypatch):
    os.chown(tmp_path, 12345, 12345)

    def refused(*_):
        raise PermissionError(errno.EACCES, "Permission denied")

    monkeypatch.setattr(os, "open", refused)
    assert disk(tmp_path)["disk:write"] == ("untested", "")


@pytest.mark.parametrize(
    ("free_bytes", "free_inodes", "inodes", "result"),
    [
        (10**9, 10**6, True, "passed"),
        (10**8, 10**6, True, "failed"),
        (10**9, 10, True, "failed"),
        (10**9, 0, False, "passed"),
    ],
)
def test_room_is_bytes_and_files(free_bytes, free_inodes, inodes, result):
    assert selftest.space_found(free_bytes, free_inodes, inodes=inodes).result == result


@pytest.fixture
def state(tmp_path):
    """A state folder whose journal has some events."""
    journal = Journal(tmp_path)
    for seq in range(1, 9):
        event = e.HelpAsked(place=f"door-{seq}")
        journal.append([Recorded(seq, "e1", NOW + seq, 1.0, "guide:x", f"c{seq}", event)], [], "d")
    journal.close()
    return tmp_path


def test_the_end_of_the_journal_is_read_with_its_time(state):
    found, last_s = selftest.journal_found(state)
    assert (found.result, last_s) == ("passed", NOW + 8)
    assert "8" in found.evidence


def test_a_changed_event_is_damage(state):
    db = apsw.Connection(str(state / "journal.db"))
    db.execute("UPDATE events SET body=replace(body,'door-5','door-6') WHERE seq=5")
    db.close()
    found, _ = selftest.journal_found(state)
    assert (found.result, found.code) == ("failed", "journal_damaged")
    assert "event 5" in found.evidence


def test_a_tail_that_is_gone_is_damage(state):
    db = apsw.Connection(str(state / "journal.db"))
    db.execute("DELETE FROM events WHERE seq>6")
    db.close()
    found, last_s = selftest.journal_found(state)
    assert (found.result, found.code, last_s) == ("failed", "journal_damaged", NOW + 6)


def test_a_journal_that_was_there_once_is_damage_and_a_new_hall_is_not(state, tmp_path_factory):
    for path in state.glob("journal.db*"):
        path.unlink()
    assert selftest.journal_found(state)[0].code == "journal_damaged"
    new = selftest.journal_found(tmp_path_factory.mktemp("new"))[0]
    assert (new.result, new.code) == ("untested", "")


def test_a_file_that_is_no_database_is_damage(state):
    for path in state.glob("journal.db*"):
        path.unlink()
    (state / "journal.db").write_bytes(b"no database at all " * 100)
    assert selftest.journal_found(state)[0].code == "journal_damaged"


def test_all_checks_together_have_steps_of_their_own(state):
    found = selftest.computer_found(state, NOW + 60, "Asia/Shanghai", sync=GOOD, zone="PRC")
    names = [f.step for f in found]
    assert len(set(names)) == len(names)
    assert {f.result for f in found} == {"passed"}
