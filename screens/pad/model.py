"""The rating pad of a window: what it shows, what a touch means. No pygame.

A rating belongs to one visit. The pad asks while the core holds that visit's rating open, takes one
grade for it, and asks why only after the two low grades. No visit, no rating; no touch, no grade.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Literal

from hallctl.core.commands import Command, GiveReasons, Rate
from hallctl.core.hall import Hall
from screens.kit.sight import Sight
from screens.pad import pages as p
from screens.pad import words

LOW = (1, 2)
"""差评: 不满意 and 非常不满意; the others are not asked why."""
REASONS_S = 60.0
"""After so long without a touch the chosen reasons are sent."""
REASONS_MOST_S = 110.0
"""The core takes reasons for 120 s after the grade (rules.reasons_open_s)."""
NOTE_S = 5.0
"""How long thanks stand, and what else is said after a touch."""
SILENT_S = 6.0
"""After so long without an answer the resident is let go."""

Kind = Literal["sent", "late", "why", "thanks", "refused"]


@dataclass(frozen=True, slots=True)
class After:
    """What follows the grade of a visit. `since_s`, `touched_s` by the screen's own clock."""

    visit: str
    grade: int
    kind: Kind
    since_s: float
    command: str = ""
    """The command whose answer is awaited."""
    reasons: bool = False
    """Whether that command brings the reasons; else the grade."""
    touched_s: float = 0.0
    graded_s: float = 0.0
    chosen: frozenset[str] = frozenset()
    why_not: tuple[str, str] = ("", "")
    """Why it was refused, in Chinese and English."""


@dataclass(slots=True)
class PadModel:
    """One window's pad; `ask` sends a command to the daemon and gives its id."""

    number: int
    ask: Callable[[Command], str]
    _after: After | None = None
    _graded: str = ""
    """The visit a grade was sent for: it is not asked again."""
    _asked: str = ""
    """The visit of the faces that are on the glass."""

    def show(self, sight: Sight) -> p.Page:
        """The page for this moment."""
        self._go_on(sight)
        self._asked = ""
        hall, after = sight.hall, self._after
        if hall.evacuation_s:
            return p.Leave()
        if hall.rules is None or sight.now is None:
            return words.connecting(self.number)
        if after is not None:
            if after.kind == "why":
                return words.why(hall, self.number, after.chosen)
            return words.after(hall, self.number, after.visit, _key(after), after.why_not)
        visit = self._open(sight)
        if visit:
            self._asked = visit
            return p.Ask(words.top(hall, self.number, visit))
        return words.idle(sight, self.number)

    def touched(self, target: str, sight: Sight) -> None:
        """A face, a reason, or the end of the reasons."""
        what, _, value = target.partition(":")
        if sight.hall.evacuation_s:
            return
        if what == "grade":
            self._grade(int(value), sight)
        elif self._after is not None and self._after.kind == "why":
            self._why(what, value, sight.mono_s)

    def answered(self, command: str, ok: bool, refused: dict[str, str], sight: Sight) -> None:
        """What became of a grade, or of its reasons."""
        after = self._after
        if after is None or after.command != command or after.kind not in ("sent", "late"):
            return
        now_s = sight.mono_s
        if not ok:
            if not after.reasons:
                self._graded = ""  # nothing was taken: while it is open it may be tried again
            why_not = (refused.get("zh", ""), refused.get("en", ""))
            self._after = replace(after, kind="refused", since_s=now_s, why_not=why_not)
        elif after.grade in LOW and not after.reasons:
            self._after = replace(
                after, kind="why", since_s=now_s, touched_s=now_s, graded_s=now_s, command=""
            )
        else:
            self._after = replace(after, kind="thanks", since_s=now_s)

    def _open(self, sight: Sight) -> str:
        """The visit that may be rated here now; "" for none, or while nobody would hear it."""
        state = sight.hall.windows.get(self.number)
        if state is None or sight.stale_since_s is not None or state.rating == self._graded:
            return ""
        return state.rating

    def _grade(self, grade: int, sight: Sight) -> None:
        """One grade a visit, for the visit that was on the glass."""
        visit = self._open(sight)
        if self._after is not None or not visit or visit != self._asked or grade not in p.GRADES:
            return
        command = self.ask(Rate(window=self.number, grade=grade, visit=visit))
        self._graded = visit
        self._after = After(visit, grade, "sent", sight.mono_s, command)

    def _why(self, what: str, key: str, now_s: float) -> None:
        after = self._after
        assert after is not None
        if what == "reason":
            self._after = replace(after, chosen=after.chosen ^ {key}, touched_s=now_s)
        elif what == "send":
            self._send(after, now_s)

    def _send(self, after: After, now_s: float) -> None:
        """What was chosen goes out; nothing chosen is nothing to send."""
        if not after.chosen:
            self._after = replace(after, kind="thanks", since_s=now_s)
            return
        reasons = tuple(sorted(after.chosen))
        command = self.ask(GiveReasons(window=self.number, reasons=reasons, visit=after.visit))
        self._after = replace(after, kind="sent", since_s=now_s, command=command, reasons=True)

    def _go_on(self, sight: Sight) -> None:
        """What time and the hall have brought."""
        after, now_s = self._after, sight.mono_s
        if after is None:
            return
        stood_s = now_s - after.since_s
        if _others_turn(sight.hall, self.number, after):
            # The next resident must not see what this one said.
            if after.kind == "why":
                self._send(after, now_s)
            self._after = None
        elif after.kind == "why":
            due_s = min(after.touched_s + REASONS_S, after.graded_s + REASONS_MOST_S)
            if now_s >= due_s:
                self._send(after, now_s)
        elif after.kind == "sent":
            if stood_s >= SILENT_S:
                self._after = replace(after, kind="late", since_s=now_s)
        elif stood_s >= NOTE_S:
            self._after = None


def _key(after: After) -> words.Key:
    """Which words follow."""
    if after.kind == "thanks":
        return "low" if after.grade in LOW else "thanks"
    if after.kind == "refused":
        return "refused_why" if after.reasons else "refused"
    return "late" if after.kind == "late" else "sent"


def _others_turn(hall: Hall, number: int, after: After) -> bool:
    """Whether another resident sits at the window, or is asked for a rating."""
    state = hall.windows.get(number)
    if state is None:
        return True
    another = state.status == "serving" and state.visit != after.visit
    return another or state.rating not in ("", after.visit)
