"""Command → what happens, or `Refused` with words for the person who asked.

Nothing is changed here and nothing is remembered: the same hall, command and moment give the
same events.
"""

from collections.abc import Callable
from typing import Any

from hallctl.core import commands as c
from hallctl.core import discipline
from hallctl.core import events as e
from hallctl.core.hall import Hall, WindowState
from hallctl.core.moment import Moment
from hallctl.core.rules import Rules, Window
from hallctl.core.view import taking
from hallctl.core.visit import TRANSITIONS, Visit
from hallctl.texts import say

Events = list[e.Event]


class Refused(Exception):  # noqa: N818 - the house's word; not an error of ours
    """A person asked the impossible. `code` is stable, `words()` are for people."""

    def __init__(self, code: str, **values: object) -> None:
        super().__init__(code)
        self.code = code
        self._values = values

    def words(self) -> dict[str, str]:
        """The reason in each language."""
        return {lang: say(lang, f"refused.{self.code}", **self._of(lang)) for lang in ("zh", "en")}

    def _of(self, language: str) -> dict[str, object]:
        status = self._values.get("status")
        if status is None:
            return self._values
        return {**self._values, "status": say(language, f"status.{status}")}


def decide(hall: Hall, command: c.Command, now: Moment) -> Events:
    """What a command lets happen. Raises Refused."""
    if hall.rules is None:
        raise Refused("no_rules")
    return _DECIDE[type(command)](hall, command, now)


def rules_of(hall: Hall) -> Rules:
    """The rules in force. Raises Refused while there are none."""
    if hall.rules is None:
        raise Refused("no_rules")
    return hall.rules


def clock_text(day_s: int) -> str:
    """Seconds of the day as people write them: 9:00."""
    return f"{day_s // 3600}:{day_s % 3600 // 60:02d}"


def _issue(hall: Hall, command: c.IssueTicket, now: Moment) -> Events:
    rules = rules_of(hall)
    item = rules.item(command.item) if command.item else None
    if command.item and item is None:
        raise Refused("unknown_item", item=command.item)
    queue_id = item.queue if item else command.queue or rules.default_queue
    queue = rules.queue(queue_id)
    if queue is None:
        raise Refused("unknown_queue", queue=queue_id)
    if taking(hall, now) is None:
        spans = "、".join(f"{clock_text(s.start_s)}–{clock_text(s.end_s)}" for s in rules.taking)
        raise Refused("closed", hours=spans)
    number = hall.numbers.get(queue.id, 0) + 1
    label = f"{queue.prefix}{number:03d}"
    virtual_s = discipline.virtual_s(rules, command.klass, now.wall_s)
    before = discipline.ahead(hall, queue.id, virtual_s)
    low, high = discipline.forecast_min(hall, queue.id, before)
    visit = f"{hall.day}-{label}"
    events: Events = [
        e.TicketIssued(
            visit=visit,
            label=label,
            queue=queue.id,
            number=number,
            item=command.item,
            klass=command.klass,
            language=command.language,
            kiosk=command.kiosk,
            virtual_s=virtual_s,
            ahead=before,
            wait_low_min=low,
            wait_high_min=high,
        )
    ]
    printer = rules.printer_for(command.kiosk) if command.paper else None
    if printer is not None:
        events.append(
            e.SlipQueued(
                job=f"{visit}.1",
                printer=printer,
                purpose="ticket",
                visit=visit,
                item=command.item,
                kiosk=command.kiosk,
                language=command.language,
                reprint=False,
            )
        )
    return events


def _print_materials(hall: Hall, command: c.PrintMaterials, _: Moment) -> Events:
    rules = rules_of(hall)
    if rules.item(command.item) is None:
        raise Refused("unknown_item", item=command.item)
    printer = rules.printer_for(command.kiosk)
    if printer is None:
        raise Refused("no_printer")
    return [
        e.SlipQueued(
            job=f"{hall.day}-{command.item}.{len(hall.jobs) + 1}",
            printer=printer,
            purpose="materials",
            visit="",
            item=command.item,
            kiosk=command.kiosk,
            language=command.language,
            reprint=False,
        )
    ]


def _reprint(hall: Hall, command: c.Reprint, _: Moment) -> Events:
    visit = hall.visits.get(command.visit) or hall.labelled(command.visit.upper())
    if visit is None:
        raise Refused("unknown_visit")
    return [_copy(hall, visit, command.kiosk or visit.kiosk)]


def _copy(hall: Hall, visit: Visit, kiosk: str) -> e.SlipQueued:
    mine = [j for j in hall.jobs.values() if j.visit == visit.id]
    if any(j.status in ("queued", "held", "sending") for j in mine):
        raise Refused("printing")
    printer = rules_of(hall).printer_for(kiosk)
    if printer is None:
        raise Refused("no_printer")
    return e.SlipQueued(
        job=f"{visit.id}.{len(mine) + 1}",
        printer=printer,
        purpose="ticket",
        visit=visit.id,
        item=visit.item,
        kiosk=kiosk,
        language=visit.language,
        reprint=True,
    )


def _place(hall: Hall, number: int) -> tuple[Window, WindowState]:
    window = rules_of(hall).window(number)
    state = hall.windows.get(number)
    if window is None or state is None:
        raise Refused("unknown_window", window=number)
    return window, state


def _make_free(hall: Hall, state: WindowState) -> Events:
    """What must happen before a window can call: finish who is served, end the pause."""
    visit = hall.at_window(state.number)
    if visit is not None and visit.status == "called":
        raise Refused("called_not_come", label=visit.label)
    if visit is not None:
        return [*_close_rating(state), e.ServiceFinished(visit=visit.id, window=state.number)]
    if state.status == "paused":
        return [e.WindowResumed(window=state.number)]
    return []


def _close_rating(state: WindowState) -> Events:
    if not state.rating:
        return []
    return [e.RatingClosed(visit=state.rating, window=state.number, rated=False)]


def _call_next(hall: Hall, command: c.CallNext, _now: Moment) -> Events:
    _, state = _place(hall, command.window)
    events = _make_free(hall, state)
    visit = discipline.next_for(hall, command.window)
    if visit is None:
        if not events:
            raise Refused("nobody_waits")
        return events
    why = discipline.why_next(hall, command.window, visit)
    return [*events, _called(visit, command.window, why)]


def _called(visit: Visit, window: int, why: str) -> e.TicketCalled:
    return e.TicketCalled(visit=visit.id, label=visit.label, window=window, why=why)


def _call_ticket(hall: Hall, command: c.CallTicket, _: Moment) -> Events:
    place, state = _place(hall, command.window)
    label = command.label.strip().upper()
    first = rules_of(hall).queue(place.queues[0])
    if label.isdigit() and first is not None:
        label = f"{first.prefix}{int(label):03d}"
    visit = hall.labelled(label)
    if visit is None:
        raise Refused("unknown_label", label=label)
    if visit.queue not in place.queues:
        queue = rules_of(hall).queue(visit.queue)
        raise Refused("not_served_here", label=label, queue=queue.name if queue else visit.queue)
    if (visit.status, e.TicketCalled) not in TRANSITIONS:
        raise Refused("not_callable", label=label, status=visit.status)
    return [*_make_free(hall, state), _called(visit, command.window, "特呼")]


def _here(hall: Hall, number: int) -> tuple[WindowState, Visit]:
    _, state = _place(hall, number)
    visit = hall.at_window(number)
    if visit is None:
        raise Refused("nobody_here")
    return state, visit


def _recall(hall: Hall, command: c.Recall, now: Moment) -> Events:
    rules = rules_of(hall)
    _, visit = _here(hall, command.window)
    if visit.status != "called":
        raise Refused("already_serving", label=visit.label)
    gone_s = now.wall_s - visit.called_s
    if 0 <= gone_s < rules.recall_gap_s:
        raise Refused("too_soon", wait_s=int(rules.recall_gap_s - gone_s) + 1)
    if visit.calls >= rules.recall_max:
        raise Refused("too_often", times=visit.calls)
    return [
        e.TicketRecalled(
            visit=visit.id, label=visit.label, window=command.window, times=visit.calls + 1
        )
    ]


def _start(hall: Hall, command: c.Start, _now: Moment) -> Events:
    state, visit = _here(hall, command.window)
    if visit.status == "serving":
        raise Refused("already_serving", label=visit.label)
    started = e.ServiceStarted(visit=visit.id, window=command.window)
    return [*_close_rating(state), started]


def _finish(hall: Hall, command: c.Finish, _now: Moment) -> Events:
    state, visit = _here(hall, command.window)
    return [*_close_rating(state), e.ServiceFinished(visit=visit.id, window=command.window)]


def _no_show(hall: Hall, command: c.MarkNoShow, _now: Moment) -> Events:
    _, visit = _here(hall, command.window)
    if visit.status != "called":
        raise Refused("already_serving", label=visit.label)
    after = rules_of(hall).no_show_after
    if visit.calls < after:
        raise Refused("no_show_early", times=visit.calls, after=after)
    return [e.TicketMissed(visit=visit.id, label=visit.label, window=command.window)]


def _pause(hall: Hall, command: c.Pause, _now: Moment) -> Events:
    _, state = _place(hall, command.window)
    if state.status == "paused":
        raise Refused("paused")
    visit = hall.at_window(command.window)
    if visit is not None:
        raise Refused("busy", label=visit.label)
    return [e.WindowPaused(window=command.window, reason=command.reason, until_s=command.until_s)]


def _resume(hall: Hall, command: c.Resume, _now: Moment) -> Events:
    _, state = _place(hall, command.window)
    if state.status != "paused":
        raise Refused("not_paused")
    return [e.WindowResumed(window=command.window)]


def _rate(hall: Hall, command: c.Rate, _now: Moment) -> Events:
    _, state = _place(hall, command.window)
    if not 1 <= command.grade <= 5:  # noqa: PLR2004 - the five national grades
        raise Refused("bad_grade")
    if not state.rating:
        raise Refused("no_rating")
    return [
        e.VisitRated(visit=state.rating, window=command.window, grade=command.grade),
        e.RatingClosed(visit=state.rating, window=command.window, rated=True),
    ]


def _ask_help(hall: Hall, command: c.AskHelp, _: Moment) -> Events:
    return [] if command.place in hall.help else [e.HelpAsked(place=command.place)]


def _answer_help(hall: Hall, command: c.AnswerHelp, _: Moment) -> Events:
    if command.place not in hall.help:
        raise Refused("no_help", place=command.place)
    return [e.HelpAnswered(place=command.place)]


def _shown(_: Hall, command: c.ReportShown, __: Moment) -> Events:
    return [e.CallShown(screen=command.screen, shown=command.shown)]


_DECIDE: dict[type, Callable[[Hall, Any, Moment], Events]] = {
    c.IssueTicket: _issue,
    c.PrintMaterials: _print_materials,
    c.Reprint: _reprint,
    c.CallNext: _call_next,
    c.CallTicket: _call_ticket,
    c.Recall: _recall,
    c.Start: _start,
    c.Finish: _finish,
    c.MarkNoShow: _no_show,
    c.Pause: _pause,
    c.Resume: _resume,
    c.Rate: _rate,
    c.AskHelp: _ask_help,
    c.AnswerHelp: _answer_help,
    c.ReportShown: _shown,
}
