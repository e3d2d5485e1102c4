"""What has happened → what devices must do. Pure; reads the hall after the events."""

from collections.abc import Iterable

from hallctl.core import effects as f
from hallctl.core import events as e
from hallctl.core.acts import announcing, printing
from hallctl.core.discipline import count_for
from hallctl.core.hall import Hall
from hallctl.core.moment import Moment
from hallctl.core.papers.slips import slip_for
from hallctl.core.papers.tests import form
from hallctl.texts import say

Effects = list[f.Effect]


WHOLE_HALL = (
    e.OpeningTurned,
    e.RulesSet,
    e.DayOpened,
    e.DayClosed,
    e.EvacuationStarted,
    e.EvacuationEnded,
)
"""What every window shows."""


def react(hall: Hall, events: Iterable[e.Event], now: Moment) -> Effects:
    """What devices must do about events that have just been applied; `displays` is apart."""
    return [effect for event in events for effect in _of(hall, event, now)]


def displays(hall: Hall, events: Iterable[e.Event]) -> Effects:
    """What strips and keypads must show after events, each once and as it is now."""
    strips: set[int] = set()
    keypads: set[int] = set()
    queues: set[str] = set()
    for event in events:
        window = getattr(event, "window", 0)
        if window:
            strips.add(window)
            keypads.add(window)
        if isinstance(event, WHOLE_HALL):
            strips.update(hall.windows)
            keypads.update(hall.windows)
        visit = hall.visits.get(getattr(event, "visit", ""))
        if visit is not None:
            queues.add(visit.queue)
    for queue in queues if hall.rules is not None else ():
        keypads.update(state.number for state in hall.takers(queue))
    effects: Effects = [show_strip(hall, n) for n in sorted(strips) if n in hall.windows]
    effects += [show_keypad(hall, n) for n in sorted(keypads) if n in hall.windows]
    return effects


def refresh(hall: Hall) -> Effects:
    """Everything that displays must show now: after a start, when nobody knows what they show."""
    effects: Effects = []
    for number, state in sorted(hall.windows.items()):
        effects += [show_strip(hall, number), show_keypad(hall, number)]
        rated = hall.visits.get(state.rating)
        if rated is not None:
            effects.append(f.AskRating(window=number, label=rated.label))
    return effects


def briefings(hall: Hall) -> Effects:
    """After a start: what the drivers of printers cannot know."""
    hanging = printing.unended(hall)
    return [
        f.BriefPrinter(
            printer=name,
            speaks=name in hall.printers and hall.printers[name].speaks,
            unended=hanging.get(name, ""),
        )
        for name in sorted({*hall.printers, *hanging})
    ]


def _of(hall: Hall, event: e.Event, now: Moment) -> Effects:
    match event:
        case e.AnnouncementBegun():
            return [announcing.effect(hall, event)]
        case e.ServiceFinished():
            label = hall.visits[event.visit].label
            return [f.AskRating(window=event.window, label=label)]
        case e.RatingClosed():
            return [f.EndRating(window=event.window, thanks=event.rated)]
        case e.FinishUndone():
            return [f.EndRating(window=event.window, thanks=False)]
        case e.SlipQueued():
            slip = slip_for(hall, hall.jobs[event.job], now)
            return [f.PrintSlip(printer=event.printer, job=event.job, slip=slip)]
        case e.SlipSending():
            return [f.SendSlip(printer=hall.jobs[event.job].printer, job=event.job)]
        case e.SlipMoved():
            drop = f.DropSlip(printer=event.from_printer, job=event.job)
            slip = slip_for(hall, hall.jobs[event.job], now)
            return [drop, f.PrintSlip(printer=event.printer, job=event.job, slip=slip)]
        case e.SlipFailed():
            return [f.DropSlip(printer=hall.jobs[event.job].printer, job=event.job)]
        case _:
            return _of_trials(hall, event, now)


def _is_a_devices(hall: Hall, event: e.DeviceTestBegun) -> bool:
    """Whether the device itself is to be tested: not when a person's findings came all at once."""
    fitted = hall.rules is not None and hall.rules.fitting(event.device) is not None
    return fitted and hall.testing(event.device) is not None


def _of_trials(hall: Hall, event: e.Event, now: Moment) -> Effects:
    """The technician's events: self-tests, and visits that are rehearsed."""
    label = say("zh", "rehearsal.label")
    match event:
        case e.DeviceTestBegun() if hall.rules and _is_a_devices(hall, event):
            return [
                f.ExerciseDevice(
                    device=event.device,
                    level=event.level,
                    windows=event.windows,
                    form=form(hall.rules, event.device, now),
                    texts=tuple(say("zh", "test.texts").split("|")),
                    sentences=announcing.test_sentences(hall.rules),
                    volume=announcing.volume_at(hall.rules.voice, now.day_s),
                )
            ]
        case e.DeviceTestStopped():
            return [f.EndExercise(device=hall.tests[event.test].device)]
        case e.RehearsalMoved(stage="rating"):
            return [f.AskRating(window=event.window, label=label)]
        case e.RehearsalEnded():
            return [f.EndRating(window=event.window, thanks=event.reason == "done")]
        case _:
            return []


def show_strip(hall: Hall, number: int) -> f.ShowStrip:
    """What the LED strip of a window must say now."""
    state = hall.windows[number]
    visit = hall.at_window(number)
    window = hall.rules.window(number) if hall.rules else None
    rehearsal = hall.rehearsals.get(number)
    status = state.status
    if rehearsal is not None:
        status = "called" if rehearsal.stage == "called" else "serving"
    names = {
        "window": number,
        "name": window.name if window else "",
        "short": window.short if window else "",
        "label": say("zh", "rehearsal.label") if rehearsal else visit.label if visit else "",
    }
    shown: f.StripState = "idle"
    key = "led.idle"
    if hall.evacuation_s:
        shown, key = "closed", "led.evacuation"
    elif status == "called":
        shown, key = "call", "led.call"
    elif status == "serving":
        shown, key = "serving", "led.serving"
    elif status == "paused":
        shown, key = "pause", "led.pause"
    elif status == "off" or hall.opening != "open":
        shown, key = "closed", "led.lunch" if hall.opening == "lunch" else "led.closed"
    texts = tuple(say("zh", key, **names).split("|"))
    return f.ShowStrip(window=number, state=shown, texts=texts)


def show_keypad(hall: Hall, number: int) -> f.ShowKeypad:
    """What the digits of a window's keypad must say now."""
    waiting = count_for(hall, number)
    visit = hall.at_window(number)
    ticket = f"{visit.number:03d}" if visit else ""
    return f.ShowKeypad(window=number, waiting=waiting, ticket=ticket)
