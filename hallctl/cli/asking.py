"""What commands share: where a hall lies, how the running daemon is asked, how answers are told."""

import hashlib
import importlib
import json
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

from hallctl.place import Place

if TYPE_CHECKING:
    from hallctl.asked import Answer
    from hallctl.cli.consoles import err as err  # noqa: PLC0414 - told on
    from hallctl.cli.consoles import out as out  # noqa: PLC0414
    from hallctl.core import commands as c
else:

    def __getattr__(name: str) -> object:
        """The consoles, when a command that prints is imported: `run` has no need of them."""
        if name not in {"out", "err"}:
            raise AttributeError(name)
        return getattr(importlib.import_module("hallctl.cli.consoles"), name)


ASK_S = 5.0
HERE: Final = None
"""--hall when none is given: `hall_of` looks where it is."""
INSTALLED_HALL: Final = Path("/etc/hallctl")
INSTALLED_STATE: Final = Path("/var/lib/hallctl")
"""Where `hallctl install` puts a hall."""
EX_NOBODY: Final = 69
EX_NOPERM: Final = 77

HallOption = Annotated[
    Path | None,
    typer.Option(
        "--hall",
        envvar="HALLCTL_HALL",
        help="Folder with hall.yaml, catalogue.yaml, devices.yaml. Default: this folder if it has "
        "a hall.yaml, else /etc/hallctl if installed.",
        show_default=False,
    ),
]
StateOption = Annotated[
    Path | None,
    typer.Option(
        "--state",
        envvar="HALLCTL_STATE",
        help="Folder of journal and sockets. Default: $STATE_DIRECTORY (systemd), else "
        "/var/lib/hallctl for /etc/hallctl, else $XDG_STATE_HOME/hallctl/<hall>.",
        show_default=False,
    ),
]
JsonOption = Annotated[bool, typer.Option("--json", help="Machine-readable output.")]


def hall_of(hall: Path | None) -> Path:
    """The folder of a hall: the one given, else the one stood in, else the installed one.

    The one stood in comes first: who plays a hall on a desk beside an installed one must never
    reach that by a word left out.
    """
    here = Path.cwd()
    if hall is None and not (here / "hall.yaml").is_file() and is_installed():
        return INSTALLED_HALL
    return (hall or here).resolve()


def is_installed() -> bool:
    """Whether this machine has a hall that `hallctl install` put there."""
    return (INSTALLED_HALL / "hall.yaml").is_file() and INSTALLED_STATE.is_dir()


def place_of(hall: Path | None, state: Path | None) -> Place:
    """The folders of a hall, with the usual place for its state."""
    folder = hall_of(hall)
    if state is None:
        systemd = os.environ.get("STATE_DIRECTORY")
        if systemd:
            state = Path(systemd)
        elif folder == INSTALLED_HALL and is_installed():
            state = INSTALLED_STATE
        else:
            state = _own_state(folder)
    return Place(folder, state.resolve())


def kept_place(hall: Path | None, state: Path | None) -> Place:
    """The same for what reads or changes the state itself; ends with 77 where it is not ours."""
    from hallctl.cli.consoles import err  # noqa: PLC0415

    place = place_of(hall, state)
    journal = place.state / "journal.db"
    try:
        is_ours = os.access(journal, os.R_OK, effective_ids=True) or not journal.exists()
    except PermissionError:
        is_ours = False
    if not is_ours:
        words = f"{place.state} is its daemon's alone, not open to you: sudo hallctl ..."
        err.print(words, highlight=False, markup=False, soft_wrap=True)
        raise typer.Exit(EX_NOPERM)
    return place


def desk_place(hall: Path | None, state: Path | None) -> Place:
    """The folders of a hall on a desk: its state is never the installed hall's, unless given."""
    folder = (hall or Path.cwd()).resolve()
    return Place(folder, (state or _own_state(folder)).resolve())


def _own_state(hall: Path) -> Path:
    """Where the person who types keeps the state of a hall."""
    home = Path(os.environ.get("XDG_STATE_HOME") or Path.home() / ".local/state")
    short = hashlib.sha256(str(hall).encode()).hexdigest()[:6]
    return home / "hallctl" / f"{hall.name}-{short}"


def ask(place: Place, role: str, command: "c.Command | None") -> "Answer":
    """Ask the running daemon, with the same id until it answers. Exits when nobody answers."""
    from hallctl.client import HallClient  # noqa: PLC0415 - not for `run`

    if not is_there(place, role):
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


def is_there(place: Place, role: str) -> bool:
    """Whether a role has an endpoint. Exits with 77 where who types may not look."""
    from hallctl.cli.consoles import err  # noqa: PLC0415

    try:
        return (place.bus / role).exists()
    except PermissionError:
        err.print(
            f"{place.bus} is not open to you: sudo hallctl ..., or once and for all sudo usermod "
            "-aG hall YOUR-NAME and a new login",
            highlight=False,
            markup=False,
            soft_wrap=True,
        )
        raise typer.Exit(EX_NOPERM) from None


def nobody(place: Place) -> None:
    """Say that no daemon answers, and what starts one; exits with 69."""
    from hallctl.cli.consoles import err  # noqa: PLC0415

    start = f"hallctl run --hall {place.hall} --state {place.state}"
    if place.state == INSTALLED_STATE:
        start = "systemctl start hallctl"
    err.print(f"No daemon answers at {place.bus}. Start it with: {start}",
              highlight=False, soft_wrap=True)  # fmt: skip
    if place.state != INSTALLED_STATE and is_installed():
        err.print(f"The installed hall is another one: --hall {INSTALLED_HALL}",
                  highlight=False, soft_wrap=True)  # fmt: skip
    raise typer.Exit(EX_NOBODY)


def told(answer: "Answer", *, as_json: bool) -> dict[str, Any]:
    """The result; a refusal is printed and ends the command with 1."""
    from hallctl.cli.consoles import err  # noqa: PLC0415

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
    hall: Path | None,
    state: Path | None,
    role: str,
    command: "c.Command",
    words: str,
    *,
    as_json: bool,
) -> None:
    """Let a command happen and say so in `words`; `{label}` and the like are of the result.

    A refusal is printed and ends the command with 1.
    """
    from hallctl.cli.consoles import out  # noqa: PLC0415

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
