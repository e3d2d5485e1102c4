"""The one table of a visit: its statuses, and which event moves it from where to where.

Every pair that does not stand here is refused; the diagram in docs/ is drawn from this table.
"""

from dataclasses import dataclass
from typing import Literal

from hallctl.core.events import (
    Event,
    RatingClosed,
    ServiceFinished,
    ServiceStarted,
    TicketCalled,
    TicketMissed,
    TicketRecalled,
    TicketVoided,
)
from hallctl.core.rules import Klass, Language

Status = Literal["waiting", "called", "serving", "rating", "finished", "no_show", "void"]

TRANSITIONS: dict[tuple[Status, type[Event]], Status] = {
    ("waiting", TicketCalled): "called",
    ("waiting", TicketVoided): "void",
    ("called", TicketRecalled): "called",
    ("called", ServiceStarted): "serving",
    ("called", ServiceFinished): "rating",
    ("called", TicketMissed): "no_show",
    ("called", TicketVoided): "void",
    ("serving", ServiceFinished): "rating",
    ("serving", TicketVoided): "void",
    ("rating", RatingClosed): "finished",
    ("no_show", TicketCalled): "called",
    ("no_show", TicketVoided): "void",
}
"""(status, event) → status. `called → rating` is the clerk who served without pressing start."""


@dataclass(slots=True)
class Visit:
    """One visit (一次办事), from taking the ticket to leaving. Times are UNIX seconds."""

    id: str
    label: str
    queue: str
    number: int
    item: str
    klass: Klass
    language: Language
    kiosk: str
    virtual_s: float
    issued_s: float
    ahead: int
    wait_low_min: int
    wait_high_min: int
    status: Status = "waiting"
    window: int = 0
    calls: int = 0
    called_s: float = 0.0
    started_s: float = 0.0
    finished_s: float = 0.0


def moved(visit: Visit, event: Event) -> Status:
    """The status after `event`.

    Raises AssertionError when the table has no such transition: decide lets none through, so
    this is a bug (or a journal that is not ours).
    """
    after = TRANSITIONS.get((visit.status, type(event)))
    if after is None:
        raise AssertionError(
            f"{type(event).__name__} cannot happen to a visit that is {visit.status}"
        )
    return after
