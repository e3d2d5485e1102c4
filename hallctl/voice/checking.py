"""What is missing, unusable, badly recorded or out of date among a hall's clips."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Final, Literal

import numpy as np

from hallctl.core.rules import Rules, Spoken
from hallctl.core.speech import ClipWords, clips_needed, languages_of
from hallctl.voice.clips import RATE, ClipError, Library
from hallctl.voice.loudness import Sound, clipped, level, true_peak
from hallctl.voice.made import stale
from hallctl.voice.making import fault_of, plausible_s

Severity = Literal["cannot", "poor", "old"]
"""`cannot`: sentences with this clip are not said; `poor`: heard, but badly; `old`: other words."""
CHIMES: Final = ("chime", "chime-short")
APART_LU: Final = 3.0
"""A clip so much louder or softer than its language's others stands out."""
OVER_DB: Final = 0.0
"""A true peak above full scale; recordings may go up to it, what we make keeps 1 dB below."""


@dataclass(frozen=True, slots=True)
class Flaw:
    """One thing wrong: the clip's `language/name`, its file if any, and what it is.

    `kind` completes the text keys `sounds.found.*` and `sounds.mend.*`; `detail` is a number or
    the reason in words.
    """

    severity: Severity
    place: str
    path: Path | None
    kind: str
    detail: str = ""


def check(rules: Rules, library: Library) -> list[Flaw]:
    """Everything wrong with the clips this hall needs and its chimes, in the order of recording."""
    flaws = []
    for name in CHIMES:
        try:
            library.chime(name)
        except ClipError as problem:
            flaws.append(_unusable(problem, _path(library, name)))
    for language in languages_of(rules):
        flaws += _check_language(clips_needed(rules, language), library, language)
    return flaws


def sound_of(library: Library, language: str, name: str) -> Sound:
    """A clip as floats. Raises ClipError."""
    sound: Sound = np.array(library.pcm(language, name), np.float64) / 32_768
    return sound


def _check_language(
    needed: Mapping[str, ClipWords], library: Library, language: Spoken
) -> list[Flaw]:
    flaws: list[Flaw] = []
    levels: dict[str, float] = {}
    for name, words in needed.items():
        place = f"{language}/{name}"
        try:
            sound = sound_of(library, language, name)
            path = library.path(language, name)
        except ClipError as problem:
            flaws.append(_unusable(problem, _path(library, place)))
            continue
        flaw = _poor(sound, words)
        if flaw:
            severity: Severity = "cannot" if flaw[0] == "silent" else "poor"
            flaws.append(Flaw(severity, place, path, *flaw))
        if stale(path, words):
            flaws.append(Flaw("old", place, path, "stale", words.text))
        if not flaw or flaw[0] != "silent":
            levels[name] = level(sound)
    usual = median(levels.values()) if levels else 0.0
    for name, lufs in levels.items():
        if abs(lufs - usual) > APART_LU:
            kind, path = "loud" if lufs > usual else "soft", library.path(language, name)
            flaws.append(
                Flaw("poor", f"{language}/{name}", path, kind, f"{abs(lufs - usual):.1f} LU")
            )
    order = [f"{language}/{name}" for name in needed]
    return sorted(flaws, key=lambda flaw: order.index(flaw.place))


def _poor(sound: Sound, words: ClipWords) -> tuple[str, str] | None:
    """What is wrong with a clip that can be played, and the detail."""
    fault = fault_of(sound, words)
    if fault in {"short", "long"}:
        lasts_s, (least_s, most_s) = len(sound) / RATE, plausible_s(words)
        return fault, f"{lasts_s:.2f} s, {least_s:.2f}-{most_s:.2f} s"
    if fault:
        return fault, ""
    if clipped(sound) or true_peak(sound) > OVER_DB:
        return "clipped", f"{true_peak(sound):+.1f} dBTP"
    return None


def _path(library: Library, place: str) -> Path | None:
    """The file that is there, whatever is wrong with it."""
    files = (folder / f"{place}.wav" for folder in library.folders)
    return next((file for file in files if file.is_file()), None)


def _unusable(problem: ClipError, path: Path | None) -> Flaw:
    return Flaw("cannot", problem.place, path, problem.kind, problem.why)
