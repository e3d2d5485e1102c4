"""The hall as this process has it: one mirror for all readers, and what happened lately.

Everything here belongs to the event loop's thread, so a reader always sees a whole hall. The bus
client is asked many times a second instead of waited on: then no thread and no lock is needed.
"""

import asyncio
import contextlib
from collections import deque
from pathlib import Path
from typing import Any, Final

from hallctl.client import HallClient
from hallctl.core.events import AnnouncementFailed, Recorded
from hallctl.core.hall import Hall
from hallctl.core.moment import Moment
from hallctl.http.asking import Askers
from hallctl.mirror import Fresh, Snapshot, Stale

KEPT: Final = 2000
"""Events kept for followers that come back; who missed more gets a snapshot."""
IDLE_S, BUSY_S = 0.04, 0.005
"""How often the bus is asked: while nothing is under way, and while somebody waits."""
NAME: Final = "http"


class Following:
    """Follows the hall as `web`, in `run`, which ends only by being cancelled or by a bug."""

    def __init__(self, bus: Path) -> None:
        self.askers = Askers(bus)
        self._client = HallClient(bus, "web", NAME)
        self._kept: deque[Recorded] = deque()
        self._from = 0
        """Everything behind this sequence is kept."""
        self._turn = asyncio.Event()
        self._statuses: dict[str, asyncio.Future[dict[str, Any]]] = {}
        self.unheard = 0
        """Announcements that failed since this process began."""

    async def run(self) -> None:
        """Keep up with the hall."""
        try:
            while True:
                self.askers.turn()
                self._look()  # behind the answers: who acted then reads what came of it
                busy = self.askers.busy or self._statuses
                await asyncio.sleep(BUSY_S if busy else IDLE_S)
        finally:
            self._client.close()
            self.askers.close()

    # What is known.

    @property
    def hall(self) -> Hall:
        """The mirror, to be read only; ask `stale_since_s` first."""
        return self._client.hall

    @property
    def forecast(self) -> dict[str, Any] | None:
        """The newest forecast; None while there is none to rely on."""
        return self._client.forecast

    @property
    def stale_since_s(self) -> float | None:
        """Hall time since when it is silent; None while fresh, 0.0 before it was ever heard."""
        return self._client.stale_since_s

    def now(self) -> Moment | None:
        """The hall's time; None before it was ever heard."""
        return self._client.now()

    # What happened.

    def since(self, seq: int, epoch: str) -> list[Recorded] | None:
        """What happened behind `seq`; None when that is not known any more. "" is any epoch."""
        if epoch not in {"", self.hall.epoch} or not self._from <= seq <= self.hall.seq:
            return None
        found = []
        for recorded in reversed(self._kept):
            if recorded.seq <= seq:
                break
            found.append(recorded)
        return found[::-1]

    async def turned(self, timeout_s: float) -> None:
        """Wait until something happens, at most so long."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(timeout_s):
                await self._turn.wait()

    async def status(self, timeout_s: float) -> dict[str, Any] | None:
        """The daemon's own condition; None when it does not tell it in time."""
        asked = self._client.ask_status()
        self._statuses[asked] = asyncio.get_running_loop().create_future()
        try:
            async with asyncio.timeout(timeout_s):
                return await self._statuses[asked]
        except TimeoutError:
            return None
        finally:
            del self._statuses[asked]

    # How it is done.

    def _look(self) -> None:
        heard = self._client.poll(0.0)
        for one in heard:
            match one:
                case Recorded():
                    self._keep(one)
                case Snapshot():
                    self._kept.clear()
                    self._from = one.seq
                case _:
                    self._told(one)
        if any(isinstance(one, Recorded | Snapshot | Stale | Fresh) for one in heard):
            woken, self._turn = self._turn, asyncio.Event()
            woken.set()

    def _keep(self, recorded: Recorded) -> None:
        self._kept.append(recorded)
        if isinstance(recorded.event, AnnouncementFailed):
            self.unheard += 1
        if len(self._kept) > KEPT:
            self._from = self._kept.popleft().seq

    def _told(self, answer: object) -> None:
        future = self._statuses.get(getattr(answer, "id", ""))
        if future is not None and not future.done():
            future.set_result(getattr(answer, "result", {}))
