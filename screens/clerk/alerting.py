"""The alerts at the guide's desk: what wants an eye."""

from hallctl.core.hall import Alert
from screens.clerk import words
from screens.clerk.choosing import choices
from screens.clerk.desk import Desk
from screens.clerk.pages import Button, Choices, Tone
from screens.kit.sight import Sight

LEVELS: dict[str, Tone] = {"yellow": "warn", "red": "bad"}
ABOUT_VISITS = ("wait", "visit")


def _standing(sight: Sight) -> list[Alert]:
    """The alerts that stand, red ones first, then the oldest."""
    found = sight.hall.alerts.values()
    return sorted(found, key=lambda a: (a.level != "red", a.since_s))


def button(m: Desk, sight: Sight, *, dead: bool) -> Button:
    """How many alerts stand; `dead` when nobody can say."""
    if dead:
        return Button("alerts", "triangle", m.say("guide.alerts_title"))
    standing = _standing(sight)
    tone: Tone = ""
    if standing:  # red as calls for help are: the evacuation below has a red of its own
        tone = "brand" if standing[0].level == "red" else "warn"
    return Button("alerts", "triangle", m.say("guide.alerts", n=len(standing)), tone=tone)


def page(m: Desk, sight: Sight) -> Choices:
    """All alerts; one that is about a ticket or a printer leads there."""
    buttons = []
    for alert in _standing(sight):
        since = words.time_of(sight.hall, alert.since_s)
        told = m.say(f"guide.level.{alert.level}", time=since)
        target = ""
        if alert.kind in ABOUT_VISITS and alert.subject in sight.hall.visits:
            target = f"look:{alert.subject}"
        elif alert.kind == "paper":
            target = f"printer:{alert.subject}"
        buttons.append(Button(target, "triangle", alert.words, told, LEVELS[alert.level]))
    title, sub = m.say("guide.alerts_title"), m.say("guide.alerts_sub")
    empty = m.say("guide.alerts_none")
    return choices(m, sight, title, buttons, sub=sub, columns=1, empty=empty)
