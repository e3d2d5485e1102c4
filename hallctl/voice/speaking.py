"""The machine's own voice: espeak-ng through pyttsx3, one utterance a process.

pyttsx3 keeps its text, its file and its loop in one place for a whole process, and prints to
stdout, so each utterance gets `python -m hallctl.voice.speaking`: a request in JSON on stdin, the
answer in JSON on stdout. Voices are named by espeak-ng's exact identifiers: "cmn", "zh" and "yue"
read Pinyin and Jyutping as English. What was really used is asked afterwards and compared.
"""

import json
import os
import re
import shutil
import subprocess
import sys
import threading
from dataclasses import asdict, dataclass
from functools import lru_cache
from importlib.metadata import version
from itertools import pairwise
from pathlib import Path
from typing import Any, Final

from hallctl.core.rules import Spoken
from hallctl.core.speech import ClipWords

VOICES: Final[dict[Spoken, str]] = {
    "mandarin": "sit/cmn-Latn-pinyin",
    "cantonese": "sit/yue-Latn-jyutping",
    "english": "gmw/en",
}
"""Read Han and Pinyin, Han and Jyutping, English: espeak-ng 1.51 and 1.52."""
WORDS_A_MINUTE: Final = 220
"""espeak-ng's measure is running English; words one by one are drawn out at their ends. In whole
calls this comes to 3.3 syllables a second in Mandarin, 170 words a minute in English, some 80 % of
how people talk; every call in two languages is over in 9 s (at 150 they took up to 11.6)."""
VOLUME: Final = 0.6
"""At 1.0 espeak-ng cuts its own peaks off at full scale (er4, dou3)."""
SPEAK_S: Final = 30.0
"""An utterance takes 0.4 s; a process that hangs is ended."""
FINISH_S: Final = 20.0
REMEDY: Final = "sudo apt install espeak-ng"
_HAN: Final = re.compile(r"[\u3400-\u9fff]")
_SYLLABLE: Final = re.compile(r"[a-zü:]+[1-6]")


class SpeakingError(Exception):
    """The machine's voice cannot say it; the words name the reason and the remedy."""


@dataclass(frozen=True, slots=True)
class Utterance:
    """What a child process speaks into a file: the text as espeak-ng is to read it."""

    text: str
    voice: str
    into: str
    words_a_minute: int = WORDS_A_MINUTE
    volume: float = VOLUME


def engine() -> str:
    """The engine and its versions, such as `espeak-ng 1.51, pyttsx3 2.99`. Raises SpeakingError."""
    told = re.search(r"(\d[\w.-]*)", _espeak("--version"))
    return f"espeak-ng {told[1] if told else '?'}, pyttsx3 {version('pyttsx3')}"


def speak(utterance: Utterance) -> None:
    """Speak into the file, in a process of its own. Raises SpeakingError."""
    command = [sys.executable, "-m", "hallctl.voice.speaking"]
    try:
        child = subprocess.run(  # noqa: S603 - our own interpreter and module
            command,
            input=json.dumps(asdict(utterance)).encode(),
            capture_output=True,
            timeout=SPEAK_S,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise SpeakingError(f"{utterance.text}: pyttsx3 did not end in {SPEAK_S:.0f} s") from None
    last = (child.stderr.decode(errors="replace").strip().splitlines() or ["no word why"])[-1]
    if child.returncode:
        raise SpeakingError(f"{utterance.text}: pyttsx3 failed: {last}")
    used = json.loads(child.stdout)["voice"]
    if used != utterance.voice.lower():
        raise SpeakingError(
            f"{utterance.text}: espeak-ng spoke with {used}, it has no {utterance.voice}: {REMEDY}"
        )


def spoken_text(words: ClipWords) -> str:
    """What espeak-ng is given for a clip: its reading, or the written words. Raises SpeakingError.

    espeak-ng's Jyutping lacks syllables (ng5 has no sound) and reads -ing, -ung less well than its
    Han. So a Cantonese syllable is written in Han where espeak-ng's reading of that one character
    is the very syllable wanted; the whole is compared with the reading before it is spoken.
    """
    if words.by == "english":
        return words.text
    if not words.reading:
        return words.text
    if words.by == "mandarin":
        return _understood(words, words.reading)
    syllables, han = words.reading.split(), _HAN.findall(words.text)
    if len(syllables) != len(han):
        return _understood(words, words.reading)
    mixed = [h if jyutping_of(h) == s else s for s, h in zip(syllables, han, strict=True)]
    text = mixed[0]
    for before, after in pairwise(mixed):
        apart = "" if _HAN.match(before) and _HAN.match(after) else " "
        text += apart + after
    if jyutping_of(text) != words.reading:
        text = " ".join(mixed)  # espeak-ng knows some words of several characters otherwise
    return _understood(words, text if jyutping_of(text) == words.reading else words.reading)


def _understood(words: ClipWords, text: str) -> str:
    """The text, if espeak-ng reads every Cantonese syllable of it and nothing as English."""
    heard = phonemes(text, words.by)
    wrong = "(en)" in heard
    if words.by == "cantonese" and not wrong:
        wanted = _SYLLABLE.findall(words.reading)
        wrong = len(_SYLLABLE.findall(jyutping_of(text))) < len(wanted)
    if wrong:
        raise SpeakingError(
            f"{words.text}: espeak-ng cannot read {words.reading!r} (it says {heard!r}): "
            "correct the reading in hall.yaml, or record the clip"
        )
    return text


@lru_cache(maxsize=4096)
def phonemes(text: str, language: Spoken) -> str:
    """espeak-ng's phonemes for a text, in its own letters. Raises SpeakingError."""
    return " ".join(_espeak("-x", "-q", "-v", VOICES[language], "--", text).split())


def jyutping_of(text: str) -> str:
    """How the Cantonese voice reads a text, in Jyutping: `l'i4N_|` is ling4."""
    heard = phonemes(text, "cantonese").replace("N", "ng")
    read = []
    for syllable in re.split(r"[_| ]+|(?<=\d)(?='[a-z])|(?<=\d)(?=[a-z]+')", heard):
        bare = re.sub(r"[^a-z0-9]", "", syllable)
        tone = re.search(r"\d", bare)
        read.append(re.sub(r"\d", "", bare) + (tone[0] if tone else ""))
    return " ".join(part for part in read if part)


def _espeak(*words: str) -> str:
    """What the program answers. Raises SpeakingError."""
    program = shutil.which("espeak-ng")
    if program is None:
        raise SpeakingError(f"espeak-ng is not installed: {REMEDY}")
    try:
        done = subprocess.run(  # noqa: S603 - the program found in PATH, no shell
            [program, *words], capture_output=True, text=True, timeout=SPEAK_S, check=True
        )
    except (OSError, subprocess.SubprocessError) as problem:
        raise SpeakingError(f"espeak-ng: {problem}: {REMEDY}") from problem
    return done.stdout


def _speak_here(asked: dict[str, Any]) -> str:
    """In the child: speak, and the identifier of the voice that did."""
    import pyttsx3  # noqa: PLC0415 - loads espeak-ng: only the child does

    finished = threading.Event()
    speaker = pyttsx3.init("espeak")
    # Its own loop ends while espeak-ng is still speaking (pyttsx3 2.99 puts "end" into the queue
    # right behind "save"), so on a busy machine there would be no file, or none yet.
    speaker.connect("finished-utterance", lambda **_told: finished.set())
    speaker.setProperty("rate", asked["words_a_minute"])
    speaker.setProperty("volume", asked["volume"])
    speaker.setProperty("voice", asked["voice"])
    speaker.save_to_file(asked["text"], asked["into"])
    speaker.runAndWait()
    if not finished.wait(FINISH_S) or not Path(asked["into"]).is_file():
        raise SpeakingError("pyttsx3 wrote no file")
    return str(speaker.getProperty("voice"))


def main() -> None:
    """The child: one request, one answer, nothing else on stdout."""
    answers_fd = os.dup(sys.stdout.fileno())
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    used = _speak_here(json.load(sys.stdin))
    os.write(answers_fd, json.dumps({"voice": used}).encode())


if __name__ == "__main__":
    main()
