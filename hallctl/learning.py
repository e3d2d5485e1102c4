"""Which keypad is whose: waits for a key on any of several keyboards, or an address on a line.

Works while no daemon has the devices. Nothing is grabbed for longer than it takes to see whether
somebody else has grabbed it: the technician's own keyboard is among them, and Ctrl-C must work.
"""

import contextlib
import errno
import fcntl
import os
import select
import struct
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, Self

from hallctl.links.base import Link
from hallctl.protocols import ff68

EVENT: Final = struct.Struct("llHHi")
EV_KEY: Final = 1
ENTERS: Final = (28, 96)
"""KEY_ENTER and KEY_KPENTER."""
PRESSED: Final = 1
EVIOCGRAB: Final = 0x40044590
READ_EVENTS = 64
TURN_S = 0.2


@dataclass(slots=True)
class Keyboard:
    """An open keyboard; `half` are bytes of an event that has not come whole."""

    path: str
    fd: int
    half: bytes = b""


@dataclass
class Ears:
    """All keyboards that can be heard; use it as a context, which closes them.

    `held` are those another program hears alone, `denied` those we may not open, `gone` those
    that are not there (any more).
    """

    keyboards: list[Keyboard] = field(default_factory=list)
    held: list[str] = field(default_factory=list)
    denied: list[str] = field(default_factory=list)
    gone: list[str] = field(default_factory=list)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        for keyboard in self.keyboards:
            os.close(keyboard.fd)

    def add(self, shown: str, path: Path) -> None:
        """Open one keyboard by its path, shown as `shown`."""
        try:
            fd = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
        except PermissionError:
            self.denied.append(shown)
            return
        except OSError:
            self.gone.append(shown)
            return
        if _grabbed_by_another(fd):
            os.close(fd)
            self.held.append(shown)
        else:
            self.keyboards.append(Keyboard(shown, fd))

    def enter(self, timeout_s: float, mono: Callable[[], float] = time.monotonic) -> str:
        """The path of the keyboard whose Enter is pressed next; "" when none is in time."""
        until = mono() + timeout_s
        while (left := until - mono()) > 0 and self.keyboards:
            ready, _, _ = select.select([k.fd for k in self.keyboards], [], [], min(left, TURN_S))
            for keyboard in [k for k in self.keyboards if k.fd in ready]:
                if self._pressed(keyboard):
                    return keyboard.path
        return ""

    def _pressed(self, keyboard: Keyboard) -> bool:
        try:
            got = os.read(keyboard.fd, EVENT.size * READ_EVENTS)
        except BlockingIOError:
            return False
        except OSError:
            got = b""
        if not got:
            os.close(keyboard.fd)
            self.keyboards.remove(keyboard)
            self.gone.append(keyboard.path)
            return False
        whole = keyboard.half + got
        at = len(whole) - len(whole) % EVENT.size
        keyboard.half = whole[at:]
        return any(
            (kind, value) == (EV_KEY, PRESSED) and code in ENTERS
            for _, _, kind, code, value in EVENT.iter_unpack(whole[:at])
        )


def _grabbed_by_another(fd: int) -> bool:
    """Whether another program hears this keyboard alone (then we would hear nothing)."""
    try:
        fcntl.ioctl(fd, EVIOCGRAB, 1)
        fcntl.ioctl(fd, EVIOCGRAB, 0)
    except OSError as problem:
        return problem.errno == errno.EBUSY
    return False


def keyboards(paths: Iterable[str], root: Path) -> Ears:
    """Open all those keyboards beneath `root`."""
    ears = Ears()
    for path in paths:
        ears.add(path, root / path.removeprefix("/"))
    return ears


@dataclass(frozen=True, slots=True)
class Heard:
    """What came on a keypads' line: an address that spoke, or bytes that are no frame."""

    address: int = 0
    odd: bytes = b""


def addresses(
    link: Link, fd: int, timeout_s: float, mono: Callable[[], float] = time.monotonic
) -> Iterator[Heard]:
    """Each keypad heard on an open line, until the line is quiet for `timeout_s`.

    Every frame is answered as the host answers it: a keypad repeats itself until it hears that.
    Raises LinkError when the line is gone.
    """
    frames = ff68.Frames()
    until = mono() + timeout_s
    while (left := until - mono()) > 0:
        select.select([fd], [], [], min(left, TURN_S))
        for what, piece in frames.feed(link.read()):
            if what == "frame":
                link.write(ff68.answer_to(piece))
                yield Heard(address=piece[ADDRESS_AT])
            else:
                yield Heard(odd=piece[:ODD_BYTES])
            until = mono() + timeout_s  # the caller may have taken its time


ADDRESS_AT: Final = 5
ODD_BYTES: Final = 24


def holder(state: Path) -> int:
    """The process that runs the hall of a state folder; 0 when none does."""
    try:
        lock = os.open(state / "lock", os.O_RDONLY | os.O_CLOEXEC)
    except OSError:
        return 0
    try:
        fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except OSError:
        with contextlib.suppress(ValueError):
            return int(os.pread(lock, 20, 0).decode(errors="replace").strip())
        return -1
    finally:
        os.close(lock)
    return 0
