"""What a hall's past says of its next visits: durations, small times, who may still come.

Durations are those learned (they live on from day to day), the small times and the arrivals are
of today. All are drawn from lognormals, tabled, since a forecast draws thousands of them.
"""

import math
from bisect import bisect
from collections.abc import Callable
from dataclasses import dataclass
from statistics import NormalDist

from hallctl.core.hall import Hall
from hallctl.core.visit import Visit

Uniform = Callable[[], float]
"""Gives a number from 0 (inside) to 1 (outside)."""

DEFAULT_CV = 0.6
"""Standard deviation ÷ mean of a visit's duration, while too few have been seen."""
DEFAULT_ERROR = 0.25
"""How far hall.yaml's estimate (standard_min) may be off, as a standard deviation."""
WIDER = 1.05
"""Widens the spread: hidden mixtures (不清楚) and days unlike others, by benchmarks/forecast.py."""
LEARNED_FROM = 5.0
LOOK_BACK_S = 3600.0
LOOK_BACK_VISITS = 200
LONG_GAP_S = 600.0
"""A longer gap between two visits was something else (a talk, a break)."""

NORMAL = [NormalDist().inv_cdf((i + 0.5) / 256) for i in range(256)]
_TAIL = 240
"""From here on the table is too coarse for what is left."""
SMALL = [math.exp(0.6 * z - 0.18) for z in NORMAL]
"""How small times (a walk, a rest) vary around their mean."""


@dataclass(frozen=True, slots=True)
class Kind:
    """How long one kind of visit takes: 256 equally likely lengths, and the mean's own error."""

    lengths: list[float]
    mu: float
    sigma: float
    error: float

    def left_s(self, gone_s: float, scale: float, uniform: Uniform) -> float:
        """What is left of a visit that has already taken `gone_s`."""
        at = bisect(self.lengths, gone_s / scale)
        if at < _TAIL:
            return self.lengths[at + int(uniform() * (256 - at))] * scale - gone_s
        normal = NormalDist(self.mu + math.log(scale), self.sigma)
        past = normal.cdf(math.log(gone_s))
        share = min(past + (1 - past) * max(uniform(), 1e-9), 1 - 1e-9)
        return max(1.0, math.exp(normal.inv_cdf(share)) - gone_s)


@dataclass(frozen=True, slots=True)
class Habits:
    """The small times of this hall, as seen today."""

    rest_s: float
    """From the end of a visit to the next call, while somebody waits."""
    notice_s: float
    """From the ticket to the call, where a window was idle."""
    walk_s: float
    """From the call to the start."""
    missed: float
    """The share of calls that nobody answers."""


def kind_of(hall: Hall, queue_id: str, item: str) -> Kind:
    """What is known of a kind: learned for the item, else for the queue, else of hall.yaml."""
    queue = hall.rules.queue(queue_id) if hall.rules else None
    mean_s = max(1.0, queue.standard_min) * 60.0 if queue else 480.0
    cv, error = DEFAULT_CV, DEFAULT_ERROR
    for key in (item, queue_id):
        learned = hall.learned.get(key)
        if key and learned is not None and learned.weight >= LEARNED_FROM:
            weight, mean_s = learned.weight, learned.mean_s
            seen = max(0.0, learned.mean_square / mean_s**2 - 1)
            # Few visits know little of their spread: as if five of the default had been seen too.
            cv = math.sqrt((weight * seen + 5 * DEFAULT_CV**2) / (weight + 5))
            error = cv / math.sqrt(weight)
            break
    sigma = WIDER * math.sqrt(math.log1p(cv**2))
    mu = math.log(mean_s) - sigma**2 / 2
    return Kind([math.exp(mu + sigma * z) for z in NORMAL], mu, sigma, error)


def habits(hall: Hall) -> Habits:
    """Means of today, mixed with a few visits of what is usual, so that the first says little."""
    recent = list(hall.visits.values())[-LOOK_BACK_VISITS:]
    called = [v for v in recent if v.first_called_s]
    rests, notices = [], []
    last: dict[int, Visit] = {}
    for v in sorted(called, key=lambda v: v.first_called_s):
        before = last.get(v.window)
        last[v.window] = v
        if before is None or not before.finished_s:
            continue
        if v.issued_s < before.finished_s:
            rests.append(v.first_called_s - before.finished_s)
        else:
            notices.append(v.first_called_s - v.issued_s)
    missed = sum(1 for v in called if v.status in ("no_show", "void"))
    return Habits(
        rest_s=_mixed(rests, 15.0),
        notice_s=_mixed(notices, 10.0),
        walk_s=_mixed([v.started_s - v.first_called_s for v in called if v.started_s], 25.0),
        missed=(missed + 20 * 0.03) / (len(called) + 20),
    )


def _mixed(seen: list[float], usual_s: float) -> float:
    """The mean of what was seen, as if five usual ones had been seen too."""
    kept = [s for s in seen if 0 <= s <= LONG_GAP_S]
    return (sum(kept) + 5 * usual_s) / (len(kept) + 5)


def priority_rates(hall: Hall, now_s: float) -> dict[str, float]:
    """Priority tickets a second that each queue may expect: its tickets × the hall's share."""
    taken = [v for v in hall.visits.values() if now_s - v.issued_s <= LOOK_BACK_S]
    if not taken:
        return {}
    span_s = min(LOOK_BACK_S, max(900.0, now_s - min(v.issued_s for v in hall.visits.values())))
    share = (sum(1 for v in taken if v.klass == "priority") + 1.0) / (len(taken) + 10.0)
    queues = {v.queue for v in taken}
    return {q: share * sum(1 for v in taken if v.queue == q) / span_s for q in sorted(queues)}
