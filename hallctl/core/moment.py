"""The present, as the shell hands it in.

The core never asks what time it is. Both clocks come along: the wall clock is what people
read and the journal keeps, the monotonic clock is what intervals are measured with.
"""

from hallctl.core.late import dataclass


@dataclass(frozen=True, slots=True)
class Moment:
    """One instant, seen in the hall's own time zone.

    `wall_s` is UNIX time in seconds, `mono_s` a clock that never jumps, `day` the local date
    (`2026-11-24`), `day_s` the seconds since local midnight, `weekday` 1 (Monday) to 7.
    """

    wall_s: float
    mono_s: float
    day: str
    day_s: int
    weekday: int
