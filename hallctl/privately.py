"""A small file that only its owner may read, replaced as a whole.

What root writes belongs to whom the folder belongs: `sudo hallctl …` leaves nothing in the state
folder that the hall's own user cannot read.
"""

import os
from pathlib import Path


def write_privately(path: Path, text: str) -> None:
    """Write ASCII text, 0600 from its first byte on, durable before it takes the old one's place.

    Raises OSError; then the old file is what it was.
    """
    fresh = path.with_name(f"{path.name}.new")
    fresh.unlink(missing_ok=True)
    made = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    try:
        with os.fdopen(made, "wb") as file:
            follow_owner(made, path.parent)
            file.write(text.encode("ascii"))
            file.flush()
            os.fsync(made)
        fresh.replace(path)
    except BaseException:
        fresh.unlink(missing_ok=True)
        raise
    folder = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def make_private_folder(path: Path) -> None:
    """A folder that only its owner may enter; one that is there is closed to others.

    Raises OSError.
    """
    path.mkdir(mode=0o700, exist_ok=True)
    folder = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC)
    try:
        follow_owner(folder, path.parent)
        os.fchmod(folder, 0o700)
    finally:
        os.close(folder)


def follow_owner(file: int, folder: Path) -> None:
    """Give an open file to whom `folder` belongs, which root alone can. Raises OSError."""
    if os.geteuid() != 0:
        return
    mine, theirs = os.fstat(file), folder.stat()
    if (mine.st_uid, mine.st_gid) != (theirs.st_uid, theirs.st_gid):
        os.fchown(file, theirs.st_uid, theirs.st_gid)
