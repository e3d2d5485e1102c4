"""Which words a strip can show: what fits its width, in pages where nothing fits."""

import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from hallctl.core.effects import StripState

UNSHOWABLE = "〓"
"""Stands for a character that a GBK font cannot have; every Chinese font has this mark."""
_CONTROLS = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})


@dataclass(slots=True)
class Shown:
    """What stands on one strip."""

    pages: tuple[str, ...] = ("",)
    state: StripState = "idle"
    page: int = 0

    @property
    def text(self) -> str:
        """The page that is up."""
        return self.pages[self.page]


@dataclass(frozen=True, slots=True)
class Heard:
    """Something a strip said, as its driver reads it.

    `answer` and `refused` come from `address` to a request of one of `kinds` (none: of any);
    `stale` when the answer shows that the strip has lost its text. `own` is our own, heard back.
    """

    what: Literal["answer", "refused", "garbage", "bad_checksum", "own"]
    frame: bytes
    address: int = -1
    kinds: tuple[str, ...] = ()
    stale: bool = False


def halves(text: str) -> int:
    """The width in half hanzi; of showable text also its length in GB18030 bytes."""
    return sum(1 if c.isascii() else 2 for c in text)


def showable(text: str) -> str:
    """Without controls, and with 〓 for what is no character of GBK."""
    kept = (c for c in text if unicodedata.category(c) not in _CONTROLS)
    return "".join(c if c.encode("gbk", errors="ignore") else UNSHOWABLE for c in kept)


def pages(text: str, columns: int) -> Iterator[str]:
    """The text in pieces that fit into so many hanzi."""
    page = ""
    for char in text:
        if page and halves(page + char) > 2 * columns:
            yield page
            page = ""
        page += char
    yield page


def fitting(texts: Sequence[str], columns: int) -> tuple[str, ...]:
    """The first (longest) of the texts that fits, as the one page; else pages of the shortest."""
    shown = [showable(text) for text in texts] or [""]
    text = next((text for text in shown if halves(text) <= 2 * columns), None)
    return (text,) if text is not None else tuple(pages(shown[-1], columns))
