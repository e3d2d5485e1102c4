"""The hall as a follower has it: a snapshot, then events, with nothing missing between them.

Pure: messages come in, words for the caller and questions for the daemon go out; the steady clock
is handed in as `at_s`. Messages may be lost, doubled or come in any order: the mirror asks for
what is missing, holds what came too early, and passes over what it has already. docs/protocol.md
("Following") is the contract.
"""

import logging
from dataclasses import dataclass, replace
from typing import Any, Final, cast

from hallctl import wire
from hallctl.core.applying import apply
from hallctl.core.events import Recorded
from hallctl.core.hall import Hall
from hallctl.core.moment import Moment

log = logging.getLogger(__name__)

STALE_S: Final = 3.0
"""After so long without proof that nothing is missing, a mirror is stale."""
ASK_AGAIN_S: Final = 1.0
"""A question for what is missing is asked again after so long, then after twice that, …"""
ASK_AGAIN_MOST_S: Final = 4.0
HELD_MOST: Final = 2000
"""Events held because one before them is missing; beyond it a replay brings them again."""
QUESTIONS_MOST: Final = 16
DAY_S: Final = 86400
ID: Final = "mirror-"
"""How the ids of the mirror's own questions begin."""


@dataclass(frozen=True, slots=True)
class Snapshot:
    """The mirror was replaced as a whole (first contact, or too much was missed)."""

    seq: int


@dataclass(frozen=True, slots=True)
class Stale:
    """The hall is silent. `since_s` is hall time (UNIX), from which on something may be missing."""

    since_s: float


@dataclass(frozen=True, slots=True)
class Fresh:
    """The hall is heard again, and nothing is missing."""


Change = Recorded | Snapshot | Stale | Fresh


@dataclass(frozen=True, slots=True)
class _Question:
    """What was asked of the daemon: everything behind `since` of `epoch`, or a snapshot."""

    number: int
    epoch: str
    since: int


class Mirror:
    """Follows one hall. `hall` is replaced by a snapshot and changed by events: read it only."""

    def __init__(self, at_s: float) -> None:
        self.hall = Hall()
        self.unreadable = ""
        """Why the daemon's snapshot cannot be read: another version of hallctl; "" when it can."""
        self.spoken = ""
        """The version of the protocol in which events come, when it is not ours."""
        self._distrusted = False
        """Whether only a snapshot helps: an event could not be read, or did not fit."""
        self._behind = True
        self._held: dict[int, tuple[int, Recorded]] = {}
        """By sequence: events behind one that is missing, with the sequence before each."""
        self._questions: dict[str, _Question] = {}
        self._asked = 0
        self._settled = 0
        """Questions up to this number need no answer any more."""
        self._ask_at_s = at_s
        self._ask_again_s = ASK_AGAIN_S
        self._moment: Moment | None = None
        self._moment_at_s = 0.0
        self._whole_at_s: float | None = None
        """When it was last certain that nothing is missing; None before any snapshot."""
        self._stale_since_s: float | None = 0.0
        self._forecast: dict[str, Any] | None = None

    # What it knows.

    @property
    def stale_since_s(self) -> float | None:
        """Hall time since which something may be missing; None while fresh, 0.0 before contact."""
        return self._stale_since_s

    @property
    def complete(self) -> bool:
        """Whether there is a hall to be seen at all, be it stale."""
        return self.hall.rules is not None

    def now(self, at_s: float) -> Moment | None:
        """The hall's time, carried on from when it was last told; None before that."""
        if self._moment is None:
            return None
        gone_s = at_s - self._moment_at_s
        return replace(
            self._moment,
            wall_s=self._moment.wall_s + gone_s,
            mono_s=self._moment.mono_s + gone_s,
            day_s=min(DAY_S - 1, int(self._moment.day_s + gone_s)),
        )

    @property
    def forecast(self) -> dict[str, Any] | None:
        """The newest forecast, as in docs/protocol.md; None while there is none to rely on."""
        known = self._forecast
        if known is None or self._stale_since_s is not None or known["epoch"] != self.hall.epoch:
            return None
        return known

    # What comes in.

    def followed(self, frames: list[bytes], at_s: float) -> list[Change]:
        """A message of the events' socket. What nobody knows is passed over."""
        message = wire.loads_own(frames[-1])
        if message.get("v", wire.VERSION) != wire.VERSION:
            self.spoken = str(message["v"])
            return []
        self.spoken, topic = "", frames[0]
        if topic == b"heartbeat":
            return self._beaten(message, at_s)
        if topic == b"forecast":
            self._forecast = message
            return []
        return self._happened(message, at_s) if "recorded" in message else []

    def mine(self, message: dict[str, Any]) -> bool:
        """Whether an answer is to a question of the mirror."""
        return str(message.get("id", "")).startswith(ID)

    def answered(self, message: dict[str, Any], at_s: float) -> list[Change]:
        """The answer to one of `question`'s; a late one, or one given twice, does no harm."""
        asked = self._questions.pop(message["id"], None)
        if asked is None or asked.number <= self._settled:
            return []
        if "snapshot" in message:
            hall = self._read(message["snapshot"])
            if hall is None:
                return []
            self._settle(asked, at_s + ASK_AGAIN_S)  # they are large: no two in one second
            return self._replaced(hall, message, at_s)
        same = asked.epoch == self.hall.epoch and asked.since <= self.hall.seq
        if "replay" not in message or not same or self._distrusted:
            return []
        self._settle(asked, at_s)
        return self._replayed(message, at_s)

    def passed(self, at_s: float) -> list[Change]:
        """Time has passed: `Stale` once when too much of it passed in silence."""
        if self._stale_since_s is not None or self._whole_at_s is None:
            return []
        if at_s - self._whole_at_s <= STALE_S:
            return []
        then = self.now(self._whole_at_s)
        self._stale_since_s = then.wall_s if then else 0.0
        self._forecast = None  # one from before would be too old when the hall is back
        self._ask_again_s = ASK_AGAIN_S
        return [Stale(self._stale_since_s)]

    # What goes out.

    def question(self, at_s: float) -> dict[str, Any] | None:
        """What to ask the daemon now; None while nothing is missing or an answer may yet come."""
        if not self._behind or at_s < self._ask_at_s:
            return None
        self._ask_at_s = at_s + self._ask_again_s
        self._ask_again_s = min(2 * self._ask_again_s, ASK_AGAIN_MOST_S)
        self._asked += 1
        name = f"{ID}{self._asked}"
        if len(self._questions) >= QUESTIONS_MOST:
            del self._questions[next(iter(self._questions))]
        if self._distrusted or not self.complete:
            self._questions[name] = _Question(self._asked, "", -1)
            return {"ask": "snapshot", "id": name}
        since = _Question(self._asked, self.hall.epoch, self.hall.seq)
        self._questions[name] = since
        return {"ask": "replay", "id": name, "epoch": since.epoch, "since": since.since}

    def unsent(self, at_s: float) -> None:
        """The last question could not be sent: nobody is there yet. It is asked again soon."""
        self._ask_at_s, self._ask_again_s = at_s + ASK_AGAIN_S / 4, ASK_AGAIN_S

    # How it is done.

    def _settle(self, asked: _Question, next_s: float) -> None:
        self._settled = asked.number
        self._ask_at_s, self._ask_again_s = next_s, ASK_AGAIN_S

    def _read(self, snapshot: object) -> Hall | None:
        try:
            hall = wire.hall_in(snapshot)
        except wire.WireError as problem:
            self.unreadable = str(problem)
            return None
        self.unreadable = ""
        return hall

    def _beaten(self, message: dict[str, Any], at_s: float) -> list[Change]:
        self._tell_time(message["now"], at_s)
        if not self.complete or self._distrusted:
            self._behind = True
            return []
        missing = message["epoch"] != self.hall.epoch or message["seq"] > self.hall.seq
        if missing or self._held:
            self._behind = True
            return []
        return self._whole(at_s)

    def _tell_time(self, message: object, at_s: float) -> None:
        self._moment = wire.moment_in(message)
        self._moment_at_s = at_s

    def _whole(self, at_s: float) -> list[Change]:
        """Nothing is missing as of now."""
        again = self._whole_at_s is not None and self._stale_since_s is not None
        self._whole_at_s = at_s
        self._behind = False
        self._stale_since_s = None
        return [Fresh()] if again else []

    def _happened(self, message: dict[str, Any], at_s: float) -> list[Change]:
        body = message["recorded"]
        same = self.complete and body["epoch"] == self.hall.epoch
        if same and body["seq"] <= self.hall.seq:
            return []
        try:
            recorded = wire.recorded_in(body)
        except (wire.WireError, KeyError, TypeError) as problem:
            # A newer hallctl: its snapshot may still be read, for what is unknown is passed over.
            log.info("event %s: %s", body.get("seq"), problem)
            self._distrusted = self._behind = True
            return []
        if len(self._held) >= HELD_MOST:
            self._held.clear()
        self._held[recorded.seq] = (int(message["prev"]), recorded)
        found = self._go_on(at_s)
        self._behind = self._behind or bool(self._held)
        return found

    def _go_on(self, at_s: float) -> list[Change]:
        """Apply what is held as far as nothing is missing before it."""
        found: list[Change] = []
        for seq in sorted(self._held):
            prev, recorded = self._held[seq]
            same = self.complete and recorded.epoch == self.hall.epoch
            if same and seq <= self.hall.seq:
                del self._held[seq]
            elif not same or prev > self.hall.seq or self._distrusted:
                break
            else:
                del self._held[seq]
                found += self._applied(recorded)
        if found and not self._held and not self._distrusted:
            found += self._whole(at_s)
        return found

    def _applied(self, recorded: Recorded) -> list[Change]:
        try:
            apply(self.hall, recorded)
        except (AssertionError, KeyError, AttributeError) as problem:
            log.warning("event %d does not fit: %r; a snapshot is taken", recorded.seq, problem)
            self._distrusted = self._behind = True
            return []
        return [recorded]

    def _replaced(self, hall: Hall, message: dict[str, Any], at_s: float) -> list[Change]:
        if "now" in message:
            self._tell_time(message["now"], at_s)
        same = self.complete and hall.epoch == self.hall.epoch and not self._distrusted
        found: list[Change] = []
        if not same or hall.seq > self.hall.seq:
            self.hall = hall
            self._distrusted = False
            found.append(Snapshot(hall.seq))
        return found + self._caught_up(at_s)

    def _replayed(self, message: dict[str, Any], at_s: float) -> list[Change]:
        found: list[Change] = []
        for body in message["replay"]:
            if body["seq"] <= self.hall.seq:
                continue
            try:
                recorded = wire.recorded_in(body)
            except wire.WireError as problem:
                log.info("event %s: %s", body.get("seq"), problem)
                self._distrusted = self._behind = True
            else:
                found += self._applied(recorded)
            if self._distrusted:
                return found
        self.hall.seq = max(self.hall.seq, cast("int", message["seq"]))
        return found + self._caught_up(at_s)

    def _caught_up(self, at_s: float) -> list[Change]:
        """A snapshot or a replay has come: as of then nothing is missing.

        An event of another epoch that is still held is older than that; a newer one comes again.
        """
        self._held = {s: h for s, h in self._held.items() if h[1].epoch == self.hall.epoch}
        found = self._whole(at_s) + self._go_on(at_s)
        self._behind = bool(self._held) or self._distrusted
        return found
