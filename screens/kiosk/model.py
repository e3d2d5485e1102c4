"""What the kiosk does: touches and answers in, a page out. No pygame, no clock, no wire.

The way to a ticket is home → list → item → 取号, at most three touches. The number is given by
the daemon alone; the kiosk never shows one that it was not told.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Literal

from hallctl.core.commands import AskHelp, Command, IssueTicket, PrintMaterials, Reprint
from hallctl.core.hall import Hall, Job
from hallctl.core.rules import Category, Item, Klass, Rules
from hallctl.core.view import opening, taking
from screens.kiosk import slips, states, words
from screens.kiosk.got import Got, got
from screens.kiosk.pages import Page
from screens.kit.sight import Sight

IDLE_S = 90.0
ASK_S = 30.0
"""How long "还在用吗？" stands before the kiosk goes home by itself."""
TAKE_LOCK_S = 0.8
"""After 取号 nothing can be touched for a moment: a trembling hand taps twice."""
TICKET_PRINTED_S = 15.0
TICKET_UNPRINTED_S = 60.0
SILENT_S = 60.0
"""How long an answer is waited for before the resident is sent to the guide desk."""

Place = Literal["home", "list", "item", "taking", "ticket", "refused", "listing"]


@dataclass(slots=True)
class Kiosk:
    """The model. `ask` sends a command and gives its id; times are the screen's own seconds."""

    name: str
    ask: Callable[[Command], str]
    language: Literal["zh", "en"] = "zh"
    big: bool = False
    place: Place = "home"
    category: str = ""
    item: str = ""
    direct: str = ""
    """The queue that 取号 is for when no item is named."""
    page: int = 0
    without_paper: bool = False
    past_lunch: bool = False
    pending: str = ""
    pending_klass: Klass = "ordinary"
    got: Got | None = None
    refusal: dict[str, str] = field(default_factory=dict)
    list_job_id: str = ""
    refused_list: bool = False
    """Whether it was the list of materials that was refused."""
    touched_s: float = 0.0
    locked_until_s: float = 0.0
    since_s: float = 0.0
    """When the present place was entered."""
    printed_s: float | None = None
    offered: dict[str, float] = field(default_factory=dict)
    """Jobs offered again, with when; one is offered once and for a minute."""

    # What happens.

    def touched(self, target: str, sight: Sight) -> None:
        """A target was touched."""
        now_s = sight.mono_s
        if now_s < self.locked_until_s or sight.hall.rules is None or not target:
            return
        self.touched_s = now_s
        act, _, what = target.partition(":")
        if act in ("page", "tile", "item", "offer"):
            getattr(self, f"_on_{act}")(what, sight)
        else:
            getattr(self, f"_on_{act}")(sight)

    def answered(
        self,
        command: str,
        ok: bool,
        result: dict[str, object],
        words_by: dict[str, str],
        sight: Sight,
    ) -> None:
        """The daemon answered one of our commands."""
        if self.got is not None and command == self.got.again:
            self.got.again = ""
            self.refusal = {} if ok else words_by
            return
        if command != self.pending:
            return
        self.pending = ""
        if not ok:
            self.refused_list = self.place == "listing"
            self._go("refused", sight.mono_s)
            self.refusal = words_by
        elif self.place == "taking":
            self._show_ticket(result, sight)
        else:
            self.list_job_id = str(result.get("job", ""))

    def _show_ticket(self, result: dict[str, object], sight: Sight) -> None:
        self._go("ticket", sight.mono_s)
        self.refusal = {}
        self.printed_s = None
        self.got = got(result, self.pending_klass, sight.mono_s)
        visit = sight.hall.visits.get(self.got.visit)
        if self.got.before and visit is not None:
            self.got.priority = visit.klass == "priority"

    def passed(self, sight: Sight) -> None:
        """Time has passed: pages end, settings go back."""
        now_s = sight.mono_s
        if self.place == "ticket":
            self._ticket_ends(sight)
        elif self.place in ("taking", "listing") and self.pending:
            if now_s - self.since_s > SILENT_S:
                self.refused_list = self.place == "listing"
                self.pending, self.refusal = "", words.silent()
                self._go("refused", now_s)
        elif self.place in ("refused", "listing"):
            if now_s - self.since_s > TICKET_UNPRINTED_S:
                self._home()
        elif now_s - self.touched_s > IDLE_S + (ASK_S if self._asks_idle() else 0):
            self._home()
        offer = self.offer(sight)
        if offer is not None:
            self.offered.setdefault(offer.id, now_s)

    def _ticket_ends(self, sight: Sight) -> None:
        job = self.job(sight.hall)
        if job is None or job.status != "printed":
            self.printed_s = None
        elif self.printed_s is None:
            self.printed_s = sight.mono_s
        if self.ticket_left_s(sight) <= 0:
            self._leave_ticket(sight)

    def ticket_left_s(self, sight: Sight) -> float:
        """How long the ticket stays: shorter once its slip is in the resident's hand."""
        assert self.got is not None
        if self.printed_s is None:
            return max(self.got.since_s, self.touched_s) + TICKET_UNPRINTED_S - sight.mono_s
        return max(self.printed_s, self.touched_s) + TICKET_PRINTED_S - sight.mono_s

    # What is asked of the model to draw.

    def show(self, sight: Sight) -> Page:
        """The page for this moment."""
        rules = sight.hall.rules
        if self.place == "ticket" and rules is not None:
            return words.ticket_page(self, sight)
        if sight.stale_since_s is not None or rules is None or sight.now is None:
            return states.out_of_service(self, sight)
        return self._busy(sight) or self._shut(sight) or self._open(sight, rules)

    def _busy(self, sight: Sight) -> Page | None:
        if self.place == "taking":
            return states.taking_page(self, sight)
        if self.place == "refused":
            return states.refused_page(self, sight)
        if self.place == "listing":
            return states.listing_page(self, sight)
        if self.idle_left_s(sight) is not None:
            return states.idle_page(self, sight)
        return None

    def _shut(self, sight: Sight) -> Page | None:
        assert sight.now is not None
        offer = self.offer(sight)
        if offer is not None and self.place == "home":
            return states.offer_page(self, sight, offer)
        state, span = opening(sight.hall, sight.now), taking(sight.hall, sight.now)
        if span is None:
            return states.shut_page(self, sight, state)
        if state == "lunch" and not self.past_lunch:
            return states.lunch_page(self, sight)
        if slips.trouble(sight.hall, self.name) and not self.without_paper:
            return states.paper_page(self, sight)
        return None

    def _open(self, sight: Sight, rules: Rules) -> Page:
        if self.place == "list":
            return words.list_page(self, sight)
        if self.place == "item" and (self.direct or rules.item(self.item)):
            return words.item_page(self, sight)
        return words.home_page(self, sight)

    def idle_left_s(self, sight: Sight) -> int | None:
        """Seconds until the kiosk goes home by itself; None while nobody need be asked."""
        gone_s = sight.mono_s - self.touched_s
        if not self._asks_idle() or gone_s < IDLE_S:
            return None
        return max(1, int(IDLE_S + ASK_S - gone_s + 0.999))

    def _asks_idle(self) -> bool:
        return self.place in ("list", "item")

    def job(self, hall: Hall) -> Job | None:
        """The newest slip of the ticket on the screen."""
        assert self.got is not None
        jobs = [j for j in hall.jobs.values() if j.visit == self.got.visit]
        return jobs[-1] if jobs else None

    def list_job(self, hall: Hall) -> Job | None:
        """The list of materials being printed."""
        return hall.jobs.get(self.list_job_id)

    def offer(self, sight: Sight) -> Job | None:
        """A slip that may not be on paper and whose resident may still be near."""
        if sight.now is None:
            return None
        for job in slips.lost(sight.hall, self.name, sight.now.wall_s):
            since_s = self.offered.get(job.id, sight.mono_s)
            if sight.mono_s - since_s < TICKET_UNPRINTED_S:
                return job
        return None

    def items(self, rules: Rules, category: str) -> list[Item]:
        """What a tile leads to."""
        return [i for i in rules.items if i.category == category]

    def tile(self, rules: Rules) -> Category | None:
        """The tile that was touched."""
        return next((c for c in rules.categories if c.id == self.category), None)

    # What each target does.

    def _go(self, place: Place, now_s: float) -> None:
        self.place, self.page, self.since_s = place, 0, now_s

    def _home(self) -> None:
        self.language, self.big, self.without_paper, self.past_lunch = "zh", False, False, False
        self._to_home()

    def _to_home(self) -> None:
        self.place, self.page, self.got, self.pending = "home", 0, None, ""
        self.category = self.item = self.direct = ""

    def _on_tile(self, category: str, sight: Sight) -> None:
        rules = sight.hall.rules
        assert rules is not None
        self.category = category
        tile = self.tile(rules)
        if tile is None:
            return
        items = self.items(rules, category)
        if not items:
            self._take(sight, "ordinary", queue=tile.queue)
        elif len(items) == 1:
            self.item, self.direct = items[0].code, ""
            self._go("item", sight.mono_s)
        else:
            self._go("list", sight.mono_s)

    def _on_item(self, code: str, sight: Sight) -> None:
        self.item, self.direct = code, ""
        self._go("item", sight.mono_s)

    def _on_unsure(self, sight: Sight) -> None:
        assert sight.hall.rules is not None
        self.item, self.direct = "", sight.hall.rules.default_queue
        self._go("item", sight.mono_s)

    def _on_direct(self, sight: Sight) -> None:
        assert sight.hall.rules is not None
        tile = self.tile(sight.hall.rules)
        self.item = ""
        self.direct = tile.queue if tile else sight.hall.rules.default_queue
        self._go("item", sight.mono_s)

    def _on_stuck(self, sight: Sight) -> None:
        assert sight.hall.rules is not None
        self._take(sight, "ordinary", queue=sight.hall.rules.stuck_queue)

    def _on_take(self, sight: Sight) -> None:
        self._take(sight, "ordinary", queue=self.direct)

    def _on_priority(self, sight: Sight) -> None:
        self._take(sight, "priority", queue=self.direct)

    def _take(self, sight: Sight, klass: Klass, queue: str) -> None:
        self.locked_until_s = sight.mono_s + TAKE_LOCK_S
        self.pending_klass = klass
        self.pending = self.ask(
            IssueTicket(
                queue=queue,
                item="" if queue else self.item,
                klass=klass,
                kiosk=self.name,
                language=self.language,
                paper=slips.prints(sight.hall, self.name),
            )
        )
        self._go("taking", sight.mono_s)

    def _on_materials(self, sight: Sight) -> None:
        self.locked_until_s = sight.mono_s + TAKE_LOCK_S
        self.pending = self.ask(
            PrintMaterials(item=self.item, kiosk=self.name, language=self.language)
        )
        self._go("listing", sight.mono_s)

    def _on_reprint(self, sight: Sight) -> None:
        self.locked_until_s = sight.mono_s + TAKE_LOCK_S
        if self.got is not None and not self.got.again:
            self.got.again = self.ask(Reprint(visit=self.got.visit, kiosk=self.name))

    def _on_ok(self, sight: Sight) -> None:
        if self.place == "ticket":
            self._leave_ticket(sight)
        else:
            self._home()

    def _leave_ticket(self, sight: Sight) -> None:
        job = self.job(sight.hall)
        if job is not None and job.status in ("doubtful", "failed"):
            self.offered[job.id] = -1e9
        self._home()

    def _on_offer(self, act: str, sight: Sight) -> None:
        job = self.offer(sight)
        if job is None:
            return
        self.offered[job.id] = -1e9
        if act == "again":
            self._reopen(job, sight)

    def _reopen(self, job: Job, sight: Sight) -> None:
        visit = sight.hall.visits[job.visit]
        self._show_ticket(
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
        assert self.got is not None
        self.got.priority = visit.klass == "priority"
        self._on_reprint(sight)

    def _on_page(self, step: str, _: Sight) -> None:
        self.page += int(step)

    def _on_back(self, sight: Sight) -> None:
        assert sight.hall.rules is not None
        many = len(self.items(sight.hall.rules, self.category)) > 1
        if self.place == "item" and self.category and many:
            self._go("list", sight.mono_s)
        else:
            self._to_home()

    def _on_help(self, sight: Sight) -> None:
        if self.name not in sight.hall.help:
            self.ask(AskHelp(place=self.name))

    def _on_bigger(self, _: Sight) -> None:
        self.big, self.page = not self.big, 0

    def _on_language(self, _: Sight) -> None:
        self.language = "en" if self.language == "zh" else "zh"

    def _on_stay(self, _: Sight) -> None:
        """The touch itself has begun the time anew."""

    def _on_paperless(self, _: Sight) -> None:
        self.without_paper = True

    def _on_afternoon(self, _: Sight) -> None:
        self.past_lunch = True
