"""Who may ask what: roles, and the place a role is held for.

A local socket is its role and holds it for every place; a key over TCP holds its role for one:
`window:3` acts for window 3 only, `kiosk:kiosk-1` takes numbers at kiosk-1.
"""

import re
from dataclasses import dataclass
from typing import Final

from hallctl.core import commands as c
from hallctl.core.hall import Hall

_WINDOW = {
    "CallNext", "CallTicket", "CallBack", "Recall", "Start", "Finish", "MarkNoShow", "Undo",
    "Hold", "Transfer", "AddMatter", "SetItem", "ServeWalkUp", "RaiseStuck", "SignOn", "SignOff",
    "Pause", "Resume", "PrintNotice", "ConfirmClear",
}  # fmt: skip
_KIOSK = {
    "IssueTicket", "PrintMaterials", "Reprint", "CancelTicket", "Rejoin", "AskHelp", "ReportShown",
}  # fmt: skip
_GUIDE = {
    "ChangeClass", "AnswerHelp", "LoadPaper", "StartEvacuation", "EndEvacuation", "QuietVoice",
    "EnterPreprinted",
}  # fmt: skip
_TECHNICIAN = {
    "TestDevice", "StopTest", "ReportFindings", "PrintTests", "LoadPaper", "RehearseVisit",
    "EndRehearsal", "PrintMaterials", "ReportShown",
}  # fmt: skip
_SUPERVISOR = {
    "OpenQueue", "CloseQueue", "SetWindowQueues", "SetHelping", "SetNotices", "ExtendHours",
}  # fmt: skip
MAY: dict[str, frozenset[str]] = {
    "kiosk": frozenset(_KIOSK),
    "screen": frozenset({"ReportShown"}),
    "pad": frozenset({"Rate", "GiveReasons", "ReportShown"}),
    "window": frozenset(_WINDOW | {"AskHelp", "ReportShown"}),
    "guide": frozenset(_KIOSK | _WINDOW | _GUIDE),
    "technician": frozenset(_TECHNICIAN),
    "supervisor": frozenset(_KIOSK | _WINDOW | _GUIDE | _SUPERVISOR),
    "web": frozenset(),
}
"""Which role may send which command. Nobody but a resident's pad rates; `web` only follows."""

PUBLIC: Final = ("kiosk", "screen", "pad")
"""Roles that stand before residents: they follow public events only."""
NUMBERED: Final = ("window", "pad")
NAMED: Final = ("kiosk", "screen")
_PLACE: Final = re.compile(r"[a-z0-9][a-z0-9-]{0,31}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Standing:
    """A role, and the place it is held for: "3" of `window:3`; "" for every place."""

    role: str
    place: str = ""

    def __str__(self) -> str:
        return f"{self.role}:{self.place}" if self.place else self.role

    @property
    def audience(self) -> str:
        """Which events it may follow: public, or staff (which are public and staff)."""
        return "public" if self.role in PUBLIC else "staff"


def standing_of(text: str) -> Standing:
    """`window:3`, `kiosk:kiosk-1`, `guide`. Raises ValueError with what would be right."""
    role, _, place = text.partition(":")
    if role not in MAY:
        raise ValueError(f"'{role}' is no role; there are {', '.join(MAY)}")
    if role in NUMBERED:
        if not (place.isascii() and place.isdigit() and 0 < int(place) < 1000):  # noqa: PLR2004
            raise ValueError(f"'{text}': a {role} needs its number, such as {role}:3")
        return Standing(role, str(int(place)))
    if role in NAMED:
        if not _PLACE.fullmatch(place):
            words = f"a {role} needs its name in small letters, such as {role}:{role}-1"
            raise ValueError(f"'{text}': {words}")
        return Standing(role, place)
    if place:
        raise ValueError(f"'{text}': a {role} is held for the whole hall, without a place")
    return Standing(role)


def refusal(standing: Standing, command: c.Command) -> str:
    """Why a command is refused: `not_allowed` to the role, `not_yours` for the place; "" if not."""
    if type(command).__name__ not in MAY[standing.role]:
        return "not_allowed"
    return "" if not standing.place or _own(standing, command) else "not_yours"


def another_windows(standing: Standing, command: c.Command, hall: Hall) -> bool:
    """Whether a window's key asks for a visit that is at another window, or at none."""
    visit = getattr(command, "visit", "")
    if standing.role != "window" or not standing.place or not visit:
        return False
    known = hall.visits.get(visit) or hall.labelled(visit)
    return known is not None and known.window != int(standing.place)


def _own(standing: Standing, command: c.Command) -> bool:
    """Whether everything the command names is the place's own."""
    if isinstance(command, c.ReportShown):
        return command.screen in {standing.place, f"{standing.role}-{standing.place}"}
    if standing.role in NUMBERED:
        window = getattr(command, "window", None)
        named = getattr(command, "place", "")
        own_place = f"{standing.role}-{standing.place}"
        return window in {None, int(standing.place)} and named in {"", own_place}
    kiosk = getattr(command, "kiosk", "") or getattr(command, "place", "")
    return kiosk in {"", standing.place}
