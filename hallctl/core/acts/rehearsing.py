"""演练: a whole visit played at a window, with a ticket outside sequence, statistics and queues.

While it lasts the window's keys and pad belong to it; real work at the window ends it at once.
"""

from hallctl.core import commands as c
from hallctl.core import events as e
from hallctl.core import reports as r
from hallctl.core.acts import printing
from hallctl.core.hall import Hall, Rehearsal
from hallctl.core.moment import Moment
from hallctl.core.papers.slips import WINDOW_PLACE
from hallctl.core.refused import Events, Refused, place_of, rules_of
from hallctl.core.view import printer_now

STAGE_S = 120.0
"""How long a stage waits for the technician."""
ON = {
    "called": ("start", "confirm", "call", "recall"),
    "serving": ("finish", "rate", "confirm", "call"),
}
"""The keys that carry each stage on."""


def rehearse(hall: Hall, command: c.RehearseVisit, _now: Moment) -> Events:
    """Begin: a ticket is printed (by the first printer, where the window has none) and called."""
    _, state = place_of(hall, command.window)
    if command.window in hall.rehearsals:
        raise Refused("rehearsing", window=command.window)
    if state.visit or state.rating:
        raise Refused("window_busy", window=command.window)
    place = f"{WINDOW_PLACE}{command.window}"
    printers = [f.device for f in rules_of(hall).fittings if f.kind == "printer"]
    printer = printer_now(hall, place) or next(iter(printers), None)
    slip = printing.queued(hall, "rehearsal", place, printer=printer) if printer else None
    return [
        *([slip] if slip else []),
        e.RehearsalBegun(window=command.window, job=slip.job if slip else ""),
        e.RehearsalMoved(window=command.window, stage="called"),
    ]


def end(hall: Hall, command: c.EndRehearsal, _: Moment) -> Events:
    """Break it off."""
    rules_of(hall)
    if command.window not in hall.rehearsals:
        raise Refused("not_rehearsing", window=command.window)
    return [e.RehearsalEnded(window=command.window, reason="stopped")]


def pressed(rehearsal: Rehearsal, key: r.KeyPressed) -> Events:
    """A key at the window carries the rehearsal on; [] for one that does not fit the stage."""
    window = rehearsal.window
    if key.key == "cancel":
        return [e.RehearsalEnded(window=window, reason="stopped")]
    if key.key not in ON.get(rehearsal.stage, ()):
        return []
    if rehearsal.stage == "called":
        return [e.RehearsalMoved(window=window, stage="serving")]
    return [e.RehearsalMoved(window=window, stage="rating")]


def rated(rehearsal: Rehearsal) -> Events:
    """A grade at the window: the rehearsal is done."""
    if rehearsal.stage != "rating":
        return []
    return [e.RehearsalEnded(window=rehearsal.window, reason="done")]


def announced(hall: Hall, window: int) -> Events:
    """The voice has spoken the rehearsal's call."""
    rehearsal = hall.rehearsals.get(window)
    if rehearsal is None or rehearsal.heard:
        return []
    return [e.RehearsalMoved(window=window, stage="heard")]


def overdue(hall: Hall, now: Moment) -> Events:
    """Nobody carried it on."""
    return [
        e.RehearsalEnded(window=rehearsal.window, reason="timeout")
        for rehearsal in hall.rehearsals.values()
        if now.wall_s - rehearsal.since_s > STAGE_S
    ]


def first(hall: Hall, command: c.Command, events: Events) -> Events:
    """Real work at a window ends what is rehearsed there, and comes behind it."""
    window = getattr(command, "window", 0)
    if window not in hall.rehearsals or isinstance(command, c.EndRehearsal) or not events:
        return events
    return [e.RehearsalEnded(window=window, reason="work"), *events]
