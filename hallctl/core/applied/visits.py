"""Events of a visit, from the ticket to the rating. One function an event."""

from hallctl.core import events as e
from hallctl.core.applied.windows import free
from hallctl.core.hall import RECENT_CALLS, Call, Hall, Learned, Undoable
from hallctl.core.visit import CALLABLE, Visit, moved

LEARN_FROM_S = 20.0
"""A shorter service is a press in error, or nobody came."""
LEARN_MOST = 60.0
"""So many of the last visits count; older ones fade."""


def issued(hall: Hall, event: e.TicketIssued, recorded: e.Recorded) -> None:
    if event.visit in hall.visits:
        raise AssertionError(f"ticket {event.label} was issued twice")
    hall.numbers[event.queue] = event.number
    hall.cards.pop(event.kiosk, None)
    hall.visits[event.visit] = Visit(
        id=event.visit,
        label=event.label,
        queue=event.queue,
        number=event.number,
        item=event.item,
        klass=event.klass,
        language=event.language,
        kiosk=event.kiosk,
        virtual_s=event.virtual_s,
        issued_s=recorded.wall_s,
        ahead=event.ahead,
        wait_low_min=event.wait_low_min,
        wait_high_min=event.wait_high_min,
        person=event.person,
        behind=event.behind,
        code=event.code,
    )
    _count(hall, event.queue, event.span)


def entered(hall: Hall, event: e.PreprintedEntered, recorded: e.Recorded) -> None:
    """The queue's own numbers do not move: they go on where they were."""
    if event.visit in hall.visits:
        raise AssertionError(f"ticket {event.label} was entered twice")
    hall.visits[event.visit] = Visit(
        id=event.visit,
        label=event.label,
        queue=event.queue,
        number=event.number,
        item=event.item,
        klass=event.klass,
        language="zh",
        kiosk="",
        virtual_s=event.virtual_s,
        issued_s=event.came_s,
        ahead=event.ahead,
        wait_low_min=event.wait_low_min,
        wait_high_min=event.wait_high_min,
        status="finished" if event.served_at else "waiting",
        window=event.served_at,
        started_s=event.started_s,
        finished_s=event.finished_s,
        entered_s=recorded.wall_s,
    )
    _count(hall, event.queue, event.span)


def _count(hall: Hall, queue: str, span: int) -> None:
    """A number counts to the quota of its span."""
    if span >= 0:
        key = f"{queue}:{span}"
        hall.given[key] = hall.given.get(key, 0) + 1


def called(hall: Hall, event: e.TicketCalled, recorded: e.Recorded) -> None:
    visit = hall.visits[event.visit]
    window = hall.windows[event.window]
    if window.visit:
        raise AssertionError(f"window {event.window} was given a second ticket")
    after = moved(visit, event)
    visit.came_from = next(s for s in CALLABLE if s == visit.status)
    visit.status = after
    visit.window = event.window
    visit.calls = 1
    visit.called_s, visit.started_s = recorded.wall_s, 0.0
    visit.first_called_s = visit.first_called_s or recorded.wall_s
    hall.withdrawn.pop(visit.label, None)
    window.status, window.visit, window.since_s = "called", visit.id, recorded.wall_s
    window.undoable = Undoable("call", visit.id, recorded.wall_s)
    if not event.quiet:
        remember_call(hall, visit, recorded, 1)


def recalled(hall: Hall, event: e.TicketRecalled, recorded: e.Recorded) -> None:
    visit = hall.visits[event.visit]
    visit.status = moved(visit, event)
    visit.calls = event.times
    visit.called_s = recorded.wall_s
    remember_call(hall, visit, recorded, event.times)


def remember_call(hall: Hall, visit: Visit, recorded: e.Recorded, times: int) -> None:
    hall.calls.append(
        Call(
            seq=recorded.seq,
            visit=visit.id,
            label=visit.label,
            queue=visit.queue,
            window=visit.window,
            at_s=recorded.wall_s,
            times=times,
        )
    )
    del hall.calls[:-RECENT_CALLS]


def started(hall: Hall, event: e.ServiceStarted, recorded: e.Recorded) -> None:
    visit = hall.visits[event.visit]
    visit.status = moved(visit, event)
    visit.started_s = recorded.wall_s
    window = hall.windows[event.window]
    window.status, window.since_s = "serving", recorded.wall_s
    window.undoable = Undoable("start", visit.id, recorded.wall_s)


def finished(hall: Hall, event: e.ServiceFinished, recorded: e.Recorded) -> None:
    visit = hall.visits[event.visit]
    visit.status = moved(visit, event)
    visit.finished_s = recorded.wall_s
    window = hall.windows[event.window]
    free(window, recorded.wall_s)
    window.undoable = Undoable("finish", visit.id, recorded.wall_s)
    window.rating = visit.id
    open_s = hall.rules.rating_open_s if hall.rules else 0.0
    window.rating_until_s = recorded.wall_s + open_s
    learn(hall, visit, recorded.wall_s)


def occupy(hall: Hall, number: int, visit: Visit, at_s: float) -> None:
    """A visit is at the window again, after an undo."""
    window = hall.windows[number]
    if window.visit and window.visit != visit.id:
        raise AssertionError(f"window {number} was given a second ticket")
    window.status = "serving" if visit.status == "serving" else "called"
    window.visit, window.since_s = visit.id, at_s
    window.undoable = None


def learn(hall: Hall, visit: Visit, at_s: float) -> None:
    """Remember how long this kind of visit takes; a start nobody pressed teaches nothing."""
    lasted_s = at_s - visit.started_s
    if not visit.started_s or lasted_s < LEARN_FROM_S:
        return
    for key in {visit.queue, visit.item} - {""}:
        learned = hall.learned.setdefault(key, Learned())
        learned.weight = min(learned.weight + 1, LEARN_MOST)
        learned.mean_s += (lasted_s - learned.mean_s) / learned.weight
        learned.mean_square += (lasted_s**2 - learned.mean_square) / learned.weight


def held_visit(hall: Hall, event: e.VisitHeld, recorded: e.Recorded) -> None:
    visit = hall.visits[event.visit]
    visit.status = moved(visit, event)
    visit.held_s = recorded.wall_s
    window = hall.windows[event.window]
    free(window, recorded.wall_s)
    window.undoable = Undoable("hold", visit.id, recorded.wall_s)


def transferred(hall: Hall, event: e.VisitTransferred, recorded: e.Recorded) -> None:
    visit = hall.visits[event.visit]
    visit.status = moved(visit, event)
    visit.queue, visit.to_window = event.queue, event.to_window
    visit.started_s = 0.0
    free(hall.windows[event.window], recorded.wall_s)


def withdrawn(hall: Hall, event: e.CallWithdrawn, recorded: e.Recorded) -> None:
    visit = hall.visits[event.visit]
    visit.status = moved(visit, event)
    free(hall.windows[event.window], recorded.wall_s)
    hall.calls[:] = [c for c in hall.calls if c.visit != visit.id]
    hall.withdrawn[visit.label] = recorded.wall_s


def start_undone(hall: Hall, event: e.StartUndone, recorded: e.Recorded) -> None:
    visit = hall.visits[event.visit]
    visit.status = moved(visit, event)
    visit.started_s = 0.0
    occupy(hall, event.window, visit, recorded.wall_s)


def finish_undone(hall: Hall, event: e.FinishUndone, recorded: e.Recorded) -> None:
    visit = hall.visits[event.visit]
    visit.status = moved(visit, event)
    visit.finished_s = 0.0
    window = hall.windows[event.window]
    window.rating, window.rating_until_s = "", 0.0
    occupy(hall, event.window, visit, recorded.wall_s)


def miss_undone(hall: Hall, event: e.MissUndone, recorded: e.Recorded) -> None:
    visit = hall.visits[event.visit]
    visit.status = moved(visit, event)
    occupy(hall, event.window, visit, recorded.wall_s)


def hold_undone(hall: Hall, event: e.HoldUndone, recorded: e.Recorded) -> None:
    visit = hall.visits[event.visit]
    visit.status = moved(visit, event)
    occupy(hall, event.window, visit, recorded.wall_s)


def rejoined(hall: Hall, event: e.TicketRejoined, _: e.Recorded) -> None:
    visit = hall.visits[event.visit]
    visit.status = moved(visit, event)
    visit.rejoins += 1
    visit.virtual_s = event.virtual_s


def item_set(hall: Hall, event: e.ItemSet, _: e.Recorded) -> None:
    hall.visits[event.visit].item = event.item


def matter_added(hall: Hall, event: e.MatterAdded, _: e.Recorded) -> None:
    hall.visits[event.visit].matters.append(event.item)


def matter_finished(hall: Hall, event: e.MatterFinished, recorded: e.Recorded) -> None:
    visit = hall.visits[event.visit]
    visit.status = moved(visit, event)
    learn(hall, visit, recorded.wall_s)
    visit.matters.pop(0)
    visit.item = event.next_item
    visit.started_s = recorded.wall_s
    hall.windows[event.window].undoable = None


def class_changed(hall: Hall, event: e.ClassChanged, _: e.Recorded) -> None:
    visit = hall.visits[event.visit]
    visit.klass, visit.virtual_s = event.klass, event.virtual_s


def rating_closed(hall: Hall, event: e.RatingClosed, recorded: e.Recorded) -> None:
    visit = hall.visits[event.visit]
    visit.status = moved(visit, event)
    window = hall.windows[event.window]
    window.rating, window.rating_until_s = "", 0.0
    window.rated = visit.id if event.rated else ""
    window.rated_s = recorded.wall_s


def reasons_given(hall: Hall, event: e.ReasonsGiven, _: e.Recorded) -> None:
    hall.windows[event.window].rated = ""


def missed(hall: Hall, event: e.TicketMissed, recorded: e.Recorded) -> None:
    visit = hall.visits[event.visit]
    visit.status = moved(visit, event)
    window = hall.windows[event.window]
    free(window, recorded.wall_s)
    window.undoable = Undoable("no_show", visit.id, recorded.wall_s)


def voided(hall: Hall, event: e.TicketVoided, recorded: e.Recorded) -> None:
    visit = hall.visits[event.visit]
    visit.status = moved(visit, event)
    window = hall.windows.get(visit.window)
    if window is not None and window.visit == visit.id:
        free(window, recorded.wall_s)
