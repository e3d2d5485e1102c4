"""`hallctl install`: into this machine's systemd, and out of it again."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from hallctl.cli.asking import err, out
from hallctl.config.load import load
from hallctl.config.problems import ConfigError
from hallctl.device import driver_class
from hallctl.installing import HALL, InstallError, Installing, Step, Wanted, packaged, perform
from hallctl.place import EX_CONFIG
from hallctl.texts import say

app = typer.Typer()

LangOption = Annotated[str, typer.Option("--lang", help="zh or en.")]


@app.command(
    epilog="Files of a hall that are there are never written over. --uninstall leaves /etc/hallctl "
    "and /var/lib/hallctl. Ends with 0 when it is so now, 1 when not, 78 for a wrong hall file."
)
def install(
    hall: Annotated[
        Path | None,
        typer.Option(help="Folder whose hall files are copied, where /etc/hallctl has none."),
    ] = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Only show what would be done.")
    ] = False,
    uninstall: Annotated[bool, typer.Option("--uninstall", help="Take it out again.")] = False,
    root: Annotated[
        Path, typer.Option(help="An image of a system to fill, instead of this machine.")
    ] = Path("/"),
    http: Annotated[bool, typer.Option("--http", help="Serve the HTTP API too.")] = False,
    http_public: Annotated[
        bool, typer.Option("--http-public", help="Serve the tickets' wait page, on its own.")
    ] = False,
    screens_only: Annotated[
        bool, typer.Option("--screens-only", help="No daemon here: it runs on another machine.")
    ] = False,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False,
    lang: LangOption = "zh",
) -> None:
    """Let systemd run the hall on this machine: units, users, device names, the hall's files."""
    root = root.resolve()
    folder = hall.resolve() if hall else None
    wanted = Wanted(
        root=root, hall=folder, http=http, http_public=http_public, screens_only=screens_only
    )
    try:
        work = Installing(wanted)
        steps = work.removal() if uninstall else work.steps()
        if not (uninstall or screens_only):
            _check_hall(wanted)
        due = [step for step in steps if step.is_due]
        _show(steps, due, lang)
        if not due:
            return
        if dry_run:
            _say(say(lang, "install.dry"))
            return
        if not (yes or _agreed(lang)):
            _say(say(lang, "install.untouched"))
            raise typer.Exit(1)
        _do(due, wanted.root, lang)
    except InstallError as problem:
        err.print(problem.words(lang), markup=False, highlight=False, soft_wrap=True)
        raise typer.Exit(1) from None
    ended = "removed" if uninstall else "done" if wanted.root == Path("/") else "done_root"
    _say(say(lang, f"install.{ended}", root=wanted.root))


def _check_hall(wanted: Wanted) -> None:
    """A hall that would not start is not installed: its mistakes are named; ends with 78."""
    own = wanted.root / HALL
    folder = own if (own / "hall.yaml").exists() else wanted.hall or packaged("hall")
    try:
        load(folder, driver_class=driver_class)
    except ConfigError as problem:
        err.print(str(problem), highlight=False, markup=False, soft_wrap=True)
        raise typer.Exit(EX_CONFIG) from None


def _show(steps: list[Step], due: list[Step], lang: str) -> None:
    for step in steps:
        if step.kind == "keep":
            _say(step.words(lang))
    if not due:
        _say(say(lang, "install.nothing"))
        return
    _say(say(lang, "install.will"))
    for number, step in enumerate(due, 1):
        _say(f"  {number:2}. {step.words(lang)}")


def _agreed(lang: str) -> bool:
    if not sys.stdin.isatty():
        _say(say(lang, "install.needs_yes"))
        return False
    return typer.confirm(say(lang, "install.ask"))


def _do(due: list[Step], root: Path, lang: str) -> None:
    for number, step in enumerate(due, 1):
        _say(f"[{number}/{len(due)}] {step.words(lang)}")
        perform(step, root)


def _say(words: str) -> None:
    out.print(words, markup=False, highlight=False, soft_wrap=True)
