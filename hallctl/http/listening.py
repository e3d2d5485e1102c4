"""The server: uvicorn with doors that nobody can hold open with nothing to say.

A connection has 10 s to ask, and to go on after each answer 5 s; one address may hold 32 of them.
Connections from this machine are not counted: a proxy brings everybody by one address.
"""

import asyncio
import ipaddress
import signal
from collections import Counter
from collections.abc import Callable
from types import FrameType
from typing import ClassVar, Final

import uvicorn
from uvicorn.protocols.http.h11_impl import H11Protocol

ASK_S: Final = 10.0
EACH_MOST: Final = 32


class Patient(H11Protocol):
    """HTTP/1.1 with patience for so long, for so many of one address."""

    held: ClassVar[Counter[str]] = Counter()
    """Connections now, by address."""
    _counted = ""
    _deadline: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Somebody has connected."""
        super().connection_made(transport)
        address = self.client[0] if self.client else ""
        if not _near(address):
            self._counted = address
            self.held[address] += 1
            if self.held[address] > EACH_MOST:
                transport.abort()
                return
        self._deadline = self.loop.call_later(ASK_S, self._waited)

    def connection_lost(self, exc: Exception | None) -> None:
        """It is gone."""
        if self._deadline is not None:
            self._deadline.cancel()
        if self._counted:
            self.held[self._counted] -= 1
            if self.held[self._counted] <= 0:
                del self.held[self._counted]
        super().connection_lost(exc)

    def _waited(self) -> None:
        asked = self.cycle is not None
        if not asked:
            self.transport.abort()


def _near(address: str) -> bool:
    try:
        return ipaddress.ip_address(address).is_loopback
    except ValueError:
        return False


class Server(uvicorn.Server):
    """Serves until SIGTERM or Ctrl-C, or until following the hall fails."""

    failed = False

    def __init__(self, config: uvicorn.Config, leave: Callable[[], None]) -> None:
        super().__init__(config)
        self._leave = leave
        """Lets those who follow go, so that nobody has to be cut off."""

    def fail(self) -> None:
        """Stop: this process cannot follow the hall any more; systemd starts another."""
        self.failed = self.should_exit = True
        self._leave()

    def serve_until_told(self) -> None:
        """Serve; a signal ends it in good order, and is no reason for a bad exit code."""
        before = {n: signal.signal(n, self._told) for n in (signal.SIGTERM, signal.SIGINT)}
        try:
            self.run()
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """A signal, while it serves."""
        super().handle_exit(sig, frame)
        self._leave()

    def _told(self, _signal: int, _frame: FrameType | None) -> None:
        # Before it serves; and after, when uvicorn raises the signals it has heard once more.
        self.should_exit = True
