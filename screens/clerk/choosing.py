"""What a clerk chooses from: transfers, pauses, items, held visits, numbers, the rest."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from hallctl.core.rules import Rules
from hallctl.core.view import window_rows
from hallctl.core.visit import Visit
from screens.clerk import words
from screens.clerk.desk import Desk, quiet
from screens.clerk.pages import Button, Choices, Digits, Tone
from screens.kit.sight import Sight, clock

if TYPE_CHECKING:
    from screens.clerk.model import Clerk

REASONS = ("papers", "away", "meeting", "meal", "device", "shift", "other")
MINUTES = (5, 10, 15, 30, 60)
COVERS = ("leave", "break", "support", "rota")
ROWS = 4
STATUS: dict[str, tuple[str, Tone]] = {
    "idle": ("tickcircle", "ok"),
    "called": ("megaphone", ""),
    "serving": ("person", ""),
    "paused": ("pause", "warn"),
    "off": ("moon", ""),
}


def page(m: Clerk, sight: Sight) -> Choices | Digits | None:
    """The page of the place the clerk is at; None for the main page."""
    pages: dict[str, Callable[[Clerk, Sight], Choices | Digits]] = {
        "more": _more,
        "held": _held,
        "transfer": _transfer,
        "pause": _pause,
        "until": _until,
        "category": _category,
        "items": _items,
        "special": _special,
        "sign": _sign,
        "cover": _cover,
    }
    found = pages.get(m.place)
    return found(m, sight) if found else None


def choices(
    desk: Desk,
    sight: Sight,
    title: str,
    buttons: Sequence[Button],
    *,
    sub: str = "",
    columns: int = 4,
    empty: str = "",
) -> Choices:
    """A page of big buttons; more than fit are paged."""
    room = ROWS * columns
    pages = max(1, -(-len(buttons) // room))
    desk.page = min(desk.page, pages - 1)
    shown = tuple(buttons[desk.page * room : (desk.page + 1) * room])
    return Choices(
        top=words.top(desk, sight),
        title=title,
        sub=sub,
        buttons=shown,
        back=desk.back(),
        columns=columns,
        before="page:-1" if desk.page else "",
        after="page:1" if desk.page < pages - 1 else "",
        at=f"{desk.page + 1}/{pages}" if pages > 1 else "",
        empty="" if buttons else empty,
        toast=desk.said,
    )


def held(m: Clerk, sight: Sight) -> list[Visit]:
    """Held visits that may be called back here, those of this window first, the oldest first."""
    served = sight.hall.offsets_of(m.window)
    found = [v for v in sight.hall.visits.values() if v.status == "held" and v.queue in served]
    return sorted(found, key=lambda v: (v.window != m.window, v.held_s))


def prefixes(m: Clerk, sight: Sight) -> list[str]:
    """What stands before the numbers this window serves."""
    rules = sight.hall.rules
    assert rules is not None
    found = (rules.queue(q) for q in sight.hall.offsets_of(m.window))
    return [queue.prefix for queue in found if queue is not None]


def covers(m: Clerk, sight: Sight, staff: str) -> bool:
    """Whether that clerk must say why: the window has an A post, and it is another's."""
    rules = sight.hall.rules
    clerk = rules.clerk(staff) if rules else None
    if rules is None or clerk is None or m.window in clerk.post_a:
        return False
    return any(m.window in s.post_a or m.window in s.post_b for s in rules.staff)


def _more(m: Clerk, sight: Sight) -> Choices:
    state, visit = m.state(sight), m.visit(sight)
    here, off = visit is not None, state.status == "off"
    waits = len(held(m, sight))
    # Calling another one would finish who is here: the clerk presses 办结 for that.
    offered = (
        ("item:set", "form", "clerk.item_set", here),
        ("item:add", "form", "clerk.add", here),
        ("special", "ticket", "clerk.special", not here and not off),
        ("item:walk", "person", "clerk.walk", not here and not off),
        ("stuck", "question", "clerk.stuck", here or bool(state.rating)),
        ("transfer", "swap", "clerk.transfer", here),
        ("held", "clock", "clerk.held_open", bool(waits) and not here),
    )
    buttons = [
        Button(target if able else "", icon, m.say(key, n=waits))
        for target, icon, key, able in offered
    ]
    signed = bool(state.staff)
    sign = ("signoff", "clerk.sign_off") if signed else ("sign", "clerk.sign")
    busy = visit is not None and visit.status == "serving" and signed
    buttons.append(Button("" if busy else sign[0], "key", m.say(sign[1])))
    return choices(m, sight, m.say("clerk.more"), buttons, sub=m.say("clerk.keys"))


def _held(m: Clerk, sight: Sight) -> Choices:
    assert sight.now is not None
    buttons = [
        Button(
            f"callback:{v.label}",
            "clock",
            v.label,
            m.say("clerk.held_sub", n=words.minutes(sight.now, v.held_s), window=v.window),
        )
        for v in held(m, sight)
    ]
    title, empty = m.say("clerk.held_title"), m.say("clerk.held_none")
    sub = m.say("clerk.held_ask")
    return choices(m, sight, title, buttons, sub=sub, columns=2, empty=empty)


def _transfer(m: Clerk, sight: Sight) -> Choices:
    hall, visit, rules = sight.hall, m.visit(sight), sight.hall.rules
    assert rules is not None
    here, zh = visit.queue if visit else "", m.language == "zh"
    buttons = [Button(f"queue:{here}", "undo", m.say("clerk.to_pool"), m.say("clerk.to_pool_sub"))]
    buttons += [
        Button(
            f"queue:{queue.id}",
            "people",
            m.say("clerk.to_queue", name=queue.short if zh else queue.name_en),
            m.say("clerk.waiting", n=len(hall.waiting(queue.id))),
        )
        for queue in rules.queues
        if queue.id != here
    ]
    for row in window_rows(hall):
        if row.window.number == m.window:
            continue
        icon, tone = STATUS[row.state.status]
        status = m.say(f"clerk.window.{row.state.status}")
        name = m.say("clerk.to_window", n=row.window.number)
        sub = f"{row.window.short}  {status}" if zh else status
        buttons.append(Button(f"window:{row.window.number}", icon, name, sub, tone))
    label = visit.label if visit else ""
    title = m.say("clerk.transfer_title", label=label)
    page = choices(m, sight, title, buttons, sub=m.say("clerk.transfer_sub"))
    return replace(page, numbered=False)  # a digit is a window here


def _pause(m: Clerk, sight: Sight) -> Choices:
    buttons = [Button(f"reason:{key}", "pause", m.say(f"clerk.pause.{key}")) for key in REASONS]
    return choices(m, sight, m.say("clerk.pause_why"), buttons, sub=m.say("clerk.pause_sub"))


def _until(m: Clerk, sight: Sight) -> Choices:
    assert sight.now is not None
    day_s = sight.now.day_s
    buttons = [
        Button(
            f"until:{n}",
            "clock",
            m.say("clerk.minutes", n=n),
            m.say("clerk.pause_back", time=clock(day_s + 60 * n)),
        )
        for n in MINUTES
    ]
    buttons.append(Button("until:0", "question", m.say("clerk.pause_open")))
    return choices(m, sight, m.say("clerk.pause_when"), buttons, sub=m.reason)


def categories(rules: Rules, language: str, target: str) -> list[Button]:
    """The tiles of the catalogue that have items."""
    having = {item.category for item in rules.items}
    return [
        Button(f"{target}:{cat.id}", cat.icon, cat.name if language == "zh" else cat.name_en)
        for cat in rules.categories
        if cat.id in having
    ]


def _category(m: Clerk, sight: Sight) -> Choices:
    assert sight.hall.rules is not None
    buttons = categories(sight.hall.rules, m.language, "category")
    if m.use == "walk":
        buttons.insert(0, Button("code:", "person", m.say("clerk.walk_open"), tone="primary"))
    title = m.say(f"clerk.item_title.{m.use}")
    return choices(m, sight, title, buttons, sub=m.say("clerk.category_sub"))


def _items(m: Clerk, sight: Sight) -> Choices:
    rules, visit = sight.hall.rules, m.visit(sight)
    assert rules is not None
    on_it = {visit.item, *visit.matters} if visit else set()
    own = sight.hall.queues_of(m.window)
    buttons = []
    for item in rules.items:
        if item.category != m.category:
            continue
        elsewhere = item.queue not in own
        sub = m.say("clerk.item_elsewhere", queue=words.queue_short(rules, item.queue))
        barred = item.code in on_it or (elsewhere and m.use == "walk")
        target = "" if barred else f"code:{item.code}"
        said = m.say("clerk.item_has") if item.code in on_it else (sub if elsewhere else "")
        buttons.append(Button(target, "form", item.name, said))
    return choices(m, sight, m.say(f"clerk.item_title.{m.use}"), buttons, columns=2)


def _special(m: Clerk, sight: Sight) -> Digits:
    found = prefixes(m, sight)
    title, sub = m.say("clerk.special_title"), m.say("clerk.special_sub")
    return m.digits_page(sight, title, sub, found, m.say("clerk.special_ok"))


def _sign(m: Clerk, sight: Sight) -> Digits:
    title, sub = m.say("clerk.sign_title"), m.say("clerk.sign_sub")
    page = m.digits_page(sight, title, sub, [], m.say("clerk.sign_ok"))
    rules = sight.hall.rules
    return replace(page, back=quiet(page.back)) if rules and rules.sign_on else page


def _cover(m: Clerk, sight: Sight) -> Choices:
    buttons = [Button(f"cover:{key}", "person", m.say(f"clerk.cover.{key}")) for key in COVERS]
    title = m.say("clerk.cover_title", staff=m.staff)
    return choices(m, sight, title, buttons, sub=m.say("clerk.cover_sub"))
