"""What the module is sent: its options, frames, and texts made fit for it."""

import math
import unicodedata
from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Final

from pydantic import Field

from hallctl.core.effects import Announce
from hallctl.core.reports import Announced, VoiceTrouble
from hallctl.core.rules import Spoken
from hallctl.core.trial import Wrong
from hallctl.driver import DriverOptions

STOP, STATE = b"\xfd\x00\x02\x02\xfd", b"\xfd\x00\x02\x21\xde"
SPEAK, GBK = 0x01, 0x01
TEXT_MOST_BYTES = 200
LOUDEST = 16
SYLLABLE_S, TONE_S = 0.22, 0.5
SHARE = 0.3
"""Who says it in less than this share of the usual time has not said it."""
SEEN_S = 0.4
"""Whatever takes longer is seen busy; of anything shorter "accepted" is enough."""
CHIME_GAP_S, SENTENCE_GAP_S = 0.25, 0.5
PAUSES: Final = "，。；：！？、,;:!? "


class Syn6288Options(DriverOptions):
    """`windows`: at which windows it is heard; none given: at all.

    `chime`: the module's own tone before the words, `sounda` to `soundy`, `msga` to `msgh`, `ringa`
    to `ringo`; "" for none. Listen which one suits: what each sounds like stands in no source. It
    is, from memory, as loud as the words before it. `tags`: put before every text, as `[t4]`: 0 is
    slow, 5 fast; from memory `[n1]`: figures one by one. `check_s`: how often it is asked whether
    it is there (0: never). `answer_s`: how long it may take to answer; is it later, it is given
    nothing to say.
    """

    windows: tuple[int, ...] = ()
    chime: str = Field(default="", pattern=r"^[\x20-\x7e]{0,40}$")
    tags: str = Field(default="", pattern=r"^(\[[a-z][0-9]*\]){0,8}$")
    check_s: float = Field(default=10.0, ge=0)
    answer_s: float = Field(default=2.0, gt=0, le=5)


@dataclass(frozen=True, slots=True)
class Piece:
    """What one frame says, how long that usually takes, and the silence before it."""

    payload: bytes
    usual_s: float
    gap_s: float = 0.0
    words: bool = True


@dataclass(slots=True)
class Saying:
    """An announcement under way; `order` is None in a self-test."""

    order: Announce | None = None
    pieces: deque[Piece] = field(default_factory=deque)
    left_out: tuple[str, ...] = ()
    languages: tuple[Spoken, ...] = ()
    began_at: float = math.nan
    proven: bool = True

    def announced(self, name: str, took_s: float) -> Announced:
        """It has been said."""
        return Announced(
            announcement=name,
            languages=self.languages,
            took_s=took_s,
            left_out=self.left_out,
            proven=self.proven,
        )


@dataclass(slots=True)
class Frame:
    """The frame that is out, and what was seen since."""

    sent_at: float
    wire_s: float
    accepted: bool = False
    refused: bool = False
    busy_at: float = math.nan
    """When it was last seen busy."""
    powered: bool = False
    asked: bool = False
    idle_at: float = math.nan
    """Since when it is idle again."""
    missed: bool = False
    """A question since then was not answered: when it fell silent is not known."""
    seen_at: float = math.nan
    """Up to when it is known what it did."""
    blind_s: float = 0.0
    """The longest time that nobody has seen of it: what is shorter may have sounded in it."""

    @property
    def busy(self) -> bool:
        """Whether it was seen busy with this."""
        return not math.isnan(self.busy_at)

    def looked(self, asked_at: float, now: float) -> None:
        """A question of then is answered now: that was how it is at some time in between."""
        seen_at = self.sent_at + self.wire_s if math.isnan(self.seen_at) else self.seen_at
        self.blind_s = max(self.blind_s, now - seen_at)
        self.seen_at = asked_at

    def proven(self, piece: Piece) -> bool:
        """Whether it was seen to say it, or only may have; a tone before the words may be missed.

        Of what is too short to be seen in any case "accepted" is enough.
        """
        return self.busy or piece.usual_s < SEEN_S or not piece.words

    def wrong(self, piece: Piece) -> tuple[VoiceTrouble, str, Wrong] | None:
        """Why the piece was not said, now that it is idle; None when it was."""
        known_at = self.busy_at if self.missed and self.busy else self.idle_at
        took_s = known_at - self.sent_at
        if self.powered:
            return "no_sound", "4A: it was without power", "no_sound"
        if not self.busy and self.refused:
            return "no_sound", "45", "error"
        if not self.busy and not self.accepted:
            return "silence", "4F: the frame was not taken", "silence"
        short = piece.usual_s < max(SEEN_S, self.blind_s)
        if took_s < SHARE * piece.usual_s or not (self.busy or short):
            words = f"idle after {took_s:.2f} s of {piece.usual_s:.1f} s"
            return "too_short", words, "no_sound"
        return None


def make_frame(payload: bytes) -> bytes:
    """Speak this, in GBK."""
    begun = b"\xfd" + (len(payload) + 3).to_bytes(2, "big") + bytes((SPEAK, GBK)) + payload
    check = 0
    for byte in begun:
        check ^= byte
    return begun + bytes((check,))


def speakable(text: str) -> tuple[str, str]:
    """The text without what the module would stumble over, and what GBK does not have of it.

    Brackets would be tags to it, control characters noise.
    """
    said, lacking = "", ""
    for letter in text:
        if letter in "[]" or unicodedata.category(letter)[0] in "CZ":
            said += " "
        elif encoded(letter):
            said += letter
        else:
            lacking += letter
    return " ".join(said.split()), lacking


def encoded(text: str) -> bytes:
    """In GBK, without what it does not have."""
    return text.encode("gbk", "ignore")


def split(text: str, most_bytes: int) -> Iterator[str]:
    """Parts of no more than so many bytes; each ends with a pause, if there is one in it."""
    while text:
        fits = len(text)
        while len(encoded(text[:fits])) > most_bytes:
            fits -= 1
        if fits < len(text):
            pause = max(text.rfind(mark, 0, fits) for mark in PAUSES)
            fits = pause + 1 or fits
        yield text[:fits]
        text = text[fits:]


def usual_s(text: str) -> float:
    """How long it takes to say: a syllable a hanzi, letter or figure."""
    return SYLLABLE_S * sum(letter.isalnum() for letter in text)


def saying_of(texts: Iterable[str], volume: int, *, chime: str = "", tags: str = "") -> Saying:
    """The frames that say it. The tone is one of its own: may it stand beside words? [M]."""
    loud = min(LOUDEST, max(round(LOUDEST * volume / 100), 1 if volume > 0 else 0))
    before = f"[v{loud}]{tags}".encode("ascii")
    saying = Saying()
    if chime:
        saying.pieces.append(Piece(chime.encode("ascii"), TONE_S, words=False))
    for text in texts:
        said, lacking = speakable(text)
        saying.left_out += (f"mandarin/{lacking}: not in GBK",) if lacking else ()
        gap_s = SENTENCE_GAP_S if saying.languages else CHIME_GAP_S
        for part in split(said, TEXT_MOST_BYTES - len(before)):
            if usual_s(part):
                saying.pieces.append(Piece(before + encoded(part), usual_s(part), gap_s))
                saying.languages, gap_s = ("mandarin",), 0.0
    return saying


def saying_to(order: Announce, options: Syn6288Options) -> Saying:
    """The Mandarin among the sentences of an order."""
    texts = [x.text for x in order.sentences if x.language == "mandarin"]
    chime = "" if order.chime == "none" else options.chime
    saying = saying_of(texts, order.volume, chime=chime, tags=options.tags)
    saying.order = order
    return saying
