"""Clocks, handed in by constructor so that a whole day can be simulated or moved."""

import math
import os
import time
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from hallctl.core.moment import Moment


def moment_of(wall_s: float, mono_s: float, zone: ZoneInfo) -> Moment:
    """The moment in the hall's own zone."""
    local = datetime.fromtimestamp(wall_s, zone)
    return Moment(
        wall_s=wall_s,
        mono_s=mono_s,
        day=local.date().isoformat(),
        day_s=local.hour * 3600 + local.minute * 60 + local.second,
        weekday=local.isoweekday(),
    )


class Clock:
    """The machine's clocks, in the hall's zone."""

    def __init__(
        self,
        timezone: str,
        wall: Callable[[], float] = time.time,
        mono: Callable[[], float] = time.monotonic,
    ) -> None:
        self._zone = ZoneInfo(timezone)
        self._wall = wall
        self.mono = mono
        self._second = -1
        self._at = moment_of(0.0, 0.0, self._zone)

    def now(self) -> Moment:
        """The present."""
        wall_s = self._wall()
        second = math.floor(wall_s)
        if second != self._second:  # a zone changes its offset at whole seconds only
            self._second, self._at = second, moment_of(second, 0.0, self._zone)
        at = self._at
        return Moment(wall_s, self.mono(), at.day, at.day_s, at.weekday)


SET_S = 0.2
"""Less than this is a clock that is being corrected slowly."""
AT_ONCE_S = 0.05


class ClockWatch:
    """Notices when the machine's wall clock is set, by the steady clock beside it."""

    def __init__(
        self,
        wall: Callable[[], float] = time.time,
        mono: Callable[[], float] = time.monotonic,
    ) -> None:
        self._wall = wall
        self._mono = mono
        self._apart_s = self._apart()

    def _apart(self) -> float | None:
        """Wall clock minus steady clock; None when this process stood still between the two."""
        before_s = self._mono()
        wall_s = self._wall()
        after_s = self._mono()
        return wall_s - after_s if after_s - before_s < AT_ONCE_S else None

    def set_by_s(self) -> float:
        """By how much it was set since this was last asked, in seconds; 0 for not."""
        apart_s = self._apart()
        if apart_s is None:
            return 0.0
        before_s, self._apart_s = self._apart_s, apart_s
        if before_s is None or abs(apart_s - before_s) < SET_S:
            return 0.0
        return apart_s - before_s


def offset_wall(path: Path) -> Callable[[], float]:
    """A wall clock moved by the seconds written in a file, for the hall on a desk.

    The file is read again whenever it changes; an unreadable one leaves the last offset.
    """
    state = {"mtime_ns": -1, "offset_s": 0.0}

    def wall() -> float:
        try:
            mtime_ns = os.stat(path).st_mtime_ns  # noqa: PTH116 - at each look at the clock
            if mtime_ns != state["mtime_ns"]:
                state["offset_s"] = float(path.read_text())
                state["mtime_ns"] = mtime_ns
        except (OSError, ValueError):
            pass
        return time.time() + state["offset_s"]

    return wall
