"""`hallctl health`: one line and one exit status for a monitor."""

import contextlib
import json
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Any

import typer

from hallctl.backups import noting
from hallctl.cli import seeing
from hallctl.cli.asking import HERE, INSTALLED_STATE, HallOption, JsonOption, place_of
from hallctl.cli.devices import Follower
from hallctl.place import Place
from hallctl.texts import say

app = typer.Typer()

WELL, WANTS, NOBODY = 0, 1, 2
"""The exit statuses; monitors that speak Nagios take 1 as a warning and 2 as critical."""
NAMES = {WELL: "well", WANTS: "wants_a_person", NOBODY: "nobody_answers"}
TECHNICAL = ("paper", "voice", "disk", "journal")
"""Alerts that are not the supervisor's but whoever looks after the machines'."""

LATE_S = 50 * 3600
"""A backup is made each night; after so long two nights went without."""
TIMER = Path("/etc/systemd/system/timers.target.wants/hallctl-backup.timer")

ClosedStateOption = Annotated[
    Path | None,
    typer.Option(
        "--state",
        envvar="HALLCTL_STATE",
        readable=False,
        help="Folder of journal and sockets, as elsewhere.",
    ),
]
"""Whether it may be read is ours to say: a monitor wants one line, not a usage."""
LangOption = Annotated[str, typer.Option("--lang", help="zh or en.")]


@dataclass(slots=True)
class Health:
    """How a hall is: `words` is one line, `wrong` says of each thing what to do."""

    status: int
    words: str
    wrong: list[dict[str, str]] = field(default_factory=list)
    more: dict[str, Any] = field(default_factory=dict)


@app.command(
    epilog="Ends with 0 when all is well, 1 when something wants a person, 2 when nobody answers."
)
def health(
    hall: HallOption = HERE,
    state: ClosedStateOption = None,
    lang: LangOption = "zh",
    as_json: JsonOption = False,
) -> None:
    """Say in one line whether the hall is well, for a monitor that calls this each minute."""
    found = health_of(place_of(hall, state), lang)
    if as_json:
        body = {"health": NAMES[found.status], "words": found.words, "wrong": found.wrong}
        sys.stdout.write(json.dumps({**body, **found.more}, ensure_ascii=False) + "\n")
    else:
        sys.stdout.write(found.words + "\n")
    raise typer.Exit(found.status)


def health_of(place: Place, lang: str) -> Health:
    """Ask the running daemon, over the bus, and how its last backup ended. Takes at most ASK_S."""
    try:
        is_there = (place.bus / "technician").exists()
    except PermissionError as problem:
        words = say(lang, "health.closed", path=place.bus, problem=problem.strerror)
        return Health(NOBODY, words)
    if is_there:
        with (
            contextlib.suppress(typer.Exit),
            contextlib.closing(Follower(place, quiet=True)) as follower,
        ):
            return _judged(follower, lang)
    return Health(NOBODY, say(lang, "health.nobody", bus=place.bus))


def _judged(follower: Follower, lang: str) -> Health:
    status = follower.status()
    hall = follower.client.hall
    known = seeing.Known(
        hall=hall,
        wires={wire["name"]: wire for wire in status.get("wires", ())},
        paper_left=status.get("paper_left", {}),
        drivers=follower.drivers,
        now_s=status["now"]["wall_s"],
    )
    rows = seeing.rows(known, lang)
    wrong = [
        {"name": row.name, "words": row.words, "mend": row.mend, "evidence": row.evidence}
        for row in rows
        if row.health == "wrong"
    ]
    wrong += [
        {"name": alert.subject, "words": alert.words, "mend": "", "evidence": alert.kind}
        for alert in hall.alerts.values()
        if alert.kind in TECHNICAL
    ]
    kept, age = _backup(follower.place, lang)
    wrong += kept
    more = {"up_s": status["up_s"], "seq": status["seq"], "day": status["day"], "backup": age}
    if wrong:
        comma = say(lang, "devices.comma")
        what = comma.join(f"{one['name']} {one['words']}" for one in wrong)
        return Health(WANTS, say(lang, "health.wants", what=what), wrong, more)
    name = hall.rules.hall if hall.rules else ""
    words = say(lang, "health.well", hall=name, n=len(rows), seq=status["seq"])
    if age is not None:
        words += say(lang, "health.backup", h=_hours(age["age_s"]))
    return Health(WELL, words, wrong, more)


def _backup(place: Place, lang: str) -> tuple[list[dict[str, str]], dict[str, Any] | None]:
    """What is wrong with the backups, and the last good one; None when none is known of."""
    note, now_s = noting.noted(place.state) or noting.Note(), time.time()
    age = None
    if note.good_s:
        age = {"file": note.file, "made_s": note.good_s, "age_s": now_s - note.good_s}
    since_s = note.good_s or _nightly_since_s(place) or now_s
    if note.failed_s:
        why = note.zh if lang == "zh" else note.en
        hours = _hours(now_s - note.failed_s)
        words, code = say(lang, "health.backup_failed", h=hours, why=why), note.code
    elif now_s - since_s > LATE_S:
        key = "health.backup_late" if note.good_s else "health.backup_never"
        words, code = say(lang, key, h=_hours(now_s - since_s)), "late"
    else:
        return [], age
    mend = say(lang, "health.backup_mend")
    return [{"name": "backup", "words": words, "mend": mend, "evidence": code}], age


def _nightly_since_s(place: Place) -> float:
    """Since when the installed hall is to be copied each night; 0.0 for other halls."""
    with contextlib.suppress(OSError):
        if place.state == INSTALLED_STATE:
            return TIMER.lstat().st_mtime
    return 0.0


def _hours(seconds: float) -> int:
    return round(seconds / 3600)
