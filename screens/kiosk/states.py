"""The kiosk's states in words: closed, lunch, no paper, out of service, refused, and so on."""

from typing import TYPE_CHECKING

from hallctl.core.events import Opening
from hallctl.core.hall import Job
from hallctl.core.view import next_opening_s, next_taking_s
from hallctl.texts import say
from screens.kiosk import hours, slips
from screens.kiosk.pages import StatePage
from screens.kiosk.words import rules_of, top
from screens.kit import sight as s
from screens.kit.sight import Sight

if TYPE_CHECKING:
    from screens.kiosk.model import Kiosk


ANSWER_S = 5.0
"""A call for help that the hall has not taken by then has not gone out."""


def _steps(t: str, name: str, **values: object) -> tuple[str, ...]:
    return tuple(say(t, f"{name}.do{n}", **values) for n in (1, 2, 3))


def out_of_service(kiosk: "Kiosk", sight: Sight) -> StatePage:
    """The daemon is not heard: nobody gives numbers here, and since when."""
    t, rules, since_s = kiosk.language, sight.hall.rules, sight.stale_since_s
    note = say(t, "oos.never")
    if rules is not None and since_s:
        note = say(t, "oos.since", time=s.clock_of(rules, since_s))
    return StatePage(
        top=top(kiosk, sight, helpers="local" if rules is not None else "none"),
        icon="wrench",
        tone="bad",
        title=say(t, "oos.title"),
        sub=say(t, "oos.sub"),
        do=say(t, "state.do"),
        steps=_steps(t, "oos"),
        note=note,
    )


def taking_page(kiosk: "Kiosk", sight: Sight) -> StatePage:
    """The number has been asked for; nothing can be touched."""
    t = kiosk.language
    return StatePage(
        top=top(kiosk, sight, helpers="none"),
        icon="ticket",
        tone="primary",
        title=say(t, "taking.title"),
        sub=say(t, "taking.sub"),
    )


def refused_page(kiosk: "Kiosk", sight: Sight) -> StatePage:
    """The daemon said no, in its own words."""
    t = kiosk.language
    return StatePage(
        top=top(kiosk, sight),
        icon="triangle",
        tone="warn",
        title=say(t, "print.failed" if kiosk.refused_list else "refused.title"),
        sub=kiosk.refusal.get(t, ""),
        do=say(t, "state.do"),
        steps=_steps(t, "refused"),
        button=("ok", say(t, "refused.home")),
    )


def listing_page(kiosk: "Kiosk", sight: Sight) -> StatePage:
    """A list of materials is being printed, alone."""
    t = kiosk.language
    job = None if kiosk.pending else kiosk.list_job(sight.hall)
    state = job.status if job else "queued"
    key, icon, tone = ("print.title", "printer", "primary")
    sub = "print.sub"
    if state == "printed":
        key, sub, icon, tone = "print.done", "print.done_sub", "tickcircle", "ok"
    elif state in ("held", "doubtful", "failed"):
        key, sub, icon, tone = "print.failed", "print.failed_sub", "triangle", "warn"
    return StatePage(
        top=top(kiosk, sight),
        icon=icon,
        tone=tone,
        title=say(t, key),
        sub=say(t, sub),
        button=None if kiosk.pending else ("ok", say(t, "done.ok")),
    )


def idle_page(kiosk: "Kiosk", sight: Sight) -> StatePage:
    """Asks whether anybody is still there (还在用吗)."""
    t = kiosk.language
    return StatePage(
        top=top(kiosk, sight),
        icon="clock",
        tone="primary",
        title=say(t, "idle.title"),
        sub=say(t, "idle.sub", s=kiosk.idle_left_s(sight)),
        button=("stay", say(t, "idle.stay")),
    )


def over_page(kiosk: "Kiosk", sight: Sight) -> StatePage:
    """What stands over a page for a moment: that staff come, or that there is no voice."""
    t = kiosk.language
    if kiosk.over == "mute":
        name, icon, tone = "mute", "mute", "warn"
    elif kiosk.name in sight.hall.help:
        name, icon, tone = "coming", "hand", "ok"
    elif sight.mono_s - kiosk.over_since_s < ANSWER_S:
        name, icon, tone = "calling", "hand", "primary"
    else:
        name, icon, tone = "nobody", "triangle", "warn"
    return StatePage(
        top=top(kiosk, sight),
        icon=icon,
        tone=tone,
        title=say(t, f"over.{name}"),
        sub=say(t, f"over.{name}_sub"),
        button=("close", say(t, "done.ok")),
    )


def offer_page(kiosk: "Kiosk", sight: Sight, job: Job) -> StatePage:
    """After a restart: a slip that may be lost is offered, never repeated by itself."""
    t, label = kiosk.language, sight.hall.visits[job.visit].label
    return StatePage(
        top=top(kiosk, sight),
        icon="printer",
        tone="warn",
        title=say(t, "offer.title"),
        sub=say(t, "offer.sub", label=label),
        do=say(t, "state.do"),
        steps=_steps(t, "offer"),
        button=("offer:again", say(t, "offer.again")),
        second=("offer:got", say(t, "offer.got")),
    )


def lunch_page(kiosk: "Kiosk", sight: Sight) -> StatePage:
    """Lunch, while afternoon numbers are already given."""
    t = kiosk.language
    back_s = _next_opening(sight)
    return StatePage(
        top=top(kiosk, sight),
        icon="bowl",
        tone="primary",
        title=say(t, "lunch.title"),
        sub=say(t, "lunch.sub", time=s.half_day(t, back_s)) if back_s is not None else "",
        do=say(t, "state.do"),
        steps=_steps(t, "lunch"),
        button=("afternoon", say(t, "lunch.take")),
        note=s.hours(rules_of(sight)),
    )


def _next_opening(sight: Sight) -> int | None:
    return next_opening_s(sight.hall, sight.now) if sight.now else None


def _next_taking(sight: Sight) -> int | None:
    """Seconds of the day at which numbers are given again today; None for no more today."""
    return next_taking_s(sight.hall, sight.now) if sight.now else None


def shut_page(kiosk: "Kiosk", sight: Sight, state: Opening) -> StatePage:
    """No numbers are given now: why, and when they are."""
    t, again_s = kiosk.language, _next_taking(sight)
    if state == "lunch" and again_s is not None:
        return _lunch_without_numbers(kiosk, sight, again_s)
    if again_s is not None:
        title, sub = "shut.before", say(t, "shut.before_sub", time=s.half_day(t, again_s))
    elif state == "open":
        title, sub = "shut.stopped", say(t, "shut.stopped_sub")
    else:
        title = "shut.holiday" if state == "holiday" else "shut.after"
        sub = hours.next_day(t, sight, of_taking=True)
    return StatePage(
        top=top(kiosk, sight),
        icon={"shut.before": "sun", "shut.holiday": "calendar"}.get(title, "moon"),
        tone="primary",
        title=say(t, title),
        sub=sub,
        do=say(t, "state.do"),
        steps=_steps(t, "shut"),
        button=("guide", say(t, "guide.go")),
        note=s.hours(rules_of(sight)),
    )


def full_page(kiosk: "Kiosk", sight: Sight) -> StatePage:
    """No queue gives any more numbers."""
    t = kiosk.language
    return StatePage(
        top=top(kiosk, sight),
        icon="hourglass",
        tone="warn",
        title=say(t, "full.title"),
        sub=hours.again(t, sight),
        do=say(t, "state.do"),
        steps=_steps(t, "shut"),
        button=("guide", say(t, "guide.go")),
        note=s.hours(rules_of(sight)),
    )


def _lunch_without_numbers(kiosk: "Kiosk", sight: Sight, again_s: int) -> StatePage:
    t = kiosk.language
    first, _, last = _steps(t, "lunch")
    return StatePage(
        top=top(kiosk, sight),
        icon="bowl",
        tone="primary",
        title=say(t, "lunch.title"),
        sub=say(t, "lunch.sub", time=s.half_day(t, _next_opening(sight) or again_s)),
        do=say(t, "state.do"),
        steps=(first, say(t, "lunch.do2_shut", time=s.half_day(t, again_s)), last),
        button=("guide", say(t, "guide.go")),
        note=s.hours(rules_of(sight)),
    )


def paper_page(kiosk: "Kiosk", sight: Sight) -> StatePage:
    """No slip can be printed: numbers go on, on the screen."""
    t = kiosk.language
    name = "paper.title" if slips.trouble(sight.hall, kiosk.name) == "paper" else "paper.jam"
    sub = "paper.sub" if name == "paper.title" else "paper.jam_sub"
    return StatePage(
        top=top(kiosk, sight),
        icon="printer",
        tone="warn",
        title=say(t, name),
        sub=say(t, sub),
        do=say(t, "state.do"),
        steps=_steps(t, "paper"),
        button=("paperless", say(t, "paper.go")),
        note=say(t, "paper.note"),
    )
