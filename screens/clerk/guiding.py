"""The guide's pages, written from the mirror."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING

from hallctl.core.hall import DeviceState
from hallctl.core.view import QueueRow, opening, queue_rows, tickets_left, window_rows
from hallctl.core.visit import OPEN
from screens.clerk import alerting, choosing, words
from screens.clerk.choosing import choices
from screens.clerk.pages import (
    Button,
    Chip,
    Choices,
    Digits,
    GuidePage,
    Leave,
    Page,
    Plain,
    Row,
    TicketPage,
    Tone,
)
from screens.kit.sight import Sight, wait_words, window_span

if TYPE_CHECKING:
    from screens.clerk.guide import Guide

HELPS_SHOWN = 3
HOLD_S = 3.0
"""For how long 紧急疏散 must be held."""
CHIPS: dict[str, tuple[str, Tone]] = {
    "waiting": ("hourglass", "primary"),
    "called": ("megaphone", "primary"),
    "serving": ("person", "ok"),
    "held": ("clock", "warn"),
    "no_show": ("skip", "warn"),
    "rating": ("star", "ok"),
    "finished": ("tickcircle", "ok"),
    "void": ("cross", "bad"),
}


def show(m: Guide, sight: Sight) -> Page:
    """The page for this moment."""
    hall = sight.hall
    if hall.rules is None or sight.now is None:
        text = m.say("clerk.connecting")
        return Plain(words.top(m, sight), "offline", text, m.say("clerk.connecting_sub"))
    if hall.evacuation_s:
        return leave(m, sight)
    if sight.stale_since_s is not None:
        return home(m, sight)
    pages: dict[str, Callable[[Guide, Sight], Page | None]] = {
        "issue": _issue,
        "items": _items,
        "klass": _klass,
        "find": _find,
        "came": _came,
        "ticket": _ticket,
        "cancel": _cancel,
        "helps": _helps,
        "alerts": alerting.page,
        "printers": _printers,
        "paper": _paper,
    }
    found = pages.get(m.place)
    page = found(m, sight) if found else None
    return page or home(m, sight)


def prefixes(m: Guide, sight: Sight) -> list[str]:
    """What stands before the numbers of all queues."""
    return [queue.prefix for queue in m.rules(sight).queues]


# The home page.


def home(m: Guide, sight: Sight) -> GuidePage:
    """All queues, what a guide does, who calls."""
    dead = sight.stale_since_s is not None
    calls = [] if dead else _calls(m, sight)
    heard = "unknown" if dead else ("title" if calls else "none")
    buttons: tuple[Button, ...] = (
        Button("find", "ticket", m.say("guide.find"), m.say("guide.find_sub")),
        Button("printers", "printer", m.say("guide.printers"), *_printer_sum(m, sight)),
        Button("helps", "hand", m.say("guide.help_title" if dead else "guide.helps", n=len(calls))),
        alerting.button(m, sight, dead=dead),
        Button(
            "evacuate",
            "run",
            m.say("guide.evacuate"),
            m.say("guide.hold"),
            "bad",
            m.busy("evacuate"),
            HOLD_S,
            tuple(m.say("guide.holding", s=s) for s in range(int(HOLD_S), 0, -1)),
        ),
    )
    primary = Button("issue", "ticket", m.say("guide.issue"), tone="primary", busy=m.busy("issue"))
    if dead:
        buttons = tuple(Button("", b.icon, b.words) for b in buttons)
        primary = Button("", primary.icon, primary.words)
    return GuidePage(
        top=words.top(m, sight),
        heads=tuple(m.say(f"guide.head.{n}") for n in ("queue", "waiting", "next", "wait")),  # type: ignore[arg-type]
        rows=()
        if dead
        else tuple(_row(m, sight, row) for row in queue_rows(sight.hall, sight.waits)),
        empty=m.say("guide.stale_do") if dead else "",
        primary=primary,
        buttons=buttons,
        help_title=m.say(f"guide.help_{heard}"),
        help_sub=m.say("guide.help_n", n=len(calls)) if calls else "",
        helps=tuple(calls[:HELPS_SHOWN]),
        toast=m.said,
    )


def _row(m: Guide, sight: Sight, row: QueueRow) -> Row:
    hall, now = sight.hall, sight.now
    assert now is not None
    queue = row.queue
    name = queue.name if m.language == "zh" else queue.name_en
    windows = [w for w in hall.windows.values() if queue.id in hall.queues_of(w.number)]
    open_ = tuple(w.number for w in windows if w.status not in ("paused", "off"))
    where = m.say("guide.open_at", windows=window_span(open_)) if open_ else m.say("guide.open_no")
    state = opening(hall, now)
    wait, tone = wait_words(m.language, row)[-1], ""
    if queue.id in hall.closed_queues:
        wait, tone = m.say("guide.closed"), "warn"
    elif state != "open":
        wait = m.say(f"guide.shut.{state}")
    elif not open_:
        tone = "warn"
    return Row(name, where, m.say("guide.people", n=row.waiting), row.next_label or "–", wait, tone)  # type: ignore[arg-type]


def _calls(m: Guide, sight: Sight) -> list[Button]:
    hall, now = sight.hall, sight.now
    assert now is not None
    return [
        Button(
            f"help:{place}",
            "hand",
            words.place_words(m.language, place),
            m.say("guide.help_since", time=words.time_of(hall, at_s), n=words.minutes(now, at_s)),
            "brand",
            m.busy(f"help:{place}"),
        )
        for place, at_s in sorted(hall.help.items(), key=lambda pair: pair[1])
    ]


def _printer_sum(m: Guide, sight: Sight) -> tuple[str, Tone]:
    wrong = [chip for _, chip in _each_printer(m, sight) if chip.tone in ("bad", "warn")]
    if not wrong:
        return "", ""
    return wrong[0].words, "warn"


def _each_printer(m: Guide, sight: Sight) -> list[tuple[DeviceState, Chip]]:
    hall = sight.hall
    names = [f.device for f in m.rules(sight).fittings if f.kind == "printer"]
    devices = [hall.devices.get(name, DeviceState(name=name)) for name in names]
    return [(device, words.printer_chip(m.language, hall, device)) for device in devices]


# Taking a number for somebody.


def _issue(m: Guide, sight: Sight) -> Choices:
    rules = m.rules(sight)
    default, stuck = rules.default_queue, rules.stuck_queue
    buttons = [
        Button(f"queue:{default}", "question", m.say("guide.unsure"), tone="primary"),
        *choosing.categories(rules, m.language, "category"),
    ]
    # A queue of a tile with items is offered behind that tile.
    having = {item.category for item in rules.items}
    behind = {tile.queue for tile in rules.categories if tile.id in having}
    for queue in rules.queues:
        if queue.id == default or queue.id in behind:
            continue
        tone: Tone = "brand" if queue.id == stuck else ""
        name = queue.name if m.language == "zh" else queue.name_en
        at = m.say("guide.at_windows", windows=window_span(queue.windows))
        buttons.append(Button(f"queue:{queue.id}", "people", name, at, tone))
    return choices(m, sight, m.say("guide.issue_title"), buttons, sub=m.say("guide.issue_sub"))


def _items(m: Guide, sight: Sight) -> Choices:
    rules = m.rules(sight)
    buttons = [
        Button(f"code:{item.code}", "form", item.name)
        for item in rules.items
        if item.category == m.category
    ]
    tile = next((t for t in rules.categories if t.id == m.category), None)
    if tile is not None:
        text = m.say("guide.direct", queue=words.queue_short(rules, tile.queue))
        buttons.append(Button(f"queue:{tile.queue}", "ticket", text, tone="primary"))
    return choices(m, sight, m.say("guide.item_title"), buttons, columns=2)


def _klass(m: Guide, sight: Sight) -> Choices:
    rules = m.rules(sight)
    item, queue = rules.item(m.item), rules.queue(m.queue)
    name = item.name if item else (queue.name if queue else "")
    printing = words.print_place(sight.hall, m.name)
    sub = m.say("guide.klass_sub") if printing else m.say("clerk.no_printer")
    buttons = (
        Button("take:ordinary", "ticket", m.say("guide.take"), sub, "primary"),
        Button("take:priority", "heart", m.say("item.priority"), m.say("item.priority_who")),
    )
    return choices(m, sight, name, buttons, columns=2)


# A ticket that is there.


def _find(m: Guide, sight: Sight) -> Digits:
    title, sub = m.say("guide.find"), m.say("guide.find_ask")
    return m.digits_page(sight, title, sub, prefixes(m, sight), m.say("guide.find_ok"))


def _came(m: Guide, sight: Sight) -> Digits:
    """When a pre-printed number was handed out: its last two digits are the minutes."""
    title = m.say("guide.came", label=m.paper)
    page = m.digits_page(sight, title, m.say("guide.came_sub"), [], m.say("guide.came_ok"))
    hour, minute = m.typed[:-2], m.typed[-2:]
    return replace(page, shown=f"{hour}:{minute}" if hour else m.typed)


def _ticket(m: Guide, sight: Sight) -> TicketPage | None:
    visit, hall, now = m.visit(sight), sight.hall, sight.now
    if visit is None or now is None:
        return None
    rules = m.rules(sight)
    item, status = words.item_of(rules, visit), visit.status
    icon, tone = CHIPS[status]
    queue = rules.queue(visit.queue)
    where = m.say("guide.at_windows", windows=window_span(queue.windows)) if queue else ""
    lines = [
        (m.say("guide.line.queue"), f"{queue.name if queue else visit.queue}  {where}"),
        (m.say("guide.line.item"), item.name if item else m.say("guide.item_open")),
        (m.say("guide.line.class"), words.klass_words(m.language, visit)),
        (m.say("guide.line.taken"), words.time_of(hall, visit.issued_s)),
    ]
    if status == "waiting":
        line = [v.id for v in hall.waiting(visit.queue)]
        ahead = m.say("guide.ahead", n=line.index(visit.id))
        lines.append((m.say("guide.line.ahead"), ahead))
    elif status in ("called", "serving"):
        lines.append(
            (m.say("guide.line.window"), words.place_words("zh", f"window-{visit.window}"))
        )
    slip, _ = words.slip_state(m.language, hall.jobs.get(m.job))
    if slip:
        lines.append((m.say("guide.line.slip"), slip))
    chip = Chip(icon, m.say(f"status.{status}"), tone)
    return TicketPage(
        words.top(m, sight), chip, visit.label, tuple(lines), _acts(m, sight), m.back(), m.said
    )


def _acts(m: Guide, sight: Sight) -> tuple[Button, ...]:
    visit = m.visit(sight)
    assert visit is not None
    status, alive = visit.status, visit.status in OPEN
    apart = status in ("waiting", "held", "no_show")
    other = "ordinary" if visit.klass == "priority" else "priority"
    return (
        Button(
            "rejoin" if status == "no_show" else "", "undo", m.say("guide.rejoin"),
            m.say("guide.rejoin_sub", n=m.rules(sight).rejoin_behind),
            "primary" if status == "no_show" else "", m.busy("rejoin"),
        ),
        Button(
            f"class:{other}" if apart else "", "heart", m.say(f"guide.to_{other}"),
            busy=m.busy("class"),
        ),
        Button(
            "reprint" if alive else "", "printer", m.say("guide.reprint"), busy=m.busy("reprint")
        ),
        Button(
            "cancel" if apart else "", "cross", m.say("guide.cancel"),
            tone="bad" if apart else "", busy=m.busy("cancel"),
        ),
    )  # fmt: skip


def _cancel(m: Guide, sight: Sight) -> Choices | None:
    visit = m.visit(sight)
    if visit is None:
        return None
    buttons = (
        Button("ticket", "left", m.say("guide.cancel_no"), tone="primary"),
        Button("void", "cross", m.say("guide.cancel_yes", label=visit.label), tone="bad"),
    )
    return choices(m, sight, m.say("guide.cancel_ask", label=visit.label), buttons, columns=2)


# Help and paper.


def _helps(m: Guide, sight: Sight) -> Choices:
    title, empty = m.say("guide.help_title"), m.say("guide.help_none")
    sub = m.say("guide.help_ask")
    return choices(m, sight, title, _calls(m, sight), sub=sub, columns=2, empty=empty)


def _printers(m: Guide, sight: Sight) -> Choices:
    rules, buttons = m.rules(sight), []
    for device, chip in _each_printer(m, sight):
        fitting = rules.fitting(device.name)
        served = fitting.serves if fitting else ()
        places = "、".join(words.place_words(m.language, p) for p in served) or device.name
        left = tickets_left(sight.hall, device.name)
        known = "" if left is None else "  " + m.say("guide.left", n=left)
        target = f"printer:{device.name}"
        busy = m.busy("loaded") and m.printer == device.name
        sub = chip.words + known
        buttons.append(Button(target, chip.icon, places, sub, chip.tone, busy))
    title = m.say("guide.printers")
    return choices(
        m, sight, title, buttons, sub=m.say("guide.printers_sub"), columns=2,
        empty=m.say("clerk.no_printer"),
    )  # fmt: skip


def _paper(m: Guide, sight: Sight) -> Choices:
    length = f"{m.rules(sight).roll_m:g}"
    buttons = (
        Button("loaded", "tick", m.say("guide.loaded"), m.say("guide.roll", m=length), "primary"),
        Button("printers", "left", m.say("guide.loaded_no")),
    )
    return choices(m, sight, m.say("guide.paper_ask"), buttons, columns=2)


# The evacuation.


def leave(m: Guide, sight: Sight) -> Leave:
    """Everybody must leave: which windows are clear, and two steps to end it."""
    hall, dead = sight.hall, m.deaf(sight)
    areas = []
    for row in window_rows(hall):
        number = row.window.number
        at_s = hall.cleared.get(number)
        name = m.say("clerk.to_window", n=number)
        if at_s is None:
            areas.append(Chip("hourglass", f"{name}  {m.say('guide.area_open')}", "warn"))
        else:
            said = m.say("guide.area_clear", time=words.time_of(hall, at_s))
            areas.append(Chip("tickcircle", f"{name}  {said}", "ok"))
    title = m.say("guide.areas", n=len(hall.cleared), of=len(hall.windows))
    buttons: tuple[Button, ...]
    if m.place == "end":
        buttons = (
            Button("back", "left", m.say("guide.end_no")),
            Button("ended", "tick", m.say("guide.end_yes"), m.say("guide.end_sub"), "bad"),
        )
    else:
        buttons = (Button("end", "tick", m.say("guide.end"), busy=m.busy("ended")),)
    if dead:
        since = words.stale(m.language, sight)
        buttons = tuple(Button("", b.icon, b.words, since) for b in buttons)
    call = [m.say(f"leave.{key}") for key in ("title", "sub", "more")]
    return Leave(call[0], call[1], call[2], buttons, title, tuple(areas), m.said)
