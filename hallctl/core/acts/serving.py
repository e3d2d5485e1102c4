"""办理: start, finish, several matters, hold, transfer, rate."""

from hallctl.core import commands as c
from hallctl.core import events as e
from hallctl.core.acts.calling import close_rating
from hallctl.core.hall import Hall
from hallctl.core.moment import Moment
from hallctl.core.refused import Events, Refused, here, may, place_of, rules_of

GRADES = range(1, 6)


def start(hall: Hall, command: c.Start, _now: Moment) -> Events:
    """The resident has come; the rating before is over."""
    state, visit = here(hall, command.window)
    if visit.status == "serving":
        raise Refused("already_serving", label=visit.label)
    started = e.ServiceStarted(visit=visit.id, window=command.window)
    return [*close_rating(state), started]


def finish(hall: Hall, command: c.Finish, _now: Moment) -> Events:
    """The matter is done. With more matters on the ticket the visit goes on, here or elsewhere."""
    state, visit = here(hall, command.window)
    if visit.matters:
        return _next_matter(hall, command.window, visit.matters[0])
    return [*close_rating(state), e.ServiceFinished(visit=visit.id, window=command.window)]


def _next_matter(hall: Hall, window: int, following: str) -> Events:
    """一票到底: the next item on this ticket; in another queue it keeps number and place."""
    state, visit = here(hall, window)
    item = rules_of(hall).item(following)
    queue = item.queue if item else visit.queue
    events: Events = []
    if visit.status == "called":
        events += [*close_rating(state), e.ServiceStarted(visit=visit.id, window=window)]
    done = e.MatterFinished(visit=visit.id, window=window, item=visit.item, next_item=following)
    events.append(done)
    if queue not in hall.queues_of(window):
        events.append(
            e.VisitTransferred(
                visit=visit.id, label=visit.label, window=window, queue=queue, to_window=0
            )
        )
    return events


def hold(hall: Hall, command: c.Hold, _now: Moment) -> Events:
    """挂起: the window is free, the visit is kept for today."""
    _, visit = here(hall, command.window)
    may(visit, e.VisitHeld, "挂起")
    return [
        e.VisitHeld(visit=visit.id, label=visit.label, window=command.window, reason=command.reason)
    ]


def transfer(hall: Hall, command: c.Transfer, _now: Moment) -> Events:
    """转移: to a queue, to one window, or back to the pool; number and place are kept."""
    rules = rules_of(hall)
    _, visit = here(hall, command.window)
    may(visit, e.VisitTransferred, "转移")
    queue = command.queue.strip().upper() or visit.queue
    if rules.queue(queue) is None:
        raise Refused("unknown_queue", queue=queue)
    if command.to_window:
        place_of(hall, command.to_window)
        serves = hall.queues_of(command.to_window)
        if not command.queue and visit.queue not in serves:
            queue = serves[0]
        if queue not in serves:
            raise Refused("window_serves_not", window=command.to_window, queue=queue)
        if command.to_window == command.window:
            raise Refused("same_window")
    return [
        e.VisitTransferred(
            visit=visit.id,
            label=visit.label,
            window=command.window,
            queue=queue,
            to_window=command.to_window,
        )
    ]


def give_reasons(hall: Hall, command: c.GiveReasons, now: Moment) -> Events:
    """Why the grade was low. Once, and only soon after it."""
    rules = rules_of(hall)
    _, state = place_of(hall, command.window)
    if not state.rated or now.wall_s - state.rated_s > rules.reasons_open_s:
        raise Refused("no_rating")
    if command.visit not in ("", state.rated):
        raise Refused("no_rating")
    if not command.reasons or set(command.reasons) - set(rules.reasons):
        raise Refused("unknown_reason")
    reasons = tuple(reason for reason in rules.reasons if reason in command.reasons)
    return [e.ReasonsGiven(visit=state.rated, window=command.window, reasons=reasons)]


def rate(hall: Hall, command: c.Rate, _now: Moment) -> Events:
    """A resident's grade for the visit last finished there."""
    _, state = place_of(hall, command.window)
    if command.grade not in GRADES:
        raise Refused("bad_grade")
    if not state.rating or command.visit not in ("", state.rating):
        raise Refused("no_rating")
    return [
        e.VisitRated(visit=state.rating, window=command.window, grade=command.grade),
        e.RatingClosed(visit=state.rating, window=command.window, rated=True),
    ]
