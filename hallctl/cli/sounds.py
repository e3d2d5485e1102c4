"""`hallctl sounds build|check|list|add` and `hallctl say`: the clips of the hall's voice."""

from pathlib import Path
from types import ModuleType
from typing import Annotated

import typer

from hallctl.cli.asking import HERE, HallOption, StateOption, place_of
from hallctl.cli.devices import LangOption
from hallctl.cli.speaking import say_call

app = typer.Typer(
    no_args_is_help=True, help="The clips the hall's voice puts its calls together from."
)
speech = typer.Typer()
speech.command("say")(say_call)


def _work() -> ModuleType:
    """Imported when needed: numpy costs every other command, and the daemon, its start."""
    from hallctl.cli import sounding  # noqa: PLC0415

    return sounding


@app.command(epilog="Ends with 1 when a clip could not be made, 69 when there is no espeak-ng.")
def build(
    hall: HallOption = HERE,
    state: StateOption = None,
    into: Annotated[Path | None, typer.Option(help="Folder. Default: STATE/sounds.")] = None,
    lang: LangOption = "zh",
    quiet: Annotated[bool, typer.Option("--quiet", help="Only what went wrong.")] = False,
) -> None:
    """Make every clip this hall lacks, with the computer's voice; recordings are left alone."""
    _work().build(place_of(hall, state), into, lang, quiet=quiet)


@app.command("check", epilog="Ends with 1 when a call could not be said.")
def check_sounds(
    hall: HallOption = HERE, state: StateOption = None, lang: LangOption = "zh"
) -> None:
    """Say which clips are missing, cannot be played, are badly recorded or out of date."""
    _work().check_sounds(place_of(hall, state), lang)


@app.command("list")
def sheet(
    hall: HallOption = HERE,
    state: StateOption = None,
    language: Annotated[
        list[str] | None, typer.Option(help="Which; default: all this hall speaks.")
    ] = None,
) -> None:
    """Print the recording sheet: file, words and reading of every clip, separated by tabs."""
    _work().sheet(place_of(hall, state), language or [])


@app.command(epilog="Ends with 1 when a file could not be taken.")
def add(
    file: Annotated[Path, typer.Argument(help="A PCM WAV, any rate; with --folder their folder.")],
    language: Annotated[str, typer.Argument(help="mandarin, cantonese or english.")],
    name: Annotated[str, typer.Argument(help="The clip's name; default: the file's.")] = "",
    hall: HallOption = HERE,
    state: StateOption = None,
    lang: LangOption = "zh",
    folder: Annotated[
        bool, typer.Option("--folder", help="Take every WAV of a folder, named like the clips.")
    ] = False,
) -> None:
    """Take a recording as a clip: converted, trimmed, levelled, into HALL/sounds/LANGUAGE."""
    _work().add(place_of(hall, state), file, language, name, lang, folder=folder)
