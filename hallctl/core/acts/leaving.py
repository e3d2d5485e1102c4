"""紧急疏散: everybody leaves, and afterwards everybody keeps number and place."""

from hallctl.core import commands as c
from hallctl.core import events as e
from hallctl.core.hall import Hall
from hallctl.core.moment import Moment
from hallctl.core.refused import Events, Refused, place_of

STILL: tuple[type, ...] = (
    c.EndEvacuation,
    c.ConfirmClear,
    c.ReportShown,
    c.AskHelp,
    c.AnswerHelp,
    c.StopTest,
    c.EndRehearsal,
    c.SignOff,
)
"""What may still be asked while everybody leaves."""


def allowed(hall: Hall, command: c.Command) -> None:
    """Raises Refused for work while the hall is being left."""
    if hall.evacuation_s and not isinstance(command, STILL):
        raise Refused("evacuation")


def start(hall: Hall, command: c.StartEvacuation, _: Moment) -> Events:
    """Begin. What is rehearsed ends; what is real stays as it is."""
    ended: Events = [e.RehearsalEnded(window=n, reason="work") for n in hall.rehearsals]
    return [*ended, e.EvacuationStarted(place=command.place)]


def end(hall: Hall, command: c.EndEvacuation, _: Moment) -> Events:
    """It is over."""
    if not hall.evacuation_s:
        raise Refused("no_evacuation")
    return [e.EvacuationEnded(place=command.place)]


def confirm_clear(hall: Hall, command: c.ConfirmClear, _: Moment) -> Events:
    """Nobody is left around a window; said once."""
    place_of(hall, command.window)
    if not hall.evacuation_s:
        raise Refused("no_evacuation")
    return [] if command.window in hall.cleared else [e.AreaCleared(window=command.window)]
