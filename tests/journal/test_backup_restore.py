"""A restore goes on from a backup, above the numbers on paper; the old journal is put aside."""

import os
import shutil
import stat

import apsw
import pytest

from hallctl import changeover
from hallctl.backups.copying import backup
from hallctl.backups.epochs import epoch_words, new_epoch
from hallctl.backups.planning import plan
from hallctl.backups.restoring import restore
from hallctl.backups.trouble import BackupError
from hallctl.chain import verify
from hallctl.core import commands as c
from hallctl.core.events import DayOpened, EpochBegun
from hallctl.journal import StateInUse, lock_state
from hallctl.repair import accept_loss
from kept_journals import BackedUp, Kept, listing, next_start, tickets
from sample import at

DAY = "2026-11-23"


@pytest.fixture
def desk(tmp_path):
    return BackedUp(tmp_path)


def test_numbers_go_on_above_those_on_paper(desk):
    done = restore(desk.state, desk.file)
    hall, journal = next_start(desk.state)
    journal.close()
    assert hall.numbers == {"A": 7, "B": 2}
    assert set(hall.visits) == {f"{DAY}-{label}" for label in ("A001", "A002", "A003", "B001")}
    assert hall.epoch not in {"epoch-1", ""}
    assert done.now.seq == desk.seq + 1
    assert desk.given_next("A") == "A008"
    assert desk.given_next("B") == "B003"
    assert verify(desk.state)[0] == desk.seq + 3


def test_what_was_there_is_put_aside_whole(desk):
    before = listing(desk.state)
    done = restore(desk.state, desk.file)
    assert listing(done.aside) == before
    assert verify(done.aside) == (desk.last, desk.head)
    assert stat.S_IMODE(done.aside.stat().st_mode) == 0o700


def test_one_can_go_back_to_what_was_put_aside_and_no_number_comes_twice(desk):
    done = restore(desk.state, desk.file)
    assert desk.given_next("A") == "A008"
    back = restore(desk.state, done.aside / "journal.db")
    hall, journal = next_start(desk.state)
    assert tickets(journal)[-2:] == ["A007", "B002"]
    journal.close()
    assert hall.numbers == {"A": 8, "B": 2}, "A008 was given in between"
    assert back.aside != done.aside
    assert back.plan.beyond() == {"A": ("A008", "A008")}


def test_a_second_restore_of_the_same_still_knows_the_paper_of_the_first(desk):
    restore(desk.state, desk.file)
    restore(desk.state, desk.file)
    (desk.state / "high-water").unlink()
    restore(desk.state, desk.file)
    assert desk.given_next("A") == "A008", "the epoch's event remembers, without the mark too"


def test_a_hall_killed_with_all_in_its_log_is_put_aside_with_it(tmp_path):
    kept = Kept(tmp_path / "live")
    kept.issue(2)
    (tmp_path / "stick").mkdir()
    file = backup(kept.state, tmp_path / "stick", 1).file
    kept.issue(3)
    state = kept.left_by_a_kill(tmp_path / "s")
    head, seq = kept.head, kept.journal.seq
    kept.close()
    done = restore(state, file)
    assert (done.aside / "journal.db-wal").stat().st_size > 0
    hall, journal = next_start(state)
    assert hall.numbers == {"A": 5}
    assert tickets(journal) == ["A001", "A002"]
    journal.close()
    assert verify(done.aside) == (seq, head)


def test_a_dry_run_tells_what_is_lost_and_changes_nothing(desk):
    before = listing(desk.state)
    planned = plan(desk.state, desk.file)
    assert listing(desk.state) == before
    assert (planned.backup.seq, planned.present.found.seq) == (desk.seq, desk.last)
    assert planned.present.common == desk.seq
    assert planned.present.lost == desk.last - desk.seq
    assert planned.beyond() == {"A": ("A004", "A007"), "B": ("B002", "B002")}
    assert planned.above == {"A": 7, "B": 2}
    assert planned.marked == desk.last
    assert planned.holder == 0


def test_a_plan_finds_where_two_journals_part(desk, tmp_path):
    """After a restore the hall went another way; the older backup shares the beginning only."""
    longer = backup(desk.state, tmp_path / "stick", 9).file
    restore(desk.state, desk.file)
    desk.given_next("A")
    planned = plan(desk.state, longer)
    assert planned.present.common == desk.seq
    assert planned.present.lost == 2
    assert planned.beyond() == {"A": ("A008", "A008")}


def test_another_halls_backup_is_told_as_such(desk, tmp_path):
    other = Kept(tmp_path / "other", epoch="elsewhere")
    other.issue(2)
    other.close()
    present = plan(other.state, desk.file).present
    assert (present.common, present.lost) == (0, present.found.seq)


def test_a_backup_without_an_event_is_not_restored(desk, tmp_path):
    file = tmp_path / "empty.hallbackup"
    shutil.copy(desk.file, file)
    db = apsw.Connection(str(file))
    db.execute("DELETE FROM events")
    db.close()
    with pytest.raises(BackupError) as problem:
        restore(desk.state, file)
    assert problem.value.what == "empty"


def test_on_a_new_computer_one_says_what_is_on_paper(desk, tmp_path):
    new = tmp_path / "new"
    planned = plan(new, desk.file)
    assert (planned.marked, planned.present.found) == (0, None)
    assert not new.exists(), "looking makes no folder"
    done = restore(new, desk.file, ["A057", "b12"])
    assert done.aside is None
    hall, journal = next_start(new)
    journal.close()
    assert (hall.numbers["A"], hall.numbers["B"]) == (57, 12)
    assert hall.day == done.plan.day >= DAY


@pytest.mark.parametrize("label", ["", "57", "Z9", "A", "A1234567", "A-1", "A057 "])
def test_what_is_no_number_of_this_hall_is_refused(desk, label, tmp_path):
    if label == "A057 ":
        assert plan(tmp_path / "n", desk.file, [label]).above["A"] == 57
        return
    with pytest.raises(BackupError) as problem:
        plan(tmp_path / "n", desk.file, [label])
    assert problem.value.what == "bad_label"
    assert "A B" in problem.value.words("en")


def test_a_backup_of_yesterday_ends_yesterday_and_goes_on_above_todays_paper(desk, tmp_path):
    (tmp_path / "t").mkdir()
    kept = Kept(tmp_path / "two-days")
    kept.issue(3)
    file = backup(kept.state, tmp_path / "t", 9).file
    kept.bench.now = at(9, 0, day="2026-11-24")
    kept.bench.ask(c.Tick())
    kept.issue(6)
    kept.close()
    done = restore(kept.state, file)
    assert done.plan.day == "2026-11-24"
    assert done.plan.beyond() == {"A": ("A001", "A006")}
    hall, journal = next_start(kept.state)
    words = [type(x.event).__name__ for x in journal.since(done.plan.backup.seq, 99)]
    journal.close()
    assert words[-3:] == ["DayOpened", "RulesSet", "EpochBegun"]
    assert words.count("TicketVoided") == 3, "yesterday's day is closed, nobody stays in limbo"
    assert (hall.day, hall.numbers, hall.visits) == ("2026-11-24", {"A": 6}, {})


def test_what_the_hall_has_learned_outlives_a_restore_of_yesterday(tmp_path):
    (tmp_path / "t").mkdir()
    kept = Kept(tmp_path / "s")
    kept.issue(1)
    kept.bench.ask(c.CallNext(window=1))
    kept.bench.ask(c.Start(window=1))
    kept.bench.later(300)
    kept.bench.ask(c.Finish(window=1))
    kept.store()
    learned = dict(kept.bench.hall.learned)
    assert learned
    file = backup(kept.state, tmp_path / "t", 9).file
    kept.bench.now = at(9, 0, day="2026-11-24")
    kept.bench.ask(c.Tick())
    kept.issue(1)
    kept.close()
    restore(kept.state, file)
    hall, journal = next_start(kept.state)
    opened = [x.event for x in journal.since(0, 999) if isinstance(x.event, DayOpened)]
    journal.close()
    assert hall.learned == learned
    assert len(opened) == 2


def test_a_damaged_journal_is_put_aside_as_it_is_and_its_numbers_still_count(desk):
    db = apsw.Connection(str(desk.state / "journal.db"))
    db.execute("UPDATE events SET body=X'00' WHERE seq>?", (desk.seq,))
    db.close()
    (desk.state / "high-water").unlink()
    spoilt = (desk.state / "journal.db").read_bytes()
    done = restore(desk.state, desk.file)
    assert done.plan.present.problem
    assert (done.aside / "journal.db").read_bytes() == spoilt
    assert desk.given_next("A") == "A008"


def test_garbage_in_the_place_of_the_journal_is_put_aside_and_the_mark_counts(desk):
    (desk.state / "journal.db").write_bytes(b"not a database" * 500)
    done = restore(desk.state, desk.file)
    assert (done.aside / "journal.db").read_bytes() == b"not a database" * 500
    assert desk.given_next("A") == "A008"


def test_while_a_hall_runs_nothing_is_restored(desk):
    before = listing(desk.state)
    lock = lock_state(desk.state)
    try:
        with pytest.raises(StateInUse, match=str(os.getpid())):
            restore(desk.state, desk.file)
        assert plan(desk.state, desk.file).holder == os.getpid(), "a dry run may look"
    finally:
        os.close(lock)
    assert listing(desk.state) == before


def test_a_backup_that_is_not_sound_is_refused_and_named(desk):
    before = listing(desk.state)
    raw = desk.file.read_bytes()
    desk.file.write_bytes(raw.replace(b'"label":"A002"', b'"label":"A009"'))
    with pytest.raises(BackupError) as problem:
        restore(desk.state, desk.file)
    assert problem.value.what == "changed"
    desk.file.write_bytes(raw[: len(raw) // 2])
    with pytest.raises(BackupError):
        restore(desk.state, desk.file)
    desk.file.write_text("not a backup")
    with pytest.raises(BackupError) as problem:
        restore(desk.state, desk.file)
    assert problem.value.what == "no_journal"
    assert listing(desk.state) == before


def test_a_backup_of_a_newer_hallctl_is_refused_in_words(desk):
    db = apsw.Connection(str(desk.file))
    db.execute("PRAGMA user_version=99")
    db.close()
    with pytest.raises(BackupError, match="newer hallctl"):
        restore(desk.state, desk.file)


def test_the_first_start_in_a_new_epoch_says_so_and_the_second_does_not(desk):
    restore(desk.state, desk.file)
    _, journal = next_start(desk.state)
    begun = new_epoch(journal)
    assert begun == EpochBegun(reason="restore", numbers={"A": 7, "B": 2})
    words = epoch_words(begun)
    assert "备份" in words
    assert "A007 B002" in words
    journal.close()
    desk.given_next("A")
    _, journal = next_start(desk.state)
    assert new_epoch(journal) is None
    journal.close()


def test_a_journals_very_first_epoch_is_nothing_to_speak_of(tmp_path):
    kept = Kept(tmp_path / "s")
    first = kept.journal.since(0, 1)[0].event
    assert isinstance(first, EpochBegun)
    assert new_epoch(kept.journal) is None
    kept.close()


def test_what_root_restores_belongs_to_the_halls_user(desk):
    if os.geteuid() != 0:
        with pytest.raises(PermissionError):
            os.chown(desk.file, 12345, 12345)
        return
    os.chown(desk.state, 12345, 12345)
    aside = restore(desk.state, desk.file).aside
    for name in ("journal.db", "high-water", "lock"):
        found = (desk.state / name).stat()
        assert (found.st_uid, stat.S_IMODE(found.st_mode)) == (12345, 0o640)
    assert aside.stat().st_uid == 12345


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give files away")
def test_what_root_mends_belongs_to_the_halls_user(desk):
    os.chown(desk.state, 12345, 12345)
    accept_loss(desk.state)
    (kept,) = desk.state.glob("damaged-*")
    for path in (*(desk.state / name for name in ("journal.db", "high-water", "lock")), kept):
        assert path.stat().st_uid == 12345
    assert {path.stat().st_uid for path in kept.iterdir()} == {12345}
    assert {path.name for path in desk.state.glob("re*")} <= {"reserve"}, "and nothing is left over"


def test_two_restores_in_one_second_put_aside_two_folders(desk):
    first = restore(desk.state, desk.file).aside
    second = restore(desk.state, desk.file).aside
    assert first != second
    assert first.exists()
    assert second.exists()
    assert changeover.finish(desk.state) is None
