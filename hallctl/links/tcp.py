"""A device on the network (ESC/POS printers on port 9100, LED cards on 5200)."""

import contextlib
import socket

from hallctl.links.base import LinkError

CONNECT_S = 3.0
READ_BYTES = 4096


class TcpLink:
    """A TCP connection with a connect deadline and keep-alive for half-open peers."""

    def __init__(self, address: str) -> None:
        host, _, port = address.rpartition(":")
        self.address = address
        self._peer = (host.strip("[]"), int(port))
        self._socket: socket.socket | None = None

    def open(self) -> int:
        """Connect within 3 s."""
        self.close()
        try:
            found = socket.create_connection(self._peer, timeout=CONNECT_S)
        except OSError as problem:
            raise LinkError(f"{self.address}: {problem}", self._remedy(problem)) from problem
        found.setblocking(False)
        found.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        found.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
        for option, seconds in (("TCP_KEEPIDLE", 10), ("TCP_KEEPINTVL", 5), ("TCP_KEEPCNT", 3)):
            if hasattr(socket, option):
                found.setsockopt(socket.IPPROTO_TCP, getattr(socket, option), seconds)
        self._socket = found
        return found.fileno()

    def _remedy(self, problem: OSError) -> str:
        if isinstance(problem, ConnectionRefusedError):
            return "设备在线但端口没开：查电源和网络设置，或是否被别的程序占用"
        return "查设备电源、网线，核对 devices.yaml 里的地址"

    def _live(self) -> socket.socket:
        if self._socket is None:
            raise LinkError(f"{self.address}: not open", "等待重新连接")
        return self._socket

    def read(self) -> bytes:
        """What has come; the peer's orderly close is a LinkError too."""
        try:
            got = self._live().recv(READ_BYTES)
        except BlockingIOError:
            return b""
        except OSError as problem:
            raise LinkError(f"{self.address}: {problem}", self._remedy(problem)) from problem
        if not got:
            raise LinkError(f"{self.address}: closed by the device", "查设备电源和网线")
        return got

    def write(self, payload: bytes) -> int:
        """Send what the socket takes now."""
        try:
            return self._live().send(payload)
        except BlockingIOError:
            return 0
        except OSError as problem:
            raise LinkError(f"{self.address}: {problem}", self._remedy(problem)) from problem

    def close(self) -> None:
        """Close at once."""
        if self._socket is not None:
            with contextlib.suppress(OSError):
                self._socket.close()
            self._socket = None
