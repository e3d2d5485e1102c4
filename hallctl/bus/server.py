"""The daemon's side of the bus: its local sockets and, where there is a key pair, the network.

Events go out once for each audience, public and staff; each message carries the sequence published
before it to that audience, so that a follower sees a gap. docs/protocol.md is the contract.
"""

import logging
import math
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Final

from hallctl import wire
from hallctl.bus.lan import LanDoors, asker
from hallctl.bus.limits import Rates, Refusals
from hallctl.bus.local import AUDIENCES, Context, Doors, LocalDoors, Socket
from hallctl.bus.messages import LAN, Answer, Ready, Request, Unreadable, read, refused
from hallctl.bus.noting import KeyNotes
from hallctl.config.network_file import Network
from hallctl.core import commands as c
from hallctl.core.events import Recorded
from hallctl.core.moment import Moment
from hallctl.keyring import Keyring
from hallctl.roles import MAY, Standing, refusal

log = logging.getLogger("hallctl")

TICK_S: Final = 1.0
EVIDENCE_MOST: Final = 120


class Bus:
    """Binds its endpoints in `folder`, and those of `network`. For the loop's thread only.

    `pin` tells whether a technician's PIN, typed at a kiosk, is right; None for no such menu.
    A simulation hands in its `doors`. Raises KeyringError when it is to listen and the hall has no
    key pair.
    """

    def __init__(
        self,
        folder: Path,
        context: Context,
        pin: Callable[[str], bool] | None = None,
        network: Network | None = None,
        keyring: Keyring | None = None,
        doors: Doors | None = None,
    ) -> None:
        self._pin = pin
        self._keyring = keyring
        self._refusals = Refusals()
        self._lan: LanDoors | None = None
        self._rates = Rates(1.0, 1)
        self._now_s = 0.0
        self._tick_s = -math.inf
        if network is not None and network.listen and keyring is not None:
            self._rates = Rates(network.rate, network.burst)
            self._lan = LanDoors(network, keyring, context, self._refusals, self._rates)
        self._local = doors or LocalDoors(folder, context)
        self.last = dict.fromkeys(AUDIENCES, 0)
        self._keys = KeyNotes(keyring) if keyring is not None else None

    @property
    def refused(self) -> int:
        """How often somebody was turned away."""
        return self._refusals.counted.total()

    def condition(self) -> dict[str, Any]:
        """What `hallctl status` tells of the bus: refusals by code, and the network's side."""
        connections = len(self._lan.connections) if self._lan else 0
        return {
            "refused": dict(sorted(self._refusals.counted.items())),
            "connections": connections,
            "listening": self._lan is not None and self._lan.listening,
            "keys_digest": self._keyring.digest if self._keyring else "",
        }

    def begin(self, seq: int) -> None:
        """Let the sequences go on after the journal's last event."""
        self.last = dict.fromkeys(AUDIENCES, seq)

    def tick(self, now: Moment) -> None:
        """Before each turn: who came and went, and whether the keys are still the same."""
        self._now_s = now.mono_s
        due = self._now_s >= self._tick_s + TICK_S
        if self._keyring is not None and (due or self._lan is not None) and self._keyring.refresh():
            if self._keyring.problem is not None:
                log.error("nobody is let in from the network: %s", self._keyring.problem)
            if self._lan is not None:
                self._lan.keys_changed()
        if self._lan is not None:
            self._lan.turn(self._now_s)
        if not due:
            return
        self._tick_s = self._now_s
        self._rates.forget(self._now_s)
        if self._lan is not None:
            self._lan.tick(self._now_s)

    def receive(self, most: int, ready: Ready = None) -> list[Request]:
        """What waits at all endpoints, at most `most` of each; what may not be is answered.

        `ready` names the local ones to look at.
        """
        found = []
        for role, frames in self._local.receive(most, ready):
            found.append(self._read(Standing(role), "", role, frames[0], frames[1:]))
        if self._lan is not None:
            for identity, key, frames in self._lan.receive(most):
                found.append(self._from_afar(identity, key, frames))
        return [request for request in found if request is not None]

    def _from_afar(self, identity: bytes, key: bytes, frames: list[bytes]) -> Request | None:
        """A request by its connection's key; nobody is heard whose key is not enrolled now."""
        assert self._keyring is not None
        enrolled = self._keyring.find(key)
        if enrolled is None:
            self._turn_away("tcp", "revoked", "")
            self._send(LAN, identity, wire.message({"id": "", **refused("revoked")}))
            return None
        who = asker(enrolled)
        if not self._rates.hears(key, self._now_s):
            self._too_fast(key, who, "")
            return None
        request = self._read(enrolled.standing, enrolled.name, LAN, identity, frames)
        ask = request.message["ask"] if request else ""
        wait_s = self._rates.wait_s(key, ask, self._now_s)
        if wait_s <= 0:
            return request
        if request is not None:
            self.reply(request, refused("too_fast", wait_s=math.ceil(wait_s)))
        self._too_fast(key, who, ask)
        return None

    def _too_fast(self, key: bytes, who: str, ask: str) -> None:
        self._turn_away(who, "too_fast", ask)
        if self._rates.refused(key, self._now_s) and self._lan is not None:
            self._lan.cut_key(key)

    def _read(
        self, standing: Standing, name: str, way: str, identity: bytes, frames: list[bytes]
    ) -> Request | None:
        """A request that may be; any other is answered here. `name` is the key's, "" locally."""
        try:
            message, command = read(frames, named=not name)
        except Unreadable as problem:
            who = f"{standing}:{name}" if name else str(standing)
            self._turn_away(who, problem.code, str(problem))
            self._send(way, identity, wire.message(problem.body()))
            return None
        request = Request(standing, name or message["from"], way, identity, message, command)
        if command is None:
            return request
        code = self._refusal(standing, command, message.get("pin"))
        if not code:
            return request
        kind = type(command).__name__
        self._turn_away(request.actor, code, kind)
        self.reply(request, refused(code, command=kind, place=str(standing)))
        return None

    def _refusal(self, standing: Standing, command: c.Command, pin: object) -> str:
        """Why not; at a kiosk the technician's PIN opens the technician's acts."""
        code = refusal(standing, command)
        if code != "not_allowed" or standing.role != "kiosk" or not isinstance(pin, str):
            return code
        opens = type(command).__name__ in MAY["technician"] and self._pin is not None
        return "" if opens and self._pin is not None and self._pin(pin) else code

    def _turn_away(self, who: str, code: str, what: str) -> None:
        shown = "".join(letter if letter.isprintable() else "?" for letter in what)
        self._refusals.note(who, code, shown[:EVIDENCE_MOST])

    def reply(self, request: Request, body: Answer) -> None:
        """Answer a request."""
        asked = {"id": request.message["id"]}
        if isinstance(body, wire.Written):
            self._send(request.way, request.identity, wire.joined(wire.message(asked), body))
        else:
            self._send(request.way, request.identity, wire.message({**asked, **body}))

    def _send(self, way: str, identity: bytes, message: bytes) -> None:
        if way != LAN:
            self._local.send(way, identity, message)
        elif self._lan is not None:
            self._lan.send(identity, message)

    def publish(self, recorded: Sequence[Recorded]) -> None:
        """Publish events, in order, to those who may follow them."""
        for one in recorded:
            if one.event.AUDIENCE == "private":
                continue
            topic = type(one.event).__name__.encode()
            heard = AUDIENCES if one.event.AUDIENCE == "public" else ("staff",)
            for audience in heard:
                body = wire.stored(one)
                if wire.hidden(one.event, audience):
                    body = wire.dumps(wire.told_out(one, audience))
                message = b'{"v":%d,"prev":%d,"recorded":%b}'
                message %= wire.VERSION, self.last[audience], body
                self._tell(audience, [topic, str(one.seq).encode(), message])
                self.last[audience] = one.seq

    def heartbeat(self, epoch: str, now: Moment) -> None:
        """Tell followers that the hall lives, what time it is, and the last sequence."""
        for audience in AUDIENCES:
            seq = self.last[audience]
            body = {"v": wire.VERSION, "epoch": epoch, "seq": seq, "now": wire.plain(now)}
            self._tell(audience, [b"heartbeat", str(seq).encode(), wire.dumps(body)])

    def forecast(self, body: dict[str, Any]) -> None:
        """Tell all followers what may be expected. It is no event and leaves no gap when missed."""
        frames = [b"forecast", str(body["seq"]).encode(), wire.dumps({"v": wire.VERSION, **body})]
        for audience in AUDIENCES:
            self._tell(audience, frames)

    def _tell(self, audience: str, frames: list[bytes]) -> None:
        self._local.publish(audience, frames)
        if self._lan is not None:
            self._lan.publish(audience, frames)

    def notes(self, now: Moment) -> c.NoteBus | None:
        """What is to be journalled of the bus itself; None for nothing.

        What was given the last time counts as journalled: the daemon stores it, or ends.
        """
        enrolled, revoked = self._keys.take() if self._keys else ((), ())
        turned = self._refusals.take(now.mono_s)
        if not (turned or enrolled or revoked):
            return None
        return c.NoteBus(turned=turned, enrolled=enrolled, revoked=revoked)

    def wait_on(self) -> list[Socket]:
        """The sockets that something comes in by."""
        return [*self._local.wait_on(), *(self._lan.wait_on() if self._lan else ())]

    def close(self) -> None:
        """Close all endpoints."""
        if self._keys is not None:
            self._keys.keep()
        self._local.close()
        if self._lan is not None:
            self._lan.close()
