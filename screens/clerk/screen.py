"""The clerk's terminal (or, with `--role guide`, the guide's desk) as the stage runs it."""

import argparse
from collections.abc import Callable

from hallctl.client import HallClient
from hallctl.core.commands import Command
from screens.clerk import draw, draw_guide, pages
from screens.clerk.guide import Guide
from screens.clerk.model import Clerk
from screens.kit.bell import Bell
from screens.kit.canvas import Canvas
from screens.kit.sight import Sight


class ClerkScreen:
    """What the stage asks of a screen with a keyboard, for a 1280 by 800 panel."""

    size = (1280, 800)

    def __init__(self, model: Clerk | Guide) -> None:
        self.model = model

    @classmethod
    def clerk(
        cls, window: int, ask: Callable[[Command], str], name: str = "", language: str = "zh"
    ) -> "ClerkScreen":
        """The terminal of a window."""
        return cls(Clerk(name or f"clerk-{window}", ask, language, window))

    @classmethod
    def guide(
        cls,
        ask: Callable[[Command], str],
        name: str = "guide-1",
        language: str = "zh",
        ring: Callable[[], None] = lambda: None,
    ) -> "ClerkScreen":
        """The guide's desk; `ring` rings its bell."""
        return cls(Guide(name, ask, language, ring=ring))

    def show(self, sight: Sight) -> pages.Page:
        """The page for this moment."""
        self.model.passed(sight)
        return self.model.show(sight)

    def draw(self, canvas: Canvas, page: object) -> None:
        """Draws a page that `show` gave."""
        match page:
            case pages.WindowPage():
                draw.window(canvas, page)
            case pages.Choices():
                draw.choices(canvas, page)
            case pages.Digits():
                draw.digits(canvas, page)
            case pages.GuidePage():
                draw_guide.home(canvas, page)
            case pages.TicketPage():
                draw_guide.ticket(canvas, page)
            case pages.Leave():
                draw.leave(canvas, page)
            case pages.Plain():
                draw.plain(canvas, page)
            case _:
                raise TypeError(f"not a page of this screen: {page!r}")

    def touched(self, target: str, sight: Sight) -> None:
        """A target was touched."""
        self.model.touched(target, sight)

    def keyed(self, key: str, sight: Sight) -> None:
        """A key was pressed."""
        self.model.pressed(key, sight)

    def answered(
        self,
        command: str,
        ok: bool,
        result: dict[str, object],
        words: dict[str, str],
        sight: Sight,
    ) -> None:
        """One of our commands was answered."""
        self.model.answered(command, ok, result, words, sight)

    def shown(self, page: object) -> None:
        """The page is on the glass; a terminal has nothing to report of that."""


def arguments(parser: argparse.ArgumentParser) -> None:
    """The terminal's own words on the command line."""
    parser.add_argument("--window", type=int, default=1)
    parser.add_argument("--role", choices=("window", "guide"), default="window")
    parser.add_argument(
        "--bell", default="default", help="the guide's sound card (aplay -L), none for no bell"
    )
    parser.add_argument("--language", choices=("zh", "en"), default="zh")


def role(asked: argparse.Namespace) -> str:
    """Its endpoint of the bus."""
    return str(asked.role)


def make(asked: argparse.Namespace, client: HallClient) -> ClerkScreen:
    """The terminal that was asked for."""
    if asked.role == "guide":
        name = f"guide-{asked.window}" if asked.name == f"clerk-{asked.window}" else asked.name
        bell = Bell("" if asked.bell == "none" else asked.bell)
        return ClerkScreen.guide(client.ask, name, asked.language, bell.ring)
    return ClerkScreen.clerk(asked.window, client.ask, asked.name, asked.language)
