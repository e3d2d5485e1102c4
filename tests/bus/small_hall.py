"""A hall of a few lines behind CURVE and ZAP, which a test may spoil in any way it likes.

Speaks docs/protocol.md by its own code; the hall itself is the sample one.
"""

import json
import queue
import threading
import time
from dataclasses import replace

import zmq
from zmq.utils import z85

from hallctl import wire
from hallctl.core import commands as c
from hallctl.keyring import HallKey
from hallctl.roles import standing_of
from running import PATIENT_S, free_ports
from sample import Bench


class SmallHall:
    """In a thread of its own; `do` hands work to it."""

    def __init__(self):
        self.port = free_ports()
        self.public, self.secret = zmq.curve_keypair()
        self.known = set()
        self.status = b"400"
        """What ZAP says to a key that is not known: 400 not admitted, 300 come back later."""
        self.versions, self.off_s, self.lag_s = [1], 0.0, 0.0
        self.deaf, self.silent = False, False
        self.forgets = 0
        """So many commands are carried out, but their answers are lost."""
        self.too_fast = 0
        self.asked, self.answers = [], {}
        self.bench = Bench()
        self.last = self.bench.hall.seq
        self._work, self._stop = queue.SimpleQueue(), threading.Event()
        self._thread = threading.Thread(target=self._run)
        self._thread.start()
        self.do(lambda: None)

    def key(self, name="window-3", role="window:3", **changes):
        public, secret = zmq.curve_keypair()
        self.known.add(public)
        address = f"tcp://127.0.0.1:{self.port}"
        key = HallKey(name, standing_of(role), address, self.public, public, secret)
        return replace(key, **changes)

    def do(self, work):
        done = queue.SimpleQueue()
        self._work.put((work, done))
        return done.get(timeout=PATIENT_S)

    def hang_up(self):
        """Everybody is cut off and must shake hands anew."""
        self.do(lambda: [self._shut(), self._open()])

    def leave(self):
        """Nobody is there any more, until `come`."""
        self.do(self._shut)

    def come(self):
        self.do(self._open)

    def act(self, command):
        """Something happens in the hall."""
        self.do(lambda: [self.bench.ask(command), self._publish(len(self.bench.recorded))])

    def close(self):
        self._stop.set()
        self._thread.join()

    # In the thread.

    def _run(self):
        self._context = zmq.Context()
        self._zap = self._context.socket(zmq.REP)
        self._zap.bind("inproc://zeromq.zap.01")
        self._open()
        beaten_s = 0.0
        while not self._stop.is_set():
            self._zap.poll(10)
            self._admit()
            while not self._work.empty():
                work, done = self._work.get()
                done.put(work())
            for router in self._sockets[:1]:
                while not self.deaf and router.poll(0):
                    self._answer(*router.recv_multipart())
            if not self.silent and time.monotonic() - beaten_s > 0.2:
                beaten_s = time.monotonic()
                self._tell(b"heartbeat", {"epoch": "epoch-1", "seq": self.last, "now": self._now()})
        self._shut()
        self._zap.close(0)
        self._context.term()

    def _open(self):
        kinds = ((zmq.ROUTER, 0), (zmq.PUB, 1), (zmq.PUB, 2))
        self._sockets = [self._bound(kind, self.port + more) for kind, more in kinds]

    def _bound(self, kind, port):
        socket = self._context.socket(kind)
        socket.setsockopt(zmq.LINGER, 0)
        socket.curve_server, socket.curve_secretkey = True, self.secret
        socket.zap_domain = b"hall"
        for _ in range(500):
            try:
                socket.bind(f"tcp://127.0.0.1:{port}")
            except zmq.ZMQError:
                time.sleep(0.02)  # the one before is still closing
            else:
                return socket
        raise AssertionError(f"port {port} stays taken")

    def _shut(self):
        for socket in self._sockets:
            socket.close(0)
        self._sockets = []

    def _admit(self):
        while self._zap.poll(0):
            frames = self._zap.recv_multipart()
            code = b"200" if z85.encode(frames[6]) in self.known else self.status
            self._zap.send_multipart([b"1.0", frames[1], code, b"", b"somebody", b""])

    def _now(self):
        wall_s = time.time() - self.off_s
        return {"wall_s": wall_s, "mono_s": 1.0, "day": "2026-11-23", "day_s": 34200, "weekday": 1}

    def _tell(self, topic, body):
        frames = [topic, b"", json.dumps({"v": 1, **body}).encode()]
        for socket in self._sockets[1:]:
            socket.send_multipart(frames)

    def _publish(self, before):
        for one in self.bench.recorded:
            if one.seq > self.last:
                body = {"prev": self.last, "recorded": wire.recorded_out(one)}
                self._tell(type(one.event).__name__.encode(), body)
                self.last = one.seq

    def _answer(self, identity, frame):
        message = json.loads(frame)
        self.asked.append(message)
        body = self._body(message)
        time.sleep(self.lag_s)
        if body is not None:
            whole = {"v": 1, "id": message["id"], **body}
            self._sockets[0].send_multipart([identity, json.dumps(whole).encode()])

    def _body(self, message):
        if message["v"] not in self.versions:
            refusal = {"ok": False, "code": "version", "words": {"zh": "版本", "en": "version"}}
            return refusal | {"versions": self.versions}
        if message["ask"] == "hello":
            known = {"versions": self.versions, "role": "window:3", "now": self._now()}
            return {"ok": True, "result": known}
        if message["ask"] == "command":
            return self._commanded(message)
        hall = json.loads(wire.dumps(wire.hall_out(self.bench.hall, "staff")))
        return {"ok": True, "snapshot": hall, "now": self._now()}

    def _commanded(self, message):
        if self.too_fast:
            self.too_fast -= 1
            return {"ok": False, "code": "too_fast", "wait_s": 0.1, "words": {"zh": "", "en": ""}}
        if message["id"] not in self.answers:
            outcome = self.bench.ask(wire.command_in(message["command"]))
            self.answers[message["id"]] = outcome.answer
            self._publish(0)
        if self.forgets:
            self.forgets -= 1
            return None
        return json.loads(wire.dumps(self.answers[message["id"]]))


def issue(hall, count=1):
    for _ in range(count):
        hall.act(c.IssueTicket(queue="A", kiosk="kiosk-1"))
