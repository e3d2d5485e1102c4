"""Who waits in which queue, in order: kept as visits move, since every ticket asks for it.

Counting over all visits of the day at each event made a ticket dearer the later it was taken.
"""

from bisect import bisect_left, bisect_right, insort
from collections import Counter
from collections.abc import Iterable, Iterator
from heapq import merge
from math import inf

from hallctl.core.visit import Visit

Place = tuple[float, float, str, str]
"""Virtual time, time taken, label, visit: in this order they wait."""


class Lines:
    """The waiting visits by queue. `keep` is told of every visit that may have changed."""

    def __init__(self, visits: Iterable[Visit] = ()) -> None:
        self._places: dict[str, list[Place]] = {}
        self._to: dict[str, dict[int, int]] = {}
        self._items: dict[str, Counter[str]] = {}
        self._at: dict[str, tuple[str, Place, int, str]] = {}
        """Where each visit stands, as it was when it was put there."""
        for visit in visits:
            self.keep(visit)

    def keep(self, visit: Visit) -> None:
        """Put a visit where it belongs now, or take it out."""
        now = None
        if visit.status == "waiting":
            place = (visit.virtual_s, visit.issued_s, visit.label, visit.id)
            now = (visit.queue, place, visit.to_window, visit.item)
        before = self._at.get(visit.id)
        if now == before:
            return
        if before is not None:
            self._take_out(visit.id, *before)
        if now is not None:
            self._put_in(visit.id, *now)

    def _put_in(self, visit: str, queue: str, place: Place, to_window: int, item: str) -> None:
        insort(self._places.setdefault(queue, []), place)
        to = self._to.setdefault(queue, {})
        to[to_window] = to.get(to_window, 0) + 1
        self._items.setdefault(queue, Counter())[item] += 1
        self._at[visit] = (queue, place, to_window, item)

    def _take_out(self, visit: str, queue: str, place: Place, to_window: int, item: str) -> None:
        places, items = self._places[queue], self._items[queue]
        del places[bisect_left(places, place)]
        self._to[queue][to_window] -= 1
        items[item] -= 1
        if not items[item]:
            del items[item]
        del self._at[visit]

    def clear(self) -> None:
        """Nobody waits."""
        for kept in (self._places, self._to, self._items, self._at):
            kept.clear()

    def of(self, queue: str) -> Iterator[str]:
        """Who waits in a queue, the first one first."""
        return (place[3] for place in self._places.get(queue, ()))

    def all(self) -> Iterator[str]:
        """Who waits in any queue, in the same order."""
        return (place[3] for place in merge(*self._places.values()))

    def count(self, queue: str) -> int:
        """How many wait in a queue."""
        return len(self._places.get(queue, ()))

    def count_for(self, queue: str, window: int) -> int:
        """How many of a queue may be called to a window: not those sent to another one."""
        to = self._to.get(queue)
        return to.get(0, 0) + to.get(window, 0) if to else 0

    def count_until(self, queue: str, virtual_s: float) -> int:
        """How many of a queue have that virtual time or a smaller one."""
        return bisect_right(self._places.get(queue, ()), (virtual_s, inf))

    def taken_until(self, at_s: float) -> list[str]:
        """Who waits with a ticket taken so early, queue by queue."""
        lines = self._places.values()
        return [place[3] for places in lines for place in places if place[1] <= at_s]

    def items(self, queue: str) -> Iterable[tuple[str, int]]:
        """What those in a queue come for, and how many for each."""
        return self._items.get(queue, Counter()).items()
