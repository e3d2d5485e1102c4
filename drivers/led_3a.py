"""LED boards that show one number, the ticket at a window: simple ones as 讯鹏 and others sell.

Manual: none was seen, only a public description of the frame. What it does not say is marked [M],
taken from memory, and an option below. Wiring: one board per window on a serial line of its own,
9600 8N1. No addresses, no text: a number from 0 to 9999.

One frame taken apart, 12 (ticket A012) in red:

    3A          begin
    01          colour: 1 red, 2 green, 3 yellow [M]
    0C 00       the number, low byte first [M]
    01          always
    48          sum of the bytes before it mod 256; 0E if it begins behind the 3A [M]
    0A          end. 0A and 3A may stand inside too: 7 bytes are one frame

The board answers nothing. So the same number is sent again now and then: a board that was without
power, or heard a frame wrong, is right again. It cannot be asked whether it shows it; whatever
comes from it is dirt.
"""

import math
import re
from typing import ClassVar, Literal

from pydantic import Field

from hallctl.core.effects import Effect, ExerciseDevice, ShowStrip
from hallctl.core.reports import Condition, Fault, Finding, Report, TestEnded
from hallctl.driver import Driver, DriverOptions, Reply

BEGIN, ALWAYS, END = 0x3A, 0x01, 0x0A
NUMBER_MOST = 9999
TEST_NUMBER = 8888
"""Every segment lit: one that is broken is seen."""
TEST_SHOWS_S = 5.0
FAULT_GAP_S, EVIDENCE_BYTES = 10.0, 24


class BoardOptions(DriverOptions):
    """`window`: where the board hangs.

    `idle`: the number while nobody is called or served; how to put it out is not known. `repeat_s`:
    how often the number is sent again (0: never). `colour`: 1 red, 2 green, 3 yellow; from memory.
    `first_byte`: which byte of the number goes first, low or high; low is from memory. `sum_from`:
    where the sum begins, at the 3A (begin) or behind it (colour); the description leaves it open.
    """

    window: int
    idle: int = Field(default=0, ge=0, le=NUMBER_MOST)
    repeat_s: float = Field(default=10.0, ge=0)
    colour: int = Field(default=1, ge=1, le=255)
    first_byte: Literal["low", "high"] = "low"
    sum_from: Literal["begin", "colour"] = "begin"


class NumberBoard(Driver):
    """One board at one window."""

    kind = "strip"
    takes = (ShowStrip,)
    example: ClassVar = {"window": 1}
    Options: ClassVar[type[DriverOptions]] = BoardOptions
    options: BoardOptions

    def __init__(self, options: BoardOptions) -> None:
        super().__init__(options)
        self._number: int | None = None
        """What should stand there; None while nobody has said."""
        self._repeat_at = math.inf
        self._fault_at = -math.inf
        self._test_until = math.inf
        """When the self-test that runs is over."""
        self._stale = b""

    def windows(self) -> tuple[int, ...]:
        """The one window it hangs at."""
        return (self.options.window,)

    def start(self, now: float) -> Reply:
        """Show again what should stand there. It is not known whether a board is there."""
        self._test_until = math.inf
        unknown = Condition(part="state", state="unknown")
        return self._reply(self._drawn(now), [unknown])

    def perform(self, effect: Effect, now: float) -> Reply:
        """ShowStrip: the number of the ticket at the window."""
        if not isinstance(effect, ShowStrip):
            return Reply()
        self._number = number_in(effect)
        if self._number is None:
            self._number = self.options.idle
        return self._reply(b"" if self._testing else self._drawn(now))

    def receive(self, data: bytes, now: float) -> Reply:
        """The board says nothing, so these bytes are dirt. A self-test tells of it at its end."""
        if self._testing:
            self._stale = (self._stale + data[:EVIDENCE_BYTES])[:EVIDENCE_BYTES]
        elif now - self._fault_at >= FAULT_GAP_S:
            self._fault_at = now
            return Reply(reports=(Fault(code="garbage", evidence=_hex(data)),))
        return Reply()

    def wake(self, now: float) -> Reply:
        """The number is due again, or the self-test is over."""
        if now >= self._test_until:
            return self._ended(now)
        return self._reply(self._drawn(now) if now >= self._repeat_at else b"")

    # - the self-test

    def selftest(self, test: ExerciseDevice, now: float) -> Reply:
        """Show 8888 for 5 s and listen: a board says nothing, so what comes is a stale byte."""
        if test.level == "internal":
            return super().selftest(test, now)
        self._test_until, self._repeat_at, self._stale = now + TEST_SHOWS_S, math.inf, b""
        return self._reply(self._frame(TEST_NUMBER))

    def end_selftest(self, now: float) -> Reply:
        """Show again what should stand there, if the test has put something else up."""
        return self._reply(self._restored(now) if self._testing else b"")

    def _ended(self, now: float) -> Reply:
        sent = _hex(self._frame(TEST_NUMBER))
        reports: list[Report] = []
        if self._stale:
            stale = _hex(self._stale)
            found = Finding(step="quiet", result="failed", code="stale_byte", evidence=stale)
            reports.append(found)
        shown = Finding(step="show", result="untested", code="no_question", evidence=sent)
        return self._reply(self._restored(now), [*reports, shown, TestEnded()])

    @property
    def _testing(self) -> bool:
        return self._test_until < math.inf

    def _restored(self, now: float) -> bytes:
        self._test_until = math.inf
        if self._number is None:
            self._number = self.options.idle
        return self._drawn(now)

    # - bytes

    def _drawn(self, now: float) -> bytes:
        """The frame of what should stand there, and when it is due again."""
        if self._number is None:
            return b""
        if self.options.repeat_s:
            self._repeat_at = now + self.options.repeat_s
        return self._frame(self._number)

    def _frame(self, number: int) -> bytes:
        order: Literal["little", "big"] = "little" if self.options.first_byte == "low" else "big"
        begun = bytes((BEGIN, self.options.colour, *number.to_bytes(2, order), ALWAYS))
        summed = begun if self.options.sum_from == "begin" else begun[1:]
        return begun + bytes((sum(summed) % 256, END))

    def _reply(self, write: bytes, reports: list[Report] | tuple[Report, ...] = ()) -> Reply:
        due = min(self._repeat_at, self._test_until)
        return Reply(write, tuple(reports), due if math.isfinite(due) else None)


def number_in(effect: ShowStrip) -> int | None:
    """The number of the ticket called or served: the last figures of the shortest text.

    None when no ticket is there, its label has no figures, or more than the board can show.
    """
    if effect.state not in {"call", "serving"} or not effect.texts:
        return None
    figures = re.findall("[0-9]+", effect.texts[-1])
    number = int(figures[-1][-EVIDENCE_BYTES:]) if figures else NUMBER_MOST + 1
    return number if number <= NUMBER_MOST else None


def _hex(data: bytes) -> str:
    return data[:EVIDENCE_BYTES].hex(" ").upper()
