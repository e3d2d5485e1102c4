"""What the passing of time brings about: days, sessions, ratings, slips, and the start itself."""

from hallctl.core import commands as c
from hallctl.core import events as e
from hallctl.core.acts import announcing, printing, rehearsing, trials
from hallctl.core.acts.alerts import alerts, undamaged
from hallctl.core.hall import Hall
from hallctl.core.moment import Moment
from hallctl.core.refused import Events
from hallctl.core.view import opening
from hallctl.core.visit import OPEN

UNSENT = ("queued", "held")
BUSY = ("waiting", "called", "serving")


def turn(hall: Hall, now: Moment) -> Events:
    """A new date begins a business day; an older one (a clock set back) never does."""
    if hall.rules is None or now.day <= hall.day:
        return []
    learned = {k: (v.weight, v.mean_s, v.mean_square) for k, v in sorted(hall.learned.items())}
    paper = {k: (p.length_mm, p.used_mm, p.slips) for k, p in sorted(hall.paper.items())}
    speaking = tuple(name for name, state in sorted(hall.printers.items()) if state.speaks)
    left: Events = [e.EvacuationEnded(place="day_end")] if hall.evacuation_s else []
    return [
        *left,
        *close(hall),
        *announcing.over(hall),
        e.DayOpened(
            day=now.day,
            learned=learned,
            paper=paper,
            unended=printing.unended(hall),
            speaking=speaking,
        ),
        e.RulesSet(rules=hall.rules, digest=hall.digest),
    ]


def close(hall: Hall) -> Events:
    """The end of a day: what is still open ends with the reason, nobody stays in limbo."""
    if hall.closed or not hall.day:
        return []
    ending = [v for v in hall.visits.values() if v.status in OPEN]
    events: Events = [e.TicketVoided(visit=v.id, label=v.label, reason="day_end") for v in ending]
    events += [
        e.RatingClosed(visit=w.rating, window=w.number, rated=False)
        for w in hall.windows.values()
        if w.rating
    ]
    statuses = [v.status for v in hall.visits.values()]
    closed = e.DayClosed(
        day=hall.day,
        issued=len(statuses),
        finished=statuses.count("finished") + statuses.count("rating"),
        missed=statuses.count("no_show"),
        voided=statuses.count("void") + len(ending),
    )
    return [*events, closed]


def wake(hall: Hall, command: c.Wake, now: Moment) -> Events:
    """The daemon has started: a journal, a day, the rules, and what the last run left behind."""
    events: Events = []
    if hall.seq == 0:
        events.append(e.EpochBegun(reason="new", numbers={}))
    if not hall.day:
        events.append(e.DayOpened(day=now.day))
    if hall.rules is None or hall.digest != command.digest:
        events.append(e.RulesSet(rules=command.rules, digest=command.digest))
    return events if command.running else events + _left_behind(hall, now)


def _left_behind(hall: Hall, now: Moment) -> Events:
    """Print jobs of the last run: unsent ones are printed, marked; doubtful ones only offered."""
    events: Events = trials.broken_off(hall, now.wall_s) + announcing.restarted(hall)
    events += undamaged(hall)
    events += [e.RehearsalEnded(window=number, reason="restart") for number in hall.rehearsals]
    for job in hall.jobs.values():
        if job.status == "sending":
            events.append(e.SlipDoubtful(job=job.id, reason="restart"))
        if job.status not in UNSENT:
            continue
        wait_s = hall.rules.print_wait_s if hall.rules else 0.0
        fresh = now.wall_s - job.queued_s <= wait_s and job.purpose != "rehearsal"
        events.append(e.SlipFailed(job=job.id, reason="restart" if fresh else "expired"))
        if fresh:
            events.append(
                e.SlipQueued(
                    job=f"{job.id}r",
                    printer=job.printer,
                    purpose=job.purpose,
                    visit=job.visit,
                    item=job.item,
                    kiosk=job.kiosk,
                    language=job.language,
                    reprint=True,
                    missing=job.missing,
                    tests=job.tests,
                )
            )
    return events


def overdue(hall: Hall, now: Moment) -> Events:
    """A second has passed."""
    if hall.rules is None:
        return []
    events: Events = []
    current = opening(hall, now)
    if current != hall.opening:
        events.append(e.OpeningTurned(opening=current))
    for window in hall.windows.values():
        if window.rating and now.wall_s >= window.rating_until_s:
            closed = e.RatingClosed(visit=window.rating, window=window.number, rated=False)
            events.append(closed)
    for job in hall.jobs.values():
        if job.status in UNSENT and now.wall_s - job.queued_s > hall.rules.print_wait_s:
            events.append(e.SlipFailed(job=job.id, reason="expired"))
    events += trials.broken_off(hall, now.wall_s - trials.LOST_S)
    events += rehearsing.overdue(hall, now)
    events += alerts(hall, now, current)
    if _over(hall, current):
        events += close(hall)
    return events


def _over(hall: Hall, current: e.Opening) -> bool:
    """After the last session, with nobody waiting or at a window and no rating open."""
    if current != "after" or hall.closed:
        return False
    busy = any(v.status in BUSY for v in hall.visits.values())
    return not busy and not any(w.rating for w in hall.windows.values())
