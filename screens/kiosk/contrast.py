"""High contrast, the second step of 字再大些: black, white and one yellow (ux.md section 4).

Pages are drawn by the same code; this canvas draws what lies underneath and what is written on
it in other colours, and gives everything an edge of 4 px.
"""

from collections.abc import Mapping
from dataclasses import fields
from typing import Any

from screens.kit import tokens as k
from screens.kit.canvas import Canvas
from screens.kit.touch import Box

BLACK, WHITE, YELLOW, PRESSED = "#000000", "#FFFFFF", "#FFE14D", "#2A2A2A"
EDGE_PX = 4.0
GROUNDS: Mapping[str, str] = {
    k.PRIMARY: YELLOW,
    k.PRIMARY_PRESSED: WHITE,
    k.PRIMARY_SOFT: PRESSED,
    k.BRAND: WHITE,
    "#8A2F1A": "#C8C8C8",
    k.SUNKEN: PRESSED,
    "#DDD5C7": BLACK,
    "#F0D5CB": PRESSED,
    k.LINE: WHITE,
    k.LINE2: WHITE,
    k.DARK_LINE: WHITE,
    k.OK: WHITE,
    k.WARN: WHITE,
    k.BAD: WHITE,
    "none": "none",
}
"""What lies underneath, and edges; everything else becomes black."""
INKS: Mapping[str, str] = {k.SURFACE: BLACK, k.PRIMARY: YELLOW, k.CALL: YELLOW}
"""What is written; everything else becomes white. White words stand on main actions only."""


class ContrastCanvas(Canvas):
    """A canvas that changes the colours it is told."""

    __slots__ = ()

    def fill(self, colour: str, box: Box | None = None) -> None:
        """A plain ground, or a rule."""
        super().fill(GROUNDS.get(colour, BLACK), box)

    def card(
        self,
        box: Box,
        fill: str,
        radius: float = 20,
        edge: str = "none",  # noqa: ARG002 - all edges are white
        edge_px: float = 2,
        shadow: bool = False,  # noqa: ARG002 - nothing casts a shadow on black
    ) -> None:
        """A rounded card with a white edge; a card without a fill keeps its own edge."""
        if fill == "none":
            super().card(box, fill, radius, BLACK, edge_px)
        else:
            super().card(box, GROUNDS.get(fill, BLACK), radius, WHITE, EDGE_PX)

    def disc(self, cx: float, cy: float, radius: float, fill: str) -> None:
        """A filled circle."""
        super().disc(cx, cy, radius, GROUNDS.get(fill, BLACK))

    def icon(self, name: str, cx: float, cy: float, side: float, colour: str) -> None:
        """One of our icons."""
        super().icon(name, cx, cy, side, INKS.get(colour, WHITE))

    def text(
        self,
        text: str | tuple[str, ...],
        box: Box,
        size: float,
        colour: str,
        **more: Any,  # noqa: ANN401 - handed on as it is
    ) -> Box:
        """One line of text."""
        return super().text(text, box, size, INKS.get(colour, WHITE), **more)

    def paragraph(
        self,
        text: str,
        box: Box,
        size: float,
        colour: str,
        **more: Any,  # noqa: ANN401 - handed on as it is
    ) -> float:
        """Text of several lines."""
        return super().paragraph(text, box, size, INKS.get(colour, WHITE), **more)


def in_contrast(canvas: Canvas) -> Canvas:
    """The same surface in high contrast; what is drawn is noted on the canvas that was given."""
    return ContrastCanvas(**{f.name: getattr(canvas, f.name) for f in fields(canvas)})
