"""Which calls stand on the board: up to three at once, the newest first, each for 8 s at least.

A call enters at the top as soon as there is room; with three on the board that are still in their
8 s it waits. As long as two are in their 8 s all stand equally large, so a burst hides nobody.
"""

from dataclasses import dataclass, field

from hallctl.core.hall import Call, Hall
from hallctl.core.view import live_calls

HOLD_S = 8.0
MOST = 3
EVERY = 99
"""More calls than a hall has windows."""
LONG_AGO = -1e9


@dataclass(frozen=True, slots=True)
class Shown:
    """A call as drawn; `seq` is its place in the journal."""

    seq: int
    label: str
    window: int


@dataclass(slots=True)
class Panel:
    """The calls that are shown now, with since when, by the screen's own clock."""

    places: list[tuple[Shown, float]] = field(default_factory=list)
    _epoch: str = ""
    _newest: int | None = None
    """The newest call that has been on the board; None before the first look."""

    def follow(self, hall: Hall, now_s: float) -> None:
        """Let go of calls that are over, and let newer ones in."""
        if hall.epoch != self._epoch:
            self.places, self._epoch, self._newest = [], hall.epoch, None
        live = live_calls(hall, most=EVERY)
        awaited = [c for c in live if _awaited(hall, c)]
        self._leave(hall, {c.seq for c in awaited}, now_s)
        self._enter(awaited, now_s)
        self._fill(awaited)
        if not self.places and live:
            # Nobody is awaited: the last call stands on while its visit lasts.
            self.places = [(_shown(live[0]), LONG_AGO)]

    def level(self, now_s: float) -> bool:
        """Whether several calls are in their 8 s, so that all must be equally large."""
        return sum(now_s - since_s < HOLD_S for _, since_s in self.places) > 1

    def _leave(self, hall: Hall, awaited: set[int], now_s: float) -> None:
        self.places = [
            (call, since_s)
            for call, since_s in self.places
            if call.label not in hall.withdrawn
            and (call.seq in awaited or now_s - since_s < HOLD_S)
        ]

    def _enter(self, awaited: list[Call], now_s: float) -> None:
        first_look = self._newest is None
        newest = self._newest or 0
        fresh = [_shown(c) for c in awaited if c.seq > newest]
        if first_look:
            # A screen that has just begun does not go through the past one by one.
            fresh = fresh[:1]
            self._newest = 0
        for call in reversed(fresh):
            again = [p for p in self.places if p[0].label != call.label]  # a recall moves up
            if len(again) == MOST:
                if now_s - again[-1][1] < HOLD_S:
                    return
                again.pop()
            self.places = [(call, now_s), *again]
            self._newest = call.seq

    def _fill(self, awaited: list[Call]) -> None:
        """Room that is left goes to those called before."""
        oldest = self.places[-1][0].seq if self.places else 0
        labels = {call.label for call, _ in self.places}
        older = [_shown(c) for c in awaited if c.seq < oldest and c.label not in labels]
        self.places += [(call, LONG_AGO) for call in older[: MOST - len(self.places)]]


def _shown(call: Call) -> Shown:
    return Shown(call.seq, call.label, call.window)


def _awaited(hall: Hall, call: Call) -> bool:
    """Whether the resident has not come to the window yet."""
    visit = hall.visits.get(call.visit)
    return visit is not None and visit.status == "called"
