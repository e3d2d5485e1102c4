"""Asks a person for one key after another, and names what is wrong from what comes.

The sibling of `Probe` for devices that answer no question: a keypad or a pad can be tested only by
somebody who presses it. Pure, like a driver: `now` is handed in.
"""

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field

from hallctl.core.reports import Finding, Report, TestAsks
from hallctl.core.trial import Level, Result, Wrong
from hallctl.driver import Reply
from hallctl.probe import DRAIN_S, EVIDENCE_BYTES, PIECES_MIN

WAIT_S = 15.0
MISSED_MOST = 2
"""After so many keys in a row that nobody pressed, nobody stands there: the rest is not asked."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """One key to be asked for: `step` names it to the technician, `press` is what must come."""

    step: str
    press: str


@dataclass(slots=True)
class _Seen:
    dirt: bytes = b""
    bad_checksum: bytes = b""
    other_address: bytes = b""
    lost: bool = False
    others: list[str] = field(default_factory=list)
    pieces: int = 0
    came: int = 0


class Presses:
    """The keys of one device or one window, asked for in turn.

    Tell it of every piece received (`piece`), every press understood (`pressed`) and of what could
    not be. With nothing wanted it only listens whether the line is quiet. `running` is False when
    all is asked and found; `came` says whether any key came.
    """

    def __init__(
        self,
        wanted: Sequence[Wanted],
        *,
        window: int = 0,
        wait_s: float = WAIT_S,
        listen: bool = True,
    ) -> None:
        self.window = window
        self.running = False
        self.came = False
        self._waiting = deque(wanted)
        self._wait_s = wait_s
        self._listen = listen
        self._asked: Wanted | None = None
        self._due = 0.0
        self._missed = 0
        self._stale = b""
        self._seen = _Seen()
        self._unasked = False

    @classmethod
    def at_level(cls, level: Level, wanted: Sequence[Wanted], *, window: int) -> "Presses":
        """The self-test of a device that only speaks: without a person there is nothing to ask."""
        made = cls(wanted if level == "interactive" else (), window=window)
        made._unasked = level != "interactive"  # its keys prove more than an answer would
        return made

    def begin(self, now: float) -> Reply:
        """Listen first (unless told not to), then ask."""
        self.running = True
        if not self._listen:
            return self._next(now, ())
        self._due = now + DRAIN_S
        return Reply(wake_at=self._due)

    def piece(self, data: bytes) -> None:
        """Bytes have come, before anybody knows what they mean."""
        if not self.running:
            return
        if self._asked is None:
            self._stale = (self._stale + data)[:EVIDENCE_BYTES]
        else:
            self._seen.pieces += 1
            self._seen.came += len(data)

    def dirt(self, data: bytes) -> None:
        """Bytes that are part of no frame."""
        self._seen.dirt = self._seen.dirt or data

    def bad_checksum(self, frame: bytes) -> None:
        """A frame whose sum is wrong."""
        self._seen.bad_checksum = self._seen.bad_checksum or frame

    def other_address(self, frame: bytes) -> None:
        """A sound frame from an address that is not ours."""
        self._seen.other_address = self._seen.other_address or frame

    def lost(self) -> None:
        """The computer has lost presses."""
        self._seen.lost = True

    def pressed(self, press: str, now: float) -> Reply:
        """A key has come: the finding and the next question when it is the right one."""
        if not self.running or self._asked is None:
            return Reply()
        if press != self._asked.press:
            self._seen.others = [*self._seen.others, press][-4:]
            return Reply()
        self.came, self._missed = True, 0
        return self._next(now, (self._judged(self._asked, self._seen),))

    def wake(self, now: float) -> Reply:
        """The listening is over, or nobody has pressed."""
        if not self.running:
            return Reply()
        if now < self._due:
            return Reply(wake_at=self._due)
        if self._asked is None:
            return self._next(now, self._listened())
        self._missed += 1
        found: list[Report] = [self._unpressed(self._asked, self._seen)]
        if self._missed >= MISSED_MOST and not self.came:
            while self._waiting:
                step = self._waiting.popleft().step
                found.append(_finding(step, "untested", "no_press", self._at()))
        return self._next(now, tuple(found))

    def stop(self) -> None:
        """Ask no more."""
        self.running, self._asked = False, None

    def _next(self, now: float, found: tuple[Report, ...]) -> Reply:
        self._seen = _Seen()
        if not self._waiting:
            self.stop()
            return Reply(reports=found)
        self._asked = self._waiting.popleft()
        self._due = now + self._wait_s
        asks = TestAsks(step=self._asked.step, wait_s=self._wait_s, window=self.window)
        return Reply(reports=(*found, asks), wake_at=self._due)

    def _listened(self) -> tuple[Report, ...]:
        found: list[Report] = []
        if self._stale:
            stale = self._stale.hex(" ").upper()
            found.append(_finding("quiet", "failed", "stale_byte", stale))
        if self._unasked:
            found.append(_finding("answer", "untested", "no_question", self._at()))
        return tuple(found)

    def _judged(self, asked: Wanted, seen: _Seen) -> Finding:
        if seen.lost:
            return _finding(asked.step, "failed", "keys_lost", self._at())
        if seen.bad_checksum:
            return _finding(asked.step, "failed", "wrong_checksum", self._at(seen.bad_checksum))
        if seen.dirt:
            return _finding(asked.step, "failed", "noise", self._at(seen.dirt))
        single = seen.came >= PIECES_MIN and seen.pieces >= seen.came
        return _finding(asked.step, "passed", "byte_by_byte" if single else "", self._at())

    def _unpressed(self, asked: Wanted, seen: _Seen) -> Finding:
        code: Wrong = "no_press"
        evidence = self._at(*((f"came: {', '.join(seen.others)}",) if seen.others else ()))
        came: tuple[tuple[Wrong, bytes], ...] = (
            ("garbage", seen.dirt),
            ("wrong_address", seen.other_address),
            ("wrong_checksum", seen.bad_checksum),
        )
        for found, dirt in came:
            if dirt:
                code, evidence = found, self._at(dirt)
        return _finding(asked.step, "failed", "keys_lost" if seen.lost else code, evidence)

    def _at(self, *evidence: bytes | str) -> str:
        """The window and what came, in hex."""
        place = (f"window {self.window}",) if self.window else ()
        shown = (e if isinstance(e, str) else e[:EVIDENCE_BYTES].hex(" ").upper() for e in evidence)
        return ", ".join((*place, *shown))


def _finding(step: str, result: Result, code: Wrong, evidence: str) -> Finding:
    return Finding(step=step, result=result, code=code, evidence=evidence)
