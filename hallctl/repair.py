"""Going on after damage: keep what was found, keep the sound part, never give a number twice."""

import contextlib
import os
import secrets
import shutil
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import apsw

from hallctl import changeover, schema, wire
from hallctl.chain import GENESIS, JournalError, chained
from hallctl.clock import Clock
from hallctl.core.acts.passing import turn
from hallctl.core.applying import apply
from hallctl.core.events import DayOpened, EpochBegun, Event, Recorded
from hallctl.core.hall import Hall
from hallctl.journal import Journal, lock_state
from hallctl.mark import HighWaterMark
from hallctl.privately import follow_owner, make_private_folder

_UNREADABLE = (apsw.CorruptError, apsw.NotADBError, apsw.SQLError)
_BESIDE = {
    "numbers": "CAST(day AS BLOB), CAST(queue AS BLOB), CAST(number AS INTEGER)",
    "answers": "CAST(id AS BLOB), CAST(day AS BLOB), CAST(answer AS BLOB), CAST(digest AS BLOB)",
}
"""What stands in the journal in no chain, by its table: its columns, of whatever type they are."""


def accept_loss(state: Path) -> str:
    """Accept that events are gone: a copy is kept, a new epoch begins, numbers go on above.

    Says in one sentence what was done. Raises JournalError (StateInUse while the hall runs).
    """
    lock = lock_state(state)
    path = state / "journal.db"
    try:
        follow_owner(lock, state)
        durable = HighWaterMark(state / "high-water").seq
        if not path.exists() and not durable:
            raise JournalError(f"{path}: there is no journal to mend")
        kept = changeover.free_name(state, "damaged")
        make_private_folder(kept)
        for name in changeover.NAMES:
            if (state / name).exists():
                shutil.copy2(state / name, kept / name)
        changeover.settle(kept)
        sound = _made_anew(state)
        lost = max(0, durable - sound)
    except (apsw.Error, OSError) as problem:
        step = "mend that (is there room on the disk? see dmesg), then run this again"
        raise JournalError(f"{path}: {problem}; {step}") from problem
    finally:
        os.close(lock)
    return (
        f"{sound} events are sound and kept, at least {lost} are lost; the damaged files are in "
        f"{kept}. A new epoch has begun and numbers go on above those already given."
    )


def _made_anew(state: Path) -> int:
    """Put a new file with all that is sound in the journal's place; gives how many events that is.

    Nothing is mended in place: where SQLite meets a page that is none, it cannot delete either.
    Raises JournalError, apsw.Error, OSError; then the journal is what it was.
    """
    folder = changeover.prepare(state)
    try:
        with (
            contextlib.closing(apsw.Connection(str(folder / "journal.db"))) as new,
            contextlib.closing(apsw.Connection(str(state / "journal.db"))) as old,
        ):
            sound = _filled(new, old)
        if (state / "high-water").exists():
            shutil.copy2(state / "high-water", folder / "high-water")
        begin_epoch(folder, reason="loss", asked="accept-loss")
        changeover.commit(state)
    finally:
        changeover.give_up(state)
    replaced = changeover.finish(state)
    if replaced is not None:  # accept_loss has copied them, as they were before they were opened
        shutil.rmtree(replaced)
    return sound


def _filled(new: apsw.Connection, old: apsw.Connection) -> int:
    """Fill a new journal with the sound events, and the numbers and answers that can be read."""
    sound = 0
    schema.fit(new, 0)
    with new:
        for event in _sound(old):
            new.execute("INSERT INTO events VALUES(?,?,?,?)", event)
            sound = event[0]
        for table, columns in _BESIDE.items():
            marks = ",".join("?" * len(columns.split(", ")))
            insert = f"INSERT OR IGNORE INTO {table} VALUES({marks})"
            for key, more, *rest in _readable(old, f"SELECT {columns} FROM {table}"):  # noqa: S608
                with contextlib.suppress(UnicodeDecodeError, AttributeError):  # that is no text
                    new.execute(insert, (key.decode(), more.decode(), *rest))
    schema.forget_damaged(new)
    return sound


def _sound(old: apsw.Connection) -> Iterator[tuple[int, str, bytes, bytes]]:
    """Rows of the first events, as long as each is what was written."""
    before, head = 0, GENESIS
    query = "SELECT seq, CAST(body AS BLOB), CAST(hash AS BLOB) FROM events ORDER BY seq"
    for seq, body, stored in _readable(old, query):
        head = chained(head, seq, body)
        if seq != before + 1 or head != stored:
            return
        yield seq, wire.loads_own(body)["event"]["type"], body, head
        before = seq


def _readable(old: apsw.Connection, query: str) -> Iterator[tuple[Any, ...]]:
    """Rows of a query up to the first place that cannot be read."""
    try:
        yield from old.execute(query)
    except _UNREADABLE:
        return


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
