"""Questions about the hall, answered after the turn's events: they change nothing."""

import logging
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, Protocol

from hallctl import wire
from hallctl.bus.messages import VERSIONS, Request
from hallctl.chain import JournalError
from hallctl.core.hall import Hall
from hallctl.core.moment import Moment
from hallctl.core.view import tickets_left
from hallctl.journal import Journal

log = logging.getLogger("hallctl")

REPLAY_MOST: Final = 1000


class Told(Protocol):
    """What the bus knows of itself."""

    last: dict[str, int]

    @property
    def refused(self) -> int:
        """How often somebody was turned away."""

    def condition(self) -> dict[str, Any]:
        """Its condition, `keys_digest` among it."""


@dataclass(slots=True)
class Answering:
    """Answers from a hall, its journal and its bus. `sights` gives each device's wire."""

    hall: Hall
    journal: Journal
    bus: Told
    now: Callable[[], Moment]
    sights: Callable[[], Mapping[str, object]]
    since: Moment
    damage: str = field(default="", init=False)
    """The last damage met while reading the journal back, in words."""

    def __call__(self, request: Request) -> dict[str, Any]:
        """The answer to a request without a command."""
        match request.message["ask"]:
            case "status":
                return {"ok": True, "result": self.status()}
            case "hello":
                return {"ok": True, "result": self._hello(request)}
            case "replay":
                return self._replay(request)
            case _:
                return self._snapshot(request)

    def _hello(self, request: Request) -> dict[str, Any]:
        rules = self.hall.rules
        return {
            "versions": list(VERSIONS),
            "hall": rules.hall if rules else "",
            "role": str(request.standing),
            "name": request.name,
            "now": wire.plain(self.now()),
            "max_bytes": wire.MAX_BYTES,
        }

    def _snapshot(self, request: Request) -> dict[str, Any]:
        snapshot = wire.hall_written(self.hall, request.standing.audience)
        return {"ok": True, "snapshot": snapshot, "now": wire.plain(self.now())}

    def _replay(self, request: Request) -> dict[str, Any]:
        since = request.message.get("since")
        same = request.message.get("epoch") == self.hall.epoch
        if not same or type(since) is not int or not 0 <= since <= self.hall.seq:
            return self._snapshot(request)
        try:
            missed = self.journal.since(since, REPLAY_MOST + 1)
        except JournalError as problem:
            self._met(str(problem))
            return self._snapshot(request)
        if len(missed) > REPLAY_MOST:
            return self._snapshot(request)
        audience = request.standing.audience
        told = ("public",) if audience == "public" else ("public", "staff")
        events = [wire.told_out(m, audience) for m in missed if m.event.AUDIENCE in told]
        now = wire.plain(self.now())
        return {"ok": True, "replay": events, "seq": self.bus.last[audience], "now": now}

    def _met(self, damage: str) -> None:
        """The hall in memory is sound, and nobody is told what is not: so the day goes on."""
        if damage != self.damage:
            log.error("%s - after closing: the hall goes on from memory until then", damage)
        self.damage = damage

    def status(self) -> dict[str, Any]:
        """The daemon's own condition, for `hallctl status` and monitors."""
        now = self.now()
        hall = self.hall
        bus = self.bus.condition()
        return {
            "pid": os.getpid(),
            "up_s": round(now.mono_s - self.since.mono_s, 1),
            "now": wire.plain(now),
            "day": hall.day,
            "opening": hall.opening,
            "epoch": hall.epoch,
            "seq": hall.seq,
            "head": self.journal.head,
            "waiting": {q.id: hall.lines.count(q.id) for q in hall.rules.queues}
            if hall.rules
            else {},
            "windows": [wire.plain(w) for _, w in sorted(hall.windows.items())],
            "alerts": [wire.plain(a) for a in hall.alerts.values()],
            "devices": [wire.plain(d) for _, d in sorted(hall.devices.items())],
            "wires": [wire.plain(s) for _, s in sorted(self.sights().items())],
            "tests": [wire.plain(t) for t in hall.tests.values()],
            "rehearsals": [wire.plain(x) for x in hall.rehearsals.values()],
            "paper_left": {
                f.device: tickets_left(hall, f.device)
                for f in (hall.rules.fittings if hall.rules else ())
                if f.kind == "printer"
            },
            "jobs_open": [wire.plain(j) for j in hall.jobs.values() if j.status != "printed"],
            "room": wire.plain(self.journal.reserve.room),
            "unreadable_requests": self.bus.refused,
            "keys_digest": bus.pop("keys_digest", ""),
            "bus": bus,
        }
