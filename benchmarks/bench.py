"""All that is measured of speed, side by side, into docs/performance.md.

    make bench                              everything; a quiet machine, please
    make bench ARGS="answers kiosks"        these scenarios only
    make bench ARGS="--quick answers"       a look, few rounds; nothing is written
    make bench ARGS=--list

Ends with 1 when a goal was not held.
"""

import argparse
import importlib
import os
import statistics
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

import tables
from harness import SCENARIOS, Bench, Result

MODULES = ("speed", "followers", "wires", "bighall", "starting", "idle")
"""Where scenarios stand, in the order they are run."""


def main() -> int:
    """Run what was asked for."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("names", nargs="*", metavar="SCENARIO")
    parser.add_argument("--quick", action="store_true", help="few rounds; docs/ is not touched")
    parser.add_argument("--list", action="store_true", help="name the scenarios")
    parser.add_argument("--docs", type=Path, default=tables.DOCS, help="write there instead")
    asked = parser.parse_args()
    for module in MODULES:
        importlib.import_module(module)
    if asked.list:
        print(*(f"{one.name:12} {one.title}" for one in SCENARIOS.values()), sep="\n")
        return 0
    unknown = [name for name in asked.names if name not in SCENARIOS]
    if unknown:
        parser.error(f"no scenario {', '.join(unknown)}; there are {', '.join(SCENARIOS)}")
    held = True
    for name in asked.names or SCENARIOS:
        load = os.getloadavg()[0]
        result = SCENARIOS[name].measure(Bench(quick=asked.quick, name=name))
        held &= told(name, result)
        if not asked.quick:
            command = f'make bench ARGS="{name}"'
            where = Path(tempfile.gettempdir())
            tables.write(SCENARIOS[name], result, command, load, where, asked.docs)
    return 0 if held else 1


def told(name: str, result: Result) -> bool:
    """The result in a terminal; whether all goals were held."""
    print(f"\n{SCENARIOS[name].title} ({result.rounds} rounds: min, median, max)")
    held = True
    for row in result.rows:
        values = [least(row.values) for least in (min, statistics.median, max)]
        words = "".join(f"{value:11.4g}" for value in values)
        goal = ""
        if row.ratios:
            goal = f"{statistics.median(row.ratios):7.2f} ×"
        if row.goal is not None and row.reached is not None:
            good = row.goal.held(row.reached)
            held &= good
            goal += f"   {'held' if good else 'NOT HELD'}: {row.goal.words()}"
        print(f"  {row.subject:28} {row.measure:22}{words}{goal}")
    for note in result.notes:
        print(f"  {note}")
    return held


if __name__ == "__main__":
    sys.exit(main())
