"""One day under the real rules: the core's own step, a virtual clock, clerks and residents.

Nothing of the rule is written again here. Clerks press 顺呼 when they are free and somebody
waits; residents walk, are served, or do not come. There is no journal, device or socket.
"""

import heapq
import itertools
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any

from hallctl.core import commands as c
from hallctl.core import events as e
from hallctl.core.applying import apply
from hallctl.core.hall import Hall
from hallctl.core.moment import Moment
from hallctl.core.rules import Klass, Rules, Span
from hallctl.core.step import Step
from hallctl.rehearsal.residents import Resident, Staffing, within

DAY_S = 86400
TICK_S = 300
FIRST_DAY = date(2026, 1, 5)
"""Where the search for a working day begins; a Monday."""


@dataclass(frozen=True, slots=True)
class Played:
    """What became of one resident. Times are seconds since midnight, 0 for never.

    `end` is finished, no_show, left, unserved (still waiting when the clerks went home), or the
    code of the refusal. `passed_by` counts later tickets of the same queue called before;
    `passed_s` is how much later the latest of them was taken. `low_min` and `high_min` are what
    the ticket promised.
    """

    queue: str
    klass: Klass
    end: str
    taken_s: float
    called_s: float = 0.0
    finished_s: float = 0.0
    window: int = 0
    passed_by: int = 0
    passed_s: float = 0.0
    low_min: int = 0
    high_min: int = 0
    open_wait_s: float = 0.0
    """How much of the wait lay within the hall's sessions (and overtime)."""

    @property
    def wait_s(self) -> float:
        """From the ticket to the first call."""
        return self.called_s - self.taken_s


@dataclass(frozen=True, slots=True)
class DayPlayed:
    """A whole day: the people, and for each window its busy and its staffed seconds."""

    visits: tuple[Played, ...]
    busy_s: dict[int, float]
    staffed_s: dict[int, float]
    last_s: float
    """When the last visit ended."""


def play(
    rules: Rules,
    residents: tuple[Resident, ...],
    staffing: Staffing | None = None,
    learned: dict[str, tuple[float, float, float]] | None = None,
) -> DayPlayed:
    """Play one day. `learned` are durations known from days before, as in `DayOpened`."""
    return _Day(rules, residents, staffing or Staffing(), learned or {}).run()


def working_day(rules: Rules) -> date:
    """The first date on which the hall opens."""
    days = (FIRST_DAY + timedelta(n) for n in range(366))
    return next(d for d in days if rules.works_on(d.isoformat(), d.isoweekday()))


class _Day:
    def __init__(
        self,
        rules: Rules,
        residents: tuple[Resident, ...],
        staffing: Staffing,
        learned: dict[str, tuple[float, float, float]],
    ) -> None:
        # Who sits where is `staffing` here; numbers of clerks change nothing about waits.
        self.rules = replace(rules, sign_on=False, fittings=())
        self.staffing = staffing
        self.hall = Hall()
        self.step = Step(self.hall, "rehearsal")
        self.date = working_day(rules)
        self.weekday, self.day = self.date.isoweekday(), self.date.isoformat()
        self.midnight_s = self.date.toordinal() * DAY_S
        self.now_s = 0.0
        self.end_s = rules.sessions[-1].end_s
        self.idle: dict[int, float] = {}
        self.since: dict[int, float] = {}
        self.busy_s = dict.fromkeys((w.number for w in rules.windows), 0.0)
        self.last_s = 0.0
        self.who: dict[str, Resident] = {}
        self.turned_away: list[Played] = []
        self.left: set[str] = set()
        self._order = itertools.count()
        self._due: list[tuple[float, int, Callable[[], None]]] = []
        self._begin(learned)
        for resident in residents:
            self._at(resident.arrives_s, lambda r=resident: self._arrive(r))  # type: ignore[misc]

    def _begin(self, learned: dict[str, tuple[float, float, float]]) -> None:
        opened = e.DayOpened(day=self.day, learned=learned)
        wall_s = float(self.midnight_s)
        apply(self.hall, e.Recorded(1, "rehearsal", wall_s, 0.0, "rehearsal", "", opened))
        self._ask(c.Wake(rules=self.rules, digest="rehearsal"))
        for number in self.staffing.helping:
            self._ask(c.SetHelping(window=number, on=True))
        spans = (*self.rules.sessions, *self.rules.taking)
        edges = {t for s in spans for t in (s.start_s, s.end_s)}
        for at_s in sorted(edges | set(range(min(edges), self.end_s, TICK_S))):
            self._at(at_s, self._tick)
        for number in self.busy_s:
            mine = [s for w, s in self.staffing.closed if w == number]
            begins = {s.start_s for s in (*self.rules.sessions, *mine)} | {s.end_s for s in mine}
            for at_s in sorted(begins):
                self._at(at_s, lambda n=number: self._look(n))  # type: ignore[misc]

    def run(self) -> DayPlayed:
        """Until everybody has gone home."""
        while self._due:
            self.now_s, _, act = heapq.heappop(self._due)
            act()
        visits = [*self._visits(), *self.turned_away]
        visits.sort(key=lambda v: (v.taken_s, v.queue))
        staffed = {n: self.staffing.staffed_s(self.rules, n) for n in self.busy_s}
        return DayPlayed(tuple(visits), self.busy_s, staffed, self.last_s)

    def _at(self, day_s: float, act: Callable[[], None]) -> None:
        heapq.heappush(self._due, (day_s, next(self._order), act))

    def _ask(self, command: c.Command) -> dict[str, Any]:
        wall_s = self.midnight_s + self.now_s
        now = Moment(wall_s, wall_s, self.day, int(self.now_s), self.weekday)
        return self.step(c.Asked("", "rehearsal", command), now).answer

    def _tick(self) -> None:
        self._ask(c.Tick())

    def _arrive(self, resident: Resident) -> None:
        item = resident.item if self.rules.item(resident.item) else ""
        answer = self._ask(
            c.IssueTicket(queue=resident.queue, item=item, klass=resident.klass, paper=False)
        )
        if not answer["ok"]:
            code, at_s = answer["code"], resident.arrives_s
            self.turned_away.append(Played(resident.queue, resident.klass, code, at_s))
            return
        visit, queue = answer["result"]["visit"], answer["result"]["queue"]
        self.who[visit] = resident
        if resident.leaves_s:
            self._at(resident.leaves_s, lambda: self._leave(visit))
        offsets = {n: self.hall.offsets_of(n).get(queue) for n in self.idle}
        able = [(offset, self.idle[n], n) for n, offset in offsets.items() if offset is not None]
        if able:
            # The queue's own clerks see it first, and of them who has been free longest.
            self._look(min(able)[2])

    def _leave(self, visit: str) -> None:
        if self.hall.visits[visit].status == "waiting":
            self._ask(c.CancelTicket(visit=visit))
            self.left.add(visit)

    def _look(self, window: int) -> None:
        """The clerk is free and looks whether somebody waits."""
        if window in self.since:
            return
        if not self.staffing.staffed(window, self.now_s):
            self.idle.pop(window, None)
            if self.hall.windows[window].status != "paused":
                self._ask(c.Pause(window=window, reason="off"))
            return
        if self.hall.windows[window].status == "paused":
            self._ask(c.Resume(window=window))
        if not self._calling():
            self.idle.pop(window, None)
            return
        called = self._ask(c.CallNext(window=window))
        visit = called["result"].get("visit") if called["ok"] else None
        if visit is None:
            self.idle.setdefault(window, self.now_s)
            return
        self.idle.pop(window, None)
        self.since[window] = self.now_s
        resident = self.who[visit]
        if resident.comes:
            self._at(self.now_s + resident.walk_s, lambda: self._start(window, resident))
        else:
            self._missed(window, 1)

    def _calling(self) -> bool:
        if any(s.start_s <= self.now_s < s.end_s for s in self.rules.sessions):
            return True
        return self.end_s <= self.now_s < self.end_s + self.staffing.overtime_s

    def _start(self, window: int, resident: Resident) -> None:
        self._ask(c.Start(window=window))
        self._at(self.now_s + resident.service_s, lambda: self._free(window, c.Finish))

    def _missed(self, window: int, times: int) -> None:
        if times >= self.rules.no_show_after:
            self._free(window, c.MarkNoShow)
            return

        def again() -> None:
            self._ask(c.Recall(window=window))
            self._missed(window, times + 1)

        self._at(self.now_s + self.rules.recall_gap_s + 1, again)

    def _free(self, window: int, command: type[c.Finish | c.MarkNoShow]) -> None:
        answer = self._ask(command(window=window))
        assert answer["ok"], answer
        began_s = self.since[window]
        self.busy_s[window] += within(self.rules.sessions, began_s, self.now_s)
        self.last_s = self.now_s

        def ready() -> None:
            del self.since[window]
            self._look(window)

        self._at(self.now_s + self.staffing.turnaround_s, ready)

    def _visits(self) -> list[Played]:
        """The hall's own record of everybody, with who was passed by whom."""
        ends = {"finished": "finished", "rating": "finished", "no_show": "no_show"}
        passers = _passed(self.hall)
        found = []
        for visit in self.hall.visits.values():
            end = "left" if visit.id in self.left else ends.get(visit.status, "unserved")
            taken_s = visit.issued_s - self.midnight_s
            called_s = max(0.0, visit.first_called_s - self.midnight_s)
            by, later_s = passers.get(visit.id, (0, 0.0))
            found.append(
                Played(
                    queue=visit.queue,
                    klass=visit.klass,
                    end="no_show" if not self.who[visit.id].comes and visit.calls else end,
                    taken_s=taken_s,
                    called_s=called_s,
                    finished_s=max(0.0, visit.finished_s - self.midnight_s),
                    window=visit.window,
                    passed_by=by,
                    passed_s=later_s,
                    low_min=visit.wait_low_min,
                    high_min=visit.wait_high_min,
                    open_wait_s=open_wait_s(self.rules, taken_s, called_s),
                )
            )
        return found


def open_wait_s(rules: Rules, taken_s: float, called_s: float) -> float:
    """How much of a wait lay within the sessions, or after the last one; 0 when never called."""
    if not called_s:
        return 0.0
    spans = (*rules.sessions, Span(rules.sessions[-1].end_s, DAY_S))
    return within(spans, taken_s, called_s)


def _passed(hall: Hall) -> dict[str, tuple[int, float]]:
    called = [v for v in hall.visits.values() if v.first_called_s]
    called.sort(key=lambda v: (v.first_called_s, v.virtual_s))
    return passed([(v.id, v.queue, v.issued_s) for v in called])


def passed(in_order: Iterable[tuple[str, str, float]]) -> dict[str, tuple[int, float]]:
    """Who was passed, from (visit, queue, when taken) in the order of calls.

    By visit: how many later tickets of its queue went before, and how much later the latest of
    them was taken. Who was passed by nobody is absent.
    """
    before: dict[str, list[float]] = {}
    found: dict[str, tuple[int, float]] = {}
    for visit, queue, taken_s in in_order:
        earlier = before.setdefault(queue, [])
        later = [t for t in earlier if t > taken_s]
        if later:
            found[visit] = len(later), max(later) - taken_s
        earlier.append(taken_s)
    return found
