"""LED strips that are Modbus RTU slaves, by the register map hallctl offers to board makers.

Manual: none of a maker's; docs/devices.md has the map, and the frames are those of "MODBUS over
serial line". Wiring: RS-485 A/B, 9600 8N1, every strip with its own address, or a serial server.

    register 0 state (0 off, 1 idle, 2 call, 3 pause, 4 busy)   1 count of texts   2 flash, always 0
             3 colour   4 length in bytes   5 to 36 the text, GB18030, high byte first

One frame taken apart, "A1" as a call on strip 3, the first text:

    03 10 00 00 00 25 4A    address, write registers, from 0, 37 of them, 74 bytes
    00 02  00 01  00 00     call, count 1, no flash
    00 01  00 02  41 31 ..  colour 1, 2 bytes, "A1" and zeros to the end
    CC 90                   CRC-16/MODBUS, low byte first

The strip answers 03 10 00 00 00 25 and the CRC, or 03 90, a reason, CRC. Asked for registers 0 to 4
(03 03 00 00 00 05) it also says which text it holds: another count means it lost its power.
"""

from collections.abc import Iterator
from typing import Annotated, ClassVar

from pydantic import Field

from hallctl.core.effects import StripState
from hallctl.driver import DriverOptions
from hallctl.protocols.crc import crc16_modbus
from hallctl.protocols.strip_text import Heard, Shown
from hallctl.protocols.strips import TEXT, StripBus, StripOptions
from hallctl.protocols.turns import CHECK

READ, WRITE, REFUSED = 0x03, 0x10, 0x80
REGISTERS, TEXT_BYTES, READ_REGISTERS = 37, 64, 5
STATES: dict[StripState, int] = {"closed": 3, "idle": 1, "call": 2, "serving": 4, "pause": 3}
"""A closed window has something to say; 0 would put its strip out."""
COUNT_MOST = 0xFFFF

_WRITTEN = bytes((WRITE, 0, 0, 0, REGISTERS))
_TO_WRITE = bytes((*_WRITTEN, 2 * REGISTERS))
_TO_READ = bytes((READ, 0, 0, 0, READ_REGISTERS))
_HAS_READ = bytes((READ, 2 * READ_REGISTERS))
SIZES = (
    (b"", 5),
    (_WRITTEN, 8),
    (_TO_READ, 8),
    (_HAS_READ, 5 + 2 * READ_REGISTERS),
    (_TO_WRITE, 9 + 2 * REGISTERS),
)
"""What may be on the line: how it begins behind the address, and its length with address and CRC.
The first are the refusals."""


class ModbusStripOptions(StripOptions):
    """`strips`: Modbus address → window. `columns`: how many hanzi fit (a Latin letter is half).

    `colour`: the number for register 3, as the board's maker counts colours. `answer_s`: how long a
    strip may take to answer; a slow one is given twice that. `check_s`: how often each is asked
    what it holds (0: never).
    """

    strips: dict[Annotated[int, Field(ge=1, le=247)], int]
    colour: int = Field(default=1, ge=0, le=0xFFFF)


def make_frame(address: int, body: bytes) -> bytes:
    """Function and data in their frame."""
    frame = bytes((address,)) + body
    return frame + crc16_modbus(frame).to_bytes(2, "little")


class LedModbus(StripBus):
    """All Modbus strips of one line."""

    Options: ClassVar[type[DriverOptions]] = ModbusStripOptions
    options: ModbusStripOptions
    gap_s = 0.005  # 3.5 characters at 9600 baud are 4 ms

    def __init__(self, options: ModbusStripOptions) -> None:
        super().__init__(options)
        self._buffer = b""
        self._count = dict.fromkeys(options.strips, 0)

    def frame(self, address: int, request: str, shown: Shown) -> bytes:
        """Registers 0 to 36 for a text; a check reads 0 to 4."""
        if request == CHECK:
            return make_frame(address, _TO_READ)
        self._count[address] = self._count[address] % COUNT_MOST + 1
        text = shown.text.encode("gb18030")
        heads = (STATES[shown.state], self._count[address], 0, self.options.colour, len(text))
        registers = b"".join(head.to_bytes(2, "big") for head in heads)
        return make_frame(address, _TO_WRITE + registers + text.ljust(TEXT_BYTES, b"\x00"))

    def hear(self, data: bytes) -> Iterator[Heard]:
        """A frame is known by its beginning, its length and its CRC: pauses are not to be seen."""
        for byte in data:
            self._buffer += bytes((byte,))
            heard = self._ended()
            if heard is not None and heard.what == "bad_checksum":
                yield heard
            elif heard is not None:
                before = self._buffer[: -len(heard.frame)]
                self._buffer = b""
                if before:
                    yield Heard("garbage", before)
                yield heard
            elif len(self._buffer) > SIZES[-1][1]:
                yield Heard("garbage", self._buffer[:1])
                self._buffer = self._buffer[1:]

    def rest(self) -> bytes:
        """The buffer."""
        kept, self._buffer = self._buffer, b""
        return kept

    def _ended(self) -> Heard | None:
        """The frame that has just come to its end."""
        for begins, size in SIZES:
            frame = self._buffer[-size:]
            if len(frame) < size or not frame.startswith(begins, 1):
                continue
            if not begins and frame[1] not in {READ | REFUSED, WRITE | REFUSED}:
                continue
            if crc16_modbus(frame[:-2]) == int.from_bytes(frame[-2:], "little"):
                return self._read(frame)
            if begins in {_WRITTEN, _HAS_READ} and frame[0] in self.options.strips:
                asked = frame.startswith(_TO_WRITE, 1)
                return None if asked else Heard("bad_checksum", frame)
        return None

    def _read(self, frame: bytes) -> Heard:
        address = frame[0]
        kinds = (TEXT if frame[1] & ~REFUSED == WRITE else CHECK,)
        if frame[1] & REFUSED:
            return Heard("refused", frame, address, kinds)
        if frame.startswith(_TO_READ, 1) or frame.startswith(_TO_WRITE, 1):
            return Heard("own", frame)
        if TEXT in kinds:
            return Heard("answer", frame, address, kinds)
        holds = int.from_bytes(frame[5:7], "big")
        return Heard("answer", frame, address, kinds, holds != self._count.get(address))
