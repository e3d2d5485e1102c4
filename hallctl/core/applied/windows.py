"""Events of windows, queues, staff and supervision. One function an event."""

from hallctl.core import events as e
from hallctl.core.hall import Alert, Hall, WindowState


def free(window: WindowState, at_s: float) -> None:
    window.status, window.visit, window.since_s = "idle", "", at_s
    window.undoable = None


def signed_on(hall: Hall, event: e.StaffSignedOn, recorded: e.Recorded) -> None:
    window = hall.windows[event.window]
    window.staff, window.post = event.staff, event.post
    if window.status == "off":
        window.status, window.since_s = "idle", recorded.wall_s


def signed_off(hall: Hall, event: e.StaffSignedOff, recorded: e.Recorded) -> None:
    window = hall.windows[event.window]
    window.staff = window.post = window.pause_reason = ""
    window.pause_until_s = 0.0
    asks = hall.rules is not None and hall.rules.sign_on
    window.status, window.since_s = "off" if asks else "idle", recorded.wall_s


def queue_opened(hall: Hall, event: e.QueueOpened, _: e.Recorded) -> None:
    hall.closed_queues.pop(event.queue, None)
    hall.closed_s.pop(event.queue, None)


def queue_closed(hall: Hall, event: e.QueueClosed, recorded: e.Recorded) -> None:
    hall.closed_queues[event.queue] = event.reason
    hall.closed_s.setdefault(event.queue, recorded.wall_s)


def window_queues_set(hall: Hall, event: e.WindowQueuesSet, _: e.Recorded) -> None:
    hall.windows[event.window].queues = event.queues


def helping_set(hall: Hall, event: e.HelpingSet, _: e.Recorded) -> None:
    hall.windows[event.window].helping = event.on


def notices_set(hall: Hall, event: e.NoticesSet, _: e.Recorded) -> None:
    hall.notices = event.notices


def hours_extended(hall: Hall, event: e.HoursExtended, _: e.Recorded) -> None:
    hall.extended_s = event.until_day_s
    hall.closed = False


def alert_raised(hall: Hall, event: e.AlertRaised, recorded: e.Recorded) -> None:
    hall.alerts[f"{event.kind}:{event.subject}"] = Alert(
        event.kind, event.subject, event.level, event.words, recorded.wall_s
    )


def alert_ended(hall: Hall, event: e.AlertEnded, _: e.Recorded) -> None:
    hall.alerts.pop(f"{event.kind}:{event.subject}", None)


def paused(hall: Hall, event: e.WindowPaused, recorded: e.Recorded) -> None:
    window = hall.windows[event.window]
    window.status, window.since_s = "paused", recorded.wall_s
    window.pause_reason, window.pause_until_s = event.reason, event.until_s


def resumed(hall: Hall, event: e.WindowResumed, recorded: e.Recorded) -> None:
    window = hall.windows[event.window]
    window.status, window.since_s = "idle", recorded.wall_s
    window.pause_reason, window.pause_until_s = "", 0.0


def fresh(hall: Hall, number: int) -> WindowState:
    """A window in the morning; off until a clerk signs on, where the hall asks for that."""
    asks = hall.rules is not None and hall.rules.sign_on
    return WindowState(number=number, status="off" if asks else "idle")


def evacuation_started(hall: Hall, _event: e.EvacuationStarted, recorded: e.Recorded) -> None:
    hall.evacuation_s = recorded.wall_s
    hall.cleared.clear()


def evacuation_ended(hall: Hall, _event: e.EvacuationEnded, _: e.Recorded) -> None:
    hall.evacuation_s = 0.0
    hall.cleared.clear()


def area_cleared(hall: Hall, event: e.AreaCleared, recorded: e.Recorded) -> None:
    hall.cleared[event.window] = recorded.wall_s
