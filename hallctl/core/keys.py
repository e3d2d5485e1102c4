"""What a key of a window keypad means, in each state of the window.

Published table (docs/devices.md): 呼叫 → call next (digits first: that ticket), 重呼 → recall,
评价 → finish and ask the rating, 确认 → start, 弃号 → no-show, 暂停 → pause (resume when paused).
"""

from hallctl.core.commands import (
    CallNext,
    CallTicket,
    Command,
    Finish,
    MarkNoShow,
    Pause,
    Recall,
    Resume,
    Start,
)
from hallctl.core.hall import Hall
from hallctl.core.reports import KeyPressed


def meaning(hall: Hall, pressed: KeyPressed) -> Command | None:
    """The command a press stands for; None for a key that does nothing now."""
    window = pressed.window
    state = hall.windows.get(window)
    match pressed.key:
        case "call":
            if pressed.digits:
                return CallTicket(window=window, label=pressed.digits)
            return CallNext(window=window)
        case "recall":
            return Recall(window=window)
        case "rate" | "finish":
            return Finish(window=window)
        case "confirm" | "start":
            return Start(window=window)
        case "no_show":
            return MarkNoShow(window=window)
        case "pause" if state is not None and state.status == "paused":
            return Resume(window=window)
        case "pause":
            return Pause(window=window)
        case _:
            return None
