"""Read, check and mend the journal."""

import sys
from enum import StrEnum
from typing import Annotated

import typer

from hallctl.chain import JournalError, read_only, verify
from hallctl.cli.asking import HERE, HallOption, JsonOption, StateOption, err, kept_place, out
from hallctl.listing import rows
from hallctl.place import Place
from hallctl.repair import accept_loss

app = typer.Typer(no_args_is_help=True, help="Read, check and mend the journal.")


class Format(StrEnum):
    """How `journal export` writes."""

    CSV = "csv"
    JSON = "json"


@app.command("verify")
def journal_verify(hall: HallOption = HERE, state: StateOption = None) -> None:
    """Check every event's hash and the high-water mark; names the first wrong place."""
    try:
        count, head = verify(kept_place(hall, state).state)
    except JournalError as problem:
        err.print(str(problem), highlight=False, markup=False, soft_wrap=True)
        raise typer.Exit(1) from None
    out.print(f"{count} events, every hash right; head {head}", highlight=False, soft_wrap=True)


@app.command("export")
def journal_export(
    hall: HallOption = HERE,
    state: StateOption = None,
    form: Annotated[
        Format, typer.Option("--format", help="csv or json (one event a line).")
    ] = Format.CSV,
    as_json: JsonOption = False,
) -> None:
    """Write all events to standard output."""
    _write_rows(kept_place(hall, state), Format.JSON if as_json else form, last=0)


@app.command("tail")
def journal_tail(
    hall: HallOption = HERE,
    state: StateOption = None,
    number: Annotated[int, typer.Option("-n", help="How many events.")] = 20,
) -> None:
    """Show the last events."""
    _write_rows(kept_place(hall, state), Format.CSV, last=number)


def _write_rows(place: Place, form: Format, last: int) -> None:
    try:
        db = read_only(place.state)
    except JournalError as problem:
        err.print(str(problem), highlight=False, markup=False, soft_wrap=True)
        raise typer.Exit(1) from None
    for line in rows(db, as_csv=form is Format.CSV, last=last):
        sys.stdout.write(line)
    db.close()


@app.command("accept-loss")
def journal_accept_loss(hall: HallOption = HERE, state: StateOption = None) -> None:
    """Go on after damage: keep a copy, keep the sound part, numbers continue above those given."""
    try:
        words = accept_loss(kept_place(hall, state).state)
    except JournalError as problem:
        err.print(str(problem), highlight=False, markup=False, soft_wrap=True)
        raise typer.Exit(1) from None
    out.print(words, highlight=False, soft_wrap=True)
