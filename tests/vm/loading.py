"""Takes numbers from the installed hall without end; scripts/vm.sh cuts the power meanwhile.

What was acknowledged goes, before the next question, to a file that lies outside of the machine.
"""

import os
import secrets
import threading

from running import RawAsker
from vm.machine import SHARED, SLOW_S, STATE

AT_ONCE = 6
QUEUES = ("A", "B", "C")


def ask(number: int, out: int) -> None:
    """One resident after the other."""
    name, queue = f"load-{number}", QUEUES[number % len(QUEUES)]
    asker = RawAsker(STATE / "bus", name=name)
    while True:
        word = secrets.token_hex(8)
        answer = asker.ask(word, {"type": "IssueTicket", "queue": queue}, SLOW_S)
        os.write(out, f"{name} {word} {queue} {answer['result']['label']}\n".encode())


def main() -> None:
    """Runs until the power is cut. An asker that fails ends all: then nothing was proved."""
    out = os.open(SHARED / "acknowledged", os.O_WRONLY | os.O_APPEND | os.O_CREAT)
    askers = [threading.Thread(target=ask, args=(n, out), daemon=True) for n in range(AT_ONCE)]
    for each in askers:
        each.start()
    (SHARED / "loading").touch()
    while all(each.is_alive() for each in askers):
        askers[0].join(1)


if __name__ == "__main__":
    main()
