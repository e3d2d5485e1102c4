"""The frames of a SAM_V reader: how they are made, where they begin, to what they may answer."""

from typing import Final

HEAD: Final = b"\xaa\xaa\xaa\x96\x69"
LENGTH_AT, STATUS_AT = len(HEAD), len(HEAD) + 2
LENGTH_MIN, LENGTH_MAX = 4, 2400
"""Three bytes of status and the XOR; a card with fingerprints is 2321 bytes in all."""
SHOWN_BYTES = STATUS_AT + 3
"""So much of a frame is no personal data: begin, length, status."""
STATE, SAM_ID, FIND, SELECT, READ = b"\x11\xff", b"\x12\xff", b"\x20\x01", b"\x20\x02", b"\x30\x01"
GOOD, FOUND, NOT_FOUND = b"\x00\x00\x90", b"\x00\x00\x9f", b"\x00\x00\x80"
NOT_SELECTED, UNREAD = b"\x00\x00\x81", b"\x00\x00\x41"
TEXT_BYTES = 256
SELECTED_BYTES, SAM_ID_BYTES = 8, 16


def make_frame(command: bytes) -> bytes:
    """A command for the reader."""
    body = (len(command) + 1).to_bytes(2, "big") + command
    return HEAD + body + bytes((xor(body),))


def xor(data: bytes) -> int:
    """The check byte."""
    found = 0
    for byte in data:
        found ^= byte
    return found


def begins(buffer: bytes, at: int) -> int:
    """Where the next frame begins or may begin."""
    found = buffer.find(HEAD, at)
    if found >= 0:
        return found
    for tail in range(max(at, len(buffer) - len(HEAD) + 1), len(buffer)):
        if HEAD.startswith(buffer[tail:]):
            return tail
    return len(buffer)


def size_of(buffer: bytes, at: int) -> int:
    """How long the frame there says it is; 0 when it does not say yet, -1 for nonsense."""
    if len(buffer) < at + STATUS_AT:
        return 0
    length = int.from_bytes(buffer[at + LENGTH_AT : at + STATUS_AT], "big")
    return STATUS_AT + length if LENGTH_MIN <= length <= LENGTH_MAX else -1


def fits(frame: bytes, command: bytes) -> bool:
    """Whether the frame is what a reader answers to that command, and to none of the others.

    A frame does not say to what it is the answer; its status and its length do.
    """
    status, size = frame[STATUS_AT:SHOWN_BYTES], len(frame) - SHOWN_BYTES - 1
    good = status == GOOD
    return {
        FIND: status in {FOUND, NOT_FOUND},
        SELECT: (good and size == SELECTED_BYTES) or status == NOT_SELECTED,
        READ: (good and size >= TEXT_BYTES) or status == UNREAD,
        SAM_ID: good and size == SAM_ID_BYTES,
        STATE: good and not size,
    }[command]
