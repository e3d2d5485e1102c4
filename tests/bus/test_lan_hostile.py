"""What hostile programs on the network do, and what the others notice of it: nothing."""

import json
import random
import signal
import socket
import subprocess
import sys
import time

import pytest
import zmq

from bus.lan_hall import Between, LanBus, Peer, drained, follower, rss_mib
from hallctl.bus.connections import OF_ONE_KEY, STRANGERS_MOST, STRANGERS_OF_ONE, UNHEARD_BYTES
from hallctl.bus.limits import ANSWERED_MOST, DROPS_MOST, REST_S
from hallctl.core import events as e
from running import wait_until

CONNECTIONS = 1000


@pytest.fixture
def hall(tmp_path):
    hall = LanBus(tmp_path, rate=1000, burst=1000)
    yield hall
    hall.close()


@pytest.fixture
def joined(hall):
    peers = []

    def join(key, **options):
        peers.append(Peer(key, **options))
        return peers[-1]

    yield join
    for peer in peers:
        peer.close()


NONSENSE = [
    b"",
    b"not json",
    b"[]",
    b"{}",
    b"\xff\xfe" * 50,
    b'{"v":1,"ask":"dance","id":"a"}',
    b'{"v":true,"ask":"hello","id":"a"}',
    b'{"v":1.0,"ask":"hello","id":"a"}',
    b'{"v":1,"ask":"hello"}',
    b'{"v":1,"ask":"hello","id":"\\ud800"}',
    b'{"v":1,"ask":"command","id":"","command":{"type":"CallNext","window":3}}',
    b'{"v":1,"ask":"command","id":"a","command":{"type":"CallNext","window":1e400}}',
    b'{"v":1,"ask":"command","id":"a","command":{"type":"NoteBus"}}',
    b'{"v":1,"ask":"snapshot","id":"a","from":' + b"[" * 30_000 + b"]" * 30_000 + b"}",
    b'{"v":1,"a":' * 5000 + b"1" + b"}" * 5000,
    b'"' + b"x" * 70_000 + b'"',
    b"9" * 60_000,
]


def test_nonsense_is_answered_in_words_and_counted(hall, joined):
    peer = joined(hall.enrol("guide-1", "guide"))
    shapes = [(n,) for n in NONSENSE] + [(b"a", b"b"), (b"", b"{}"), tuple([b"x"] * 3000)]
    for count, frames in enumerate(shapes, 1):
        peer.socket.send_multipart(frames)
        answer = peer.receive()
        assert answer["code"] == "unreadable", frames[0][:80]
        assert answer["words"]["zh"]
        assert answer["words"]["en"]
        assert hall.refused("unreadable") == count
    assert peer.ask()["ok"]
    asker, code = "guide:guide-1", "unreadable"
    hall.gone_s += 61
    wait_until(lambda: hall.turned()[asker, code] == len(shapes))


def test_random_frames_change_nothing(hall, joined):
    peer = joined(hall.enrol("guide-1", "guide"))
    rng = random.Random(11)
    for _ in range(300):
        parts = [rng.randbytes(rng.randint(0, 90)) for _ in range(rng.randint(1, 5))]
        peer.socket.send_multipart(parts)
        assert peer.receive()["ok"] is False
    assert not hall.taken
    assert peer.ask()["ok"]


def test_a_message_beyond_all_bounds_ends_the_connection_and_nothing_else(hall, joined):
    other = joined(hall.enrol("window-3", "window:3"))
    assert other.ask()["ok"]
    peer = joined(hall.enrol("guide-1", "guide"))
    peer.socket.send(b"x" * (1 << 20))
    peer.seen(zmq.EVENT_DISCONNECTED)
    assert other.ask()["ok"]
    assert not [r for r in hall.taken if r.name == "guide-1"]


def test_a_message_of_endless_parts_is_ended_before_it_fills_the_memory(hall, joined):
    other = joined(hall.enrol("window-3", "window:3"))
    assert other.ask()["ok"]
    wire = Between(hall.port, most=2 * UNHEARD_BYTES)
    peer = Peer(wire.instead(hall.enrol("guide-1", "guide")))
    assert peer.ask()["ok"]
    peer.socket.send_multipart([b"x" * 10_000] * 200)  # whose end will never come

    def cut():
        hall.gone_s += 1.0
        return hall.refused("greedy")

    wait_until(cut)
    peer.seen(zmq.EVENT_DISCONNECTED)
    peer.close()
    wire.close()
    assert other.ask()["ok"]
    wait_until(lambda: ("guide:guide-1", "greedy") in hall.turned())


def test_a_follower_that_subscribes_to_everything_there_is_is_cut_off(hall, joined):
    key = hall.enrol("screen-1", "screen:hall-1")
    topics = [b"x%d" % n for n in range(1500)]
    peer = joined(key, kind=zmq.SUB, port=1, topics=topics, SNDHWM=0)

    def cut():
        hall.gone_s += 1.0
        peer.receive(0)
        return hall.refused("greedy")

    wait_until(cut)


@pytest.mark.parametrize("port", [0, 1, 2])
def test_a_thousand_connections_that_never_speak_shut_nobody_out(hall, port):
    key = hall.enrol("window-3", "window:3")
    silent = []
    try:
        place = ("127.0.0.1", hall.port + port)
        silent += [socket.create_connection(place) for _ in range(CONNECTIONS)]
        peer, sees = Peer(key), follower(key, "staff")
        assert peer.insist()["ok"]
        wait_until(
            lambda: [hall.publish(e.QueueOpened(queue="A"))] and sees.receive(0.1), every_s=0
        )
        open_ = wait_until(lambda: hall.do(lambda: 0 < len(hall.bus._lan.connections) <= 100))
        assert open_
        assert STRANGERS_OF_ONE < 100
        wait_until(lambda: hall.refused("strangers") >= CONNECTIONS - STRANGERS_MOST)
        peer.close()
        sees.close()
    finally:
        for one in silent:
            one.close()
    assert len(hall.noted) <= 10, "one line a kind, not one a connection"


def test_a_thousand_connections_that_speak_nonsense_are_each_counted(hall):
    key = hall.enrol("window-3", "window:3")
    rng = random.Random(5)
    greeting = b"\xff" + bytes(8) + b"\x7f\x03\x01CURVE" + bytes(15) + b"\x00" + bytes(31)
    kinds = [
        lambda: b"GET / HTTP/1.1\r\nHost: hall\r\n\r\n" * 3,
        lambda: rng.randbytes(rng.randint(64, 500)),
        lambda: greeting + rng.randbytes(300),
        lambda: greeting + b"\x04\xc8\x05HELLO" + rng.randbytes(194),
        lambda: b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" * 20,
        lambda: b"\x00" * 200,
    ]

    def refused():
        return hall.refused("handshake") + hall.refused("strangers")

    for number in range(CONNECTIONS):
        with socket.create_connection(("127.0.0.1", hall.port + number % 3)) as one:
            one.sendall(kinds[number % len(kinds)]())
        # Faster than they are taken in, they fill the listener's queue of 100; then the kernel puts
        # them off by seconds each, and none of ours has seen them yet.
        wait_until(lambda number=number: refused() > number - 50, every_s=0.005)
    peer = Peer(key)
    assert peer.insist()["ok"]
    wait_until(lambda: refused() >= CONNECTIONS)
    wait_until(lambda: hall.do(lambda: len(hall.bus._lan.connections)) == 1)
    peer.close()
    assert {r.name for r in hall.taken} == {"window-3"}


def test_one_key_holds_so_many_connections_and_the_newest_ones(hall):
    key = hall.enrol("window-3", "window:3")
    peers = []
    for _ in range(OF_ONE_KEY + 4):  # each is there before the next: their order is what counts
        peers.append(Peer(key, RECONNECT_IVL=-1))
        assert peers[-1].ask()["ok"]
    wait_until(lambda: hall.refused("connections") == 4)
    wait_until(lambda: hall.do(lambda: len(hall.bus._lan.connections)) == OF_ONE_KEY)
    for peer in peers[4:]:
        assert peer.ask()["ok"]
    for peer in peers:
        peer.close()


def test_beyond_the_connections_allowed_nobody_comes_in_until_one_goes(tmp_path):
    hall = LanBus(tmp_path, connections=2)
    try:
        keys = [hall.enrol(f"window-{n}", f"window:{n}") for n in (1, 2, 3)]
        peers = [Peer(key) for key in keys[:2]]
        assert peers[0].ask()["ok"]
        peers[1].seen(zmq.EVENT_HANDSHAKE_SUCCEEDED)  # and says nothing
        wait_until(lambda: hall.do(hall.bus._lan._silent.total))
        peers.append(Peer(keys[2]))
        peers[2].send()
        wait_until(lambda: hall.turned().get(("window:3:window-3", "connections")))
        assert peers[2].receive(0.1) is None
        peers[0].close()
        assert peers[2].receive()["ok"], "it asks again by itself"
        for peer in peers[1:]:
            peer.close()
    finally:
        hall.close()


def test_a_flood_is_refused_in_words_then_cut_off_and_costs_the_others_nothing(tmp_path):
    hall = LanBus(tmp_path, rate=50, burst=100)
    hall.stands_s = time.monotonic()  # all of it comes within a second
    try:
        flood = Peer(hall.enrol("window-4", "window:4"), SNDHWM=0)
        other = Peer(hall.enrol("window-3", "window:3"))
        assert other.ask()["ok"]
        call = {"type": "CallNext", "window": 4}
        codes = [flood.ask(call, str(n)).get("code", "ok") for n in range(100 + ANSWERED_MOST)]
        assert codes == ["ok"] * 100 + ["too_fast"] * ANSWERED_MOST
        for number in range(20_000):
            flood.send(call, f"more-{number}")

        def cut_off():
            while flood.receive(0) is not None:
                pass
            return hall.refused("too_fast") > DROPS_MOST

        wait_until(cut_off)
        assert other.ask()["ok"]
        flood.seen(zmq.EVENT_DISCONNECTED)
        taken = [r for r in hall.taken if r.name == "window-4"]
        assert len(taken) < 2000
        assert other.ask()["ok"]
        flood.close()
        again = Peer(hall.keyring and hall.enrol("window-5", "window:5"))
        assert again.ask()["ok"]
        again.close()
        other.close()
        askers = {asker for asker, _ in hall.turned()}
        # Cut off, it comes again, and is turned away before anybody knows who it is.
        assert askers - {"tcp:127.0.0.1"} == {"window:4:window-4"}
        assert len([t for n in hall.noted for t in n.turned]) <= 2
    finally:
        hall.close()


def test_one_that_was_cut_off_for_its_flood_comes_back_after_its_rest(tmp_path):
    hall = LanBus(tmp_path, rate=50, burst=100)
    try:
        key = hall.enrol("window-4", "window:4")
        hall.do(lambda: hall.bus._rates.rest(key.public, hall.now().mono_s))
        peer = Peer(key)
        peer.send()
        wait_until(lambda: hall.turned().get(("window:4:window-4", "too_fast")))
        assert peer.receive(0.1) is None
        hall.gone_s += REST_S
        assert peer.receive()["ok"]
        peer.close()
    finally:
        hall.close()


def test_answers_nobody_takes_do_not_pile_up(tmp_path):
    hall = LanBus(tmp_path, rate=10_000, burst=100_000)
    try:
        deaf = Peer(hall.enrol("deaf", "guide"), RCVHWM=1)
        big = {"ok": True, "result": {"x": "y" * 200_000}}
        answer = hall.bus.reply
        hall.bus.reply = lambda request, _: answer(request, big)
        before = rss_mib()
        for number in range(2000):
            deaf.send(asked=str(number))
        wait_until(lambda: len(hall.taken) == 2000)
        assert rss_mib() - before < 100, "of 400 MB"
        deaf.close()
    finally:
        hall.close()


FOLLOWS = """
import json, sys, zmq
key = json.load(open(sys.argv[1]))
socket = zmq.Context().socket(zmq.SUB)
socket.CURVE_PUBLICKEY, socket.CURVE_SECRETKEY = key["public"].encode(), key["secret"].encode()
socket.CURVE_SERVERKEY = key["server"].encode()
socket.RECONNECT_IVL = 100
socket.SUBSCRIBE = b""
host, _, port = key["address"].rpartition(":")
socket.connect(f"{host}:{int(port) + 1}")
while True:
    print(json.loads(socket.recv_multipart()[2])["recorded"]["seq"], flush=True)
"""


def test_a_follower_that_is_stopped_slows_nobody_and_fills_no_memory(hall, joined, tmp_path):
    stuck_key = hall.enrol("screen-2", "screen:hall-2")
    stuck_key.write(tmp_path / "k.hallkey")
    sees = joined(hall.enrol("screen-1", "screen:hall-1"), kind=zmq.SUB, port=1)
    child = subprocess.Popen(
        [sys.executable, "-c", FOLLOWS, str(tmp_path / "k.hallkey")], stdout=subprocess.PIPE
    )
    try:
        event = e.QueueClosed(queue="A", reason="x" * 4000)
        wait_until(lambda: [hall.publish(event)] and sees.receive(0.1), every_s=0)
        wait_until(lambda: hall.do(lambda: hall.bus._lan.connections.of(stuck_key.public)))
        hall.publish(event)
        assert child.stdout.readline()
        drained(hall, sees)
        child.send_signal(signal.SIGSTOP)
        first = hall.seq
        before = rss_mib()
        for _ in range(100):
            hall.publish(*[event] * 200)
            for _ in range(200):
                first += 1
                assert sees.receive()["recorded"]["seq"] == first
        grown = rss_mib() - before
        assert grown < 40, f"{grown:.0f} MiB for 80 MiB of events"
        child.send_signal(signal.SIGCONT)
        last = int(child.stdout.readline())

        def newest():
            hall.publish(event)
            return int(child.stdout.readline()) > last

        wait_until(newest)
    finally:
        child.kill()
        child.wait()
        child.stdout.close()


def test_a_follower_learns_that_it_has_lost_something(tmp_path):
    """The sequence before each event tells of the hole that a full queue leaves."""
    hall = LanBus(tmp_path, behind=10)
    try:
        slow = follower(hall.enrol("screen-1", "screen:hall-1"), RCVHWM=1, RCVBUF=4096)
        wait_until(
            lambda: [hall.publish(e.QueueOpened(queue="A"))] and slow.receive(0.1), every_s=0
        )
        big = e.QueueClosed(queue="A", reason="x" * 20_000)
        hall.publish(*[big] * 2000)
        have, gaps = None, 0

        def gap():
            nonlocal have, gaps
            message = slow.receive(0.1)
            if message is None:
                hall.publish(big)
                return gaps
            if have is not None and message["prev"] > have:
                gaps += 1
            have = message["recorded"]["seq"]
            return False

        assert wait_until(gap, every_s=0)
        slow.close()
    finally:
        hall.close()


def test_a_key_file_is_never_part_of_a_message(hall, joined):
    """A secret pasted into a message by mistake stays out of the notes."""
    key = hall.enrol("guide-1", "guide")
    peer = joined(key)
    peer.socket.send(json.dumps({"v": 1, "ask": "hello", "id": [key.secret.decode()]}).encode())
    assert peer.receive()["code"] == "unreadable"
    wait_until(hall.turned)
    assert key.secret.decode() not in repr(hall.noted)
