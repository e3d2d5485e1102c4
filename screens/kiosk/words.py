"""The kiosk's pages put into words: from the model and the hall to the values that are drawn."""

import math
from typing import TYPE_CHECKING, Literal

from hallctl.core.rules import Item, Material, Queue, Rules
from hallctl.core.view import QueueRow, live_calls, queue_rows
from hallctl.texts import say
from screens.kiosk import hours, slips
from screens.kiosk import pages as p
from screens.kit import sight as s
from screens.kit.sight import Sight

if TYPE_CHECKING:
    from screens.kiosk.model import Kiosk

ITEMS, ITEMS_PAGED = 5, 4
BRINGS, BRINGS_PAGED = 3, 2
TILES, TILES_BIG, TILES_ROOMY, TILES_ENGLISH = 10, 4, 8, 6
"""Tiles a page; English names need two lines, so beyond 8 tiles they have fewer a page."""
OLD_YEARS = 70
"""From this age on priority is proposed to somebody whose ID card was read."""
SLOW_PRINT_S = 8.0
"""After this the kiosk says that the slip is not out yet; the number stays."""


def rules_of(sight: Sight) -> Rules:
    """The rules, where a page needs them; a page without them is never asked for."""
    rules = sight.hall.rules
    assert rules is not None
    return rules


def silent() -> dict[str, str]:
    """The words of a refusal for a hall that does not answer."""
    return {language: say(language, "refused.silent") for language in ("zh", "en")}


def top(
    kiosk: "Kiosk",
    sight: Sight,
    *,
    back: bool = False,
    helpers: Literal["all", "local", "none"] = "all",
) -> p.Top:
    """What all pages carry. `local` helpers are those that need no daemon."""
    rules, now, t = sight.hall.rules, sight.now, kiosk.language
    return p.Top(
        hall=rules.hall if rules else "",
        hall_en=rules.hall_en if rules else "",
        seal=rules.seal if rules else "",
        clock=s.clock(now.day_s) if now else "",
        date=s.date_words(t, now.day) if now else "",
        language=t,
        big=kiosk.big,
        contrast=kiosk.contrast,
        helpers=_helpers(kiosk, sight, helpers, back=back),
    )


def _helpers(
    kiosk: "Kiosk", sight: Sight, which: Literal["all", "local", "none"], *, back: bool
) -> tuple[p.Helper, ...]:
    if which == "none":
        return ()
    t = kiosk.language
    sizes = ("help.bigger", "help.clearer", "help.smaller")
    found = [
        p.Helper("bigger", "letters", say(t, sizes[kiosk.size])),
        read_helper(kiosk),
        p.Helper("language", "globe", say(t, "help.language")),
    ]
    if which == "all":
        coming = kiosk.name in sight.hall.help
        key, icon, tone = (
            ("help.coming", "tick", "coming") if coming else ("help.call", "hand", "brand")
        )
        found.insert(0, p.Helper("help", icon, say(t, key), tone, say(t, f"{key}_short")))
    if back:
        found.insert(0, p.Helper("back", "left", say(t, "help.back"), "quiet"))
    return tuple(found)


def read_helper(kiosk: "Kiosk") -> p.Helper:
    """念出来, or how to stop it."""
    t = kiosk.language
    key, icon, tone = ("help.hush", "stop", "on") if kiosk.reading else ("help.read", "speaker", "")
    return p.Helper("read", icon, say(t, key), tone, say(t, f"{key}_short"))


def _row(sight: Sight, queue: str) -> QueueRow | None:
    return next((r for r in queue_rows(sight.hall, sight.waits) if r.queue.id == queue), None)


def _queue_name(t: str, queue: Queue) -> str:
    """The queue as it is called on the kiosk."""
    return queue.short if t == "zh" else queue.name_en


def _no_numbers(t: str, sight: Sight, queue_id: str = "") -> tuple[str, p.Words] | None:
    """That no numbers are given now (for that queue), and when they are; None when they are."""
    rules = rules_of(sight)
    queue = rules.queue(queue_id) if queue_id else None
    if queue is not None and not hours.closed(sight) and hours.full(sight, queue_id):
        when = hours.again(t, sight, queue)
        title = say(t, "full.queue", queue=_queue_name(t, queue))
        return title, (say(t, "full.urgent", when=when), when)
    if not hours.closed(sight):
        return None
    return say(t, "guide.shut"), (hours.again(t, sight),)


def _pager(t: str, at: int, of: int) -> p.Pager | None:
    if of <= 1:
        return None
    return p.Pager(at, of, say(t, "page.before"), say(t, "page.next"))


def home_page(kiosk: "Kiosk", sight: Sight) -> p.Home:
    """The home page."""
    rules, t = rules_of(sight), kiosk.language
    shut = _no_numbers(t, sight)
    tiles = _tiles(kiosk, sight, shut=shut is not None)
    most = _tiles_a_page(kiosk, len(tiles))
    of = max(1, -(-len(tiles) // most))
    at = kiosk.page % of
    unsure = _row(sight, rules.default_queue)
    stuck = rules.queue(rules.stuck_queue)
    banner = None
    if slips.trouble(sight.hall, kiosk.name):
        banner = (say(t, "paper.banner"), say(t, "paper.banner_sub"))
    asks = "home" if shut is None else "guide"
    return p.Home(
        top=top(kiosk, sight, back=shut is not None),
        ask=say(t, f"{asks}.ask"),
        ask_two=say(t, f"{asks}.ask_two"),
        hint=say(t, f"{asks}.hint"),
        hint_two=say(t, f"{asks}.hint_two"),
        calls_words=say(t, "home.calls"),
        no_calls=say(t, "home.no_calls"),
        calls=tuple(
            p.Called(c.label, say(t, "home.to_window", window=c.window), n == 0)
            for n, c in enumerate(live_calls(sight.hall))
        ),
        banner=banner,
        unsure=say(t, "home.unsure"),
        unsure_sub=_unsure_sub(t, unsure),
        tiles=tiles[at * most : (at + 1) * most],
        pager=_pager(t, at, of),
        stuck=""
        if shut or stuck is None
        else say(t, "home.stuck", windows=s.window_span(stuck.windows)),
        shut=shut,
    )


def _tiles_a_page(kiosk: "Kiosk", count: int) -> int:
    if kiosk.big:
        return TILES_BIG
    return TILES_ENGLISH if kiosk.language == "en" and count > TILES_ROOMY else TILES


def _unsure_sub(t: str, row: QueueRow | None) -> p.Words:
    if row is None:
        return ("",)
    both = [
        say(
            t, "home.unsure_wait", queue=row.queue.short if t == "zh" else row.queue.name_en, wait=w
        )
        for w in s.wait_words(t, row)
    ]
    return (*both, s.wait_words(t, row)[-1])


def _tiles(kiosk: "Kiosk", sight: Sight, *, shut: bool) -> tuple[p.Tile, ...]:
    """The tiles; while no numbers are given, those with items to read about."""
    t, rows = kiosk.language, {r.queue.id: r for r in queue_rows(sight.hall, sight.waits)}
    found = []
    rules = rules_of(sight)
    for category in rules.categories:
        items = len(kiosk.items(rules, category.id))
        if not items and (shut or category.queue == rules.stuck_queue):
            continue  # nothing to read; or its own strip stands for it
        row = rows.get(category.queue)
        found.append(
            p.Tile(
                target=f"tile:{category.id}",
                icon=category.icon,
                name=category.name if t == "zh" else category.name_en,
                wait=(say(t, "guide.items", n=items),) if shut else _tile_wait(t, sight, row),
                free=not shut and row is not None and row.high_min == 0 and not _shut(sight, row),
            )
        )
    return tuple(found)


def _tile_wait(t: str, sight: Sight, row: QueueRow | None) -> p.Words:
    if row is None:
        return ("",)
    return (say(t, "wait.closed"),) if _shut(sight, row) else s.wait_words(t, row)


def _shut(sight: Sight, row: QueueRow) -> bool:
    """Whether the queue gives no more numbers today."""
    return hours.full(sight, row.queue.id)


def _chips(t: str, sight: Sight, row: QueueRow | None) -> tuple[tuple[str, p.Words], ...]:
    if row is None:
        return ()
    span = s.window_span(row.queue.windows)
    name = _queue_name(t, row.queue)
    where = (
        say(t, "item.windows", queue=name, windows=span),
        say(t, "home.to_window", window=span),
    )
    if hours.closed(sight) or _shut(sight, row):
        return (("screen", where),)
    return (("screen", where), ("person", s.wait_words(t, row)))


def list_page(kiosk: "Kiosk", sight: Sight) -> p.ItemList:
    """The items of a category."""
    rules, t = rules_of(sight), kiosk.language
    tile = kiosk.tile(rules)
    items = kiosk.items(rules, kiosk.category)
    most = ITEMS if len(items) <= ITEMS else ITEMS_PAGED
    of = max(1, -(-len(items) // most))
    at = kiosk.page % of
    return p.ItemList(
        top=top(kiosk, sight, back=True),
        title=(tile.name if t == "zh" else tile.name_en) if tile else "",
        chips=_chips(t, sight, _row(sight, tile.queue)) if tile else (),
        ask=say(t, "list.ask"),
        icon=tile.icon if tile else "document",
        items=tuple((f"item:{i.code}", i.name) for i in items[at * most : (at + 1) * most]),
        pager=_pager(t, at, of),
        direct="" if hours.closed(sight) else say(t, "list.direct"),
    )


def item_page(kiosk: "Kiosk", sight: Sight) -> p.ItemPage:
    """What to bring; or, with no item named, that nothing need be known beforehand."""
    rules, t = rules_of(sight), kiosk.language
    item = rules.item(kiosk.item)
    materials = item.materials if item else ()
    most = BRINGS if len(materials) <= BRINGS else BRINGS_PAGED
    of = max(1, -(-len(materials) // most))
    at = kiosk.page % of
    shown = materials[at * most : (at + 1) * most]
    known = "item.bring_open" if item else "direct.card"
    note = "item.checked" if item is None or item.checked else "item.unchecked"
    heading = say(t, "item.bring")
    if item and of > 1:
        heading = say(t, "item.bring_many", n=len(item.materials))
    prints = slips.prints(sight.hall, kiosk.name) and item is not None
    shut = _no_numbers(t, sight, item.queue if item else kiosk.direct)
    old = _is_old(kiosk, sight)
    return p.ItemPage(
        top=top(kiosk, sight, back=True),
        title=item.name if item else say(t, "direct.title"),
        chips=_item_chips(kiosk, sight, item),
        heading=heading,
        count=say(t, "item.many", n=len(item.materials)) if item else "",
        materials=tuple(_bring(t, m) for m in shown),
        pager=_pager(t, at, of),
        open_icon="question" if item else "people",
        open_words=(say(t, known), say(t, f"{known}_more")),
        cost=_cost(t, item) if item else "",
        cost_short=_known_cost(t, item) if item else "",
        short="" if shut else say(t, "item.short"),
        take="" if shut else say(t, "item.take"),
        priority=None
        if shut
        else (say(t, "item.priority"), say(t, f"item.priority_{'old' if old else 'who'}")),
        print_list=(say(t, "item.list"), say(t, "item.list_more")) if prints else None,
        note=say(t, note),
        shut=shut,
        propose=old,
    )


def _is_old(kiosk: "Kiosk", sight: Sight) -> bool:
    """Whether the ID card says that priority is to be proposed."""
    card = kiosk.card(sight)
    return card is not None and card.age >= OLD_YEARS


def _item_chips(kiosk: "Kiosk", sight: Sight, item: Item | None) -> tuple[tuple[str, p.Words], ...]:
    """Where and how long; that the card was read; the category of a name only Chinese has."""
    t, rules = kiosk.language, rules_of(sight)
    found = _chips(t, sight, _row(sight, item.queue if item else kiosk.direct))
    if kiosk.card(sight) is not None:
        found = (*found, ("idcard", (say(t, "item.card"),)))
    if item is not None and t != "zh":
        category = next((c for c in rules.categories if c.id == item.category), None)
        if category is not None:
            found = ((category.icon, (category.name_en,)), *found)
    return found


def _bring(t: str, material: Material) -> p.Bring:
    known = [part for part in (material.form, material.copies, material.signature) if part]
    more = "，".join(known) if known else say(t, "item.ask")
    return p.Bring(material.icon or "document", material.name, more)


def _cost(t: str, item: Item) -> str:
    if not item.fee and not item.limit:
        return say(t, "item.fee_limit_open")
    ask = say(t, "item.ask")
    fee, limit = item.fee or ask, item.limit or ask
    return f"{say(t, 'item.fee', fee=fee)}  {say(t, 'item.limit', limit=limit)}"


def _known_cost(t: str, item: Item) -> str:
    """The part of the cost that is known, where the other is not."""
    if item.fee and item.limit:
        return ""
    if item.fee:
        return say(t, "item.fee", fee=item.fee)
    return say(t, "item.limit", limit=item.limit) if item.limit else ""


def ticket_page(kiosk: "Kiosk", sight: Sight) -> p.TicketPage:
    """The number, and the truth about its slip."""
    got, rules, t = kiosk.got, rules_of(sight), kiosk.language
    assert got is not None
    key, icon, tone, again = _slip_truth(kiosk, sight)
    queue = rules.queue(got.queue)
    where = ""
    if queue is not None:
        span = s.window_span(queue.windows)
        where = say(t, "done.where", queue=_queue_name(t, queue), windows=span)
    seat = "done.step1" if tone == "ok" else "done.step_photo"
    left_s = max(1, math.ceil(kiosk.ticket_left_s(sight)))
    refused = kiosk.refusal.get(t, "")
    return p.TicketPage(
        top=top(kiosk, sight, helpers="none"),
        title=refused or say(t, key, label=got.label),
        icon="triangle" if refused else icon,
        tone="warn" if refused else tone,
        number_words=say(t, "done.priority" if got.priority else "done.number"),
        label=got.label,
        where=where,
        ahead=(say(t, "done.ahead", n=got.ahead), say("en", "done.ahead", n=got.ahead)),
        wait=(_minutes(t, got.low_min, got.high_min), _minutes("en", got.low_min, got.high_min)),
        next_words=say(t, "done.next"),
        steps=(say(t, seat), say(t, "done.step2", label=got.label), say(t, "done.step3")),
        ok=say(t, "done.ok"),
        reprint=say(t, "done.noprint") if again and sight.stale_since_s is None else "",
        countdown=say(t, "done.home", s=left_s),
        read=read_helper(kiosk),
    )


def _minutes(t: str, low: int, high: int) -> str:
    if high == 0:
        return say(t, "wait.free")
    return say(t, "wait.minutes", low=low, high=high)


def _slip_truth(kiosk: "Kiosk", sight: Sight) -> tuple[str, str, str, bool]:
    """(text key, icon, tone, whether a reprint makes sense) for the slip of the ticket shown."""
    got = kiosk.got
    assert got is not None
    job = kiosk.job(sight.hall)
    if got.again:
        return ("done.again", "printer", "primary", False)
    status = job.status if job and got.paper else "queued"
    slow = sight.mono_s - max(got.since_s, kiosk.touched_s) > SLOW_PRINT_S
    calm = status == "printed" or (status in ("queued", "sending") and not slow)
    if got.before and (calm or not got.paper):
        return ("done.before", "ticket", "primary", status == "printed")
    if not got.paper:
        return ("done.no_paper", "tickcircle", "warn", False)
    if status == "printed":
        return ("done.title", "tickcircle", "ok", True)
    if status == "held":
        return ("done.held", "triangle", "warn", False)
    if status == "doubtful":
        return ("done.doubtful", "triangle", "warn", True)
    if status == "failed":
        return ("done.failed", "triangle", "warn", True)
    if slow:
        return ("done.slow", "triangle", "warn", False)
    return ("done.printing", "printer", "primary", False)
