"""What screens read off the hall: pure questions, no drawing, no words.

A screen folds the same hall as the daemon and asks it here, so no two screens count differently.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from hallctl.core.discipline import candidates, forecast_min, serving_windows
from hallctl.core.events import Opening
from hallctl.core.hall import Call, DeviceState, Hall, Job, WindowState
from hallctl.core.moment import Moment
from hallctl.core.rules import Queue, Span, Window
from hallctl.core.visit import Visit

SLIP_MM, SLIPS_TELL = 130.0, 5
"""A ticket's usual length, until so many slips have told better."""


@dataclass(frozen=True, slots=True)
class QueueRow:
    """One queue as residents see it. `low_min`/`high_min` is the wait of somebody coming now."""

    queue: Queue
    waiting: int
    next_label: str
    low_min: int
    high_min: int


@dataclass(frozen=True, slots=True)
class WindowRow:
    """One window as residents see it; `label` is the ticket at it ("" for none)."""

    window: Window
    state: WindowState
    label: str


def line_at(hall: Hall, window: int) -> list[Visit]:
    """Who may be called to a window now, the next one first."""
    return candidates(hall, window)


def stand_ins(hall: Hall, window: int) -> tuple[int, ...]:
    """Other windows that now take every queue of this one, in physical order."""
    queues = hall.queues_of(window)
    taking_all = [{s.number for s in serving_windows(hall, queue)} for queue in queues]
    found = set.intersection(*taking_all) - {window} if taking_all else set()
    return tuple(sorted(found))


Waits = Mapping[str, tuple[int, int]]
"""For each queue the forecast of somebody coming now: from, to, in minutes."""


def queue_rows(hall: Hall, told: Waits = MappingProxyType({})) -> list[QueueRow]:
    """All queues, in the order of hall.yaml; waits as `told` by the forecast, else by the rule."""
    rows = []
    for queue in hall.rules.queues if hall.rules else ():
        waiting = hall.waiting(queue.id)
        low, high = told.get(queue.id) or forecast_min(hall, queue.id, len(waiting))
        label = waiting[0].label if waiting else ""
        rows.append(QueueRow(queue, len(waiting), label, low, high))
    return rows


def window_rows(hall: Hall) -> list[WindowRow]:
    """All windows, in physical order."""
    rows = []
    for window in hall.rules.windows if hall.rules else ():
        visit = hall.at_window(window.number)
        state = hall.windows[window.number]
        rows.append(WindowRow(window, state, visit.label if visit else ""))
    return rows


def live_calls(hall: Hall, most: int = 3) -> list[Call]:
    """The newest calls whose visit is still at its window, newest first, one per visit."""
    found: dict[str, Call] = {}
    for call in reversed(hall.calls):
        visit = hall.visits.get(call.visit)
        if visit is None or visit.status not in ("called", "serving"):
            continue
        found.setdefault(call.visit, call)
    return list(found.values())[:most]


def opening(hall: Hall, now: Moment) -> Opening:
    """Whether the hall serves now, or why not."""
    rules = hall.rules
    if rules is None or not rules.works_on(now.day, now.weekday):
        return "holiday"
    sessions = hall.sessions()
    if any(s.holds(now.day_s) for s in sessions):
        return "open"
    if now.day_s < sessions[0].start_s:
        return "before"
    return "lunch" if now.day_s < sessions[-1].end_s else "after"


def taking(hall: Hall, now: Moment) -> Span | None:
    """The span in which numbers are given now; None when they are not."""
    rules = hall.rules
    if rules is None or not rules.works_on(now.day, now.weekday):
        return None
    return next((s for s in hall.taking_spans() if s.holds(now.day_s)), None)


def span_now(hall: Hall, now: Moment) -> int | None:
    """Which span of `taking` it is (for quotas); None when no numbers are given."""
    span = taking(hall, now)
    return None if span is None else hall.taking_spans().index(span)


def next_taking_s(hall: Hall, now: Moment) -> int | None:
    """When numbers are given next today (seconds of the day); None for no more today."""
    rules = hall.rules
    if rules is None or not rules.works_on(now.day, now.weekday):
        return None
    return next((s.start_s for s in hall.taking_spans() if s.start_s > now.day_s), None)


def notices(hall: Hall) -> tuple[str, ...]:
    """What the hall screen shows in turn."""
    return hall.notices or (hall.rules.notices if hall.rules else ())


def next_opening_s(hall: Hall, now: Moment) -> int | None:
    """Seconds of the day at which the next session of today starts; None for no more today."""
    rules = hall.rules
    if rules is None or not rules.works_on(now.day, now.weekday):
        return None
    return next((s.start_s for s in rules.sessions if s.start_s > now.day_s), None)


def is_mute(hall: Hall, printer: str) -> bool:
    """Whether a printer that has proven slips before answers nothing now: it is sent none."""
    device, state = hall.devices.get(printer), hall.printers.get(printer)
    if device is None or state is None or not state.speaks:
        return False
    return device.link == "up" and device.parts.get("state") == "unknown"


def can_print(hall: Hall, printer: str) -> bool:
    """Whether a printer may print now. One that was never heard of, or has never answered, may."""
    if is_mute(hall, printer):
        return False
    device = hall.devices.get(printer)
    if device is None:
        return True
    parts = device.parts
    stands = parts.get("paper") == "out" or parts.get("cover") == "open"
    return device.link != "down" and not stands and parts.get("state") not in ("offline", "error")


def printer_now(hall: Hall, place: str) -> str | None:
    """The printer for a kiosk or window: the first that can print, else its first one."""
    names = hall.rules.printers_for(place) if hall.rules else ()
    return next((n for n in names if can_print(hall, n)), next(iter(names), None))


def printer_of(hall: Hall, place: str) -> DeviceState | None:
    """The state of the printer that serves a kiosk now; None when the hall has none."""
    name = printer_now(hall, place)
    return hall.devices.get(name, DeviceState(name=name)) if name else None


def tickets_left(hall: Hall, printer: str) -> int | None:
    """How many more tickets the roll has, by those printed so far; None when nobody can know."""
    paper = hall.paper.get(printer)
    if paper is None or not paper.length_mm:
        return None
    usual_mm = paper.used_mm / paper.slips if paper.slips >= SLIPS_TELL else SLIP_MM
    return max(0, int((paper.length_mm - paper.used_mm) / usual_mm))


def jobs_to_offer(hall: Hall, place: str) -> list[Job]:
    """Slips of a kiosk that may not be on paper and that nobody has asked for again."""
    again = {j.visit for j in hall.jobs.values() if j.reprint and j.purpose == "ticket"}
    return [
        j
        for j in hall.jobs.values()
        if j.kiosk == place and j.status in ("doubtful", "failed") and j.visit not in again
    ]
