"""One simulation, one seed: dense troubles, and every promise holds; and a bug does not get by."""

import os
import re
import subprocess
import sys

import pytest

from hallctl.config.load import load
from hallctl.device import driver_class
from hallctl.simulator.world.playing import play
from hallctl.simulator.world.troubles import KINDS
from running import ROOT
from world.seeded_bugs import BUGS, QUICK

SEEDS = range(1, 4)
HOURS = 0.2
BUG_SEEDS = range(1, 6)
MANY = "HALLCTL_WORLDS" in os.environ


@pytest.fixture(scope="module")
def config():
    return load(ROOT, driver_class=driver_class)


def spend(config, seed, hours, kinds=tuple(KINDS)):
    played = play(config, seed, hours, kinds)
    assert not played.broken, f"{played.evidence}\n" + "\n".join(played.last)
    return played.story


@pytest.mark.parametrize("seed", SEEDS)
def test_with_everything_going_wrong_every_promise_holds(config, seed):
    story = spend(config, seed, HOURS)
    assert story.visits > 5
    assert story.commands > 50
    assert story.starts > 5
    assert story.cuts > 0
    assert story.compared > 500
    assert story.presses > 10


def head(seed, hash_seed):
    """The head of the chain, as another process finds it."""
    words = ["simulate", "--seed", str(seed), "--hours", "0.05", "--hall", str(ROOT)]
    done = subprocess.run(
        [sys.executable, "-m", "hallctl", *words],
        env={**os.environ, "PYTHONHASHSEED": hash_seed, "NO_COLOR": "1"},
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return re.search(r"head ([0-9a-f]{16})", done.stdout)[1]


def test_the_same_seed_is_the_same_world_in_every_process_and_another_seed_another():
    first = head(7, "1")
    assert first == head(7, "2")
    assert first != head(8, "1")


def found(config, monkeypatch, bug):
    """What some seed of the list says of a bug; "" when none finds it."""
    kinds = tuple(k for k in BUGS[bug] if k != "none")
    bug(monkeypatch)
    for seed in BUG_SEEDS:
        played = play(config, seed, 0.3, kinds)
        if played.broken:
            return played.broken
    return ""


@pytest.mark.parametrize("bug", BUGS if MANY else QUICK, ids=lambda bug: bug.__name__)
def test_a_bug_put_in_by_hand_is_found(config, monkeypatch, bug):
    assert found(config, monkeypatch, bug)


def test_a_broken_promise_is_told_with_the_command_that_repeats_it(monkeypatch, capsys):
    from typer.testing import CliRunner

    from hallctl.cli.simulate import app

    publisher = next(b for b in BUGS if b.__name__ == "publish_before_append")
    publisher(monkeypatch)
    words = ["--seed", "3", "--hours", "0.05", "--faults", "kill", "--hall", str(ROOT)]
    done = CliRunner().invoke(app, words)
    assert done.exit_code == 1
    told = re.sub(r"\s+", " ", done.output)
    assert "nothing is published before it is on disk" in told
    assert "hallctl simulate --seed 3 --hours 0.05 --faults kill --hall" in told
