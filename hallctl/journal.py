"""Events on disk: append, read back, verify.

SQLite through apsw in WAL mode with synchronous=FULL. One row an event, each with the SHA-256 of
itself and the row before, so that a changed byte is found and named (SQLite's own integrity check
found 3 of 40). Outside the database a small *high-water mark* tells what was once durable: one
flipped bit in a WAL can silently cut off its tail, and only something else can know.

One process has the state folder (a lock comes before anything is opened), one connection writes.
A commit that fails is never retried here: the process ends, and the next start reads what is so.
"""

import csv
import fcntl
import hashlib
import io
import json
import os
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import apsw

from hallctl import changeover, wire
from hallctl.core.events import Recorded, TicketIssued
from hallctl.disk import Disk, SystemDisk
from hallctl.mark import HighWaterMark

GENESIS = b"\0" * 32
MARK_SYNC_S = 1.0
SCHEMA_VERSION = 1
MIN_SQLITE = (3, 51, 3)
"""Older SQLite can corrupt a WAL with two connections (fixed 2026-03)."""

SCHEMA = """
CREATE TABLE events(
    seq INTEGER PRIMARY KEY, type TEXT NOT NULL, body BLOB NOT NULL, hash BLOB NOT NULL);
CREATE INDEX days ON events(seq) WHERE type = 'DayOpened';
CREATE TABLE numbers(day TEXT, queue TEXT, number INTEGER, PRIMARY KEY(day, queue, number))
    WITHOUT ROWID;
CREATE TABLE answers(id TEXT PRIMARY KEY, day TEXT NOT NULL, answer BLOB NOT NULL) WITHOUT ROWID;
CREATE INDEX answer_days ON answers(day);
"""


class JournalError(Exception):
    """The journal cannot be used; the words say what was found and the one step to take."""


class StateInUse(JournalError):  # noqa: N818 - says what is so
    """Another hallctl has the state folder."""


def lock_state(state: Path) -> int:
    """Take the state folder for this process alone; the descriptor holds it until it is closed.

    A restore that was broken off after it counted is carried out first. Raises StateInUse naming
    the process that has it, OSError.
    """
    state.mkdir(mode=0o750, parents=True, exist_ok=True)
    lock = os.open(state / "lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o640)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as problem:
        owner = os.pread(lock, 20, 0).decode(errors="replace").strip() or "?"
        os.close(lock)
        raise StateInUse(
            f"{state}: process {owner} already runs this hall; stop it, or give --state another"
        ) from problem
    os.ftruncate(lock, 0)
    os.pwrite(lock, f"{os.getpid()}\n".encode(), 0)
    try:
        changeover.finish(state)
    except OSError:
        os.close(lock)
        raise
    return lock


def chained(before: bytes, seq: int, body: bytes | str) -> bytes:
    """The hash of one row: of the hash before it, its sequence and its body.

    A body is stored as bytes; somebody's SQL may have made text of it.
    """
    raw = body.encode() if isinstance(body, str) else body
    return hashlib.sha256(before + seq.to_bytes(8, "big") + raw).digest()


class Journal:
    """The one writing connection. Open it under `lock_state`.

    `day` in `append` names the business day the answers belong to. A simulation hands in its disk.
    """

    def __init__(self, state: Path, disk: Disk | None = None) -> None:
        if tuple(int(p) for p in apsw.sqlite_lib_version().split(".")) < MIN_SQLITE:
            raise JournalError(
                f"SQLite {apsw.sqlite_lib_version()} is too old; run: pip install -U apsw"
            )
        self.path = state / "journal.db"
        self._disk = disk or SystemDisk()
        self.mark = HighWaterMark(state / "high-water", self._disk)
        try:
            self._db = apsw.Connection(str(self.path), vfs=self._disk.vfs)
            self._db.execute("PRAGMA journal_mode=WAL")
            self._db.execute("PRAGMA synchronous=FULL")
            self._db.execute("PRAGMA wal_autocheckpoint=1000")
            if self._one("PRAGMA user_version") == 0:
                with self._db:
                    self._db.execute(SCHEMA)
                    self._db.execute(f"PRAGMA user_version={SCHEMA_VERSION}")
            assert self._one("PRAGMA synchronous") == 2  # noqa: PLR2004 - FULL
            if self._one("PRAGMA user_version") != SCHEMA_VERSION:
                raise JournalError(f"{self.path} was written by a newer hallctl; upgrade this one")
            row = self._db.execute(
                "SELECT seq, hash, body FROM events ORDER BY seq DESC LIMIT 1"
            ).fetchone()
            self.seq: int = row[0] if row else 0
            self._hash: bytes = row[1] if row else GENESIS
            self.epoch: str = json.loads(row[2])["epoch"] if row else ""
        except (apsw.Error, ValueError, KeyError) as problem:
            raise JournalError(f"{self.path}: {problem}; {_KEEP}") from problem

    def _one(self, query: str) -> Any:  # noqa: ANN401 - a column of any type
        row = self._db.execute(query).fetchone()
        return row[0] if row else None

    @property
    def head(self) -> str:
        """The chain's head, as the closing slip prints it."""
        return self._hash.hex()

    def check_mark(self) -> None:
        """Compare with the high-water mark. Raises JournalError when durable events are gone."""
        seq, epoch = self.mark.seq, self.mark.epoch
        if seq > self.seq or (epoch and self.seq and epoch != self.epoch):
            raise JournalError(
                f"{self.path} ends at event {self.seq} of epoch {self.epoch or '-'}, but event "
                f"{seq} of epoch {epoch} was already durable: the file was damaged or replaced. "
                "Keep a copy of the folder, then run: hallctl journal accept-loss"
            )

    def append(self, recorded: list[Recorded], answers: list[tuple[str, bytes]], day: str) -> None:
        """Store events and answers in one transaction, durable when this returns.

        Raises apsw.Error when it could not: then the caller must end the process.
        """
        head = self._hash
        rows = []
        issued = []
        for event in recorded:
            body = wire.dumps(wire.recorded_out(event))
            head = chained(head, event.seq, body)
            rows.append((event.seq, type(event.event).__name__, body, head))
            if isinstance(event.event, TicketIssued):
                visit_day = event.event.visit.rpartition("-")[0]
                issued.append((visit_day, event.event.queue, event.event.number))
        with self._db:
            if rows:
                self._db.executemany("INSERT INTO events VALUES(?,?,?,?)", rows)
            if issued:
                self._db.executemany("INSERT INTO numbers VALUES(?,?,?)", issued)
            if answers:
                kept = [(i, day, a) for i, a in answers]
                self._db.executemany("INSERT INTO answers VALUES(?,?,?)", kept)
        self._hash = head
        if recorded:
            self.seq = recorded[-1].seq
            self.epoch = recorded[-1].epoch
            self.mark.advance(self.seq, self.epoch, {q: n for _, q, n in issued}, day)

    def answer(self, command_id: str) -> bytes | None:
        """The answer already given to a command, if any."""
        row = self._db.execute("SELECT answer FROM answers WHERE id=?", (command_id,)).fetchone()
        return row[0] if row else None

    def forget_answers(self, before_day: str) -> None:
        """Drop answers of days before `before_day` but the last one of them.

        Who asked in the evening and heard nothing may ask again in the morning; not for days.
        """
        last = "SELECT max(day) FROM answers WHERE day<?"
        with self._db:
            self._db.execute(f"DELETE FROM answers WHERE day<({last})", (before_day,))  # noqa: S608

    def today(self) -> Iterator[Recorded]:
        """The events since the last day was opened, their hashes checked while reading.

        Raises JournalError naming the first row that is not what it was.
        """
        start = self._one("SELECT coalesce(max(seq),1) FROM events WHERE type='DayOpened'")
        before = self._db.execute("SELECT hash FROM events WHERE seq=?", (start - 1,)).fetchone()
        yield from checked_rows(self._db, self.path, start, before[0] if before else GENESIS)

    def since(self, seq: int, most: int) -> list[Recorded]:
        """Events after `seq`, at most that many."""
        query = "SELECT body FROM events WHERE seq>? ORDER BY seq LIMIT ?"
        return [wire.recorded_in(json.loads(b)) for (b,) in self._db.execute(query, (seq, most))]

    def highest_numbers(self, day: str) -> dict[str, int]:
        """The highest number given in each queue on a day."""
        query = "SELECT queue, max(number) FROM numbers WHERE day=? GROUP BY queue"
        return dict(self._db.execute(query, (day,)))

    def close(self) -> None:
        """Sync the mark and close the database."""
        self.mark.sync()
        self._db.close()
        self._disk.close()


def checked_rows(db: apsw.Connection, path: Path, start: int, head: bytes) -> Iterator[Recorded]:
    """Rows from `start` on, each checked against the chain. Raises JournalError."""
    expected = start
    query = "SELECT seq, body, hash FROM events WHERE seq>=? ORDER BY seq"
    try:
        for seq, body, stored in db.execute(query, (start,)):
            if seq != expected:
                raise JournalError(f"{path}: event {expected} is missing; {_KEEP}")
            head = chained(head, seq, body)
            if head != stored:
                raise JournalError(f"{path}: event {seq} was changed after it was written; {_KEEP}")
            expected += 1
            yield wire.recorded_in(json.loads(body))
    except (apsw.Error, wire.WireError) as problem:
        raise JournalError(f"{path}: event {expected}: {problem}; {_KEEP}") from problem


_KEEP = "keep a copy of the folder, then run: hallctl journal accept-loss"


def read_only(state: Path) -> apsw.Connection:
    """A reading connection for tools. Raises JournalError when there is no journal."""
    path = state / "journal.db"
    if not path.exists():
        raise JournalError(f"{path}: there is no journal yet; start the hall with: hallctl run")
    return apsw.Connection(str(path), flags=apsw.SQLITE_OPEN_READONLY)


COLUMNS = ("seq", "wall_s", "epoch", "actor", "command", "type", "event")


def rows(db: apsw.Connection, *, as_csv: bool, last: int = 0) -> Iterator[str]:
    """Events as lines of CSV (with a head) or JSON, the `last` ones only when that is not 0.

    Read in one transaction, so that a running hall does not move beneath it.
    """
    query = "SELECT body FROM events ORDER BY seq"
    if last:
        top = "SELECT seq, body FROM events ORDER BY seq DESC LIMIT ?"
        query = f"SELECT body FROM ({top}) ORDER BY seq"  # noqa: S608 - no text from outside
    bodies = db.execute(query, (last,) if last else ())
    if as_csv:
        yield csv_line(COLUMNS)
    for (body,) in bodies:
        if not as_csv:
            yield body.decode() + "\n"
            continue
        found = json.loads(body)
        word = found["event"].pop("type")
        event = json.dumps(found["event"], ensure_ascii=False)
        yield csv_line([*(found[c] for c in COLUMNS[:5]), word, event])


def csv_line(cells: Iterable[object]) -> str:
    """One line of CSV; a cell that a spreadsheet would take for a formula is defused."""
    text = io.StringIO()
    safe = [f"'{c}" if str(c).startswith(("=", "+", "@", "\t")) else c for c in cells]
    csv.writer(text, lineterminator="\n").writerow(safe)
    return text.getvalue()


def verify(state: Path) -> tuple[int, str]:
    """Check the whole chain and the high-water mark: (events, head in hex).

    Raises JournalError naming the first place that is wrong.
    """
    db = read_only(state)
    try:
        count, head = 0, GENESIS
        for _ in checked_rows(db, state / "journal.db", 1, GENESIS):
            count += 1
        row = db.execute("SELECT hash FROM events ORDER BY seq DESC LIMIT 1").fetchone()
        head = row[0] if row else GENESIS
    finally:
        db.close()
    mark = HighWaterMark(state / "high-water")
    if mark.seq > count:
        raise JournalError(
            f"{state / 'journal.db'}: ends at event {count}, but event {mark.seq} was durable once"
        )
    return count, head.hex()
