"""What docs/protocol/ says of the messages is what hallctl reads and writes."""

import json
from pathlib import Path

import jsonschema
import pytest

from hallctl import wire
from hallctl.core.events import EVENTS
from hallctl.roles import MAY

FOLDER = Path(__file__).parents[2] / "docs" / "protocol"
SCHEMA = json.loads((FOLDER / "schema.json").read_text("utf-8"))
ASYNCAPI = json.loads((FOLDER / "asyncapi.json").read_text("utf-8"))
EXAMPLES = [
    json.loads(line) for line in (FOLDER / "examples.jsonl").read_text("utf-8").splitlines()
]
BODIES = {row["what"]: json.loads(row["frames"][-1]) for row in EXAMPLES}


def wrong(body, name=""):
    schema = {"$ref": f"#/$defs/{name}", "$defs": SCHEMA["$defs"]} if name else SCHEMA
    return [x.message for x in jsonschema.Draft202012Validator(schema).iter_errors(body)]


def test_the_schema_is_one():
    jsonschema.Draft202012Validator.check_schema(SCHEMA)


@pytest.mark.parametrize("row", EXAMPLES, ids=lambda row: f"{row['what']} {row['frames'][0][:12]}")
def test_an_example_is_what_the_schema_says(row):
    assert wrong(json.loads(row["frames"][-1])) == []


def test_every_command_somebody_may_send_has_an_example_that_hallctl_reads():
    shown = {what.split()[1] for what in BODIES if what.startswith("command ")}
    assert shown == {name for may in MAY.values() for name in may}
    for what, body in BODIES.items():
        if what.startswith("command "):
            command = wire.command_in(body["command"])
            assert wire.word_out(command) == wire.word_out(wire.command_in(wire.word_out(command)))
            assert type(command).__name__ == what.split()[1]


def test_every_event_somebody_may_follow_has_an_example_that_hallctl_reads():
    shown = {what.split()[1] for what in BODIES if what.startswith("event ")}
    assert shown == {event.__name__ for event in EVENTS if event.AUDIENCE != "private"}
    for what, body in BODIES.items():
        if what.startswith("event "):
            assert type(wire.recorded_in(body["recorded"]).event).__name__ == what.split()[1]


def test_a_field_nobody_knows_is_allowed_and_a_word_nobody_knows_is_not():
    body = BODIES["command CallNext"]
    assert wrong({**body, "later": 1, "command": {**body["command"], "later": 1}}) == []
    assert wrong({**body, "command": {"type": "OpenSafe"}})
    assert wrong({**body, "v": 2})
    assert wrong({**body, "command": {"type": "CallNext"}}), "the window is needed"
    assert wrong({**body, "command": {"type": "CallNext", "window": "three"}})


def test_no_private_event_is_described():
    private = {event.__name__ for event in EVENTS if event.AUDIENCE == "private"}
    assert private
    text = json.dumps([SCHEMA["$defs"], ASYNCAPI["channels"]])
    assert not [name for name in private if f'"{name}"' in text or f" {name}," in text]


def test_every_reference_of_the_asyncapi_leads_somewhere():
    def references(node):
        if isinstance(node, dict):
            for key, value in node.items():
                yield from [value] if key == "$ref" else references(value)
        elif isinstance(node, list):
            for value in node:
                yield from references(value)

    for reference in references(ASYNCAPI):
        file, _, path = reference.partition("#/")
        found = SCHEMA if file else ASYNCAPI
        for part in path.split("/"):
            found = found[part]
        assert found


def test_staff_hears_what_the_public_hears_and_more():
    public, staff = (
        set(
            ASYNCAPI["channels"][name]["description"]
            .partition("Types: ")[2]
            .rstrip(".")
            .split(", ")
        )
        for name in ("events-public", "events-staff")
    )
    assert public < staff
    assert "TicketCalled" in public
    assert "KeyRefused" not in public
