"""Waits of a day by queue and class, read off its report."""

from dataclasses import dataclass

from hallctl.core.rules import Klass
from hallctl.projections.day import Day


@dataclass(frozen=True, slots=True)
class WaitRow:
    """Visits of one queue and class. Waits, in seconds, are those of the visits called.

    Walk-ups did not wait in a queue and are left out. `p90_s`: nine of ten waited no longer.
    """

    queue: str
    klass: Klass
    taken: int
    called: int
    finished: int
    mean_s: float
    p90_s: float
    longest_s: float


def waits(day: Day) -> list[WaitRow]:
    """One row for each queue and class that somebody took a number for."""
    rows = [row for row in day.visits.values() if not row.walk_up]
    found = []
    for queue, klass in sorted({(row.queue, row.klass) for row in rows}):
        group = [row for row in rows if (row.queue, row.klass) == (queue, klass)]
        times_s = sorted(row.waited_s for row in group if row.called_s)
        found.append(
            WaitRow(
                queue=queue,
                klass=klass,
                taken=len(group),
                called=len(times_s),
                finished=sum(row.outcome == "finished" for row in group),
                mean_s=sum(times_s) / len(times_s) if times_s else 0.0,
                p90_s=times_s[-(-9 * len(times_s) // 10) - 1] if times_s else 0.0,
                longest_s=times_s[-1] if times_s else 0.0,
            )
        )
    return found
