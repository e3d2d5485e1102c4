"""The clerk's terminal on another machine: one command, and clear words on the glass itself."""

import argparse
import contextlib
import os

os.environ["SDL_VIDEODRIVER"] = "dummy"

import json
import socket
import subprocess
import sys
import threading

import pygame
import pytest
import zmq

from bus.small_hall import SmallHall, issue
from hallctl.client import HallClient
from hallctl.connecting import KeyTrouble, Trouble
from hallctl.core import commands as c
from hallctl.keyring import Keyring
from hallctl.roles import standing_of
from hallctl.simulator.frames import pack
from running import PATIENT_S, ROOT, RunningDaemon, free_ports, wait_until
from screens import __main__ as program
from screens import check
from screens.clerk import pages
from screens.clerk import screen as clerk
from screens.kit import scene, sight, trouble
from screens.kit.canvas import Canvas
from screens.kit.fonts import Fonts
from screens.kit.nohall import NoHall
from screens.kit.stage import Stage

FONTS = Fonts()


class Panel:
    """A glass nobody touches but the test."""

    zoom = 1.0

    def __init__(self, size):
        self.picture = pygame.Surface(size)
        self.felt = []

    def touches(self, now_s):
        felt, self.felt = self.felt, []
        return felt

    def present(self, now_s, *, touched, changed):
        return changed

    def close(self):
        """Nothing is open."""


@pytest.fixture
def hall():
    hall = SmallHall()
    yield hall
    hall.close()


@pytest.fixture
def terminal(tmp_path):
    """The terminal as `hallctl-screen clerk` makes it, on a panel of the test."""
    stages = []

    def begin(*words):
        asked = program._asked("clerk", clerk, [*map(str, words)])
        client, mended = program._client(asked, clerk)
        screen = clerk.make(asked, client)
        stages.append(
            Stage(screen, Panel(screen.size), client, FONTS, bool(asked.connect), "zh", mended)
        )
        return stages[-1]

    yield begin
    for stage in stages:
        stage.client.close()


def shows(stage, what):
    """Turn the stage until it shows that trouble, or a page of that class."""

    def look():
        stage.turn(0.05)
        page = stage._drawn[0] if stage._drawn else None
        found = page.what == what if isinstance(page, Trouble) else type(page) is what
        return page if found else None

    return wait_until(look, every_s=0)


def file(tmp_path, key, name="window-3.hallkey"):
    key.write(tmp_path / name)
    return tmp_path / name


def test_a_key_file_is_all_that_a_terminal_needs(hall, terminal, tmp_path):
    issue(hall)
    stage = terminal("--connect", file(tmp_path, hall.key()))
    page = shows(stage, pages.WindowPage)
    assert stage.screen.model.window == 3, "the key says which"
    assert page.top.badge == "3"
    stage.surface.felt = [("key", "space", 0, 0)]
    stage.turn(0.05)
    wait_until(lambda: [stage.turn(0.05)] and hall.bench.hall.windows[3].visit, every_s=0)


def test_an_address_with_a_key_is_another_way_to_say_it(hall, terminal, tmp_path):
    key = file(tmp_path, hall.key(address="tcp://192.0.2.1:7700"))
    stage = terminal("--connect", f"tcp://127.0.0.1:{hall.port}", "--key", key, "--window", 3)
    shows(stage, pages.WindowPage)


@pytest.mark.parametrize("spoilt", ["refused", "server", "version"])
def test_what_no_waiting_mends_is_on_the_glass(hall, terminal, tmp_path, spoilt):
    key = hall.key(**({"server": zmq.curve_keypair()[0]} if spoilt == "server" else {}))
    if spoilt == "refused":
        hall.known.clear()
    if spoilt == "version":
        hall.versions = [2]
    stage = terminal("--connect", file(tmp_path, key))
    shows(stage, spoilt)
    stage.surface.felt = [("key", "space", 0, 0), ("down", 1, 640, 400), ("up", 1, 640, 400)]
    stage.turn(0.05)
    assert [m for m in hall.asked if m["ask"] == "command"] == [], "nobody can press anything"


def test_a_terminal_whose_key_is_revoked_says_so_over_its_last_picture(hall, terminal, tmp_path):
    key = hall.key()
    stage = terminal("--connect", file(tmp_path, key))
    shows(stage, pages.WindowPage)
    hall.known.clear()
    hall.hang_up()
    shows(stage, "refused")
    hall.known.add(key.public)
    shows(stage, pages.WindowPage)


def test_nobody_there_is_said_before_a_first_picture_and_then_the_picture_stays(
    hall, terminal, tmp_path
):
    hall.leave()
    stage = terminal("--connect", file(tmp_path, hall.key()))
    assert str(hall.port) in shows(stage, "nobody").remedy("zh")
    hall.come()
    assert not shows(stage, pages.WindowPage).top.stale
    hall.leave()
    wait_until(lambda: [stage.turn(0.05)] and stage._drawn[0].top.stale, every_s=0)


def test_a_new_key_file_in_the_old_ones_place_is_taken_without_a_restart(hall, terminal, tmp_path):
    old = hall.key()
    hall.known.clear()
    stage = terminal("--connect", file(tmp_path, old))
    shows(stage, "refused")
    assert not stage.over
    file(tmp_path, hall.key())
    wait_until(lambda: [stage.turn(0.05)] and stage.over, every_s=0)


@pytest.mark.parametrize(
    ("words", "what"),
    [
        (["--connect", "none.hallkey"], "keyfile"),
        (["--connect", "open.hallkey"], "keyfile"),
        (["--connect", "torn.hallkey"], "keyfile"),
        (["--connect", "pad.hallkey"], "role"),
        (["--connect", "window-3.hallkey", "--window", "4"], "role"),
        (["--connect", "tcp://192.0.2.1:7700"], "no_key"),
        (["--connect", "tcp://nowhere", "--key", "window-3.hallkey"], "address"),
    ],
)
def test_a_key_that_cannot_be_used_is_told_on_the_glass_and_awaited(
    hall, terminal, tmp_path, monkeypatch, words, what
):
    monkeypatch.chdir(tmp_path)
    file(tmp_path, hall.key())
    file(tmp_path, hall.key("pad-3", "pad:3"), "pad.hallkey")
    file(tmp_path, hall.key(), "open.hallkey").chmod(0o644)
    (tmp_path / "torn.hallkey").write_text('{"hallctl-key": 1')
    (tmp_path / "torn.hallkey").chmod(0o600)
    stage = terminal(*words)
    assert isinstance(stage.client, NoHall)
    shows(stage, what)
    assert not stage.over
    if words[1].endswith(".hallkey"):
        file(tmp_path, hall.key("window-4", "window:4"), words[1])
        wait_until(lambda: [stage.turn(0.05)] and stage.over, every_s=0)


def test_a_clock_that_is_off_stands_in_the_head_of_the_page(hall, terminal, tmp_path):
    hall.off_s = 200.0
    stage = terminal("--connect", file(tmp_path, hall.key()))
    shows(stage, pages.WindowPage)

    def head():
        stage.turn(0.05)
        return [chip.words for chip in stage._drawn[0].top.chips if chip.icon == "clock"]

    assert wait_until(head, every_s=0) == ["本机时钟快 3 分钟"]


@pytest.mark.parametrize(
    ("off_s", "zh", "en"),
    [
        (0.0, "", ""),
        (2.6, "本机时钟快 3 秒", "Clock 3 s fast"),
        (-90.0, "本机时钟慢 90 秒", "Clock 90 s slow"),
        (1800.0, "本机时钟快 30 分钟", "Clock 30 min fast"),
        (-28800.0, "本机时钟慢 8 小时", "Clock 8 h slow"),
    ],
)
def test_how_far_a_clock_is_off_is_told_in_one_unit(off_s, zh, en):
    assert (sight.off_words("zh", off_s), sight.off_words("en", off_s)) == (zh, en)


VALUES = tuple(
    {
        "address": "tcp://192.0.2.205:17700",
        "versions": "2, 3",
        "held": "window:3",
        "role": "window:12",
        "folder": "/var/lib/hallctl/bus",
    }.items()
)
LONG = {
    "zh": "/etc/hallctl/window-3.hallkey 别人也能读或改。对它运行 chmod 600；如果可能被人抄走，"
    "作废这把密钥，另登记一把新的",
    "en": "Others may read or change /etc/hallctl/window-3.hallkey. Run chmod 600 on it; if "
    "somebody may have copied it, revoke this key and enrol a new one",
}
TOLD = [
    *(Trouble(what, VALUES) for what in sorted(trouble.LASTING - {"keyfile"})),
    *(Trouble(what, VALUES) for what in ("full", "nobody", "events", "silent")),
    KeyTrouble("keyfile", (), LONG),
]


@pytest.mark.parametrize("size", [(1280, 800), (1920, 1080), (1080, 1920)])
@pytest.mark.parametrize("language", ["zh", "en"])
def test_every_trouble_fits_every_screen(size, language):
    for told in TOLD:
        canvas = Canvas(pygame.Surface(size), FONTS, measured=True)
        trouble.page(canvas, told, language)
        limits = scene.Limits(40, 36, 7, 5)
        rules = (check.too_faint, check.too_small, check.too_wide, check.on_each_other)
        assert [w for rule in rules for w in rule(canvas, limits)] == [], told.what
        assert canvas.targets == []


def test_a_screen_must_be_told_one_place(capsys):
    for words in ([], ["--bus", "x", "--connect", "y"]):
        with pytest.raises(SystemExit):
            program._asked("clerk", clerk, words)
    assert "--connect" in capsys.readouterr().err
    local = program._asked("clerk", clerk, ["--bus", "here"])
    assert isinstance(local, argparse.Namespace)
    assert (local.name, local.connect) == ("clerk-1", "")


class Desk(threading.Thread):
    """Counts the pictures of one screen; keys go back the same way."""

    def __init__(self, path):
        super().__init__(daemon=True)
        self.listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.listener.bind(str(path))
        self.listener.listen()
        self.link, self.pictures, self.leaving = None, 0, False
        self.start()

    def run(self):
        while not self.leaving:
            try:
                self.link, _ = self.listener.accept()
            except OSError:
                return
            # A screen that ends with a key still unread resets the line.
            reset = contextlib.suppress(ConnectionResetError)
            with reset, self.link, self.link.makefile("rb") as stream:
                while prefix := stream.read(4):
                    header = json.loads(stream.read(int.from_bytes(prefix, "big")))
                    stream.read(header["bytes"])
                    self.pictures += header["kind"] == "frame"

    def key(self, name):
        try:
            self.link.sendall(pack({"kind": "key", "key": name}))
        except OSError:
            return  # the screen begins anew

    def close(self):
        self.leaving = True
        self.listener.shutdown(socket.SHUT_RDWR)
        self.join(PATIENT_S)
        self.listener.close()


def test_a_terminal_waits_for_its_key_and_then_calls_at_a_real_hall(tmp_path):
    daemon, port = RunningDaemon(tmp_path), free_ports()
    (daemon.hall / "network.yaml").write_text(f"listen: 127.0.0.1:{port}\n")
    keyring = Keyring(daemon.state / "keys")
    keyring.init()
    daemon.start()
    desk = Desk(tmp_path / "clerk.sock")
    command = [sys.executable, "-m", "screens", "clerk", "--connect", str(tmp_path / "w.hallkey")]
    process = subprocess.Popen(
        [*command, "--frames", str(tmp_path / "clerk.sock")], cwd=ROOT, stderr=subprocess.DEVNULL
    )
    try:
        wait_until(lambda: desk.pictures)
        key = keyring.enrol("window-3", standing_of("window:3"), None, f"tcp://127.0.0.1:{port}")
        key.write(tmp_path / "w.hallkey")
        with HallClient.at(daemon.state / "bus", "guide", "g") as guide:
            visit = guide.do(c.IssueTicket(queue="A"), PATIENT_S).result["visit"]

            def called():
                desk.key("space")
                guide.poll(0.05)
                return guide.hall.windows[3].visit if guide.hall.rules else ""

            assert wait_until(called, every_s=0.5) == visit
        before = desk.pictures
        keyring.revoke("window-3")
        wait_until(lambda: desk.pictures > before)
    finally:
        process.terminate()
        code = process.wait(PATIENT_S)
        desk.close()
        daemon.stop()
    assert code == 0
