"""The disk as the journal uses it beside SQLite, so that a simulation can hand in a bad one."""

import os
from pathlib import Path
from typing import Protocol


class Disk(Protocol):
    """Few files, written in place. Every method raises OSError as the system does."""

    vfs: str | None
    """SQLite's name for it (sqlite.org/vfs.html); None is the system's own."""

    def read(self, path: Path) -> bytes:
        """A whole file."""

    def write_at(self, path: Path, data: bytes, offset: int) -> None:
        """Write in place, not yet durable; the file is made (0640) when it is not there."""

    def sync(self, path: Path) -> None:
        """Make what was written to a file durable; nothing when nothing was."""

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
            found = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o640)
            self._open[path] = found
        return found

    def sync(self, path: Path) -> None:
        """As `Disk.sync`."""
        if path in self._open:
            os.fdatasync(self._open[path])

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
