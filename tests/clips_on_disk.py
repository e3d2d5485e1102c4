"""Clips for tests: plain tones, a folder of them, and files that are wrong in some way."""

import math
import wave
from array import array

RATE = 48_000
AMPLITUDE = 8000
CALL = ("please", "letter-a", "0", "0", "7", "number", "pause:250", "to", "6", "window", "serve")
NAMES = tuple(dict.fromkeys(name for name in CALL if not name.startswith("pause:")))


def tone(hertz, lasts_s, rate=RATE):
    count = int(lasts_s * rate)
    return array(
        "h", [int(AMPLITUDE * math.sin(math.tau * hertz * i / rate)) for i in range(count)]
    )


def put(path, samples, rate=RATE, channels=1):
    path.parent.mkdir(parents=True, exist_ok=True)
    with wave.open(str(path), "wb") as clip:
        clip.setnchannels(channels)
        clip.setsampwidth(2)
        clip.setframerate(rate)
        clip.writeframes(samples.tobytes())


def clips(folder, *languages, lasts_s=0.1):
    """A folder with both chimes and every clip of CALL; no two clips are alike."""
    put(folder / "chime.wav", tone(880, 0.2))
    put(folder / "chime-short.wav", tone(988, 0.1))
    for far, language in enumerate(languages or ("mandarin", "cantonese")):
        for at, name in enumerate(NAMES):
            put(folder / language / f"{name}.wav", tone(300 + 30 * at + 400 * far, lasts_s))
    return folder
