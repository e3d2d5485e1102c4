"""The desk's clock: real time plus an offset, so that the hall can be opened at night.

The daemon reads the offset (seconds, a text float) from `state/desk/clock` whenever the file
changes; so both show the same time. It only ever goes forward: a journal whose time ran
backwards would be worthless.
"""

import contextlib
import re
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from hallctl.core.rules import Rules

OPENING_MIN = 9 * 60 + 30
"""When the desk opens on its first start: 9:30, when a hall is awake."""

_MARGIN_S = 2.0
"""Added to the last time written: it is written once a second, the journal may be ahead of it."""

_WEEKDAYS = {
    name: number
    for number, names in enumerate(
        (
            ("mon", "monday", "周一", "星期一"),
            ("tue", "tuesday", "周二", "星期二"),
            ("wed", "wednesday", "周三", "星期三"),
            ("thu", "thursday", "周四", "星期四"),
            ("fri", "friday", "周五", "星期五"),
            ("sat", "saturday", "周六", "星期六"),
            ("sun", "sunday", "周日", "星期日"),
        ),
        start=1,
    )
    for name in names
}
_WEEKLY = re.compile(r"(?P<day>\S+)\s+(?P<hour>\d{1,2}):(?P<minute>\d{2})")
_DATED = re.compile(r"\d{4}-\d{2}-\d{2}[ T]\d{1,2}:\d{2}")
_DAYS_AHEAD = 400


class ClockError(ValueError):
    """The words of `--clock` or of the page's clock control cannot be followed."""


class DeskClock:
    """Hall time in seconds since 1970. `folder` is `state/desk`; `real_s` gives real time."""

    def __init__(self, folder: Path, rules: Rules, real_s: Callable[[], float] = time.time) -> None:
        self._folder = folder
        self._rules = rules
        self._real_s = real_s
        self._zone = ZoneInfo(rules.timezone)
        self._offset_s = 0.0

    @property
    def file(self) -> Path:
        """The file with the offset, as the daemon's `--clock-file` wants it."""
        return self._folder / "clock"

    def now_s(self) -> float:
        """Hall time now, UNIX seconds."""
        return self._real_s() + self._offset_s

    def local(self, wall_s: float | None = None) -> datetime:
        """Hall time as people read it, in the hall's own time zone."""
        return datetime.fromtimestamp(self.now_s() if wall_s is None else wall_s, self._zone)

    def start(self, words: str | None, journal_ends_s: float = 0.0) -> None:
        """Set the clock for this run, as `--clock` says, or where the last run stopped.

        `journal_ends_s` is the time of the journal's last event: a hall that has run without a
        desk is not set back either. Raises ClockError when the words are no time.
        """
        last_s = max(self._last_s(), journal_ends_s) or None
        if words is not None:
            begin = self._real_day() if last_s is None else self.local(last_s)
            goal_s = parse_clock(words, begin).timestamp()
        elif last_s is not None:
            goal_s = last_s
        else:
            goal_s = self._first_morning().timestamp()
        self._set(goal_s - self._real_s())

    def forward_to(self, hour: int, minute: int) -> None:
        """Go on to that time of today. Raises ClockError when it is past."""
        goal = self.local().replace(hour=hour, minute=minute, second=0, microsecond=0)
        self._forward(goal)

    def forward_by(self, minutes: float) -> None:
        """Go on by that many minutes. Raises ClockError when that is not forward."""
        if not 0 < minutes <= 24 * 60:
            raise ClockError("时钟一次可以拨快 1 分钟到 1 天。")
        self._forward(self.local() + timedelta(minutes=minutes))

    def forward_to_next_day(self, hour: int, minute: int) -> None:
        """Go on to that time of the next working day."""
        day = self.local().replace(hour=hour, minute=minute, second=0, microsecond=0)
        for _ in range(_DAYS_AHEAD):
            day += timedelta(days=1)
            if self._works(day):
                break
        self._forward(day)

    def remember(self) -> None:
        """Write down what time it is; the next run goes on from here."""
        _write(self._folder / "clock-last", f"{self.now_s():.3f}\n")

    def _forward(self, goal: datetime) -> None:
        if goal.timestamp() <= self.now_s():
            raise ClockError(
                f"时钟只能往前拨：现在已经是 {self.local():%H:%M}，不能回到 {goal:%H:%M}。"
            )
        self._set(goal.timestamp() - self._real_s())

    def _set(self, offset_s: float) -> None:
        self._offset_s = offset_s
        self._folder.mkdir(parents=True, exist_ok=True)
        _write(self.file, f"{offset_s:.3f}\n")
        self.remember()

    def _last_s(self) -> float:
        with contextlib.suppress(OSError, ValueError):
            return float((self._folder / "clock-last").read_text("ascii")) + _MARGIN_S
        return 0.0

    def _real_day(self) -> datetime:
        today = datetime.fromtimestamp(self._real_s(), self._zone)
        return today.replace(hour=0, minute=0, second=0, microsecond=0)

    def _works(self, day: datetime) -> bool:
        return self._rules.works_on(f"{day:%Y-%m-%d}", day.isoweekday())

    def _first_morning(self) -> datetime:
        day = self._real_day()
        for _ in range(_DAYS_AHEAD):
            if self._works(day):
                break
            day += timedelta(days=1)
        return day.replace(hour=OPENING_MIN // 60, minute=OPENING_MIN % 60)


def parse_clock(words: str, begin: datetime) -> datetime:
    """The first time not before `begin` that fits `Mon 09:30` or `2026-11-24 09:30`.

    A date that lies before `begin` counts by its weekday: the clock never goes back. Raises
    ClockError with what to write instead.
    """
    text = words.strip()
    try:
        if _DATED.fullmatch(text):
            dated = datetime.strptime(text.replace("T", " "), "%Y-%m-%d %H:%M").replace(
                tzinfo=begin.tzinfo
            )
            return dated if dated >= begin else _weekly(dated, begin)
        found = _WEEKLY.fullmatch(text)
        weekday = _WEEKDAYS.get(found["day"].lower()) if found else None
        if found and weekday:
            goal = begin.replace(
                hour=int(found["hour"]), minute=int(found["minute"]), second=0, microsecond=0
            )
            return _weekly(goal + timedelta(days=(weekday - goal.isoweekday()) % 7), begin)
    except ValueError:
        pass
    raise ClockError(f'--clock \'{words}\' is no time: write "Mon 09:30" or "2026-11-24 09:30"')


def _weekly(goal: datetime, begin: datetime) -> datetime:
    while goal < begin:
        goal += timedelta(days=max(7, (begin - goal).days // 7 * 7))
    return goal


def _write(path: Path, text: str) -> None:
    """Whole or not at all: the daemon reads while we write."""
    fresh = path.with_name(path.name + ".new")
    fresh.write_text(text, "ascii")
    fresh.replace(path)
