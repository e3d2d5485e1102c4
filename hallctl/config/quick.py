"""A file's values and places by libyaml: 30 times as quick as ruamel.yaml, if nothing is odd.

A daemon that comes back reads three files in which nobody changed anything. So what is plain is
read here, and whatever is not (a mistake, an anchor, a tag, a number in a rare notation) is left to
`reading`, which knows the words for it. Both give the same values at the same places; where that is
in doubt, this one gives up.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Final

from hallctl.config.characters import BLANKS
from hallctl.config.tree import MAX_DEPTH, Path_

try:
    from yaml import (
        DocumentEndEvent,
        DocumentStartEvent,
        MappingEndEvent,
        MappingStartEvent,
        ScalarEvent,
        SequenceEndEvent,
        SequenceStartEvent,
        StreamEndEvent,
        StreamStartEvent,
        YAMLError,
    )
    from yaml.cyaml import CParser
except ImportError:  # PyYAML was built without libyaml: then all is read slowly
    CParser = None

_INT: Final = re.compile(r"-?(?:0|[1-9][0-9]{0,15})")
_FLOAT: Final = re.compile(r"-?(?:0|[1-9][0-9]{0,15})\.[0-9]{1,15}")
_NUMBERLIKE: Final = re.compile(r"[-+]?[.0-9][.0-9_a-zA-Z]*(?:[eE][-+][0-9]*)?")
"""What YAML may take for a number in some notation."""
_WORDS: Final = {"true": True, "false": False, "null": None, "~": None}
_ODD: Final = frozenset({"<<", "="})
"""Words of YAML's own. And where nothing stands, the two ways name two places for it."""
Spot = tuple[int, int]


class OddError(Exception):
    """Not for here: `composing` reads it."""


@dataclass(slots=True)
class Plainly:
    """What was read: `keys` and `values` say in which line and column each begins, from 1."""

    value: dict[str | int, object]
    keys: dict[Path_, Spot] = field(default_factory=dict)
    values: dict[Path_, Spot] = field(default_factory=dict)


def quickly(text: str) -> Plainly | None:
    """The whole of a file, or None when it has to be read the other way."""
    if CParser is None or "\t" in text:
        return None
    try:
        return _Reader(CParser(text).get_event).file()
    except (OddError, YAMLError, ValueError):
        return None


class _Reader:
    """Makes values of events; gives up at the first thing that is not plain."""

    def __init__(self, get_event: Callable[[], Any]) -> None:
        self._event = get_event
        self._found = Plainly({})

    def file(self) -> Plainly:
        self._expect(StreamStartEvent)
        begin = self._expect(DocumentStartEvent)
        value = self._value(self._event(), ())
        end = self._expect(DocumentEndEvent)
        self._expect(StreamEndEvent)
        if begin.explicit or end.explicit or not isinstance(value, dict):
            raise OddError
        self._found.value = value
        return self._found

    def _expect(self, kind: type[Any]) -> Any:  # noqa: ANN401 - PyYAML has no types
        event = self._event()
        if not isinstance(event, kind):
            raise OddError
        return event

    def _value(self, event: Any, path: Path_) -> object:  # noqa: ANN401
        if getattr(event, "anchor", None) is not None or len(path) > MAX_DEPTH:
            raise OddError
        self._found.values[path] = spot = (event.start_mark.line + 1, event.start_mark.column + 1)
        self._found.keys.setdefault(path, spot)
        if isinstance(event, ScalarEvent):
            return _scalar(event)
        if isinstance(event, MappingStartEvent) and event.tag is None:
            return self._mapping(path)
        if isinstance(event, SequenceStartEvent) and event.tag is None:
            return self._sequence(path)
        raise OddError

    def _sequence(self, path: Path_) -> tuple[object, ...]:
        made: list[object] = []
        while not isinstance(event := self._event(), SequenceEndEvent):
            made.append(self._value(event, (*path, len(made))))
        return tuple(made)

    def _mapping(self, path: Path_) -> dict[str | int, object]:
        made: dict[str | int, object] = {}
        while not isinstance(event := self._event(), MappingEndEvent):
            key = _scalar(event) if isinstance(event, ScalarEvent) else None
            if not isinstance(key, str | int) or isinstance(key, bool) or key in made:
                raise OddError
            at = (*path, key)
            self._found.keys[at] = (event.start_mark.line + 1, event.start_mark.column + 1)
            made[key] = self._value(self._event(), at)
        return made


def _scalar(event: Any) -> object:  # noqa: ANN401 - PyYAML has no types
    text = str(event.value)
    if event.tag is not None or not text.translate(BLANKS).isprintable() or "\t" in text:
        raise OddError
    if event.style:
        return text
    if not text or text in _ODD:
        raise OddError
    if text.lower() in _WORDS:
        return _WORDS[text.lower()] if text in {text.lower(), text.title(), text.upper()} else text
    if _INT.fullmatch(text):
        return int(text)
    if _FLOAT.fullmatch(text):
        return float(text)
    if _NUMBERLIKE.fullmatch(text):
        raise OddError
    return text
