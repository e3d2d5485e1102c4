"""An ear: what a recording of the hall's voice says, told from its samples alone.

It knows the clips' files and how people read a call, and shares no code with what put the sound
together. Each clip is found by normalised cross-correlation and then held against its file sample
by sample, so that a click, a cut or a wrong level inside it is noticed; between clips only digital
silence is allowed.
"""

import wave
from dataclasses import dataclass, field
from itertools import pairwise

import numpy as np
import pyloudnorm

RATE = 48_000
MS = RATE // 1000
HEAD = 1536
WINDOW = 3072
BEFORE = 1024
"""A clip may begin so much before its first sample that is not zero."""
ALIKE = 0.999
ALIKE_HEADS = 0.95
"""At half its volume, rounded to 16 bit, a clip is like its file to 0.99999; no two clips are."""
OFF_MOST = 3
"""Rounding twice and the gain's own error: so far may a sample lie from its file's."""
ENDS = 2 * MS + 2
"""The clips' ends are faded in and out."""
SILENT_MS = 20
SENTENCE_MS = 350
"""A longer silence ends a sentence."""
COMMA_MS = 120
CHIMES = {"chime": "full", "chime-short": "short"}
LETTER = "letter-"


@dataclass(frozen=True, slots=True)
class Clip:
    """Found from sample `start` to before `end`, or a sound that is none (no `readings`).

    `readings` by language ("" for a chime): a letter may be the same in two.
    """

    start: int
    end: int
    readings: dict


@dataclass(frozen=True, slots=True)
class Reading:
    """A file that sounds like this, how loud beside it, and what is not as it is in the file."""

    name: str
    start: int
    length: int
    gain: float
    flaw: str


@dataclass(slots=True)
class Sentence:
    """What was said in one language: the clips' names, where each begins and ends, the level."""

    language: str
    names: list
    spans: list
    gains: tuple
    """Of its softest and its loudest clip, beside their files."""
    lufs: float

    @property
    def start(self):
        return self.spans[0][0]

    @property
    def end(self):
        return self.spans[-1][1]

    @property
    def gaps(self):
        """Samples of silence between one clip and the next."""
        return [after - before for (_, before), (after, _) in pairwise(self.spans)]

    def read(self):
        """(form, label, window), as somebody who waits hears it; None for what makes no sense."""
        before, after = self._clauses()
        if before == ["evacuation"] and after == ["evacuation-calm"]:
            return ("evacuation", "", 0)
        for form, (first, last, to, end) in FORMS[self.language].items():
            label = _within(before, first, last)
            window = _within(after, to, end)
            if label and window and _label(label) and _number(window):
                return (form, _label(label), _number(window))
        return None

    def _clauses(self):
        """The words before and after the comma."""
        for at, gap in enumerate(self.gaps):
            if gap >= COMMA_MS * MS:
                return self.names[: at + 1], self.names[at + 1 :]
        return self.names, []


CHINESE = {
    "call": (["please"], ["number"], ["to"], ["window", "serve"]),
    "recall": (["please"], ["number"], ["quickly-to"], ["window"]),
    "short": ([], ["number"], [], ["window"]),
}
FORMS = {
    "mandarin": CHINESE,
    "cantonese": CHINESE,
    "english": {
        "call": (["number"], [], ["to"], []),
        "recall": (["number"], [], ["quickly-to"], []),
        "short": ([], [], ["window"], []),
    },
}


def _within(names, first, last):
    """What stands between the words a clause begins and ends with."""
    middle = names[len(first) : len(names) - len(last)]
    return middle if [*first, *middle, *last] == names else []


def _label(names):
    """A letter and at least three digits, or ""."""
    if len(names) < 4 or not names[0].startswith(LETTER):
        return ""
    digits = ["1" if name == "yao" else name for name in names[1:]]
    well = all(len(digit) == 1 and digit.isdigit() for digit in digits)
    return names[0].removeprefix(LETTER).upper() + "".join(digits) if well else ""


def _number(names):
    """A number below 1000 as it is spoken: 十一, 二十三, 一百零五, twenty one; 0 for none."""
    total = ones = 0
    for name in names:
        if not name.isdigit():
            return 0
        if name in {"10", "100"}:
            total, ones = total + max(ones, 1) * int(name), 0
        else:
            ones += int(name)
    return total + ones


@dataclass(slots=True)
class Heard:
    """One announcement: from the chime's first sample to the last of its last clip."""

    chime: str
    start: int
    chimed: int
    """Where the chime ends."""
    end: int
    sentences: list = field(default_factory=list)
    flaws: list = field(default_factory=list)

    @property
    def whole(self):
        return bool(self.sentences) and not self.flaws and len(self.reads) == 1

    @property
    def reads(self):
        """What its sentences say: one thing, when all is well."""
        return {sentence.read() for sentence in self.sentences}

    @property
    def languages(self):
        return tuple(sentence.language for sentence in self.sentences)

    @property
    def pauses_s(self):
        """The silence before each sentence."""
        ends = [self.chimed, *(sentence.end for sentence in self.sentences)]
        return [(x.start - end) / RATE for end, x in zip(ends, self.sentences, strict=False)]

    @property
    def lasts_s(self):
        return (self.end - self.start) / RATE


class Ear:
    """Knows the clips of some folders, the preferred one first."""

    def __init__(self, folders):
        self._clips = {}
        for folder in reversed(folders):
            for path in sorted(folder.glob("*.wav")):
                if path.stem in CHIMES:
                    self._clips["", path.stem] = _samples(path)
            for path in sorted(folder.glob("*/*.wav")):
                self._clips[path.parent.name, path.stem] = _samples(path)
        heads = np.array([_head(clip) for clip in self._clips.values()], np.float32)
        self._places = list(self._clips)
        self._spectra = np.conj(np.fft.rfft(heads, WINDOW))
        self._powers = np.sqrt(np.sum(heads**2, axis=1))
        self._meter = pyloudnorm.Meter(RATE)

    def listen(self, pcm):
        """Every announcement in the samples, in order."""
        found = []
        clips: list[Clip] = []
        for clip in self._clips_in(pcm):
            chime = clip.readings.get("")
            if chime is None:
                if not found:
                    found.append(Heard("", clip.start, clip.start, clip.start))
                clips.append(clip)
                continue
            if found:
                self._grouped(pcm, found[-1], clips)
            flaws = [chime.flaw] if chime.flaw else []
            found.append(Heard(CHIMES[chime.name], clip.start, clip.end, clip.end, flaws=flaws))
            clips = []
        if found:
            self._grouped(pcm, found[-1], clips)
        return found

    def _clips_in(self, pcm):
        """Every clip, and every sound that is none."""
        sounding = _blocks(pcm)
        at = _next_sound(pcm, sounding, 0)
        before = -RATE
        languages = None
        while at < len(pcm):
            if at - before > SENTENCE_MS * MS:
                languages = None
            clip = self._recognised(pcm, at, before, languages)
            if clip is None:
                clip = Clip(at, self._chime_in(pcm, at, _island_end(sounding, at)), {})
            else:
                languages = None if "" in clip.readings else set(clip.readings)
            yield clip
            before = clip.end
            at = _next_sound(pcm, sounding, clip.end)

    def _recognised(self, pcm, at, before, languages):
        """The clip that begins with this sound, in every language that has just such a one."""
        begin = max(at - BEFORE, before, 0)
        piece = np.zeros(WINDOW, np.float32)
        taken = pcm[begin : begin + WINDOW]
        piece[: len(taken)] = taken
        asked = [
            number
            for number, (language, _) in enumerate(self._places)
            if languages is None or not language or language in languages
        ]
        lags = at - begin + 1
        matched = np.fft.irfft(np.fft.rfft(piece) * self._spectra[asked], WINDOW)[:, :lags]
        summed = np.concatenate(([0.0], np.cumsum(piece.astype(np.float64) ** 2)))
        powers = np.sqrt(np.maximum(summed[HEAD:] - summed[:-HEAD], 1.0))[:lags]
        likeness = matched / (powers * self._powers[asked][:, None])
        best = np.max(likeness, axis=1)
        found: dict[str, Reading] = {}
        for row in np.flatnonzero(best > ALIKE_HEADS):
            language, name = self._places[asked[row]]
            start = begin + int(np.argmax(likeness[row]))
            reading = self._held_against(pcm, start, language, name)
            rival = found.get(language)
            # The short chime is how the long one begins, so whoever explains more is right.
            if reading and (not rival or reading.length > rival.length):
                found[language] = reading
        if not found:
            return None
        first = max(found.values(), key=lambda reading: reading.length)
        return Clip(first.start, first.start + first.length, found)

    def _held_against(self, pcm, start, language, name):
        """The reading if the samples are this file's, all along."""
        file = self._clips[language, name]
        heard = pcm[start : start + len(file)].astype(np.float64)
        if len(heard) < len(file):
            return None
        inner, file_inner = heard[ENDS:-ENDS], file[ENDS:-ENDS]
        power = _power(file_inner)
        gain = _power(inner, file_inner) / power
        if gain * np.sqrt(power) < ALIKE * np.sqrt(_power(inner)):
            return None
        off = np.abs(inner - gain * file_inner)
        ends = np.abs(heard) - np.abs(gain * file)
        flaw = ""
        if off.max() > OFF_MOST or ends.max() > OFF_MOST:
            flaw = f"{language}/{name} is damaged at {(start + ENDS + off.argmax()) / RATE:.3f} s"
        return Reading(name, start, len(file), gain, flaw)

    def _chime_in(self, pcm, at, end):
        """Where a chime cuts into a sound that is no clip; its end when none does."""
        sound = pcm[at:end].astype(np.float64)
        size = 1 << len(sound).bit_length()
        for chime in (("", name) for name in CHIMES):
            head = self._clips[chime][MS * 20 : MS * 120]
            if len(sound) <= len(head):
                continue
            matched = np.fft.irfft(
                np.fft.rfft(sound, size) * np.conj(np.fft.rfft(head, size)), size
            )
            summed = np.concatenate(([0.0], np.cumsum(sound**2)))
            powers = np.sqrt(np.maximum(summed[len(head) :] - summed[: -len(head)], 1.0))
            likeness = matched[: len(powers)] / (powers * np.sqrt(_power(head)))
            found = int(np.argmax(likeness))
            if likeness[found] > ALIKE and found > MS * 20:
                return at + found - MS * 20
        return end

    def _grouped(self, pcm, heard, clips):
        """The clips behind a chime as sentences."""
        groups: list[list[Clip]] = []
        end = heard.end
        for clip in clips:
            if not clip.readings:
                heard.flaws.append(f"a sound that is no clip at {clip.start / RATE:.3f} s")
                heard.end = max(heard.end, clip.end)
                continue
            if not groups or clip.start - end > SENTENCE_MS * MS:
                groups.append([])
            groups[-1].append(clip)
            end = clip.end
        for group in groups:
            known = set.intersection(*(set(clip.readings) for clip in group))
            if not known:
                heard.flaws.append(f"two languages mixed at {group[0].start / RATE:.2f} s")
                continue
            sentence = self._sentence(pcm, group, min(known))
            heard.flaws += [r.flaw for c in group if (r := c.readings[sentence.language]).flaw]
            if sentence.read() is None:
                heard.flaws.append(f"no sentence: {sentence.language} {sentence.names}")
            heard.sentences.append(sentence)
        ends = [heard.end, *(group[-1].end for group in groups)]
        heard.end = max(ends)
        if len(heard.reads - {None}) > 1:
            heard.flaws.append(f"its sentences contradict each other: {heard.reads}")

    def _sentence(self, pcm, group, language):
        start, end = group[0].start, group[-1].end
        gains = [clip.readings[language].gain for clip in group]
        return Sentence(
            language=language,
            names=[clip.readings[language].name for clip in group],
            spans=[(clip.start, clip.end) for clip in group],
            gains=(min(gains), max(gains)),
            lufs=float(self._meter.integrated_loudness(pcm[start:end] / 32768.0)),
        )


def _power(one, other=None):
    """Not `dot`: its threads cost more than they give on sounds as short as these."""
    return float(np.sum(one * (one if other is None else other)))


def _samples(path):
    with wave.open(str(path), "rb") as clip:
        assert (clip.getframerate(), clip.getnchannels(), clip.getsampwidth()) == (RATE, 1, 2)
        return np.frombuffer(clip.readframes(clip.getnframes()), "<i2").astype(np.float64)


def _head(clip):
    head = np.zeros(HEAD)
    head[: len(clip)] = clip[:HEAD]
    return head


def _blocks(pcm):
    """Whether each millisecond has a sample that is not zero."""
    padded = np.concatenate((pcm, np.zeros(-len(pcm) % MS, pcm.dtype)))
    return padded.reshape(-1, MS).any(axis=1)


def _next_sound(pcm, sounding, after):
    """The first sample from `after` on that is not zero."""
    rest = np.flatnonzero(pcm[after : (after // MS + 1) * MS])
    if len(rest):
        return after + int(rest[0])
    block = after // MS + 1
    while block < len(sounding):
        ahead = sounding[block : block + 60_000]
        if ahead.any():
            start = (block + int(np.argmax(ahead))) * MS
            return start + int(np.flatnonzero(pcm[start : start + MS])[0])
        block += 60_000
    return len(pcm)


def _island_end(sounding, at):
    """Where the sound at this sample ends in at least 20 ms of silence."""
    block = at // MS
    while block < len(sounding) and sounding[block : block + SILENT_MS].any():
        block += 1
    return block * MS
