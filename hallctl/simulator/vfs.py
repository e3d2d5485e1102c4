"""SQLite's way to the simulated disk (sqlite.org/vfs.html): real files, whose changes are noted."""

import errno
from typing import TYPE_CHECKING

import apsw

from hallctl.simulator.platter import Platter

if TYPE_CHECKING:
    from typing_extensions import Buffer


class Vfs(apsw.VFS):
    """SQLite's door to the disk; what is not here is the system's own."""

    def excepthook(self, *_exception: object) -> bool:
        """An error that SQLite tells nobody of is not told here either."""
        return True

    def __init__(self, platter: Platter, name: str) -> None:
        self._platter = platter
        super().__init__(name, "")

    def xOpen(self, name: str | apsw.URIFilename | None, flags: list[int]) -> apsw.VFSFile:  # noqa: N802 - apsw's word
        """Open a file; its changes are noted from here on."""
        if name is None:  # a temporary file: nobody looks for it after a power cut
            return apsw.VFSFile("", None, flags)
        return _VfsFile(self._platter, name, flags)

    def xDelete(self, filename: str, syncdir: bool) -> None:  # noqa: N802 - apsw's word
        """Take a file's name away."""
        path = self._platter.real(filename)
        if not path.exists():
            raise _sqlite(apsw.IOError, apsw.SQLITE_IOERR_DELETE_NOENT, filename)
        try:
            self._platter.delete(path, sync_folder=syncdir)
        except OSError as problem:
            raise _told(problem, apsw.SQLITE_IOERR_DELETE) from problem


class _VfsFile(apsw.VFSFile):
    """One opening of one of SQLite's files. Locks and shared memory are the system's own."""

    def __init__(self, platter: Platter, name: str | apsw.URIFilename, flags: list[int]) -> None:
        self._platter = platter
        filename = name.filename() if isinstance(name, apsw.URIFilename) else name
        self._path = platter.real(filename)
        # as unixSync does: the first sync of a new log makes its name durable too
        self._names_new = not self._path.exists() and bool(flags[0] & _LOGS)
        try:
            self._file = platter.opening(self._path)
        except OSError as problem:
            raise _told(problem, apsw.SQLITE_CANTOPEN) from problem
        self._counted = True
        if platter.is_read_only:  # the system's VFS falls back to reading, and says so
            flags[0] = flags[0] & ~_WRITING | apsw.SQLITE_OPEN_READONLY
        super().__init__("", name, flags)

    def excepthook(self, *_exception: object) -> bool:
        """As `Vfs.excepthook`."""
        return True

    def xWrite(self, data: "Buffer", offset: int) -> None:  # noqa: N802 - apsw's word
        try:
            self._platter.write(self._file, bytes(data), offset, super().xRead, super().xWrite)
        except OSError as problem:
            raise _told(problem, apsw.SQLITE_IOERR_WRITE) from problem

    def xTruncate(self, newsize: int) -> None:  # noqa: N802 - apsw's word
        try:
            self._platter.truncate_file(self._file, newsize, super().xRead, super().xTruncate)
        except OSError as problem:
            raise _told(problem, apsw.SQLITE_IOERR_TRUNCATE) from problem

    def xSync(self, flags: int) -> None:  # noqa: ARG002, N802 - apsw's word
        try:
            self._platter.sync_file(self._path, self._file, name=self._names_new)
        except OSError as problem:
            raise _told(problem, apsw.SQLITE_IOERR_FSYNC) from problem
        self._names_new = False

    def xClose(self) -> None:  # noqa: N802 - apsw's word
        if self._counted:
            self._counted = False
            self._file.handles -= 1
        super().xClose()


_WRITING = apsw.SQLITE_OPEN_READWRITE | apsw.SQLITE_OPEN_CREATE
_LOGS = apsw.SQLITE_OPEN_WAL | apsw.SQLITE_OPEN_MAIN_JOURNAL | apsw.SQLITE_OPEN_SUPER_JOURNAL


def _told(problem: OSError, code: int) -> apsw.Error:
    """The SQLite error that the system's VFS would have made of an OSError."""
    if problem.errno == errno.ENOSPC:
        return _sqlite(apsw.FullError, apsw.SQLITE_FULL, str(problem))
    kind = apsw.CantOpenError if code == apsw.SQLITE_CANTOPEN else apsw.IOError
    return _sqlite(kind, code, str(problem))


def _sqlite(kind: type[apsw.Error], code: int, words: str) -> apsw.Error:
    error = kind(words)
    error.extendedresult = code  # type: ignore[attr-defined]  # apsw reads it; its stub has it not
    return error
