"""Going on after damage: keep what was found, keep the sound part, never give a number twice."""

import os
import secrets
import shutil
import time
from pathlib import Path

import apsw

from hallctl import wire
from hallctl.clock import Clock
from hallctl.core.applying import apply
from hallctl.core.events import DayOpened, EpochBegun, Recorded, RulesSet
from hallctl.core.hall import Hall
from hallctl.journal import GENESIS, Journal, JournalError, chained, lock_state
from hallctl.mark import HighWaterMark


def accept_loss(state: Path) -> str:
    """Accept that events are gone: a copy is kept, a new epoch begins, numbers go on above.

    Says in one sentence what was done. Raises JournalError (StateInUse while the hall runs).
    """
    lock = lock_state(state)
    try:
        path = state / "journal.db"
        if not path.exists():
            raise JournalError(f"{path}: there is no journal to mend")
        kept = state / f"damaged-{time.strftime('%Y%m%d-%H%M%S')}"
        kept.mkdir()
        for name in ("journal.db", "journal.db-wal", "journal.db-shm", "high-water"):
            if (state / name).exists():
                shutil.copy2(state / name, kept / name)
        sound = _sound_part(path)
        lost = max(0, HighWaterMark(state / "high-water").seq - sound)
        _begin_epoch(state, sound)
    finally:
        os.close(lock)
    return (
        f"{sound} events are sound and kept, at least {lost} are lost; the damaged files are in "
        f"{kept}. A new epoch has begun and numbers go on above those already given."
    )


def _sound_part(path: Path) -> int:
    """Cut the journal behind its last sound event and say how many there are."""
    db = apsw.Connection(str(path))
    sound, head = 0, GENESIS
    try:
        for seq, body, stored in db.execute("SELECT seq, body, hash FROM events ORDER BY seq"):
            head = chained(head, seq, body)
            if seq != sound + 1 or head != stored:
                break
            sound = seq
        with db:
            db.execute("DELETE FROM events WHERE seq>?", (sound,))
    except apsw.Error as problem:
        raise JournalError(
            f"{path}: {problem}; this file cannot be mended here: move it away, keep it, and "
            "start the hall anew"
        ) from problem
    finally:
        db.close()
    return sound


def _begin_epoch(state: Path, sound: int) -> None:
    journal = Journal(state)
    hall = Hall()
    for recorded in journal.today():
        apply(hall, recorded)
    day = journal.mark.day or hall.day
    given = journal.highest_numbers(day)
    numbers = {q: max(given.get(q, 0), n) for q, n in {**given, **journal.mark.numbers}.items()}
    now = Clock(hall.rules.timezone if hall.rules else "UTC").now()
    epoch = secrets.token_hex(4)
    events: list[EpochBegun | DayOpened | RulesSet] = []
    if day and day != hall.day:
        events.append(DayOpened(day=day))
        if hall.rules is not None:
            events.append(RulesSet(rules=hall.rules, digest=hall.digest))
    events.append(EpochBegun(reason="loss", numbers=numbers))
    recorded_now = [
        Recorded(
            seq=sound + 1 + at,
            epoch=epoch,
            wall_s=now.wall_s,
            mono_s=now.mono_s,
            actor="repair",
            command="accept-loss",
            event=event,
        )
        for at, event in enumerate(events)
    ]
    journal.append(recorded_now, [("accept-loss:" + epoch, wire.dumps({"ok": True}))], day)
    journal.close()
