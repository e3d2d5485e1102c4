"""How loud a sound is: loudness by ITU-R BS.1770-4, true peak, silence at its ends.

Sounds are mono arrays of floats from -1 to 1 at 48,000 Hz. Levels are in LUFS (loudness), dBTP
(true peak) and dB. Needs numpy, so only making, checking and tests import it, never the player.
"""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from hallctl.voice.clips import RATE

Sound = NDArray[np.float64]
"""Mono samples from -1 to 1."""

SILENT: Final = float("-inf")
_OFFSET: Final = -0.691
_SHELF: Final = (
    (1.53512485958697, -2.69169618940638, 1.19839281085285),
    (1.0, -1.69065929318241, 0.73248077421585),
)
_HIGH_PASS: Final = ((1.0, -2.0, 1.0), (1.0, -1.99004745483398, 0.99007225036621))
"""K weighting at 48,000 Hz (BS.1770-4, tables 1 and 2): numerator and denominator."""
_RING_S: Final = 0.5
"""The filters have died away to below the 16th bit long before."""
_BLOCK_S: Final = 0.4
_STEP_S: Final = 0.1
_PAUSE_S: Final = 0.06
_ABSOLUTE_GATE: Final = -70.0
_RELATIVE_GATE: Final = -10.0
_OVERSAMPLED: Final = 4
"""BS.1770-4, annex 2: at least four times."""
QUIET_DB: Final = -45.0
"""So far below a sound's own peak is silence: the voice's own noise lies lower, its softest
consonant (the 4,000 Hz of an s) higher."""
_WINDOW_S: Final = 0.005


def weighted(sound: Sound) -> Sound:
    """The sound through the K weighting, as long as it was."""
    size = _fast(len(sound) + round(_RING_S * RATE))
    back = np.exp(-2j * np.pi * np.fft.rfftfreq(size))
    gain = np.ones_like(back)
    for above, below in (_SHELF, _HIGH_PASS):
        gain = gain * np.polyval(above[::-1], back) / np.polyval(below[::-1], back)
    filtered: Sound = np.fft.irfft(np.fft.rfft(sound, size) * gain, size)[: len(sound)]
    return filtered


def _fast(size: int) -> int:
    """The next length a Fourier transform is fast for."""
    return 1 << max(1, (size - 1).bit_length())


def loudness(sound: Sound) -> float:
    """The integrated loudness in LUFS, gated twice. SILENT for less than 400 ms or silence."""
    return gated(weighted(sound))


def gated(filtered: Sound) -> float:
    """The integrated loudness of a sound that went through `weighted` already."""
    block, step = round(_BLOCK_S * RATE), round(_STEP_S * RATE)
    if len(filtered) < block:
        return SILENT
    summed = np.concatenate(([0.0], np.cumsum(filtered**2)))
    starts = np.arange(0, len(filtered) - block + 1, step)
    powers = (summed[starts + block] - summed[starts]) / block
    powers = powers[powers > _power(_ABSOLUTE_GATE)]
    if not len(powers):
        return SILENT
    return _level(np.mean(powers[powers > _power(_level(np.mean(powers)) + _RELATIVE_GATE)]))


def level(sound: Sound) -> float:
    """The loudness of a clip in LUFS: its K weighted power, ungated, so that it may be short.

    Counted together with the pause of 60 ms behind it (`assembling.BETWEEN_WORDS_MS`), as it will
    be in every sentence: else a sentence of many short words comes out softer than one long phrase.
    """
    if not len(sound):
        return SILENT
    return _level(np.sum(weighted(sound) ** 2) / (len(sound) + round(_PAUSE_S * RATE)))


def _level(power: float | np.floating) -> float:
    return _OFFSET + 10 * float(np.log10(power)) if power > 0 else SILENT


def _power(lufs: float) -> float:
    return float(10 ** ((lufs - _OFFSET) / 10))


def true_peak(sound: Sound) -> float:
    """The highest point of the wave between the samples too, in dBTP."""
    if not np.any(sound):
        return SILENT
    size = _fast(len(sound) + RATE // 100)
    spectrum = np.fft.rfft(sound, size)
    between = np.fft.irfft(spectrum, size * _OVERSAMPLED) * _OVERSAMPLED
    return float(20 * np.log10(np.max(np.abs(between))))


def silence_s(sound: Sound, quiet_db: float = QUIET_DB) -> tuple[float, float]:
    """Seconds of silence before and after; the whole length twice for a sound that is silent."""
    loudest = np.max(np.abs(sound), initial=0.0)
    voiced = np.flatnonzero(_envelope(sound) > loudest * 10 ** (quiet_db / 20))
    if not len(voiced):
        return len(sound) / RATE, len(sound) / RATE
    window = round(_WINDOW_S * RATE)
    return voiced[0] * window / RATE, max(0, len(sound) - (voiced[-1] + 1) * window) / RATE


def _envelope(sound: Sound) -> Sound:
    """The highest sample of each 5 ms."""
    window = round(_WINDOW_S * RATE)
    padded = np.pad(np.abs(sound), (0, -len(sound) % window))
    peaks: Sound = padded.reshape(-1, window).max(axis=1)
    return peaks


def clipped(sound: Sound) -> int:
    """How many times two or more samples in a row stand at the loudest value there is."""
    full = np.abs(sound) >= 1 - 1 / 16_384
    runs = full[1:] & full[:-1]
    return int(np.count_nonzero(np.diff(np.concatenate(([0], runs.astype(np.int8)))) == 1))
