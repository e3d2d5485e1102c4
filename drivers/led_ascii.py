r"""LED strips that take lines of text, by the plain protocol hallctl offers to board makers.

Manual: none of a maker's; this is the whole of it. Wiring: RS-485 A/B or RS-232, 9600 8N1, every
strip with its own address 01 to 99, or a serial server. The text is GB18030.

One frame taken apart, "A001" on strip 3, as text and as bytes:

    @03|W|A001*FD3D\r\n           40 30 33 7C 57 7C 41 30 30 31 2A 46 44 33 44 0D 0A
    @ 03        begin, address    40 30 33
    W A001      write this text; Q asks, and changes nothing
    FD3D        CRC-16/MODBUS of everything between @ and *, in hex

The strip answers @03|OK|17*CCCC, where 17 counts the texts it has taken since its power came on,
or @03|ER|reason*CCCC. Another count than at the last text means it lost its power.
@, | and * cannot stand in a text: their full-width forms do.
"""

import re
from collections.abc import Iterator
from typing import Annotated, ClassVar

from pydantic import Field

from hallctl.driver import DriverOptions
from hallctl.protocols.crc import crc16_modbus
from hallctl.protocols.strip_text import Heard, Shown
from hallctl.protocols.strips import StripBus, StripOptions
from hallctl.protocols.turns import CHECK

LINE_MOST = 128
MARKS = str.maketrans("@|*", "＠｜＊")
_LINE = re.compile(
    rb"@(?P<body>(?P<address>\d\d)\|(?P<word>OK|ER|W|Q)(?:\|(?P<rest>[^*@\r\n]*))?)"
    rb"\*(?P<crc>[0-9A-F]{4})\r?\n\Z"
)
_OWN = re.compile(rb"@\d\d\|[WQ]\b[^\r\n]*\r?\n\Z")


class AsciiStripOptions(StripOptions):
    """`strips`: address (1 to 99) → window. `columns`: how many hanzi fit (a letter is half).

    `answer_s`: how long a strip may take to answer; a slow one is given twice that. `check_s`: how
    often each is asked what it holds (0: never).
    """

    strips: dict[Annotated[int, Field(ge=1, le=99)], int]


def make_line(address: int, body: bytes) -> bytes:
    """A line for a strip: `body` is W and the text, or Q."""
    checked = b"%02d|" % address + body
    return b"@%b*%04X\r\n" % (checked, crc16_modbus(checked))


class LedAscii(StripBus):
    """All strips of one line that speak it."""

    Options: ClassVar[type[DriverOptions]] = AsciiStripOptions
    options: AsciiStripOptions

    def __init__(self, options: AsciiStripOptions) -> None:
        super().__init__(options)
        self._buffer = b""
        self._counts: dict[int, bytes] = {}

    def frame(self, address: int, request: str, shown: Shown) -> bytes:
        """W with the text, or Q."""
        if request == CHECK:
            return make_line(address, b"Q")
        self._counts.pop(address, None)
        return make_line(address, b"W|" + shown.text.translate(MARKS).encode("gb18030"))

    def hear(self, data: bytes) -> Iterator[Heard]:
        """Lines. What stands before the last @ of one is dirt."""
        for byte in data:
            self._buffer += bytes((byte,))
            if byte == 0x0A:  # noqa: PLR2004 - the end of a line
                line, self._buffer = self._buffer, b""
                yield from self._read(line)
            elif len(self._buffer) > LINE_MOST:
                yield Heard("garbage", self._buffer[:1])
                self._buffer = self._buffer[1:]

    def rest(self) -> bytes:
        """The buffer."""
        kept, self._buffer = self._buffer, b""
        return kept

    def _read(self, line: bytes) -> Iterator[Heard]:
        found = _LINE.search(line)
        if found is None or found["word"] in {b"W", b"Q"}:
            yield Heard("own" if _OWN.search(line) else "garbage", line)
            return
        if found.start():
            yield Heard("garbage", line[: found.start()])
        frame, address = found[0].rstrip(), int(found["address"])
        if int(found["crc"], 16) != crc16_modbus(found["body"]):
            yield Heard("bad_checksum", frame)
        elif found["word"] == b"ER":
            yield Heard("refused", frame, address)
        else:
            count = found["rest"] or b""
            stale = self._counts.setdefault(address, count) != count
            yield Heard("answer", frame, address, stale=stale)
