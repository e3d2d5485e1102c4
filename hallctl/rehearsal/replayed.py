"""A day that has been: the same people, read from the journal, for other rules or staffing."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import apsw

from hallctl.chain import GENESIS, JournalError, checked_rows, read_only
from hallctl.core import events as e
from hallctl.core.rules import Klass, Rules, Span
from hallctl.rehearsal.residents import Resident, Staffing
from hallctl.rehearsal.runner import DayPlayed, Played, open_wait_s, passed

DAY_S = 86400
WALK_MOST_S = 120.0
"""A longer way from call to start is a clerk who pressed late, not a resident who walked."""
WALK_S = 20.0


@dataclass(frozen=True, slots=True)
class DayBehind:
    """A day of the journal: the rules in force, who came, where clerks were, and how it went."""

    day: str
    rules: Rules
    residents: tuple[Resident, ...]
    staffing: Staffing
    learned: dict[str, tuple[float, float, float]]
    happened: DayPlayed


@dataclass(slots=True)
class _Seen:
    """One visit as the journal tells it. Times are seconds since midnight."""

    queue: str
    item: str
    klass: Klass
    taken_s: float
    low_min: int
    high_min: int
    called_s: float = 0.0
    latest_call_s: float = 0.0
    walk_s: float = -1.0
    started_s: float = 0.0
    served_s: float = 0.0
    finished_s: float = 0.0
    window: int = 0
    end: str = "unserved"


@dataclass(slots=True)
class _Reading:
    zone: ZoneInfo | None = None
    midnight_s: float = 0.0
    rules: Rules | None = None
    visits: dict[str, _Seen] = field(default_factory=dict)
    away: dict[int, float] = field(default_factory=dict)
    closed: list[tuple[int, Span]] = field(default_factory=list)
    helping: set[int] = field(default_factory=set)
    callers: set[int] = field(default_factory=set)


def read_day(state: Path, day: str) -> DayBehind:
    """The day, from the journal of a state folder; its events' hashes are checked while reading.

    Raises JournalError when there is no journal, it is damaged, or has no such day.
    """
    db = read_only(state)
    try:
        return _read(_events(db, state / "journal.db", day), day, state)
    finally:
        db.close()


def _events(db: apsw.Connection, path: Path, day: str) -> list[e.Recorded]:
    # Days are few: find the one meant, read from there until the next.
    opened = [seq for (seq,) in db.execute("SELECT seq FROM events WHERE type='DayOpened'")]
    for seq in opened:
        row = db.execute("SELECT hash FROM events WHERE seq=?", (seq - 1,)).fetchone()
        found: list[e.Recorded] = []
        for recorded in checked_rows(db, path, seq, row[0] if row else GENESIS):
            if isinstance(recorded.event, e.DayOpened) and (found or recorded.event.day != day):
                break
            found.append(recorded)
        if found:
            return found
    raise JournalError(f"{path}: no day {day} in this journal; see: hallctl journal export")


def _read(events: Iterable[e.Recorded], day: str, state: Path) -> DayBehind:
    reading = _Reading()
    learned: dict[str, tuple[float, float, float]] = {}
    for recorded in events:
        if isinstance(recorded.event, e.DayOpened):
            learned = recorded.event.learned
        elif isinstance(recorded.event, e.RulesSet):
            _rules(reading, recorded.event, day)
        elif reading.rules is not None:
            _take(reading, recorded.event, recorded.wall_s - reading.midnight_s)
    rules = reading.rules
    if rules is None or not reading.visits:
        raise JournalError(f"{state}: nobody took a number on {day}")
    for window, since_s in reading.away.items():
        reading.closed.append((window, Span(int(since_s), DAY_S)))
    numbers = [w.number for w in rules.windows]
    reading.closed += [(n, Span(0, DAY_S)) for n in numbers if n not in reading.callers]
    staffing = Staffing(closed=tuple(reading.closed), helping=tuple(sorted(reading.helping)))
    residents = tuple(_resident(v, rules) for v in reading.visits.values())
    happened = _happened(reading, rules, staffing)
    return DayBehind(day, rules, residents, staffing, learned, happened)


def _rules(reading: _Reading, event: e.RulesSet, day: str) -> None:
    zone = ZoneInfo(event.rules.timezone)
    reading.rules = event.rules
    reading.midnight_s = datetime.fromisoformat(day).replace(tzinfo=zone).timestamp()


def _take(reading: _Reading, event: e.Event, at_s: float) -> None:
    """What one event says about people or clerks."""
    if isinstance(event, e.TicketIssued):
        reading.visits[event.visit] = _Seen(
            event.queue, event.item, event.klass, at_s, event.wait_low_min, event.wait_high_min
        )
        return
    if isinstance(event, e.PreprintedEntered):
        _entered(reading, event)
        return
    window = getattr(event, "window", 0)
    if isinstance(event, e.WindowPaused):
        reading.away.setdefault(window, at_s)
    elif isinstance(event, e.WindowResumed) and window in reading.away:
        reading.closed.append((window, Span(int(reading.away.pop(window)), int(at_s))))
    elif isinstance(event, e.StaffSignedOff):
        reading.away.setdefault(window, at_s)
    elif isinstance(event, e.StaffSignedOn):
        since_s = reading.away.pop(window, 0.0)
        reading.closed.append((window, Span(int(since_s), int(at_s))))
    elif isinstance(event, e.HelpingSet) and event.on:
        reading.helping.add(window)
    visit = reading.visits.get(getattr(event, "visit", ""))
    if visit is not None:
        _visit(reading, visit, event, at_s)


def _entered(reading: _Reading, event: e.PreprintedEntered) -> None:
    """Somebody of the time without the PC: came, and maybe was served, as the forms say."""
    visit = reading.visits[event.visit] = _Seen(
        event.queue,
        event.item,
        event.klass,
        event.came_s - reading.midnight_s,
        event.wait_low_min,
        event.wait_high_min,
    )
    if event.served_at:
        reading.callers.add(event.served_at)
        visit.called_s = visit.started_s = event.started_s - reading.midnight_s
        visit.finished_s = event.finished_s - reading.midnight_s
        visit.served_s = event.finished_s - event.started_s
        visit.window, visit.end = event.served_at, "finished"


def _visit(reading: _Reading, visit: _Seen, event: e.Event, at_s: float) -> None:
    match event:
        case e.TicketCalled():
            reading.callers.add(event.window)
            visit.called_s = visit.called_s or at_s
            visit.latest_call_s, visit.window = at_s, event.window
        case e.ServiceStarted():
            visit.started_s = at_s
            if visit.walk_s < 0:
                visit.walk_s = min(WALK_MOST_S, at_s - visit.latest_call_s)
        case e.StartUndone():
            visit.started_s = 0.0
        case e.ServiceFinished() | e.VisitHeld() | e.VisitTransferred():
            began_s = visit.started_s or visit.latest_call_s
            visit.served_s += at_s - began_s
            visit.finished_s, visit.started_s = at_s, 0.0
            visit.end = "finished" if isinstance(event, e.ServiceFinished) else "unserved"
        case e.FinishUndone() | e.HoldUndone():
            visit.started_s, visit.end = at_s, "unserved"
        case e.TicketMissed():
            visit.end = "no_show"
        case e.TicketRejoined() | e.MissUndone():
            visit.end = "unserved"
        case e.TicketVoided() if event.reason == "cancelled":
            visit.end, visit.finished_s = "left", at_s
        case _:
            pass


def _resident(visit: _Seen, rules: Rules) -> Resident:
    """The same person. A service that was never seen lasts as long as the queue's usual one."""
    queue = rules.queue(visit.queue)
    usual_s = queue.standard_min * 60.0 if queue else 0.0
    return Resident(
        arrives_s=visit.taken_s,
        queue=visit.queue,
        item=visit.item,
        klass=visit.klass,
        service_s=visit.served_s or usual_s,
        walk_s=visit.walk_s if visit.walk_s >= 0 else WALK_S,
        comes=visit.end != "no_show",
        leaves_s=visit.finished_s if visit.end == "left" else 0.0,
    )


def _happened(reading: _Reading, rules: Rules, staffing: Staffing) -> DayPlayed:
    """How the day went in life, in the same shape as a rehearsed one."""
    busy_s = {w.number: 0.0 for w in rules.windows}
    found = []
    called = sorted((v.called_s, key) for key, v in reading.visits.items() if v.called_s)
    visits = reading.visits
    passers = passed([(key, visits[key].queue, visits[key].taken_s) for _, key in called])
    for key, visit in visits.items():
        by, later_s = passers.get(key, (0, 0.0))
        if visit.window in busy_s:
            busy_s[visit.window] += visit.served_s + max(0.0, visit.walk_s)
        found.append(
            Played(
                queue=visit.queue,
                klass=visit.klass,
                end=visit.end,
                taken_s=visit.taken_s,
                called_s=visit.called_s,
                finished_s=visit.finished_s,
                window=visit.window,
                passed_by=by,
                passed_s=later_s,
                low_min=visit.low_min,
                high_min=visit.high_min,
                open_wait_s=open_wait_s(rules, visit.taken_s, visit.called_s),
            )
        )
    staffed = {n: staffing.staffed_s(rules, n) for n in busy_s}
    last_s = max(v.finished_s for v in found)
    return DayPlayed(tuple(found), busy_s, staffed, last_s)
