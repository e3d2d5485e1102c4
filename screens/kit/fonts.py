"""The two weights of Noto Sans CJK, in their simplified-Chinese face.

Face 0 of the `.ttc` is Japanese (直 骨 将 述 返 are drawn otherwise), so face 2 is taken. A missing
font ends the process with code 78 (EX_CONFIG) and the one thing to do.
"""

from functools import lru_cache
from pathlib import Path

import pygame
import pygame.freetype

from screens.kit.shapes import quick

FOLDERS = (
    Path("/usr/share/fonts/opentype/noto"),
    Path("/usr/share/fonts/noto-cjk"),
    Path("/usr/share/fonts/google-noto-cjk"),
    Path("/usr/local/share/fonts"),
)
SIMPLIFIED = 2
"""Index of the SC face in NotoSansCJK-*.ttc."""
EX_CONFIG = 78
MIDDLE = 0.38
"""From the baseline up to the middle of a Chinese character, in em."""


class FontMissing(Exception):  # noqa: N818 - it says what is so
    """A font this hall needs is not installed; the text is the remedy."""


def font_path(name: str, folders: tuple[Path, ...] = FOLDERS) -> Path:
    """Where `NotoSansCJK-Bold.ttc` (say) is installed.

    Raises FontMissing, naming the package to install.
    """
    for folder in folders:
        path = folder / name
        if path.is_file():
            return path
    raise FontMissing(f"font {name} not found: install it with  apt install fonts-noto-cjk")


class Fonts:
    """Measures and renders single lines; both are cached, since a screen says little that is new.

    Sizes are pixels per em. Raises FontMissing when made on a machine without the fonts.
    """

    def __init__(self, folders: tuple[Path, ...] = FOLDERS) -> None:
        pygame.freetype.init()
        self._faces = {
            weight: pygame.freetype.Font(
                str(font_path(f"NotoSansCJK-{weight}.ttc", folders)), 40, font_index=SIMPLIFIED
            )
            for weight in ("Regular", "Bold")
        }
        for face in self._faces.values():
            face.origin = True
        self.width = lru_cache(maxsize=8192)(self._width)
        self.line = lru_cache(maxsize=1024)(self._line)

    def _width(self, text: str, size: float, bold: bool) -> float:
        """The sum of the advances of `text`, in pixels."""
        face = self._faces["Bold" if bold else "Regular"]
        metrics = face.get_metrics(text, size)
        return sum(m[4] if m else size for m in metrics)

    def missing(self, text: str) -> str:
        """The characters of `text` that the simplified-Chinese face has no glyph for."""
        metrics = zip(text, self._faces["Regular"].get_metrics(text, 40), strict=False)
        return "".join(char for char, metric in metrics if metric is None)

    def _line(
        self, text: str, size: float, bold: bool, colour: str
    ) -> tuple[pygame.Surface, int, int]:
        """The picture of one line, with its offset right of and above the pen's origin."""
        face = self._faces["Bold" if bold else "Regular"]
        surface, box = face.render(text, fgcolor=pygame.Color(colour), size=size)
        return quick(surface), box.x, box.y
