"""schemathesis against the real process on a real daemon: what is described is what happens."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from served_hall import served_hall

EXAMPLES = 25
"""Of each operation and phase."""
LEAST = 300
"""So many requests at least were made: a run that tests nothing finds nothing."""
TIMEOUT_S = 900
CONFIG = """
max-stream-events = 2
[warnings]
enabled = false
[generation]
deterministic = true
database = "none"
max-examples = {examples}
"""


@pytest.fixture(scope="module")
def hall(tmp_path_factory):
    with served_hall(tmp_path_factory.mktemp("st")) as hall:
        yield hall


def run_schemathesis(hall, folder, who, *only):
    """Its exit code and words."""
    config, schema = folder / "schemathesis.toml", folder / "openapi.json"
    config.write_text(CONFIG.format(examples=os.environ.get("ST_EXAMPLES", EXAMPLES)))
    schema.write_text(hall.get("/api/v1/openapi.json", who).text)
    command = [
        str(Path(sys.executable).with_name("schemathesis")), "--config-file", str(config),
        "run", str(schema), "--url", hall.address, "--no-color", "--seed", "7",
        "--header", f"Authorization: Bearer {hall.keys[who]}",
        "--phases", "examples,coverage,fuzzing", "--continue-on-failure", *only,
    ]  # fmt: skip
    hooks = {"SCHEMATHESIS_HOOKS": "st_hooks", "PYTHONPATH": str(Path(__file__).parent)}
    done = subprocess.run(
        command, cwd=folder, env={**os.environ, **hooks}, capture_output=True, text=True,
        timeout=TIMEOUT_S, check=False,
    )  # fmt: skip
    return done.returncode, done.stdout + done.stderr


def finds_nothing(hall, folder, who, *only):
    code, words = run_schemathesis(hall, folder, who, *only)
    assert code == 0, words[-12_000:]
    print(words[-700:])
    generated, passed = map(int, re.search(r"(\d+) generated, (\d+) passed", words).groups())
    assert passed >= generated - 100 > LEAST, words[-2000:]
    assert "0 selected" not in words
    assert hall.get("/healthz").status == 200
    assert "Traceback" not in hall.log.read_text()
    assert "Traceback" not in hall.daemon.words()


def test_schemathesis_finds_nothing_anywhere_as_a_supervisor(hall, tmp_path):
    finds_nothing(hall, tmp_path, "chief")


def test_schemathesis_finds_nothing_in_the_commands_of_one_window(hall, tmp_path):
    finds_nothing(hall, tmp_path, "third", "--include-path", "/api/v1/commands")
