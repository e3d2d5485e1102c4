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
SPECK = 6
"""So many of the 288 points under a text must have a colour to count as its ground."""


@dataclass(frozen=True, slots=True)
class Written:
    """A line of text as drawn: where it could go (`room`) and where it went (`box`)."""

    text: str
    size: float
    room: Box
    box: Box
    exempt: bool
    colour: str = ""
    cut: bool = False
    grounds: tuple[str, ...] = ()
    """The colours under it, noted when the canvas is `measured`."""


@dataclass(slots=True)
class Canvas:
    """A surface of `zoom` real pixels to a layout pixel; text grows by `text_scale`."""

    surface: pygame.Surface
    fonts: Fonts
    zoom: float = 1.0
    text_scale: float = 1.0
    pressed: str = ""
    held_s: int = 0
    """Whole seconds for which the pressed target has been held, when it must be."""
    shift: tuple[float, float] = (0, 0)
    """Moves what is drawn from here on, in layout pixels: against burning in."""
    measured: bool = False
    written: list[Written] = field(default_factory=list)
    targets: list[Target] = field(default_factory=list)

    def fill(self, colour: str, box: Box | None = None) -> None:
        """A plain ground, over all or a box."""
        area = None if box is None else self._real(box)
        self.surface.fill(pygame.Color(colour), area)

    def _real(self, box: Box) -> pygame.Rect:
        dx, dy = self.shift
        x, y = round((box.x + dx) * self.zoom), round((box.y + dy) * self.zoom)
        right, bottom = round((box.right + dx) * self.zoom), round((box.bottom + dy) * self.zoom)
        return pygame.Rect(x, y, right - x, bottom - y)

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
        picture = shapes.disc(round(radius * self.zoom), fill)
        self._centred(picture, cx, cy)

    def icon(self, name: str, cx: float, cy: float, side: float, colour: str) -> None:
        """One of our icons, centred."""
        picture = shapes.icon(name, round(side * self.zoom), colour)
        self._centred(picture, cx, cy)

    def _centred(self, picture: pygame.Surface, cx: float, cy: float) -> None:
        x, y = (cx + self.shift[0]) * self.zoom, (cy + self.shift[1]) * self.zoom
        width, height = picture.get_size()
        self.surface.blit(picture, (round(x - width / 2), round(y - height / 2)))

    def line(self, x: float, y: float, w: float, colour: str, h: float = 2) -> None:
        """A rule: horizontal, or vertical when `h` is the longer edge."""
        self.fill(colour, Box(x, y, w, h))

    def target(self, name: str, box: Box, hold_s: float = 0.0) -> bool:
        """Lets `box` be touched (or held for `hold_s`); answers whether it is pressed now."""
        self.targets.append(Target(name, box, hold_s))
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
        chosen, used, cut = self._fit([full_width(t) for t in texts], box.w, want, least, bold)
        return self._put(chosen, box, used, colour, bold, align, exempt, cut)

    def _fit(
        self, texts: list[str], room: float, want: float, least: float, bold: bool
    ) -> tuple[str, float, bool]:
        for text in texts:
            size = want
            while size > least and self.fonts.width(text, size, bold) > room:
                size = max(least, size - max(0.5, size / 64))
            if self.fonts.width(text, size, bold) <= room:
                return text, size, False
        text = texts[-1]
        while len(text) > 1 and self.fonts.width(text + ELLIPSIS, least, bold) > room:
            text = text[:-1]
        return text + ELLIPSIS, least, True

    def _put(
        self,
        text: str,
        box: Box,
        size: float,
        colour: str,
        bold: bool,
        align: str,
        exempt: bool,
        cut: bool,
    ) -> Box:
        width = self.fonts.width(text, size, bold)
        shift = {"left": 0.0, "center": (box.w - width) / 2, "right": box.w - width}[align]
        x, z = box.x + shift, self.zoom
        went = Box(x, box.cy - size * 0.5, width, size)
        grounds = self._grounds(went) if self.measured and text.strip() else ()
        if text.strip():
            picture, dx, dy = self.fonts.line(text, round(size * z * 2) / 2, bold, colour)
            baseline = round((box.cy + self.shift[1] + MIDDLE * size) * z)
            self.surface.blit(picture, (round((x + self.shift[0]) * z) + dx, baseline - dy))
        self.written.append(Written(text, size, box, went, exempt, colour, cut, grounds))
        return went

    def _grounds(self, box: Box) -> tuple[str, ...]:
        """The colours now in `box`, where text is about to go; specks are left out."""
        area = self._real(box).clip(self.surface.get_rect())
        if not area.width or not area.height:
            return ()
        under = pygame.transform.scale(self.surface.subsurface(area), (24, 12))
        found: dict[str, int] = {}
        for at in range(24 * 12):
            red, green, blue, _ = under.get_at((at % 24, at // 24))
            name = f"#{red:02X}{green:02X}{blue:02X}"
            found[name] = found.get(name, 0) + 1
        return tuple(name for name, count in found.items() if count >= SPECK)

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
        too_many = len(lines) > most
        if too_many:
            lines = [*lines[: most - 1], lines[most - 1][:-1] + ELLIPSIS]
        height = self._height(len(lines), used, leading)
        top = box.y + (0 if valign == "top" else (box.h - height) / 2)
        for at, line in enumerate(lines):
            row = Box(box.x, top + at * used * leading, box.w, used)
            cut = at == len(lines) - 1 and too_many
            self._put(line, row, used, colour, bold, align, exempt, cut)
        return height

    def _lines(self, text: str, room: float, size: float, bold: bool) -> list[str]:
        return wrap(text, room, lambda part: self.fonts.width(part, size, bold))

    @staticmethod
    def _height(lines: int, size: float, leading: float) -> float:
        return size + (lines - 1) * size * leading
