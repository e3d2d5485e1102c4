"""How a slip becomes ESC/POS bytes: hanzi as our own checked bytes, rare characters as pictures.

python-escpos makes size, alignment, QR and raster into its Dummy. It does not make our text: it
sends "?" for a line that is punctuation only, and codes of four bytes most printers cannot print.
A slip of 15 lines is 0.6 kB as text and 55 kB as a picture (58 s at 9600 baud), so only the line
with a character the printer lacks becomes one.
"""

import unicodedata
from collections.abc import Callable, Iterator
from functools import cache
from typing import TYPE_CHECKING, Any, Literal

from hallctl.core.slip import Code, Gap, Line, Rule, Slip
from hallctl.driver import DriverOptions

if TYPE_CHECKING:
    from PIL.Image import Image
    from PIL.ImageFont import FreeTypeFont

BODY_DOTS = 24
LINE_DOTS = 30
LEADING_DOTS = 8  # below an enlarged line; the printer gives it none of its own
START = b"\x1b@\x1c&"  # ESC @ initialise, FS & hanzi mode (harmless where it is on anyway)
CUT = b"\x1bd\x03\x1dVB\x00"  # ESC d 3, GS V 66 0: feed to the knife and cut partially
NO_LINE_BEGINS_WITH = frozenset("，。；：、！？）》”’】,.;:!?) ")
NO_LINE_ENDS_WITH = frozenset("（《“‘【(")
FONTS = "/usr/share/fonts/opentype/noto/NotoSansCJK-{weight}.ttc"
FONT_FACE_SC = 2  # faces in the collection: JP KR SC TC HK
PROFILES = {80: "NT-80-V-UL", 58: "NT-5890K"}
UNDRAWABLE = "〓"  # GB2312's own mark for a character that is not there


class EscposOptions(DriverOptions):
    """What differs between printers.

    `silent`: it never answers, so it is never asked. `near_end_inverted`: SNBC, where 0C in the
    answer to DLE EOT 4 means enough paper. `qr`: "raster" where GS ( k is not known.
    """

    paper_mm: Literal[58, 80] = 80
    encoding: Literal["gb18030", "gbk"] = "gb18030"
    silent: bool = False
    near_end_inverted: bool = False
    qr: Literal["native", "raster"] = "native"

    @property
    def dots(self) -> int:
        """The printable width."""
        return 576 if self.paper_mm == 80 else 384  # noqa: PLR2004 - the two papers there are


def clean(text: str) -> str:
    """Without anything that is no character on paper: controls (also C1), bidi, zero-width."""
    spaced = text.replace("¥", "￥").translate({9: " ", 10: " ", 13: " ", 0x2028: " ", 0x2029: " "})
    return "".join(c for c in spaced if unicodedata.category(c) not in {"Cc", "Cf", "Cs"})


def printable(char: str, encoding: str) -> bytes:
    """The one or two bytes of a character; b"" when the printer's own set lacks it.

    A GB18030 code of four bytes comes out of most printers as two wrong characters.
    """
    try:
        code = char.encode(encoding)
    except UnicodeEncodeError:
        return b""
    return code if len(code) <= 2 else b""  # noqa: PLR2004 - one byte or two


def wrap(text: str, columns: int, width: Callable[[str], int]) -> Iterator[str]:
    """Break a text into lines of at most `columns`, as Chinese typesetting allows."""
    line, used = "", 0
    for char in text:
        if char == " " and used + 1 > columns:
            line += char  # a space at the end of a line takes no room
            continue
        while line and used + width(char) > columns:
            whole = line + char
            cut = next((k for k in range(len(line), 0, -1) if _may_break(whole, k)), len(line))
            yield line[:cut].rstrip(" ")
            line = line[cut:].lstrip(" ")
            used = sum(map(width, line))
        line, used = line + char, used + width(char)
    yield line.rstrip(" ")


def _may_break(text: str, at: int) -> bool:
    before, after = text[at - 1], text[at]
    word = before.isascii() and before.isalnum() and after.isascii() and after.isalnum()
    return not (word or after in NO_LINE_BEGINS_WITH or before in NO_LINE_ENDS_WITH)


def break_realtime(raster: bytes) -> bytes:
    """Flip one pixel wherever picture bytes would be obeyed (DLE EOT, DLE ENQ, DLE DC4)."""
    for order in (b"\x10\x04", b"\x10\x05", b"\x10\x14"):
        raster = raster.replace(order, bytes((order[0], order[1] | 0x80)))
    return raster


@cache
def _font(weight: str, dots: int) -> "FreeTypeFont":
    from PIL import ImageFont  # noqa: PLC0415 - most slips need no picture

    return ImageFont.truetype(FONTS.format(weight=weight), dots, index=FONT_FACE_SC)


def draw(text: str, line: Line, dots: int) -> "Image":
    """A line as a picture, paper-wide; smaller where it would not fit. OSError: no font."""
    from PIL import Image, ImageDraw  # noqa: PLC0415

    weight, size = "Bold" if line.bold else "Regular", BODY_DOTS * line.scale
    wide = _font(weight, size).getlength(text)
    font = _font(weight, max(8, int(size * dots / wide)) if wide > dots else size)
    image = Image.new("1", (dots, LINE_DOTS * line.scale), 1)
    x, anchor = {"left": (0, "lm"), "center": (dots // 2, "mm"), "right": (dots, "rm")}[line.align]
    pen, at = ImageDraw.Draw(image), (x, image.height // 2)
    if line.inverse:
        pen.rectangle(pen.textbbox(at, text, font=font, anchor=anchor), fill=0)
    pen.text(at, text, font=font, anchor=anchor, fill=1 if line.inverse else 0)
    return image


class Typesetter:
    """Puts one slip into bytes. python-escpos makes size, QR and raster; hanzi are our own."""

    def __init__(self, options: EscposOptions) -> None:
        from escpos.printer import Dummy  # noqa: PLC0415 - 0.2 s and a temporary folder

        self._options = options
        # A profile that knows its width: without one python-escpos prints a warning on stdout.
        self._dummy: Any = Dummy(profile=PROFILES[options.paper_mm])
        self._style: tuple[object, ...] = (1, "left", False, False)
        self.lacks_font = False

    def slip(self, slip: Slip) -> bytes:
        """The whole slip, from initialising to the cut."""
        return START + b"".join(map(self._part, slip.parts)) + CUT

    def _part(self, part: Line | Rule | Gap | Code) -> bytes:
        if isinstance(part, Line):
            return self._line(part)
        if isinstance(part, Rule):
            columns = self._options.dots // 12
            return self._line(Line("-" * columns if part.dashed else "─" * (columns // 2)))
        if isinstance(part, Gap):
            return b"\n" * max(0, part.lines)
        return self._code(clean(part.payload))

    def _line(self, line: Line) -> bytes:
        columns = self._options.dots // 12 // line.scale
        edge = " " if line.inverse else ""  # white letters want black around them
        rows = wrap(clean(line.text), columns - 2 * len(edge), self._width)
        return b"".join(self._row(edge + row + edge, line) for row in rows)

    def _width(self, char: str) -> int:
        return len(printable(char, self._options.encoding)) or 2

    def _row(self, row: str, line: Line) -> bytes:
        codes = [printable(char, self._options.encoding) for char in row]
        if not all(codes):
            try:
                image = draw(row, line, self._options.dots)
            except OSError:
                self.lacks_font = True
                codes = [c or UNDRAWABLE.encode(self._options.encoding) for c in codes]
            else:
                return self._set(Line("")) + self._raster(lambda: self._dummy.image(image))
        return self._set(line) + b"".join(codes) + b"\n"

    def _set(self, line: Line) -> bytes:
        style = (line.scale, line.align, line.bold, line.inverse)
        if style == self._style:
            return b""
        # FS ! first: Zijiang sizes hanzi by it (two-fold at most), and Epson, where GS ! sizes
        # hanzi too and the last one wins, must end with the whole scale.
        sized = b"" if line.scale == self._style[0] else self._size(line.scale)
        self._style = style
        self._dummy.set(
            align=line.align,
            bold=line.bold,
            invert=line.inverse,
            custom_size=True,
            width=line.scale,
            height=line.scale,
        )
        return sized + self._taken()

    @staticmethod
    def _size(scale: int) -> bytes:
        """FS ! for hanzi, and the line's height: ESC 3, or ESC 2 for the printer's own."""
        leading = bytes((0x1B, 0x33, BODY_DOTS * scale + LEADING_DOTS)) if scale > 1 else b"\x1b2"
        return b"\x1c!" + (b"\x0c" if scale > 1 else b"\x00") + leading

    def _code(self, payload: str) -> bytes:
        size = 6 if self._options.paper_mm == 80 else 5  # noqa: PLR2004 - as above
        before = self._set(Line("", align="center"))
        if self._options.qr == "raster":
            return before + self._raster(
                lambda: self._dummy.qr(payload, size=size, image_arguments={})
            )
        self._dummy.qr(payload, size=size, native=True)
        return before + self._taken() + b"\n"

    def _raster(self, make: Callable[[], None]) -> bytes:
        make()
        made = self._taken()  # for a code it begins with a choice of code page we do not want
        return break_realtime(made[made.index(b"\x1dv0") :])

    def _taken(self) -> bytes:
        made = bytes(self._dummy.output)
        self._dummy.clear()
        return made
