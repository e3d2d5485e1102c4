"""What the voice says, in clips and in writing: numbers, letters, windows, queues, fixed phrases.

Digits of a ticket are read one by one, a window's number as a number (domain.md (b)). A clip is a
sound file `sounds/<language>/<name>.wav`; the words themselves stand in `hallctl/texts/spoken/`.
"""

from types import ModuleType
from typing import Final, Literal

from hallctl.core.late import dataclass
from hallctl.core.rules import Queue, Rules, Spoken
from hallctl.texts.spoken import cantonese, english, mandarin

Chime = Literal["full", "short", "none"]
"""What sounds before the words: both tones, the first one, nothing."""
PAUSE: Final = "pause:"
"""What stands before milliseconds of silence where a clip's name is expected."""
_LANGUAGES: Final[dict[Spoken, ModuleType]] = {
    "mandarin": mandarin,
    "cantonese": cantonese,
    "english": english,
}
MOST_WINDOWS: Final = 999


@dataclass(frozen=True, slots=True)
class Sentence:
    """One sentence in one language: as clips (and `pause:250`), and as written."""

    language: Spoken
    clips: tuple[str, ...]
    text: str


@dataclass(frozen=True, slots=True)
class ClipWords:
    """What a clip says: as written, and as read (Pinyin, Jyutping; "" as it stands).

    `by` is the language whose voice speaks it: Mandarin reads letters in English.
    """

    text: str
    reading: str
    by: Spoken


def digits_of(number: str, language: Spoken, one: Literal["yi", "yao"] = "yi") -> tuple[str, ...]:
    """The digits of a ticket's number one by one."""
    yao = language == "mandarin" and one == "yao"
    return tuple("yao" if yao and digit == "1" else digit for digit in number)


def number_of(number: int, language: Spoken) -> tuple[str, ...]:
    """A window's number as a number. Raises ValueError beyond 1 to 999."""
    if not 0 < number <= MOST_WINDOWS:
        raise ValueError(f"{number}: windows are numbered 1 to {MOST_WINDOWS}")
    hundreds, rest = divmod(number, 100)
    head = (str(hundreds), "100") if hundreds else ()
    if language == "english":
        return head + _english_tens(rest)
    tens, ones = divmod(rest, 10)
    last = (str(ones),) if ones else ()
    if not tens:
        return (*head, "0", *last) if head and last else head + last
    if tens == 1 and not head:
        return ("10", *last)
    return (*head, str(tens), "10", *last)


def _english_tens(rest: int) -> tuple[str, ...]:
    if rest == 0:
        return ()
    if rest < 20:  # noqa: PLR2004 - English has a word for each below
        return (str(rest),)
    tens, ones = divmod(rest, 10)
    return (f"{tens}0", str(ones)) if ones else (f"{tens}0",)


def label_of(rules: Rules, label: str, language: Spoken) -> tuple[str, ...]:
    """A ticket's label: letters, or for a prefix in Chinese its queue's name, then the digits."""
    prefix = label.rstrip("0123456789")
    number = label[len(prefix) :]
    return _prefix(rules, prefix) + digits_of(number, language, rules.voice.one)


def _is_letters(prefix: str) -> bool:
    return prefix.isascii() and prefix.isalpha()


def _prefix(rules: Rules, prefix: str) -> tuple[str, ...]:
    if _is_letters(prefix):
        return tuple(f"letter-{letter.lower()}" for letter in prefix)
    queue = next((q for q in rules.queues if q.prefix == prefix), None)
    return (_queue_clip(queue),) if queue else ()


def _queue_clip(queue: Queue) -> str:
    return f"queue-{queue.id.lower()}"


def sentence(
    rules: Rules, language: Spoken, phrase: str, *, label: str = "", window: int = 0
) -> Sentence:
    """A phrase of `texts/spoken` with its ticket and window filled in."""
    filled = {
        "{label}": label_of(rules, label, language),
        "{window}": number_of(window, language) if window else (),
    }
    clips: list[str] = []
    for part in _LANGUAGES[language].PHRASES[phrase].split():
        clips += filled.get(part, (part,))
    return Sentence(language, tuple(clips), _written(rules, language, clips))


def _written(rules: Rules, language: Spoken, clips: list[str]) -> str:
    words, join = _LANGUAGES[language], str(_LANGUAGES[language].JOIN)
    text = ""
    for clip in clips:
        if clip.startswith(PAUSE):
            text += str(words.PAUSE)
        else:
            text += (join if text else "") + words_of(rules, language, clip).text
    return text


def words_of(rules: Rules, language: Spoken, clip: str) -> ClipWords:
    """What a clip says in this hall. Raises KeyError for a name nobody knows."""
    words = _LANGUAGES[language]
    by: Spoken = language
    known = words.CLIPS.get(clip)
    if known is None and clip.startswith("letter-"):
        known, by = (clip.removeprefix("letter-").upper(), ""), words.LETTERS_BY
    if known is None:
        queue = next((q for q in rules.queues if _queue_clip(q) == clip), None)
        if queue is None:
            raise KeyError(f"{language}/{clip}")
        known = (queue.name_en if language == "english" else queue.name, "")
    text, reading = known
    return ClipWords(text, _read(rules, language, text, reading), by)


def _read(rules: Rules, language: Spoken, text: str, reading: str) -> str:
    """The reading, with the hall's own overrides put in for the words they are for."""
    overridden = text
    for spoken, words, read in rules.voice.readings:
        if spoken == language:
            overridden = overridden.replace(words, f" {read} ")
    return reading if overridden == text else " ".join(overridden.split())


def clips_needed(rules: Rules, language: Spoken) -> dict[str, ClipWords]:
    """Every clip this hall can come to say in a language, by name, in the order to record them."""
    words = _LANGUAGES[language]
    names: list[str] = [str(digit) for digit in range(10)]
    if language == "mandarin" and rules.voice.one == "yao":
        names.append("yao")
    for queue in rules.queues:
        names += _prefix(rules, queue.prefix)
    for window in rules.windows:
        names += number_of(window.number, language)
    for phrase in words.PHRASES.values():
        names += [p for p in phrase.split() if not p.startswith((PAUSE, "{"))]
    return {name: words_of(rules, language, name) for name in dict.fromkeys(names)}


def languages_of(rules: Rules) -> tuple[Spoken, ...]:
    """The languages this hall's voice may come to speak, each once."""
    voice = rules.voice
    asked: tuple[Spoken, ...] = ("english",) if voice.languages and voice.english_on_ticket else ()
    return tuple(dict.fromkeys(voice.languages + asked))
