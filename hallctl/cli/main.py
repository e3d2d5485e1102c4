"""The `hallctl` command: running a hall, and the other files' commands beside it."""

import asyncio
import logging
import sys
from pathlib import Path
from typing import Annotated

import typer
from rich.logging import RichHandler

from hallctl import service
from hallctl.cli import (
    acts,
    attaching,
    backup,
    devices,
    health,
    http,
    install,
    journal,
    keys,
    pin,
    rehearse,
    report,
    selftest,
    sounds,
    visits,
    voice,
    windows,
)
from hallctl.cli.asking import HERE, HallOption, StateOption, err, out, place_of
from hallctl.config.load import describe, load
from hallctl.config.problems import ConfigError
from hallctl.device import driver_class

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    help="The hall controller: tickets, calls, printers, LED strips, screens of a service hall.",
)


def _say_logs() -> None:
    if sys.stderr.isatty():
        logging.basicConfig(level=logging.INFO, format="%(message)s", handlers=[RichHandler()])
    else:
        logging.basicConfig(level=logging.INFO, format="%(levelname)s %(message)s")


@app.command()
def run(
    hall: HallOption = HERE,
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
    hall: HallOption = HERE,
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
def check(hall: HallOption = HERE) -> None:
    """Check the three configuration files; all mistakes at once, each with its place."""
    try:
        config = load(hall.resolve(), driver_class=driver_class)
    except ConfigError as problem:
        err.print(str(problem), highlight=False, markup=False, soft_wrap=True)
        raise typer.Exit(service.EX_CONFIG) from None
    for line in describe(config):
        out.print(line, highlight=False, markup=False, soft_wrap=True)


app.add_typer(acts.app)
app.add_typer(report.app)
app.add_typer(visits.app, name="ticket")
app.add_typer(windows.app, name="window")
app.add_typer(acts.queue, name="queue")
app.add_typer(acts.evacuate, name="evacuate")
app.add_typer(journal.app, name="journal")
app.add_typer(backup.app)
app.add_typer(rehearse.app)
app.add_typer(devices.app)
app.add_typer(health.app)
app.add_typer(attaching.app)
app.add_typer(selftest.app, name="selftest")
app.add_typer(selftest.paper, name="paper")
app.add_typer(pin.app, name="pin")
app.add_typer(voice.app, name="voice")
app.add_typer(sounds.app, name="sounds")
app.add_typer(sounds.speech)
app.add_typer(keys.app, name="keys")
app.add_typer(install.app)
app.add_typer(http.app)
app.add_typer(http.tokens, name="tokens")
