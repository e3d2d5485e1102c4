"""`hallctl pin`: set at the prompt, taken away again, never shown."""

import time

import pytest
from typer.testing import CliRunner

from hallctl.cli.main import app
from hallctl.pin import Pin


@pytest.fixture
def run(tmp_path):
    def run(*words, typed=""):
        places = ["--hall", str(tmp_path), "--state", str(tmp_path / "s")]
        return CliRunner().invoke(app, ["pin", *words, *places], input=typed)

    run.pin = Pin(tmp_path / "s" / "pin", time.monotonic)
    return run


def test_a_pin_is_typed_twice_and_shown_never(run):
    found = run("set", typed="271828\n271828\n")
    assert found.exit_code == 0, found.output
    assert "271828" not in found.output
    assert run.pin.check("271828")


def test_two_that_differ_are_asked_again_and_an_easy_one_is_refused(run):
    assert run("set", typed="271828\n271829\n271828\n271828\n").exit_code == 0
    easy = run("set", typed="123456\n123456\n")
    assert easy.exit_code == 1
    assert "too easy" in easy.stderr
    assert run.pin.check("271828")  # the old one stays


def test_taken_away_there_is_no_menu(run):
    run("set", typed="271828\n271828\n")
    assert run("clear").exit_code == 0
    assert not run.pin.is_set
    assert run("clear").exit_code == 0
