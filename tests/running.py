"""A real daemon as a process of its own, on a temporary hall, for tests."""

import asyncio
import contextlib
import json
import os
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import zmq

ROOT = Path(__file__).parent.parent
PATIENT_S = 60.0
"""How long a test waits for what must come: machines are shared, and being slow is no fault."""
MONDAY_0930 = datetime(2026, 11, 23, 9, 30, tzinfo=ZoneInfo("Asia/Shanghai")).timestamp()


_LISTENS = """
import runpy, signal
signal.signal(signal.SIGINT, signal.default_int_handler)
runpy.run_module("hallctl", run_name="__main__")
"""
INTERRUPTIBLE = [sys.executable, "-c", _LISTENS]
"""`hallctl` that hears Ctrl-C even where the tests run in the background, which turns it off."""


def hall_folder(folder: Path, devices: str = "devices: {}\n") -> Path:
    """A hall with the repository's rules and catalogue and the given devices.yaml."""
    folder.mkdir(parents=True, exist_ok=True)
    for name in ("hall.yaml", "catalogue.yaml"):
        shutil.copy(ROOT / name, folder / name)
    (folder / "devices.yaml").write_text(devices)
    return folder


def free_ports(count: int = 3) -> int:
    """The first of so many ports in a row that nobody has.

    From below those the system gives to whoever connects: until somebody listens there, a crowd of
    connections elsewhere on the machine would else come upon them.
    """
    given = int(Path("/proc/sys/net/ipv4/ip_local_port_range").read_text().split()[0])
    end = given if given > 20_000 else 65_000
    for _ in range(1000):
        first = 10_000 + secrets.randbelow(end - 10_000 - count)
        with contextlib.ExitStack() as held, contextlib.suppress(OSError):
            for port in range(first, first + count):
                held.enter_context(socket.socket()).bind(("127.0.0.1", port))
            return first
    raise AssertionError(f"no {count} free ports in a row")


class RunningDaemon:
    """`hallctl run` as its user starts it. The clock stands at 9:30 of a Monday and goes on."""

    def __init__(
        self, folder: Path, devices: str = "devices: {}\n", via: tuple[str, ...] = ()
    ) -> None:
        self.via = via
        """What stands before the command: on which machine it runs."""
        self.hall = hall_folder(folder / "hall", devices)
        self.state = folder / "s"
        self.state.mkdir(exist_ok=True)
        self.clock = folder / "clock"
        self.clock.write_text(str(MONDAY_0930 - time.time()))
        self.log = folder / "log"
        self.links = folder / "links.json"
        self.process: subprocess.Popen[bytes] | None = None

    def rewire(self, links: dict[str, dict[str, str]]) -> None:
        """Put twins' wires in the place of those in devices.yaml."""
        self.links.write_text(json.dumps(links))

    def start(self) -> None:
        """Start, and wait until the endpoints answer."""
        command = [
            *self.via, sys.executable, "-m", "hallctl", "run", "--hall", str(self.hall),
            "--state", str(self.state), "--clock-file", str(self.clock),
        ]  # fmt: skip
        if self.links.exists():
            command += ["--links", str(self.links)]
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(command, stdout=log, stderr=log, cwd=ROOT)

    def kill(self) -> None:
        """kill -9."""
        assert self.process is not None
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()

    def stop(self) -> int:
        """SIGTERM; gives the exit code."""
        assert self.process is not None
        if self.process.poll() is None:
            self.process.terminate()
        return self.process.wait(timeout=PATIENT_S)

    def words(self) -> str:
        """What the daemon has logged."""
        return self.log.read_text(errors="replace")


class RawAsker:
    """Speaks the protocol by hand: bytes of docs/protocol.md, no code of hallctl.client."""

    def __init__(self, bus: Path, role: str = "guide", name: str = "test") -> None:
        self.context = zmq.Context()
        self.socket = self.context.socket(zmq.DEALER)
        self.socket.setsockopt(zmq.LINGER, 0)
        self.socket.setsockopt(zmq.RECONNECT_IVL, 20)
        self.socket.connect(f"ipc://{bus}/{role}")
        self.name = name

    def send(self, command_id: str, command: dict[str, object]) -> None:
        body = {"v": 1, "from": self.name, "ask": "command", "id": command_id, "command": command}
        self.socket.send(json.dumps(body).encode())

    def send_raw(self, *frames: bytes) -> None:
        self.socket.send_multipart(list(frames))

    def receive(self, timeout_s: float) -> dict[str, object] | None:
        if not self.socket.poll(int(timeout_s * 1000)):
            return None
        return json.loads(self.socket.recv())

    def ask(
        self, command_id: str, command: dict[str, object], timeout_s: float = PATIENT_S
    ) -> dict:
        """Ask until answered, with the same id."""
        until_s = time.monotonic() + timeout_s
        while time.monotonic() < until_s:
            self.send(command_id, command)
            while (answer := self.receive(1.0)) is not None:
                if answer["id"] == command_id:
                    return answer
        raise AssertionError(f"no answer to {command_id} in {timeout_s} s")

    def close(self) -> None:
        self.socket.close()
        self.context.term()


@contextlib.contextmanager
def as_systemd(folder: Path, monkeypatch):
    """The socket that a service manager listens on, told to daemons started meanwhile."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as ear:
        ear.bind(str(folder / "notify"))
        ear.settimeout(PATIENT_S)
        monkeypatch.setenv("NOTIFY_SOCKET", str(folder / "notify"))
        monkeypatch.setenv("WATCHDOG_USEC", "20000000")
        monkeypatch.delenv("WATCHDOG_PID", raising=False)
        yield ear


def wait_until(what, timeout_s: float = PATIENT_S, every_s: float = 0.05):
    """The first true value of `what()`; AssertionError when none came in time."""
    until_s = time.monotonic() + timeout_s
    while time.monotonic() < until_s:
        found = what()
        if found:
            return found
        time.sleep(every_s)
    raise AssertionError(f"{getattr(what, '__name__', what)}: not within {timeout_s} s")


def alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


class TwinThread:
    """Twins on real wires (ptys, TCP), turning in a thread beside the test."""

    def __init__(self) -> None:
        self.loop = asyncio.new_event_loop()
        self.thread = threading.Thread(target=self.loop.run_forever, daemon=True)
        self.thread.start()
        self.wires = {}

    def run(self, work):
        """Run a coroutine there and give its result."""
        return asyncio.run_coroutine_threadsafe(work, self.loop).result(20)

    def add(self, name, wire) -> None:
        self.run(wire.start())
        self.wires[name] = wire

    def links(self) -> dict[str, dict[str, str]]:
        return {name: wire.address for name, wire in self.wires.items()}

    def press(self, name, what) -> None:
        async def act():
            self.wires[name].press(what)

        self.run(act())

    def fault(self, name, fault, on) -> None:
        self.run(self.wires[name].fault(fault, on))

    def state(self, name) -> dict:
        async def look():
            return self.wires[name].twin.state()

        return self.run(look())

    def close(self) -> None:
        for wire in self.wires.values():
            self.run(wire.close())
        self.loop.call_soon_threadsafe(self.loop.stop)
        self.thread.join()
        self.loop.close()
