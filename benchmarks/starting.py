"""From exec to ready: nothing journalled, a day, five years; beside a daemon that does nothing."""

import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from datetime import time as clock_time
from pathlib import Path
from zoneinfo import ZoneInfo

import kept_days
from harness import Bench, Goal, Measures, Result, Subject, scenario
from load import cpu_s

from running import hall_folder

BARE = Path(__file__).with_name("bare.py")
PATIENT_S = 120.0


@contextmanager
def heard(folder: Path) -> Iterator[socket.socket]:
    """What a daemon tells the service manager comes in here."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
        manager.bind(str(folder / "notify"))
        manager.settimeout(PATIENT_S)
        yield manager


def surroundings(folder: Path) -> dict[str, str]:
    """The environment: bytecode is kept, as an installed package has it, but not in this tree."""
    ours = {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"}
    kept = str(kept_days.KEPT / "bytecode")
    return {**ours, "NOTIFY_SOCKET": str(folder / "notify"), "PYTHONPYCACHEPREFIX": kept}


def start(folder: Path, words: list[str], manager: socket.socket) -> tuple[Measures, int]:
    """Start a daemon; how long until it was ready, and its process. It is left running."""
    begun_s = time.perf_counter()
    process = subprocess.Popen(
        [sys.executable, *words],
        env=surroundings(folder),
        stderr=subprocess.DEVNULL,
    )
    while not manager.recv(4096).startswith(b"READY=1"):
        assert process.poll() is None, "it has ended"
    ready_s = time.perf_counter() - begun_s
    return {"ready ms": ready_s * 1e3, "CPU ms": cpu_s(process.pid) * 1e3}, process.pid


def stop(pid: int) -> None:
    """End it and wait."""
    os.kill(pid, 15)
    os.waitpid(pid, 0)


def run_words(hall: Path, state: Path, clock: Path) -> list[str]:
    """`hallctl run` on the evening of the kept day."""
    zone = ZoneInfo("Asia/Shanghai")
    midnight = datetime.combine(kept_days.MONDAY, clock_time(), zone).timestamp()
    clock.write_text(str(midnight + kept_days.EVENING_S - time.time()))
    places = ["--hall", str(hall), "--state", str(state), "--clock-file", str(clock)]
    return ["-m", "hallctl", "run", *places]


def daemon(folder: Path, kept: Path | None) -> Subject:
    """A start of the hall from a copy of a kept state, which is stopped again."""
    hall, state = folder / "hall", folder / "s"
    if not hall.exists():
        hall_folder(hall)
    once = folder / (kept.name if kept else "empty")
    if kept:
        shutil.copytree(kept, once)

    def subject() -> Measures:
        shutil.rmtree(state, ignore_errors=True)
        if kept:  # the same file each time, and no copy in the page cache of it to be written yet
            once.rename(state)
        (folder / "notify").unlink(missing_ok=True)
        with heard(folder) as manager:
            found, pid = start(folder, run_words(hall, state, folder / "clock"), manager)
            stop(pid)
        if kept:
            state.rename(once)
        return found

    return subject


def bare(folder: Path) -> Subject:
    """A start of the daemon that can do nothing."""

    def subject() -> Measures:
        (folder / "notify").unlink(missing_ok=True)
        with heard(folder) as manager:
            found, pid = start(folder, [str(BARE), str(folder)], manager)
            stop(pid)
        return found

    return subject


@scenario("start", "From exec to ready")
def starting(bench: Bench) -> Result:
    """What a hall waits for after a power cut, besides the computer itself."""
    bench.say("makes the journals, once")
    kept = {"empty": None, "a day": kept_days.day(), "five years": kept_days.years()}
    with tempfile.TemporaryDirectory(prefix="bench") as name:
        folder = Path(name)
        subjects = {"bare": bare(folder)}
        subjects |= {what: daemon(folder, state) for what, state in kept.items()}
        goals = [
            Goal("a day", "ready ms", most=4.0, against="bare"),
            Goal("five years", "ready ms", most=1.2, against="a day"),
        ]
        notes = [
            (
                f"A day is {kept_days.VISITS} visits with all devices; five years are "
                f"{kept_days.DAYS} days, of each but the last {kept_days.EVENTS_OF_A_DAY} events."
            ),
            "bare is asyncio and ZeroMQ with a heartbeat (benchmarks/bare.py).",
        ]
        return bench.side_by_side(
            subjects, against="bare", goals=goals, rounds=bench.much(9, 3), notes=notes
        )
