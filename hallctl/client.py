"""The bus from the other side: what screens, window terminals and tools use.

A client mirrors the hall: a snapshot, then events, each with the sequence of the one published
before it. A gap is closed by a replay; silence for 3 s makes the mirror *stale*, with since when.
Commands are sent again with the same id until they are answered, so an act happens once.
"""

import secrets
import time
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import zmq

from hallctl import wire
from hallctl.core.applying import apply
from hallctl.core.commands import Command
from hallctl.core.events import Recorded
from hallctl.core.hall import Hall
from hallctl.core.moment import Moment

STALE_S = 3.0
RESEND_S = 1.0
DAY_S = 86400
BATCH = 1000
"""How many messages one poll takes at most, so that a flood never starves the caller."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What became of one's own command. `words` by language when it was refused."""

    id: str
    ok: bool
    result: dict[str, Any] = field(default_factory=dict)
    code: str = ""
    words: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Snapshot:
    """The mirror was replaced as a whole (first contact, or too much was missed)."""

    seq: int


Heard = Recorded | Answer | Snapshot


class HallClient:
    """One asker and follower. Not for use from several threads at once.

    `bus` is the folder of the daemon's endpoints, `role` the endpoint that is spoken to (the
    role is the socket), `name` appears as the actor in the journal.
    """

    def __init__(self, bus: Path, role: str, name: str, *, follow: bool = True) -> None:
        self.name = name
        self.role = role
        self.hall = Hall()
        self.stale_since_s: float | None = 0.0
        self._forecast: dict[str, Any] | None = None
        self._context = zmq.Context()
        self._ask = self._context.socket(zmq.DEALER)
        self._ask.setsockopt(zmq.LINGER, 0)
        self._ask.setsockopt(zmq.RECONNECT_IVL, 50)
        self._ask.setsockopt(zmq.RECONNECT_IVL_MAX, 500)
        self._ask.connect(f"ipc://{bus}/{role}")
        self._follow = self._context.socket(zmq.SUB)
        self._follow.setsockopt(zmq.LINGER, 0)
        self._follow.setsockopt(zmq.RECONNECT_IVL, 50)
        self._follow.setsockopt(zmq.RECONNECT_IVL_MAX, 500)
        self._poller = zmq.Poller()
        self._poller.register(self._ask, zmq.POLLIN)
        if follow:
            audience = wire.audience_of(role)
            self._follow.setsockopt(zmq.SUBSCRIBE, b"")
            self._follow.connect(f"ipc://{bus}/events-{audience}")
            self._poller.register(self._follow, zmq.POLLIN)
        self._unanswered: dict[str, tuple[bytes, float]] = {}
        self._moment: Moment | None = None
        self._heard_mono_s = 0.0
        self._catching_up_s = -1e9
        self._following = follow

    def now(self) -> Moment | None:
        """The hall's time, carried on from the last heartbeat; None before the first."""
        if self._moment is None:
            return None
        gone_s = time.monotonic() - self._heard_mono_s
        return replace(
            self._moment,
            wall_s=self._moment.wall_s + gone_s,
            day_s=min(DAY_S - 1, int(self._moment.day_s + gone_s)),
        )

    @property
    def forecast(self) -> dict[str, Any] | None:
        """The newest forecast, as in docs/protocol.md; None while there is none to rely on.

        It may be a second behind `hall`: a visit in it may have been called since, and one just
        taken may be missing.
        """
        known = self._forecast
        if known is None or self.stale_since_s is not None or known["epoch"] != self.hall.epoch:
            return None
        return known

    def waits(self) -> dict[str, tuple[int, int]]:
        """What the newest forecast says to somebody coming now, in minutes by queue."""
        queues = (self.forecast or {}).get("queues", {})
        return {
            queue: (wait["low_min"], wait["high_min"])
            for queue, wait in queues.items()
            if wait["low_min"] is not None and wait["high_min"] is not None
        }

    def ask(self, command: Command, command_id: str = "", *, pin: str = "") -> str:
        """Send a command and give its id; the answer comes out of `poll`.

        At a kiosk `pin` opens the technician's commands.
        """
        command_id = command_id or secrets.token_hex(8)
        body = {"ask": "command", "id": command_id, "command": wire.word_out(command)}
        if pin:
            body["pin"] = pin
        self._unanswered[command_id] = (self._send(body), time.monotonic())
        return command_id

    def ask_status(self) -> str:
        """Ask for the daemon's own condition; the answer comes out of `poll`."""
        command_id = secrets.token_hex(8)
        message = self._send({"ask": "status", "id": command_id})
        self._unanswered[command_id] = (message, time.monotonic())
        return command_id

    def wait(self, command_id: str, timeout_s: float) -> Answer | None:
        """The answer to one's own command; None when none came in time.

        Asking again with the same id later gives the same answer.
        """
        until_s = time.monotonic() + timeout_s
        while (left_s := until_s - time.monotonic()) > 0:
            for heard in self.poll(min(left_s, 0.2)):
                if isinstance(heard, Answer) and heard.id == command_id:
                    return heard
        return None

    def poll(self, timeout_s: float) -> list[Heard]:
        """What came since the last poll; waits at most `timeout_s` for the first of it."""
        heard: list[Heard] = []
        self._poller.poll(int(timeout_s * 1000))
        for _ in range(BATCH):
            frames = self._receive(self._follow)
            if frames is None:
                break
            heard += self._followed(frames)
        for _ in range(BATCH):
            frames = self._receive(self._ask)
            if frames is None:
                break
            heard += self._answered(frames)
        self._keep_up()
        return heard

    def close(self) -> None:
        """Leave the bus."""
        self._ask.close()
        self._follow.close()
        self._context.term()

    def _send(self, body: dict[str, Any]) -> bytes:
        message = wire.dumps({"v": wire.VERSION, "from": self.name, **body})
        self._push(message)
        return message

    def _push(self, message: bytes) -> None:
        try:
            self._ask.send(message, zmq.DONTWAIT)
        except zmq.Again:
            return  # nobody is there: _keep_up sends it again

    @staticmethod
    def _receive(socket: "zmq.Socket[bytes]") -> list[bytes] | None:
        try:
            return socket.recv_multipart(zmq.DONTWAIT)
        except zmq.Again:
            return None

    def _followed(self, frames: list[bytes]) -> list[Heard]:
        message = wire.loads_own(frames[-1])
        if frames[0] == b"heartbeat":
            self._moment = wire.moment_in(message["now"])
            self._heard_mono_s = time.monotonic()
            if message["epoch"] != self.hall.epoch or message["seq"] > self.hall.seq:
                self._catch_up()
            else:
                self.stale_since_s = None
            return []
        if frames[0] == b"forecast":
            self._forecast = message
            return []
        return self._happened(message)

    def _happened(self, message: dict[str, Any]) -> list[Heard]:
        recorded = wire.recorded_in(message["recorded"])
        mine = self.hall.seq
        if self.hall.rules is None or recorded.epoch != self.hall.epoch or message["prev"] > mine:
            self._catch_up()
            return []
        if recorded.seq <= mine:
            return []
        apply(self.hall, recorded)
        return [recorded]

    def _catch_up(self) -> None:
        """Ask for what was missed; at most once a second, since each answer is large."""
        now_s = time.monotonic()
        if now_s - self._catching_up_s < RESEND_S:
            return
        self._catching_up_s = now_s
        if self.hall.rules is None:
            self._send({"ask": "snapshot", "id": ""})
        else:
            since = {"epoch": self.hall.epoch, "since": self.hall.seq}
            self._send({"ask": "replay", "id": "", **since})

    def _answered(self, frames: list[bytes]) -> list[Heard]:
        message = wire.loads_own(frames[-1])
        if "snapshot" in message:
            self._catching_up_s = -1e9
            self.hall = wire.hall_in(message["snapshot"])
            self.stale_since_s = None
            return [Snapshot(self.hall.seq)]
        if "replay" in message:
            return self._replayed(message)
        self._unanswered.pop(message["id"], None)
        return [
            Answer(
                id=message["id"],
                ok=message["ok"],
                result=message.get("result", {}),
                code=message.get("code", ""),
                words=message.get("words", {}),
            )
        ]

    def _replayed(self, message: dict[str, Any]) -> list[Heard]:
        self._catching_up_s = -1e9
        found: list[Heard] = []
        for body in message["replay"]:
            recorded = wire.recorded_in(body)
            if recorded.seq > self.hall.seq:
                apply(self.hall, recorded)
                found.append(recorded)
        self.hall.seq = max(self.hall.seq, message["seq"])
        self.stale_since_s = None
        return found

    def _keep_up(self) -> None:
        now_s = time.monotonic()
        if self._following and self._moment and now_s - self._heard_mono_s > STALE_S:
            self.stale_since_s = self._moment.wall_s
            self._forecast = None  # one from before would be too old when the hall is back
        for command_id, (message, sent_s) in list(self._unanswered.items()):
            if now_s - sent_s > RESEND_S:
                self._push(message)
                self._unanswered[command_id] = (message, now_s)
