"""Makes the clips a hall lacks, with the machine's voice.

How they are levelled: espeak-ng's words differ by 7 dB (到 -13.7, 四 -20.8 LUFS), so one gain a
voice on them as they come cannot keep sentences within 1 LU. Each clip is therefore first brought
to the same loudness (its K weighted power, trimmed), then one gain a language, measured over this
hall's sentences, brings the sentences to -16 LUFS. Measured on the sample hall, 444 sentences
a language: 普通话 within 0.42 LU of each other, 粤语 0.50, English 1.05 (one sentence alone lies
beyond 1: "rehearsal, window three", three short words between pauses; English calls 0.9). The
gain is noted in `made.json` and kept, so that a clip made later fits the others.
"""

import hashlib
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from typing import Final

import numpy as np

from hallctl.core.rules import Rules, Spoken
from hallctl.core.speech import (
    ClipWords,
    Sentence,
    clips_needed,
    languages_of,
    sentence,
)
from hallctl.texts.spoken import cantonese, english, mandarin
from hallctl.voice.assembling import paused
from hallctl.voice.clips import RATE, ClipError, Library
from hallctl.voice.loudness import SILENT, Sound, gated, silence_s, true_peak, weighted
from hallctl.voice.made import Made, Note, alone, made_as, stale
from hallctl.voice.shaping import (
    PEAK_DB,
    RecordingError,
    levelled,
    noise_db,
    read_recording,
    trimmed,
    write_clip,
)
from hallctl.voice.speaking import (
    VOICES,
    WORDS_A_MINUTE,
    SpeakingError,
    Utterance,
    engine,
    speak,
    spoken_text,
)

SENTENCE_LUFS: Final = -16.0
SENTENCE_OFF_LU: Final = 0.5
"""How far a sentence may lie from it: any two are then within 1 LU."""
USUAL_GAIN_DB: Final = 0.25
"""The gain of a language nobody has measured yet: what the three voices' came to, rounded."""
AT_ONCE: Final = 2
_LABELS: Final = ("000", "111", "222", "333", "444", "555", "666", "777", "888", "999")
_MIXED: Final = ("012", "345", "678", "901", "257", "386", "149", "010")
_SHORTEST_S, _SHORTEST_SYLLABLE_S = 0.05, 0.08
_LONGEST_S, _LONGEST_SYLLABLE_S = 0.45, 0.6
_ENDS_S: Final = 0.02
_PHRASES: Final[dict[Spoken, dict[str, str]]] = {
    "mandarin": mandarin.PHRASES,
    "cantonese": cantonese.PHRASES,
    "english": english.PHRASES,
}
_VOWELS: Final = frozenset("aeiouy")


@dataclass(frozen=True, slots=True)
class Hole:
    """A clip this hall needs and does not have, or (`stale`) has with words of before."""

    language: Spoken
    name: str
    words: ClipWords
    stale: bool = False

    @property
    def place(self) -> str:
        """`language/name`, as clips are named everywhere."""
        return f"{self.language}/{self.name}"


@dataclass(frozen=True, slots=True)
class Progress:
    """A clip is done; `why` it failed, or "" when it was made."""

    hole: Hole
    done: int
    of: int
    why: str = ""


@dataclass(slots=True)
class Built:
    """What a build came to: files written, and the places that failed with the reason."""

    written: list[Path] = field(default_factory=list)
    failed: list[tuple[str, str]] = field(default_factory=list)


def missing(rules: Rules, library: Library) -> list[Hole]:
    """The clips a build would make: those in no folder, and made ones whose words have changed."""
    holes = []
    for language in languages_of(rules):
        for name, words in clips_needed(rules, language).items():
            try:
                old = stale(library.path(language, name), words)
            except ClipError as problem:
                if problem.kind == "absent":
                    holes.append(Hole(language, name, words))
            else:
                if old:
                    holes.append(Hole(language, name, words, stale=True))
    return holes


def build(rules: Rules, library: Library, into: Path, tell: Callable[[Progress], None]) -> Built:
    """Make every missing clip into `into`, a folder of the library's; others are left alone.

    A clip that cannot be made is told and left out, the others are written. Raises SpeakingError
    when there is no voice at all, OSError when nothing can be written.
    """
    built = Built()
    if not missing(rules, library):
        return built
    with alone(into):  # the daemon and a technician may both build at a first start
        holes = missing(rules, library)
        if not holes:
            return built
        used = engine()
        with tempfile.TemporaryDirectory(prefix="hallctl-voice-") as scratch:
            spoken = _speak_all(holes, Path(scratch), tell, built)
        for language in languages_of(rules):
            ours = {h: s for h, s in spoken.items() if h.language == language}
            if ours:
                _write(rules, language, ours, into / language, used, built)
    return built


def _speak_all(
    holes: list[Hole], scratch: Path, tell: Callable[[Progress], None], built: Built
) -> dict[Hole, tuple[str, Sound]]:
    """What espeak-ng was given and what it said, trimmed, a hole; the failures go to `built`."""
    spoken: dict[Hole, tuple[str, Sound]] = {}
    numbered = list(enumerate(holes))

    def one(numbered: tuple[int, Hole]) -> tuple[str, Sound] | str:
        number, hole = numbered
        try:
            return _spoken(hole, scratch / f"{number}.wav")
        except (SpeakingError, RecordingError) as problem:
            return str(problem)

    with ThreadPoolExecutor(AT_ONCE) as pool:
        for done, ((_, hole), said) in enumerate(
            zip(numbered, pool.map(one, numbered), strict=True), start=1
        ):
            if isinstance(said, str):
                built.failed.append((hole.place, said))
            else:
                spoken[hole] = said
            tell(Progress(hole, done, len(holes), said if isinstance(said, str) else ""))
    return spoken


def _spoken(hole: Hole, file: Path) -> tuple[str, Sound]:
    text = spoken_text(hole.words)
    speak(Utterance(text, VOICES[hole.words.by], str(file)))
    sound = trimmed(read_recording(file))
    file.unlink()
    wrong = fault_of(sound, hole.words)
    if wrong:
        raise SpeakingError(f"{hole.words.text}: what espeak-ng said is {wrong}")
    return text, levelled(sound, SENTENCE_LUFS)


def fault_of(sound: Sound, words: ClipWords) -> str:
    """silent, short, long (for its syllables), untrimmed, or "" for a clip as it should be."""
    length_s, (shortest_s, longest_s) = len(sound) / RATE, plausible_s(words)
    before_s, after_s = silence_s(sound)
    if before_s + after_s >= length_s or float(np.max(np.abs(sound), initial=0.0)) < 1e-3:  # noqa: PLR2004
        return "silent"
    if length_s < shortest_s:
        return "short"
    if length_s > longest_s:
        return "long"
    return "untrimmed" if max(before_s, after_s) > _ENDS_S else ""


def plausible_s(words: ClipWords) -> tuple[float, float]:
    """The shortest and the longest a clip of these words can be, in seconds."""
    count = syllables(words)
    return (
        _SHORTEST_S + count * _SHORTEST_SYLLABLE_S,
        _LONGEST_S + count * _LONGEST_SYLLABLE_S,
    )


def syllables(words: ClipWords) -> int:
    """How many syllables, about: those of the reading, the characters, groups of vowels."""
    if words.reading:
        parts = words.reading.split()
        return sum(1 if part.isascii() else len(part) for part in parts)
    if not words.text.isascii():
        return len(words.text)
    vowels = [letter in _VOWELS for letter in f" {words.text.lower()}"]
    return max(1, sum(now and not before for before, now in pairwise(vowels)))


def _write(
    rules: Rules,
    language: Spoken,
    spoken: Mapping[Hole, tuple[str, Sound]],
    folder: Path,
    used: str,
    built: Built,
) -> None:
    """Level a language's clips with its voice's gain and write them, the note first.

    Should the machine stop between the two, the note names clips that are not there, and the next
    run makes them. The other way round they would pass for somebody's recordings.
    """
    note = Note.read(folder)
    if note.gain_db is None:
        note.gain_db = gain_of(rules, language, {h.name: s for h, (_, s) in spoken.items()})
    finished = []
    for hole, (text, sound) in spoken.items():
        path = folder / f"{hole.name}.wav"
        if path.exists() and made_as(path) is None:
            built.failed.append((hole.place, f"{path} is a recording, and is left alone"))
            continue
        clip = levelled(sound, SENTENCE_LUFS + note.gain_db)
        if true_peak(clip) > PEAK_DB:
            built.failed.append((hole.place, f"its peak is {true_peak(clip):.1f} dBTP"))
            continue
        path.unlink(missing_ok=True)
        bytes_of_it = write_clip(folder / f"{hole.name}.tmp", clip)
        digest = hashlib.sha256(bytes_of_it).hexdigest()
        words = hole.words
        note.clips[hole.name] = Made(
            words.text, words.reading, VOICES[words.by], text, used, digest, WORDS_A_MINUTE
        )
        finished.append(path)
    note.write(folder)
    for path in finished:
        path.with_suffix(".tmp").replace(path)
    built.written += finished


def gain_of(rules: Rules, language: Spoken, clips: Mapping[str, Sound]) -> float:
    """The one gain that centres this hall's sentences on -16 LUFS, in dB.

    Only sentences made of `clips` alone count: what somebody recorded has a level of its own.
    """
    found = [lufs for _, lufs in sentence_levels(sentences(rules, language), clips)]
    return round(SENTENCE_LUFS - (min(found) + max(found)) / 2, 2) if found else USUAL_GAIN_DB


def sentence_levels(
    said: Iterable[Sentence], clips: Mapping[str, Sound]
) -> Iterator[tuple[Sentence, float]]:
    """The loudness in LUFS of each sentence that `clips` suffice for, put together.

    The weighting is linear, so clips are weighted once and the weighted ones put together.
    """
    ready = {name: weighted(sound) for name, sound in clips.items()}
    for one in said:
        parts: list[Sound] = []
        for pause_ms, clip in paused(one.clips):
            if clip not in ready:
                parts = []
                break
            parts += [np.zeros(RATE * pause_ms // 1000 if parts else 0), ready[clip]]
        lufs = gated(np.concatenate(parts)) if parts else SILENT
        if lufs != SILENT:
            yield one, lufs


def sentences(rules: Rules, language: Spoken) -> Iterator[Sentence]:
    """What this hall comes to say: every phrase, every queue, every digit, every window."""
    windows = [window.number for window in rules.windows]
    labels = [q.prefix + digits for q in rules.queues for digits in _LABELS + _MIXED]
    for phrase, asks in _PHRASES[language].items():
        if "{label}" not in asks:
            for window in windows if "{window}" in asks else [0]:
                yield sentence(rules, language, phrase, window=window)
            continue
        for number, label in enumerate(labels):
            turn = number + number // len(_LABELS + _MIXED)  # each label meets other windows
            window = windows[turn % len(windows)] if windows else 0
            yield sentence(rules, language, phrase, label=label, window=window)


def recorded(path: Path, words: ClipWords, lufs: float) -> Sound:
    """Somebody's recording as a clip: trimmed, levelled. Raises RecordingError with the reason."""
    raw = read_recording(path)
    sound = trimmed(raw, noise_db(raw))
    wrong = fault_of(sound, words)
    if wrong in {"silent", "short", "long"}:
        raise RecordingError(wrong)
    return levelled(sound, lufs)
