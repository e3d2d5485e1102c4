"""Rating pads (评价器) with five keys on a serial line of their own.

Manual: none is public. `R<grade>` is what the simple units send; the other direction is ours and
written here, so that a maker can build to it. Wiring: one pad per serial line, 9600 8N1. Lines of
text, GB18030, at most 64 bytes, closed by CR LF:

    52 35 0D 0A                      "R5": the resident pressed 非常满意 (1 非常不满意 to 5)
    41 53 4B 20 41 30 30 31 0D 0A    "ASK A001": light the keys and ask for ticket A001
    "THANKS"                         a grade was taken: thank, then go dark by itself
    "IDLE"                           stop asking

A grade nobody was asked for is no grade: it is dropped without a word. A pad says each press once
and hears no answer, so a grade lost on the wire is lost; nobody waits for it to be on disk.
"""

import unicodedata
from typing import ClassVar

from hallctl.core.effects import AskRating, Effect, EndRating, ExerciseDevice
from hallctl.core.reports import Finding, Rated, Report, TestAsks, TestEnded
from hallctl.driver import Driver, DriverOptions, Reply
from hallctl.presses import Presses, Wanted

SHOWN_S = 3.0
LINE_MAX = 64
LABEL_MAX = 16
GRADES = {b"R1": 1, b"R2": 2, b"R3": 3, b"R4": 4, b"R5": 5}


class PadOptions(DriverOptions):
    """`window`: where the pad stands."""

    window: int


class PadSerial(Driver):
    """One pad. Only the first grade after a question counts."""

    kind = "pad"
    takes = (AskRating, EndRating)
    example: ClassVar = {"window": 1}
    Options: ClassVar[type[DriverOptions]] = PadOptions
    options: PadOptions

    def __init__(self, options: PadOptions) -> None:
        super().__init__(options)
        self._asking: str | None = None
        self._buffer = b""
        self._too_long = False
        self._shows = b"IDLE\r\n"
        self._trial: Presses | None = None
        self._label = ""
        self._shown_until = 0.0

    def windows(self) -> tuple[int, ...]:
        """The one window it stands at."""
        return (self.options.window,)

    def start(self, now: float) -> Reply:  # noqa: ARG002
        """Ask again when a question is open, else make sure that the pad does not ask."""
        self._buffer, self._too_long, self._trial = b"", False, None
        self._shows = b"IDLE\r\n" if self._asking is None else _ask(self._asking)
        return Reply(self._shows)

    def perform(self, effect: Effect, now: float) -> Reply:  # noqa: ARG002
        """AskRating opens a question, EndRating closes it. A self-test shows it when it is over."""
        if not isinstance(effect, AskRating | EndRating) or effect.window != self.options.window:
            return Reply()
        self._asking = effect.label if isinstance(effect, AskRating) else None
        self._shows = b"IDLE\r\n" if self._asking is None else _ask(self._asking)
        if self._trial:
            return Reply()
        thanks = isinstance(effect, EndRating) and effect.thanks
        return Reply(b"THANKS\r\n" if thanks else self._shows)

    def receive(self, data: bytes, now: float) -> Reply:
        """Lines; the first good grade of an open question is reported."""
        if self._trial:
            self._trial.piece(data)
        reply = Reply()
        for byte in data:
            if byte not in b"\r\n":
                if len(self._buffer) < LINE_MAX:
                    self._buffer += bytes((byte,))
                else:
                    self._too_long = True
                continue
            # The end of the line: dirt before a press must not hide the press.
            grade = None if self._too_long else GRADES.get(self._buffer[-2:])
            dirt = self._buffer if grade is None else self._buffer[:-2]
            self._buffer, self._too_long = b"", False
            said = self._line(grade, dirt, now)
            wake_at = reply.wake_at if said.wake_at is None else said.wake_at
            reply = Reply(reply.write + said.write, reply.reports + said.reports, wake_at)
        return reply

    def _line(self, grade: int | None, dirt: bytes, now: float) -> Reply:
        if self._trial:
            if dirt:
                self._trial.dirt(dirt)
            return Reply() if grade is None else self._tried(self._trial.pressed(f"{grade}", now))
        if grade is None or self._asking is None:
            return Reply()
        self._asking = None
        return Reply(reports=(Rated(window=self.options.window, grade=grade),))

    # - the self-test

    def selftest(self, test: ExerciseDevice, now: float) -> Reply:
        """The pad asks for 3 s; with a person, each face in turn."""
        faces = [Wanted(f"face:{grade}", f"{grade}") for grade in range(5, 0, -1)]
        self._buffer, self._too_long = b"", False  # the dirt of before is not this test's
        self._trial = Presses.at_level(test.level, faces, window=self.options.window)
        self._label = test.texts[-1] if test.texts else ""
        self._shown_until = now + SHOWN_S if test.level == "external" else 0.0
        begun = self._trial.begin(now)
        lit = _ask(self._label) if test.level == "external" else b""
        return self._tried(Reply(lit + begun.write, begun.reports, begun.wake_at))

    def wake(self, now: float) -> Reply:
        """Only a self-test waits for a time."""
        if self._trial is None:
            return Reply()
        if self._trial.running:
            if self._buffer:
                self._trial.dirt(self._buffer)
            return self._tried(self._trial.wake(now))
        if now < self._shown_until:
            return Reply(wake_at=self._shown_until)
        self._shown_until = 0.0
        sent = _ask(self._label).hex(" ").upper()
        shown = Finding(step="show", result="untested", code="no_question", evidence=sent)
        return self._tried(Reply(reports=(shown,)))

    def end_selftest(self, now: float) -> Reply:  # noqa: ARG002
        """Back to work: show what should be shown."""
        self._trial, self._shown_until = None, 0.0
        return Reply(self._shows)

    def _tried(self, reply: Reply) -> Reply:
        """Light the pad for each face; at the end show again what should be shown."""
        write, reports = reply.write, list[Report](reply.reports)
        if any(isinstance(report, TestAsks) for report in reports):
            write += _ask(self._label)
        wake_at = reply.wake_at
        if self._trial is not None and not self._trial.running:
            if self._shown_until:
                wake_at = self._shown_until
            else:
                self._trial = None
                write += self._shows
                reports.append(TestEnded())
        return Reply(write, tuple(reports), wake_at)


def _ask(label: str) -> bytes:
    """The question, with nothing in the label that could end the line or begin another."""
    plain = "".join(c for c in label if unicodedata.category(c)[0] not in "CZ")[:LABEL_MAX]
    return b"ASK " + plain.encode("gb18030") + b"\r\n"
