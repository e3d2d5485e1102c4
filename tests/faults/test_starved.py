"""A machine that gives too little: memory, files, processor time. Limits of the system's own."""

import json
import signal
import socket
import time
from pathlib import Path

import pytest
import zmq

from faults.seeing import Slice, change, happened, journal, memory_kb, ready
from hallctl.chain import verify
from hallctl.client import HallClient
from hallctl.mirror import Snapshot, Stale
from running import PATIENT_S, RawAsker, RunningDaemon, wait_until

MEMORY_BYTES = 96 << 20
SHORT_BYTES = 1 << 20
"""So much more than a hall that waits has needed."""
TICKETS_MOST = 20_000
FLOOD = 2000
FRAMES = 100_000
"""Of one message; libzmq bounds the bytes of a frame and not how many there are."""
FILES = 512
CONNECTIONS = 600
LOOKED_AT_S = 0.06
"""The daemon counts its files at most every 50 ms; a crowd that fills half of them in between ends
it (docs/faults.md), and a quick machine opens six hundred in that time."""
TENTH_US = 10_000
TICKETS = 400


def check(daemon, answered):
    """Whatever was acknowledged is in the journal, once, in an unbroken chain."""
    count, _ = verify(daemon.state)
    assert [one["seq"] for one in journal(daemon)] == list(range(1, count + 1))
    issued = [event["label"] for event in happened(daemon, "TicketIssued")]
    assert len(issued) == len(set(issued))
    assert {a["result"]["label"] for a in answered if a["ok"]} <= set(issued)


# - memory


@pytest.fixture
def little_memory():
    slice_ = Slice("memory", limit_in_bytes=MEMORY_BYTES)
    yield slice_
    slice_.close()


@pytest.fixture
def daemon(tmp_path):
    daemon = RunningDaemon(tmp_path)
    change(daemon, "cut_off: true ", "cut_off: false ")
    yield daemon
    if daemon.process is not None:
        daemon.process.send_signal(signal.SIGCONT)
        daemon.stop()


def stuck_followers(daemon, context, many):
    """Screens that have subscribed and never read."""
    found = []
    for _ in range(many):
        socket_ = context.socket(zmq.SUB)
        socket_.setsockopt(zmq.RCVHWM, 1)
        socket_.setsockopt(zmq.SUBSCRIBE, b"")
        socket_.connect(f"ipc://{daemon.state}/bus/events-staff")
        found.append(socket_)
    return found


def hostile(number):
    """Bytes that are no message of ours, large ones among them."""
    kinds = (
        b"\xff" * 60_000,
        b'{"v":1,"ask":"command"' + b" " * 30_000,
        b"[" * 20_000,
        json.dumps({"v": 1, "ask": "status", "id": "x" * 5000, "from": "h"}).encode(),
    )
    return kinds[number % len(kinds)]


def test_stuck_followers_and_hostile_frames_do_not_fill_the_memory(little_memory, daemon, capsys):
    daemon.via = little_memory.via
    daemon.start()
    asker = ready(daemon, "guide")
    before_kb = memory_kb(daemon.process.pid)
    context = zmq.Context()
    stuck = stuck_followers(daemon, context, 3)
    enemy = RawAsker(daemon.state / "bus", "kiosk", "enemy")
    answered = []
    try:
        enemy.send_raw(*[b"x"] * FRAMES)
        for number in range(FLOOD):
            enemy.send_raw(hostile(number))
            if number % 10 == 0:
                asked = {"type": "IssueTicket", "queue": "ABCFQL"[number // 10 % 6]}
                answered.append(asker.ask(f"t{number}", asked))
                while enemy.receive(0) is not None:
                    pass
        grown_kb = memory_kb(daemon.process.pid) - before_kb
    finally:
        for one in (*stuck, enemy.socket):
            one.close(0)
        enemy.context.term()
        context.term()
        asker.close()
    assert all(a["ok"] for a in answered)
    assert daemon.stop() == 0, "it was not killed"
    check(daemon, answered)
    most = int(little_memory.read("max_usage_in_bytes")) >> 20
    with capsys.disabled():
        print(f"\nmemory + {grown_kb / 1024:.1f} MiB, at most {most} of {MEMORY_BYTES >> 20} MiB")
    assert grown_kb < 20_000


@pytest.fixture
def memory_that_ends():
    slice_ = Slice("memory")
    yield slice_
    slice_.close()


def test_killed_by_the_kernel_for_want_of_memory_nothing_acknowledged_is_lost_or_doubled(
    memory_that_ends, daemon, capsys
):
    daemon.via = memory_that_ends.via
    daemon.start()
    asker = ready(daemon, "guide")
    used = int(memory_that_ends.read("usage_in_bytes"))
    memory_that_ends.limit("limit_in_bytes", used + SHORT_BYTES)
    answered = []
    while daemon.process.poll() is None:
        assert len(answered) < TICKETS_MOST, "it has had memory enough"
        number = len(answered)
        asker.send(f"t{number}", {"type": "IssueTicket", "queue": "ABCFQL"[number % 6]})
        wait_until(lambda: daemon.process.poll() is not None or asker.socket.poll(10))
        answer = asker.receive(0)
        answered += [answer] if answer is not None else []
    assert daemon.process.wait() == -signal.SIGKILL, "the kernel has killed it"
    daemon.via = ()
    daemon.start()
    again = [
        asker.ask(f"t{number}", {"type": "IssueTicket", "queue": "ABCFQL"[number % 6]})
        for number in range(len(answered))
    ]
    asker.close()
    assert again == answered, "the same id, the same ticket"
    assert daemon.stop() == 0
    check(daemon, answered)
    with capsys.disabled():
        print(f"\nkilled by the kernel after {len(answered)} tickets")


# - files


def connect(path):
    """One connection to an endpoint that says nothing, or the system's no."""
    found = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    found.setblocking(False)
    try:
        found.connect(str(path))
    except OSError:
        found.close()
        return None
    return found


def is_cut_off(connection):
    """Whether the other end has hung up; what it said before is read away."""
    try:
        while said := connection.recv(4096):
            assert said
    except BlockingIOError:
        return False
    except OSError:
        return True
    return True


def test_more_connections_than_files_are_cut_off_and_who_asks_is_served(daemon, capsys):
    daemon.via = ("prlimit", f"--nofile={FILES}:{FILES}")
    daemon.start()
    asker = ready(daemon)
    crowd, answered = [], []
    try:
        with HallClient.at(daemon.state / "bus", "screen", "hall-1") as screen:
            follow(screen, Snapshot)
            for number in range(CONNECTIONS):
                crowd.append(connect(daemon.state / "bus" / "kiosk"))
                if number % 20 == 0:
                    asked = {"type": "IssueTicket", "queue": "A"}
                    answered.append(asker.ask(f"t{number}", asked))
                    time.sleep(LOOKED_AT_S)
            held = len(list(Path(f"/proc/{daemon.process.pid}/fd").iterdir()))
            newest = answered[-1]["result"]["label"]
            wait_until(lambda: screen.poll(0.1) is not None and screen.hall.labelled(newest))
            wait_until(lambda: screen.stale_since_s is None or screen.poll(0.1))
        newcomer = RawAsker(daemon.state / "bus", "kiosk", "late")
        answered.append(newcomer.ask("late", {"type": "IssueTicket", "queue": "A", "kiosk": "k"}))
        newcomer.close()
        let_in = [one for one in crowd if one is not None]
        cut = sum(is_cut_off(one) for one in let_in)
    finally:
        for one in crowd:
            if one is not None:
                one.close()
        asker.close()
    assert all(a["ok"] for a in answered)
    assert daemon.stop() == 0
    check(daemon, answered)
    assert len(let_in) > FILES // 3, "there was a crowd"
    assert cut > FILES // 3
    assert daemon.words().count("cut off") == 1, "a word once, not for each"
    with capsys.disabled():
        print(f"\n{len(let_in)} came, {cut} were cut off, {held} of {FILES} files at the end")


# - processor time


def follow(screen, kind):
    for change_ in screen.follow(PATIENT_S):
        if isinstance(change_, kind):
            return
    raise AssertionError(f"no {kind.__name__} in {PATIENT_S} s")


@pytest.fixture
def little_time():
    slice_ = Slice("cpu", cfs_period_us=100_000, cfs_quota_us=TENTH_US)
    yield slice_
    slice_.close()


def test_with_a_tenth_of_a_processor_it_is_slow_in_order_and_never_taken_for_dead(
    little_time, daemon, capsys
):
    daemon.start()
    asker = ready(daemon)
    heard, seen = [], []
    with HallClient.at(daemon.state / "bus", "screen", "hall-1") as screen:
        follow(screen, Snapshot)
        little_time.take(daemon.process.pid)
        began_s = time.monotonic()
        for number in range(TICKETS):
            asker.send(f"t{number}", {"type": "IssueTicket", "queue": "ABCFQL"[number % 6]})
        while len(heard) < TICKETS:
            answer = asker.receive(0)
            heard += [answer] if answer is not None else []
            seen += screen.poll(0.05)
            assert time.monotonic() - began_s < 2 * PATIENT_S, "it no longer goes on"
        until_s = time.monotonic() + 6
        while time.monotonic() < until_s:
            seen += screen.poll(0.1)
        assert len(screen.hall.visits) == TICKETS
    asker.close()
    took_s = time.monotonic() - began_s
    throttled = dict(line.split() for line in little_time.read("stat").splitlines())
    assert [a["id"] for a in heard] == [f"t{n}" for n in range(TICKETS)]
    assert not [one for one in seen if isinstance(one, Stale)], "a slow hall was called silent"
    assert int(throttled["nr_throttled"]) > 0, "it was not starved"
    with capsys.disabled():
        held = throttled["nr_throttled"]
        print(f"\n{TICKETS} tickets in {took_s - 6:.1f} s, held back {held} times")
    check(daemon, heard)
