"""The disk as the journal uses it beside SQLite, so that a simulation can hand in a bad one.

And what is to be said when it fails, be it SQLite or the system that tells.
"""

import errno
import os
from pathlib import Path
from typing import Final, Protocol

import apsw

FULL: Final = frozenset({errno.ENOSPC, errno.EDQUOT})


class Disk(Protocol):
    """Few files, written in place. Every method raises OSError as the system does."""

    vfs: str | None
    """SQLite's name for it (sqlite.org/vfs.html); None is the system's own."""

    def read(self, path: Path) -> bytes:
        """A whole file."""

    def write_at(self, path: Path, data: bytes, offset: int) -> None:
        """Write in place, not yet durable; the file is made (0640) when it is not there."""

    def sync(self, path: Path) -> None:
        """Make durable what is in a file, whoever wrote it; nothing when there is none."""

    def free_bytes(self, folder: Path) -> int:
        """What may still be written there, by us."""

    def size(self, path: Path) -> int:
        """Bytes in a file; 0 when there is none."""

    def fill(self, path: Path, size: int) -> None:
        """Make a file that size, its room taken from the disk for real."""

    def truncate(self, path: Path, size: int) -> None:
        """Give back what a file has beyond that size."""

    def close(self) -> None:
        """Close what was opened."""


class SystemDisk:
    """The machine's own."""

    vfs: str | None = None

    def __init__(self) -> None:
        self._open: dict[Path, int] = {}

    def read(self, path: Path) -> bytes:
        """As `Disk.read`."""
        return path.read_bytes()

    def write_at(self, path: Path, data: bytes, offset: int) -> None:
        """As `Disk.write_at`; short writes go on until all is written."""
        while data:
            written = os.pwrite(self._file(path), data, offset)
            data, offset = data[written:], offset + written

    def _file(self, path: Path) -> int:
        found = self._open.get(path)
        if found is None:
            new = not path.exists()
            found = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o640)
            self._open[path] = found
            if new:  # a name is durable only when its folder is
                _sync(path.parent)
        return found

    def sync(self, path: Path) -> None:
        """As `Disk.sync`."""
        if path in self._open:
            os.fdatasync(self._open[path])
        elif path.exists():
            _sync(path)

    def free_bytes(self, folder: Path) -> int:
        """As `Disk.free_bytes`: without what is kept for root."""
        found = os.statvfs(folder)
        return found.f_bavail * found.f_frsize

    def size(self, path: Path) -> int:
        """As `Disk.size`."""
        return path.stat().st_size if path.exists() else 0

    def fill(self, path: Path, size: int) -> None:
        """As `Disk.fill`."""
        os.posix_fallocate(self._file(path), 0, size)
        os.fsync(self._file(path))

    def truncate(self, path: Path, size: int) -> None:
        """As `Disk.truncate`."""
        os.ftruncate(self._file(path), size)
        os.fsync(self._file(path))

    def close(self) -> None:
        """As `Disk.close`."""
        for opened in self._open.values():
            os.close(opened)
        self._open.clear()


def _sync(path: Path) -> None:
    """A folder: the names in it. Never a file that SQLite locks: closing it ends the lock."""
    opened = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        os.fsync(opened)
    finally:
        os.close(opened)


def is_full(problem: Exception) -> bool:
    """Whether it says that the disk is full, and so that nothing of what was written counts."""
    if isinstance(problem, OSError):
        return problem.errno in FULL
    return isinstance(problem, apsw.FullError)


def trouble_words(folder: Path, problem: Exception) -> str:
    """One line for whoever looks after the computer: what is wrong with `folder`, what to do."""
    if is_full(problem):
        return (
            f"{folder}: the disk is full, and nothing is left of the reserve; make room (old files "
            f"in {folder}/backups, logs), then the hall can be started"
        )
    if isinstance(problem, apsw.ReadOnlyError) or _errno(problem) == errno.EROFS:
        return (
            f"{folder}: the disk is read-only; `dmesg` says since when and why; have it checked "
            f"(fsck) or mount it anew (mount -o remount,rw), then the hall can be started"
        )
    if _errno(problem) in {errno.EACCES, errno.EPERM}:
        return f"{folder}: {problem}; the folder must belong to the user that the hall runs as"
    return (
        f"{folder}: {problem}; the daemon stops here and reads on its next start what is on disk; "
        "should it come again, see `dmesg` and have the disk looked at"
    )


def _errno(problem: Exception) -> int | None:
    return problem.errno if isinstance(problem, OSError) else None
