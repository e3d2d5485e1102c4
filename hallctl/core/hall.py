"""The hall as it stands, and `apply`: the only thing that changes it.

The daemon folds it from the journal, screens fold the same from the bus (public events only).
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Literal

from hallctl.core import events as e
from hallctl.core.rules import Rules
from hallctl.core.visit import Visit, moved

WindowStatus = Literal["idle", "called", "serving", "paused"]
JobStatus = Literal["queued", "held", "sending", "printed", "doubtful", "failed"]
RECENT_CALLS = 24
"""How many calls are kept for the screens."""


@dataclass(slots=True)
class WindowState:
    """A window now. `visit` occupies it; `rating` is the visit whose rating is still open."""

    number: int
    status: WindowStatus = "idle"
    since_s: float = 0.0
    visit: str = ""
    rating: str = ""
    rating_until_s: float = 0.0
    pause_reason: str = ""
    pause_until_s: float = 0.0


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


@dataclass(slots=True)
class Hall:
    """Everything that is so at this moment."""

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

    def at_window(self, number: int) -> Visit | None:
        """The visit that occupies a window."""
        state = self.windows.get(number)
        return self.visits.get(state.visit) if state else None

    def labelled(self, label: str) -> Visit | None:
        """The visit of today with that label."""
        return next((v for v in self.visits.values() if v.label == label), None)

    def waiting(self, queue: str = "") -> list[Visit]:
        """Who waits, in one queue or all, in the order of virtual time."""
        found = (v for v in self.visits.values() if v.status == "waiting")
        return sorted(
            (v for v in found if not queue or v.queue == queue),
            key=lambda v: (v.virtual_s, v.issued_s, v.label),
        )


def apply(hall: Hall, recorded: e.Recorded) -> None:
    """Let one event happen to the hall.

    Raises AssertionError on an event that cannot follow what went before (a bug or a foreign
    journal; never an asker's mistake).
    """
    hall.epoch = recorded.epoch
    hall.seq = recorded.seq
    how = _HOW.get(type(recorded.event))
    if how is not None:
        how(hall, recorded.event, recorded)


def _epoch_begun(hall: Hall, event: e.EpochBegun, _: e.Recorded) -> None:
    for queue, number in event.numbers.items():
        hall.numbers[queue] = max(number, hall.numbers.get(queue, 0))


def _day_opened(hall: Hall, event: e.DayOpened, _: e.Recorded) -> None:
    hall.numbers = {}
    hall.day = event.day
    hall.opening = "before"
    hall.visits.clear()
    hall.jobs.clear()
    hall.calls.clear()
    hall.help.clear()
    for number in hall.windows:
        hall.windows[number] = WindowState(number=number)


def _rules_set(hall: Hall, event: e.RulesSet, _: e.Recorded) -> None:
    hall.rules = event.rules
    hall.digest = event.digest
    known = {w.number for w in event.rules.windows}
    for number in known - hall.windows.keys():
        hall.windows[number] = WindowState(number=number)
    for number in hall.windows.keys() - known:
        if not hall.windows[number].visit:
            del hall.windows[number]


def _opening_turned(hall: Hall, event: e.OpeningTurned, _: e.Recorded) -> None:
    hall.opening = event.opening


def _issued(hall: Hall, event: e.TicketIssued, recorded: e.Recorded) -> None:
    if event.visit in hall.visits:
        raise AssertionError(f"ticket {event.label} was issued twice")
    hall.numbers[event.queue] = event.number
    hall.visits[event.visit] = Visit(
        id=event.visit,
        label=event.label,
        queue=event.queue,
        number=event.number,
        item=event.item,
        klass=event.klass,
        language=event.language,
        kiosk=event.kiosk,
        virtual_s=event.virtual_s,
        issued_s=recorded.wall_s,
        ahead=event.ahead,
        wait_low_min=event.wait_low_min,
        wait_high_min=event.wait_high_min,
    )


def _called(hall: Hall, event: e.TicketCalled, recorded: e.Recorded) -> None:
    visit = hall.visits[event.visit]
    window = hall.windows[event.window]
    if window.visit:
        raise AssertionError(f"window {event.window} was given a second ticket")
    visit.status = moved(visit, event)
    visit.window = event.window
    visit.calls = 1
    visit.called_s = recorded.wall_s
    window.status, window.visit, window.since_s = "called", visit.id, recorded.wall_s
    _remember_call(hall, visit, recorded, 1)


def _recalled(hall: Hall, event: e.TicketRecalled, recorded: e.Recorded) -> None:
    visit = hall.visits[event.visit]
    visit.status = moved(visit, event)
    visit.calls = event.times
    visit.called_s = recorded.wall_s
    _remember_call(hall, visit, recorded, event.times)


def _remember_call(hall: Hall, visit: Visit, recorded: e.Recorded, times: int) -> None:
    hall.calls.append(
        Call(
            seq=recorded.seq,
            visit=visit.id,
            label=visit.label,
            queue=visit.queue,
            window=visit.window,
            at_s=recorded.wall_s,
            times=times,
        )
    )
    del hall.calls[:-RECENT_CALLS]


def _started(hall: Hall, event: e.ServiceStarted, recorded: e.Recorded) -> None:
    visit = hall.visits[event.visit]
    visit.status = moved(visit, event)
    visit.started_s = recorded.wall_s
    window = hall.windows[event.window]
    window.status, window.since_s = "serving", recorded.wall_s


def _finished(hall: Hall, event: e.ServiceFinished, recorded: e.Recorded) -> None:
    visit = hall.visits[event.visit]
    visit.status = moved(visit, event)
    visit.finished_s = recorded.wall_s
    window = hall.windows[event.window]
    _free(window, recorded.wall_s)
    window.rating = visit.id
    open_s = hall.rules.rating_open_s if hall.rules else 0.0
    window.rating_until_s = recorded.wall_s + open_s


def _free(window: WindowState, at_s: float) -> None:
    window.status, window.visit, window.since_s = "idle", "", at_s


def _rating_closed(hall: Hall, event: e.RatingClosed, _: e.Recorded) -> None:
    visit = hall.visits[event.visit]
    visit.status = moved(visit, event)
    window = hall.windows[event.window]
    window.rating, window.rating_until_s = "", 0.0


def _missed(hall: Hall, event: e.TicketMissed, recorded: e.Recorded) -> None:
    visit = hall.visits[event.visit]
    visit.status = moved(visit, event)
    _free(hall.windows[event.window], recorded.wall_s)


def _voided(hall: Hall, event: e.TicketVoided, recorded: e.Recorded) -> None:
    visit = hall.visits[event.visit]
    visit.status = moved(visit, event)
    window = hall.windows.get(visit.window)
    if window is not None and window.visit == visit.id:
        _free(window, recorded.wall_s)


def _paused(hall: Hall, event: e.WindowPaused, recorded: e.Recorded) -> None:
    window = hall.windows[event.window]
    window.status, window.since_s = "paused", recorded.wall_s
    window.pause_reason, window.pause_until_s = event.reason, event.until_s


def _resumed(hall: Hall, event: e.WindowResumed, recorded: e.Recorded) -> None:
    window = hall.windows[event.window]
    window.status, window.since_s = "idle", recorded.wall_s
    window.pause_reason, window.pause_until_s = "", 0.0


def _queued(hall: Hall, event: e.SlipQueued, recorded: e.Recorded) -> None:
    hall.jobs[event.job] = Job(
        id=event.job,
        printer=event.printer,
        purpose=event.purpose,
        visit=event.visit,
        item=event.item,
        kiosk=event.kiosk,
        language=event.language,
        reprint=event.reprint,
        queued_s=recorded.wall_s,
    )


def _held(hall: Hall, event: e.SlipHeld, _: e.Recorded) -> None:
    job = hall.jobs[event.job]
    job.status, job.reason = "held", event.reason


def _sending(hall: Hall, event: e.SlipSending, _: e.Recorded) -> None:
    job = hall.jobs[event.job]
    job.status, job.reason = "sending", ""


def _printed(hall: Hall, event: e.SlipPrinted, _: e.Recorded) -> None:
    job = hall.jobs[event.job]
    job.status, job.proven, job.reason = "printed", event.proven, ""


def _doubtful(hall: Hall, event: e.SlipDoubtful, _: e.Recorded) -> None:
    job = hall.jobs[event.job]
    job.status, job.reason = "doubtful", event.reason


def _slip_failed(hall: Hall, event: e.SlipFailed, _: e.Recorded) -> None:
    job = hall.jobs[event.job]
    job.status, job.reason = "failed", event.reason


def _device(hall: Hall, name: str) -> DeviceState:
    return hall.devices.setdefault(name, DeviceState(name=name))


def _device_up(hall: Hall, event: e.DeviceUp, recorded: e.Recorded) -> None:
    device = _device(hall, event.device)
    device.link, device.since_s = "up", recorded.wall_s
    device.evidence, device.remedy = "", ""


def _device_down(hall: Hall, event: e.DeviceDown, recorded: e.Recorded) -> None:
    device = _device(hall, event.device)
    device.link, device.since_s = "down", recorded.wall_s
    device.evidence, device.remedy = event.evidence, event.remedy
    device.parts = {}


def _device_sensed(hall: Hall, event: e.DeviceSensed, recorded: e.Recorded) -> None:
    device = _device(hall, event.device)
    device.parts[event.part] = event.state
    device.since_s = recorded.wall_s
    device.evidence = event.evidence


def _help_asked(hall: Hall, event: e.HelpAsked, recorded: e.Recorded) -> None:
    hall.help[event.place] = recorded.wall_s


def _help_answered(hall: Hall, event: e.HelpAnswered, _: e.Recorded) -> None:
    hall.help.pop(event.place, None)


_HOW: dict[type[e.Event], Callable[[Hall, Any, e.Recorded], None]] = {
    e.EpochBegun: _epoch_begun,
    e.DayOpened: _day_opened,
    e.RulesSet: _rules_set,
    e.OpeningTurned: _opening_turned,
    e.TicketIssued: _issued,
    e.TicketCalled: _called,
    e.TicketRecalled: _recalled,
    e.ServiceStarted: _started,
    e.ServiceFinished: _finished,
    e.RatingClosed: _rating_closed,
    e.TicketMissed: _missed,
    e.TicketVoided: _voided,
    e.WindowPaused: _paused,
    e.WindowResumed: _resumed,
    e.SlipQueued: _queued,
    e.SlipHeld: _held,
    e.SlipSending: _sending,
    e.SlipPrinted: _printed,
    e.SlipDoubtful: _doubtful,
    e.SlipFailed: _slip_failed,
    e.DeviceUp: _device_up,
    e.DeviceDown: _device_down,
    e.DeviceSensed: _device_sensed,
    e.HelpAsked: _help_asked,
    e.HelpAnswered: _help_answered,
}
"""Events that change nothing here (a grade, a refused key, a proof of showing) are absent."""
