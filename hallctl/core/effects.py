"""What devices must do. Imperative; a driver turns them into bytes.

An effect with `window` reaches every device that serves the window, one with `printer` or `device`
that device alone. Effects say what should be so, not what changed: a device that was away asks for
its last effects again and is right at once.
"""

from dataclasses import field
from typing import Literal

from hallctl.core.late import dataclass
from hallctl.core.slip import BLANK, Slip, Unended
from hallctl.core.speech import Chime, Sentence
from hallctl.core.trial import Level

StripState = Literal["closed", "idle", "call", "serving", "pause"]


@dataclass(frozen=True, slots=True, kw_only=True)
class PrintSlip:
    """Prepare to print: ask the printer how it is, answer SlipReady or SlipHeld.

    Nothing of the slip goes out before `SendSlip` for the same job. A held job is asked again
    by the driver when the printer recovers; `DropSlip` ends it.
    """

    printer: str
    job: str
    slip: Slip


@dataclass(frozen=True, slots=True, kw_only=True)
class SendSlip:
    """The journal holds that `job` is being sent: send it now, once."""

    printer: str
    job: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DropSlip:
    """Forget a job that was not sent."""

    printer: str
    job: str


@dataclass(frozen=True, slots=True, kw_only=True)
class BriefPrinter:
    """What processes before this one have learnt of a printer.

    `speaks`: it has proven a slip once, so that its silence means something. `unended`: half a slip
    may hang in it, from which the next one must be parted.
    """

    printer: str
    speaks: bool
    unended: Unended | Literal[""] = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ShowStrip:
    """What the window's LED strip must say; `texts` run from the longest to the shortest."""

    window: int
    state: StripState
    texts: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ShowKeypad:
    """The keypad's own digits: how many wait, and the ticket at the window ("" for none)."""

    window: int
    waiting: int
    ticket: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AnswerKey:
    """The press (a key or a grade) is on disk. `accepted` False: refused, so the keypad beeps."""

    device: str
    window: int
    press: str
    accepted: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class AskRating:
    """The pad asks the resident; `label` is what it may show."""

    window: int
    label: str


@dataclass(frozen=True, slots=True, kw_only=True)
class EndRating:
    """The pad stops asking; `thanks` when a grade was taken."""

    window: int
    thanks: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Announce:
    """Say it now, whole. A voice gets the next one when it has answered for this one.

    The answer is `Announced` or `AnnouncementFailed` with the same `announcement`, always.
    `urgent` cuts in: what is being said is broken off (and answered for as `cut`) first.
    """

    device: str
    announcement: str
    window: int
    chime: Chime
    sentences: tuple[Sentence, ...]
    """Said in this order; () is the chime alone."""
    volume: int
    """Percent of the loudest."""
    urgent: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ExerciseDevice:
    """Self-test: exercise the device, report each `Finding`, then `TestEnded`.

    `windows` narrows it to some of a bus's addresses (() for all). Whatever the device may need to
    show comes along, since no driver holds Chinese: `form` for a printer, `texts` (longest to
    shortest) for a display or a voice. Afterwards it shows again what it showed before.
    """

    device: str
    level: Level
    windows: tuple[int, ...] = ()
    form: Slip = BLANK
    texts: tuple[str, ...] = ()
    sentences: tuple[Sentence, ...] = ()
    """What a voice says in a self-test, one of each language."""
    volume: int = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class EndExercise:
    """Stop the self-test that runs; what was not tried stays untested."""

    device: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SetDayKey:
    """A card reader hashes ID numbers of `day` (ISO) with `key`; without one it reads nothing.

    `key` is drawn at random for each business day and thrown away after it, so that a hash means
    nothing the day after. `day` is what ages are reckoned on. Never written to a journal or a log.
    """

    device: str
    day: str
    key: bytes = field(repr=False)


Effect = (
    PrintSlip
    | SendSlip
    | DropSlip
    | BriefPrinter
    | ShowStrip
    | ShowKeypad
    | AnswerKey
    | AskRating
    | EndRating
    | Announce
    | SetDayKey
    | ExerciseDevice
    | EndExercise
)
