"""Somebody hangs up, or stands still, while messages of theirs wait: that ends no process.

libzmq ends the whole process by an assertion there when its heartbeats are on (docs/adr/0019), so
each scenario runs in a process of its own, with real sockets on 127.0.0.1.
"""

import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

import pytest

from bus.lan_hall import LanBus, Peer
from hallctl.connecting import Wires, place_at
from hallctl.core import events as e
from running import PATIENT_S, ROOT

FLOOD = 3000
STANDS_S = 4.0
"""Longer than a door asks whether a line lives, and than a client waits for a sign of life."""


def waiting_messages(folder, *, hang_up, **options):
    """The loop stands still, as on a slow disk, while four peers send much and go or stay."""
    hall = LanBus(folder, rate=1e6, burst=10**6)
    key = hall.enrol("window-4", "window:4")
    peers = [Peer(key, SNDHWM=0, **options) for _ in range(4)]
    for peer in peers:
        assert peer.ask()["ok"]
    standing, goes_on = threading.Event(), threading.Event()
    holding = threading.Thread(
        target=lambda: hall.do(lambda: (standing.set(), goes_on.wait(PATIENT_S)))
    )
    holding.start()
    standing.wait()
    for peer in peers:
        for number in range(FLOOD):
            peer.send({"type": "CallNext", "window": 4}, f"{number}")
    if hang_up:
        time.sleep(0.5)  # for some of it to be on its way; nothing depends on how much
        for peer in peers:
            peer.close()
    time.sleep(STANDS_S)
    goes_on.set()
    holding.join()
    other = Peer(hall.enrol("window-5", "window:5"))
    assert other.insist()["ok"]
    for peer in [other] if hang_up else [other, *peers]:
        peer.close()
    hall.close()


def hangs_up(folder):
    waiting_messages(folder, hang_up=True)


def hangs_up_with_heartbeats_of_its_own(folder):
    waiting_messages(folder, hang_up=True, HEARTBEAT_IVL=300, HEARTBEAT_TTL=1000)


def stays_with_heartbeats_of_its_own(folder):
    waiting_messages(folder, hang_up=False, HEARTBEAT_IVL=300, HEARTBEAT_TTL=1000)


def follower_stands_still(folder):
    """A terminal reads nothing for a while, more than it may keep; then it reads on."""
    hall = LanBus(folder, behind=100_000)
    key = hall.enrol("window-4", "window:4")
    key.write(folder / "key")
    wires = Wires(place_at(folder / "key"), following=True)
    until_s = time.monotonic() + PATIENT_S
    sockets = wires.readable()
    while hall.do(lambda: len(hall.bus._lan.connections)) < 2:
        assert time.monotonic() < until_s
        wires.tend(time.monotonic())
    heard = 0
    while not heard:  # whatever was published before it followed nobody has heard
        hall.publish(e.HelpAsked(place="window-3"))
        wires.tend(time.monotonic())
        heard += sum(wires.receive(socket) is not None for socket in sockets[:2])
    for _ in range(40):
        hall.publish(*[e.HelpAsked(place="window-3") for _ in range(200)])
    time.sleep(STANDS_S)
    while heard < 8000:
        assert time.monotonic() < until_s, f"{heard} of 8000"
        wires.tend(time.monotonic())
        heard += sum(wires.receive(socket) is not None for socket in sockets[:2])
    wires.close()
    hall.close()


SCENARIOS = {
    scenario.__name__: scenario
    for scenario in (
        hangs_up,
        hangs_up_with_heartbeats_of_its_own,
        stays_with_heartbeats_of_its_own,
        follower_stands_still,
    )
}


@pytest.mark.parametrize("name", SCENARIOS)
def test_messages_that_wait_end_no_process(name):
    script = "import sys; sys.path[:0] = ['tests', '.']; import runpy; "
    script += "runpy.run_module('bus.test_lan_hanging', run_name='__main__')"
    words = [sys.executable, "-c", script, name]
    ended = subprocess.run(words, cwd=ROOT, capture_output=True, text=True, check=False)
    assert ended.returncode == 0, ended.stderr


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as made:
        SCENARIOS[sys.argv[1]](Path(made))
