"""A real daemon with a twin of each kind of device on real wires, and a person who presses."""

import json
import threading
import time

from typer.testing import CliRunner

from hallctl.cli.main import app
from hallctl.simulator.twins.escpos import EscposTwin
from hallctl.simulator.twins.keypad_rs485 import KeypadRs485Twin
from hallctl.simulator.twins.led_cpower import LedCpowerTwin
from hallctl.simulator.twins.pad_serial import PadSerialTwin
from hallctl.simulator.twins.voice_clips import VoiceClipsTwin
from hallctl.simulator.wires import PtyWire, TcpWire
from running import RawAsker, RunningDaemon, TwinThread, wait_until

DEVICES = """\
devices:
  printer-1: {driver: escpos, link: {tcp: "127.0.0.1:1"}, serves: [kiosk-1], paper_mm: 80}
  keypads: {driver: keypad_rs485, link: {serial: /dev/serial/by-path/x}, windows: {1: 1, 3: 3}}
  strips:
    driver: led_cpower
    link: {serial: /dev/serial/by-path/y, baud: 115200}
    strips: {1: 1, 3: 3}
    columns: 8
  pad-3: {driver: pad_serial, link: {serial: /dev/serial/by-path/z}, window: 3}
  voice-1: {driver: voice_clips, link: {sound: default}}
"""
NAMES = {"printer-1", "keypads", "strips", "pad-3", "voice-1"}


class RiggedHall:
    """The hall of `DEVICES` at 9:30, its twins, and the command line before it."""

    def __init__(self, folder):
        self.twins = TwinThread()
        self.twins.add("printer-1", TcpWire(EscposTwin({"paper_mm": 80})))
        keypads = KeypadRs485Twin({"windows": {1: 1, 3: 3}})
        self.twins.add("keypads", PtyWire(keypads, folder / "keypads"))
        strips = LedCpowerTwin({"strips": {1: 1, 3: 3}, "columns": 8})
        self.twins.add("strips", PtyWire(strips, folder / "strips"))
        self.twins.add("pad-3", PtyWire(PadSerialTwin({"window": 3}), folder / "pad"))
        self.twins.add("voice-1", TcpWire(VoiceClipsTwin({})))
        self.daemon = RunningDaemon(folder, DEVICES)
        self.daemon.rewire(self.twins.links())
        self.start()

    def start(self):
        self.daemon.start()
        self.asker = RawAsker(self.daemon.state / "bus", "technician")
        wait_until(lambda: self.up() == NAMES)

    def close(self):
        self.asker.close()
        self.daemon.stop()
        self.twins.close()

    def status(self):
        """The daemon's condition, asked in the bytes of the protocol."""
        asked = f"s{time.monotonic_ns()}"
        message = {"v": 1, "from": "test", "ask": "status", "id": asked}
        self.asker.send_raw(json.dumps(message).encode())
        while (answer := self.asker.receive(3.0)) is not None:
            if answer["id"] == asked:
                return answer["result"]
        return None

    def up(self):
        found = self.status() or {"devices": []}
        return {d["name"] for d in found["devices"] if d["link"] == "up"}

    def fault(self, name, fault, on=True):
        self.twins.fault(name, fault, on)

    def run(self, *words, text=""):
        """Type a command; `text` is what is typed at its questions."""
        places = ["--hall", str(self.daemon.hall), "--state", str(self.daemon.state)]
        words = [*map(str, words), *places]
        return CliRunner().invoke(app, words, input=text, env={"COLUMNS": "160"})

    def asked(self, *words):
        """The exit status and what a program reads."""
        found = self.run(*words, "--json")
        return found.exit_code, json.loads(found.stdout)

    def events(self, name):
        found = self.run("journal", "export", "--json").stdout.splitlines()
        events = [json.loads(line)["event"] for line in found]
        return [event for event in events if event["type"] == name]


class Person:
    """Stands in the hall and does what self-tests and rehearsals ask, until the block ends."""

    def __init__(self, hall, *, lazy=False):
        self._hall = hall
        self._asker = RawAsker(hall.daemon.state / "bus", "technician", "person")
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._act)
        self._done = set()
        self._lazy = lazy

    def __enter__(self):
        self._thread.start()
        return self

    def __exit__(self, *_):
        self._stop.set()
        self._thread.join()
        self._asker.close()

    def _act(self):
        count = 0
        while not self._stop.wait(0.1):
            count += 1
            message = {"v": 1, "from": "person", "ask": "status", "id": f"p{count}"}
            self._asker.send_raw(json.dumps(message).encode())
            answer = self._asker.receive(3.0)
            if answer is not None and not self._lazy:
                self._see(answer["result"])

    def _see(self, status):
        for test in status["tests"]:
            asked = (test["id"], test["asks"], test["asks_window"])
            if test["asks"] and asked not in self._done:
                self._done.add(asked)
                what, _, detail = test["asks"].partition(":")
                self._press(what, detail, test["asks_window"])
        for rehearsal in status["rehearsals"]:
            window, stage = rehearsal["window"], rehearsal["stage"]
            asked = (window, stage, rehearsal["since_s"])
            if asked in self._done or (stage == "called" and not rehearsal["heard"]):
                continue
            self._done.add(asked)
            what = {"called": "confirm", "serving": "rate"}.get(stage)
            self._press("key" if what else "face", what or "5", window)

    def _press(self, what, detail, window):
        if what == "key":
            self._hall.twins.press("keypads", {"window": window, "key": detail})
        elif what == "face":
            self._hall.twins.press("pad-3", {"grade": int(detail)})
