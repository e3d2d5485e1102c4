"""The hall as the API tells it: pure, from the mirror and the newest forecast."""

from typing import Any

from hallctl.core import view
from hallctl.core.hall import RECENT_CALLS, Hall
from hallctl.core.moment import Moment
from hallctl.core.refused import clock_text
from hallctl.core.rules import Queue, Span
from hallctl.core.visit import Visit
from hallctl.http import models as m

Forecast = dict[str, Any] | None


def hall_now(hall: Hall, now: Moment) -> m.HallNow:
    """The hall's name, hours and opening."""
    assert hall.rules is not None
    return m.HallNow(
        seq=hall.seq,
        now_s=now.wall_s,
        name=hall.rules.hall,
        name_en=hall.rules.hall_en,
        day=hall.day,
        opening=view.opening(hall, now),
        taking=view.taking(hall, now) is not None,
        closed=hall.closed,
        evacuation=hall.evacuation_s > 0,
        hours=_spans(hall.sessions()),
        taking_hours=_spans(hall.taking_spans()),
        notices=list(view.notices(hall)),
        epoch=hall.epoch,
    )


def _spans(spans: tuple[Span, ...]) -> list[m.HoursSpan]:
    return [m.HoursSpan(start=clock_text(s.start_s), end=clock_text(s.end_s)) for s in spans]


def queues(hall: Hall, now: Moment, forecast: Forecast) -> m.Queues:
    """Who waits, and for how long."""
    assert hall.rules is not None
    rows = [_queue(hall, queue, now, forecast) for queue in hall.rules.queues]
    return m.Queues(seq=hall.seq, now_s=now.wall_s, queues=rows)


def _queue(hall: Hall, queue: Queue, now: Moment, forecast: Forecast) -> m.QueueNow:
    waiting = hall.waiting(queue.id)
    return m.QueueNow(
        id=queue.id,
        name=queue.name,
        name_en=queue.name_en,
        waiting=len(waiting),
        next=waiting[0].label if waiting else None,
        oldest_wait_s=oldest_wait_s(waiting, now),
        open=queue.id not in hall.closed_queues,
        wait=_wait(forecast, "queues", queue.id),
    )


def oldest_wait_s(waiting: list[Visit], now: Moment) -> float | None:
    """How long the one has waited who has waited longest; None when nobody waits."""
    if not waiting:
        return None
    return round(max(0.0, now.wall_s - min(v.issued_s for v in waiting)), 1)


def _wait(forecast: Forecast, kind: str, name: str) -> m.Wait | None:
    found = (forecast or {}).get(kind, {}).get(name)
    if found is None or found["low_min"] is None or found["high_min"] is None:
        return None
    return m.Wait(low_min=found["low_min"], high_min=found["high_min"])


def windows(hall: Hall, now: Moment) -> m.Windows:
    """How each window stands."""
    rows = [
        m.WindowNow(
            number=row.window.number,
            name=row.window.name,
            name_en=row.window.name_en,
            state=row.state.status,
            since_s=row.state.since_s,
            label=row.label or None,
            visit=row.state.visit or None,
            queues=list(hall.queues_of(row.window.number)),
            pause_reason=row.state.pause_reason,
        )
        for row in view.window_rows(hall)
    ]
    return m.Windows(seq=hall.seq, now_s=now.wall_s, windows=rows)


def ahead(hall: Hall, visit: Visit) -> int | None:
    """How many are before a waiting visit in its queue; None when it does not wait."""
    if visit.status != "waiting":
        return None
    return [v.id for v in hall.waiting(visit.queue)].index(visit.id)


def wait_of(visit: Visit, forecast: Forecast) -> m.Wait | None:
    """How long a waiting visit may still take; None when nobody can tell."""
    return _wait(forecast, "visits", visit.id) if visit.status == "waiting" else None


def visit_now(hall: Hall, visit: Visit, now: Moment, forecast: Forecast) -> m.VisitNow:
    """One visit: neither whose it is nor its page's code."""
    return m.VisitNow(
        seq=hall.seq,
        now_s=now.wall_s,
        id=visit.id,
        label=visit.label,
        queue=visit.queue,
        item=visit.item,
        matters=list(visit.matters),
        priority=visit.klass == "priority",
        language=visit.language,
        status=visit.status,
        window=visit.window or None,
        calls=visit.calls,
        ahead=ahead(hall, visit),
        wait=wait_of(visit, forecast),
        issued_s=visit.issued_s,
        called_s=visit.called_s or None,
        started_s=visit.started_s or None,
        finished_s=visit.finished_s or None,
    )


def devices(hall: Hall, now: Moment) -> m.Devices:
    """How each device is."""
    rows = [
        m.DeviceNow(
            name=d.name,
            link=d.link,
            since_s=d.since_s,
            parts=dict(d.parts),
            evidence=d.evidence,
            remedy=d.remedy,
        )
        for _, d in sorted(hall.devices.items())
    ]
    return m.Devices(seq=hall.seq, now_s=now.wall_s, devices=rows)


def alerts(hall: Hall, now: Moment) -> m.Alerts:
    """What is alarming."""
    rows = [
        m.AlertNow(kind=a.kind, subject=a.subject, level=a.level, words=a.words, since_s=a.since_s)
        for a in hall.alerts.values()
    ]
    return m.Alerts(seq=hall.seq, now_s=now.wall_s, alerts=rows)


def calls(hall: Hall, now: Moment, since: int) -> m.Calls:
    """The calls behind a sequence, as far as they are kept."""
    rows = [
        m.CallNow(
            seq=x.seq,
            visit=x.visit,
            label=x.label,
            queue=x.queue,
            window=x.window,
            at_s=x.at_s,
            times=x.times,
        )
        for x in hall.calls
        if x.seq > since
    ]
    complete = len(hall.calls) < RECENT_CALLS or hall.calls[0].seq <= since
    return m.Calls(seq=hall.seq, now_s=now.wall_s, complete=complete, calls=rows)
