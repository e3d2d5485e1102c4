"""Whole halls, each from one seed, with everything that can go wrong: every promise must hold."""

import time
from collections import Counter
from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table

from hallctl.cli.asking import HERE, HallOption, err, hall_of, out
from hallctl.config.load import HallConfig, load
from hallctl.config.problems import ConfigError
from hallctl.device import driver_class
from hallctl.place import EX_CONFIG
from hallctl.simulator.world.playing import again, play
from hallctl.simulator.world.troubles import KINDS

app = typer.Typer()


@app.command()
def simulate(
    hall: HallOption = HERE,
    seed: Annotated[int, typer.Option(help="The same seed is the same world.")] = 1,
    seeds: Annotated[str, typer.Option(help="Several worlds: 1..100.")] = "",
    hours: Annotated[float, typer.Option(min=0.01, help="Opening hours of each.")] = 1.0,
    faults: Annotated[
        list[str] | None, typer.Option(help="Only these troubles, each with --faults; or none.")
    ] = None,
    visits: Annotated[
        float, typer.Option(min=1, max=600, help="Residents who come in an hour.")
    ] = 120.0,
) -> None:
    """Simulate (推演): daemon, people, devices, disk, bus and clock, all from one seed."""
    place = hall_of(hall)
    config = _config(place)
    kinds = _kinds(faults, tuple(KINDS))
    total: Counter[str] = Counter()
    began_s = time.process_time()
    for one in _seeds(seeds, seed):
        played = play(config, one, hours, kinds, visits)
        story = played.story
        if played.broken:
            err.print(f"seed {one}: {played.broken}", highlight=False, markup=False)
            err.print(played.evidence, highlight=False, markup=False, soft_wrap=True)
            for line in played.last:
                err.print(f"  {line}", highlight=False, markup=False, soft_wrap=True)
            repeat = again(one, hours, kinds, visits, place)
            err.print(f"再来一次 again: {repeat}", highlight=False, markup=False, soft_wrap=True)
            raise typer.Exit(1)
        out.print(
            f"seed {one}: {story.visits} visits, {story.starts} starts, {story.cuts} power cuts, "
            f"head {story.head[:16]}",
            highlight=False,
        )
        total.update({name: getattr(story, name) for name in COUNTED})
        total.update(story.troubles)
    _sum_up(total, time.process_time() - began_s)


COUNTED = (
    "hours", "visits", "commands", "events", "presses", "slips", "starts", "cuts", "compared",
)  # fmt: skip
WORDS = {
    "hours": "小时 hours",
    "visits": "号票 tickets",
    "commands": "命令 commands answered",
    "events": "事件 events",
    "presses": "按键 presses judged",
    "slips": "小票 slips",
    "starts": "启动 starts of the daemon",
    "cuts": "断电 power cuts",
    "compared": "对照 followers compared",
}


def _config(place: Path) -> HallConfig:
    try:
        return load(place, driver_class=driver_class)
    except ConfigError as problem:
        err.print(str(problem), highlight=False, markup=False, soft_wrap=True)
        raise typer.Exit(EX_CONFIG) from None


def _kinds(faults: list[str] | None, known: tuple[str, ...]) -> tuple[str, ...]:
    if faults is None:
        return known
    strange = sorted(set(faults) - {*known, "none"})
    if strange:
        raise typer.BadParameter(f"'{strange[0]}' is none of {', '.join(known)}, none")
    return tuple(kind for kind in known if kind in faults)


def _seeds(text: str, seed: int) -> range:
    if not text:
        return range(seed, seed + 1)
    first, dots, last = text.partition("..")
    if not (dots and first.isdecimal() and last.isdecimal() and int(first) <= int(last)):
        raise typer.BadParameter(f"'{text}': write 1..100")
    return range(int(first), int(last) + 1)


def _sum_up(total: Counter[str], cpu_s: float) -> None:
    table = Table("", "推演 simulated")
    table.columns[1].justify = "right"
    for name, words in WORDS.items():
        table.add_row(words, f"{total.pop(name):,.1f}" if name == "hours" else f"{total.pop(name)}")
    for trouble, count in sorted(total.items()):
        table.add_row(trouble, f"{count}")
    table.add_row("CPU", f"{cpu_s:.0f} s")
    out.print(table)
