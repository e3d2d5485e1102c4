"""What has happened. Past tense; on disk before anybody sees it; never changed afterwards.

No event holds personal data. `AUDIENCE` says who may follow it on the bus: everybody (public
screens), staff, or nobody but the supervisor's own reading of the journal (private).
"""

from dataclasses import dataclass
from typing import ClassVar, Literal

from hallctl.core.rules import Klass, Language, Rules

Audience = Literal["public", "staff", "private"]
Opening = Literal["before", "open", "lunch", "after", "holiday"]
Purpose = Literal["ticket", "materials"]


class Event:
    """What all events share."""

    __slots__ = ()
    AUDIENCE: ClassVar[Audience] = "public"


@dataclass(frozen=True, slots=True, kw_only=True)
class EpochBegun(Event):
    """A journal begins, or goes on after a loss; numbers of the day go on above `numbers`."""

    reason: str
    numbers: dict[str, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class DayOpened(Event):
    """A business day begins. Recovery folds from here."""

    day: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RulesSet(Event):
    """The rules in force from here on, whole, with the digest of the files they came from."""

    rules: Rules
    digest: str


@dataclass(frozen=True, slots=True, kw_only=True)
class OpeningTurned(Event):
    """The hall's hours have moved on: a session begins, lunch, the end of the day."""

    opening: Opening


@dataclass(frozen=True, slots=True, kw_only=True)
class TicketIssued(Event):
    """A number was given. `label` is `A001`; `virtual_s` is what fairness sorts by."""

    visit: str
    label: str
    queue: str
    number: int
    item: str
    klass: Klass
    language: Language
    kiosk: str
    virtual_s: float
    ahead: int
    wait_low_min: int
    wait_high_min: int


@dataclass(frozen=True, slots=True, kw_only=True)
class TicketCalled(Event):
    """A ticket was called to a window; `why` is the reason it was next, in words."""

    visit: str
    label: str
    window: int
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TicketRecalled(Event):
    """The ticket at the window was called again, for the `times`-th time."""

    visit: str
    label: str
    window: int
    times: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceStarted(Event):
    """The resident is at the window."""

    visit: str
    window: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceFinished(Event):
    """The matter is done, the window free, the rating open."""

    visit: str
    window: int


@dataclass(frozen=True, slots=True, kw_only=True)
class VisitRated(Event):
    """A resident gave a grade, 1 to 5."""

    AUDIENCE: ClassVar[Audience] = "private"
    visit: str
    window: int
    grade: int


@dataclass(frozen=True, slots=True, kw_only=True)
class RatingClosed(Event):
    """The rating is over; `rated` says whether there was one, never which."""

    visit: str
    window: int
    rated: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class TicketMissed(Event):
    """Called, and nobody came."""

    visit: str
    label: str
    window: int


@dataclass(frozen=True, slots=True, kw_only=True)
class TicketVoided(Event):
    """The ticket is void, for the reason given."""

    visit: str
    label: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class WindowPaused(Event):
    """The window takes nobody for now."""

    window: int
    reason: str
    until_s: float


@dataclass(frozen=True, slots=True, kw_only=True)
class WindowResumed(Event):
    """The window takes residents again."""

    window: int


@dataclass(frozen=True, slots=True, kw_only=True)
class SlipQueued(Event):
    """Something is to be printed. `reprint` marks it 补打."""

    job: str
    printer: str
    purpose: Purpose
    visit: str
    item: str
    kiosk: str
    language: Language
    reprint: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class SlipHeld(Event):
    """The slip waits for the printer; no byte was sent."""

    job: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SlipSending(Event):
    """From here on the slip may be on paper."""

    job: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SlipPrinted(Event):
    """The slip is on paper; `proven` when the printer itself said so."""

    job: str
    proven: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class SlipDoubtful(Event):
    """The slip may or may not be on paper; a person is offered the reprint."""

    job: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SlipFailed(Event):
    """The slip will not be printed; no byte of it was sent."""

    job: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DeviceUp(Event):
    """The wire to a device is open."""

    device: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DeviceDown(Event):
    """The wire to a device is gone."""

    device: str
    evidence: str
    remedy: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DeviceSensed(Event):
    """A part of a device changed its state."""

    device: str
    part: str
    state: str
    evidence: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DeviceFaulted(Event):
    """A device sent what nobody can read; one event for a burst."""

    AUDIENCE: ClassVar[Audience] = "staff"
    device: str
    code: str
    evidence: str


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyRefused(Event):
    """A press that could not be acted upon, and why."""

    AUDIENCE: ClassVar[Audience] = "staff"
    window: int
    key: str
    code: str


@dataclass(frozen=True, slots=True, kw_only=True)
class HelpAsked(Event):
    """Somebody needs a person."""

    place: str


@dataclass(frozen=True, slots=True, kw_only=True)
class HelpAnswered(Event):
    """A person is on the way."""

    place: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CallShown(Event):
    """A screen has shown the call with that sequence."""

    AUDIENCE: ClassVar[Audience] = "staff"
    screen: str
    shown: int


@dataclass(frozen=True, slots=True, kw_only=True)
class CallAnnounced(Event):
    """The call was really heard (chime or voice)."""

    AUDIENCE: ClassVar[Audience] = "staff"
    device: str
    visit: str
    window: int


EVENTS: tuple[type[Event], ...] = tuple({e.__name__: e for e in Event.__subclasses__()}.values())
"""Every event once (a dataclass with slots is made twice; the later one is the real one)."""


@dataclass(frozen=True, slots=True)
class Recorded:
    """An event with its place in the journal.

    `epoch` names the journal, `seq` counts without gaps, `wall_s` and `mono_s` are both clocks,
    `actor` who caused it, `command` the asker's id, `v` the schema version of the event.
    """

    seq: int
    epoch: str
    wall_s: float
    mono_s: float
    actor: str
    command: str
    event: Event
    v: int = 1
