"""A real window: fingers and the mouse, the loop with a daemon that is not there."""

import os

os.environ["SDL_VIDEODRIVER"] = "dummy"

import pygame
import pytest

from hallctl.client import HallClient
from hallctl.connecting import WELL
from screens import sample
from screens.kiosk.screen import KioskScreen
from screens.kit.fonts import Fonts
from screens.kit.shapes import card
from screens.kit.sight import Sight
from screens.kit.stage import Glass, Stage
from screens.kit.touch import Box


@pytest.fixture
def glass():
    made = Glass((1080, 1920), (640, 960), full=False)
    pygame.event.clear()
    yield made
    made.close()


def post(kind, **words):
    pygame.event.post(pygame.event.Event(kind, **words))


def test_a_layout_is_scaled_to_the_window_and_centred(glass):
    assert glass.zoom == 0.5
    assert glass.picture.get_size() == (540, 960)


def test_a_finger_and_the_mouse_come_in_layout_pixels(glass):
    post(pygame.FINGERDOWN, finger_id=7, x=0.5, y=0.5, touch_id=1)
    post(pygame.MOUSEBUTTONUP, button=1, pos=(320, 480), touch=False)
    assert glass.touches(0.0) == [("down", 7, 540, 960), ("up", "mouse", 540, 960)]


def test_the_false_mouse_of_a_finger_is_ignored(glass):
    post(pygame.MOUSEBUTTONDOWN, button=1, pos=(320, 480), touch=True)
    post(pygame.MOUSEBUTTONDOWN, button=3, pos=(320, 480), touch=False)
    assert glass.touches(0.0) == []


class StillHall:
    """A client whose hall is a sample and whose clock stands."""

    trouble, clock_off_s = WELL, 0.0

    def __init__(self, story):
        self.hall, self.stale_since_s = story.hall, None

    def waits(self):
        return {}

    def now(self):
        return sample.moment()

    def poll(self, timeout_s):
        return []


def test_a_tap_goes_from_the_window_to_the_page(glass):
    asked = []

    def ask(command):
        asked.append(command)
        return "c1"

    screen = KioskScreen("kiosk-1", ask, landscape=False)
    stage = Stage(screen, glass, StillHall(sample.morning()), Fonts())
    stage.turn(0)
    for kind in (pygame.FINGERDOWN, pygame.FINGERUP):
        post(kind, finger_id=1, x=0.5, y=0.35, touch_id=1)
        stage.turn(0)
    assert screen.model.place == "item"
    for kind in (pygame.FINGERDOWN, pygame.FINGERUP) * 2:
        post(kind, finger_id=1, x=0.5, y=0.71, touch_id=1)
    stage.turn(0)
    assert len(asked) == 1


def test_the_picture_is_drawn_again_only_when_the_page_has_changed(glass):
    screen = KioskScreen("kiosk-1", lambda _: "c1", landscape=False)
    drawn = []
    draw = screen.draw
    screen.draw = lambda canvas, page: (drawn.append(page), draw(canvas, page))
    stage = Stage(screen, glass, StillHall(sample.morning()), Fonts())
    for _ in range(5):
        stage._looked_s = -1e9
        stage.turn(0)
    assert len(drawn) == 1


def test_without_a_daemon_the_kiosk_is_out_of_service(tmp_path):
    client = HallClient(tmp_path, "kiosk", "kiosk-1")
    try:
        screen = KioskScreen("kiosk-1", client.ask, landscape=False)
        sight = Sight(client.hall, client.now(), client.stale_since_s, 1.0)
        assert screen.show(sight).title == "这台机器停用了"
    finally:
        client.close()


def test_a_key_comes_by_its_name_and_goes_to_a_screen_with_a_keyboard(glass):
    post(pygame.KEYDOWN, key=pygame.K_SPACE)
    post(pygame.KEYDOWN, key=pygame.K_KP7)
    assert glass.touches(0.0) == [("key", "space", 0, 0), ("key", "[7]", 0, 0)]

    class Typed:
        size = (1080, 1920)

        def __init__(self):
            self.keys = []

        def keyed(self, key, sight):
            self.keys.append(key)

        def show(self, sight):
            return len(self.keys)

        def draw(self, canvas, page):
            canvas.fill("#FFFFFF")

        def shown(self, page):
            pass

    screen = Typed()
    stage = Stage(screen, glass, StillHall(sample.morning()), Fonts())
    post(pygame.KEYDOWN, key=pygame.K_r)
    stage.turn(0)
    assert screen.keys == ["r"]


def test_what_must_be_held_acts_through_the_whole_stage_and_shows_the_seconds(glass):
    now_s = [100.0]
    seen = []

    class Evacuation:
        size = (1080, 1920)

        def __init__(self):
            self.acted = []

        def touched(self, target, sight):
            self.acted.append(target)

        def show(self, sight):
            return "page"

        def draw(self, canvas, page):
            canvas.target("evacuate", Box(0, 0, 1080, 1920), 3.0)
            seen.append(canvas.held_s)

        def shown(self, page):
            pass

    screen = Evacuation()
    stage = Stage(screen, glass, StillHall(sample.morning()), Fonts(), clock=lambda: now_s[0])
    stage.turn(0)
    post(pygame.FINGERDOWN, finger_id=1, x=0.5, y=0.5, touch_id=1)
    for _ in range(8):
        stage.turn(0)
        now_s[0] += 0.5
    assert screen.acted == ["evacuate"]
    assert seen == [0, 0, 1, 2, 0]


def test_pictures_have_the_colour_order_of_the_screen_for_speed(glass):
    text, _, _ = Fonts().line("综合服务", 60, True, "#17242D")
    for picture in (text, card(300, 200, 20, "#FFFFFF", "none", 1, 0.0)):
        assert picture.get_masks()[:3] == glass.picture.get_masks()[:3]
