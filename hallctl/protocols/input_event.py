"""A USB keyboard as the kernel tells of it: `struct input_event`, 24 bytes on every 64-bit Linux.

    sec (8) | usec (8) | type (2) | code (2) | value (4), little-endian

Numbers are those of linux/input-event-codes.h. A key going down is type 1, value 1; 0 is up, 2 is
the kernel repeating a key held, which is no press. When the reader was too slow the kernel throws
events away and says SYN_DROPPED; what follows up to the next SYN_REPORT is not to be trusted.
"""

import struct
from typing import Literal

EVENT = struct.Struct("<qqHHi")
SIZE = EVENT.size
EV_SYN, EV_KEY, EV_MSC, EV_LED, EV_REP = 0x00, 0x01, 0x04, 0x11, 0x14
SYN_REPORT, SYN_DROPPED = 0, 3
SEC_MOST = 1 << 32
USEC_MOST = 1_000_000
DOWN = 1
MOST: dict[int, tuple[int, int]] = {
    EV_SYN: (SYN_DROPPED, 0),
    EV_KEY: (0x2FF, 2),
    EV_MSC: (0x07, 1 << 24),
    EV_LED: (0x0F, 1),
    EV_REP: (0x01, 10_000),
}
"""The types a keyboard sends, with the largest code and value of each; a scan code is a HID usage,
`00 07 00 5A` for the keypad's 2."""

Piece = tuple[Literal["key", "lost", "dirt"], int, bytes]
"""`key` with its code, `lost` when the kernel threw events away, `dirt` with the bytes."""


class InputEvents:
    """Keys going down, out of a stream in pieces of any size.

    The kernel gives whole events only. Still, what cannot be an event is skipped byte by byte, so
    a stream that has slipped finds its step again.
    """

    def __init__(self) -> None:
        self._buffer = b""
        self._dropping = False

    def clear(self) -> None:
        """The wire is new: forget what was half received."""
        self._buffer, self._dropping = b"", False

    def feed(self, data: bytes) -> list[Piece]:
        """What has happened, in its order."""
        buffer, found, dirt, at = self._buffer + data, list[Piece](), 0, 0
        while at + SIZE <= len(buffer):
            sec, usec, kind, code, value = EVENT.unpack_from(buffer, at)
            if not _possible(sec, usec, kind, code, value):
                at += 1
                continue
            if at > dirt:
                found.append(("dirt", 0, buffer[dirt:at]))
            at += SIZE
            dirt = at
            found += self._event(kind, code, value)
        if at > dirt:
            found.append(("dirt", 0, buffer[dirt:at]))
        self._buffer = buffer[at:]
        return found

    def _event(self, kind: int, code: int, value: int) -> list[Piece]:
        if kind == EV_SYN and code == SYN_DROPPED:
            self._dropping = True
            return [("lost", 0, b"")]
        if kind == EV_SYN and code == SYN_REPORT:
            self._dropping = False
        elif kind == EV_KEY and value == DOWN and not self._dropping:
            return [("key", code, b"")]
        return []


def _possible(sec: int, usec: int, kind: int, code: int, value: int) -> bool:
    """Whether a keyboard can have sent this."""
    most = MOST.get(kind)
    if most is None or not (0 <= sec < SEC_MOST and 0 <= usec < USEC_MOST):
        return False
    return code <= most[0] and 0 <= value <= most[1]
