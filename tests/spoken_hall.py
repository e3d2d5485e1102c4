"""Every clip a hall can come to say, as short tones: no speech maker is needed, nothing is slow."""

from clips_on_disk import put, tone
from hallctl.config.load import load
from hallctl.core.speech import clips_needed, languages_of
from hallctl.device import driver_class

LOWEST_HZ, STEP_HZ, CHIME_HZ = 220, 11, 659


def record(hall, lasts_s=0.12):
    """Put a recording of each clip of the hall into its own folder of sounds."""
    rules = load(hall, driver_class=driver_class).rules
    for language in languages_of(rules):
        for at, name in enumerate(clips_needed(rules, language)):
            sound = tone(LOWEST_HZ + STEP_HZ * at, lasts_s)
            put(hall / "sounds" / language / f"{name}.wav", sound)
    for name in ("chime", "chime-short"):
        put(hall / "sounds" / f"{name}.wav", tone(CHIME_HZ, 0.2))
