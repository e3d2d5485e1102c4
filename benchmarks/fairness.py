"""Who waits how long, and who is passed by whom: the tables of docs/fairness.md.

Run: python benchmarks/fairness.py [days, default 300] [processes, default 2] [pool hall erlang].
"""

import sys
from collections.abc import Callable
from dataclasses import replace
from math import factorial
from pathlib import Path

from hallctl.config.load import load
from hallctl.core.rules import Rules, Span
from hallctl.device import driver_class
from hallctl.rehearsal.days import Setting, play_days
from hallctl.rehearsal.generator import FLAT, Demand
from hallctl.rehearsal.measures import Summary, Waits, half_interval, summarise
from hallctl.rehearsal.residents import Staffing

HALL = Path(__file__).parents[1]
SEED = 2026
LOADS = (0.80, 0.95, 1.10)
ERLANG = ((1, 0.6), (3, 0.7), (5, 0.7), (5, 0.8))
LATE = Staffing(overtime_s=6 * 3600)
"""Clerks who stay until all are served, so that no wait is missing from the means."""


def pooled(rules: Rules, windows: int = 5) -> Rules:
    """Queue A alone before equal windows."""
    numbers = tuple(range(1, windows + 1))
    own = next(q for q in rules.queues if q.id == "A")
    places = tuple(
        replace(w, queues=("A",), helps=()) for w in rules.windows if w.number <= windows
    )
    items = tuple(i for i in rules.items if i.queue == "A")
    return replace(
        rules, queues=(replace(own, windows=numbers),), windows=places, items=items, categories=(),
        default_queue="A", stuck_queue="A", workdays=(1, 2, 3, 4, 5, 6, 7),
    )  # fmt: skip


def through(rules: Rules, start_h: int, end_h: int) -> Rules:
    """One session without lunch, numbers as long, nobody refused."""
    span = Span(start_h * 3600, end_h * 3600)
    return replace(rules, sessions=(span,), taking=(span,), cut_off=False)


def erlang_c_wait_s(windows: int, load: float, service_s: float) -> float:
    """The mean wait of M/M/c (Erlang, 1917)."""
    a = windows * load
    last = a**windows / factorial(windows) / (1 - load)
    waits = last / (sum(a**k / factorial(k) for k in range(windows)) + last)
    return waits * service_s / (windows * (1 - load))


def erlang(rules: Rules, days: int, processes: int) -> None:
    """Compare with theory: the middle of days around the clock."""
    print("\n| windows | load | Erlang C, min | rehearsed, min (95 %) |\n| --- | --- | --- | --- |")
    theory = Demand(
        priority=0, no_shows=0, service="exponential", walk_s=(0, 0), turnaround_s=0, profile=FLAT
    )
    for at, (windows, share) in enumerate(ERLANG, 1):
        alone = through(pooled(rules, windows), 0, 24)
        # One seed for all rows would draw the same luck four times.
        setting = Setting(alone, replace(theory, load=share), Staffing(turnaround_s=0), SEED + at)
        played = play_days(setting, days, processes=processes)
        waits = [[v.wait_s for v in d.visits if 6 * 3600 <= v.taken_s < 22 * 3600] for d in played]
        mean = sum(map(sum, waits)) / sum(map(len, waits))
        expected = erlang_c_wait_s(windows, share, alone.queues[0].standard_min * 60)
        words = f"{mean / 60:.2f} ± {half_interval(waits) / 60:.2f}"
        print(f"| {windows} | {share:.0%} | {expected / 60:.2f} | {words} |", flush=True)


def wait_words(waits: Waits) -> str:
    """Mean with its interval, P90 and longest, in minutes."""
    mean = f"{waits.mean_s / 60:.1f} ± {waits.half_s / 60:.1f}"
    return f"{mean} | {waits.p90_s / 60:.1f} | {waits.longest_s / 60:.0f}"


def row(share: float, found: Summary) -> str:
    """One load of a table."""
    refused = sum(n for end, n in found.ends.items() if end in ("cut_off", "quota"))
    cells = [
        f"{share:.0%}",
        str(found.residents),
        wait_words(found.waits["", "priority"]),
        wait_words(found.waits["", "ordinary"]),
        f"{found.passed_mean:.2f}",
        str(found.passed_most),
        f"{found.passed_later_s / 60:.1f}",
        f"{refused / found.residents:.1%}",
        str(found.ends.get("unserved", 0)),
    ]
    return f"| {' | '.join(cells)} |"


def fairness(name: str, setting: Setting, days: int, processes: int) -> None:
    """The table of one hall."""
    print(f"\n{name}\n")
    print(
        "| load | residents | priority: mean | P90 | longest | ordinary: mean | P90 | longest "
        "| passed by, mean | at most | passer later by ≤ | refused | unserved |"
    )
    print(f"|{' --- |' * 13}")
    for share in LOADS:
        one = replace(setting, demand=replace(setting.demand, load=share))
        found = summarise(play_days(one, days, processes=processes))
        print(row(share, found), flush=True)


def main() -> None:
    """Print all tables."""
    days = int(sys.argv[1]) if len(sys.argv) > 1 else 300
    processes = int(sys.argv[2]) if len(sys.argv) > 2 else 2  # noqa: PLR2004
    rules = load(HALL, driver_class=driver_class).rules
    steady = through(pooled(rules), 9, 17)
    flat = Demand(priority=0.15, profile=FLAT)
    tables: dict[str, Callable[[], None]] = {
        "pool": lambda: fairness(
            "Pool: 5 windows, 9:00–17:00, even arrivals, nobody refused (min)",
            Setting(steady, flat, LATE, SEED), days, processes,
        ),
        "hall": lambda: fairness(
            "The hall of hall.yaml: 6 queues, 9 windows, lunch, morning rush, cut-off (min)",
            Setting(rules, Demand(priority=0.15), Staffing(), SEED), days, processes,
        ),
        "erlang": lambda: erlang(rules, days, processes),
    }  # fmt: skip
    print(f"{days} days, seed {SEED}, credit {rules.priority_credit_s / 60:.0f} min")
    for name in sys.argv[3:] or tables:
        tables[name]()


if __name__ == "__main__":
    main()
