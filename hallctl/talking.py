"""One conversation with a hall: what both clients, sync and asyncio, share.

`Talk` has no socket: messages and the clock go in; what the caller should know comes out as words,
and `due` says what must be sent. `send` and `hear` carry the bytes; the clients only wait.
"""

import time
from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Final

from hallctl import wire
from hallctl.asked import Answer, Asked, Asking, Outbox, Outcome
from hallctl.connecting import WELL, Trouble, Wires
from hallctl.core.commands import Command
from hallctl.core.moment import Moment
from hallctl.mirror import STALE_S, Change, Mirror, Snapshot, Stale

CLOCK_S: Final = 2.0
"""So far may the clocks of a terminal and the hall differ before it is told."""
HELLO_AGAIN_S: Final = 60.0
BACKLOG_MOST: Final = 10_000
BATCH: Final = 1000
"""How many messages are taken at a time, so that a flood never starves the caller."""


@dataclass(frozen=True, slots=True)
class Clock:
    """The clock of this machine against the hall's: told when more than 2 s off, and when mended.

    `off_s` is positive when this machine is ahead; 0.0 when the clocks agree again. Screens and
    mirrors use the hall's time in any case.
    """

    off_s: float


Heard = Change | Answer | Trouble | Clock


class Backlog:
    """What was heard and not yet taken: bounded, for a snapshot stands for any number of events."""

    def __init__(self) -> None:
        self._heard: deque[Heard] = deque()

    def add(self, heard: Iterable[Heard], seq: int) -> None:
        """Keep these; `seq` is the mirror's, for the snapshot that stands for what is too much."""
        self._heard.extend(heard)
        if len(self._heard) > BACKLOG_MOST:
            told = [one for one in self._heard if isinstance(one, Answer)][-BACKLOG_MOST // 2 :]
            self._heard = deque([*told, Snapshot(seq)])

    def take(self) -> list[Heard]:
        """All of it."""
        found = list(self._heard)
        self._heard.clear()
        return found

    def one(self) -> Heard | None:
        """The oldest."""
        return self._heard.popleft() if self._heard else None

    def answer(self, command_id: str) -> Answer | None:
        """The answer to a command, if it was heard already."""
        for one in self._heard:
            if isinstance(one, Answer) and one.id == command_id:
                self._heard.remove(one)
                return one
        return None


class Talk:
    """What is said between one program and one hall. `mono` and `wall` come with each call.

    `compares` tells whether the clocks are compared: on one machine there is nothing to compare.
    """

    def __init__(
        self,
        name: str,
        at_s: float,
        *,
        following: bool,
        compares: bool = False,
        outbox: Outbox | None = None,
    ) -> None:
        self.mirror = Mirror(at_s)
        self.asking = Asking(name, outbox)
        self.day = ""
        """The hall's day as last told; "" before that."""
        self.standing = ""
        """Who the daemon says one is, such as `window:3`; "" until it has said so."""
        self._following = following
        self._greets = following or compares or outbox is not None
        self._compares = compares
        self._hello: Asked | None = None
        self._hello_at_s = at_s
        self._hello_sent_s = at_s
        self._version: Trouble = WELL
        self._told: Trouble = WELL
        self.stuck = False
        """Whether what was last due found nobody there."""
        self.off_s = 0.0
        """How far this machine's clock is ahead of the hall's, when that is more than 2 s."""
        self._silent_since_s = at_s

    # What goes out.

    def ask(self, command: Command, command_id: str = "", pin: str = "", today: str = "") -> str:
        """Ask for an act and give its id. `today` stands in while the hall's day is not known."""
        return self.asking.command(command, command_id, pin, self.day or today).id

    def due(self, at_s: float) -> list[bytes]:
        """What must be sent now."""
        found = []
        if self._greets and at_s >= self._hello_at_s:
            if self._hello is not None:
                self.asking.drop(self._hello.id)
            self._hello = self.asking.question("hello")
            self._hello_at_s = at_s + HELLO_AGAIN_S
            self._hello_sent_s = at_s
        found += self.asking.due(at_s)
        question = self.mirror.question(at_s) if self._following else None
        if question is not None:
            found.append(self.asking.message(question))
        return found

    def unsent(self, at_s: float) -> None:
        """Nobody was there to take what was due."""
        self.mirror.unsent(at_s)
        self.asking.unsent(at_s)

    def greet(self, at_s: float) -> None:
        """A wire came up: say hello again, for another daemon may be there now."""
        self._hello_at_s = at_s

    def again(self) -> list[Outcome]:
        """Ask again for all that was asked before and never answered."""
        return self.asking.again(self.day)

    # What comes in.

    def followed(self, frames: list[bytes], at_s: float) -> list[Heard]:
        """A message of the events' socket."""
        found: list[Heard] = []
        found += self.mirror.followed(frames, at_s)
        self._note_day(at_s)
        return found

    def answered(self, frames: list[bytes], at_s: float, wall_s: float) -> list[Heard]:
        """A message of the asking socket. One that is answered already says nothing new."""
        message: dict[str, Any] = wire.loads_own(frames[-1])
        self._look_at_version(message)
        found: list[Heard] = []
        if self.mirror.mine(message):
            found += self.mirror.answered(message, at_s)
            self._note_day(at_s)
            return found
        hello = self._hello is not None and message.get("id") == self._hello.id
        answer = self.asking.answered(message, at_s)
        if answer is None:
            return []
        if not hello:
            return [answer]
        self._hello = None
        return self._greeted(answer, at_s, wall_s) if answer.ok else []

    def passed(self, at_s: float, wires: Trouble) -> list[Heard]:
        """Time has passed; `wires` is what the sockets say of the connection."""
        found: list[Heard] = list(self.mirror.passed(at_s)) if self._following else []
        trouble = self.trouble(at_s, wires)
        if trouble != self._told:
            self._told = trouble
            found.append(trouble)
        return found

    def present(self) -> list[Heard]:
        """What a new follower must know: how things are, of which nothing will be told again."""
        mirror = self.mirror
        if not mirror.complete:
            return [self._told] if self._told.what else []
        found: list[Heard] = [Snapshot(mirror.hall.seq)]
        if mirror.stale_since_s is not None:
            found.append(Stale(mirror.stale_since_s))
        found += [self._told] if self._told.what else []
        return found + ([Clock(self.off_s)] if self.off_s else [])

    def trouble(self, at_s: float, wires: Trouble) -> Trouble:
        """Why there is no fresh hall to be seen; `WELL` when there is, or it may still come."""
        if self._version.what:
            return self._version
        if self.mirror.spoken or self.mirror.unreadable:
            return Trouble("version", (("versions", self.mirror.spoken or "?"),))
        if wires.what:
            return wires
        lost = self._following and self.mirror.stale_since_s is not None
        if lost and at_s - self._silent_since_s > STALE_S:
            return Trouble("silent")
        return WELL

    # How it is done.

    def _look_at_version(self, message: dict[str, Any]) -> None:
        """A daemon that speaks other versions only says so, to whatever it is asked."""
        versions = message.get("versions") or message.get("result", {}).get("versions")
        if message.get("code") == "version" or (versions and wire.VERSION not in versions):
            spoken = ", ".join(str(v) for v in versions or ("?",))
            self._version = Trouble("version", (("versions", spoken),))
        elif message.get("ok"):
            self._version = WELL

    def _note_day(self, at_s: float) -> None:
        now = self.mirror.now(at_s)
        if now is not None:
            self.day = now.day
        if self.mirror.stale_since_s is None:
            self._silent_since_s = at_s

    def _greeted(self, answer: Answer, at_s: float, wall_s: float) -> list[Heard]:
        self.standing = str(answer.result.get("role", ""))
        now: Moment = wire.moment_in(answer.result["now"])
        self.day = now.day
        if not self._compares:
            return []
        took_s = at_s - self._hello_sent_s
        # The hall looked at its clock somewhere between asking and hearing.
        early_s, late_s = wall_s - took_s - now.wall_s, wall_s - now.wall_s
        off_s = early_s if early_s > 0 else min(late_s, 0.0)
        off_s = off_s if abs(off_s) > CLOCK_S else 0.0
        if bool(off_s) == bool(self.off_s) and abs(off_s - self.off_s) <= CLOCK_S / 2:
            return []
        self.off_s = off_s
        return [Clock(off_s)]


def send(talk: Talk, wires: Wires) -> bool:
    """Send what is due; False while something of it found nobody there."""
    now_s = time.monotonic()
    due = talk.due(now_s)
    if due:
        taken = [wires.send(message) for message in due]
        talk.stuck = not all(taken)
    if due and talk.stuck:
        talk.unsent(now_s)
    return not talk.stuck


def hear(talk: Talk, wires: Wires) -> list[Heard]:
    """Take what has come, without waiting, and let the time pass."""
    if wires.tend(time.monotonic()):
        talk.greet(time.monotonic())
    heard: list[Heard] = []
    for _ in range(BATCH):
        frames = wires.receive(wires.follow)
        if frames is None:
            break
        heard += talk.followed(frames, time.monotonic())
    for _ in range(BATCH):
        frames = wires.receive(wires.ask)
        if frames is None:
            break
        heard += talk.answered(frames, time.monotonic(), time.time())
    now_s = time.monotonic()
    return heard + talk.passed(now_s, wires.trouble(now_s))
