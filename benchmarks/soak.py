"""A month of halls in one process, and whether anything grows from day to day.

    .venv/bin/python benchmarks/soak.py --days 20
    .venv/bin/python benchmarks/soak.py --days 20 --restarts    # with kills, power cuts, bad disks
    .venv/bin/python benchmarks/soak.py --days 20 --hours 0.5   # short days: midnights, quickly

Time is played (`hallctl simulate` does the same): a working day of 500 visits from 8:40 to 18:00,
the night in two leaps with midnight between them. Memory is that of the whole play, twins, people
and judges included, so the daemon's own can only be smaller. A turn's time is wall time of
`Daemon.turn` on this machine, its commit on a played disk in memory.
"""

import argparse
import gc
import logging
import os
import shutil
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from statistics import linear_regression

sys.path.insert(0, str(Path(__file__).parent.parent))

from hallctl.config.load import load
from hallctl.daemon import Daemon
from hallctl.device import driver_class
from hallctl.simulator.world.playing import FAST_DISK
from hallctl.simulator.world.troubles import KINDS
from hallctl.simulator.world.world import World

ROOT = Path(__file__).parent.parent
DAY_H, OPENS_H = 9.33, 8.67
VISITS_H = 62.0
HEAD = (
    "day  visits  events  starts  RSS MB  blocks  fds  threads  turns  p50 us  p99 us"
    "  journal MB  CPU s"
)
RSS_MOST_MB, BLOCKS_MOST = 0.5, 10_000
"""Growth a day, as a straight line through the days after the second has it. Blocks are what Python
has allocated and not given back, of some 50 bytes each: they tell how busy the day was, and
resident memory the allocators' noise of some MB; what grows for good shows in both."""
DAYS_TELL = 2


def main() -> int:
    """Play the days, a line each; 1 when something grows."""
    words = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    words.add_argument("--days", type=int, default=20)
    words.add_argument("--seed", type=int, default=1)
    words.add_argument("--rarer", type=float, default=20.0, help="troubles so many times rarer")
    words.add_argument("--hours", type=float, default=DAY_H, help="opening hours of each day")
    words.add_argument("--restarts", action="store_true")
    asked = words.parse_args()
    logging.disable(logging.CRITICAL)
    ending = {"kill", "power", "disk"}
    kinds = tuple(k for k in KINDS if asked.restarts or k not in ending)
    folder = FAST_DISK if FAST_DISK.is_dir() else None
    state = Path(tempfile.mkdtemp(prefix="hallctl-soak-", dir=folder))
    config = load(ROOT, driver_class=driver_class)
    world = World(config, state, asked.seed, kinds, VISITS_H, begin_h=OPENS_H, rarer=asked.rarer)
    try:
        print(HEAD, flush=True)
        rows = list(spend(world, state, asked.days, asked.hours))
        story = world.end()
        print(f"settled; {story.starts} starts, head {story.head[:16]}, {story.troubles}")
        return judge(rows)
    finally:
        world.close()
        shutil.rmtree(state)


def spend(
    world: World, state: Path, days: int, hours: float
) -> Iterator[tuple[float, int, int, int]]:
    """A line for each day; gives RSS, blocks, descriptors, threads."""
    took_us: list[float] = []

    def turn(daemon: Daemon) -> None:
        began_s = time.perf_counter()
        daemon.turn()
        took_us.append((time.perf_counter() - began_s) * 1e6)

    world.house.turn = turn
    world.begin()
    for day in range(1, days + 1):
        before, began_s = world.story(), time.process_time()
        world.live(hours)
        world.go_to_evening()
        gc.collect()
        story, cpu_s = world.story(), time.process_time() - began_s
        took_us.sort()
        files = len(list(Path("/proc/self/fd").iterdir()))
        row = (rss_mb(), sys.getallocatedblocks(), files, threading.active_count())
        size_mb = sum(f.stat().st_size for f in state.glob("journal.db*")) / 1e6
        p50, p99 = (took_us[int(len(took_us) * q)] for q in (0.5, 0.99))
        print(
            f"{day:3}  {story.visits - before.visits:6}  {story.events - before.events:6}"
            f"  {story.starts:6}  {row[0]:6.1f}  {row[1]:6}  {row[2]:3}  {row[3]:7}"
            f"  {len(took_us):5}  {p50:6.0f}  {p99:6.0f}  {size_mb:10.1f}  {cpu_s:5.0f}",
            flush=True,
        )
        took_us.clear()
        yield row


def rss_mb() -> float:
    """What this process holds in memory now."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6


def a_day(values: list[float]) -> float:
    """By how much a value grows from one day to the next."""
    return linear_regression(range(len(values)), values).slope


def judge(rows: list[tuple[float, int, int, int]]) -> int:
    """Whether it is flat after the second day."""
    later = rows[DAYS_TELL:]
    if len(later) < DAYS_TELL:
        print("too few days to judge")
        return 0
    rss, blocks = a_day([row[0] for row in later]), a_day([row[1] for row in later])
    same = later[0][2:] == later[-1][2:]
    flat = rss <= RSS_MOST_MB and blocks <= BLOCKS_MOST and same
    print(
        f"after day {DAYS_TELL}: RSS {rss:+.2f} MB a day, {blocks:+.0f} blocks a day; descriptors "
        f"and threads {'the same' if same else 'not the same'}: {'flat' if flat else 'NOT FLAT'}"
    )
    return 0 if flat else 1


if __name__ == "__main__":
    raise SystemExit(main())
