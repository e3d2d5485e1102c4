"""Runs a desk with stand-ins for the daemon and the screens: desk_runner.py STATE PORT [CLOCK]."""

import asyncio
import sys
from pathlib import Path

from hallctl.simulator.desk import run_desk

ROOT = Path(__file__).parents[2]
FAKE = str(Path(__file__).with_name("fake_screen.py"))


def main(state, port, clock=None):
    state = Path(state)
    frames = str(state / "desk" / "frames.sock")
    commands = (
        ("daemon", "主程序", ["sleep", "1000"]),
        ("kiosk-1", "取号机", [sys.executable, FAKE, frames, "kiosk-1", "90x160"]),
        ("hall-1", "大屏", [sys.executable, FAKE, frames, "hall-1", "160x90"]),
    )

    def say(words):
        print(words, flush=True)

    return asyncio.run(
        run_desk(ROOT, state, clock=clock, port=int(port), commands=commands, say=say)
    )


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
