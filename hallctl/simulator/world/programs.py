"""Programs on the bus: kiosk, screens, terminals. What they say and remember is the product's."""

from collections.abc import Callable, Iterable
from pathlib import Path

from hallctl import wire
from hallctl.asked import Answer, Asked, Outbox, Outcome
from hallctl.connecting import WELL
from hallctl.core import commands as c
from hallctl.core.hall import Hall
from hallctl.roles import Standing
from hallctl.simulator.world.hours import Hours
from hallctl.simulator.world.network import Network
from hallctl.simulator.world.oracle import Oracle
from hallctl.talking import Heard, Talk

BUSY_S, IDLE_S = 0.25, 1.0
"""How often a program looks whether something is to be sent again."""

Then = Callable[[Answer], None]


class Drawer(Outbox):
    """An outbox in memory that outlives its program, as the file does."""

    def __init__(self) -> None:
        self.path = Path("outbox")
        self.kept: list[tuple[str, c.Command, str]] = []

    def read(self) -> list[tuple[str, c.Command, str]]:
        """As `Outbox.read`."""
        return list(self.kept)

    def write(self, asked: Iterable[Asked]) -> None:
        """As `Outbox.write`."""
        self.kept = [(one.id, one.command, one.day) for one in asked if one.command is not None]

    def close(self) -> None:
        """Nothing is held."""


class Program:
    """One process that asks and follows. `name` is who it says it is, `role` its endpoint."""

    def __init__(
        self, name: str, role: str, hours: Hours, network: Network, oracle: Oracle,
        *, keeps: bool = False,
    ) -> None:  # fmt: skip
        self.name = name
        self.role = role
        self.drawer = Drawer() if keeps else None
        self.life = 0
        """Counts its beginnings and ends: odd while it lives."""
        self.given = 0
        """How many commands it has given."""
        self._hours = hours
        self._network = network
        self._oracle = oracle
        self._then: dict[str, Then] = {}
        self._open: set[str] = set()
        self.begin()

    def begin(self) -> None:
        """Start, the first time or again: what was asked before and not answered is asked again."""
        self.life += 1
        self.identity = f"{self.name}/{self.life}".encode()
        self.talk = Talk(self.name, self._hours.now_s, following=True, outbox=self.drawer)
        self._again = self.drawer is not None and bool(self.drawer.kept)
        self._network.join(self)
        self._look(self.life)

    def end(self) -> None:
        """Die: what it had asked is in its outbox, if it has one."""
        self._network.leave(self)
        self._then.clear()
        self._open = {k[0] for k in self.drawer.kept} if self.drawer else set()
        self.life += 1

    @property
    def audience(self) -> str:
        """Which events it follows."""
        return Standing(self.role).audience

    @property
    def hall(self) -> Hall:
        """Its mirror of the hall."""
        return self.talk.mirror.hall

    @property
    def is_fresh(self) -> bool:
        """Whether it holds its mirror for the present."""
        return self.talk.mirror.complete and self.talk.mirror.stale_since_s is None

    @property
    def open(self) -> set[str]:
        """Commands it has given and not heard of."""
        return self._open

    # Asking

    @property
    def lives(self) -> bool:
        """Whether it runs."""
        return self.life % 2 == 1

    def ask(self, command: c.Command, then: Then | None = None) -> None:
        """Give a command; `then` hears the answer, whenever it comes. The dead ask nothing."""
        if not self.lives:
            return
        self.given += 1
        command_id = f"{self.name}-{self.given}"
        self._oracle.asked.put(f"{self.role}:{self.name}:{command_id}", True)
        if then is not None:
            self._then[command_id] = then
        self._open.add(command_id)
        self.talk.ask(command, command_id, today=self._hours.moment().day)
        self._send()

    def _send(self) -> None:
        now_s = self._hours.now_s
        due = self.talk.due(now_s)
        taken = [self._network.ask(self, message) for message in due]
        if due and not all(taken):
            self.talk.unsent(now_s)

    def _look(self, life: int) -> None:
        """Now and then: whether something is to be sent again, whether the hall is silent."""
        if life != self.life:
            return
        self.talk.passed(self._hours.now_s, WELL)
        if self._again and self.talk.day:
            self._again = False
            for outcome in self.talk.again():
                self._asked_again(outcome)
        self._send()
        busy = self._open or not self.is_fresh
        self._hours.after(BUSY_S if busy else IDLE_S, lambda: self._look(life))

    def _asked_again(self, outcome: Outcome) -> None:
        if outcome.expired:  # its day is over; whether it was done nobody will know
            self._open.discard(outcome.id)

    # Hearing, as the network's `Ear`

    def hears_answer(self, message: bytes) -> None:
        """As `Ear.hears_answer`."""
        told = wire.loads_own(message)
        asked = str(told.get("id", ""))
        if asked.startswith(f"{self.name}-"):
            self._oracle.heard(f"{self.role}:{self.name}", told)
        now_s = self._hours.now_s
        self._take(self.talk.answered([message], now_s, self._hours.wall_s()))

    def hears_events(self, frames: list[bytes]) -> None:
        """As `Ear.hears_events`."""
        self._take(self.talk.followed(frames, self._hours.now_s))

    def _take(self, heard: list[Heard]) -> None:
        for one in heard:
            if isinstance(one, Answer):
                self._open.discard(one.id)
                then = self._then.pop(one.id, None)
                if then is not None:
                    then(one)
        if self.talk.mirror.stale_since_s is not None or self.talk.stuck:
            return
        self._send()
