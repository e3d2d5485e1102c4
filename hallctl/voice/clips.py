"""Finding and reading the clips the voice puts its sentences together from.

A clip is `<folder>/<language>/<name>.wav`, a chime `<folder>/<name>.wav`: 16 bit, mono, 48,000 Hz.
Only the standard library, because the player must start fast.
"""

import re
import sys
import wave
from array import array
from collections.abc import Sequence
from pathlib import Path
from typing import Final

RATE: Final = 48_000
"""Samples a second of every clip and of everything played."""
WIDTH: Final = 2
"""Bytes a sample."""
CHANNELS: Final = 1
LONGEST_S: Final = 30
"""A clip is a word or a phrase; anything longer is a mistake, and would fill the memory."""
LANGUAGES: Final = ("mandarin", "cantonese", "english")
_NAME = re.compile(r"[\w-]+")

_Stamp = tuple[Path, int, int, int]


class ClipError(Exception):
    """A clip cannot be used: `place` is `language/name` (a chime: `name`), `why` the reason.

    `kind` is the reason in one word, for translations: absent, name, unreadable, corrupt, endless,
    empty, cut, rate, channels, bits.
    """

    def __init__(self, place: str, kind: str, why: str) -> None:
        super().__init__(f"{place}: {why}")
        self.place, self.kind, self.why = place, kind, why


class Library:
    """The clips of several folders; what an earlier folder has hides the later ones'.

    A file is read anew whenever it was replaced, so a new recording is heard with the next call.
    """

    def __init__(self, folders: Sequence[Path]) -> None:
        self.folders = tuple(folders)
        self._read: dict[str, tuple[_Stamp, array[int]]] = {}

    def path(self, language: str, name: str) -> Path:
        """The file of a clip. Raises ClipError when no folder has one."""
        if language not in LANGUAGES:
            raise ClipError(f"{language}/{name}", "absent", f"no such language: {language}")
        return self._find(f"{language}/{name}", name)

    def pcm(self, language: str, name: str) -> "array[int]":
        """The samples of a clip, not to be changed. Raises ClipError."""
        return self._samples(f"{language}/{name}", self.path(language, name))

    def chime(self, name: str) -> "array[int]":
        """The samples of a chime, `chime` or `chime-short`, not to be changed. Raises ClipError."""
        return self._samples(name, self._find(name, name))

    def places(self) -> list[tuple[str, str]]:
        """(language, name) of every clip there is, ("", name) of every chime, each once."""
        found: dict[tuple[str, str], None] = {}
        for folder in self.folders:
            for language in ("", *LANGUAGES):
                files = sorted((folder / language).glob("*.wav"))
                found |= dict.fromkeys((language, file.stem) for file in files)
        return list(found)

    def _find(self, place: str, name: str) -> Path:
        if not _NAME.fullmatch(name):  # names come over a pipe: none may lead out of the folders
            raise ClipError(place, "name", "not the name of a clip")
        for folder in self.folders:
            path = folder / f"{place}.wav"
            if path.is_file():
                return path
        raise ClipError(place, "absent", "no such clip")

    def _samples(self, place: str, path: Path) -> "array[int]":
        try:
            state = path.stat()
        except OSError as problem:
            raise ClipError(place, "unreadable", f"{path}: {problem.strerror}") from problem
        stamp = (path, state.st_mtime_ns, state.st_size, state.st_ino)
        known = self._read.get(place)
        if known is not None and known[0] == stamp:
            return known[1]
        self._read.pop(place, None)
        samples = read(path, place)
        self._read[place] = (stamp, samples)
        return samples


def read(path: Path, place: str) -> "array[int]":
    """The samples of a file in the clips' format. Raises ClipError, with `place` and the reason."""
    try:
        with wave.open(str(path), "rb") as clip:
            _check_format(clip, place)
            promised = clip.getnframes()
            # A header that lies about its length must not make us ask for gigabytes.
            frames = clip.readframes(min(promised, LONGEST_S * RATE + 1))
    except OSError as problem:
        raise ClipError(
            place, "unreadable", f"cannot be read: {problem.strerror or problem}"
        ) from problem
    except (EOFError, wave.Error) as problem:
        raise ClipError(
            place, "corrupt", f"corrupt: {problem or 'the file ends early'}"
        ) from problem
    if promised > LONGEST_S * RATE:
        raise ClipError(place, "endless", f"longer than {LONGEST_S} s")
    if promised == 0:
        raise ClipError(place, "empty", "empty")
    if len(frames) < promised * WIDTH:
        raise ClipError(place, "cut", f"cut short: {len(frames) // WIDTH} of {promised}")
    samples = array("h", frames)
    if sys.byteorder == "big":
        samples.byteswap()
    return samples


def _check_format(clip: wave.Wave_read, place: str) -> None:
    if clip.getframerate() != RATE:
        raise ClipError(place, "rate", f"{clip.getframerate()} Hz, not {RATE}")
    if clip.getnchannels() != CHANNELS:
        raise ClipError(place, "channels", f"{clip.getnchannels()} channels, not mono")
    if clip.getsampwidth() != WIDTH:
        raise ClipError(place, "bits", f"{8 * clip.getsampwidth()} bit, not {8 * WIDTH}")
