"""The twin of one RS-485 bus with C-Power (流明 CP5200) cards, each with an amber LED strip.

Frames (domain.md 3.4): `A5 | 68 32 ID 7B ACK | LL LH | PO TP | CC… | sumL sumH | AE`, the sum over
all bytes from 68 on, taken before A5, AE and AA inside were escaped as AA 05, AA 0E, AA 0A.

Options: `strips` {card id: window}, `columns` (ideographs side by side, 8).
"""

from collections import deque
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, ClassVar

from PIL import Image, ImageChops, ImageDraw, ImageFilter

from hallctl.simulator.twins.base import Twin, by_address
from hallctl.simulator.twins.dots import glyph, png

BEGIN, END, ESCAPE = 0xA5, 0xAE, 0xAA
ESCAPED = {0x05: BEGIN, 0x0E: END, 0x0A: ESCAPE}
REQUEST, CARD, EVERY_CARD, ANSWER = 0x68, 0x32, 0xFF, 0xE8
CC_FRAME, TEXT, CLEAR = 0x7B, 0x85, 0x07
FRAME_MAX_BYTES = 2048
BAD_KEPT = 20
ROWS = 16
PITCH = 9
"""Picture points from one LED to the next."""
RIM = 14
HIGHLIGHT, AMBER = (255, 214, 112), (255, 190, 58)
DARK, BOARD, CASE = (44, 35, 26), (22, 17, 13), (12, 9, 7)
"""A lamp that is off, the board between the lamps, the case around it."""


@dataclass(slots=True)
class _Strip:
    """One card and its LEDs."""

    window: int
    text: str = ""
    hex: str = ""
    count: int = 0
    clears: int = 0
    unknown: list[str] = field(default_factory=list)
    photo: tuple[str, bytes] | None = None


class LedCpowerTwin(Twin):
    """Several strips on one bus. `deaf` cards take nothing, `mute` ones answer nothing."""

    FAULTS: ClassVar[tuple[str, ...]] = ("deaf", "mute")

    def __init__(self, options: dict[str, Any]) -> None:
        super().__init__(options)
        strips = by_address(options.get("strips", {}))
        self._strips = {card: _Strip(window) for card, window in strips.items()}
        self._columns = int(options.get("columns", 8))
        self._frame: bytearray | None = None
        self._outside = bytearray()
        self._bad: deque[str] = deque(maxlen=BAD_KEPT)
        self._bad_count = 0
        self._foreign = 0

    def receive(self, data: bytes, now: float) -> bytes:  # noqa: ARG002
        """Collect frames; the answers of cards that were asked for one."""
        if "deaf" in self.faults:
            return b""
        said = bytearray()
        for byte in data:
            if byte == BEGIN:
                self._spoilt(bytes(self._outside) + bytes(self._frame or b""))
                self._outside.clear()
                self._frame = bytearray((byte,))
            elif self._frame is None:
                self._outside.append(byte)
            else:
                self._frame.append(byte)
                if byte == END:
                    frame, self._frame = bytes(self._frame), None
                    said += self._read(frame)
                elif len(self._frame) > FRAME_MAX_BYTES:
                    self._spoilt(bytes(self._frame))
                    self._frame = None
        self._spoilt(bytes(self._outside))
        self._outside.clear()
        return b"" if "mute" in self.faults else bytes(said)

    def _spoilt(self, junk: bytes) -> None:
        if junk:
            self._bad.append(junk[:64].hex(" "))
            self._bad_count += 1
            self.changed += 1

    def _read(self, frame: bytes) -> bytes:
        """A frame from A5 to AE: check it, do it, and answer if asked."""
        inner = _unescaped(frame[1:-1])
        if inner is None or len(inner) < 7 or _sum16(inner[:-2]) != inner[-2:]:  # noqa: PLR2004
            self._spoilt(frame)
            return b""
        kind, card, number, command, ack = inner[:5]
        if (kind, card) != (REQUEST, CARD):
            self._spoilt(frame)
            return b""
        addressed = [s for n, s in self._strips.items() if number in {n, EVERY_CARD}]
        if not addressed:
            self._foreign += 1
        for strip in addressed:
            self.changed += 1
            strip.hex, strip.count = frame.hex(" ").upper(), strip.count + 1
            if command != CC_FRAME or not self._obey(strip, inner[5:-2]):
                strip.unknown = [*strip.unknown, strip.hex][-BAD_KEPT:]
        if not addressed or not ack or number == EVERY_CARD:
            return b""
        answer = bytes((ANSWER, CARD, number, command, 0))
        return bytes((BEGIN,)) + _escaped(answer + _sum16(answer)) + bytes((END,))

    @staticmethod
    def _obey(strip: _Strip, packet: bytes) -> bool:
        """LL LH PO TP CC…; False when this card does not know it."""
        if len(packet) < 5 or packet[0] | packet[1] << 8 != len(packet) - 4:  # noqa: PLR2004
            return False
        packet_number, last_packet, cc = packet[2], packet[3], packet[4:]
        if packet_number or last_packet:
            return False  # a strip's text fits in one packet
        if cc[0] == CLEAR:
            strip.text, strip.clears = "", strip.clears + 1
            return True
        # 85, user code (4), program, window, attribute, text, 00
        if cc[0] != TEXT or len(cc) < 9 or cc[-1] != 0:  # noqa: PLR2004
            return False
        try:
            strip.text = cc[8:-1].decode("gb18030")
        except UnicodeDecodeError:
            return False
        return True

    def picture(self) -> dict[str, bytes]:
        """`window-3` and its kin: the strip as it shines."""
        pictures = {}
        for strip in self._strips.values():
            if strip.photo is None or strip.photo[0] != strip.text:
                lit = _lit(strip.text, self._columns * ROWS)
                strip.photo = (strip.text, _photograph(lit))
            pictures[f"window-{strip.window}"] = strip.photo[1]
        return pictures

    def state(self) -> dict[str, Any]:
        """Every strip by its window; `overflow` when the text is longer than the strip."""
        strips = {
            str(strip.window): {
                "id": card,
                "text": strip.text,
                "overflow": _width(strip.text) > self._columns * ROWS,
                "hex": strip.hex,
                "count": strip.count,
                "clears": strip.clears,
                "unknown": strip.unknown,
            }
            for card, strip in self._strips.items()
        }
        return {
            "windows": strips,
            "bad": list(self._bad),
            "bad_count": self._bad_count,
            "foreign": self._foreign,
            "faults": sorted(self.faults),
        }


def _sum16(data: bytes) -> bytes:
    return (sum(data) & 0xFFFF).to_bytes(2, "little")


def _unescaped(data: bytes) -> bytes | None:
    """The bytes as they were summed; None when an escape stands for nothing."""
    out, rest = bytearray(), iter(data)
    for byte in rest:
        plain = ESCAPED.get(next(rest, -1)) if byte == ESCAPE else byte
        if plain is None:
            return None
        out.append(plain)
    return bytes(out)


def _escaped(data: bytes) -> bytes:
    marks = {plain: bytes((ESCAPE, mark)) for mark, plain in ESCAPED.items()}
    return b"".join(marks.get(byte, bytes((byte,))) for byte in data)


def _dots_across(char: str) -> int:
    return ROWS if ord(char) > 0x7F else ROWS // 2  # noqa: PLR2004


def _width(text: str) -> int:
    return sum(_dots_across(char) for char in text)


def _lit(text: str, width: int) -> Image.Image:
    """The LEDs that are on: in the middle if the text fits, else cut at the right edge."""
    lit = Image.new("1", (width, ROWS), 0)
    left = max(0, (width - _width(text)) // 2)
    for char in text:
        across = _dots_across(char)
        # Half-wide figures have room for a heavier stroke, ideographs have not.
        half = across < ROWS
        lit.paste(glyph(char, across, ROWS, bold=half, level=120 if half else 96), (left, 0))
        left += across
    return lit


@lru_cache(maxsize=4)
def _lamps(width: int) -> Image.Image:
    """The shape of all lamps of a strip."""
    side, fine = PITCH, 3
    lamp = Image.new("L", (side * fine, side * fine), 0)
    box = (0.9 * fine, 0.9 * fine, (side - 0.9) * fine, (side - 0.9) * fine)
    ImageDraw.Draw(lamp).ellipse(box, fill=255)
    lamp = lamp.resize((side, side), Image.Resampling.LANCZOS)
    row = Image.new("L", (width * side, side))
    for x in range(width):
        row.paste(lamp, (x * side, 0))
    lamps = Image.new("L", (width * side, ROWS * side))
    for y in range(ROWS):
        lamps.paste(row, (0, y * side))
    return lamps


def _photograph(lit: Image.Image) -> bytes:
    """Round lamps behind a dark board; the lit ones glow a little beyond their rim."""
    lamps = _lamps(lit.width)
    on = ImageChops.multiply(lamps, lit.convert("L").resize(lamps.size, Image.Resampling.NEAREST))
    off = ImageChops.subtract(lamps, on)
    board = Image.new("RGB", (on.width + 2 * RIM, on.height + 2 * RIM), CASE)
    board.paste(BOARD, (RIM // 2, RIM // 2, board.width - RIM // 2, board.height - RIM // 2))
    glow = Image.new("L", board.size, 0)
    glow.paste(on, (RIM, RIM))
    glow = glow.filter(ImageFilter.GaussianBlur(PITCH * 0.7)).point(lambda value: value * 2 // 5)
    board.paste(AMBER, (0, 0), glow)
    small = on.filter(ImageFilter.GaussianBlur(1.1)).point(lambda value: max(0, value - 150) * 2)
    for colour, mask in ((DARK, off), (AMBER, on), (HIGHLIGHT, small)):
        board.paste(colour, (RIM, RIM, RIM + on.width, RIM + on.height), mask)
    return png(board)
