"""What a clerk's and a guide's terminal share: places, commands under way, what was said to them.

No pygame, no clock, no wire. Nothing is optimistic: what is shown is the mirror, and a command is
under way until it is answered.
"""

from collections.abc import Callable
from dataclasses import dataclass, field, replace

from hallctl.core.commands import Command
from hallctl.core.visit import Visit
from hallctl.texts import say
from screens.clerk import words
from screens.clerk.pages import Button, Choices, Digits, Page, Toast
from screens.kit.sight import Sight

SAID_S = 6.0
"""How long a refusal stands."""
LOCK_S = 0.6
"""A primary button pressed twice acts once: another one stands in its place a moment later."""
LATE_S = 5.0
"""After so long without an answer it is said that none came yet."""
TYPED_S = 10.0
"""Digits that nobody followed up are forgotten."""
DIGITS_MOST = 6
LEFT_S = 60.0
"""A page of choices that nobody touches gives way to the main page."""
STAYS = ("main", "sign", "cover")


@dataclass(slots=True)
class Asked:
    """A command under way: the button it belongs to, and where an answer leads."""

    mark: str
    then: str
    since_s: float
    told: bool = False


@dataclass(slots=True)
class Desk:
    """The base of both models. `ask` sends a command and gives its id."""

    name: str
    ask: Callable[[Command], str]
    language: str = "zh"
    window: int = 0
    """The window it stands at, 0 for the guide's desk."""
    place: str = "main"
    page: int = 0
    typed: str = ""
    typed_s: float = 0.0
    prefix: str = ""
    asked: dict[str, Asked] = field(default_factory=dict)
    said: Toast | None = None
    said_until_s: float = 0.0
    locked_until_s: float = 0.0
    touched_s: float = 0.0

    def say(self, key: str, **values: object) -> str:
        """A text of this terminal."""
        return say(self.language, key, **values)

    # Commands under way.

    def busy(self, mark: str) -> bool:
        """Whether the command of a button is unanswered."""
        return any(a.mark == mark for a in self.asked.values())

    def send(self, mark: str, command: Command, sight: Sight, then: str = "") -> None:
        """Ask, unless the same button has asked and was not answered yet."""
        if self.busy(mark) or (mark == "primary" and sight.mono_s < self.locked_until_s):
            return
        if mark == "primary":
            self.locked_until_s = sight.mono_s + LOCK_S
        self.asked[self.ask(command)] = Asked(mark, then, sight.mono_s)

    def tell(self, words_: str, sight: Sight, tone: str = "warn") -> None:
        """Say something to whoever pressed."""
        self.said = Toast(words_, "ok" if tone == "ok" else "warn")
        self.said_until_s = sight.mono_s + SAID_S

    def answered(
        self,
        command: str,
        ok: bool,
        result: dict[str, object],
        words_by: dict[str, str],
        sight: Sight,
    ) -> None:
        """The hall answered one of our commands: a refusal is said in words."""
        asked = self.asked.pop(command, None)
        if asked is None:
            return
        if not ok:
            self.tell(words_by.get(self.language) or self.say("clerk.refused"), sight)
        elif asked.then:
            self.followed(asked.then, result)

    def followed(self, then: str, result: dict[str, object]) -> None:
        """A command with a `then` has been carried out."""

    def passed(self, sight: Sight) -> None:
        """Time has passed."""
        if self.said is not None and sight.mono_s >= self.said_until_s:
            self.said = None
        if self.place == "main" and self.typed and sight.mono_s - self.typed_s > TYPED_S:
            self.typed = ""
        if self.place not in STAYS and sight.mono_s - self.touched_s > LEFT_S:
            self.go("main")
        for asked in self.asked.values():
            if not asked.told and sight.mono_s - asked.since_s > LATE_S:
                asked.told = True
                self.tell(self.say("clerk.late"), sight)

    # Touches and keys.

    def deaf(self, sight: Sight) -> bool:
        """Whether nothing may be asked: the hall is not heard."""
        return sight.stale_since_s is not None or sight.hall.rules is None or sight.now is None

    def touched(self, target: str, sight: Sight) -> None:
        """A target was touched."""
        if not target or self.deaf(sight):
            return
        self.touched_s = sight.mono_s
        act, _, what = target.partition(":")
        getattr(self, f"_on_{act}")(what, sight)

    def show(self, sight: Sight) -> Page:
        """The page for this moment."""
        raise NotImplementedError

    def go(self, place: str) -> None:
        """To another page of this terminal, from its beginning."""
        self.place, self.page, self.typed = place, 0, ""

    def type(self, digit: str, sight: Sight) -> None:
        """A digit was typed."""
        if len(self.typed) < DIGITS_MOST:
            self.typed += digit
        self.typed_s = sight.mono_s

    def label(self) -> str:
        """The typed number as a ticket's label, of the chosen queue."""
        return f"{self.prefix}{int(self.typed):03d}" if self.prefix else self.typed

    def open_digits(self, place: str, prefixes: list[str]) -> None:
        """To the page on which a ticket's number is typed."""
        self.go(place)
        self.prefix = prefixes[0] if prefixes else ""

    def digits_page(
        self, sight: Sight, title: str, sub: str, prefixes: list[str], ok: str
    ) -> Digits:
        """The page on which a number is typed."""
        done = "ok" if self.typed else ""
        return Digits(
            words.top(self, sight),
            title,
            sub,
            f"{self.prefix}{self.typed}",
            tuple(
                Button(f"prefix:{p}", "", p, tone="primary" if p == self.prefix else "")
                for p in prefixes
            ),
            Button(done, "tick", ok, tone="primary", busy=self.busy("ok")),
            self.back(),
            self.said,
        )

    def back(self) -> Button:
        """The way back to the main page."""
        return Button("back", "left", self.say("clerk.back"))

    def visit_named(self, label: str, sight: Sight) -> Visit | None:
        """The visit of today with that label."""
        return sight.hall.labelled(label.strip().upper())

    def _on_back(self, _: str, __: Sight) -> None:
        self.go("main")

    def _on_page(self, step: str, _: Sight) -> None:
        self.page = max(0, self.page + int(step))

    def _on_prefix(self, prefix: str, _: Sight) -> None:
        self.prefix = prefix

    def _on_digit(self, digit: str, sight: Sight) -> None:
        self.type(digit, sight)

    def _on_erase(self, _: str, __: Sight) -> None:
        self.typed = self.typed[:-1]

    def _on_none(self, _: str, __: Sight) -> None:
        """Something that only tells."""


def numbered(page: Choices, digit: str) -> str:
    """The target that a digit key means on a page of choices: by place, or a window; "" for none.

    Where windows are chosen from, 3 must be window 3 and nothing else.
    """
    if not page.numbered:
        return next((b.target for b in page.buttons if b.target == f"window:{digit}"), "")
    at = int(digit or 0)
    return page.buttons[at - 1].target if 0 < at <= len(page.buttons) else ""


def quiet(button: Button) -> Button:
    """A button that cannot be touched now."""
    return replace(button, target="")
