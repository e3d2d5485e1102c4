"""The loop of one screen process: the bus in, touches in, a picture out when it has changed."""

import signal
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from types import FrameType
from typing import Protocol, runtime_checkable

import pygame

from hallctl.asked import Answer
from hallctl.client import HallClient
from hallctl.connecting import Trouble
from screens.kit import trouble as troubles
from screens.kit.canvas import Canvas
from screens.kit.fonts import Fonts
from screens.kit.frames import DeskWire
from screens.kit.nohall import NoHall
from screens.kit.sight import Sight
from screens.kit.touch import Target, Touch

BEAT_S = 0.03
"""How long the bus is waited for; so long a touch may wait too."""
LOOK_S = 0.25
"""How often the page is asked for when nothing came: countdowns and clocks run on."""
ASK_S = 2.0
"""How often it is looked whether there is another key, when this one does not help."""
MOUSE = "mouse"


class Screen(Protocol):
    """A screen: a model with its drawing."""

    @property
    def size(self) -> tuple[int, int]:
        """Width and height in layout pixels."""

    def show(self, sight: Sight) -> object:
        """The page for this moment; equal pages give equal pictures."""

    def draw(self, canvas: Canvas, page: object) -> None:
        """Draws a page."""

    def touched(self, target: str, sight: Sight) -> None:
        """A target was touched."""

    def answered(
        self,
        command: str,
        ok: bool,
        result: dict[str, object],
        words: dict[str, str],
        sight: Sight,
    ) -> None:
        """A command of this screen was answered."""

    def shown(self, page: object) -> None:
        """The page is on the glass (or at the desk)."""


@runtime_checkable
class Keyed(Protocol):
    """A screen with a keyboard."""

    def keyed(self, key: str, sight: Sight) -> None:
        """A key was pressed, by SDL's name for it: `space`, `r`, `return`."""


class Surface(Protocol):
    """Where a screen appears: a real window, or the desk's socket."""

    zoom: float

    @property
    def picture(self) -> pygame.Surface:
        """What is drawn on."""

    def touches(self, now_s: float) -> list[tuple[str, object, float, float]]:
        """(down or up, finger, x, y) in layout pixels; (key, its name, 0, 0) for a key."""

    def present(self, now_s: float, *, touched: bool, changed: bool) -> bool:
        """Bring the picture out; answers whether it has gone."""

    def close(self) -> None:
        """Give back what was taken."""


class Glass:
    """A real window, or the whole screen.

    Finger events are read as such; SDL's fake mouse events for them are off
    (SDL_TOUCH_MOUSE_EVENTS=0, set before pygame starts).
    """

    def __init__(
        self, layout: tuple[int, int], size: tuple[int, int] | None, *, full: bool
    ) -> None:
        pygame.display.init()
        flags = pygame.FULLSCREEN if full else 0
        self._layout = layout
        self._window = pygame.display.set_mode(size or ((0, 0) if full else layout), flags)
        pygame.display.set_caption("hallctl")
        pygame.mouse.set_visible(not full)
        self._fit()

    def _fit(self) -> None:
        width, height = self._window.get_size()
        self.zoom = min(width / self._layout[0], height / self._layout[1])
        self._left = round((width - self._layout[0] * self.zoom) / 2)
        self._top = round((height - self._layout[1] * self.zoom) / 2)
        inner = (round(self._layout[0] * self.zoom), round(self._layout[1] * self.zoom))
        self.picture = self._window.subsurface(pygame.Rect((self._left, self._top), inner))

    def touches(self, now_s: float) -> list[tuple[str, object, float, float]]:  # noqa: ARG002
        """Fingers and the mouse since the last time; SystemExit(0) when the window is closed."""
        found: list[tuple[str, object, float, float]] = []
        width, height = self._window.get_size()
        for event in pygame.event.get():
            if event.type == pygame.QUIT:
                raise SystemExit(0)
            if event.type in (pygame.FINGERDOWN, pygame.FINGERUP):
                phase = "down" if event.type == pygame.FINGERDOWN else "up"
                at = (event.x * width, event.y * height)
                found.append((phase, event.finger_id, *self._layout_point(at)))
            elif event.type == pygame.KEYDOWN:
                found.append(("key", pygame.key.name(event.key), 0, 0))
            elif event.type in (pygame.MOUSEBUTTONDOWN, pygame.MOUSEBUTTONUP):
                if event.button != 1 or getattr(event, "touch", False):
                    continue
                phase = "down" if event.type == pygame.MOUSEBUTTONDOWN else "up"
                found.append((phase, MOUSE, *self._layout_point(event.pos)))
        return found

    def _layout_point(self, at: tuple[float, float]) -> tuple[float, float]:
        return (at[0] - self._left) / self.zoom, (at[1] - self._top) / self.zoom

    def present(self, now_s: float, *, touched: bool, changed: bool) -> bool:  # noqa: ARG002
        """Flip, when there is something new."""
        if changed:
            pygame.display.flip()
        return changed

    def close(self) -> None:
        """Close the window."""
        pygame.display.quit()


class DeskSurface:
    """A surface of our own, whose pictures go to the desk."""

    def __init__(
        self, layout: tuple[int, int], size: tuple[int, int] | None, wire: DeskWire
    ) -> None:
        self._layout, self._wire = layout, wire
        room = size or layout
        self.zoom = min(room[0] / layout[0], room[1] / layout[1])
        self.picture = pygame.Surface((round(layout[0] * self.zoom), round(layout[1] * self.zoom)))

    def touches(self, now_s: float) -> list[tuple[str, object, float, float]]:
        """What was touched on the desk's page."""
        self._wire.keep(now_s)
        found: list[tuple[str, object, float, float]] = []
        for message in self._wire.touches():
            if message.get("kind") == "key":
                found.append(("key", str(message.get("key", "")), 0, 0))
            if message.get("kind") != "touch" or message.get("phase") not in ("down", "up"):
                continue
            x, y = float(message.get("x", -1)), float(message.get("y", -1))
            found.append((message["phase"], MOUSE, x * self._layout[0], y * self._layout[1]))
        return found

    def present(self, now_s: float, *, touched: bool, changed: bool) -> bool:
        """Send it; a picture waits its turn unless somebody has just touched the screen."""
        return self._wire.show(self.picture, now_s, touched=touched, changed=changed)

    def close(self) -> None:
        """Leave the desk."""
        self._wire.close()


@dataclass(slots=True)
class Stage:
    """Runs one screen until it is told to stop."""

    screen: Screen
    surface: Surface
    client: HallClient | NoHall
    fonts: Fonts
    remote: bool = False
    """Whether the hall is on the network: then it is said why it cannot be reached."""
    language: str = "zh"
    mended: Callable[[], bool] = lambda: False
    """Asked now and then while no waiting helps: whether there is another key to try."""
    clock: Callable[[], float] = time.monotonic
    touch: Touch = field(default_factory=Touch)
    stopped: bool = False
    over: bool = False
    """Whether the stage must be begun anew, with another key."""
    _asked_s: float = 0.0
    _drawn: tuple[object, str, int] | None = None
    _unseen: object = None
    _looked_s: float = -1e9
    _targets: Sequence[Target] = ()

    def run(self) -> None:
        """Until SIGTERM or SIGINT, or until it must be begun anew."""
        signal.signal(signal.SIGTERM, self._stop)
        signal.signal(signal.SIGINT, self._stop)
        while not (self.stopped or self.over):
            self.turn(BEAT_S)

    def _stop(self, _signal: int, _frame: FrameType | None) -> None:
        self.stopped = True

    def sight(self) -> Sight:
        """What is to be seen now."""
        client = self.client
        stale_s = client.stale_since_s
        off_s = client.clock_off_s
        return Sight(client.hall, client.now(), stale_s, self.clock(), client.waits(), off_s)

    def trouble(self) -> Trouble | None:
        """Why there is no hall, where that must stand in the place of a page."""
        trouble = self.client.trouble
        seen = self.client.hall.rules is not None
        if trouble.what in troubles.LASTING or (trouble.what and self.remote and not seen):
            return trouble
        return None

    def turn(self, wait_s: float) -> None:
        """Once around: hear, feel, look, draw."""
        heard = self.client.poll(wait_s)
        for message in heard:
            if isinstance(message, Answer):
                self.screen.answered(
                    message.id, message.ok, message.result, message.words, self.sight()
                )
        touched = self._feel()
        now_s = self.clock()
        if self.client.trouble.what in troubles.LASTING and now_s - self._asked_s > ASK_S:
            self._asked_s = now_s
            self.over = self.mended()
        changed = False
        if heard or touched or now_s - self._looked_s >= LOOK_S:
            self._looked_s = now_s
            changed = self._look()
            self.touch.targets = self._targets
        if self.surface.present(now_s, touched=touched, changed=changed) and self._unseen:
            self.screen.shown(self._unseen)
            self._unseen = None

    def _feel(self) -> bool:
        found = self.surface.touches(self.clock())
        for phase, finger, x, y in found:
            if phase == "down":
                self.touch.down(finger, x, y, self.clock())
            elif phase == "up":
                self._act(self.touch.up(finger, x, y))
            elif isinstance(self.screen, Keyed) and not isinstance(self._drawn_page(), Trouble):
                self.screen.keyed(str(finger), self.sight())
        held = self.touch.held(self.clock())
        self._act(held)
        return bool(found or held)

    def _drawn_page(self) -> object:
        return self._drawn[0] if self._drawn else None

    def _act(self, target: str) -> None:
        if target:
            self.screen.touched(target, self.sight())
            self.touch.targets = ()  # nobody touches a page that was not yet seen

    def _look(self) -> bool:
        """Draw the page if it is another one; answers whether it was."""
        trouble = self.trouble()
        page = trouble or self.screen.show(self.sight())
        pressed, held_s = self.touch.pressed, int(self.touch.held_s(self.clock()))
        if self._drawn == (page, pressed, held_s):
            return False
        zoom = self.surface.zoom
        canvas = Canvas(self.surface.picture, self.fonts, zoom, pressed=pressed, held_s=held_s)
        if trouble:
            troubles.page(canvas, trouble, self.language)
        else:
            self.screen.draw(canvas, page)
        self._targets = canvas.targets
        self._drawn, self._unseen = (page, pressed, held_s), None if trouble else page
        return True
