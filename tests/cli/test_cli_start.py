"""What starting `hallctl` costs: nothing that only some of its commands need."""

import json
import subprocess
import sys

import pytest

from running import ROOT

HEAVY = {
    "numpy", "fastapi", "starlette", "uvicorn", "prometheus_client", "jinja2", "pygame", "escpos",
    "PIL", "scipy", "pyttsx3", "websockets",
}  # fmt: skip
ONLY_SOME = {"rich", "pydantic", "ruamel", "zmq", "apsw", "usb", "serial", "evdev", "asyncio"}
"""What the list of commands has no need of."""

DAEMON = """
import sys
from pathlib import Path
from hallctl.cli import running
from hallctl import service
config = service.load(Path.cwd(), driver_class=service.driver_class)
for device in config.devices:
    service.driver_of(device)
service.rewired(config.devices, None, ())
"""


def imported(code):
    """The packages that are there after a piece of code, in a process of its own."""
    tells = "import sys, json; print(json.dumps(sorted({m.split('.')[0] for m in sys.modules})))"
    done = subprocess.run(
        [sys.executable, "-c", f"{code}\n{tells}"],
        capture_output=True, text=True, check=True, cwd=ROOT,
    )  # fmt: skip
    return set(json.loads(done.stdout))


def test_the_list_of_commands_needs_none_of_the_commands():
    assert imported("import hallctl.cli.main") & (HEAVY | ONLY_SOME) == set()


@pytest.mark.parametrize("module", ["acts", "devices", "journal", "visits", "health"])
def test_a_command_that_asks_the_daemon_brings_nothing_heavy(module):
    assert imported(f"import hallctl.cli.{module}") & HEAVY == set()


def test_the_daemon_imports_what_its_devices_need_and_nothing_for_others():
    """With the devices of devices.yaml: serial lines, a printer in the network, a voice."""
    found = imported(DAEMON)
    assert found & (HEAVY | {"rich", "ruamel", "usb", "evdev", "asyncio"}) == set()
    assert {"zmq", "apsw", "pydantic", "serial", "drivers"} <= found
