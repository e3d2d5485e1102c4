"""A serial line (RS-232, RS-485 by an auto-direction adapter, USB serial), through pyserial.

pyserial's own defaults hang for ever when the peer stops reading, so both timeouts are zero and
device.py waits instead. The line is named by its port path: device numbers swap on re-plugging.
"""

import contextlib
import errno
import os
import termios
import threading
from typing import Final, Literal

import serial

from hallctl.links.base import LinkError, broken, not_open, number_of

Parity = Literal["none", "even", "odd"]

_PARITIES: Final[dict[Parity, str]] = {
    "none": serial.PARITY_NONE,
    "even": serial.PARITY_EVEN,
    "odd": serial.PARITY_ODD,
}
_PROBLEMS: Final = (serial.SerialException, OSError, ValueError, TypeError, termios.error)
"""What pyserial raises: also TypeError, when its descriptor has gone, and bare termios errors."""

_REMEDIES: Final = {
    errno.EACCES: "remedy.serial_rights",
    errno.EPERM: "remedy.serial_rights",
    errno.EAGAIN: "remedy.serial_busy",  # the lock of another one who opened it exclusively
    errno.EBUSY: "remedy.serial_busy",
    errno.EINVAL: "remedy.serial_settings",
    errno.ENOTTY: "remedy.wrong_device",
    errno.EISDIR: "remedy.wrong_device",
    errno.ENOENT: "remedy.unplugged",
}


class SerialLink:
    """One serial line, 8 data bits, 1 stop bit, exclusive.

    `rtscts` lets a device hold us off by its CTS line, if the cable has the wire.
    """

    def __init__(
        self, path: str, baud: int = 9600, *, parity: Parity = "none", rtscts: bool = False
    ) -> None:
        self.path = path
        self.baud = baud
        self.parity = parity
        self.rtscts = rtscts
        self._port: serial.Serial | None = None
        self._closing: threading.Thread | None = None

    def open(self) -> int:
        """Open the line; waits for nothing but a closing that is under way."""
        self.close()
        if self._closing is not None:
            self._closing.join()
            self._closing = None
        try:
            self._port = serial.Serial(
                self.path,
                self.baud,
                parity=_PARITIES[self.parity],
                rtscts=self.rtscts,
                timeout=0,
                write_timeout=0,
                exclusive=True,
            )
            return self._port.fileno()
        except _PROBLEMS as problem:
            raise self._broken(problem) from problem

    def _broken(self, problem: Exception) -> LinkError:
        self.close()
        there = os.path.exists(self.path)  # noqa: PTH110 - a device node, not a file of ours
        if not there and number_of(problem) not in _REMEDIES:
            return broken(self.path, problem, {}, "remedy.unplugged")
        return broken(self.path, problem, _REMEDIES, "remedy.replug")

    def _live(self) -> serial.Serial:
        if self._port is None:
            raise not_open(self.path)
        return self._port

    def read(self) -> bytes:
        """What has come. An unplugged adapter is noticed here at once."""
        port = self._live()
        try:
            return bytes(port.read(4096))
        except _PROBLEMS as problem:
            raise self._broken(problem) from problem

    def write(self, payload: bytes) -> int:
        """Send what the line's buffer takes now."""
        port = self._live()
        try:
            return os.write(port.fileno(), payload)
        except BlockingIOError:
            return 0
        except _PROBLEMS as problem:
            raise self._broken(problem) from problem

    def unsent(self) -> int:
        """What the kernel still holds: a device that stops us by CTS leaves it there.

        Some drivers count a whole buffer for each byte in it.
        """
        if self._port is None:
            return 0
        try:
            return int(self._port.out_waiting)
        except _PROBLEMS:
            return 0

    def close(self) -> None:
        """Close at once, so that a re-plugged device gets its old name back.

        The kernel waits up to 30 s in closing a line that still holds bytes, and not every driver
        lets them be thrown away (cdc_acm does not): a thread waits then, and `open` for it.
        """
        port, self._port = self._port, None
        if port is None:
            return
        try:
            port.reset_output_buffer()
            held = bool(port.out_waiting)
        except _PROBLEMS:
            held = False  # unplugged: nothing is waited for
        if held:
            self._closing = threading.Thread(target=_shut, args=(port,), daemon=True)
            self._closing.start()
        else:
            _shut(port)


def _shut(port: serial.Serial) -> None:
    with contextlib.suppress(*_PROBLEMS):
        port.close()
