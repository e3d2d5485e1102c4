"""What a key of a window keypad means, in each state of the window.

Published as a table in docs/keys.md, which is made from `KEYS` and `meaning` (a test compares).
"""

from hallctl.core import commands as c
from hallctl.core.hall import Hall
from hallctl.core.reports import KeyPressed

STAFF_DIGITS = 3
"""From so many digits on, digits and 确认 are a clerk's number (工号)."""


def meaning(hall: Hall, pressed: KeyPressed) -> c.Command | None:
    """The command a press stands for; None for a key that does nothing now."""
    window, digits = pressed.window, pressed.digits
    state = hall.windows.get(window)
    match pressed.key:
        case "call":
            return (
                c.CallTicket(window=window, label=digits) if digits else c.CallNext(window=window)
            )
        case "recall":
            return c.Recall(window=window)
        case "rate" | "finish":
            return c.Finish(window=window)
        case "confirm" | "start" if len(digits) >= STAFF_DIGITS:
            if state is not None and state.staff == digits:
                return c.SignOff(window=window)
            return c.SignOn(window=window, staff=digits)
        case "confirm" | "start":
            return c.Start(window=window)
        case "no_show":
            return c.MarkNoShow(window=window)
        case "hold":
            return c.Hold(window=window)
        case "resume":
            return c.CallBack(window=window, label=digits)
        case "transfer":
            return c.Transfer(window=window, to_window=int(digits) if digits.isdigit() else 0)
        case "cancel":
            return c.Undo(window=window)
        case "pause" if state is not None and state.status == "paused":
            return c.Resume(window=window)
        case "pause":
            return c.Pause(window=window)
        case _:
            return None
