"""A keypad or rating pad that is a USB keyboard: `/dev/input/by-path/…-event-kbd`.

The link carries the kernel's own `struct input_event`s (24 bytes: seconds, microseconds, type,
code, value), whole ones, and the driver reads them. SYN_DROPPED comes through: only the driver
knows what was half typed. The evdev package opens and grabs; its own readers lose events when
they are cancelled (hardware notes §3), so the descriptor is read here.
"""

import contextlib
import errno
import os
import struct
from typing import Final, Protocol

from hallctl.links.base import LinkError, broken, not_open
from hallctl.texts import say

EVENT: Final = struct.Struct("llHHi")
READ_EVENTS = 64

_REMEDIES: Final = {
    errno.EACCES: "remedy.evdev_rights",
    errno.EPERM: "remedy.evdev_rights",
    errno.EBUSY: "remedy.evdev_busy",
    errno.ENOENT: "remedy.unplugged",
    errno.ENODEV: "remedy.unplugged",
    errno.ENOTTY: "remedy.wrong_device",
    errno.EINVAL: "remedy.wrong_device",
    errno.EISDIR: "remedy.wrong_device",
}


class Opener(Protocol):
    """Gives the descriptor of a keyboard that nobody else hears, or raises OSError."""

    def __call__(self, path: str) -> int:
        """Open `path` without waiting and grab it."""


def grabbed(path: str) -> int:
    """Open a keyboard and grab it, else its digits go to the console or the desktop as well.

    The grab ends with the descriptor: at a close and at an unplug.
    """
    from evdev import InputDevice  # noqa: PLC0415 - compiled at setup, and not to be had everywhere

    device = InputDevice(path)
    try:
        device.grab()
        return os.dup(device.fd)  # the grab belongs to the open file, which the copy keeps open
    finally:
        device.close()


class EvdevLink:
    """One keyboard's events. `opener` is the seam for tests: any descriptor can be read."""

    def __init__(self, path: str, *, opener: Opener = grabbed) -> None:
        self.path = path
        self._opener = opener
        self._fd = -1
        self._half = b""

    def open(self) -> int:
        """Open and grab."""
        self.close()
        try:
            self._fd = self._opener(self.path)
        except ImportError as problem:
            words = f"{self.path}: {problem}"
            raise LinkError(words, say("zh", "remedy.evdev_library")) from problem
        except (OSError, ValueError) as problem:  # ValueError: a name that is no UTF-8
            raise self._broken(problem) from problem
        os.set_blocking(self._fd, False)
        return self._fd

    def _broken(self, problem: OSError | ValueError) -> LinkError:
        self.close()
        return broken(self.path, problem, _REMEDIES, "remedy.replug")

    def read(self) -> bytes:
        """Whole events that have come."""
        if self._fd < 0:
            raise not_open(self.path)
        try:
            got = os.read(self._fd, EVENT.size * READ_EVENTS)
        except BlockingIOError:
            return b""
        except OSError as problem:
            raise self._broken(problem) from problem
        if not got:
            raise self._broken(OSError(errno.ENODEV, "end of events"))
        got = self._half + got
        whole = len(got) - len(got) % EVENT.size
        self._half = got[whole:]
        return got[:whole]

    def write(self, payload: bytes) -> int:
        """A keyboard takes nothing: a driver that writes is on the wrong link."""
        if self._fd < 0:
            raise not_open(self.path)
        if payload:
            self.close()
            words = f"{self.path}: {len(payload)} bytes for a keyboard"
            raise LinkError(words, say("zh", "remedy.evdev_writes"))
        return 0

    def unsent(self) -> int:
        """Nothing is ever sent."""
        return 0

    def close(self) -> None:
        """Close at once, which lets go of the grab."""
        if self._fd >= 0:
            with contextlib.suppress(OSError):
                os.close(self._fd)
        self._fd, self._half = -1, b""
