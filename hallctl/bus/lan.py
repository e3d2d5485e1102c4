"""The TCP endpoints: commands, public events, staff events, each on a port, each with CURVE.

Who comes in is decided here, in the loop's thread, for each connection (ZAP, ZeroMQ's RFC 27), and
by the key alone: a message's asker is the key its connection was opened with, whatever it says of
itself. A revoked key is refused at the next message, and its connections are cut off.
"""

import contextlib
import logging
import os
import struct
from collections import Counter
from collections.abc import Sequence
from typing import Final

import zmq
from zmq.utils import z85

from hallctl import wire
from hallctl.bus.connections import Connection, Connections
from hallctl.bus.limits import Rates, Refusals
from hallctl.bus.local import AUDIENCES, LINGER_MS, Context, Socket
from hallctl.config.network_file import Network, address_of
from hallctl.keepalive import kept_alive
from hallctl.keyring import Enrolled, Keyring

log = logging.getLogger("hallctl")

COMMANDS: Final = "commands"
DOORS: Final = (COMMANDS, *AUDIENCES)
"""In the order of their ports."""
PARTS_MOST: Final = 500
"""Of one message so many parts are taken in a turn, and none of them kept."""
ADMITTED_MOST: Final = 32
WATCHED_MOST: Final = 32
"""So many are let in or not, seen to come or go, in one turn: a storm must not make it long."""
BIND_ANEW_S: Final = 10.0
EVENT_BYTES: Final = 1024
"""What a follower may send: a subscription, which is a type of event."""
ANSWERS_BEHIND: Final = 64
"""So many answers wait for an asker that does not take them; it asks again for the others."""
HANDSHAKE_MS: Final = 10_000
ALIVE_S, DEAD_S = 2, 10
"""A connection is asked by TCP whether it lives after so long, and ended when it says nothing."""

_SAW: Final = (
    zmq.EVENT_ACCEPTED
    | zmq.EVENT_DISCONNECTED
    | zmq.EVENT_HANDSHAKE_SUCCEEDED
    | zmq.EVENT_HANDSHAKE_FAILED_AUTH
)


class LanDoors:
    """Three doors with one lock. Raises KeyringError when the hall has no key pair."""

    def __init__(
        self,
        network: Network,
        keyring: Keyring,
        context: Context,
        refusals: Refusals,
        rates: Rates,
    ) -> None:
        host, port = address_of(network.listen)
        self._network = network
        self._keyring = keyring
        self._context = context
        self._refusals = refusals
        self._rates = rates
        self._now_s = 0.0
        self._secret = keyring.server_secret
        self._zap = context.socket(zmq.REP)
        self._zap.setsockopt(zmq.LINGER, 0)
        self._zap.bind("inproc://zeromq.zap.01")
        ports = {door: port + place for place, door in enumerate(DOORS)}
        self.connections = Connections(ports)
        self._doors = {door: self._made(door) for door in DOORS}
        self._monitors = {door: self._monitored(door) for door in DOORS}
        self._unbound = {door: f"tcp://{host}:{ports[door]}" for door in DOORS}
        self._bind_s = 0.0
        self._told = ""
        self._silent: Counter[str] = Counter()
        """By door, connections that were let in and have not said anything yet."""
        self._told_no: Counter[str] = Counter()
        """By door, connections that were not, and know why; they end by themselves."""
        self._skipping = False
        self._bind()

    def _made(self, door: str) -> Socket:
        socket = self._context.socket(zmq.ROUTER if door == COMMANDS else zmq.XPUB)
        host, _ = address_of(self._network.listen)
        for option, value in (
            (zmq.LINGER, LINGER_MS),
            (zmq.IPV6, int(":" in host)),
            (zmq.CURVE_SERVER, 1),
            (zmq.CURVE_SECRETKEY, self._secret),
            (zmq.ZAP_DOMAIN, f"hall.{door}".encode()),
            (zmq.HANDSHAKE_IVL, HANDSHAKE_MS),
            (zmq.RCVHWM, 64),
            (zmq.MAXMSGSIZE, wire.MAX_BYTES * 2 if door == COMMANDS else EVENT_BYTES),
            (zmq.SNDHWM, ANSWERS_BEHIND if door == COMMANDS else self._network.behind),
        ):
            socket.setsockopt(option, value)
        for number, setting in kept_alive(ALIVE_S, DEAD_S):
            socket.setsockopt(number, setting)
        if door != COMMANDS:
            # Every subscription is told, and with it whose connection it came by.
            socket.setsockopt(zmq.XPUB_VERBOSE, 1)
        return socket

    def _monitored(self, door: str) -> Socket:
        address = f"inproc://hallctl.monitor.{door}"
        self._doors[door].monitor(address, _SAW)
        monitor = self._context.socket(zmq.PAIR)
        # Without a bound: libzmq's own thread waits when this is full, and the doors with it.
        monitor.setsockopt(zmq.RCVHWM, 0)
        monitor.setsockopt(zmq.LINGER, 0)
        monitor.connect(address)
        return monitor

    def _bind(self) -> None:
        problems = []
        for door, address in list(self._unbound.items()):
            try:
                self._doors[door].bind(address)
            except zmq.ZMQError as problem:
                problems.append(f"{address}: {os.strerror(problem.errno or 0)}")
            else:
                del self._unbound[door]
        told = "; ".join(problems)
        if told and told != self._told:
            log.error("not reached over the network, tried every %d s: %s", BIND_ANEW_S, told)
        elif not told:
            log.info("reached over the network at %s", self._network.listen)
        self._told = told

    @property
    def listening(self) -> bool:
        """Whether all doors are open."""
        return not self._unbound

    def tick(self, now_s: float) -> None:
        """Once a second: try to open what is shut, end what fills the memory."""
        self._now_s = now_s
        if self._unbound and now_s >= self._bind_s:
            self._bind_s = now_s + BIND_ANEW_S
            self._bind()
        for greedy in self.connections.greedy(now_s):
            self._cut(greedy, "greedy")
            self._rates.rest(greedy.key, now_s)

    def keys_changed(self) -> None:
        """The keyring is another: who is not in it any more is cut off."""
        for key in self.connections.speaking():
            if self._keyring.find(key) is None:
                for known in self.connections.of(key):
                    self.connections.cut_off(known)

    def turn(self, now_s: float) -> None:
        """Who came, who went, who wants to come in, who wants to follow."""
        self._now_s = now_s
        for door, monitor in self._monitors.items():
            self._watch(door, monitor)
        self._admit()
        for door in AUDIENCES:
            self._followers(door)

    def _watch(self, door: str, monitor: Socket) -> None:
        for _ in range(WATCHED_MOST):
            frames = _taken(monitor)
            if frames is None:
                return
            event, value = struct.unpack("=hi", frames[0])
            if event == zmq.EVENT_ACCEPTED:
                for known in self.connections.accepted(door, value):
                    self._refusals.note(f"tcp:{known.address}", "strangers", known.door)
            elif event == zmq.EVENT_DISCONNECTED:
                self._ended(door, self.connections.gone(door, value))
            elif event == zmq.EVENT_HANDSHAKE_SUCCEEDED:
                self._silent[door] += 1
            else:
                self._told_no[door] += 1

    def _ended(self, door: str, known: Connection | None) -> None:
        """A connection that ends before it has said anything, and not by us, had no key.

        Which of those let in it was nobody tells: they are counted, not known.
        """
        if known is not None and known.key:
            return
        counts = (self._told_no, self._silent)
        for count in counts:
            if count[door] > 0 and not (known and known.cut):
                count[door] -= 1
                return
        left = self.connections.strangers(door)
        for count in counts:
            count[door] = min(count[door], left)
        if known is not None and known.cut:
            return
        address = "?" if known is None else known.address
        self._refusals.note(f"tcp:{address}", "handshake", door)

    def _admit(self) -> None:
        for _ in range(ADMITTED_MOST):
            frames = _taken(self._zap)
            if frames is None:
                return
            status, words, key = self._verdict(frames)
            answer = [b"1.0", frames[1], status, words, key, b""]
            self._zap.send_multipart(answer)

    def _verdict(self, asked: list[bytes]) -> tuple[bytes, bytes, bytes]:
        """Status, words and user of a connection: 200 come in, 300 later, 400 never."""
        _, _, domain, address, _, mechanism, *credentials = asked
        door = domain.decode().removeprefix("hall.")
        who = f"tcp:{address.decode()}"
        if mechanism != b"CURVE" or len(credentials) != 1:
            self._refusals.note(who, "handshake", door)
            return b"400", b"a key is needed", b""
        key = z85.encode(credentials[0])
        enrolled = self._keyring.find(key)
        if enrolled is None:
            self._refusals.note(who, "unknown_key", door)
            return b"400", b"this key is not enrolled", b""
        if door == "staff" and enrolled.standing.audience != "staff":
            self._refusals.note(asker(enrolled), "not_allowed", "events-staff")
            return b"400", b"staff events are not for this role", b""
        there = self.connections.known + sum(self._silent.values())
        full = there >= self._network.connections
        if full or self._rates.resting(key, self._now_s):
            code = "connections" if full else "too_fast"
            self._refusals.note(asker(enrolled), code, door)
            return b"300", b"later", b""
        return b"200", b"OK", key

    def _followers(self, door: str) -> None:
        for _ in range(PARTS_MOST):
            try:
                frame = self._doors[door].recv(zmq.DONTWAIT, copy=False)
            except zmq.Again:
                return
            key, fd = _sender(frame)
            if fd >= 0:
                self._heard(door, fd, key)

    def _heard(self, door: str, fd: int, key: bytes) -> None:
        if self.connections.silent(door, fd):
            self._silent[door] -= 1
        for known in self.connections.heard(door, fd, key, self._now_s):
            enrolled = self._keyring.find(key)
            who = asker(enrolled) if enrolled else f"tcp:{known.address}"
            self._refusals.note(who, "connections", known.door)
        if self._keyring.find(key) is None:
            for known in self.connections.of(key):
                self.connections.cut_off(known)

    def receive(self, most: int) -> list[tuple[bytes, bytes, list[bytes]]]:
        """What waits, at most `most`: identity, key, frames."""
        found: list[tuple[bytes, bytes, list[bytes]]] = []
        while len(found) < most:
            frames = self._message()
            if not frames:
                break
            key, fd = _sender(frames[-1])
            if fd >= 0:
                self._heard(COMMANDS, fd, key)
            found.append((frames[0].bytes, key, [frame.bytes for frame in frames[1:]]))
        return found

    def _message(self) -> list[zmq.Frame]:
        """The identity and at most two parts; of a longer message the rest is thrown away."""
        frames: list[zmq.Frame] = []
        thrown = 0
        while thrown < PARTS_MOST:
            try:
                frame = self._doors[COMMANDS].recv(zmq.DONTWAIT, copy=False)
            except zmq.Again:
                return []
            if self._skipping or len(frames) == len(("identity", "one", "too many")):
                thrown += 1
            else:
                frames.append(frame)
            if not frame.more:
                if not self._skipping:
                    return frames
                self._skipping = False
        self._skipping = True
        return frames

    def cut_key(self, key: bytes) -> None:
        """End all connections of a key."""
        for known in self.connections.of(key):
            self.connections.cut_off(known)

    def _cut(self, known: Connection, code: str) -> None:
        enrolled = self._keyring.find(known.key)
        who = asker(enrolled) if enrolled else f"tcp:{known.address}"
        self._refusals.note(who, code, known.door)
        self.connections.cut_off(known)

    def send(self, identity: bytes, message: bytes) -> None:
        """Answer; an asker that has gone is no error (it asks again when back)."""
        with contextlib.suppress(zmq.ZMQError):
            self._doors[COMMANDS].send_multipart([identity, message], zmq.DONTWAIT)

    def publish(self, audience: str, frames: Sequence[bytes]) -> None:
        """Tell the followers of one audience."""
        self._doors[audience].send_multipart(frames, zmq.DONTWAIT)

    def wait_on(self) -> list[Socket]:
        """All that something comes in by."""
        return [self._zap, *self._doors.values(), *self._monitors.values()]

    def close(self) -> None:
        """Close all doors."""
        for door, socket in self._doors.items():
            socket.disable_monitor()
            self._monitors[door].close()
            socket.close()
        self._zap.close()


def asker(enrolled: Enrolled) -> str:
    """A key's owner, as the journal names it."""
    return f"{enrolled.standing}:{enrolled.name}"


def _taken(socket: Socket) -> list[bytes] | None:
    try:
        return socket.recv_multipart(zmq.DONTWAIT)
    except zmq.Again:
        return None


def _sender(frame: zmq.Frame) -> tuple[bytes, int]:
    """The key a frame came in with, and by which connection; -1 for what libzmq made itself."""
    try:
        return str(frame.get("User-Id")).encode(), int(frame.get("__fd"))
    except zmq.ZMQError:
        return b"", -1
