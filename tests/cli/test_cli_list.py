"""The list of commands is known without importing them; here it is compared with them."""

import importlib
import inspect
import pkgutil

import pytest
import typer
from typer.testing import CliRunner

import hallctl.cli
from hallctl.cli.main import Commands, app

LATE = Commands.LATE


def first_words(command):
    """As the list shows them: the first paragraph."""
    text = inspect.cleandoc(command.short_help or command.help or "")
    return text.split("\n\n")[0].replace("\n", " ")


@pytest.mark.parametrize("name", LATE)
def test_the_list_says_of_a_command_what_the_command_says_of_itself(name):
    command = LATE[name].load(name)
    assert command.name == name
    assert first_words(command) == LATE[name].words
    assert not command.hidden


def test_every_command_of_every_file_is_in_the_list():
    listed = {(late.module, late.app, name) for name, late in LATE.items() if not late.group}
    groups = {(late.module, late.app) for late in LATE.values() if late.group}
    used = {
        sub.typer_instance
        for module in modules()
        for instance in apps(module).values()
        for sub in instance.registered_groups
    }
    for module in modules():
        for attribute, instance in apps(module).items():
            short = module.__name__.rpartition(".")[2]
            if instance in used or (short, attribute) in groups or short == "main":
                continue
            for name in typer.main.get_group(instance).commands:
                assert (short, attribute, name) in listed, f"{short}.{attribute}: {name}"


def modules():
    names = [m.name for m in pkgutil.iter_modules(hallctl.cli.__path__)]
    return [importlib.import_module(f"hallctl.cli.{name}") for name in names]


def apps(module):
    """The Typer apps that were made in a file."""
    source = inspect.getsource(module)
    return {
        name: value
        for name, value in vars(module).items()
        if isinstance(value, typer.Typer) and f"\n{name} = typer.Typer(" in source
    }


def test_the_help_lists_all_commands_and_a_slip_of_the_hand_is_answered_with_the_nearest():
    shown = CliRunner().invoke(app, ["--help"], env={"COLUMNS": "200"})
    assert shown.exit_code == 0
    assert [name for name in LATE if f" {name} " not in shown.output] == []
    wrong = CliRunner().invoke(app, ["stauts"], env={"COLUMNS": "200"})
    assert wrong.exit_code == 2
    assert "status" in wrong.output
