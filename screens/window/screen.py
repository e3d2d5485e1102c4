"""The screen over a window as the stage runs it, for a 1920 by 1080 panel."""

import argparse
from collections.abc import Callable

from hallctl.client import HallClient
from hallctl.core.commands import Command
from screens.kit.canvas import Canvas
from screens.kit.sight import Sight
from screens.window import draw
from screens.window.model import Board, Dark, Leave, Page, WindowModel


class WindowScreen:
    """What the stage asks of a screen, for one window."""

    size = (1920, 1080)

    def __init__(self, number: int, name: str, ask: Callable[[Command], str]) -> None:
        self.model = WindowModel(number, name, ask)

    def show(self, sight: Sight) -> Page:
        """The page for this moment."""
        return self.model.show(sight)

    def draw(self, canvas: Canvas, page: object) -> None:
        """Draws a page that `show` gave."""
        assert isinstance(page, Board | Dark | Leave)
        draw.draw(canvas, page)

    def touched(self, target: str, sight: Sight) -> None:
        """Nothing on this screen is touched."""

    def answered(
        self,
        command: str,
        ok: bool,
        result: dict[str, object],
        words: dict[str, str],
        sight: Sight,
    ) -> None:
        """A report that a call was shown needs no answer."""

    def shown(self, page: object) -> None:
        """The page is on the glass."""
        assert isinstance(page, Board | Dark | Leave)
        self.model.shown(page)


def arguments(parser: argparse.ArgumentParser) -> None:
    """Which window it hangs over."""
    parser.add_argument("--window", type=int, required=True, help="its number, as in hall.yaml")


def role(asked: argparse.Namespace) -> str:  # noqa: ARG001
    """Its endpoint of the bus."""
    return "screen"


def make(asked: argparse.Namespace, client: HallClient) -> WindowScreen:
    """The screen of the window that was asked for."""
    return WindowScreen(asked.window, asked.name, client.ask)
