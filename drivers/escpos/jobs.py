"""What the printer's driver remembers: slips that wait, on their way, or hang; questions out."""

from dataclasses import dataclass, field
from typing import Literal

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
class Late:
    """A slip given up as doubtful whose fence may yet be answered, once the printer goes on.

    Until then no other fence may go out: an answer does not say to which it belongs.
    """

    sent: Sent
    counts: bool
    due: float | None = None
    fences: int = 1
    """How many answers are still owed: several where slips went to a printer that was mute."""


@dataclass(slots=True)
class Poll:
    """Four questions under way, or the listening before them."""

    due: float
    asked: int = 0
    """The n of the DLE EOT that is out; 0 while we drain."""
    answers: dict[int, int] = field(default_factory=dict)


@dataclass(slots=True)
class Hanging:
    """What may hang in the printer and must not lie on top of the next slip."""

    late: Late | None = None
    broken_off: bool = False
    """Its half is there, as far as we know: the next slip must be parted from it."""
    unproven: int = 0
    """Slips that went to a printer which has said nothing: each may have lost its end."""
    longest: int = 0
    """The longest command of the slip before, in bytes."""

    @property
    def filling(self) -> int:
        """How many zero bytes to send before anything else.

        What stands in the midst of a command takes as many bytes for its own: a question would be
        taken for the length of a picture, and 4 kB after it for the picture.
        """
        return self.late.sent.longest if self.late else self.longest if self.unproven else 0

    def left(self, why: Unended | Literal[""], longest: int) -> None:
        """A process before this one has left it, "" for nothing."""
        if why:
            self.longest = longest
        if why == "unproven":
            self.unproven = 1
        elif why:
            self.late = Late(Sent(None, 0.0, 0, longest), counts=False)

    def before(self, longest: int) -> tuple[int, bool]:
        """A slip goes: how many zero bytes before it, and whether a cut.

        Where a printer never speaks, nobody knows more of its last slip than of any other: an
        empty piece of paper before each would be too much.
        """
        filling, cut = self.filling, self.broken_off
        self.broken_off, self.late, self.longest = False, None, longest
        return filling, cut

    def spoke(self) -> None:
        """The printer speaks: its silence, if it had any, meant something after all.

        Perhaps it was away, and prints and answers now what it has kept; or that is lost.
        """
        if self.unproven and self.late is None:
            sent = Sent(None, 0.0, 0, self.longest)
            self.late = Late(sent, counts=False, fences=self.unproven)
            self.unproven = 0

    def answered(self) -> Late | None:
        """An answer that belongs to no slip on its way: the one that is whole now, if any."""
        late = self.late
        if late is None:
            return None
        late.fences -= 1
        if late.fences > 0:
            late.due = None
        else:
            self.late = None
        return late

    def lost(self, gone: Sent | None) -> None:
        """The wire is gone, and with it perhaps what was on its way."""
        if gone:
            self.late = Late(gone, counts=False)
        elif self.late:
            self.late.counts, self.late.due = False, None

    def linger(self, why: str, now: float) -> None:
        """The printer goes on: wait a while for the fence of the slip it was stopped in."""
        if self.late is None:
            return
        if why:
            self.late.due = None
        elif self.late.due is None:
            self.late.due = now + LATE_S
        elif now >= self.late.due:
            self.give_up()

    def give_up(self) -> None:
        """No answer comes any more."""
        if self.late:
            self.broken_off, self.late = True, None
