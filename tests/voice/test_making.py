"""Making clips: only what is missing, never over a recording, each as it should be."""

import json
import threading
from dataclasses import replace
from pathlib import Path
from typing import ClassVar

import numpy as np
import pytest

import humming
from hallctl.core.rules import Queue
from hallctl.core.speech import ClipWords, clips_needed
from hallctl.voice import making, shaping
from hallctl.voice.checking import sound_of
from hallctl.voice.clips import Library
from hallctl.voice.loudness import clipped, silence_s, true_peak
from hallctl.voice.made import Note
from hallctl.voice.making import build, fault_of, missing, sentence_levels, sentences
from hallctl.voice.shaping import RecordingError, read_recording
from hallctl.voice.speaking import SpeakingError
from sample import RULES

MANDARIN = replace(
    RULES, voice=replace(RULES.voice, languages=("mandarin",), english_on_ticket=False)
)


@pytest.fixture
def hall(tmp_path, monkeypatch):
    """Folders, and a voice that hums; `hall.asked` is what it was given to say."""

    class Place:
        recordings, into = tmp_path / "hall", tmp_path / "made"
        library = Library((recordings, into))
        asked: ClassVar[list[str]] = []
        speak = staticmethod(humming.hum)

        def build(self, rules=MANDARIN):
            self.asked.clear()
            self.told = []
            return build(rules, self.library, self.into, self.told.append)

    place = Place()
    lock = threading.Lock()

    def speak(utterance):
        with lock:
            place.asked.append(utterance.text)
        place.speak(utterance)

    monkeypatch.setattr(making, "speak", speak)
    monkeypatch.setattr(making, "spoken_text", lambda words: words.reading or words.text)
    monkeypatch.setattr(making, "engine", lambda: "hum 1")
    return place


def test_a_build_fills_every_hole_and_a_second_one_makes_nothing(hall):
    needed = clips_needed(MANDARIN, "mandarin")
    assert {h.name for h in missing(MANDARIN, hall.library)} == set(needed)
    built = hall.build()
    assert not built.failed
    assert {p.stem for p in built.written} == set(needed)
    assert [(t.done, t.of) for t in hall.told] == [(n + 1, len(needed)) for n in range(len(needed))]
    assert missing(MANDARIN, hall.library) == []
    before = {p: p.stat().st_mtime_ns for p in hall.into.rglob("*")}
    assert hall.build().written == []
    assert hall.asked == []
    assert {p: p.stat().st_mtime_ns for p in hall.into.rglob("*")} == before


def test_no_file_is_left_half_made_and_the_note_names_each(hall):
    hall.build()
    names = {p.name for p in (hall.into / "mandarin").iterdir()}
    assert names == {f"{n}.wav" for n in clips_needed(MANDARIN, "mandarin")} | {"made.json"}
    note = json.loads((hall.into / "mandarin/made.json").read_text())
    assert note["clips"]["please"]["reading"] == "qing3"
    assert note["clips"]["please"]["voice"] == "sit/cmn-Latn-pinyin"
    assert note["clips"]["letter-a"]["voice"] == "gmw/en"
    assert note["clips"]["please"]["engine"] == "hum 1"


def test_a_recording_fills_its_hole(hall):
    humming.write(hall.recordings / "mandarin/7.wav", humming.tone(0.3))
    hall.build()
    assert "qi1" not in hall.asked
    assert not (hall.into / "mandarin/7.wav").exists()


def test_what_was_made_for_other_words_is_made_anew_and_nothing_else(hall):
    queue = Queue("S", "长者", "Elders", "长者", "长", (1,))
    rules = replace(MANDARIN, queues=(*MANDARIN.queues, queue))
    hall.build(rules)
    renamed = replace(rules, queues=(*MANDARIN.queues, replace(queue, name="重要")))
    assert [(h.place, h.stale) for h in missing(renamed, hall.library)] == [
        ("mandarin/queue-s", True)
    ]
    assert hall.build(renamed).failed == []
    assert hall.asked == ["重要"]
    overridden = replace(
        renamed, voice=replace(renamed.voice, readings=(("mandarin", "重要", "zhong4 yao4"),))
    )
    hall.build(overridden)
    assert hall.asked == ["zhong4 yao4"]
    assert missing(overridden, hall.library) == []


def test_a_recording_in_the_made_clips_folder_is_never_overwritten(hall):
    hall.build()
    ours = humming.write(hall.into / "mandarin/to.wav", humming.tone(0.4))
    mine = ours.read_bytes()
    note = Note.read(hall.into / "mandarin")
    note.clips["to"] = replace(note.clips["to"], text="of before")
    note.write(hall.into / "mandarin")
    assert hall.build().written == []
    assert ours.read_bytes() == mine


def test_one_clip_that_fails_costs_no_other(hall):
    def speak(utterance):
        if utterance.text == "san1":
            raise SpeakingError("hoarse")
        if utterance.text == "si4":
            humming.write(Path(utterance.into), np.zeros(9600), 22_050)
            return
        humming.hum(utterance)

    hall.speak = speak
    built = hall.build()
    failed = dict(built.failed)
    assert set(failed) == {"mandarin/3", "mandarin/4"}
    assert failed["mandarin/3"] == "hoarse"
    assert "silent" in failed["mandarin/4"]
    assert {h.name for h in missing(MANDARIN, hall.library)} == {"3", "4"}
    hall.speak = humming.hum
    gain_db = Note.read(hall.into / "mandarin").gain_db
    assert len(hall.build().written) == 2
    assert Note.read(hall.into / "mandarin").gain_db == gain_db  # the new ones fit the old


def test_clips_are_level_trimmed_and_never_clipped(hall):
    hall.build()
    needed = clips_needed(MANDARIN, "mandarin")
    clips = {name: sound_of(hall.library, "mandarin", name) for name in needed}
    assert [fault_of(clips[name], words) for name, words in needed.items()] == [""] * len(needed)
    assert max(true_peak(clip) for clip in clips.values()) <= -1.0
    assert max(max(silence_s(clip)) for clip in clips.values()) <= 0.02
    assert sum(clipped(clip) for clip in clips.values()) == 0
    levels = [lufs for _, lufs in sentence_levels(sentences(MANDARIN, "mandarin"), clips)]
    assert max(levels) - min(levels) <= 1.0


def test_two_builds_at_once_make_each_clip_once(hall):
    both = [threading.Thread(target=hall.build) for _ in range(2)]
    for one in both:
        one.start()
    for one in both:
        one.join()
    assert missing(MANDARIN, hall.library) == []
    assert len(list((hall.into / "mandarin").glob("*.wav"))) == len(
        clips_needed(MANDARIN, "mandarin")
    )
    assert hall.library.pcm("mandarin", "1")


@pytest.mark.parametrize("width", [1, 2, 3, 4])
@pytest.mark.parametrize(("rate", "channels"), [(8000, 1), (22_050, 2), (44_100, 2), (96_000, 1)])
def test_any_recording_comes_out_as_it_sounded(tmp_path, width, rate, channels):
    file = humming.write(
        tmp_path / "a.wav", humming.tone(0.5, 0.5, 440, rate), rate, width, channels
    )
    sound = read_recording(file)
    wanted = humming.tone(0.5, 0.5, 440)
    assert len(sound) == pytest.approx(len(wanted), abs=16)
    middle = slice(4800, 19_200)
    assert np.max(np.abs(sound[middle] - wanted[middle])) < (0.02 if width == 1 else 0.005)


def test_24_bit_files_as_most_programs_write_them_are_read(tmp_path):
    file = humming.write(tmp_path / "a.wav", humming.tone(0.1), 48_000, 3)
    whole = file.read_bytes()
    guid = bytes.fromhex("0100000000001000800000aa00389b71")
    form = b"\xfe\xff" + whole[22:36] + b"\x16\0\x18\0\x04\0\0\0" + guid
    file.write_bytes(
        b"RIFF"
        + (len(whole) + 24).to_bytes(4, "little")
        + b"WAVEfmt "
        + b"\x28\0\0\0"
        + form
        + b"LIST\x03\0\0\0abc\0"
        + whole[36:]
    )
    assert np.max(np.abs(read_recording(file) - humming.tone(0.1))) < 1e-5


@pytest.mark.parametrize("body", [b"", b"RIFF1234WAVE", b"OggS" + bytes(200)])
def test_what_is_no_recording_is_refused(tmp_path, body):
    (tmp_path / "a.wav").write_bytes(body)
    with pytest.raises(RecordingError, match="no WAV file"):
        read_recording(tmp_path / "a.wav")


def test_a_noisy_recording_is_trimmed_to_its_word(tmp_path):
    noise = np.random.default_rng(4).normal(size=96_000) * 0.002
    noise[40_000:59_200] += humming.tone(0.4, 0.5)
    file = humming.write(tmp_path / "a.wav", noise)
    clip = making.recorded(file, ClipWords("号", "hao4", "mandarin"), -16.0)
    assert len(clip) / 48_000 == pytest.approx(0.42, abs=0.015)
    assert abs(clip[0]) < 1e-4
    assert abs(clip[-1]) < 1e-3
    with pytest.raises(RecordingError, match="long"):
        making.recorded(
            humming.write(tmp_path / "b.wav", humming.tone(3.0)),
            ClipWords("号", "hao4", "mandarin"),
            -16.0,
        )


def test_the_limiter_keeps_peaks_down_and_moves_smoothly():
    loud = humming.tone(0.5, 0.9, 200)
    loud[12_000:12_010] = 1.6
    turned = shaping.limited(loud)
    assert np.max(np.abs(turned)) <= 10 ** (-1.3 / 20) + 1e-9
    gain = turned[np.abs(loud) > 0.1] / loud[np.abs(loud) > 0.1]
    assert np.max(np.abs(np.diff(gain))) < 0.05


def test_a_file_that_cannot_be_written_leaves_the_old_one(tmp_path, monkeypatch):
    path = tmp_path / "a.wav"
    old = shaping.write_clip(path, humming.tone(0.1))

    def full(_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(shaping.os, "fsync", full)
    with pytest.raises(OSError, match="No space"):
        shaping.write_clip(path, humming.tone(0.2))
    assert path.read_bytes() == old
    assert [p.name for p in tmp_path.iterdir()] == ["a.wav"]
