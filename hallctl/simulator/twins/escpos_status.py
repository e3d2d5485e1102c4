"""What an ESC/POS printer says of its state, from what is wrong with it."""

from collections.abc import Collection

STOPS = frozenset({"paper_out", "cover_open", "cutter_error", "error", "offline"})
"""With one of these it prints nothing: it is off line."""


def realtime(n: int, faults: Collection[str], *, near_end_inverted: bool) -> int:
    """DLE EOT n: 0xx1xx10. n is 1 printer, 2 why offline, 3 error, 4 paper."""
    out, low = "paper_out" in faults, "paper_low" in faults
    cutter, other = "cutter_error" in faults, "error" in faults
    bits = {
        1: 0x08 * stopped(faults),
        2: 0x04 * ("cover_open" in faults) | 0x20 * out | 0x40 * (cutter or other),
        3: 0x08 * cutter | 0x20 * other,
        4: 0x0C * ((low or out) != near_end_inverted) | 0x60 * out,
    }
    return 0x12 | bits[n]


def paper(faults: Collection[str]) -> int:
    """GS r 1 and the third byte of ASB: 0xx0xxxx, bits 0 and 1 near the end, 2 and 3 at it."""
    out = "paper_out" in faults
    return 0x03 * (out or "paper_low" in faults) | 0x0C * out


def report(faults: Collection[str]) -> bytes:
    """ASB, four bytes, the first 0xx1xx00."""
    first = 0x10 | 0x08 * stopped(faults) | 0x20 * ("cover_open" in faults)
    second = 0x08 * ("cutter_error" in faults) | 0x20 * ("error" in faults)
    return bytes((first, second, paper(faults), 0))


def stopped(faults: Collection[str]) -> bool:
    """Whether it is off line."""
    return not STOPS.isdisjoint(faults)
