"""kill -9 at any moment: nothing acknowledged is lost, nothing doubled, the same id answers alike.

200 rounds with a real process on a real disk. Each round sends commands without waiting for their
answers, kills the daemon after a few milliseconds, starts it again and asks once more, with the
same ids, for everything that was still open and for some that had been answered.
"""

import os
import random
import time

from killing import Load, check
from running import RawAsker, RunningDaemon

ROUNDS = int(os.environ.get("HALLCTL_KILLS", "200"))


def test_200_kills_lose_nothing_and_double_nothing(tmp_path, capsys):
    rng = random.Random(20261124)
    daemon = RunningDaemon(tmp_path)
    daemon.start()
    asker = RawAsker(daemon.state / "bus")
    load = Load(asker, rng)
    in_flight = 0
    try:
        load.asker.ask("hello", {"type": "AskHelp", "place": "door"})
        for _ in range(ROUNDS):
            kill_at = time.monotonic() + rng.uniform(0.002, 0.05)
            while time.monotonic() < kill_at:
                load.push()
                load.take(0.001)
            load.push()
            daemon.kill()
            while load.take(0):
                pass
            in_flight += bool(load.open)
            daemon.start()
            for command_id in rng.sample(sorted(load.answers), min(5, len(load.answers))):
                if command_id in load.sent:
                    load.open[command_id] = load.sent[command_id]
            load.settle()
    finally:
        daemon.kill()
        asker.close()
    with capsys.disabled():
        print(
            f"\n{ROUNDS} kills, {in_flight} with a command in flight, "
            f"{len(load.answers)} commands answered"
        )
    assert in_flight >= ROUNDS / 2
    check(daemon, load)
