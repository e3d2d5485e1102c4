"""Clips are prepared before the first call, so that it is heard as soon as every other one."""

from clips_on_disk import CALL, NAMES, clips
from hallctl.voice import clips as clips_module
from hallctl.voice.assembling import Prepared, assemble
from hallctl.voice.clips import Library

BOTH = [("mandarin", CALL), ("cantonese", CALL)]


def prepared(library):
    ahead = Prepared(library)
    ahead.set_volume(80)
    assert sum(iter(ahead.prepare_one, False)) == len(library.places())
    return ahead


def test_every_clip_and_chime_is_known_once_whatever_folder_it_is_in(tmp_path):
    one, other = clips(tmp_path / "a", "mandarin"), clips(tmp_path / "b")
    places = Library([one, other]).places()
    assert len(places) == len(set(places)) == 2 + 2 * len(NAMES)
    assert ("", "chime") in places
    assert ("cantonese", "letter-a") in places


def test_nothing_is_read_for_a_call_that_was_prepared(tmp_path, monkeypatch):
    ahead = prepared(Library([clips(tmp_path)]))

    def nobody(path, place):
        raise AssertionError(f"{place} is read only now")

    monkeypatch.setattr(clips_module, "read", nobody)
    assert assemble(ahead, "full", BOTH, 80).left_out == ()


def test_what_was_prepared_sounds_as_what_was_not(tmp_path):
    library = Library([clips(tmp_path)])
    ahead = prepared(library)
    for volume in (80, 50):
        assert assemble(ahead, "full", BOTH, volume) == assemble(library, "full", BOTH, volume)


def test_another_volume_is_prepared_anew(tmp_path):
    ahead = prepared(Library([clips(tmp_path)]))
    ahead.set_volume(50)
    assert ahead.prepare_one()


def test_a_clip_that_cannot_be_read_stops_nothing(tmp_path):
    folder = clips(tmp_path)
    (folder / "mandarin/please.wav").write_bytes(b"RIFF")
    said = assemble(prepared(Library([folder])), "full", BOTH, 80)
    assert said.languages == ("cantonese",)
    assert "please" in said.left_out[0]


def test_a_folder_that_is_not_there_has_no_clips(tmp_path):
    ahead = Prepared(Library([tmp_path / "nowhere"]))
    assert not ahead.prepare_one()
