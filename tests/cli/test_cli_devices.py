"""`hallctl devices` before a running hall; `scan` and `learn` before a make-believe /dev."""

import json
import os
import select
import signal
import struct
import subprocess
import threading

import pytest
from typer.testing import CliRunner

from attached_tree import Tree
from hallctl.cli.main import app
from hallctl.journal import lock_state
from hallctl.simulator.twins.keypad_rs485 import KeypadRs485Twin
from hallctl.simulator.wires import PtyWire
from rigged import NAMES, RiggedHall
from running import INTERRUPTIBLE, PATIENT_S, ROOT, TwinThread, hall_folder, wait_until

ENTER = struct.pack("llHHi", 1, 2, 1, 28, 1)


@pytest.fixture(scope="module")
def hall(tmp_path_factory):
    rig = RiggedHall(tmp_path_factory.mktemp("r"))
    yield rig
    rig.close()


def row(body, name):
    return next(row for row in body["devices"] if row["name"] == name)


def test_all_devices_are_shown_and_all_fine_ends_with_0(hall):
    status, body = hall.asked("devices")
    assert {row["name"] for row in body["devices"]} == NAMES
    assert (status, body["ok"]) == (0, True), body
    assert row(body, "keypads")["windows"] == [1, 3]
    assert row(body, "keypads")["driver"] == "keypad_rs485"
    words = hall.run("devices").stdout
    assert "5 台设备都正常" in words
    for part in ("在线", "条屏", "kiosk-1", "led_cpower"):
        assert part in words


def test_what_is_wrong_is_said_in_words_with_remedy_and_evidence(hall):
    hall.fault("printer-1", "paper_out")
    hall.fault("pad-3", "unplug")
    try:
        wait_until(lambda: hall.asked("devices")[1]["words"].startswith("2 台"))
        # A wire is looked at twice a second, so its next attempt is told a moment later.
        wait_until(lambda: "秒后再试" in row(hall.asked("devices")[1], "pad-3")["evidence"])
        status, body = hall.asked("devices", "--lang", "zh")
        assert status == 1
        printer, pad = row(body, "printer-1"), row(body, "pad-3")
        assert printer["words"] == "没有纸了"
        assert "合上盖子" in printer["mend"]
        assert "7E" in printer["evidence"]
        assert pad["words"].startswith("断开，09:3")
        assert "/pad: " in pad["evidence"]
        english = hall.run("devices", "--lang", "en").stdout
        assert "no paper" in english
        assert "down since" in english
    finally:
        hall.fault("printer-1", "paper_out", on=False)
        hall.fault("pad-3", "unplug", on=False)
    wait_until(lambda: hall.asked("devices")[0] == 0, 60)


def test_watch_follows_until_ctrl_c(hall):
    places = ["--hall", hall.daemon.hall, "--state", hall.daemon.state]
    typed = subprocess.Popen(
        [*INTERRUPTIBLE, "devices", "--watch", *places], cwd=ROOT, text=True,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        env={**os.environ, "COLUMNS": "200", "FORCE_COLOR": "1", "TERM": "xterm"},
    )  # fmt: skip
    for _ in range(2):  # a terminal is shown the table again and again
        while "printer-1" not in (line := typed.stdout.readline()):
            assert line, typed.communicate(timeout=PATIENT_S)
    typed.send_signal(signal.SIGINT)
    _, errors = typed.communicate(timeout=PATIENT_S)
    assert typed.returncode == 0, errors
    assert errors == ""


def test_without_a_daemon_it_says_how_to_start_one(tmp_path):
    found = CliRunner().invoke(app, ["devices", "--state", str(tmp_path)])
    assert found.exit_code == 69
    assert "hallctl run" in found.stderr


class Bare:
    """A hall that does not run, before a make-believe /dev."""

    def __init__(self, folder):
        self.tree = Tree(folder / "root")
        self.tree.root.mkdir()
        self.folder = hall_folder(folder / "hall")
        self.state = folder / "s"
        self.state.mkdir()

    def devices(self, text):
        (self.folder / "devices.yaml").write_text(text)

    def run(self, *words, text=""):
        where = ["--hall", str(self.folder), "--root", str(self.tree.root)]
        return CliRunner().invoke(
            app, [*map(str, words), *where], input=text, env={"COLUMNS": "200"}
        )

    def learn(self, *words, **more):
        return self.run("learn", "--state", self.state, *words, **more)


@pytest.fixture
def bare(tmp_path):
    return Bare(tmp_path)


def test_scan_finds_nothing_where_nothing_is(bare):
    found = bare.run("scan")
    assert found.exit_code == 0
    assert "没有找到" in found.stdout
    assert json.loads(bare.run("scan", "--json").stdout)["attached"] == []


def test_scan_shows_what_is_attached_with_lines_that_check_accepts(bare):
    path = bare.tree.keypad(5, "1.1")
    found = bare.run("scan").stdout
    assert path in found
    assert "还没有写进 devices.yaml" in found
    line = next(line for line in found.splitlines() if "driver: keypad_hid" in line)
    bare.devices(f"devices:\n{line}\n")
    assert CliRunner().invoke(app, ["check", "--hall", str(bare.folder)]).exit_code == 0
    again = bare.run("scan").stdout
    assert "devices.yaml 里是 keypad-1" in again
    assert "driver:" not in again


def test_scan_warns_of_names_that_wander_and_says_the_right_one(bare):
    path = bare.tree.serial(0, "1.2")
    bare.devices(
        "devices:\n"
        "  pad-1: {driver: pad_serial, link: {serial: /dev/ttyUSB0}, window: 1}\n"
        "  pad-2: {driver: pad_serial, link: {serial: /dev/ttyUSB7}, window: 2}\n"
    )
    found = bare.run("scan").stdout
    assert f"pad-1：/dev/ttyUSB0 重插后会变成别的设备，改成 {path}" in found
    assert "pad-2：/dev/ttyUSB7 没有插上" in found
    body = json.loads(bare.run("scan", "--json").stdout)
    assert [wire["device"] for wire in body["attached"]] == ["pad-1"]
    assert len(body["warnings"]) == 3


def test_scan_says_when_two_are_alike_and_when_no_name_lasts(bare):
    bare.tree.serial(0, "1.1")
    bare.tree.serial(1, "1.2")
    bare.tree.printer("1.4", rule=False)
    found = bare.run("scan", "--lang", "en").stdout
    assert "two are alike (1a86:7523)" in found
    assert "/dev/usb/lp0" in found
    assert "60-hallctl.rules" in found
    assert "usblp:" not in found, "no line is offered with a name that wanders"


def test_scan_works_beside_a_broken_devices_file(bare):
    path = bare.tree.serial(0, "1.1")
    bare.devices("devices: {\n")
    found = bare.run("scan")
    assert found.exit_code == 0
    assert path in found.stdout
    assert "devices.yaml 读不了" in found.stdout


@pytest.fixture
def keypads(bare):
    """Two equal keypads that can be pressed."""
    pads = {}
    for number, port in ((5, "1.1"), (6, "1.2")):
        path = bare.tree.keypad(number, port)
        node = bare.tree.root / f"dev/input/event{number}"
        node.unlink()
        os.mkfifo(node)
        pads[path] = os.open(node, os.O_RDWR)
    yield pads
    for fd in pads.values():
        os.close(fd)


def test_learn_names_the_keypad_of_each_window_by_the_order_of_pressing(bare, keypads):
    first, second = keypads

    def press():
        for path in (second, second, first):
            os.write(keypads[path], ENTER)
            wait_until(lambda fd=keypads[path]: not select.select([fd], [], [], 0)[0])

    presses = threading.Thread(target=press)  # each when the one before has been heard
    presses.start()
    found = bare.learn(3, 4, "--wait", 30)
    presses.join()
    assert found.exit_code == 0, found.output
    assert "请在 3 号窗口的键盘上按【回车】" in found.stdout
    assert "这个键盘已经是 3 号窗口" in found.stdout
    lines = [line for line in found.stdout.splitlines() if "driver:" in line]
    assert lines == [
        f"  keypad-3: {{driver: keypad_hid, link: {{evdev: {second}}}, window: 3}}",
        f"  keypad-4: {{driver: keypad_hid, link: {{evdev: {first}}}, window: 4}}",
    ]
    bare.devices("devices:\n" + "\n".join(lines) + "\n")
    assert CliRunner().invoke(app, ["check", "--hall", str(bare.folder)]).exit_code == 0


def test_learn_goes_on_when_nobody_presses_and_says_when_nothing_was_learnt(bare, keypads):
    found = bare.learn(1, 2, "--wait", 0.3)
    assert found.exit_code == 1
    assert "1 号窗口没有人按" in found.stdout
    assert "2 号窗口没有人按" in found.stdout
    assert "没有学到键盘" in found.stderr


def test_learn_without_keypads_says_where_it_looked(bare):
    found = bare.learn(1)
    assert found.exit_code == 1
    assert "/dev/input/by-path" in found.stderr


def test_learn_says_when_a_hall_runs_and_how_to_stop_it(bare):
    lock = lock_state(bare.state)
    try:
        found = bare.learn(1)
    finally:
        os.close(lock)
    assert f"kill {os.getpid()}" in found.stderr.replace("\n", " "), "a long number is wrapped"


def test_learn_ends_cleanly_at_ctrl_c_with_what_it_knows(bare, keypads):
    words = ["learn", "3", "4", "--wait", "30", "--hall", bare.folder, "--state", bare.state]
    typed = subprocess.Popen(
        [*INTERRUPTIBLE, *words, "--root", bare.tree.root], cwd=ROOT, text=True,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, env={**os.environ, "PYTHONUNBUFFERED": "1"},
    )  # fmt: skip
    line = typed.stdout.readline()
    assert "3 号窗口" in line
    os.write(next(iter(keypads.values())), ENTER)
    while "4 号窗口" not in line:
        line = typed.stdout.readline()
    typed.send_signal(signal.SIGINT)
    said, errors = typed.communicate(timeout=PATIENT_S)
    assert typed.returncode == 0, errors
    assert "keypad-3:" in said
    assert "keypad-4:" not in said
    assert "Traceback" not in errors


def test_learn_on_a_line_asks_the_window_of_each_address(bare, tmp_path):
    twins = TwinThread()
    path = tmp_path / "line"
    twins.add("keypads", PtyWire(KeypadRs485Twin({"windows": {1: 1, 5: 5}}), path))

    def pad(window):
        return twins.state("keypads")["windows"][str(window)]

    def presses():
        """Each until it is answered: nobody listens yet, or the one before is still asked about."""
        for window in (5, 5, 1):
            before = pad(window)["acks"]

            def answered(window=window, before=before):
                if not pad(window)["pending"]:
                    twins.press("keypads", {"window": window, "key": "confirm"})
                wait_until(lambda: not pad(window)["pending"])
                return pad(window)["acks"] > before

            wait_until(answered)

    person = threading.Thread(target=presses)
    person.start()
    try:
        found = bare.learn("--serial", path, "--wait", 6, text="7\n0\n")
    finally:
        person.join()
        twins.close()
    assert found.exit_code == 0, found.output
    assert "听到地址 5" in found.stdout
    assert "听到地址 1" in found.stdout
    assert f"serial: {path}" in found.stdout
    assert "windows: {5: 7}" in found.stdout, "address 5 was given window 7, address 1 left out"


def test_learn_on_a_line_that_is_not_there_says_what_to_do(bare, tmp_path):
    found = bare.learn("--serial", tmp_path / "none")
    assert found.exit_code == 1
    assert "插" in found.stderr
    assert "Traceback" not in found.output
