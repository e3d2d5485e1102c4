"""The page's HTTP side and the supervisor, with stand-ins for the daemon and the screens."""

import contextlib
import hashlib
import http.client
import io
import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest
from PIL import Image

ROOT = Path(__file__).parents[2]
RUNNER = Path(__file__).with_name("desk_runner.py")


class Desk:
    """A running desk."""

    def __init__(self, state, port=0, clock=None):
        words = [str(state), str(port), *([clock] if clock else [])]
        self.process = subprocess.Popen(
            [sys.executable, str(RUNNER), *words],
            cwd=ROOT,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        self.said = []
        self.port = 0
        for line in self.process.stdout:
            self.said.append(line.strip())
            if found := re.search(r"http://127\.0\.0\.1:(\d+)/", line):
                self.port = int(found[1])
            if "Ctrl-C" in line:
                break

    def ask(self, method, path, body=None, headers=None):
        link = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        with contextlib.closing(link):
            payload = body if body is None or isinstance(body, bytes) else json.dumps(body)
            link.request(method, path, payload, headers or {})
            answer = link.getresponse()
            data = answer.read()
        if answer.headers.get_content_type() == "application/json":
            data = json.loads(data)
        return answer.status, data, answer.headers

    def state(self):
        return self.ask("GET", "/api/state")[1]

    def until(self, true):
        until_s = time.monotonic() + 30
        while not true(state := self.state()):
            assert time.monotonic() < until_s, state
            time.sleep(0.05)
        return state

    def close(self):
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGINT)
        self.said += self.process.communicate(timeout=60)[0].splitlines()
        return self.process.returncode


@contextlib.contextmanager
def running(*args, **named):
    desk = Desk(*args, **named)
    try:
        yield desk
    finally:
        desk.close()


@pytest.fixture(scope="module")
def desk(tmp_path_factory):
    with running(tmp_path_factory.mktemp("d"), clock="2026-11-24 09:30") as desk:
        desk.until(lambda s: len(s["screens"]) == 2)
        yield desk


def test_the_page_and_its_parts_come_from_this_machine_alone(desk):
    status, page, headers = desk.ask("GET", "/")
    assert status == 200
    assert "便民服务中心" in page.decode()
    assert "default-src 'self'" in headers["Content-Security-Policy"]
    for path in re.findall(r'(?:src|href)="([^"]+)"', page.decode()):
        assert desk.ask("GET", path)[0] == 200, path


@pytest.mark.parametrize(
    "headers",
    [
        {"Host": "evil.example"},
        {"Host": "127.0.0.1.evil.example:80"},
        {"Host": ""},
        {"Origin": "http://evil.example"},
        {"Origin": "null"},
        {"Origin": "http://localhost:1"},
    ],
)
def test_a_foreign_host_or_origin_is_refused(desk, headers):
    for method, path in (("GET", "/api/state"), ("POST", "/api/clock"), ("POST", "/api/ask")):
        status, answer, _ = desk.ask(method, path, {"minutes": 10}, headers)
        assert status == 403
        assert "本机" in answer["error"]


def test_a_foreign_websocket_is_refused(desk):
    upgrade = {
        "Connection": "Upgrade", "Upgrade": "websocket", "Sec-WebSocket-Version": "13",
        "Sec-WebSocket-Key": "AAAAAAAAAAAAAAAAAAAAAA==",
    }  # fmt: skip
    assert desk.ask("GET", "/ws", headers={**upgrade, "Origin": "http://evil.example"})[0] == 403


def test_our_own_origin_may_act(desk):
    own = {"Origin": f"http://127.0.0.1:{desk.port}"}
    assert desk.ask("POST", "/api/touch/hall-1", {"x": 0.5, "y": 0.5}, own)[0] == 200


def test_a_frame_is_the_screens_own_surface(desk):
    status, png, headers = desk.ask("GET", "/api/frame/kiosk-1.png")
    assert status == 200
    pixels = Image.open(io.BytesIO(png)).convert("RGB").tobytes()
    assert hashlib.sha256(pixels).hexdigest() == headers["X-Frame-Sha256"]


def test_a_touch_reaches_the_screen(desk):
    before = desk.state()["screens"]["kiosk-1"]["n"]
    assert desk.ask("POST", "/api/touch/kiosk-1", {"phase": "down", "x": 0.5, "y": 0.1})[0] == 200
    desk.until(lambda s: s["screens"]["kiosk-1"]["n"] > before)


@pytest.mark.parametrize(
    ("path", "body", "status"),
    [
        ("/api/touch/kiosk-1", b"{", 400),
        ("/api/touch/kiosk-1", [], 400),
        ("/api/touch/kiosk-1", {"x": 2, "y": 0}, 400),
        ("/api/touch/kiosk-1", {"x": 0, "y": 0, "phase": "slide"}, 400),
        ("/api/touch/nobody", {"x": 0, "y": 0}, 409),
        ("/api/press/nothing", {}, 404),
        ("/api/press/keypads", {"window": 3, "key": "launch"}, 400),
        ("/api/press/keypads", {"window": 77, "key": "call"}, 400),
        ("/api/press/keypads", {"window": 3, "key": "call", "digits": "x"}, 400),
        ("/api/press/pad-1", {"grade": 6}, 400),
        ("/api/fault/printer-1", {"fault": "fire", "on": True}, 400),
        ("/api/fault/printer-1", {"fault": "unplug"}, 400),
        ("/api/fault/nothing", {"fault": "unplug", "on": True}, 404),
        ("/api/clock", {"to": "25:00"}, 400),
        ("/api/clock", {"to": "09:00"}, 409),
        ("/api/clock", {"minutes": -10}, 409),
        ("/api/clock", {}, 400),
        ("/api/child/nobody", {"do": "stop"}, 404),
        ("/api/child/daemon", {"do": "dance"}, 400),
        ("/api/ask", {}, 400),
        ("/api/ask", {"command": "Undo"}, 400),
        ("/api/ask", {"command": {"type": "Explode"}}, 400),
        ("/api/ask", {"command": {"type": "Tick"}}, 400),
        ("/api/ask", {"command": {"type": "Undo", "window": "three"}}, 400),
        ("/api/ask", {"command": {"type": "Undo", "window": 3}, "role": "daemon"}, 400),
        ("/api/ask", {"command": {"type": "Undo", "window": 3}}, 503),
        ("/api/nowhere", {}, 404),
        ("/api/clock", b"x" * 100_000, 413),
    ],
)
def test_what_is_asked_wrongly_is_answered_with_a_sentence(desk, path, body, status):
    got, answer, _ = desk.ask("POST", path, body)
    assert got == status
    assert len(answer["error"]) > 4


def test_every_device_has_an_unplug_switch_and_the_printer_more(desk):
    devices = {d["name"]: {f["name"] for f in d["faults"]} for d in desk.state()["devices"]}
    assert all("unplug" in faults for faults in devices.values())
    wanted = {"unplug", "stall", "silence", "noise", "paper_out", "paper_low", "cover_open"}
    assert wanted <= devices["printer-1"]
    assert "no_sound" in devices["voice-1"]


def test_an_unplugged_keypad_says_that_pressing_is_of_no_use(desk):
    desk.ask("POST", "/api/fault/keypads", {"fault": "unplug", "on": True})
    status, answer, _ = desk.ask("POST", "/api/press/keypads", {"window": 3, "key": "call"})
    assert (status, "拔" in answer["error"]) == (409, True)
    desk.ask("POST", "/api/fault/keypads", {"fault": "unplug", "on": False})
    assert desk.ask("POST", "/api/press/keypads", {"window": 3, "key": "call"})[0] == 200


def test_a_fault_of_the_line_is_switched_told_in_words_and_over_again(desk):
    def words():
        return next(d for d in desk.state()["devices"] if d["name"] == "strips")["words"]

    assert words() == []
    for fault, said in (("noise", "杂波"), ("byte_by_byte", "逐字节")):
        assert desk.ask("POST", "/api/fault/strips", {"fault": fault, "on": True})[0] == 200
        assert words() == [said]
        assert said in desk.state()["log"][0]["words"]
        assert desk.ask("POST", "/api/fault/strips", {"fault": fault, "on": False})[0] == 200
        assert words() == []


def test_the_clock_moves_forward_and_the_log_says_so(desk):
    before = desk.state()["clock"]["wall_s"]
    assert desk.ask("POST", "/api/clock", {"minutes": 10})[0] == 200
    state = desk.state()
    assert 600 <= state["clock"]["wall_s"] - before < 700
    assert "拨到" in state["log"][0]["words"]


def test_a_stopped_screen_is_stale_and_says_since_when(desk):
    desk.ask("POST", "/api/child/hall-1", {"do": "stop"})
    state = desk.until(lambda s: s["screens"]["hall-1"]["stale"])
    assert re.fullmatch(r"\d+:\d\d:\d\d", state["screens"]["hall-1"]["heard"])
    desk.ask("POST", "/api/child/hall-1", {"do": "start"})
    desk.until(lambda s: not s["screens"]["hall-1"]["stale"])


def test_a_killed_child_comes_back_and_the_page_can_see_it(desk):
    before = {c["name"]: c for c in desk.state()["children"]}["kiosk-1"]
    desk.ask("POST", "/api/child/kiosk-1", {"do": "kill"})

    def back(state):
        now = {c["name"]: c for c in state["children"]}["kiosk-1"]
        return now["status"] == "running" and now["starts"] == before["starts"] + 1

    desk.until(back)


def test_a_port_in_use_gives_the_next_and_says_so(tmp_path):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with running(tmp_path, port) as desk:
            assert desk.port > port
            assert any(f"端口 {port} 已被占用" in line for line in desk.said)


def test_a_second_desk_on_the_same_state_is_refused_in_one_sentence(tmp_path):
    with running(tmp_path):
        second = Desk(tmp_path)
        assert second.close() == 75
        assert [line for line in second.said if line] == [second.said[0]]
        assert "已经在桌面上开着" in second.said[0]


def test_ctrl_c_ends_every_child_and_the_time_goes_on_next_time(tmp_path):
    with running(tmp_path, clock="2026-11-24 16:00") as first:
        first.until(lambda s: all(c["pid"] for c in s["children"]))
        pids = [c["pid"] for c in first.state()["children"]]
        assert first.close() == 0
    assert not any(Path(f"/proc/{pid}").exists() for pid in pids)
    with running(tmp_path) as second:
        assert second.state()["clock"]["time"].startswith("16:0")


def test_a_clock_nobody_can_read_is_refused(tmp_path):
    desk = Desk(tmp_path, clock="noon")
    assert desk.close() == 78
    assert "Mon 09:30" in "".join(desk.said)


def test_a_state_path_too_long_for_a_socket_is_one_sentence(tmp_path):
    desk = Desk(tmp_path / ("long" * 30), clock="Mon 09:30")
    assert desk.close() == 71
    assert any("--state" in line for line in desk.said)
