"""What the pad says: Chinese first, the English beside it. No pygame."""

from typing import Literal

from hallctl.core.hall import Hall
from hallctl.core.view import opening
from hallctl.texts import knows, say
from screens.kit import night
from screens.kit import sight as s
from screens.kit.sight import Sight
from screens.pad import pages as p
from screens.window import words as window_words
from screens.window.words import OTHER, Rest, T

Key = Literal["sent", "late", "thanks", "low", "refused", "refused_why"]
LOOKS: dict[Key, tuple[str, str]] = {
    "sent": ("hourglass", "primary"),
    "late": ("offline", "warn"),
    "thanks": ("tickcircle", "ok"),
    "low": ("tickcircle", "ok"),
    "refused": ("question", "primary"),
    "refused_why": ("question", "primary"),
}
"""Icon and tone. A no is no fault of the resident: it is not red."""


def top(hall: Hall, number: int, visit_id: str = "") -> p.Top:
    """The head of a page, about a visit or about the window."""
    rules, visit = hall.rules, hall.visits.get(visit_id)
    seal = rules.seal if rules else ""
    if rules is None or visit is None:
        return p.Top(seal, number, "", (window_words.staff(hall.windows.get(number)),))
    item, queue = rules.item(visit.item), rules.queue(visit.queue)
    about = (item.name if item else "", queue.name if queue else "")
    return p.Top(seal, number, visit.label, tuple(x for x in about if x) or ("",))


def _rest(icon: str, tone: str, *keys: str, **values: object) -> Rest:
    title, *lines = (say(T, key, **values) for key in keys)
    english = tuple(say(OTHER, key, **values) for key in keys)
    return Rest(icon, tone, title, tuple(lines), english)


def connecting(number: int) -> p.Note:
    """Nothing was ever heard of the daemon."""
    rest = _rest("offline", "quiet", "hall.connecting", "pad.connecting")
    return p.Note(p.Top("", number, "", ("",)), rest)


def idle(sight: Sight, number: int) -> p.Page:
    """Nobody is asked: the welcome, or why the window serves nobody."""
    hall, now = sight.hall, sight.now
    assert hall.rules is not None
    assert now is not None
    state = hall.windows.get(number)
    if not (state and state.visit) and not hall.waiting() and night.dark(hall, now):
        return p.Dark()
    since_s = sight.stale_since_s
    if since_s is not None:
        time = s.clock_of(hall.rules, since_s) if since_s else ""
        rest = _rest("offline", "bad", "pad.stale", "pad.stale_sub", time=time)
    elif state is not None and state.visit:
        rest = _welcome()
    elif opening(hall, now) != "open":
        rest = window_words.shut(sight, now)
    elif state is None or state.status == "off":
        rest = window_words.off(hall, number)
    elif state.status == "paused":
        rest = window_words.pause(hall, number, now)
    else:
        rest = _welcome()
    return p.Note(top(hall, number), rest, s.clock(now.day_s))


def _welcome() -> Rest:
    return _rest("people", "primary", "pad.welcome", "pad.welcome_sub")


def after(hall: Hall, number: int, visit: str, key: Key, why_not: tuple[str, str]) -> p.Note:
    """What is said after a touch."""
    icon, tone = LOOKS[key]
    if key in ("refused", "refused_why"):
        lines = tuple(x for x in why_not[:1] if x)
        english = tuple(x for x in (say(OTHER, f"pad.{key}"), why_not[1]) if x)
        rest = Rest(icon, tone, say(T, f"pad.{key}"), lines, english)
    else:
        rest = _rest(icon, tone, f"pad.{key}", f"pad.{key}_sub")
    return p.Note(top(hall, number, visit), rest)


def why(hall: Hall, number: int, chosen: frozenset[str]) -> p.Why:
    """The reasons of the rules, as chosen so far, and where to say it in person."""
    rules = hall.rules
    assert rules is not None
    known = [key for key in rules.reasons if knows(f"reason.{key}")]
    reasons = tuple(
        p.Reason(key, say(T, f"reason.{key}"), say(OTHER, f"reason.{key}"), key in chosen)
        for key in known
    )
    queue = rules.queue(rules.stuck_queue)
    others = tuple(n for n in (queue.windows if queue else ()) if n != number)
    stuck = say(T, "pad.stuck", windows=s.window_span(others)) if others else ""
    send = "pad.send" if chosen else "pad.skip"
    return p.Why(reasons, stuck, say(T, send), say(OTHER, send))
