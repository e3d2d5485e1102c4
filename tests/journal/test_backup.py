"""A backup is whole, private, from one moment, and proved before it has its name."""

import os
import stat

import apsw
import pytest

from hallctl.backups import copying
from hallctl.backups.copying import backup, backups_in
from hallctl.backups.looking import opened, proved
from hallctl.backups.trouble import BackupError
from hallctl.core import commands as c
from kept_journals import FullDisk, Kept
from sample import at


@pytest.fixture
def kept(tmp_path):
    kept = Kept(tmp_path / "s")
    kept.issue(5)
    yield kept
    kept.close()


def held(file):
    db = opened(file)
    try:
        return proved(db, file, decoded=True)
    finally:
        db.close()


def left_in(folder):
    return sorted(path.name for path in folder.iterdir())


def test_a_backup_holds_every_event_and_is_named_by_hall_day_and_sequence(kept):
    made = backup(kept.state, None, 5)
    found = held(made.file)
    assert (found.seq, found.head) == (kept.journal.seq, kept.head)
    assert (found.day, found.numbers, found.tickets) == ("2026-11-23", {"A": 5}, 5)
    assert made.file.parent == kept.state / "backups"
    start = f"chini-town-service-hall-2026-11-23-{kept.journal.seq:08d}-"
    assert made.file.name == f"{start}{kept.journal.epoch}.hallbackup"


def test_a_backup_is_its_owners_alone_and_one_file(kept):
    made = backup(kept.state, None, 5)
    assert stat.S_IMODE(made.file.stat().st_mode) == 0o600
    assert stat.S_IMODE(made.file.parent.stat().st_mode) == 0o700
    held(made.file)
    assert left_in(made.file.parent) == [made.file.name], "no log, no lock, no part beside it"


def test_a_backup_can_be_read_where_nothing_can_be_written(kept, tmp_path):
    made = backup(kept.state, None, 5)
    stick = tmp_path / "stick"
    stick.mkdir()
    file = stick / made.file.name
    file.write_bytes(made.file.read_bytes())
    file.chmod(0o400)
    stick.chmod(0o500)
    try:
        assert held(file).seq == kept.journal.seq
        assert left_in(stick) == [file.name]
    finally:
        stick.chmod(0o700)


def test_what_happens_while_it_is_copied_is_not_in_it_and_does_not_wait(kept, monkeypatch):
    monkeypatch.setattr(copying, "PIECE_PAGES", 1)
    before = kept.journal.seq
    pauses = []

    def meanwhile(_wait_s):
        kept.issue()  # commits between two pages, from the hall's own connection
        pauses.append(kept.journal.seq)

    made = backup(kept.state, None, 5, sleep=meanwhile)
    assert len(pauses) > 5, "it was not copied in pieces"
    assert kept.journal.seq == before + len(pauses), "every commit went through at once"
    assert held(made.file).seq == before
    assert held(backup(kept.state, None, 5).file).seq == kept.journal.seq


def test_a_backup_of_a_hall_that_was_killed_holds_what_was_in_the_log(kept, tmp_path):
    state = kept.left_by_a_kill(tmp_path / "killed")
    assert (state / "journal.db-wal").stat().st_size > 0
    assert held(backup(state, None, 5).file).head == kept.head


def test_only_the_newest_are_kept_and_other_files_are_left_alone(kept, tmp_path):
    into = tmp_path / "stick"
    into.mkdir()
    others = ["photo.jpg", "another-hall-2020-01-01-00000001-abcd.hallbackup", "x.hallbackup"]
    for name in others:
        (into / name).write_text("mine")
    made = []
    for _ in range(4):
        kept.issue()
        made.append(backup(kept.state, into, 2).file)
    assert left_in(into) == sorted([*others, *(file.name for file in made[-2:])])
    assert [k.file for k in backups_in(into, "chini-town-service-hall")] == made[:1:-1]


def test_the_newest_is_that_of_the_latest_day_whatever_its_sequence(kept, tmp_path):
    into = tmp_path / "stick"
    into.mkdir()
    first = backup(kept.state, into, 9).file
    kept.bench.now = at(9, 0, day="2026-11-24")
    kept.bench.ask(c.Tick())
    kept.issue()
    second = backup(kept.state, into, 9).file
    os.utime(second, (1, 1))
    assert [k.file for k in backups_in(into, "chini-town-service-hall")] == [second, first]


def test_a_backup_made_again_replaces_its_equal(kept):
    first = backup(kept.state, None, 5)
    again = backup(kept.state, None, 5)
    assert again.file == first.file
    assert again.gone == ()
    assert left_in(again.file.parent) == [again.file.name]


def test_a_stick_that_is_not_there_is_not_made(kept, tmp_path):
    with pytest.raises(BackupError, match="no such folder"):
        backup(kept.state, tmp_path / "stick", 5)
    assert not (tmp_path / "stick").exists()


def test_no_journal_no_backup_and_nothing_is_made(tmp_path):
    with pytest.raises(BackupError, match="no such file"):
        backup(tmp_path / "nowhere", None, 5)
    assert not (tmp_path / "nowhere").exists()


def test_two_at_once_do_not_meet(kept, monkeypatch):
    monkeypatch.setattr(copying, "PIECE_PAGES", 1)
    met = []

    def meanwhile(_wait_s):
        if not met:
            with pytest.raises(BackupError) as problem:
                backup(kept.state, None, 5)
            met.append(problem.value.what)

    made = backup(kept.state, None, 5, sleep=meanwhile)
    assert met == ["busy"]
    assert held(made.file).seq == kept.journal.seq


def spoil(state, statement, *values):
    db = apsw.Connection(str(state / "journal.db"))
    db.execute(statement, values)
    db.close()


@pytest.mark.parametrize(
    ("statement", "what"),
    [
        ("UPDATE events SET body=replace(CAST(body AS TEXT),'A003','A009') WHERE seq>4", "changed"),
        ("DELETE FROM events WHERE seq=3", "missing"),
        ("DELETE FROM numbers WHERE number=2", "numbers_gone"),
        ("DELETE FROM events WHERE seq>(SELECT max(seq)-2 FROM events)", "behind"),
    ],
)
def test_no_backup_is_made_of_a_journal_that_is_not_sound(kept, tmp_path, statement, what):
    older = backup(kept.state, None, 1).file
    kept.issue()
    spoil(kept.state, statement)
    with pytest.raises(BackupError) as problem:
        backup(kept.state, None, 1)
    inner = problem.value.__cause__
    assert what in {problem.value.what, getattr(inner, "what", "")}
    assert left_in(older.parent) == [older.name], "the older one stays, nothing half-written does"


def test_a_page_that_the_medium_spoils_is_found_before_the_copy_has_a_name(kept, monkeypatch):
    real = copying.read_back_from_medium

    def bad_medium(part):
        raw = part.read_bytes()
        assert b'"label":"A003"' in raw
        part.write_bytes(raw.replace(b'"label":"A003"', b'"label":"A002"'))
        real(part)

    monkeypatch.setattr(copying, "read_back_from_medium", bad_medium)
    with pytest.raises(BackupError) as problem:
        backup(kept.state, None, 5)
    assert problem.value.what == "copy_wrong"
    assert "journal verify" in problem.value.words("en")
    assert left_in(kept.state / "backups") == []


def test_every_flipped_byte_of_a_backup_is_found_or_harmless(kept):
    file = backup(kept.state, None, 5).file
    whole, right = file.read_bytes(), held(file)
    wrong = []
    for offset in range(0, len(whole), 499):
        spoilt = bytearray(whole)
        spoilt[offset] ^= 0x10
        file.write_bytes(spoilt)
        try:
            found = held(file)
        except BackupError:
            continue
        if (found.seq, found.head, found.numbers) != (right.seq, right.head, right.numbers):
            wrong.append(offset)
    assert wrong == []


@pytest.mark.parametrize("room", [0, 1, 4096, 8192, 20_000, 30_000])
def test_a_disk_that_fills_up_at_any_byte_leaves_nothing_half_written(kept, tmp_path, room):
    older = backup(kept.state, None, 1).file
    kept.issue()
    disk = FullDisk(room)
    try:
        with pytest.raises(BackupError) as problem:
            backup(kept.state, None, 1)
    finally:
        disk.unregister()
    assert problem.value.what == "disk_full"
    assert "disk" in problem.value.words("en")
    assert "磁盘满了" in problem.value.words("zh")
    assert left_in(older.parent) == [older.name]
    assert held(older).seq == kept.journal.seq - 1


def test_a_disk_with_too_little_room_is_not_even_begun(kept, monkeypatch):
    real = os.statvfs

    def little(path):
        found = list(real(path))
        found[4] = 3  # f_bavail
        return os.statvfs_result(found)

    monkeypatch.setattr(os, "statvfs", little)
    with pytest.raises(BackupError) as problem:
        backup(kept.state, None, 5)
    assert problem.value.what == "disk_full"
    assert left_in(kept.state / "backups") == []


def test_a_disk_that_fails_to_sync_gives_no_backup(kept, monkeypatch):
    def eio(_file):
        raise OSError(5, "Input/output error")

    monkeypatch.setattr(os, "fsync", eio)
    with pytest.raises(BackupError) as problem:
        backup(kept.state, None, 5)
    assert problem.value.what == "unwritable"
    assert "Input/output error" in problem.value.words("zh")
    assert left_in(kept.state / "backups") == []
