"""The one door: (hall, what is asked, now) → what happened, what devices must do, the answer."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

from hallctl.core import commands as c
from hallctl.core import events as e
from hallctl.core import reports as r
from hallctl.core.acts import announcing, passing, rehearsing
from hallctl.core.acts.alerts import damaged, room
from hallctl.core.acts.issuing import same_person
from hallctl.core.applying import apply
from hallctl.core.decide import decide
from hallctl.core.discipline import BEHIND_S, ahead
from hallctl.core.hall import Hall
from hallctl.core.hearing import hear
from hallctl.core.moment import Moment
from hallctl.core.react import Effects, briefings, react, refresh
from hallctl.core.refused import Events, Refused
from hallctl.core.view import Waits


@dataclass(frozen=True, slots=True)
class Outcome:
    """What one step gives. `answer` goes to the asker, and into the same commit as the events.

    `effects` are without `react.displays`: what those must show may change before anybody looks.
    """

    recorded: list[e.Recorded] = field(default_factory=list)
    effects: Effects = field(default_factory=list)
    answer: dict[str, Any] = field(default_factory=dict)


class Step:
    """Steps one hall. Holds nothing but the hall and the name of the journal's epoch."""

    def __init__(self, hall: Hall, epoch: str, new_code: Callable[[], str] | None = None) -> None:
        self.hall = hall
        self.epoch = epoch
        self._new_code = new_code
        """Draws what the wait page finds a ticket by; None where there is no such page."""
        self.waits: Waits = {}
        """The newest forecast by queue, handed in by the shell; a ticket prints it."""

    def __call__(self, asked: c.Asked | r.Reported, now: Moment) -> Outcome:
        """Let a command or a report happen: the hall is changed, and the outcome must be stored.

        Nobody may see the outcome before it is on disk; when it cannot be stored the process
        must end, since the hall here is already ahead.
        """
        turned = self._record(passing.turn(self.hall, now), asked, now)
        if isinstance(asked, r.Reported):
            return self._reported(asked, now, turned)
        try:
            events, answer = self._commanded(asked.command, now)
        except Refused as refused:
            turned += self._voices(turned, asked, now)
            effects = react(self.hall, [x.event for x in turned], now)
            return Outcome(turned, effects, _refusal(refused))
        recorded = turned + self._record(events, asked, now)
        recorded += self._voices(recorded, asked, now)
        effects = react(self.hall, [x.event for x in recorded], now)
        if isinstance(asked.command, c.Wake):
            effects += refresh(self.hall)
            if not asked.command.running:
                effects += briefings(self.hall)
        return Outcome(recorded, effects, {"ok": True, "result": answer})

    def _commanded(self, command: c.Command, now: Moment) -> tuple[Events, dict[str, Any]]:
        if isinstance(command, c.Wake):
            return passing.wake(self.hall, command, now), {}
        if isinstance(command, c.NoteBus):
            return _noted(command), {}
        if isinstance(command, c.NoteClock):
            return [e.ClockSet(by_s=command.by_s)], {}
        if isinstance(command, c.NoteRoom):
            return room(self.hall, command), {}
        if isinstance(command, c.NoteDamage):
            return damaged(self.hall, command), {}
        if isinstance(command, c.Tick):
            return passing.overdue(self.hall, now), {}
        decided = decide(self.hall, command, now)
        events = [self._told(event) for event in rehearsing.first(self.hall, command, decided)]
        result = _result(events)
        if isinstance(command, c.IssueTicket) and "visit" not in result:
            result |= _already(self.hall, command)
        return events, result

    def _told(self, event: e.Event) -> e.Event:
        """A new ordinary ticket carries the forecast; priority has a place of its own."""
        paged = self.hall.rules is not None and self.hall.rules.public_url
        if isinstance(event, e.TicketIssued) and paged and self._new_code is not None:
            event = replace(event, code=self._new_code())
        if not isinstance(event, e.TicketIssued) or event.klass == "priority" or event.span < 0:
            return event
        known = (event.wait_low_min, event.wait_high_min)
        low, high = told = self.waits.get(event.queue, known)
        if told == known:
            return event
        return replace(event, wait_low_min=low, wait_high_min=high)

    def _reported(self, asked: r.Reported, now: Moment, turned: list[e.Recorded]) -> Outcome:
        events, answered = hear(self.hall, asked, now)
        recorded = turned + self._record(events, asked, now)
        recorded += self._voices(recorded, asked, now)
        effects = react(self.hall, [x.event for x in recorded], now)
        return Outcome(recorded, answered + effects)

    def _voices(
        self, happened: list[e.Recorded], asked: c.Asked | r.Reported, now: Moment
    ) -> list[e.Recorded]:
        """What the voices make of it: queued, then begun or skipped."""
        queued = self._record(announcing.queued(self.hall, happened), asked, now)
        return queued + self._record(announcing.due(self.hall, now), asked, now)

    def _record(self, events: Events, asked: c.Asked | r.Reported, now: Moment) -> list[e.Recorded]:
        if not events:
            return []
        actor = asked.device if isinstance(asked, r.Reported) else asked.actor
        found = []
        for event in events:
            recorded = e.Recorded(
                seq=self.hall.seq + 1,
                epoch=self.epoch,
                wall_s=now.wall_s,
                mono_s=now.mono_s,
                actor=actor,
                command=asked.id,
                event=event,
            )
            apply(self.hall, recorded)
            found.append(recorded)
        return found


def _noted(noted: c.NoteBus) -> Events:
    events: Events = [
        e.AskerTurned(asker=x.asker, code=x.code, what=x.what, count=x.count) for x in noted.turned
    ]
    events += [
        e.KeyEnrolled(name=k.name, role=k.role, fingerprint=k.fingerprint) for k in noted.enrolled
    ]
    return events + [
        e.KeyRevoked(name=k.name, role=k.role, fingerprint=k.fingerprint) for k in noted.revoked
    ]


def _refusal(refused: Refused) -> dict[str, Any]:
    return {"ok": False, "code": refused.code, "words": refused.words()}


def _already(hall: Hall, command: c.IssueTicket) -> dict[str, Any]:
    """The live ticket the person had before; `again` says that no new number was given."""
    visit = same_person(hall, command)
    assert visit is not None
    return {
        "visit": visit.id,
        "label": visit.label,
        "queue": visit.queue,
        "again": True,
        "ahead": ahead(hall, visit.queue, visit.virtual_s - BEHIND_S),
        "wait_low_min": visit.wait_low_min,
        "wait_high_min": visit.wait_high_min,
    }


def _result(events: Events) -> dict[str, Any]:
    """What the asker learns: the ticket, the call, the print job."""
    found: dict[str, Any] = {}
    for event in events:
        match event:
            case e.TicketIssued():
                found.update(
                    visit=event.visit,
                    label=event.label,
                    queue=event.queue,
                    job="",
                    again=False,
                    ahead=event.ahead,
                    wait_low_min=event.wait_low_min,
                    wait_high_min=event.wait_high_min,
                )
            case e.PreprintedEntered():
                found.update(
                    visit=event.visit,
                    label=event.label,
                    queue=event.queue,
                    ahead=event.ahead,
                    served_at=event.served_at,
                )
            case e.TicketCalled() | e.TicketRecalled():
                found.update(visit=event.visit, label=event.label, window=event.window)
            case e.DeviceTestBegun():
                found["test"] = event.test
            case e.SlipQueued():
                found["job"] = event.job
            case _:
                pass
    return found
