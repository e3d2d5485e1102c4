"""The question how it is: one at a time, whether an answer is its own, how long answers take."""

ACCEPTED, IDLE = 0x41, 0x4F
SILENT_MOST, IN_TIME_LEAST = 2, 3
"""So many questions without an answer are silence; so many answers in time end that."""
FORGETS = 0.9
"""So much less the longest time of an answer counts with each answer after it."""


class Asking:
    """The question that is out, since `asked_at`; None for none.

    No other goes out before its answer has come, or has not in twice `answer_s`: an answer does not
    say to which question it belongs. `overdue`: it is later than `answer_s`.
    """

    def __init__(self, answer_s: float) -> None:
        self.answer_s = answer_s
        self.asked_at: float | None = None
        self.overdue = False
        self.lag_s = 0.0
        """So long its answers take."""
        self._misses = self._doubt = 0
        self._accepted = self._pairs = False

    def restart(self) -> None:
        """The line has been opened: nothing is out, nothing known."""
        self.asked_at, self.overdue, self.lag_s = None, False, 0.0
        self._misses = self._doubt = 0
        self._pairs = False

    def ask(self, now: float) -> None:
        """A question goes out."""
        self.asked_at, self.overdue, self._accepted = now, False, False

    def accepted(self) -> None:
        """It has said 41."""
        self._accepted = True

    def answered(self, word: int, now: float) -> float | None:
        """When the question went out to which this is the answer; None when it is to none.

        A module that says 41 before its answers has said of its own accord what comes without it.
        """
        asked_at = self.asked_at
        if asked_at is None or (word == IDLE and self._pairs and not self._accepted):
            return None
        self._pairs = self._accepted
        self.asked_at, self._misses = None, 0
        self.lag_s = max(now - asked_at, self.lag_s * FORGETS)
        self._doubt = IN_TIME_LEAST if self.overdue else max(0, self._doubt - 1)
        return asked_at

    @property
    def due(self) -> float:
        """When the answer is late; then, when it will not come any more."""
        return (self.asked_at or 0.0) + (2 if self.overdue else 1) * self.answer_s

    def missed(self) -> bool:
        """It is due, and has not come. Whether it is given up."""
        if not self.overdue:
            self.overdue = True
            self._misses += 1
            return False
        self.asked_at, self._doubt, self._pairs = None, IN_TIME_LEAST, False
        return True

    @property
    def silent(self) -> bool:
        """Whether it does not answer at all."""
        return self._misses >= SILENT_MOST

    def wait_s(self, least_s: float) -> float:
        """How long to wait for what it says to something else than a question, at least so long.

        One that is quick says it in that time; else it would pass for an answer.
        """
        return self.answer_s if self.lag_s > least_s else least_s

    @property
    def sure(self) -> bool:
        """Whether its answers come in time, as far as is known."""
        return not self._doubt

    def begin(self) -> None:
        """For something new it is asked anew before it is silent."""
        self._misses = 0
