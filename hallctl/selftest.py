"""The computer's own checks: its clock, its disk, its journal.

The daemon does none of these, so they work when it does not run. Each gives findings as a driver's
self-test does (step, result, code, evidence); nothing is changed but one small file that is
written and deleted again.
"""

import contextlib
import ctypes
import errno
import os
import time
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import apsw

from hallctl.chain import GENESIS, JournalError, checked_rows, read_only
from hallctl.core.acts.alerts import ROOM_YELLOW_BYTES
from hallctl.core.trial import Found, Result, Wrong
from hallctl.mark import HighWaterMark

FREE_BYTES: Final = ROOM_YELLOW_BYTES
FREE_INODES: Final = 1000
PROBE_BYTES: Final = 4096
SLOW_S: Final = 1.0
"""So long a small write may take to be durable before the disk is slow."""
TAIL_EVENTS: Final = 500
YEARS: Final = range(2026, 2100)
BEHIND_S: Final = 2.0
"""Less than this the clock may lie behind the last event: the two were read one after the other."""

STA_UNSYNC: Final = 0x40
TIME_ERROR: Final = 5


@dataclass(frozen=True, slots=True)
class Sync:
    """What the kernel says of its clock; `synced` None when it does not say."""

    synced: bool | None
    evidence: str


class _Timex(ctypes.Structure):
    """The beginning of the kernel's `struct timex`, and room for the rest of it."""

    _fields_ = (
        ("modes", ctypes.c_uint),
        ("offset", ctypes.c_long),
        ("freq", ctypes.c_long),
        ("maxerror", ctypes.c_long),
        ("esterror", ctypes.c_long),
        ("status", ctypes.c_int),
        ("rest", ctypes.c_char * 256),
    )


def kernel_sync() -> Sync:
    """Ask the kernel whether its clock is synchronised (adjtimex, which changes nothing)."""
    timex = _Timex(modes=0)
    try:
        state = ctypes.CDLL(None, use_errno=True).adjtimex(ctypes.byref(timex))
    except (OSError, AttributeError) as problem:
        return Sync(None, str(problem))
    if state < 0:
        return Sync(None, os.strerror(ctypes.get_errno()))
    unsynced = state == TIME_ERROR or bool(timex.status & STA_UNSYNC)
    return Sync(not unsynced, f"adjtimex {state}, error at most {timex.maxerror / 1000:.0f} ms")


def own_zone(root: Path = Path("/")) -> str:
    """The computer's time zone by name; "" when it has none that can be told."""
    named = os.environ.get("TZ", "").lstrip(":")
    if named:
        return named
    with contextlib.suppress(OSError):
        _, found, zone = str((root / "etc/localtime").resolve()).partition("zoneinfo/")
        if found:
            return zone
    with contextlib.suppress(OSError, UnicodeDecodeError):
        return (root / "etc/timezone").read_text().strip()
    return ""


def clock_found(
    wall_s: float, sync: Sync, last_event_s: float | None, hall_zone: str, zone: str
) -> list[Found]:
    """The clock: synchronised, sane, not behind the journal; the zone that of hall.yaml."""
    return [
        _synced(sync),
        _sane(wall_s),
        *([] if last_event_s is None else [_ahead(wall_s, last_event_s)]),
        *([_zone(wall_s, hall_zone, zone)] if hall_zone else []),
    ]


def _synced(sync: Sync) -> Found:
    if sync.synced is None:
        return _found("clock:sync", "untested", "", sync.evidence)
    if sync.synced:
        return _found("clock:sync", "passed", "", sync.evidence)
    return _found("clock:sync", "failed", "clock_unsynced", sync.evidence)


def _sane(wall_s: float) -> Found:
    try:
        now = datetime.fromtimestamp(wall_s, UTC)
    except (ValueError, OverflowError, OSError):
        return _found("clock:year", "failed", "clock_behind", f"{wall_s:.0f}")
    sane = now.year in YEARS
    evidence = f"{now:%Y-%m-%d %H:%M:%S} UTC"
    return _found("clock:year", *(("passed", "") if sane else ("failed", "clock_behind")), evidence)


def _ahead(wall_s: float, last_event_s: float) -> Found:
    behind_s = last_event_s - wall_s
    evidence = f"last event {abs(behind_s):.0f} s {'ahead' if behind_s > 0 else 'ago'}"
    if behind_s > BEHIND_S:
        return _found("clock:journal", "failed", "clock_behind", evidence)
    return _found("clock:journal", "passed", "", evidence)


def _zone(wall_s: float, hall_zone: str, zone: str) -> Found:
    """Other zones with the same hours are as good; hallctl itself goes by hall.yaml."""
    if not zone:
        return _found("clock:zone", "untested", "", f"hall.yaml {hall_zone}")
    evidence = f"{zone}; hall.yaml {hall_zone}"
    same = zone == hall_zone
    with contextlib.suppress(ZoneInfoNotFoundError, ValueError, OverflowError, OSError):
        now = datetime.fromtimestamp(wall_s, UTC)
        moments = [now + timedelta(days=days) for days in (0, 91, 182, 273)]
        hours = [
            [m.astimezone(ZoneInfo(z)).utcoffset() for m in moments] for z in (zone, hall_zone)
        ]
        same = hours[0] == hours[1]
    return _found("clock:zone", "passed", "" if same else "clock_zone", evidence)


def disk_found(state: Path) -> list[Found]:
    """The state folder: a small file can be made durable, and there is room."""
    return [_written(state), *_room(state)]


def _written(state: Path) -> Found:
    """Write, sync and delete a small file of our own."""
    path = state / f".selftest-{os.getpid()}"
    begun_s = time.monotonic()
    try:
        fd = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
        try:
            wrote = os.write(fd, b"hallctl selftest\n".ljust(PROBE_BYTES, b"\0"))
            os.fsync(fd)
        finally:
            os.close(fd)
            path.unlink()
    except FileNotFoundError:
        return _found("disk:write", "untested", "", f"{state}: no such folder")
    except OSError as problem:
        if problem.errno == errno.EACCES and not _ours(state):
            words = f"{state}: {problem.strerror}; not this user's"
            return _found("disk:write", "untested", "", words)
        full = problem.errno in _FULL
        code: Wrong = "disk_full" if full else "disk_read_only"
        return _found("disk:write", "failed", code, f"{state}: {problem.strerror}")
    took_s = time.monotonic() - begun_s
    evidence = f"{wrote} bytes durable in {took_s * 1000:.0f} ms"
    if wrote < PROBE_BYTES:
        return _found("disk:write", "failed", "disk_full", evidence)
    if took_s > SLOW_S:
        return _found("disk:write", "failed", "slow", evidence)
    return _found("disk:write", "passed", "", evidence)


def _ours(state: Path) -> bool:
    """Whether the folder belongs to this user: else only the hall's own user can tell."""
    with contextlib.suppress(OSError):
        return state.stat().st_uid == os.geteuid()
    return False


_FULL: Final = (errno.ENOSPC, errno.EDQUOT)


def _room(state: Path) -> list[Found]:
    try:
        told = os.statvfs(state)
    except OSError as problem:
        words = f"{state}: {problem.strerror}"
        return [_found("disk:space", "untested", "", words)]
    return [space_found(told.f_bavail * told.f_frsize, told.f_favail, inodes=bool(told.f_files))]


def space_found(free_bytes: int, free_inodes: int, *, inodes: bool) -> Found:
    """What room is enough. `inodes` False for a file system that does not count them."""
    evidence = f"{free_bytes // 2**20} MB free"
    if inodes:
        evidence += f", {free_inodes} files more"
    enough = free_bytes >= FREE_BYTES and (not inodes or free_inodes >= FREE_INODES)
    return _found("disk:space", *(("passed", "") if enough else ("failed", "disk_full")), evidence)


def journal_found(state: Path) -> tuple[Found, float | None]:
    """The end of the journal: its chain, and that nothing durable is gone; the last event's time.

    Only reads, so a running hall may go on. The whole chain is `hallctl journal verify`'s.
    """
    mark = HighWaterMark(state / "high-water")
    if not (state / "journal.db").exists():
        if mark.seq:
            words = f"no journal.db, but event {mark.seq} was durable"
            return _found("journal", "failed", "journal_damaged", words), None
        return _found("journal", "untested", "", "no journal yet"), None
    try:
        count, last_seq, last_s = _tail(state)
    except (JournalError, apsw.Error, ValueError) as problem:
        return _found("journal", "failed", "journal_damaged", str(problem).partition(";")[0]), None
    if mark.seq > last_seq:
        words = f"ends at event {last_seq}, but event {mark.seq} was durable"
        return _found("journal", "failed", "journal_damaged", words), last_s
    words = f"last {count} of {last_seq} events, every hash right"
    return _found("journal", "passed", "", words), last_s


def _tail(state: Path) -> tuple[int, int, float | None]:
    """How many of the last events were checked, the last one's sequence and time.

    Raises JournalError or apsw.Error.
    """
    db = read_only(state)
    try:
        (last,) = next(db.execute("SELECT coalesce(max(seq), 0) FROM events"))
        start = max(1, last - TAIL_EVENTS + 1)
        row = db.execute("SELECT hash FROM events WHERE seq=?", (start - 1,)).fetchone()
        head = row[0] if row else GENESIS
        count, seq, wall_s = 0, 0, None
        for recorded in checked_rows(db, state / "journal.db", start, head):
            count, seq, wall_s = count + 1, recorded.seq, recorded.wall_s
        return count, seq, wall_s
    finally:
        db.close()


def computer_found(
    state: Path, wall_s: float, hall_zone: str, *, sync: Sync | None = None, zone: str | None = None
) -> list[Found]:
    """All checks of this computer. `wall_s` is the clock that the hall goes by."""
    journal, last_s = journal_found(state)
    told = clock_found(
        wall_s,
        kernel_sync() if sync is None else sync,
        last_s,
        hall_zone,
        own_zone() if zone is None else zone,
    )
    return [*told, *disk_found(state), journal]


def _found(step: str, result: Result, code: Wrong, evidence: str) -> Found:
    return Found(step=step, result=result, code=code, evidence=evidence)
