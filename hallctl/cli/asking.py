"""What commands share: where a hall lies, how the running daemon is asked, how answers are told."""

import hashlib
import json
import os
import sys
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console

from hallctl.asked import Answer
from hallctl.client import HallClient
from hallctl.core import commands as c
from hallctl.service import Place

out = Console()
err = Console(stderr=True)

ASK_S = 5.0
HERE = Path()
"""The folder one stands in, as --hall when none is given."""

HallOption = Annotated[
    Path,
    typer.Option(
        "--hall", help="Folder with hall.yaml, catalogue.yaml, devices.yaml.", show_default="."
    ),
]
StateOption = Annotated[
    Path | None,
    typer.Option(
        "--state",
        help="Folder of journal and sockets. Default: $STATE_DIRECTORY (systemd), else "
        "$XDG_STATE_HOME/hallctl/<hall>.",
    ),
]
JsonOption = Annotated[bool, typer.Option("--json", help="Machine-readable output.")]


def place_of(hall: Path, state: Path | None) -> Place:
    """The folders of a hall, with the usual place for its state."""
    hall = hall.resolve()
    if state is None:
        systemd = os.environ.get("STATE_DIRECTORY")
        home = Path(os.environ.get("XDG_STATE_HOME") or Path.home() / ".local/state")
        short = hashlib.sha256(str(hall).encode()).hexdigest()[:6]
        state = Path(systemd) if systemd else home / "hallctl" / f"{hall.name}-{short}"
    return Place(hall, state.resolve())


def ask(place: Place, role: str, command: c.Command | None) -> Answer:
    """Ask the running daemon, with the same id until it answers. Exits when nobody answers."""
    if not (place.bus / role).exists():
        nobody(place)
    client = HallClient(place.bus, role, "cli", follow=False)
    try:
        asked = client.ask_status() if command is None else client.ask(command)
        answer = client.wait(asked, ASK_S)
    finally:
        client.close()
    if answer is None:
        nobody(place)
    assert answer is not None
    return answer


def nobody(place: Place) -> None:
    """Say that no daemon answers, and what starts one; exits with 69."""
    err.print(
        f"No daemon answers at {place.bus}. Start it with: hallctl run --hall {place.hall} "
        f"--state {place.state}",
        highlight=False,
        soft_wrap=True,
    )
    raise typer.Exit(69)


def told(answer: Answer, *, as_json: bool) -> dict[str, Any]:
    """The result; a refusal is printed and ends the command with 1."""
    if as_json:
        body = {"ok": answer.ok, **answer.result}
        if not answer.ok:
            body |= {"code": answer.code, "words": answer.words}
        sys.stdout.write(json.dumps(body, ensure_ascii=False) + "\n")
    elif not answer.ok:
        err.print(f"{answer.words.get('zh', answer.code)}  ({answer.words.get('en', '')})")
    if not answer.ok:
        raise typer.Exit(1)
    return answer.result


def did(
    hall: Path,
    state: Path | None,
    role: str,
    command: c.Command,
    words: str,
    *,
    as_json: bool,
) -> None:
    """Let a command happen and say so in `words`; `{label}` and the like are of the result.

    A refusal is printed and ends the command with 1.
    """
    found = told(ask(place_of(hall, state), role, command), as_json=as_json)
    if not as_json:
        out.print(words.format(**found) if "{" in words else words, markup=False, highlight=False)


def day_seconds(clock: str) -> int:
    """Seconds since midnight of `18:30`. Raises BadParameter for what is no time of day."""
    hour, _, minute = clock.replace("：", ":").partition(":")
    if not (hour.isdecimal() and len(minute) == len("00") and minute.isdecimal()):
        raise typer.BadParameter(f"'{clock}' is no time of day: write 18:30")
    found = int(hour) * 3600 + int(minute) * 60
    if int(minute) >= 60 or not 0 <= found < 86400:  # noqa: PLR2004 - minutes, seconds of a day
        raise typer.BadParameter(f"'{clock}' is no time of day: write 18:30")
    return found
