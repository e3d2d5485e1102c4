"""Screens that run only when somebody opens them, before the page's HTTP side."""

import contextlib
import json
import os
import re
import signal
import subprocess
import sys
import urllib.error
import urllib.request
from pathlib import Path

import pytest

from hallctl.simulator.more import more_screens
from running import wait_until
from screens import sample
from screens.kit.scene import screen_names

ROOT = Path(__file__).parents[2]
RUNNER = Path(__file__).with_name("desk_runner.py")
PATIENCE_S = 60


def ask(address, path, body=None):
    request = urllib.request.Request(
        address + path, None if body is None else json.dumps(body).encode()
    )
    try:
        with urllib.request.urlopen(request, timeout=30) as answer:
            return answer.status, answer.read()
    except urllib.error.HTTPError as error:
        return error.code, error.read()


@pytest.fixture(scope="module")
def desk(tmp_path_factory):
    process = subprocess.Popen(
        [sys.executable, str(RUNNER), str(tmp_path_factory.mktemp("d")), "0"],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    address = ""
    for line in process.stdout:
        if found := re.search(r"http://127\.0\.0\.1:\d+", line):
            address = found[0]
        if "Ctrl-C" in line:
            break
    yield address
    process.send_signal(signal.SIGTERM)
    with contextlib.suppress(subprocess.TimeoutExpired):
        process.communicate(timeout=PATIENCE_S)
    process.kill()


def state(address):
    return json.loads(ask(address, "/api/state")[1])


def test_all_kinds_of_screens_can_be_opened():
    words = more_screens(sample.rules(), Path("bus"), Path("frames.sock")).values()
    assert {command[3] for _, command in words} == set(screen_names())


def test_a_screen_runs_from_the_moment_it_is_opened_and_sends_its_picture(desk):
    assert "window-3" not in [child["name"] for child in state(desk)["children"]]
    assert state(desk)["more"]["window-3"] == "3 号窗口屏"
    status, page = ask(desk, "/screen/window-3")
    assert status == 200
    assert "3 号窗口屏" in page.decode()
    assert ask(desk, "/api/open/window-3", {})[0] == 200
    assert ask(desk, "/api/open/window-3", {})[0] == 200
    wait_until(lambda: "width" in state(desk)["screens"].get("window-3", {}))
    assert [c["starts"] for c in state(desk)["children"] if c["name"] == "window-3"] == [1]


def test_a_key_goes_to_a_screen_that_runs_and_else_is_refused(desk):
    wait_until(lambda: "kiosk-1" in state(desk)["screens"])
    assert ask(desk, "/api/key/kiosk-1", {"key": "space"})[0] == 200
    assert ask(desk, "/api/key/pad-9", {"key": "space"})[0] == 409
    assert ask(desk, "/api/key/kiosk-1", {"key": ""})[0] == 400


def test_a_screen_nobody_has_is_not_there(desk):
    assert ask(desk, "/screen/window-77")[0] == 404
    assert ask(desk, "/api/open/window-77", {})[0] == 404
