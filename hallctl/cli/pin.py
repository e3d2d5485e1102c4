"""`hallctl pin`: the technician's PIN for the kiosk's hidden menu."""

import time
from typing import Annotated

import typer

from hallctl.cli.asking import HERE, HallOption, StateOption, err, kept_place, out
from hallctl.pin import Pin, PinError

app = typer.Typer(no_args_is_help=True, help="The technician's PIN for the kiosk's hidden menu.")


@app.command("set")
def set_pin(
    hall: HallOption = HERE,
    state: StateOption = None,
    pin: Annotated[
        str,
        typer.Option(
            prompt="PIN (6 to 12 digits)",
            confirmation_prompt=True,
            hide_input=True,
            help="Better typed at the prompt than here: command lines are remembered.",
        ),
    ] = "",
) -> None:
    """Set it. Only its hash is kept; the running hall knows it at once."""
    place = kept_place(hall, state)
    place.state.mkdir(mode=0o750, parents=True, exist_ok=True)
    try:
        Pin(place.state / "pin", time.monotonic).set(pin)
    except (PinError, OSError) as problem:
        err.print(f"PIN not set: {problem}", markup=False, highlight=False)
        raise typer.Exit(1) from None
    out.print("PIN set. At the kiosk: hold the hall's seal for 5 seconds.")


@app.command()
def clear(hall: HallOption = HERE, state: StateOption = None) -> None:
    """Take it away: then the kiosk has no technician's menu."""
    (kept_place(hall, state).state / "pin").unlink(missing_ok=True)
    out.print("No PIN: the kiosk has no technician's menu.")
