"""The ZeroMQ server: events out (PUB), commands, snapshots and replays in and out (ROUTER).

Locally one ipc endpoint a role (0660, the hall's group): the socket you may open is the role you
have. Events go out on two sockets, public and staff; each message carries the sequence published
before it on that socket, so that a follower sees a gap. docs/protocol.md is the contract.
"""

import contextlib
import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import zmq

from hallctl import wire
from hallctl.core import commands as c
from hallctl.core.events import Recorded
from hallctl.core.moment import Moment
from hallctl.texts import say

LONGEST_PATH = 90
"""A unix socket's path ends at 107 bytes; the endpoint's own name needs some of them."""

_WINDOW = {
    "CallNext", "CallTicket", "CallBack", "Recall", "Start", "Finish", "MarkNoShow", "Undo",
    "Hold", "Transfer", "AddMatter", "SetItem", "ServeWalkUp", "RaiseStuck", "SignOn", "SignOff",
    "Pause", "Resume", "PrintNotice", "ConfirmClear",
}  # fmt: skip
_KIOSK = {
    "IssueTicket", "PrintMaterials", "Reprint", "CancelTicket", "Rejoin", "AskHelp", "ReportShown",
}  # fmt: skip
_GUIDE = {"ChangeClass", "AnswerHelp", "LoadPaper", "StartEvacuation", "EndEvacuation"}
_TECHNICIAN = {
    "TestDevice", "StopTest", "ReportFindings", "PrintTests", "LoadPaper", "RehearseVisit",
    "EndRehearsal", "PrintMaterials", "ReportShown",
}  # fmt: skip
_SUPERVISOR = {
    "OpenQueue", "CloseQueue", "SetWindowQueues", "SetHelping", "SetNotices", "ExtendHours",
}  # fmt: skip
MAY: dict[str, frozenset[str]] = {
    "kiosk": frozenset(_KIOSK),
    "screen": frozenset({"ReportShown"}),
    "pad": frozenset({"Rate", "GiveReasons", "ReportShown"}),
    "window": frozenset(_WINDOW | {"AskHelp", "ReportShown"}),
    "guide": frozenset(_KIOSK | _WINDOW | _GUIDE),
    "technician": frozenset(_TECHNICIAN),
    "supervisor": frozenset(_KIOSK | _WINDOW | _GUIDE | _SUPERVISOR),
}
"""Which role may send which command. Nobody but a resident's pad rates."""

AUDIENCES = ("public", "staff")


@dataclass(frozen=True, slots=True)
class Request:
    """A message that was read and is allowed; `command` is None for a question."""

    role: str
    identity: bytes
    message: dict[str, Any]
    command: c.Command | None

    @property
    def actor(self) -> str:
        """Who asks, as the journal names it."""
        return f"{self.role}:{self.message.get('from', '?')}"

    @property
    def key(self) -> str:
        """The asker's id for the command, apart from other askers' ids."""
        return f"{self.actor}:{self.message['id']}"


class Bus:
    """Binds its endpoints in `folder`. All methods belong to the loop's thread.

    `pin` tells whether a technician's PIN, typed at a kiosk, is right; None for no such menu.
    """

    def __init__(
        self,
        folder: Path,
        context: "zmq.Context[zmq.Socket[bytes]]",
        pin: Callable[[str], bool] | None = None,
    ) -> None:
        folder.mkdir(mode=0o750, parents=True, exist_ok=True)
        self._context = context
        self._pin = pin
        self.routers = {role: self._bind(zmq.ROUTER, folder / role) for role in MAY}
        self._publishers = {a: self._bind(zmq.PUB, folder / f"events-{a}") for a in AUDIENCES}
        self.last = dict.fromkeys(AUDIENCES, 0)
        self.refused = 0

    def _bind(self, kind: int, path: Path) -> "zmq.Socket[bytes]":
        socket = self._context.socket(kind)
        socket.setsockopt(zmq.LINGER, 200)
        socket.setsockopt(zmq.MAXMSGSIZE, wire.MAX_BYTES * 2)
        socket.setsockopt(zmq.SNDHWM, 10_000)
        socket.setsockopt(zmq.RCVHWM, 1000)
        if kind == zmq.ROUTER:
            socket.setsockopt(zmq.ROUTER_HANDOVER, 1)
        socket.bind(f"ipc://{path}")
        path.chmod(0o660)
        return socket

    def begin(self, seq: int) -> None:
        """Let the sequences go on after the journal's last event."""
        self.last = dict.fromkeys(AUDIENCES, seq)

    def receive(self, most: int) -> list[Request]:
        """What waits at all endpoints, at most `most` of each, malformed messages answered."""
        found = []
        for role, router in self.routers.items():
            for _ in range(most):
                try:
                    frames = router.recv_multipart(zmq.DONTWAIT)
                except zmq.Again:
                    break
                request = self._read(role, frames)
                if request is not None:
                    found.append(request)
        return found

    def _read(self, role: str, frames: list[bytes]) -> Request | None:
        identity, message = frames[0], {}
        try:
            message = _message(frames[1:])
            command = None
            if message["ask"] == "command":
                command = wire.command_in(message.get("command"))
        except wire.WireError as problem:
            self.refused += 1
            asked = message.get("id", "") if isinstance(message, dict) else ""
            words = {"zh": f"收到的请求读不懂：{problem}", "en": f"Unreadable request: {problem}"}
            body = {"id": asked, "ok": False, "code": "unreadable", "words": words}
            self._send(role, identity, body)
            return None
        request = Request(role, identity, message, command)
        if command is not None and not self._may(role, command, message.get("pin")):
            self.refused += 1
            self.reply(request, not_allowed(type(command).__name__))
            return None
        return request

    def _may(self, role: str, command: c.Command, pin: object) -> bool:
        """What the role may; at a kiosk the technician's PIN opens the technician's acts."""
        name = type(command).__name__
        if name in MAY[role]:
            return True
        opens = role == "kiosk" and name in MAY["technician"] and isinstance(pin, str)
        return bool(opens and self._pin is not None and self._pin(str(pin)))

    def reply(self, request: Request, body: dict[str, Any]) -> None:
        """Answer a request; an asker that has gone is no error (it asks again when back)."""
        self._send(request.role, request.identity, {"id": request.message["id"], **body})

    def _send(self, role: str, identity: bytes, body: dict[str, Any]) -> None:
        with contextlib.suppress(zmq.ZMQError):
            message = wire.dumps({"v": wire.VERSION, **body})
            self.routers[role].send_multipart([identity, message], zmq.DONTWAIT)

    def publish(self, recorded: Sequence[Recorded]) -> None:
        """Publish events, in order, to those who may follow them."""
        for one in recorded:
            if one.event.AUDIENCE == "private":
                continue
            body = wire.recorded_out(one)
            topic = type(one.event).__name__.encode()
            heard = AUDIENCES if one.event.AUDIENCE == "public" else ("staff",)
            for audience in heard:
                message = {"v": wire.VERSION, "prev": self.last[audience], "recorded": body}
                frames = [topic, str(one.seq).encode(), wire.dumps(message)]
                self._publishers[audience].send_multipart(frames)
                self.last[audience] = one.seq

    def heartbeat(self, epoch: str, now: Moment) -> None:
        """Tell followers that the hall lives, what time it is, and the last sequence."""
        for audience, socket in self._publishers.items():
            seq = self.last[audience]
            body = {"v": wire.VERSION, "epoch": epoch, "seq": seq, "now": wire.plain(now)}
            socket.send_multipart([b"heartbeat", str(seq).encode(), wire.dumps(body)])

    def forecast(self, body: dict[str, Any]) -> None:
        """Tell all followers what may be expected. It is no event and leaves no gap when missed."""
        frames = [b"forecast", str(body["seq"]).encode(), wire.dumps({"v": wire.VERSION, **body})]
        for socket in self._publishers.values():
            socket.send_multipart(frames)

    def wait_on(self) -> "list[zmq.Socket[bytes]]":
        """The sockets that requests come in by."""
        return list(self.routers.values())

    def close(self) -> None:
        """Close all endpoints."""
        for socket in (*self.routers.values(), *self._publishers.values()):
            socket.close()


def not_allowed(command: str) -> dict[str, Any]:
    """The refusal of a command the role may not send."""
    words = {lang: say(lang, "refused.not_allowed", command=command) for lang in ("zh", "en")}
    return {"ok": False, "code": "not_allowed", "words": words}


def _message(frames: list[bytes]) -> dict[str, Any]:
    """One message of one frame. Raises WireError."""
    if len(frames) != 1:
        raise wire.WireError(f"{len(frames)} frames; a message is one frame of JSON")
    message = wire.loads(frames[0])
    if not isinstance(message, dict):
        raise wire.WireError("a message is a JSON object")
    if message.get("v") != wire.VERSION:
        raise wire.WireError(f"v: {message.get('v')!r:.20}; this daemon speaks {wire.VERSION}")
    if message.get("ask") not in ("command", "snapshot", "replay", "status"):
        raise wire.WireError("ask: must be command, snapshot, replay or status")
    for key in ("id", "from"):
        value = message.get(key)
        if not isinstance(value, str) or len(value) > 64 or not value.isprintable():  # noqa: PLR2004
            raise wire.WireError(f"{key}: at most 64 printable characters")
    if message["ask"] == "command" and not message["id"]:
        raise wire.WireError("id: a command needs one, so that it acts once")
    return message


def check_path(folder: Path) -> str:
    """A sentence when endpoints in `folder` cannot be bound, else ""."""
    length = len(os.fsencode(folder))
    if length <= LONGEST_PATH:
        return ""
    return f"{folder}: {length} bytes are too long for a socket's path; give --state a shorter one"
