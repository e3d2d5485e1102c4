"""`hallctl run`, `desk` and `check`: a hall, a hall on a desk, and its three files."""

import gc
import logging
import sys
from pathlib import Path
from typing import Annotated

import typer

from hallctl.cli.asking import HERE, HallOption, StateOption, desk_place, hall_of, place_of
from hallctl.place import EX_CONFIG

app = typer.Typer()


def _say_logs() -> None:
    if not sys.stderr.isatty():
        logging.basicConfig(level=logging.INFO, format="%(levelname)s %(message)s")
        return
    from rich.logging import RichHandler  # noqa: PLC0415 - only for eyes

    logging.basicConfig(level=logging.INFO, format="%(message)s", handlers=[RichHandler()])


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
    gc.disable()  # nothing that is made while it starts is ever garbage; service turns it on
    from hallctl import service  # noqa: PLC0415 - the other two need no daemon

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
    import asyncio  # noqa: PLC0415 - the daemon never needs it

    from hallctl.simulator.desk import run_desk  # noqa: PLC0415 - nor this

    place = desk_place(hall, state)
    raise typer.Exit(asyncio.run(run_desk(place.hall, place.state, clock=clock, port=port)))


@app.command()
def check(hall: HallOption = HERE) -> None:
    """Check the three configuration files; all mistakes at once, each with its place."""
    from hallctl.cli.consoles import err, out  # noqa: PLC0415 - the daemon needs no console
    from hallctl.config.load import describe, load  # noqa: PLC0415 - nor has it read twice
    from hallctl.config.problems import ConfigError  # noqa: PLC0415
    from hallctl.device import driver_class  # noqa: PLC0415

    try:
        config = load(hall_of(hall), driver_class=driver_class)
    except ConfigError as problem:
        err.print(str(problem), highlight=False, markup=False, soft_wrap=True)
        raise typer.Exit(EX_CONFIG) from None
    for line in describe(config):
        out.print(line, highlight=False, markup=False, soft_wrap=True)
