"""The twin of the player process: JSON lines in, and it says when an announcement began and ended.

`{"ready": true}` when the line is opened, or `{"failed": "", …}` without a sound card, which is
tried again every ten seconds. `{"say": ID, "chime": …, "sentences": [[language, [clip, …]], …],
"volume": 80}` is answered by `{"started": ID}` and, as long as it lasts, later `{"ended": ID, …}`.
`{"stop": ID}` breaks it off, `{"look": ID}` asks for the card. One thing sounds at a time.

It puts together what would be heard, by code of its own, for whoever wants to listen (`sounds`).
Options: `sounds`, folders of WAV files, the preferred one first; without any, every clip is a
silence of 0.3 s.
"""

import io
import json
import wave
from array import array
from collections import deque
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, ClassVar

from hallctl.simulator.twins.base import Twin

RATE = 48_000
CLIP_S = 0.3
"""How long a clip is when there are no folders to read it from."""
RETRY_S = 10.0
NO_CARD = "no sound device"
PLAYS_KEPT = 50
SOUNDS_KEPT = 20
LINE_MAX_BYTES = 65_536
CHIMES = {"full": "chime", "short": "chime-short"}
LANGUAGES = ("mandarin", "cantonese", "english")


@dataclass(slots=True)
class _Play:
    """One order. Times are monotonic seconds, None for what has not happened."""

    id: str
    sentences: list[Any]
    asked_at: float
    lasts_s: float = 0.0
    started_at: float | None = None
    ended_at: float | None = None
    failed: str = ""
    languages: list[str] = field(default_factory=list)
    left_out: list[str] = field(default_factory=list)

    def state(self) -> dict[str, Any]:
        return {
            "id": self.id,
            "sentences": self.sentences,
            "lasts_s": round(self.lasts_s, 3),
            "asked_at": self.asked_at,
            "started_at": self.started_at,
            "ended_at": self.ended_at,
            "failed": self.failed,
            "languages": self.languages,
            "left_out": self.left_out,
        }


class VoiceClipsTwin(Twin):
    """A player with one loudspeaker. `no_sound`: there is no sound device; `hangs`: nothing ends.

    `sounds` are the last announcements that began, as WAV files by their ids, the newest last.
    """

    FAULTS: ClassVar[tuple[str, ...]] = ("no_sound", "hangs")

    def __init__(self, options: dict[str, Any]) -> None:
        super().__init__(options)
        folders = options.get("sounds") or []
        self._folders = [Path(f) for f in ([folders] if isinstance(folders, str) else folders)]
        self.sounds: dict[str, bytes] = {}
        self._stream = bytearray()
        self._plays: deque[_Play] = deque(maxlen=PLAYS_KEPT)
        self._waiting: deque[_Play] = deque()
        self._unknown: deque[str] = deque(maxlen=PLAYS_KEPT)
        self._has_card = True
        self._tried_at = 0.0

    # - the line

    def opened(self, now: float) -> bytes:
        """A player has started: whether it has a sound card. The one before it is dead."""
        self._stream.clear()
        for play in self._waiting:
            play.failed = "killed"
        self._waiting.clear()
        self._tried_at = now
        self._has_card = "no_sound" not in self.faults
        return _line({"ready": True}) if self._has_card else _no_card("")

    def receive(self, data: bytes, now: float) -> bytes:
        """Take orders; the first begins at once."""
        self._stream += data
        said = bytearray()
        while b"\n" in self._stream:
            line, _, rest = bytes(self._stream).partition(b"\n")
            self._stream = bytearray(rest)
            said += self._read(line, now)
        if len(self._stream) > LINE_MAX_BYTES:
            said += self._misread(bytes(self._stream))
            self._stream.clear()
        return bytes(said) + self.wake(now)

    def wake(self, now: float) -> bytes:
        """End what has sounded long enough, begin what waits, look for a card that was gone."""
        said = bytearray(self._card(now))
        while self._waiting:
            play = self._waiting[0]
            if play.started_at is None:
                play.started_at = now
                said += _line({"started": play.id, "lasts_s": round(play.lasts_s, 3)})
                self.changed += 1
            if "hangs" in self.faults or now - play.started_at < play.lasts_s:
                break
            play.ended_at = now
            said += _ended(play.id, play.lasts_s, play.languages, play.left_out)
            self.changed += 1
            self._waiting.popleft()
        return bytes(said)

    def state(self) -> dict[str, Any]:
        """Every order with its times, the newest last."""
        return {
            "plays": [play.state() for play in self._plays],
            "sounding": bool(self._waiting),
            "unknown": list(self._unknown),
            "faults": sorted(self.faults),
        }

    # - the card

    def _card(self, now: float) -> bytes:
        """What there is to say of the sound card."""
        if "no_sound" in self.faults:
            if not self._has_card:
                return b""
            self._has_card, self._tried_at = False, now
            said = bytearray(_no_card(""))
            while self._waiting:
                play = self._waiting.popleft()
                play.failed = NO_CARD
                said += _no_card(play.id)
            self.changed += 1
            return bytes(said)
        if not self._has_card and now - self._tried_at >= RETRY_S:
            return self._try(now)
        return b""

    def _try(self, now: float) -> bytes:
        """Open the card if it is not."""
        self._tried_at = now
        if self._has_card or "no_sound" in self.faults:
            return b""
        self._has_card = True
        return _line({"ready": True})

    # - orders

    def _read(self, line: bytes, now: float) -> bytes:
        self.changed += 1
        try:
            order = json.loads(line)
            if "stop" in order:
                return self._stop(str(order["stop"]))
            if "look" in order:
                return self._try(now) + self._look(str(order["look"]))
            volume, chime = int(order["volume"]), str(order["chime"])
            sentences = [[str(one[0]), [str(x) for x in one[1]]] for one in order["sentences"]]
            name = str(order["say"])
        except (ValueError, KeyError, TypeError, IndexError, RecursionError):
            return self._misread(line)
        said = self._try(now)
        play = _Play(name, sentences, now)
        self._plays.append(play)
        if not self._has_card:
            play.failed = NO_CARD
            return said + _no_card(name)
        self._assemble(play, chime, volume)
        if play.lasts_s == 0:
            play.failed = "; ".join(play.left_out)
            return said + _line({"failed": name, "reason": "clips", "why": play.failed})
        self._waiting.append(play)
        return said

    def _misread(self, line: bytes) -> bytes:
        words = line[:200].decode("utf-8", "backslashreplace")
        self._unknown.append(words)
        return _line({"failed": "", "reason": "order", "why": f"not an order: {words[:80]}"})

    def _look(self, name: str) -> bytes:
        return _ended(name, 0.0, [], []) if self._has_card else _no_card(name)

    def _stop(self, name: str) -> bytes:
        for play in self._waiting:
            if play.id == name:
                self._waiting.remove(play)
                play.failed = "cut"
                return _line({"failed": name, "reason": "cut", "why": "broken off"})
        return b""

    # - what would be heard

    def _assemble(self, play: _Play, chime: str, volume: int) -> None:
        heard = bytearray()
        if chime in CHIMES:
            try:
                heard += self._clip(CHIMES[chime])
            except ValueError as hole:
                play.left_out.append(f"{CHIMES[chime]}: {hole}")
        for language, clips in play.sentences:
            said, holes = self._sentence(language, clips)
            play.left_out += holes
            if not holes and said:
                heard += _pause(500 if play.languages else 250) if heard else b""
                heard += said
                play.languages.append(language)
        if not heard:
            return
        heard += _pause(400)
        play.lasts_s = len(heard) / 2 / RATE
        self.sounds.pop(play.id, None)
        self.sounds[play.id] = _wav(bytes(heard), volume if self._folders else 100)
        while len(self.sounds) > SOUNDS_KEPT:
            del self.sounds[next(iter(self.sounds))]

    def _sentence(self, language: str, clips: list[str]) -> tuple[bytes, list[str]]:
        said, holes = bytearray(), []
        before, pause_ms = "", -1
        for name in clips:
            if name.startswith("pause:") and name[6:].isdecimal():
                pause_ms = int(name[6:])
                continue
            try:
                sound = self._clip(f"{language}/{name}")
            except ValueError as hole:
                holes.append(f"{language}/{name}: {hole}")
                continue
            if said:
                usual = 30 if before.isdecimal() and name.isdecimal() else 60
                said += _pause(usual if pause_ms < 0 else pause_ms)
            said += sound
            before, pause_ms = name, -1
        return bytes(said), holes

    def _clip(self, place: str) -> bytes:
        """The samples of a clip. Raises ValueError with what is wrong with it."""
        if not self._folders:
            return bytes(2 * int(CLIP_S * RATE))
        folder, _, name = place.rpartition("/")
        if folder not in ("", *LANGUAGES) or not name.replace("-", "").isalnum():
            raise ValueError("no such clip")
        path = next((p for f in self._folders if (p := f / f"{place}.wav").is_file()), None)
        if path is None:
            raise ValueError("no such clip")
        try:
            with wave.open(str(path), "rb") as file:
                form = (file.getnchannels(), file.getsampwidth(), file.getframerate())
                found = file.readframes(file.getnframes())
        except (OSError, EOFError, wave.Error) as problem:
            raise ValueError(f"{problem or 'corrupt'}") from problem
        if form != (1, 2, RATE) or not found:
            raise ValueError(f"not 16 bit, mono, {RATE} Hz: {form}")
        return found


def _pause(pause_ms: int) -> bytes:
    return bytes(2 * (RATE * min(pause_ms, 5000) // 1000))


def _wav(samples: bytes, volume: int) -> bytes:
    """A WAV file of samples (16 bit, little-endian) at a volume: 50 % sounds half as loud."""
    factor = (max(0, min(volume, 100)) / 100) ** (1 / 0.6)
    if volume != 100:  # noqa: PLR2004 - percent
        samples = array("h", [round(sample * factor) for sample in array("h", samples)]).tobytes()
    out = io.BytesIO()
    with wave.open(out, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(RATE)
        file.writeframes(samples)
    return out.getvalue()


def _no_card(name: str) -> bytes:
    return _line({"failed": name, "reason": "no_sound", "why": NO_CARD})


def _ended(name: str, took_s: float, languages: list[str], left_out: list[str]) -> bytes:
    took = {"ended": name, "took_s": round(took_s, 3)}
    return _line({**took, "languages": languages, "left_out": left_out})


def _line(answer: dict[str, Any]) -> bytes:
    return json.dumps(answer, ensure_ascii=False).encode() + b"\n"
