"""LED strips above windows with a Lumen C-Power card (流明 CP5200 family).

Manual: C-Power external calls communication protocol, command 7B with CC 85. Wiring: RS-485 or
RS-232, 115200 8N1, or TCP port 5200; several cards share one line, each with its own id. The card
needs a template with one text area, made once with the maker's program.

One frame taken apart, "请A001到3号窗口" for card 1:

    A5                        begin
    68 32 01 7B 01            to a card, its family, id 1, "external call", answer wanted
    18 00 00 00               24 bytes of command, packet 0 of last packet 0
    85 00 00 00 01 01 01 20   text: user code 1, program 1, area 1, show at once
    C7 EB 41 30 30 31 ... 00  GB18030, closed by 00
    7C 0A AE                  sum of all from 68 on (low byte first), end

Between A5 and AE the bytes A5, AE and AA are escaped (AA 05, AA 0E, AA 0A), after summing.
"""

import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

from pydantic import Field

from hallctl.core.effects import Effect, ShowStrip
from hallctl.core.reports import Condition, Fault, Report
from hallctl.driver import Driver, DriverOptions, Reply

BEGIN, END, ESCAPE = 0xA5, 0xAE, 0xAA
TO_CARD, FROM_CARD, FAMILY, EXTERNAL_CALL, TEXT = 0x68, 0xE8, 0x32, 0x7B, 0x85
SHOW_AT_ONCE = 0x20
PAGE_S = 3.0
FRAME_MAX = 512
FRAME_MIN = 7
FAULT_GAP_S = 10.0
UNSHOWABLE = "〓"


class LedOptions(DriverOptions):
    """`strips`: card id → window.

    `columns`: how many hanzi fit (a Latin letter takes half of one). `ack`: ask the card to
    answer. `program` and `area` name the text area of the template in the card.
    """

    strips: dict[int, int]
    columns: int = Field(default=8, ge=1)
    ack: bool = True
    program: int = Field(default=1, ge=1, le=100)
    area: int = Field(default=1, ge=1, le=10)


def escape(body: bytes) -> bytes:
    """The body as it travels, without the bytes that begin, end or escape."""
    marked = body.replace(b"\xaa", b"\xaa\x0a")
    return marked.replace(b"\xa5", b"\xaa\x05").replace(b"\xae", b"\xaa\x0e")


def unescape(body: bytes) -> bytes:
    """The other way; an escape nobody defined stays as it came."""
    plain, code = bytearray(), {0x05: BEGIN, 0x0E: END, 0x0A: ESCAPE}
    escaped = False
    for byte in body:
        if escaped:
            plain.append(code.get(byte, byte))
        elif byte != ESCAPE:
            plain.append(byte)
        escaped = not escaped and byte == ESCAPE
    return bytes(plain)


def make_frame(card: int, command: bytes, *, ack: bool) -> bytes:
    """A command (the CC part) in its frame."""
    head = bytes((TO_CARD, FAMILY, card, EXTERNAL_CALL, ack))
    body = head + len(command).to_bytes(2, "little") + b"\x00\x00" + command
    body += (sum(body) & 0xFFFF).to_bytes(2, "little")
    return bytes((BEGIN,)) + escape(body) + bytes((END,))


def halves(text: str) -> int:
    """The width in half hanzi."""
    return sum(1 if c.isascii() else 2 for c in text)


def showable(text: str) -> str:
    """Without controls, and with 〓 for what a card's GBK font cannot have."""
    kept = (c for c in text if unicodedata.category(c) not in {"Cc", "Cf", "Cs", "Zl", "Zp"})
    return "".join(c if len(c.encode("gb18030")) <= 2 else UNSHOWABLE for c in kept)  # noqa: PLR2004


def pages(text: str, columns: int) -> Iterator[str]:
    """The text in pieces that fit."""
    page = ""
    for char in text:
        if page and halves(page + char) > 2 * columns:
            yield page
            page = ""
        page += char
    yield page


@dataclass(slots=True)
class _Strip:
    pages: tuple[str, ...]
    page: int = 0


class LedCpower(Driver):
    """All strips of one line. Steady text; paged only where even the shortest does not fit."""

    kind = "strip"
    takes = (ShowStrip,)
    Options: ClassVar[type[DriverOptions]] = LedOptions
    options: LedOptions

    def __init__(self, options: LedOptions) -> None:
        super().__init__(options)
        self._strips: dict[int, _Strip] = {}
        self._page_at: float | None = None
        self._buffer = b""
        self._state = ""
        self._fault_at: float | None = None

    def windows(self) -> tuple[int, ...]:
        """Every window with a strip on this line."""
        return tuple(dict.fromkeys(self.options.strips.values()))

    def start(self, now: float) -> Reply:
        """Show again what should stand there. A card may never answer: unknown until it does."""
        self._buffer, self._state = b"", "unknown"
        write = b"".join(map(self._frame, self._strips))
        return Reply(write, (Condition(part="state", state="unknown"),), self._alarm(now))

    def perform(self, effect: Effect, now: float) -> Reply:
        """ShowStrip: the longest text that fits."""
        if not isinstance(effect, ShowStrip):
            return Reply()
        cards = [card for card, at in self.options.strips.items() if at == effect.window]
        for card in cards:
            self._strips[card] = _Strip(self._choose(effect.texts))
        return Reply(b"".join(map(self._frame, cards)), wake_at=self._alarm(now))

    def receive(self, data: bytes, now: float) -> Reply:
        """A card's answer: it lives. Anything else is a fault."""
        reports: list[Report] = []
        *whole, self._buffer = (self._buffer + data).split(bytes((END,)))
        self._buffer = self._buffer[-FRAME_MAX:]
        for piece in whole:
            reports += self._answer(piece, now)
        return Reply(reports=tuple(reports))

    def wake(self, now: float) -> Reply:
        """The next page of what does not fit."""
        if self._page_at is None or now < self._page_at:
            return Reply(wake_at=self._page_at)
        paged = [card for card, strip in self._strips.items() if len(strip.pages) > 1]
        for card in paged:
            strip = self._strips[card]
            strip.page = (strip.page + 1) % len(strip.pages)
        self._page_at = None
        return Reply(b"".join(map(self._frame, paged)), wake_at=self._alarm(now))

    def _choose(self, texts: tuple[str, ...]) -> tuple[str, ...]:
        shown = [showable(text) for text in texts] or [""]
        fits = (text for text in shown if halves(text) <= 2 * self.options.columns)
        text = next(fits, None)
        return (text,) if text is not None else tuple(pages(shown[-1], self.options.columns))

    def _frame(self, card: int) -> bytes:
        strip = self._strips[card]
        head = bytes((TEXT, 0, 0, 0, 1, self.options.program, self.options.area, SHOW_AT_ONCE))
        text = strip.pages[strip.page].encode("gb18030")
        return make_frame(card, head + text + b"\x00", ack=self.options.ack)

    def _alarm(self, now: float) -> float | None:
        """When the next page is due. A running alarm is kept, or new texts would starve it."""
        if not any(len(strip.pages) > 1 for strip in self._strips.values()):
            self._page_at = None
        elif self._page_at is None or self._page_at <= now:
            self._page_at = now + PAGE_S
        return self._page_at

    def _answer(self, piece: bytes, now: float) -> list[Report]:
        _, begin, escaped = piece.rpartition(bytes((BEGIN,)))
        body = unescape(escaped)
        total = int.from_bytes(body[-2:], "little")
        if begin and len(body) >= FRAME_MIN and sum(body[:-2]) & 0xFFFF == total:
            # A line that hears its own sending is no proof of life.
            if body[0] == TO_CARD or self._state == "ready":
                return []
            self._state = "ready"
            return [Condition(part="state", state="ready", evidence=body.hex(" ").upper())]
        if self._fault_at is not None and now - self._fault_at < FAULT_GAP_S:
            return []
        self._fault_at = now
        return [Fault(code="garbage", evidence=piece[:32].hex(" ").upper())]
