"""What was asked and not yet answered, so that an act happens once and its outcome is learnt.

A command has an id of its own and is sent again with the same id until it is answered. With an
`Outbox` the ids survive the asker: the next one with the same name asks again and hears the same
answer. The daemon keeps answers for the day, so a question of another day is not asked again.
"""

import contextlib
import fcntl
import json
import logging
import os
import secrets
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from hallctl import wire
from hallctl.core.commands import Command
from hallctl.privately import write_privately

log = logging.getLogger(__name__)

RESEND_S: Final = 1.0
UNSENT_S: Final = 0.02
"""A wire that is just being made takes about so long."""
TOO_FAST: Final = "too_fast"
"""The daemon turned it away since too much came at once: it was not done, and is asked again."""
LATER_MOST_S: Final = 10.0
SPACED_S: Final = 0.1
"""What came too fast comes again one by one."""
OUTBOX_MOST: Final = 1000


@dataclass(frozen=True, slots=True)
class Answer:
    """What became of one's own command. `words` by language when it was refused."""

    id: str
    ok: bool
    result: dict[str, Any] = field(default_factory=dict)
    code: str = ""
    words: dict[str, str] = field(default_factory=dict)


class NoAnswer(TimeoutError):  # noqa: N818 - says what is so
    """Nobody answered in time: whether the command was carried out is not known.

    Asking again with the same `id` tells, and does not do it twice. `why` is what is known of the
    connection, as the part of a key behind `connect.`; "" when nothing is.
    """

    def __init__(self, command_id: str, why: str) -> None:
        super().__init__(f"no answer to {command_id}" + (f" ({why})" if why else ""))
        self.id = command_id
        self.why = why


class OutboxInUse(OSError):  # noqa: N818 - says what is so
    """Another program has this outbox: two would each forget what the other has asked."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """A command asked before, and what became of it: None when it is still not known.

    `expired`: asked on another day, whose answers are gone; asking again could do it twice.
    """

    id: str
    command: Command
    answer: Answer | None
    expired: bool = False


@dataclass(slots=True)
class Asked:
    """A message under way. `day` is the hall's day when it was first asked, "" when not known."""

    id: str
    message: bytes
    next_s: float
    command: Command | None = None
    day: str = ""
    resting: bool = False
    """Whether its asker gave up waiting: it is not sent again unless somebody asks again."""


class Outbox:
    """Unanswered commands on disk: one file, 0600, replaced as a whole, one program at a time.

    Raises OutboxInUse, and OSError when it cannot be written.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        path.parent.mkdir(parents=True, exist_ok=True)
        lock = path.with_name(path.name + ".lock")
        self._lock = os.open(lock, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(self._lock)
            raise OutboxInUse(f"{path} is in use by another program") from None

    def read(self) -> list[tuple[str, Command, str]]:
        """(id, command, day) as kept; what cannot be read is set aside and named in the log."""
        try:
            kept = json.loads(self.path.read_bytes())
            return [(str(k["id"]), wire.command_in(k["command"]), str(k["day"])) for k in kept]
        except FileNotFoundError:
            return []
        except (ValueError, KeyError, TypeError) as problem:
            aside = self.path.with_name(self.path.name + ".unreadable")
            self.path.replace(aside)
            log.warning("%s cannot be read (%s); it is now %s", self.path, problem, aside.name)
            return []

    def write(self, asked: Iterable[Asked]) -> None:
        """Keep these, durably."""
        kept = [
            {"id": one.id, "command": wire.plain(wire.word_out(one.command)), "day": one.day}
            for one in asked
            if one.command is not None
        ]
        write_privately(self.path, json.dumps(kept))

    def close(self) -> None:
        """Let another program have it."""
        os.close(self._lock)


class Asking:
    """All that one program has asked. `name` is its name, `outbox` keeps ids beyond its life."""

    def __init__(self, name: str, outbox: Outbox | None) -> None:
        self.name = name
        self._outbox = outbox
        self._asked: dict[str, Asked] = {}
        self._spaced_s = 0.0
        for command_id, command, day in outbox.read() if outbox else ():
            message = self._message("command", command_id, command=wire.word_out(command))
            self._asked[command_id] = Asked(command_id, message, 0.0, command, day, resting=True)

    def command(self, command: Command, command_id: str, pin: str, day: str) -> Asked:
        """A command to be sent from now on. What needs a PIN is never on disk.

        Raises OSError when the outbox cannot keep it: then it was not asked.
        """
        command_id = command_id or secrets.token_hex(8)
        more = {"pin": pin} if pin else {}
        body = wire.word_out(command)
        message = self._message("command", command_id, command=body, **more)
        known = self._asked.get(command_id)
        asked = Asked(command_id, message, 0.0, command, known.day if known else day)
        self._asked[command_id] = asked
        if self._outbox is not None and not pin:
            if len(self._asked) > OUTBOX_MOST:
                del self._asked[command_id]
                raise OSError(f"{self._outbox.path}: {OUTBOX_MOST} commands have no answer yet")
            try:
                self._outbox.write(self._asked.values())
            except OSError:
                del self._asked[command_id]
                raise
        elif pin:
            asked.command = None
        return asked

    def question(self, what: str) -> Asked:
        """A question that changes nothing: `status` or `hello`."""
        command_id = secrets.token_hex(8)
        asked = self._asked[command_id] = Asked(command_id, self._message(what, command_id), 0.0)
        return asked

    def message(self, body: dict[str, Any]) -> bytes:
        """A message of this program."""
        return wire.dumps({"v": wire.VERSION, "from": self.name, **body})

    def _message(self, what: str, message_id: str, **more: object) -> bytes:
        return self.message({"ask": what, "id": message_id, **more})

    def due(self, at_s: float) -> list[bytes]:
        """What must be sent now, for the first time or again."""
        found = []
        for asked in self._asked.values():
            if not asked.resting and at_s >= asked.next_s:
                asked.next_s = at_s + RESEND_S
                found.append(asked.message)
        return found

    def unsent(self, at_s: float) -> None:
        """What was due at `at_s` found nobody there: it is sent soon, not after a whole wait."""
        for asked in self._asked.values():
            if asked.next_s == at_s + RESEND_S:
                asked.next_s = at_s + UNSENT_S

    def drop(self, command_id: str) -> None:
        """A question that nobody waits for any more."""
        self._asked.pop(command_id, None)

    def rest(self, command_id: str) -> None:
        """Nobody waits for it any more: it is not sent again by itself."""
        if command_id in self._asked:
            self._asked[command_id].resting = True

    def resting(self) -> list[Outcome]:
        """What was asked and never answered, as it is; nothing is sent."""
        rest = [(a.id, a.command) for a in self._asked.values() if a.resting]
        return [Outcome(asked, command, None) for asked, command in rest if command is not None]

    def again(self, day: str) -> list[Outcome]:
        """Send all that rests again, if `day` is still the day on which it was asked.

        What was asked on another day is given up, and told as expired.
        """
        found = []
        for asked in [a for a in self._asked.values() if a.resting and a.command is not None]:
            assert asked.command is not None
            expired = bool(asked.day) and asked.day != day
            found.append(Outcome(asked.id, asked.command, None, expired))
            if expired:
                self._forget(asked.id)
            else:
                asked.resting, asked.next_s = False, 0.0
        return found

    def answered(self, message: dict[str, Any], at_s: float) -> Answer | None:
        """The answer to one of these; None for one that was answered before, or must wait."""
        asked = self._asked.get(str(message.get("id", "")))
        if asked is None:
            return None
        if message.get("code") == TOO_FAST and not asked.resting:
            wait_s = message.get("wait_s")
            later_s = float(wait_s) if isinstance(wait_s, int | float) else RESEND_S
            later_s = min(max(later_s, SPACED_S), LATER_MOST_S)
            asked.next_s = self._spaced_s = max(at_s + later_s, self._spaced_s + SPACED_S)
            return None
        self._forget(asked.id)
        return Answer(
            id=asked.id,
            ok=message.get("ok") is True,
            result=message.get("result", {}),
            code=message.get("code", ""),
            words=message.get("words", {}),
        )

    def _forget(self, command_id: str) -> None:
        gone = self._asked.pop(command_id)
        if self._outbox is not None and gone.command is not None:
            # The answer is known and must reach its asker; what stays on disk is asked once more.
            with contextlib.suppress(OSError):
                self._outbox.write(self._asked.values())

    def close(self) -> None:
        """Let the outbox go."""
        if self._outbox is not None:
            self._outbox.close()
