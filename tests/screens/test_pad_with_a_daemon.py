"""Pad and window screen before a real daemon: a call is proved, a touch on a face is a rating."""

import os

os.environ["SDL_VIDEODRIVER"] = "dummy"

import pygame
import pytest

from hallctl.client import HallClient
from hallctl.core.commands import CallNext, Finish, IssueTicket
from hallctl.core.events import CallShown, RatingClosed
from running import RunningDaemon, wait_until
from screens.kit.fonts import Fonts
from screens.kit.stage import Stage
from screens.pad.screen import PadScreen
from screens.window.screen import WindowScreen


class Panel:
    """A panel that is only memory: what is drawn stays, fingers are put in by the test."""

    zoom = 1.0

    def __init__(self, size):
        self.picture = pygame.Surface(size)
        self.fingers = []

    def touches(self, _now_s):
        found, self.fingers = self.fingers, []
        return found

    def present(self, _now_s, *, touched, changed):
        return changed

    def tap(self, box):
        self.fingers += [("down", 1, box.cx, box.cy), ("up", 1, box.cx, box.cy)]


@pytest.fixture
def daemon(tmp_path):
    running = RunningDaemon(tmp_path)
    running.start()
    yield running
    running.stop()


@pytest.fixture
def stage(daemon):
    made = []

    def make(role, name, screen_of):
        client = HallClient(daemon.state / "bus", role, name)
        screen = screen_of(client.ask)
        made.append(client)
        return Stage(screen, Panel(screen.size), client, Fonts())

    yield make
    for client in made:
        client.close()


def test_a_touch_on_a_face_is_a_rating_and_the_window_screen_proves_the_call(daemon, stage):
    window = stage("screen", "window-1", lambda ask: WindowScreen(1, "window-1", ask))
    pad = stage("pad", "pad-1", lambda ask: PadScreen(1, ask))
    boss = HallClient(daemon.state / "bus", "supervisor", "boss")
    heard = []

    def turned(what):
        for one in (window, pad):
            one.turn(0.02)
        heard.extend(boss.poll(0.02))
        return what()

    def seen(kind):
        found = [r.event for r in heard if isinstance(getattr(r, "event", None), kind)]
        return found[0] if found else None

    def done(command):
        answer = boss.wait(boss.ask(command), 60)
        assert answer is not None
        assert answer.ok, answer

    wait_until(lambda: turned(lambda: pad.client.hall.rules and window.client.hall.rules), 60)
    done(IssueTicket(queue="A"))
    done(CallNext(window=1))
    shown = wait_until(lambda: turned(lambda: seen(CallShown)), 60)
    assert shown.screen == "window-1"
    done(Finish(window=1))

    def face():
        return next((t.box for t in pad.touch.targets if t.id == "grade:2"), None)

    pad.surface.tap(wait_until(lambda: turned(face), 60))
    closed = wait_until(lambda: turned(lambda: seen(RatingClosed)), 60)
    assert closed.rated
    reasons = wait_until(
        lambda: turned(lambda: [t for t in pad.touch.targets if "reason" in t.id]), 60
    )
    assert len(reasons) == 6
    boss.close()
