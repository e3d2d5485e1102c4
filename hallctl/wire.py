"""Words ↔ JSON: one codec for journal, bus and screens.

A word (event, command, report) is an object with its class name as `type` beside its fields.
Unknown fields are ignored, unknown types refused: see docs/protocol.md.
"""

import copy
import functools
import json
import math
from collections.abc import Callable, Mapping
from dataclasses import fields, is_dataclass, replace
from typing import Any, Final, get_args

from pydantic import TypeAdapter, ValidationError
from pydantic_core import from_json, to_json, to_jsonable_python

from hallctl.core import commands, events
from hallctl.core.hall import Hall
from hallctl.core.moment import Moment
from hallctl.core.visit import Visit

VERSION = 1
"""Protocol version, in every message."""

MAX_BYTES = 1 << 16
"""The largest message an asker may send."""

LONGEST_TEXT, MOST_TEXTS = 200, 50


class WireError(ValueError):
    """A message nobody can read; the words say where and why."""


_INTERNAL = {"Wake", "Tick", "NoteBus", "NoteRoom", "NoteDamage"}
_COMMANDS: dict[str, type] = {
    c.__name__: c for c in get_args(commands.Command) if c.__name__ not in _INTERNAL
}
_RENAMED = {"CallAnnounced": "AnnouncementMade"}
"""Events of older journals, by the name they had then."""
_EVENTS: dict[str, type] = {e.__name__: e for e in events.EVENTS}


@functools.cache
def _adapter(word: type) -> TypeAdapter[Any]:
    """The validator of a word, built when it is first met: all at once cost 130 ms of start-up."""
    return TypeAdapter(word)


def dumps(value: object) -> bytes:
    """Compact JSON as UTF-8, the same bytes for the same value everywhere."""
    found = to_json(value, inf_nan_mode="constants")
    if b"NaN" in found or b"Infinity" in found:  # in a text, or for a number that JSON has not
        json.dumps(value, allow_nan=False)
    return found


def _no_constant(name: str) -> None:
    raise ValueError(f"{name} is not a number")


def _finite(text: str) -> float:
    value = float(text)
    if math.isinf(value):
        raise ValueError(f"{text:.40} is too large a number")
    return value


_DECODE: Final = json.JSONDecoder(parse_constant=_no_constant, parse_float=_finite).decode


def loads(payload: bytes) -> Any:  # noqa: ANN401 - JSON is anything
    """JSON from outside.

    Raises WireError for what is too long, too deep, not JSON, or holds NaN or lone surrogates.
    """
    if len(payload) > MAX_BYTES:
        raise WireError(f"message of {len(payload)} bytes; at most {MAX_BYTES} are taken")
    try:
        value = _DECODE(payload.decode())
        if b"\\u" in payload:
            dumps(value)  # half a character can be written in no other way
    except (ValueError, RecursionError) as problem:
        raise WireError(f"not JSON as UTF-8: {problem}") from problem
    return value


class Written(bytes):
    """JSON already, to be put into a message as it is."""


def message(body: Mapping[str, object]) -> bytes:
    """A message of this version; what is `Written` in it is not written again."""
    plainly = {key: value for key, value in body.items() if not isinstance(value, Written)}
    found = dumps({"v": VERSION, **plainly})
    for key, value in body.items():
        if isinstance(value, Written):
            found = b"%b,%b:%b}" % (found[:-1], dumps(key), value)
    return found


def joined(body: bytes, more: Written) -> bytes:
    """Two objects as one; neither is empty."""
    return b"%b,%b" % (body[:-1], more[1:])


def loads_own(payload: bytes) -> Any:  # noqa: ANN401 - JSON is anything
    """JSON from our own daemon or journal, of any length."""
    return from_json(payload)


_ATOMS: Final = frozenset((str, int, float, bool, type(None)))


@functools.cache
def _names(word: type) -> tuple[str, ...]:
    """The fields of a word."""
    return tuple(field.name for field in fields(word))


def plain(word: object) -> Any:  # noqa: ANN401 - JSON is anything
    """Any of our dataclasses as JSON-able values, without its type."""
    return to_jsonable_python(word)


def word_out(word: object) -> dict[str, Any]:
    """An event or command as an object with its `type`.

    Fields are taken one by one: quicker than a general walk, and nested rules go through plain().
    """
    kind: type = type(word)
    found: dict[str, Any] = {"type": kind.__name__}
    for name in _names(kind):
        value = getattr(word, name)
        if type(value) not in _ATOMS:
            nested = value[0] if isinstance(value, tuple) and value else value
            value = plain(value) if is_dataclass(nested) else value
        found[name] = value
    return found


def command_in(message: object) -> commands.Command:
    """A command from outside. Raises WireError that names the field and what it should be."""
    if not isinstance(message, dict):
        raise WireError("command: must be an object with a type")
    name = message.get("type")
    word = _COMMANDS.get(name) if isinstance(name, str) else None
    if word is None:
        known = ", ".join(sorted(_COMMANDS))
        raise WireError(f"command.type: {name!r:.40} is not one of {known}")
    try:
        command: commands.Command = _adapter(word).validate_python(message)
    except ValidationError as problem:
        first = problem.errors()[0]
        place = ".".join(str(p) for p in first["loc"])
        raise WireError(f"{name}.{place}: {first['msg']}") from problem
    _printable(command)
    return command


def _printable(word: Any) -> None:  # noqa: ANN401 - a command, or a word within one
    kind: type = type(word)
    for field in _names(kind):
        value = getattr(word, field)
        if type(value) is str and len(value) <= LONGEST_TEXT and value.isprintable():
            continue
        texts = value if isinstance(value, tuple) else (value,)
        if len(texts) > MOST_TEXTS:
            raise WireError(f"{kind.__name__}.{field}: at most {MOST_TEXTS} of them")
        for text in texts:
            if type(text) is str and len(text) <= LONGEST_TEXT and text.isprintable():
                continue
            if isinstance(text, str):
                words = f"at most {LONGEST_TEXT} printable characters"
                raise WireError(f"{kind.__name__}.{field}: {words}")
            if type(text) not in _ATOMS and is_dataclass(text):
                _printable(text)


def recorded_out(recorded: events.Recorded) -> dict[str, Any]:
    """An event with its place in the journal, as it is stored and published."""
    return {
        "v": recorded.v,
        "seq": recorded.seq,
        "epoch": recorded.epoch,
        "wall_s": recorded.wall_s,
        "mono_s": recorded.mono_s,
        "actor": recorded.actor,
        "command": recorded.command,
        "event": word_out(recorded.event),
    }


def stored(recorded: events.Recorded) -> bytes:
    """An event as its row holds it; written once, for it is stored and told."""
    try:
        return recorded.written
    except AttributeError:
        body = dumps(recorded_out(recorded))
        object.__setattr__(recorded, "written", body)
        return body


def told_out(recorded: events.Recorded, audience: str) -> dict[str, Any]:
    """An event as followers are told it: what they may not see is empty."""
    body = recorded_out(recorded)
    for field in hidden(recorded.event, audience):
        body["event"][field] = ""
    return body


def hidden(event: events.Event, audience: str) -> tuple[str, ...]:
    """The fields of an event that a follower may not see, those that hold something."""
    names = event.HIDDEN + (event.HIDDEN_PUBLIC if audience == "public" else ())
    return tuple(name for name in names if getattr(event, name) != "")


_READERS: dict[str, Callable[[Any], events.Event]] = {}
"""Validators by an event's name: a start reads thousands of events, a follower each one."""


def _reader(name: str) -> Callable[[Any], events.Event] | None:
    """What makes an event of that name from JSON, where fields it does not know are passed over."""
    word = _EVENTS.get(_RENAMED.get(name, name))
    if word is None:
        return None
    return _READERS.setdefault(name, _adapter(word).validator.validate_python)


def recorded_in(message: Any) -> events.Recorded:  # noqa: ANN401 - JSON is anything
    """The inverse of `recorded_out`. Raises WireError for an event type this version lacks."""
    body = message["event"]
    name = str(body["type"])
    read = _READERS.get(name) or _reader(name)
    if read is None or message["v"] > VERSION:
        raise WireError(f"event {name!r} version {message['v']} was made by a newer hallctl")
    try:
        event = read(body)
    except ValidationError as problem:
        raise WireError(f"event {name}: {problem.errors()[0]}") from problem
    return events.Recorded(
        seq=message["seq"],
        epoch=message["epoch"],
        wall_s=message["wall_s"],
        mono_s=message["mono_s"],
        actor=message["actor"],
        command=message["command"],
        event=event,
        v=message["v"],
    )


STAFF_ONLY = ("voices", "tests", "rehearsals", "alerts")
"""What a public follower's snapshot lacks: it comes from events that are not public.

So do `quiet_until_s` and a visit's `heard_s`: events must tell no less than a snapshot.
"""


def hall_written(hall: Hall, audience: str = "staff") -> Written:
    """The hall as a snapshot for a follower: without persons, for the public without staff's.

    Written at once: ten thousand visits as objects in between held the loop up for ten times as
    long.
    """
    shown = copy.copy(hall)
    shown.visits = {name: _nobodys(visit, audience) for name, visit in hall.visits.items()}
    shown.cards = {name: replace(card, person="") for name, card in hall.cards.items()}
    if audience == "public":
        for name in STAFF_ONLY:
            setattr(shown, name, {})
        shown.quiet_until_s = 0.0
    return Written(_adapter(Hall).dump_json(shown))


def _nobodys(visit: Visit, audience: str) -> Visit:
    """A visit without its person, for the public without its code and what the voice has said."""
    public = audience == "public"
    if not visit.person and not (public and (visit.code or visit.heard_s)):
        return visit
    if public:
        return replace(visit, person="", code="", heard_s=0.0)
    return replace(visit, person="")


def hall_out(hall: Hall, audience: str = "staff") -> Any:  # noqa: ANN401 - JSON is anything
    """A snapshot as JSON-able values."""
    return loads_own(hall_written(hall, audience))


def hall_in(message: object) -> Hall:
    """A follower's mirror from a snapshot. Raises WireError."""
    try:
        hall: Hall = _adapter(Hall).validate_python(message)
    except ValidationError as problem:
        raise WireError(f"snapshot: {problem.errors()[0]}") from problem
    return hall


def moment_in(message: object) -> Moment:
    """The hall's time from a heartbeat. Raises WireError."""
    try:
        moment: Moment = _adapter(Moment).validate_python(message)
    except ValidationError as problem:
        raise WireError(f"now: {problem.errors()[0]}") from problem
    return moment


def audience_of(role: str) -> str:
    """Which events a role may follow."""
    return "public" if role in ("kiosk", "screen", "pad") else "staff"
