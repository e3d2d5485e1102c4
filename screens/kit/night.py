"""When a screen of the hall is black, and how its picture moves so that nothing burns in."""

from hallctl.core.hall import Hall
from hallctl.core.moment import Moment

DARK_S = 1800
"""Black from so long after the hall closes until so long before it opens."""
SHIFT_S = 600
SHIFTS = ((0, 0), (4, 0), (4, 4), (0, 4))
"""Every 10 min the picture moves by at most 4 px."""


def dark(hall: Hall, now: Moment) -> bool:
    """Whether it is night: 30 min after the hall's hours, or before them."""
    rules = hall.rules
    if rules is None or not rules.sessions:
        return False
    begins_s = min(span.start_s for span in (*rules.sessions, *rules.taking))
    ends_s = max(span.end_s for span in hall.sessions())
    return not begins_s - DARK_S <= now.day_s < ends_s + DARK_S


def shift(now: Moment) -> tuple[int, int]:
    """Where the picture stands now."""
    return SHIFTS[now.day_s // SHIFT_S % len(SHIFTS)]
