"""A device on the network (ESC/POS printers on port 9100, LED cards on 5200)."""

import contextlib
import errno
import fcntl
import socket
import struct
import termios
import time
from typing import Final

from hallctl.links.base import LinkError, broken, not_open
from hallctl.texts import say

CONNECT_S = 3.0
GONE_S = 20.0
"""So long a peer may acknowledge nothing, or take no byte, before the connection counts as dead.
Longer than a printer needs to cool or cut; Linux also counts the probes of an idle line in it."""
READ_BYTES = 4096

_REMEDIES: Final = {
    errno.ECONNREFUSED: "remedy.tcp_refused",
    errno.ETIMEDOUT: "remedy.tcp_silent",
    errno.EHOSTUNREACH: "remedy.tcp_silent",
    errno.ENETUNREACH: "remedy.tcp_network",
    errno.ENETDOWN: "remedy.tcp_network",
}


class TcpLink:
    """A TCP connection that finds out when its peer vanished without a word (power cut, cable).

    While nothing is on its way keep-alive finds out, while bytes are TCP_USER_TIMEOUT does, both
    in `gone_s`. The deadline of a connection is for all addresses of a name together; the
    resolver has a deadline of its own.
    """

    def __init__(self, address: str, *, gone_s: float = GONE_S) -> None:
        host, _, port = address.rpartition(":")
        self.address = address
        self._peer = (host.strip("[]"), int(port))
        self._gone_s = gone_s
        self._socket: socket.socket | None = None

    def open(self) -> int:
        """Connect within 3 s."""
        self.close()
        try:
            found = self._connected()
        except (socket.gaierror, UnicodeError) as problem:  # UnicodeError: no name at all (a..b)
            raise broken(self.address, problem, {}, "remedy.tcp_name") from problem
        except OSError as problem:
            raise self._broken(problem) from problem
        found.setblocking(False)
        found.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        found.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
        probe_s = max(1, round(self._gone_s / 4))
        for option, value in (
            ("TCP_KEEPIDLE", 2 * probe_s),
            ("TCP_KEEPINTVL", probe_s),
            ("TCP_KEEPCNT", 3),
            ("TCP_USER_TIMEOUT", round(self._gone_s * 1000)),
        ):
            if hasattr(socket, option):
                found.setsockopt(socket.IPPROTO_TCP, getattr(socket, option), value)
        self._socket = found
        return found.fileno()

    def _connected(self) -> socket.socket:
        """Try each address of the name, in the time there is for all of them."""
        addresses = socket.getaddrinfo(*self._peer, type=socket.SOCK_STREAM)
        until = time.monotonic() + CONNECT_S
        last: OSError = TimeoutError(errno.ETIMEDOUT, "no answer")
        for family, kind, protocol, _, peer in addresses:
            left_s = until - time.monotonic()
            if left_s <= 0:
                break
            found = socket.socket(family, kind, protocol)
            found.settimeout(left_s)
            try:
                found.connect(peer)
            except OSError as problem:
                found.close()
                timed_out = isinstance(problem, TimeoutError)
                last = TimeoutError(errno.ETIMEDOUT, str(problem)) if timed_out else problem
            else:
                return found
        raise last

    def _broken(self, problem: OSError) -> LinkError:
        self.close()
        return broken(self.address, problem, _REMEDIES, "remedy.tcp_lost")

    def _live(self) -> socket.socket:
        if self._socket is None:
            raise not_open(self.address)
        return self._socket

    def read(self) -> bytes:
        """What has come; the peer's orderly close is a LinkError too."""
        try:
            got = self._live().recv(READ_BYTES)
        except BlockingIOError:
            return b""
        except OSError as problem:
            raise self._broken(problem) from problem
        if not got:
            self.close()
            words = f"{self.address}: closed by the device"
            raise LinkError(words, say("zh", "remedy.tcp_closed"))
        return got

    def write(self, payload: bytes) -> int:
        """Send what the socket takes now."""
        try:
            return self._live().send(payload)
        except BlockingIOError:
            return 0
        except OSError as problem:
            raise self._broken(problem) from problem

    def unsent(self) -> int:
        """What the other end's system has not taken yet (SIOCOUTQ)."""
        if self._socket is None:
            return 0
        try:
            held = fcntl.ioctl(self._socket, termios.TIOCOUTQ, b"\0" * 4)
        except OSError:
            return 0
        return int(struct.unpack("i", held)[0])

    def close(self) -> None:
        """Close at once."""
        if self._socket is not None:
            with contextlib.suppress(OSError):
                self._socket.close()
            self._socket = None
