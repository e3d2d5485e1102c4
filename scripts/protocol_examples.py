"""An example of every message of the bus, for docs/protocol/examples.jsonl."""

import sys
import types
from dataclasses import MISSING, fields, is_dataclass
from pathlib import Path
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

from hallctl import wire  # noqa: E402 - the path is set just above
from hallctl.core import commands as c  # noqa: E402
from hallctl.core import events as e  # noqa: E402
from hallctl.core.moment import Moment  # noqa: E402
from hallctl.roles import MAY  # noqa: E402

Json = dict[str, Any]

COMMANDS: tuple[type, ...] = tuple(
    sorted(
        (x for x in get_args(c.Command) if any(x.__name__ in may for may in MAY.values())),
        key=lambda x: x.__name__,
    )
)
TOLD: tuple[type[e.Event], ...] = tuple(x for x in e.EVENTS if x.AUDIENCE != "private")
"""Events that somebody may follow."""
PUBLIC_ADDRESS, STAFF_ADDRESS = "events-public", "events-staff"

BY_NAME: Json = {
    "visit": "2026-11-23-A001",
    "label": "A001",
    "queue": "A",
    "item": "SB01",
    "next_item": "SB02",
    "kiosk": "kiosk-1",
    "place": "kiosk-1",
    "screen": "hall",
    "device": "voice-1",
    "printer": "printer-1",
    "from_printer": "printer-2",
    "day": "2026-11-23",
    "timezone": "Asia/Shanghai",
    "staff": "0601",
    "window": 3,
    "to_window": 4,
    "number": 1,
    "grade": 5,
    "seq": 42,
    "call": 42,
    "wall_s": 1795397400.0,
    "mono_s": 512.25,
    "until_s": 1795399200.0,
    "until_day_s": 63000,
    "virtual_s": 1795397400.0,
    "day_s": 34200,
    "weekday": 1,
    "job": "2026-11-23-A001.1",
    "announcement": "voice-1:42",
    "epoch": "5f0c9b1e",
    "code": "",
    "person": "",
}
"""What stands in a field of that name; any other gets a value of its type."""


def example(kind: object, name: str = "") -> Any:  # noqa: ANN401 - a value of any field
    """A value of a type, the same each time."""
    if is_dataclass(kind) and isinstance(kind, type):
        hints = get_type_hints(kind)
        return kind(**{f.name: example(hints[f.name], f.name) for f in fields(kind) if _told_of(f)})
    if isinstance(kind, type) and isinstance(BY_NAME.get(name), kind):
        return BY_NAME[name]
    origin, inner = get_origin(kind), get_args(kind)
    if origin is Literal:
        return inner[0]
    if origin in (Union, types.UnionType):
        return example(inner[0], name)
    if origin is tuple:
        if len(inner) == 2 and inner[1] is Ellipsis:  # noqa: PLR2004 - tuple[X, ...]
            return (example(inner[0], name),)
        return tuple(example(x, name) for x in inner)
    if origin is dict:
        return {example(inner[0], "key"): example(inner[1], name)}
    if origin is list:
        return []
    return {str: name or "text", int: 1, float: 1.0, bool: True}[kind]  # type: ignore[index]


def _told_of(field: Any) -> bool:  # noqa: ANN401 - dataclasses.Field of any type
    """Rules are long: of what may be left out an example leaves out what is nested."""
    nested = "tuple[tuple" in str(field.type) or "VoiceRules" in str(field.type)
    return not (nested and field.default is not MISSING)


def messages() -> list[Json]:
    """Every message once, with its frames as text (each is the UTF-8 of what is sent)."""
    found = [_asked({"ask": ask, **more}) for ask, more in _ASKED.items()]
    found += [
        _asked({"ask": "command", "id": "5f0c9b1e", "command": wire.word_out(example(x))}, x)
        for x in COMMANDS
    ]
    found += [_row("answer", "commands", _text({"v": 1, **body})) for body in _ANSWERS]
    for event in TOLD:
        found.append(_followed(event))
    found.append(_row("heartbeat", PUBLIC_ADDRESS, "heartbeat", "42", _text(HEARTBEAT)))
    found.append(_row("forecast", PUBLIC_ADDRESS, "forecast", "42", _text(FORECAST)))
    return found


_ASKED: Json = {
    "hello": {"id": "h1"},
    "snapshot": {"id": "s1"},
    "replay": {"id": "r1", "epoch": "5f0c9b1e", "since": 42},
    "status": {"id": "t1"},
}
_ANSWERS: tuple[Json, ...] = (
    {"id": "5f0c9b1e", "ok": True, "result": {"visit": "2026-11-23-A001", "label": "A001"}},
    {
        "id": "5f0c9b1e",
        "ok": False,
        "code": "nobody_waits",
        "words": {"zh": "现在没有人等候。", "en": "Nobody is waiting."},
    },
    {"id": "r1", "ok": True, "replay": [], "seq": 42},
)
NOW = wire.plain(example(Moment))
HEARTBEAT: Json = {"v": 1, "epoch": "5f0c9b1e", "seq": 42, "now": NOW}
FORECAST: Json = {
    "v": 1,
    "epoch": "5f0c9b1e",
    "seq": 42,
    "queues": {"A": {"ahead": 7, "low_min": 9, "high_min": 20}},
    "visits": {"2026-11-23-A012": {"ahead": 3, "low_min": 4, "high_min": 10}},
}


def _text(body: Json) -> str:
    return wire.dumps(body).decode()


def _row(what: str, socket: str, *frames: str) -> Json:
    return {"what": what, "socket": socket, "frames": list(frames)}


def _asked(body: Json, command: type | None = None) -> Json:
    what = f"command {command.__name__}" if command else f"ask {body['ask']}"
    return _row(what, "commands", _text({"v": 1, "from": "kiosk-1", **body}))


def recorded(event: type[e.Event]) -> e.Recorded:
    """An example of an event with its place in the journal."""
    return e.Recorded(
        seq=42,
        epoch="5f0c9b1e",
        wall_s=1795397400.0,
        mono_s=512.25,
        actor="window:window-3",
        command="window:window-3:5f0c9b1e",
        event=example(event),
    )


def _followed(event: type[e.Event]) -> Json:
    socket = PUBLIC_ADDRESS if event.AUDIENCE == "public" else STAFF_ADDRESS
    body = {"v": 1, "prev": 41, "recorded": wire.told_out(recorded(event), event.AUDIENCE)}
    return _row(f"event {event.__name__}", socket, event.__name__, "42", _text(body))
