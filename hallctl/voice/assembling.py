"""Sentences become one piece of sound: the chime, the clips and the pauses between them.

One piece, so that nothing can come between two words: what plays it cannot stumble. Only the
standard library, because the player must start fast. The same clips give the same bytes.
"""

import contextlib
import functools
from array import array
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from hallctl.voice.clips import RATE, ClipError, Library

AFTER_CHIME_MS: Final = 250
BETWEEN_SENTENCES_MS: Final = 500
TAIL_MS: Final = 400
"""Silence at the end: what the card still holds when the last sample is handed over is silence."""
BETWEEN_DIGITS_MS: Final = 30
"""The digits of a number belong together."""
BETWEEN_WORDS_MS: Final = 60
FADE_MS: Final = 2
"""A clip cut in the middle of a wave would click; so each comes in and goes out."""
PAUSE: Final = "pause:"
PAUSE_MOST_MS: Final = 5000
CHIMES: Final = {"full": "chime", "short": "chime-short"}
LOUDEST: Final = 100
LOUDNESS_EXPONENT: Final = 0.6
"""Stevens' power law: loudness goes with the sound pressure to the power of 0.6."""
_ONE: Final = 1 << 15
_DIGITS: Final = frozenset({"yao"})


@dataclass(frozen=True, slots=True)
class Assembled:
    """`pcm`: 16-bit mono samples of this machine's byte order, b"" when nothing can sound.

    `languages` of the sentences that are in it, in order; `left_out` what could not be said and
    why (`mandarin/letter-a: no such clip`).
    """

    pcm: bytes
    languages: tuple[str, ...]
    left_out: tuple[str, ...]

    @property
    def lasts_s(self) -> float:
        """How long it sounds, the pauses and the tail included."""
        return len(self.pcm) / 2 / RATE


class Prepared:
    """Clips as they sound, with soft ends and at a volume, kept from one call to the next.

    A clip that was replaced is prepared anew, and all are at another volume.
    """

    def __init__(self, library: Library) -> None:
        self._library = library
        self._volume = LOUDEST
        self._kept: dict[str, tuple[array[int], array[int]]] = {}
        self._ahead: Iterator[tuple[str, str]] | None = None
        """What is still to be prepared before anybody asks; None: not looked yet."""

    def set_volume(self, volume: int) -> None:
        """In percent."""
        if volume != self._volume:
            self._volume = volume
            self._kept.clear()
            self._ahead = None

    def prepare_one(self) -> bool:
        """Prepare one more clip before it is asked for; False when all there were have been."""
        if self._ahead is None:
            self._ahead = iter(self._library.places())
        place = next(self._ahead, None)
        if place is None:
            return False
        language, name = place
        with contextlib.suppress(ClipError):  # whoever asks for it hears why it cannot be
            if language:
                self.pcm(language, name)
            else:
                self.chime(name)
        return True

    def pcm(self, language: str, name: str) -> "array[int]":
        """A clip. Raises ClipError."""
        return self._prepared(f"{language}/{name}", self._library.pcm(language, name))

    def chime(self, name: str) -> "array[int]":
        """A chime. Raises ClipError."""
        return self._prepared(name, self._library.chime(name))

    def _prepared(self, place: str, clip: "array[int]") -> "array[int]":
        kept = self._kept.get(place)
        if kept is None or kept[0] is not clip:  # the library gives the same one while it stands
            kept = self._kept[place] = (clip, at_volume(_faded(clip), self._volume))
        return kept[1]


def assemble(
    library: Library | Prepared,
    chime: str,
    sentences: Iterable[tuple[str, Sequence[str]]],
    volume: int,
) -> Assembled:
    """Chime (`full`, `short`, `none`) and sentences (language, clips) at a volume in percent.

    A sentence with a hole is left out whole: half a call sends people to the wrong window. Whoever
    assembles often keeps a `Prepared`, which is the faster the second time.
    """
    clips = library if isinstance(library, Prepared) else Prepared(library)
    clips.set_volume(volume)
    pieces: list[array[int]] = []
    spoken: list[array[int]] = []
    languages: list[str] = []
    left_out: list[str] = []
    if chime in CHIMES:
        try:
            pieces.append(clips.chime(CHIMES[chime]))
        except ClipError as hole:
            left_out.append(str(hole))
    for language, names in sentences:
        sound, holes = _sentence(clips, language, names)
        if holes:
            left_out += holes
        elif sound:
            spoken.append(sound)
            languages.append(language)
    for at, sound in enumerate(spoken):
        if pieces:
            pieces.append(_silence(BETWEEN_SENTENCES_MS if at else AFTER_CHIME_MS))
        pieces.append(sound)
    if not pieces:
        return Assembled(b"", (), tuple(dict.fromkeys(left_out)))
    whole: array[int] = array("h")
    for piece in pieces:
        whole += piece
    whole += _silence(TAIL_MS)
    return Assembled(whole.tobytes(), tuple(languages), tuple(dict.fromkeys(left_out)))


def gain_of(volume: int) -> float:
    """What samples are multiplied with: 50 % sounds half as loud as 100 % (10 dB less).

    1.0 at 100 %, which leaves the clips as they are, and never more: nothing can be clipped.
    """
    percent = min(max(volume, 0), LOUDEST)
    return float((percent / LOUDEST) ** (1 / LOUDNESS_EXPONENT))


def at_volume(samples: "array[int]", volume: int) -> "array[int]":
    """The same at a volume in percent, as `gain_of` says."""
    factor = round(gain_of(volume) * _ONE)
    if factor == _ONE:
        return samples
    return array("h", map(_scaled(factor).__getitem__, samples))


@functools.lru_cache(maxsize=4)
def _scaled(factor: int) -> "array[int]":
    """Every sample's value after scaling; a negative sample is an index from the end."""
    samples = [*range(_ONE), *range(-_ONE, 0)]
    return array("h", [(sample * factor + (_ONE >> 1)) >> 15 for sample in samples])


def _silence(pause_ms: int) -> "array[int]":
    return array("h", bytes(2 * (RATE * pause_ms // 1000)))


def _sentence(
    clips: Prepared, language: str, names: Sequence[str]
) -> tuple["array[int]", list[str]]:
    """The sound of one sentence, or what is missing for it."""
    sound: array[int] = array("h")
    holes: list[str] = []
    for pause_ms, name in paused(names):
        try:
            clip = clips.pcm(language, name)
        except ClipError as hole:
            holes.append(str(hole))
            continue
        if sound:
            sound += _silence(pause_ms)
        sound += clip
    return sound, holes


def paused(names: Sequence[str]) -> Iterator[tuple[int, str]]:
    """Each clip with the pause before it, in milliseconds."""
    asked: int | None = None
    before = ""
    for name in names:
        if name.startswith(PAUSE):
            digits = name.removeprefix(PAUSE)
            known = digits.isascii() and digits.isdigit()
            asked = min(int(digits[:6]), PAUSE_MOST_MS) if known else BETWEEN_WORDS_MS
            continue
        together = _is_digit(before) and _is_digit(name)
        usual = BETWEEN_DIGITS_MS if together else BETWEEN_WORDS_MS
        yield (usual if asked is None else asked), name
        before, asked = name, None


def _is_digit(name: str) -> bool:
    return name.isdigit() or name in _DIGITS


def _faded(clip: "array[int]") -> "array[int]":
    """The clip with its very ends brought to zero."""
    faded = clip[:]
    size = len(faded)
    fade = min(RATE * FADE_MS // 1000, size // 2)
    for at in range(fade):
        faded[at] = faded[at] * at // fade
        faded[size - 1 - at] = faded[size - 1 - at] * at // fade
    return faded
