"""What starting `hallctl` costs: nothing that only some of its commands need."""

import subprocess
import sys

HEAVY = ("numpy", "fastapi", "prometheus_client", "pygame", "escpos", "uvicorn", "PIL", "scipy")


def test_the_command_line_brings_in_nothing_that_only_some_commands_need():
    asks = f"import hallctl.cli.main, sys; print([m for m in {HEAVY!r} if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", asks], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
