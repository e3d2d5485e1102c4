"""A screen as a process: its frames at the desk, touches back, its end."""

import hashlib
import json
import os
import signal
import socket
import subprocess
import sys
import time
from io import BytesIO
from pathlib import Path

import pytest
from PIL import Image

ROOT = Path(__file__).parents[2]
PATIENCE_S = 60.0


class Desk:
    """The desk's end of the frames socket, spoken from its description alone."""

    def __init__(self, path):
        self.path = path
        self.listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.listener.bind(str(path))
        self.listener.listen()
        self.listener.settimeout(PATIENCE_S)
        self.link = None

    def accept(self):
        self.drop()
        self.link, _ = self.listener.accept()
        self.link.settimeout(PATIENCE_S)

    def drop(self):
        if self.link is not None:
            self.link.close()
            self.link = None

    def read(self, count):
        got = b""
        while len(got) < count:
            chunk = self.link.recv(count - len(got))
            assert chunk, "the screen hung up"
            got += chunk
        return got

    def message(self, kind):
        """The next message of that kind."""
        until_s = time.monotonic() + PATIENCE_S
        while time.monotonic() < until_s:
            length = int.from_bytes(self.read(4), "big")
            header = json.loads(self.read(length))
            payload = self.read(header["bytes"])
            if header["kind"] == kind:
                return header, payload
        raise AssertionError(f"no {kind} came")

    def send(self, header):
        body = json.dumps({**header, "bytes": 0}).encode()
        self.link.sendall(len(body).to_bytes(4, "big") + body)

    def close(self):
        self.drop()
        self.listener.close()


@pytest.fixture
def desk(tmp_path):
    found = Desk(tmp_path / "frames.sock")
    yield found
    found.close()


@pytest.fixture
def start(desk, tmp_path):
    running = []

    def run(*words):
        command = [sys.executable, "-m", "screens", *words, "--bus", str(tmp_path)]
        process = subprocess.Popen(
            [*command, "--frames", str(desk.path)],
            cwd=ROOT,
            stderr=subprocess.PIPE,
            env={**os.environ, "PYTHONDONTWRITEBYTECODE": "1"},
        )
        running.append(process)
        return process

    yield run
    for process in running:
        if process.poll() is None:
            process.kill()
        process.communicate()


def test_a_kiosk_sends_its_picture_and_says_each_second_that_it_lives(desk, start):
    process = start("kiosk", "--name", "kiosk-7")
    desk.accept()
    header, payload = desk.message("frame")
    picture = Image.open(BytesIO(payload))
    assert (header["screen"], header["width"], header["height"]) == ("kiosk-7", 1080, 1920)
    assert picture.size == (1080, 1920)
    assert hashlib.sha256(picture.convert("RGB").tobytes()).hexdigest() == header["sha256"]
    alive, _ = desk.message("alive")
    assert alive["screen"] == "kiosk-7"
    process.send_signal(signal.SIGTERM)
    _, said = process.communicate(timeout=PATIENCE_S)
    assert (process.returncode, said) == (0, b"")


def test_a_lost_desk_is_found_again_and_gets_the_picture_anew(desk, start):
    start("kiosk", "--landscape")
    desk.accept()
    first, _ = desk.message("frame")
    desk.accept()
    again, _ = desk.message("frame")
    assert first["sha256"] == again["sha256"]


def test_touches_and_nonsense_do_not_stop_a_screen_that_waits_for_its_daemon(desk, start):
    process = start("hall", "--size", "960x540")
    desk.accept()
    header, _ = desk.message("frame")
    assert (header["width"], header["height"]) == (960, 540)
    desk.send({"kind": "touch", "phase": "down", "x": 0.5, "y": 0.5})
    desk.send({"kind": "touch", "phase": "up", "x": 0.5, "y": 0.5})
    desk.send({"kind": "weather", "rain": True})
    desk.message("alive")
    desk.link.sendall(b"\x00\x00\x00\x05hello")
    desk.accept()
    desk.message("alive")
    assert process.poll() is None
