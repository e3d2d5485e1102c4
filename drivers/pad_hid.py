"""Rating pads (评价器) that are USB keyboards with the keys 1 to 5.

Manual: USB HID Usage Tables, page 07 (keyboard); the kernel's linux/input-event-codes.h. Makes: any
that types a digit when pressed. Wiring: one pad per window, on a port of its own and named by it:
`link: {evdev: /dev/input/by-path/…-event-kbd}`.

One event taken apart, the key 5 going down (struct input_event, little-endian):

    E8 03 00 00 00 00 00 00   seconds
    00 00 00 00 00 00 00 00   microseconds
    01 00  06 00              type 1: a key, code 6: KEY_5
    01 00 00 00               value 1: down (0 up, 2 held)

Nothing goes to the pad: it neither asks nor thanks, the screens do. A grade counts only while a
rating is open, and only the first one.
"""

from typing import ClassVar

from pydantic import Field, field_validator

from hallctl.core.effects import AskRating, Effect, EndRating, ExerciseDevice
from hallctl.core.reports import Condition, Fault, Rated, Report, TestEnded
from hallctl.driver import Driver, DriverOptions, Reply
from hallctl.presses import Presses, Wanted
from hallctl.protocols.input_event import InputEvents

CODES = {
    2: 1, 3: 2, 4: 3, 5: 4, 6: 5, 7: 6, 8: 7, 9: 8, 10: 9, 11: 0,
    79: 1, 80: 2, 81: 3, 75: 4, 76: 5, 77: 6, 71: 7, 72: 8, 73: 9, 82: 0,
}  # fmt: skip
"""Digits of a main keyboard and of a keypad."""
GRADE_LEAST, GRADE_MOST = 1, 5
FOUR = 4
FAULT_GAP_S = 10.0


class PadHidOptions(DriverOptions):
    """`window`: where the pad stands.

    `grades`: the digit a key types → its grade, 1 (非常不满意) to 5 (非常满意).
    """

    window: int
    grades: dict[int, int] = Field(default_factory=lambda: {n: n for n in range(1, 6)})

    @field_validator("grades")
    @classmethod
    def _grades(cls, value: dict[int, int]) -> dict[int, int]:
        for key, grade in value.items():
            if not (0 <= key <= 9 and GRADE_LEAST <= grade <= GRADE_MOST):  # noqa: PLR2004 - digits
                raise ValueError(f"{key}: {grade} must be a digit and a grade from 1 to 5")
        return value


class PadHid(Driver):
    """One pad. Only the first grade after a question counts."""

    kind = "pad"
    takes = (AskRating, EndRating)
    example: ClassVar = {"window": 1}
    Options: ClassVar[type[DriverOptions]] = PadHidOptions
    options: PadHidOptions

    def __init__(self, options: PadHidOptions) -> None:
        super().__init__(options)
        self._asking = False
        self._events = InputEvents()
        self._fault_at: float | None = None
        self._trial: Presses | None = None

    def windows(self) -> tuple[int, ...]:
        """The one window it stands at."""
        return (self.options.window,)

    def start(self, now: float) -> Reply:  # noqa: ARG002
        """Say when the pad has four keys only; forget what was half received."""
        self._events.clear()
        self._trial = None
        four = len(set(self.options.grades.values())) == FOUR
        return Reply(reports=(Condition(part="keys", state="four"),) if four else ())

    def perform(self, effect: Effect, now: float) -> Reply:  # noqa: ARG002
        """AskRating opens a question, EndRating closes it."""
        if isinstance(effect, AskRating | EndRating) and effect.window == self.options.window:
            self._asking = isinstance(effect, AskRating)
        return Reply()

    def receive(self, data: bytes, now: float) -> Reply:
        """Keys going down; the first grade of an open question is reported."""
        if self._trial:
            self._trial.piece(data)
        reports: list[Report] = []
        wake_at = None
        for kind, code, dirt in self._events.feed(data):
            if kind == "key" and self._trial:
                tried = self._tried(self._trial.pressed(self._pressed(code), now))
                reports += tried.reports
                wake_at = tried.wake_at
            elif kind == "key":
                reports += self._rated(code)
            elif self._trial:
                self._trial.lost() if kind == "lost" else self._trial.dirt(dirt)
            else:
                wrong = "keys_lost" if kind == "lost" else "garbage"
                reports += self._fault(wrong, dirt.hex(" ").upper()[:96], now)
        return Reply(reports=tuple(reports), wake_at=wake_at)

    def _grade(self, code: int) -> int | None:
        return self.options.grades.get(CODES.get(code, -1))

    def _pressed(self, code: int) -> str:
        grade = self._grade(code)
        return f"code {code}" if grade is None else f"grade {grade}"

    def _rated(self, code: int) -> list[Report]:
        grade = self._grade(code)
        if grade is None or not self._asking:
            return []
        self._asking = False
        return [Rated(window=self.options.window, grade=grade)]

    def _fault(self, code: str, evidence: str, now: float) -> list[Report]:
        if self._fault_at is not None and now - self._fault_at < FAULT_GAP_S:
            return []
        self._fault_at = now
        return [Fault(code=code, evidence=evidence)]

    # - the self-test

    def selftest(self, test: ExerciseDevice, now: float) -> Reply:
        """Each face in turn, from the happiest to the least happy."""
        grades = sorted(set(self.options.grades.values()), reverse=True)
        faces = [Wanted(f"face:{grade}", f"grade {grade}") for grade in grades]
        self._events.clear()  # the dirt of before is not this test's
        self._trial = Presses.at_level(test.level, faces, window=self.options.window)
        return self._tried(self._trial.begin(now))

    def wake(self, now: float) -> Reply:
        """Only a self-test waits for a time."""
        return self._tried(self._trial.wake(now)) if self._trial else Reply()

    def end_selftest(self, now: float) -> Reply:  # noqa: ARG002
        """Back to work."""
        self._trial = None
        return Reply()

    def _tried(self, reply: Reply) -> Reply:
        if self._trial is None or self._trial.running:
            return reply
        self._trial = None
        return Reply(reply.write, (*reply.reports, TestEnded()), reply.wake_at)
