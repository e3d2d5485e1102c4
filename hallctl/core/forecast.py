"""How long will it take? The real rule run forward many times, beside the loop, never journalled.

Each run lets the windows that are open now finish whom they serve, call by the rule of
`discipline`, and serve for as long as such visits have taken; what nobody knows is drawn. The
middle four fifths of the runs (P10 to P90) are the range. Drawn are: each duration (lognormal,
mean and mean square as learned; who is being served has already taken some of it), an error of
the learned mean itself, who does not come when called, and priority tickets still to be taken
that may pass (at the rate of the last hour, for as long as the credit reaches). Not foreseen:
windows that will open or pause, visits on hold that come back, 特呼, walk-ups.
"""

import heapq
import itertools
import math
from collections.abc import Iterator
from dataclasses import dataclass, field

from hallctl.core.discipline import ahead, credit_s
from hallctl.core.habits import (
    NORMAL,
    SMALL,
    Habits,
    Kind,
    Uniform,
    habits,
    kind_of,
    priority_rates,
)
from hallctl.core.hall import Hall, WindowState
from hallctl.core.moment import Moment
from hallctl.core.rules import Rules, Span
from hallctl.core.visit import Visit

WORK = 5000
"""Calls played at most: more people waiting, fewer runs. 5000 take about 15 ms."""
RUNS = (79, 39, 19)
"""With one run less than a multiple of ten, P10 and P90 are runs themselves, without bias."""
SLICE = 40
"""So many turns of windows between two looks at what else there is to do: under half a ms."""
OVERDUE_S = 300.0
"""A pause that should be over is taken to end so much from now."""
LATE_S = 120.0
"""Within so much of a session's start each window calls for the first time."""


@dataclass(frozen=True, slots=True)
class Wait:
    """How long until the call, in seconds; None when no window takes the queue."""

    ahead: int
    low_s: float | None
    high_s: float | None

    @property
    def low_min(self) -> int | None:
        """The short end in whole minutes, rounded down."""
        return None if self.low_s is None else int(self.low_s // 60)

    @property
    def high_min(self) -> int | None:
        """The long end, rounded up to 5 minutes; 0 when it is at once."""
        if self.high_s is None:
            return None
        return 0 if self.high_s < 60 else math.ceil(self.high_s / 300) * 5  # noqa: PLR2004

    def out(self) -> dict[str, int | None]:
        """As it is told."""
        return {"ahead": self.ahead, "low_min": self.low_min, "high_min": self.high_min}


@dataclass(frozen=True, slots=True)
class Forecast:
    """What may be expected at one moment: for somebody who comes now, and for who waits."""

    queues: dict[str, Wait]
    visits: dict[str, Wait]

    def out(self) -> dict[str, dict[str, dict[str, int | None]]]:
        """As it is told: people ahead and whole minutes, rounded outwards."""
        return {
            "queues": {queue: wait.out() for queue, wait in self.queues.items()},
            "visits": {visit: wait.out() for visit, wait in self.visits.items()},
        }


@dataclass(slots=True)
class _Bay:
    """A window at the start of each run: free at `free_s`, after the rest of a visit if any."""

    number: int
    free_s: float
    kinds: list[int] = field(default_factory=list)
    gone_s: float = 0.0
    chance: float = 0.0
    """That nobody comes, where somebody has been called."""


@dataclass(slots=True)
class _Plan:
    """Everything the runs share. A lane is (virtual time, person, there from) in order."""

    now_s: float
    habits: Habits
    miss_s: float
    credit_s: float
    gaps: list[tuple[float, float]] = field(default_factory=list)
    no_taking: list[tuple[float, float]] = field(default_factory=list)
    kinds: list[Kind] = field(default_factory=list)
    people: list[list[int]] = field(default_factory=list)
    """The kinds of each person's matters; empty for somebody who only asks how long."""
    lanes: list[list[tuple[float, int, float]]] = field(default_factory=list)
    serves: dict[int, list[tuple[int, float]]] = field(default_factory=dict)
    bays: list[_Bay] = field(default_factory=list)
    coming: list[tuple[int, float, int]] = field(default_factory=list)
    """Lane, tickets a second, kind: priority tickets that nobody has taken yet."""


def forecast(hall: Hall, now: Moment, uniform: Uniform) -> Forecast:
    """Everybody's wait from `now`. The same hall, moment and numbers give the same forecast."""
    return next(filter(None, foretelling(hall, now, uniform)))


def foretelling(hall: Hall, now: Moment, uniform: Uniform) -> Iterator[Forecast | None]:
    """A forecast in slices: None after each, the forecast in the end.

    Between two slices the hall may go on: the forecast is that of the first one's moment.
    """
    rules = hall.rules
    if rules is None:
        yield Forecast({}, {})
        return
    waiting = hall.waiting()
    places: dict[str, int] = {}
    before = []
    for visit in waiting:
        before.append((visit.id, places.get(visit.queue, 0)))
        places[visit.queue] = places.get(visit.queue, 0) + 1
    asking = [(q.id, ahead(hall, q.id, now.wall_s)) for q in rules.queues]
    runs = next((r for r in RUNS if r * len(waiting) <= WORK), RUNS[-1])
    plan = _planned(hall, rules, waiting, now)
    yield None
    calls: list[list[float]] = [[] for _ in plan.people]
    for _ in range(runs):
        yield from _run(plan, uniform, calls)
        yield None
    ranges = [_range(found, runs, now.wall_s) for found in calls]
    visits = {v: Wait(n, *r) for (v, n), r in zip(before, ranges, strict=False)}
    told = zip(asking, ranges[len(waiting) :], strict=True)
    yield Forecast({q: Wait(n, *r) for (q, n), r in told}, visits)


def _range(found: list[float], runs: int, now_s: float) -> tuple[float | None, float | None]:
    if len(found) < runs:
        return None, None
    found.sort()
    tenth = (runs + 1) // 10
    return max(0.0, found[tenth - 1] - now_s), max(0.0, found[9 * tenth - 1] - now_s)


def _planned(hall: Hall, rules: Rules, waiting: list[Visit], now: Moment) -> _Plan:
    midnight_s = now.wall_s - now.day_s
    works = rules.works_on(now.day, now.weekday)
    plan = _Plan(
        now_s=now.wall_s,
        habits=habits(hall),
        miss_s=rules.recall_gap_s * rules.no_show_after,
        credit_s=credit_s(rules, "priority"),
        gaps=_closed(hall.sessions(), midnight_s) if works else [],
        no_taking=_closed(hall.taking_spans(), midnight_s, ends=True) if works else [],
    )
    kinds = _Kinds(hall, plan)
    lanes: dict[tuple[str, int], int] = {}

    def join(queue: str, to_window: int, virtual_s: float, matters: list[int]) -> None:
        lane = lanes.setdefault((queue, to_window), len(lanes))
        if lane == len(plan.lanes):
            plan.lanes.append([])
        plan.lanes[lane].append((virtual_s, len(plan.people), -math.inf))
        plan.people.append(matters)

    for v in waiting:
        join(v.queue, v.to_window, v.virtual_s, kinds.of(v))
    for queue in rules.queues:
        join(queue.id, 0, now.wall_s, [])
    for queue_id, rate in priority_rates(hall, now.wall_s).items():
        lanes[queue_id, -1] = len(plan.lanes)
        plan.coming.append((len(plan.lanes), rate, kinds.index(queue_id, "")))
        plan.lanes.append([])
    for number, state in hall.windows.items():
        bay = _bay(hall, state, plan, kinds)
        if bay is None:
            continue
        plan.bays.append(bay)
        plan.serves[number] = [
            (lanes[queue, to], offset_s)
            for queue, offset_s in hall.offsets_of(number).items()
            for to in (0, number, -1)
            if (queue, to) in lanes
        ]
    return plan


class _Kinds:
    """The plan's kinds by queue and item, each worked out once."""

    def __init__(self, hall: Hall, plan: _Plan) -> None:
        self._hall = hall
        self._plan = plan
        self._known: dict[tuple[str, str], int] = {}

    def of(self, visit: Visit) -> list[int]:
        """The kinds of all matters of a visit."""
        return [self.index(visit.queue, item) for item in (visit.item, *visit.matters)]

    def index(self, queue: str, item: str) -> int:
        """Where the plan keeps the kind."""
        at = self._known.get((queue, item))
        if at is None:
            at = self._known[queue, item] = len(self._plan.kinds)
            self._plan.kinds.append(kind_of(self._hall, queue, item))
        return at


def _closed(
    spans: tuple[Span, ...], midnight_s: float, *, ends: bool = False
) -> list[tuple[float, float]]:
    """The stretches outside the spans, in UNIX seconds.

    After the last one the hall works on until nobody waits, unless `ends`.
    """
    found = []
    until_s = -math.inf
    for span in spans:
        found.append((until_s, midnight_s + span.start_s))
        until_s = midnight_s + span.end_s
    return [*found, (until_s, math.inf)] if ends else found


def _opened(gaps: list[tuple[float, float]], at_s: float) -> float:
    """`at_s`, or when it opens after that."""
    for start_s, end_s in gaps:
        if start_s <= at_s < end_s:
            return end_s
    return at_s


def _bay(hall: Hall, state: WindowState, plan: _Plan, kinds: _Kinds) -> _Bay | None:
    """A window as the runs find it; None when nobody knows that it will serve."""
    now_s = plan.now_s
    gone_s = max(0.0, now_s - state.since_s)
    visit = hall.at_window(state.number)
    match state.status:
        case "off":
            # Clerks sign on when the hall opens.
            opens_s = _opened(plan.gaps, now_s)
            return _Bay(state.number, opens_s) if opens_s > now_s else None
        case "paused":
            if not state.pause_until_s:
                return None
            overdue = state.pause_until_s <= now_s
            return _Bay(state.number, now_s + OVERDUE_S if overdue else state.pause_until_s)
        case "called" if visit is not None:
            walk_s = max(5.0, plan.habits.walk_s - gone_s)
            chance = plan.habits.missed if visit.calls <= 1 else 0.5
            return _Bay(state.number, now_s + walk_s, kinds.of(visit), chance=chance)
        case "serving" if visit is not None:
            return _Bay(state.number, now_s, kinds.of(visit), gone_s)
        case _:
            return _Bay(state.number, now_s, gone_s=gone_s)


def _run(plan: _Plan, uniform: Uniform, calls: list[list[float]]) -> Iterator[None]:
    """Play the day forward once; adds to `calls` when each person is called."""
    scales = [math.exp(k.error * NORMAL[int(uniform() * 256)] - k.error**2 / 2) for k in plan.kinds]
    for lane, rate, _ in plan.coming:
        plan.lanes[lane] = _arrivals(plan, rate, uniform)
    coming = {lane: [kind] for lane, _, kind in plan.coming}
    heads = [0] * len(plan.lanes)
    heap = [(_free_s(plan, bay, scales, uniform), bay.number) for bay in plan.bays]
    heapq.heapify(heap)
    left = len(plan.people)
    for turned in itertools.count(1):
        if not (left and heap):
            break
        if turned % SLICE == 0:
            yield
        at_s, window = heap[0]
        opened_s = _opened(plan.gaps, at_s)
        if opened_s > at_s:
            heapq.heapreplace(heap, (opened_s + uniform() * LATE_S, window))
            continue
        best, soon_s = _next(plan, heads, window, at_s)
        if best < 0:
            if soon_s == math.inf:
                heapq.heappop(heap)
            else:
                heapq.heapreplace(heap, (soon_s, window))
            continue
        person = plan.lanes[best][heads[best]][1]
        heads[best] += 1
        if person >= 0:
            calls[person].append(at_s)
            left -= 1
        matters = plan.people[person] if person >= 0 else coming[best]
        if matters:
            at_s += _lasts_s(plan, matters, scales, uniform)
            heapq.heapreplace(heap, (at_s, window))


def _next(plan: _Plan, heads: list[int], window: int, at_s: float) -> tuple[int, float]:
    """The lane whose first person is next (-1: none), and when the next one will be there."""
    best, smallest_s, soon_s = -1, math.inf, math.inf
    lanes = plan.lanes
    for lane, offset_s in plan.serves[window]:
        entries, head = lanes[lane], heads[lane]
        if head < len(entries):
            virtual_s, _, there_s = entries[head]
            if there_s > at_s:
                soon_s = min(soon_s, there_s)
            elif virtual_s + offset_s < smallest_s:
                best, smallest_s = lane, virtual_s + offset_s
    return best, soon_s


def _lasts_s(plan: _Plan, matters: list[int], scales: list[float], uniform: Uniform) -> float:
    """From a call to the next one at that window."""
    habits, kinds = plan.habits, plan.kinds
    rest_s = habits.rest_s * SMALL[int(uniform() * 256)]
    if uniform() < habits.missed:
        return plan.miss_s + rest_s
    busy_s = habits.walk_s * SMALL[int(uniform() * 256)] + rest_s
    for kind in matters:
        busy_s += kinds[kind].lengths[int(uniform() * 256)] * scales[kind]
    return busy_s


def _free_s(plan: _Plan, bay: _Bay, scales: list[float], uniform: Uniform) -> float:
    """When a window calls next."""
    rest_s = plan.habits.rest_s * SMALL[int(uniform() * 256)]
    if not bay.kinds:
        if rest_s > bay.gone_s:
            return bay.free_s + rest_s - bay.gone_s
        return bay.free_s + plan.habits.notice_s * SMALL[int(uniform() * 256)]
    if bay.chance and uniform() < bay.chance:
        return bay.free_s + plan.miss_s * uniform() + rest_s
    first, *more = bay.kinds
    busy_s = plan.kinds[first].left_s(bay.gone_s, scales[first], uniform)
    busy_s += sum(plan.kinds[m].lengths[int(uniform() * 256)] * scales[m] for m in more)
    return bay.free_s + busy_s + rest_s


def _arrivals(plan: _Plan, rate: float, uniform: Uniform) -> list[tuple[float, int, float]]:
    """Priority tickets taken from now on, for as long as their credit brings them to the front."""
    found = []
    at_s = plan.now_s
    while (at_s := at_s - math.log(1 - uniform()) / rate) < plan.now_s + plan.credit_s:
        if _opened(plan.no_taking, at_s) == at_s:
            found.append((at_s - plan.credit_s, -1, at_s))
    return found
