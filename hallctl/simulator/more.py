"""The screens a desk starts when somebody wants to see them, each on a page of its own."""

import sys
from pathlib import Path

from hallctl.core.rules import Rules

AT_WINDOWS = (("window", "窗口屏"), ("pad", "评价屏"), ("clerk", "窗口终端"))
"""One of each at every window: (as `python -m screens` calls it, as people do)."""
ALONE: tuple[tuple[str, str, tuple[str, ...]], ...] = (
    ("guide-1", "导办台", ("clerk", "--role", "guide")),
    ("hall-2", "叫号大屏", ("hall", "--layout", "calls")),
    ("kiosk-2", "横放取号机", ("kiosk", "--landscape")),
)

More = dict[str, tuple[str, list[str]]]
"""Screens by name: (what people call it, command line)."""


def more_screens(rules: Rules, bus: Path, frames: Path) -> More:
    """All that may be started, in the order in which the page offers them."""
    ends = ["--bus", str(bus), "--frames", str(frames)]
    begins = [sys.executable, "-m", "screens"]
    found: More = {
        name: (title, [*begins, *words, "--name", name, *ends]) for name, title, words in ALONE
    }
    for kind, title in AT_WINDOWS:
        for window in rules.windows:
            number = str(window.number)
            words = [*begins, kind, "--window", number, "--name", f"{kind}-{number}", *ends]
            found[f"{kind}-{number}"] = (f"{number} 号{title}", words)
    return found
