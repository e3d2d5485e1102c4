"""念出来: what a page says when it is read aloud, sentence by sentence, and who reads it.

Pure. The voice itself is a child process (`voice.py`), or clips later on.
"""

import re
from typing import Literal, Protocol

from hallctl.texts import say
from screens.kiosk import pages as p

LABEL = re.compile(r"([A-Z\u4e00-\u9fff])(\d{3,4})(?!\d)")
RANGE = re.compile(r"(\d)–(\d)")


class Mouth(Protocol):
    """What reads sentences aloud, one page at a time."""

    def say(self, sentences: tuple[str, ...], language: str) -> bool:
        """Begin to read; False where there is no voice."""

    def stop(self) -> None:
        """Read no further."""

    def state(self) -> Literal["silent", "speaking", "mute"]:
        """Whether it reads now; `mute` when it turned out that nothing can be heard."""


class Mute:
    """A machine without a voice."""

    def say(self, sentences: tuple[str, ...], language: str) -> bool:  # noqa: ARG002
        """Nothing is read."""
        return False

    def stop(self) -> None:
        """There is nothing to stop."""

    def state(self) -> Literal["silent", "speaking", "mute"]:
        """It never speaks."""
        return "silent"


def view(page: p.Page) -> tuple[str, ...]:
    """Which page it is, whatever the time and the numbers on it: it is read to its end."""
    kind, t = type(page).__name__, page.top.language
    match page:
        case p.Home():
            return (kind, t, str(page.shut), str(page.pager and page.pager.at))
        case p.ItemList() | p.ItemPage():
            return (kind, t, page.title, str(page.pager and page.pager.at))
        case p.TicketPage():
            return (kind, t, page.label)
        case p.StatePage() | p.PinPage() | p.MenuPage():
            return (kind, t, page.title)
        case p.Leave():
            return (kind, t)


def spoken(page: p.Page) -> tuple[str, ...]:
    """The sentences of a page, from top to bottom, in the page's language."""
    t = page.top.language
    found = [_aloud(t, words) for words in _words(page)]
    return tuple(words for words in found if words)


def _aloud(t: str, words: str) -> str:
    """As it is said: numbers of tickets digit by digit, `6–15` as from to."""
    words = LABEL.sub(lambda m: f"{m[1]} {' '.join(m[2])} ", words)
    words = RANGE.sub(r"\1 到 \2" if t == "zh" else r"\1 to \2", words)
    return " ".join(words.split())


def _words(page: p.Page) -> list[str]:
    match page:
        case p.Home():
            return _home(page)
        case p.ItemList():
            names = [name for _, name in page.items]
            return [page.title, *_chips(page.chips), page.ask, *names, _pager(page), page.direct]
        case p.ItemPage():
            return _item(page)
        case p.TicketPage():
            number = f"{page.number_words} {page.label}"
            facts = [page.ahead[0], page.wait[0], page.next_words, *page.steps]
            return [page.title, number, page.where, *facts, page.reprint]
        case p.StatePage():
            buttons = [button[1] for button in (page.button, page.second) if button]
            return [page.title, page.sub, page.do, *page.steps, *buttons, page.note]
        case p.Leave():
            t = page.top.language
            return [say(t, f"leave.{key}") for key in ("title", "sub", "more")]
        case p.PinPage():
            return [page.title, page.sub, page.words]
        case p.MenuPage():
            return [page.title, page.device, *(words for _, words, _ in page.facts), page.words]


def _home(page: p.Home) -> list[str]:
    calls = [f"{call.label} {call.where}" for call in page.calls]
    shown = [page.calls_words, *calls] if calls else [page.no_calls]
    head = [page.ask, page.hint, *(page.banner or shown)]
    head += _shut(page.shut) or [page.unsure, page.unsure_sub[0]]
    tiles = [f"{tile.name} {tile.wait[0]}" for tile in page.tiles]
    return [*head, *tiles, _pager(page), page.stuck]


def _item(page: p.ItemPage) -> list[str]:
    brings = [f"{bring.name} {bring.more}" for bring in page.materials]
    what = [page.heading, *brings, _pager(page)] if brings else [*page.open_words]
    acts = _shut(page.shut) or [page.take.replace(" 号", "号")]
    if page.priority:
        acts += page.priority
    if page.print_list:
        acts += page.print_list
    return [page.title, *_chips(page.chips), *what, page.cost, page.short, *acts, page.note]


def _shut(shut: tuple[str, p.Words] | None) -> list[str]:
    return [shut[0], shut[1][0]] if shut else []


def _chips(chips: tuple[tuple[str, p.Words], ...]) -> list[str]:
    return [words[0] for _, words in chips]


def _pager(page: p.Home | p.ItemList | p.ItemPage) -> str:
    """That there is more than what was read."""
    if page.pager is None:
        return ""
    return f"{page.pager.at + 1} / {page.pager.of} {page.pager.after}"
