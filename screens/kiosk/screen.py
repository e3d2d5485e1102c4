"""The kiosk as the stage runs it: its model, its pages drawn, its targets."""

import argparse
import atexit
from collections.abc import Callable

from hallctl.client import HallClient
from hallctl.core.commands import Command
from screens.kiosk import draw_home, draw_item, draw_menu, pages
from screens.kiosk.contrast import in_contrast
from screens.kiosk.draw import LANDSCAPE, PORTRAIT, Plan
from screens.kiosk.model import Kiosk
from screens.kiosk.spoken import Mouth, Mute
from screens.kiosk.voice import Espeak
from screens.kit import leave
from screens.kit.canvas import Canvas
from screens.kit.sight import Sight

BIG = 1.25
"""How much larger 字再大些 makes the text."""
RESTART = 75
"""The process ends with this when a technician asks for a new start; systemd begins it anew."""


def draw(canvas: Canvas, plan: Plan, page: pages.Page) -> None:
    """Any page of the kiosk."""
    if isinstance(page, pages.Leave):
        leave.page(canvas, page.top.language)
        return
    if page.top.contrast:
        canvas = in_contrast(canvas)
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
        case pages.PinPage():
            draw_menu.pin(canvas, plan, page)
        case pages.MenuPage():
            draw_menu.menu(canvas, plan, page)


class KioskScreen:
    """What the stage asks of a screen, for the kiosk."""

    def __init__(
        self,
        name: str,
        ask: Callable[[Command], str],
        *,
        landscape: bool,
        ask_as: Callable[[Command, str], str] | None = None,
        mouth: Mouth | None = None,
    ) -> None:
        """`ask_as` asks with a technician's PIN; `mouth` reads aloud."""
        self.plan = LANDSCAPE if landscape else PORTRAIT
        self.size = (self.plan.width, self.plan.height)
        self.model = Kiosk(name, ask, ask_as, mouth or Mute())

    def show(self, sight: Sight) -> pages.Page:
        """The page for this moment."""
        self.model.passed(sight)
        return self.model.show(sight)

    def draw(self, canvas: Canvas, page: object) -> None:
        """Draws a page that `show` gave."""
        assert isinstance(page, pages.Page)
        draw(canvas, self.plan, page)

    def touched(self, target: str, sight: Sight) -> None:
        """A target was touched. SystemExit when a technician wants the screen begun anew."""
        self.model.touched(target, sight)
        if self.model.menu.restart:
            self.model.hush()
            raise SystemExit(RESTART)

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


def arguments(parser: argparse.ArgumentParser) -> None:
    """The kiosk's own words on the command line."""
    parser.add_argument("--landscape", action="store_true")


def role(asked: argparse.Namespace) -> str:  # noqa: ARG001
    """Its endpoint of the bus."""
    return "kiosk"


def make(asked: argparse.Namespace, client: HallClient) -> KioskScreen:
    """The kiosk that was asked for."""

    def ask_as(command: Command, pin: str) -> str:
        return client.ask(command, pin=pin)

    mouth = Espeak()
    atexit.register(mouth.stop)  # nobody is read to by a screen that has gone
    return KioskScreen(
        asked.name, client.ask, landscape=asked.landscape, ask_as=ask_as, mouth=mouth
    )
