"""A real X server, a real daemon and their deaths: no screen hangs, and none shows a wrong number.

What is shown is read from the X server's own frame buffer.
"""

import os
import shutil
import signal
import struct
import subprocess
import sys

import pytest

from hallctl.client import HallClient
from hallctl.core.commands import CallNext, IssueTicket, StartEvacuation
from hallctl.core.events import CallShown
from running import ROOT, RunningDaemon, wait_until

pytestmark = pytest.mark.skipif(shutil.which("Xvfb") is None, reason="Xvfb is not installed")
PATIENCE_S = 60.0
SIZE = "960x540"
AMBER, CRIMSON = b"\x45\xcb\xff", b"\x0d\x12\x7a"
"""Colours as the frame buffer has them, blue first: of a call, of an evacuation."""
MANY = 2000
"""So many pixels of a colour that it is a ground or a number, and not an edge."""


class XServer:
    """An X server without a monitor; its frame buffer is a file."""

    def __init__(self, folder, display=""):
        reading, writing = os.pipe()
        folder.mkdir(exist_ok=True)
        named = [display] if display else []
        words = ["-displayfd", str(writing), "-screen", "0", f"{SIZE}x24", "-fbdir", str(folder)]
        self.process = subprocess.Popen(
            ["Xvfb", *named, *words, "-nolisten", "tcp"],
            pass_fds=(writing,),
            stderr=subprocess.DEVNULL,
        )
        os.close(writing)
        with os.fdopen(reading) as told:
            self.display = f":{told.readline().strip()}"
        self.file = folder / "Xvfb_screen0"

    def pixels(self, colour):
        """How many pixels have that colour now."""
        whole = self.file.read_bytes()
        (header,) = struct.unpack(">I", whole[:4])
        (colours,) = struct.unpack(">I", whole[76:80])
        return whole[header + colours * 12 :].count(colour)

    def kill(self):
        self.process.kill()
        self.process.wait(PATIENCE_S)


@pytest.fixture
def x_server(tmp_path):
    server = XServer(tmp_path / "x")
    yield server
    server.kill()


@pytest.fixture
def daemon(tmp_path):
    running = RunningDaemon(tmp_path)
    running.start()
    yield running
    running.stop()


@pytest.fixture
def boss(daemon):
    client = HallClient(daemon.state / "bus", "supervisor", "test")
    wait_until(lambda: client.poll(0.05) is not None and client.hall.rules)
    yield client
    client.close()


@pytest.fixture
def start(tmp_path):
    running = []

    def run(*words, bus=tmp_path, display):
        env = {k: v for k, v in os.environ.items() if not k.startswith(("SDL_", "WAYLAND"))}
        process = subprocess.Popen(
            [sys.executable, "-m", "screens", *words, "--bus", str(bus), "--size", SIZE],
            cwd=ROOT,
            stderr=subprocess.PIPE,
            env=env | {"DISPLAY": display, "PYTHONDONTWRITEBYTECODE": "1"},
        )
        running.append(process)
        return process

    yield run
    for process in running:
        process.kill()
        process.communicate()


def call_somebody(boss, daemon):
    """A ticket is taken and called to window 1."""
    assert boss.wait(boss.ask(IssueTicket(queue="A")), PATIENCE_S).ok
    window = HallClient(daemon.state / "bus", "window", "window-1", follow=False)
    assert window.wait(window.ask(CallNext(window=1)), PATIENCE_S).ok
    window.close()


def test_a_screen_whose_x_server_dies_ends_to_be_started_again(x_server, start, tmp_path):
    process = start("hall", display=x_server.display)
    wait_until(lambda: x_server.pixels(b"\x20\x16\x07"), PATIENCE_S)  # it has drawn its ground
    x_server.kill()
    assert process.wait(PATIENCE_S) not in (0, 78)
    without = start("hall", display=x_server.display)
    _, said = without.communicate(timeout=PATIENCE_S)
    assert without.returncode == 71
    assert said.startswith(b"no display to draw on")
    again = XServer(tmp_path / "x", x_server.display)
    try:
        start("hall", display=again.display)
        wait_until(lambda: again.pixels(b"\x20\x16\x07"), PATIENCE_S)
    finally:
        again.kill()


def test_a_call_turns_grey_when_the_daemon_dies_and_is_amber_again_when_it_is_back(
    daemon, boss, x_server, start
):
    call_somebody(boss, daemon)
    start("hall", bus=daemon.state / "bus", display=x_server.display)
    wait_until(lambda: x_server.pixels(AMBER) > MANY)
    daemon.kill()
    wait_until(lambda: x_server.pixels(AMBER) == 0)
    daemon.start()
    wait_until(lambda: x_server.pixels(AMBER) > MANY)


def test_a_call_turns_grey_when_the_bus_is_silent_and_is_amber_again_when_it_speaks(
    daemon, boss, x_server, start
):
    call_somebody(boss, daemon)
    start("hall", "--layout", "calls", bus=daemon.state / "bus", display=x_server.display)
    wait_until(lambda: x_server.pixels(AMBER) > MANY)
    daemon.process.send_signal(signal.SIGSTOP)
    try:
        wait_until(lambda: x_server.pixels(AMBER) == 0)
    finally:
        daemon.process.send_signal(signal.SIGCONT)
    wait_until(lambda: x_server.pixels(AMBER) > MANY)


def test_a_call_made_while_the_screen_was_dead_is_shown_and_proved_by_the_next_one(
    daemon, boss, x_server, start
):
    first = start("hall", bus=daemon.state / "bus", display=x_server.display)
    wait_until(lambda: x_server.pixels(b"\x20\x16\x07"))
    first.kill()
    first.wait(PATIENCE_S)
    call_somebody(boss, daemon)
    start("hall", bus=daemon.state / "bus", display=x_server.display)
    wait_until(lambda: x_server.pixels(AMBER) > MANY)
    heard = []

    def proved():
        heard.extend(boss.poll(0.05))
        return [r for r in heard if isinstance(getattr(r, "event", None), CallShown)]

    assert len(wait_until(proved)) == 1


def test_an_evacuation_is_on_the_glass_and_stays_when_the_daemon_dies(
    daemon, boss, x_server, start
):
    start("hall", bus=daemon.state / "bus", display=x_server.display)
    assert boss.wait(boss.ask(StartEvacuation(place="desk-1")), PATIENCE_S).ok
    wait_until(lambda: x_server.pixels(CRIMSON) > MANY)
    wait_until(lambda: boss.poll(0.2) is not None and boss.stale_since_s is None)
    daemon.kill()
    wait_until(lambda: boss.poll(0.2) is not None and boss.stale_since_s)
    assert x_server.pixels(CRIMSON) > MANY
