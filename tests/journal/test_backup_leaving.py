"""What leaves the house (export) and what leaves for good (purge), and a journal from long ago."""

import csv
import json
import os
import stat
from pathlib import Path

import apsw
import pytest

from hallctl.backups import purging
from hallctl.backups.copying import backup
from hallctl.backups.exporting import VISIT_COLUMNS, export
from hallctl.backups.purging import purge
from hallctl.backups.restoring import restore
from hallctl.backups.trouble import BackupError
from hallctl.chain import verify
from hallctl.clock import Clock
from hallctl.core import commands as c
from hallctl.core import reports as r
from hallctl.core.step import Step
from hallctl.daykey import DayKey
from hallctl.journal import lock_state
from kept_journals import Kept, next_start, tickets
from sample import at

OLD = (Path(__file__).parent / "old_journal.sql").read_text()
PERSON = "5fa1" * 8
TODAY = "2026-11-25"


@pytest.fixture(autouse=True)
def _noon_of_today(monkeypatch):
    """The purge's clock stands, or a test begun before midnight would end on another day."""
    noon_s = at(12, 0, day=TODAY).wall_s
    monkeypatch.setattr(purging, "Clock", lambda zone: Clock(zone, wall=lambda: noon_s))


@pytest.fixture
def kept(tmp_path):
    """Two days: a card read, a visit with a grade, a ticket that hangs on a person."""
    kept = Kept(tmp_path / "s")
    bench = kept.bench
    kept.issue(1, person=PERSON)
    bench.ask(c.CallNext(window=1))
    bench.ask(c.Start(window=1))
    bench.later(300)
    bench.ask(c.Finish(window=1))
    bench.ask(c.Rate(window=1, grade=2))
    kept.issue(1, "B")
    bench.now = at(9, 0, day="2026-11-24")
    bench.ask(c.Tick())
    kept.issue(2)
    yield kept
    kept.close()


def rows(path):
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def lines(path):
    return [json.loads(line) for line in path.read_text().splitlines()]


def test_a_day_leaves_as_two_sheets(kept, tmp_path):
    written = export(kept.state, "2026-11-23", tmp_path, as_json=False)
    visits, events = rows(written.visits_file), rows(written.events_file)
    assert [v["label"] for v in visits] == ["A001", "B001"]
    assert list(visits[0]) == list(VISIT_COLUMNS)
    assert visits[0]["outcome"] == "finished"
    assert visits[0]["served_s"] == "300.0"
    assert visits[0]["taken_s"].startswith("2026-11-23 09:30:")
    assert (len(visits), len(events)) == (written.visits, written.events)
    assert {e["day"] for e in events} == {"2026-11-23"}
    seqs = [int(e["seq"]) for e in events]
    assert seqs == sorted(seqs)
    assert seqs[0] == 1
    assert {"TicketIssued", "TicketCalled", "ServiceFinished"} <= {e["type"] for e in events}
    assert stat.S_IMODE(written.visits_file.stat().st_mode) == 0o600


def test_all_days_leave_as_json_one_object_a_line(kept, tmp_path):
    written = export(kept.state, "all", tmp_path, as_json=True)
    visits, events = lines(written.visits_file), lines(written.events_file)
    found = [(v["day"], v["label"]) for v in visits]
    assert found == [
        ("2026-11-23", "A001"), ("2026-11-23", "B001"),
        ("2026-11-24", "A001"), ("2026-11-24", "A002"),
    ]  # fmt: skip
    assert {e["day"] for e in events} == {"2026-11-23", "2026-11-24"}
    assert len({e["seq"] for e in events}) == len(events), "no event twice"


def test_today_is_the_latest_day(kept, tmp_path):
    written = export(kept.state, "today", tmp_path, as_json=False)
    assert "2026-11-24" in written.visits_file.name
    assert [v["label"] for v in rows(written.visits_file)] == ["A001", "A002"]


@pytest.mark.parametrize("as_json", [False, True])
def test_nothing_that_leads_to_a_person_leaves(kept, tmp_path, as_json):
    kept.bench.report("reader", r.CardRead(person=PERSON, age=81))
    kept.store()
    written = export(kept.state, "all", tmp_path, as_json=as_json)
    text = written.events_file.read_text() + written.visits_file.read_text()
    for word in (PERSON, '"person"', "VisitRated", '"grade"', '"age"', '"code"'):
        assert word not in text, word
    assert "RatingClosed" in text, "that there was a rating may be known"


def test_a_day_that_was_restored_into_is_one_day(kept, tmp_path):
    file = backup(kept.state, tmp_path, 9).file
    kept.issue(1)
    kept.close()
    restore(kept.state, file)
    written = export(kept.state, "2026-11-24", tmp_path, as_json=True)
    assert [v["label"] for v in lines(written.visits_file)] == ["A001", "A002"]
    assert "EpochBegun" in {e["event"]["type"] for e in lines(written.events_file)}


def test_a_day_that_is_not_there_is_named_with_those_that_are(kept, tmp_path):
    with pytest.raises(BackupError, match="2026-11-23 - 2026-11-24"):
        export(kept.state, "2025-01-01", tmp_path, as_json=False)
    with pytest.raises(BackupError, match="no such folder"):
        export(kept.state, "all", tmp_path / "stick", as_json=False)
    assert list(tmp_path.glob("*.csv")) == []


def test_an_export_that_fails_leaves_the_one_before_and_no_half(kept, tmp_path, monkeypatch):
    first = export(kept.state, "all", tmp_path, as_json=False)
    before = first.events_file.read_bytes()
    kept.issue(1)

    def full(_file):
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr(os, "fsync", full)
        with pytest.raises(BackupError) as problem:
            export(kept.state, "all", tmp_path, as_json=False)
    assert problem.value.what == "disk_full"
    assert first.events_file.read_bytes() == before
    assert list(tmp_path.glob(".*")) == []


def aged(path, day):
    """A backup's name with another day in it."""
    return path.rename(path.with_name(path.name.replace("2026-11-24", day)))


def test_old_backups_and_journals_put_aside_go_and_the_newest_backup_stays(kept, tmp_path):
    folder = backup(kept.state, None, 9).file.parent
    oldest = aged(next(folder.iterdir()), "2019-05-01")
    kept.issue(1)
    newest = aged(backup(kept.state, None, 9).file, "2020-05-01")
    aside = kept.state / "replaced-20200102-030405"
    late = kept.state / f"damaged-{TODAY.replace('-', '')}-030405-2"
    mine = kept.state / "replaced-by-hand"
    for made in (aside, late, mine):
        made.mkdir()
        (made / "journal.db").write_text("old")
    told = purge(kept.state, 90, None, dry_run=True)
    assert set(told.files) == {oldest, aside}
    assert oldest.exists()
    assert purge(kept.state, 90, None, dry_run=False).files == told.files
    assert [p for p in (oldest, aside, newest, late, mine) if p.exists()] == [newest, late, mine]
    assert purge(kept.state, 90, None, dry_run=False).files == ()


def test_a_card_key_whose_day_is_over_goes_and_todays_stays(kept):
    path = kept.state / "day-key"
    DayKey(path).of("2020-01-02")
    told = purge(kept.state, 1, None, dry_run=True)
    assert told.key_day == "2020-01-02"
    assert path.exists()
    purge(kept.state, 1, None, dry_run=False)
    assert not path.exists()
    DayKey(path).of(TODAY)
    assert purge(kept.state, 1, None, dry_run=False).key_day == ""
    assert path.exists()


def test_a_purge_leaves_the_chain_as_it_was_and_says_what_stays(kept):
    before = verify(kept.state)
    DayKey(kept.state / "day-key").of("2026-11-23")
    told = purge(kept.state, 1, None, dry_run=True)
    assert (told.hashes, told.hash_days) == (1, 1)
    assert told.traceable == 0
    purge(kept.state, 1, None, dry_run=False)
    assert verify(kept.state) == before


def test_the_key_of_a_running_halls_day_stays_whatever_the_computers_date(kept):
    lock = lock_state(kept.state)
    try:
        DayKey(kept.state / "day-key").of("2026-11-24")
        assert purge(kept.state, 1, None, dry_run=True).key_day == ""
        assert purge(kept.state, 1, None, dry_run=True).traceable == 0
        DayKey(kept.state / "day-key").of("2026-11-23")
        assert purge(kept.state, 1, None, dry_run=True).key_day == "2026-11-23"
    finally:
        os.close(lock)


def test_no_card_number_and_no_name_is_in_what_is_stored(kept):
    kept.bench.report("reader", r.CardRead(person=PERSON, age=81))
    kept.store()
    db = apsw.Connection(str(kept.state / "journal.db"), flags=apsw.SQLITE_OPEN_READONLY)
    fields = set()
    for (body,) in db.execute("SELECT body FROM events"):
        event = json.loads(body)["event"]
        if event["type"] in {"CardRead", "TicketIssued"}:
            fields |= event.keys()
    db.close()
    assert fields & {"name", "number_of_card", "id_number", "address", "born", "phone"} == set()
    assert "person" in fields


@pytest.fixture
def old(tmp_path):
    """A state folder whose journal was written by the hallctl of 24 November 2026."""
    state = tmp_path / "old"
    state.mkdir()
    db = apsw.Connection(str(state / "journal.db"))
    for _ in db.execute(OLD):
        continue
    db.close()
    return state


HEAD = "da7e7a6d946e00159c640f627ebb71571c113221f8d2cb6ca761fcc6073f2074"


def test_a_journal_of_an_older_hallctl_opens_and_folds(old):
    assert verify(old) == (28, HEAD)
    hall, journal = next_start(old)
    journal.close()
    assert hall.day == "2026-11-24"
    assert {v.label: v.status for v in hall.visits.values()} == {
        "A001": "serving", "A002": "waiting", "A003": "waiting", "B001": "waiting",
    }  # fmt: skip
    assert hall.numbers == {"A": 3, "B": 1}


def test_a_journal_of_an_older_hallctl_is_backed_up_restored_and_exported(old, tmp_path):
    made = backup(old, tmp_path, 1)
    assert made.found.head == HEAD
    done = restore(tmp_path / "new", made.file)
    assert done.now.seq == 29
    _, journal = next_start(tmp_path / "new")
    assert len(tickets(journal)) == 7
    journal.close()
    written = export(tmp_path / "new", "all", tmp_path, as_json=True)
    assert written.visits == 7
    assert {"AnnouncementMade"} <= {e["event"]["type"] for e in lines(written.events_file)}


def test_the_hall_of_an_older_journal_goes_on_in_it(old):
    hall, journal = next_start(old)
    now = at(10, 0, day="2026-11-24")
    outcome = Step(hall, hall.epoch)(c.Asked("x", "test", c.IssueTicket(queue="A")), now)
    journal.append(outcome.recorded, [], hall.day)
    journal.close()
    assert outcome.answer["result"]["label"] == "A004"
    assert verify(old)[0] == 28 + len(outcome.recorded)
