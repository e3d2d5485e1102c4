"""README read as a new user: every command it shows is run here, or known to be run elsewhere."""

import os
import re
import shlex
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
BIN = Path(sys.executable).parent

# What no test can run from within itself, and who runs it.
RUN_ELSEWHERE = {
    "make test": "it runs this test",
    "make setup": "scripts/setup.sh has run, or this test would not; make test-distros runs it",
}


def commands(markdown: str) -> list[str]:
    """The lines of the ```sh blocks, without their comments."""
    blocks = re.findall(r"^```sh\n(.*?)^```$", markdown, re.DOTALL | re.MULTILINE)
    lines = [re.sub(r"\s+#.*$", "", line).strip() for block in blocks for line in block.split("\n")]
    return [line for line in lines if line]


COMMANDS = commands((ROOT / "README.md").read_text())
QUICK = [c for c in COMMANDS if c.startswith(".venv/bin/")]
MADE = [c for c in COMMANDS if c.startswith("make ")]
STARTS = [c for c in MADE if c not in RUN_ELSEWHERE]


@pytest.fixture
def home():
    """A user's own folder; its path is short, for it has to hold sockets."""
    with tempfile.TemporaryDirectory(prefix="hall-") as folder:
        yield Path(folder)


def surroundings(folder: Path) -> dict[str, str]:
    """The environment with every place of a user's own put into `folder`."""
    places = (
        "XDG_STATE_HOME",
        "XDG_RUNTIME_DIR",
        "XDG_DATA_HOME",
        "XDG_CONFIG_HOME",
        "XDG_CACHE_HOME",
    )
    # What the outer `make test` was told is not for the inner `make run`.
    ours = {k: v for k, v in os.environ.items() if not k.startswith(("MAKE", "MFLAGS"))}
    return {**ours, "NO_COLOR": "1", **{name: str(folder) for name in places}}


def test_every_command_of_the_readme_is_run_by_some_test():
    assert len(COMMANDS) > len(RUN_ELSEWHERE)
    assert [c for c in COMMANDS if c not in {*QUICK, *MADE}] == []
    assert [c for c in RUN_ELSEWHERE if c not in COMMANDS] == []


@pytest.mark.parametrize("command", QUICK)
def test_a_command_of_the_readme_works_as_shown(command, home):
    words = shlex.split(command)
    words[0] = str(BIN / Path(words[0]).name)
    done = subprocess.run(
        words,
        cwd=ROOT,
        env=surroundings(home),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.strip()
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("command", MADE)
def test_a_target_of_the_readme_stands_in_the_makefile(command):
    target = shlex.split(command)[1]
    makefile = (ROOT / "Makefile").read_text()
    assert re.search(rf"^{re.escape(target)}:", makefile, re.MULTILINE)
    assert re.search(rf"^\.PHONY:.*\b{re.escape(target)}\b", makefile, re.MULTILINE)


@pytest.mark.parametrize("command", STARTS)
def test_the_hall_starts_shows_its_page_and_stops_at_ctrl_c_twice(command, home):
    done = subprocess.run(
        [sys.executable, ROOT / "scripts" / "first_time.py", *shlex.split(command)],
        cwd=ROOT,
        env=surroundings(home),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.count("exit code 0") == 2
