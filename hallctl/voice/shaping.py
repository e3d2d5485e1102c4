"""From any recording to a clip: read, resample, trim, level, limit, write."""

import math
import os
import wave
from pathlib import Path
from typing import Final

import numpy as np

from hallctl.voice.clips import CHANNELS, LONGEST_S, RATE, WIDTH
from hallctl.voice.loudness import QUIET_DB, SILENT, Sound, level, silence_s, true_peak

PEAK_DB: Final = -1.0
"""The highest true peak of a clip: a sound card's filter may overshoot by less than this."""
_CEILING_DB: Final = -1.3
"""What samples are limited to, so that the wave between them keeps below PEAK_DB."""
KEPT_S: Final = 0.008
"""Silence left at each end, within which the clip is faded in and out."""
_FADE_S: Final = 0.005
_LOOKAHEAD_S: Final = 0.0015
_LEVELLED_DB: Final = 0.02
_ROUNDS: Final = 12
_PCM, _EXTENSIBLE = 1, 0xFFFE
_RATES: Final = range(4_000, 384_001)
_NOISE_S: Final = 0.1


class RecordingError(Exception):
    """A file cannot become a clip; the words say why."""


def read_recording(path: Path) -> Sound:
    """A PCM WAV of 8, 16, 24 or 32 bit, any rate, any number of channels, as mono at RATE.

    Raises RecordingError. (The standard library refuses 24 bit files as most programs write them.)
    """
    try:
        whole = path.read_bytes()
    except OSError as problem:
        raise RecordingError(f"cannot be read: {problem.strerror}") from problem
    form, body = _chunk(whole, b"fmt "), _chunk(whole, b"data")
    if whole[:4] != b"RIFF" or whole[8:12] != b"WAVE" or len(form) < 16:  # noqa: PLR2004
        raise RecordingError("no WAV file")
    tag, channels, bits = (int.from_bytes(form[a : a + 2], "little") for a in (0, 2, 14))
    rate = int.from_bytes(form[4:8], "little")
    if tag == _EXTENSIBLE:
        tag = int.from_bytes(form[24:26], "little")
    if tag != _PCM or bits not in {8, 16, 24, 32} or not channels or rate not in _RATES:
        raise RecordingError(
            f"no PCM of 8, 16, 24 or 32 bit (format {tag}, {bits} bit, {channels} channels, "
            f"{rate} Hz)"
        )
    frame = bits // 8 * channels
    if len(body) // frame > 2 * LONGEST_S * rate:
        raise RecordingError(f"longer than {2 * LONGEST_S} s: one file a clip")
    samples = _numbers(body[: len(body) // frame * frame], bits).reshape(-1, channels)
    mono: Sound = samples.mean(axis=1)
    return resampled(mono, rate)


def _chunk(whole: bytes, name: bytes) -> bytes:
    """A part of a RIFF file; as much as there is, when its header promises more."""
    at = 12
    while at + 8 <= len(whole):
        size = int.from_bytes(whole[at + 4 : at + 8], "little")
        if whole[at : at + 4] == name:
            return whole[at + 8 : at + 8 + size]
        at += 8 + size + size % 2
    return b""


def _numbers(body: bytes, bits: int) -> Sound:
    if bits == 8:  # noqa: PLR2004 - the one width WAV writes unsigned
        return (np.frombuffer(body, np.uint8) - 128.0) / 128
    if bits == 24:  # noqa: PLR2004 - numpy has no such number: shift it up to 32
        wide = np.zeros((len(body) // 3, 4), np.uint8)
        wide[:, 1:] = np.frombuffer(body, np.uint8).reshape(-1, 3)
        return wide.view("<i4").reshape(-1) / 2.0**31
    return np.frombuffer(body, f"<i{bits // 8}") / 2.0 ** (bits - 1)


def resampled(sound: Sound, rate: int) -> Sound:
    """The sound at RATE, band-limited exactly, through its spectrum."""
    if rate == RATE or not len(sound):
        return sound
    part = math.gcd(rate, RATE)
    block = rate // part
    padded = np.pad(sound, (0, -len(sound) % block))
    size = len(padded) // block * (RATE // part)
    scaled: Sound = np.fft.irfft(np.fft.rfft(padded)[: size // 2 + 1], size) * (size / len(padded))
    return scaled


def trimmed(sound: Sound, quiet_db: float = QUIET_DB) -> Sound:
    """Without the silence at its ends, and faded there, so that joining it makes no click."""
    before_s, after_s = silence_s(sound, quiet_db)
    if before_s + after_s >= len(sound) / RATE:
        return sound[:0]
    first = max(0, round((before_s - KEPT_S) * RATE))
    last = min(len(sound), len(sound) - round((after_s - KEPT_S) * RATE))
    cut = sound[first:last].copy()
    fade = min(round(_FADE_S * RATE), len(cut) // 2)
    rise = 0.5 - 0.5 * np.cos(np.pi * np.arange(fade) / fade)
    cut[:fade] *= rise
    cut[len(cut) - fade :] *= rise[::-1]
    return cut


def noise_db(sound: Sound) -> float:
    """What is silence in a recording, in dB below its peak: 14 dB above its quietest 100 ms.

    The peaks of noise lie up to 13 dB above its power.
    """
    size = round(_NOISE_S * RATE)
    peak = float(np.max(np.abs(sound), initial=0.0))
    if len(sound) < size or peak == 0:
        return QUIET_DB
    summed = np.concatenate(([0.0], np.cumsum(sound**2)))
    quietest = max(float(np.min(summed[size:] - summed[:-size])) / size, 1e-12)
    return min(-30.0, max(QUIET_DB, 10 * math.log10(quietest) - 20 * math.log10(peak) + 14))


def limited(sound: Sound, ceiling_db: float = _CEILING_DB) -> Sound:
    """With its peaks turned down by a gain that moves smoothly, 1.5 ms before and after each."""
    ceiling = 10 ** (ceiling_db / 20)
    need = np.minimum(1.0, ceiling / np.maximum(np.abs(sound), 1e-9))
    ahead = round(_LOOKAHEAD_S * RATE)
    padded = np.pad(need, 2 * ahead, constant_values=1.0)
    lowest = np.lib.stride_tricks.sliding_window_view(padded, 2 * ahead + 1).min(axis=1)
    smooth = np.hanning(2 * ahead + 3)[1:-1]
    gain: Sound = np.convolve(lowest, smooth / smooth.sum(), "valid")
    return sound * gain


def levelled(sound: Sound, lufs: float) -> Sound:
    """At that loudness, its true peak below PEAK_DB. Silence stays silence.

    espeak-ng's peaks lie up to 20 dB above its loudness, where 15 dB is what fits between -16 LUFS
    and PEAK_DB: the limiter takes the rest, at most some 5 dB of single pulses of the throat.
    """
    if level(sound) == SILENT:
        return sound
    for _ in range(_ROUNDS):
        found = level(sound)
        if abs(found - lufs) < _LEVELLED_DB and true_peak(sound) <= PEAK_DB:
            break
        sound = limited(sound * 10 ** ((lufs - found) / 20))
    return sound


def write_clip(path: Path, sound: Sound) -> bytes:
    """Write a clip, durable and whole before it takes the place of an older one; its bytes.

    Raises OSError.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh = path.with_name(f".{path.name}.{os.getpid()}.new")
    try:
        with fresh.open("wb") as file:
            with wave.open(file, "wb") as clip:
                clip.setnchannels(CHANNELS)
                clip.setsampwidth(WIDTH)
                clip.setframerate(RATE)
                clip.writeframes(in_16_bit(sound).tobytes())
            file.flush()
            os.fsync(file.fileno())
        written = fresh.read_bytes()
        fresh.replace(path)
    finally:
        fresh.unlink(missing_ok=True)
    return written


def in_16_bit(sound: Sound) -> "np.ndarray[tuple[int], np.dtype[np.int16]]":
    """The samples as a clip keeps them, little-endian."""
    return np.clip(np.rint(sound * 32_768), -32_768, 32_767).astype("<i2")
