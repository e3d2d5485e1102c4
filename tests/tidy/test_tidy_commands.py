"""Documents and units name commands and options that there are."""

import re
from pathlib import Path

import pytest
from typer.core import TyperGroup

from hallctl.cli.main import Commands

ROOT = Path(__file__).parents[2]
CODE = re.compile(r"```.*?```|`[^`]+`", re.DOTALL)
CALL = re.compile(
    r"(?<![\w/@.-])(?:/opt/hallctl/bin/|\.venv/bin/)?hallctl ([a-z][a-z-]+)([^\n`|#;]*)"
)
OPTION = re.compile(r"(?<![\w-])--[a-z][a-z-]+")
DOCUMENTS = [
    ROOT / "README.md",
    ROOT / "CHANGELOG.md",
    ROOT / "sounds/README.md",
    *sorted((ROOT / "docs").rglob("*.md")),
]


def calls(path):
    """Each call of hallctl in a document's code: the command, what follows it."""
    for code in CODE.findall(path.read_text("utf-8")):
        yield from CALL.findall(code.replace("\\\n", " "))


def command(name, rest):
    """The command that is meant, a group's own where the next word is one of it."""
    found = Commands.LATE[name].load(name)
    words = rest.split()
    if isinstance(found, TyperGroup) and words and re.fullmatch(r"[a-z][a-z-]+", words[0]):
        assert words[0] in found.commands, f"hallctl {name} has no {words[0]}"
        return found.commands[words[0]]
    return found


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path.name)
def test_a_document_names_only_commands_and_options_there_are(path):
    for name, rest in calls(path):
        assert name in Commands.LATE, f"hallctl {name}"
        found = command(name, rest)
        known = {option for each in found.params for option in each.opts + each.secondary_opts}
        if isinstance(found, TyperGroup):
            known |= {o for c in found.commands.values() for p in c.params for o in p.opts}
        strange = set(OPTION.findall(rest)) - known - {"--help"}
        assert not strange, f"hallctl {name}{rest}: {sorted(strange)}"


def test_a_command_that_is_not_there_would_be_noticed(tmp_path):
    page = tmp_path / "page.md"
    page.write_text("`hallctl keys add` and `hallctl run --loudly`")
    with pytest.raises(AssertionError, match="hallctl keys has no add"):
        test_a_document_names_only_commands_and_options_there_are(page)
    page.write_text("`hallctl run --loudly`")
    with pytest.raises(AssertionError, match="--loudly"):
        test_a_document_names_only_commands_and_options_there_are(page)
