"""Scenes: a screen at one page, as the gallery, the check and the golden images draw it.

Each screen package has a `scenes.py` with `scenes() -> Iterator[Scene]`; whoever wants to see all
screens asks `all_scenes`, so no list of screens exists. Say a scene with `scene(...)`:

    yield scene("window-paused", WindowScreen(3, deaf), WALL, sample.morning(), clock="9:42")

A scene's name begins with its screen's name and is unique; a page in English ends in `-english`.
"""

import importlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import pygame

from hallctl.core.commands import Command
from screens import sample
from screens.kit.canvas import Canvas
from screens.kit.fonts import Fonts
from screens.kit.stage import Screen

PACKAGES = Path(__file__).parent.parent


@dataclass(frozen=True, slots=True)
class Limits:
    """What is asked of a class of screens (design notes, ux.md section 10). Sizes are px."""

    text: float
    """Smallest text; `exempt` ones (they repeat a Chinese text) are held to `second`."""
    second: float
    contrast: float
    status: float
    """Contrast of status and brand words."""
    mm: float = 0.0
    """Millimetres per pixel, of the smallest panel the layout is for."""
    target_mm: float = 0.0
    gap: float = 0.0
    reach_y: float = 0.0
    """Nothing is touched above this line,"""
    staff: tuple[str, ...] = ()
    """but for these, which are not for the public."""


KIOSK = Limits(40, 28, 7, 5, mm=0.248, target_mm=20, gap=18)
PORTRAIT_KIOSK = replace(KIOSK, reach_y=565, staff=("seal",))
"""At y = 565 a 32-inch kiosk is 1 220 mm above the floor."""
HALL = Limits(30, 24, 7, 5)
WINDOW = Limits(44, 36, 7, 5)
PAD = Limits(40, 36, 7, 5, mm=0.170, target_mm=20, gap=18)
CLERK = Limits(26, 22, 4.5, 4.5, mm=0.169, target_mm=10, gap=4)


@dataclass(frozen=True, slots=True)
class Scene:
    """A page of a screen, under a name; `limits` are those of its class of screens."""

    name: str
    screen: Screen
    page: object
    limits: Limits

    @property
    def english(self) -> bool:
        """Whether the page is an English one."""
        return "-english" in self.name

    def drawn(self, fonts: Fonts, *, measured: bool = False) -> Canvas:
        """The page on a surface of its own; `measured` notes the ground under each text."""
        canvas = Canvas(pygame.Surface(self.screen.size), fonts, measured=measured)
        self.screen.draw(canvas, self.page)
        return canvas


def deaf(command: Command) -> str:  # noqa: ARG001
    """Takes any command and does nothing: scenes ask nobody."""
    return "c1"


def scene(
    name: str,
    screen: Screen,
    limits: Limits,
    story: sample.Story,
    *,
    clock: str = "9:42",
    day: str = sample.DAY,
    stale_s: float | None = None,
    touches: Sequence[str] = (),
    mono_s: float = 1000.0,
) -> Scene:
    """What a screen shows of a story at a time, after touches. `screen` must be a fresh one.

    `stale_s` is since when nothing was heard (0.0 before any contact).
    """
    sight = sample.sight_of(story, clock, stale_s, mono_s, day)
    for touch in touches:
        screen.show(sight)
        screen.touched(touch, sight)
    return Scene(name, screen, screen.show(sight), limits)


def screen_names() -> list[str]:
    """The screens there are: packages here that have a screen.py."""
    return sorted(p.parent.name for p in PACKAGES.glob("*/screen.py"))


def scenes_of(name: str) -> Iterator[Scene]:
    """All scenes of one screen; none when its package has no scenes.py yet."""
    if (PACKAGES / name / "scenes.py").is_file():
        yield from importlib.import_module(f"screens.{name}.scenes").scenes()


def all_scenes(only: str = "") -> Iterator[Scene]:
    """All scenes of all screens one after the other, or those whose names begin with `only`."""
    for name in screen_names():
        if name.startswith(only) or only.startswith(name):
            yield from (found for found in scenes_of(name) if found.name.startswith(only))
