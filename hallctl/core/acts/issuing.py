"""取号 and what concerns the ticket itself: issue, walk-up, 办不成事, cancel, rejoin."""

from hallctl.core import commands as c
from hallctl.core import discipline
from hallctl.core import events as e
from hallctl.core.acts import printing
from hallctl.core.hall import Hall, WindowState
from hallctl.core.moment import Moment
from hallctl.core.refused import Events, Refused, clock_text, here, may, named, place_of, rules_of
from hallctl.core.rules import Klass, Language, Queue, Rules
from hallctl.core.view import next_taking_s, span_now
from hallctl.core.visit import OPEN, Visit
from hallctl.texts import say


def issue(hall: Hall, command: c.IssueTicket, now: Moment) -> Events:
    """Give a number, unless the hours, a quota or the work left say no."""
    rules = rules_of(hall)
    queue = _queue_for(rules, command.item, command.queue or rules.default_queue)
    again = same_person(hall, command)
    if again is not None:
        return (
            [] if not command.paper else [printing.copy(hall, again, command.kiosk or again.kiosk)]
        )
    span = _open_span(hall, queue, now)
    issued = _ticket(
        hall,
        queue,
        now,
        command.item,
        command.klass,
        language=command.language,
        kiosk=command.kiosk,
        person=person_of(hall, command),
        span=span,
    )
    return [issued, *(printing.ticket(hall, issued, [command.kiosk]) if command.paper else [])]


def _queue_for(rules: Rules, item_code: str, queue_id: str) -> Queue:
    item = rules.item(item_code) if item_code else None
    if item_code and item is None:
        raise Refused("unknown_item", item=item_code)
    wanted = item.queue if item else queue_id
    queue = rules.queue(wanted)
    if queue is None:
        raise Refused("unknown_queue", queue=wanted)
    return queue


def person_of(hall: Hall, command: c.IssueTicket) -> str:
    """The hash of who asks: of the card read at the kiosk, or as given; "" for nobody known."""
    card = hall.cards.get(command.kiosk) if command.card else None
    return card.person if card else command.person


def same_person(hall: Hall, command: c.IssueTicket) -> Visit | None:
    """The live ticket this person already has for the same item, where an ID was given."""
    person = person_of(hall, command)
    if not person or not rules_of(hall).one_per_person:
        return None
    mine = (v for v in hall.visits.values() if v.person == person)
    return next((v for v in mine if v.item == command.item and v.status in OPEN), None)


def _open_span(hall: Hall, queue: Queue, now: Moment) -> int:
    """Which span of `taking` the number counts to. Raises Refused, with when it is possible."""
    if queue.id in hall.closed_queues:
        raise Refused("queue_closed", queue=queue.name, reason=hall.closed_queues[queue.id])
    span = span_now(hall, now)
    if span is None:
        raise Refused("closed", hours=_hours(hall, now))
    quota = queue.quotas[span] if span < len(queue.quotas) else 0
    if quota and hall.given.get(f"{queue.id}:{span}", 0) >= quota:
        raise Refused("quota", queue=queue.name, next=_next_words(hall, now))
    if rules_of(hall).cut_off and not discipline.fits(hall, queue.id, now.day_s):
        raise Refused("cut_off", queue=queue.name, next=_next_words(hall, now))
    return span


def _hours(hall: Hall, now: Moment) -> str:
    spans = hall.taking_spans()
    if not rules_of(hall).works_on(now.day, now.weekday):
        return say("zh", "hours.holiday")
    return "、".join(f"{clock_text(s.start_s)}–{clock_text(s.end_s)}" for s in spans)


def _next_words(hall: Hall, now: Moment) -> str:
    at_s = next_taking_s(hall, now)
    return clock_text(at_s) if at_s is not None else say("zh", "hours.next_day")


def _ticket(
    hall: Hall,
    queue: Queue,
    now: Moment,
    item: str,
    klass: Klass,
    *,
    kiosk: str,
    language: Language = "zh",
    person: str = "",
    span: int = -1,
    behind: str = "",
) -> e.TicketIssued:
    """The next number of a queue, none of those on paper."""
    rules = rules_of(hall)
    number = hall.numbers.get(queue.id, 0) + 1
    if rules.preprinted is not None and rules.preprinted.holds(number):
        number = rules.preprinted.last + 1
    label = queue.label(number)
    virtual_s = discipline.virtual_s(rules, klass, now.wall_s)
    before = discipline.ahead(hall, queue.id, virtual_s)
    low, high = discipline.forecast_min(hall, queue.id, before)
    return e.TicketIssued(
        visit=f"{hall.day}-{label}",
        label=label,
        queue=queue.id,
        number=number,
        item=item,
        klass=klass,
        language=language,
        kiosk=kiosk,
        virtual_s=virtual_s,
        ahead=before,
        wait_low_min=low,
        wait_high_min=high,
        person=person,
        behind=behind,
        span=span,
    )


def walk_up(hall: Hall, command: c.ServeWalkUp, now: Moment) -> Events:
    """Serve somebody who stands at the window: a number for the record, no call, no paper."""
    place, state = place_of(hall, command.window)
    _day_goes_on(hall, now)
    present = hall.at_window(command.window)
    if present is not None:
        raise Refused("busy", label=present.label)
    if state.status == "off":
        raise Refused("not_signed_on")
    own = hall.queues_of(command.window)
    queue = _queue_for(rules_of(hall), command.item, command.queue or own[0])
    if queue.id not in own:
        raise Refused("not_served_here", label="", queue=queue.name)
    issued = _ticket(hall, queue, now, command.item, "ordinary", kiosk=f"window-{place.number}")
    why = say("zh", "why.walk_up")
    window = command.window
    resumed: Events = [e.WindowResumed(window=window)] if state.status == "paused" else []
    rated: Events = (
        [e.RatingClosed(visit=state.rating, window=window, rated=False)] if state.rating else []
    )
    return [
        *resumed,
        issued,
        e.TicketCalled(
            visit=issued.visit, label=issued.label, window=window, why=why,
            automatic=False, quiet=True,
        ),
        *rated,
        e.ServiceStarted(visit=issued.visit, window=window),
    ]  # fmt: skip


def _day_goes_on(hall: Hall, now: Moment) -> None:
    """Nobody is served after the day was closed, unless its hours are extended."""
    if hall.closed:
        raise Refused("closed", hours=_hours(hall, now))


def raise_stuck(hall: Hall, command: c.RaiseStuck, now: Moment) -> Events:
    """A 办不成事 ticket for the resident at the window, with the visit that failed behind it."""
    rules = rules_of(hall)
    state, visit = _present_or_rated(hall, command.window)
    _day_goes_on(hall, now)
    queue = rules.queue(rules.stuck_queue)
    if queue is None:
        raise Refused("unknown_queue", queue=rules.stuck_queue)
    if visit.queue == queue.id:
        raise Refused("already_stuck", label=visit.label)
    if any(v.behind == visit.id for v in hall.visits.values()):
        raise Refused("already_raised", label=visit.label)
    place = command.place or f"window-{state.number}"
    issued = _ticket(
        hall,
        queue,
        now,
        visit.item,
        visit.klass,
        kiosk=place,
        language=visit.language,
        behind=visit.id,
    )
    return [issued, *printing.ticket(hall, issued, [place, visit.kiosk])]


def _present_or_rated(hall: Hall, window: int) -> tuple[WindowState, Visit]:
    _, state = place_of(hall, window)
    rated = hall.visits.get(state.rating)
    if hall.at_window(window) is None and rated is not None:
        return state, rated
    return here(hall, window)


def cancel(hall: Hall, command: c.CancelTicket, _: Moment) -> Events:
    """The resident gives the ticket back; whoever is at a window is the clerk's to end."""
    visit = named(hall, command.visit)
    may(visit, e.TicketVoided, "取消")
    if visit.status in ("called", "serving"):
        raise Refused("not_possible", label=visit.label, status=visit.status, act="取消")
    return [e.TicketVoided(visit=visit.id, label=visit.label, reason="cancelled")]


def rejoin(hall: Hall, command: c.Rejoin, _: Moment) -> Events:
    """A missed ticket waits again, behind the next three; once."""
    rules = rules_of(hall)
    visit = named(hall, command.visit)
    may(visit, e.TicketRejoined, "重新排队")
    virtual_s = discipline.place_behind(hall, visit, rules.rejoin_behind)
    return [e.TicketRejoined(visit=visit.id, label=visit.label, virtual_s=virtual_s)]


def set_item(hall: Hall, command: c.SetItem, _: Moment) -> Events:
    """What a visit is about. A change of queue is a transfer, and asked for as one."""
    visit = named(hall, command.visit)
    item = rules_of(hall).item(command.item)
    if item is None:
        raise Refused("unknown_item", item=command.item)
    if visit.status not in OPEN:
        raise Refused("not_possible", label=visit.label, status=visit.status, act="改事项")
    return [e.ItemSet(visit=visit.id, item=item.code)]


def add_matter(hall: Hall, command: c.AddMatter, _: Moment) -> Events:
    """One more item on the same ticket (一票到底)."""
    visit = named(hall, command.visit)
    if rules_of(hall).item(command.item) is None:
        raise Refused("unknown_item", item=command.item)
    if visit.status not in OPEN:
        raise Refused("not_possible", label=visit.label, status=visit.status, act="加办事项")
    if command.item == visit.item or command.item in visit.matters:
        raise Refused("matter_twice", label=visit.label)
    return [e.MatterAdded(visit=visit.id, item=command.item)]


def change_class(hall: Hall, command: c.ChangeClass, _: Moment) -> Events:
    """Give or take priority; the place follows from when the ticket was taken."""
    visit = named(hall, command.visit)
    if visit.status not in ("waiting", "held", "no_show"):
        raise Refused("not_possible", label=visit.label, status=visit.status, act="改类别")
    if visit.klass == command.klass:
        raise Refused("same_class", label=visit.label)
    moved_s = discipline.credit_s(rules_of(hall), command.klass) - discipline.credit_s(
        rules_of(hall), visit.klass
    )
    changed = e.ClassChanged(
        visit=visit.id, klass=command.klass, virtual_s=visit.virtual_s - moved_s
    )
    return [changed]
