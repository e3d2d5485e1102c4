"""The pages of the rating pad, as values: equal pages give equal pictures. No pygame."""

from dataclasses import dataclass

from screens.window.words import Rest

GRADES = (5, 4, 3, 2, 1)
"""From left to right, as residents read them."""


@dataclass(frozen=True, slots=True)
class Top:
    """Whose pad it is: above every page but the reasons."""

    seal: str
    number: int
    label: str
    """The ticket that is asked about; "" for none."""
    right: tuple[str, ...]
    """What the visit was about, or who works here; from the longest wording to the shortest."""


@dataclass(frozen=True, slots=True)
class Note:
    """A sentence with an icon: the welcome, a closed window, thanks, a no."""

    top: Top
    rest: Rest
    clock: str = ""


@dataclass(frozen=True, slots=True)
class Ask:
    """Five faces. None is chosen before a finger chooses."""

    top: Top


@dataclass(frozen=True, slots=True)
class Reason:
    """A reason that may be chosen; `key` as in the rules."""

    key: str
    words: str
    english: str
    chosen: bool


@dataclass(frozen=True, slots=True)
class Why:
    """What went wrong, after a low grade. `stuck`: where one may say it in person, "" for here."""

    reasons: tuple[Reason, ...]
    stuck: str
    send: str
    send_en: str


@dataclass(frozen=True, slots=True)
class Dark:
    """Nobody is in the hall: a black screen."""


@dataclass(frozen=True, slots=True)
class Leave:
    """Everybody must leave."""


Page = Note | Ask | Why | Dark | Leave
PAGES = Note, Ask, Why, Dark, Leave
