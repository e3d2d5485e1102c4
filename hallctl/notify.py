"""Tells the service manager how the daemon is: sd_notify(3) over `$NOTIFY_SOCKET`.

Without the variable (a terminal, the desk, a test) nothing is said. Nothing here ever raises or
waits: a service manager that does not listen is no reason for a hall to stop.
"""

import contextlib
import os
import socket
from typing import Final

SOCKET: Final = "NOTIFY_SOCKET"
WATCHDOG_USEC: Final = "WATCHDOG_USEC"
WATCHDOG_PID: Final = "WATCHDOG_PID"
STATUS_BYTES: Final = 512
"""`systemctl status` shows one line."""


def ready(words: str = "") -> None:
    """The hall is open: journal read, endpoints bound. What waited for us may start now."""
    _tell("READY=1", *_status(words))


def watchdog() -> None:
    """The loop has turned and its last commit is on disk. Silent when nobody watches us.

    To be said at least twice in each `WatchdogSec`; once a second is right.
    """
    try:
        watched = int(os.environ.get(WATCHDOG_USEC, "")) > 0
        ours = int(os.environ.get(WATCHDOG_PID) or os.getpid()) == os.getpid()
    except ValueError:
        return
    if watched and ours:
        _tell("WATCHDOG=1")


def stopping(words: str = "") -> None:
    """The end has begun, and was asked for."""
    _tell("STOPPING=1", *_status(words))


def watched() -> bool:
    """Whether a service manager has started us, and starts us again."""
    return bool(os.environ.get(SOCKET))


def status(words: str) -> None:
    """One line that `systemctl status` shows."""
    _tell(*_status(words))


def _status(words: str) -> tuple[str, ...]:
    line = " ".join(words.split())
    short = line.encode(errors="replace")[:STATUS_BYTES].decode(errors="ignore")
    return (f"STATUS={short}",) if short else ()


def _tell(*lines: str) -> None:
    """Send one datagram. An address with @ is an abstract one: its first byte is 0."""
    address = os.environ.get(SOCKET, "")
    if not lines or address[:1] not in {"/", "@"}:
        return
    name = os.fsencode(address)
    if address.startswith("@"):
        name = b"\0" + name[1:]
    # ValueError and its kin: a name with a NUL in it; OSError: nobody there, no room, too long.
    with contextlib.suppress(OSError, ValueError):
        kind = socket.SOCK_DGRAM | socket.SOCK_CLOEXEC | socket.SOCK_NONBLOCK
        with socket.socket(socket.AF_UNIX, kind) as way:
            way.sendto("\n".join(lines).encode(errors="replace"), name)
