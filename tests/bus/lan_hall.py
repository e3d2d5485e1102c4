"""The bus on the network without a hall: it answers everybody, and publishes what a test wants."""

import contextlib
import json
import queue
import socket
import threading
import time
from dataclasses import replace
from pathlib import Path

import zmq

from hallctl.bus.server import Bus
from hallctl.config.network_file import Network
from hallctl.core import events as e
from hallctl.core.moment import Moment
from hallctl.keyring import Keyring
from hallctl.roles import standing_of
from running import PATIENT_S, free_ports, wait_until


class LanBus:
    """A bus in a thread of its own, which `do` hands work to. `gone_s` moves its clock on.

    While `stands_s` is set its clock stands there, however slow the machine is.
    """

    def __init__(self, folder, **limits):
        self.port = free_ports()
        self.folder = folder / "b"
        self.keyring = Keyring(folder / "keys")
        self.keyring.init()
        self.network = replace(Network(listen=f"127.0.0.1:{self.port}"), **limits)
        self.taken, self.noted, self.seq, self.gone_s = [], [], 0, 0.0
        self.stands_s = None
        self._work = queue.SimpleQueue()
        self._stop = threading.Event()
        self._ready = threading.Event()
        self._thread = threading.Thread(target=self._run)
        self._thread.start()
        assert self._ready.wait(PATIENT_S)

    def _run(self):
        context = zmq.Context()
        inside = Keyring(self.keyring.folder)
        self.bus = Bus(self.folder, context, lambda pin: pin == "271828", self.network, inside)
        poller = zmq.Poller()
        for one in self.bus.wait_on():
            poller.register(one, zmq.POLLIN)
        while not self._stop.is_set():
            poller.poll(10)
            while not self._work.empty():
                work, done = self._work.get()
                done.put(work())
            now = self.now()
            self.bus.tick(now)
            for request in self.bus.receive(64):
                self.taken.append(request)
                self.bus.reply(request, {"ok": True, "result": {"actor": request.actor}})
            noted = self.bus.notes(now)
            self.noted += [noted] if noted else []
            self._ready.set()
        self.bus.close()
        context.term()

    def now(self):
        steady_s = time.monotonic() if self.stands_s is None else self.stands_s
        mono_s = steady_s + self.gone_s
        return Moment(wall_s=1.0, mono_s=mono_s, day="2026-11-23", day_s=0, weekday=0)

    def do(self, work):
        done = queue.SimpleQueue()
        self._work.put((work, done))
        return done.get(timeout=PATIENT_S)

    def publish(self, *events):
        def tell():
            for event in events:
                self.seq += 1
                one = e.Recorded(self.seq, "ep", 1.0, 1.0, "test", "c", event)
                self.bus.publish([one])

        self.do(tell)

    def enrol(self, name, role):
        address = f"tcp://127.0.0.1:{self.port}"
        return self.keyring.enrol(name, standing_of(role), None, address)

    def refused(self, code):
        return self.do(lambda: self.bus.condition()["refused"].get(code, 0))

    def turned(self):
        """Who was turned away, as the journal is told it: (asker, code) to how often."""
        found = {}
        for one in (t for noted in list(self.noted) for t in noted.turned):
            found[one.asker, one.code] = found.get((one.asker, one.code), 0) + one.count
        return found

    def close(self):
        self._stop.set()
        self._thread.join()


class Peer:
    """A ZeroMQ socket with a key, as docs/protocol.md has it; no code of hallctl.client."""

    def __init__(self, key, kind=zmq.DEALER, port=0, server=None, topics=(b"",), **options):
        self.context = zmq.Context()
        self.socket = self.context.socket(kind)
        self.socket.setsockopt(zmq.LINGER, 0)
        self.socket.setsockopt(zmq.SNDTIMEO, int(PATIENT_S * 1000))  # cut off, it would wait on
        self.socket.setsockopt(zmq.RECONNECT_IVL, 50)
        for name, value in options.items():
            self.socket.setsockopt(getattr(zmq, name), value)
        if key.secret:
            self.socket.setsockopt(zmq.CURVE_PUBLICKEY, key.public)
            self.socket.setsockopt(zmq.CURVE_SECRETKEY, key.secret)
            self.socket.setsockopt(zmq.CURVE_SERVERKEY, server or key.server)
        if kind == zmq.SUB:
            for topic in topics:
                self.socket.setsockopt(zmq.SUBSCRIBE, topic)
        self.events = self.socket.get_monitor_socket()
        host, _, first = key.address.rpartition(":")
        self.socket.connect(f"{host}:{int(first) + port}")

    def send(self, command=None, asked="1", **more):
        body = {"v": 1, "from": "x", "ask": "command" if command else "hello", "id": asked}
        if command:
            body["command"] = command
        self.socket.send(json.dumps({**body, **more}).encode())

    def try_to_send(self):
        """Send, unless it was turned away already: then there is nobody to send to."""
        with contextlib.suppress(zmq.Again):
            self.socket.send(b'{"v":1,"from":"x","ask":"hello","id":"1"}', zmq.DONTWAIT)

    def receive(self, timeout_s=PATIENT_S):
        if not self.socket.poll(int(timeout_s * 1000)):
            return None
        return json.loads(self.socket.recv_multipart()[-1])

    def ask(self, command=None, asked="1", **more):
        self.send(command, asked, **more)
        return self.receive()

    def insist(self, command=None, asked="1", **more):
        """Ask with the same id until there is an answer to it, as every client must."""

        def answered():
            self.send(command, asked, **more)
            while (answer := self.receive(1.0)) is not None:
                if answer["id"] == asked:
                    return answer
            return None

        return wait_until(answered, every_s=0)

    def seen(self, event):
        """Whether the connection has come to that; waits for it."""

        def look():
            while self.events.poll(0):
                number = int.from_bytes(self.events.recv_multipart()[0][:2], "little")
                if number == event:
                    return True
            return False

        return wait_until(look)

    def close(self):
        self.socket.disable_monitor()
        self.events.close()
        self.socket.close()
        self.context.term()


def drained(hall, follower, seq=0):
    """Read all that was published, up to now; gives its last sequence. `seq` is known already."""
    while seq < hall.seq:
        seq = follower.receive()["recorded"]["seq"]
    return seq


def follower(key, audience="public", **options):
    return Peer(key, zmq.SUB, 1 if audience == "public" else 2, **options)


def rss_mib(pid="self"):
    lines = Path(f"/proc/{pid}/status").read_text("ascii").splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmRSS")) / 1024


class Between:
    """A wire that keeps what goes to the hall, and lets through no more than `most` bytes of it."""

    def __init__(self, port, most=1 << 40):
        self.captured = bytearray()
        self._most = most
        self._port = port
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._thread = threading.Thread(target=self._run)
        self._thread.start()

    def instead(self, key):
        """The key, for the address of this wire."""
        return replace(key, address=f"tcp://127.0.0.1:{self._listener.getsockname()[1]}")

    def _run(self):
        try:
            ours, _ = self._listener.accept()
        except OSError:
            return
        with ours, socket.create_connection(("127.0.0.1", self._port)) as theirs:
            back = threading.Thread(target=self._carry, args=(theirs, ours))
            back.start()
            with contextlib.suppress(OSError):
                while len(self.captured) < self._most and (part := ours.recv(4096)):
                    self.captured += part
                    theirs.sendall(part)
                if len(self.captured) < self._most:
                    theirs.shutdown(socket.SHUT_RDWR)
            back.join()

    @staticmethod
    def _carry(source, target):
        with contextlib.suppress(OSError):
            while part := source.recv(4096):
                target.sendall(part)
            target.shutdown(socket.SHUT_RDWR)

    def close(self):
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self._thread.join(PATIENT_S)
        assert not self._thread.is_alive()
