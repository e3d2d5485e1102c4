"""The hall's screen as the stage runs it, for a 1920 by 1080 panel."""

from collections.abc import Callable

from hallctl.core.commands import Command
from screens.hall import draw
from screens.hall.model import Board, HallModel
from screens.kit.canvas import Canvas
from screens.kit.sight import Sight


class HallScreen:
    """What the stage asks of a screen, for the hall."""

    size = (1920, 1080)

    def __init__(self, name: str, ask: Callable[[Command], str]) -> None:
        self.model = HallModel(name, ask)

    def show(self, sight: Sight) -> Board:
        """The board for this moment."""
        return self.model.show(sight)

    def draw(self, canvas: Canvas, page: object) -> None:
        """Draws a board that `show` gave."""
        assert isinstance(page, Board)
        draw.board(canvas, page)

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
        """The board is on the glass."""
        assert isinstance(page, Board)
        self.model.shown(page)
