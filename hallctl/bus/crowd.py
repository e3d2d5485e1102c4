"""So many connections at the local sockets that the process runs out of files.

libzmq ends the whole process when a local connection comes in and no file is left for it
(`Too many open files (ipc_listener.cpp)`, its issue 1306; over TCP it goes on). So long before, all
local connections are cut off, which is what taking an endpoint back does. Programs come back by
themselves and ask again with the same id; who only held a connection does not.
"""

import logging
import os
import resource
import time
from collections.abc import Callable
from typing import Final

log = logging.getLogger("hallctl")

LOOK_S: Final = 0.05
"""So often at most it is looked how many files are open."""
SAY_S: Final = 60.0
MOST: Final = 4096
"""A hall has dozens of programs; each connection takes memory too."""


def _open_files() -> int:
    return len(os.listdir("/proc/self/fd"))  # noqa: PTH208 - many times a second: no Paths


def _files_allowed() -> int:
    soft, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    return MOST * 2 if soft == resource.RLIM_INFINITY else soft


class Crowd:
    """Says when the doors must be closed, and when they may be opened again."""

    def __init__(
        self,
        opened: Callable[[], int] = _open_files,
        allowed: Callable[[], int] = _files_allowed,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._opened = opened
        self._allowed = allowed
        self._clock = clock
        self._looked_s = clock()
        self._said_s = self._looked_s - SAY_S
        self.full = False

    def turned(self) -> bool:
        """Whether `full` has changed since this was last asked."""
        now_s = self._clock()
        if now_s - self._looked_s < LOOK_S:
            return False
        self._looked_s = now_s
        count, most = self._opened(), min(MOST, self._allowed() // 2)
        full = count > (most * 3 // 4 if self.full else most)
        if full == self.full:
            return False
        self.full = full
        if full and now_s - self._said_s >= SAY_S:
            self._said_s = now_s
            log.error("%d files are open: all local connections are cut off once", count)
        return True
