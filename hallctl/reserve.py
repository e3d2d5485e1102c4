"""A file that holds room on the disk: a hall whose disk fills up gets to the end of its day.

The room is given back in slices, each when a write met a full disk; then the same write is done
again. docs/adr/0014-reserve.md says why that is allowed here and nowhere else. It is taken again
when somebody has made room, by the daemon's tick and never while somebody waits for an answer.
"""

import logging
import math
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final, TypeVar

import apsw

from hallctl.core.acts.alerts import VISIT_BYTES
from hallctl.disk import Disk, is_full

log = logging.getLogger("hallctl")

SLICE_BYTES: Final = 1 << 20
"""Small, because other programs too write into what is given back."""
LOG_BYTES: Final = 16 << 20
"""The write-ahead log is 8 MiB when it is written over from its beginning; twice that."""
WINDOW_VISITS: Final = 100
"""A window's visits on a long day: one in five minutes, for more than eight hours."""
START_BYTES: Final = 256 << 10
"""What SQLite and the sockets need to be opened."""
LOOK_S: Final = 10.0
REFILL_S: Final = 60.0

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Room:
    """What may still be written: free for everybody, and what the reserve has of its whole."""

    free_bytes: int
    reserve_bytes: int
    whole_bytes: int


def whole_for(windows: int) -> int:
    """How large a reserve is that lasts a day: bytes, whole slices."""
    day_bytes = LOG_BYTES + windows * WINDOW_VISITS * VISIT_BYTES
    return math.ceil(day_bytes / SLICE_BYTES) * SLICE_BYTES


class Reserve:
    """`STATE/reserve`, `whole` bytes when it is whole; 0 keeps none. For the loop's thread only.

    Begin with `open_up`, which also works on a full disk.
    """

    def __init__(self, state: Path, disk: Disk, whole: int) -> None:
        self.folder = state
        self.whole = whole
        self._path = state / "reserve"
        self._disk = disk
        self._left = disk.size(self._path)
        self._look_s = self._refill_s = -math.inf
        self.room = Room(0, self._left, whole)
        """As it was last seen."""

    def open_up(self) -> None:
        """See to it that a hall can be opened, then make the reserve whole if that may be.

        Raises OSError.
        """
        while self._disk.free_bytes(self.folder) < START_BYTES and self.give():
            pass
        if self._left > self.whole:  # the hall has fewer windows now
            self._shrink(self.whole)
        self._refill()
        self._seen()

    @property
    def left(self) -> int:
        """Bytes that can still be given."""
        return self._left

    def give(self) -> bool:
        """Give a slice back to the disk; False when nothing is left to give. Raises OSError."""
        if not self._left:
            return False
        self._shrink(max(0, self._left - SLICE_BYTES))
        log.warning(
            "%s: the disk is full; from the reserve %d MiB are left", self.folder, self._left >> 20
        )
        self._look_s = -math.inf
        return True

    def through(self, act: Callable[[], T]) -> T:
        """Act; while the disk is full for it, give back a slice and act again.

        What acts must have changed nothing when it fails so. Raises what `act` raises.
        """
        while True:
            try:
                return act()
            except (apsw.FullError, OSError) as problem:
                if not is_full(problem) or not self.give():
                    raise

    def tend(self, mono_s: float) -> Room | None:
        """Take room again if that may be, and look; None when it is not yet time to.

        Looks every LOOK_S, at once after something was given; takes room every REFILL_S at most.
        Raises OSError.
        """
        if mono_s < self._look_s + LOOK_S:
            return None
        self._look_s = mono_s
        if mono_s >= self._refill_s + REFILL_S and self._refill():
            self._refill_s = mono_s
        return self._seen()

    def _refill(self) -> bool:
        """Only where as much again stays free: else the reserve itself would fill the disk.

        Whether it was tried.
        """
        free_bytes = self._disk.free_bytes(self.folder)
        if self._left >= self.whole or free_bytes < self.whole - self._left + self.whole:
            return False
        try:
            self._disk.fill(self._path, self.whole)
        except OSError as problem:
            if not is_full(problem):
                raise
            self._disk.truncate(self._path, self._left)
        else:
            self._left = self.whole
        return True

    def _shrink(self, size: int) -> None:
        self._disk.truncate(self._path, size)
        self._left = size

    def _seen(self) -> Room:
        self.room = Room(self._disk.free_bytes(self.folder), self._left, self.whole)
        return self.room
