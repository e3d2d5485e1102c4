"""Clocks, handed in by constructor so that a whole day can be simulated or moved."""

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

    def now(self) -> Moment:
        """The present."""
        return moment_of(self._wall(), self.mono(), self._zone)


def offset_wall(path: Path) -> Callable[[], float]:
    """A wall clock moved by the seconds written in a file, for the hall on a desk.

    The file is read again whenever it changes; an unreadable one leaves the last offset.
    """
    state = {"mtime_ns": -1, "offset_s": 0.0}

    def wall() -> float:
        try:
            mtime_ns = path.stat().st_mtime_ns
            if mtime_ns != state["mtime_ns"]:
                state["offset_s"] = float(path.read_text())
                state["mtime_ns"] = mtime_ns
        except (OSError, ValueError):
            pass
        return time.time() + state["offset_s"]

    return wall
