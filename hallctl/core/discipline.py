"""Who is next, and when will it be my turn.

One formula: each waiting visit has a *virtual time* = time taken − credit of its class; each
window adds an *offset* to each queue it serves (own queue 0). The smallest sum is next. So nobody
starves: only those who come within your credit can pass you, and everyone can be told why.
"""

import math

from hallctl.core.hall import Hall, WindowState
from hallctl.core.rules import Klass, Queue, Rules
from hallctl.core.visit import Visit
from hallctl.texts import say

BEHIND_S = 0.001
"""How far behind another visit's place "behind" is."""


def credit_s(rules: Rules, klass: Klass) -> float:
    """By how much a class counts as taken earlier."""
    return rules.priority_credit_s if klass == "priority" else 0.0


def virtual_s(rules: Rules, klass: Klass, taken_s: float) -> float:
    """The virtual time of a ticket taken at `taken_s`."""
    return taken_s - credit_s(rules, klass)


def candidates(hall: Hall, window: int) -> list[Visit]:
    """Who may be called to a window now, the next one first."""
    offsets = hall.offsets_of(window)
    order = {queue: at for at, queue in enumerate(offsets)}
    waiting = (hall.visits[v] for queue in offsets for v in hall.lines.of(queue))
    mine = [v for v in waiting if v.to_window in (0, window)]
    return sorted(
        mine,
        key=lambda v: (v.virtual_s + offsets[v.queue], order[v.queue], v.issued_s, v.number),
    )


def count_for(hall: Hall, window: int) -> int:
    """How many may be called to a window now."""
    state = hall.windows.get(window)
    helps = state is not None and state.helping
    found = 0
    for queue in hall.offsets_of(window) if helps else hall.queues_of(window):
        found += hall.lines.count_for(queue, window)
    return found


def next_for(hall: Hall, window: int) -> Visit | None:
    """Who is next at a window: the smallest virtual time plus offset over what it serves."""
    found = candidates(hall, window)
    return found[0] if found else None


def why_next(hall: Hall, window: int, visit: Visit) -> str:
    """The reason, in words for the clerk and the supervisor, that `visit` was next."""
    offsets = hall.offsets_of(window)
    passed = sum(1 for v in candidates(hall, window) if v.issued_s < visit.issued_s)
    if visit.to_window:
        key = "why.to_window"
    elif offsets.get(visit.queue):
        key = "why.helping"
    elif visit.rejoins:
        key = "why.rejoined"
    elif visit.klass == "priority":
        key = "why.priority_passed" if passed else "why.priority_first"
    elif visit.entered_s:
        key = "why.preprinted"
    else:
        key = "why.passed" if passed else "why.first"
    minutes = int(offsets.get(visit.queue, 0.0) / 60)
    return say("zh", key, n=passed, minutes=minutes)


def place_behind(hall: Hall, visit: Visit, places: int) -> float:
    """The virtual time just behind the next `places` visits that wait in the same queue."""
    line = hall.waiting(visit.queue)
    if not line:
        return visit.virtual_s
    last = line[min(places, len(line)) - 1]
    return max(visit.virtual_s, last.virtual_s + BEHIND_S)


def serving_windows(hall: Hall, queue: str) -> list[WindowState]:
    """The windows that take the queue now: there, not paused, not off."""
    return [state for state in hall.takers(queue) if state.status not in ("paused", "off")]


def ahead(hall: Hall, queue: str, virtual: float) -> int:
    """How many wait in the queue before a ticket of that virtual time."""
    return hall.lines.count_until(queue, virtual)


def mean_s(hall: Hall, queue: Queue, item: str = "") -> float:
    """How long a visit takes: learned for the item, else for the queue, else hall.yaml's."""
    for key in (item, queue.id):
        learned = hall.learned.get(key)
        if key and learned is not None and learned.weight >= 5:  # noqa: PLR2004 - too few say nothing
            return learned.mean_s
    return queue.standard_min * 60.0


def fits(hall: Hall, queue_id: str, day_s: int) -> bool:
    """Whether one more visit of the queue would be served before the hall closes.

    The work left is what waits for the same windows; without any window open nobody can say,
    and the number is given.
    """
    queue = hall.rules.queue(queue_id) if hall.rules else None
    sessions = hall.sessions()
    windows = serving_windows(hall, queue_id)
    if queue is None or not sessions or not windows:
        return True
    left_s = sum(max(0, s.end_s - max(s.start_s, day_s)) for s in sessions)
    return work_s(hall, queue) / len(windows) <= left_s


def work_s(hall: Hall, queue: Queue) -> float:
    """The seconds of work that wait in a queue, one more visit included."""
    waiting = sum(n * mean_s(hall, queue, item) for item, n in hall.lines.items(queue.id))
    return waiting + mean_s(hall, queue)


def forecast_min(hall: Hall, queue_id: str, before: int) -> tuple[int, int]:
    """The wait with `before` people ahead, as a range in whole minutes (low, high).

    (0, 0) when a window is free now. A rough rule for the moment of issue; what screens follow
    comes from the forecast beside the loop.
    """
    queue = hall.rules.queue(queue_id) if hall.rules else None
    if queue is None:
        return (0, 0)
    serving = serving_windows(hall, queue_id)
    if before == 0 and any(s.status == "idle" for s in serving):
        return (0, 0)
    rounds = (before + 1) / max(1, len(serving))
    each_min = mean_s(hall, queue) / 60.0
    low = math.floor(rounds * each_min * 0.6)
    high = math.ceil(rounds * each_min * 1.3 / 5) * 5
    return (max(1, low), max(5, high))
