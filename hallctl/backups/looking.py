"""What a journal's file holds, and whether all of it is sound: read, never written."""

import json
import os
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import quote

import apsw

from hallctl import schema, wire
from hallctl.backups.trouble import BackupError
from hallctl.chain import GENESIS, chained
from hallctl.mark import HighWaterMark

_NOT_NAME = re.compile(r"[^a-z0-9]+")
NAME_MOST = 40
EVERY = 4096
"""After how many rows somebody who waits is told how far it is."""

Told = Callable[[float], None]
"""Is told how much is done, 0 to 1."""


def untold(_share: float) -> None:
    """For whoever does not want to know."""


@dataclass(frozen=True, slots=True)
class Found:
    """What a journal holds. `head` is the hash of its last event, in hex; `at_s` UNIX seconds.

    `day` is the last business day, `numbers` the highest number of each queue that day, `prefixes`
    what stands before a queue's number on paper, `preprinted` the first and last of the numbers
    that the hall itself never gives.
    """

    path: Path
    seq: int
    head: str
    epoch: str
    at_s: float
    day: str = ""
    hall: str = ""
    hall_en: str = ""
    timezone: str = "UTC"
    tickets: int = 0
    numbers: dict[str, int] = field(default_factory=dict)
    prefixes: dict[str, str] = field(default_factory=dict)
    preprinted: tuple[int, int] | None = None

    @property
    def slug(self) -> str:
        """The hall's name for files: letters that every keyboard and every stick has."""
        return _NOT_NAME.sub("-", self.hall_en.lower()).strip("-")[:NAME_MOST] or "hall"

    def label(self, queue: str, number: int) -> str:
        """A number as it stands on paper."""
        return f"{self.prefixes.get(queue, queue)}{number:03d}"


def opened(path: Path, *, live: bool = False) -> apsw.Connection:
    """A journal's file for reading, wherever it lies: a stick that cannot be written, too.

    A file without a log of its own is read as it is and nothing is written beside it; but a `live`
    one, for a hall may run or start on it, unless its disk is read-only: there none can. Raises
    BackupError.
    """
    if not path.is_file():
        raise BackupError("no_file", path=path)
    log = path.with_name(f"{path.name}-wal")
    how = "mode=ro"
    still = not live or bool(os.statvfs(path).f_flag & os.ST_RDONLY)
    if still and not (log.exists() and log.stat().st_size):
        how += "&immutable=1"
    flags = apsw.SQLITE_OPEN_READONLY | apsw.SQLITE_OPEN_URI
    try:
        db = apsw.Connection(f"file:{quote(str(path))}?{how}", flags=flags)
        version = _one(db, "PRAGMA user_version")
    except apsw.Error as problem:
        raise BackupError("no_journal", path=path, problem=problem) from problem
    if 0 < version <= schema.VERSION:
        return db
    db.close()
    if version > schema.VERSION:
        raise BackupError("newer", path=path)
    raise BackupError("no_journal", path=path, problem="-")


def described(db: apsw.Connection, path: Path) -> Found:
    """What a journal holds, without proof that it is sound. Raises BackupError."""
    try:
        row = db.execute("SELECT seq,hash,body FROM events ORDER BY seq DESC LIMIT 1").fetchone()
        if row is None:
            return Found(path, 0, GENESIS.hex(), "", 0.0)
        last = json.loads(row[2])
        day = _last_event(db, "DayOpened").get("day", "")
        rules = _last_event(db, "RulesSet").get("rules", {})
        return Found(
            path=path,
            seq=row[0],
            head=row[1].hex(),
            epoch=last["epoch"],
            at_s=last["wall_s"],
            day=day,
            hall=rules.get("hall", ""),
            hall_en=rules.get("hall_en", ""),
            timezone=rules.get("timezone", "UTC"),
            tickets=_one(db, "SELECT count(*) FROM events WHERE type='TicketIssued'"),
            numbers=_numbers(db, day),
            prefixes={q["id"]: q["prefix"] for q in rules.get("queues", ())},
            preprinted=_preprinted(rules),
        )
    except (apsw.Error, ValueError, KeyError, TypeError, AttributeError) as problem:
        raise BackupError("unreadable", path=path, problem=problem) from problem


def _preprinted(rules: dict[str, Any]) -> tuple[int, int] | None:
    """Rules of a journal from before there were such numbers keep none of them back."""
    paper = rules.get("preprinted")
    return (paper["first"], paper["last"]) if paper else None


def _numbers(db: apsw.Connection, day: str) -> dict[str, int]:
    """The highest number of each queue on the last day, with those an earlier loss went over."""
    numbers = given(db, day)
    query = """SELECT body FROM events WHERE type='EpochBegun'
        AND seq>(SELECT coalesce(max(seq),0) FROM events WHERE type='DayOpened')"""
    for (body,) in db.execute(query):
        for queue, number in json.loads(body)["event"]["numbers"].items():
            numbers[queue] = max(number, numbers.get(queue, 0))
    return numbers


def given(db: apsw.Connection, day: str) -> dict[str, int]:
    """The highest number the hall gave in each queue on a day. Raises apsw.Error."""
    query = "SELECT queue, max(number) FROM numbers WHERE day=? GROUP BY queue"
    return dict(db.execute(query, (day,)))


def proved(db: apsw.Connection, path: Path, *, decoded: bool = False, told: Told = untold) -> Found:
    """What a journal holds, every hash of it recomputed, from the first event to the last.

    SQLite's own check comes first; `decoded` also reads every event's words. Raises BackupError
    that names the first wrong place.
    """
    try:
        checked = _one(db, "PRAGMA integrity_check(1)")
        if checked != "ok":
            raise BackupError("damaged", path=path, problem=checked)
        found = described(db, path)
        head, expected = GENESIS, 0
        for seq, body, stored in db.execute("SELECT seq, body, hash FROM events ORDER BY seq"):
            expected += 1
            head = chained(head, seq, body)
            if seq != expected or head != stored:
                what = "missing" if seq != expected else "changed"
                raise BackupError(what, path=path, seq=expected)
            if decoded:
                wire.recorded_in(json.loads(body))
            if seq % EVERY == 0:
                told(seq / found.seq)
        counted = _one(db, "SELECT count(*) FROM numbers")
    except (apsw.Error, wire.WireError, ValueError, KeyError) as problem:
        raise BackupError("unreadable", path=path, problem=problem) from problem
    if (expected, head.hex()) != (found.seq, found.head):
        raise BackupError("missing", path=path, seq=found.seq)
    if counted < found.tickets:
        raise BackupError("numbers_gone", path=path, n=found.tickets - counted)
    return found


def above_mark(found: Found, mark: HighWaterMark) -> None:
    """Raises BackupError when events are gone that the high-water mark knows were durable."""
    if mark.seq > found.seq or (mark.epoch and found.seq and mark.epoch != found.epoch):
        raise BackupError("behind", path=found.path, seq=found.seq, mark=mark.seq)


def _one(db: apsw.Connection, query: str) -> Any:  # noqa: ANN401 - a column of any type
    row = db.execute(query).fetchone()
    return row[0] if row else None


def _last_event(db: apsw.Connection, word: str) -> dict[str, Any]:
    """The last event of a kind; {} when there is none."""
    query = "SELECT body FROM events WHERE type=? ORDER BY seq DESC LIMIT 1"
    row = db.execute(query, (word,)).fetchone()
    event: dict[str, Any] = json.loads(row[0])["event"] if row else {}
    return event
