"""What devices report → what has happened, and what a device that waits for an answer is told."""

from hallctl.core import effects as f
from hallctl.core import events as e
from hallctl.core import reports as r
from hallctl.core.acts import announcing, printing, rehearsing, trials
from hallctl.core.acts.passing import UNSENT
from hallctl.core.decide import decide
from hallctl.core.hall import Hall
from hallctl.core.keys import meaning
from hallctl.core.moment import Moment
from hallctl.core.refused import Events, Refused

BOUNCE_S = 0.3
"""Two presses of a key that are nearer are one."""


def hear(hall: Hall, reported: r.Reported, now: Moment) -> tuple[Events, list[f.Effect]]:
    """The events of a report, and the answers that may go out once they are on disk."""
    report = reported.report
    if isinstance(report, r.KeyPressed):
        events, accepted = _pressed(hall, report, now)
        return events, [_answer(reported.device, report, accepted=accepted)]
    events = _heard(hall, reported.device, report)
    if isinstance(report, r.Rated) and report.press:
        return events, [_answer(reported.device, report, accepted=bool(events))]
    return events, []


def _answer(device: str, told: r.KeyPressed | r.Rated, *, accepted: bool) -> f.AnswerKey:
    """The press will be on disk when this effect is performed."""
    return f.AnswerKey(device=device, window=told.window, press=told.press, accepted=accepted)


def _pressed(hall: Hall, pressed: r.KeyPressed, now: Moment) -> tuple[Events, bool]:
    rehearsal = hall.rehearsals.get(pressed.window)
    if rehearsal is not None:
        moved = rehearsing.pressed(rehearsal, pressed)
        return moved, bool(moved)
    command = meaning(hall, pressed)
    code = "no_key"
    if command is not None and _bounces(hall, pressed, now):
        code = "bounce"
    elif command is not None:
        try:
            return decide(hall, command, now), True
        except Refused as refused:
            code = refused.code
    return [e.KeyRefused(window=pressed.window, key=pressed.key, code=code)], False


def _bounces(hall: Hall, pressed: r.KeyPressed, now: Moment) -> bool:
    """Whether 暂停 comes again at once: it alone would undo itself, any other key is refused."""
    state = hall.windows.get(pressed.window)
    if pressed.key != "pause" or state is None or state.status not in {"idle", "paused"}:
        return False
    other = state.undoable is not None and state.undoable.at_s == state.since_s
    return not other and 0 <= now.wall_s - state.since_s < BOUNCE_S


def _heard(hall: Hall, device: str, report: r.Report) -> Events:
    known = hall.devices.get(device)
    match report:
        case r.Finding() | r.TestAsks() | r.TestEnded():
            return trials.heard(hall, device, report)
        case r.Rated() if report.window in hall.rehearsals:
            return rehearsing.rated(hall.rehearsals[report.window])
        case r.Rated():
            window = hall.windows.get(report.window)
            if window is None or not window.rating:
                return []
            return [
                e.VisitRated(visit=window.rating, window=report.window, grade=report.grade),
                e.RatingClosed(visit=window.rating, window=report.window, rated=True),
            ]
        case r.CardRead():
            fitting = hall.rules.fitting(device) if hall.rules else None
            places = fitting.serves if fitting else ()
            return [e.CardRead(place=p, person=report.person, age=report.age) for p in places]
        case r.LinkUp():
            return [] if known and known.link == "up" else [e.DeviceUp(device=device)]
        case r.LinkDown():
            if known and known.link == "down":
                return []
            down = e.DeviceDown(device=device, evidence=report.evidence, remedy=report.remedy)
            return [down]
        case r.Condition():
            if known and known.parts.get(report.part) == report.state:
                return []
            sensed = e.DeviceSensed(
                device=device, part=report.part, state=report.state, evidence=report.evidence
            )
            return [sensed]
        case r.Fault():
            return [e.DeviceFaulted(device=device, code=report.code, evidence=report.evidence)]
        case r.Announced() | r.AnnouncementFailed():
            return announcing.heard(hall, device, report)
        case _:
            return _slip_heard(hall, device, report)


def _slip_heard(hall: Hall, device: str, report: r.Report) -> Events:
    """A printer's word about a job of its own.

    One that comes too late (the job was dropped, or moved to another printer) changes nothing.
    """
    job = hall.jobs.get(getattr(report, "job", ""))
    if job is None or job.printer != device:
        return []
    match report:
        case r.SlipReady() if job.status in UNSENT:
            return [e.SlipSending(job=job.id)]
        case r.SlipHeld() if job.status in UNSENT and job.reason != report.reason:
            return printing.held(hall, job, report.reason)
        case r.SlipPrinted() if job.status in ("sending", "doubtful"):
            return [e.SlipPrinted(job=job.id, proven=report.proven, length_mm=report.length_mm)]
        case r.SlipDoubtful() if job.status == "sending":
            return [e.SlipDoubtful(job=job.id, reason=report.reason)]
        case _:
            return []
