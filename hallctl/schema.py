"""The journal's tables, and how those of an older hallctl become today's.

Version 1 was the first. Version 2 gives each answer a digest of its own: answers are in no chain.
"""

import hashlib
from collections.abc import Iterator

import apsw

VERSION = 2
VERSION_MOST = 999
"""Beyond it the number is no newer version's: it was damaged."""
MIN_SQLITE = (3, 51, 3)
"""Older SQLite can corrupt a WAL with two connections (fixed 2026-03)."""

TABLES = """
CREATE TABLE events(
    seq INTEGER PRIMARY KEY, type TEXT NOT NULL, body BLOB NOT NULL, hash BLOB NOT NULL);
CREATE INDEX days ON events(seq) WHERE type = 'DayOpened';
CREATE TABLE numbers(day TEXT, queue TEXT, number INTEGER, PRIMARY KEY(day, queue, number))
    WITHOUT ROWID;
CREATE TABLE answers(
    id TEXT PRIMARY KEY, day TEXT NOT NULL, answer BLOB NOT NULL, digest BLOB) WITHOUT ROWID;
CREATE INDEX answer_days ON answers(day);
"""
STEPS = {1: "ALTER TABLE answers ADD COLUMN digest BLOB"}
"""From which version; what makes the next one of it."""
DIGEST_BYTES = 8


def too_old() -> str:
    """The version of an SQLite that must not be used; "" for one that may."""
    version = apsw.sqlite_lib_version()
    return "" if tuple(int(p) for p in version.split(".")) >= MIN_SQLITE else version


def version_of(db: apsw.Connection) -> int:
    """By which version a journal was written, 0 for a file without tables. Raises ValueError."""
    version = int(db.pragma("user_version"))
    if not 0 <= version <= VERSION_MOST:
        raise ValueError(f"{version} is no journal's version")
    return version


def fit(db: apsw.Connection, version: int) -> None:
    """Make a new journal's tables (`version` 0), or an older journal's into today's.

    One transaction: a power cut leaves the one or the other. Raises apsw.Error.
    """
    with db:
        if version:
            for step in range(version, VERSION):
                db.execute(STEPS[step])
        else:
            db.execute(TABLES)
        db.execute(f"PRAGMA user_version={VERSION}")


def digest_of(key: str, answer: bytes) -> bytes:
    """What stands beside an answer."""
    return _digest(key.encode(), answer)


def _digest(key: bytes, answer: bytes) -> bytes:
    return hashlib.sha256(key + b"\0" + answer).digest()[:DIGEST_BYTES]


def is_sound(key: str, answer: bytes, digest: bytes | None) -> bool:
    """Whether an answer is what was written; of those of version 1 nobody can tell."""
    return digest is None or digest == digest_of(key, answer)


def damaged(db: apsw.Connection) -> Iterator[bytes]:
    """The ids of answers that are not what was written. Raises apsw.Error."""
    columns = {row[1] for row in db.execute("PRAGMA table_info(answers)")}
    if "digest" in columns:
        query = "SELECT CAST(id AS BLOB), CAST(answer AS BLOB), digest FROM answers"
        for key, answer, digest in db.execute(query):
            if digest is not None and digest != _digest(key, answer):
                yield key


def forget_damaged(db: apsw.Connection) -> None:
    """Forget the answers that are damaged. Raises apsw.Error."""
    for key in list(damaged(db)):
        db.execute("DELETE FROM answers WHERE CAST(id AS BLOB)=?", (key,))
