"""Every page of every screen in every state, from the sample hall, as PNG files.

For our own looking and for the documents. What is drawn is each package's `scenes.py`.
"""

import argparse
from collections.abc import Callable, Iterable
from pathlib import Path

import pygame
from PIL import Image

from screens.kit.canvas import Canvas
from screens.kit.fonts import Fonts
from screens.kit.scene import Scene, all_scenes
from screens.kit.stage import Screen

SHEET_CELL, SHEET_GAP, SHEET_WIDTH = 224, 8, 1632
NOT_ON_SHEET = ("-english", "-landscape-", "-dark")
"""Pages that look like others on the sheet."""
SHEET_COLOURS = 64
SHEET_GROUND = "#DAD4C8"


def run(asked: argparse.Namespace, say: Callable[[str], object]) -> int:
    """`gallery OUT [--only NAME] [--sheet FILE]`; answers the exit code. Raises FontMissing."""
    save_all(asked.out, say, all_scenes(asked.only))
    if asked.sheet:
        chosen = [
            path
            for path in sorted(asked.out.glob(f"{asked.only}*.png"))
            if not any(part in path.stem for part in NOT_ON_SHEET)
        ]
        sheet(chosen).save(asked.sheet, optimize=True)
        say(f"{asked.sheet}\n")
    return 0


def drawn(screen: Screen, page: object, fonts: Fonts) -> Canvas:
    """A page on a surface of its own."""
    canvas = Canvas(pygame.Surface(screen.size), fonts)
    screen.draw(canvas, page)
    return canvas


def save_all(folder: Path, say: Callable[[str], object], scenes: Iterable[Scene]) -> None:
    """Draws scenes into a folder. Raises FontMissing."""
    folder.mkdir(parents=True, exist_ok=True)
    fonts = Fonts()
    for scene in scenes:
        path = folder / f"{scene.name}.png"
        pygame.image.save(scene.drawn(fonts).surface, str(path))
        say(f"{path}\n")


def sheet(paths: list[Path]) -> Image.Image:
    """Many pictures on one, small: upright ones and lying ones in rows of their own."""
    small = []
    for path in paths:
        with Image.open(path) as found:
            picture = found.convert("RGB")
        picture.thumbnail((SHEET_CELL, SHEET_CELL), Image.Resampling.LANCZOS)
        small.append(picture)
    small.sort(key=lambda picture: picture.height)  # stable: the rest keeps its order
    places, x, y = [], SHEET_GAP, SHEET_GAP
    for at, picture in enumerate(small):
        if x + picture.width > SHEET_WIDTH:
            x, y = SHEET_GAP, y + small[at - 1].height + SHEET_GAP
        places.append((x, y))
        x += picture.width + SHEET_GAP
    height = y + max(p.height for p in small) + SHEET_GAP
    whole = Image.new("RGB", (SHEET_WIDTH, height), SHEET_GROUND)
    for picture, place in zip(small, places, strict=True):
        whole.paste(picture, place)
    return whole.quantize(SHEET_COLOURS, dither=Image.Dither.NONE)
