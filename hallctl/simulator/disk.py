"""A disk that loses what was not synced, fills up, fails and lies: all of it from one seed.

    disk = FaultyDisk(seed)
    journal = Journal(state, disk)      # SQLite writes through `disk.vfs`, the mark through `disk`
    disk.cut_at(17)                     # the 17th operation from now raises platter.PowerCut …
    …
    disk.power_cut()                    # … and this leaves in the files what a power cut may leave
    journal = Journal(state, disk)      # the next start

No thread, no clock, no real fsync; the files are real, in the caller's folder (best on a tmpfs).
"""

import contextlib
import errno
import itertools
import os
from pathlib import Path

import apsw

from hallctl.simulator.platter import File, Platter, system_error
from hallctl.simulator.unsynced import How
from hallctl.simulator.vfs import Vfs

ROOM_BYTES = 1 << 36
_count = itertools.count()


class FaultyDisk(Platter):
    """`hallctl.disk.Disk`, with everything that can be wrong with one. The same seed does the same.

    What a power cut leaves, and what a failed sync leaves, is drawn from the seed.
    """

    def __init__(self, seed: int, room: int = ROOM_BYTES) -> None:
        super().__init__(seed, room)
        name = f"faulty-{os.getpid()}-{next(_count)}"
        self.vfs: str | None = name
        self._room = room
        self._open: dict[Path, int] = {}
        self._registered = Vfs(self, name)

    # What can go wrong

    def cut_at(self, operation: int) -> None:
        """Let the n-th operation from now (1 is the next) raise PowerCut, and every later one.

        A write is carried out first, a sync is not: so what it leaves is for `power_cut` (or
        `kill`) to say, which must follow. SQLite may make another apsw.Error of it, the journal an
        OSError or a JournalError, and a pragma may swallow it: look at `is_off`.
        """
        self._cut_in = operation

    @property
    def is_off(self) -> bool:
        """The current is off, or the process is dead, since what `cut_at` asked for."""
        return self._dead

    def power_cut(self, how: How | None = None) -> None:
        """Leave what a power cut may leave; then the disk is ready for the next start.

        Without `how`, another one is drawn for each file. Connections are closed as they are.
        """
        self._end_process()
        for path in self._files:
            with contextlib.suppress(OSError):
                Path(f"{path}-shm").unlink()
        self._cut(how)

    def kill(self) -> None:
        """End the process and not the machine: what was written is still there.

        Where a sync had failed, it may be there or not.
        """
        self._end_process()
        for path, file in self._files.items():
            if file.failed:
                self._settle(path, file)

    def full_after(self, size: int) -> None:
        """Take so many bytes more, then nothing (ENOSPC) until `space_back`."""
        self._limit = self._used + size

    def space_back(self) -> None:
        """Have room again."""
        self._limit = self._room

    def fail_sync(self, at: int = 1) -> None:
        """Let the n-th sync from now fail with EIO (1 is the next), once."""
        self._fail_in = at

    def read_only(self, on: bool = True) -> None:
        """Refuse every change (EROFS), or take them again."""
        self.is_read_only = on

    def flip(self, path: Path, offset: int, bit: int) -> None:
        """Turn one bit of a file over, as a bad sector does: nobody is told."""
        with path.open("r+b") as file:
            file.seek(offset)
            value = file.read(1)[0] ^ (1 << bit)
            file.seek(offset)
            file.write(bytes([value]))

    def end(self) -> None:
        """Close everything and forget SQLite's name for this disk."""
        self._end_process()
        self._registered.unregister()

    # As the journal uses it (hallctl.disk.Disk)

    def read(self, path: Path) -> bytes:
        """As `Disk.read`."""
        return path.read_bytes()

    def write_at(self, path: Path, data: bytes, offset: int) -> None:
        """As `Disk.write_at`."""
        fd, file = self._opened(path)
        self.write(
            file, data, offset,
            lambda size, at: os.pread(fd, size, at), lambda part, at: os.pwrite(fd, part, at),
        )  # fmt: skip

    def sync(self, path: Path) -> None:
        """As `Disk.sync`; a new file's name too."""
        path = self.real(path)
        if path in self._files:
            self.sync_file(path, self._files[path], name=True)

    def free_bytes(self, folder: Path) -> int:  # noqa: ARG002 - one disk
        """As `Disk.free_bytes`."""
        return max(0, self._limit - self._used)

    def size(self, path: Path) -> int:
        """As `Disk.size`."""
        return path.stat().st_size if path.exists() else 0

    def fill(self, path: Path, size: int) -> None:
        """As `Disk.fill`: all or nothing, and durable."""
        fd, file = self._opened(path)
        last = self._begin_change()
        if self._used + size - file.size > self._limit:
            self._maybe_die(last)
            raise system_error(errno.ENOSPC, path)
        if size > file.size:
            os.posix_fallocate(fd, 0, size)
            self._used += size - file.size
            file.size = size
        self._maybe_die(last)
        self.sync(path)

    def truncate(self, path: Path, size: int) -> None:
        """As `Disk.truncate`: durable."""
        fd, file = self._opened(path)
        self.truncate_file(
            file, size,
            lambda count, at: os.pread(fd, count, at), lambda smaller: os.ftruncate(fd, smaller),
        )  # fmt: skip
        self.sync(path)

    def close(self) -> None:
        """As `Disk.close`."""
        for path, fd in self._open.items():
            os.close(fd)
            self._files[path].handles -= 1
        self._open.clear()

    # Inside

    def _opened(self, path: Path) -> tuple[int, File]:
        path = self.real(path)
        if path not in self._open:
            if self.is_read_only:
                raise system_error(errno.EROFS, path)
            file = self.opening(path)
            self._open[path] = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o640)
            return self._open[path], file
        return self._open[path], self._files[path]

    def _end_process(self) -> None:
        """Close every connection without letting it write a byte."""
        self._leaving = True
        for connection in apsw.connections():
            if connection.open_vfs == self.vfs:
                connection.config(apsw.SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1)
                connection.close(force=True)
        self.close()
        self._leaving = self._dead = False
        self._cut_in = self._fail_in = 0
