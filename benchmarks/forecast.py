"""How good is the forecast? Days from a generator that it does not know, under the real rule.

`.venv/bin/python benchmarks/forecast.py [DAYS]` prints, for each load, how often the call came
within P10–P90 and how far the middle was off, beside "people ahead × mean time ÷ windows". Only
visits with somebody ahead count; those without are reported apart. One ticket in four is asked
about: many days say more than many tickets of one day. Seeded: the same table again.
"""

import heapq
import itertools
import math
import random
import statistics
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, timedelta

from hallctl.core import commands as c
from hallctl.core import discipline
from hallctl.core.events import TicketCalled, TicketIssued
from hallctl.core.forecast import forecast
from hallctl.core.hall import Hall
from hallctl.core.moment import Moment
from hallctl.core.rules import Item, Queue, Rules, Span, Window
from hallctl.core.step import Step

HOUR_S = 3600
MONDAY = date(2026, 3, 2)
MONDAY_S = 1_772_380_800.0  # 2026-03-02 00:00 at UTC+8
WINDOWS = {"A": (1, 2, 3, 4, 5), "B": (6, 7), "C": (8,)}
SERVICES = {
    # item: queue, share of the queue, mean in minutes, spread (sigma of the logarithm)
    "A1": ("A", 0.5, 5.0, 0.45),
    "A2": ("A", 0.3, 8.0, 0.6),
    "A3": ("A", 0.2, 12.0, 0.7),
    "B1": ("B", 0.7, 7.0, 0.5),
    "B2": ("B", 0.3, 15.0, 0.6),
    "C1": ("C", 1.0, 6.0, 0.55),
}
RUSH = ((8.75, 0.7), (9.25, 1.5), (10.75, 1.0), (11.75, 0.35), (13, 1.1), (14, 1.35), (15.5, 0.8))
"""From which hour on how many come, against the day's mean; numbers end at 16:45."""
LAST_H = 16.75
PRIORITY, NO_SHOW, TOLD, CANCELS = 0.15, 0.05, 0.6, 0.02
WALK_S, REST_S = (10.0, 45.0), (5.0, 40.0)


def _rules() -> Rules:
    names = {"A": "综合", "B": "社保", "C": "出租屋"}
    return Rules(
        hall="", hall_en="", seal="", timezone="Asia/Shanghai",
        queues=tuple(Queue(q, n, q, n, q, WINDOWS[q]) for q, n in names.items()),
        windows=tuple(Window(w, "", "", "", (q,)) for q, ws in WINDOWS.items() for w in ws),
        workdays=(1, 2, 3, 4, 5),
        sessions=(Span(9 * HOUR_S, 12 * HOUR_S), Span(13 * HOUR_S, 17 * HOUR_S)),
        taking=(Span(31_500, 42_300), Span(42_300, 60_300)),
        default_queue="A", stuck_queue="C",
        items=tuple(Item(code, code, q, "") for code, (q, *_) in SERVICES.items()),
        cut_off=False,
    )  # fmt: skip


@dataclass
class Sample:
    """One visit: what was said when the ticket was taken, and what came (seconds)."""

    queue: str
    ahead: int
    low_s: float
    high_s: float
    naive_s: float
    waited_s: float = math.nan


@dataclass
class People:
    """Residents and clerks of one hall, day after day, as events in a heap."""

    load: float
    seed: int
    every: int = 1
    apart: int = 1
    """Forecasts are asked for every so many tickets with somebody ahead, and without."""
    hall: Hall = field(default_factory=Hall)
    found: list[Sample] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.random = random.Random(self.seed)
        self._chance = random.Random(self.seed + 1)
        self._step = Step(self.hall, "epoch")
        self._order = itertools.count()
        self._asked = 0
        self._day = 0
        self._taken = 0
        self._hidden: dict[str, str] = {}
        self._looking: set[int] = set()
        self._open: dict[str, Sample] = {}
        self._due: list[tuple[float, int, Callable[[], None]]] = []
        self._now_s = 0.0

    def day(self) -> None:
        """Let one working day pass."""
        self._due.clear()
        self._now_s = 8.0 * HOUR_S
        self._ask(c.Wake(rules=_rules(), digest="d"))
        for queue in WINDOWS:
            self._people_of(queue)
        for windows in WINDOWS.values():
            for window in windows:
                for opens_h in (9, 13):
                    late_s = self.random.uniform(0, 90)
                    self._at(opens_h * HOUR_S + late_s, self._clerk(window))
        while self._due:
            self._now_s, _, act = heapq.heappop(self._due)
            act()
        self._day += 1
        self._open.clear()

    def _people_of(self, queue: str) -> None:
        """Arrivals as a Poisson process whose rate follows the day (thinning by pieces)."""
        mine = [(share, mean) for q, share, mean, _ in SERVICES.values() if q == queue]
        busy_s = sum(share * mean for share, mean in mine) * 60
        a_day = self.load * len(WINDOWS[queue]) * 7 * HOUR_S / busy_s
        ends = [h for h, _ in RUSH[1:]] + [LAST_H]
        weights = [w * (end - h) for (h, w), end in zip(RUSH, ends, strict=True)]
        for (start_h, _), end_h, weight in zip(RUSH, ends, weights, strict=True):
            each_s = (end_h - start_h) * HOUR_S / (a_day * weight / sum(weights))
            at_s = start_h * HOUR_S
            while (at_s := at_s + self.random.expovariate(1 / each_s)) < end_h * HOUR_S:
                self._at(at_s, lambda: self._arrive(queue))

    def _at(self, day_s: float, act: Callable[[], None]) -> None:
        heapq.heappush(self._due, (day_s, next(self._order), act))

    def _after(self, between_s: tuple[float, float], act: Callable[[], None]) -> None:
        self._at(self._now_s + self.random.uniform(*between_s), act)

    def _moment(self) -> Moment:
        week, weekday = divmod(self._day, 5)
        days = 7 * week + weekday
        wall_s = MONDAY_S + days * 86400 + self._now_s
        day = (MONDAY + timedelta(days=days)).isoformat()
        return Moment(wall_s, wall_s - MONDAY_S, day, int(self._now_s), weekday + 1)

    def _ask(self, command: c.Command) -> dict[str, object]:
        self._asked += 1
        outcome = self._step(c.Asked(str(self._asked), "benchmark", command), self._moment())
        for recorded in outcome.recorded:
            event = recorded.event
            if isinstance(event, TicketIssued):
                self._foretell(event)
            elif isinstance(event, TicketCalled) and event.visit in self._open:
                sample = self._open.pop(event.visit)
                sample.waited_s += recorded.wall_s
                self.found.append(sample)
        return outcome.answer

    def _foretell(self, event: TicketIssued) -> None:
        self._taken += 1
        if self._taken % (self.every if event.ahead else self.apart):
            return
        now = self._moment()
        wait = forecast(self.hall, now, self._chance.random).visits[event.visit]
        assert wait.low_s is not None
        assert wait.high_s is not None
        queue = _rules().queue(event.queue)
        assert queue is not None
        # The rival knows the learned mean and the windows too.
        mean_s = discipline.mean_s(self.hall, queue)
        naive_s = event.ahead * mean_s / len(WINDOWS[event.queue])
        sample = Sample(event.queue, event.ahead, wait.low_s, wait.high_s, naive_s, -now.wall_s)
        self._open[event.visit] = sample

    def _arrive(self, queue: str) -> None:
        items = {code: share for code, (q, share, *_) in SERVICES.items() if q == queue}
        item = self.random.choices(list(items), list(items.values()))[0]
        told = self.random.random() < TOLD
        answer = self._ask(
            c.IssueTicket(
                queue=queue,
                item=item if told else "",
                klass="priority" if self.random.random() < PRIORITY else "ordinary",
            )
        )
        result = answer["result"]
        assert isinstance(result, dict)
        visit = result["visit"]
        if not told:
            # What it is about shows at the window; the forecast does not know.
            self._hidden[visit] = item
        if self.random.random() < CANCELS:
            self._after((60.0, 1800.0), lambda: self._cancel(visit))
        for window in WINDOWS[queue]:
            idle = self.hall.windows[window].status == "idle"
            if idle and window not in self._looking and self._works():
                self._looking.add(window)
                self._after((3.0, 20.0), self._clerk(window))
                break

    def _cancel(self, visit: str) -> None:
        if self.hall.visits[visit].status == "waiting":
            self._ask(c.CancelTicket(visit=visit))

    def _works(self) -> bool:
        hour = self._now_s / HOUR_S
        return 9 <= hour < 12 or hour >= 13  # noqa: PLR2004 - the sessions

    def _clerk(self, window: int) -> Callable[[], None]:
        return lambda: self._call(window)

    def _call(self, window: int) -> None:
        self._looking.discard(window)
        if self.hall.windows[window].status != "idle" or not self._works():
            return
        if not self._ask(c.CallNext(window=window))["ok"]:
            return
        if self.random.random() < NO_SHOW:
            self._after((21.0, 30.0), lambda: self._recall(window, 2))
        else:
            self._after(WALK_S, lambda: self._start(window))

    def _recall(self, window: int, calls: int) -> None:
        if calls <= 3:  # noqa: PLR2004 - a no-show is possible after three
            self._ask(c.Recall(window=window))
            self._after((21.0, 30.0), lambda: self._recall(window, calls + 1))
        else:
            self._ask(c.MarkNoShow(window=window))
            self._after(REST_S, self._clerk(window))

    def _start(self, window: int) -> None:
        self._ask(c.Start(window=window))
        visit = self.hall.at_window(window)
        assert visit is not None
        item = visit.item or self._hidden[visit.id]
        _, _, mean_min, sigma = SERVICES[item]
        lasts_s = self.random.lognormvariate(math.log(mean_min * 60) - sigma**2 / 2, sigma)
        self._at(self._now_s + lasts_s, lambda: self._finish(window))

    def _finish(self, window: int) -> None:
        visit = self.hall.at_window(window)
        assert visit is not None
        if not visit.item:
            self._ask(c.SetItem(visit=visit.id, item=self._hidden[visit.id]))
        self._ask(c.Finish(window=window))
        self._after(REST_S, self._clerk(window))


@dataclass(frozen=True)
class Score:
    """What a forecast was worth over many visits."""

    load: float
    visits: int
    within: float
    error_min: float
    naive_min: float
    no_wait: int
    no_wait_within: float

    @property
    def better(self) -> float:
        """By which share its middle's mean error is below the rival's."""
        return 1 - self.error_min / self.naive_min


def score(load: float, found: list[Sample]) -> Score:
    """The score of visits with somebody ahead; the others apart."""
    waited = [s for s in found if s.ahead]
    at_once = [s for s in found if not s.ahead]
    middles = [abs((s.low_s + s.high_s) / 2 - s.waited_s) for s in waited]
    return Score(
        load,
        len(waited),
        _within(waited),
        statistics.fmean(middles) / 60,
        statistics.fmean(abs(s.naive_s - s.waited_s) for s in waited) / 60,
        len(at_once),
        _within(at_once),
    )


def _within(found: list[Sample]) -> float:
    held = sum(s.low_s <= s.waited_s <= s.high_s for s in found)
    return held / len(found) if found else math.nan


def measured(load: float, days: int, seed: int, every: int = 1, apart: int = 1) -> list[Sample]:
    """The samples of some days, after three in which the hall has learned its durations."""
    people = People(load, seed, every=10**9, apart=10**9)
    for _ in range(3):
        people.day()
    people.every, people.apart = every, apart
    for _ in range(days):
        people.day()
    return people.found


HEAD = "load   visits  in P10–P90  error min  naive min  better   nobody ahead  in P10–P90"


def line(one: Score, name: str = "") -> str:
    """A row of the table."""
    return (
        f"{name or f'{one.load:.0%}':<6} {one.visits:>6}  {one.within:>10.1%}  "
        f"{one.error_min:>9.1f}  {one.naive_min:>9.1f}  {one.better:>6.0%}   "
        f"{one.no_wait:>12}  {one.no_wait_within:>10.1%}"
    )


def main() -> None:
    """Print the table."""
    days = int(sys.argv[1]) if len(sys.argv) > 1 else 10
    every: list[Sample] = []
    print(HEAD)
    for at, load in enumerate((0.6, 0.7, 0.8, 0.9, 1.0, 1.1)):
        found = measured(load, days, seed=100 + at, every=4, apart=4)
        every += found
        print(line(score(load, found)), flush=True)
    for queue in WINDOWS:
        mine = [s for s in every if s.queue == queue]
        print(line(score(0, mine), f"all {queue}"))
    print(line(score(0, every), "all"))


if __name__ == "__main__":
    main()
