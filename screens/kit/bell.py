"""The bell at a staff desk: three notes from a child process, so that a stuck card stops no page.

    python -m screens.kit.bell FILE [CARD]

plays a file once; CARD is as in devices.yaml (`default`, an ALSA device, `capture:FILE`).
"""

import logging
import subprocess
import sys
import threading
import time
import wave
from pathlib import Path

from hallctl.place import sounds_folder
from hallctl.voice.clips import RATE
from hallctl.voice.soundcard import CardError, SdlCard

BELL = "bell.wav"
EX_UNAVAILABLE = 69
MOST_S = 10.0
"""A card that has not played it by then is stuck."""

log = logging.getLogger(__name__)


class Bell:
    """Rings once for each `ring`, but never over itself. `card` "" is a desk that stays silent."""

    def __init__(self, card: str = "default", folder: Path | None = None) -> None:
        self._card = card
        self._file = (folder or sounds_folder()) / BELL
        self._ringing: threading.Thread | None = None
        self.code: int | None = None
        """How the last ring ended: 0 when it was played to its end."""

    @property
    def rings(self) -> bool:
        """Whether it rings now."""
        return self._ringing is not None and self._ringing.is_alive()

    def ring(self) -> None:
        """Begin to ring; where there is no sound card nothing is heard, and all goes on."""
        if self._card and not self.rings:
            self._ringing = threading.Thread(target=self._ring, name="bell", daemon=True)
            self._ringing.start()

    def _ring(self) -> None:
        words = [sys.executable, "-m", "screens.kit.bell", str(self._file), self._card]
        try:
            done = subprocess.run(  # noqa: S603 - our own program
                words, check=False, capture_output=True, stdin=subprocess.DEVNULL, timeout=MOST_S
            )
        except (OSError, subprocess.TimeoutExpired) as problem:
            self._end(EX_UNAVAILABLE, str(problem))
        else:
            self._end(done.returncode, done.stderr.decode(errors="replace").strip())

    def _end(self, code: int, words: str) -> None:
        """Say once that nobody hears the bell, and once that it is heard again."""
        if code != self.code and (code or self.code):
            log.warning("the bell %s", f"is not heard: {words}" if code else "is heard again")
        self.code = code


def play(file: Path, device: str) -> int:
    """Play a WAV file of the voice's format to its end; gives the exit code."""
    with wave.open(str(file)) as sound:
        samples = sound.readframes(sound.getnframes())
    card = SdlCard(device)
    try:
        card.open()
        card.play(samples)
        end_s = time.monotonic() + 2.0 + len(samples) / 2 / RATE
        while card.playing() and time.monotonic() < end_s:
            time.sleep(0.02)
    except CardError as problem:
        sys.stderr.write(f"{problem}\n")
        return EX_UNAVAILABLE
    card.close()
    return 0


if __name__ == "__main__":
    sys.exit(play(Path(sys.argv[1]), sys.argv[2] if len(sys.argv) > 2 else "default"))  # noqa: PLR2004 - it may be left out
