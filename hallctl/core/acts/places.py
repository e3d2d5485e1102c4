"""Windows, queues, notices, hours: what clerks and supervisors set during the day."""

from hallctl.core import commands as c
from hallctl.core import events as e
from hallctl.core.acts.calling import withdrawn
from hallctl.core.hall import Hall
from hallctl.core.moment import Moment
from hallctl.core.refused import Events, Refused, place_of, rules_of
from hallctl.core.rules import Rules

DAY_S = 86400


def pause(hall: Hall, command: c.Pause, _now: Moment) -> Events:
    """暂停: a called ticket goes back to its place; whoever is being served is finished first."""
    _, state = place_of(hall, command.window)
    if state.status == "off":
        raise Refused("not_signed_on")
    if state.status == "paused":
        raise Refused("paused")
    visit = hall.at_window(command.window)
    if visit is not None and visit.status == "serving":
        raise Refused("busy", label=visit.label)
    events: Events = []
    if visit is not None:
        events.append(withdrawn(visit, command.window, "window_paused"))
    return [
        *events,
        e.WindowPaused(window=command.window, reason=command.reason, until_s=command.until_s),
    ]


def resume(hall: Hall, command: c.Resume, _now: Moment) -> Events:
    """恢复."""
    _, state = place_of(hall, command.window)
    if state.status != "paused":
        raise Refused("not_paused")
    return [e.WindowResumed(window=command.window)]


def sign_on(hall: Hall, command: c.SignOn, _now: Moment) -> Events:
    """A clerk takes a window. At a post of two (AB岗), B needs a reason to cover."""
    rules = rules_of(hall)
    _, state = place_of(hall, command.window)
    clerk = rules.clerk(command.staff)
    if clerk is None:
        raise Refused("unknown_staff", staff=command.staff)
    if state.staff == clerk.number:
        raise Refused("signed_on_already", staff=clerk.number)
    elsewhere = next((w.number for w in hall.windows.values() if w.staff == clerk.number), None)
    if elsewhere is not None:
        raise Refused("signed_on_elsewhere", staff=clerk.number, window=elsewhere)
    if state.staff:
        raise Refused("window_taken", window=command.window, staff=state.staff)
    post = _post(rules, clerk.number, command.window)
    if post != "A" and _has_posts(rules, command.window) and not command.reason.strip():
        raise Refused("cover_reason", staff=clerk.number)
    signed_on = e.StaffSignedOn(window=command.window, staff=clerk.number, post=post)
    if not command.reason.strip():
        return [signed_on]
    cover = e.CoverGiven(window=command.window, staff=clerk.number, reason=command.reason)
    return [signed_on, cover]


def _post(rules: Rules, number: str, window: int) -> str:
    clerk = rules.clerk(number)
    if clerk is None:
        return ""
    if window in clerk.post_a:
        return "A"
    return "B" if window in clerk.post_b else ""


def _has_posts(rules: Rules, window: int) -> bool:
    return any(window in s.post_a or window in s.post_b for s in rules.staff)


def sign_off(hall: Hall, command: c.SignOff, _now: Moment) -> Events:
    """The clerk leaves; a called ticket returns to its place, a served one is finished first."""
    _, state = place_of(hall, command.window)
    if not state.staff:
        raise Refused("not_signed_on")
    visit = hall.at_window(command.window)
    if visit is not None and visit.status == "serving":
        raise Refused("busy", label=visit.label)
    events: Events = []
    if visit is not None:
        events.append(withdrawn(visit, command.window, "signed_off"))
    return [*events, e.StaffSignedOff(window=command.window, staff=state.staff)]


def open_queue(hall: Hall, command: c.OpenQueue, _now: Moment) -> Events:
    """Give numbers again."""
    if command.queue not in hall.closed_queues:
        raise Refused("queue_open", queue=_name(hall, command.queue))
    return [e.QueueOpened(queue=command.queue)]


def close_queue(hall: Hall, command: c.CloseQueue, _now: Moment) -> Events:
    """No more numbers today; those given are served."""
    if command.queue in hall.closed_queues:
        raise Refused("queue_closed", queue=_name(hall, command.queue), reason="")
    return [e.QueueClosed(queue=rules_queue(hall, command.queue), reason=command.reason)]


def rules_queue(hall: Hall, queue: str) -> str:
    """The queue's letter. Raises Refused for one that is not there."""
    if rules_of(hall).queue(queue) is None:
        raise Refused("unknown_queue", queue=queue)
    return queue


def _name(hall: Hall, queue: str) -> str:
    found = rules_of(hall).queue(rules_queue(hall, queue))
    return found.name if found else queue


def set_window_queues(hall: Hall, command: c.SetWindowQueues, _now: Moment) -> Events:
    """What a window serves until the day ends."""
    place_of(hall, command.window)
    for queue in command.queues:
        rules_queue(hall, queue)
    if len(set(command.queues)) != len(command.queues):
        raise Refused("queue_twice")
    return [e.WindowQueuesSet(window=command.window, queues=command.queues)]


def set_helping(hall: Hall, command: c.SetHelping, _now: Moment) -> Events:
    """Switch helping on or off."""
    window, state = place_of(hall, command.window)
    if not window.helps:
        raise Refused("helps_nobody", window=command.window)
    if state.helping == command.on:
        raise Refused("helping_already", window=command.window)
    return [e.HelpingSet(window=command.window, on=command.on)]


def set_notices(_: Hall, command: c.SetNotices, _now: Moment) -> Events:
    """What the hall screen shows in turn."""
    return [e.NoticesSet(notices=command.notices)]


def extend_hours(hall: Hall, command: c.ExtendHours, now: Moment) -> Events:
    """延时服务, until a later time today."""
    sessions = rules_of(hall).sessions
    last_s = max([hall.extended_s, *(s.end_s for s in sessions)])
    if not max(last_s, now.day_s) < command.until_day_s < DAY_S:
        raise Refused("extend_later")
    return [e.HoursExtended(until_day_s=command.until_day_s)]


def ask_help(hall: Hall, command: c.AskHelp, _: Moment) -> Events:
    """Somebody needs a person; asked twice is asked once."""
    return [] if command.place in hall.help else [e.HelpAsked(place=command.place)]


def answer_help(hall: Hall, command: c.AnswerHelp, _: Moment) -> Events:
    """A person is on the way."""
    if command.place not in hall.help:
        raise Refused("no_help", place=command.place)
    return [e.HelpAnswered(place=command.place)]


def shown(_: Hall, command: c.ReportShown, __: Moment) -> Events:
    """A screen's proof."""
    return [e.CallShown(screen=command.screen, shown=command.shown)]
