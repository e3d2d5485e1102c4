"""`hallctl export`: events and visits of a day, or of all days, for spreadsheets and programs.

What could lead to a person stays here: hashes of card numbers, ages, what the wait page finds a
ticket by, grades (they hang on a window, and so on a clerk).
"""

import dataclasses
import io
import json
import os
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import datetime
from pathlib import Path
from typing import Any, Self, TextIO
from zoneinfo import ZoneInfo

import apsw

from hallctl import wire
from hallctl.backups.looking import described, opened
from hallctl.backups.trouble import BackupError, unwritable
from hallctl.changeover import sync
from hallctl.core.events import Recorded
from hallctl.listing import csv_line
from hallctl.projections.day import VisitRow, day_of

LEFT_OUT = ("person", "age", "code", "rules")
"""Fields that no export holds. Rules are no secret, but a whole catalogue is no cell of a sheet."""
EVENT_COLUMNS = ("day", "seq", "time", "epoch", "actor", "type", "visit", "label", "window", "more")
VISIT_COLUMNS = ("day", *(field.name for field in dataclasses.fields(VisitRow)))
ALL = "all"


@dataclasses.dataclass(frozen=True, slots=True)
class Stretch:
    """A business day in the journal: from which event on, up to which; `from_seq` one day more."""

    day: str
    from_seq: int
    first: int
    end: int


@dataclasses.dataclass(frozen=True, slots=True)
class Written:
    """What was written: the files, and how many lines they have."""

    events_file: Path
    visits_file: Path
    events: int
    visits: int


def export(state: Path, day: str, into: Path, *, as_json: bool) -> Written:
    """Write the events and the visits of `day` ("today": the latest; "all") into two files.

    CSV with a head, or JSON with one object a line. Raises BackupError.
    """
    if not into.is_dir():
        raise BackupError("no_folder", folder=into)
    path = state / "journal.db"
    db = opened(path, live=True)
    try:
        db.execute("BEGIN")
        found = described(db, path)
        wanted, name = _wanted(db, day)
        form = "json" if as_json else "csv"
        files = [into / f"{found.slug}-{name}-{what}.{form}" for what in ("events", "visits")]
        zone = ZoneInfo(found.timezone)
        with ExitStack() as stack:
            events = stack.enter_context(_Sheet(files[0], zone))
            visits = stack.enter_context(_Sheet(files[1], zone))
            if not as_json:
                events.head(EVENT_COLUMNS)
                visits.head(VISIT_COLUMNS)
            for stretch in wanted:
                _one_day(db, stretch, events, visits, as_json=as_json)
        return Written(files[0], files[1], events.lines, visits.lines)
    except OSError as problem:
        raise unwritable(into, problem) from problem
    except (apsw.Error, wire.WireError, AssertionError, ValueError, KeyError) as problem:
        raise BackupError("unreadable", path=path, problem=problem) from problem
    finally:
        db.close()


def _wanted(db: apsw.Connection, day: str) -> tuple[list[Stretch], str]:
    """The days to write, and what the files are called after."""
    known = stretches(db)
    if day == ALL:
        return known, ALL
    name = known[-1].day if known and day == "today" else day
    wanted = [stretch for stretch in known if stretch.day == name]
    if not wanted:
        days = f"{known[0].day} - {known[-1].day}" if known else "-"
        raise BackupError("no_day", day=name, known=days)
    return wanted, name


def stretches(db: apsw.Connection) -> list[Stretch]:
    """The business days of a journal, in their order. A day that was opened twice is one."""
    query = "SELECT seq, body FROM events WHERE type='DayOpened' ORDER BY seq"
    opened_at: dict[str, int] = {}
    for seq, body in db.execute(query):
        opened_at.setdefault(json.loads(body)["event"]["day"], seq)
    days = sorted(opened_at.items(), key=lambda pair: pair[1])
    firsts = [seq for _, seq in days]
    firsts[:1] = [1] if days else []
    ends = [*firsts[1:], 1 << 62]
    return [
        Stretch(day, firsts[max(0, at - 1)], firsts[at], ends[at])
        for at, (day, _) in enumerate(days)
    ]


def _events(db: apsw.Connection, start: int, end: int) -> Iterator[Recorded]:
    query = "SELECT body FROM events WHERE seq>=? AND seq<? ORDER BY seq"
    for (body,) in db.execute(query, (start, end)):
        yield wire.recorded_in(json.loads(body))


def _one_day(
    db: apsw.Connection, stretch: Stretch, events: "_Sheet", visits: "_Sheet", *, as_json: bool
) -> None:
    for recorded in _events(db, stretch.first, stretch.end):
        if recorded.event.AUDIENCE == "private":
            continue
        row = event_row(stretch.day, recorded)
        if as_json:
            events.json(row)
        else:
            events.csv(_flat(row, events.clock))
    day = day_of(_events(db, stretch.from_seq, stretch.end), stretch.day)
    for visit in day.visits.values():
        row = {"day": stretch.day, **dataclasses.asdict(visit)}
        if as_json:
            visits.json(row)
        else:
            visits.csv([_cell(k, row[k], visits.clock) for k in VISIT_COLUMNS])


def event_row(day: str, recorded: Recorded) -> dict[str, Any]:
    """An event as it may leave the house."""
    body = wire.recorded_out(recorded)
    event = {k: v for k, v in body["event"].items() if k not in LEFT_OUT}
    kept = {k: body[k] for k in ("seq", "epoch", "wall_s", "actor")}
    return {"day": day, **kept, "event": event}


def _flat(row: dict[str, Any], clock: Callable[[float], str]) -> list[object]:
    event = dict(row["event"])
    found = {k: row[k] for k in ("day", "seq", "epoch", "actor")} | {"time": clock(row["wall_s"])}
    found |= {k: event.pop(k, "") for k in ("type", "visit", "label", "window")}
    found["more"] = json.dumps(event, ensure_ascii=False) if event else ""
    return [found[column] for column in EVENT_COLUMNS]


def _cell(name: str, value: object, clock: Callable[[float], str]) -> object:
    if name.endswith("_s") and name not in {"waited_s", "served_s"}:
        return clock(float(value)) if isinstance(value, float | int) else ""
    return "" if value is None else value


class _Sheet:
    """A file that gets its name when all of it is there; its owner's alone."""

    def __init__(self, file: Path, zone: ZoneInfo) -> None:
        self.file = file
        self.lines = 0
        self._zone = zone
        self._part = file.with_name(f".{file.name}.part")
        self._out: TextIO = io.StringIO()

    def clock(self, at_s: float) -> str:
        """A time as a spreadsheet reads it, in the hall's zone; "" for never."""
        return f"{datetime.fromtimestamp(at_s, self._zone):%Y-%m-%d %H:%M:%S}" if at_s else ""

    def json(self, row: dict[str, Any]) -> None:
        self.lines += 1
        self._out.write(json.dumps(wire.plain(row), ensure_ascii=False) + "\n")

    def head(self, columns: tuple[str, ...]) -> None:
        """The columns; the mark before them tells spreadsheets that this is UTF-8."""
        self._out.write("\ufeff" + csv_line(columns))

    def csv(self, cells: list[object]) -> None:
        self.lines += 1
        self._out.write(csv_line(cells))

    def __enter__(self) -> Self:
        self._part.unlink(missing_ok=True)
        made = os.open(self._part, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
        self._out = os.fdopen(made, "w", encoding="utf-8", newline="")
        return self

    def __exit__(self, failed: object, *_: object) -> None:
        try:
            self._out.close()
            if failed is None:
                sync(self._part)
                self._part.replace(self.file)
                sync(self.file.parent)
        finally:
            self._part.unlink(missing_ok=True)
