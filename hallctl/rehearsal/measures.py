"""What played days amount to: waits, windows, who passed whom, who was not served."""

import math
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from statistics import fmean, pstdev, stdev

from hallctl.rehearsal.runner import DayPlayed, Played

STUDENT_95 = 1.96
"""Half of a 95 % interval in standard errors, for thirty days and more."""
FEW_DAYS = 3.2
"""The same for three to ten days: rather too wide than too narrow (Student's t for 3)."""
TEN = 10


@dataclass(frozen=True, slots=True)
class Waits:
    """Seconds from the ticket to the first call, over `count` visits.

    `half_s` is half of the mean's 95 % interval, counting days, not visits (those of one day are
    not independent); 0 for a single day.
    """

    count: int
    mean_s: float
    p50_s: float
    p90_s: float
    longest_s: float
    half_s: float


NOBODY = Waits(0, 0.0, 0.0, 0.0, 0.0, 0.0)


@dataclass(frozen=True, slots=True)
class WindowUse:
    """How much of its staffed time a window was busy: mean over days, and its deviation."""

    window: int
    mean: float
    deviation: float


@dataclass(frozen=True, slots=True)
class Summary:
    """All days of one setting. `waits` by (queue, class); "" stands for all."""

    days: int
    residents: int
    waits: dict[tuple[str, str], Waits]
    open_mean_s: float
    """The mean wait without the hours the hall was shut: before opening, and lunch."""
    windows: tuple[WindowUse, ...]
    spread: float
    """Standard deviation of the windows' mean use: how unequally work falls."""
    ends: dict[str, int]
    passed_most: int
    passed_mean: float
    passed_later_s: float
    """How much later than the passed one the latest passer came; never beyond the credit."""
    promised_held: float
    """Share of waits that lay within the range printed on the ticket, of those who had to wait."""
    promise_error_s: float
    """Mean distance between the middle of that range and the wait."""
    last_s: float
    """When the last visit ended, mean over days, seconds of the day."""


def summarise(days: Sequence[DayPlayed]) -> Summary:
    """The summary of days that were played under one setting. Raises ValueError without a day."""
    if not days:
        raise ValueError("no day was played")
    everybody = [v for day in days for v in day.visits]
    called = [v for v in everybody if v.called_s]
    uses = _uses(days)
    told = [v for v in called if v.high_min]
    return Summary(
        days=len(days),
        residents=len(everybody),
        waits=_all_waits(days, called),
        open_mean_s=_mean(v.open_wait_s for v in called),
        windows=uses,
        spread=pstdev([u.mean for u in uses]) if uses else 0.0,
        ends=dict(sorted(Counter(v.end for v in everybody).items())),
        passed_most=max((v.passed_by for v in called), default=0),
        passed_mean=_mean(v.passed_by for v in called),
        passed_later_s=max((v.passed_s for v in called), default=0.0),
        promised_held=_mean(v.low_min * 60 <= v.wait_s <= v.high_min * 60 for v in told),
        promise_error_s=_mean(abs(v.wait_s - (v.low_min + v.high_min) * 30) for v in told),
        last_s=_mean(day.last_s for day in days),
    )


def quantile(ordered: Sequence[float], part: float) -> float:
    """The value below which `part` of the ordered values lie; 0 for none."""
    if not ordered:
        return 0.0
    at = part * (len(ordered) - 1)
    low = math.floor(at)
    high = min(low + 1, len(ordered) - 1)
    return ordered[low] + (ordered[high] - ordered[low]) * (at - low)


def half_interval(days: Sequence[Sequence[float]]) -> float:
    """Half of the 95 % interval of the mean over all values, where only days are independent.

    The mean is a ratio, sum over count, and both differ from day to day: its error is that of the
    days' residues (Cochran, Sampling Techniques, ch. 6). 0 for fewer than two days.
    """
    count = sum(len(day) for day in days)
    if len(days) < 2 or not count:  # noqa: PLR2004 - one day has no spread
        return 0.0
    mean = sum(sum(day) for day in days) / count
    residues = [sum(day) - mean * len(day) for day in days]
    factor = STUDENT_95 if len(days) > TEN else FEW_DAYS
    return factor * stdev(residues) * math.sqrt(len(days)) / count


def _mean(values: Iterable[float]) -> float:
    found = list(values)
    return fmean(found) if found else 0.0


def _all_waits(days: Sequence[DayPlayed], called: Sequence[Played]) -> dict[tuple[str, str], Waits]:
    queues = sorted({v.queue for v in called})
    found = {}
    for queue in ("", *queues):
        for klass in ("", "priority", "ordinary"):

            def belongs(v: Played, queue: str = queue, klass: str = klass) -> bool:
                return queue in ("", v.queue) and klass in ("", v.klass) and v.called_s > 0

            waits = _waits(days, belongs)
            if waits.count:
                found[queue, klass] = waits
    return found


def _waits(days: Sequence[DayPlayed], belongs: Callable[[Played], bool]) -> Waits:
    by_day = [[v.wait_s for v in day.visits if belongs(v)] for day in days]
    ordered = sorted(w for day in by_day for w in day)
    return Waits(
        count=len(ordered),
        mean_s=_mean(ordered),
        p50_s=quantile(ordered, 0.5),
        p90_s=quantile(ordered, 0.9),
        longest_s=ordered[-1] if ordered else 0.0,
        half_s=half_interval(by_day),
    )


def _uses(days: Sequence[DayPlayed]) -> tuple[WindowUse, ...]:
    found = []
    for window in sorted(days[0].busy_s):
        parts = [d.busy_s[window] / d.staffed_s[window] for d in days if d.staffed_s[window]]
        if parts:
            found.append(WindowUse(window, fmean(parts), pstdev(parts)))
    return tuple(found)
