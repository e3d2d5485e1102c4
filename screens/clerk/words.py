"""What the terminal reads off the hall, in words: head, devices, places, the line, printers."""

from typing import Protocol

from hallctl.core.hall import DeviceState, Hall, Job
from hallctl.core.moment import Moment
from hallctl.core.rules import Fitting, Item, Rules
from hallctl.core.view import can_print, is_mute, opening, printer_of, tickets_left
from hallctl.core.visit import Visit
from hallctl.texts import knows, say
from screens.clerk.pages import Chip, Tone, Top
from screens.kit.sight import Sight, clock, clock_of, off_words

MINUTE_S = 60
LOW_TICKETS = 60
BAD_STATES = ("offline", "error", "silent", "fault", "failed")


class Terminal(Protocol):
    """What is asked of a terminal to write its words."""

    name: str
    language: str

    @property
    def window(self) -> int:
        """The window it stands at, 0 for the guide's desk."""


def minutes(now: Moment, since_s: float) -> int:
    """Whole minutes since a time."""
    return max(0, int((now.wall_s - since_s) // MINUTE_S))


def time_of(hall: Hall, wall_s: float) -> str:
    """A time of day, `9:05`."""
    assert hall.rules is not None
    return clock_of(hall.rules, wall_s)


def top(terminal: Terminal, sight: Sight) -> Top:
    """The head of every page."""
    language, hall, number = terminal.language, sight.hall, terminal.window
    rules = hall.rules
    window = rules.window(number) if rules else None
    state = hall.windows.get(number)
    staff = state.staff if state else ""
    wired = devices(language, hall, number)
    title = say(language, "clerk.window", name=window.short if window else "")
    if not number:
        title = say(language, "guide.title")
    elif window is not None and language != "zh":
        title = say(language, "clerk.window", name=window.name_en)
    return Top(
        badge=str(number or ""),
        title=title.strip(),
        staff=say(language, "clerk.staff", staff=staff) if staff else "",
        chips=() if sight.stale_since_s is not None else (*_clock_off(language, sight), *wired),
        clock=clock(sight.now.day_s) if sight.now else "",
        stale=stale(language, sight),
    )


def stale(language: str, sight: Sight) -> str:
    """Since when the hall is not heard; "" while it is."""
    since_s, rules = sight.stale_since_s, sight.hall.rules
    if since_s is None:
        return ""
    if not since_s or rules is None:
        return say(language, "clerk.connecting")
    return say(language, "clerk.stale", time=clock_of(rules, since_s))


def _clock_off(language: str, sight: Sight) -> list[Chip]:
    """The terminal's own clock is wrong: what stands here is the hall's time all the same."""
    words = off_words(language, sight.clock_off_s)
    return [Chip("clock", words, "warn")] if words else []


def devices(language: str, hall: Hall, window: int) -> list[Chip]:
    """The devices of a window: what is wrong comes first, and then stands alone."""
    rules = hall.rules
    found = []
    for fitting in rules.fittings if rules else ():
        mine = window in fitting.windows or (not window and fitting.kind == "voice")
        if fitting.kind == "printer" or not mine:
            continue
        found.append(_device(language, hall, fitting, window))
    found += printers(language, hall, window)
    wrong = [chip for chip in found if chip.tone in ("bad", "warn")]
    return wrong or found


def _device(language: str, hall: Hall, fitting: Fitting, window: int) -> Chip:
    name = kind_words(language, fitting)
    device = hall.devices.get(fitting.device)
    if device is None or device.link == "unknown":
        return Chip("question", say(language, "clerk.device_unknown", name=name))
    if device.link == "down":
        return Chip("cross", say(language, "clerk.device_down", name=name), "bad")
    state = device.parts.get(f"{fitting.kind}:{window}") or device.parts.get("state", "")
    if state in BAD_STATES:
        return Chip("triangle", say(language, "clerk.device_wrong", name=name), "warn")
    return Chip("tickcircle", name, "ok")


def kind_words(language: str, fitting: Fitting) -> str:
    """What people call a device."""
    key = f"clerk.kind.{fitting.kind}"
    return say(language, key) if knows(key) else fitting.device


def printers(language: str, hall: Hall, window: int) -> list[Chip]:
    """The printer that this terminal prints on, once something is known of it."""
    place = print_place(hall, f"window-{window}" if window else "guide")
    device = printer_of(hall, place) if place else None
    return [] if device is None else [printer_chip(language, hall, device)]


def printer_chip(language: str, hall: Hall, device: DeviceState) -> Chip:
    """How a printer stands, in words."""
    name, parts = say(language, "clerk.kind.printer"), device.parts
    left = tickets_left(hall, device.name)
    if device.link == "down":
        return Chip("cross", say(language, "clerk.device_down", name=name), "bad")
    if parts.get("paper") == "out":
        return Chip("cross", say(language, "clerk.paper_out"), "bad")
    if parts.get("cover") == "open":
        return Chip("cross", say(language, "clerk.cover_open"), "bad")
    if is_mute(hall, device.name):
        return Chip("cross", say(language, "clerk.device_mute", name=name), "bad")
    if not can_print(hall, device.name):
        return Chip("triangle", say(language, "clerk.device_wrong", name=name), "warn")
    if parts.get("paper") == "low" or (left is not None and left < LOW_TICKETS):
        return Chip("triangle", say(language, "clerk.paper_low"), "warn")
    if device.link == "unknown":
        return Chip("question", say(language, "clerk.device_unknown", name=name))
    return Chip("tickcircle", name, "ok")


def print_place(hall: Hall, own: str) -> str:
    """Where slips of this terminal come out: its own printer, else a kiosk's; "" for nowhere."""
    rules = hall.rules
    if rules is None:
        return ""
    if rules.printers_for(own):
        return own
    served = [p for f in rules.fittings if f.kind == "printer" for p in f.serves]
    return next(iter(served), "")


def place_words(language: str, place: str) -> str:
    """`3 号窗口` for `window-3`."""
    kind, _, number = place.rpartition("-")
    key = f"clerk.place.{kind}"
    if knows(key):
        return say(language, key, n=number)
    return say(language, "guide.title") if place.startswith("guide") else place


def item_of(rules: Rules, visit: Visit) -> Item | None:
    """The item of a visit, when it is known."""
    return rules.item(visit.item) if visit.item else None


def queue_short(rules: Rules, queue_id: str) -> str:
    """What a queue is called in short."""
    queue = rules.queue(queue_id)
    return queue.short if queue else queue_id


def klass_words(language: str, visit: Visit) -> str:
    """`优先号` or `普通号`."""
    return say(language, f"clerk.{visit.klass}")


def waited(language: str, visit: Visit, now: Moment) -> str:
    """How long somebody has waited, or did until called."""
    end_s = visit.first_called_s if visit.status not in ("waiting", "held") else 0.0
    gone_s = (end_s or now.wall_s) - visit.issued_s
    return say(language, "clerk.waited", n=max(0, int(gone_s // MINUTE_S)))


def slip_state(language: str, job: Job | None) -> tuple[str, Tone]:
    """What has become of a slip, in words."""
    if job is None:
        return "", ""
    tone: Tone = {"printed": "ok", "doubtful": "warn", "failed": "bad", "held": "warn"}.get(
        job.status, ""
    )  # type: ignore[assignment]
    return say(language, f"clerk.slip.{job.status}"), tone


def closed_words(language: str, hall: Hall, now: Moment, waiting: int) -> str:
    """Outside the hours: which, and how many are left; "" inside them."""
    state = opening(hall, now)
    if state == "open":
        return ""
    return say(language, f"clerk.shut.{state}", n=waiting)
