"""What the player is told: one order a line, read with suspicion."""

import json
import threading
from dataclasses import dataclass, field
from typing import Any, Final

ID_MOST = 200
SENTENCES_MOST = 64
CLIPS_MOST = 256
CHIMES: Final = frozenset({"full", "short", "none"})


class OrderError(Exception):
    """A line is no order. `id` is whose it is, "" when even that cannot be told."""

    def __init__(self, words: str, order: str = "") -> None:
        super().__init__(words)
        self.id = order


@dataclass(frozen=True, slots=True, eq=False)
class Say:
    """Play this, whole. `stopped` is set to break it off."""

    id: str
    chime: str
    sentences: tuple[tuple[str, tuple[str, ...]], ...]
    """(language, clips) each."""
    volume: int
    """Percent."""
    stopped: threading.Event = field(default_factory=threading.Event)


@dataclass(frozen=True, slots=True)
class Stop:
    """Break off what has this id."""

    id: str


@dataclass(frozen=True, slots=True)
class Look:
    """Whether the sound card is there."""

    id: str


def read_order(line: bytes) -> Say | Stop | Look:
    """A line of JSON as an order. Raises OrderError."""
    try:
        asked: Any = json.loads(line)
    except (ValueError, RecursionError):
        asked = None
    if not isinstance(asked, dict):
        raise OrderError(f"not an order: {line[:80]!r}")
    for word, kind in (("stop", Stop), ("look", Look)):
        if word in asked:
            return kind(_id(asked[word]))
    if "say" not in asked:
        raise OrderError(f"not an order: {line[:80]!r}")
    order = _id(asked["say"])
    chime, volume = asked.get("chime"), asked.get("volume")
    if not (isinstance(chime, str) and chime in CHIMES):
        raise OrderError("chime is none of full, short, none", order)
    if type(volume) is not int or not 0 <= volume <= 100:  # noqa: PLR2004 - percent
        raise OrderError("volume is no whole number from 0 to 100", order)
    return Say(order, chime, _sentences(asked.get("sentences"), order), volume)


def _id(named: object) -> str:
    if not isinstance(named, str) or not 0 < len(named) <= ID_MOST:
        raise OrderError(f"an order's name is a word: {named!r:.80}")
    return named


def _sentences(asked: Any, order: str) -> tuple[tuple[str, tuple[str, ...]], ...]:  # noqa: ANN401
    if not isinstance(asked, list) or len(asked) > SENTENCES_MOST:
        raise OrderError("sentences is no list of [language, [clips]]", order)
    return tuple(_sentence(one, order) for one in asked)


def _sentence(asked: Any, order: str) -> tuple[str, tuple[str, ...]]:  # noqa: ANN401
    match asked:
        case [str(language), [*clips]] if len(clips) <= CLIPS_MOST and all(
            isinstance(clip, str) for clip in clips
        ):
            return language, tuple(clips)
        case _:
            raise OrderError("sentences is no list of [language, [clips]]", order)
