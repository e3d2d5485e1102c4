"""Going on after damage: keep what was found, keep the sound part, never give a number twice."""

import os
import secrets
import shutil
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import apsw

from hallctl import changeover, schema, wire
from hallctl.clock import Clock
from hallctl.core.acts.passing import turn
from hallctl.core.applying import apply
from hallctl.core.events import DayOpened, EpochBegun, Event, Recorded
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
        if not path.exists() and not HighWaterMark(state / "high-water").seq:
            raise JournalError(f"{path}: there is no journal to mend")
        kept = changeover.free_name(state, "damaged")
        kept.mkdir()
        for name in ("journal.db", "journal.db-wal", "journal.db-shm", "high-water"):
            if (state / name).exists():
                shutil.copy2(state / name, kept / name)
        sound = _sound_part(path)
        lost = max(0, HighWaterMark(state / "high-water").seq - sound)
        begin_epoch(state, reason="loss", asked="accept-loss")
    except (apsw.CorruptError, apsw.SQLError, ValueError) as problem:
        raise _not_to_be_mended(path, problem) from problem
    finally:
        os.close(lock)
    return (
        f"{sound} events are sound and kept, at least {lost} are lost; the damaged files are in "
        f"{kept}. A new epoch has begun and numbers go on above those already given."
    )


def _not_to_be_mended(path: Path, problem: Exception) -> JournalError:
    return JournalError(
        f"{path}: {problem}; this file cannot be mended here: move it and the log beside it away, "
        "keep them, and run this again"
    )


def _sound_part(path: Path) -> int:
    """Cut the journal behind its last sound event and say how many there are."""
    db = apsw.Connection(str(path))
    sound, head = 0, GENESIS
    try:
        if schema.version_of(db) == 0:  # no tables: a lost log held them
            return 0
        for seq, body, stored in db.execute("SELECT seq, body, hash FROM events ORDER BY seq"):
            head = chained(head, seq, body)
            if seq != sound + 1 or head != stored:
                break
            sound = seq
        with db:
            db.execute("DELETE FROM events WHERE seq>?", (sound,))
            schema.mend(db)
    except apsw.Error as problem:
        raise _not_to_be_mended(path, problem) from problem
    finally:
        db.close()
    return sound


def begin_epoch(
    state: Path, *, reason: str, asked: str, above: Mapping[str, int] | None = None, today: str = ""
) -> EpochBegun:
    """Go on in a new epoch behind the journal's last event, with a number above every one given.

    Known numbers are those of the journal, of the high-water mark, and `above`. The day is the
    mark's, or `today` when that is later. Raises JournalError, apsw.Error.
    """
    journal = Journal(state, anew=True)
    hall = Hall()
    for recorded in journal.today():
        apply(hall, recorded)
    mark = journal.mark
    now = Clock(hall.rules.timezone if hall.rules else "UTC").now()
    day = max(mark.day or hall.day, hall.day, today)
    given = [journal.highest_numbers(day), above or {}]
    given += [mark.numbers] if mark.day == day else []
    given += [hall.numbers] if hall.day == day else []
    numbers = {q: max(n.get(q, 0) for n in given) for q in set().union(*given)}
    events: list[Event] = []
    if day and day != hall.day:
        opened = replace(now, day=day)
        events += turn(hall, opened) or [DayOpened(day=day)]
    begun = EpochBegun(reason=reason, numbers=dict(sorted(numbers.items())))
    events.append(begun)
    epoch = secrets.token_hex(4)
    recorded_now = [
        Recorded(
            seq=journal.seq + 1 + at,
            epoch=epoch,
            wall_s=now.wall_s,
            mono_s=now.mono_s,
            actor="repair",
            command=asked,
            event=event,
        )
        for at, event in enumerate(events)
    ]
    journal.append(recorded_now, [(f"{asked}:{epoch}", wire.dumps({"ok": True}))], day)
    mark.advance(journal.seq, epoch, begun.numbers, day)
    journal.close()
    return begun
