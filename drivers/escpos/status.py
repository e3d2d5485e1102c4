"""What a printer says, byte by byte: answers, fences, unasked reports, its name; and what it means.

    0xx1xx10   answer to DLE EOT n, at once      0xx0xxxx   answer to GS r, in its turn
    0xx1xx00   first of four bytes of ASB        5F … 00    answer to GS I
    11, 13     XON, XOFF

Source: Epson ESC/POS reference; Citizen CT-S manual, table of fixed bits; ASB also in the manuals
of Epson TM-U220, Sewoo LK-P (four bytes in a row but for XOFF) and Bixolon SRP-332 (till ESC @).
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

OFFLINE = 0x08  # n=1
COVER_OPEN, PAPER_STOP, ERROR = 0x04, 0x20, 0x40  # n=2
CUTTER, ERROR_CAUSES = 0x08, 0x08 | 0x20 | 0x40  # n=3: knife; or unrecoverable, recoverable
NEAR_END, PAPER_OUT = 0x0C, 0x60  # n=4
FENCE_PAPER_OUT = 0x0C  # GS r 1
ASB_COVER, ASB_ERRORS, ASB_LOW, ASB_OUT = 0x20, 0x04 | 0x08 | 0x20 | 0x40, 0x03, 0x0C
ASB_BYTES = 4
NAME_MAX = 80
XON_XOFF = (0x11, 0x13)

Word = Literal["answer", "fence", "asb", "name", "other"]
States = dict[str, str]


@dataclass(slots=True)
class Sorter:
    """Tells the printer's words apart by their fixed bits. `named` while GS I is out."""

    named: bool = False
    _asb: bytearray = field(default_factory=bytearray)
    _name: bytearray | None = None

    def forget(self) -> None:
        """The line was opened anew."""
        self.named, self._name = False, None
        self._asb.clear()

    def words(self, data: bytes) -> list[tuple[Word, bytes]]:
        """What the bytes say, in order; a report or a name that is not whole waits for more."""
        found: list[tuple[Word, bytes]] = []
        for byte in data:
            word = self._name_byte(byte) if self.named else None
            word = word or self._word(byte)
            if word[1]:
                found.append(word)
        return found

    def _name_byte(self, byte: int) -> tuple[Word, bytes] | None:
        if self._name is None:
            if byte != 0x5F:  # noqa: PLR2004 - the mark before a name
                return None
            self._name = bytearray()
            return "name", b""
        if byte and len(self._name) < NAME_MAX:
            self._name.append(byte)
            return "name", b""
        name, self._name, self.named = bytes(self._name), None, False
        return "name", name or b"?"

    def _word(self, byte: int) -> tuple[Word, bytes]:
        if byte in XON_XOFF:  # may stand between any two bytes, those of a report too
            return "other", b""
        if self._asb and byte & 0x90 == 0:
            self._asb.append(byte)
            if len(self._asb) < ASB_BYTES:
                return "asb", b""
            whole = bytes(self._asb)
            self._asb.clear()
            return "asb", whole
        self._asb.clear()
        if byte & 0x93 == 0x12:  # noqa: PLR2004 - 0xx1xx10
            return "answer", bytes((byte,))
        if byte & 0x93 == 0x10:  # noqa: PLR2004 - 0xx1xx00
            self._asb.append(byte)
            return "asb", b""
        if byte & 0x90 == 0:
            return "fence", bytes((byte,))
        return "other", bytes((byte,))


def by_answers(answers: Mapping[int, int], *, near_end_inverted: bool) -> States:
    """Paper, cover and state from the answers to DLE EOT 1 to 4; "unknown" where one is missing."""
    n1, n2, n3, n4 = (answers.get(n) for n in (1, 2, 3, 4))
    paper = cover = state = "unknown"
    if n4 is not None:
        low = bool(n4 & NEAR_END) != near_end_inverted
        paper = "out" if n4 & PAPER_OUT else "low" if low else "ok"
    if n2 is not None:
        paper = "out" if n2 & PAPER_STOP else paper
        cover = "open" if n2 & COVER_OPEN else "closed"
    if n1 is not None:
        state = "offline" if n1 & OFFLINE else "ready"
    if (n2 or 0) & ERROR or (n3 or 0) & ERROR_CAUSES:
        state = "error"
    return {"paper": paper, "cover": cover, "state": state}


def by_report(report: bytes) -> States:
    """Paper, cover and state from the four bytes of ASB."""
    first, second, third = report[:3]
    paper = "out" if third & ASB_OUT else "low" if third & ASB_LOW else "ok"
    state = "error" if second & ASB_ERRORS else "offline" if first & OFFLINE else "ready"
    return {"paper": paper, "cover": "open" if first & ASB_COVER else "closed", "state": state}


def cause(states: States, answers: Mapping[int, int]) -> str:
    """Why nothing can be printed now; "" when it can, or when nobody can know."""
    if states["cover"] == "open":
        return "cover_open"
    if states["paper"] == "out":
        return "paper_out"
    if (answers.get(3) or 0) & CUTTER:
        return "cutter_error"
    return states["state"] if states["state"] in {"error", "offline"} else ""


def in_hex(answers: Mapping[int, int]) -> str:
    """The answers as evidence: "1:12 2:12"."""
    return " ".join(f"{n}:{byte:02X}" for n, byte in answers.items())
