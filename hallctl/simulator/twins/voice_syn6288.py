"""The twin of a SYN6288: `FD LenH LenL 01 enc text XOR` speaks, `02` stops, `21` asks how it is.

It answers 41 (taken) or 45 (not understood), to `21` also 4E (busy) or 4F (idle); 4A when it gets
power, 4F when it has said something to its end. A text that comes while it speaks cuts what it
says, and that stands under `cut`. Options: none of the hall's matter to it.
"""

import re
from collections import deque
from dataclasses import asdict, dataclass
from typing import Any, ClassVar

from hallctl.simulator.twins.base import Twin

BEGIN, HEAD, SHORTEST = 0xFD, 3, 5
LONGEST_TEXT = 200
TEXT_AT = 5
HALF_FRAME_S = 0.5
"""What came of a frame is forgotten when the line is still for so long in the midst of it."""
SOUND_S, COMMA_S, RING_S = 0.2, 0.1, 0.8
KEPT = 400
CODES = {0: "gb2312", 1: "gbk", 2: "big5", 3: "utf-16-be"}
RINGS = re.compile(r"(sound[a-y]|msg[a-h]|ring[a-o])\Z")
TAG = re.compile(r"\[([a-z])(\d*)\]")
TAKEN, WRONG, POWER, BUSY, IDLE = b"\x41", b"\x45", b"\x4a", b"\x4e", b"\x4f"
FASTEST, NORMAL = 5, 4


@dataclass(slots=True)
class _Speech:
    """A text as it was understood. Times are monotonic seconds."""

    text: str
    volume: int
    began_at: float
    lasts_s: float


class VoiceSyn6288Twin(Twin):
    """One module and its loudspeaker.

    `deaf`: it hears nothing. `error`: it refuses every text. `no_sound`: it takes a text and says
    nothing. `busy_forever`: asked, it is always busy. To be pressed: `do` off, on, restart, music
    (it plays something of its own for 5 s).
    """

    FAULTS: ClassVar[tuple[str, ...]] = ("deaf", "error", "no_sound", "busy_forever")

    def __init__(self, options: dict[str, Any]) -> None:
        super().__init__(options)
        self._powered = True
        self._volume, self._speed = 10, NORMAL
        self._came = bytearray()
        self._came_at = 0.0
        self._speech: _Speech | None = None
        self._music_until = 0.0
        self._spoken: deque[_Speech] = deque(maxlen=KEPT)
        self._cut: deque[_Speech] = deque(maxlen=KEPT)
        self._stopped: deque[_Speech] = deque(maxlen=KEPT)
        self._bad: deque[str] = deque(maxlen=KEPT)

    def receive(self, data: bytes, now: float) -> bytes:
        """Frames; what stands between them is no frame."""
        if not self._powered or "deaf" in self.faults:
            return b""
        said = self.wake(now)
        if now - self._came_at > HALF_FRAME_S:
            self._came.clear()
        self._came_at = now
        for byte in data:
            if self._came or byte == BEGIN:
                self._came.append(byte)
                said += self._whole(now)
            else:
                self._bad.append(f"{byte:02X}")
        return said

    def _whole(self, now: float) -> bytes:
        if len(self._came) < HEAD:
            return b""
        needs = HEAD + (self._came[1] << 8 | self._came[2])
        if needs < SHORTEST or needs > TEXT_AT + LONGEST_TEXT + 1:
            return self._wrong()
        if len(self._came) < needs:
            return b""
        total = 0
        for byte in self._came:
            total ^= byte
        if total:
            return self._wrong()
        frame = bytes(self._came)
        self._came.clear()
        return self._obey(frame, now)

    def _wrong(self) -> bytes:
        self._bad.append(self._came.hex(" ").upper())
        self._came.clear()
        self.changed += 1
        return WRONG

    def _obey(self, frame: bytes, now: float) -> bytes:
        self.changed += 1
        match frame[3], len(frame):
            case 0x21, 5:
                busy = self._speech or now < self._music_until or "busy_forever" in self.faults
                return TAKEN + (BUSY if busy else IDLE)
            case 0x02, 5:
                self._silenced(self._stopped)
                self._music_until = 0.0
                return TAKEN
            case 0x01, size if size > TEXT_AT + 1:
                return self._speak(frame, now)
        self._came += frame
        return self._wrong()

    def _speak(self, frame: bytes, now: float) -> bytes:
        if "error" in self.faults:
            return WRONG
        try:
            written = frame[TEXT_AT:-1].decode(CODES[frame[4] & 0x07])
        except (UnicodeDecodeError, KeyError):
            self._came += frame
            return self._wrong()
        for letter, figures in TAG.findall(written):
            if letter == "v" and figures:
                self._volume = min(int(figures), 16)
            if letter == "t" and figures:
                self._speed = min(int(figures), FASTEST)
        self._silenced(self._cut)
        self._music_until = 0.0
        text = TAG.sub("", written)
        if "no_sound" not in self.faults:
            self._speech = _Speech(text, self._volume, now, self._lasts_s(text))
        return TAKEN

    def _lasts_s(self, text: str) -> float:
        if RINGS.match(text):
            return RING_S
        long_s = sum(SOUND_S if letter.isalnum() else COMMA_S for letter in text)
        return long_s * (1 + 0.1 * (NORMAL - self._speed))

    def _silenced(self, where: deque[_Speech]) -> None:
        if self._speech:
            where.append(self._speech)
        self._speech = None

    def wake(self, now: float) -> bytes:
        """It has said it."""
        speech = self._speech
        if not speech or now < speech.began_at + speech.lasts_s:
            return b""
        self._speech = None
        self._spoken.append(speech)
        self.changed += 1
        return b"" if "busy_forever" in self.faults else IDLE

    def press(self, what: dict[str, Any], now: float) -> bytes:
        """Somebody switches it off or on, or it plays music. Raises ValueError for all else."""
        do = what.get("do")
        if do not in {"off", "on", "restart", "music"}:
            raise ValueError(f"a voice has nothing to press but off, on, restart, music: {what}")
        self.changed += 1
        if do == "music":
            self._music_until = now + 5.0
            return b""
        self._silenced(self._cut)
        self._came.clear()
        self._music_until = 0.0
        self._powered = do != "off"
        return POWER if self._powered else b""

    def state(self) -> dict[str, Any]:
        """What was said in full; what was cut, by a text or for want of power; what was stopped."""
        return {
            "powered": self._powered,
            "saying": self._speech.text if self._speech else "",
            "spoken": [asdict(speech) for speech in self._spoken],
            "cut": [asdict(speech) for speech in self._cut],
            "stopped": [asdict(speech) for speech in self._stopped],
            "bad": list(self._bad),
            "faults": sorted(self.faults),
        }
