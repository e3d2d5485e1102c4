"""What the kiosk does: touches and answers in, a page out. No pygame, no clock, no wire.

The way to a ticket is home → list → item → 取号, at most three touches. The number is given by
the daemon alone; the kiosk never shows one that it was not told. What each target does stands
in `acts.py`, the technician's menu in `technician.py`.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Literal

from hallctl.core.commands import Command
from hallctl.core.hall import Card, Hall, Job
from hallctl.core.rules import Category, Item, Klass, Rules
from hallctl.core.view import opening, taking
from screens.kiosk import acts, hours, slips, states, technician, words
from screens.kiosk.got import Got, got
from screens.kiosk.pages import Leave, Page
from screens.kiosk.spoken import Mouth, Mute, spoken, view
from screens.kit.sight import Sight

IDLE_S = 90.0
ASK_S = 30.0
"""How long "还在用吗？" stands before the kiosk goes home by itself."""
TICKET_PRINTED_S = 15.0
TICKET_UNPRINTED_S = 60.0
SILENT_S = 60.0
"""How long an answer is waited for before the resident is sent to the guide desk."""
OVER_S = 15.0
"""How long "工作人员马上来" stands over the page from which staff were called."""
CARD_S = IDLE_S + ASK_S
"""When this screen begins, a card read longer ago than this is somebody else's."""
SIZES = 3

Place = Literal["home", "list", "item", "taking", "ticket", "refused", "listing"]
Over = Literal["", "help", "mute"]


@dataclass(slots=True)
class Kiosk:
    """The model. `ask` sends a command and gives its id; times are the screen's own seconds."""

    name: str
    ask: Callable[[Command], str]
    ask_as: Callable[[Command, str], str] | None = None
    """The same with a technician's PIN; without it there is no menu."""
    mouth: Mouth = field(default_factory=Mute)
    language: Literal["zh", "en"] = "zh"
    size: int = 0
    """字再大些: 0 as it is, 1 larger, 2 larger and in high contrast."""
    place: Place = "home"
    category: str = ""
    item: str = ""
    direct: str = ""
    """The queue that 取号 is for when no item is named."""
    page: int = 0
    without_paper: bool = False
    past_lunch: bool = False
    guide: bool = False
    """Whether the items are looked through while no numbers are given."""
    over: Over = ""
    """What stands over the page for a moment."""
    reading: tuple[str, ...] = ()
    """The view that is being read aloud; () for none."""
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
    over_since_s: float = 0.0
    left_wall_s: float = 0.0
    """When the kiosk went home last (UNIX time): cards read before are somebody else's."""
    card_s: float = 0.0
    """When the newest card was read (UNIX time); to put one on the reader is to be there."""
    printed_s: float | None = None
    offered: dict[str, float] = field(default_factory=dict)
    """Jobs offered again, with when; one is offered once and for a minute."""
    menu: technician.Menu = field(default_factory=technician.Menu)

    @property
    def big(self) -> bool:
        """Whether the text is larger."""
        return self.size > 0

    @property
    def contrast(self) -> bool:
        """Whether the page is in high contrast."""
        return self.size == SIZES - 1

    # What happens.

    def touched(self, target: str, sight: Sight) -> None:
        """A target was touched."""
        now_s = sight.mono_s
        if now_s < self.locked_until_s or sight.hall.rules is None or not target:
            return
        self.touched_s = now_s
        act, _, what = target.partition(":")
        if act in acts.WITH:
            acts.WITH[act](self, what, sight)
        elif act in acts.PLAIN:
            acts.PLAIN[act](self, sight)
        else:
            technician.touched(self, act, what, sight)

    def answered(
        self,
        command: str,
        ok: bool,
        result: dict[str, object],
        words_by: dict[str, str],
        sight: Sight,
    ) -> None:
        """The daemon answered one of our commands."""
        if command and command == self.menu.pending:
            technician.answered(self, ok, result, words_by)
            return
        if self.got is not None and command == self.got.again:
            self.got.again = ""
            self.refusal = {} if ok else words_by
            return
        if command != self.pending:
            return
        self.pending = ""
        if not ok:
            self.refused_list = self.place == "listing"
            self.go("refused", sight.mono_s)
            self.refusal = words_by
        elif self.place == "taking":
            self.show_ticket(result, sight)
        else:
            self.list_job_id = str(result.get("job", ""))

    def show_ticket(self, result: dict[str, object], sight: Sight) -> None:
        """The ticket of an answer comes on the screen."""
        self.go("ticket", sight.mono_s)
        self.refusal = {}
        self.printed_s = None
        self.got = got(result, self.pending_klass, sight.mono_s)
        visit = sight.hall.visits.get(self.got.visit)
        if self.got.before and visit is not None:
            self.got.priority = visit.klass == "priority"

    def passed(self, sight: Sight) -> None:
        """Time has passed: pages end, settings go back."""
        now_s = sight.mono_s
        if self.reading:
            self._read_on(sight)
        self._see_card(sight)
        if sight.hall.evacuation_s:
            self._stand_still(now_s)
        elif self.menu.state:
            technician.passed(self, sight)
        elif self.over and now_s - max(self.over_since_s, self.touched_s) > OVER_S:
            self.over = ""
        elif self.place == "ticket":
            self._ticket_ends(sight)
        elif self.place in ("taking", "listing") and self.pending:
            if now_s - self.since_s > SILENT_S:
                self.refused_list = self.place == "listing"
                self.pending, self.refusal = "", words.silent()
                self.go("refused", now_s)
        elif self.place in ("refused", "listing"):
            if now_s - max(self.since_s, self.touched_s) > TICKET_UNPRINTED_S:
                self.home(sight)
        elif now_s - self.touched_s > IDLE_S + (ASK_S if self._asks_idle() else 0):
            self._next_resident(sight)
        offer = self.offer(sight)
        if offer is not None:
            self.offered.setdefault(offer.id, now_s)

    def _next_resident(self, sight: Sight) -> None:
        """Home, unless nothing of the last resident is left there."""
        settings = (self.language, self.size, self.without_paper, self.past_lunch, self.guide)
        same = settings == ("zh", 0, False, False, False) and self.page == 0
        if self.place != "home" or not same or self.card(sight) is not None:
            self.home(sight)

    def _stand_still(self, now_s: float) -> None:
        """Everybody leaves: nothing is read, the menu is shut, and no time runs out meanwhile."""
        self.hush()
        self.over, self.menu, self.touched_s = "", technician.Menu(), now_s

    def _see_card(self, sight: Sight) -> None:
        if sight.now is not None and not self.left_wall_s:
            self.left_wall_s = sight.now.wall_s - CARD_S
        card = self.card(sight)
        if card is not None and card.at_s > self.card_s:
            self.card_s, self.touched_s = card.at_s, sight.mono_s

    def _ticket_ends(self, sight: Sight) -> None:
        job = self.job(sight.hall)
        if job is None or job.status != "printed":
            self.printed_s = None
        elif self.printed_s is None:
            self.printed_s = sight.mono_s
        if self.ticket_left_s(sight) <= 0:
            self.leave_ticket(sight)

    def ticket_left_s(self, sight: Sight) -> float:
        """How long the ticket stays: shorter once its slip is in the resident's hand."""
        assert self.got is not None
        if self.printed_s is None:
            return max(self.got.since_s, self.touched_s) + TICKET_UNPRINTED_S - sight.mono_s
        return max(self.printed_s, self.touched_s) + TICKET_PRINTED_S - sight.mono_s

    # Reading aloud.

    def read(self, sight: Sight) -> None:
        """念出来: begin to read the page, or stop."""
        if self.reading:
            self.hush()
            return
        page = self.show(sight)
        if self.mouth.say(spoken(page), self.language):
            self.reading = view(page)
        else:
            self.cover("mute", sight)

    def hush(self) -> None:
        """Read no further."""
        if self.reading:
            self.mouth.stop()
        self.reading = ()

    def _read_on(self, sight: Sight) -> None:
        """Stops with the page that is read; while it speaks no time runs out."""
        state = self.mouth.state()
        if state == "mute":
            self.reading = ()
            self.cover("mute", sight)
        elif state == "silent":
            self.reading = ()
        elif view(self.show(sight)) != self.reading:
            self.hush()
        else:
            self.touched_s = sight.mono_s
            self.offered = {
                j: at_s if at_s < 0 else sight.mono_s for j, at_s in self.offered.items()
            }

    # What is asked of the model to draw.

    def show(self, sight: Sight) -> Page:
        """The page for this moment."""
        rules = sight.hall.rules
        if sight.hall.evacuation_s:
            return Leave(top=words.top(self, sight, helpers="none"))
        if self.place == "ticket" and rules is not None:
            return words.ticket_page(self, sight)
        if sight.stale_since_s is not None or rules is None or sight.now is None:
            return states.out_of_service(self, sight)
        if self.menu.state:
            return technician.page(self, sight)
        return self._busy(sight) or self._shut(sight) or self._open(sight, rules)

    def _busy(self, sight: Sight) -> Page | None:
        if self.over:
            return states.over_page(self, sight)
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
        if self.guide and hours.closed(sight):
            return None
        if span is None:
            return states.shut_page(self, sight, state)
        if hours.all_full(sight):
            return states.full_page(self, sight)
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

    def card(self, sight: Sight) -> Card | None:
        """The ID card of the resident before the kiosk: read since the last one left."""
        card = sight.hall.cards.get(self.name)
        known = card is not None and self.left_wall_s and card.at_s > self.left_wall_s
        return card if known else None

    # Going from page to page.

    def go(self, place: Place, now_s: float) -> None:
        """To another place, at its first page."""
        self.place, self.page, self.since_s = place, 0, now_s

    def cover(self, over: Over, sight: Sight) -> None:
        """Lay a sentence over the page for a moment."""
        self.over, self.over_since_s = over, sight.mono_s

    def home(self, sight: Sight) -> None:
        """Home, for the next resident: all settings go back."""
        self.hush()
        self.language, self.size, self.without_paper, self.past_lunch = "zh", 0, False, False
        self.guide = False
        if sight.now is not None:
            self.left_wall_s = sight.now.wall_s
        self.to_home()

    def to_home(self) -> None:
        """The home page, with the settings of the resident who is here."""
        self.place, self.page, self.got, self.pending = "home", 0, None, ""
        self.category = self.item = self.direct = self.over = ""
        self.menu = technician.Menu()

    def leave_ticket(self, sight: Sight) -> None:
        """Home; a slip that may be lost was offered here, and is not offered again."""
        job = self.job(sight.hall)
        if job is not None and job.status in ("doubtful", "failed"):
            self.offered[job.id] = -1e9
        self.home(sight)
