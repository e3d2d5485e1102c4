"""What a restore would do, found out without changing anything."""

import contextlib
import json
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import apsw

from hallctl import learning
from hallctl.backups.looking import Found, Told, described, given, opened, proved, untold
from hallctl.backups.trouble import BackupError
from hallctl.clock import Clock
from hallctl.mark import HighWaterMark

_LABEL = re.compile(r"(\D+)0*(\d{1,6})")


@dataclass(frozen=True, slots=True)
class Present:
    """The journal that is there now. `problem` is why it cannot be read ("" when it can).

    `common` is the last event it shares with the backup, `first_lost_s` when the next one happened.
    """

    found: Found | None = None
    problem: str = ""
    common: int = 0
    first_lost_s: float = 0.0

    @property
    def lost(self) -> int:
        """How many of its events the backup does not have."""
        return self.found.seq - self.common if self.found else 0


@dataclass(frozen=True, slots=True)
class Plan:
    """What a restore of `backup` would do now.

    `above` is the highest number known to be on paper in each queue on `day`; the hall goes on
    above it. `marked` is how far the high-water mark was, 0 when there is none: then nobody can
    know what was given after the backup.
    """

    backup: Found
    present: Present
    day: str
    above: dict[str, int] = field(default_factory=dict)
    marked: int = 0
    holder: int = 0
    """The process that runs the hall now; 0 for none."""

    def beyond(self) -> dict[str, tuple[str, str]]:
        """By queue: the first and the last number on paper that the backup does not know."""
        known = self.backup.numbers if self.backup.day == self.day else {}
        return {
            queue: (
                self.backup.label(queue, known.get(queue, 0) + 1),
                self.backup.label(queue, last),
            )
            for queue, last in sorted(self.above.items())
            if last > known.get(queue, 0)
        }


def plan(state: Path, file: Path, labels: Sequence[str] = (), *, told: Told = untold) -> Plan:
    """Prove a backup and compare it with what is in the state folder; nothing is changed.

    `labels` are the last numbers on paper as somebody read them off: `A057`. Raises BackupError.
    """
    db = opened(file)
    try:
        backup = proved(db, file, decoded=True, told=told)
        if backup.seq == 0:
            raise BackupError("empty", path=file)
        read = _read_off(backup, labels)
        present, last_day, numbers = _present(state, db)
    finally:
        db.close()
    mark = HighWaterMark(state / "high-water")
    today = Clock(backup.timezone).now().day if read else ""
    day = max(backup.day, last_day, mark.day, today)
    known = [read]
    known += [backup.numbers] if backup.day == day else []
    known += [numbers] if last_day == day else []
    known += [mark.numbers] if mark.day == day else []
    above = {q: max(n.get(q, 0) for n in known) for q in sorted(set().union(*known))}
    return Plan(backup, present, day, above, mark.seq, learning.holder(state))


def _read_off(backup: Found, labels: Sequence[str]) -> dict[str, int]:
    """Numbers by queue, from what stands on paper."""
    queues = {prefix: queue for queue, prefix in backup.prefixes.items()}
    read: dict[str, int] = {}
    for label in labels:
        parts = _LABEL.fullmatch(label.strip().upper())
        queue = queues.get(parts[1]) if parts else None
        if parts is None or queue is None:
            known = " ".join(sorted(queues))
            raise BackupError("bad_label", label=label, known=known)
        if backup.preprinted and backup.preprinted[0] <= int(parts[2]) <= backup.preprinted[1]:
            raise BackupError("preprinted_label", label=label)
        read[queue] = max(read.get(queue, 0), int(parts[2]))
    return read


def _present(state: Path, backup: apsw.Connection) -> tuple[Present, str, dict[str, int]]:
    """The journal that is there, its day, and the numbers it gave on it."""
    path = state / "journal.db"
    if not path.exists():
        return Present(), "", {}
    try:
        db = opened(path, live=True)
    except BackupError as problem:
        return Present(problem=str(problem)), "", {}
    try:
        found = described(db, path)
        common = _common(db, backup)
        return Present(found, "", common, _when(db, common + 1)), found.day, found.numbers
    except (BackupError, apsw.Error, ValueError, KeyError) as problem:
        return Present(problem=str(problem)), *_rescued(db)
    finally:
        db.close()


def _when(db: apsw.Connection, seq: int) -> float:
    row = db.execute("SELECT body FROM events WHERE seq=?", (seq,)).fetchone()
    return float(json.loads(row[0])["wall_s"]) if row else 0.0


def _rescued(db: apsw.Connection) -> tuple[str, dict[str, int]]:
    """From a damaged journal, the last day's numbers if they can still be read."""
    with contextlib.suppress(apsw.Error):
        row = db.execute("SELECT max(day) FROM numbers").fetchone()
        if row and row[0]:
            return row[0], given(db, row[0])
    return "", {}


def _common(db: apsw.Connection, backup: apsw.Connection) -> int:
    """The last event both have. Each hash covers all before it, so halving finds it."""

    def same(seq: int) -> bool:
        query = "SELECT hash FROM events WHERE seq=?"
        mine = db.execute(query, (seq,)).fetchone()
        return mine is not None and mine == backup.execute(query, (seq,)).fetchone()

    row = backup.execute("SELECT coalesce(max(seq),0) FROM events").fetchone()
    assert row is not None
    low, high = 0, row[0]
    while low < high:
        middle = (low + high + 1) // 2
        low, high = (middle, high) if same(middle) else (low, middle - 1)
    return low
