"""A no, with words for the person who asked; and what acts share to find their way."""

from hallctl.core import events as e
from hallctl.core.hall import Hall, WindowState
from hallctl.core.rules import Rules, Window
from hallctl.core.visit import TRANSITIONS, Visit
from hallctl.texts import say

Events = list[e.Event]


class Refused(Exception):  # noqa: N818 - the house's word; not an error of ours
    """A person asked the impossible. `code` is stable, `words()` are for people."""

    def __init__(self, code: str, **values: object) -> None:
        super().__init__(code)
        self.code = code
        self._values = values

    def words(self) -> dict[str, str]:
        """The reason in each language."""
        return {lang: say(lang, f"refused.{self.code}", **self._of(lang)) for lang in ("zh", "en")}

    def _of(self, language: str) -> dict[str, object]:
        status = self._values.get("status")
        if status is None:
            return self._values
        return {**self._values, "status": say(language, f"status.{status}")}


def rules_of(hall: Hall) -> Rules:
    """The rules in force. Raises Refused while there are none."""
    if hall.rules is None:
        raise Refused("no_rules")
    return hall.rules


def place_of(hall: Hall, number: int) -> tuple[Window, WindowState]:
    """A window and how it stands. Raises Refused for one that is not there."""
    window = rules_of(hall).window(number)
    state = hall.windows.get(number)
    if window is None or state is None:
        raise Refused("unknown_window", window=number)
    return window, state


def here(hall: Hall, number: int) -> tuple[WindowState, Visit]:
    """A window and the visit at it. Raises Refused when nobody is there."""
    _, state = place_of(hall, number)
    visit = hall.at_window(number)
    if visit is None:
        raise Refused("nobody_here")
    return state, visit


def named(hall: Hall, name: str) -> Visit:
    """The visit of that id or label. Raises Refused."""
    visit = hall.visits.get(name) or hall.labelled(name.strip().upper())
    if visit is None:
        raise Refused("unknown_visit")
    return visit


def may(visit: Visit, event: type[e.Event], what: str) -> None:
    """Let the table decide. Raises Refused in words when it has no such transition."""
    if (visit.status, event) not in TRANSITIONS:
        raise Refused("not_possible", label=visit.label, status=visit.status, act=what)


def clock_text(day_s: int) -> str:
    """Seconds of the day as people write them: 9:00."""
    return f"{day_s // 3600}:{day_s % 3600 // 60:02d}"
