"""A journal outlives its hallctl: an older one's is brought up to date, a newer one's is refused.

`old_journal.sql` was written by the hallctl of 24 November 2026 and is never made anew.
"""

import hashlib
import json
import shutil
from pathlib import Path

import apsw
import pytest

from faults.streaming import quick_folder
from hallctl import schema, wire
from hallctl.chain import GENESIS, JournalError, chained, checked_rows, verify
from hallctl.core.applying import apply
from hallctl.core.hall import Hall
from hallctl.journal import Journal
from hallctl.simulator.disk import FaultyDisk
from hallctl.simulator.unsynced import HOWS

OLD = (Path(__file__).parent / "old_journal.sql").read_text()
EVENTS = 28
HEAD = "da7e7a6d946e00159c640f627ebb71571c113221f8d2cb6ca761fcc6073f2074"
FOLD = "4d0a15ff53632981cbc230e6230593c6b74c2805c8909ec3557fddaba6396e83"
"""Of what the hall was after each event: recorded when version 2 came, and not to be changed."""


@pytest.fixture
def old():
    with quick_folder() as folder:
        db = apsw.Connection(str(folder / "journal.db"))
        for _ in db.execute(OLD):
            continue
        db.close()
        yield folder


def version(state):
    db = apsw.Connection(str(state / "journal.db"), flags=apsw.SQLITE_OPEN_READONLY)
    found = db.pragma("user_version")
    db.close()
    return found


def fold(state):
    """The hash of what the hall was after each event, in words that every version has."""
    db = apsw.Connection(str(state / "journal.db"), flags=apsw.SQLITE_OPEN_READONLY)
    hall, seen = Hall(), []
    for recorded in checked_rows(db, state / "journal.db", 1, GENESIS):
        apply(hall, recorded)
        visits = {v.label: v.status for v in hall.visits.values()}
        seen.append([recorded.seq, hall.day, hall.epoch, hall.numbers, visits])
    db.close()
    return hashlib.sha256(json.dumps(seen, sort_keys=True).encode()).hexdigest()


def test_an_old_journal_folds_to_the_hash_that_was_recorded(old):
    assert version(old) == 1
    assert fold(old) == FOLD
    Journal(old).close()
    assert version(old) == schema.VERSION
    assert fold(old) == FOLD
    assert verify(old) == (EVENTS, HEAD)


def test_old_answers_stay_what_they_were_and_new_ones_get_a_digest(old):
    journal = Journal(old)
    assert journal.answer("10") == b"{}"
    journal.append([], [("new", b'{"ok":true}')], "2026-11-24")
    journal.close()
    db = apsw.Connection(str(old / "journal.db"))
    digests = dict(db.execute("SELECT id, digest FROM answers"))
    db.close()
    assert digests["10"] is None
    assert digests["new"] == schema.digest_of("new", b'{"ok":true}')


def test_tables_brought_up_to_date_are_those_of_a_new_journal(old, tmp_path):
    Journal(old).close()
    Journal(tmp_path).close()

    def columns(state):
        db = apsw.Connection(str(state / "journal.db"))
        tables = [r[0] for r in db.execute("SELECT name FROM sqlite_schema WHERE type='table'")]
        found = {t: list(db.execute(f"PRAGMA table_xinfo({t})")) for t in tables}
        indexes = sorted(
            r[0] for r in db.execute("SELECT sql FROM sqlite_schema WHERE type='index'") if r[0]
        )
        db.close()
        return found, indexes

    assert columns(old) == columns(tmp_path)


@pytest.mark.parametrize("how", HOWS)
def test_a_power_cut_anywhere_leaves_the_old_tables_or_the_new_ones(old, how):
    """At every write and sync of the change: it is done or not, and the next start does it."""
    found = []
    with quick_folder() as folder:
        copy = folder / "copy"
        disk = FaultyDisk(0)

        def moment():
            left = disk.would_leave(how)
            shutil.copytree(old, copy, ignore=shutil.ignore_patterns("*-shm"))
            for path, image in left.items():
                if image is None:
                    (copy / path.name).unlink(missing_ok=True)
                else:
                    (copy / path.name).write_bytes(image)
            checked = FaultyDisk(1)
            db = apsw.Connection(str(copy / "journal.db"), vfs=checked.vfs)
            found.append(db.pragma("user_version"))
            checked.kill()
            journal = Journal(copy, checked)
            journal.check_mark()
            assert (journal.seq, journal.head) == (EVENTS, HEAD)
            assert journal.answer("10") == b"{}"
            journal.append([], [("new", b"{}")], "2026-11-24")
            checked.end()
            shutil.rmtree(copy)

        disk.watch = moment
        Journal(old, disk).close()
        disk.watch = None
        disk.end()
    assert found == sorted(found)
    assert set(found) == {1, schema.VERSION}
    assert len(found) > 10


def test_a_newer_journal_is_refused_in_words_and_left_as_it_is(old):
    db = apsw.Connection(str(old / "journal.db"))
    db.execute(f"PRAGMA user_version={schema.VERSION + 1}")
    db.close()
    before = (old / "journal.db").read_bytes()
    with pytest.raises(JournalError, match="newer hallctl; upgrade this one"):
        Journal(old)
    assert (old / "journal.db").read_bytes()[100:] == before[100:]
    assert version(old) == schema.VERSION + 1


def test_an_event_of_a_newer_hallctl_is_not_taken_for_damage(old):
    """Its hash is right; nothing is to be accepted as lost."""
    journal = Journal(old)
    last = journal.since(EVENTS - 1, 1)[0]
    body = {**wire.recorded_out(last), "seq": EVENTS + 1}
    body["event"] = {"type": "RobotArrived", "window": 3}
    raw = wire.dumps(body)
    row = (EVENTS + 1, "RobotArrived", raw, chained(bytes.fromhex(HEAD), EVENTS + 1, raw))
    journal._db.execute("INSERT INTO events VALUES(?,?,?,?)", row)
    journal.close()
    journal = Journal(old)
    with pytest.raises(JournalError, match=r"RobotArrived.* newer hallctl; upgrade this") as e:
        list(journal.today())
    assert "accept-loss" not in str(e.value)
    journal.close()
