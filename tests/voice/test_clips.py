"""A library finds clips in its folders, reads them, and says of each bad one what is wrong."""

import os

import numpy as np
import pytest

import humming
from hallctl.voice.clips import RATE, ClipError, Library, read


@pytest.fixture
def folders(tmp_path):
    return tmp_path / "hall", tmp_path / "state"


def why(library, *place):
    with pytest.raises(ClipError) as found:
        library.pcm(*place)
    return found.value.place, found.value.kind


def test_a_recording_hides_the_made_clip(folders):
    hall, state = folders
    humming.write(state / "mandarin/1.wav", humming.tone(0.2))
    library = Library(folders)
    assert len(library.pcm("mandarin", "1")) == 9600
    humming.write(hall / "mandarin/1.wav", humming.tone(0.3))
    assert library.path("mandarin", "1") == hall / "mandarin/1.wav"
    assert len(library.pcm("mandarin", "1")) == 14_400


def test_a_file_is_read_once_until_it_is_replaced(folders):
    file = humming.write(folders[0] / "english/to.wav", humming.tone(0.2))
    library = Library(folders)
    first = library.pcm("english", "to")
    assert library.pcm("english", "to") is first
    before = file.stat()
    humming.write(folders[0] / "english/new.wav", humming.tone(0.2, peak=0.1)).replace(file)
    os.utime(file, ns=(before.st_atime_ns, before.st_mtime_ns))  # same size, same time: a copy -p
    assert max(library.pcm("english", "to")) < max(first)
    file.unlink()
    assert why(library, "english", "to") == ("english/to", "absent")


def test_chimes_stand_beside_the_languages(folders):
    humming.write(folders[1] / "chime-short.wav", humming.tone(0.1))
    library = Library(folders)
    assert len(library.chime("chime-short")) == RATE // 10
    with pytest.raises(ClipError, match="chime: no such clip"):
        library.chime("chime")


@pytest.mark.parametrize("name", ["../chime", "a/b", "", ".", "x\0y", "0\n"])
def test_no_name_leads_out_of_the_folders(folders, name):
    humming.write(folders[0] / "chime.wav", humming.tone(0.1))
    assert why(Library(folders), "mandarin", name)[1] == "name"
    assert why(Library(folders), "..", "chime")[1] == "absent"


@pytest.mark.parametrize(
    ("how", "kind"),
    [
        ({"rate": 44_100}, "rate"),
        ({"channels": 2}, "channels"),
        ({"width": 3}, "bits"),
        ({"width": 1}, "bits"),
    ],
)
def test_another_format_is_named(folders, how, kind):
    humming.write(folders[0] / "mandarin/2.wav", humming.tone(0.2), **how)
    assert why(Library(folders), "mandarin", "2") == ("mandarin/2", kind)


@pytest.mark.parametrize(
    ("cut", "kind"), [(0, "corrupt"), (20, "corrupt"), (44, "cut"), (3000, "cut")]
)
def test_a_file_cut_short_anywhere_is_never_played(folders, cut, kind):
    file = humming.write(folders[0] / "mandarin/2.wav", humming.tone(0.2))
    file.write_bytes(file.read_bytes()[:cut])
    assert why(Library(folders), "mandarin", "2")[1] == kind


def test_noise_instead_of_a_wav_an_empty_one_and_a_lie_about_the_length(folders):
    file = humming.write(folders[0] / "mandarin/2.wav", np.zeros(0))
    library = Library(folders)
    assert why(library, "mandarin", "2")[1] == "empty"
    file.write_bytes(b"not a sound" * 50)
    assert why(library, "mandarin", "2")[1] == "corrupt"
    humming.write(file, humming.tone(0.2))
    whole = bytearray(file.read_bytes())
    whole[40:44] = (0x7FFF0000).to_bytes(4, "little")
    file.write_bytes(whole)
    assert why(library, "mandarin", "2")[1] in {"endless", "corrupt"}


def test_samples_come_as_they_were_written(folders):
    file = humming.write(folders[0] / "a.wav", np.array([0.0, 0.5, -0.5, 1.0]))
    assert list(read(file, "a")) == [0, 16384, -16384, 32767]
