"""`hallctl health`: one line and one exit status for a monitor."""

import json
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Any

import typer

from hallctl.cli import seeing
from hallctl.cli.asking import HERE, HallOption, JsonOption, place_of
from hallctl.cli.devices import Follower
from hallctl.service import Place
from hallctl.texts import say

app = typer.Typer()

WELL, WANTS, NOBODY = 0, 1, 2
"""The exit statuses; monitors that speak Nagios take 1 as a warning and 2 as critical."""
NAMES = {WELL: "well", WANTS: "wants_a_person", NOBODY: "nobody_answers"}
TECHNICAL = ("paper", "voice")
"""Alerts that are not the supervisor's but whoever looks after the machines'."""

ClosedStateOption = Annotated[
    Path | None,
    typer.Option("--state", readable=False, help="Folder of journal and sockets, as elsewhere."),
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
    """Ask the running daemon, over the bus alone. Takes at most ASK_S."""
    try:
        follower = Follower(place)
    except PermissionError as problem:
        words = say(lang, "health.closed", path=place.bus, problem=problem.strerror)
        return Health(NOBODY, words)
    except typer.Exit:
        return Health(NOBODY, say(lang, "health.nobody", bus=place.bus))
    try:
        return _judged(follower, lang)
    except typer.Exit:
        return Health(NOBODY, say(lang, "health.nobody", bus=place.bus))
    finally:
        follower.close()


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
    more = {"up_s": status["up_s"], "seq": status["seq"], "day": status["day"]}
    if wrong:
        comma = say(lang, "devices.comma")
        what = comma.join(f"{one['name']} {one['words']}" for one in wrong)
        return Health(WANTS, say(lang, "health.wants", what=what), wrong, more)
    name = hall.rules.hall if hall.rules else ""
    words = say(lang, "health.well", hall=name, n=len(rows), seq=status["seq"])
    return Health(WELL, words, wrong, more)
