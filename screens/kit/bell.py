"""The bell at a staff desk: three notes from a child process, so that a stuck card stops no page.

    python -m screens.kit.bell FILE [CARD]

plays a file once; CARD is as in devices.yaml (`default`, an ALSA device, `capture:FILE`).
"""

import subprocess
import sys
import time
import wave
from pathlib import Path

from hallctl.place import sounds_folder
from hallctl.voice.clips import RATE
from hallctl.voice.soundcard import CardError, SdlCard

BELL = "bell.wav"
EX_UNAVAILABLE = 69


class Bell:
    """Rings once for each `ring`, but never over itself. `card` "" is a desk that stays silent."""

    def __init__(self, card: str = "default", folder: Path | None = None) -> None:
        self._card = card
        self._file = (folder or sounds_folder()) / BELL
        self._child: subprocess.Popen[bytes] | None = None

    def ring(self) -> None:
        """Begin to ring; where there is no sound card nothing is heard, and all goes on."""
        if not self._card or (self._child is not None and self._child.poll() is None):
            return
        words = [sys.executable, "-m", "screens.kit.bell", str(self._file), self._card]
        self._child = subprocess.Popen(  # noqa: S603 - our own program
            words, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )


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
