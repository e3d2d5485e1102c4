"""The one table of a visit: its statuses, and which event moves it from where to where.

Every pair that does not stand here is refused; the diagram in docs/ is drawn from this table.
"""

from dataclasses import field
from typing import Literal

from hallctl.core import events as e
from hallctl.core.late import dataclass
from hallctl.core.rules import Klass, Language

Status = Literal["waiting", "called", "serving", "rating", "finished", "held", "no_show", "void"]

TRANSITIONS: dict[tuple[Status, type[e.Event]], Status] = {
    ("waiting", e.TicketCalled): "called",
    ("waiting", e.TicketVoided): "void",
    ("called", e.TicketRecalled): "called",
    ("called", e.ServiceStarted): "serving",
    ("called", e.ServiceFinished): "rating",
    ("called", e.TicketMissed): "no_show",
    ("called", e.VisitHeld): "held",
    ("called", e.VisitTransferred): "waiting",
    ("called", e.TicketVoided): "void",
    ("serving", e.ServiceFinished): "rating",
    ("serving", e.MatterFinished): "serving",
    ("serving", e.StartUndone): "called",
    ("serving", e.VisitHeld): "held",
    ("serving", e.VisitTransferred): "waiting",
    ("serving", e.TicketVoided): "void",
    ("rating", e.RatingClosed): "finished",
    ("rating", e.FinishUndone): "serving",
    ("held", e.TicketCalled): "called",
    ("held", e.HoldUndone): "serving",
    ("held", e.TicketVoided): "void",
    ("no_show", e.TicketCalled): "called",
    ("no_show", e.TicketRejoined): "waiting",
    ("no_show", e.MissUndone): "called",
    ("no_show", e.TicketVoided): "void",
}
"""(status, event) → status. `called → rating` is the clerk who served without pressing start.

The ends of three events depend on what was before: a withdrawn call leads back to where the call
came from, an undone finish or hold to `called` when nobody had pressed start.
"""

Origin = Literal["waiting", "held", "no_show"]
CALLABLE: tuple[Origin, ...] = ("waiting", "held", "no_show")
"""Where a call may come from, and so where its withdrawal leads back to."""

OPEN: tuple[Status, ...] = ("waiting", "called", "serving", "held", "no_show")
"""A visit in one of these has not ended."""


@dataclass(slots=True)
class Visit:
    """One visit (一次办事), from taking the ticket to leaving. Times are UNIX seconds.

    `virtual_s` is the place, `to_window` a window it was transferred to (0: any), `matters` the
    items still to come on this ticket, `came_from` the status before the last call.
    """

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
    person: str = ""
    behind: str = ""
    code: str = ""
    status: Status = "waiting"
    came_from: Origin = "waiting"
    window: int = 0
    to_window: int = 0
    calls: int = 0
    rejoins: int = 0
    matters: list[str] = field(default_factory=list)
    called_s: float = 0.0
    heard_s: float = 0.0
    """When the voice had said a call of it to the end, the last time."""
    first_called_s: float = 0.0
    started_s: float = 0.0
    finished_s: float = 0.0
    held_s: float = 0.0
    entered_s: float = 0.0
    """When a pre-printed number was entered; `issued_s` is then when its holder came."""


def moved(visit: Visit, event: e.Event) -> Status:
    """The status after `event`.

    Raises AssertionError when the table has no such transition: decide lets none through, so
    this is a bug (or a journal that is not ours).
    """
    if isinstance(event, e.CallWithdrawn) and visit.status == "called":
        return event.back_to
    after = TRANSITIONS.get((visit.status, type(event)))
    if after is not None and isinstance(event, e.FinishUndone | e.HoldUndone):
        return event.back_to
    if after is None:
        name = type(event).__name__
        raise AssertionError(f"{name} cannot happen to a visit that is {visit.status}")
    return after
