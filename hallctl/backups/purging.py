"""`hallctl purge`: what has been kept long enough goes.

The journal's events stay: no name and no card number stands in them. Of a card there is a hash by
the key of its day, and the key is drawn anew each day; with the key, what links hash and card is
gone. So a key whose day is over goes first. Then old backups and journals put aside, which hold the
same events as the journal once more. The chain is not touched and verifies as before.
"""

import contextlib
import re
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

import apsw

from hallctl import learning
from hallctl.backups.copying import FOLDER, backups_in
from hallctl.backups.looking import Found, described, opened
from hallctl.backups.trouble import BackupError, unwritable
from hallctl.changeover import sync
from hallctl.clock import Clock

_ASIDE = re.compile(r"(?:replaced|damaged)-(\d{4})(\d\d)(\d\d)-\d{6}(?:-\d+)?", re.ASCII)
KEY_FILE = "day-key"


@dataclass(frozen=True, slots=True)
class Purge:
    """What goes, or would. `key_day` is the day of a card key that goes, "" for none.

    `hashes` stand in the journal on `hash_days` days; of these `traceable` are of the day whose
    card key is still in use.
    """

    before: str
    key_day: str
    files: tuple[Path, ...]
    hashes: int = 0
    hash_days: int = 0
    traceable: int = 0


def purge(state: Path, older_than_days: int, into: Path | None, *, dry_run: bool) -> Purge:
    """Delete what is older than so many days, as of today by the hall's clock.

    `into` is a folder of backups elsewhere. The newest backup stays, however old. Raises
    BackupError.
    """
    if into is not None and not into.is_dir():
        raise BackupError("no_folder", folder=into)
    path = state / "journal.db"
    db = opened(path, live=True)
    try:
        found = described(db, path)
        hashes = _hashes(db)
    except apsw.Error as problem:
        raise BackupError("unreadable", path=path, problem=problem) from problem
    finally:
        db.close()
    today = Clock(found.timezone).now().day
    before = (date.fromisoformat(today) - timedelta(days=older_than_days)).isoformat()
    running = learning.holder(state) != 0
    key_day = _key_day(state)
    ended = key_day and key_day < (found.day if running else today)
    old = (*_backups(into or state / FOLDER, found, before), *_put_aside(state, before))
    gone = Purge(
        before=before,
        key_day=key_day if ended else "",
        files=old,
        hashes=sum(hashes.values()),
        hash_days=len(hashes),
        traceable=0 if ended else hashes.get(key_day, 0),
    )
    if not dry_run:
        try:
            _delete(state, gone)
        except OSError as problem:
            raise unwritable(state, problem) from problem
    return gone


def _hashes(db: apsw.Connection) -> dict[str, int]:
    """How many events hold a person's hash, by business day."""
    found: dict[str, int] = {}
    day = ""
    query = """SELECT type, CAST(body AS TEXT) FROM events
        WHERE type IN ('DayOpened', 'CardRead', 'TicketIssued') ORDER BY seq"""
    for word, body in db.execute(query):
        if word == "DayOpened":
            day = _between(body, '"day":"')
        elif _between(body, '"person":"'):
            found[day] = found.get(day, 0) + 1
    return found


def _between(body: str, start: str) -> str:
    return body.partition(start)[2].partition('"')[0]


def _key_day(state: Path) -> str:
    """The day of the card key that is kept; "" when there is none, or none that is one."""
    with contextlib.suppress(OSError, ValueError):
        day = (state / KEY_FILE).read_text("ascii").partition(" ")[0]
        return date.fromisoformat(day).isoformat()
    return ""


def _backups(folder: Path, found: Found, before: str) -> Iterator[Path]:
    for kept in backups_in(folder, found.slug)[1:]:
        if kept.day < before:
            yield kept.file


def _put_aside(state: Path, before: str) -> Iterator[Path]:
    for folder in sorted(state.iterdir()):
        name = _ASIDE.fullmatch(folder.name)
        if name is not None and folder.is_dir() and "-".join(name.groups()) < before:
            yield folder


def _delete(state: Path, gone: Purge) -> None:
    if gone.key_day:
        (state / KEY_FILE).unlink(missing_ok=True)
        sync(state)
    for path in gone.files:
        if path.is_dir():
            shutil.rmtree(path)
        else:
            path.unlink(missing_ok=True)
        sync(path.parent)
