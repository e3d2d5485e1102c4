"""The twin of the player process: JSON lines in, and it says when a sound began and ended.

`{"ready": true}` when the line is opened, or `{"failed": "", "why": …}` without a sound card.
`{"play": ["chime", "a", "0"], "id": "7"}` is answered by `{"started": "7"}` and, as long as the
sounds last, later `{"ended": "7"}`. Sounds wait for one another, as they share a loudspeaker.

Options: `sounds_dir` (WAV files; 0.6 s for a sound that is not there).
"""

import json
import wave
from collections import deque
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

from hallctl.simulator.twins.base import Twin

SOUND_S = 0.6
NO_DEVICE = "no sound device"
PLAYS_KEPT = 50
LINE_MAX_BYTES = 65536


@dataclass(slots=True)
class _Play:
    """One order. Times are monotonic seconds, None for what has not happened."""

    id: Any
    sounds: tuple[str, ...]
    lasts_s: float
    asked_at: float
    started_at: float | None = None
    ended_at: float | None = None
    failed: str = ""

    def state(self) -> dict[str, Any]:
        return {
            "id": self.id,
            "sounds": list(self.sounds),
            "lasts_s": round(self.lasts_s, 3),
            "asked_at": self.asked_at,
            "started_at": self.started_at,
            "ended_at": self.ended_at,
            "failed": self.failed,
        }


class VoiceChimeTwin(Twin):
    """A player with one loudspeaker. `no_sound`: there is no sound device."""

    FAULTS: ClassVar[tuple[str, ...]] = ("no_sound",)

    def __init__(self, options: dict[str, Any]) -> None:
        super().__init__(options)
        folder = options.get("sounds_dir")
        self._folder = Path(folder) if folder else None
        self._stream = bytearray()
        self._plays: deque[_Play] = deque(maxlen=PLAYS_KEPT)
        self._waiting: deque[_Play] = deque()
        self._unknown: deque[str] = deque(maxlen=PLAYS_KEPT)

    def opened(self, now: float) -> bytes:  # noqa: ARG002
        """The player has started: whether it has a sound card."""
        if "no_sound" in self.faults:
            return _line({"failed": "", "why": NO_DEVICE})
        return _line({"ready": True})

    def receive(self, data: bytes, now: float) -> bytes:
        """Take orders; the first begins at once."""
        self._stream += data
        said = bytearray()
        while b"\n" in self._stream:
            line, _, rest = bytes(self._stream).partition(b"\n")
            self._stream = bytearray(rest)
            said += self._read(line, now)
        if len(self._stream) > LINE_MAX_BYTES:
            self._unknown.append(self._stream[:200].decode("utf-8", "backslashreplace"))
            self._stream.clear()
        return bytes(said) + self.wake(now)

    def _read(self, line: bytes, now: float) -> bytes:
        self.changed += 1
        try:
            order = json.loads(line)
            sounds = tuple(str(sound) for sound in order["play"])
            name = order["id"]
        except (ValueError, KeyError, TypeError):
            self._unknown.append(line[:200].decode("utf-8", "backslashreplace"))
            return b""
        play = _Play(name, sounds, sum(map(self._length_s, sounds)), now)
        self._plays.append(play)
        if "no_sound" in self.faults:
            play.failed = NO_DEVICE
            return _line({"failed": name, "why": play.failed})
        self._waiting.append(play)
        return b""

    def _length_s(self, sound: str) -> float:
        if self._folder is None:
            return SOUND_S
        for path in (self._folder / sound, self._folder / f"{sound}.wav"):
            if path.is_file():
                with wave.open(str(path), "rb") as file:
                    return file.getnframes() / file.getframerate()
        return SOUND_S

    def wake(self, now: float) -> bytes:
        """End what has sounded long enough, begin what waits."""
        said = bytearray()
        while self._waiting:
            play = self._waiting[0]
            if play.started_at is None:
                play.started_at = now
                said += _line({"started": play.id})
                self.changed += 1
            if now - play.started_at < play.lasts_s:
                break
            play.ended_at = now
            said += _line({"ended": play.id})
            self.changed += 1
            self._waiting.popleft()
        return bytes(said)

    def fault(self, name: str, on: bool) -> None:
        """As `Twin.fault`; a sound card that goes takes along what was sounding."""
        super().fault(name, on)
        if on:
            for play in self._waiting:
                play.failed = NO_DEVICE
            self._waiting.clear()

    def state(self) -> dict[str, Any]:
        """Every order with its times, the newest last."""
        return {
            "plays": [play.state() for play in self._plays],
            "sounding": bool(self._waiting),
            "unknown": list(self._unknown),
            "faults": sorted(self.faults),
        }


def _line(answer: dict[str, Any]) -> bytes:
    return json.dumps(answer, ensure_ascii=False).encode() + b"\n"
