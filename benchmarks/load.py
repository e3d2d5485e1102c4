"""Those who ask, and what they ask: the same bytes for hallctl and for the floor."""

import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import zmq
from ruamel.yaml import YAML

from running import ROOT, RunningDaemon

FLOOR = Path(__file__).with_name("floor.py")
PATIENT_MS = 60_000
ENOUGH_S = 60.0


def command(name: str, number: int | str, queue: str = "A") -> bytes:
    """A resident takes a number."""
    asked = {"type": "IssueTicket", "queue": queue, "kiosk": name}
    body = {"v": 1, "from": name, "ask": "command", "id": str(number), "command": asked}
    return json.dumps(body).encode()


class Served:
    """A hall, or the floor, in a process of its own with a folder of its own."""

    def __init__(self, bus: Path, pid: int) -> None:
        self.bus = bus
        self.pid = pid
        self.asked = 0
        """How many commands were sent, so that no id is used twice."""


def endless(folder: Path) -> None:
    """The hall gives as many numbers as are asked for: nobody serves these residents."""
    path = folder / "hall.yaml"
    yaml = YAML()
    rules = yaml.load(path)
    rules["rules"]["cut_off"] = False
    with path.open("w") as file:
        yaml.dump(rules, file)


@contextmanager
def hall(
    devices: str = "devices: {}\n",
    via: tuple[str, ...] = (),
    links: dict[str, dict[str, str]] | None = None,
    rules: Callable[[Path], None] = endless,
) -> Iterator[Served]:
    """`hallctl run`, ready, with the repository's rules as `rules` changes them.

    `via` stands before its command; `links` are twins' wires in the place of those of devices.
    """
    with tempfile.TemporaryDirectory(prefix="bench") as name:
        daemon = RunningDaemon(Path(name), devices, via)
        rules(daemon.hall)
        if links:
            daemon.rewire(links)
        daemon.start()
        try:
            assert daemon.process is not None
            served = Served(daemon.state / "bus", daemon.process.pid)
            ready(served)
            yield served
        finally:
            daemon.stop()


@contextmanager
def floor(via: tuple[str, ...] = (), printer: str = "") -> Iterator[Served]:
    """The floor, ready; with the address of a printer it prints too."""
    with tempfile.TemporaryDirectory(prefix="bench") as name:
        prints = ["--print", printer] if printer else []
        started = [*via, sys.executable, str(FLOOR), name, *prints]
        with subprocess.Popen(started) as process:
            try:
                served = Served(Path(name) / "bus", process.pid)
                ready(served)
                yield served
            finally:
                process.terminate()


@contextmanager
def both(via: tuple[str, ...] = ()) -> Iterator[dict[str, Served]]:
    """Floor and hall."""
    with ExitStack() as stack:
        yield {
            "floor": stack.enter_context(floor(via)),
            "hall": stack.enter_context(hall(via=via)),
        }


class Clients:
    """Sockets to one bus."""

    def __init__(self, served: Served) -> None:
        self.served = served
        self._context: zmq.Context[zmq.Socket[bytes]] = zmq.Context()
        self._context.set(zmq.MAX_SOCKETS, 4000)
        self._sockets: list[zmq.Socket[bytes]] = []

    def _socket(self, kind: int) -> zmq.Socket[bytes]:
        socket = self._context.socket(kind)
        socket.setsockopt(zmq.LINGER, 0)
        socket.setsockopt(zmq.RCVTIMEO, PATIENT_MS)
        self._sockets.append(socket)
        return socket

    def asker(self, role: str = "kiosk") -> zmq.Socket[bytes]:
        """One who sends commands."""
        socket = self._socket(zmq.DEALER)
        socket.setsockopt(zmq.RECONNECT_IVL, 20)
        socket.connect(f"ipc://{self.served.bus}/{role}")
        return socket

    def follower(self, topic: bytes = b"TicketIssued") -> zmq.Socket[bytes]:
        """One who hears of tickets, or of something else."""
        socket = self._socket(zmq.SUB)
        socket.setsockopt(zmq.SUBSCRIBE, topic)
        socket.connect(f"ipc://{self.served.bus}/events-public")
        return socket

    def next(self, name: str = "kiosk-1") -> bytes:
        """A command that was not sent before."""
        self.served.asked += 1
        return command(name, self.served.asked)

    def close(self) -> None:
        """Close all sockets."""
        for socket in self._sockets:
            socket.close()
        self._context.term()


@contextmanager
def clients(served: Served) -> Iterator[Clients]:
    """Sockets, while the block lasts."""
    found = Clients(served)
    try:
        yield found
    finally:
        found.close()


def ready(served: Served) -> None:
    """Wait for the first answer."""
    with clients(served) as found:
        asker = found.asker()
        asker.send(found.next("ready"))
        assert json.loads(asker.recv())["ok"]


def heard(found: Clients, followers: list[zmq.Socket[bytes]]) -> None:
    """Wait until every follower hears: a subscription takes a moment to arrive."""
    asker, deaf = found.asker(), set(followers)
    until_s = time.monotonic() + ENOUGH_S
    while deaf and time.monotonic() < until_s:
        asker.send(found.next("ready"))
        asker.recv()
        time.sleep(0.05)
        for follower in list(deaf):
            if follower.poll(0):
                deaf.discard(follower)
    assert not deaf, f"{len(deaf)} followers hear nothing"
    for follower in followers:
        while follower.poll(20):
            follower.recv_multipart()


def slow_disk(delay_ms: int, folder: Path) -> tuple[str, ...]:
    """What stands before a command so that each fdatasync takes so much longer."""
    library = folder / "slow_sync.so"
    if not library.exists():
        source = Path(__file__).with_name("slow_sync.c")
        compiler = shutil.which("gcc") or "cc"
        subprocess.run([compiler, "-shared", "-fPIC", "-O2", "-o", library, source], check=True)
    return ("env", f"LD_PRELOAD={library}", f"SYNC_DELAY_US={delay_ms * 1000}")


def cpu_s(pid: int) -> float:
    """Processor time a process has used."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def checked(answer: bytes) -> None:
    """A ticket was given, or the measure is worth nothing."""
    found = json.loads(answer)
    if not found["ok"]:
        raise AssertionError(f"refused: {answer.decode()[:200]} in {ROOT}")
