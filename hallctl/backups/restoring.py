"""`hallctl restore`: the hall goes on from a backup; what is there now is put aside, never deleted.

The backup is proved, copied, and begun a new epoch in, all in a folder of its own; then the files
change over in one step (`hallctl.changeover`). Numbers go on above every one that is on paper.
"""

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import apsw

from hallctl import changeover
from hallctl.backups import epochs
from hallctl.backups.copying import copy_pages, read_back_from_medium
from hallctl.backups.looking import Found, Told, opened, proved, untold
from hallctl.backups.planning import Plan, plan
from hallctl.backups.trouble import BackupError, unwritable
from hallctl.chain import JournalError
from hallctl.journal import lock_state
from hallctl.privately import follow_owner
from hallctl.repair import begin_epoch


@dataclass(frozen=True, slots=True)
class Restored:
    """What a restore did: as planned, what the journal holds now, and where the old one is."""

    plan: Plan
    now: Found
    aside: Path | None


def restore(
    state: Path, file: Path, labels: Sequence[str] = (), *, told: Told = untold
) -> Restored:
    """Put a backup in the place of the journal.

    Raises BackupError or JournalError (StateInUse while the hall runs); then nothing has changed.
    """
    if not file.is_file():
        raise BackupError("no_file", path=file)
    try:
        lock = lock_state(state)
    except OSError as problem:
        raise unwritable(state, problem) from problem
    try:
        follow_owner(lock, state)
        planned = plan(state, file, labels, told=told)
        try:
            now = _prepared(state, planned)
            changeover.commit(state)
        except (OSError, apsw.Error) as problem:
            raise unwritable(state, problem) from problem
        except JournalError as problem:  # of the new one: its own remedy would mislead
            why = problem.__cause__
            raise unwritable(state, why if isinstance(why, Exception) else problem) from problem
        finally:
            changeover.give_up(state)
        try:
            aside = changeover.finish(state)
        except OSError as problem:
            raise BackupError("half_way", folder=state, problem=problem.strerror) from problem
    finally:
        os.close(lock)
    return Restored(planned, now, aside)


def _prepared(state: Path, planned: Plan) -> Found:
    """The new journal and its mark, whole, beside the old ones."""
    folder = changeover.prepare(state)
    path = folder / "journal.db"
    source = opened(planned.backup.path)
    try:
        copy_pages(source, path)
    finally:
        source.close()
    if _proved(path).head != planned.backup.head:
        raise BackupError("changed", path=path, seq=planned.backup.seq)
    begin_epoch(
        folder, reason=epochs.RESTORE, asked=epochs.RESTORE, above=planned.above, today=planned.day
    )
    changeover.settle(folder)
    read_back_from_medium(path)
    assert not path.with_name("journal.db-wal").exists()  # closed by its last connection
    return _proved(path)


def _proved(path: Path) -> Found:
    db = opened(path)
    try:
        return proved(db, path)
    finally:
        db.close()
