"""What the kernel says of a USB keyboard's keys: `struct input_event`s, by the twins' own code.

Each is 24 bytes: seconds (8), microseconds (8), type (2), code (2), value (4), little-endian. A key
going down is its scan code (type 4, code 4), the key (type 1, value 1) and an end (type 0); up the
same with value 0; held, value 2 over and over (hardware notes 3).
"""

REPORT_END = (0, 0, 0)
LOST = (0, 3, 0)
HOLD_REPEATS = 3


def happened(kind: int, code: int, value: int, now: float) -> bytes:
    """One event."""
    whole, micro = int(now), int(now % 1 * 1_000_000)
    parts = ((whole, 8), (micro, 8), (kind, 2), (code, 2), (value, 4))
    return b"".join(number.to_bytes(size, "little") for number, size in parts)


def stroke(code: int, usage: int, now: float, *, held: bool = False) -> bytes:
    """A key pressed and let go; `usage` is its number in the HID tables."""
    said = b""
    values = [1, *([2] * HOLD_REPEATS if held else []), 0]
    for value in values:
        if value != 2:  # noqa: PLR2004 - the kernel repeats the key alone
            said += happened(4, 4, 0x70000 + usage, now)
        said += happened(1, code, value, now) + happened(*REPORT_END, now)
    return said


def overrun(now: float) -> bytes:
    """The reader was too slow: events are gone, and the tail of a stroke is left."""
    return happened(*LOST, now) + happened(1, 96, 1, now) + happened(*REPORT_END, now)
