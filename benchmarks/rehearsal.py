"""How fast days are rehearsed: days and visits per second, on one process and on two.

Run: python benchmarks/rehearsal.py [days]. The people are drawn too; that is part of the time.
"""

import sys
import time
from pathlib import Path

from hallctl.config.load import load
from hallctl.device import driver_class
from hallctl.rehearsal.days import Setting, play_days
from hallctl.rehearsal.generator import Demand

HALL = Path(__file__).parents[1]
VISITS = 500
"""About so many a day: a full day of this hall."""


def main() -> None:
    """Print one line a number of processes."""
    days = int(sys.argv[1]) if len(sys.argv) > 1 else 100
    rules = load(HALL, driver_class=driver_class).rules
    setting = Setting(rules, Demand(load=1.16), seed=1)
    for processes in (1, 2):
        began_s = time.perf_counter()
        played = play_days(setting, days, processes=processes)
        took_s = time.perf_counter() - began_s
        visits = sum(len(day.visits) for day in played)
        print(
            f"{processes} process(es): {days} days, {visits} residents ({visits / days:.0f} a day) "
            f"in {took_s:.1f} s: {days / took_s:.1f} days/s, {visits / took_s:.0f} residents/s"
        )


if __name__ == "__main__":
    main()
