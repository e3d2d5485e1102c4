"""The printer's self-test: which questions, in which order, and what the answers mean.

Internal: DLE EOT 1 to 4, and its name where it has one to say. External: then the test form, as a
job of its own, which goes when nothing else is on its way and goes once.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from drivers.escpos.profiles import EscposOptions
from drivers.escpos.status import CUTTER, States, Word, by_answers, cause, in_hex
from hallctl.core.effects import ExerciseDevice
from hallctl.core.reports import Finding
from hallctl.core.trial import Result, Wrong
from hallctl.driver import Reply
from hallctl.probe import Probe, Question

NAME_S = 1.0
MODEL = b"\x1dIC"  # GS I 67: the model's name
Stage = Literal["waiting", "asking", "naming", "form", "printing"]

_PARTS: Mapping[tuple[str, str], tuple[Result, Wrong]] = {
    ("paper", "ok"): ("passed", ""),
    ("paper", "low"): ("failed", "paper_low"),
    ("paper", "out"): ("failed", "paper_out"),
    ("cover", "closed"): ("passed", ""),
    ("cover", "open"): ("failed", "cover_open"),
    ("state", "ready"): ("passed", ""),
    ("state", "offline"): ("failed", "offline"),
    ("state", "error"): ("failed", "error"),
}
_CAUSES: Mapping[str, Wrong] = {
    "paper_out": "paper_out",
    "cover_open": "cover_open",
    "cutter_error": "cutter_error",
    "error": "error",
    "offline": "offline",
}


def _probe() -> Probe:
    return Probe([Question("answer", bytes((0x10, 0x04, n))) for n in (1, 2, 3, 4)])


@dataclass(slots=True)
class Trial:
    """One self-test under way. `due` is when it wants to be woken while it asks."""

    test: ExerciseDevice
    options: EscposOptions
    stage: Stage = "waiting"
    probe: Probe = field(default_factory=_probe)
    answers: dict[int, int] = field(default_factory=dict)
    due: float = 0.0
    _found: list[Finding] = field(default_factory=list)
    _out: int = 0
    """The n of the DLE EOT that is out; 0 while we listen. Its answer carries no number."""

    @property
    def asks(self) -> bool:
        """Whether the line is the test's own: nobody else may ask now."""
        return self.stage in {"asking", "naming"}

    @property
    def prints(self) -> bool:
        """Whether the test is to print its form."""
        return self.test.level != "internal"

    @property
    def states(self) -> States:
        """What the answers so far mean."""
        return by_answers(self.answers, near_end_inverted=self.options.near_end_inverted)

    @property
    def why(self) -> str:
        """Why the form cannot be printed; "" when it can, or when nobody can know."""
        if self.options.silent:
            return ""
        return cause(self.states, self.answers) if self.answers else "no_answer"

    def begin(self, now: float) -> list[Finding]:
        """Listen, then ask; a printer that never answers is not asked."""
        if self.options.silent:
            self.stage = "form"
            return [Finding(step="answer", result="untested", code="no_question")]
        self.stage = "asking"
        self.due = self.probe.begin(now).wake_at or now
        return []

    def heard(self, words: Mapping[Word, bytes], now: float) -> Reply:
        """What the printer said, or nothing in time: the next question, or all findings."""
        if self.stage == "naming":
            return self._name(words, now)
        if "answer" in words and self._out:
            self.answers[self._out] = words["answer"][0]
            reply = self.probe.answered(words["answer"], now)
        else:
            reply = self.probe.wake(now)
        found = [f for f in reply.reports if isinstance(f, Finding)]
        self._found += [f for f in found if f.step == "answer"]
        self._out += bool(reply.write)
        self.due = reply.wake_at or self.due
        other = tuple(f for f in found if f.step != "answer")
        if self.probe.running:
            return Reply(reply.write, other)
        other += tuple(self.judged(self.states))
        if self.options.identify and not self.why:
            self.stage, self.due = "naming", now + NAME_S
            return Reply(MODEL, other)
        self.stage = "form"
        return Reply(b"", other)

    def _name(self, words: Mapping[Word, bytes], now: float) -> Reply:
        if "name" in words:
            self.stage = "form"
            name = words["name"].decode("ascii", "backslashreplace")
            return Reply(reports=(Finding(step="model", result="passed", evidence=name),))
        self.stage = "form" if now >= self.due else "naming"
        return Reply()

    def judged(self, states: States) -> list[Finding]:
        """All that the answers say."""
        found = self._answers()
        if not self.answers:
            return found
        for part, state in states.items():
            result, code = _PARTS.get((part, state), ("untested", "no_question"))
            shown = f"{state} ({in_hex(self.answers)})"
            found.append(Finding(step=part, result=result, code=code, evidence=shown))
        third = self.answers.get(3)
        if third is None:
            cutter = Finding(step="cutter", result="untested", code="no_question")
        elif third & CUTTER:
            cutter = Finding(
                step="cutter", result="failed", code="cutter_error", evidence=f"3:{third:02X}"
            )
        else:
            cutter = Finding(step="cutter", result="passed", evidence=f"3:{third:02X}")
        return [*found, cutter]

    def _answers(self) -> list[Finding]:
        failed = {f.code: f for f in reversed(self._found) if f.result == "failed"}
        if failed:
            return list(failed.values())
        code: Wrong = next((f.code for f in self._found if f.code), "")
        return [Finding(step="answer", result="passed", code=code, evidence=in_hex(self.answers))]


def not_printed(why: str) -> Finding:
    """The form was not sent, for this reason."""
    code: Wrong = _CAUSES.get(why, "silence") if why else "no_question"
    return Finding(step="print", result="untested", code=code)


def printed(reason: str, *, proven: bool, length_mm: int) -> Finding:
    """What came of the form; `reason` "" when nothing is known against it."""
    evidence = f"{length_mm} mm"
    if reason:
        code = _CAUSES.get(reason, "doubtful")
        return Finding(step="print", result="failed", code=code, evidence=evidence)
    if not proven:
        return Finding(step="print", result="untested", code="no_question", evidence=evidence)
    return Finding(step="print", result="passed", evidence=evidence)
