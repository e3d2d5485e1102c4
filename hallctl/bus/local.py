"""The local endpoints: one unix socket a role, 0660; who may open it has the role."""

import contextlib
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import zmq

from hallctl import wire
from hallctl.roles import MAY

LONGEST_PATH: Final = 90
"""A unix socket's path ends at 107 bytes; the endpoint's own name needs some of them."""
AUDIENCES: Final = ("public", "staff")
LINGER_MS: Final = 200

Socket = zmq.Socket[bytes]
Context = zmq.Context[Socket]


class LocalDoors:
    """Binds its endpoints in `folder`."""

    def __init__(self, folder: Path, context: Context) -> None:
        folder.mkdir(mode=0o750, parents=True, exist_ok=True)
        self._context = context
        self._routers = {role: self._bind(zmq.ROUTER, folder / role) for role in MAY}
        self._publishers = {a: self._bind(zmq.PUB, folder / f"events-{a}") for a in AUDIENCES}

    def _bind(self, kind: int, path: Path) -> Socket:
        socket = self._context.socket(kind)
        socket.setsockopt(zmq.LINGER, LINGER_MS)
        socket.setsockopt(zmq.MAXMSGSIZE, wire.MAX_BYTES * 2)
        socket.setsockopt(zmq.SNDHWM, 10_000)
        socket.setsockopt(zmq.RCVHWM, 1000)
        if kind == zmq.ROUTER:
            socket.setsockopt(zmq.ROUTER_HANDOVER, 1)
        socket.bind(f"ipc://{path}")
        path.chmod(0o660)
        return socket

    def receive(self, most: int) -> list[tuple[str, list[bytes]]]:
        """What waits: the role and the frames, at most `most` of each endpoint."""
        found = []
        for role, router in self._routers.items():
            for _ in range(most):
                try:
                    found.append((role, router.recv_multipart(zmq.DONTWAIT)))
                except zmq.Again:
                    break
        return found

    def send(self, role: str, identity: bytes, message: bytes) -> None:
        """Answer; an asker that has gone is no error (it asks again when back)."""
        with contextlib.suppress(zmq.ZMQError):
            self._routers[role].send_multipart([identity, message], zmq.DONTWAIT)

    def publish(self, audience: str, frames: Sequence[bytes]) -> None:
        """Tell the followers of one audience."""
        self._publishers[audience].send_multipart(frames)

    def wait_on(self) -> list[Socket]:
        """The sockets that requests come in by."""
        return list(self._routers.values())

    def close(self) -> None:
        """Close all endpoints."""
        for socket in (*self._routers.values(), *self._publishers.values()):
            socket.close()


def check_path(folder: Path) -> str:
    """A sentence when endpoints in `folder` cannot be bound, else ""."""
    length = len(os.fsencode(folder))
    if length <= LONGEST_PATH:
        return ""
    return f"{folder}: {length} bytes are too long for a socket's path; give --state a shorter one"
