"""Makes docs/alarms.md: all that hallctl reports as wrong, what it means, what to do, who tried it.

Words come from the texts, so that the page says what the screens say. Which devices a fault is
tried with comes from the twins: tests/drivers/test_fault_matrix.py brings each about and wants it
named.
"""

import re
from typing import get_args

from hallctl.core.trial import Wrong
from hallctl.device import driver_class
from hallctl.simulator.faults import LINE_FAULTS
from hallctl.simulator.stage import NoTwinError, twin_class
from hallctl.texts import say
from hallctl.texts.zh.hall import TEXTS as HALL
from scripts.drivers_page import names

ALERTS: dict[str, tuple[str, str, str]] = {
    "wait": (
        "somebody waits longer than `wait_yellow_min`; red: `wait_red_min`",
        "open a window, or let another help (`hallctl window helping`); is the person there?",
        "tests/core/test_acts.py",
    ),
    "pause": (
        "a window is paused longer than `pause_yellow_min`; red: `pause_red_min`",
        "ask at the window; a clerk who has gone signs off",
        "tests/core/test_acts.py",
    ),
    "visit": (
        "a visit lasts `visit_over_factor` times the usual",
        "ask whether the clerk wants help; 办结 may have been forgotten",
        "tests/core/test_acts.py",
    ),
    "open_window": (
        "who comes now would wait too long, and a window that could help stands idle",
        "open it: its clerk presses 呼叫",
        "tests/core/test_acts.py",
    ),
    "paper": (
        "the roll has paper for 30 tickets; red: for 10",
        "a new roll, then `hallctl paper loaded PRINTER`",
        "tests/core/test_printing.py",
    ),
    "voice": (
        "calls have waited 30 s and the voice does not work; red: 120 s",
        "call aloud; then `hallctl voice` and do what it says",
        "tests/core/test_announcing_troubles.py",
    ),
    "disk_yellow": (
        "the disk has little room left for the state folder",
        "old backups and logs to another place; at least 200 MB free. The day goes on",
        "tests/faults/test_full_disk.py",
    ),
    "disk_red": (
        "the disk is full; the hall lives on STATE/reserve",
        "at once, as above; when room is back the reserve is made whole again by itself",
        "tests/faults/test_full_disk.py",
    ),
    "journal": (
        "a program asked for what it had missed, and an event on the disk is not what was written",
        (
            "the hall goes on from memory; a restart would stop at the damage, so not today. "
            "After closing: stop it, copy the state folder, `hallctl journal verify` names the "
            "event, `hallctl journal accept-loss` goes on. Have the disk looked at. It ends with "
            "a start that read its day"
        ),
        "tests/faults/test_damaged_while_open.py",
    ),
}
"""By the kind of alert: when it is raised, what to do, and the test that brings it about."""

MEANT = {"paper_out_after": "paper_out", "card_unread": "error", "busy_forever": "no_sound"}
"""Switches of twins that are no name of something wrong, and what they make wrong."""
COMPUTER = (
    "clock_unsynced", "clock_behind", "clock_zone", "disk_full", "disk_read_only",
    "journal_damaged",
)  # fmt: skip


def tried_with() -> dict[str, list[str]]:
    """Each code, and the drivers whose twins bring it about."""
    found: dict[str, list[str]] = {}
    for name in names():
        try:
            switches = twin_class(name).FAULTS
        except NoTwinError:
            continue
        for switch in ("unplug", "stall", *LINE_FAULTS, *switches):
            drivers = found.setdefault(MEANT.get(switch, switch), [])
            if name not in drivers:
                drivers.append(name)
    return found


def alarms_page(note: str) -> str:
    """docs/alarms.md."""
    lines = [
        "# Every alarm",
        "",
        note,
        "",
        "What to do first stands in [operations](operations.md#840-and-the-printer-is-dead). Each",
        "row was brought about by the test named with it; what only a real device can show is in",
        "the [drill](drill.md).",
        "",
        "## The supervisor's and the technician's alerts",
        "",
        "Raised once, at the guide desk (提醒; touch one that is about a ticket or a printer), in",
        "`hallctl status`, the day's report, the HTTP API and on the bus; `paper`, `voice`, `disk`",
        "and `journal` also end `hallctl health` with 1. They end by themselves when the cause is",
        "gone.",
        "",
        "| alert | says | when | what to do | tried by |",
        "| --- | --- | --- | --- | --- |",
    ]
    for key, words in HALL.items():
        if key.startswith("alert."):
            kind = key.removeprefix("alert.")
            when, todo, test = ALERTS[kind]
            lines.append(f"| `{kind}` | {_shown(words)} | {when} | {todo} | `{test}` |")
    lines += _devices()
    return "\n".join(lines) + "\n"


def _shown(words: str) -> str:
    """A text with what is filled in shown as …."""
    return re.sub(r"\{\w+\}", "…", words)


def _devices() -> list[str]:
    """What a device or the computer can have."""
    lines = [
        "",
        "## A device, or the computer",
        "",
        "As `hallctl devices`, `hallctl selftest` and the kiosk's menu say it. Those tried with",
        "drivers are brought about on the wire to their twins by",
        "`tests/drivers/test_fault_matrix.py`, but for the pairs in its `CANNOT`, where nobody at",
        "this end of the wire could tell; the computer's own by",
        "`tests/technician/test_computer.py`.",
        "",
        "| code | says | in English | what to do | tried with |",
        "| --- | --- | --- | --- | --- |",
    ]
    tried = tried_with()
    for code in get_args(Wrong):
        if not code:
            continue
        with_whom = ["the computer"] if code in COMPUTER else tried.get(code, [])
        row = (
            f"`{code}`",
            say("zh", f"found.{code}"),
            say("en", f"found.{code}"),
            say("zh", f"mend.{code}"),
            _few(with_whom) or "the self-tests' own tests",
        )
        lines.append("| " + " | ".join(row) + " |")
    return lines


def _few(drivers: list[str]) -> str:
    known = [n for n in names() if driver_class(n).kind]
    twinned = [n for n in known if n in drivers]
    if len(drivers) > 6:  # noqa: PLR2004 - a row is to fit on a page
        return f"{len(twinned)} drivers"
    return ", ".join(drivers)
