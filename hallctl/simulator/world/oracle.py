"""Whether the promises were kept, judged from outside: what was let out against what is on disk.

Nothing of `step` is asked. The oracle is told what the daemon stores, publishes, answers and what
came out on paper; after every restart it reads the journal with its own SQL and its own hashes.
"""

import hashlib
import json
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import apsw

from hallctl import wire
from hallctl.bus.messages import Request
from hallctl.core.events import Recorded
from hallctl.journal import Journal
from hallctl.simulator.world.ledger import Broken, Ledger, TwoDays

LAST_KEPT = 30
AT_THE_BUS = frozenset({"not_allowed", "not_yours", "unreadable", "version", "too_fast"})
"""Refusals that no hall was asked for, so that nothing is stored."""
PROVE_AGAIN = 40


@dataclass(slots=True)
class InFlight:
    """A commit that began and was not acknowledged: after a restart it is there whole, or not."""

    recorded: list[Recorded]
    answers: list[tuple[str, bytes]]


@dataclass
class Oracle:
    """Hears all that matters; `last` are the newest events, for whoever looks at a failure."""

    ledger: Ledger = field(default_factory=Ledger)
    last: deque[Recorded] = field(default_factory=lambda: deque(maxlen=LAST_KEPT))
    heads: dict[int, str] = field(default_factory=dict)
    """Sequence → the chain's head that the daemon had then."""
    answered: TwoDays[bytes] = field(default_factory=TwoDays)
    """What was answered, by the command's full id."""
    asked: TwoDays[bool] = field(default_factory=TwoDays)
    """Every command that any program has meant to give."""
    hearers: list[Callable[[Sequence[Recorded]], None]] = field(default_factory=list)
    """Told of every commit that counts."""
    in_flight: InFlight | None = None
    commands: int = 0
    events: int = 0
    followed: int = 0
    """How often a follower was compared with the hall."""
    slips: int = 0
    _proved: tuple[int, bytes] = (0, bytes(32))
    _heard: TwoDays[dict[str, Any]] = field(default_factory=TwoDays)

    # What the daemon does

    def committing(
        self, recorded: Sequence[Recorded], answers: Sequence[tuple[str, bytes]]
    ) -> None:
        """A commit begins."""
        self.in_flight = InFlight(list(recorded), list(answers))

    def committed(self, head: str) -> None:
        """It has returned: from here on it must never be lost."""
        done, self.in_flight = self.in_flight, None
        assert done is not None
        self._take_in(done)
        self.heads = {self.ledger.seq: head}

    def _take_in(self, done: InFlight) -> None:
        self.events += len(done.recorded)
        for one in done.recorded:
            self.last.append(one)
            kind = type(one.event).__name__
            if kind == "TicketIssued" and not self.asked.get(one.command):
                raise Broken("nobody is given a ticket that was not asked for", one)
            if kind == "DayOpened":
                for kept in (self.asked, self.answered, self._heard):
                    kept.new_day()
            if kind == "DeviceFaulted" and one.event.code == "driver_error":  # type: ignore[attr-defined]
                raise Broken("a driver never trips", one.event)
        self.ledger.committed(done.recorded)
        for hears in self.hearers:
            hears(done.recorded)

    def published(self, recorded: Iterable[Recorded]) -> None:
        """Events go out to followers."""
        for one in recorded:
            if one.seq > self.ledger.seq or self.in_flight is not None:
                raise Broken("nothing is published before it is on disk", one)

    def replied(self, request: Request, body: dict[str, Any], stored: bytes | None) -> None:
        """A command is answered; `stored` is what the journal has as its answer."""
        if request.command is None:
            return
        if self.in_flight is not None:
            raise Broken("nothing is answered before it is on disk", request.key)
        self.commands += 1
        if body.get("code") in AT_THE_BUS:
            return
        told = wire.dumps(body)
        if stored is None or stored != told:
            raise Broken("an answer is stored as it is told", f"{request.key}: {told!r}")
        before = self.answered.put(request.key, told)
        if before != told:
            raise Broken("the same command has one answer", f"{request.key}: {before!r} {told!r}")

    def heard(self, asker: str, message: dict[str, Any]) -> None:
        """A program has got an answer to a command of its own, for the first time or again."""
        if message.get("code") in AT_THE_BUS:
            return
        kept = {k: v for k, v in message.items() if k != "v"}
        before = self._heard.put(f"{asker}:{message['id']}", kept)
        if before != kept:
            raise Broken("an acknowledged answer stays what it was", f"{before} {kept}")
        label = message.get("result", {}).get("label", "")
        given = self.ledger.commands.get(f"{asker}:{message['id']}")
        if given and label != given:
            raise Broken("the ticket that was told is the one in the journal", f"{label} {given}")

    # What is on disk

    def reopened(self, journal: Journal, vfs: str | None) -> None:
        """A process has opened the journal: everything let out must be in it, and nothing else."""
        db = apsw.Connection(str(journal.path), flags=apsw.SQLITE_OPEN_READONLY, vfs=vfs)
        try:
            self._adopt(db)
            self._prove(db, journal.path)
            self._answers(db)
        finally:
            db.close()

    def _adopt(self, db: apsw.Connection) -> None:
        """The commit in flight counts if it is there; it is whole, or not at all."""
        waiting, self.in_flight = self.in_flight, None
        if waiting is None:
            return
        there = [_one(db, "SELECT 1 FROM events WHERE seq=?", r.seq) for r in waiting.recorded]
        there += [_one(db, "SELECT 1 FROM answers WHERE id=?", key) for key, _ in waiting.answers]
        if any(there) and not all(there):
            raise Broken("a commit is there whole or not at all", waiting.recorded)
        if there and all(there):
            self._take_in(waiting)
            head = _one(db, "SELECT hash FROM events WHERE seq=?", self.ledger.seq)
            self.heads = {self.ledger.seq: bytes(head or b"").hex()}

    def _prove(self, db: apsw.Connection, path: Path) -> None:
        """The chain from where it was proved last, by our own arithmetic, to the daemon's head."""
        seq, head = self._proved
        query = "SELECT seq, body, hash FROM events WHERE seq>? ORDER BY seq"
        for found, body, stored in db.execute(query, (seq,)):
            if found != seq + 1:
                raise Broken("events lie on disk without a gap", f"{path}: {found} after {seq}")
            head = hashlib.sha256(head + found.to_bytes(8, "big") + body).digest()
            if head != stored:
                raise Broken("the chain verifies", f"{path}: event {found}")
            if json.loads(body)["seq"] != found:
                raise Broken("an event stands in its place", f"{path}: event {found}")
            seq = found
            if seq in self.heads and self.heads[seq] != head.hex():
                raise Broken("what was durable stays what it was", f"{path}: event {found}")
        if seq < self.ledger.seq:
            raise Broken("nothing acknowledged is lost", f"{self.ledger.seq} then {seq}")
        if seq > self.ledger.seq:
            raise Broken("nothing is on disk that nobody stored", f"{seq} for {self.ledger.seq}")
        self._proved = seq, head
        self.heads = {seq: head.hex()}

    def _answers(self, db: apsw.Connection) -> None:
        """The newest answers are there as they were told."""
        for key, told in self.answered.last(PROVE_AGAIN):
            stored = _one(db, "SELECT answer FROM answers WHERE id=?", key)
            if stored != told:
                raise Broken("an answer outlives the process", f"{key}: {stored!r}")

    def reread(self, path: Path, vfs: str | None) -> str:
        """The whole journal once more, from the first event; gives its head."""
        self._proved = (0, bytes(32))
        db = apsw.Connection(str(path), flags=apsw.SQLITE_OPEN_READONLY, vfs=vfs)
        try:
            self._prove(db, path)
            twice = _one(db, _TWICE)
        finally:
            db.close()
        if twice:
            raise Broken("a number is given once", twice)
        return self._proved[1].hex()

    # What is on paper

    def came_out(self, labels: Sequence[str], *, copy: bool, papers: dict[str, int]) -> None:
        """A slip was cut. `papers` counts the unmarked ones of each visit so far."""
        self.slips += 1
        for place, label in enumerate(labels, 1):
            visit = self.ledger.labels.get(label)
            if visit is None:
                raise Broken("what is on paper was issued", label)
            if self.ledger.comes_from_overnight(label):
                continue
            if place < len(labels):  # half a slip, behind which the process ended
                if not self.ledger.doubtful.get(visit):
                    raise Broken("one slip holds one ticket", labels)
                continue
            if copy:
                if not self.ledger.copies.get(visit):
                    raise Broken("a copy was asked for", visit)
                continue
            papers[visit] = papers.get(visit, 0) + 1
            if papers[visit] > 1:
                raise Broken("a ticket printed twice says so", visit)


_TWICE = """SELECT day, queue, number FROM (
    SELECT substr(json_extract(CAST(body AS TEXT), '$.event.visit'), 1, 10) AS day,
           json_extract(CAST(body AS TEXT), '$.event.queue') AS queue,
           json_extract(CAST(body AS TEXT), '$.event.number') AS number
    FROM events WHERE type='TicketIssued') GROUP BY 1, 2, 3 HAVING count(*) > 1 LIMIT 1"""


def _one(db: apsw.Connection, query: str, *values: Any) -> Any:  # noqa: ANN401 - a column
    row = db.execute(query, values).fetchone()
    return row[0] if row else None
