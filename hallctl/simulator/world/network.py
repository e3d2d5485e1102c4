"""The bus's way between processes, without sockets: messages are late, lost, doubled, overtaken.

On the daemon's side it stands where `LocalDoors` stands, so `Bus` itself is the product's; on the
other side it carries for programs that hold a `Talk`.
"""

import random
from collections import Counter, deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

from hallctl.bus.local import Socket
from hallctl.bus.messages import Ready
from hallctl.roles import Standing
from hallctl.simulator.world.hours import Hours

QUICK_S = 0.002
"""How long a message takes that nothing happens to."""
LATE_MOST_S = 2.0
"""So late a message may be in bad weather. A mirror that is fresh may be behind by as much."""


class Ear(Protocol):
    """A program's end of the bus."""

    identity: bytes
    role: str

    def hears_answer(self, message: bytes) -> None:
        """An answer has come."""

    def hears_events(self, frames: list[bytes]) -> None:
        """A message of the events' socket has come."""


@dataclass(slots=True)
class Weather:
    """Shares of messages that are lost, doubled, late (0 to 1), each way of the asking socket.

    `unheard` is the share of events that a follower loses.
    """

    lost: float = 0.0
    doubled: float = 0.0
    late: float = 0.0
    unheard: float = 0.0


CALM = Weather()


class Network:
    """Carries messages in the world's time. `seed` decides what becomes of each."""

    def __init__(self, hours: Hours, seed: str) -> None:
        self.weather = CALM
        self.fates: Counter[str] = Counter()
        self.hall_is_there = False
        self._hours = hours
        self._chance = random.Random(seed)  # noqa: S311 - a simulation, not a secret
        self._ears: dict[bytes, Ear] = {}
        self._arrived: dict[str, deque[list[bytes]]] = {}
        self._hurry: Callable[[], None] = lambda: None

    # The programs' side

    def join(self, ear: Ear) -> None:
        """A program connects; one of the same identity before it is gone."""
        self._ears[ear.identity] = ear

    def leave(self, ear: Ear) -> None:
        """A program is gone, and what was on its way to it."""
        if self._ears.get(ear.identity) is ear:
            del self._ears[ear.identity]

    def ask(self, ear: Ear, message: bytes) -> bool:
        """Send to the hall; False when nobody is there to take it."""
        if not self.hall_is_there:
            return False
        for wait_s in self._fate():
            self._hours.after(wait_s, lambda: self._comes_in(ear, message))
        return True

    def _comes_in(self, ear: Ear, message: bytes) -> None:
        if self.hall_is_there:  # perhaps another process by now than the one it was sent to
            self._arrived.setdefault(ear.role, deque()).append([ear.identity, message])
            self._hurry()

    # The hall's side (hallctl.bus.local.LocalDoors)

    def opened(self, hurry: Callable[[], None]) -> None:
        """A daemon listens; `hurry` is called when something has come for it."""
        self.hall_is_there = True
        self._hurry = hurry

    @property
    def waits(self) -> bool:
        """Whether something has come for the hall."""
        return any(self._arrived.values())

    def receive(self, most: int, ready: Ready = None) -> list[tuple[str, list[bytes]]]:  # noqa: ARG002
        """What has come, at most `most` of each role."""
        found = []
        for role, waiting in sorted(self._arrived.items()):
            found += [(role, waiting.popleft()) for _ in range(min(most, len(waiting)))]
        return found

    def send(self, _role: str, identity: bytes, message: bytes) -> None:
        """An answer goes out."""
        for wait_s in self._fate():
            self._hours.after(wait_s, lambda: self._answers(identity, message))

    def publish(self, audience: str, frames: Sequence[bytes]) -> None:
        """An event, or a heartbeat, goes out to all followers of an audience."""
        kept = list(frames)
        punctual: list[bytes] = []
        for identity, ear in self._ears.items():
            if Standing(ear.role).audience != audience:
                continue
            if self._happens("unheard", self.weather.unheard):
                continue
            wait_s = self._wait_s()
            if wait_s == QUICK_S:
                punctual.append(identity)
            else:
                self._hours.after(wait_s, lambda to=identity: self._tells([to], kept))  # type: ignore[misc]
        self._hours.after(QUICK_S, lambda: self._tells(punctual, kept))

    def wait_on(self) -> list[Socket]:
        """Nothing: the world turns the daemon itself."""
        return []

    def close(self) -> None:
        """The daemon is gone; what waited for it is lost."""
        self.hall_is_there = False
        self._arrived.clear()

    # What becomes of a message

    def _answers(self, identity: bytes, message: bytes) -> None:
        ear = self._ears.get(identity)
        if ear is not None:
            ear.hears_answer(message)

    def _tells(self, identities: list[bytes], frames: list[bytes]) -> None:
        for identity in identities:
            ear = self._ears.get(identity)
            if ear is not None:
                ear.hears_events(frames)

    def _fate(self) -> list[float]:
        """After how long each copy arrives; none when it is lost."""
        if self._happens("lost", self.weather.lost):
            return []
        copies = 2 if self._happens("doubled", self.weather.doubled) else 1
        return [self._wait_s() for _ in range(copies)]

    def _wait_s(self) -> float:
        if self._happens("late", self.weather.late):
            return self._chance.uniform(0.0, LATE_MOST_S)
        return QUICK_S

    def _happens(self, what: str, share: float) -> bool:
        if not share or self._chance.random() >= share:
            return False
        self.fates[what] += 1
        return True
