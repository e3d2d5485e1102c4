"""A serial line (RS-232, RS-485 by an auto-direction adapter, USB serial), through pyserial.

pyserial's own defaults hang for ever when the peer stops reading, so both timeouts are zero and
device.py waits instead. The line is named by its port path: device numbers swap on re-plugging.
"""

import contextlib
import os

import serial

from hallctl.links.base import LinkError


class SerialLink:
    """One serial line, 8N1, exclusive."""

    def __init__(self, path: str, baud: int = 9600) -> None:
        self.path = path
        self.baud = baud
        self._port: serial.Serial | None = None

    def open(self) -> int:
        """Open the line without flow control and without waiting."""
        self.close()
        try:
            self._port = serial.Serial(
                self.path,
                self.baud,
                timeout=0,
                write_timeout=0,
                exclusive=True,
            )
            return self._port.fileno()
        except (serial.SerialException, OSError, ValueError) as problem:
            self.close()
            raise LinkError(f"{self.path}: {problem}", self._remedy(problem)) from problem

    def _remedy(self, problem: Exception) -> str:
        if isinstance(problem, serial.SerialException) and problem.errno == 13:  # noqa: PLR2004
            return "没有权限：把运行用户加入 dialout 组"
        if not os.path.exists(self.path):  # noqa: PTH110 - a device node, not a file of ours
            return "设备没有插上：插回原来的 USB 口"
        return "拔下再插回原来的 USB 口；核对 devices.yaml 里的路径"

    def _live(self) -> serial.Serial:
        if self._port is None:
            raise LinkError(f"{self.path}: not open", "等待重新连接")
        return self._port

    def read(self) -> bytes:
        """What has come. An unplugged adapter is noticed here at once."""
        port = self._live()
        try:
            return bytes(port.read(4096))
        except (serial.SerialException, OSError, TypeError) as problem:
            raise LinkError(f"{self.path}: {problem}", self._remedy(problem)) from problem

    def write(self, payload: bytes) -> int:
        """Send what the line's buffer takes now."""
        port = self._live()
        try:
            return os.write(port.fileno(), payload)
        except BlockingIOError:
            return 0
        except (serial.SerialException, OSError) as problem:
            raise LinkError(f"{self.path}: {problem}", self._remedy(problem)) from problem

    def close(self) -> None:
        """Close at once, so that a re-plugged device gets its old name back."""
        if self._port is not None:
            with contextlib.suppress(OSError, serial.SerialException):
                self._port.close()
            self._port = None
