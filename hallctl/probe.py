"""Asks a device questions for its self-test, and names what is wrong from how it answers.

Shared by all drivers of devices that answer: each gives its questions and says which bytes were
dirt, which an answer. Pure, like a driver: `now` is handed in.
"""

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field

from hallctl.core.reports import Finding, Report
from hallctl.core.trial import Result, Wrong
from hallctl.driver import Reply

EVIDENCE_BYTES = 24
DRAIN_S = 0.1
"""Before the first question we listen so long: what comes unasked is a stale byte."""
PIECES_MIN = 4
"""An answer of so many bytes in as many pieces has come byte by byte."""


@dataclass(frozen=True, slots=True)
class Question:
    """One question of a self-test; `step` names it in the findings ("answer:3" for address 3)."""

    step: str
    write: bytes


@dataclass(slots=True)
class _Seen:
    """What came while one question was out."""

    answered: bytes = b""
    wrong: Wrong = ""
    took_s: float = 0.0
    garbage: bytes = b""
    bad_checksum: bytes = b""
    other_address: bytes = b""
    pieces: int = 0
    came: int = 0


@dataclass
class Probe:
    """One self-test's questions, one after the other.

    Tell it of every piece received (`piece`), of every answer understood (`answered`), and of what
    could not be (`garbage`, `bad_checksum`, `other_address`). Its replies hold what to write, the
    findings, and when to wake it; `running` is False when all is asked and found.
    """

    questions: Sequence[Question]
    answer_s: float = 1.0
    """How long an answer may take before it is silence."""
    slow_s: float = 0.4
    """From here on an answer is slow."""
    gap_s: float = 0.0
    """So long the line must be still between an answer and the next question."""
    _waiting: deque[Question] = field(default_factory=deque)
    _asked: Question | None = None
    _asked_at: float = 0.0
    _due: float = 0.0
    _seen: _Seen = field(default_factory=_Seen)
    _stale: bytes = b""
    _held: bytes = b""
    running: bool = False

    def begin(self, now: float) -> Reply:
        """Listen first, then ask."""
        self._waiting = deque(self.questions)
        self._asked, self._stale, self._seen = None, b"", _Seen()
        self.running = True
        self._due = now + DRAIN_S
        return Reply(wake_at=self._due)

    def piece(self, data: bytes) -> None:
        """Bytes have come, before anybody knows what they mean."""
        if not self.running:
            return
        if self._asked is None:
            self._stale = _kept(self._stale, data)
        else:
            self._seen.pieces += 1
            self._seen.came += len(data)

    def garbage(self, data: bytes) -> None:
        """Bytes that are part of no frame."""
        self._seen.garbage = _kept(self._seen.garbage, data)

    def bad_checksum(self, frame: bytes) -> None:
        """A frame whose sum is wrong."""
        self._seen.bad_checksum = _kept(self._seen.bad_checksum, frame)

    def other_address(self, frame: bytes) -> None:
        """A sound frame from an address that was not asked."""
        self._seen.other_address = _kept(self._seen.other_address, frame)

    @property
    def asking(self) -> str:
        """The step of the question that is out; "" while none is."""
        return self._asked.step if self.running and self._asked and not self._held else ""

    def answered(self, frame: bytes, now: float, wrong: Wrong = "") -> Reply:
        """The answer to the question that is out. Its finding, and the next question.

        `wrong` names what is wrong with the device by its own word ("error": it refuses).
        """
        if not self.running or self._asked is None or self._held:
            return Reply()
        self._seen.wrong = wrong
        self._seen.answered = frame or b"\x00"
        self._seen.took_s = now - self._asked_at
        return self._next(now, self.gap_s)

    def wake(self, now: float) -> Reply:
        """The listening is over, or an answer has not come."""
        if not self.running:
            return Reply()
        if self._held:
            if now < self._asked_at:
                return Reply(wake_at=self._asked_at)
            held, self._held = self._held, b""
            return Reply(held, wake_at=self._due)
        return self._next(now) if now >= self._due else Reply(wake_at=self._due)

    def stop(self) -> None:
        """Ask no more."""
        self.running, self._asked, self._held = False, None, b""

    def _next(self, now: float, gap_s: float = 0.0) -> Reply:
        found: list[Finding] = []
        if self._asked is not None:
            found.append(self._judge(self._asked, self._seen))
        elif self._stale:
            found.append(_finding("quiet", "failed", "stale_byte", self._stale))
        self._seen = _Seen()
        if not self._waiting:
            self.stop()
            return Reply(reports=tuple(found))
        self._asked = self._waiting.popleft()
        self._asked_at, self._due = now + gap_s, now + gap_s + self.answer_s
        if gap_s:
            self._held = self._asked.write
            return Reply(b"", tuple(found), self._asked_at)
        return Reply(self._asked.write, tuple(found), self._due)

    def _judge(self, question: Question, seen: _Seen) -> Finding:
        dirt = seen.bad_checksum or seen.garbage
        if not seen.answered:
            code, evidence = _unanswered(seen)
            return _finding(question.step, "failed", code, evidence)
        if seen.bad_checksum:
            return _finding(question.step, "failed", "wrong_checksum", seen.bad_checksum)
        if dirt:
            return _finding(question.step, "failed", "noise", dirt)
        if seen.wrong:
            return _finding(question.step, "failed", seen.wrong, seen.answered)
        took = f"{seen.answered[:EVIDENCE_BYTES].hex(' ').upper()}, {seen.took_s * 1000:.0f} ms"
        single = seen.came >= PIECES_MIN and seen.pieces >= seen.came
        if seen.took_s > self.slow_s and not single:
            return Finding(step=question.step, result="failed", code="slow", evidence=took)
        code = "byte_by_byte" if single else ""
        return Finding(step=question.step, result="passed", code=code, evidence=took)


def late_not_silent(reports: tuple[Report, ...]) -> tuple[Report, ...]:
    """What is known to answer too late is not called silent."""
    return tuple(
        Finding(step=found.step, result="failed", code="late")
        if isinstance(found, Finding) and found.code == "silence"
        else found
        for found in reports
    )


def _kept(before: bytes, data: bytes) -> bytes:
    """As much as is shown: a line that never falls silent must not fill the memory."""
    return (before + data[:EVIDENCE_BYTES])[:EVIDENCE_BYTES]


def _unanswered(seen: _Seen) -> tuple[Wrong, bytes]:
    if seen.bad_checksum:
        return "wrong_checksum", seen.bad_checksum
    if seen.other_address:
        return "wrong_address", seen.other_address
    return ("garbage", seen.garbage) if seen.garbage else ("silence", b"")


def _finding(step: str, result: Result, code: Wrong, evidence: bytes) -> Finding:
    shown = evidence[:EVIDENCE_BYTES].hex(" ").upper()
    return Finding(step=step, result=result, code=code, evidence=shown)
