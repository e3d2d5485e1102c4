"""A clerk's or guide's terminal with the real core as the daemon's stand-in, for tests."""

import os

os.environ["SDL_VIDEODRIVER"] = "dummy"

from dataclasses import replace
from functools import cache

import pygame

from hallctl.core.rules import Fitting, Item, Material, Staff
from sample import RULES, Bench
from screens.clerk.model import button_of
from screens.clerk.screen import ClerkScreen
from screens.kit.canvas import Canvas
from screens.kit.fonts import Fonts
from screens.kit.sight import Sight

PERMIT = Item(
    "JZ01", "居住证办理", "A", "social",
    materials=(
        Material("身份证", form="原件"), Material("住址证明"), Material("照片", copies="2 张"),
    ),
)  # fmt: skip
HALL = replace(
    RULES,
    items=(*RULES.items, PERMIT, Item("JZ02", "居住证签注", "A", "social")),
    fittings=(*RULES.fittings, Fitting("pad-1", "pad", (1,))),
)
POSTS = replace(HALL, sign_on=True, staff=(Staff("0101", (1,)), Staff("0102", (), (1,))))


@cache
def fonts():
    return Fonts()


class Terminal:
    """Touches and keys go in, commands go to the core, its answers come back."""

    def __init__(self, *, window=1, guide=False, rules=HALL):
        self.bench = Bench(rules)
        self.hall = self.bench.hall
        self.sent = []
        self.unanswered = []
        self.mono_s = 1000.0
        self.stale_s = None
        make = ClerkScreen.guide if guide else lambda ask: ClerkScreen.clerk(window, ask)
        self.screen = make(self.ask)

    def ask(self, command):
        self.sent.append(command)
        self.unanswered.append((str(len(self.sent)), command))
        return str(len(self.sent))

    def sight(self):
        return Sight(self.hall, self.bench.now, self.stale_s, self.mono_s)

    @property
    def page(self):
        return self.screen.show(self.sight())

    def canvas(self):
        canvas = Canvas(pygame.Surface(self.screen.size), fonts())
        self.screen.draw(canvas, self.page)
        return canvas

    def answer(self):
        """The hall answers what was asked, in order."""
        while self.unanswered:
            number, command = self.unanswered.pop(0)
            answer = self.bench.ask(command).answer
            words, result = answer.get("words", {}), answer.get("result", {})
            self.screen.answered(number, answer["ok"], result, words, self.sight())

    def touch(self, *targets):
        """Touches what is really drawn as a target, one after the other."""
        for target in targets:
            drawn = [t.id for t in self.canvas().targets]
            assert target in drawn, f"{target} is not among {drawn}"
            self.screen.touched(target, self.sight())
            self.answer()
            self.mono_s += 1

    def key(self, *keys):
        for key in keys:
            self.screen.keyed(key, self.sight())
            self.answer()
            self.mono_s += 1

    def later(self, seconds):
        self.mono_s += seconds
        self.bench.later(seconds)

    def button(self, target):
        return button_of(self.page, target)

    def words(self):
        return [line.text for line in self.canvas().written]

    def status(self, label):
        return self.hall.labelled(label).status
