"""What others on the network notice of hostile programs: their answers' time, against a quiet hall.

    .venv/bin/python benchmarks/bus_hostile.py

A guide desk with a key asks over TCP, one command at a time, in turn with nobody else and beside
each kind of attack, in the same run. Machines are noisy: hold to the ratios (at most 2), not the
times. The attackers run beside the hall here and take its processor too, which on the network they
cannot: what is told is the worse for it.
"""

import json
import random
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent / "tests"))

from bus.lan_hall import Peer, free_ports
from hallctl.keyring import HallKey, Keyring
from hallctl.roles import standing_of
from running import RunningDaemon

ROUNDS, ASKS, CONNECTIONS = 5, 60, 1000

FLOOD = """
import json, sys, time, zmq
key = json.load(open(sys.argv[1]))
socket = zmq.Context().socket(zmq.DEALER)
socket.CURVE_PUBLICKEY, socket.CURVE_SECRETKEY = key["public"].encode(), key["secret"].encode()
socket.CURVE_SERVERKEY, socket.RECONNECT_IVL = key["server"].encode(), 50
socket.connect(key["address"])
number = 0
while True:
    number += 1
    command = {"type": "CallNext", "window": 4}
    body = {"v": 1, "ask": "command", "id": str(number), "command": command}
    socket.send(json.dumps(body).encode())
    while socket.poll(0):
        socket.recv()
"""
STOPPED = """
import json, sys, zmq
key = json.load(open(sys.argv[1]))
socket = zmq.Context().socket(zmq.SUB)
socket.CURVE_PUBLICKEY, socket.CURVE_SECRETKEY = key["public"].encode(), key["secret"].encode()
socket.CURVE_SERVERKEY, socket.SUBSCRIBE = key["server"].encode(), b""
host, _, port = key["address"].rpartition(":")
socket.connect(f"{host}:{int(port) + 1}")
while True:
    socket.recv_multipart()
    print(flush=True)
"""
NOISE = """
import random, socket, sys
rng = random.Random(1)
while True:
    try:
        with socket.create_connection(("127.0.0.1", int(sys.argv[1]))) as one:
            one.sendall(rng.randbytes(300))
            one.recv(100)
    except OSError:
        pass
"""


@contextmanager
def running(program: str, argument: str, *, stopped: bool = False) -> Iterator[None]:
    """An attacker, while the block lasts."""
    command = [sys.executable, "-c", program, argument]
    child = subprocess.Popen(command, stdout=subprocess.PIPE if stopped else subprocess.DEVNULL)
    try:
        if child.stdout is not None:
            child.stdout.readline()
            child.send_signal(signal.SIGSTOP)
        time.sleep(0.5)
        yield
    finally:
        child.kill()
        child.wait()
        if child.stdout is not None:
            child.stdout.close()


@contextmanager
def silent(port: int) -> Iterator[None]:
    """A thousand connections that never speak."""
    ends = []
    try:
        places = (("127.0.0.1", port + number % 3) for number in range(CONNECTIONS))
        ends += [socket.create_connection(place) for place in places]
        yield
    finally:
        for end in ends:
            end.close()


@contextmanager
def nobody() -> Iterator[None]:
    """A quiet hall."""
    yield


def asked(peer: Peer, tag: str) -> list[float]:
    """Seconds from command to answer, paced as people are."""
    found = []
    for number in range(ASKS):
        time.sleep(random.uniform(0.005, 0.015))
        begun = time.perf_counter()
        answer = peer.ask({"type": "AskHelp", "place": f"{tag}{number}"}, f"{tag}.{number}")
        found.append(time.perf_counter() - begun)
        assert answer is not None
        assert answer["ok"]
    return found


def told(name: str, seconds: list[float], quiet: list[float]) -> None:
    """One line: p50, p99, and both against the quiet hall."""
    now, then = sorted(seconds), sorted(quiet)
    p50, p99 = statistics.median(now), now[int(len(now) * 0.99)]
    ratios = p50 / statistics.median(then), p99 / then[int(len(then) * 0.99)]
    print(f"{name:26} p50 {p50 * 1e3:6.2f} ms {ratios[0]:5.2f} x", end="  ")
    print(f"p99 {p99 * 1e3:6.2f} ms {ratios[1]:5.2f} x")


def main() -> None:
    """Measure, attack by attack in each round, and print."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        daemon, port = RunningDaemon(folder), free_ports()
        (daemon.hall / "network.yaml").write_text(f"listen: 127.0.0.1:{port}\n")
        keyring = Keyring(daemon.state / "keys")
        keyring.init()

        def enrol(key: str, role: str) -> HallKey:
            made = keyring.enrol(key, standing_of(role), None, f"tcp://127.0.0.1:{port}")
            made.write(folder / f"{key}.hallkey")
            return made

        peer = Peer(enrol("guide-1", "guide"))
        for key, role in (("flood", "window:4"), ("stopped", "screen:hall-1")):
            enrol(key, role)
        daemon.start()
        peer.ask({"type": "AskHelp", "place": "door"}, "warm")
        attacks = {
            "quiet": nobody,
            "1,000 silent connections": lambda: silent(port),
            "a stopped follower": lambda: running(
                STOPPED, str(folder / "stopped.hallkey"), stopped=True
            ),
            "noise, as fast as it goes": lambda: running(NOISE, str(port)),
            "a flood with a key": lambda: running(FLOOD, str(folder / "flood.hallkey")),
        }
        found: dict[str, list[float]] = {attack: [] for attack in attacks}
        for number in range(ROUNDS):
            for attack, begin in attacks.items():
                with begin():
                    found[attack] += asked(peer, f"{number}{attack}")
                time.sleep(0.3)
        for attack, seconds in found.items():
            told(attack, seconds, found["quiet"])
        peer.send(asked="s", ask="status")
        print("refused:", json.dumps(peer.receive()["result"]["bus"]["refused"]))
        peer.close()
        daemon.stop()


if __name__ == "__main__":
    main()
