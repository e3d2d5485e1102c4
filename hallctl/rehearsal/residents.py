"""Who comes and who works: what a rehearsal is given besides the rules."""

from dataclasses import dataclass
from itertools import pairwise

from hallctl.core.rules import Klass, Rules, Span


@dataclass(frozen=True, slots=True)
class Resident:
    """One person with one matter. Times are seconds since midnight, durations seconds.

    `comes` is False for somebody who takes a number and is not there when called; `leaves_s` is
    when the ticket is given back if it has not been called by then (0: never).
    """

    arrives_s: float
    queue: str
    item: str
    klass: Klass
    service_s: float
    walk_s: float = 0.0
    comes: bool = True
    leaves_s: float = 0.0


@dataclass(frozen=True, slots=True)
class Staffing:
    """Which windows have no clerk when, which ones help other queues, and how clerks work.

    `turnaround_s` passes between a finished visit and the next call; `overtime_s` is how long
    clerks stay after the last session while somebody still waits.
    """

    closed: tuple[tuple[int, Span], ...] = ()
    helping: tuple[int, ...] = ()
    turnaround_s: float = 12.0
    overtime_s: float = 3600.0

    def staffed(self, window: int, day_s: float) -> bool:
        """Whether a clerk is at the window then."""
        return not any(w == window and s.start_s <= day_s < s.end_s for w, s in self.closed)

    def staffed_s(self, rules: Rules, window: int) -> float:
        """For how many seconds of the day's sessions a clerk is at the window."""
        closed = [s for w, s in self.closed if w == window]
        edges = sorted({e for s in (*rules.sessions, *closed) for e in (s.start_s, s.end_s)})
        return float(
            sum(
                end - start
                for start, end in pairwise(edges)
                if any(s.holds(start) for s in rules.sessions) and self.staffed(window, start)
            )
        )


def within(spans: tuple[Span, ...], start_s: float, end_s: float) -> float:
    """How much of a stretch of time lies within the spans, in seconds."""
    return sum(max(0.0, min(end_s, s.end_s) - max(start_s, s.start_s)) for s in spans)
