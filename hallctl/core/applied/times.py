"""The computer's clock was set: what the hall remembers by the old one is told by the new one.

Moved are the instants that the clock before has told since the computer was started: those from
`mono_s` before the event up to it. What is older was told by a clock that was right or wrong in
another way (a computer with a flat battery wakes up in another year), and stays.
"""

from collections.abc import Callable
from itertools import chain
from typing import Final

from hallctl.core import events as e
from hallctl.core.hall import Hall

AHEAD_S: Final = 86400.0
"""What ends at an instant to come ends within a day."""

INSTANTS: Final[dict[str, tuple[str, ...]]] = {
    "Visit": ("issued_s", "entered_s", "called_s", "heard_s", "first_called_s", "started_s",
              "finished_s", "held_s"),
    "WindowState": ("since_s", "rated_s"),
    "Undoable": ("at_s",),
    "Alert": ("since_s",),
    "Job": ("queued_s",),
    "DeviceTest": ("begun_s",),
    "Card": ("at_s",),
    "Announcement": ("queued_s",),
    "VoiceState": ("made_s",),
    "Rehearsal": ("since_s",),
    "DeviceState": ("since_s",),
    "Call": ("at_s",),
    "Hall": ("evacuation_s",),
}  # fmt: skip
DEADLINES: Final = {"WindowState": ("rating_until_s", "pause_until_s"), "Hall": ("quiet_until_s",)}
"""By class of the hall: its fields that are UNIX seconds, gone by and to come."""

Moved = Callable[[float], float]


def clock_set(hall: Hall, event: e.ClockSet, recorded: e.Recorded) -> None:
    then_s = recorded.wall_s - event.by_s

    def until(last_s: float) -> Moved:
        first_s = then_s - recorded.mono_s
        return lambda at_s: at_s + event.by_s if first_s <= at_s <= last_s else at_s

    past, ahead = until(then_s), until(then_s + AHEAD_S)
    for visit in hall.visits.values():
        if past(visit.issued_s) != visit.issued_s:  # with credit, a place lies before its ticket
            visit.virtual_s += event.by_s
    for thing in _things(hall):
        name = type(thing).__name__
        for field in INSTANTS.get(name, ()):
            setattr(thing, field, past(getattr(thing, field)))
        for field in DEADLINES.get(name, ()):
            setattr(thing, field, ahead(getattr(thing, field)))
    for kept in (hall.help, hall.withdrawn, hall.closed_s):
        kept.update({name: past(at_s) for name, at_s in kept.items()})
    hall.cleared = {window: past(at_s) for window, at_s in hall.cleared.items()}
    hall.line_up(hall.visits.values())


def _things(hall: Hall) -> chain[object]:
    """Everything that remembers an instant."""
    voices = hall.voices.values()
    windows = hall.windows.values()
    return chain(
        (hall,),
        hall.visits.values(),
        windows,
        (w.undoable for w in windows if w.undoable is not None),
        hall.alerts.values(),
        hall.jobs.values(),
        hall.tests.values(),
        hall.cards.values(),
        voices,
        (a for v in voices for a in (v.speaking, *v.queue) if a is not None),
        hall.rehearsals.values(),
        hall.devices.values(),
        hall.calls,
    )
