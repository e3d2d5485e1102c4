"""Stands beside the machine of an installed hall: photographs its display, cuts its power.

`python outside.py WORK CUTS`, run by scripts/vm.sh. The machine sees WORK/shared too; WORK/pid
is qemu's, WORK/monitor its monitor. Of the hall it knows the lines of shared/acknowledged, each
written after the hall's answer and before the next question.
"""

import os
import random
import signal
import socket
import sys
import time
from pathlib import Path

ENOUGH = 120
"""So many acknowledged numbers, and at any moment of the next seconds the power goes."""
MOST_MORE_S = 3.0


def picture(monitor: Path, into: Path) -> None:
    """The display as it is now, as PPM; it is there when `into` is."""
    with socket.socket(socket.AF_UNIX) as line:
        line.connect(str(monitor))
        line.sendall(f"screendump {into}.part\n".encode())
        before = -1
        while (size := _size(Path(f"{into}.part"))) != before or size <= 0:
            before = size
            time.sleep(0.5)
    Path(f"{into}.part").rename(into)


def _size(path: Path) -> int:
    return path.stat().st_size if path.exists() else 0


def main(work: Path, cuts: int) -> None:
    """Runs until it is ended."""
    shared = work / "shared"
    asked, loading, given = shared / "picture", shared / "loading", shared / "acknowledged"
    beginning = 0
    while True:
        time.sleep(0.2)
        if asked.exists():
            picture(work / "monitor", shared / "picture.ppm")
            asked.unlink()
        if not (cuts and loading.exists()):
            continue
        lines = given.read_bytes().count(b"\n") if given.exists() else 0
        if lines >= beginning + ENOUGH:
            time.sleep(random.uniform(0, MOST_MORE_S))
            (work / "cut").touch()
            os.kill(int((work / "pid").read_text()), signal.SIGKILL)
            cuts -= 1
            beginning = given.read_bytes().count(b"\n")
            loading.unlink()
            (shared / "cuts").write_text(str(cuts))
            print(f"vm: power cut after {beginning} acknowledged numbers", flush=True)


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]))
