"""What a window says when it serves nobody, in Chinese with the English beside it. No pygame."""

from dataclasses import dataclass

from hallctl.core.hall import Hall, WindowState
from hallctl.core.moment import Moment
from hallctl.core.rules import Rules
from hallctl.core.view import next_opening_s, opening, stand_ins
from hallctl.texts import say
from screens.kiosk import hours
from screens.kit import sight as s
from screens.kit.sight import Sight

T, OTHER = "zh", "en"
TAKING = ("called", "serving", "idle")
"""States in which somebody will be called here next."""


@dataclass(frozen=True, slots=True)
class Rest:
    """An icon with a word, what to do, and the same in English. `tone` is ok, info or quiet."""

    icon: str
    tone: str
    title: str
    lines: tuple[str, ...]
    english: tuple[str, ...]


def _rest(icon: str, tone: str, *texts: tuple[str, dict[str, object]]) -> Rest:
    """Says each key in both languages; the first is the title."""
    title, *lines = (say(T, key, **values) for key, values in texts)
    english = tuple(say(OTHER, key, **values).replace("、", ", ") for key, values in texts)
    return Rest(icon, tone, title, tuple(lines), english)


def connecting() -> Rest:
    """Nothing was ever heard of the daemon."""
    return _rest("offline", "quiet", ("hall.connecting", {}))


def blind() -> Rest:
    """The daemon has been silent for too long to trust any number."""
    return _rest("offline", "bad", ("win.blind", {}), ("win.blind_sub", {}))


def idle(hall: Hall, number: int, gone: str) -> Rest:
    """The window is free; `gone` is a label whose call was just taken back."""
    if gone:
        return _rest("hourglass", "info", ("win.withdrawn", {"label": gone}), ("win.idle_sub", {}))
    rest = _rest("tickcircle", "ok", ("win.idle", {}), ("win.idle_sub", {}))
    queues = (
        [q.name for q in hall.rules.queues if q.id in hall.queues_of(number)] if hall.rules else []
    )
    handles = say(T, "win.handles", queues="、".join(queues))
    return Rest(rest.icon, rest.tone, rest.title, (handles, *rest.lines), rest.english)


def pause(hall: Hall, number: int, now: Moment) -> Rest:
    """Paused: until when, when that is known and not past, and where to go."""
    state = hall.windows[number]
    texts: list[tuple[str, dict[str, object]]] = [("win.pause", {})]
    if state.pause_until_s > now.wall_s and hall.rules:
        texts.append(("win.until", {"time": s.clock_of(hall.rules, state.pause_until_s)}))
    return _rest("pause", "info", *texts, _elsewhere(hall, number), ("win.keep", {}))


def off(hall: Hall, number: int) -> Rest:
    """Nobody works at the window."""
    return _rest("moon", "quiet", ("win.off", {}), _elsewhere(hall, number), ("win.keep", {}))


def _elsewhere(hall: Hall, number: int) -> tuple[str, dict[str, object]]:
    others = stand_ins(hall, number)
    return ("win.go", {"windows": s.window_span(others)}) if others else ("win.desk", {})


def shut(sight: Sight, now: Moment) -> Rest:
    """Outside the hall's hours: lunch, not yet open, closed for today, no working day."""
    state = opening(sight.hall, now)
    icon = {"lunch": "bowl", "before": "sun", "holiday": "calendar"}.get(state, "moon")
    again_s = next_opening_s(sight.hall, now)
    both = []
    for t in (T, OTHER):
        if state in ("lunch", "before"):
            sub = say(t, f"hall.{state}_sub", time=s.half_day(t, again_s or 0))
            both.append((say(t, f"hall.{state}"), sub, say(t, f"hall.{state}_more")))
        else:
            sub = hours.next_day(t, sight)
            both.append((say(t, f"hall.{state}"), sub, say(t, "hall.shut_more")))
    (title, *lines), english = both
    return Rest(icon, "info", title, tuple(x for x in lines if x), tuple(x for x in english if x))


def staff(state: WindowState | None) -> str:
    """Who works here, by number, never by name."""
    if state is None or not state.staff:
        return ""
    key = "win.post" if state.post else "win.staff"
    return say(T, key, staff=state.staff, post=state.post)


def stale(rules: Rules, since_s: float | None) -> str:
    """Since when nothing was heard; "" while the daemon is heard."""
    if since_s is None:
        return ""
    return say(T, "hall.stale", time=s.clock_of(rules, since_s)) if since_s else ""


def was(rules: Rules, since_s: float | None) -> str:
    """When a number that is still shown was true."""
    return say(T, "win.was", time=s.clock_of(rules, since_s)) if since_s else ""
