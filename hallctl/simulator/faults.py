"""What can go wrong between a device and its driver, put around any twin.

Pure, like the twins: a line gets bytes and the time and gives bytes. The names are those the
self-test finds (`hallctl.core.trial.Wrong`), so a test can ask whether it named the fault.
"""

import random
from collections import deque
from typing import Any

from hallctl.simulator.twins.base import Twin

SLOW_S = 0.7
STRAY = b"\x81"
DIRT_BYTES = 3

LINE_FAULTS = (
    "silence", "slow", "short_write", "stale_byte", "garbage", "noise", "byte_by_byte",
)  # fmt: skip
"""silence: the device hears and never speaks. slow: it speaks 0.7 s late. short_write: of each
piece sent only the first half arrives. stale_byte: it utters a byte now and then, unasked. garbage:
other bytes come than it sent. noise: dirt before and behind. byte_by_byte: one byte at a time."""


class FaultyLine:
    """A twin at the end of a line that may be bad. `faults` are those switched on, of both.

    `slow_s`: how late it speaks while `slow` is on.
    """

    def __init__(self, twin: Twin, *, seed: int = 0) -> None:
        self.twin = twin
        self.slow_s = SLOW_S
        self._on: set[str] = set()
        self._random = random.Random(seed)  # noqa: S311 - dirt, not secrets
        self._queue: deque[tuple[float, bytes]] = deque()

    @property
    def names(self) -> tuple[str, ...]:
        """Every fault that can be switched."""
        return LINE_FAULTS + tuple(f for f in self.twin.FAULTS if f not in LINE_FAULTS)

    @property
    def faults(self) -> set[str]:
        """What is wrong now."""
        return self._on | self.twin.faults

    def fault(self, name: str, on: bool) -> None:
        """Make something wrong, or right again. Raises ValueError for an unknown name."""
        if name in LINE_FAULTS:
            (self._on.add if on else self._on.discard)(name)
            self.twin.changed += 1
        else:
            self.twin.fault(name, on)

    def opened(self, now: float) -> bytes:
        """The line was opened; what was on its way is gone."""
        self._queue.clear()
        return self._out(self.twin.opened(now), now)

    def receive(self, data: bytes, now: float) -> bytes:
        """Bytes for the device; what comes back at once."""
        arriving = data[: (len(data) + 1) // 2] if "short_write" in self._on else data
        return self._out(self.twin.receive(arriving, now), now)

    def press(self, what: dict[str, Any], now: float) -> bytes:
        """A person acts on the device. Raises ValueError as the twin does."""
        return self._out(self.twin.press(what, now), now)

    def wake(self, now: float) -> bytes:
        """What is due now: of the device's own accord, or late."""
        said = self._out(self.twin.wake(now), now)
        late = b""
        while self._queue and self._queue[0][0] <= now:
            late += self._queue.popleft()[1]
            if "byte_by_byte" in self._on:
                break
        stray = STRAY if "stale_byte" in self._on else b""
        return stray + late + said

    def _out(self, said: bytes, now: float) -> bytes:
        if not said or "silence" in self._on:
            return b""
        if "garbage" in self._on:
            said = self._dirt(len(said))
        if "noise" in self._on:
            said = self._dirt(DIRT_BYTES) + said + self._dirt(DIRT_BYTES)
        if "byte_by_byte" in self._on:
            self._queue += [(now, said[at : at + 1]) for at in range(len(said))]
            return b""
        if "slow" in self._on or self._queue:  # nothing overtakes what is on its way
            self._queue.append((now + (self.slow_s if "slow" in self._on else 0.0), said))
            return b""
        return said

    def _dirt(self, size: int) -> bytes:
        """Bytes with the top bit set: no ASCII, no status byte of a printer."""
        return bytes(self._random.randrange(0x80, 0x100) for _ in range(size))
