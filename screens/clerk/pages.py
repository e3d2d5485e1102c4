"""The pages of the clerk's terminal as values: every word chosen, nothing left but to draw.

A `target` names what is touched; "" is something that cannot be touched now.
"""

from dataclasses import dataclass
from typing import Literal

Tone = Literal["", "primary", "warn", "brand", "bad", "ok"]


@dataclass(frozen=True, slots=True)
class Chip:
    """A state in a capsule: icon, word, colour."""

    icon: str
    words: str
    tone: Tone = ""


@dataclass(frozen=True, slots=True)
class Button:
    """A button. `busy` while its command is unanswered; `sub` why it cannot be pressed, or more."""

    target: str
    icon: str
    words: str
    sub: str = ""
    tone: Tone = ""
    busy: bool = False
    hold_s: float = 0.0
    """For how long it must be held; 0 for a touch."""
    holding: tuple[str, ...] = ()
    """What is said while it is held, second by second."""


@dataclass(frozen=True, slots=True)
class Toast:
    """What was said to a press, for a while."""

    words: str
    tone: Tone = "warn"


@dataclass(frozen=True, slots=True)
class Top:
    """What all pages carry. `stale` are the words of a lost connection, "" while there is one."""

    badge: str
    title: str
    staff: str
    chips: tuple[Chip, ...]
    clock: str
    stale: str = ""


@dataclass(frozen=True, slots=True)
class Paper:
    """One material of the check list."""

    target: str
    words: str
    ticked: bool
    missing: str
    """The word for a paper that is not there."""


@dataclass(frozen=True, slots=True)
class Case:
    """Who is at the window: the card on the left."""

    chip: Chip
    since: str
    label: str
    item: str = ""
    item_target: str = ""
    about: str = ""
    notes: tuple[Chip, ...] = ()
    papers_title: str = ""
    papers: tuple[Paper, ...] = ()
    before: str = ""
    after: str = ""
    faded: bool = False


@dataclass(frozen=True, slots=True)
class Next:
    """One of those who wait for this window."""

    label: str
    wait: str
    priority: bool


@dataclass(frozen=True, slots=True)
class WindowPage:
    """The clerk's page: one primary action, eight beside it, who is next."""

    top: Top
    case: Case
    primary: Button
    buttons: tuple[Button, ...]
    waiting: str
    waiting_sub: str
    line: tuple[Next, ...]
    help: Button
    toast: Toast | None = None
    typed: str = ""


@dataclass(frozen=True, slots=True)
class Choices:
    """Big buttons to choose from, in `columns`; leaves by `back`."""

    top: Top
    title: str
    sub: str
    buttons: tuple[Button, ...]
    back: Button
    columns: int = 4
    before: str = ""
    after: str = ""
    at: str = ""
    empty: str = ""
    numbered: bool = True
    """Whether a digit key means a button by its place."""
    toast: Toast | None = None


@dataclass(frozen=True, slots=True)
class Digits:
    """A number typed by touch; `prefixes` are the queues it may be of."""

    top: Top
    title: str
    sub: str
    shown: str
    prefixes: tuple[Button, ...]
    ok: Button
    back: Button
    toast: Toast | None = None


@dataclass(frozen=True, slots=True)
class Row:
    """One queue in the guide's overview."""

    name: str
    where: str
    waiting: str
    next: str
    wait: str
    tone: Tone = ""


@dataclass(frozen=True, slots=True)
class GuidePage:
    """The guide's home page: all queues, what a guide does, who calls for help."""

    top: Top
    heads: tuple[str, str, str, str]
    rows: tuple[Row, ...]
    empty: str
    primary: Button
    buttons: tuple[Button, ...]
    help_title: str
    help_sub: str
    helps: tuple[Button, ...]
    toast: Toast | None = None
    typed: str = ""


@dataclass(frozen=True, slots=True)
class TicketPage:
    """One ticket at the guide's desk, and what can be done with it."""

    top: Top
    chip: Chip
    label: str
    lines: tuple[tuple[str, str], ...]
    buttons: tuple[Button, ...]
    back: Button
    toast: Toast | None = None


@dataclass(frozen=True, slots=True)
class Leave:
    """Everybody must leave. `areas` tell the guide which windows are clear."""

    title: str
    sub: str
    more: str
    buttons: tuple[Button, ...]
    areas_title: str = ""
    areas: tuple[Chip, ...] = ()
    toast: Toast | None = None


@dataclass(frozen=True, slots=True)
class Plain:
    """One sentence: no hall to be seen, or nobody signed on."""

    top: Top
    icon: str
    title: str
    sub: str


Page = WindowPage | Choices | Digits | GuidePage | TicketPage | Leave | Plain
