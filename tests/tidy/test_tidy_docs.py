"""docs/ says what the code says."""

import re
from pathlib import Path
from typing import get_args

import pytest

from hallctl.core import commands, events
from hallctl.core.commands import Command
from hallctl.roles import MAY

DOCS = Path(__file__).parents[2] / "docs"
PROTOCOL = (DOCS / "protocol.md").read_text()

COMMANDS = {command.__name__: command for command in get_args(Command)}
EVENTS = {event.__name__: event for event in events.EVENTS}


def rows(markdown: str, heading: str) -> dict[str, list[str]]:
    """The table under a heading: its first cell's names → the other cells."""
    part = re.split(r"^## ", markdown, flags=re.MULTILINE)
    body = next(p for p in part if p.startswith(heading + "\n"))
    found = {}
    for line in re.findall(r"^\| (.*) \|$", body, re.MULTILINE)[2:]:
        first, *others = [cell.strip() for cell in line.split(" | ")]
        for name in first.split(", "):
            found[name.strip("`")] = others
    return found


def test_every_command_of_the_protocol_is_described_with_its_fields():
    described = rows(PROTOCOL, "Commands")
    assert set(described) == {n for n in COMMANDS if any(n in may for may in MAY.values())}
    for name, (fields,) in described.items():
        named = re.findall(r"(\w+)(?: \([^)]*\))?(?:, |$)", fields)
        assert named == list(getattr(commands, name).__dataclass_fields__), name


def test_every_event_is_described_with_its_audience():
    described = rows(PROTOCOL, "Events")
    assert {name: cells[0] for name, cells in described.items()} == {
        name: event.AUDIENCE for name, event in EVENTS.items()
    }


@pytest.mark.parametrize("role", sorted(MAY))
def test_a_role_may_send_what_the_protocol_says(role):
    described = rows(PROTOCOL, "Endpoints")
    assert set(described) == set(MAY)
    words = described[role][1]
    more = {
        "what a kiosk and a window may": ("kiosk", "window"),
        "what a guide may": ("guide",),
        "nothing": (),
    }
    told = set()
    for word in words.split(", "):
        for other in more.get(word, ()):
            told |= MAY[other]
        if word not in more:
            told.add(word)
    assert told == MAY[role]
