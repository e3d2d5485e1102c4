"""The guide's desk (导办台): tickets for others, help calls, printers, the evacuation.

The pages are written in `guiding.py`.
"""

from collections.abc import Callable
from dataclasses import dataclass, field

from hallctl.core import commands as c
from hallctl.core.rules import Rules
from hallctl.core.visit import Visit
from screens.clerk import guiding, keys, words
from screens.clerk.desk import Desk, numbered
from screens.clerk.pages import Choices, Digits, Page
from screens.kit.sight import Sight

AGAIN_S = 30.0
"""It rings again for a call for help to which nobody has gone."""


@dataclass(slots=True)
class Guide(Desk):
    """The model of the guide's terminal."""

    category: str = ""
    item: str = ""
    queue: str = ""
    """What a ticket is taken for: an item, or a queue."""
    ticket: str = ""
    """The visit that is looked at."""
    job: str = ""
    """The slip asked for last."""
    printer: str = ""
    paper: str = ""
    """The pre-printed number that is being entered."""
    ring: Callable[[], None] = lambda: None
    rung: dict[str, float] = field(default_factory=dict)
    """When it rang last for what stands now, by its name."""

    def passed(self, sight: Sight) -> None:
        """Ring for who calls, and again while nobody goes; once for an alert that is red."""
        Desk.passed(self, sight)
        hall = sight.hall
        if self.deaf(sight) or hall.evacuation_s:
            return
        calls = {f"help:{place}" for place in hall.help}
        red = {f"alert:{name}" for name, alert in hall.alerts.items() if alert.level == "red"}
        self.rung = {name: at_s for name, at_s in self.rung.items() if name in calls | red}
        due = (calls | red) - self.rung.keys()
        due |= {n for n in calls & self.rung.keys() if sight.mono_s - self.rung[n] >= AGAIN_S}
        if due:
            self.rung.update(dict.fromkeys(due, sight.mono_s))
            self.ring()

    def visit(self, sight: Sight) -> Visit | None:
        """The ticket that is looked at."""
        return sight.hall.visits.get(self.ticket)

    def rules(self, sight: Sight) -> Rules:
        """The rules in force; a page that needs them is shown only when they are there."""
        assert sight.hall.rules is not None
        return sight.hall.rules

    def show(self, sight: Sight) -> Page:
        """The page for this moment."""
        return guiding.show(self, sight)

    def pressed(self, key: str, sight: Sight) -> None:
        """A key was pressed: digits and Enter find a ticket."""
        if self.deaf(sight):
            return
        self.touched_s = sight.mono_s
        page, digit = self.show(sight), keys.digit(key)
        if key == "escape":
            self._on_back("", sight)
        elif isinstance(page, Choices):
            self.touched(numbered(page, digit), sight)
        elif digit:
            if not isinstance(page, Digits):
                self._on_find("", sight)
            self.type(digit, sight)
        elif key in keys.WIPE:
            self._on_erase("", sight)
        elif key in keys.ENTER and isinstance(page, Digits):
            self.touched(page.ok.target, sight)
        elif key == "space" and self.place == "main":
            self._on_issue("", sight)

    def followed(self, then: str, result: dict[str, object]) -> None:
        """A number was given or printed again: it is shown."""
        self.job = str(result.get("job", ""))
        if then == "issued":
            self.ticket = str(result.get("visit", ""))
            self.go("ticket")

    # Tickets for others.

    def _on_issue(self, _: str, __: Sight) -> None:
        self.go("issue")

    def _on_category(self, category: str, _: Sight) -> None:
        self.category = category
        self.go("items")

    def _on_code(self, code: str, _: Sight) -> None:
        self.item, self.queue = code, ""
        self.go("klass")

    def _on_queue(self, queue: str, _: Sight) -> None:
        self.item, self.queue = "", queue
        self.go("klass")

    def _on_take(self, klass: str, sight: Sight) -> None:
        place = words.print_place(sight.hall, self.name)
        command = c.IssueTicket(
            queue=self.queue,
            item=self.item,
            klass="priority" if klass == "priority" else "ordinary",
            kiosk=place or self.name,
            paper=bool(place),
        )
        self.go("main")
        self.send("issue", command, sight, then="issued")

    # A ticket that is there.

    def _on_find(self, _: str, sight: Sight) -> None:
        self.open_digits("find", guiding.prefixes(self, sight))

    def _on_ok(self, _: str, sight: Sight) -> None:
        if self.place == "came":
            self._enter(sight)
            return
        label = self.label()
        visit = self.visit_named(label, sight)
        if visit is None and self.is_paper(sight):
            self.paper = label
            self.go("came")
            return
        if visit is None:
            self.typed = ""
            self.tell(self.say("refused.unknown_label", label=label), sight)
            return
        self.ticket, self.job = visit.id, ""
        self.go("ticket")

    def is_paper(self, sight: Sight) -> bool:
        """Whether the number typed is one of those on pre-printed paper."""
        paper = self.rules(sight).preprinted
        return paper is not None and self.prefix != "" and paper.holds(int(self.typed))

    def _enter(self, sight: Sight) -> None:
        """The pre-printed number waits from when it was handed out."""
        hour, minute = divmod(int(self.typed), 100)
        if not (hour < 24 and minute < 60):  # noqa: PLR2004 - a time of day
            self.tell(self.say("guide.came_bad"), sight)
            self.typed = ""
            return
        command = c.EnterPreprinted(label=self.paper, came_day_s=hour * 3600 + minute * 60)
        self.send("ok", command, sight, then="issued")

    def _on_reprint(self, _: str, sight: Sight) -> None:
        visit = self.visit(sight)
        if visit is not None:
            place = words.print_place(sight.hall, self.name)
            command = c.Reprint(visit=visit.id, kiosk=place)
            self.send("reprint", command, sight, then="reprinted")

    def _on_cancel(self, _: str, __: Sight) -> None:
        self.go("cancel")

    def _on_void(self, _: str, sight: Sight) -> None:
        self.go("ticket")
        self.send("cancel", c.CancelTicket(visit=self.ticket), sight)

    def _on_ticket(self, _: str, __: Sight) -> None:
        self.go("ticket")

    def _on_rejoin(self, _: str, sight: Sight) -> None:
        self.send("rejoin", c.Rejoin(visit=self.ticket), sight)

    def _on_class(self, klass: str, sight: Sight) -> None:
        wanted = "priority" if klass == "priority" else "ordinary"
        command = c.ChangeClass(visit=self.ticket, klass=wanted)  # type: ignore[arg-type]
        self.send("class", command, sight)

    # Help, paper, the evacuation.

    def _on_helps(self, _: str, __: Sight) -> None:
        self.go("helps")

    def _on_alerts(self, _: str, __: Sight) -> None:
        self.go("alerts")

    def _on_look(self, visit: str, _: Sight) -> None:
        self.ticket, self.job = visit, ""
        self.go("ticket")

    def _on_help(self, place: str, sight: Sight) -> None:
        self.send(f"help:{place}", c.AnswerHelp(place=place), sight)

    def _on_printers(self, _: str, __: Sight) -> None:
        self.go("printers")

    def _on_printer(self, name: str, _: Sight) -> None:
        self.printer = name
        self.go("paper")

    def _on_loaded(self, _: str, sight: Sight) -> None:
        self.go("printers")
        self.send("loaded", c.LoadPaper(printer=self.printer), sight)

    def _on_evacuate(self, _: str, sight: Sight) -> None:
        self.send("evacuate", c.StartEvacuation(place=self.name), sight)

    def _on_end(self, _: str, __: Sight) -> None:
        self.go("end")

    def _on_ended(self, _: str, sight: Sight) -> None:
        self.go("main")
        self.send("ended", c.EndEvacuation(place=self.name), sight)
