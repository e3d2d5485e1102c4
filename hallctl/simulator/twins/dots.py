"""Characters as dots: the fonts in the ROM of a printer or of an LED card."""

from functools import lru_cache
from io import BytesIO
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont

FONT_FOLDER = Path("/usr/share/fonts/opentype/noto")
FACE_WIDE = 2
"""Noto Sans CJK SC in the collection, for characters as wide as high."""
FACE_HALF = 7
"""Noto Sans Mono CJK SC: its Latin is exactly half as wide as high, as in a printer."""


@lru_cache(maxsize=32)
def _font(bold: bool, face: int, size: int) -> ImageFont.FreeTypeFont:
    name = "NotoSansCJK-Bold.ttc" if bold else "NotoSansCJK-Regular.ttc"
    return ImageFont.truetype(str(FONT_FOLDER / name), size, index=face)


@lru_cache(maxsize=4096)
def glyph(
    char: str, width: int, height: int, *, bold: bool = False, level: int = 128
) -> Image.Image:
    """`char` in a cell of `width` × `height` dots, 1 bit, a set dot is 255.

    `level` is the grey (0 to 255) from which a dot is set. Drawn so that the cell height is the
    em, with the ideographs filling the cell.
    """
    wide = width * 4 > height * 3
    font = _font(bold, FACE_WIDE if wide else FACE_HALF, height)
    grey = Image.new("L", (width, height), 0)
    # 0.88 em is the ideographic top of the Noto CJK fonts above the baseline.
    baseline = round(height * 0.88)
    left = max(0.0, (width - font.getlength(char)) / 2)
    ImageDraw.Draw(grey).text((left, baseline), char, font=font, fill=255, anchor="ls")
    return grey.point(lambda value: 255 if value >= level else 0).convert("1")


def png(image: Image.Image) -> bytes:
    """The image as a PNG file."""
    out = BytesIO()
    image.save(out, "PNG")
    return out.getvalue()
