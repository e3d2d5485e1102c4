"""Who is next, and when will it be my turn.

One formula: each waiting visit has a *virtual time* = time taken − credit of its class. The
smallest is next. So nobody starves: only those who come within your credit can pass you.
"""

import math

from hallctl.core.hall import Hall
from hallctl.core.rules import Klass, Rules
from hallctl.core.visit import Visit


def virtual_s(rules: Rules, klass: Klass, taken_s: float) -> float:
    """The virtual time of a ticket taken at `taken_s`."""
    return taken_s - (rules.priority_credit_s if klass == "priority" else 0.0)


def next_for(hall: Hall, window: int) -> Visit | None:
    """Who is next at a window: the smallest virtual time over the queues it serves."""
    place = hall.rules.window(window) if hall.rules else None
    if place is None:
        return None
    order = {queue: at for at, queue in enumerate(place.queues)}
    mine = [v for v in hall.waiting() if v.queue in order]
    return min(mine, key=lambda v: (v.virtual_s, order[v.queue], v.number), default=None)


def why_next(hall: Hall, window: int, visit: Visit) -> str:
    """The reason, in words for the clerk and the supervisor, that `visit` was next."""
    place = hall.rules.window(window) if hall.rules else None
    queues = place.queues if place else ()
    earlier = [
        v
        for v in hall.waiting()
        if v.queue in queues and v.id != visit.id and v.issued_s < visit.issued_s
    ]
    if visit.klass == "priority" and earlier:
        return f"优先，先于 {len(earlier)} 位先到的普通号"
    if visit.klass == "priority":
        return "优先，且最早取号"
    return "最早取号"


def open_windows(hall: Hall, queue: str) -> int:
    """How many windows serve the queue now (paused ones do not count)."""
    wanted = hall.rules.queue(queue) if hall.rules else None
    if wanted is None:
        return 0
    states = (hall.windows.get(number) for number in wanted.windows)
    return sum(1 for s in states if s is not None and s.status != "paused")


def ahead(hall: Hall, queue: str, virtual: float) -> int:
    """How many wait in the queue before a ticket of that virtual time."""
    return sum(1 for v in hall.waiting(queue) if v.virtual_s <= virtual)


def forecast_min(hall: Hall, queue: str, before: int) -> tuple[int, int]:
    """The wait with `before` people ahead, as a range in whole minutes (low, high).

    (0, 0) when a window is free now. The windows' other queues (领证 at 综合 windows) are counted
    too, since the same clerks serve them.
    """
    wanted = hall.rules.queue(queue) if hall.rules else None
    if wanted is None:
        return (0, 0)
    states = [hall.windows[n] for n in wanted.windows if n in hall.windows]
    serving = [s for s in states if s.status != "paused"]
    if any(s.status == "idle" for s in serving) and before == 0:
        return (0, 0)
    rounds = (before + 1) / max(1, len(serving))
    low = math.floor(rounds * wanted.standard_min * 0.6)
    high = math.ceil(rounds * wanted.standard_min * 1.3 / 5) * 5
    return (max(1, low), max(5, high))
