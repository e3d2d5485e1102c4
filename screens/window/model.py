"""What the screen over a window shows: who is called or served here, who is next, or why nobody.

A call is reported once it has really been seen. While the daemon is silent the number loses its
colour; soon after it is taken away, since the clerk may call on. No pygame.
"""

from collections.abc import Callable
from dataclasses import dataclass, field

from hallctl.core.commands import Command, ReportShown
from hallctl.core.hall import Hall, WindowState
from hallctl.core.moment import Moment
from hallctl.core.view import line_at, opening
from screens.kit import night
from screens.kit import sight as s
from screens.kit.sight import Sight
from screens.window import words

BLIND_S = 60.0
"""A number that was not heard of for so long may be wrong by now: it is not shown."""
GONE_S = 10.0
"""How long the screen says that a call was withdrawn."""
NEXT = 2
"""How many numbers that come next are named where several windows share a queue."""


@dataclass(frozen=True, slots=True)
class Next:
    """Who comes next. `shared`: it may be another window that calls them."""

    labels: tuple[str, ...]
    shared: bool


@dataclass(frozen=True, slots=True)
class Board:
    """The whole picture. `state` is called, serving, old, or that of the `rest`."""

    number: int
    name: str
    name_en: str
    state: str
    label: str
    rest: words.Rest | None
    following: Next | None
    staff: str
    clock: str
    stale: str
    seq: int = 0
    """The call that is shown, for the report; 0 for none."""
    shift: tuple[int, int] = (0, 0)
    was: str = ""
    """When an old number was true."""


@dataclass(frozen=True, slots=True)
class Dark:
    """Nobody is in the hall: a black screen."""


@dataclass(frozen=True, slots=True)
class Leave:
    """Everybody must leave."""


Page = Board | Dark | Leave


@dataclass(slots=True)
class WindowModel:
    """Puts the picture together; `ask` sends a report to the daemon."""

    number: int
    name: str
    ask: Callable[[Command], str]
    reported: set[tuple[str, int]] = field(default_factory=set)
    _epoch: str = ""

    def show(self, sight: Sight) -> Page:
        """The page for this moment."""
        hall, rules, now = sight.hall, sight.hall.rules, sight.now
        if hall.epoch != self._epoch:
            self._epoch = hall.epoch
            self.reported.clear()
        if hall.evacuation_s:
            return Leave()
        if rules is None or now is None:
            nothing = words.connecting()
            return Board(self.number, "", "", "connecting", "", nothing, None, "", "", "")
        window, state = rules.window(self.number), hall.windows.get(self.number)
        visit = hall.at_window(self.number)
        if visit is None and not hall.waiting() and night.dark(hall, now):
            return Dark()
        stale = sight.stale_since_s
        heard = stale is None
        status, rest = self._standing(sight, state, now)
        return Board(
            number=self.number,
            name=window.name if window else "",
            name_en=window.name_en if window else "",
            state=status,
            label=visit.label if visit and rest is None else "",
            rest=rest,
            following=self._next(hall, now) if heard and status in words.TAKING else None,
            staff=words.staff(state),
            clock=s.clock(now.day_s),
            stale=words.stale(rules, stale),
            seq=_call(hall, self.number) if heard and status == "called" else 0,
            shift=night.shift(now),
            was=words.was(rules, stale) if status == "old" else "",
        )

    def shown(self, page: Page) -> None:
        """The page is on the glass: say so for a call that was not reported before."""
        if not isinstance(page, Board) or not page.seq:
            return
        if (self._epoch, page.seq) in self.reported:
            return
        self.reported.add((self._epoch, page.seq))
        self.ask(ReportShown(screen=self.name, shown=page.seq))

    def _standing(
        self, sight: Sight, state: WindowState | None, now: Moment
    ) -> tuple[str, words.Rest | None]:
        """The state, and what is said instead of a number."""
        hall, since_s = sight.hall, sight.stale_since_s
        if since_s is not None and now.wall_s - since_s >= BLIND_S:
            return "blind", words.blind()
        if state is None:
            return "off", words.off(hall, self.number)
        if state.visit:
            return ("old" if since_s is not None else state.status), None
        if opening(hall, now) != "open":
            return "shut", words.shut(sight, now)
        if state.status == "paused":
            return "pause", words.pause(hall, self.number, now)
        if state.status == "off":
            return "off", words.off(hall, self.number)
        return "idle", words.idle(hall, self.number, _gone(hall, self.number, now))

    def _next(self, hall: Hall, now: Moment) -> Next | None:
        """Who is next, where one of them will be called here soon."""
        line = line_at(hall, self.number)
        if not line or opening(hall, now) != "open":
            return None
        first = line[0]
        shared = not first.to_window and _shared(hall, first.queue, self.number)
        return Next(tuple(v.label for v in line[: NEXT if shared else 1]), shared)


def _shared(hall: Hall, queue: str, number: int) -> bool:
    """Whether another window that works now takes this queue too."""
    return any(
        queue in hall.offsets_of(other) and state.status not in ("paused", "off")
        for other, state in hall.windows.items()
        if other != number
    )


def _call(hall: Hall, number: int) -> int:
    """The newest call of the visit at a window; 0 for one that was never announced."""
    state = hall.windows[number]
    calls = (c for c in reversed(hall.calls) if c.visit == state.visit and c.window == number)
    return next((c.seq for c in calls), 0)


def _gone(hall: Hall, number: int, now: Moment) -> str:
    """The label whose call to this window was taken back just now; "" for none."""
    fresh = {label for label, at_s in hall.withdrawn.items() if 0 <= now.wall_s - at_s < GONE_S}
    mine = (v.label for v in hall.visits.values() if v.label in fresh and v.window == number)
    return next(mine, "")
