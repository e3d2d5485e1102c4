"""Time in the world: what is due when, and the two clocks of the hall's computer."""

import heapq
import itertools
from collections.abc import Callable
from zoneinfo import ZoneInfo

from hallctl.clock import Clock
from hallctl.core.moment import Moment

Act = Callable[[], None]


class Hours:
    """Seconds that pass, acts that wait for their second, and a wall clock that can be set.

    `now_s` never goes back. Acts of the same moment happen in the order they were asked for.
    """

    def __init__(self, begin_wall_s: float, zone: ZoneInfo) -> None:
        self.now_s = 1000.0
        self.ahead_s = 0.0
        """By how much the wall clock goes wrong; what `moment` says, not what is so."""
        self._clock = Clock(zone.key, self.wall_s, self.mono_s)
        self._born_s = begin_wall_s - self.now_s
        self._due: list[tuple[float, int, Act]] = []
        self._order = itertools.count()

    def at(self, when_s: float, act: Act) -> None:
        """Let something happen then; at once when that is past."""
        heapq.heappush(self._due, (max(when_s, self.now_s), next(self._order), act))

    def after(self, seconds: float, act: Act) -> None:
        """Let something happen so much later."""
        self.at(self.now_s + seconds, act)

    @property
    def next_s(self) -> float:
        """When the next act is due; infinity for none."""
        return self._due[0][0] if self._due else float("inf")

    def take(self) -> list[Act]:
        """The acts that are due now, in their order."""
        found = []
        while self._due and self._due[0][0] <= self.now_s:
            found.append(heapq.heappop(self._due)[2])
        return found

    def true_wall_s(self) -> float:
        """What a clock that is right would say, in UNIX seconds."""
        return self._born_s + self.now_s

    def wall_s(self) -> float:
        """What the computer's wall clock says."""
        return self.true_wall_s() + self.ahead_s

    def mono_s(self) -> float:
        """The computer's steady clock."""
        return self.now_s

    def moment(self) -> Moment:
        """The present as the daemon is told it."""
        return self._clock.now()
