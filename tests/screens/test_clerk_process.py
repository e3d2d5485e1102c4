"""The clerk's terminal as a process, before a real daemon: a key of the desk calls a resident."""

import contextlib
import json
import os
import socket
import subprocess
import sys
import threading

import pytest

from hallctl.client import HallClient
from hallctl.core.commands import IssueTicket
from hallctl.simulator.frames import pack
from running import ROOT, RunningDaemon, wait_until


class Desk(threading.Thread):
    """Counts the pictures of one screen; keys go back the same way."""

    def __init__(self, path):
        super().__init__(daemon=True)
        self.listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.listener.bind(str(path))
        self.listener.listen()
        self.link, self.pictures = None, 0
        self.start()

    def run(self):
        self.link, _ = self.listener.accept()
        # A screen that ends with a key still unread resets the line.
        with contextlib.suppress(ConnectionResetError), self.link.makefile("rb") as stream:
            while prefix := stream.read(4):
                header = json.loads(stream.read(int.from_bytes(prefix, "big")))
                stream.read(header["bytes"])
                self.pictures += header["kind"] == "frame"

    def key(self, name):
        self.link.sendall(pack({"kind": "key", "key": name}))

    def close(self):
        self.join(timeout=20)
        if self.link is not None:
            self.link.close()
        self.listener.close()


@pytest.fixture
def daemon(tmp_path):
    running = RunningDaemon(tmp_path)
    running.start()
    yield running
    running.stop()


@pytest.fixture
def terminal(daemon, tmp_path):
    desk = Desk(tmp_path / "clerk.sock")
    command = [sys.executable, "-m", "screens", "clerk", "--bus", str(daemon.state / "bus")]
    process = subprocess.Popen(
        [*command, "--window", "1", "--frames", str(tmp_path / "clerk.sock")],
        cwd=ROOT,
        env=dict(os.environ),
    )
    yield desk
    process.terminate()
    assert process.wait(timeout=30) == 0
    desk.close()


def test_the_space_key_calls_whoever_is_next(daemon, terminal):
    boss = HallClient(daemon.state / "bus", "supervisor", "test")
    wait_until(lambda: boss.poll(0.05) is not None and boss.hall.rules, 60)
    answer = boss.wait(boss.ask(IssueTicket(queue="A", kiosk="kiosk-1", paper=False)), 60)
    assert answer is not None
    assert answer.ok, answer
    wait_until(lambda: terminal.pictures > 1, 60)

    def called():
        terminal.key("space")
        boss.poll(0.05)
        return boss.hall.windows[1].visit

    assert wait_until(called, 60, every_s=1.0) == answer.result["visit"]
    boss.close()
