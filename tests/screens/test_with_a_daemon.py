"""Kiosk and hall screen as processes, before a real daemon: touches in, pictures and proofs out."""

import contextlib
import json
import os
import subprocess
import sys
import threading
from io import BytesIO

import pytest
from PIL import Image, ImageColor

from hallctl.client import HallClient
from hallctl.core.commands import CallNext
from hallctl.core.events import CallShown, TicketIssued
from hallctl.simulator.frames import pack
from running import ROOT, RunningDaemon, wait_until
from screens.kiosk.draw_home import UNSURE
from screens.kiosk.draw_item import TAKE
from screens.kit.tokens import PRIMARY
from screens.kit.touch import Box


class Frames(threading.Thread):
    """Has the newest picture of one screen, None before the first; touches go back the same way."""

    def __init__(self, path):
        super().__init__(daemon=True)
        import socket

        self.listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.listener.bind(str(path))
        self.listener.listen()
        self.link = None
        self.picture = None
        self.start()

    def run(self):
        self.link, _ = self.listener.accept()
        # A screen that ends with a touch still unread resets the line.
        with contextlib.suppress(ConnectionResetError), self.link.makefile("rb") as stream:
            while prefix := stream.read(4):
                header = json.loads(stream.read(int.from_bytes(prefix, "big")))
                payload = stream.read(header["bytes"])
                if header["kind"] == "frame":
                    self.picture = payload

    def has(self, box: Box, colour: str):
        """Whether a box of the layout has that colour now, at a place beside its words."""
        picture = Image.open(BytesIO(self.picture)).convert("RGB")
        return picture.getpixel((int(box.x) + 60, int(box.y) + 20)) == ImageColor.getrgb(colour)

    def tap(self, box: Box):
        x, y = box.cx / 1080, box.cy / 1920
        for phase in ("down", "up"):
            self.link.sendall(pack({"kind": "touch", "phase": phase, "x": x, "y": y}))

    def close(self):
        self.join(timeout=20)
        if self.link is not None:
            self.link.close()
        self.listener.close()


@pytest.fixture
def daemon(tmp_path):
    running = RunningDaemon(tmp_path)
    yield running
    running.stop()


@pytest.fixture
def screens(daemon, tmp_path):
    processes, desks = [], []

    def start(kind, name):
        desk = Frames(tmp_path / f"{name}.sock")
        command = [sys.executable, "-m", "screens", kind, "--bus", str(daemon.state / "bus")]
        processes.append(
            subprocess.Popen(
                [*command, "--name", name, "--frames", str(tmp_path / f"{name}.sock")],
                cwd=ROOT,
                env=dict(os.environ),
            )
        )
        desks.append(desk)
        return desk

    yield start
    for process in processes:
        process.terminate()
        assert process.wait(timeout=30) == 0
    for desk in desks:
        desk.close()


def test_two_touches_take_a_number_and_its_call_is_proved_by_the_hall_screen(daemon, screens):
    kiosk, hall = screens("kiosk", "kiosk-1"), screens("hall", "hall-1")
    wait_until(lambda: kiosk.picture, 60)
    daemon.start()
    boss = HallClient(daemon.state / "bus", "supervisor", "test")
    heard = []

    def seen(kind):
        heard.extend(boss.poll(0.05))
        found = [r.event for r in heard if isinstance(getattr(r, "event", None), kind)]
        return found[0] if found else None

    wait_until(lambda: boss.poll(0.05) is not None and boss.hall.rules, 60)

    def home():
        return kiosk.has(UNSURE, PRIMARY)

    def item():
        return kiosk.has(TAKE, PRIMARY) and kiosk.has(UNSURE, "#FFFFFF")

    def pressed_until(here, box, what):
        def attempt():
            if here():  # what lies there on the next page is not to be touched
                kiosk.tap(box)
            return what()

        return wait_until(attempt, 60, every_s=1.0)

    pressed_until(home, UNSURE, item)
    ticket = pressed_until(item, TAKE, lambda: seen(TicketIssued))
    assert (ticket.queue, ticket.kiosk) == ("A", "kiosk-1")
    window = HallClient(daemon.state / "bus", "window", "window-1", follow=False)
    answer = window.wait(window.ask(CallNext(window=1)), 60)
    assert answer is not None
    assert answer.ok, answer
    shown = wait_until(lambda: seen(CallShown), 60)
    assert shown.screen == "hall-1"
    assert hall.picture
    assert len(boss.hall.visits) == 1
    window.close()
    boss.close()
