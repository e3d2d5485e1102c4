"""Words ↔ JSON: one codec for journal, bus and screens.

A word (event, command, report) is an object with its class name as `type` beside its fields.
Unknown fields are ignored, unknown types refused: see docs/protocol.md.
"""

import functools
import json
from dataclasses import fields, is_dataclass
from typing import Any, get_args

from pydantic import TypeAdapter, ValidationError
from pydantic_core import to_jsonable_python

from hallctl.core import commands, events
from hallctl.core.hall import Hall
from hallctl.core.moment import Moment

VERSION = 1
"""Protocol version, in every message."""

MAX_BYTES = 1 << 16
"""The largest message an asker may send."""

LONGEST_TEXT, MOST_TEXTS = 200, 50


class WireError(ValueError):
    """A message nobody can read; the words say where and why."""


_INTERNAL = {"Wake", "Tick", "NoteBus"}
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
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"), allow_nan=False).encode()


def loads(payload: bytes) -> Any:  # noqa: ANN401 - JSON is anything
    """JSON from outside.

    Raises WireError for what is too long, too deep, not JSON, or holds NaN or lone surrogates.
    """
    if len(payload) > MAX_BYTES:
        raise WireError(f"message of {len(payload)} bytes; at most {MAX_BYTES} are taken")
    try:
        value = json.loads(payload, parse_constant=_no_constant)
        dumps(value)
    except (ValueError, RecursionError) as problem:
        raise WireError(f"not JSON as UTF-8: {problem}") from problem
    return value


def loads_own(payload: bytes) -> Any:  # noqa: ANN401 - JSON is anything
    """JSON from our own daemon or journal, of any length."""
    return json.loads(payload)


def _no_constant(name: str) -> None:
    raise ValueError(f"{name} is not a number")


def plain(word: object) -> Any:  # noqa: ANN401 - JSON is anything
    """Any of our dataclasses as JSON-able values, without its type."""
    return to_jsonable_python(word)


def word_out(word: object) -> dict[str, Any]:
    """An event or command as an object with its `type`.

    Fields are taken one by one: quicker than a general walk, and nested rules go through plain().
    """
    found: dict[str, Any] = {"type": type(word).__name__}
    for field in fields(word):  # type: ignore[arg-type]
        value = getattr(word, field.name)
        nested = value[0] if isinstance(value, tuple) and value else value
        found[field.name] = plain(value) if is_dataclass(nested) else value
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
        body = {k: v for k, v in message.items() if k != "type"}
        command: commands.Command = _adapter(word).validate_python(body)
    except ValidationError as problem:
        first = problem.errors()[0]
        place = ".".join(str(p) for p in first["loc"])
        raise WireError(f"{name}.{place}: {first['msg']}") from problem
    _printable(command)
    return command


def _printable(word: Any) -> None:  # noqa: ANN401 - a command, or a word within one
    for field in fields(word):
        value = getattr(word, field.name)
        name = f"{type(word).__name__}.{field.name}"
        texts = value if isinstance(value, tuple) else (value,)
        if len(texts) > MOST_TEXTS:
            raise WireError(f"{name}: at most {MOST_TEXTS} of them")
        for text in texts:
            if is_dataclass(text):
                _printable(text)
            if isinstance(text, str) and (len(text) > LONGEST_TEXT or not text.isprintable()):
                raise WireError(f"{name}: at most {LONGEST_TEXT} printable characters")


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


def told_out(recorded: events.Recorded, audience: str) -> dict[str, Any]:
    """An event as followers are told it: what they may not see is empty."""
    body = recorded_out(recorded)
    word = recorded.event
    hidden = word.HIDDEN + (word.HIDDEN_PUBLIC if audience == "public" else ())
    for field in hidden:
        body["event"][field] = ""
    return body


def recorded_in(message: Any) -> events.Recorded:  # noqa: ANN401 - JSON is anything
    """The inverse of `recorded_out`. Raises WireError for an event type this version lacks."""
    body = dict(message["event"])
    name = body.pop("type")
    word = _EVENTS.get(_RENAMED.get(str(name), str(name)))
    if word is None or message["v"] > VERSION:
        raise WireError(f"event {name!r} version {message['v']} was made by a newer hallctl")
    try:
        event = _adapter(word).validate_python(body)
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
"""What a public follower's snapshot lacks: it comes from events that are not public."""


def hall_out(hall: Hall, audience: str = "staff") -> Any:  # noqa: ANN401 - JSON is anything
    """The hall as a snapshot for a follower: without persons, for the public without staff's."""
    body = _adapter(Hall).dump_python(hall, mode="json")
    for kept in (*body["visits"].values(), *body["cards"].values()):
        kept["person"] = ""
    if audience == "public":
        for name in STAFF_ONLY:
            body[name] = {}
        for visit in body["visits"].values():
            visit["code"] = ""
    return body


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
