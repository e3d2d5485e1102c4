"""How the last backup ended: a small file of the state folder, which `hallctl health` reads.

A monitor of group hall may read it, but neither the journal nor the backups themselves. A state
folder that cannot be written is no reason to give up a backup onto a stick, so nothing here fails.
"""

import contextlib
import json
import time
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from hallctl.privately import write_privately

FILE = "last-backup.json"
MODE = 0o640


@dataclass(frozen=True, slots=True)
class Note:
    """What is kept. Times are UNIX seconds of this machine, 0.0 for never.

    `good_s` is the last good backup, in `file`; `failed_s` when a nightly one failed since, with
    its words by language.
    """

    good_s: float = 0.0
    file: str = ""
    failed_s: float = 0.0
    code: str = ""
    zh: str = ""
    en: str = ""


def note_good(state: Path, file: Path) -> None:
    """A backup was made: what failed before is forgotten."""
    _write(state, Note(good_s=time.time(), file=str(file)))


def note_failed(state: Path, code: str, zh: str, en: str) -> None:
    """Nobody was there to read why."""
    note = replace(noted(state) or Note(), failed_s=time.time(), code=code, zh=zh, en=en)
    _write(state, note)


def noted(state: Path) -> Note | None:
    """What is known; None when nothing is, or it is not for us to read."""
    try:
        return Note(**json.loads((state / FILE).read_text("ascii")))
    except (OSError, ValueError, TypeError):
        return None


def _write(state: Path, note: Note) -> None:
    with contextlib.suppress(OSError):
        write_privately(state / FILE, json.dumps(asdict(note)) + "\n")
        (state / FILE).chmod(MODE)
