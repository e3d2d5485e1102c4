"""The hall as it stands. Only `applying.apply` changes it.

The daemon folds it from the journal, screens fold the same from the bus (public events only).
"""

from collections.abc import Iterable
from dataclasses import field
from typing import Literal

from hallctl.core import events as e
from hallctl.core.late import dataclass
from hallctl.core.lines import Lines
from hallctl.core.rules import Rules, Span
from hallctl.core.slip import Unended
from hallctl.core.trial import Found, Level, Result
from hallctl.core.visit import Visit

WindowStatus = Literal["off", "idle", "called", "serving", "paused"]
JobStatus = Literal["queued", "held", "sending", "printed", "doubtful", "failed"]
RECENT_CALLS = 24
"""How many calls are kept for the screens."""


Act = Literal["call", "start", "finish", "no_show", "hold"]


@dataclass(slots=True)
class Undoable:
    """The last press at a window, while it may still be taken back."""

    act: Act
    visit: str
    at_s: float


@dataclass(slots=True)
class WindowState:
    """A window now. `visit` occupies it; `rating` is the visit whose rating is still open.

    `status` is off while nobody has signed on at a hall that asks for it; `queues` are those of
    today when they differ from hall.yaml's.
    """

    number: int
    status: WindowStatus = "idle"
    since_s: float = 0.0
    visit: str = ""
    rating: str = ""
    rating_until_s: float = 0.0
    rated: str = ""
    """The visit that was rated last here, and when: its reasons may still follow."""
    rated_s: float = 0.0
    pause_reason: str = ""
    pause_until_s: float = 0.0
    staff: str = ""
    post: str = ""
    queues: tuple[str, ...] = ()
    helping: bool = False
    undoable: Undoable | None = None


@dataclass(slots=True)
class Alert:
    """Something that wants a supervisor's eye."""

    kind: str
    subject: str
    level: str
    words: str
    since_s: float


@dataclass(slots=True)
class Learned:
    """How long visits of one kind take, from those finished: seconds, older ones fade."""

    weight: float = 0.0
    mean_s: float = 0.0
    mean_square: float = 0.0


@dataclass(slots=True)
class Job:
    """One slip on its way to paper."""

    id: str
    printer: str
    purpose: e.Purpose
    visit: str
    item: str
    kiosk: str
    language: Literal["zh", "en"]
    reprint: bool
    queued_s: float
    status: JobStatus = "queued"
    reason: str = ""
    proven: bool = False
    missing: tuple[int, ...] = ()
    tests: tuple[str, ...] = ()
    tried: tuple[str, ...] = ()
    """Printers it has been moved away from."""


@dataclass(slots=True)
class Paper:
    """What is known of a printer's roll, in mm; `length_mm` 0 when nobody said it was changed."""

    length_mm: float = 0.0
    used_mm: float = 0.0
    slips: int = 0


@dataclass(slots=True)
class PrinterState:
    """What a printer has shown. A process that begins tells its driver."""

    speaks: bool = False
    """Whether it has ever proven a slip: its silence means something."""
    unended: Unended | Literal[""] = ""
    """Why half a slip may hang in it: the last one is not proven to be whole."""
    proven_seq: int = 0
    """Today's event that proved the last one; 0 for none."""


@dataclass(slots=True)
class DeviceTest:
    """One self-test of today. `result` is "" while it runs; `asks` the step a person is asked."""

    id: str
    device: str
    level: Level
    begun_s: float
    found: list[Found] = field(default_factory=list)
    asks: str = ""
    asks_window: int = 0
    result: Result | Literal[""] = ""
    begun_seq: int = 0


@dataclass(slots=True)
class Card:
    """The ID card last read at a kiosk: hash, age in years, when."""

    person: str
    age: int
    at_s: float


@dataclass(slots=True)
class Announcement:
    """Something a voice is to say, from its queueing to the end; `call` is the call's seq."""

    id: str
    purpose: e.Announcing
    call: int
    visit: str
    label: str
    window: int
    queued_s: float
    tries: int = 0


@dataclass(slots=True)
class VoiceState:
    """A voice: what waits, in order, and what it is saying.

    `begun_s` is when that began, `spoke_s` when the last ended, well or not: both on the steady
    clock, since a wall clock that is set must not make it lost. `made_s` is the wall clock's, at
    the last end that was heard.
    """

    device: str
    queue: list[Announcement] = field(default_factory=list)
    speaking: Announcement | None = None
    begun_s: float = 0.0
    spoke_s: float = 0.0
    made_s: float = 0.0


@dataclass(slots=True)
class Rehearsal:
    """A visit that is rehearsed at a window: where it stands, since when."""

    window: int
    job: str
    stage: Literal["begun", "called", "serving", "rating"] = "begun"
    heard: bool = False
    since_s: float = 0.0


@dataclass(slots=True)
class DeviceState:
    """A device as last reported. `link`: unknown until the first word of it, then up or down."""

    name: str
    link: Literal["unknown", "up", "down"] = "unknown"
    since_s: float = 0.0
    parts: dict[str, str] = field(default_factory=dict)
    evidence: str = ""
    remedy: str = ""


@dataclass(slots=True)
class Call:
    """One call as screens show it; `seq` is the event's place in the journal."""

    seq: int
    visit: str
    label: str
    queue: str
    window: int
    at_s: float
    times: int = 1


class _Kept:
    """What a hall keeps beside what is so: found from it, so no field that snapshots hold."""

    __slots__ = ("lines",)
    lines: Lines

    def line_up(self, visits: Iterable[Visit]) -> None:
        """Find who waits anew, among all visits."""
        self.lines = Lines(visits)


@dataclass(slots=True)
class Hall(_Kept):
    """Everything that is so at this moment. `lines` holds who waits, kept by `apply`."""

    epoch: str = ""
    seq: int = 0
    day: str = ""
    opening: e.Opening = "before"
    rules: Rules | None = None
    digest: str = ""
    numbers: dict[str, int] = field(default_factory=dict)
    visits: dict[str, Visit] = field(default_factory=dict)
    windows: dict[int, WindowState] = field(default_factory=dict)
    jobs: dict[str, Job] = field(default_factory=dict)
    devices: dict[str, DeviceState] = field(default_factory=dict)
    calls: list[Call] = field(default_factory=list)
    help: dict[str, float] = field(default_factory=dict)
    closed_queues: dict[str, str] = field(default_factory=dict)
    """Queues that give no more numbers today, with the reason."""
    closed_s: dict[str, float] = field(default_factory=dict)
    """Since when each of them gives none (UNIX seconds)."""
    notices: tuple[str, ...] = ()
    extended_s: int = 0
    """Until when (seconds of the day) the hall serves today beyond its hours; 0 for not."""
    closed: bool = False
    """Whether the day has been closed: nobody is left."""
    given: dict[str, int] = field(default_factory=dict)
    """Numbers given today, by queue and span of `taking`: "A:0"."""
    alerts: dict[str, Alert] = field(default_factory=dict)
    learned: dict[str, Learned] = field(default_factory=dict)
    withdrawn: dict[str, float] = field(default_factory=dict)
    """Labels whose call was taken back, with when: screens say so for a while."""

    paper: dict[str, Paper] = field(default_factory=dict)
    """By printer."""
    printers: dict[str, PrinterState] = field(default_factory=dict)
    """What each printer has shown."""
    tests: dict[str, DeviceTest] = field(default_factory=dict)
    """Today's self-tests, oldest first."""
    rehearsals: dict[int, Rehearsal] = field(default_factory=dict)
    """By window."""
    voices: dict[str, VoiceState] = field(default_factory=dict)
    """By device; staff's matter, so empty where only public events are followed."""
    quiet_until_s: float = 0.0
    """Until when (UNIX seconds) the voice is silent because somebody asked."""
    evacuation_s: float = 0.0
    """Since when everybody must leave; 0 for no evacuation."""
    cleared: dict[int, float] = field(default_factory=dict)
    """Windows around which nobody is left, with when."""
    cards: dict[str, Card] = field(default_factory=dict)
    """By kiosk; forgotten when a ticket is taken with it, and at the end of the day."""

    def __post_init__(self) -> None:
        self.line_up(self.visits.values())

    def testing(self, device: str) -> DeviceTest | None:
        """The self-test of a device that runs now."""
        return next((t for t in self.tests.values() if t.device == device and not t.result), None)

    def at_window(self, number: int) -> Visit | None:
        """The visit that occupies a window."""
        state = self.windows.get(number)
        return self.visits.get(state.visit) if state else None

    def labelled(self, label: str) -> Visit | None:
        """The visit of today with that label."""
        return next((v for v in self.visits.values() if v.label == label), None)

    def waiting(self, queue: str = "") -> list[Visit]:
        """Who waits, in one queue or all, in the order of virtual time."""
        visits = self.visits
        return [visits[v] for v in (self.lines.of(queue) if queue else self.lines.all())]

    def queues_of(self, number: int) -> tuple[str, ...]:
        """The queues a window serves as its own today, in its order of preference."""
        state = self.windows.get(number)
        if state is not None and state.queues:
            return state.queues
        window = self.rules.window(number) if self.rules else None
        return window.queues if window else ()

    def takers(self, queue: str) -> list[WindowState]:
        """The windows that take a queue today, as their own or helping."""
        ruled = self.rules.by_number if self.rules else {}
        found = []
        for number, state in self.windows.items():
            own = state.queues or (ruled[number].queues if number in ruled else ())
            if queue in own or (state.helping and queue in self.offsets_of(number)):
                found.append(state)
        return found

    def offsets_of(self, number: int) -> dict[str, float]:
        """Each queue a window takes now with its offset in seconds (own queue 0)."""
        offsets = dict.fromkeys(self.queues_of(number), 0.0)
        state = self.windows.get(number)
        window = self.rules.window(number) if self.rules else None
        if state is not None and state.helping and window is not None:
            for queue, offset_s in window.helps:
                offsets.setdefault(queue, offset_s)
        return offsets

    def sessions(self) -> tuple[Span, ...]:
        """The hours of today, with the extension."""
        return _extended(self.rules.sessions if self.rules else (), self.extended_s)

    def taking_spans(self) -> tuple[Span, ...]:
        """When numbers are given today, with the extension."""
        return _extended(self.rules.taking if self.rules else (), self.extended_s)


def _extended(spans: tuple[Span, ...], until_s: int) -> tuple[Span, ...]:
    if not spans or until_s <= spans[-1].end_s:
        return spans
    return (*spans[:-1], Span(spans[-1].start_s, until_s))
