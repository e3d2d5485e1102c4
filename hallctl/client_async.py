"""The same client for asyncio: one task carries the messages, any number of tasks ask and follow.

    async with AsyncHallClient.at("window-3.hallkey") as hall:
        answer = await hall.do(CallNext(window=3))
        async for change in hall.follow():
            ...

What is said of `HallClient` holds here too.
"""

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any, Self

import zmq
import zmq.asyncio

from hallctl.asked import Answer, NoAnswer, Outbox, Outcome
from hallctl.connecting import Place, Remote, Trouble, Wires, place_at
from hallctl.core.commands import Command
from hallctl.core.hall import Hall
from hallctl.core.moment import Moment
from hallctl.talking import Backlog, Heard, Talk, hear, send

SLICE_S = 0.1


class _Follower:
    """One `follow` at work: what it has not taken yet."""

    def __init__(self) -> None:
        self.backlog = Backlog()
        self.wakes = asyncio.Event()

    def add(self, heard: list[Heard], seq: int) -> None:
        self.backlog.add(heard, seq)
        self.wakes.set()


class AsyncHallClient:
    """One asker and follower, to be used from one event loop; enter it before anything else.

    The arguments are those of `HallClient.at`. Raises ConnectError, and what `Outbox` raises.
    """

    def __init__(
        self, place: Place, name: str = "", *, follow: bool = True, outbox: Path | None = None
    ) -> None:
        self.place = place
        self.role = place.role
        self.name = place.key.name if isinstance(place, Remote) else name or place.role
        self._following = follow
        self._talk = Talk(
            self.name,
            time.monotonic(),
            following=follow,
            compares=isinstance(place, Remote),
            outbox=Outbox(outbox) if outbox else None,
        )
        self._wires: Wires | None = None
        self._task: asyncio.Task[None] | None = None
        self._waiting: dict[str, list[asyncio.Future[Answer]]] = {}
        self._followers: set[_Follower] = set()
        self._dated = asyncio.Event()
        """The hall has told which day it is."""

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
        """A client of the hall at a bus folder, a key file, or a `tcp://` address with a `key`."""
        return cls(place_at(place, role, key), name, follow=follow, outbox=outbox)

    async def __aenter__(self) -> Self:
        self._wires = Wires(self.place, following=self._following)
        self._task = asyncio.create_task(self._carry(self._wires), name="hall-client")
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    async def close(self) -> None:
        """Leave the bus. Whoever still waits for an answer is told that there is none."""
        if self._task is not None and self._wires is not None:
            self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._task
            self._wires.close()
            self._talk.asking.close()
        self._task = self._wires = None

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
        wires = self._wires.trouble(now_s) if self._wires else Trouble("nobody")
        return self._talk.trouble(now_s, wires)

    @property
    def forecast(self) -> dict[str, Any] | None:
        """The newest forecast; None while there is none to rely on."""
        return self._talk.mirror.forecast

    def now(self) -> Moment | None:
        """The hall's time, carried on from the last heartbeat; None before the first."""
        return self._talk.mirror.now(time.monotonic())

    # What is asked.

    async def do(
        self, command: Command, timeout_s: float = 5.0, *, command_id: str = "", pin: str = ""
    ) -> Answer:
        """Let a command happen, once, and give the answer; a refusal is an answer too.

        Raises NoAnswer when none came in time: `do` with the same `command_id`, or `unanswered`,
        asks what became of it. An outbox is written to disk first, in this task.
        """
        today = time.strftime("%Y-%m-%d")
        return await self._answer(self._talk.ask(command, command_id, pin, today), timeout_s)

    async def status(self, timeout_s: float = 5.0) -> dict[str, Any]:
        """The daemon's own condition. Raises NoAnswer."""
        return (await self._answer(self._talk.asking.question("status").id, timeout_s)).result

    async def unanswered(self, timeout_s: float = 5.0) -> list[Outcome]:
        """Ask again for all that was asked before without an answer, as `HallClient.unanswered`."""
        until_s = time.monotonic() + timeout_s
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._dated.wait(), timeout_s)
        if not self._talk.day:
            return self._talk.asking.resting()
        found = []
        for asked in self._talk.again():
            answer = None
            if not asked.expired:
                with contextlib.suppress(NoAnswer):
                    answer = await self._answer(asked.id, max(0.0, until_s - time.monotonic()))
            found.append(Outcome(asked.id, asked.command, answer, asked.expired))
        return found

    async def _answer(self, command_id: str, timeout_s: float) -> Answer:
        """The answer to what was asked; several may wait for the same one. Raises NoAnswer."""
        mine: asyncio.Future[Answer] = asyncio.get_running_loop().create_future()
        self._waiting.setdefault(command_id, []).append(mine)
        if self._wires is not None:
            send(self._talk, self._wires)
        try:
            return await asyncio.wait_for(mine, timeout_s)
        except NoAnswer:
            raise
        except TimeoutError as error:
            raise NoAnswer(command_id, self.trouble.what) from error
        finally:
            others = [
                waiting for waiting in self._waiting.get(command_id, ()) if waiting is not mine
            ]
            self._waiting[command_id] = others
            if not others:
                del self._waiting[command_id]
                self._talk.asking.rest(command_id)

    # What is heard.

    async def follow(self) -> AsyncIterator[Heard]:
        """All that happens from now on: a Snapshot first, then each event once, without a gap.

        As `HallClient.follow`, and several may follow at once. One that falls 10,000 messages
        behind gets a Snapshot instead. Raises what ended the client.
        """
        mine = _Follower()
        self._followers.add(mine)
        try:
            for one in self._talk.present():
                yield one
            while True:
                while (heard := mine.backlog.one()) is not None:
                    yield heard
                if self._task is None:
                    return
                if self._task.done():
                    if not self._task.cancelled():
                        self._task.result()
                    return
                mine.wakes.clear()
                await mine.wakes.wait()
        finally:
            self._followers.discard(mine)

    # How it is done.

    async def _carry(self, wires: Wires) -> None:
        poller = zmq.asyncio.Poller()
        for socket in wires.readable():
            poller.register(socket, zmq.POLLIN)
        try:
            while True:
                send(self._talk, wires)
                await poller.poll(int(SLICE_S * 1000))
                self._tell(hear(self._talk, wires))
                if self._talk.day:
                    self._dated.set()
        finally:
            for command_id, waiting in self._waiting.items():
                for one in waiting:
                    if not one.done():
                        one.set_exception(NoAnswer(command_id, "closed"))
            for follower in self._followers:
                follower.wakes.set()

    def _tell(self, heard: list[Heard]) -> None:
        changes: list[Heard] = []
        for one in heard:
            if not isinstance(one, Answer):
                changes.append(one)
                continue
            for waiting in self._waiting.get(one.id, ()):
                if not waiting.done():
                    waiting.set_result(one)
        if changes:
            for follower in self._followers:
                follower.add(changes, self.hall.seq)
