"""Which hall a command is about when nobody says so, and what is said to who may not ask."""

import contextlib
import os
import tempfile
from pathlib import Path

import pytest
from typer.testing import CliRunner

from hallctl.cli import asking
from hallctl.cli.asking import desk_place, hall_of, place_of
from hallctl.cli.main import Commands, app
from running import hall_folder


class Machine:
    """A computer with a hall installed beneath a folder, and a person who stands somewhere."""

    def __init__(self, folder, monkeypatch):
        self.hall, self.state = hall_folder(folder / "etc/hallctl"), folder / "var/lib/hallctl"
        self.own = folder / "own"
        self.desk = hall_folder(folder / "desk")
        self.elsewhere = folder / "elsewhere"
        self.elsewhere.mkdir()
        self._monkeypatch = monkeypatch
        monkeypatch.setattr(asking, "INSTALLED_HALL", self.hall)
        monkeypatch.setattr(asking, "INSTALLED_STATE", self.state)
        monkeypatch.setenv("XDG_STATE_HOME", str(self.own))
        for name in ("STATE_DIRECTORY", "HALLCTL_HALL", "HALLCTL_STATE"):
            monkeypatch.delenv(name, raising=False)

    def install(self):
        self.state.mkdir(parents=True)
        return self

    def stand(self, folder, **surroundings):
        self._monkeypatch.chdir(folder)
        for name, value in surroundings.items():
            self._monkeypatch.setenv(name, str(value))
        return self

    def run(self, *words):
        found = CliRunner().invoke(app, [*map(str, words)], env={"COLUMNS": "200"})
        assert found.exception is None or isinstance(found.exception, SystemExit), found.exception
        return found


@pytest.fixture
def machine(tmp_path, monkeypatch):
    return Machine(tmp_path, monkeypatch)


def places(hall=None, state=None):
    place = place_of(hall, state)
    return place.hall, place.state


def test_where_a_hall_is_installed_it_is_meant(machine):
    machine.install().stand(machine.elsewhere)
    assert places() == (machine.hall, machine.state)


def test_a_machine_without_an_installed_hall_means_the_folder_stood_in(machine):
    machine.stand(machine.elsewhere)
    hall, state = places()
    assert hall == machine.elsewhere
    assert state.is_relative_to(machine.own)


def test_who_stands_in_a_halls_folder_means_that_one_and_never_the_installed_one(machine):
    machine.install().stand(machine.desk)
    hall, state = places()
    assert hall == machine.desk
    assert state.is_relative_to(machine.own)


def test_a_given_folder_comes_before_all_even_the_one_stood_in(machine):
    machine.install().stand(machine.elsewhere)
    assert hall_of(Path()) == machine.elsewhere
    hall, state = places(machine.desk)
    assert hall == machine.desk
    assert state.is_relative_to(machine.own)
    assert places(None, machine.own) == (machine.hall, machine.own)


def test_the_installed_hall_has_its_state_however_it_is_named(machine):
    machine.install().stand(machine.elsewhere)
    assert places(machine.hall) == (machine.hall, machine.state)
    machine.stand(machine.hall)
    assert places() == (machine.hall, machine.state)


def test_a_service_keeps_its_state_where_systemd_says(machine):
    machine.install().stand(machine.elsewhere, STATE_DIRECTORY=machine.own)
    assert places() == (machine.hall, machine.own)


def test_the_surroundings_come_after_the_command_line(machine):
    machine.install().stand(machine.elsewhere, HALLCTL_HALL=machine.desk, HALLCTL_STATE=machine.own)
    assert f"{machine.own}/bus" in machine.run("health").stdout
    assert f"{machine.state}/bus" in machine.run("health", "--state", machine.state).stdout
    (machine.desk / "devices.yaml").write_text("devises: {}\n")
    assert machine.run("check").exit_code == 78
    assert machine.run("check", "--hall", machine.hall).exit_code == 0


def test_check_reads_the_installed_files_and_says_their_mistakes(machine):
    machine.install().stand(machine.elsewhere)
    assert machine.run("check").exit_code == 0
    (machine.hall / "devices.yaml").write_text("devises: {}\n")
    found = machine.run("check")
    assert found.exit_code == 78
    assert "devises" in found.output


def test_an_installed_hall_that_is_stopped_is_started_by_systemd(machine):
    machine.install().stand(machine.elsewhere)
    found = machine.run("status")
    assert found.exit_code == 69
    assert "systemctl start hallctl" in found.output


def test_who_asks_the_wrong_hall_hears_of_the_installed_one(machine):
    machine.install().stand(machine.desk)
    found = machine.run("status")
    assert found.exit_code == 69
    assert f"--hall {machine.hall}" in found.output


@pytest.mark.parametrize("where", ["hall", "elsewhere"])
def test_a_desk_never_takes_the_installed_halls_journal(machine, where):
    machine.install().stand(getattr(machine, where))
    for hall in (None, machine.hall):
        assert desk_place(hall, None).state.is_relative_to(machine.own)
    assert desk_place(None, None).hall == getattr(machine, where)


@contextlib.contextmanager
def somebody_else():
    for name, late in Commands.LATE.items():  # who may perhaps not read this Python's files
        late.load(name)
    os.seteuid(65534)
    try:
        yield
    finally:
        os.seteuid(0)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become somebody else")
@pytest.mark.parametrize("words", [("status",), ("devices",), ("selftest",), ("backup",)])
def test_who_is_not_in_the_halls_group_is_told_so_in_words(words):
    with tempfile.TemporaryDirectory(prefix="hall-") as folder:
        state = Path(folder)
        (state / "bus").mkdir()
        state.chmod(0o700)
        with somebody_else():
            done = CliRunner().invoke(app, [*words, "--hall", "/", "--state", str(state)])
    assert done.exit_code == 77, done.output
    assert "not open to you: sudo hallctl" in done.output


PRIVATE = (
    "backup", "restore x", "export today", "purge --older-than 9", "journal tail", "journal verify",
    "journal export", "journal accept-loss", "report today", "pin clear", "keys list",
    "tokens list",
)  # fmt: skip


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become somebody else")
@pytest.mark.parametrize("words", PRIVATE)
def test_what_only_the_daemons_user_may_read_asks_for_sudo_in_words(words):
    with tempfile.TemporaryDirectory(prefix="hall-") as folder:
        state = Path(folder)
        state.chmod(0o755)
        (state / "journal.db").touch(0o600)
        with somebody_else():
            done = CliRunner().invoke(app, [*words.split(), "--hall", "/", "--state", str(state)])
    assert done.exit_code == 77, (done.output, done.exception)
    assert "not open to you: sudo hallctl" in done.output
