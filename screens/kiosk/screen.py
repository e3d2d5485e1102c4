"""The kiosk as the stage runs it: its model, its pages drawn, its targets."""

from collections.abc import Callable

from hallctl.core.commands import Command
from screens.kiosk import draw_home, draw_item, pages
from screens.kiosk.draw import LANDSCAPE, PORTRAIT, Plan
from screens.kiosk.model import Kiosk
from screens.kit.canvas import Canvas
from screens.kit.sight import Sight

BIG = 1.25
"""How much larger 字再大些 makes the text."""


def draw(canvas: Canvas, plan: Plan, page: pages.Page) -> None:
    """Any page of the kiosk."""
    canvas.text_scale = BIG if page.top.big else 1.0
    match page:
        case pages.Home():
            draw_home.home(canvas, plan, page)
        case pages.ItemList():
            draw_home.item_list(canvas, plan, page)
        case pages.ItemPage():
            draw_item.item(canvas, plan, page)
        case pages.TicketPage():
            draw_item.ticket(canvas, plan, page)
        case pages.StatePage():
            draw_item.state(canvas, plan, page)


class KioskScreen:
    """What the stage asks of a screen, for the kiosk."""

    def __init__(self, name: str, ask: Callable[[Command], str], *, landscape: bool) -> None:
        self.plan = LANDSCAPE if landscape else PORTRAIT
        self.size = (self.plan.width, self.plan.height)
        self.model = Kiosk(name, ask)

    def show(self, sight: Sight) -> pages.Page:
        """The page for this moment."""
        self.model.passed(sight)
        return self.model.show(sight)

    def draw(self, canvas: Canvas, page: object) -> None:
        """Draws a page that `show` gave."""
        assert isinstance(page, pages.Page)
        draw(canvas, self.plan, page)

    def touched(self, target: str, sight: Sight) -> None:
        """A target was touched."""
        self.model.touched(target, sight)

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
        """The page has really been shown; a kiosk has nothing to report of that."""
