"""`hallctl http` serves API, wait page and metrics; `hallctl tokens` lets programs in."""

import json
import logging
import sys
from datetime import UTC, datetime
from typing import Annotated, Final, NoReturn

import typer
from rich.table import Table

from hallctl.cli.asking import (
    HERE,
    HallOption,
    JsonOption,
    StateOption,
    err,
    kept_place,
    out,
    place_of,
)
from hallctl.config.load import load
from hallctl.config.network_file import address_of
from hallctl.config.problems import ConfigError
from hallctl.device import driver_class
from hallctl.http.tokens import FILE, Tokens, TokensError
from hallctl.place import EX_CONFIG

app = typer.Typer()
tokens = typer.Typer(no_args_is_help=True, help="Tokens of the HTTP API: who may come in, as what.")

PUBLIC: Final = "127.0.0.1:7781"


@app.command()
def http(
    hall: HallOption = HERE,
    state: StateOption = None,
    public: Annotated[
        bool, typer.Option("--public", help="The wait page of tickets and nothing else.")
    ] = False,
    listen: Annotated[
        str,
        typer.Option(
            help=f"Address and port, instead of network.yaml's http (--public: of {PUBLIC}).",
            show_default=False,
        ),
    ] = "",
) -> None:
    """Serve the HTTP API, the tickets' wait page and the metrics, until SIGTERM or Ctrl-C."""
    from hallctl.http.app import Serving, run  # noqa: PLC0415 - no other command needs a web server

    logging.basicConfig(level=logging.INFO, format="%(levelname)s %(message)s")
    place = place_of(hall, state)
    try:
        network = load(place.hall, driver_class=driver_class).network
    except ConfigError as problem:
        err.print(str(problem), highlight=False, markup=False, soft_wrap=True)
        raise typer.Exit(EX_CONFIG) from None
    try:
        host, port = address_of(listen or (PUBLIC if public else network.http))
    except ValueError as problem:
        raise typer.BadParameter(str(problem)) from problem
    raise typer.Exit(
        run(
            Serving(
                bus=place.bus,
                state=place.state,
                host=host,
                port=port,
                rate=network.rate,
                burst=network.burst,
                most=network.connections,
                public=public,
            )
        )
    )


@tokens.command()
def add(
    name: Annotated[str, typer.Argument(help="Of the program: small letters, digits, dashes.")],
    role: Annotated[str, typer.Option(help="guide, window:3, kiosk:kiosk-1, …; web only reads.")],
    hall: HallOption = HERE,
    state: StateOption = None,
) -> None:
    """Make a token. It is shown this once; only its hash is kept."""
    place = kept_place(hall, state)
    place.state.mkdir(mode=0o750, parents=True, exist_ok=True)
    try:
        text = Tokens(place.state / FILE).add(name, role)
    except TokensError as problem:
        _failed(problem)
    sys.stdout.write(text + "\n")
    err.print("Keep it now: it is not shown again.", highlight=False)


@tokens.command("list")
def list_tokens(
    hall: HallOption = HERE, state: StateOption = None, as_json: JsonOption = False
) -> None:
    """Whose tokens there are, and what they are good for."""
    try:
        found = Tokens(kept_place(hall, state).state / FILE).entries()
    except TokensError as problem:
        _failed(problem)
    if as_json:
        rows = [
            {
                "name": t.name,
                "role": str(t.standing),
                "made_s": t.made_s,
                "revoked_s": t.revoked_s,
            }
            for t in found
        ]
        sys.stdout.write(json.dumps(rows) + "\n")
        return
    table = Table("name", "role", "made", "revoked")
    for token in found:
        revoked = _day(token.revoked_s) if token.revoked_s is not None else ""
        table.add_row(token.name, str(token.standing), _day(token.made_s), revoked)
    out.print(table)


@tokens.command()
def revoke(
    name: Annotated[str, typer.Argument(help="Whose token.")],
    hall: HallOption = HERE,
    state: StateOption = None,
) -> None:
    """Take a token away: from now on it opens nothing, and who follows by it is cut off."""
    try:
        Tokens(kept_place(hall, state).state / FILE).revoke(name)
    except TokensError as problem:
        _failed(problem)
    out.print(f"{name} is revoked.", highlight=False)


def _failed(problem: TokensError) -> NoReturn:
    err.print(str(problem), markup=False, highlight=False, soft_wrap=True)
    raise typer.Exit(1) from None


def _day(at_s: float) -> str:
    return datetime.fromtimestamp(at_s, UTC).astimezone().strftime("%Y-%m-%d %H:%M")
