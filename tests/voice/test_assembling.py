"""An announcement is one piece of sound: whole, in rhythm, never clipped, the same every time."""

from array import array
from itertools import pairwise

import pytest

from clips_on_disk import AMPLITUDE, CALL, RATE, clips, put, tone
from hallctl.voice.assembling import Prepared, assemble, at_volume, gain_of
from hallctl.voice.clips import Library

BOTH = (("mandarin", CALL), ("cantonese", CALL))


@pytest.fixture
def folder(tmp_path):
    return clips(tmp_path / "sounds")


def samples_of(assembled):
    return array("h", assembled.pcm)


def silences_ms(samples, least_ms=15):
    """Each stretch without a sound, in milliseconds."""
    found, run = [], 0
    for sample in [*samples, AMPLITUDE]:
        if abs(sample) < 100:
            run += 1
            continue
        if run * 1000 / RATE >= least_ms:
            found.append(run * 1000 / RATE)
        run = 0
    return found


def test_chime_sentences_and_pauses_follow_one_another_in_rhythm(folder):
    made = assemble(Library([folder]), "full", BOTH, 100)
    assert (made.languages, made.left_out) == (("mandarin", "cantonese"), ())
    sentence = [60, 60, 30, 30, 60, 250, 60, 60, 60]
    designed = [250, *sentence, 500, *sentence, 400]
    heard = silences_ms(samples_of(made))
    assert len(heard) == len(designed), "no silence that nobody meant"
    assert all(abs(a - b) < 5 for a, b in zip(heard, designed, strict=True)), heard


def test_it_lasts_as_long_as_its_parts(folder):
    made = assemble(Library([folder]), "full", BOTH, 100)
    sentence_s = 10 * 0.1 + (60 * 6 + 30 * 2 + 250) / 1000
    assert made.lasts_s == pytest.approx(0.2 + 0.25 + 2 * sentence_s + 0.5 + 0.4)


def test_nothing_in_it_clicks(folder):
    put(folder / "mandarin" / "please.wav", array("h", [AMPLITUDE] * 4800))  # cut in mid-wave
    made = samples_of(assemble(Library([folder]), "full", BOTH, 100))
    steepest = AMPLITUDE * 2 * 3.1416 * 1100 / RATE
    assert max(abs(b - a) for a, b in pairwise(made)) < steepest


def test_a_clip_is_heard_whole_and_unchanged_but_for_its_ends(folder):
    library = Library([folder])
    made = assemble(library, "none", [("mandarin", ("please",))], 100)
    clip = library.pcm("mandarin", "please")
    assert samples_of(made)[96 : len(clip) - 96] == clip[96:-96]
    assert clip == Library([folder]).pcm("mandarin", "please"), "the library's own is left alone"


@pytest.mark.parametrize(
    ("chime", "lasts_s"), [("full", 0.2 + 0.4), ("short", 0.1 + 0.4), ("none", 0.0)]
)
def test_without_sentences_the_chime_sounds_alone(folder, chime, lasts_s):
    made = assemble(Library([folder]), chime, (), 100)
    assert made.lasts_s == pytest.approx(lasts_s)
    assert (made.languages, made.left_out) == ((), ())


def test_the_same_clips_give_the_same_bytes(folder):
    first = assemble(Library([folder]), "full", BOTH, 63)
    assert assemble(Library([folder]), "full", BOTH, 63) == first


def test_what_is_prepared_once_sounds_the_same_and_a_new_recording_is_heard(folder):
    kept = Prepared(Library([folder]))
    for volume in (80, 80, 50, 100):
        made = assemble(Library([folder]), "full", BOTH, volume)
        assert assemble(kept, "full", BOTH, volume) == made
    put(folder / "mandarin" / "7.wav", tone(123, 0.3))
    assert assemble(kept, "full", BOTH, 100) == assemble(Library([folder]), "full", BOTH, 100)
    (folder / "cantonese" / "0.wav").unlink()
    assert assemble(kept, "full", BOTH, 100).languages == ("mandarin",)


# - what is missing


def spoil(folder, how):
    path = folder / "cantonese" / "7.wav"
    if how == "missing":
        path.unlink()
    elif how == "corrupt":
        path.write_bytes(b"RIFF\x00\x00 no sound at all")
    elif how == "cut short":
        path.write_bytes(path.read_bytes()[:200])
    elif how == "empty":
        put(path, array("h"))
    elif how == "wrong rate":
        put(path, tone(500, 0.1, 22_050), rate=22_050)
    else:
        put(path, tone(500, 0.1), channels=2)


@pytest.mark.parametrize(
    "how", ["missing", "corrupt", "cut short", "empty", "wrong rate", "stereo"]
)
def test_a_language_with_a_bad_clip_is_left_out_whole_and_all_else_sounds(folder, how):
    spoil(folder, how)
    made = assemble(Library([folder]), "full", BOTH, 80)
    assert made.languages == ("mandarin",)
    (named,) = made.left_out
    assert named.startswith("cantonese/7: ")
    assert made.pcm == assemble(Library([folder]), "full", BOTH[:1], 80).pcm


def test_every_hole_of_a_sentence_is_named_once(folder):
    made = assemble(Library([folder]), "full", [("mandarin", ("nix", "0", "nix", "nada"))] * 2, 80)
    assert [words.partition(":")[0] for words in made.left_out] == ["mandarin/nix", "mandarin/nada"]


def test_without_a_chime_the_words_are_said(folder):
    (folder / "chime.wav").unlink()
    made = assemble(Library([folder]), "full", BOTH, 80)
    assert made.languages == ("mandarin", "cantonese")
    assert made.left_out[0].startswith("chime: ")


def test_where_nothing_can_sound_there_is_no_sound(tmp_path):
    made = assemble(Library([tmp_path]), "full", BOTH, 80)
    assert made.pcm == b""
    assert len(made.left_out) == 1 + 2 * 9


@pytest.mark.parametrize("name", ["../x", "a/b", "", "pause", "\x00", "号"])
def test_a_name_that_is_no_clips_is_a_hole(folder, name):
    made = assemble(Library([folder]), "full", [("mandarin", ("please", name))], 80)
    assert made.languages == ()
    assert len(made.left_out) == 1


@pytest.mark.parametrize("pause", ["pause:", "pause:x", "pause:-5", "pause:99999999999999999999"])
def test_a_pause_nobody_can_mean_is_bounded(folder, pause):
    made = assemble(Library([folder]), "none", [("mandarin", ("please", pause, "number"))], 80)
    assert made.languages == ("mandarin",)
    assert made.lasts_s <= 0.2 + 5 + 0.4


# - the volume


def test_half_the_volume_is_half_as_loud_and_a_louder_one_is_louder():
    assert gain_of(50) == pytest.approx(10 ** (-10 / 20), rel=0.01)
    gains = [gain_of(percent) for percent in range(-5, 150)]
    assert gains == sorted(gains)
    assert (gains[0], gains[-1]) == (0.0, 1.0)


def test_the_loudest_sample_stays_within_bounds_at_every_volume():
    extremes = array("h", [-32768, -32767, -1, 0, 1, 32766, 32767])
    for percent in range(101):
        scaled = at_volume(extremes, percent)
        wanted = [sample * gain_of(percent) for sample in extremes]
        assert all(abs(a - b) <= 1.01 for a, b in zip(scaled, wanted, strict=True))
    assert at_volume(extremes, 100) == extremes
