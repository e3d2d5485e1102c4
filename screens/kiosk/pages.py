"""The kiosk's pages as values: every word is already chosen, nothing is left but to draw them.

Two equal pages give equal pictures, so a picture is drawn again only when its page has changed.
A `target` is the name of what is touched; the model knows what it means.
"""

from dataclasses import dataclass

Words = tuple[str, ...]
"""Wordings of one thing, from the longest to the shortest."""


@dataclass(frozen=True, slots=True)
class Helper:
    """One of the buttons at the foot of every page."""

    target: str
    icon: str
    words: str
    tone: str = ""
    """"" plain, `brand` for calling staff, `quiet` for going back, `on` while it acts."""
    short: str = ""
    """The same in fewer letters, where the button is too narrow."""


@dataclass(frozen=True, slots=True)
class Top:
    """What all pages carry: whose hall, the time, the language, the helpers."""

    hall: str
    hall_en: str
    seal: str
    clock: str
    date: str
    language: str
    big: bool
    helpers: tuple[Helper, ...] = ()
    contrast: bool = False


@dataclass(frozen=True, slots=True)
class Tile:
    """A category on the home page."""

    target: str
    icon: str
    name: str
    wait: Words
    free: bool


@dataclass(frozen=True, slots=True)
class Called:
    """A call in the strip of the home page."""

    label: str
    where: str
    fresh: bool


@dataclass(frozen=True, slots=True)
class Pager:
    """The place among several pages of one thing."""

    at: int
    of: int
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class Home:
    """The home page (请问您要办什么事)."""

    top: Top
    ask: str
    ask_two: str
    hint: str
    hint_two: str
    calls_words: str
    no_calls: str
    calls: tuple[Called, ...]
    banner: tuple[str, str] | None
    unsure: str
    unsure_sub: Words
    tiles: tuple[Tile, ...]
    pager: Pager | None
    stuck: str
    shut: tuple[str, Words] | None = None
    """That no numbers are given now, and when; it stands where `unsure` does."""


@dataclass(frozen=True, slots=True)
class ItemList:
    """The items of a category (您要办哪一样)."""

    top: Top
    title: str
    chips: tuple[tuple[str, Words], ...]
    ask: str
    icon: str
    items: tuple[tuple[str, str], ...]
    """(target, name)."""
    pager: Pager | None
    direct: str
    """"" when no numbers are given now."""


@dataclass(frozen=True, slots=True)
class Bring:
    """A material as the item page shows it."""

    icon: str
    name: str
    more: str


@dataclass(frozen=True, slots=True)
class ItemPage:
    """What to bring, and 取号. Without materials `open_words` stand in their place."""

    top: Top
    title: str
    chips: tuple[tuple[str, Words], ...]
    heading: str
    count: str
    materials: tuple[Bring, ...]
    pager: Pager | None
    open_icon: str
    open_words: tuple[str, str]
    cost: str
    short: str
    take: str
    """"" when no number can be taken."""
    priority: tuple[str, str] | None
    print_list: tuple[str, str] | None
    note: str
    shut: tuple[str, Words] | None = None
    """Why no number can be taken, and when; it stands where 取号 does."""
    cost_short: str = ""
    """The cost without what is not known; "" when all of it is."""
    propose: bool = False
    """Whether priority is proposed, to somebody whose ID card says 70 years or more."""


@dataclass(frozen=True, slots=True)
class TicketPage:
    """The number on the screen. `tone` and `icon` follow the truth about the slip."""

    top: Top
    title: str
    icon: str
    tone: str
    number_words: str
    label: str
    where: str
    ahead: tuple[str, str]
    wait: tuple[str, str]
    next_words: str
    steps: tuple[str, ...]
    ok: str
    reprint: str
    """"" when a reprint makes no sense now."""
    countdown: str
    read: Helper | None = None


@dataclass(frozen=True, slots=True)
class StatePage:
    """One skeleton for every state: an icon, a sentence, what one can do."""

    top: Top
    icon: str
    tone: str
    title: str
    sub: str
    do: str = ""
    steps: tuple[str, ...] = ()
    button: tuple[str, str] | None = None
    """(target, words)."""
    second: tuple[str, str] | None = None
    note: str = ""


@dataclass(frozen=True, slots=True)
class Leave:
    """Everybody must leave. The same page as on every screen of the hall."""

    top: Top


@dataclass(frozen=True, slots=True)
class PinPage:
    """Where a technician types the PIN. The page knows how many digits, never which."""

    top: Top
    title: str
    sub: str
    digits: int
    enter: str
    clear: str
    leave: str
    words: str = ""
    """What is wrong, or what is waited for."""
    tone: str = "primary"


@dataclass(frozen=True, slots=True)
class MenuPage:
    """The technician's menu: one device of this place, what is known of it, what can be done."""

    top: Top
    title: str
    device: str
    facts: tuple[tuple[str, str, str], ...]
    """(icon, words, tone)."""
    words: str
    tone: str
    buttons: tuple[tuple[str, str, str], ...]
    """(target, icon, words)."""
    leave: str


Page = Home | ItemList | ItemPage | TicketPage | StatePage | Leave | PinPage | MenuPage
