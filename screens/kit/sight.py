"""What a screen sees of the hall at one moment, and how it writes times and waits. No pygame."""

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from hallctl.core.hall import Hall
from hallctl.core.moment import Moment
from hallctl.core.rules import Rules
from hallctl.core.view import QueueRow, Waits
from hallctl.texts import say

NOON_S = 12 * 3600
MINUTE_S, HOUR_S = 60, 3600
YEAR_AHEAD = 366
WAIT_KEYS = ("wait.both", "wait.short", "wait.minutes", "wait.least")


@dataclass(frozen=True, slots=True)
class Sight:
    """The mirror, the hall's time, and since when nothing was heard.

    `stale_since_s` is UNIX time; None while the daemon is heard, 0.0 before any contact.
    `mono_s` is the screen's own clock, for intervals.
    """

    hall: Hall
    now: Moment | None
    stale_since_s: float | None
    mono_s: float
    waits: Waits = field(default_factory=dict)
    """The daemon's forecast by queue, in minutes; the plain rule stands in for what is missing."""
    clock_off_s: float = 0.0
    """How far a remote screen's own clock is ahead of the hall's; 0.0 up to 2 s."""


def clock(day_s: int) -> str:
    """A time of day as people write it: `9:05`."""
    return f"{day_s // 3600}:{day_s % 3600 // 60:02d}"


def clock_of(rules: Rules, wall_s: float) -> str:
    """The time of day of a UNIX time, in the hall's time zone."""
    at = datetime.fromtimestamp(wall_s, ZoneInfo(rules.timezone))
    return f"{at.hour}:{at.minute:02d}"


def half_day(language: str, day_s: int) -> str:
    """`下午 13:00`."""
    key = "time.morning" if day_s < NOON_S else "time.afternoon"
    return say(language, key, time=clock(day_s))


def date_words(language: str, day: str) -> str:
    """`12月9日 星期一` for `2024-12-09`."""
    at = date.fromisoformat(day)
    weekday = say(language, "weekday").split()[at.weekday()]
    return say(language, "date", month=at.month, day=at.day, weekday=weekday)


def hours(rules: Rules) -> str:
    """The hall's sessions: `9:00–12:00  13:00–17:00`."""
    return "  ".join(f"{clock(s.start_s)}–{clock(s.end_s)}" for s in rules.sessions)


def next_workday(rules: Rules, now: Moment) -> str:
    """The next date on which the hall opens after today; "" when none is known within a year."""
    today = date.fromisoformat(now.day)
    for ahead in range(1, YEAR_AHEAD):
        at = today + timedelta(days=ahead)
        if rules.works_on(at.isoformat(), at.isoweekday()):
            return at.isoformat()
    return ""


def wait_words(language: str, row: QueueRow) -> tuple[str, ...]:
    """How long a queue is, from the longest wording to the shortest."""
    if row.high_min == 0:
        return (say(language, "wait.free"),)
    words = {"n": row.waiting, "low": row.low_min, "high": row.high_min}
    return tuple(say(language, key, **words) for key in WAIT_KEYS)


def window_span(numbers: tuple[int, ...]) -> str:
    """Windows as people say them: `6`, `1–5`, `2、4`."""
    whole = list(range(numbers[0], numbers[-1] + 1)) if numbers else []
    if len(numbers) > 1 and list(numbers) == whole:
        return f"{numbers[0]}–{numbers[-1]}"
    return "、".join(str(n) for n in numbers)


def off_words(language: str, off_s: float) -> str:
    """How far this machine's clock is off; "" when it is not."""
    if not off_s:
        return ""
    gone_s = abs(off_s)
    unit, n = "h", round(gone_s / HOUR_S)
    if gone_s < 2 * MINUTE_S:
        unit, n = "s", round(gone_s)
    elif gone_s < 2 * HOUR_S:
        unit, n = "min", round(gone_s / MINUTE_S)
    by = say(language, f"connect.by_{unit}", n=n)
    return say(language, "connect.ahead" if off_s > 0 else "connect.behind", by=by)
