"""What the printer's driver remembers: slips that wait, the one on its way, the questions out."""

from dataclasses import dataclass, field

from hallctl.core.slip import Slip


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


@dataclass(slots=True)
class Poll:
    """Four questions under way, or the listening before them."""

    due: float
    asked: int = 0
    """The n of the DLE EOT that is out; 0 while we drain."""
    answers: dict[int, int] = field(default_factory=dict)
