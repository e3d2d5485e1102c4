"""The clerk's terminal: what a touch or a key means, and which command is asked.

The pages are written in `window.py` (the main page) and `choosing.py` (what is chosen from).
"""

from dataclasses import dataclass, field

from hallctl.core import commands as c
from hallctl.core.hall import WindowState
from hallctl.core.rules import Item
from hallctl.core.visit import Visit
from screens.clerk import choosing, keys, window, words
from screens.clerk.desk import Desk, numbered
from screens.clerk.pages import Button, Choices, Digits, Page
from screens.kit.sight import Sight

MINUTE_S = 60


@dataclass(slots=True)
class Clerk(Desk):
    """The model of a clerk's terminal."""

    category: str = ""
    use: str = "set"
    """What a chosen item is for: set, add, walk."""
    reason: str = ""
    staff: str = ""
    sheet: int = 0
    """Which sheet of the material list is shown."""
    ticked: dict[str, set[int]] = field(default_factory=dict)
    """By visit and item: the materials that are there, counted from 1."""
    notice: tuple[str, str] = ("", "")
    """The 告知单 printed last: visit and item, and its job."""

    # What is asked of the mirror.

    def state(self, sight: Sight) -> WindowState:
        """The window as it stands."""
        return sight.hall.windows.get(self.window) or WindowState(self.window, "off")

    def visit(self, sight: Sight) -> Visit | None:
        """Who is at this window."""
        return sight.hall.at_window(self.window)

    def item(self, sight: Sight) -> Item | None:
        """What the visit at this window is about, when it is known."""
        visit, rules = self.visit(sight), sight.hall.rules
        return words.item_of(rules, visit) if visit and rules else None

    def case(self, sight: Sight) -> str:
        """Which check list is ticked now."""
        visit = self.visit(sight)
        return f"{visit.id}/{visit.item}" if visit else ""

    def missing(self, sight: Sight) -> tuple[int, ...]:
        """The materials of the item that are not ticked."""
        item = self.item(sight)
        there = self.ticked.get(self.case(sight), set())
        most = len(item.materials) if item else 0
        return tuple(n for n in range(1, most + 1) if n not in there)

    # What happens.

    def show(self, sight: Sight) -> Page:
        """The page for this moment."""
        return window.show(self, sight)

    def pressed(self, key: str, sight: Sight) -> None:
        """A key was pressed."""
        if self.deaf(sight):
            return
        self.touched_s = sight.mono_s
        page = self.show(sight)
        if isinstance(page, Choices | Digits):
            self._chose(key, page, sight)
            return
        digit = keys.digit(key)
        if digit:
            self.type(digit, sight)
        elif key == "escape":
            self.typed = ""
        elif key in keys.WIPE:
            self._on_erase("", sight)
        else:
            self._act(keys.act(key, self.typed), sight)

    def _chose(self, key: str, page: Choices | Digits, sight: Sight) -> None:
        digit = keys.digit(key)
        if key == "escape":
            self._on_back("", sight)
        elif isinstance(page, Choices):
            self.touched(numbered(page, digit), sight)
        elif digit:
            self.type(digit, sight)
        elif key in keys.WIPE:
            self._on_erase("", sight)
        elif key in keys.ENTER:
            self.touched(page.ok.target, sight)

    def _act(self, act: str, sight: Sight) -> None:
        if not act:
            return
        typed, self.typed = self.typed, ""
        if act == "primary":
            self.touched(window.primary(self, sight).target, sight)
        elif act == "call":
            self.send("special", c.CallTicket(window=self.window, label=typed), sight)
        elif act == "send":
            self.send("transfer", c.Transfer(window=self.window, to_window=int(typed)), sight)
        else:
            self.touched(act, sight)

    def followed(self, then: str, result: dict[str, object]) -> None:
        """The 告知单 is on its way: its job is remembered, its state is the mirror's."""
        self.notice = (then, str(result.get("job", "")))

    # The primary action, and what stands beside it.

    def _on_next(self, _: str, sight: Sight) -> None:
        self.send("primary", c.CallNext(window=self.window), sight)

    def _on_start(self, _: str, sight: Sight) -> None:
        self.send("primary", c.Start(window=self.window), sight)

    def _on_finish(self, _: str, sight: Sight) -> None:
        self.send("primary", c.Finish(window=self.window), sight)

    def _on_resume(self, _: str, sight: Sight) -> None:
        self.send("primary", c.Resume(window=self.window), sight)

    def _on_clear(self, _: str, sight: Sight) -> None:
        self.send("clear", c.ConfirmClear(window=self.window), sight)

    def _on_recall(self, _: str, sight: Sight) -> None:
        self.send("recall", c.Recall(window=self.window), sight)

    def _on_miss(self, _: str, sight: Sight) -> None:
        self.send("miss", c.MarkNoShow(window=self.window), sight)

    def _on_hold(self, _: str, sight: Sight) -> None:
        self.send("hold", c.Hold(window=self.window), sight)

    def _on_undo(self, _: str, sight: Sight) -> None:
        self.send("undo", c.Undo(window=self.window), sight)

    def _on_stuck(self, _: str, sight: Sight) -> None:
        self.go("main")
        hall = sight.hall
        place = words.print_place(hall, f"window-{self.window}")
        self.send("stuck", c.RaiseStuck(window=self.window, place=place), sight)

    def _on_help(self, _: str, sight: Sight) -> None:
        self.send("help", c.AskHelp(place=f"window-{self.window}"), sight)

    def _on_notice(self, _: str, sight: Sight) -> None:
        visit, missing = self.visit(sight), self.missing(sight)
        if visit is None or not missing:
            self.tell(self.say("clerk.notice_none"), sight)
            return
        place = words.print_place(sight.hall, f"window-{self.window}")
        notice = c.PrintNotice(item=visit.item, missing=missing, place=place, visit=visit.id)
        self.send("notice", notice, sight, then=self.case(sight))

    def _on_tick(self, number: str, sight: Sight) -> None:
        self.ticked.setdefault(self.case(sight), set()).symmetric_difference_update({int(number)})

    def _on_sheet(self, step: str, _: Sight) -> None:
        self.sheet = max(0, self.sheet + int(step))

    # Pages that are chosen from.

    def _on_more(self, _: str, __: Sight) -> None:
        self.go("more")

    def _on_held(self, _: str, __: Sight) -> None:
        self.go("held")

    def _on_callback(self, label: str, sight: Sight) -> None:
        self.go("main")
        self.send("held", c.CallBack(window=self.window, label=label), sight)

    def _on_transfer(self, _: str, sight: Sight) -> None:
        if self.visit(sight) is None:
            self.tell(self.say("refused.nobody_here"), sight)
        else:
            self.go("transfer")

    def _on_queue(self, queue: str, sight: Sight) -> None:
        self.go("main")
        self.send("transfer", c.Transfer(window=self.window, queue=queue), sight)

    def _on_window(self, number: str, sight: Sight) -> None:
        self.go("main")
        self.send("transfer", c.Transfer(window=self.window, to_window=int(number)), sight)

    def _on_pause(self, _: str, sight: Sight) -> None:
        if self.state(sight).status == "paused":
            self._on_resume("", sight)
        else:
            self.go("pause")

    def _on_reason(self, key: str, _: Sight) -> None:
        self.reason = self.say(f"clerk.pause.{key}")
        self.go("until")

    def _on_until(self, minutes: str, sight: Sight) -> None:
        assert sight.now is not None
        self.go("main")
        back_s = sight.now.wall_s + int(minutes) * MINUTE_S if int(minutes) else 0.0
        pause = c.Pause(window=self.window, reason=self.reason, until_s=back_s)
        self.send("pause", pause, sight)

    def _on_item(self, use: str, _: Sight) -> None:
        self.use, self.category = use, ""
        self.go("category")

    def _on_category(self, category: str, _: Sight) -> None:
        self.category = category
        self.go("items")

    def _on_code(self, code: str, sight: Sight) -> None:
        self.go("main")
        visit = self.visit(sight)
        if self.use == "walk":
            self.send("walk", c.ServeWalkUp(window=self.window, item=code), sight)
        elif visit is None:
            self.tell(self.say("refused.nobody_here"), sight)
        elif self.use == "add":
            self.send("add", c.AddMatter(visit=visit.id, item=code), sight)
        else:
            self.send("item", c.SetItem(visit=visit.id, item=code), sight)

    def _on_special(self, _: str, sight: Sight) -> None:
        self.open_digits("special", choosing.prefixes(self, sight))

    def _on_sign(self, _: str, __: Sight) -> None:
        self.go("sign")
        self.prefix = ""

    def _on_signoff(self, _: str, sight: Sight) -> None:
        self.go("main")
        self.send("sign", c.SignOff(window=self.window), sight)

    def _on_ok(self, _: str, sight: Sight) -> None:
        if self.place == "special":
            label = self.label()
            self.go("main")
            self.send("special", c.CallTicket(window=self.window, label=label), sight)
            return
        self.staff = self.typed
        if choosing.covers(self, sight, self.staff):
            self.go("cover")
        else:
            self._sign(sight, "")

    def _on_cover(self, key: str, sight: Sight) -> None:
        self._sign(sight, self.say(f"clerk.cover.{key}"))

    def _sign(self, sight: Sight, reason: str) -> None:
        self.go("main")
        self.send("sign", c.SignOn(window=self.window, staff=self.staff, reason=reason), sight)


def button_of(page: Page, target: str) -> Button | None:
    """The button of a page with that target, for keys and tests."""
    found: list[Button] = [
        b for name in ("buttons", "helps", "prefixes") for b in getattr(page, name, ())
    ]
    found += [b for name in ("primary", "help", "ok", "back") if (b := getattr(page, name, None))]
    return next((b for b in found if b.target == target), None)
