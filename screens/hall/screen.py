"""The hall's screen as the stage runs it, for a 1920 by 1080 panel."""

import argparse
from collections.abc import Callable

from hallctl.client import HallClient
from hallctl.core.commands import Command
from screens.hall import draw
from screens.hall.model import Board, Dark, HallModel, Leave, Page
from screens.kit.canvas import Canvas
from screens.kit.sight import Sight


class HallScreen:
    """What the stage asks of a screen, for the hall."""

    size = (1920, 1080)

    def __init__(
        self, name: str, ask: Callable[[Command], str], *, calls_only: bool = False
    ) -> None:
        self.model = HallModel(name, ask)
        self._calls_only = calls_only

    def show(self, sight: Sight) -> Page:
        """The page for this moment."""
        return self.model.show(sight)

    def draw(self, canvas: Canvas, page: object) -> None:
        """Draws a page that `show` gave."""
        assert isinstance(page, Board | Dark | Leave)
        draw.draw(canvas, page, calls=self._calls_only)

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
    """The board's own words on the command line."""
    parser.add_argument("--layout", choices=("board", "calls"), default="board")


def role(asked: argparse.Namespace) -> str:  # noqa: ARG001
    """Its endpoint of the bus."""
    return "screen"


def make(asked: argparse.Namespace, client: HallClient) -> HallScreen:
    """The board that was asked for."""
    return HallScreen(asked.name, client.ask, calls_only=asked.layout == "calls")
