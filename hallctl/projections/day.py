"""The day's report: one business day folded from its events, as plain figures.

Durations are counted on the hall's own running time: two events are as far apart as the steady
clock says, so a wall clock that jumps makes no wait longer. Times of day are the wall clock's.
No name, no person and no clerk stands here, and a grade only in the hall's counts.
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field

from hallctl.core import events as e
from hallctl.core.applying import apply
from hallctl.core.hall import Hall
from hallctl.core.rules import Klass
from hallctl.core.visit import OPEN
from hallctl.projections.calls import CallRow, Calls

JUMP_S = 2.0
"""Clocks that drift apart by more between two events have been set."""


@dataclass(slots=True)
class VisitRow:
    """One ticket. Times are UNIX seconds, 0 for never; durations seconds.

    `called_s` is the first call, `window` and `why` those of the last one, `calls` counts them all.
    `waited_s` is all the time among those waiting, again after a transfer or a rejoin too;
    `served_s` all the time at a window. `outcome` is finished, missed, void (with `reason`), or how
    the visit stands while the day goes on. `rated` is None when no rating was asked for yet.
    """

    visit: str
    label: str
    queue: str
    item: str
    klass: Klass
    walk_up: bool
    taken_s: float
    called_s: float = 0.0
    started_s: float = 0.0
    ended_s: float = 0.0
    waited_s: float = 0.0
    served_s: float = 0.0
    window: int = 0
    calls: int = 0
    why: str = ""
    outcome: str = "waiting"
    reason: str = ""
    rated: bool | None = None
    entered_s: float = 0.0
    """When a pre-printed number was entered; what was before that is as the forms say."""


@dataclass(slots=True)
class WindowRow:
    """The work of one window; durations in seconds.

    `idle_waited_s`: in opening hours it was free while somebody waited whom it could have called.
    """

    window: int
    visits: int = 0
    calls: int = 0
    served_s: float = 0.0
    paused_s: float = 0.0
    idle_waited_s: float = 0.0


@dataclass(slots=True)
class AlertRow:
    """An alert; `ended_s` 0 while it lasts. A yellow one ends when it turns red."""

    at_s: float
    kind: str
    subject: str
    level: str
    words: str
    ended_s: float = 0.0


@dataclass(slots=True)
class DownRow:
    """A device's wire was gone; `up_s` 0 while it is. `lasted_s` counts within the day."""

    device: str
    down_s: float
    evidence: str
    up_s: float = 0.0
    lasted_s: float = 0.0


@dataclass(frozen=True, slots=True)
class KeyRow:
    """A press that was refused, with the refusal's code."""

    at_s: float
    window: int
    key: str
    code: str


@dataclass(frozen=True, slots=True)
class SlipRow:
    """A slip that may not be, or is not, on paper: `how` is doubtful or failed."""

    at_s: float
    job: str
    label: str
    how: str
    reason: str


@dataclass(frozen=True, slots=True)
class JumpRow:
    """The wall clock was set by `by_s` seconds; `at_s` is what it showed afterwards."""

    at_s: float
    by_s: float


@dataclass(slots=True)
class Day:
    """Everything the report tells. `grades` are counts of the whole hall, by grade."""

    day: str
    hall: str = ""
    timezone: str = "UTC"
    closed: bool = False
    last_seq: int = 0
    visits: dict[str, VisitRow] = field(default_factory=dict)
    calls: list[CallRow] = field(default_factory=list)
    windows: dict[int, WindowRow] = field(default_factory=dict)
    alerts: list[AlertRow] = field(default_factory=list)
    downs: list[DownRow] = field(default_factory=list)
    keys: list[KeyRow] = field(default_factory=list)
    slips: list[SlipRow] = field(default_factory=list)
    jumps: list[JumpRow] = field(default_factory=list)
    rules_set_s: list[float] = field(default_factory=list)
    grades: dict[int, int] = field(default_factory=dict)

    def unshown(self) -> list[CallRow]:
        """Calls that no screen proved to have shown."""
        return [call for call in self.calls if not call.shown]

    def unheard(self) -> list[CallRow]:
        """Calls that neither chime nor voice proved to have announced."""
        return [call for call in self.calls if not call.heard]


def day_of(recorded: Iterable[e.Recorded], day: str) -> Day:
    """Fold a day. Events before its DayOpened teach what was so already (a device down).

    Raises AssertionError on events that are no journal's.
    """
    fold = _Fold(day)
    for one in recorded:
        fold.take(one)
    return fold.found


class _Fold:
    """A hall that is folded along, and the figures read off it between two events."""

    def __init__(self, day: str) -> None:
        self.found = Day(day)
        self._hall = Hall()
        self._before: e.Recorded | None = None
        self._live: dict[str, VisitRow] = {}
        self._at_window_s: dict[str, float] = {}
        """By visit called and not yet started: how long it is at the window."""
        self._down: dict[str, DownRow] = {}
        self._grades: Counter[int] = Counter()
        self._calls = Calls(self.found.calls)
        self._ran_s = 0.0
        """The hall's running time so far."""

    def take(self, recorded: e.Recorded) -> None:
        passed_s = self._passed(recorded)
        self._ran_s += passed_s
        if self._today():
            self._spend(passed_s)
        event = recorded.event
        if isinstance(event, e.DayOpened) and event.day == self.found.day:
            self._enter()
        visit = self._hall.visits.get(getattr(event, "visit", ""))
        was = visit.status if visit else ""
        apply(self._hall, recorded)
        self._device(event, recorded.wall_s)
        if self._today():
            self._note(event, recorded, was)
            self.found.last_seq = recorded.seq
            self.found.closed = self._hall.closed
        self._before = recorded

    def _today(self) -> bool:
        return self._hall.day == self.found.day

    def _enter(self) -> None:
        """The day begins; what is down since yesterday is down from the first moment."""
        self.found.downs += [d for d in self._down.values() if d not in self.found.downs]
        self._live.clear()

    def _passed(self, recorded: e.Recorded) -> float:
        """Seconds since the event before, and the clock's jump noted."""
        last = self._before
        if last is None:
            return 0.0
        wall_s, steady_s = recorded.wall_s - last.wall_s, recorded.mono_s - last.mono_s
        if steady_s < 0:  # the machine was started anew: its steady clock tells nothing
            return max(0.0, wall_s)
        if abs(wall_s - steady_s) > JUMP_S and self._today():
            self.found.jumps.append(JumpRow(recorded.wall_s, wall_s - steady_s))
        return steady_s

    def _spend(self, passed_s: float) -> None:
        """Give the time since the event before to whoever spent it, and how."""
        if passed_s <= 0:
            return
        hall = self._hall
        waiting: set[tuple[str, int]] = set()
        for row in self._live.values():
            visit = hall.visits[row.visit]
            if visit.status == "waiting":
                row.waited_s += passed_s
                waiting.add((visit.queue, visit.to_window))
            elif visit.status == "serving":
                row.served_s += passed_s
                self._row(visit.window).served_s += passed_s
            elif visit.status == "called":
                self._at_window_s[row.visit] = self._at_window_s.get(row.visit, 0.0) + passed_s
        for down in self._down.values():
            down.lasted_s += passed_s
        for state in hall.windows.values():
            if state.status == "paused":
                self._row(state.number).paused_s += passed_s
            elif state.status == "idle" and hall.opening == "open" and waiting:
                takes = hall.offsets_of(state.number)
                if any(q in takes and to in (0, state.number) for q, to in waiting):
                    self._row(state.number).idle_waited_s += passed_s

    def _row(self, number: int) -> WindowRow:
        return self.found.windows.setdefault(number, WindowRow(number))

    def _device(self, event: e.Event, at_s: float) -> None:
        match event:
            case e.DeviceDown() if event.device not in self._down:
                row = self._down[event.device] = DownRow(event.device, at_s, event.evidence)
                if self._today():
                    self.found.downs.append(row)
            case e.DeviceUp():
                row = self._down.pop(event.device, DownRow(event.device, at_s, ""))
                row.up_s = at_s
            case _:
                pass

    def _note(self, event: e.Event, recorded: e.Recorded, was: str) -> None:
        at_s = recorded.wall_s
        match event:
            case e.RulesSet():
                self.found.hall = event.rules.hall
                self.found.timezone = event.rules.timezone
                self.found.rules_set_s.append(at_s)
                for window in event.rules.windows:
                    self._row(window.number)
            case e.TicketIssued():
                self._issued(event, at_s)
            case e.PreprintedEntered():
                self._entered(event, at_s)
            case e.TicketCalled() | e.TicketRecalled():
                self._called(event, recorded)
            case e.CallShown():
                self._calls.shown(event.shown)
            case (
                e.AnnouncementQueued()
                | e.AnnouncementMade()
                | e.AnnouncementFailed()
                | e.AnnouncementSkipped()
            ):
                self._calls.voice(event, at_s, self._ran_s)
            case e.AlertRaised():
                self._alert_over(event.kind, event.subject, at_s)
                self.found.alerts.append(
                    AlertRow(at_s, event.kind, event.subject, event.level, event.words)
                )
            case e.AlertEnded():
                self._alert_over(event.kind, event.subject, at_s)
            case e.KeyRefused():
                self.found.keys.append(KeyRow(at_s, event.window, event.key, event.code))
            case e.SlipDoubtful() | e.SlipFailed():
                self._slip(event, at_s)
            case e.VisitRated():
                self._grades[event.grade] += 1
                self.found.grades = dict(sorted(self._grades.items()))
            case _:
                self._moved(event, at_s, was)

    def _issued(self, event: e.TicketIssued, at_s: float) -> None:
        row = VisitRow(
            visit=event.visit,
            label=event.label,
            queue=event.queue,
            item=event.item,
            klass=event.klass,
            walk_up=event.span < 0 and not event.behind,
            taken_s=at_s,
        )
        self.found.visits[event.visit] = self._live[event.visit] = row

    def _entered(self, event: e.PreprintedEntered, at_s: float) -> None:
        """It has waited since it came; one that was served was called by voice when it began."""
        row = self.found.visits[event.visit] = VisitRow(
            event.visit, event.label, event.queue, event.item, event.klass, walk_up=False,
            taken_s=event.came_s, waited_s=max(0.0, at_s - event.came_s), entered_s=at_s,
        )  # fmt: skip
        if not event.served_at:
            self._live[event.visit] = row
            return
        row.called_s = row.started_s = event.started_s
        row.ended_s, row.window, row.outcome = event.finished_s, event.served_at, "finished"
        row.waited_s = event.started_s - event.came_s
        row.served_s = event.finished_s - event.started_s
        work = self._row(event.served_at)
        work.visits += 1
        work.served_s += row.served_s

    def _called(self, event: e.TicketCalled | e.TicketRecalled, recorded: e.Recorded) -> None:
        row = self.found.visits[event.visit]
        row.outcome = "called"
        row.called_s = row.called_s or recorded.wall_s
        row.window = event.window
        times = 1
        if isinstance(event, e.TicketCalled):
            row.why = event.why
            self._at_window_s.pop(event.visit, None)
            if event.quiet:
                return
        else:
            times = event.times
        row.calls += 1
        self._row(event.window).calls += 1
        call = CallRow(recorded.seq, recorded.wall_s, event.visit, event.label, event.window, times)
        self._calls.called(call, self._ran_s)

    def _alert_over(self, kind: str, subject: str, at_s: float) -> None:
        for alert in self.found.alerts:
            if (alert.kind, alert.subject, alert.ended_s) == (kind, subject, 0.0):
                alert.ended_s = at_s

    def _slip(self, event: e.SlipDoubtful | e.SlipFailed, at_s: float) -> None:
        visit = self._hall.visits.get(self._hall.jobs[event.job].visit)
        how = "doubtful" if isinstance(event, e.SlipDoubtful) else "failed"
        label = visit.label if visit else ""
        self.found.slips.append(SlipRow(at_s, event.job, label, how, event.reason))

    def _moved(self, event: e.Event, at_s: float, was: str) -> None:
        """What else happens to a visit that `was` so: how it stands, when it began and ended."""
        row = self.found.visits.get(getattr(event, "visit", ""))
        if row is None:
            return
        visit = self._hall.visits[row.visit]
        row.queue, row.item, row.klass = visit.queue, visit.item, visit.klass
        row.outcome = _OUTCOMES.get(visit.status, visit.status)
        if visit.status in OPEN:
            row.ended_s = 0.0
            self._live[row.visit] = row
        match event:
            case e.ServiceStarted():
                row.started_s = row.started_s or at_s
            case e.StartUndone():
                row.started_s = 0.0
            case e.ServiceFinished():
                self._finished(row, event.window, was == "called")
            case e.FinishUndone():
                self._row(event.window).visits -= 1
            case e.RatingClosed():
                row.rated = event.rated
            case e.TicketVoided():
                missed = was == "no_show" and event.reason == "day_end"
                row.outcome, row.reason = ("missed", "") if missed else ("void", event.reason)
            case _:
                pass
        if visit.status not in OPEN and not row.ended_s:
            row.ended_s = at_s
            self._live.pop(row.visit, None)

    def _finished(self, row: VisitRow, window: int, unstarted: bool) -> None:
        """The clerk who never pressed start served since the call."""
        self._row(window).visits += 1
        if unstarted:
            lasted_s = self._at_window_s.pop(row.visit, 0.0)
            row.served_s += lasted_s
            self._row(window).served_s += lasted_s


_OUTCOMES = {"rating": "finished", "no_show": "missed"}
