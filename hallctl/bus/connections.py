"""Which TCP connections there are, whose they are, and how one of them is cut off.

libzmq hides its connections, but its monitor tells the file descriptor of each, and so does every
message (`__fd`). A descriptor is looked at through a copy of it, and only while it is still the
same connection, so that nothing else of the process is ever touched.
"""

import contextlib
import os
import socket
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from hallctl import wire

STRANGERS_MOST: Final = 128
"""Connections at a door that have not said anything yet, all together, and of one address."""
STRANGERS_OF_ONE: Final = 32
OF_ONE_KEY: Final = 16
"""A key's further connection ends its oldest: a program needs two, and some while it comes back."""
UNHEARD_BYTES: Final = 8 * wire.MAX_BYTES
"""So much may come in without a message that ends: a message of endless parts fills the memory."""
IDLE_BYTES_S: Final = 100.0
"""Signs of life come all the time and are no message."""
SUBSCRIPTIONS_MOST: Final = 1000

_RECEIVED_AT: Final = 128
"""Where `tcpi_bytes_received` stands in Linux's tcp_info (since 4.1)."""


@dataclass(slots=True, eq=False)
class Connection:
    """One TCP connection at a door: its other end, and the key it speaks with once it has spoken.

    `taken` is what had been received when its last message was taken, at `taken_s`.
    """

    door: str
    fd: int
    address: str
    port: int
    key: bytes = b""
    cut: bool = False
    taken: int = 0
    taken_s: float = 0.0
    subscriptions: int = 0


class Connections:
    """All connections of the hall's TCP doors. `ports` is each door's port."""

    def __init__(self, ports: dict[str, int]) -> None:
        self._ports = ports
        self._all: dict[tuple[str, int], Connection] = {}

    def __len__(self) -> int:
        return len(self._all)

    @property
    def known(self) -> int:
        """How many have spoken with a key."""
        return sum(bool(c.key) for c in self._all.values())

    def strangers(self, door: str) -> int:
        """How many at a door have not."""
        return sum(not c.key and c.door == door for c in self._all.values())

    def silent(self, door: str, fd: int) -> bool:
        """Whether a connection is there and has not said anything yet."""
        known = self._all.get((door, fd))
        return known is not None and not known.key

    def accepted(self, door: str, fd: int) -> list[Connection]:
        """A connection came in; gives those that had to be cut off for it."""
        here = self._look(door, fd)
        if here is None:
            return []
        old = self._all.get((door, fd))
        if old is not None and (old.address, old.port) == (here.address, here.port):
            return []
        self._all.pop((door, fd), None)
        self._all[door, fd] = here
        # Of this door only: what its monitor tells may come late, so others' are younger than it.
        strangers = [c for c in self._all.values() if c.door == door and not (c.key or c.cut)]
        same = [c for c in strangers if c.address == here.address]
        crowd = same if len(same) > STRANGERS_OF_ONE else strangers
        if crowd is strangers and len(strangers) <= STRANGERS_MOST:
            return []
        return [crowd[0]] if self.cut_off(crowd[0]) else []

    def gone(self, door: str, fd: int) -> Connection | None:
        """A connection has ended; None for one that was never seen."""
        return self._all.pop((door, fd), None)

    def heard(self, door: str, fd: int, key: bytes, now_s: float) -> list[Connection]:
        """A message came in by a connection; gives the key's others that were cut off for it."""
        known = self._all.get((door, fd))
        if known is None:
            known = self._look(door, fd)
            if known is None:
                return []  # it has ended since
            self._all[door, fd] = known
        known.taken, known.taken_s = _received(fd), now_s
        if door != "commands":
            known.subscriptions += 1
        if known.key == key:
            return []
        known.key = key
        own = [c for c in self.of(key) if not c.cut]
        return [own[0]] if len(own) > OF_ONE_KEY and self.cut_off(own[0]) else []

    def of(self, key: bytes) -> list[Connection]:
        """A key's connections, the oldest first."""
        return [c for c in self._all.values() if c.key == key]

    def speaking(self) -> set[bytes]:
        """Whose connections there are."""
        return {c.key for c in self._all.values() if c.key}

    def greedy(self, now_s: float) -> list[Connection]:
        """Connections that fill our memory: by a message without an end, or by subscriptions."""
        found = []
        for known in self._all.values():
            if not known.key or known.cut:
                continue
            allowed = UNHEARD_BYTES + IDLE_BYTES_S * (now_s - known.taken_s)
            endless = _received(known.fd) - known.taken > allowed
            if endless or known.subscriptions > SUBSCRIPTIONS_MOST:
                found.append(known)
        return found

    def cut_off(self, known: Connection) -> bool:
        """End a connection; False when it is not there any more."""
        known.cut = True
        with _copy(known.fd) as there:
            if there is None or _ends(there) != (
                known.address,
                known.port,
                self._ports[known.door],
            ):
                return False
            with contextlib.suppress(OSError):
                there.shutdown(socket.SHUT_RDWR)
        return True

    def _look(self, door: str, fd: int) -> Connection | None:
        with _copy(fd) as there:
            ends = None if there is None else _ends(there)
        if ends is None or ends[2] != self._ports[door]:
            return None
        return Connection(door, fd, ends[0], ends[1])


@contextlib.contextmanager
def _copy(fd: int) -> Iterator[socket.socket | None]:
    """A socket of our own for the same connection; None for a descriptor that is no socket."""
    copy = -1
    there = None
    try:
        copy = os.dup(fd)
        there = socket.socket(fileno=copy)
    except OSError:
        if copy >= 0:
            os.close(copy)
    try:
        yield there
    finally:
        if there is not None:
            there.close()


def _ends(there: socket.socket) -> tuple[str, int, int] | None:
    """The other end's address and port, and our port; None for what is no TCP connection."""
    try:
        other, ours = there.getpeername(), there.getsockname()
    except OSError:
        return None
    if not isinstance(other, tuple) or not isinstance(ours, tuple):
        return None
    return str(other[0]), int(other[1]), int(ours[1])


def _received(fd: int) -> int:
    """How many bytes have come in by a TCP connection; 0 for none."""
    with _copy(fd) as there:
        if there is None:
            return 0
        try:
            told = there.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, _RECEIVED_AT + 8)
        except OSError:
            return 0
    return int(struct.unpack_from("=Q", told, _RECEIVED_AT)[0]) if len(told) > _RECEIVED_AT else 0
