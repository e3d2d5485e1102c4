"""The note `made.json` beside made clips: what each says and how it was made.

A file the note does not know, or whose bytes are others, is somebody's recording.
"""

import contextlib
import hashlib
import json
import os
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from fcntl import LOCK_EX, flock
from pathlib import Path
from typing import Any, Final

from hallctl.core.speech import ClipWords
from hallctl.voice.speaking import VOICES, WORDS_A_MINUTE

NOTE: Final = "made.json"


@dataclass(frozen=True, slots=True)
class Made:
    """How one clip was made: its words, and the SHA-256 of its file."""

    text: str
    reading: str
    voice: str
    spoken: str
    engine: str
    sha256: str
    words_a_minute: int = 0

    def says(self, words: ClipWords) -> bool:
        """Whether it still says what this hall wants said."""
        wanted = (words.text, words.reading, VOICES[words.by], WORDS_A_MINUTE)
        return (self.text, self.reading, self.voice, self.words_a_minute) == wanted


@dataclass(slots=True)
class Note:
    """The note of one language's folder; `gain_db` is its voice's one gain, once measured."""

    clips: dict[str, Made] = field(default_factory=dict)
    gain_db: float | None = None

    @classmethod
    def read(cls, folder: Path) -> "Note":
        """The note of a folder; an empty one when there is none, or none that can be read."""
        try:
            found: Any = json.loads((folder / NOTE).read_text(encoding="utf-8"))
            clips = {str(name): Made(**made) for name, made in found["clips"].items()}
            gain_db = found["gain_db"]
        except (OSError, ValueError, KeyError, TypeError, AttributeError):
            return cls()
        return cls(clips, float(gain_db) if isinstance(gain_db, int | float) else None)

    def write(self, folder: Path) -> None:
        """Write the note, whole. Raises OSError."""
        folder.mkdir(parents=True, exist_ok=True)
        words = json.dumps(
            {"gain_db": self.gain_db, "clips": {n: asdict(m) for n, m in self.clips.items()}},
            ensure_ascii=False,
            indent=1,
        )
        fresh = folder / f".{NOTE}.{os.getpid()}.new"
        with fresh.open("w", encoding="utf-8") as file:
            file.write(words + "\n")
            file.flush()
            os.fsync(file.fileno())
        fresh.replace(folder / NOTE)


def made_as(path: Path) -> Made | None:
    """How a clip's file was made; None for somebody's recording."""
    made = Note.read(path.parent).clips.get(path.stem)
    return made if made and made.sha256 == sha256_of(path) else None


def stale(path: Path, words: ClipWords) -> bool:
    """Whether a file was made for other words than the hall's now. A recording never is."""
    made = made_as(path)
    return made is not None and not made.says(words)


def sha256_of(path: Path) -> str:
    """The SHA-256 of a file; "" for one that cannot be read."""
    try:
        return hashlib.sha256(path.read_bytes()).hexdigest()
    except OSError:
        return ""


@contextlib.contextmanager
def alone(folder: Path) -> Iterator[None]:
    """Wait until no other build works in the folder, and keep others out. Raises OSError."""
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / ".making").open("w") as lock:
        flock(lock, LOCK_EX)
        yield
