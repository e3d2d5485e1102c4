"""What the journal's events promise, read by code of its own: no rule of the core is asked.

A ticket is at one window, a window has one ticket, a number is given once, a command acts once, a
slip is sent once, a visit is rated once. Names of events are docs/protocol.md's.
"""

from collections.abc import Sequence
from typing import Any, Generic, TypeVar

from hallctl.core.events import Recorded

COMES = frozenset({"TicketCalled", "FinishUndone", "MissUndone", "HoldUndone"})
"""Events that bring a visit to a window."""
STAYS = frozenset(
    {"TicketRecalled", "ServiceStarted", "StartUndone", "MatterFinished"}
)  # fmt: skip
GOES = frozenset(
    {"ServiceFinished", "TicketMissed", "VisitHeld", "VisitTransferred", "CallWithdrawn"}
)
OWN = ("tick", "wake", "bus", "clock", "room", "reload")
"""The daemon's own commands, whose ids are used again and again."""


class Broken(AssertionError):  # noqa: N818 - says what is so
    """A promise was broken; `promise` is which, the rest is the evidence."""

    def __init__(self, promise: str, evidence: object = "") -> None:
        super().__init__(f"{promise}: {evidence}" if evidence != "" else promise)
        self.promise = promise


T = TypeVar("T")


class TwoDays(Generic[T]):
    """What is remembered for this business day and the one before, as the hall does."""

    def __init__(self) -> None:
        self.today: dict[str, T] = {}
        self._before: dict[str, T] = {}

    def get(self, key: str) -> T | None:
        """What is known of it."""
        return self.today.get(key, self._before.get(key))

    def put(self, key: str, value: T) -> T:
        """Remember it, unless something is known already; what is known now."""
        known = self.get(key)
        if known is not None:
            return known
        self.today[key] = value
        return value

    def last(self, most: int) -> list[tuple[str, T]]:
        """The newest, at most so many."""
        return [*self._before.items(), *self.today.items()][-most:]

    def new_day(self) -> None:
        """Forget the day before."""
        self._before, self.today = self.today, {}


class Ledger:
    """Follows the events in their order. Raises Broken with the first that breaks a promise."""

    def __init__(self) -> None:
        self.seq = 0
        self.epoch = ""
        self.day = ""
        self.days: list[str] = []
        self.windows: dict[int, str] = {}
        """Window → the visit at it."""
        self.labels: dict[str, str] = {}
        """Label → visit, of this day and the one before."""
        self.copies: dict[str, int] = {}
        """Visit → its slips so far that are marked 补打."""
        self.doubtful: TwoDays[bool] = TwoDays()
        """Visits with a slip of which nobody knows what came of it."""
        self._came_late: TwoDays[bool] = TwoDays()
        self.commands: TwoDays[str] = TwoDays()
        """Command → the ticket it gave, "" for none."""
        self.issued = self.finished = 0
        self._visits: dict[str, int] = {}
        """Visit → its window, 0 for none, -1 when it has ended."""
        self._numbers: dict[tuple[str, str], int] = {}
        self._jobs: TwoDays[str] = TwoDays()
        self._sent: TwoDays[bool] = TwoDays()
        self._rated: TwoDays[bool] = TwoDays()

    def committed(self, recorded: Sequence[Recorded]) -> None:
        """What one turn has stored. A command must not act in two turns."""
        ids: dict[str, str] = {}
        for one in recorded:
            self._in_order(one)
            event = one.event
            if one.command not in OWN:
                if self.commands.get(one.command) is not None:
                    raise Broken("a command acts once", f"{one.command}: {event}")
                ids.setdefault(one.command, "")
            self._happened(type(event).__name__, event)
            if type(event).__name__ == "TicketIssued":
                if ids.get(one.command):
                    raise Broken("a command gives one ticket", f"{one.command}: {event}")
                ids[one.command] = event.label  # type: ignore[attr-defined]
        for command, label in ids.items():
            self.commands.put(command, label)

    def _in_order(self, one: Recorded) -> None:
        if one.seq != self.seq + 1:
            raise Broken("events are numbered without a gap", f"{one.seq} after {self.seq}")
        if self.epoch and one.epoch != self.epoch:
            raise Broken("the journal stays in its epoch", f"{one.epoch} after {self.epoch}")
        self.seq, self.epoch = one.seq, one.epoch

    def _happened(self, kind: str, event: Any) -> None:  # noqa: ANN401 - any event
        match kind:
            case "DayOpened":
                self._day(event.day)
            case "TicketIssued":
                self._issued(event)
            case "TicketVoided":
                self._leave(event.visit, self._visits.get(event.visit, 0))
                self._visits[event.visit] = -1
            case "VisitRated":
                if self._rated.get(event.visit):
                    raise Broken("a visit is rated once", event)
                self._rated.put(event.visit, True)
            case "SlipQueued" | "SlipSending" | "SlipPrinted" | "SlipDoubtful" | "SlipFailed":
                self._slip(kind, event)
            case _ if kind in COMES:
                self._comes(event)
            case _ if kind in STAYS | GOES:
                self._is_here(event)
                if kind in GOES:
                    self._leave(event.visit, event.window)
                    self.finished += kind == "ServiceFinished"
            case _:
                pass

    def _day(self, day: str) -> None:
        if day <= self.day:
            raise Broken("days follow each other", f"{day} after {self.day}")
        self.day = day
        self.days = [*self.days, day][-2:]
        if any(self.windows.values()):
            raise Broken("nobody is at a window when a day begins", self.windows)
        before = self.days[-2] if len(self.days) > 1 else ""
        self.labels = {lab: v for lab, v in self.labels.items() if v.startswith(before or "-")}
        self._visits = {v: w for v, w in self._visits.items() if v.startswith(before or "-")}
        self.copies = {v: n for v, n in self.copies.items() if v.startswith(before or "-")}
        for kept in (
            self.commands, self.doubtful, self._came_late, self._jobs, self._sent, self._rated,
        ):  # fmt: skip
            kept.new_day()

    def comes_from_overnight(self, label: str) -> bool:
        """Whether half a slip of that number may have hung in a printer since the day before.

        It comes out once; the next paper with that number is today's.
        """
        before = self.days[-2] if len(self.days) > 1 else ""
        visit = f"{before}-{label}"
        if not self.doubtful.get(visit) or self._came_late.get(visit):
            return False
        self._came_late.put(visit, True)
        return True

    def _issued(self, event: Any) -> None:  # noqa: ANN401
        place = (event.visit.rpartition("-")[0], event.queue)
        if place[0] != self.day:
            raise Broken("a number belongs to the business day", event)
        if event.number <= self._numbers.get(place, 0):
            raise Broken("a number is given once", event)
        if event.visit in self._visits:
            raise Broken("a ticket is issued once", event)
        self._numbers[place] = event.number
        self._visits[event.visit] = 0
        self.labels[event.label] = event.visit
        self.issued += 1

    def _comes(self, event: Any) -> None:  # noqa: ANN401
        at = self._visits.get(event.visit)
        if at is None or at < 0:
            raise Broken("only a living ticket is called", event)
        if at > 0:
            raise Broken("a ticket is at one window", f"{event} is at {at}")
        if self.windows.get(event.window):
            raise Broken("a window has one ticket", f"{event}: {self.windows[event.window]}")
        self._visits[event.visit] = event.window
        self.windows[event.window] = event.visit

    def _is_here(self, event: Any) -> None:  # noqa: ANN401
        if self.windows.get(event.window) != event.visit:
            raise Broken("only the ticket at a window is served there", event)

    def _leave(self, visit: str, window: int) -> None:
        if window > 0:
            self.windows[window] = ""
        self._visits[visit] = 0

    def _slip(self, kind: str, event: Any) -> None:  # noqa: ANN401
        visit = self._jobs.get(event.job)
        sent = self._sent.get(event.job)
        if kind == "SlipQueued":
            if visit is not None:
                raise Broken("a slip is queued once", event)
            self._jobs.put(event.job, event.visit if event.purpose == "ticket" else "")
            if event.purpose == "ticket" and event.reprint:
                self.copies[event.visit] = self.copies.get(event.visit, 0) + 1
            return
        if visit is None:
            raise Broken("only a queued slip is printed", event)
        if kind == "SlipSending":
            if sent:
                raise Broken("a slip is sent once", event)
            self._sent.put(event.job, True)
        elif kind == "SlipFailed" and sent:
            raise Broken("a slip that was sent has not failed", event)
        elif kind in {"SlipPrinted", "SlipDoubtful"} and not sent:
            raise Broken("a slip is on paper after it was sent", event)
        if kind == "SlipDoubtful":
            self.doubtful.put(visit, True)
