"""Whether numbers are given here and now, for which queues, and when they are given next."""

from hallctl.core.rules import Queue
from hallctl.core.view import next_taking_s, span_now
from hallctl.texts import say
from screens.kit import sight as s
from screens.kit.sight import Sight


def closed(sight: Sight) -> bool:
    """Whether no numbers are given to anybody now: out of hours, or every queue is full."""
    return sight.now is None or span_now(sight.hall, sight.now) is None or all_full(sight)


def full(sight: Sight, queue_id: str) -> bool:
    """Whether a queue is known to give no more numbers now."""
    hall = sight.hall
    if queue_id in hall.closed_queues:
        return True
    queue = hall.rules.queue(queue_id) if hall.rules else None
    span = span_now(hall, sight.now) if sight.now else None
    if queue is None or span is None or span >= len(queue.quotas):
        return False
    quota = queue.quotas[span]
    return bool(quota) and hall.given.get(f"{queue_id}:{span}", 0) >= quota


def all_full(sight: Sight) -> bool:
    """Whether no queue gives any more numbers now."""
    rules = sight.hall.rules
    return rules is not None and all(full(sight, q.id) for q in rules.queues)


def again(t: str, sight: Sight, queue: Queue | None = None) -> str:
    """When numbers are given next: later today, or on the next working day.

    A queue that was closed by hand gives none before the next day; without `queue` all are meant.
    """
    later_s = next_taking_s(sight.hall, sight.now) if sight.now else None
    rules, closed_now = sight.hall.rules, sight.hall.closed_queues
    meant = (queue,) if queue is not None else rules.queues if rules else ()
    shut = bool(meant) and all(q.id in closed_now for q in meant)
    if later_s is not None and not shut:
        return say(t, "shut.before_sub", time=s.half_day(t, later_s))
    return next_day(t, sight, of_taking=True)


def next_day(t: str, sight: Sight, *, of_taking: bool = False) -> str:
    """When the hall opens (or gives numbers) on its next working day."""
    rules, now = sight.hall.rules, sight.now
    day = s.next_workday(rules, now) if rules and now else ""
    spans = () if rules is None else rules.taking if of_taking else rules.sessions
    if not day or not spans:
        return ""
    key = "shut.sub" if of_taking else "hall.shut_sub"
    return say(t, key, date=s.date_words(t, day), time=s.clock(spans[0].start_s))
