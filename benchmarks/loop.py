"""How long an act takes, against the floor of the same disk in the same run.

    .venv/bin/python benchmarks/loop.py

Prints command → answer (one asker, paced and back to back) and 100 kiosks at once, each beside a
raw write + fdatasync taken just before. Machines are noisy: hold to the ratios, not the times.
"""

import os
import statistics
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent / "tests"))

from running import RawAsker, RunningDaemon

ROUNDS, ASKS, KIOSKS = 7, 150, 100


def raw_fdatasync(folder: Path, count: int) -> list[float]:
    """The floor: append 200 bytes and wait until they are on disk."""
    found = []
    with (folder / "raw").open("ab", buffering=0) as file:
        for _ in range(count):
            begun = time.perf_counter()
            file.write(b"x" * 199 + b"\n")
            os.fdatasync(file.fileno())
            found.append(time.perf_counter() - begun)
    return found


def asked(asker: RawAsker, tag: str, count: int, pause_s: float) -> list[float]:
    """Seconds from command to answer, one at a time."""
    found = []
    for n in range(count):
        time.sleep(pause_s)
        begun = time.perf_counter()
        asker.send(f"{tag}{n}", {"type": "AskHelp", "place": f"{tag}{n}"})
        answer = asker.receive(10)
        assert answer is not None
        assert answer["ok"]
        found.append(time.perf_counter() - begun)
    return found


def crowd(bus: Path, tag: str) -> tuple[float, list[float]]:
    """100 askers with one command open each: commands a second, and each one's seconds."""
    askers = [RawAsker(bus, "kiosk", f"{tag}{n}") for n in range(KIOSKS)]
    begun = time.perf_counter()
    sent, waits = {}, []
    for turn in range(10):
        for n, asker in enumerate(askers):
            sent[n] = time.perf_counter()
            asker.send(f"{turn}", {"type": "AskHelp", "place": f"{tag}{turn}.{n}"})
        for n, asker in enumerate(askers):
            assert asker.receive(20) is not None
            waits.append(time.perf_counter() - sent[n])
    lasted = time.perf_counter() - begun
    for asker in askers:
        asker.close()
    return KIOSKS * 10 / lasted, waits


def told(name: str, seconds: list[float], floor_s: float) -> None:
    """One line: p50, p99, and p50 as a multiple of the floor."""
    ordered = sorted(seconds)
    p50, p99 = statistics.median(ordered), ordered[int(len(ordered) * 0.99)]
    print(f"{name:28} p50 {p50 * 1e6:7.0f} µs  p99 {p99 * 1e6:7.0f} µs  {p50 / floor_s:5.1f} x raw")


def main() -> None:
    """Measure, round by round, and print."""
    with tempfile.TemporaryDirectory() as folder:
        daemon = RunningDaemon(Path(folder))
        daemon.start()
        asker = RawAsker(daemon.state / "bus", "kiosk")
        asker.ask("warm", {"type": "AskHelp", "place": "door"}, 30)
        raw, paced, close = [], [], []
        for number in range(ROUNDS):
            raw += raw_fdatasync(Path(folder), ASKS)
            close += asked(asker, f"c{number}.", ASKS, 0)
            paced += asked(asker, f"p{number}.", ASKS // 5, 0.02)
        floor_s = statistics.median(raw)
        told("raw write + fdatasync", raw, floor_s)
        told("command → answer, close", close, floor_s)
        told("command → answer, 50/s", paced, floor_s)
        rate, waits = crowd(daemon.state / "bus", "k")
        told(f"{KIOSKS} kiosks at once", waits, floor_s)
        print(f"{KIOSKS} kiosks: {rate:.0f} commands a second")
        asker.close()
        daemon.stop()


if __name__ == "__main__":
    main()
