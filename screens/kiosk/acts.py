"""What each target of the kiosk does when it is touched, by its name."""

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from hallctl.core.commands import AskHelp, IssueTicket, PrintMaterials, Reprint
from hallctl.core.hall import Job
from hallctl.core.rules import Klass
from screens.kiosk import hours, slips
from screens.kit.sight import Sight

if TYPE_CHECKING:
    from screens.kiosk.model import Kiosk

TAKE_LOCK_S = 0.8
"""After 取号 nothing can be touched for a moment: a trembling hand taps twice."""
SIZES = 3
PAST_S = -1e9


def _tile(kiosk: "Kiosk", category: str, sight: Sight) -> None:
    rules = sight.hall.rules
    assert rules is not None
    kiosk.category = category
    tile = kiosk.tile(rules)
    if tile is None:
        return
    items = kiosk.items(rules, category)
    if not items:
        _straight(kiosk, tile.queue, sight)
    elif len(items) == 1:
        kiosk.item, kiosk.direct = items[0].code, ""
        kiosk.go("item", sight.mono_s)
    else:
        kiosk.go("list", sight.mono_s)


def _straight(kiosk: "Kiosk", queue: str, sight: Sight) -> None:
    """A number at once; the page that says why not where none are given."""
    if hours.full(sight, queue) or hours.closed(sight):
        kiosk.item, kiosk.direct = "", queue
        kiosk.go("item", sight.mono_s)
    else:
        _take(kiosk, sight, "ordinary", queue)


def _item(kiosk: "Kiosk", code: str, sight: Sight) -> None:
    kiosk.item, kiosk.direct = code, ""
    kiosk.go("item", sight.mono_s)


def _unsure(kiosk: "Kiosk", sight: Sight) -> None:
    assert sight.hall.rules is not None
    kiosk.item, kiosk.direct = "", sight.hall.rules.default_queue
    kiosk.go("item", sight.mono_s)


def _direct(kiosk: "Kiosk", sight: Sight) -> None:
    assert sight.hall.rules is not None
    tile = kiosk.tile(sight.hall.rules)
    kiosk.item = ""
    kiosk.direct = tile.queue if tile else sight.hall.rules.default_queue
    kiosk.go("item", sight.mono_s)


def _stuck(kiosk: "Kiosk", sight: Sight) -> None:
    assert sight.hall.rules is not None
    _straight(kiosk, sight.hall.rules.stuck_queue, sight)


def _ordinary(kiosk: "Kiosk", sight: Sight) -> None:
    _take(kiosk, sight, "ordinary", kiosk.direct)


def _priority(kiosk: "Kiosk", sight: Sight) -> None:
    _take(kiosk, sight, "priority", kiosk.direct)


def _take(kiosk: "Kiosk", sight: Sight, klass: Klass, queue: str) -> None:
    kiosk.locked_until_s = sight.mono_s + TAKE_LOCK_S
    kiosk.pending_klass = klass
    card = kiosk.card(sight)
    kiosk.pending = kiosk.ask(
        IssueTicket(
            queue=queue,
            item="" if queue else kiosk.item,
            klass=klass,
            kiosk=kiosk.name,
            language=kiosk.language,
            paper=slips.prints(sight.hall, kiosk.name),
            card=card is not None,
        )
    )
    kiosk.go("taking", sight.mono_s)


def _materials(kiosk: "Kiosk", sight: Sight) -> None:
    kiosk.locked_until_s = sight.mono_s + TAKE_LOCK_S
    kiosk.pending = kiosk.ask(
        PrintMaterials(item=kiosk.item, kiosk=kiosk.name, language=kiosk.language)
    )
    kiosk.go("listing", sight.mono_s)


def _reprint(kiosk: "Kiosk", sight: Sight) -> None:
    kiosk.locked_until_s = sight.mono_s + TAKE_LOCK_S
    if kiosk.got is not None and not kiosk.got.again:
        kiosk.got.again = kiosk.ask(Reprint(visit=kiosk.got.visit, kiosk=kiosk.name))


def _ok(kiosk: "Kiosk", sight: Sight) -> None:
    if kiosk.place == "ticket":
        kiosk.leave_ticket(sight)
    else:
        kiosk.home(sight)


def _offer(kiosk: "Kiosk", act: str, sight: Sight) -> None:
    job = kiosk.offer(sight)
    if job is None:
        return
    kiosk.offered[job.id] = PAST_S
    if act == "again":
        _reopen(kiosk, job, sight)


def _reopen(kiosk: "Kiosk", job: Job, sight: Sight) -> None:
    visit = sight.hall.visits[job.visit]
    kiosk.show_ticket(
        {
            "visit": visit.id,
            "label": visit.label,
            "queue": visit.queue,
            "job": job.id,
            "ahead": visit.ahead,
            "wait_low_min": visit.wait_low_min,
            "wait_high_min": visit.wait_high_min,
        },
        sight,
    )
    assert kiosk.got is not None
    kiosk.got.priority = visit.klass == "priority"
    _reprint(kiosk, sight)


def _page(kiosk: "Kiosk", step: str, _: Sight) -> None:
    kiosk.page += int(step)


def _back(kiosk: "Kiosk", sight: Sight) -> None:
    assert sight.hall.rules is not None
    many = len(kiosk.items(sight.hall.rules, kiosk.category)) > 1
    if kiosk.place == "item" and kiosk.category and many:
        kiosk.go("list", sight.mono_s)
    elif kiosk.place == "home":
        kiosk.guide = False
    else:
        kiosk.to_home()


def _help(kiosk: "Kiosk", sight: Sight) -> None:
    if kiosk.name not in sight.hall.help:
        kiosk.ask(AskHelp(place=kiosk.name))
    kiosk.cover("help", sight)


def _bigger(kiosk: "Kiosk", _: Sight) -> None:
    kiosk.size, kiosk.page = (kiosk.size + 1) % SIZES, 0


def _read(kiosk: "Kiosk", sight: Sight) -> None:
    kiosk.read(sight)


def _language(kiosk: "Kiosk", _: Sight) -> None:
    kiosk.language = "en" if kiosk.language == "zh" else "zh"


def _stay(_kiosk: "Kiosk", _: Sight) -> None:
    """The touch itself has begun the time anew."""


def _close(kiosk: "Kiosk", _: Sight) -> None:
    kiosk.over = ""


def _paperless(kiosk: "Kiosk", _: Sight) -> None:
    kiosk.without_paper = True


def _afternoon(kiosk: "Kiosk", _: Sight) -> None:
    kiosk.past_lunch = True


def _guide(kiosk: "Kiosk", _: Sight) -> None:
    kiosk.guide = True


PLAIN: Mapping[str, Callable[["Kiosk", Sight], None]] = {
    "unsure": _unsure, "direct": _direct, "stuck": _stuck, "take": _ordinary,
    "priority": _priority, "materials": _materials, "reprint": _reprint, "ok": _ok, "back": _back,
    "help": _help, "bigger": _bigger, "read": _read, "language": _language, "stay": _stay,
    "close": _close, "paperless": _paperless, "afternoon": _afternoon, "guide": _guide,
}  # fmt: skip
WITH: Mapping[str, Callable[["Kiosk", str, Sight], None]] = {
    "page": _page, "tile": _tile, "item": _item, "offer": _offer,
}  # fmt: skip
"""Targets with something behind a colon: `item:SB01`."""
