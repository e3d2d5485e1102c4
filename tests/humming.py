"""Sounds for tests: tones, files, and a voice that hums instead of speaking."""

import wave
from pathlib import Path

import numpy as np

RATE = 48_000


def tone(length_s, peak=0.3, hertz=440.0, rate=RATE):
    at = np.arange(round(length_s * rate)) / rate
    return peak * np.sin(2 * np.pi * hertz * at)


def write(path, sound, rate=RATE, width=2, channels=1):
    path.parent.mkdir(parents=True, exist_ok=True)
    whole = np.repeat(sound[:, None], channels, axis=1).reshape(-1)
    if width == 1:
        body = np.rint(whole * 127 + 128).astype(np.uint8).tobytes()
    else:
        full = np.rint(whole * (2 ** (8 * width - 1) - 1)).astype("<i8")
        body = full.view(np.uint8).reshape(-1, 8)[:, :width].tobytes()
    with wave.open(str(path), "wb") as file:
        file.setnchannels(channels)
        file.setsampwidth(width)
        file.setframerate(rate)
        file.writeframes(body)
    return path


def hum(utterance):
    """Stands in for `speaking.speak`: 0.25 s of a tone for each word or character."""
    count = max(1, len(utterance.text.replace(" ", "")) // 4)
    silence = np.zeros(2205)
    said = np.concatenate([silence, tone(0.2 + 0.2 * count, 0.4, 300.0, 22_050), silence])
    write(Path(utterance.into), said, 22_050)
