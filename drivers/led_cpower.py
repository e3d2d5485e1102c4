"""LED strips above windows with a Lumen C-Power card (流明 CP5200 family).

Manual: C-Power external calls communication protocol, command 7B with CC 85, and the basic protocol
of the same cards (76 screen on and off, 46 brightness). Wiring: RS-485 or RS-232, 115200 8N1, or
TCP port 5200; several cards share one line, each with its own id. The card needs a template with
one text area, made once with the maker's program.

One frame taken apart, "请A001到3号窗口" for card 1:

    A5                        begin
    68 32 01 7B 01            to a card, its family, id 1, "external call", answer wanted
    18 00 00 00               24 bytes of command, packet 0 of last packet 0
    85 00 00 00 01 01 01 20   text: user code 1, program 1, area 1, show at once
    C7 EB 41 30 30 31 ... 00  GB18030, closed by 00
    7C 0A AE                  sum of all from 68 on (low byte first), end

Between A5 and AE the bytes A5, AE and AA are escaped (AA 05, AA 0E, AA 0A), after summing. The card
answers E8 32 01 7B, a result (00 is well), its own length and the command it did. Over the network
some firmware wants the frame without A5, AE and escapes, behind FF FF FF FF, its length, 00 00.
"""

from collections.abc import Iterator
from typing import Annotated, ClassVar

from pydantic import Field

from hallctl.driver import DriverOptions
from hallctl.protocols.strip_text import Heard, Shown
from hallctl.protocols.strips import TEXT, StripBus, StripOptions
from hallctl.protocols.turns import CHECK

BEGIN, END, ESCAPE = 0xA5, 0xAE, 0xAA
TO_CARD, FROM_CARD, FAMILY = 0x68, 0xE8, 0x32
EXTERNAL_CALL, SCREEN, BRIGHTNESS, WRITE_TEXT = 0x7B, 0x76, 0x46, 0x85
SHOW_AT_ONCE = 0x20
FRAME_MOST, BODY_MIN = 512, 6
NET_MARK, NET_HEAD = b"\xff\xff\xff\xff", 8
KINDS = {EXTERNAL_CALL: (TEXT,), BRIGHTNESS: ("brightness",), SCREEN: (CHECK, "switch")}
"""Which requests an answer may belong to, by its command. Of an answer to 76 no source tells more,
so a late one to a check may come for that of a switch. The line knows then that a check was owed,
and sends switch and text again; and nobody is told more of a switch than that the card is there.
"""
SET, ASK, HOURS = 0, 1, 24


class LedOptions(StripOptions):
    """`strips`: card id → window. `columns`: how many hanzi fit (a Latin letter is half of one).

    `ack`: ask the cards to answer; a line that only sends has no answers. `program` and `area` name
    the text area of the template in the card. `brightness`: 0 to 31, set after every start; left
    out, the card keeps its own. `off_when_closed`: the strip of a closed window goes dark.
    `tcp_prefix`: the network form of the frames, for firmware that wants it. `answer_s`: how long a
    card may take to answer; a slow one is given twice that. `check_s`: how often each is asked
    whether it is there (0: never).
    """

    strips: dict[Annotated[int, Field(ge=1, le=254)], int]
    ack: bool = True
    program: int = Field(default=1, ge=1, le=100)
    area: int = Field(default=1, ge=1, le=10)
    brightness: int | None = Field(default=None, ge=0, le=31)
    off_when_closed: bool = False
    tcp_prefix: bool = False


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


def summed(body: bytes) -> bytes:
    """The body with its sum behind it."""
    return body + (sum(body) & 0xFFFF).to_bytes(2, "little")


def enclosed(body: bytes, *, tcp_prefix: bool = False) -> bytes:
    """A body, packet type to data, as it travels."""
    whole = summed(body)
    if tcp_prefix:
        return NET_MARK + len(whole).to_bytes(2, "little") + b"\x00\x00" + whole
    return bytes((BEGIN,)) + escape(whole) + bytes((END,))


def external_call(card: int, command: bytes, *, ack: bool) -> bytes:
    """The body of a command of the external calls (the CC part)."""
    head = bytes((TO_CARD, FAMILY, card, EXTERNAL_CALL, ack))
    return head + len(command).to_bytes(2, "little") + b"\x00\x00" + command


class LedCpower(StripBus):
    """All C-Power strips of one line."""

    Options: ClassVar[type[DriverOptions]] = LedOptions
    options: LedOptions

    def __init__(self, options: LedOptions) -> None:
        super().__init__(options)
        self._buffer = b""

    def answers(self) -> bool:
        """As the cards are asked to."""
        return self.options.ack

    def settings(self) -> tuple[str, ...]:
        """The brightness, if the hall sets it."""
        return () if self.options.brightness is None else ("brightness",)

    def requests(self) -> tuple[str, ...]:
        """The text, and before it the screen's switch, if closed windows go dark."""
        return ("switch", TEXT) if self.options.off_when_closed else (TEXT,)

    def frame(self, address: int, request: str, shown: Shown) -> bytes:
        """Command 7B for a text, 46 for the brightness, 76 for the screen and for a check."""
        options = self.options
        if request == TEXT:
            head = bytes((WRITE_TEXT, 0, 0, 0, 1, options.program, options.area, SHOW_AT_ONCE))
            command = head + shown.text.encode("gb18030") + b"\x00"
            body = external_call(address, command, ack=options.ack)
        elif request == "brightness":
            level = bytes((options.brightness or 0,)) * HOURS
            body = self._basic(address, BRIGHTNESS, bytes((SET,)) + level)
        elif request == CHECK:
            body = self._basic(address, SCREEN, bytes((ASK,)))
        else:
            body = self._basic(address, SCREEN, bytes((SET, shown.state != "closed", *bytes(7))))
        return enclosed(body, tcp_prefix=options.tcp_prefix)

    def _basic(self, address: int, command: int, payload: bytes) -> bytes:
        return bytes((TO_CARD, FAMILY, address, command, self.options.ack)) + payload

    def hear(self, data: bytes) -> Iterator[Heard]:
        """Frames between A5 and AE, or behind the network's mark."""
        for byte in data:
            if self.options.tcp_prefix:
                self._buffer += bytes((byte,))
                yield from self._net()
            elif byte == BEGIN:
                if self._buffer:
                    yield Heard("garbage", self._buffer)
                self._buffer = bytes((BEGIN,))
            else:
                self._buffer += bytes((byte,))
                if byte == END and self._buffer[0] == BEGIN:
                    frame, self._buffer = self._buffer, b""
                    yield _read(frame, unescape(frame[1:-1]))
            if len(self._buffer) > FRAME_MOST:
                yield Heard("garbage", self._buffer[:1])
                self._buffer = self._buffer[1:]

    def rest(self) -> bytes:
        """The buffer."""
        kept, self._buffer = self._buffer, b""
        return kept

    def _net(self) -> Iterator[Heard]:
        """A network frame that has just come to its end, wherever in the buffer it began."""
        at = self._buffer.find(bytes((0, 0, FROM_CARD, FAMILY)), NET_HEAD - 2)
        while at >= 0:
            head = at + 2 - NET_HEAD
            size = NET_HEAD + int.from_bytes(self._buffer[at - 2 : at], "little")
            if len(self._buffer) - head == size:
                if head:
                    yield Heard("garbage", self._buffer[:head])
                frame, self._buffer = self._buffer[head:], b""
                yield _read(frame, frame[NET_HEAD:])
                return
            at = self._buffer.find(bytes((0, 0, FROM_CARD, FAMILY)), at + 1)


def _read(frame: bytes, body: bytes) -> Heard:
    """What a frame with its body and sum says."""
    if len(body) < BODY_MIN or body[0] not in {TO_CARD, FROM_CARD}:
        return Heard("garbage", frame)
    if summed(body[:-2]) != body:
        return Heard("bad_checksum", frame)
    if body[0] == TO_CARD:
        return Heard("own", frame)  # a line that hears its own sending is no proof of life
    refused = body[3] == EXTERNAL_CALL and body[4] != 0
    return Heard("refused" if refused else "answer", frame, body[2], KINDS.get(body[3], ()))
