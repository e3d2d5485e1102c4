"""A command as it comes over HTTP: read as on the bus, described for OpenAPI.

The bus takes `"3"` for 3; here a value must be of the type that is described, so that a mistake
in somebody's program is told at once.
"""

import functools
from dataclasses import dataclass
from typing import Any, Final, get_args

from pydantic import TypeAdapter, ValidationError

from hallctl import wire
from hallctl.core import commands as c
from hallctl.roles import MAY

ID_MOST: Final = 64
EXACT: Final = 2**53
PRINTABLE: Final = "printable"
"""The format of a text in the schema: no control characters (Python's `str.isprintable`)."""
REF: Final = "#/components/schemas/{model}"
_TEXT: Final = {"maxLength": wire.LONGEST_TEXT, "format": PRINTABLE}
EXAMPLES: Final = {
    "call": {"id": "5f0c9b1e", "command": {"type": "CallNext", "window": 3}},
    "ticket": {"id": "77aa01", "command": {"type": "IssueTicket", "queue": "A", "paper": False}},
}


@dataclass(frozen=True, slots=True)
class CommandIn:
    """A command with the asker's id for it."""

    id: str
    command: c.Command


def command_in(body: bytes) -> CommandIn:
    """Read a request's body. Raises wire.WireError with what is wrong and where."""
    message = wire.loads(body)
    if not isinstance(message, dict):
        raise wire.WireError("the body must be an object with id and command")
    asked = message.get("id")
    if not isinstance(asked, str) or not 0 < len(asked) <= ID_MOST or not asked.isprintable():
        raise wire.WireError(f"id: 1 to {ID_MOST} printable characters, chosen by the asker")
    command = wire.command_in(message.get("command"))
    _exactly(command, message["command"])
    return CommandIn(asked, command)


def _exactly(command: c.Command, body: dict[str, Any]) -> None:
    """Raises WireError for a value that would have to be converted."""
    fields = {name: _whole(value) for name, value in body.items() if name != "type"}
    try:
        word: type = type(command)
        _adapter(word).validate_json(wire.dumps(fields), strict=True)
    except ValidationError as problem:
        first = problem.errors()[0]
        place = ".".join(str(p) for p in first["loc"])
        name = type(command).__name__
        raise wire.WireError(f"{name}.{place}: {first['msg']}") from problem


def _whole(value: Any) -> Any:  # noqa: ANN401 - JSON is anything
    """JSON knows one kind of number: 3.0 is 3."""
    if isinstance(value, float) and value.is_integer() and abs(value) < EXACT:
        return int(value)
    if isinstance(value, list):
        return [_whole(v) for v in value]
    return {k: _whole(v) for k, v in value.items()} if isinstance(value, dict) else value


@functools.cache
def _adapter(word: type) -> TypeAdapter[Any]:
    return TypeAdapter(word)


def schemas() -> dict[str, dict[str, Any]]:
    """The schema of a request's body, of each command, and of what stands in them."""
    allowed = sorted(set().union(*MAY.values()))
    words: list[type] = [w for w in get_args(c.Command) if w.__name__ in allowed]
    found: dict[str, dict[str, Any]] = {}
    for word in sorted(words, key=lambda w: w.__name__):
        schema = _adapter(word).json_schema(ref_template=REF)
        for name, nested in schema.pop("$defs", {}).items():
            found[name] = _described(nested)
        schema["properties"] = {"type": {"const": word.__name__}, **schema["properties"]}
        schema["required"] = ["type", *schema.get("required", [])]
        found[word.__name__] = _described(schema)
    refs = [{"$ref": REF.format(model=w)} for w in allowed]
    mapping = {w: REF.format(model=w) for w in allowed}
    asked = {"type": "string", "minLength": 1, "maxLength": ID_MOST, "format": PRINTABLE}
    found["CommandIn"] = {
        "type": "object",
        "description": "A command with an id; the same id again gives the same answer.",
        "required": ["id", "command"],
        "properties": {
            "id": asked,
            "command": {
                "oneOf": refs,
                "discriminator": {"propertyName": "type", "mapping": mapping},
            },
        },
    }
    return found


def _described(schema: dict[str, Any]) -> dict[str, Any]:
    """With the bounds that the bus sets for texts and lists."""
    found = {k: v for k, v in schema.items() if k != "title"}
    match found.get("type"):
        case "string" if "enum" not in found and "const" not in found:
            found |= _TEXT
        case "array":
            found["maxItems"] = wire.MOST_TEXTS
            found["items"] = _described(found["items"])
        case "object":
            properties = found.get("properties", {})
            found["properties"] = {name: _described(p) for name, p in properties.items()}
        case _:
            return found
    return found
