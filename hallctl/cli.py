"""The command line. Every command takes --hall and --state, so that halls can live side by side."""

import asyncio
import hashlib
import json
import logging
import os
import sys
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.logging import RichHandler
from rich.table import Table

from hallctl import service
from hallctl.client import Answer, HallClient
from hallctl.config.load import describe, load
from hallctl.config.problems import ConfigError
from hallctl.core import commands as c
from hallctl.device import driver_class
from hallctl.journal import JournalError, read_only, rows, verify
from hallctl.repair import accept_loss
from hallctl.service import Place

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    help="The hall controller: tickets, calls, printers, LED strips, screens of a service hall.",
)
journal_app = typer.Typer(no_args_is_help=True, help="Read, check and mend the journal.")
app.add_typer(journal_app, name="journal")
out = Console()
err = Console(stderr=True)

ASK_S = 5.0

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


class Format(StrEnum):
    """How `journal export` writes."""

    CSV = "csv"
    JSON = "json"


def place_of(hall: Path, state: Path | None) -> Place:
    """The folders of a hall, with the usual place for its state."""
    hall = hall.resolve()
    if state is None:
        systemd = os.environ.get("STATE_DIRECTORY")
        home = Path(os.environ.get("XDG_STATE_HOME") or Path.home() / ".local/state")
        short = hashlib.sha256(str(hall).encode()).hexdigest()[:6]
        state = Path(systemd) if systemd else home / "hallctl" / f"{hall.name}-{short}"
    return Place(hall, state.resolve())


def _say_logs() -> None:
    if sys.stderr.isatty():
        logging.basicConfig(level=logging.INFO, format="%(message)s", handlers=[RichHandler()])
    else:
        logging.basicConfig(level=logging.INFO, format="%(levelname)s %(message)s")


@app.command()
def run(
    hall: HallOption = Path(),
    state: StateOption = None,
    links: Annotated[
        Path | None, typer.Option(help="JSON that replaces wires of devices.yaml (the desk's).")
    ] = None,
    clock_file: Annotated[
        Path | None, typer.Option(help="File with seconds to add to the clock (the desk's).")
    ] = None,
) -> None:
    """Run the hall's daemon in the foreground, until SIGTERM or Ctrl-C."""
    _say_logs()
    place = place_of(hall, state)
    raise typer.Exit(service.run(place, links=links, clock_file=clock_file))


@app.command()
def desk(
    hall: HallOption = Path(),
    state: StateOption = None,
    clock: Annotated[
        str | None, typer.Option(help='Where the hall\'s clock starts: "Mon 09:30".')
    ] = None,
    port: Annotated[int, typer.Option(help="Port of the page on 127.0.0.1.")] = 8642,
) -> None:
    """Open the whole hall on a desk: every device as a twin, one page shows it all."""
    from hallctl.simulator.desk import run_desk  # noqa: PLC0415 - the daemon never needs it

    place = place_of(hall, state)
    raise typer.Exit(asyncio.run(run_desk(place.hall, place.state, clock=clock, port=port)))


@app.command()
def check(hall: HallOption = Path()) -> None:
    """Check the three configuration files; all mistakes at once, each with its place."""
    try:
        config = load(hall.resolve(), driver_class=driver_class)
    except ConfigError as problem:
        err.print(str(problem), highlight=False, markup=False, soft_wrap=True)
        raise typer.Exit(service.EX_CONFIG) from None
    for line in describe(config):
        out.print(line, highlight=False, markup=False, soft_wrap=True)


def _ask(place: Place, role: str, command: c.Command | None) -> Answer:
    """Ask the running daemon, with the same id until it answers. Exits when nobody answers."""
    if not (place.bus / role).exists():
        _nobody(place)
    client = HallClient(place.bus, role, "cli", follow=False)
    try:
        asked = client.ask_status() if command is None else client.ask(command)
        answer = client.wait(asked, ASK_S)
    finally:
        client.close()
    if answer is None:
        _nobody(place)
    assert answer is not None
    return answer


def _nobody(place: Place) -> None:
    err.print(
        f"No daemon answers at {place.bus}. Start it with: hallctl run --hall {place.hall} "
        f"--state {place.state}",
        highlight=False,
        soft_wrap=True,
    )
    raise typer.Exit(69)


def _told(answer: Answer, *, as_json: bool) -> dict[str, Any]:
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


@app.command()
def issue(
    what: Annotated[str, typer.Argument(help="A queue's letter (A) or an item's code (SB01).")],
    hall: HallOption = Path(),
    state: StateOption = None,
    priority: Annotated[bool, typer.Option("--priority", help="优先")] = False,
    kiosk: Annotated[
        str, typer.Option(help="Print at the printer that serves this kiosk; none without it.")
    ] = "",
    as_json: JsonOption = False,
) -> None:
    """Take a number (取号)."""
    command = c.IssueTicket(
        queue=what.upper() if len(what) == 1 else "",
        item=what.upper() if len(what) > 1 else "",
        klass="priority" if priority else "ordinary",
        kiosk=kiosk,
        paper=bool(kiosk),
    )
    found = _told(_ask(place_of(hall, state), "guide", command), as_json=as_json)
    if not as_json:
        out.print(f"[bold]{found['label']}[/bold]  前面 {found['ahead']} 人")


@app.command()
def call(
    window: Annotated[int, typer.Argument(help="The window's number.")],
    label: Annotated[str, typer.Argument(help="A ticket (特呼); none for the next.")] = "",
    hall: HallOption = Path(),
    state: StateOption = None,
    as_json: JsonOption = False,
) -> None:
    """Call the next ticket to a window (顺呼), or one ticket (特呼)."""
    command: c.Command = (
        c.CallTicket(window=window, label=label) if label else c.CallNext(window=window)
    )
    found = _told(_ask(place_of(hall, state), "window", command), as_json=as_json)
    if not as_json:
        called = found.get("label")
        words = f"请 [bold]{called}[/bold] 到 {window} 号窗口" if called else "已办结，没有人等候"
        out.print(words)


@app.command()
def status(
    hall: HallOption = Path(), state: StateOption = None, as_json: JsonOption = False
) -> None:
    """Show how the running hall stands: queues, windows, devices."""
    found = _told(_ask(place_of(hall, state), "supervisor", None), as_json=as_json)
    if as_json:
        return
    now = found["now"]
    clock = f"{now['day_s'] // 3600}:{now['day_s'] // 60 % 60:02d}"
    out.print(f"{now['day']} {clock}  {found['opening']}  event {found['seq']}  pid {found['pid']}")
    waiting = "  ".join(f"{queue} {n}" for queue, n in found["waiting"].items())
    out.print(f"等候 waiting: {waiting}", highlight=False)
    table = Table("window", "status", "ticket")
    for window in found["windows"]:
        table.add_row(str(window["number"]), window["status"], window["visit"].rpartition("-")[2])
    out.print(table)
    table = Table("device", "link", "parts", "evidence", "remedy")
    for device in found["devices"]:
        parts = " ".join(f"{k}={v}" for k, v in device["parts"].items())
        table.add_row(device["name"], device["link"], parts, device["evidence"], device["remedy"])
    out.print(table)


@journal_app.command("verify")
def journal_verify(hall: HallOption = Path(), state: StateOption = None) -> None:
    """Check every event's hash and the high-water mark; names the first wrong place."""
    try:
        count, head = verify(place_of(hall, state).state)
    except JournalError as problem:
        err.print(str(problem), highlight=False, markup=False, soft_wrap=True)
        raise typer.Exit(1) from None
    out.print(f"{count} events, every hash right; head {head}", highlight=False, soft_wrap=True)


@journal_app.command("export")
def journal_export(
    hall: HallOption = Path(),
    state: StateOption = None,
    form: Annotated[
        Format, typer.Option("--format", help="csv or json (one event a line).")
    ] = Format.CSV,
    as_json: JsonOption = False,
) -> None:
    """Write all events to standard output."""
    _write_rows(place_of(hall, state), Format.JSON if as_json else form, last=0)


@journal_app.command("tail")
def journal_tail(
    hall: HallOption = Path(),
    state: StateOption = None,
    number: Annotated[int, typer.Option("-n", help="How many events.")] = 20,
) -> None:
    """Show the last events."""
    _write_rows(place_of(hall, state), Format.CSV, last=number)


def _write_rows(place: Place, form: Format, last: int) -> None:
    try:
        db = read_only(place.state)
    except JournalError as problem:
        err.print(str(problem), highlight=False, markup=False, soft_wrap=True)
        raise typer.Exit(1) from None
    for line in rows(db, as_csv=form is Format.CSV, last=last):
        sys.stdout.write(line)
    db.close()


@journal_app.command("accept-loss")
def journal_accept_loss(hall: HallOption = Path(), state: StateOption = None) -> None:
    """Go on after damage: keep a copy, keep the sound part, numbers continue above those given."""
    try:
        words = accept_loss(place_of(hall, state).state)
    except JournalError as problem:
        err.print(str(problem), highlight=False, markup=False, soft_wrap=True)
        raise typer.Exit(1) from None
    out.print(words, highlight=False, soft_wrap=True)
