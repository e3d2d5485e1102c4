"""What the hall's big screen shows: calls, queues, windows, notices. No pygame.

Which calls stand there is `panel.py`'s; each is reported once it has really been seen.
"""

from collections.abc import Callable, Container
from dataclasses import dataclass, field, replace
from typing import TypeVar

from hallctl.core.commands import Command, ReportShown
from hallctl.core.events import Opening
from hallctl.core.hall import Hall
from hallctl.core.rules import Rules
from hallctl.core.view import (
    QueueRow,
    WindowRow,
    next_opening_s,
    notices,
    opening,
    queue_rows,
    window_rows,
)
from hallctl.texts import say
from screens.hall.panel import MOST, Panel, Shown
from screens.kit import night
from screens.kit import sight as s
from screens.kit.sight import Sight
from screens.kit.wrap import wrap

GONE_S = 10.0
"""How long the screen says that a call was withdrawn."""
PAGE_S = 8.0
"""How long a notice stands, and a part of a table that does not fit at once."""
NOTICE_EM = 34
"""How many Chinese characters a notice has in one line; a longer one is paged, never scrolled."""
NARROW_EM = 0.6
QUEUES, WINDOWS = 7, 10
"""How many queues and windows are shown at once; more are paged."""
Row = TypeVar("Row", QueueRow, WindowRow)
T = "zh"
"""The hall reads Chinese, with English beside it in the drawing."""


@dataclass(frozen=True, slots=True)
class QueueLine:
    """One row of the queue table; `minutes` is "" when nobody has to wait.

    `shut`: it gives no more numbers today.
    """

    name: str
    next_label: str
    waiting: int
    minutes: str
    shut: bool = False


@dataclass(frozen=True, slots=True)
class WindowCard:
    """A window. `state` is serving, called, go (the big call), pause, idle or off."""

    number: int
    name: str
    label: str
    state: str
    words: str


@dataclass(frozen=True, slots=True)
class Rest:
    """The hall does not serve now: why, until when."""

    icon: str
    title: str
    sub: str
    more: str
    english: str


@dataclass(frozen=True, slots=True)
class Board:
    """The whole picture."""

    hall: str
    hall_en: str
    seal: str
    clock: str
    date: str
    hours: str
    stale: str
    big: Shown | None
    """The newest call."""
    small: tuple[Shown, ...]
    """Those before it, the newest first."""
    level: bool
    """Whether all calls are equally large: several came within 8 s."""
    gone: tuple[str, ...]
    """Labels whose call was withdrawn just now, the newest first."""
    queues: tuple[QueueLine, ...]
    windows: tuple[WindowCard, ...]
    notice: str
    notice_at: int
    notices: int
    rest: Rest | None
    shift: tuple[int, int] = (0, 0)


@dataclass(frozen=True, slots=True)
class Dark:
    """Nobody is in the hall: a black screen."""


@dataclass(frozen=True, slots=True)
class Leave:
    """Everybody must leave."""


Page = Board | Dark | Leave


@dataclass(slots=True)
class HallModel:
    """Puts the board together; `ask` sends a report to the daemon."""

    name: str
    ask: Callable[[Command], str]
    panel: Panel = field(default_factory=Panel)
    reported: set[tuple[str, int]] = field(default_factory=set)
    _epoch: str = ""

    def show(self, sight: Sight) -> Page:
        """The page for this moment."""
        hall, rules, now = sight.hall, sight.hall.rules, sight.now
        if hall.epoch != self._epoch:
            self._epoch = hall.epoch
            self.reported.clear()
        self.panel.follow(hall, sight.mono_s)
        if hall.evacuation_s:
            return Leave()
        if rules is None or now is None:
            return self._nothing_yet()
        calls = tuple(call for call, _ in self.panel.places)
        if not calls and not hall.waiting() and night.dark(hall, now):
            return Dark()
        at = int(sight.mono_s // PAGE_S)
        texts, gone = _notices(hall, rules), _gone(hall, now.wall_s)
        return Board(
            hall=rules.hall,
            hall_en=rules.hall_en,
            seal=rules.seal,
            clock=s.clock(now.day_s),
            date=s.date_words(T, now.day),
            hours=s.hours(replace(rules, sessions=hall.sessions())),
            stale=self._stale(rules, sight.stale_since_s),
            big=calls[0] if calls else None,
            small=calls[1:],
            level=self.panel.level(sight.mono_s),
            gone=gone,
            queues=_queue_lines(sight, at),
            windows=_cards(hall, calls, at, level=self.panel.level(sight.mono_s)),
            notice=texts[at % len(texts)] if texts else "",
            notice_at=at % max(1, len(texts)),
            notices=len(texts),
            rest=None if calls or gone else _rest(sight, rules),
            shift=night.shift(now),
        )

    def shown(self, page: Page) -> None:
        """The page is on the glass: say so for each call that was not reported before."""
        if not isinstance(page, Board) or page.stale:
            return
        for call in (page.big, *page.small):
            if call is None or (self._epoch, call.seq) in self.reported:
                continue
            self.reported.add((self._epoch, call.seq))
            self.ask(ReportShown(screen=self.name, shown=call.seq))

    def _nothing_yet(self) -> Board:
        words = say(T, "hall.connecting")
        rest = Rest("offline", words, "", "", say("en", "hall.connecting"))
        return Board("", "", "", "", "", "", "", None, (), False, (), (), (), "", 0, 0, rest)

    @staticmethod
    def _stale(rules: Rules, since_s: float | None) -> str:
        if since_s is None:
            return ""
        time = s.clock_of(rules, since_s) if since_s else ""
        return say(T, "hall.stale", time=time)


def _notices(hall: Hall, rules: Rules) -> list[str]:
    """What the notice line says in turn: full queues first, long ones in parts."""
    names = {q.id: q.name for q in rules.queues}
    shut = [say(T, "hall.no_more", queue=names[q]) for q in hall.closed_queues if q in names]

    def ems(text: str) -> float:
        return sum(1.0 if c > "\u2e80" else NARROW_EM for c in text)

    return [part for text in (*shut, *notices(hall)) for part in wrap(text, NOTICE_EM, ems)]


def _gone(hall: Hall, wall_s: float) -> tuple[str, ...]:
    """Labels whose call was taken back within the last 10 s; at most two, for the room."""
    fresh = [(at_s, x) for x, at_s in hall.withdrawn.items() if 0 <= wall_s - at_s < GONE_S]
    return tuple(label for _, label in sorted(fresh, reverse=True)[: MOST - 1])


def _queue_lines(sight: Sight, at: int) -> tuple[QueueLine, ...]:
    rows = queue_rows(sight.hall, sight.waits)
    shut = sight.hall.closed_queues
    return tuple(_queue_line(row, shut) for row in _paged(rows, QUEUES, at))


def _paged(rows: list[Row], most: int, at: int) -> list[Row]:
    """The part shown now; all parts are about equally long: 12 are twice 6."""
    pages = max(1, -(-len(rows) // most))
    size = -(-len(rows) // pages)
    first = at % pages * size
    return rows[first : first + size]


def _queue_line(row: QueueRow, shut: Container[str]) -> QueueLine:
    minutes = f"{row.low_min}–{row.high_min}" if row.high_min else ""
    return QueueLine(row.queue.name, row.next_label, row.waiting, minutes, row.queue.id in shut)


STATES = {
    "serving": "serving",
    "called": "called",
    "paused": "pause",
    "idle": "idle",
    "off": "off",
}
"""A window's status → how its card looks."""


def _cards(hall: Hall, calls: tuple[Shown, ...], at: int, *, level: bool) -> tuple[WindowCard, ...]:
    large = calls if level else calls[:1]
    return tuple(_card(row, large) for row in _paged(window_rows(hall), WINDOWS, at))


def _card(row: WindowRow, large: tuple[Shown, ...]) -> WindowCard:
    state = STATES.get(row.state.status, "idle")
    number = row.window.number
    if state == "called" and any(c.window == number and c.label == row.label for c in large):
        state = "go"
    return WindowCard(number, row.window.short, row.label, state, say(T, f"hall.{state}"))


def _rest(sight: Sight, rules: Rules) -> Rest | None:
    assert sight.now is not None
    state: Opening = opening(sight.hall, sight.now)
    if state == "open":
        return None
    icon = {"lunch": "bowl", "before": "sun", "holiday": "calendar"}.get(state, "moon")
    both = [_rest_words(t, state, sight, rules) for t in ("zh", "en")]
    (title, sub, more), (title_en, sub_en, _) = both
    return Rest(icon, title, sub, more, f"{title_en}. {sub_en}")


def _rest_words(t: str, state: Opening, sight: Sight, rules: Rules) -> tuple[str, str, str]:
    assert sight.now is not None
    if state in ("lunch", "before"):
        again_s = next_opening_s(sight.hall, sight.now)
        time = s.half_day(t, again_s) if again_s is not None else ""
        return (
            say(t, f"hall.{state}"),
            say(t, f"hall.{state}_sub", time=time),
            say(t, f"hall.{state}_more"),
        )
    day = s.next_workday(rules, sight.now)
    start = s.clock(rules.sessions[0].start_s) if rules.sessions else ""
    date = s.date_words(t, day) if day else ""
    sub = say(t, "hall.shut_sub", date=date, time=start)
    return (say(t, f"hall.{state}"), sub, say(t, "hall.shut_more"))
