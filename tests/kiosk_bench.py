"""A kiosk before a hall, with hands that touch what is really drawn and a clock turned by hand."""

import os

os.environ["SDL_VIDEODRIVER"] = "dummy"

from dataclasses import replace
from functools import cache

import pygame

from hallctl.config.load import load
from hallctl.core import events as e
from hallctl.device import driver_class
from running import ROOT
from screens import sample
from screens.kiosk.screen import KioskScreen
from screens.kit.canvas import Canvas
from screens.kit.fonts import Fonts


@cache
def real_rules():
    """hall.yaml and catalogue.yaml of the repository, with their forty items."""
    return load(ROOT, driver_class=driver_class).rules


@cache
def fonts():
    """One set of fonts for all tests: what they have measured they need not measure again."""
    return Fonts()


def real_hall():
    """The hall of the repository's files, just opened."""
    story = sample.Story()
    story.happen(e.DayOpened(day=sample.DAY))
    story.happen(e.RulesSet(rules=real_rules(), digest="real"))
    return story


class Voice:
    """A mouth that says nothing aloud, speaks as long as a test wants, and remembers."""

    def __init__(self):
        self.said, self.now = [], "silent"

    def say(self, sentences, language):
        self.said.append((language, sentences))
        self.now = "speaking"
        return True

    def stop(self):
        self.now = "silent"

    def state(self):
        return self.now


class Hands:
    """Touches the targets that are drawn, and no others."""

    def __init__(self, story=None, *, landscape=False, clock="9:42", voice=None):
        self.story = story or sample.morning()
        self.asked, self.pins = [], []
        self.screen = KioskScreen(
            "kiosk-1", self._ask, landscape=landscape, ask_as=self._ask_as, mouth=voice
        )
        self.clock, self.mono_s = clock, 1000.0
        self.show()
        self.screen.model.touched_s = self.mono_s

    @property
    def model(self):
        return self.screen.model

    def _ask(self, command):
        self.asked.append(command)
        return f"c{len(self.asked)}"

    def _ask_as(self, command, pin):
        self.pins.append(pin)
        return self._ask(command)

    @property
    def sight(self):
        return sample.sight_of(self.story, self.clock, mono_s=self.mono_s)

    def show(self):
        return self.screen.show(self.sight)

    def drawn(self):
        canvas = Canvas(pygame.Surface(self.screen.size), fonts())
        self.screen.draw(canvas, self.show())
        return canvas

    def targets(self):
        return [target.id for target in self.drawn().targets]

    def touch(self, *targets):
        for target in targets:
            assert target in self.targets(), (target, self.targets())
            self.screen.touched(target, self.sight)
            self.mono_s += 1.0
        return self.show()

    def pass_s(self, seconds):
        self.mono_s += seconds
        return self.show()

    def answer(self, ok=True, result=None, words=None):
        self.screen.answered(f"c{len(self.asked)}", ok, result or {}, words or {}, self.sight)
        return self.show()

    def page_to(self, target):
        """Turn pages until the target is there; turning is not counted as a touch."""
        while target not in self.targets():
            before = self.show()
            self.touch("page:1")
            assert self.show() != before, target


def with_quota(rules, queue_id, quotas):
    """The rules with so many numbers a span for one queue."""
    queues = tuple(replace(q, quotas=quotas) if q.id == queue_id else q for q in rules.queues)
    return replace(rules, queues=queues)
