"""What has happened. Past tense; on disk before anybody sees it; never changed afterwards.

No event holds personal data. `AUDIENCE` says who may follow it on the bus: everybody (public
screens), staff, or nobody but the supervisor's own reading of the journal (private).
"""

from dataclasses import field
from typing import ClassVar, Literal

from hallctl.core.late import dataclass
from hallctl.core.rules import Klass, Language, Rules, Spoken
from hallctl.core.slip import Unended
from hallctl.core.trial import Level, Result, Wrong

Audience = Literal["public", "staff", "private"]
Opening = Literal["before", "open", "lunch", "after", "holiday"]
Purpose = Literal["ticket", "materials", "notice", "tests", "rehearsal"]
Announcing = Literal["call", "recall", "missed", "lunch", "rehearsal", "evacuation"]
"""What an announcement is about."""
Skipping = Literal["moved_on", "merged", "quiet", "over", "gone"]


class Event:
    """What all events share."""

    __slots__ = ()
    AUDIENCE: ClassVar[Audience] = "public"
    HIDDEN: ClassVar[tuple[str, ...]] = ()
    """Fields that no follower sees: they are told as empty."""
    HIDDEN_PUBLIC: ClassVar[tuple[str, ...]] = ()
    """Fields that only staff sees."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EpochBegun(Event):
    """A journal begins, or goes on after a loss; numbers of the day go on above `numbers`."""

    reason: str
    numbers: dict[str, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class DayOpened(Event):
    """A business day begins. Recovery folds from here, so what must live on comes along.

    `learned` are the durations of finished visits so far: by key (item, or queue letter) their
    weight, mean and mean square, in seconds. `paper` is what is known of each printer's roll:
    its length, what of it is used (mm), and on how many slips. `unended` are the printers in which
    half a slip, or half a test form, may hang, `speaking` those that have proven a slip before.
    """

    day: str
    learned: dict[str, tuple[float, float, float]] = field(default_factory=dict)
    paper: dict[str, tuple[float, float, int]] = field(default_factory=dict)
    unended: dict[str, Unended] = field(default_factory=dict)
    speaking: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class DayClosed(Event):
    """The day is over: nobody waits and no window serves. Counts for the closing slip.

    Where it goes on after all (hours extended, a clock set back) it is closed once more.
    """

    day: str
    issued: int
    finished: int
    missed: int
    voided: int


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
class ClockSet(Event):
    """The computer's wall clock was set while the hall ran, by `by_s` seconds.

    What the hall remembers by the old clock is told by the new one from here on, so that nobody
    waits longer or shorter for it and no order changes.
    """

    by_s: float


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
    person: str = ""
    behind: str = ""
    """The visit that failed, for a 办不成事 ticket."""
    span: int = -1
    """Which span of `taking` it counts to; -1 for a walk-up."""
    code: str = ""
    """What the public wait page finds it by; drawn at random, and told to nobody but the web."""

    HIDDEN: ClassVar[tuple[str, ...]] = ("person",)
    HIDDEN_PUBLIC: ClassVar[tuple[str, ...]] = ("code",)


@dataclass(frozen=True, slots=True, kw_only=True)
class PreprintedEntered(Event):
    """A pre-printed number, handed out without the PC, was entered afterwards.

    It came at `came_s` (UNIX seconds) and waits from now on at the place that gives it. With
    `served_at` it was served at that window from `started_s` to `finished_s`, as the forms say: it
    is recorded only, and nothing is called. `span` as in `TicketIssued`.
    """

    visit: str
    label: str
    queue: str
    number: int
    item: str
    klass: Klass
    came_s: float
    virtual_s: float
    ahead: int
    wait_low_min: int
    wait_high_min: int
    span: int = -1
    served_at: int = 0
    started_s: float = 0.0
    finished_s: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class TicketCalled(Event):
    """A ticket was called to a window; `why` is the reason it was next, in words.

    `automatic` is 顺呼 (the rule chose), `quiet` a walk-up who stands there already.
    """

    visit: str
    label: str
    window: int
    why: str
    automatic: bool = True
    quiet: bool = False


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
class ReasonsGiven(Event):
    """Why a grade was low, as the resident chose; part of the rating, and as private."""

    AUDIENCE: ClassVar[Audience] = "private"
    visit: str
    window: int
    reasons: tuple[str, ...]


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
class TicketRejoined(Event):
    """A missed ticket waits again, behind those whose place it was given."""

    visit: str
    label: str
    virtual_s: float


@dataclass(frozen=True, slots=True, kw_only=True)
class VisitHeld(Event):
    """The visit stepped aside; it is called back later the same day."""

    visit: str
    label: str
    window: int
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class VisitTransferred(Event):
    """The visit waits again, number and place kept; `to_window` 0 for any window of the queue."""

    visit: str
    label: str
    window: int
    queue: str
    to_window: int


@dataclass(frozen=True, slots=True, kw_only=True)
class CallWithdrawn(Event):
    """A call was taken back (undo, or the window went away); the place is restored."""

    visit: str
    label: str
    window: int
    reason: str
    back_to: Literal["waiting", "held", "no_show"]


@dataclass(frozen=True, slots=True, kw_only=True)
class StartUndone(Event):
    """The start was a slip of the finger: the visit is called, not served."""

    visit: str
    window: int


@dataclass(frozen=True, slots=True, kw_only=True)
class FinishUndone(Event):
    """The finish was a slip of the finger: the visit is at the window as before."""

    visit: str
    window: int
    back_to: Literal["called", "serving"] = "serving"


@dataclass(frozen=True, slots=True, kw_only=True)
class MissUndone(Event):
    """The no-show was a slip of the finger: the visit is called again, as before."""

    visit: str
    window: int


@dataclass(frozen=True, slots=True, kw_only=True)
class HoldUndone(Event):
    """The hold was a slip of the finger: the visit is at the window as before."""

    visit: str
    window: int
    back_to: Literal["called", "serving"] = "serving"


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemSet(Event):
    """What the visit is about."""

    visit: str
    item: str


@dataclass(frozen=True, slots=True, kw_only=True)
class MatterAdded(Event):
    """One more item on the ticket, to be served after the present one."""

    visit: str
    item: str


@dataclass(frozen=True, slots=True, kw_only=True)
class MatterFinished(Event):
    """One item of several is done; `next_item` is what the visit is about now."""

    visit: str
    window: int
    item: str
    next_item: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ClassChanged(Event):
    """Priority given or taken; the place follows from when the ticket was taken."""

    visit: str
    klass: Klass
    virtual_s: float


@dataclass(frozen=True, slots=True, kw_only=True)
class StaffSignedOn(Event):
    """A clerk, by number, has the window. `post` is A, B, or "" for neither there.

    The number stands on the window's screen and pad; why somebody covers does not (`CoverGiven`).
    """

    window: int
    staff: str
    post: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CoverGiven(Event):
    """Why the clerk who has just signed on covers for another (AB岗)."""

    AUDIENCE: ClassVar[Audience] = "staff"
    window: int
    staff: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class StaffSignedOff(Event):
    """The clerk has left the window."""

    window: int
    staff: str


@dataclass(frozen=True, slots=True, kw_only=True)
class QueueOpened(Event):
    """Numbers are given again."""

    queue: str


@dataclass(frozen=True, slots=True, kw_only=True)
class QueueClosed(Event):
    """No more numbers today."""

    queue: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class WindowQueuesSet(Event):
    """What a window serves today; empty for hall.yaml's own."""

    window: int
    queues: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class HelpingSet(Event):
    """Whether the window helps other queues."""

    window: int
    on: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class NoticesSet(Event):
    """What the hall screen shows in turn; empty for hall.yaml's own."""

    notices: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class HoursExtended(Event):
    """The hall serves until later today."""

    until_day_s: int


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertRaised(Event):
    """Something wants a supervisor's eye.

    `kind`: wait, pause, visit, open_window, paper, voice, disk, journal. `subject` is the visit,
    window, queue, device, folder or file; `level` yellow or red; `words` for people.
    """

    AUDIENCE: ClassVar[Audience] = "staff"
    kind: str
    subject: str
    level: Literal["yellow", "red"]
    words: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertEnded(Event):
    """The cause of an alert is gone."""

    AUDIENCE: ClassVar[Audience] = "staff"
    kind: str
    subject: str


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
    """Something is to be printed. `reprint` marks it 补打.

    `missing` are the materials of a 一次性告知单 by their place in the item, from 1; `tests` the
    self-tests whose results are printed.
    """

    job: str
    printer: str
    purpose: Purpose
    visit: str
    item: str
    kiosk: str
    language: Language
    reprint: bool
    missing: tuple[int, ...] = ()
    tests: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class SlipMoved(Event):
    """The slip goes to another printer that serves the same place; no byte of it was sent."""

    job: str
    from_printer: str
    printer: str


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
    """The slip is on paper; `proven` when the printer itself said so. It took `length_mm`."""

    job: str
    proven: bool
    length_mm: int = 0


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
class EvacuationStarted(Event):
    """Everybody must leave; `place` is where it was asked for."""

    place: str


@dataclass(frozen=True, slots=True, kw_only=True)
class EvacuationEnded(Event):
    """The hall goes on where it was."""

    place: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AreaCleared(Event):
    """A clerk has seen that nobody is left around a window."""

    window: int


@dataclass(frozen=True, slots=True, kw_only=True)
class PaperLoaded(Event):
    """A new roll is in the printer."""

    printer: str
    length_mm: float


@dataclass(frozen=True, slots=True, kw_only=True)
class DeviceTestBegun(Event):
    """A self-test begins."""

    AUDIENCE: ClassVar[Audience] = "staff"
    test: str
    device: str
    level: Level
    windows: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class DeviceTestAsked(Event):
    """The self-test waits for a person."""

    AUDIENCE: ClassVar[Audience] = "staff"
    test: str
    step: str
    window: int
    wait_s: float


@dataclass(frozen=True, slots=True, kw_only=True)
class DeviceTestFound(Event):
    """One finding of a self-test."""

    AUDIENCE: ClassVar[Audience] = "staff"
    test: str
    step: str
    result: Result
    code: Wrong = ""
    evidence: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class DeviceTestStopped(Event):
    """A person breaks the self-test off; its end follows."""

    AUDIENCE: ClassVar[Audience] = "staff"
    test: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DeviceTestEnded(Event):
    """A self-test is over."""

    AUDIENCE: ClassVar[Audience] = "staff"
    test: str
    device: str
    result: Result


@dataclass(frozen=True, slots=True, kw_only=True)
class RehearsalBegun(Event):
    """A visit is rehearsed at a window, with a ticket outside sequence, statistics and queues."""

    AUDIENCE: ClassVar[Audience] = "staff"
    window: int
    job: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RehearsalMoved(Event):
    """The rehearsed visit goes on: called, heard (by the voice), serving, rating."""

    AUDIENCE: ClassVar[Audience] = "staff"
    window: int
    stage: Literal["called", "heard", "serving", "rating"]


@dataclass(frozen=True, slots=True, kw_only=True)
class RehearsalEnded(Event):
    """The rehearsal is over: `done`, or why not: `timeout`, `stopped`, `work`, `restart`."""

    AUDIENCE: ClassVar[Audience] = "staff"
    window: int
    reason: Literal["done", "timeout", "stopped", "work", "restart"]


@dataclass(frozen=True, slots=True, kw_only=True)
class CardRead(Event):
    """An ID card was read at a kiosk: a hash that means nothing tomorrow, and the age in years."""

    HIDDEN: ClassVar[tuple[str, ...]] = ("person",)
    place: str
    person: str
    age: int


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
class AnnouncementQueued(Event):
    """Something is to be said by a voice: it waits its turn. `call` is the seq of the call's event.

    Each one ends in AnnouncementMade or AnnouncementSkipped; AnnouncementFailed may come before.
    """

    AUDIENCE: ClassVar[Audience] = "staff"
    device: str
    announcement: str
    purpose: Announcing
    call: int
    visit: str = ""
    label: str = ""
    window: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class AnnouncementBegun(Event):
    """It is handed to the voice: in which languages (each as often as it stands here), how."""

    AUDIENCE: ClassVar[Audience] = "staff"
    device: str
    announcement: str
    languages: tuple[Spoken, ...]
    short: bool
    volume: int


@dataclass(frozen=True, slots=True, kw_only=True)
class AnnouncementMade(Event):
    """It was heard to its end. `languages` is what was really said; () was the chime alone.

    It began `took_s` seconds before this event. `left_out` and `proven` as in `reports.Announced`.
    """

    AUDIENCE: ClassVar[Audience] = "staff"
    device: str
    visit: str
    window: int
    announcement: str = ""
    call: int = 0
    languages: tuple[Spoken, ...] = ()
    took_s: float = 0.0
    left_out: tuple[str, ...] = ()
    proven: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class AnnouncementFailed(Event):
    """It was not heard; it waits again, first in line, as long as its call stands."""

    AUDIENCE: ClassVar[Audience] = "staff"
    device: str
    announcement: str
    call: int
    visit: str
    window: int
    reason: str
    evidence: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class AnnouncementSkipped(Event):
    """It will not be said: its call no longer stands, or why else.

    moved_on: the visit is no longer called there; merged: the same call waits in line already;
    quiet: quiet hours, the call is on the screens; over: what it told is past; gone: the voice is
    no longer fitted.
    """

    AUDIENCE: ClassVar[Audience] = "staff"
    device: str
    announcement: str
    call: int
    visit: str
    window: int
    reason: Skipping


@dataclass(frozen=True, slots=True, kw_only=True)
class VoiceQuieted(Event):
    """The voice is silent until then (UNIX seconds; 0: it speaks again), as somebody asked."""

    AUDIENCE: ClassVar[Audience] = "staff"
    until_s: float
    place: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class AskerTurned(Event):
    """Somebody was turned away at the bus; `count` times since the last such event of theirs."""

    AUDIENCE: ClassVar[Audience] = "private"
    asker: str
    code: str
    what: str
    count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyEnrolled(Event):
    """A program on another machine may come in, in that role."""

    AUDIENCE: ClassVar[Audience] = "private"
    name: str
    role: str
    fingerprint: str


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyRevoked(Event):
    """It may no longer, and was cut off."""

    AUDIENCE: ClassVar[Audience] = "private"
    name: str
    role: str
    fingerprint: str


EVENTS: tuple[type[Event], ...] = tuple({e.__name__: e for e in Event.__subclasses__()}.values())
"""Every event once (a dataclass with slots is made twice; the later one is the real one)."""


class _Written:
    """How it was written down, kept beside it: the journal stores what followers are told."""

    __slots__ = ("written",)
    written: bytes


@dataclass(frozen=True, slots=True)
class Recorded(_Written):
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
