"""Make the hall's chimes and the bell of a staff desk.

    python scripts/make_chime.py [FOLDER]

chime.wav is two soft notes down, E5 then C5, chime-short.wav the first alone, bell.wav G5 twice,
then B5.
(ux.md, section 6.) Deterministic: the same bytes on every machine, so
the files can be checked against this script.
"""

import array
import math
import sys
import wave
from pathlib import Path

RATE = 48_000
NOTES = ((659.0, 0.180), (523.0, 0.320))
"""Frequency in Hz and length in seconds."""
BELL = ((784.0, 0.140), (784.0, 0.140), (988.0, 0.300))
ATTACK_S = 0.012
RELEASE_S = 0.060
DECAY_S = 0.35
PARTIALS = ((1, 1.0), (2, 0.25), (3, 0.08))
PEAK = 0.46
"""About -16 LUFS for these notes; the amplifier sets the level in the hall."""


def sample(hertz: float, length_s: float, at_s: float) -> float:
    """The note at that moment, from -1 to 1: eased in, dying away, eased out."""
    attack = 0.5 - 0.5 * math.cos(math.pi * min(1.0, at_s / ATTACK_S))
    release = 0.5 - 0.5 * math.cos(math.pi * min(1.0, (length_s - at_s) / RELEASE_S))
    tone = sum(share * math.sin(2 * math.pi * hertz * n * at_s) for n, share in PARTIALS)
    loudest = sum(share for _, share in PARTIALS)
    return attack * release * math.exp(-at_s / DECAY_S) * tone / loudest


def chime(notes: tuple[tuple[float, float], ...]) -> bytes:
    """All samples of some notes, 16 bit little-endian mono."""
    samples = array.array("h")
    for hertz, length_s in notes:
        for index in range(round(length_s * RATE)):
            samples.append(round(32767 * PEAK * sample(hertz, length_s, index / RATE)))
    if sys.byteorder == "big":
        samples.byteswap()
    return samples.tobytes()


def main() -> None:
    """Write the files."""
    default = Path(__file__).resolve().parent.parent / "sounds"
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else default
    folder.mkdir(parents=True, exist_ok=True)
    for name, notes in (("chime", NOTES), ("chime-short", NOTES[:1]), ("bell", BELL)):
        with wave.open(str(folder / f"{name}.wav"), "wb") as out:
            out.setnchannels(1)
            out.setsampwidth(2)
            out.setframerate(RATE)
            out.writeframes(chime(notes))


if __name__ == "__main__":
    main()
