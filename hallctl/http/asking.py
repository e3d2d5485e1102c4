"""Commands on their way: each token speaks at the local endpoint of its role, by its own name."""

import asyncio
import contextlib
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from hallctl.asked import Answer
from hallctl.client import HallClient
from hallctl.core.commands import Command

LINES_MOST: Final = 64
"""Connections kept open; one that nobody uses is closed for a new one."""

_Future = asyncio.Future[Answer | None]


@dataclass(slots=True)
class _Line:
    """One token's connection, and who waits on it for which command."""

    client: HallClient
    commands: dict[str, Command] = field(default_factory=dict)
    waiting: dict[str, list[_Future]] = field(default_factory=dict)


class Askers:
    """All connections that commands go out by. Belongs to the event loop's thread."""

    def __init__(self, bus: Path) -> None:
        self._bus = bus
        self._lines: dict[tuple[str, str], _Line] = {}

    @property
    def busy(self) -> bool:
        """Whether somebody waits for an answer."""
        return any(line.waiting for line in self._lines.values())

    async def ask(
        self, role: str, name: str, command: Command, command_id: str, timeout_s: float
    ) -> Answer | None:
        """The answer to a command; None when none came in time. The same id gives the same answer.

        What was not answered in time is not asked again by itself: nobody is called minutes later.
        """
        line = self._line(role, name)
        future: _Future = asyncio.get_running_loop().create_future()
        if command_id not in line.waiting:
            line.commands[command_id] = command
            line.client.ask(command, command_id)
        line.waiting.setdefault(command_id, []).append(future)
        try:
            async with asyncio.timeout(timeout_s):
                return await future
        except TimeoutError:
            return None
        finally:
            self._leave(role, name, command_id, future)

    def turn(self) -> None:
        """Take the answers that have come."""
        for line in self._lines.values():
            if not line.waiting:
                continue
            for heard in line.client.poll(0.0):
                if isinstance(heard, Answer):
                    for future in line.waiting.pop(heard.id, []):
                        if not future.done():
                            future.set_result(heard)
                    line.commands.pop(heard.id, None)

    def close(self) -> None:
        """Leave the bus."""
        for line in self._lines.values():
            line.client.close()
        self._lines.clear()

    def _line(self, role: str, name: str) -> _Line:
        line = self._lines.pop((role, name), None)
        if line is None:
            idle = next((key for key, one in self._lines.items() if not one.waiting), None)
            if len(self._lines) >= LINES_MOST and idle is not None:
                self._lines.pop(idle).client.close()
            line = _Line(HallClient(self._bus, role, name, follow=False))
        self._lines[role, name] = line  # the one used last stands last
        return line

    def _leave(self, role: str, name: str, command_id: str, future: _Future) -> None:
        line = self._lines.get((role, name))
        if line is None or command_id not in line.waiting:
            return
        with contextlib.suppress(ValueError):
            line.waiting[command_id].remove(future)
        if line.waiting[command_id]:
            return
        del line.waiting[command_id], line.commands[command_id]
        # The client would send it until it is answered: another one asks what others wait for.
        line.client.close()
        line.client = HallClient(self._bus, role, name, follow=False)
        for other, command in line.commands.items():
            line.client.ask(command, other)
