"""How an ESC/POS printer sets its letters: size, weight, place, and which character a code is."""

from dataclasses import dataclass

from hallctl.simulator.twins import escpos_stream as stream
from hallctl.simulator.twins.paper import LINE_DOTS, Cell

ALIGNS = {0: 0, 1: 1, 2: 2, 48: 0, 49: 1, 50: 2}
UTF8 = {"utf-8", "utf8"}


@dataclass(slots=True)
class Letters:
    """The settings, as they are after ESC @; `encoding` is what the printer has in its ROM."""

    encoding: str
    align: int = 0
    bold: bool = False
    inverse: bool = False
    underline: int = 0
    scale: tuple[int, int] = (1, 1)
    kanji: bool = True
    kanji_scale: tuple[int, int] | None = None
    spacing: int = LINE_DOTS
    page: int = 0
    utf8: bool = False

    def __post_init__(self) -> None:
        self.utf8 = self.encoding in UTF8

    @property
    def lead_bytes(self) -> str:
        """How text is cut into characters at present."""
        return self.hanzi_as if self.kanji else "single"

    @property
    def hanzi_as(self) -> str:
        """How it is cut in hanzi mode."""
        return "utf-8" if self.utf8 else "double"

    def cell(self, char: str, size: int) -> Cell:
        """The character of `size` bytes as it will stand in a line."""
        wide = size > 1 and ord(char) > 0x7F  # noqa: PLR2004
        columns, rows = (self.kanji_scale or self.scale) if wide else self.scale
        return Cell(char, wide, columns, rows, self.bold, self.inverse, self.underline)

    def decode(self, raw: bytes) -> str:
        """The character of a code. Raises UnicodeDecodeError for one the printer has not."""
        if not self.kanji:
            return raw.decode(stream.CODE_PAGES.get(self.page, "cp437"))
        if len(raw) == 4 and self.lead_bytes == "double":  # noqa: PLR2004
            # The ROM of such printers ends with GBK: a four-byte code prints no such character.
            raise UnicodeDecodeError(self.encoding, raw, 0, 4, "not in the printer's ROM")
        return raw.decode("utf-8" if self.utf8 else self.encoding)

    def set(self, name: str, data: bytes) -> bool:
        """A setting; False when it is none that this printer has."""
        if name in stream.WITHOUT_EFFECT:
            return True
        if name in stream.ONLY_ZERO:
            return not any(data)
        if name == "FS ( C" and data[:1] == b"0":  # function 48: 2 is UTF-8, 1 is its own
            self.utf8 = data[1:2] in {b"2", b"\x02"}
            return True
        n = data[0] if data else 0
        return self._set_size(name, n) or self._set_place(name, n)

    def _set_size(self, name: str, n: int) -> bool:
        match name:
            case "ESC E" | "ESC G":
                self.bold = bool(n & 1)
            case "ESC -" | "FS -":
                self.underline = n & 3
            case "ESC !":
                self.bold, self.underline = bool(n & 8), 1 if n & 0x80 else 0
                self.scale = (2 if n & 0x20 else 1, 2 if n & 0x10 else 1)
            case "FS !":
                # Hanzi have a size of their own until the next GS !: the last one counts.
                self.kanji_scale = (2 if n & 4 else 1, 2 if n & 8 else 1)
                self.underline = 1 if n & 0x80 else 0
            case "FS W":
                self.kanji_scale = (2, 2) if n & 1 else (1, 1)
            case "GS !":
                self.scale, self.kanji_scale = ((n >> 4 & 7) + 1, (n & 7) + 1), None
            case "GS B":
                self.inverse = bool(n & 1)
            case _:
                return False
        return True

    def _set_place(self, name: str, n: int) -> bool:
        match name:
            case "ESC a":
                self.align = ALIGNS.get(n, self.align)
            case "ESC 2" | "ESC 3":
                self.spacing = LINE_DOTS if name == "ESC 2" else n
            case "ESC t":
                self.page = n
            case "FS &" | "FS .":
                self.kanji = name == "FS &"
            case _:
                return False
        return True
