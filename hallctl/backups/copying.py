"""`hallctl backup`: a copy of the journal while the hall runs, proved before it has a name.

SQLite's backup API copies page by page, all from one moment: the reading transaction stands for as
long as it takes. In WAL mode a reader never holds up the one writer; only the log grows meanwhile,
by what happens. Between two pieces the disk is the hall's alone.

The copy is one file that needs no other beside it. It is made under a hidden name, synced, thrown
out of the memory, read back from the medium, every hash recomputed, and only then given its name.
"""

import contextlib
import fcntl
import os
import re
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import apsw

from hallctl.backups.looking import Found, Told, above_mark, described, opened, proved, untold
from hallctl.backups.trouble import BackupError, unwritable
from hallctl.changeover import sync
from hallctl.mark import HighWaterMark
from hallctl.privately import follow_owner, make_private_folder

SUFFIX = ".hallbackup"
FOLDER = "backups"
"""Where backups lie in the state folder when nobody names another place."""
PIECE_PAGES = 64
PAUSE_S = 0.002
"""A quarter of a mebibyte, then a breath: a commit waits for one piece at most."""
SPARE_BYTES = 1 << 20
LEFT_BYTES = 32 << 20
"""What a backup leaves of the hall's own disk: twice the reserve of nine windows (reserve.py)."""
_PART = ".hallctl-backup.part"
_NAME = re.compile(
    r"(?P<slug>[a-z0-9-]+)-(?P<day>\d{4}-\d\d-\d\d)-(?P<seq>\d{8,})-(?P<epoch>[\w-]+)"
    + re.escape(SUFFIX),
    re.ASCII,
)


@dataclass(frozen=True, slots=True)
class Made:
    """A backup that was made: its file, what it holds, which older ones went."""

    file: Path
    found: Found
    gone: tuple[Path, ...]
    took_s: float


def backup(
    state: Path,
    into: Path | None,
    keep: int,
    *,
    told: Told = untold,
    sleep: Callable[[float], None] = time.sleep,
) -> Made:
    """Copy the journal of `state` into a folder and keep the newest `keep` of this hall there.

    Raises BackupError; then nothing half-written is left and no older backup has gone.
    """
    begun_s = time.monotonic()
    folder = _folder(state, into)
    with _alone(folder):
        part = folder / _PART
        try:
            found = _copied(state, part, told, sleep)
            file = folder / _name_of(found)
            _swap_in(part, file)
        except (OSError, apsw.Error) as problem:
            raise unwritable(folder, problem) from problem
        finally:
            _sweep(folder)
        gone = _thin_out(folder, file, found.slug, keep)
    return Made(file, found, gone, time.monotonic() - begun_s)


def _folder(state: Path, into: Path | None) -> Path:
    """Where it goes. A named folder must be there: a stick that is not plugged in is no folder."""
    if into is not None:
        if not into.is_dir():
            raise BackupError("no_folder", folder=into)
        return into.resolve()
    if not (state / "journal.db").exists():
        raise BackupError("no_file", path=state / "journal.db")
    folder = state / FOLDER
    try:
        make_private_folder(folder)
    except OSError as problem:
        raise unwritable(folder, problem) from problem
    return folder


@contextlib.contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """One backup at a time in a folder; what a killed one left there goes."""
    held = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        try:
            fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as problem:
            raise BackupError("busy", folder=folder) from problem
        _sweep(folder)
        yield
    finally:
        os.close(held)


def _sweep(folder: Path) -> None:
    for left in folder.glob(f"{_PART}*"):
        with contextlib.suppress(OSError):
            left.unlink()


def _copied(state: Path, part: Path, told: Told, sleep: Callable[[float], None]) -> Found:
    """The copy under its hidden name, read back and proved."""
    path = state / "journal.db"
    mark = HighWaterMark(state / "high-water")  # first: the journal is never behind it
    source = opened(path, live=True)
    try:
        source.execute("BEGIN")
        seen = described(source, path)
        above_mark(seen, mark)
        _room_for(source, part.parent, state)
        _make_private(part)
        copy_pages(source, part, lambda share: told(share / 2), sleep)
    finally:
        source.close()
    read_back_from_medium(part)
    copy = opened(part)
    try:
        found = proved(copy, path, told=lambda share: told((1 + share) / 2))
    except BackupError as problem:
        raise BackupError("copy_wrong", problem=problem) from problem
    finally:
        copy.close()
    assert (found.seq, found.head) == (seen.seq, seen.head)
    return found


def _room_for(source: apsw.Connection, folder: Path, state: Path) -> None:
    """On the hall's own disk a day's room is left to the hall. Raises BackupError, OSError."""
    pages = source.execute("PRAGMA page_count").fetchone()
    size = source.execute("PRAGMA page_size").fetchone()
    assert pages is not None
    assert size is not None
    same = folder.stat().st_dev == state.stat().st_dev
    need = pages[0] * size[0] + (LEFT_BYTES if same else SPARE_BYTES)
    disk = os.statvfs(folder)
    if disk.f_bavail * disk.f_frsize < need:
        raise BackupError("disk_full", folder=folder)


def _make_private(path: Path) -> None:
    made = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    try:
        with contextlib.suppress(PermissionError):  # a stick whose file system has no owners
            follow_owner(made, path.parent)
    finally:
        os.close(made)


def copy_pages(
    source: apsw.Connection,
    target: Path,
    told: Told = untold,
    sleep: Callable[[float], None] = time.sleep,
) -> None:
    """Copy a database into a file of its own that needs no log beside it, and sync it.

    Raises apsw.Error, OSError.
    """
    copy = apsw.Connection(str(target))
    try:
        copy.execute("PRAGMA journal_mode=OFF")
        copy.execute("PRAGMA synchronous=OFF")
        with copy.backup("main", source, "main") as pages:
            while not pages.done:
                pages.step(PIECE_PAGES)
                told(1 - pages.remaining / max(1, pages.page_count))
                if not pages.done:
                    sleep(PAUSE_S)
        copy.execute("PRAGMA synchronous=FULL")
        copy.execute("PRAGMA journal_mode=DELETE")
    finally:
        copy.close()
    sync(target)


def read_back_from_medium(file: Path) -> None:
    """Forget what the system still has of a synced file: the next look reads the medium."""
    opened_file = os.open(file, os.O_RDONLY | os.O_CLOEXEC)
    try:
        os.posix_fadvise(opened_file, 0, 0, os.POSIX_FADV_DONTNEED)
    finally:
        os.close(opened_file)


def _name_of(found: Found) -> str:
    """Hall, day, sequence; and the epoch, for after a restore a sequence comes again."""
    day, epoch = found.day or "0000-00-00", found.epoch or "0"
    return f"{found.slug}-{day}-{found.seq:08d}-{epoch}{SUFFIX}"


def _swap_in(part: Path, file: Path) -> None:
    part.replace(file)
    sync(file.parent)


@dataclass(frozen=True, slots=True)
class Kept:
    """A backup in a folder, as its name tells it."""

    file: Path
    day: str
    seq: int
    made_s: float


def backups_in(folder: Path, slug: str) -> list[Kept]:
    """A hall's backups in a folder, the newest first."""
    found = []
    for file in folder.glob(f"*{SUFFIX}"):
        name = _NAME.fullmatch(file.name)
        if name is not None and name["slug"] == slug and file.is_file():
            made_s = file.stat().st_mtime
            found.append(Kept(file, name["day"], int(name["seq"]), made_s))
    return sorted(found, key=lambda kept: (kept.day, kept.made_s, kept.seq), reverse=True)


def _thin_out(folder: Path, newest: Path, slug: str, keep: int) -> tuple[Path, ...]:
    """Delete this hall's older backups; never the one just made. Raises BackupError."""
    others = [kept.file for kept in backups_in(folder, slug) if kept.file != newest]
    gone = tuple(others[max(0, keep - 1) :])
    try:
        for file in gone:
            file.unlink()
    except OSError as problem:
        raise BackupError("kept", file=newest, problem=problem.strerror) from problem
    return gone
