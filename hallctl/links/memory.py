"""A wire inside one process: what the driver writes, the simulation reads, byte by byte."""

from collections.abc import Callable

from hallctl.links.base import LinkError
from hallctl.texts import say


class MemoryLink:
    """Joins a driver to a twin without threads or sockets; `plugged` False is an unplugged wire.

    `stalled` True is a device that takes no bytes any more.
    `answer` is the other end: it takes the bytes sent and gives what the device answers.
    """

    def __init__(self, answer: Callable[[bytes], bytes]) -> None:
        self._answer = answer
        self._incoming = bytearray()
        self.plugged = True
        self.stalled = False
        self.opened = False

    def open(self) -> int:
        """Nothing to wait on."""
        if not self.plugged:
            raise LinkError("unplugged", say("zh", "remedy.unplugged"))
        self.opened = True
        return -1

    def arrive(self, payload: bytes) -> None:
        """Let the device speak of its own accord; nobody hears it until the wire is open."""
        if self.plugged and self.opened:
            self._incoming += payload

    def read(self) -> bytes:
        """What the device has said."""
        if not self.plugged:
            raise LinkError("unplugged", say("zh", "remedy.unplugged"))
        got = bytes(self._incoming)
        self._incoming.clear()
        return got

    def write(self, payload: bytes) -> int:
        """Hand all of it to the other end at once."""
        if not self.plugged:
            raise LinkError("unplugged", say("zh", "remedy.unplugged"))
        if self.stalled:
            return 0
        self._incoming += self._answer(payload)
        return len(payload)

    def unsent(self) -> int:
        """Nothing waits in memory."""
        return 0

    def close(self) -> None:
        """Nothing to release; what was under way is lost, as on a wire."""
        self.opened = False
        self._incoming.clear()
