"""What is written and what is durable: the books of a simulated disk.

The files are real ones and hold what a program sees. For each of them stands here every change that
was not synced, with what was there before; for each folder, the names made or taken away since it
was synced.
"""

import errno
import os
import random
from collections.abc import Callable
from pathlib import Path

import apsw

from hallctl.simulator.unsynced import HOWS, Change, How, remains


class PowerCut(apsw.IOError):
    """The current is off: nothing more is written in this run of the program, whatever it tries."""


class SyncedAgain(AssertionError):  # noqa: N818 - says what is so
    """A file was synced once more after a sync of it had failed; the second may lie (fsyncgate)."""


class File:
    """One file, whatever its name. `gone` is what it held when its name was taken away."""

    def __init__(self, size: int) -> None:
        self.size = size
        self.unsynced: list[Change] = []
        self.handles = 0
        self.failed = False
        self.gone = b""


class Platter:
    """Counts and remembers; raises OSError as a system does. `FaultyDisk` has the switches.

    `operations` counts writes, truncates, syncs, and names made and taken away.
    """

    def __init__(self, seed: int, room: int) -> None:
        self.operations = 0
        self.synced_again: list[Path] = []
        """Files synced after a failed sync, should somebody have caught `SyncedAgain`."""
        self.watch: Callable[[], None] | None = None
        """Called after each change and before each sync: at every moment a cut may come at."""
        self.is_read_only = False
        self._chance = random.Random(seed)  # noqa: S311 - accidents, not secrets
        self._limit = room
        self._used = 0
        self._cut_in = self._fail_in = 0
        self._dead = False
        self._leaving = False
        self._files: dict[Path, File] = {}
        self._names: dict[Path, list[File | None]] = {}  # unsynced; first, what would be found
        self._resolved: dict[str, Path] = {}

    def real(self, path: str | Path) -> Path:
        """The path without links: SQLite names its files so."""
        known = self._resolved.get(str(path))
        if known is None:
            known = self._resolved[str(path)] = Path(os.path.realpath(path))
        return known

    def opening(self, path: Path) -> File:
        """The file behind a name, which is made when it is not there; one handle more."""
        file = self._files.get(path)
        if not path.exists():
            last = self._begin_change()
            path.touch(0o640)
            file = self._files[path] = File(0)
            self._names.setdefault(path, [None]).append(file)
            self._maybe_die(last)
        else:
            size = path.stat().st_size
            if file is None or (file.size != size and not file.handles):  # others wrote it, durably
                self._used += size - (file.size if file else 0)
                file = self._files[path] = File(size)
            if file.failed and not file.handles:
                self._settle(path, file)
        file.handles += 1
        return file

    def write(
        self, file: File, data: bytes, offset: int,
        read: Callable[[int, int], bytes], put: Callable[[bytes, int], object],
    ) -> None:  # fmt: skip
        """Carry out a write and remember how to undo it. On a full disk what fits is written."""
        last = self._begin_change()
        growth = offset + len(data) - file.size
        room = self._limit - self._used
        full = growth > 0 and growth > room
        if full:
            data = data[: max(0, file.size + max(0, room) - offset)]
            growth = offset + len(data) - file.size
        if data and not self._leaving:
            there = min(len(data), file.size - offset)
            old = read(there, offset).ljust(there, b"\0") if there > 0 else b""
            file.unsynced.append(Change(offset, bytes(data), old, file.size))
            put(data, offset)
            if growth > 0:
                file.size += growth
                self._used += growth
        self._maybe_die(last)
        if full:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    def truncate_file(
        self, file: File, size: int,
        read: Callable[[int, int], bytes], cut: Callable[[int], object],
    ) -> None:  # fmt: skip
        """Carry out a truncate and remember how to undo it."""
        last = self._begin_change()
        if not self._leaving:
            tail = max(0, file.size - size)
            old = read(tail, size).ljust(tail, b"\0") if tail else b""
            file.unsynced.append(Change(size, None, old, file.size))
            cut(size)
            self._used += size - file.size
            file.size = size
        self._maybe_die(last)

    def sync_file(self, path: Path, file: File, *, name: bool) -> None:
        """What was written is durable now; with `name`, the names in its folder too."""
        self._maybe_die(self._begin())
        if self._leaving:
            return
        if file.failed:
            self.synced_again.append(path)
            raise SyncedAgain(f"{path}: synced again after a sync of it had failed")
        self._fail_in -= 1
        if self._fail_in == 0:
            file.failed = True
            raise system_error(errno.EIO, path)
        file.unsynced.clear()
        if name:
            self._keep_names(path.parent)

    def delete(self, path: Path, *, sync_folder: bool) -> None:
        """Take a name away; a power cut may bring it back until its folder is synced."""
        last = self._begin_change()
        if self._leaving:
            return
        file = self._files.pop(path, None) or File(path.stat().st_size)
        file.gone = path.read_bytes()
        self._names.setdefault(path, [file]).append(None)
        path.unlink()
        self._used -= file.size
        self._maybe_die(last)
        if sync_folder:
            self._keep_names(path.parent)

    # Inside

    def _begin(self) -> bool:
        """One operation more; True when it is the last one."""
        if self._leaving:
            return False
        if self._dead:
            raise PowerCut
        self.operations += 1
        self._cut_in -= 1
        return self._cut_in == 0

    def _begin_change(self) -> bool:
        last = self._begin()
        if self.is_read_only and not self._leaving:
            self._maybe_die(last)
            raise OSError(errno.EROFS, os.strerror(errno.EROFS))
        return last

    def _maybe_die(self, last: bool) -> None:
        """A change has been made, or a sync is about to be."""
        if self.watch is not None and not self._leaving:
            self.watch()
        if last:
            self._dead = True
            raise PowerCut

    def _keep_names(self, folder: Path) -> None:
        for path in [p for p in self._names if p.parent == folder]:
            del self._names[path]

    def would_leave(self, how: How | None = None) -> dict[Path, bytes | None]:
        """What each file would hold if the current went off now; None where there is no file.

        Only files that would not be as they are. Nothing changes but the drawing of chances.
        """
        found: dict[Path, bytes | None] = {}
        for path, entries in self._names.items():
            way = self._way(how)
            if way in {"nothing", "all"}:
                file = entries[0 if way == "nothing" else -1]
            else:
                file = self._chance.choice(entries)
            if file is not self._files.get(path):
                found[path] = None if file is None else self._left(file.gone, file, how)
        for path, file in self._files.items():
            if path not in found and file.unsynced:
                found[path] = self._left(path.read_bytes(), file, how)
        return found

    def _way(self, how: How | None) -> How:
        return self._chance.choice(HOWS) if how is None else how

    def _left(self, current: bytes, file: File, how: How | None) -> bytes:
        return remains(current, file.unsynced, self._way(how), self._chance)

    def _cut(self, how: How | None) -> None:
        """Leave of names and contents what a power cut may leave."""
        for path, image in self.would_leave(how).items():
            if image is None:
                path.unlink(missing_ok=True)
            else:
                path.write_bytes(image)
        paths = [*self._files, *(p for p in self._names if p not in self._files)]
        self._names.clear()
        self._files = {p: File(p.stat().st_size) for p in paths if p.exists()}
        self._used = sum(f.size for f in self._files.values())

    def _settle(self, path: Path, file: File) -> None:
        """After a failed sync: decide what became of what was written."""
        image = self._left(path.read_bytes(), file, None)
        path.write_bytes(image)
        self._used += len(image) - file.size
        file.size = len(image)
        file.unsynced.clear()
        file.failed = False


def system_error(number: int, path: Path) -> OSError:
    """As the system would raise it."""
    return OSError(number, os.strerror(number), str(path))
