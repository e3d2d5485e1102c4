"""`hallctl scan` and `hallctl learn`: what is attached, and whose keypad is which."""

import importlib
import json
import pkgutil
import sys
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.markup import escape

from hallctl import learning, scanning
from hallctl.cli.asking import (
    HERE,
    HallOption,
    JsonOption,
    StateOption,
    err,
    hall_of,
    out,
    place_of,
)
from hallctl.cli.devices import LangOption
from hallctl.config.load import load
from hallctl.config.problems import ConfigError
from hallctl.device import driver_class
from hallctl.links.base import LinkError
from hallctl.links.serial import SerialLink
from hallctl.texts import say

app = typer.Typer()

RootOption = Annotated[
    Path, typer.Option("--root", hidden=True, help="Where /dev, /sys and /proc are; for tests.")
]
EVERYTHING = Path("/")
WINDOWS_MOST = 99


def candidates() -> list[scanning.Candidate]:
    """Every driver there is, with what it is wired by."""
    package = importlib.import_module("drivers")
    found = []
    for name in sorted(module.name for module in pkgutil.iter_modules(package.__path__)):
        driver = driver_class(name)
        words = sys.modules[f"drivers.{name}"].__doc__ or ""
        found.append(scanning.candidate(name, driver.kind, words, driver.example))
    return found


@app.command()
def scan(
    hall: HallOption = HERE,
    lang: LangOption = "zh",
    as_json: JsonOption = False,
    root: RootOption = EVERYTHING,
) -> None:
    """Show what is attached to this computer, with the lines for devices.yaml. Needs no daemon."""
    wires = scanning.attached(root)
    entries, problem = scanning.entries_in(hall_of(hall))
    warned = _warnings(wires, entries, root, lang)
    if problem:
        warned.append(say(lang, "scan.bad_yaml", problem=problem))
    taken = {entry.name for entry in entries}
    told = [_told(wire, entries, root, taken) for wire in wires]
    if as_json:
        body = {"ok": True, "attached": told, "warnings": warned}
        sys.stdout.write(json.dumps(body, ensure_ascii=False) + "\n")
        return
    _show(told, lang)
    for words in warned:
        out.print(f"[yellow]![/] {escape(words)}", highlight=False, soft_wrap=True)


def _told(
    wire: scanning.Attached, entries: list[scanning.Entry], root: Path, taken: set[str]
) -> dict[str, Any]:
    """A wire as JSON holds it, with the lines to paste when devices.yaml lacks it."""
    entry = scanning.entry_of(wire, entries, root)
    lines = []
    if entry is None and wire.path:
        lines = scanning.lines_for(wire, candidates(), taken)
    return {**asdict(wire), "device": entry.name if entry else "", "lines": lines}


def _warnings(
    wires: list[scanning.Attached], entries: list[scanning.Entry], root: Path, lang: str
) -> list[str]:
    found = []
    for entry in scanning.passing(entries):
        now = next((w for w in wires if scanning.entry_of(w, [entry], root)), None)
        key = "scan.unstable" if now and now.path else "scan.unstable_gone"
        better = now.path if now else ""
        found.append(say(lang, key, name=entry.name, path=entry.path, better=better))
    found += [
        say(lang, "scan.missing", name=entry.name, path=entry.path)
        for entry in scanning.missing(entries, wires, root)
    ]
    found += [say(lang, "scan.twins", id=model, n=n) for model, n in scanning.alike(wires).items()]
    found += [say(lang, "scan.no_path", path=w.node) for w in wires if not w.path]
    for wire in wires:
        if wire.denied:
            words = say(lang, "scan.no_rights", remedy=say(lang, f"scan.rights.{wire.kind}"))
            found.append(f"{wire.path or wire.node}: {words}")
    return found


def _show(told: list[dict[str, Any]], lang: str) -> None:
    if not told:
        out.print(say(lang, "scan.none"))
    for wire in told:
        device = wire["device"]
        known = f"[green]✔ {say(lang, 'scan.known', name=device)}[/]"
        mark = known if device else say(lang, "scan.free")
        model = f" [dim]({wire['model']})[/]" if wire["model"] else ""
        kind = say(lang, f"scan.{wire['kind']}")
        out.print(f"[bold]{kind}[/]  {escape(wire['name'])}{model}  {mark}", highlight=False)
        node = f"  [dim]→ {wire['node']}[/]" if wire["node"] not in ("", wire["path"]) else ""
        out.print(f"  {wire['path'] or '—'}{node}", highlight=False, soft_wrap=True)
    lines = [wire["lines"] for wire in told if wire["lines"]]
    if lines:
        out.print(f"\n{say(lang, 'scan.paste')}", highlight=False)
    for block in lines:
        for line in block:
            out.print(line, markup=False, highlight=False, soft_wrap=True)
        out.print()


@app.command(
    epilog="Works while the hall is stopped; what a running hall holds nobody else can hear."
)
def learn(
    windows: Annotated[
        list[int] | None, typer.Argument(help="Which windows; none for all of hall.yaml.")
    ] = None,
    hall: HallOption = HERE,
    state: StateOption = None,
    serial: Annotated[
        str, typer.Option(help="A serial line of keypads (RS-485): learn their addresses.")
    ] = "",
    baud: Annotated[int, typer.Option(help="Of that line.")] = 9600,
    driver: Annotated[
        str, typer.Option(help="The driver in the lines to paste.", show_default="by the wire")
    ] = "",
    wait: Annotated[float, typer.Option(help="Seconds to wait for each press.")] = 60.0,
    lang: LangOption = "zh",
    root: RootOption = EVERYTHING,
) -> None:
    """Learn which keypad stands at which window: press its Enter key when asked."""
    place = place_of(hall, state)
    _say_holder(place.state, lang)
    try:
        if serial:
            lines = _learn_line(serial, baud, driver or "keypad_rs485", wait, lang)
        else:
            numbers = windows or _windows_of(place.hall)
            lines = _learn_keyboards(numbers, driver or "keypad_hid", wait, lang, root)
    except LinkError as problem:
        err.print(f"{problem.evidence}\n{problem.remedy}", markup=False, highlight=False)
        raise typer.Exit(1) from None
    if not lines:
        err.print(say(lang, "learn.nothing"))
        raise typer.Exit(1)
    out.print(f"\n{say(lang, 'learn.yaml')}", highlight=False)
    for line in lines:
        out.print(line, markup=False, highlight=False, soft_wrap=True)


def _say_holder(state: Path, lang: str) -> None:
    """Warn when a daemon has the devices."""
    pid = learning.holder(state)
    if pid:
        err.print(say(lang, "learn.daemon", pid=pid), style="yellow", highlight=False)


def _windows_of(hall: Path) -> list[int]:
    """The windows of hall.yaml; of a hall that cannot be read, as many as somebody presses at."""
    try:
        config = load(hall, driver_class=driver_class)
    except ConfigError:
        return list(range(1, WINDOWS_MOST + 1))
    return [window.number for window in config.rules.windows]


def _learn_keyboards(
    windows: list[int], driver: str, wait: float, lang: str, root: Path
) -> list[str]:
    """Ask for Enter at one window after the other; the lines for devices.yaml."""
    paths = [w.path for w in scanning.attached(root) if w.kind == "input"]
    learnt: dict[str, int] = {}
    with learning.keyboards(paths, root) as ears:
        for key, those in (("learn.held", ears.held), ("scan.no_rights", ears.denied)):
            for path in those:
                remedy = say(lang, "scan.rights.input")
                words = say(lang, key, path=path, remedy=remedy)
                err.print(words if path in words else f"{path}: {words}", highlight=False)
        if not ears.keyboards:
            err.print(say(lang, "learn.none_free" if paths else "learn.no_keypads"))
            return []
        try:
            for window in windows:
                _learn_one(ears, window, learnt, wait, lang)
        except KeyboardInterrupt:
            out.print()
    return [
        f"  keypad-{window}: "
        + scanning.flow({"driver": driver, "link": {"evdev": path}, "window": window})
        for path, window in learnt.items()
    ]


def _learn_one(
    ears: learning.Ears, window: int, learnt: dict[str, int], wait: float, lang: str
) -> None:
    """Wait for Enter at one window, from a keypad that is nobody's yet."""
    out.print(say(lang, "learn.press", window=window, wait=f"{wait:.0f}"), highlight=False)
    while path := ears.enter(wait):
        if path not in learnt:
            learnt[path] = window
            name = path.rpartition("/")[2]
            words = say(lang, "learn.heard", window=window, name="✔", path=name)
            out.print(words, style="green", highlight=False, soft_wrap=True)
            return
        out.print(say(lang, "learn.twice", window=learnt[path]), style="yellow")
    out.print(say(lang, "learn.nobody", window=window), style="yellow", highlight=False)


def _learn_line(path: str, baud: int, driver: str, wait: float, lang: str) -> list[str]:
    """Ask for the window of each address that speaks; the lines for devices.yaml.

    Raises LinkError when the line cannot be opened or goes.
    """
    link = SerialLink(path, baud)
    fd = link.open()
    learnt: dict[int, int] = {}
    skipped: set[int] = set()
    out.print(say(lang, "learn.serial"), highlight=False)
    try:
        for heard in learning.addresses(link, fd, wait):
            if heard.odd:
                shown = heard.odd.hex(" ").upper()
                out.print(say(lang, "learn.odd", hex=shown), style="yellow", highlight=False)
            elif heard.address not in learnt and heard.address not in skipped:
                asked = say(lang, "learn.address", address=heard.address)
                window = typer.prompt(asked, type=int)
                if window > 0:
                    learnt[heard.address] = window
                else:
                    skipped.add(heard.address)
        out.print(say(lang, "learn.silent", wait=f"{wait:.0f}"), highlight=False)
    except (KeyboardInterrupt, typer.Abort):
        out.print()
    finally:
        link.close()
    if not learnt:
        return []
    windows = dict(sorted(learnt.items()))
    link_words = {"serial": path, "baud": baud}
    return [
        "  keypads: " + scanning.flow({"driver": driver, "link": link_words, "windows": windows})
    ]
