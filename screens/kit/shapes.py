"""Smooth shapes and icons: SVG drawn by SDL_image (pygame.draw's corners are jagged).

The icons are our own, in `screens/icons/`, 24 by 24 with strokes in `currentColor`.
"""

from functools import lru_cache
from io import BytesIO
from pathlib import Path

import pygame

ICONS = Path(__file__).parent.parent / "icons"
SHADOW = 14
"""Pixels that a card's shadow needs around it."""


def quick(picture: pygame.Surface) -> pygame.Surface:
    """The same picture with its colours in the order in which screens have them.

    SDL blits 60 times faster then. (`convert_alpha` does this too, but wants a window.)
    """
    return picture.convert(pygame.Surface((1, 1), pygame.SRCALPHA, 32))


def svg(source: str) -> pygame.Surface:
    """The picture of an SVG document."""
    return quick(pygame.image.load(BytesIO(source.encode()), "a.svg"))


@lru_cache(maxsize=256)
def card(
    width: int, height: int, radius: float, fill: str, edge: str, edge_px: float, shadow: float
) -> pygame.Surface:
    """A rounded card with `SHADOW` (times `shadow`) pixels of room around it.

    `fill` and `edge` may be "none"; `shadow` 0 draws none, else it is the zoom of the screen.
    """
    room = round(SHADOW * shadow)
    parts = [
        f'<rect x="{room - grow}" y="{room - grow + 5 * shadow}" width="{width + 2 * grow}" '
        f'height="{height + 2 * grow}" rx="{radius + grow}" fill="#3A2E1E" fill-opacity="0.035"/>'
        for grow in ((6 * shadow, 4 * shadow, 2 * shadow, 0) if shadow else ())
    ]
    inset = edge_px / 2 if edge != "none" else 0
    parts.append(
        f'<rect x="{room + inset}" y="{room + inset}" width="{width - 2 * inset}" '
        f'height="{height - 2 * inset}" rx="{max(0, radius - inset)}" fill="{fill}" '
        f'stroke="{edge}" stroke-width="{edge_px}"/>'
    )
    whole = f'width="{width + 2 * room}" height="{height + 2 * room}"'
    return svg(f'<svg xmlns="http://www.w3.org/2000/svg" {whole}>{"".join(parts)}</svg>')


@lru_cache(maxsize=64)
def disc(radius: int, fill: str) -> pygame.Surface:
    """A filled circle."""
    side = 2 * radius
    return svg(
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{side}" height="{side}">'
        f'<circle cx="{radius}" cy="{radius}" r="{radius}" fill="{fill}"/></svg>'
    )


@lru_cache(maxsize=256)
def icon(name: str, side: int, colour: str) -> pygame.Surface:
    """An icon of ours; one that does not exist is drawn as a document, never as an error."""
    path = ICONS / f"{name}.svg"
    if not path.is_file():
        path = ICONS / "document.svg"
    source = path.read_text(encoding="utf-8")
    source = source.replace('width="24" height="24"', f'width="{side}" height="{side}"')
    return svg(source.replace("currentColor", colour))
