"""What a device says happened. Past tense; a driver makes them, the core decides what they mean."""

from typing import Literal

from hallctl.core.late import dataclass
from hallctl.core.rules import Spoken
from hallctl.core.trial import Result, Wrong

Key = Literal[
    "call", "recall", "rate", "cancel", "confirm", "line", "pause", "transfer",
    "no_show", "hold", "resume", "start", "finish",
]  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyPressed:
    """A clerk pressed a key. `digits` were typed before it; `press` names this one press.

    The driver chooses `press` (unique while unanswered) and gets it back in `AnswerKey`.
    """

    window: int
    key: Key
    digits: str = ""
    press: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rated:
    """A resident pressed a grade, 1 (非常不满意) to 5 (非常满意).

    `press` as in `KeyPressed`, for a pad that repeats itself until it is answered; "" for none.
    """

    window: int
    grade: int
    press: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class SlipReady:
    """The printer was asked and can print `job`; no byte of it has been sent yet."""

    job: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SlipHeld:
    """The printer cannot print `job` now (`reason`: paper_out, cover_open, …); no byte was sent."""

    job: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SlipPrinted:
    """All bytes of `job` went out and the printer answered behind them.

    `proven` is False for a printer that never answers: sent whole, not confirmed by the device.
    `length_mm` is how much paper it took.
    """

    job: str
    proven: bool = True
    length_mm: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class SlipDoubtful:
    """Bytes of `job` were sent, and what came of them is not known."""

    job: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Condition:
    """A part of a device is in a state; sent when it changes, and once after every start.

    Printer: part `paper`: ok, low, out, unknown; `cover`: closed, open, unknown; `state`: ready,
    offline, error, unknown. Others: part `state`. `evidence` is what the device said, in hex.
    """

    part: str
    state: str
    evidence: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """Something is wrong on the wire (garbage, an unknown frame); counted, and shown when new."""

    code: str
    evidence: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Announced:
    """The announcement was really played to its end, in these languages; it took `took_s`.

    `left_out` names what could not be said (`mandarin/letter-a`): a language with a hole in it is
    left out whole, and the chime sounds in any case. `proven` is False when it was taken and may
    have sounded unseen: said again, it might be heard twice.
    """

    announcement: str
    languages: tuple[Spoken, ...]
    took_s: float
    left_out: tuple[str, ...] = ()
    proven: bool = True


VoiceTrouble = Literal["no_sound", "unplugged", "silence", "cut", "too_short", "restart"]


@dataclass(frozen=True, slots=True, kw_only=True)
class AnnouncementFailed:
    """It was not heard, or not to its end, or nobody knows: it is to be said again.

    no_sound: no sound card, or the device said no; unplugged: the wire went; silence: no answer in
    time, so it may have been heard; cut: something urgent came; too_short: it ended sooner than
    anybody can say it; restart: hallctl itself was started anew (said by the core, not a driver).
    """

    announcement: str
    reason: VoiceTrouble
    evidence: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class CardRead:
    """An ID card was read: `person` is a keyed hash of its number, `age` in whole years.

    Number, name, address and photo never leave the driver (PIPL).
    """

    person: str
    age: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One step of a self-test. `step` is `answer`, `paper`, `key:call`, `answer:3` and the like.

    `code` names what is wrong (or worth knowing), `evidence` is what the device did, in hex or
    figures. Words and remedies for people stand in the texts, by code.
    """

    step: str
    result: Result
    code: Wrong = ""
    evidence: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class TestAsks:
    """The self-test waits for a person: press this key, look at that. `step` as in `Finding`."""

    step: str
    wait_s: float
    window: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class TestEnded:
    """The driver's self-test is over; all its findings have been reported."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkUp:
    """The wire is open (from device.py, not from a driver)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkDown:
    """The wire is gone: `evidence` is the system's word, `remedy` the one thing to try."""

    evidence: str
    remedy: str


Report = (
    KeyPressed
    | Rated
    | SlipReady
    | SlipHeld
    | SlipPrinted
    | SlipDoubtful
    | Condition
    | Fault
    | Announced
    | AnnouncementFailed
    | CardRead
    | Finding
    | TestAsks
    | TestEnded
    | LinkUp
    | LinkDown
)


@dataclass(frozen=True, slots=True)
class Reported:
    """A report with the device it came from and an id, so that a report acts once."""

    id: str
    device: str
    report: Report
