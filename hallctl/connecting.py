"""Where a hall is, how its sockets are made, and why a connection does not come about.

`Local` is a folder of ipc endpoints: the socket is the role. `Remote` is an address on the network
and an enrolled key: CURVE, always. libzmq reports what happens on a wire; `Line` turns that into
the one thing that a person can act upon.
"""

import errno
import stat
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import zmq
from zmq.utils.monitor import recv_monitor_message

from hallctl import wire
from hallctl.keepalive import kept_alive
from hallctl.keyring import HallKey, KeyringError, check_address
from hallctl.roles import Standing
from hallctl.texts import say

FIRST_TRY_S: Final = 3.0
"""How long a connection may take before it is said that nobody answers."""
TRY_AGAIN_S: Final = 2.0
"""libzmq gives up after a refused handshake; it is tried anew after so long."""
NOT_ADMITTED: Final = 400
"""The status of RFC 27 (ZAP) for a key that may not come in."""
ALIVE_S: Final = 1
DEAD_S: Final = 3
"""A wire whose other end is silent for so long (TCP asks it each second) is dialled again."""
SILENT_S: Final = 6.0
"""And one over which nothing comes for so long, though the hall speaks each second: whatever stands
in between may live on its own."""
FAILED: Final = (
    zmq.EVENT_HANDSHAKE_FAILED_AUTH,
    zmq.EVENT_HANDSHAKE_FAILED_PROTOCOL,
    zmq.EVENT_HANDSHAKE_FAILED_NO_DETAIL,
)
MONITORED: Final = (
    zmq.EVENT_CONNECTED
    | zmq.EVENT_CLOSED
    | zmq.EVENT_CONNECT_RETRIED
    | zmq.EVENT_DISCONNECTED
    | zmq.EVENT_HANDSHAKE_SUCCEEDED
    | sum(FAILED)
)


@dataclass(frozen=True, slots=True)
class Trouble:
    """Why the hall cannot be followed or asked, as the key `connect.<what>` of the texts.

    `values` fill the text. `Trouble("")` is told when all is well again.
    """

    what: str
    values: tuple[tuple[str, object], ...] = ()

    def words(self, language: str) -> str:
        """What is wrong, in a few words; "" when nothing is."""
        return say(language, f"connect.{self.what}", **dict(self.values)) if self.what else ""

    def remedy(self, language: str) -> str:
        """What to do about it."""
        return say(language, f"connect.{self.what}_do", **dict(self.values)) if self.what else ""


WELL: Final = Trouble("")


class ConnectError(ValueError):
    """A place that cannot be connected to as it was given; the words say what would be right."""

    def __init__(self, trouble: Trouble) -> None:
        super().__init__(f"{trouble.words('en')}: {trouble.remedy('en')}")
        self.trouble = trouble


@dataclass(frozen=True, slots=True)
class Local:
    """The bus of this machine: the folder of its endpoints, and the role that is spoken to."""

    folder: Path
    role: str

    @property
    def audience(self) -> str:
        """Which events it may follow."""
        return wire.audience_of(self.role)

    @property
    def ask(self) -> str:
        """The endpoint of questions and commands."""
        return f"ipc://{self.folder}/{self.role}"

    @property
    def follow(self) -> str:
        """The endpoint of events."""
        return f"ipc://{self.folder}/events-{self.audience}"


@dataclass(frozen=True, slots=True)
class Remote:
    """A hall on the network. `address` is `tcp://host:port`; the events are on the ports above."""

    key: HallKey
    address: str

    @property
    def role(self) -> str:
        """The role the key holds."""
        return self.key.standing.role

    @property
    def standing(self) -> Standing:
        """The role and the place the key holds."""
        return self.key.standing

    @property
    def ask(self) -> str:
        """The endpoint of questions and commands."""
        return self.address

    @property
    def follow(self) -> str:
        """The endpoint of events."""
        host, _, port = self.address.rpartition(":")
        return f"{host}:{int(port) + (1 if self.standing.audience == 'public' else 2)}"


Place = Local | Remote


def place_at(where: Place | Path | str, role: str = "", key: Path | None = None) -> Place:
    """A place by what a person writes: a folder, a key file, or `tcp://…` with a key file.

    Raises ConnectError: no such file, a key that cannot be read, a key of another role.
    """
    if isinstance(where, Local | Remote):
        return where
    if not str(where).startswith("tcp://"):
        path = Path(where)
        if _is_folder(path):
            if not role:
                raise ConnectError(Trouble("no_role", (("folder", path),)))
            return Local(path, role)
        return remote_at(path, role=role)
    if key is None:
        raise ConnectError(Trouble("no_key", (("address", where),)))
    return remote_at(key, str(where), role)


def remote_at(key: Path, address: str = "", role: str = "") -> Remote:
    """A hall on the network, by a key file; `address` is another one than the key tells.

    Raises ConnectError: a key that cannot be read, or is of another `role` (`window`, `window:3`).
    """
    try:
        found = HallKey.read(key)
    except KeyringError as problem:
        raise ConnectError(_told(problem)) from problem
    try:
        address = check_address(address or found.address)
    except ValueError as problem:
        raise ConnectError(Trouble("address", (("address", address),))) from problem
    if role and role not in {found.standing.role, str(found.standing)}:
        raise ConnectError(Trouble("role", (("held", found.standing), ("role", role))))
    return Remote(found, address)


def _is_folder(path: Path) -> bool:
    """A daemon's folder may come later than its follower: only a file is taken for a key."""
    try:
        return stat.S_ISDIR(path.stat().st_mode)
    except OSError:
        return path.suffix != ".hallkey"


@dataclass(frozen=True, slots=True)
class KeyTrouble(Trouble):
    """A key file that cannot be used: the keyring's own words, in each language."""

    by_language: dict[str, str] = field(default_factory=dict, compare=False)

    def remedy(self, language: str) -> str:
        """What the keyring says of it."""
        return self.by_language[language]


def _told(problem: KeyringError) -> Trouble:
    return KeyTrouble("keyfile", (), {lang: problem.words(lang) for lang in ("zh", "en")})


class Line:
    """What is known of one wire, from libzmq's events and the steady clock. Pure."""

    def __init__(self, at_s: float) -> None:
        self.up = False
        self._dialled_s = at_s
        self._reached = self._told = False
        """Whether somebody took the call, and whether it is known what came of it."""
        self._why = ""
        self._dead_s: float | None = None
        self._hung_up = 0
        self.owed_since_s: float | None = None
        """Since when something should have come and did not; None while nothing is owed."""

    def happened(self, event: int, value: int, at_s: float) -> None:
        """Take what libzmq has told: an event of its monitor, and the value that came with it."""
        if event == zmq.EVENT_HANDSHAKE_SUCCEEDED:
            self.up, self._told, self._why, self._hung_up = True, True, "", 0
            self.owed_since_s = None if self.owed_since_s is None else at_s
        elif event == zmq.EVENT_CONNECTED:
            self._reached, self._told, self._dead_s = True, False, None
        elif event == zmq.EVENT_CONNECT_RETRIED:
            self._dead_s = None
        elif event in FAILED:
            self._told, self._why = True, self._failed(event, value)
            self._dead_s = at_s
        elif event == zmq.EVENT_DISCONNECTED:
            if self.up:
                self._dialled_s, self._why = at_s, ""
            elif self._reached and not self._told:
                self._why = "foreign"  # not even a greeting that libzmq knows
            self.up, self._reached, self._dead_s = False, False, at_s
        elif event == zmq.EVENT_CLOSED:
            self.up, self._reached, self._why = False, False, "nobody"

    def _failed(self, event: int, value: int) -> str:
        """Why a handshake failed."""
        if event == zmq.EVENT_HANDSHAKE_FAILED_AUTH:
            return "refused" if value == NOT_ADMITTED else "full"
        if event == zmq.EVENT_HANDSHAKE_FAILED_PROTOCOL:
            return "foreign"
        if value == errno.EAGAIN:  # it took too long: ZAP's "come back later" is silence
            return "full"
        # A hall with another key cannot read our greeting: it hangs up without a word. So does one
        # that is just being stopped, but not twice.
        self._hung_up += 1
        return "server" if self._hung_up > 1 else ""

    def why(self, at_s: float) -> str:
        """The part of a key behind `connect.`; "" while the wire is up, or was just dialled."""
        if self.up:
            return ""
        if self._why and self._why != "nobody":
            return self._why
        if at_s - self._dialled_s < FIRST_TRY_S:
            return ""
        return "full" if self._reached else "nobody"

    def must_redial(self, at_s: float) -> bool:
        """Whether libzmq has given up, and it is time to try again."""
        if self._dead_s is None or at_s - self._dead_s < TRY_AGAIN_S:
            return False
        self._dead_s = None
        return True

    def hangs(self, at_s: float) -> bool:
        """Whether it is up, and what should have come over it has not."""
        since_s = self.owed_since_s
        return self.up and since_s is not None and at_s - since_s >= SILENT_S

    def given_up(self, at_s: float) -> None:
        """We hang up and dial again."""
        self.up = self._reached = self._told = False
        self._dialled_s, self._why, self._dead_s = at_s, "", None


Socket = zmq.Socket[bytes]


class Wires:
    """The sockets of one follower and asker. Not for several threads at once.

    `ask` is a DEALER, `follow` a SUB (not connected without `following`).
    """

    def __init__(self, place: Place, *, following: bool) -> None:
        self.place = place
        self._context: zmq.Context[Socket] = zmq.Context()
        self.ask = self._socket(zmq.DEALER)
        self.follow = self._socket(zmq.SUB)
        if following:
            self.follow.setsockopt(zmq.SUBSCRIBE, b"")
        self._dialled = {self.ask: place.ask} | ({self.follow: place.follow} if following else {})
        self._lines: dict[Socket, Line] = {}
        self._monitors: dict[Socket, Socket] = {}
        for socket, address in self._dialled.items():
            if isinstance(place, Remote):
                self._lines[socket] = Line(time.monotonic())
                if socket is self.follow:
                    self._lines[socket].owed_since_s = time.monotonic()
                self._monitors[socket] = socket.get_monitor_socket(MONITORED)
            socket.connect(address)

    def _socket(self, kind: int) -> Socket:
        socket = self._context.socket(kind)
        socket.setsockopt(zmq.LINGER, 0)
        socket.setsockopt(zmq.RECONNECT_IVL, 50)
        socket.setsockopt(zmq.RECONNECT_IVL_MAX, 500)
        if kind == zmq.DEALER:
            # Nothing piles up for a daemon that is not there: what has no answer is sent again.
            socket.setsockopt(zmq.IMMEDIATE, 1)
        if isinstance(self.place, Remote):
            key = self.place.key
            socket.setsockopt(zmq.CURVE_SERVERKEY, key.server)
            socket.setsockopt(zmq.CURVE_PUBLICKEY, key.public)
            socket.setsockopt(zmq.CURVE_SECRETKEY, key.secret)
            socket.setsockopt(zmq.RECONNECT_IVL_MAX, 2000)
            socket.setsockopt(zmq.CONNECT_TIMEOUT, DEAD_S * 1000)
            socket.setsockopt(zmq.HANDSHAKE_IVL, DEAD_S * 1000)
            for option, value in kept_alive(ALIVE_S, DEAD_S):
                socket.setsockopt(option, value)
            socket.setsockopt(zmq.IPV6, 1 if "[" in self.place.address else 0)
        return socket

    def readable(self) -> list[Socket]:
        """The sockets to be waited on."""
        return [*self._dialled, *self._monitors.values()]

    def send(self, message: bytes) -> bool:
        """Send a question or a command; False when nobody is there to take it."""
        try:
            self.ask.send(message, zmq.DONTWAIT)
        except zmq.Again:
            return False
        line = self._lines.get(self.ask)
        if line is not None and line.owed_since_s is None:
            line.owed_since_s = time.monotonic()
        return True

    def receive(self, socket: Socket) -> list[bytes] | None:
        """The next message of a socket; None when there is none."""
        try:
            message = socket.recv_multipart(zmq.DONTWAIT)
        except zmq.Again:
            return None
        if socket in self._lines:
            # A hall speaks to who follows each second, to who asks when it is asked.
            self._lines[socket].owed_since_s = time.monotonic() if socket is self.follow else None
        return message

    def tend(self, at_s: float) -> bool:
        """Hear what happened to the wires and dial again where needed; True when one came up."""
        came_up = False
        for socket, monitor in self._monitors.items():
            line = self._lines[socket]
            was_up = line.up
            while monitor.poll(0):
                told: dict[str, Any] = dict(recv_monitor_message(monitor))
                line.happened(int(told["event"]), int(told["value"]), at_s)
            came_up = came_up or (line.up and not was_up)
            hangs = line.hangs(at_s) and not socket.poll(0)
            if hangs:
                line.given_up(at_s)
            if hangs or line.must_redial(at_s):
                socket.disconnect(self._dialled[socket])
                socket.connect(self._dialled[socket])
        return came_up

    def trouble(self, at_s: float) -> Trouble:
        """What is wrong with the connection, as far as the wires know."""
        for socket, line in self._lines.items():
            why = line.why(at_s)
            if why:
                address = self._dialled[socket]
                if socket is self.follow and self._lines[self.ask].up and why == "nobody":
                    why = "events"
                return Trouble(why, (("address", address),))
        return WELL

    def close(self) -> None:
        """Hang up."""
        for socket in self._monitors:
            socket.disable_monitor()
        for socket in (*self._monitors.values(), self.ask, self.follow):
            socket.close(0)
        self._context.term()
