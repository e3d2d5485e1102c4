"""The rating pad as the stage runs it, for a 10-inch panel of 1280 by 800."""

import argparse
from collections.abc import Callable

from hallctl.client import HallClient
from hallctl.core.commands import Command
from screens.kit.canvas import Canvas
from screens.kit.sight import Sight
from screens.pad import draw
from screens.pad.model import PadModel
from screens.pad.pages import PAGES, Page


class PadScreen:
    """What the stage asks of a screen, for one window's pad."""

    size = (1280, 800)

    def __init__(self, number: int, ask: Callable[[Command], str]) -> None:
        self.model = PadModel(number, ask)

    def show(self, sight: Sight) -> Page:
        """The page for this moment."""
        return self.model.show(sight)

    def draw(self, canvas: Canvas, page: object) -> None:
        """Draws a page that `show` gave."""
        assert isinstance(page, PAGES)
        draw.draw(canvas, page)

    def touched(self, target: str, sight: Sight) -> None:
        """A target was touched."""
        self.model.touched(target, sight)

    def answered(
        self,
        command: str,
        ok: bool,
        result: dict[str, object],  # noqa: ARG002 - a grade has no result
        words: dict[str, str],
        sight: Sight,
    ) -> None:
        """A grade, or its reasons, were answered."""
        self.model.answered(command, ok, words, sight)

    def shown(self, page: object) -> None:
        """Nothing on the pad is a call."""


def arguments(parser: argparse.ArgumentParser) -> None:
    """Which window it stands at."""
    parser.add_argument("--window", type=int, required=True, help="its number, as in hall.yaml")


def role(asked: argparse.Namespace) -> str:  # noqa: ARG001
    """Its endpoint of the bus: the only one that may rate."""
    return "pad"


def make(asked: argparse.Namespace, client: HallClient) -> PadScreen:
    """The pad of the window that was asked for."""
    return PadScreen(asked.window, client.ask)
