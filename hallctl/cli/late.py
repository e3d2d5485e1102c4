"""Commands that are known by name, and imported when they are used."""

import importlib
from dataclasses import dataclass
from typing import Any, ClassVar, Final, cast

import typer
from typer.core import TyperCommand, TyperGroup

PACKAGE: Final = "hallctl.cli"


@dataclass(frozen=True, slots=True)
class Late:
    """Where a command is: a file here, and a Typer app in it.

    `words` stand in the list of commands. A `group` is the whole app, else the app's command of
    the name.
    """

    module: str
    words: str
    app: str = "app"
    group: bool = False

    def load(self, name: str) -> TyperCommand | TyperGroup:
        """The command itself. Raises LookupError when the file has it no more."""
        module = importlib.import_module(f"{PACKAGE}.{self.module}")
        found = typer.main.get_group(getattr(module, self.app))
        if self.group:
            found.name = name
            return found
        return cast("TyperCommand", found.commands[name])


class _Named(TyperCommand):
    """What stands in the list for a command until it is used."""


class LateGroup(TyperGroup):
    """A group of late commands. Subclasses name them in `LATE`, in the order of the list."""

    LATE: ClassVar[dict[str, Late]] = {}

    def __init__(self, **words: Any) -> None:  # noqa: ANN401 - Typer's own
        super().__init__(**words)
        for name, late in self.LATE.items():
            self.add_command(_Named(name, help=late.words))

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:  # noqa: ANN401 - Typer's own
        """Name, command and its words, as the parent; a late command is imported now."""
        name, command, rest = super().resolve_command(ctx, args)
        if isinstance(command, _Named) and name is not None:
            command = self.LATE[name].load(name)
            self.add_command(command, name)
        return name, command, rest
