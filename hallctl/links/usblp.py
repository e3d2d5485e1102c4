"""A USB printer through the kernel's own driver: `/dev/usb/lpN`, no library, no root (group lp).

Exclusive by the kernel, never blocking, and gone at once when unplugged (ENODEV). The numbers
swap on re-plugging, so name it by the link that systemd/60-hallctl.rules makes from its port.
Facts: hardware notes §1, and the kernel's drivers/usb/class/usblp.c.
"""

import contextlib
import errno
import fcntl
import os
import select
import struct
from typing import Final

from hallctl.links.base import LinkError, broken, not_open

READ_BYTES = 4096
ID_BYTES = 1024
LPIOC_GET_DEVICE_ID: Final = (2 << 30) | (ID_BYTES << 16) | (ord("P") << 8) | 1
LPGETSTATUS: Final = 0x060B
NO_PAPER, SELECTED, NO_ERROR = 0x20, 0x10, 0x08
"""Bits of the port's status (IEEE 1284): paper is out; the printer is on line; nothing is wrong."""

_REMEDIES: Final = {
    errno.EACCES: "remedy.usblp_rights",
    errno.EPERM: "remedy.usblp_rights",
    errno.EBUSY: "remedy.usblp_busy",
    errno.ENOENT: "remedy.unplugged",
    errno.ENODEV: "remedy.unplugged",
    errno.ENXIO: "remedy.unplugged",
    errno.ENOSPC: "remedy.usblp_paper",
    errno.EIO: "remedy.usblp_failed",
    errno.EISDIR: "remedy.wrong_device",
    errno.ENOTTY: "remedy.wrong_device",
}


def device_id(fd: int) -> dict[str, str]:
    """What the printer says it is (IEEE 1284): MFG, MDL, CMD, …; empty when it does not say.

    Asks the printer, which may take seconds: not for the devices' thread.
    """
    held = bytearray(ID_BYTES)
    try:
        fcntl.ioctl(fd, LPIOC_GET_DEVICE_ID, held)
    except OSError:
        return {}
    # Two bytes of length come first; some makers wrote them the wrong way round, so the end counts.
    said = bytes(held[2:]).split(b"\0")[0]
    pairs = (part.partition(":") for part in said.decode("ascii", "replace").split(";"))
    return {key.strip(): value.strip() for key, colon, value in pairs if colon}


def port_status(fd: int) -> int | None:
    """The port's status byte, None when the printer does not say.

    Asks the printer, which may take seconds: not for the devices' thread.
    """
    held = bytearray(4)
    try:
        fcntl.ioctl(fd, LPGETSTATUS, held)
    except OSError:
        return None
    return int(struct.unpack("i", held)[0])


def status_words(status: int) -> str:
    """A port's status byte in words: `0x38: paper out, on line, no error`."""
    words = ("paper out" if status & NO_PAPER else "paper",
             "on line" if status & SELECTED else "off line",
             "no error" if status & NO_ERROR else "error")  # fmt: skip
    return f"0x{status:02x}: {', '.join(words)}"


class UsblpLink:
    """One printer. `identity` is what it said it is when it was opened."""

    def __init__(self, path: str) -> None:
        self.path = path
        self.identity: dict[str, str] = {}
        self._fd = -1
        self._under_way = 0

    def open(self) -> int:
        """Open without waiting for the printer, and ask it who it is."""
        self.close()
        try:
            self._fd = os.open(self.path, os.O_RDWR | os.O_NONBLOCK | os.O_CLOEXEC)
        except OSError as problem:
            raise self._broken(problem) from problem
        self.identity = device_id(self._fd)
        return self._fd

    @property
    def _where(self) -> str:
        name = " ".join(self.identity[key] for key in ("MFG", "MDL") if self.identity.get(key))
        return f"{self.path} ({name})" if name else self.path

    def _broken(self, problem: OSError) -> LinkError:
        self.close()
        return broken(self._where, problem, _REMEDIES, "remedy.replug")

    def _live(self) -> int:
        if self._fd < 0:
            raise not_open(self.path)
        return self._fd

    def read(self) -> bytes:
        """What has come.

        Nothing is not the end: printers send empty packets. A printer without a way back gives
        EINVAL, and stays silent for us.
        """
        fd = self._live()
        try:
            return os.read(fd, READ_BYTES)
        except BlockingIOError:
            return b""
        except OSError as problem:
            if problem.errno == errno.EINVAL:
                return b""
            raise self._broken(problem) from problem

    def write(self, payload: bytes) -> int:
        """Hand over what the kernel takes now (8 KiB at a time)."""
        fd = self._live()
        try:
            self._under_way = os.write(fd, payload)
        except BlockingIOError:
            return 0
        except OSError as problem:
            raise self._broken(problem) from problem
        return self._under_way

    def unsent(self) -> int:
        """The last piece, until the printer has taken it: only then can we write again."""
        if self._fd < 0:
            return 0
        poll = select.poll()
        poll.register(self._fd, select.POLLOUT)
        return 0 if poll.poll(0) else self._under_way

    def close(self) -> None:
        """Close at once, so that a re-plugged printer gets its old number back."""
        if self._fd >= 0:
            with contextlib.suppress(OSError):
                os.close(self._fd)
        self._fd, self._under_way = -1, 0
