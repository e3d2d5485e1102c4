"""补录: pre-printed numbers, handed out while the PC was down, are entered afterwards."""

import math
import re
from dataclasses import dataclass

from hallctl.core import commands as c
from hallctl.core import discipline
from hallctl.core import events as e
from hallctl.core.hall import Hall
from hallctl.core.moment import Moment
from hallctl.core.refused import Events, Refused, clock_text, place_of, rules_of
from hallctl.core.rules import Queue, Rules
from hallctl.texts import say

_LABEL = re.compile(r"(\D+)0*(\d{1,6})", re.ASCII)


@dataclass(frozen=True, slots=True)
class _Times:
    """What the forms say, as UNIX seconds; the last two are 0 for somebody who still waits."""

    came_s: float
    started_s: float = 0.0
    finished_s: float = 0.0


def enter(hall: Hall, command: c.EnterPreprinted, now: Moment) -> Events:
    """Enter a number: it waits where its time of coming puts it, or was served and is recorded."""
    rules = rules_of(hall)
    queue, number = _number(rules, command.label)
    label = queue.label(number)
    _is_new(hall, label, now)
    if command.item and rules.item(command.item) is None:
        raise Refused("unknown_item", item=command.item)
    _came(hall, command.came_day_s, now)
    _served(hall, command, now)
    midnight_s = _midnight_s(now)
    times = _Times(midnight_s + command.came_day_s)
    if command.served_at:
        started_s = midnight_s + command.started_day_s
        times = _Times(times.came_s, started_s, midnight_s + command.finished_day_s)
    else:
        _may_wait(hall, queue, label, times.came_s, now)
    return [_entered(hall, command, queue, number, times)]


def _entered(
    hall: Hall, command: c.EnterPreprinted, queue: Queue, number: int, times: _Times
) -> e.PreprintedEntered:
    virtual_s = discipline.virtual_s(rules_of(hall), command.klass, times.came_s)
    before, low, high = 0, 0, 0
    if not command.served_at:
        before = discipline.ahead(hall, queue.id, virtual_s)
        low, high = discipline.forecast_min(hall, queue.id, before)
    label = queue.label(number)
    return e.PreprintedEntered(
        visit=f"{hall.day}-{label}",
        label=label,
        queue=queue.id,
        number=number,
        item=command.item,
        klass=command.klass,
        came_s=times.came_s,
        virtual_s=virtual_s,
        ahead=before,
        wait_low_min=low,
        wait_high_min=high,
        span=_span(hall, command.came_day_s),
        served_at=command.served_at,
        started_s=times.started_s,
        finished_s=times.finished_s,
    )


def _number(rules: Rules, label: str) -> tuple[Queue, int]:
    """The queue and the number of a label as it stands on paper. Raises Refused."""
    paper = rules.preprinted
    if paper is None:
        raise Refused("no_preprinted")
    parts = _LABEL.fullmatch(label.strip().upper())
    prefix = parts[1].strip() if parts else label
    queue = next((q for q in rules.queues if q.prefix.upper() == prefix), None)
    if queue is None:
        raise Refused("unknown_queue", queue=prefix)
    if parts is None or not paper.holds(int(parts[2])):
        span = f"{queue.label(paper.first)}–{queue.label(paper.last)}"
        raise Refused("not_preprinted", label=label.strip().upper(), span=span)
    return queue, int(parts[2])


def _is_new(hall: Hall, label: str, now: Moment) -> None:
    visit = hall.labelled(label)
    if visit is None:
        return
    code = "entered_already" if visit.entered_s else "given_already"
    at_s = visit.entered_s or visit.issued_s
    raise Refused(code, label=label, time=_clock(at_s, now))


def _came(hall: Hall, came_day_s: int, now: Moment) -> None:
    """Nobody came in the future, before numbers are given, or on a day off."""
    rules = rules_of(hall)
    if not rules.works_on(now.day, now.weekday):
        raise Refused("closed", hours=say("zh", "hours.holiday"))
    first_s = hall.taking_spans()[0].start_s
    if came_day_s < first_s:
        raise Refused("came_early", time=clock_text(max(0, came_day_s)), start=clock_text(first_s))
    if came_day_s > now.day_s:
        raise Refused("not_yet", time=clock_text(came_day_s), now=clock_text(now.day_s))


def _served(hall: Hall, command: c.EnterPreprinted, now: Moment) -> None:
    """Window and both times, or none of them; in their order, and past."""
    given = (command.served_at, command.started_day_s, command.finished_day_s)
    if not any(given):
        return
    if not all(given):
        raise Refused("served_half")
    place_of(hall, command.served_at)
    started_s, finished_s = command.started_day_s, command.finished_day_s
    if not command.came_day_s <= started_s <= finished_s:
        times = {"came": command.came_day_s, "started": started_s, "finished": finished_s}
        raise Refused("served_order", **{k: clock_text(max(0, v)) for k, v in times.items()})
    if finished_s > now.day_s:
        raise Refused("not_yet", time=clock_text(finished_s), now=clock_text(now.day_s))


def _may_wait(hall: Hall, queue: Queue, label: str, came_s: float, now: Moment) -> None:
    """Who still waits can be called today, and had the number before the queue was stopped."""
    if hall.closed:
        raise Refused("day_over", label=label)
    closed_s = hall.closed_s.get(queue.id)
    if closed_s is not None and came_s > closed_s:
        since = _clock(closed_s, now)
        raise Refused("stopped_before", label=label, queue=queue.name, since=since)


def _midnight_s(now: Moment) -> float:
    """UNIX time of the day's beginning; `day_s` counts whole seconds only."""
    return float(math.floor(now.wall_s) - now.day_s)


def _clock(at_s: float, now: Moment) -> str:
    """A UNIX time of today as people write it, the same however late it is asked for."""
    return clock_text(max(0, math.floor(at_s - _midnight_s(now))))


def _span(hall: Hall, came_day_s: int) -> int:
    """Which span of `taking` the number counts to; -1 for none."""
    spans = hall.taking_spans()
    return next((at for at, span in enumerate(spans) if span.holds(came_day_s)), -1)
