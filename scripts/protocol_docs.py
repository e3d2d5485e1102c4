"""The protocol for programs in other languages, made from the words themselves.

docs/protocol/schema.json    JSON Schema (2020-12) of every message
docs/protocol/asyncapi.json  AsyncAPI 3.0: who says what on which socket
docs/protocol/examples.jsonl an example of every message, its frames as they go over the wire

`scripts/make_docs.py` writes them, tests/tidy compares them and lets every example through both
the schema and hallctl's own codec.
"""

import json
import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

from pydantic import TypeAdapter  # noqa: E402 - the path is set just above

from hallctl import wire  # noqa: E402
from hallctl.core.hall import Hall  # noqa: E402
from hallctl.core.moment import Moment  # noqa: E402
from hallctl.roles import MAY, Standing  # noqa: E402
from scripts.protocol_examples import (  # noqa: E402
    COMMANDS,
    PUBLIC_ADDRESS,
    STAFF_ADDRESS,
    TOLD,
    messages,
)

FOLDER = ROOT / "docs" / "protocol"
REF = "#/$defs/{model}"
Json = dict[str, Any]

ASKS = ("hello", "command", "snapshot", "replay", "status")
# ---- the schema --------------------------------------------------------------------------------


def schema() -> Json:
    """Every message as JSON Schema. Unknown fields are allowed everywhere: they are ignored."""
    defs: Json = {}
    for word in (*COMMANDS, *TOLD):
        defs[word.__name__] = _word(word, defs)
    for name, word in (("Hall", Hall), ("Moment", Moment)):
        defs[name] = _lifted(TypeAdapter(word).json_schema(ref_template=REF), defs)
    defs["Recorded"] = _recorded()
    defs |= _envelopes()
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": f"hallctl protocol, version {wire.VERSION}",
        "description": "Made by scripts/make_docs.py; do not edit. docs/protocol.md explains it.",
        "anyOf": [{"$ref": f"#/$defs/{name}"} for name in _envelopes()],
        "$defs": dict(sorted(defs.items())),
    }


def _lifted(made: Json, defs: Json) -> Json:
    """A schema of pydantic's, its own definitions put beside ours."""
    defs.update(made.pop("$defs", {}))
    return made


def _word(word: type, defs: Json) -> Json:
    made = _lifted(TypeAdapter(word).json_schema(ref_template=REF), defs)
    if "$ref" in made:
        made = defs.pop(str(made["$ref"]).rsplit("/", 1)[1])
    made["properties"] = {"type": {"const": word.__name__}, **made.get("properties", {})}
    made["required"] = ["type", *made.get("required", [])]
    return made


def _any_of(words: tuple[type, ...]) -> Json:
    return {"oneOf": [{"$ref": f"#/$defs/{word.__name__}"} for word in words]}


def _message(required: tuple[str, ...], **properties: Json) -> Json:
    return {
        "type": "object",
        "properties": {"v": {"const": wire.VERSION}, **properties},
        "required": ["v", *required],
    }


SHORT: Json = {"type": "string", "maxLength": 64}
TEXT: Json = {"type": "string"}
COUNT: Json = {"type": "integer", "minimum": 0}
YES: Json = {"const": True}
VERSIONS: Json = {"type": "array", "items": {"type": "integer"}}
NOW: Json = {"$ref": "#/$defs/Moment"}


def _envelopes() -> Json:
    return {**_asks(), **_answers(), **_tellings()}


def _asks() -> Json:
    asked: Json = {"id": SHORT, "from": SHORT}
    question: Json = {"enum": [ask for ask in ASKS if ask not in ("command", "replay")]}
    needed = ("ask", "id", "from")
    return {
        "Question": _message(needed, ask=question, **asked),
        "ReplayQuestion": _message(
            (*needed, "epoch", "since"),
            ask={"const": "replay"},
            epoch=TEXT,
            since=COUNT,
            **asked,
        ),
        "CommandMessage": _message(
            (*needed, "command"),
            ask={"const": "command"},
            pin=TEXT,
            command=_any_of(COMMANDS),
            **asked,
        ),
    }


def _answers() -> Json:
    hall: Json = {"$ref": "#/$defs/Hall"}
    words: Json = {"type": "object", "additionalProperties": TEXT}
    events: Json = {"type": "array", "items": {"$ref": "#/$defs/Recorded"}}
    return {
        "Answer": _message(("id", "ok", "result"), id=SHORT, ok=YES, result={}),
        "Refusal": _message(
            ("id", "ok", "code", "words"),
            id=SHORT,
            ok={"const": False},
            code=TEXT,
            words=words,
            versions=VERSIONS,
        ),
        "SnapshotAnswer": _message(
            ("id", "ok", "snapshot"), id=SHORT, ok=YES, snapshot=hall, now=NOW
        ),
        "ReplayAnswer": _message(
            ("id", "ok", "replay", "seq"), id=SHORT, ok=YES, replay=events, seq=COUNT, now=NOW
        ),
    }


def _recorded() -> Json:
    told: Json = {
        "v": {"type": "integer"},
        "seq": COUNT,
        "epoch": TEXT,
        "wall_s": {"type": "number"},
        "mono_s": {"type": "number"},
        "actor": TEXT,
        "command": TEXT,
        "event": _any_of(TOLD),
    }
    return {"type": "object", "properties": told, "required": list(told)}


def _tellings() -> Json:
    by_queue: Json = {"type": "object"}
    return {
        "EventMessage": _message(
            ("prev", "recorded"), prev=COUNT, recorded={"$ref": "#/$defs/Recorded"}
        ),
        "Heartbeat": _message(("epoch", "seq", "now"), epoch=TEXT, seq=COUNT, now=NOW),
        "Forecast": _message(
            ("epoch", "seq", "queues", "visits"),
            epoch=TEXT,
            seq=COUNT,
            queues=by_queue,
            visits=by_queue,
        ),
    }


# ---- AsyncAPI ----------------------------------------------------------------------------------


def asyncapi() -> Json:
    """Who says what on which socket."""
    asks = ("Question", "ReplayQuestion", "CommandMessage")
    answers = ("Answer", "Refusal", "SnapshotAnswer", "ReplayAnswer")
    follows = ("EventMessage", "Heartbeat", "Forecast")
    channels = {
        "commands": _channel(
            "DEALER to the daemon's ROUTER: one frame of JSON each way.", "commands", asks + answers
        ),
        "events-public": _channel(_following("public"), PUBLIC_ADDRESS, follows),
        "events-staff": _channel(_following("staff"), STAFF_ADDRESS, follows),
    }
    messages_ = {
        name: {"name": name, "payload": {"$ref": f"schema.json#/$defs/{name}"}}
        for name in asks + answers + follows
    }
    return {
        "asyncapi": "3.0.0",
        "info": {
            "title": "hallctl",
            "version": str(wire.VERSION),
            "description": "Made by scripts/make_docs.py; do not edit. See docs/protocol.md.",
        },
        "defaultContentType": "application/json",
        "servers": {
            "local": {"host": "STATE/bus", "protocol": "zmq+ipc", "description": _roles()},
            "lan": {
                "host": "192.0.2.5:7700",
                "protocol": "zmq+tcp",
                "description": "Commands at listen's port, public events at the next one, staff "
                "events at the one after. CURVE: an enrolled key is a role.",
            },
        },
        "channels": channels,
        "operations": {
            "ask": _operation("receive", "commands", asks, reply=answers),
            "tellPublic": _operation("send", "events-public", follows),
            "tellStaff": _operation("send", "events-staff", follows),
        },
        "components": {"messages": messages_},
    }


def _following(audience: str) -> str:
    told = [x.__name__ for x in TOLD if audience == "staff" or x.AUDIENCE == "public"]
    return f"SUB to the daemon's PUB: [type, sequence, json]. Types: {', '.join(told)}."


def _roles() -> str:
    each = [f"{role} (follows {Standing(role).audience})" for role in MAY]
    return f"One endpoint a role: {', '.join(each)}."


def _channel(words: str, address: str, names: tuple[str, ...]) -> Json:
    listed = {name: {"$ref": f"#/components/messages/{name}"} for name in names}
    return {"address": address, "description": words, "messages": listed}


def _operation(
    action: str, channel: str, names: tuple[str, ...], reply: tuple[str, ...] = ()
) -> Json:
    def listed(which: tuple[str, ...]) -> list[Json]:
        return [{"$ref": f"#/channels/{channel}/messages/{name}"} for name in which]

    made: Json = {
        "action": action,
        "channel": {"$ref": f"#/channels/{channel}"},
        "messages": listed(names),
    }
    if reply:
        made["reply"] = {"channel": made["channel"], "messages": listed(reply)}
    return made


def protocol_documents() -> dict[Path, str]:
    """The three files with their contents."""
    return {
        FOLDER / "schema.json": _pretty(schema()),
        FOLDER / "asyncapi.json": _pretty(asyncapi()),
        FOLDER / "examples.jsonl": "".join(
            json.dumps(row, ensure_ascii=False) + "\n" for row in messages()
        ),
    }


def _pretty(body: Json) -> str:
    return json.dumps(body, ensure_ascii=False, indent=1) + "\n"
