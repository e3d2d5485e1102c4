"""A window terminal as a process: `terminal.py KEYFILE WINDOW OUTBOX [ADDRESS]`.

It calls, starts and finishes whoever comes, and says what it sees and does as lines of JSON. On
`stop SEQ` on its stdin it acts no more, waits until it has that event, and says its whole mirror.
"""

import hashlib
import json
import select
import sys
import time
from pathlib import Path

from hallctl import wire
from hallctl.asked import NoAnswer
from hallctl.client import HallClient
from hallctl.core import commands as c
from hallctl.mirror import Fresh, Stale

EVERY_S = 0.3


def tell(**what) -> None:
    print(json.dumps({"at_s": time.monotonic(), **what}), flush=True)


def digest(hall) -> str:
    return hashlib.sha256(wire.dumps(wire.hall_out(hall))).hexdigest()


def next_act(hall, window: int):
    state = hall.windows.get(window)
    if state is None:
        return None
    if state.status == "called":
        return c.Start(window=window)
    if state.status == "serving":
        return c.Finish(window=window)
    return c.CallNext(window=window) if hall.waiting() else None


def act(hall: HallClient, window: int) -> None:
    for outcome in hall.unanswered(timeout_s=1.0):
        ok = bool(outcome.answer and outcome.answer.ok)
        tell(did=outcome.id, act=type(outcome.command).__name__, ok=ok, late=True)
    command = next_act(hall.hall, window)
    if command is None or hall.stale_since_s is not None:
        return
    try:
        answer = hall.do(command, timeout_s=3.0)
    except NoAnswer:
        tell(unanswered=type(command).__name__)
    else:
        tell(did=answer.id, act=type(command).__name__, ok=answer.ok, code=answer.code)


def main(key: str, window: int, outbox: str, address: str = "") -> None:
    place = (address, Path(key)) if address else (key, None)
    stop_at: int | None = None
    with HallClient.at(place[0], key=place[1], outbox=Path(outbox)) as hall:
        acted_s = 0.0
        while True:
            for change in hall.poll(0.05):
                if isinstance(change, Stale | Fresh):
                    tell(change=type(change).__name__)
            if select.select([sys.stdin], [], [], 0)[0]:
                word = sys.stdin.readline().split()
                if not word:
                    return
                stop_at = int(word[1])
                while hall.unanswered(timeout_s=2.0):
                    continue
            fresh = hall.stale_since_s is None
            if stop_at is None and fresh and time.monotonic() - acted_s > EVERY_S:
                act(hall, window)
                acted_s = time.monotonic()
            if stop_at is not None and fresh and hall.hall.seq >= stop_at:
                tell(seq=hall.hall.seq, digest=digest(hall.hall))
                return


if __name__ == "__main__":
    key, window, outbox, *address = sys.argv[1:]
    main(key, int(window), outbox, *address)
