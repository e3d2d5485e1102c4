"""What the printer's driver remembers: slips that wait, on their way, or hang; questions out."""

from dataclasses import dataclass, field

from hallctl.core.slip import Slip, Unended

LATE_S = 6.0
"""So long a printer that is well again may still answer the fence of a slip it was stopped in."""


@dataclass(slots=True)
class Job:
    """A slip that waits."""

    job: str
    slip: Slip
    told: str = ""
    """The reason the hall was last told why it waits."""
    ready: bool = False


@dataclass(slots=True)
class Sent:
    """What is on its way: a slip, or (`job` is None) the form of the self-test."""

    job: str | None
    due: float
    length_mm: int
    longest: int
    fence: int | None = None


@dataclass(slots=True)
class Poll:
    """Four questions under way, or the listening before them."""

    due: float
    asked: int = 0
    """The n of the DLE EOT that is out; 0 while we drain."""
    answers: dict[int, int] = field(default_factory=dict)


@dataclass(slots=True)
class Hanging:
    """What slips before have left: answers that may still come, bytes and paper that may hang."""

    owed: int = 0
    """How many fences may still be answered that belong to slips before. An answer does not say
    to which it belongs: these come first."""
    waits: bool = False
    """Whether no slip goes until they are answered, or it is clear that they will not be."""
    due: float | None = None
    last: Sent | None = None
    """The slip of the last of them, if its answer proves it after all."""
    cut: bool = False
    """Its half is in the printer, as far as we know: the next slip must be parted from it."""
    filling: int = 0
    """How many zero bytes are to go before anything else. What stands in the midst of a command
    takes as many bytes for its own: a question would be taken for the length of a picture, and
    4 kB after it for the picture."""
    longest: int = 0
    """The longest command of the slip before, in bytes."""

    def _owes(self) -> None:
        self.owed, self.due, self.last = self.owed + 1, None, None

    def doubt(self, sent: Sent) -> None:
        """A slip is given up; once the printer goes on, its fence may yet prove it."""
        self._owes()
        self.waits, self.last = True, sent

    def unproven(self, sent: Sent, *, silent: bool) -> None:
        """A slip went to a printer that has said nothing: it may have lost its end.

        One that is not asked owes nothing; what hangs there is filled up before the next slip.
        """
        if silent:
            self.filling = sent.longest
        else:
            self._owes()

    def left(self, why: Unended, longest: int, *, silent: bool) -> None:
        """A process before this one has left a slip, whose longest command is not known."""
        self.filling = longest
        if silent:
            self.cut = why == "doubtful"
        else:
            self._owes()
            self.waits = why == "doubtful"

    def lost(self, gone: Sent | None) -> None:
        """The wire is gone, and with it perhaps what was on its way."""
        if gone:
            self._owes()
            self.waits = True
        if self.owed:
            self.filling = max(self.filling, self.longest)
            self.due = self.last = None

    def filled(self) -> bytes:
        """The zero bytes, which now go out."""
        owed, self.filling = self.filling, 0
        return bytes(owed)

    def before(self, longest: int) -> bool:
        """A slip goes; whether behind a cut.

        Where a printer never speaks, nobody knows more of its last slip than of any other: an
        empty piece of paper before each would be too much.
        """
        cut = self.cut or self.waits
        self.cut, self.longest = False, longest
        return cut

    def spoke(self) -> None:
        """The printer speaks: its silence, if it had any, meant something after all.

        Perhaps it was away, and prints and answers now what it has kept; or that is lost.
        """
        if self.owed and not self.waits:
            self.waits, self.due = True, None

    def answered(self) -> Sent | None:
        """A fence of a slip before was answered; the slip that is proven by it, if any."""
        self.owed, self.due = self.owed - 1, None
        if self.owed:
            return None
        self.waits = False
        proven, self.last = self.last, None
        return proven

    def linger(self, why: str, now: float) -> None:
        """The printer goes on: wait a while for the fence of the slip it was stopped in."""
        if not self.waits:
            return
        if why:
            self.due = None
        elif self.due is None:
            self.due = now + LATE_S
        elif now >= self.due:
            self.give_up()

    def give_up(self) -> None:
        """No answer comes any more."""
        self.cut = self.cut or self.owed > 0
        self.owed, self.waits, self.last = 0, False, None
