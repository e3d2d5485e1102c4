"""The bus from the other side: what screens, window terminals and tools use.

A client mirrors the hall: a snapshot, then events, each with the sequence of the one published
before it. A gap is closed by a replay; silence for 3 s makes the mirror *stale*, with since when.
Commands are sent again with the same id until they are answered, so an act happens once.

    with HallClient.at("window-3.hallkey") as hall:
        answer = hall.do(CallNext(window=3))
        for change in hall.follow():
            ...
"""

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Self

import zmq

from hallctl.asked import UNSENT_S, Answer, NoAnswer, Outbox, Outcome
from hallctl.connecting import Local, Place, Remote, Trouble, Wires, place_at
from hallctl.core.commands import Command
from hallctl.core.hall import Hall
from hallctl.core.moment import Moment
from hallctl.talking import Backlog, Heard, Talk, hear, send

SLICE_S = 0.2
"""How long the sockets are waited on before it is looked whether something must be sent again."""


class HallClient:
    """One asker and follower. Not for use from several threads at once.

    `place` is the folder of the daemon's endpoints, then `role` is the endpoint that is spoken to
    (the role is the socket); or a Local or Remote place. `name` appears as the actor in the journal
    (over the network the key's name does). `outbox` keeps the ids of unanswered commands on disk.
    Raises what `Outbox` raises.
    """

    def __init__(
        self,
        place: Path | Place,
        role: str = "",
        name: str = "",
        *,
        follow: bool = True,
        outbox: Path | None = None,
    ) -> None:
        self.place: Place = Local(place, role) if isinstance(place, Path) else place
        self.role = self.place.role
        remote = isinstance(self.place, Remote)
        self.name = self.place.key.name if isinstance(self.place, Remote) else name or self.role
        self._talk = Talk(
            self.name,
            time.monotonic(),
            following=follow,
            compares=remote,
            outbox=Outbox(outbox) if outbox else None,
        )
        self._wires = Wires(self.place, following=follow)
        self._follow = self._wires.follow
        self._following = follow
        self._poller = zmq.Poller()
        for socket in self._wires.readable():
            self._poller.register(socket, zmq.POLLIN)
        self._backlog = Backlog()
        self._closed = False

    @classmethod
    def at(
        cls,
        place: Place | Path | str,
        role: str = "",
        name: str = "",
        *,
        key: Path | None = None,
        follow: bool = True,
        outbox: Path | None = None,
    ) -> Self:
        """A client of the hall at a bus folder, a key file, or a `tcp://` address with a `key`.

        With a key the role need not be given: it is the key's. Raises ConnectError with words.
        """
        return cls(place_at(place, role, key), "", name, follow=follow, outbox=outbox)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    # What is known.

    @property
    def hall(self) -> Hall:
        """The mirror: read it, never change it. Another object after each snapshot."""
        return self._talk.mirror.hall

    @property
    def stale_since_s(self) -> float | None:
        """Hall time since which something may be missing; None while fresh, 0.0 before contact."""
        return self._talk.mirror.stale_since_s if self._following else 0.0

    @property
    def trouble(self) -> Trouble:
        """Why there is no fresh hall; its `what` is "" when there is one."""
        now_s = time.monotonic()
        return self._talk.trouble(now_s, self._wires.trouble(now_s))

    @property
    def clock_off_s(self) -> float:
        """How far this machine's clock is ahead of a remote hall's; 0.0 up to 2 s."""
        return self._talk.off_s

    @property
    def standing(self) -> str:
        """Who the daemon says one is, such as `window:3`; "" before it said so."""
        return self._talk.standing

    def now(self) -> Moment | None:
        """The hall's time, carried on from the last heartbeat; None before the first."""
        return self._talk.mirror.now(time.monotonic())

    @property
    def forecast(self) -> dict[str, Any] | None:
        """The newest forecast, as in docs/protocol.md; None while there is none to rely on.

        It may be a second behind `hall`: a visit in it may have been called since, and one just
        taken may be missing.
        """
        return self._talk.mirror.forecast

    def waits(self) -> dict[str, tuple[int, int]]:
        """What the newest forecast says to somebody coming now, in minutes by queue."""
        queues = (self.forecast or {}).get("queues", {})
        return {
            queue: (wait["low_min"], wait["high_min"])
            for queue, wait in queues.items()
            if wait["low_min"] is not None and wait["high_min"] is not None
        }

    # What is asked.

    def do(
        self, command: Command, timeout_s: float = 5.0, *, command_id: str = "", pin: str = ""
    ) -> Answer:
        """Let a command happen, once, and give the answer; a refusal is an answer too.

        Raises NoAnswer when none came in time. Then the command is not sent again by itself:
        `do` with the same `command_id`, or `unanswered`, asks what became of it.
        """
        asked = self.ask(command, command_id, pin=pin)
        answer = self.wait(asked, timeout_s)
        if answer is None:
            self._talk.asking.rest(asked)
            raise NoAnswer(asked, self.trouble.what)
        return answer

    def unanswered(self, timeout_s: float = 5.0) -> list[Outcome]:
        """Ask again for all that `do`, or a former life of this client, asked without an answer.

        What the hall never received happens now. What was asked on another day is `expired`: it is
        not asked again. An outcome without an answer may be asked for once more.
        """
        until_s = time.monotonic() + timeout_s
        while not self._talk.day and time.monotonic() < until_s:
            self._keep(self._turn(SLICE_S))
        if not self._talk.day:
            return self._talk.asking.resting()
        found = []
        for asked in self._talk.again():
            if asked.expired:
                found.append(asked)
                continue
            answer = self.wait(asked.id, max(0.0, until_s - time.monotonic()))
            if answer is None:
                self._talk.asking.rest(asked.id)
            found.append(Outcome(asked.id, asked.command, answer))
        return found

    def ask(self, command: Command, command_id: str = "", *, pin: str = "") -> str:
        """Send a command and give its id; the answer comes out of `poll`, however long it takes.

        At a kiosk `pin` opens the technician's commands.
        """
        asked = self._talk.ask(command, command_id, pin, time.strftime("%Y-%m-%d"))
        self._send()
        return asked

    def ask_status(self) -> str:
        """Ask for the daemon's own condition; the answer comes out of `poll`."""
        asked = self._talk.asking.question("status").id
        self._send()
        return asked

    def wait(self, command_id: str, timeout_s: float) -> Answer | None:
        """The answer to one's own command; None when none came in time.

        Asking again with the same id later gives the same answer. What else came is kept for
        `poll` and `follow`.
        """
        known = self._backlog.answer(command_id)  # it came while something else was followed
        if known is not None:
            return known
        until_s = time.monotonic() + timeout_s
        while True:
            left_s = until_s - time.monotonic()
            heard = self._turn(max(0.0, min(left_s, SLICE_S)))
            mine = [h for h in heard if isinstance(h, Answer) and h.id == command_id]
            self._keep([h for h in heard if h not in mine] if mine else heard)
            if mine:
                return mine[0]
            if left_s <= 0:
                return None

    # What is heard.

    def poll(self, timeout_s: float) -> list[Heard]:
        """What came since the last poll; waits at most `timeout_s` for the first of it."""
        until_s = time.monotonic() + timeout_s
        heard = self._backlog.take()
        heard += self._turn(0.0 if heard else min(timeout_s, SLICE_S))
        while not heard and (left_s := until_s - time.monotonic()) > 0:
            heard = self._turn(min(left_s, SLICE_S))
        return heard

    def follow(self, timeout_s: float | None = None) -> Iterator[Heard]:
        """All that happens from now on: a Snapshot first, then each event once, without a gap.

        Between them `Stale` and `Fresh`, `Trouble` (why nobody is heard: that may come before the
        Snapshot), `Clock`, and answers to `ask`. `hall` may be ahead of the event just given.
        Ends after `timeout_s` without anything; never, when that is None. `do` may be called
        meanwhile.
        """
        self._keep([h for h in self._backlog.take() if isinstance(h, Answer)])
        yield from self._talk.present()
        quiet_s = time.monotonic()
        while True:
            one = self._backlog.one()
            if one is None:
                self._keep(self._turn(SLICE_S))
                if timeout_s is not None and time.monotonic() - quiet_s > timeout_s:
                    return
                continue
            yield one
            quiet_s = time.monotonic()

    def close(self) -> None:
        """Leave the bus."""
        if not self._closed:
            self._closed = True
            self._wires.close()
            self._talk.asking.close()

    # How it is done.

    def _keep(self, heard: list[Heard]) -> None:
        self._backlog.add(heard, self.hall.seq)

    def _send(self) -> bool:
        return send(self._talk, self._wires)

    def _turn(self, timeout_s: float) -> list[Heard]:
        """Send what is due, wait at most so long, take what came."""
        soon_s = timeout_s if self._send() else min(timeout_s, UNSENT_S)
        self._poller.poll(int(soon_s * 1000))
        return hear(self._talk, self._wires)
