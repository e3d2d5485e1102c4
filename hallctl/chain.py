"""The chain of hashes: reading a journal's rows, each checked, by whoever has the database open.

One row an event, each with the SHA-256 of the row before, its sequence and its body, so that a
changed byte is found and named.
"""

import hashlib
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import apsw

from hallctl import schema, wire
from hallctl.core.events import Recorded
from hallctl.mark import HighWaterMark

GENESIS: Final = b"\0" * 32
"""The hash before the first row."""
KEEP: Final = "keep a copy of the folder, then run: hallctl journal accept-loss"
"""The one step after damage."""


class JournalError(Exception):
    """The journal cannot be used; the words say what was found and the one step to take."""


def chained(before: bytes, seq: int, body: object) -> bytes:
    """The hash of one row: of the hash before it, its sequence and its body.

    A body is stored as bytes; somebody's SQL may have made text of it, damage anything.
    """
    raw = body if isinstance(body, bytes) else str(body).encode()
    return hashlib.sha256(before + seq.to_bytes(8, "big") + raw).digest()


def checked_rows(
    db: apsw.Connection, path: Path, start: int, head: bytes, most: int = -1
) -> Iterator[Recorded]:
    """Rows from `start` on, each checked against the chain. Raises JournalError.

    `most`: at most so many; all when it is negative, which is how SQLite reads a LIMIT.
    """
    expected = start
    query = "SELECT seq, body, hash FROM events WHERE seq>=? ORDER BY seq LIMIT ?"
    try:
        for seq, body, stored in db.execute(query, (start, most)):
            if seq != expected:
                raise JournalError(f"{path}: event {expected} is missing; {KEEP}")
            head = chained(head, seq, body)
            if head != stored:
                raise JournalError(f"{path}: event {seq} was changed after it was written; {KEEP}")
            expected += 1
            yield wire.recorded_in(wire.loads_own(body))
    except apsw.Error as problem:
        raise JournalError(f"{path}: event {expected}: {problem}; {KEEP}") from problem
    except wire.WireError as problem:  # its hash is right: so it was written, only not by us
        step = "upgrade this hallctl to the one that wrote it, or a newer one"
        raise JournalError(f"{path}: event {expected - 1}: {problem}; {step}") from problem


def read_only(state: Path) -> apsw.Connection:
    """A reading connection for tools. Raises JournalError when there is no journal."""
    path = state / "journal.db"
    if not path.exists():
        raise JournalError(f"{path}: there is no journal yet; start the hall with: hallctl run")
    return apsw.Connection(str(path), flags=apsw.SQLITE_OPEN_READONLY)


def verify(state: Path) -> tuple[int, str]:
    """Check the whole chain and the high-water mark: (events, head in hex).

    Raises JournalError naming the first place that is wrong.
    """
    path = state / "journal.db"
    db = read_only(state)
    try:
        count = sum(1 for _ in checked_rows(db, path, 1, GENESIS))
        for key in schema.damaged(db):
            words = f"the answer to {key.decode(errors='replace')} was changed"
            raise JournalError(f"{path}: {words}; {KEEP}")
        query = "SELECT seq, hash FROM events ORDER BY seq DESC LIMIT 1"
        last, head = db.execute(query).fetchone() or (0, GENESIS)
    except apsw.Error as problem:
        raise JournalError(f"{path}: {problem}; {KEEP}") from problem
    finally:
        db.close()
    if last != count:
        raise JournalError(f"{path}: event {count + 1} is missing; {KEEP}")
    mark = HighWaterMark(state / "high-water")
    if mark.seq > count:
        raise JournalError(f"{path}: ends at event {count}, but event {mark.seq} was durable once")
    return count, head.hex()
