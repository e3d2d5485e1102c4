"""Events on disk: append, and read back what is needed to go on.

SQLite through apsw in WAL mode with synchronous=FULL. One row an event, each with the SHA-256 of
itself and the row before, so that a changed byte is found and named (SQLite's own integrity check
found 3 of 40). Outside the database a small *high-water mark* tells what was once durable: one
flipped bit in a WAL can silently cut off its tail, and only something else can know.

One process has the state folder (a lock comes before anything is opened), one connection writes.
A commit that fails is never retried: the process ends, and the next start reads what is so. The
one exception is a disk that is full, for then SQLite says that nothing counts, and there is a
reserve (docs/adr/0014-reserve.md).
"""

import contextlib
import fcntl
import json
import logging
import os
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import apsw

from hallctl import changeover, schema, wire
from hallctl.answers import Answers
from hallctl.chain import GENESIS, KEEP, JournalError, chained, checked_rows
from hallctl.core.events import DayOpened, Recorded, TicketIssued
from hallctl.disk import Disk, SystemDisk
from hallctl.mark import HighWaterMark
from hallctl.reserve import Reserve

log = logging.getLogger("hallctl")

CHECKPOINT_PAGES = 1000
"""After so many pages the log's content goes into the database, and the log begins anew: within the
second, while nobody waits; with twice as many at once."""

DISK_TROUBLE = (apsw.FullError, apsw.IOError, apsw.ReadOnlyError, apsw.CantOpenError)
"""What SQLite says when it is the disk, and not the journal, that cannot be used."""

_WHERE = "the folder must be on a local disk that works (see dmesg)"


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
    pid = f"{os.getpid()}\n".encode()
    os.pwrite(lock, pid, 0)  # in place first: on a full disk there may be no other
    os.ftruncate(lock, len(pid))
    try:
        changeover.finish(state)
    except OSError:
        os.close(lock)
        raise
    return lock


class Journal:
    """The one writing connection. Open it under `lock_state`.

    `day` in `append` names the business day the answers belong to. A simulation hands in its disk.
    Without a `reserve` a full disk is the end. `anew`: begin with no event although the mark knows
    of some. Raises JournalError for a journal that cannot be used, for a disk apsw.Error, OSError.
    """

    def __init__(
        self,
        state: Path,
        disk: Disk | None = None,
        reserve: Reserve | None = None,
        *,
        anew: bool = False,
    ) -> None:
        if schema.too_old():
            raise JournalError(f"SQLite {schema.too_old()} is too old; run: pip install -U apsw")
        self.path = state / "journal.db"
        self._disk = disk or SystemDisk()
        self.reserve = reserve or Reserve(state, self._disk, 0)
        self.mark = HighWaterMark(state / "high-water", self._disk)
        self._failed = False
        self._log_pages = 0
        self._checkpoint_at = 0
        with self._reading():
            self._db = apsw.Connection(str(self.path), vfs=self._disk.vfs)
            self._open(anew)
        # A killed process may have written a commit and not synced it. It counts from now on, so it
        # must outlive a power cut: SQLite reads the log again and does not sync it.
        self._disk.sync(self.path.with_name("journal.db-wal"))
        self.mark.make_room()

    @contextlib.contextmanager
    def _reading(self) -> Iterator[None]:
        """What cannot be read is damaged. Then all files stay as they were found."""
        try:
            yield
        except (JournalError, apsw.Error, ValueError, KeyError, TypeError) as problem:
            if hasattr(self, "_db"):
                self._give_up()
            if isinstance(problem, (JournalError, *DISK_TROUBLE)):
                raise
            raise JournalError(f"{self.path}: {problem}; {KEEP}") from problem

    def _open(self, anew: bool) -> None:
        """Durable by setting, tables of today, and where the journal ends."""
        self._db.execute("PRAGMA journal_mode=WAL").fetchall()  # to its end, which can fail
        if self._one("PRAGMA journal_mode") != "wal":  # or silently stay what it was
            raise JournalError(f"{self.path}: SQLite cannot make its log here; {_WHERE}")
        self._db.execute("PRAGMA synchronous=FULL")
        assert self._one("PRAGMA synchronous") == 2  # noqa: PLR2004 - FULL
        self._db.set_wal_hook(self._logged)  # in place of SQLite's own checkpoints
        version = schema.version_of(self._db)
        if version > schema.VERSION:
            raise JournalError(f"{self.path} was written by a newer hallctl; upgrade this one")
        if version == 0 and self.mark.seq and not anew:  # new tables would write over its log
            raise JournalError(f"{self.path} holds no event, {self._but()}")
        if version < schema.VERSION:
            schema.fit(self._db, version)
        self._answers = Answers(self._db)
        query = "SELECT seq, hash, body FROM events ORDER BY seq DESC LIMIT 1"
        row = self._db.execute(query).fetchone() or (0, GENESIS, b"")
        self.seq: int = row[0]
        self._hash: bytes = row[1]
        self.epoch: str = json.loads(row[2])["epoch"] if self.seq else ""

    def _but(self) -> str:
        return (
            f"but event {self.mark.seq} of epoch {self.mark.epoch} was already durable: the file "
            "was damaged or replaced. Keep a copy of the folder, then run: hallctl journal "
            "accept-loss"
        )

    def _one(self, query: str) -> Any:  # noqa: ANN401 - a column of any type
        row = self._db.execute(query).fetchone()
        return row[0] if row else None

    @property
    def head(self) -> str:
        """The chain's head, as the closing slip prints it."""
        return self._hash.hex()

    def check_mark(self) -> None:
        """Compare with the high-water mark; what it has not seen yet it is told.

        Raises JournalError when durable events are gone. Then all files stay as they were found.
        """
        mark = self.mark
        with self._reading():
            row = self._db.execute("SELECT body FROM events WHERE seq=?", (mark.seq,)).fetchone()
            if mark.seq and (row is None or json.loads(row[0])["epoch"] != mark.epoch):
                end = f"ends at event {self.seq} of epoch {self.epoch or '-'}"
                raise JournalError(f"{self.path} {end}, {self._but()}")
            day = max(mark.day, self._one("SELECT max(day) FROM numbers") or "")
            numbers = self.highest_numbers(day)
        if self.seq and not mark.seq:
            log.warning(
                "%s: the high-water mark beside it is gone or not to be read, so nothing tells "
                "whether the journal's end is missing; a new mark is made from the journal",
                self.path,
            )
        if mark.seq < self.seq:
            self._surely(lambda: mark.advance(self.seq, self.epoch, numbers, day))

    def append(
        self,
        recorded: Sequence[Recorded],
        answers: Sequence[tuple[str, bytes]],
        day: str,
        then: Callable[[], None] = lambda: None,
    ) -> None:
        """Store events and answers in one transaction; call `then` once they are durable.

        The mark and the log can wait for what others wait for. Raises apsw.Error or OSError when it
        could not: then the caller must end the process, and `close` leaves all files as they are.
        """
        head = self._hash
        rows = []
        issued = []
        for event in recorded:
            body = wire.stored(event)
            head = chained(head, event.seq, body)
            rows.append((event.seq, type(event.event).__name__, body, head))
            if isinstance(event.event, TicketIssued):
                visit_day = event.event.visit.rpartition("-")[0]
                issued.append((visit_day, event.event.queue, event.event.number))
        self._commit(
            ("INSERT INTO events VALUES(?,?,?,?)", rows),
            ("INSERT INTO numbers VALUES(?,?,?)", issued),
            self._answers.kept(answers, day),
        )
        self._hash = head
        if recorded:
            self.seq, self.epoch = recorded[-1].seq, recorded[-1].epoch
        then()
        if recorded:
            given = {q: n for _, q, n in issued}
            self._surely(lambda: self.mark.advance(self.seq, self.epoch, given, day))
        self._checkpoint(2 * CHECKPOINT_PAGES)

    def _commit(self, *statements: tuple[str, Sequence[tuple[object, ...]]]) -> None:
        """All in one transaction, durable when this returns. Raises apsw.Error, OSError."""

        def once() -> None:
            self._db.execute("BEGIN IMMEDIATE")
            try:
                for statement, rows in statements:
                    if rows:
                        self._db.executemany(statement, rows)
                self._db.execute("COMMIT")
            except BaseException:
                if self._db.in_transaction:  # on a full disk SQLite has rolled back itself
                    self._db.execute("ROLLBACK")
                raise

        self._surely(once)

    def _surely(self, act: Callable[[], None]) -> None:
        """Act, on a full disk with the reserve; what else fails is the end of this journal."""
        try:
            self.reserve.through(act)
        except BaseException as problem:
            code = self._db.system_errno
            self._give_up()
            if isinstance(problem, apsw.IOError) and code:
                raise OSError(code, os.strerror(code), str(self.path)) from problem
            raise

    def _give_up(self) -> None:
        """Write and sync nothing any more, not even when this is closed or forgotten.

        What a failed sync has not written the system may have dropped: the same sync again would
        lie. The log stays, and the next start reads from it what is on the disk.
        """
        self._failed = True
        self._db.config(apsw.SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1)

    def _logged(self, _db: apsw.Connection, _name: str, pages: int) -> int:
        self._log_pages = pages
        return apsw.SQLITE_OK

    def _checkpoint(self, pages: int) -> None:
        """Let the database have what is in the log, when that is so long.

        SQLite would do it by itself, and keep silent about a disk that fails at it. A full disk
        alone is no reason to end: the log grows instead, and later it is tried again.
        """
        if self._log_pages >= max(pages, self._checkpoint_at):
            self._surely(self._write_back)

    def _write_back(self) -> None:
        try:
            self._db.wal_checkpoint(mode=apsw.SQLITE_CHECKPOINT_PASSIVE)
            self._log_pages = self._checkpoint_at = 0
        except apsw.BusyError:  # somebody else reads the log in: it is tried again
            pass
        except apsw.FullError:
            if self.reserve.left:
                raise
            self._checkpoint_at = self._log_pages + CHECKPOINT_PAGES
            log.warning("%s: the disk is full, the log beside it grows", self.path)

    def answer(self, command_id: str) -> bytes | None:
        """The answer already given to a command, if any. Raises JournalError for a damaged one."""
        with self._reading():
            return self._answers.get(command_id)

    def forget_answers(self, before_day: str) -> None:
        """Drop answers of days before `before_day` but the last one of them."""
        self._commit(self._answers.forgotten(before_day))
        self._answers.look()

    def today(self) -> Iterator[Recorded]:
        """The events since the last day was opened, their hashes checked while reading.

        Raises JournalError naming the first row that is not what it was.
        """
        with self._reading():
            start = self._one("SELECT coalesce(max(seq),1) FROM events WHERE type='DayOpened'")
            yield from self._day_from(start)

    def _day_from(self, start: int) -> Iterator[Recorded]:
        """Rows may be sound and the index that led to them not: so begin and end are looked at."""
        last = start - 1
        for recorded in checked_rows(self._db, self.path, start, self._hash_of(last)):
            if recorded.seq == start > 1 and not isinstance(recorded.event, DayOpened):
                raise JournalError(f"{self.path}: event {start} opens no day; {KEEP}")
            last = recorded.seq
            yield recorded
        if last != self.seq:
            raise JournalError(f"{self.path}: event {last + 1} is missing; {KEEP}")

    def since(self, seq: int, most: int) -> list[Recorded]:
        """Events after `seq`, at most that many, each checked against the chain.

        Raises JournalError for damage among them, and is as usable as before: what is appended
        needs none of them.
        """
        after = max(0, seq)
        try:
            found = list(checked_rows(self._db, self.path, after + 1, self._hash_of(after), most))
        except apsw.Error as problem:
            raise JournalError(f"{self.path}: event {after}: {problem}; {KEEP}") from problem
        last = after + len(found)
        if len(found) < most and last != self.seq:
            raise JournalError(f"{self.path}: event {last + 1} is missing; {KEEP}")
        return found

    def _hash_of(self, seq: int) -> bytes:
        """What the row behind `seq` was chained to. Raises JournalError, apsw.Error."""
        row = self._db.execute("SELECT hash FROM events WHERE seq=?", (seq,)).fetchone()
        if seq and not (row and isinstance(row[0], bytes)):
            raise JournalError(f"{self.path}: event {seq} is missing or has no hash; {KEEP}")
        return bytes(row[0]) if row else GENESIS

    def highest_numbers(self, day: str) -> dict[str, int]:
        """The highest number the hall gave in each queue on a day; none that was pre-printed."""
        query = "SELECT queue, max(number) FROM numbers WHERE day=? GROUP BY queue"
        return dict(self._db.execute(query, (day,)))

    def each_second(self) -> None:
        """Make the mark durable, and the log short. Raises apsw.Error, OSError, as `append`."""
        self._surely(self.mark.sync)
        self._checkpoint(CHECKPOINT_PAGES)

    def close(self) -> None:
        """Sync the mark and close the database; after a failure sync and write nothing."""
        if not self._failed:
            self.mark.sync()
        self._db.close()
        self._disk.close()
