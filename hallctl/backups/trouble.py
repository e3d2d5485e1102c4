"""What goes wrong with backups, said to the person who asked."""

import errno
from pathlib import Path

import apsw

from hallctl.texts import say


class BackupError(Exception):
    """What is wrong, and what to do. `what` names the text `backup.<what>`; reads as English."""

    def __init__(self, what: str, **values: object) -> None:
        super().__init__(say("en", f"backup.{what}", **values))
        self.what = what
        self._values = values

    def words(self, language: str) -> str:
        """The same in another language."""
        told = {
            name: value.words(language) if isinstance(value, BackupError) else value
            for name, value in self._values.items()
        }
        return say(language, f"backup.{self.what}", **told)


def unwritable(folder: Path, problem: Exception) -> BackupError:
    """The words for a copy that could not be written into `folder`."""
    full = isinstance(problem, apsw.FullError)
    if isinstance(problem, OSError):
        full = problem.errno in {errno.ENOSPC, errno.EDQUOT}
    if full:
        return BackupError("disk_full", folder=folder)
    why = problem.strerror if isinstance(problem, OSError) else problem
    return BackupError("unwritable", folder=folder, problem=why or problem)
