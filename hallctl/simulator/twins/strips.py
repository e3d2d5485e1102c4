"""What the twins of LED strips share: the lamps one sees, and what can be wrong with a strip."""

from collections import deque
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, ClassVar

from PIL import Image, ImageChops, ImageDraw, ImageFilter

from hallctl.simulator.twins.base import Twin, by_address
from hallctl.simulator.twins.dots import glyph, png

BAD_KEPT = 20
ROWS = 16
PITCH = 9
"""Picture points from one LED to the next."""
RIM = 14
HIGHLIGHT, AMBER = (255, 214, 112), (255, 190, 58)
DARK, BOARD, CASE = (44, 35, 26), (22, 17, 13), (12, 9, 7)
"""A lamp that is off, the board between the lamps, the case around it."""


@dataclass(slots=True)
class Strip:
    """One strip. `shown` is what the lamps say: nothing while it has no power or is switched off.

    `hex` and `count` are the last request for it and how many there were, `own` what only one make
    has (registers, brightness).
    """

    window: int
    text: str = ""
    powered: bool = True
    lit: bool = True
    hex: str = ""
    count: int = 0
    clears: int = 0
    unknown: list[str] = field(default_factory=list)
    own: dict[str, Any] = field(default_factory=dict)
    photo: tuple[str, bytes] | None = None

    @property
    def shown(self) -> str:
        """What one can read on it."""
        return self.text if self.powered and self.lit else ""

    def asked(self, request: bytes, *, known: bool) -> None:
        """A request for this strip came; `known` when it understood it."""
        self.hex, self.count = request.hex(" ").upper(), self.count + 1
        if not known:
            self.unknown = [*self.unknown, self.hex][-BAD_KEPT:]


class StripsTwin(Twin):
    """Several strips on one line.

    What may be wrong with them is in their answers: the sum, the address, or that they cannot do
    it (`error`). A person may cut one strip's power.
    """

    FAULTS: ClassVar[tuple[str, ...]] = ("wrong_checksum", "wrong_address", "error")

    def __init__(self, options: dict[str, Any]) -> None:
        super().__init__(options)
        strips = by_address(options.get("strips", {}))
        self.strips = {address: Strip(window) for address, window in strips.items()}
        self._columns = int(options.get("columns", 8))
        self._bad: deque[str] = deque(maxlen=BAD_KEPT)
        self._bad_count = 0
        self._foreign = 0

    def switched_on(self, strip: Strip) -> None:
        """A strip's power came back: what it remembers."""
        strip.text, strip.lit, strip.own = "", True, {}

    def strip_at(self, address: int) -> Strip | None:
        """The strip with that address that can hear; None counts as a call for somebody else."""
        strip = self.strips.get(address)
        if strip is None:
            self._foreign += 1
            self.changed += 1
        return strip if strip is not None and strip.powered else None

    def answering_as(self, address: int) -> int:
        """The address in an answer."""
        return address % 98 + 1 if "wrong_address" in self.faults else address

    def spoilt(self, junk: bytes) -> None:
        """Bytes that no strip could read."""
        if junk:
            self._bad.append(junk[:64].hex(" "))
            self._bad_count += 1
            self.changed += 1

    def press(self, what: dict[str, Any], now: float) -> bytes:
        """`{"window": 3, "power": false}` pulls a strip's plug. ValueError for anything else."""
        found = [strip for strip in self.strips.values() if strip.window == what.get("window")]
        if not found or not isinstance(what.get("power"), bool):
            return super().press(what, now)
        for strip in found:
            if what["power"] and not strip.powered:
                self.switched_on(strip)
            strip.powered = what["power"]
            strip.clears += 1
        self.changed += 1
        return b""

    def picture(self) -> dict[str, bytes]:
        """`window-3` and its kin: the strip as it shines."""
        pictures = {}
        for strip in self.strips.values():
            if strip.photo is None or strip.photo[0] != strip.shown:
                lit = _lit(strip.shown, self._columns * ROWS)
                strip.photo = (strip.shown, _photograph(lit))
            pictures[f"window-{strip.window}"] = strip.photo[1]
        return pictures

    def state(self) -> dict[str, Any]:
        """Every strip by its window; `overflow` when the text is longer than the strip."""
        strips = {
            str(strip.window): {
                "id": address,
                "text": strip.shown,
                "overflow": _width(strip.shown) > self._columns * ROWS,
                "powered": strip.powered,
                "hex": strip.hex,
                "count": strip.count,
                "clears": strip.clears,
                "unknown": strip.unknown,
                **strip.own,
            }
            for address, strip in self.strips.items()
        }
        return {
            "windows": strips,
            "bad": list(self._bad),
            "bad_count": self._bad_count,
            "foreign": self._foreign,
            "faults": sorted(self.faults),
        }


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
