"""A bounded queue between two threads, with a descriptor to wait on."""

import contextlib
import os
import threading
from collections import deque
from collections.abc import Iterable
from typing import Generic, TypeVar

T = TypeVar("T")


class Inbox(Generic[T]):
    """What one thread gives another. Never blocks; full is an answer, not a wait."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._held: deque[T] = deque()
        self._lock = threading.Lock()
        self._event = os.eventfd(0, os.EFD_NONBLOCK | os.EFD_CLOEXEC)

    def fileno(self) -> int:
        """Readable while something waits."""
        return self._event

    def put(self, items: Iterable[T]) -> bool:
        """Put all or none; False when they do not fit."""
        wanted = list(items)
        with self._lock:
            if len(self._held) + len(wanted) > self._limit:
                return False
            self._held.extend(wanted)
        if wanted:
            self.nudge()
        return True

    def nudge(self) -> None:
        """Wake whoever waits, with or without something to take."""
        with contextlib.suppress(BlockingIOError):
            os.eventfd_write(self._event, 1)

    def take(self, most: int = 1 << 30) -> list[T]:
        """What waits, oldest first, at most that many."""
        with contextlib.suppress(BlockingIOError):
            os.eventfd_read(self._event)
        with self._lock:
            found = [self._held.popleft() for _ in range(min(most, len(self._held)))]
            left = bool(self._held)
        if left:
            self.nudge()
        return found

    def close(self) -> None:
        """Give the descriptor back."""
        os.close(self._event)
