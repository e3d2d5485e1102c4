"""Rating pads (评价器) with five keys on a serial line of their own.

Manual: none is public. `R<grade>` is what the simple units send; the other direction is ours and
written here, so that a maker can build to it. Wiring: one pad per serial line, 9600 8N1. Lines of
text, GB18030, at most 64 bytes, closed by CR LF:

    52 35 0D 0A                      "R5": the resident pressed 非常满意 (1 非常不满意 to 5)
    41 53 4B 20 41 30 30 31 0D 0A    "ASK A001": light the keys and ask for ticket A001
    "THANKS"                         a grade was taken: thank, then go dark by itself
    "IDLE"                           stop asking

A grade nobody was asked for is no grade: it is dropped without a word.
"""

import unicodedata
from typing import ClassVar

from hallctl.core.effects import AskRating, Effect, EndRating
from hallctl.core.reports import Rated
from hallctl.driver import Driver, DriverOptions, Reply

LINE_MAX = 64
LABEL_MAX = 16
GRADES = {b"R1": 1, b"R2": 2, b"R3": 3, b"R4": 4, b"R5": 5}


class PadOptions(DriverOptions):
    """`window`: where the pad stands."""

    window: int


class PadSerial(Driver):
    """One pad. Only the first grade after a question counts."""

    kind = "pad"
    takes = (AskRating, EndRating)
    Options: ClassVar[type[DriverOptions]] = PadOptions
    options: PadOptions

    def __init__(self, options: PadOptions) -> None:
        super().__init__(options)
        self._asking: str | None = None
        self._buffer = b""
        self._too_long = False

    def windows(self) -> tuple[int, ...]:
        """The one window it stands at."""
        return (self.options.window,)

    def start(self, now: float) -> Reply:  # noqa: ARG002
        """Ask again when a question is open, else make sure that the pad does not ask."""
        self._buffer, self._too_long = b"", False
        return Reply(b"IDLE\r\n" if self._asking is None else _ask(self._asking))

    def perform(self, effect: Effect, now: float) -> Reply:  # noqa: ARG002
        """AskRating opens a question, EndRating closes it."""
        if not isinstance(effect, AskRating | EndRating) or effect.window != self.options.window:
            return Reply()
        if isinstance(effect, AskRating):
            self._asking = effect.label
            return Reply(_ask(effect.label))
        self._asking = None
        return Reply(b"THANKS\r\n" if effect.thanks else b"IDLE\r\n")

    def receive(self, data: bytes, now: float) -> Reply:  # noqa: ARG002
        """Lines; the first good grade of an open question is reported."""
        grade = None
        for byte in data:
            if byte in b"\r\n":
                # The end of the line: dirt before a press must not hide the press.
                pressed = None if self._too_long else GRADES.get(self._buffer[-2:])
                if self._asking is not None and pressed is not None:
                    grade, self._asking = pressed, None
                self._buffer, self._too_long = b"", False
            elif len(self._buffer) < LINE_MAX:
                self._buffer += bytes((byte,))
            else:
                self._too_long = True
        if grade is None:
            return Reply()
        return Reply(reports=(Rated(window=self.options.window, grade=grade),))


def _ask(label: str) -> bytes:
    """The question, with nothing in the label that could end the line or begin another."""
    plain = "".join(c for c in label if unicodedata.category(c)[0] not in "CZ")[:LABEL_MAX]
    return b"ASK " + plain.encode("gb18030") + b"\r\n"
