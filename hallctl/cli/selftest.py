"""`hallctl selftest` (devices and the computer), `selftest visit`, `paper loaded`."""

import json
import sys
import time
from collections.abc import Iterable
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from hallctl.cli import verdicts
from hallctl.cli.asking import (
    ASK_S,
    HERE,
    HallOption,
    JsonOption,
    StateOption,
    did,
    err,
    is_there,
    out,
    place_of,
)
from hallctl.cli.devices import Follower, LangOption
from hallctl.cli.trials import COMPUTER, HallLostError, Testing, Trial
from hallctl.cli.visiting import EX_STOPPED, agreed, rehearse_visit
from hallctl.client import HallClient
from hallctl.config.load import load
from hallctl.config.problems import ConfigError
from hallctl.core import commands as c
from hallctl.core.rules import Fitting, Rules
from hallctl.core.trial import Found
from hallctl.device import driver_class
from hallctl.links.base import LinkError
from hallctl.links.spec import LinkSpec, SoundSpec
from hallctl.place import Place
from hallctl.scanning import attached
from hallctl.selftest import computer_found
from hallctl.service import link_for
from hallctl.texts import say

EX_NOBODY = 69
EVIDENCE_MOST = 180


class LevelName(StrEnum):
    """How deep a self-test goes (UnifiedPOS's words)."""

    INTERNAL = "internal"
    EXTERNAL = "external"
    INTERACTIVE = "interactive"


class DevicesFirst(TyperGroup):
    """`hallctl selftest printer-1` means `hallctl selftest devices printer-1`."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:  # noqa: ANN401 - typer's own click
        """Whatever is no other command's name belongs to `devices`."""
        named = [a for a in args if a in self.commands][:1]
        return super().parse_args(ctx, args if args[:1] == named and named else ["devices", *args])


app = typer.Typer(cls=DevicesFirst, help="Let devices and the computer test themselves.")
paper = typer.Typer(no_args_is_help=True, help="Rolls of paper in printers.")

YesOption = Annotated[bool, typer.Option("--yes", "-y", help="Do not ask, even when open.")]


@app.command(
    "devices",
    epilog="`hallctl selftest visit --window N` rehearses a whole visit instead. Ends with 0 when "
    "all passed, 1 when something failed, 3 when nothing failed but something could not be tested "
    "at this level, 69 when no daemon runs: then the computer and the wires are checked.",
)
def selftest(
    devices: Annotated[
        list[str] | None,
        typer.Argument(help='Which; none for all and the computer ("computer").', metavar="DEVICE"),
    ] = None,
    hall: HallOption = HERE,
    state: StateOption = None,
    level: Annotated[
        LevelName,
        typer.Option(
            help="internal asks and disturbs nobody; external prints, shows, sounds; interactive "
            "also asks for each key and face, one device at a time."
        ),
    ] = LevelName.INTERNAL,
    window: Annotated[int, typer.Option(help="Only what belongs to this window.")] = 0,
    print_at: Annotated[
        str, typer.Option("--print", help="Print the results there: kiosk-1, window-3.")
    ] = "",
    yes: YesOption = False,
    full: Annotated[
        bool, typer.Option("--all", help="Show what passed too, step by step.")
    ] = False,
    lang: LangOption = "zh",
    as_json: JsonOption = False,
) -> None:
    """Test devices and the computer; every finding is journalled."""
    place = place_of(hall, state)
    if not is_there(place, "technician"):
        _alone(place, lang, as_json=as_json)
    follower = Follower(place)
    try:
        # The desk's clock may run ahead of the computer's; tests take a while, so look now.
        drift_s = follower.status()["now"]["wall_s"] - time.time()
        client = follower.client
        rules = client.hall.rules
        assert rules is not None
        fittings, computer = _chosen(rules, devices or [], window, lang)
        _warn(client, fittings, level, lang, yes=yes)
        trials: list[Trial] = []
        stopped = _tested(client, fittings, level, window, trials, lang, eyes=not as_json)
        if computer and not stopped:
            found = computer_found(place.state, time.time() + drift_s, rules.timezone)
            trials.append(_recorded(client, found))
        status, words = verdicts.status_of(trials, lang)
        _show(trials, status, words, lang, as_json=as_json, full=full)
        if print_at:
            status = _printed(client, trials, print_at, lang) or status
        raise typer.Exit(EX_STOPPED if stopped else status)
    finally:
        follower.close()


def _chosen(rules: Rules, names: list[str], window: int, lang: str) -> tuple[list[Fitting], bool]:
    """Which devices, and whether the computer. Exits with 2 for a name nobody has."""
    known = [*(f.device for f in rules.fittings), COMPUTER]
    for name in names:
        if name not in known:
            there = say(lang, "devices.comma").join(known)
            words = say(lang, "selftest.unknown", name=name, known=there)
            err.print(words, highlight=False, markup=False, soft_wrap=True)
            raise typer.Exit(2)
    wanted = [f for f in rules.fittings if not names or f.device in names]
    if window and not names:
        wanted = [f for f in wanted if window in f.windows]
        if not wanted:
            err.print(say(lang, "selftest.nothing", window=window), highlight=False)
            raise typer.Exit(2)
    return wanted, COMPUTER in names or not (names or window)


def _warn(
    client: HallClient, fittings: Iterable[Fitting], level: LevelName, lang: str, *, yes: bool
) -> None:
    """Say what is interrupted at this hour; while the hall is open a person must agree."""
    opening = client.hall.opening
    err.print(say(lang, f"disturb.hour.{opening}"), highlight=False)
    if level is LevelName.INTERNAL:
        err.print(say(lang, "disturb.nothing"), highlight=False)
        return
    for kind in dict.fromkeys(f.kind for f in fittings):
        err.print(f"· {say(lang, f'disturb.{kind}')}", highlight=False, markup=False)
    if opening == "open" and not yes and not agreed(lang):
        raise typer.Exit(1)


def _tested(
    client: HallClient,
    fittings: list[Fitting],
    level: LevelName,
    window: int,
    trials: list[Trial],
    lang: str,
    *,
    eyes: bool,
) -> bool:
    """Run the tests; whether they were stopped before their end."""
    with verdicts.Telling(err, len(fittings), lang, eyes=eyes) as telling:
        windows = (window,) if window else ()
        testing = Testing(client, level.value, telling, windows=windows)
        try:
            testing.run(fittings, trials)
        except KeyboardInterrupt:
            err.print(say(lang, "selftest.stopped"), style="yellow")
            return True
        except HallLostError:
            err.print(say(lang, "selftest.lost"), style="red", highlight=False)
            return True
    return False


def _recorded(client: HallClient, found: list[Found]) -> Trial:
    """The computer's findings, journalled by the daemon."""
    trial = Trial(COMPUTER, COMPUTER, found=found)
    trial.judge()
    told = tuple(
        Found(step=f.step, result=f.result, code=f.code, evidence=_printable(f.evidence))
        for f in found
    )
    asked = client.ask(c.ReportFindings(device=COMPUTER, findings=told))
    answer = client.wait(asked, ASK_S)
    if answer is not None and answer.ok:
        trial.id = answer.result["test"]
    return trial


def _printable(evidence: str) -> str:
    """The daemon takes so much, and nothing that cannot be printed."""
    return "".join(ch if ch.isprintable() else "·" for ch in evidence)[:EVIDENCE_MOST]


def _show(
    trials: list[Trial], status: int, words: str, lang: str, *, as_json: bool, full: bool
) -> None:
    if as_json:
        body: dict[str, Any] = {"ok": not status, "status": status, "words": words}
        body["tests"] = verdicts.as_words(trials)
        sys.stdout.write(json.dumps(body, ensure_ascii=False) + "\n")
        return
    out.print(verdicts.table(trials, lang, full=full))
    out.print(words, style={0: "green", 1: "bold red"}.get(status, "yellow"), highlight=False)


def _printed(client: HallClient, trials: list[Trial], place: str, lang: str) -> int:
    """Send the results to a place's printer; 1 when that is refused."""
    command = c.PrintTests(tests=tuple(t.id for t in trials if t.id), place=place)
    answer = client.wait(client.ask(command), ASK_S)
    if answer is not None and answer.ok:
        err.print(say(lang, "selftest.printed"), highlight=False)
        return 0
    err.print(answer.words.get(lang, answer.code) if answer else say(lang, "selftest.lost"))
    return 1


def _alone(place: Place, lang: str, *, as_json: bool) -> None:
    """No daemon: check the computer, and whether each wire can be opened. Exits with 69."""
    trials, zone = [], ""
    try:
        config = load(place.hall, driver_class=driver_class)
    except ConfigError as problem:
        err.print(str(problem), highlight=False, markup=False, soft_wrap=True)
    else:
        zone = config.rules.timezone
        for device in config.devices:
            try:
                found = _wire(device.link)
            except ConfigError:
                continue  # a memory link: a simulation's
            trials.append(Trial(device.name, device.kind, found=[found]))
    computer = computer_found(place.state, time.time(), zone)
    trials.append(Trial(COMPUTER, COMPUTER, found=computer))
    for trial in trials:
        trial.judge()
    command = f"hallctl run --hall {place.hall} --state {place.state}"
    words = say(lang, "selftest.alone", command=command)
    _show(trials, EX_NOBODY, words, lang, as_json=as_json, full=True)
    raise typer.Exit(EX_NOBODY)


def _wire(spec: LinkSpec) -> Found:
    """Whether a wire can be opened at this moment."""
    if isinstance(spec, SoundSpec):
        return _sound_card()
    link = link_for(spec, ())
    begun_s = time.monotonic()
    try:
        link.open()
    except LinkError as problem:
        evidence = f"{problem.evidence}; {problem.remedy}"
        return Found(step="wire", result="failed", code="unplug", evidence=evidence)
    finally:
        link.close()
    evidence = f"opened in {(time.monotonic() - begun_s) * 1000:.0f} ms"
    return Found(step="wire", result="passed", evidence=evidence)


def _sound_card() -> Found:
    """Whether there is a sound card at all: opening one would make a sound of its own."""
    cards = [wire.name for wire in attached(Path("/")) if wire.kind == "sound"]
    if cards:
        return Found(step="wire", result="passed", evidence=", ".join(cards))
    return Found(step="wire", result="failed", code="no_sound", evidence="/proc/asound/cards: none")


@app.command(
    "visit",
    epilog="Ticket, call, strip, voice, keys and pad: each stage is asked for and timed. Ends with "
    "0 when it came to its end, 3 when it did but ticket or voice lack their proof, else 1.",
)
def selftest_visit(
    window: Annotated[int, typer.Option(help="At which window.", metavar="N")],
    hall: HallOption = HERE,
    state: StateOption = None,
    yes: YesOption = False,
    lang: LangOption = "zh",
    as_json: JsonOption = False,
) -> None:
    """Rehearse a whole visit at a window, with a 测试 ticket that counts nowhere."""
    follower = Follower(place_of(hall, state))
    try:
        follower.status()
        status = rehearse_visit(follower.client, window, lang, yes=yes, as_json=as_json)
    finally:
        follower.close()
    raise typer.Exit(status)


@paper.command("loaded")
def paper_loaded(
    printer: Annotated[str, typer.Argument(help="The printer's name in devices.yaml.")],
    hall: HallOption = HERE,
    state: StateOption = None,
    length: Annotated[
        float, typer.Option(help="Metres on the roll; 0 for hall.yaml's usual roll.")
    ] = 0.0,
    lang: LangOption = "zh",
    as_json: JsonOption = False,
) -> None:
    """已换纸: a new roll is in; how many tickets are left is counted from here."""
    command = c.LoadPaper(printer=printer, length_m=length)
    words = say(lang, "paper.loaded", printer=printer)
    did(hall, state, "technician", command, words, as_json=as_json)
