"""See what a change does before it is switched on."""

import json
import os
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer
from rich.progress import Progress
from rich.table import Table

from hallctl.chain import JournalError
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
from hallctl.config.load import load
from hallctl.config.problems import ConfigError
from hallctl.core.rules import Rules, Span
from hallctl.device import driver_class
from hallctl.place import EX_CONFIG
from hallctl.rehearsal import telling
from hallctl.rehearsal.days import Setting, play_days
from hallctl.rehearsal.generator import Demand
from hallctl.rehearsal.measures import summarise
from hallctl.rehearsal.page import page
from hallctl.rehearsal.replayed import read_day
from hallctl.rehearsal.residents import Staffing
from hallctl.rehearsal.runner import play
from hallctl.rehearsal.telling import WAIT_HEAD, Plan, fact_rows, use_rows, wait_rows

app = typer.Typer()

DAY_S = 86400
NOW, CHANGED, HAPPENED = "现行 now", "变更 changed", "实况 as it was"


@app.command()
def rehearse(
    hall: HallOption = HERE,
    state: StateOption = None,
    rules: Annotated[
        Path | None, typer.Option(help="Folder of a changed hall, to set beside this one.")
    ] = None,
    windows_off: Annotated[
        str, typer.Option(help='Windows without a clerk: "5,6", or "5@13:00-15:00".')
    ] = "",
    helping: Annotated[str, typer.Option(help='Windows that help other queues: "8,9".')] = "",
    day: Annotated[
        str, typer.Option(help="Play a day of the journal (2026-11-24); else a generated one.")
    ] = "",
    days: Annotated[int, typer.Option(min=1, help="How many generated days.")] = 20,
    load_factor: Annotated[
        float,
        typer.Option("--load", min=0.01, max=3, help="Work over what all windows can do."),
    ] = 0.8,
    priority: Annotated[float, typer.Option(min=0, max=1, help="Share of 优先.")] = 0.15,
    no_shows: Annotated[float, typer.Option(min=0, max=0.9, help="Share of 过号.")] = 0.04,
    seed: Annotated[int, typer.Option(help="The same seed gives the same people.")] = 1,
    html: Annotated[Path | None, typer.Option(help="Write a report as one HTML file.")] = None,
    as_json: JsonOption = False,
) -> None:
    """Rehearse (预演): a day under these rules, and beside it under changed ones."""
    try:
        base = None if day else _rules(hall_of(hall))
        changed = _rules(rules) if rules else None
        off = _windows_off(windows_off)
        helps = tuple(_number(part) for part in _parts(helping))
        if base is None:
            told, base = _journal_day(place_of(hall, state).state, day, changed, off, helps)
            about = f"{day}, 日志 from the journal"
        else:
            demand = Demand(load=load_factor, priority=priority, no_shows=no_shows)
            now = Setting(base, demand, seed=seed, drawn_for=base)
            told = _generated(now, days, changed, off, helps)
            about = f"{days} 天 days, 负荷 load {load_factor:.0%}, seed {seed}"
    except ConfigError as problem:
        err.print(str(problem), highlight=False, markup=False, soft_wrap=True)
        raise typer.Exit(EX_CONFIG) from None
    except (JournalError, ValueError) as problem:
        err.print(str(problem), highlight=False, markup=False, soft_wrap=True)
        raise typer.Exit(1) from None
    if html:
        html.write_text(page(base, told, about), encoding="utf-8")
    _tell(base, told, about, as_json=as_json)
    if html and not as_json:
        out.print(f"报告 report: {html}", highlight=False, markup=False, soft_wrap=True)


def _rules(folder: Path) -> Rules:
    return load(folder.resolve(), driver_class=driver_class).rules


def _parts(text: str) -> list[str]:
    return [part.strip() for part in text.split(",") if part.strip()]


def _number(text: str) -> int:
    if not text.strip().isdecimal():
        raise ValueError(f'"{text}" is no window; write 5, or 5@13:00-15:00')
    return int(text)


def _windows_off(text: str) -> tuple[tuple[int, Span], ...]:
    """`5,6@13:00-15:00` as windows with the span they are off. Raises ValueError."""
    found = []
    for part in _parts(text):
        number, _, hours = part.partition("@")
        start, _, end = hours.partition("-")
        try:
            span = Span(_day_s(start), _day_s(end)) if hours else Span(0, DAY_S)
        except ValueError:
            raise ValueError(f'"{part}": write 5@13:00-15:00') from None
        found.append((_number(number), span))
    return tuple(found)


def _day_s(text: str) -> int:
    hour, _, minute = text.partition(":")
    return int(hour) * 3600 + int(minute or 0) * 60


def _with(
    staffing: Staffing, off: tuple[tuple[int, Span], ...], helps: tuple[int, ...]
) -> Staffing:
    return replace(
        staffing, closed=staffing.closed + off, helping=tuple({*staffing.helping, *helps})
    )


def _known(rules: Rules, numbers: set[int]) -> None:
    strange = sorted(numbers - {w.number for w in rules.windows})
    if strange:
        raise ValueError(f"hall.yaml has no window {strange[0]}")


def _generated(
    now: Setting,
    days: int,
    changed: Rules | None,
    off: tuple[tuple[int, Span], ...],
    helps: tuple[int, ...],
) -> list[Plan]:
    """The plans over generated days, the same people in each."""
    settings = {NOW: now}
    if changed or off or helps:
        after = changed or now.rules
        _known(after, {*helps, *(w for w, _ in off)})
        settings[CHANGED] = replace(now, rules=after, staffing=_with(now.staffing, off, helps))

    def played(tell: Callable[[], None]) -> list[Plan]:
        cores = os.cpu_count() or 1
        return [
            Plan(name, summarise(play_days(setting, days, processes=cores, tell=tell)))
            for name, setting in settings.items()
        ]

    if not sys.stderr.isatty():
        return played(lambda: None)
    with Progress(console=err, transient=True) as progress:
        task = progress.add_task("预演 rehearsing", total=days * len(settings))
        return played(lambda: progress.advance(task))


def _journal_day(
    state: Path,
    day: str,
    changed: Rules | None,
    off: tuple[tuple[int, Span], ...],
    helps: tuple[int, ...],
) -> tuple[list[Plan], Rules]:
    """The plans over one day of the journal: as it was, rehearsed, and changed."""
    behind = read_day(state, day)
    again = play(behind.rules, behind.residents, behind.staffing, behind.learned)
    plans = [Plan(HAPPENED, summarise([behind.happened])), Plan(NOW, summarise([again]))]
    if changed or off or helps:
        after = changed or behind.rules
        _known(after, {*helps, *(w for w, _ in off)})
        staffing = _with(behind.staffing, off, helps)
        other = play(after, behind.residents, staffing, behind.learned)
        plans.append(Plan(CHANGED, summarise([other])))
    return plans, behind.rules


def _tell(rules: Rules, plans: list[Plan], about: str, *, as_json: bool) -> None:
    if as_json:
        sys.stdout.write(
            json.dumps({"about": about, **telling.as_json(plans)}, ensure_ascii=False) + "\n"
        )
        return
    waits = Table(*WAIT_HEAD, title=f"等候（分钟） waits in minutes · {about}")
    for row in wait_rows(rules, plans):
        waits.add_row(*row)
    facts = Table("", *(p.name for p in plans))
    for row in fact_rows(plans):
        facts.add_row(*row)
    uses = Table("窗口利用 use of window", *(p.name for p in plans))
    for row in use_rows(plans):
        uses.add_row(*row)
    for table in (waits, facts, uses):
        for column in table.columns[1:]:
            column.justify = "right"
        out.print(table)
