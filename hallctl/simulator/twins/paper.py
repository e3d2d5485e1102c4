"""Thermal paper under a print head: what the twin of a printer prints on.

All lengths are dots (8 to the millimetre). Ink is 255 in a 1-bit image.
"""

import hashlib
import random
from dataclasses import dataclass, field
from typing import Any

import qrcode  # type: ignore[import-untyped]
from PIL import Image, ImageChops, ImageDraw, ImageFilter

from hallctl.simulator.twins.dots import glyph, png

MARGIN = 32
"""80 mm paper is 640 dots wide, the head 576: 4 mm stay blank on either side."""
HEAD_TO_EDGE = 40
"""Blank paper above the first line, as the slip before was cut there."""
MAX_LENGTH = 24_000
"""3 m. Older paper of a slip that is never cut rolls out of sight."""
LINE_DOTS = 30
"""The line spacing after ESC 2 or ESC @, 3.75 mm."""
TOOTH = 10
INK_LEVEL = 100
BOLD_LEVEL = 128


@dataclass(frozen=True, slots=True)
class Cell:
    """One character as it will stand in a line."""

    char: str
    wide: bool
    columns: int = 1
    rows: int = 1
    bold: bool = False
    inverse: bool = False
    underline: int = 0

    @property
    def width(self) -> int:
        """Dots across: 24 for an ideograph, 12 for the rest, times the enlargement."""
        return (24 if self.wide else 12) * self.columns

    @property
    def height(self) -> int:
        """Dots down."""
        return 24 * self.rows

    def draw(self) -> Image.Image:
        """The character in its cell."""
        level = BOLD_LEVEL if self.bold else INK_LEVEL
        dots = glyph(self.char, 24 if self.wide else 12, 24, bold=self.bold, level=level)
        if (self.columns, self.rows) != (1, 1):
            dots = dots.resize((self.width, self.height), Image.Resampling.NEAREST)
        if self.underline:
            dots = dots.copy()
            box = (0, self.height - self.underline, self.width, self.height)
            dots.paste(255, box)
        return ImageChops.invert(dots) if self.inverse else dots


@dataclass(slots=True)
class Paper:
    """The paper since the last cut."""

    width: int
    text: list[str] = field(default_factory=list)
    codes: list[str] = field(default_factory=list)
    images: list[tuple[int, int]] = field(default_factory=list)
    length: int = 0
    _dots: Image.Image = field(init=False)

    def __post_init__(self) -> None:
        self._dots = Image.new("1", (self.width, 1024), 0)

    @property
    def blank(self) -> bool:
        """Whether the head has printed nothing on it (it may have been fed)."""
        return not (self.text or self.codes or self.images)

    def feed(self, dots: int) -> None:
        """Move the paper on."""
        self.length += dots
        if self.length > MAX_LENGTH:
            self._roll(self.length - MAX_LENGTH)
        if self.length > self._dots.height:
            grown = Image.new("1", (self.width, min(MAX_LENGTH, self.length * 2)), 0)
            grown.paste(self._dots, (0, 0))
            self._dots = grown

    def _roll(self, dots: int) -> None:
        self._dots = self._dots.crop((0, dots, self.width, dots + self._dots.height))
        self.length -= dots

    def line(self, cells: list[Cell], align: int, spacing: int) -> int:
        """Print a line and feed; the dots fed. `align` 0 left, 1 middle, 2 right."""
        height = max((c.height for c in cells), default=0)
        fed = max(height, spacing)
        top = self.length
        self.feed(fed)
        top = min(top, self.length - fed)
        left = self._left(sum(c.width for c in cells), align)
        for cell in cells:
            # Cells of unequal height stand on one base line.
            self._dots.paste(cell.draw(), (left, top + height - cell.height))
            left += cell.width
        words = "".join(c.char for c in cells).strip()
        if words:
            self.text.append(words)
        return fed

    def block(self, dots: Image.Image, align: int) -> int:
        """Print an image (255 = ink) and feed past it; the dots fed."""
        top = self.length
        self.feed(dots.height)
        top = min(top, self.length - dots.height)
        self._dots.paste(dots, (self._left(dots.width, align), top))
        return dots.height

    def _left(self, width: int, align: int) -> int:
        return max(0, (self.width - width) * align // 2)

    def dots(self) -> Image.Image:
        """The printed paper, 1 bit, 255 = ink."""
        return self._dots.crop((0, 0, self.width, max(1, self.length)))


@dataclass(frozen=True, slots=True)
class CutSlip:
    """A slip that has been cut off. `at` is the twin's clock, monotonic seconds."""

    n: int
    at: float
    text: tuple[str, ...]
    codes: tuple[str, ...]
    images: tuple[tuple[int, int], ...]
    dots: Image.Image
    cut: str = "partial"
    """partial: it still hangs by a point; full: it has fallen."""

    def state(self) -> dict[str, Any]:
        """What a test or the page reads; `qr` is the payload of the first code, "" for none."""
        size = f"{self.dots.width}x{self.dots.height}:".encode()
        return {
            "n": self.n,
            "at": self.at,
            "text": list(self.text),
            "qr": self.codes[0] if self.codes else "",
            "codes": list(self.codes),
            "images": [list(i) for i in self.images],
            "width": self.dots.width,
            "height": self.dots.height,
            "cut": self.cut,
            "sha256": hashlib.sha256(size + self.dots.tobytes()).hexdigest(),
        }


def logo_dots(number: int) -> Image.Image:
    """The picture somebody has stored in the printer: its number in a frame, 24 x 8 mm."""
    dots = Image.new("1", (192, 64), 0)
    draw = ImageDraw.Draw(dots)
    draw.rectangle((0, 0, 191, 63), outline=255, width=4)
    for at, digit in enumerate(str(number)):
        dots.paste(glyph(digit, 24, 48, bold=True), (84 + 24 * at, 8))
    return dots


def qr_dots(payload: bytes, module: int, level: int) -> Image.Image:
    """A real QR code; `module` is the side of a cell in dots, `level` 48 to 51 for L, M, Q, H."""
    # The library counts the levels as the standard's format bits do.
    bits = {48: 1, 49: 0, 50: 3, 51: 2}.get(level, 1)
    code = qrcode.QRCode(error_correction=bits, box_size=1, border=0)
    code.add_data(payload)
    code.make(fit=True)
    rows = code.get_matrix()
    dots = Image.new("1", (len(rows), len(rows)))
    dots.putdata([255 * cell for row in rows for cell in row])
    side = len(rows) * module
    return dots.resize((side, side), Image.Resampling.NEAREST)


def photograph(dots: Image.Image, *, torn: bool) -> bytes:
    """Paper as one holds it, as a PNG: off-white, ink not quite black, teeth where it was cut.

    Outside the paper it is transparent. `torn` False: the paper still hangs in the printer.
    """
    width = dots.width + 2 * MARGIN
    height = HEAD_TO_EDGE + dots.height + (TOOTH if torn else 0)
    ink = Image.new("L", (width, height), 0)
    ink.paste(dots.convert("L"), (MARGIN, HEAD_TO_EDGE))
    # A heated dot has a soft rim and never reaches black; neighbours run together.
    ink = ink.filter(ImageFilter.GaussianBlur(0.55)).point(lambda value: min(235, value * 5 // 4))
    paper = Image.composite(
        Image.new("RGB", ink.size, (27, 26, 33)), _sheet(width, height), ink
    ).convert("RGBA")
    paper.putalpha(_outline(width, height, torn=torn))
    return png(paper)


def _sheet(width: int, height: int) -> Image.Image:
    """Coated paper: nearly white, a little darker to the sides where it curls."""
    # The noise only has to look like paper and be the same each time.
    grain = random.Random(1)  # noqa: S311
    noise = Image.frombytes("L", (64, 64), bytes(grain.randrange(248, 254) for _ in range(4096)))
    tiled = Image.new("L", (width, height))
    for y in range(0, height, 64):
        for x in range(0, width, 64):
            tiled.paste(noise, (x, y))
    curl = Image.new("L", (width, 1), 255)
    for x in range(14):
        shade = 241 + x
        curl.putpixel((x, 0), shade)
        curl.putpixel((width - 1 - x, 0), shade)
    tiled = ImageChops.multiply(tiled, curl.resize((width, height)))
    warm = tiled.point(lambda value: value - 5)
    return Image.merge("RGB", (tiled, tiled, warm))


def _outline(width: int, height: int, *, torn: bool) -> Image.Image:
    """The shape of the paper, with the cutter's teeth at the lower edge."""
    alpha = Image.new("L", (width, height), 255)
    if torn:
        draw = ImageDraw.Draw(alpha)
        draw.rectangle((0, height - TOOTH, width, height), fill=0)
        for x in range(0, width, 2 * TOOTH):
            tooth = [(x, height - TOOTH - 1), (x + TOOTH, height - 1)]
            draw.polygon([*tooth, (x + 2 * TOOTH, height - TOOTH - 1)], fill=255)
    return alpha
