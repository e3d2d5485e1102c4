"""Loudness as BS.1770 defines it, read against another program; peaks and silence."""

import numpy as np
import pyloudnorm
import pytest

import humming
from hallctl.voice.clips import RATE
from hallctl.voice.loudness import SILENT, clipped, loudness, silence_s, true_peak


def test_a_tone_of_997_hertz_at_full_scale_is_minus_three():
    # BS.1770-4: a 0 dBFS sine of 997 Hz in one front channel indicates -3.01 LKFS.
    assert loudness(humming.tone(5.0, 1.0, 997.0)) == pytest.approx(-3.01, abs=0.02)


@pytest.mark.parametrize("seed", range(6))
def test_another_reader_finds_the_same(seed):
    chance = np.random.default_rng(seed)
    parts = []
    for _ in range(6):
        noise = chance.normal(size=chance.integers(9_000, 60_000)) * chance.uniform(0.005, 0.2)
        parts += [noise, np.zeros(chance.integers(0, 24_000))]
    sound = np.concatenate(parts)
    meter = pyloudnorm.Meter(RATE, filter_class="DeMan")  # the exact coefficients
    assert loudness(sound) == pytest.approx(meter.integrated_loudness(sound), abs=0.05)


def test_silence_and_what_is_shorter_than_a_block_have_no_loudness():
    assert loudness(np.zeros(RATE)) == SILENT
    assert loudness(humming.tone(0.3)) == SILENT
    assert true_peak(np.zeros(10)) == SILENT


def test_the_wave_between_the_samples_counts():
    at = np.arange(RATE)
    between = np.sin(2 * np.pi * at / 4 + np.pi / 4)  # every sample at 0.707, the wave at 1
    assert np.max(np.abs(between)) == pytest.approx(0.7071, abs=1e-4)
    middle = between * np.hanning(RATE)
    assert true_peak(middle) == pytest.approx(0.0, abs=0.05)


def test_silence_at_the_ends_is_measured():
    sound = np.concatenate([np.zeros(4800), humming.tone(0.2), np.zeros(9600)])
    before_s, after_s = silence_s(sound)
    assert before_s == pytest.approx(0.1, abs=0.006)
    assert after_s == pytest.approx(0.2, abs=0.006)
    assert silence_s(np.zeros(4800)) == (0.1, 0.1)


def test_clipping_is_two_samples_in_a_row_at_the_end_of_the_scale():
    assert clipped(humming.tone(0.1, 0.99)) == 0
    cut = np.clip(humming.tone(0.1, 1.5), -1, 32_767 / 32_768)
    assert clipped(cut) == 88  # 44 periods, above and below
