"""How a slip becomes ESC/POS bytes: hanzi as our own checked bytes, rare characters as pictures.

python-escpos makes size, alignment, QR and raster into its Dummy. It does not make our text: it
sends "?" for a line that is punctuation only, and codes of four bytes most printers cannot print.
A slip of 15 lines is 0.6 kB as text and 55 kB as a picture (58 s at 9600 baud), so only the line
with a character the printer lacks becomes one.
"""

import unicodedata
from collections.abc import Callable, Iterator
from functools import cache
from typing import TYPE_CHECKING, Any

from drivers.escpos.profiles import LATIN_PAGES, EscposOptions
from hallctl.core.slip import Code, Gap, Line, Rule, Slip

if TYPE_CHECKING:
    from PIL.Image import Image
    from PIL.ImageFont import FreeTypeFont

BODY_DOTS = 24
LINE_DOTS = 30
LEADING_DOTS = 8  # below an enlarged line; the printer gives it none of its own
DOTS_A_MM = 8
RESET = b"\x1b@"  # ESC @
HANZI, NO_HANZI = b"\x1c&", b"\x1c."  # FS & (harmless where it is on anyway), FS .
REPORTS_ON = b"\x1da\x0e"  # GS a: report when on-line state, an error or the paper changes
CUTS = {"partial": b"\x1dVB\x00", "full": b"\x1dVA\x00"}  # GS V 66 and 65: feed to the knife, cut
CAN_BYTES = 8  # what a command of ours has at most beside its data
NO_LINE_BEGINS_WITH = frozenset("，。；：、！？）》”’】,.;:!?) ")
NO_LINE_ENDS_WITH = frozenset("（《“‘【(")
FONTS = "/usr/share/fonts/opentype/noto/NotoSansCJK-{weight}.ttc"
FONT_FACE_SC = 2  # faces in the collection: JP KR SC TC HK
PROFILES_OF_LIBRARY = {80: "NT-80-V-UL", 58: "NT-5890K"}
QR_BYTES = (17, 32, 53, 78, 106, 134, 154, 192, 230, 271)
"""How many bytes a QR code of version 1, 2 … holds at level L (ISO/IEC 18004)."""
UNDRAWABLE = "〓"  # GB2312's own mark for a character that is not there


def clean(text: str) -> str:
    """Without anything that is no character on paper: controls (also C1), bidi, zero-width."""
    spaced = text.replace("¥", "￥").translate({9: " ", 10: " ", 13: " ", 0x2028: " ", 0x2029: " "})
    return "".join(c for c in spaced if unicodedata.category(c) not in {"Cc", "Cf", "Cs"})


def printable(char: str, encoding: str) -> bytes:
    """The bytes of a character that is in the printer's own set; b"" for one that is not.

    A GB18030 code of four bytes comes out of most printers as two wrong characters; what a
    printer that reads UTF-8 has is taken to be the same set.
    """
    try:
        code = char.encode("gb18030" if encoding == "utf8" else encoding)
    except UnicodeEncodeError:
        return b""
    if len(code) > 2:  # noqa: PLR2004 - one byte or two
        return b""
    return char.encode() if encoding == "utf8" else code


def latin_code(char: str, page: str) -> bytes:
    """The byte of a letter in a code page; b"" when it is not there, or there is no page."""
    if page not in LATIN_PAGES or char.isascii():
        return b""
    return char.encode(page, errors="ignore")


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
    """Puts one slip into bytes. python-escpos makes size, QR and raster; hanzi are our own.

    After `slip`: `dots` is the paper printed on and fed, `longest` the longest command's bytes.
    """

    def __init__(self, options: EscposOptions) -> None:
        from escpos.printer import Dummy  # noqa: PLC0415 - 0.2 s and a temporary folder

        self._options = options
        # A profile that knows its width: without one python-escpos prints a warning on stdout.
        self._dummy: Any = Dummy(profile=PROFILES_OF_LIBRARY[options.paper_mm])
        self._style: tuple[object, ...] = (1, "left", False, False)
        self._spacing = LINE_DOTS
        self.lacks_font = False
        self.dots = 0
        self.longest = CAN_BYTES

    @property
    def length_mm(self) -> int:
        """How much paper the slip takes, with the way to the knife, rounded up."""
        return -(-self.dots // DOTS_A_MM) + self._options.knife_mm

    def slip(self, slip: Slip) -> bytes:
        """The whole slip, from initialising to the cut."""
        return self._begin() + b"".join(map(self._part, slip.parts)) + self.cut()

    def cut(self) -> bytes:
        """Feed and cut: also what parts a slip broken off from the next one."""
        lines = self._options.feed_lines
        self.dots += lines * self._spacing
        fed = bytes((0x1B, 0x64, lines)) if lines else b""  # ESC d n
        return fed + CUTS[self._options.cut]

    def _begin(self) -> bytes:
        options = self._options
        begun = RESET
        if options.asb:  # ESC @ ends the reports
            begun += REPORTS_ON
        if options.encoding == "utf8":
            begun += bytes.fromhex(options.utf8_start)
        else:
            begun += HANZI
            if options.latin in LATIN_PAGES:
                begun += bytes((0x1B, 0x74, LATIN_PAGES[options.latin]))  # ESC t n
        return begun + self._logo()

    def _logo(self) -> bytes:
        number = self._options.logo
        if not number:
            return b""
        self.dots += self._options.logo_mm * DOTS_A_MM + self._spacing
        centred = self._set(Line("", align="center"))
        if self._options.logo_command == "FS p":
            return centred + bytes((0x1C, 0x70, number, 0)) + b"\n"
        # GS ( L, function 69: a picture of two key characters, here the number's digits.
        return centred + b"\x1d(L\x06\x000E%02d\x01\x01\n" % number

    def _part(self, part: Line | Rule | Gap | Code) -> bytes:
        if isinstance(part, Line):
            return self._line(part)
        if isinstance(part, Rule):
            columns = self._options.dots // 12
            return self._line(Line("-" * columns if part.dashed else "─" * (columns // 2)))
        if isinstance(part, Gap):
            self.dots += self._spacing * max(0, part.lines)
            return b"\n" * max(0, part.lines)
        return self._code(clean(part.payload))

    def _line(self, line: Line) -> bytes:
        columns = self._options.dots // 12 // line.scale
        edge = " " if line.inverse else ""  # white letters want black around them
        rows = wrap(clean(line.text), columns - 2 * len(edge), self._width)
        return b"".join(self._row(edge + row + edge, line) for row in rows)

    def _width(self, char: str) -> int:
        return 1 if char.isascii() or self._latin(char) else 2

    def _latin(self, char: str) -> bytes:
        """The letter's byte outside hanzi mode, where the printer's hanzi lack it."""
        options = self._options
        if options.encoding == "utf8" or printable(char, options.encoding):
            return b""
        return latin_code(char, options.latin)

    def _row(self, row: str, line: Line) -> bytes:
        words = self._words(row)
        if words is None:
            try:
                image = draw(row, line, self._options.dots)
            except OSError:
                self.lacks_font = True
                words = self._words(row, UNDRAWABLE) or b""
            else:
                return self._set(Line("")) + self._raster(lambda: self._dummy.image(image))
        styled = self._set(line)
        self.dots += max(BODY_DOTS * line.scale, self._spacing)
        return styled + words + b"\n"

    def _words(self, row: str, instead: str = "") -> bytes | None:
        """The row's bytes, with the way out of hanzi mode and back; None: it must be drawn."""
        made, outside = b"", False
        for char in row:
            latin = self._latin(char)
            code = latin or printable(char, self._options.encoding)
            if not code and not instead:
                return None
            code = code or printable(instead, self._options.encoding)
            if bool(latin) != outside and not char.isascii():
                outside = not outside
                made += NO_HANZI if outside else HANZI
            made += code
        return made + HANZI if outside else made

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

    def _size(self, scale: int) -> bytes:
        """FS ! for hanzi, and the line's height: ESC 3, or ESC 2 for the printer's own."""
        self._spacing = BODY_DOTS * scale + LEADING_DOTS if scale > 1 else LINE_DOTS
        leading = bytes((0x1B, 0x33, self._spacing)) if scale > 1 else b"\x1b2"
        return b"\x1c!" + (b"\x0c" if scale > 1 else b"\x00") + leading

    def _code(self, payload: str) -> bytes:
        size = 6 if self._options.paper_mm == 80 else 5  # noqa: PLR2004 - as above
        before = self._set(Line("", align="center")) + b"\n"  # readers want white around a code
        self.dots += 2 * self._spacing
        if self._options.qr == "raster":
            drawn = self._raster(lambda: self._dummy.qr(payload, size=size, image_arguments={}))
            return before + drawn + b"\n"
        self._dummy.qr(payload, size=size, native=True)
        self._long(len(payload.encode()))
        version = sum(len(payload.encode()) > most for most in QR_BYTES) + 1
        self.dots += (17 + 4 * version) * size
        return before + self._taken() + b"\n"

    def _raster(self, make: Callable[[], None]) -> bytes:
        make()
        made = self._taken()  # for a code it has a code page and blank lines around it
        made = made[made.index(b"\x1dv0") :]
        across, down = made[4] | made[5] << 8, made[6] | made[7] << 8
        self._long(across * down)
        self.dots += down
        return break_realtime(made[: 8 + across * down])

    def _long(self, size: int) -> None:
        self.longest = max(self.longest, size + CAN_BYTES)

    def _taken(self) -> bytes:
        made = bytes(self._dummy.output)
        self._dummy.clear()
        return made
