"""What the hall's big screen shows: calls, queues, windows, notices. No pygame.

A call is big for at least 8 s before a newer one takes its place; until then the newer one
stands small below it, so no call is hidden, and each is reported once it has really been seen.
"""

from collections.abc import Callable
from dataclasses import dataclass, field, replace

from hallctl.core.commands import Command, ReportShown
from hallctl.core.events import Opening
from hallctl.core.hall import Call, Hall
from hallctl.core.rules import Rules
from hallctl.core.view import (
    QueueRow,
    WindowRow,
    live_calls,
    next_opening_s,
    notices,
    opening,
    queue_rows,
    window_rows,
)
from hallctl.texts import say
from screens.kit import sight as s
from screens.kit.sight import Sight

HOLD_S = 8.0
GONE_S = 10.0
"""How long the screen says that a call was withdrawn."""
NOTICE_S = 8.0
SMALL = 2
"""How many calls stand small below the big one."""
QUEUES = 7
"""How many queues are shown at once; more are paged with the notices."""
EVERY = 99
"""More calls than a hall has windows."""
T = "zh"
"""The hall reads Chinese, with English beside it in the drawing."""


@dataclass(frozen=True, slots=True)
class Shown:
    """A call as drawn; `seq` is its place in the journal."""

    seq: int
    label: str
    window: int


@dataclass(frozen=True, slots=True)
class QueueLine:
    """One row of the queue table; `minutes` is "" when nobody has to wait."""

    name: str
    next_label: str
    waiting: int
    minutes: str


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
    small: tuple[Shown, ...]
    gone: tuple[str, ...]
    """Labels whose call was withdrawn just now, the newest first."""
    queues: tuple[QueueLine, ...]
    windows: tuple[WindowCard, ...]
    notice: str
    notice_at: int
    notices: int
    rest: Rest | None


@dataclass(slots=True)
class HallModel:
    """Decides which calls stand where; `ask` sends a report to the daemon."""

    name: str
    ask: Callable[[Command], str]
    big: Shown | None = None
    big_since_s: float = 0.0
    reported: set[tuple[str, int]] = field(default_factory=set)
    _epoch: str = ""

    def show(self, sight: Sight) -> Board:
        """The board for this moment."""
        hall, rules, now = sight.hall, sight.hall.rules, sight.now
        self._follow(hall, sight.mono_s)
        if rules is None or now is None:
            return self._nothing_yet()
        at = int(sight.mono_s // NOTICE_S)
        texts = notices(hall)
        small, gone = self._small(hall), _gone(hall, now.wall_s)
        return Board(
            hall=rules.hall,
            hall_en=rules.hall_en,
            seal=rules.seal,
            clock=s.clock(now.day_s),
            date=s.date_words(T, now.day),
            hours=s.hours(replace(rules, sessions=hall.sessions())),
            stale=self._stale(rules, sight.stale_since_s),
            big=self.big,
            small=small,
            gone=gone,
            queues=_queue_lines(sight, at),
            windows=tuple(_card(row, self.big) for row in window_rows(hall)),
            notice=texts[at % len(texts)] if texts else "",
            notice_at=at % max(1, len(texts)),
            notices=len(texts),
            rest=None if self.big or small or gone else _rest(sight, rules),
        )

    def shown(self, board: Board) -> None:
        """The board is on the glass: say so for each call that was not reported before."""
        for call in (board.big, *board.small):
            if call is None or board.stale or (self._epoch, call.seq) in self.reported:
                continue
            self.reported.add((self._epoch, call.seq))
            self.ask(ReportShown(screen=self.name, shown=call.seq))

    def _nothing_yet(self) -> Board:
        words = say(T, "hall.connecting")
        rest = Rest("offline", words, "", "", say("en", "hall.connecting"))
        return Board("", "", "", "", "", "", "", None, (), (), (), (), "", 0, 0, rest)

    @staticmethod
    def _stale(rules: Rules, since_s: float | None) -> str:
        if since_s is None:
            return ""
        time = s.clock_of(rules, since_s) if since_s else ""
        return say(T, "hall.stale", time=time)

    def _follow(self, hall: Hall, now_s: float) -> None:
        """Let the big call give way when its time is over and there is a newer one, or it ended."""
        if hall.epoch != self._epoch:
            self._epoch, self.big = hall.epoch, None
            self.reported.clear()
        held = self.big is not None and now_s - self.big_since_s < HOLD_S
        held = held and self.big is not None and self.big.label not in hall.withdrawn
        if held:
            return
        newer = self._newer(hall)
        live = live_calls(hall, most=EVERY)
        if newer:
            self._put(newer[0], now_s)
        elif self.big is None or all(c.seq != self.big.seq for c in live):
            first = next((c for c in live if _awaited(hall, c)), live[0] if live else None)
            self._put(_shown(first) if first else None, now_s)

    def _put(self, call: Shown | None, now_s: float) -> None:
        self.big, self.big_since_s = call, now_s

    def _newer(self, hall: Hall) -> list[Shown]:
        """Calls still awaited that have not been big yet, oldest first."""
        after = self.big.seq if self.big else self._start(hall)
        live = [c for c in live_calls(hall, most=EVERY) if _awaited(hall, c)]
        return [_shown(c) for c in reversed(live) if c.seq > after]

    @staticmethod
    def _start(hall: Hall) -> int:
        """A screen that has just begun shows the newest call, not the whole past one by one."""
        live = [c for c in live_calls(hall, most=EVERY) if _awaited(hall, c)]
        return live[0].seq - 1 if live else 0

    def _small(self, hall: Hall) -> tuple[Shown, ...]:
        """Below the big one: those to come next, then those called just before."""
        big = self.big.seq if self.big else 0
        newer = self._newer(hall)[:SMALL]
        older = [
            _shown(c) for c in live_calls(hall, most=EVERY) if _awaited(hall, c) and c.seq < big
        ]
        return (*reversed(newer), *older)[:SMALL]


def _shown(call: Call) -> Shown:
    return Shown(call.seq, call.label, call.window)


def _awaited(hall: Hall, call: Call) -> bool:
    """Whether the resident has not come to the window yet."""
    visit = hall.visits.get(call.visit)
    return visit is not None and visit.status == "called"


def _gone(hall: Hall, wall_s: float) -> tuple[str, ...]:
    """Labels whose call was taken back within the last 10 s; at most two, for the room."""
    fresh = [(at_s, x) for x, at_s in hall.withdrawn.items() if 0 <= wall_s - at_s < GONE_S]
    return tuple(label for _, label in sorted(fresh, reverse=True)[:SMALL])


def _queue_lines(sight: Sight, at: int) -> tuple[QueueLine, ...]:
    rows = queue_rows(sight.hall, sight.waits)
    pages = max(1, -(-len(rows) // QUEUES))
    first = at % pages * QUEUES
    return tuple(_queue_line(row) for row in rows[first : first + QUEUES])


def _queue_line(row: QueueRow) -> QueueLine:
    minutes = f"{row.low_min}–{row.high_min}" if row.high_min else ""
    return QueueLine(row.queue.name, row.next_label, row.waiting, minutes)


STATES = {
    "serving": "serving",
    "called": "called",
    "paused": "pause",
    "idle": "idle",
    "off": "off",
}
"""A window's status → how its card looks."""


def _card(row: WindowRow, big: Shown | None) -> WindowCard:
    state = STATES.get(row.state.status, "idle")
    if big is not None and big.window == row.window.number and big.label == row.label:
        state = "go" if state == "called" else state
    return WindowCard(
        row.window.number, row.window.short, row.label, state, say(T, f"hall.{state}")
    )


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
