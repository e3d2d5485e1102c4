"""The computer's own voice: the right voice, the right syllables, the right loudness."""

import re
import shutil
from dataclasses import replace

import pytest

from hallctl.core.speech import ClipWords, clips_needed, languages_of
from hallctl.texts.spoken import cantonese, english, mandarin
from hallctl.voice import speaking
from hallctl.voice.checking import check, sound_of
from hallctl.voice.clips import Library
from hallctl.voice.making import build, missing, sentence_levels, sentences
from hallctl.voice.speaking import (
    VOICES,
    SpeakingError,
    Utterance,
    jyutping_of,
    phonemes,
    speak,
    spoken_text,
)
from sample import RULES

pytestmark = pytest.mark.skipif(not shutil.which("espeak-ng"), reason="needs espeak-ng")

INITIALS = {
    "b": "p", "p": "ph", "m": "m", "f": "f", "d": "t", "t": "th", "n": "n", "l": "l",
    "g": "k", "k": "kh", "h": "X", "j": "tS;", "q": "tS;h", "x": "S;", "zh": "ts.",
    "ch": "ts.h", "sh": "s.", "r": "z.", "z": "ts", "c": "tsh", "s": "s", "y": "j", "w": "w",
}  # fmt: skip
"""Pinyin's initials in espeak-ng's letters."""
TONES = {"1": {"55"}, "2": {"35"}, "3": {"214", "21", "35"}, "4": {"51"}}
"""Tone 3 is a half third before others and rises before another third."""
VOWELS = re.compile(r"[^a-zA-Z]*([a-zA-Z@&].*)")


@pytest.mark.parametrize("name", mandarin.CLIPS)
def test_mandarin_clips_are_read_in_the_pinyin_of_the_texts(name):
    text, reading = mandarin.CLIPS[name]
    heard = phonemes(spoken_text(ClipWords(text, reading, "mandarin")), "mandarin")
    syllables = [part for part in re.split(r"[_| ]+", heard) if part]
    assert "(en)" not in heard
    assert len(syllables) == len(reading.split())
    for syllable, wanted in zip(syllables, reading.split(), strict=True):
        bare = syllable.replace("'", "")
        initial = re.match(r"zh|ch|sh|[bpmfdtnlgkhjqxrzcsyw]|", wanted)[0]
        assert bare.startswith(INITIALS.get(initial, "") if wanted != "yuan2" else "y"), (
            wanted,
            heard,
        )
        assert re.search(r"\d+", bare)[0] in TONES[wanted[-1]], (wanted, heard)
        assert ("N" in bare or "ong" in bare) is wanted[:-1].endswith("ng"), (wanted, heard)


@pytest.mark.parametrize("name", cantonese.CLIPS)
def test_cantonese_clips_are_read_in_the_very_jyutping_of_the_texts(name):
    text, reading = cantonese.CLIPS[name]
    assert jyutping_of(spoken_text(ClipWords(text, reading, "cantonese"))) == reading


def test_the_digit_the_jyutping_voice_has_no_sound_for_is_given_in_han():
    assert jyutping_of("ng5") != "ng5"
    assert spoken_text(ClipWords("五", "ng5", "cantonese")) == "五"
    with pytest.raises(SpeakingError, match="record the clip"):
        spoken_text(ClipWords("五五", "ng5", "cantonese"))


def test_a_reading_wins_over_the_characters():
    assert spoken_text(ClipWords("重庆", "chong2 qing4", "mandarin")) == "chong2 qing4"
    assert jyutping_of(spoken_text(ClipWords("請", "ceng2", "cantonese"))) == "ceng2"


def test_english_is_read_as_written():
    for text, reading in english.CLIPS.values():
        assert spoken_text(ClipWords(text, reading, "english")) == text


def test_another_voice_than_the_one_asked_for_is_not_taken(tmp_path):
    with pytest.raises(SpeakingError, match="has no sit/nothing"):
        speak(Utterance("qing3", "sit/nothing", str(tmp_path / "a.wav")))


def test_without_espeak_ng_the_remedy_is_told(monkeypatch):
    monkeypatch.setattr(speaking.shutil, "which", lambda _: None)
    with pytest.raises(SpeakingError, match="sudo apt install espeak-ng"):
        speaking.engine()


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """A hall's clips in two languages, made by espeak-ng."""
    rules = replace(RULES, voice=replace(RULES.voice, english_on_ticket=False))
    into = tmp_path_factory.mktemp("made")
    library = Library([into])
    built = build(rules, library, into, lambda _: None)
    assert built.failed == []
    return rules, library


@pytest.mark.parametrize("language", ["mandarin", "cantonese"])
def test_every_sentence_lies_at_minus_16_and_none_apart(made, language):
    rules, library = made
    clips = {n: sound_of(library, language, n) for n in clips_needed(rules, language)}
    levels = {s.text: lufs for s, lufs in sentence_levels(sentences(rules, language), clips)}
    assert len(levels) > 100
    apart = {text: lufs for text, lufs in levels.items() if abs(lufs + 16) > 0.5}
    assert apart == {}


def test_what_is_made_passes_the_check_but_for_the_chimes(made):
    rules, library = made
    assert languages_of(rules) == ("mandarin", "cantonese")
    assert missing(rules, library) == []
    assert [flaw.place for flaw in check(rules, library)] == ["chime", "chime-short"]
    assert set(VOICES) == {"mandarin", "cantonese", "english"}
