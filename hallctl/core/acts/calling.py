"""叫号: who is called to a window, called again, called back, given up, and taken back."""

from typing import Literal

from hallctl.core import commands as c
from hallctl.core import discipline
from hallctl.core import events as e
from hallctl.core.acts.announcing import pending
from hallctl.core.hall import Hall, WindowState
from hallctl.core.moment import Moment
from hallctl.core.refused import Events, Refused, here, place_of, rules_of
from hallctl.core.visit import CALLABLE, Visit
from hallctl.texts import say


def call_next(hall: Hall, command: c.CallNext, _now: Moment) -> Events:
    """Whoever is next. While serving it finishes first; a pause ends with it."""
    _, state = place_of(hall, command.window)
    events = make_free(hall, state)
    visit = discipline.next_for(hall, command.window)
    if visit is None:
        if not events:
            raise Refused("nobody_waits")
        return events
    why = discipline.why_next(hall, command.window, visit)
    return [*events, _called(visit, command.window, why)]


def _called(visit: Visit, window: int, why: str, *, automatic: bool = True) -> e.TicketCalled:
    return e.TicketCalled(
        visit=visit.id, label=visit.label, window=window, why=why, automatic=automatic
    )


def make_free(hall: Hall, state: WindowState) -> Events:
    """What must happen before a window can call: finish who is served, end the pause."""
    if state.status == "off":
        raise Refused("not_signed_on")
    visit = hall.at_window(state.number)
    if visit is not None and visit.status == "called":
        raise Refused("called_not_come", label=visit.label)
    if visit is not None and visit.matters:
        raise Refused("matters_left", label=visit.label, n=len(visit.matters))
    if visit is not None:
        return [*close_rating(state), e.ServiceFinished(visit=visit.id, window=state.number)]
    if state.status == "paused":
        return [e.WindowResumed(window=state.number)]
    return []


def close_rating(state: WindowState) -> Events:
    """The rating before this one is over, unanswered."""
    if not state.rating:
        return []
    return [e.RatingClosed(visit=state.rating, window=state.number, rated=False)]


def call_ticket(hall: Hall, command: c.CallTicket, _now: Moment) -> Events:
    """特呼: one ticket, by label, or by digits of the window's own first queue."""
    _, state = place_of(hall, command.window)
    visit = _by_label(hall, command.window, command.label)
    _served_here(hall, command.window, visit)
    if visit.status not in CALLABLE:
        raise Refused("not_callable", label=visit.label, status=visit.status)
    special = say("zh", "why.special")
    return [*make_free(hall, state), _called(visit, command.window, special, automatic=False)]


def _by_label(hall: Hall, window: int, typed: str) -> Visit:
    label = typed.strip().upper()
    own = hall.queues_of(window)
    first = rules_of(hall).queue(own[0]) if own else None
    if label.isascii() and label.isdigit() and first is not None:
        label = first.label(int(label))
    visit = hall.labelled(label)
    if visit is None:
        raise Refused("unknown_label", label=label)
    return visit


def _served_here(hall: Hall, window: int, visit: Visit) -> None:
    if visit.queue not in hall.offsets_of(window):
        queue = rules_of(hall).queue(visit.queue)
        words = queue.name if queue else visit.queue
        raise Refused("not_served_here", label=visit.label, queue=words)


def call_back(hall: Hall, command: c.CallBack, _now: Moment) -> Events:
    """回呼: a held visit; without a label the one this window has held longest."""
    _, state = place_of(hall, command.window)
    if command.label:
        visit = _by_label(hall, command.window, command.label)
        if visit.status != "held":
            raise Refused("not_held", label=visit.label)
        _served_here(hall, command.window, visit)
    else:
        mine = [
            v for v in hall.visits.values() if v.status == "held" and v.window == command.window
        ]
        if not mine:
            raise Refused("nothing_held")
        visit = min(mine, key=lambda v: v.held_s)
    back = say("zh", "why.back")
    return [*make_free(hall, state), _called(visit, command.window, back, automatic=False)]


def recall(hall: Hall, command: c.Recall, now: Moment) -> Events:
    """重呼: the same ticket again, not sooner than the gap, not oftener than the limit."""
    rules = rules_of(hall)
    _, visit = here(hall, command.window)
    if visit.status != "called":
        raise Refused("already_serving", label=visit.label)
    if pending(hall, visit, now):
        raise Refused("not_said_yet", label=visit.label)
    gone_s = now.wall_s - max(visit.called_s, visit.heard_s)
    if 0 <= gone_s < rules.recall_gap_s:
        raise Refused("too_soon", wait_s=int(rules.recall_gap_s - gone_s) + 1)
    if visit.calls >= rules.recall_max:
        raise Refused("too_often", times=visit.calls)
    return [
        e.TicketRecalled(
            visit=visit.id, label=visit.label, window=command.window, times=visit.calls + 1
        )
    ]


def no_show(hall: Hall, command: c.MarkNoShow, _now: Moment) -> Events:
    """过号: after three calls. Who has rejoined once before is out for good, with the reason."""
    rules = rules_of(hall)
    _, visit = here(hall, command.window)
    if visit.status != "called":
        raise Refused("already_serving", label=visit.label)
    if visit.calls < rules.no_show_after:
        raise Refused("no_show_early", times=visit.calls, after=rules.no_show_after)
    missed = e.TicketMissed(visit=visit.id, label=visit.label, window=command.window)
    if visit.rejoins < rules.rejoin_max:
        return [missed]
    voided = e.TicketVoided(visit=visit.id, label=visit.label, reason="missed_twice")
    return [missed, voided]


def undo(hall: Hall, command: c.Undo, now: Moment) -> Events:
    """Take back the last press at a window: it compensates, nothing is erased."""
    rules = rules_of(hall)
    _, state = place_of(hall, command.window)
    last = state.undoable
    visit = hall.visits.get(last.visit) if last else None
    if last is None or visit is None:
        raise Refused("nothing_to_undo")
    if not 0 <= now.wall_s - last.at_s <= rules.undo_s:
        raise Refused("undo_late", undo_s=int(rules.undo_s))
    window = command.window
    match last.act, visit.status:
        case "call", "called":
            return [withdrawn(visit, window, "undo")]
        case "start", "serving":
            return [e.StartUndone(visit=visit.id, window=window)]
        case "finish", "rating":
            return [e.FinishUndone(visit=visit.id, window=window, back_to=_before(visit))]
        case "no_show", "no_show":
            return [e.MissUndone(visit=visit.id, window=window)]
        case "hold", "held":
            return [e.HoldUndone(visit=visit.id, window=window, back_to=_before(visit))]
        case _:
            raise Refused("nothing_to_undo")


def _before(visit: Visit) -> Literal["called", "serving"]:
    """Where a visit stood before it was finished or held: served only when start was pressed."""
    return "serving" if visit.started_s else "called"


def withdrawn(visit: Visit, window: int, reason: str) -> e.CallWithdrawn:
    """The call is taken back and the place restored."""
    return e.CallWithdrawn(
        visit=visit.id,
        label=visit.label,
        window=window,
        reason=reason,
        back_to=visit.came_from,
    )
