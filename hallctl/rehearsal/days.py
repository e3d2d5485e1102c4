"""Many days of one setting, over as many processes as are given; the order is that of the days."""

import multiprocessing
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial

from hallctl.core.rules import Rules
from hallctl.rehearsal.generator import Demand, generate
from hallctl.rehearsal.residents import Staffing
from hallctl.rehearsal.runner import DayPlayed, play

CHUNK = 4
"""Days sent to a process at once."""
WORTH = 8
"""Fewer days are played before other processes would have started."""


@dataclass(frozen=True, slots=True)
class Setting:
    """What is rehearsed.

    The people are drawn for `drawn_for` (default: the same rules), so that two rule sets can be
    given the very same people.
    """

    rules: Rules
    demand: Demand = field(default_factory=Demand)
    staffing: Staffing = field(default_factory=Staffing)
    seed: int = 1
    drawn_for: Rules | None = None


def play_one(setting: Setting, day: int) -> DayPlayed:
    """One day of a setting, counted from 0. Depends on setting and day only."""
    people = generate(setting.drawn_for or setting.rules, setting.demand, f"{setting.seed}:{day}")
    return play(setting.rules, people, setting.staffing)


def play_days(
    setting: Setting,
    days: int,
    *,
    processes: int = 1,
    tell: Callable[[], None] = lambda: None,
) -> list[DayPlayed]:
    """All days of a setting. `tell` is called after each."""
    found = []
    one = partial(play_one, setting)
    with _mapped(one, range(days), processes if days >= WORTH else 1) as played:
        for day in played:
            found.append(day)
            tell()
    return found


@contextmanager
def _mapped(
    one: Callable[[int], DayPlayed], days: Iterable[int], processes: int
) -> Iterator[Iterable[DayPlayed]]:
    if processes <= 1:
        yield map(one, days)
        return
    # Fresh interpreters: a fork of a process with threads (a progress bar) may hang.
    fresh = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(processes, mp_context=fresh) as pool:
        yield pool.map(one, days, chunksize=CHUNK)
