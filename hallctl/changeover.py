"""One journal takes another's place in the state folder, and no power cut falls in between.

Everything new is made in a folder of its own, STATE/restoring. One rename of that folder, to
STATE/restored, is the moment it counts: before it the old journal is what it was, after it whoever
takes the state folder next (`journal.lock_state`) first carries the rest out. Each step may be
broken off and done again. The old files are kept, under their own names, in STATE/replaced-TIME.
"""

import os
import shutil
import time
from pathlib import Path

from hallctl.privately import follow_owner, make_private_folder

NAMES = ("journal.db", "journal.db-wal", "journal.db-shm", "high-water")
MODE = 0o640
"""Of the journal's files: the hall writes, its group reads."""
_PREPARED, _READY, _OLD = "restoring", "restored", "old"


def prepare(state: Path) -> Path:
    """An empty folder to make the new files in; what an earlier try left there goes.

    Raises OSError.
    """
    folder = state / _PREPARED
    shutil.rmtree(folder, ignore_errors=True)
    make_private_folder(folder)
    return folder


def give_up(state: Path) -> None:
    """Leave nothing of what was prepared."""
    shutil.rmtree(state / _PREPARED, ignore_errors=True)


def settle(folder: Path) -> None:
    """All files in a folder belong to whom the folder belongs to, and are durable.

    After `sudo hallctl restore` too the hall may write them. Raises OSError.
    """
    for path in folder.iterdir():
        file = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
        try:
            os.fchmod(file, MODE)
            follow_owner(file, folder)
            os.fsync(file)
        finally:
            os.close(file)
    sync(folder)


def commit(state: Path) -> None:
    """From here on the new files count; `finish` puts them in their place.

    Raises OSError; then they do not count.
    """
    folder = state / _PREPARED
    settle(folder)
    folder.rename(state / _READY)


def finish(state: Path) -> Path | None:
    """Carry out what was committed, under the state folder's lock.

    Gives the folder in which the old files are; None when there are none, or nothing was to be
    done. What was prepared and never committed goes. Raises OSError; then the next one does it.
    """
    give_up(state)
    ready = state / _READY
    if not ready.is_dir():
        return None
    sync(state)
    old = ready / _OLD
    make_private_folder(old)
    new = ready / NAMES[0]
    if new.exists():
        for name in NAMES:
            if (state / name).exists() and not (old / name).exists():
                (old / name).hardlink_to(state / name)
        sync(old)
        for name in NAMES[1:3]:  # a log left behind would be played into the new journal
            (state / name).unlink(missing_ok=True)
        sync(state)
        new.replace(state / NAMES[0])
    mark = ready / NAMES[3]
    if mark.exists():
        mark.replace(state / NAMES[3])
    sync(ready)
    sync(state)
    kept = None
    if any(old.iterdir()):
        kept = free_name(state, "replaced")
        old.rename(kept)
    else:
        old.rmdir()
    ready.rmdir()
    sync(state)
    return kept


def free_name(state: Path, what: str) -> Path:
    """A folder that is not there yet, named for what is kept in it and the time."""
    name = f"{what}-{time.strftime('%Y%m%d-%H%M%S')}"
    kept, count = state / name, 1
    while kept.exists():
        count += 1
        kept = state / f"{name}-{count}"
    return kept


def sync(path: Path) -> None:
    """Make a file, or the names in a folder, durable. Raises OSError."""
    opened = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        os.fsync(opened)
    finally:
        os.close(opened)
