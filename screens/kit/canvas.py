"""What pages are drawn with: cards, icons and text that always fits, in layout pixels.

The canvas notes every text and target it draws: the lint of the tests and the touch read them.
"""

from dataclasses import dataclass, field

import pygame

from screens.kit import shapes
from screens.kit.fonts import MIDDLE, Fonts
from screens.kit.touch import Box, Target
from screens.kit.wrap import full_width, wrap

LINE_HEIGHT = 1.32
ELLIPSIS = "…"


@dataclass(frozen=True, slots=True)
class Written:
    """A line of text as drawn: where it could go (`room`) and where it went (`box`)."""

    text: str
    size: float
    room: Box
    box: Box
    exempt: bool


@dataclass(slots=True)
class Canvas:
    """A surface of `zoom` real pixels to a layout pixel; text grows by `text_scale`."""

    surface: pygame.Surface
    fonts: Fonts
    zoom: float = 1.0
    text_scale: float = 1.0
    pressed: str = ""
    written: list[Written] = field(default_factory=list)
    targets: list[Target] = field(default_factory=list)

    def fill(self, colour: str, box: Box | None = None) -> None:
        """A plain ground, over all or a box."""
        area = None if box is None else self._real(box)
        self.surface.fill(pygame.Color(colour), area)

    def _real(self, box: Box) -> pygame.Rect:
        x, y = round(box.x * self.zoom), round(box.y * self.zoom)
        return pygame.Rect(
            x, y, round(box.right * self.zoom) - x, round(box.bottom * self.zoom) - y
        )

    def card(
        self,
        box: Box,
        fill: str,
        radius: float = 20,
        edge: str = "none",
        edge_px: float = 2,
        shadow: bool = False,
    ) -> None:
        """A rounded card."""
        real, z = self._real(box), self.zoom
        lift = z if shadow else 0.0
        picture = shapes.card(
            real.width, real.height, radius * z, fill, edge, max(1.0, edge_px * z), lift
        )
        room = round(shapes.SHADOW * lift)
        self.surface.blit(picture, (real.x - room, real.y - room))

    def disc(self, cx: float, cy: float, radius: float, fill: str) -> None:
        """A filled circle."""
        r = round(radius * self.zoom)
        picture = shapes.disc(r, fill)
        self.surface.blit(picture, (round(cx * self.zoom) - r, round(cy * self.zoom) - r))

    def icon(self, name: str, cx: float, cy: float, side: float, colour: str) -> None:
        """One of our icons, centred."""
        real = round(side * self.zoom)
        picture = shapes.icon(name, real, colour)
        at = (round(cx * self.zoom - real / 2), round(cy * self.zoom - real / 2))
        self.surface.blit(picture, at)

    def line(self, x: float, y: float, w: float, colour: str, h: float = 2) -> None:
        """A rule: horizontal, or vertical when `h` is the longer edge."""
        self.fill(colour, Box(x, y, w, h))

    def target(self, name: str, box: Box) -> bool:
        """Lets `box` be touched; answers whether it is pressed now."""
        self.targets.append(Target(name, box))
        return self.pressed == name

    def width(self, text: str, size: float, bold: bool = False) -> float:
        """How wide a text is, at `size` times the text scale, in layout pixels."""
        return self.fonts.width(text, size * self.text_scale, bold)

    def text(
        self,
        text: str | tuple[str, ...],
        box: Box,
        size: float,
        colour: str,
        *,
        bold: bool = False,
        align: str = "left",
        smallest: float = 40,
        exempt: bool = False,
        fixed: bool = False,
    ) -> Box:
        """One line in the middle of `box`'s height; shrinks to `smallest` rather than overflow.

        Of several texts (longest first) the first that fits is taken.
        `fixed` keeps the size under a larger text scale. Answers where it went.
        """
        texts = (text,) if isinstance(text, str) else text
        want = size * (1.0 if fixed else self.text_scale)
        least = min(smallest, want)
        chosen, used = self._fit([full_width(t) for t in texts], box.w, want, least, bold)
        return self._put(chosen, box, used, colour, bold, align, exempt)

    def _fit(
        self, texts: list[str], room: float, want: float, least: float, bold: bool
    ) -> tuple[str, float]:
        for text in texts:
            size = want
            while size > least and self.fonts.width(text, size, bold) > room:
                size = max(least, size - max(0.5, size / 64))
            if self.fonts.width(text, size, bold) <= room:
                return text, size
        text = texts[-1]
        while len(text) > 1 and self.fonts.width(text + ELLIPSIS, least, bold) > room:
            text = text[:-1]
        return text + ELLIPSIS, least

    def _put(
        self, text: str, box: Box, size: float, colour: str, bold: bool, align: str, exempt: bool
    ) -> Box:
        width = self.fonts.width(text, size, bold)
        shift = {"left": 0.0, "center": (box.w - width) / 2, "right": box.w - width}[align]
        x, z = box.x + shift, self.zoom
        if text.strip():
            picture, dx, dy = self.fonts.line(text, round(size * z * 2) / 2, bold, colour)
            baseline = round((box.cy + MIDDLE * size) * z)
            self.surface.blit(picture, (round(x * z) + dx, baseline - dy))
        went = Box(x, box.cy - size * 0.5, width, size)
        self.written.append(Written(text, size, box, went, exempt))
        return went

    def paragraph(
        self,
        text: str,
        box: Box,
        size: float,
        colour: str,
        *,
        bold: bool = False,
        align: str = "left",
        valign: str = "middle",
        smallest: float = 40,
        leading: float = LINE_HEIGHT,
        exempt: bool = False,
    ) -> float:
        """Text broken into as many lines as `box` holds, smaller when it must; answers its height.

        When even the smallest size does not fit, the last line ends in an ellipsis.
        """
        used = size * self.text_scale
        least = min(smallest, used)
        whole = full_width(text)
        lines = self._lines(whole, box.w, used, bold)
        while used > least and self._height(len(lines), used, leading) > box.h:
            used = max(least, used - 2)
            lines = self._lines(whole, box.w, used, bold)
        most = max(1, int((box.h - used) / (used * leading) + 1.001))
        if len(lines) > most:
            lines = [*lines[: most - 1], lines[most - 1][:-1] + ELLIPSIS]
        height = self._height(len(lines), used, leading)
        top = box.y + (0 if valign == "top" else (box.h - height) / 2)
        for at, line in enumerate(lines):
            row = Box(box.x, top + at * used * leading, box.w, used)
            self._put(line, row, used, colour, bold, align, exempt)
        return height

    def _lines(self, text: str, room: float, size: float, bold: bool) -> list[str]:
        return wrap(text, room, lambda part: self.fonts.width(part, size, bold))

    @staticmethod
    def _height(lines: int, size: float, leading: float) -> float:
        return size + (lines - 1) * size * leading
