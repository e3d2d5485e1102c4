"""What all slips begin with, and how windows are named on them."""

from typing import Literal

from hallctl.core.moment import Moment
from hallctl.core.rules import Queue, Rules
from hallctl.core.slip import Line, Part, Rule

WEEKDAYS = {"zh": "一二三四五六日", "en": ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")}


def head(rules: Rules, language: Literal["zh", "en"], now: Moment) -> list[Part]:
    """The hall's name, the time, a rule."""
    name = rules.hall if language == "zh" else rules.hall_en
    when = f"{now.day} {_weekday(now, language)} {clock(now)}"
    return [
        Line(name, scale=2, align="center", bold=True),
        Line(when, align="center"),
        Rule(),
    ]


def clock(now: Moment) -> str:
    """The time of day: 9:05."""
    return f"{now.day_s // 3600}:{now.day_s // 60 % 60:02d}"


def _weekday(now: Moment, language: str) -> str:
    name = WEEKDAYS[language][now.weekday - 1]
    return f"星期{name}" if language == "zh" else name


def windows_text(queue: Queue) -> str:
    """The windows of a queue as people say them: 1–5, or 6."""
    numbers = sorted(queue.windows)
    if not numbers:
        return "—"
    whole = list(range(numbers[0], numbers[-1] + 1))
    if len(numbers) > 2 and numbers == whole:  # noqa: PLR2004
        return f"{numbers[0]}–{numbers[-1]}"
    return "、".join(str(n) for n in numbers)
