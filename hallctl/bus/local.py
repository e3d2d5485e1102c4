"""The local endpoints: one unix socket a role, 0660; who may open it has the role."""

import contextlib
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Final, Protocol

import zmq
import zmq.backend

from hallctl import wire
from hallctl.bus.crowd import Crowd
from hallctl.bus.messages import Ready
from hallctl.roles import MAY

LONGEST_PATH: Final = 90
"""A unix socket's path ends at 107 bytes; the endpoint's own name needs some of them."""
AUDIENCES: Final = ("public", "staff")
LINGER_MS: Final = 200
SNDMORE: Final = int(zmq.SNDMORE)
DONTWAIT: Final = int(zmq.DONTWAIT)
EVENTS: Final = int(zmq.EVENTS)
POLLIN: Final = int(zmq.POLLIN)
_send: Final = zmq.backend.Socket.send
FOLDER_MODE: Final = 0o750

Socket = zmq.Socket[bytes]
Context = zmq.Context[Socket]


class Doors(Protocol):
    """The local side of the bus as `Bus` uses it."""

    def receive(self, most: int, ready: Ready = None) -> list[tuple[str, list[bytes]]]:
        """What waits at those of `ready`: role and frames, at most `most` of each endpoint."""

    def send(self, role: str, identity: bytes, message: bytes) -> None:
        """Answer; an asker that has gone is no error (it asks again when back)."""

    def publish(self, audience: str, frames: Sequence[bytes]) -> None:
        """Tell the followers of one audience."""

    def wait_on(self) -> list[Socket]:
        """The sockets that requests come in by."""

    def close(self) -> None:
        """Close all endpoints."""


class LocalDoors:
    """Binds its endpoints in `folder`. Raises OSError where they cannot be made."""

    def __init__(self, folder: Path, context: Context) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        if folder.stat().st_mode & 0o777 != FOLDER_MODE:
            folder.chmod(FOLDER_MODE)  # whatever the umask: the sockets' group must get to them
        self._context = context
        self._crowd = Crowd()
        self._doors: dict[Path, Socket] = {}
        self._routers = {role: self._made(zmq.ROUTER, folder / role) for role in MAY}
        self._roles = {router: role for role, router in self._routers.items()}
        self._poller = zmq.Poller()
        for router in self._roles:
            self._poller.register(router, zmq.POLLIN)
        self._publishers = {a: self._made(zmq.PUB, folder / f"events-{a}") for a in AUDIENCES}

    def _made(self, kind: int, path: Path) -> Socket:
        socket = self._context.socket(kind)
        socket.setsockopt(zmq.LINGER, LINGER_MS)
        socket.setsockopt(zmq.MAXMSGSIZE, wire.MAX_BYTES * 2)
        socket.setsockopt(zmq.SNDHWM, 10_000)
        socket.setsockopt(zmq.RCVHWM, 1000)
        if kind == zmq.ROUTER:
            socket.setsockopt(zmq.ROUTER_HANDOVER, 1)
        try:
            _bind(socket, path)
        except zmq.ZMQError as problem:
            raise OSError(problem.errno, problem.strerror, str(path)) from problem
        self._doors[path] = socket
        return socket

    def receive(self, most: int, ready: Ready = None) -> list[tuple[str, list[bytes]]]:
        """What waits at those of `ready`: role and frames, at most `most` of each endpoint."""
        if self._crowd.turned():
            for path, socket in self._doors.items():
                _unbind(socket, path) if self._crowd.full else _bind(socket, path)
        if ready is None:  # a third of the cost of trying each in vain
            ready = [router for router, _ in self._poller.poll(0)]
        found = []
        for router, role in self._roles.items():
            if router not in ready:
                continue
            for _ in range(most):
                if not int(router.getsockopt(EVENTS)) & POLLIN:  # cheaper than an exception
                    break
                found.append((role, router.recv_multipart(DONTWAIT)))
        return found

    def send(self, role: str, identity: bytes, message: bytes) -> None:
        """Answer; an asker that has gone is no error (it asks again when back)."""
        with contextlib.suppress(zmq.ZMQError):
            send_all(self._routers[role], (identity, message), DONTWAIT)

    def publish(self, audience: str, frames: Sequence[bytes]) -> None:
        """Tell the followers of one audience."""
        send_all(self._publishers[audience], frames)

    def wait_on(self) -> list[Socket]:
        """The sockets that requests come in by."""
        return list(self._routers.values())

    def close(self) -> None:
        """Close all endpoints."""
        for socket in (*self._routers.values(), *self._publishers.values()):
            socket.close()


def _bind(socket: Socket, path: Path) -> None:
    socket.bind(f"ipc://{path}")
    path.chmod(0o660)


def _unbind(socket: Socket, path: Path) -> None:
    """All its connections end with it."""
    socket.unbind(f"ipc://{path}")


def send_all(socket: Socket, frames: Sequence[bytes], flags: int = 0) -> None:
    """One message of several frames. Raises zmq.ZMQError.

    As `send_multipart`, with numbers for pyzmq's named flags, whose arithmetic took longer than
    the sending, and without what `Socket.send` does for kinds of sockets that are not ours.
    """
    *others, last = frames
    for frame in others:
        _send(socket, frame, flags | SNDMORE)
    _send(socket, last, flags)


def check_path(folder: Path) -> str:
    """A sentence when endpoints in `folder` cannot be bound, else ""."""
    length = len(os.fsencode(folder))
    if length <= LONGEST_PATH:
        return ""
    return f"{folder}: {length} bytes are too long for a socket's path; give --state a shorter one"
