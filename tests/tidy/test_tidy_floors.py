"""The import floors hold because a breach is found, not because nobody tried.

`make test` runs lint-imports over the tree itself; here a copy of it is spoilt.
"""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@pytest.fixture
def copied(tmp_path):
    for name in ("hallctl", "drivers", "screens"):
        shutil.copytree(ROOT / name, tmp_path / name, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    return tmp_path


def linted(tree):
    linter = Path(sys.executable).with_name("lint-imports")
    done = subprocess.run(
        [linter, "--no-cache"], cwd=tree, capture_output=True, text=True, check=False
    )
    return done.returncode, done.stdout + done.stderr


@pytest.mark.parametrize(
    ("path", "source", "named"),
    [
        ("hallctl/stray.py", '"""On no floor."""\n', "stray"),
        ("hallctl/core/moment.py", "import time\n", "time"),
        ("hallctl/core/slip.py", "import hallctl.journal\n", "hallctl.journal"),
        ("drivers/nosy.py", "import hallctl.daemon\n", "hallctl.daemon"),
        ("hallctl/daemon.py", "import drivers\n", "drivers"),
        ("hallctl/simulator/twins/lazy.py", "import drivers\n", "hallctl.simulator.twins.lazy"),
        ("screens/nosy.py", "import hallctl.daemon\n", "hallctl.daemon"),
    ],
)
def test_a_breach_of_the_floors_is_found_and_named(copied, path, source, named):
    target = copied / path
    before = target.read_text() if target.exists() else ""
    target.write_text(before + "\n" + source)
    code, words = linted(copied)
    assert code != 0
    broken = words.partition("Broken contracts")[2] or words
    assert named in broken
