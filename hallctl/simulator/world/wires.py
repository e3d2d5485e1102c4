"""A wire with a twin at its end: it can be pulled at any byte, stall, and carry dirt."""

from collections.abc import Callable

from hallctl.links.base import LinkError
from hallctl.simulator.faults import FaultyLine
from hallctl.simulator.twins.base import Twin
from hallctl.texts import say

BUSY_S = 3.0
"""So long after a byte a twin is woken as often as on the desk."""
WAKE_S, REST_S = 0.05, 1.0


class Wire:
    """A `Link` over a `FaultyLine`. The twin lives on while processes come and go.

    `heard` is told when something has come that the process should read.
    """

    def __init__(
        self, name: str, twin: Twin, seed: int, now: Callable[[], float], heard: Callable[[], None]
    ) -> None:
        self.name = name
        self.twin = twin
        self.line = FaultyLine(twin, seed=seed)
        self.plugged = True
        self.stalled = False
        self.wake_s = 0.0
        self.troubled_s = float("-inf")
        """When it was last in trouble of any kind; see `disturbed`."""
        self._cut_out = -1
        self._cut_in = -1
        self._busy_until_s = 0.0
        self._now = now
        self._heard = heard
        self.is_open = False
        self._incoming = bytearray()

    # As the device's runner uses it (hallctl.links.base.Link)

    def open(self) -> int:
        """Open the wire, unless it is pulled."""
        self._must_be_plugged()
        self.is_open = True
        self.disturbed()
        self._arrive(self.line.opened(self._now()))
        return -1

    def read(self) -> bytes:
        """What the device has said."""
        self._must_be_plugged()
        got = bytes(self._incoming)
        self._incoming.clear()
        return got

    def write(self, payload: bytes) -> int:
        """Hand it to the device; where the wire is cut in it, the first bytes only."""
        self._must_be_plugged()
        if self.stalled:
            return 0
        if 0 <= self._cut_out < len(payload):
            self.line.receive(payload[: self._cut_out], self._now())
            self.pull()
            self._must_be_plugged()
        elif self._cut_out >= 0:
            self._cut_out -= len(payload)
        self.awake()
        self._arrive(self.line.receive(payload, self._now()))
        return len(payload)

    def unsent(self) -> int:
        """Nobody can say."""
        return 0

    def close(self) -> None:
        """The process lets go of it."""
        if self.is_open:
            self.disturbed()
        self.is_open = False
        self._incoming.clear()

    # What happens to it

    def pull(self) -> None:
        """Pull the plug; what was under way is lost."""
        self.plugged = False
        self._cut_out = self._cut_in = -1
        self._incoming.clear()
        self.disturbed()
        self._heard()

    def plug(self) -> None:
        """Put it back; the process finds out when it tries again."""
        self.plugged = True
        self.stalled = False
        self.disturbed()

    def cut_after(self, out: int = -1, incoming: int = -1) -> None:
        """Pull it as soon as so many more bytes have gone out, or come in; -1 for never."""
        self._cut_out, self._cut_in = out, incoming
        self.disturbed()

    def disturbed(self) -> None:
        """Something about it is not as it should be, now."""
        self.troubled_s = self._now()

    def press(self, what: dict[str, object]) -> None:
        """A person acts on the device. Raises ValueError as the twin does."""
        self.awake()
        self._arrive(self.line.press(what, self._now()))

    def awake(self) -> None:
        """Something happens on it: for a while its twin is woken often."""
        now = self._now()
        self._busy_until_s = now + BUSY_S
        self.wake_s = min(self.wake_s, _beat(now))

    def wake(self) -> None:
        """What the device says of its own accord, if it is time for that."""
        now = self._now()
        if now < self.wake_s:
            return
        self.wake_s = _beat(now) if now < self._busy_until_s else float(int(now) + REST_S)
        said = self.line.wake(now)
        if said:
            self.awake()
            self._arrive(said)

    def _arrive(self, payload: bytes) -> None:
        if not payload or not self.plugged or not self.is_open:
            return
        if 0 <= self._cut_in < len(payload):
            self.pull()
            return
        if self._cut_in >= 0:
            self._cut_in -= len(payload)
        self._incoming += payload
        self._heard()

    def _must_be_plugged(self) -> None:
        if not self.plugged:
            raise LinkError("unplugged", say("zh", "remedy.unplugged"))


def _beat(now: float) -> float:
    """The next moment at which twins are woken: all at the same ones, so there are few."""
    return (int(now / WAKE_S + 1e-6) + 1) * WAKE_S
