"""`hallctl sounds` and `hallctl say`, as a technician types them."""

import shutil
import wave
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

import humming
from hallctl.cli.main import app
from hallctl.voice import making
from hallctl.voice.clips import Library
from hallctl.voice.loudness import loudness
from hallctl.voice.speaking import SpeakingError

ROOT = Path(__file__).parents[2]


def hummed(patch):
    patch.setattr(making, "speak", humming.hum)
    patch.setattr(making, "spoken_text", lambda words: words.reading or words.text)
    patch.setattr(making, "engine", lambda: "hum 1")


def command(hall, state):
    hall.mkdir()
    for name in ("hall.yaml", "catalogue.yaml", "devices.yaml"):
        shutil.copy(ROOT / name, hall)

    def run(*words):
        return CliRunner().invoke(app, [*words, "--hall", str(hall), "--state", str(state)])

    run.hall, run.state = hall, state
    return run


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    """STATE/sounds of a finished build, and what the build said."""
    folder = tmp_path_factory.mktemp("built")
    run = command(folder / "hall", folder / "state")
    with pytest.MonkeyPatch.context() as patch:
        hummed(patch)
        found = run("sounds", "build", "--lang", "en")
    assert found.exit_code == 0, found.output
    return run.state / "sounds", found.output


@pytest.fixture
def run(tmp_path, monkeypatch, built):
    """The command in a hall of its own, whose voice hums; `ready` has its clips made."""
    hummed(monkeypatch)
    run = command(tmp_path / "hall", tmp_path / "state")
    run.ready = lambda: shutil.copytree(built[0], run.state / "sounds")
    return run


def test_check_names_each_hole_with_its_remedy_until_build_filled_it(run, built):
    found = run("sounds", "check", "--lang", "en")
    assert found.exit_code == 1
    assert (
        f"{run.hall}/sounds/mandarin/please.wav: missing. Run hallctl sounds build" in found.output
    )
    assert "made " in built[1]
    run.ready()
    assert "nothing to make" in run("sounds", "build", "--lang", "en").output
    after = run("sounds", "check", "--lang", "en")
    assert after.exit_code == 0, after.output


def test_a_quiet_build_says_only_what_went_wrong(run, monkeypatch):
    run.ready()
    (run.state / "sounds/mandarin/8.wav").unlink()
    assert run("sounds", "build", "--quiet").output == ""
    assert (run.state / "sounds/mandarin/8.wav").exists()

    def hoarse(utterance):
        raise SpeakingError("hoarse")

    monkeypatch.setattr(making, "speak", hoarse)
    (run.state / "sounds/mandarin/9.wav").unlink()
    found = run("sounds", "build", "--quiet")
    assert (found.exit_code, found.output) == (1, "mandarin/9：hoarse\n")


def test_without_a_voice_the_remedy_is_told(run, monkeypatch):
    def none():
        raise SpeakingError("espeak-ng is not installed: sudo apt install espeak-ng")

    monkeypatch.setattr(making, "engine", none)
    found = run("sounds", "build")
    assert found.exit_code == 69
    assert "sudo apt install espeak-ng" in found.output


def test_clips_can_be_made_into_another_folder(run, tmp_path):
    shutil.copytree(run.ready(), run.hall / "sounds")
    shutil.rmtree(run.state)
    (run.hall / "sounds/cantonese/window.wav").unlink()
    assert run("sounds", "build", "--into", str(tmp_path / "usb")).exit_code == 0
    assert (tmp_path / "usb/cantonese/window.wav").is_file()
    assert not (run.state / "sounds").exists()


@pytest.mark.parametrize(
    ("sound", "how", "said", "mute"),
    [
        (humming.tone(0.3), {"rate": 44_100}, "wrong sample rate", True),
        (np.zeros(14_400), {}, "silent", True),
        (np.clip(humming.tone(0.3, 3.0), -1, 1), {}, "recorded too loud", False),
        (humming.tone(2.0, 0.3), {}, "too long", False),
        (np.concatenate([humming.tone(0.3), np.zeros(9600)]), {}, "long silence", False),
        (humming.tone(0.3, 0.01), {}, "LU softer", False),
    ],
)
def test_check_says_how_a_recording_is_bad(run, sound, how, said, mute):
    run.ready()
    humming.write(run.hall / "sounds/mandarin/3.wav", sound, **how)
    found = run("sounds", "check", "--lang", "en")
    line = next(line for line in found.output.splitlines() if "mandarin/3.wav" in line)
    assert said in line
    assert "hallctl sounds" in line
    assert found.exit_code == (1 if mute else 0)


def test_a_queue_renamed_makes_its_clip_stale_and_only_a_build_mends_it(run):
    file = run.hall / "hall.yaml"
    original = file.read_text()
    assert "prefix: C" in original
    run.ready()
    file.write_text(original.replace("prefix: C", "prefix: 租"))
    assert run("sounds", "build").exit_code == 0
    file.write_text(file.read_text().replace("name: 出租屋", "name: 房屋"))
    found = run("sounds", "check")
    assert "说的是旧词" in found.output
    assert "queue-c.wav" in found.output
    run("sounds", "build")
    assert "说的是旧词" not in run("sounds", "check").output


def test_the_sheet_has_file_words_and_reading(run):
    lines = run("sounds", "list", "--language", "cantonese").output.splitlines()
    assert "cantonese/window.wav\t號窗口\thou6 coeng1 hau2" in lines
    assert all(line.startswith("cantonese/") for line in lines)
    every = run("sounds", "list").output
    assert {line.partition("/")[0] for line in every.splitlines()} == {
        "mandarin",
        "cantonese",
        "english",
    }
    assert run("sounds", "list", "--language", "french").exit_code == 2


def test_a_recording_is_taken_in_converted_and_levelled(run, tmp_path):
    take = humming.write(
        tmp_path / "take.wav",
        np.concatenate([np.zeros(30_000), humming.tone(0.4, 0.05, rate=44_100), np.zeros(9000)]),
        44_100,
        3,
        2,
    )
    found = run("sounds", "add", str(take), "mandarin", "number")
    assert found.exit_code == 0, found.output
    clip = Library([run.hall / "sounds"]).pcm("mandarin", "number")
    assert len(clip) / 48_000 == pytest.approx(0.416, abs=0.015)
    run.ready()
    (run.state / "sounds/mandarin/number.wav").unlink()
    assert "没有要合成的" in run("sounds", "build").output
    assert run("sounds", "check").exit_code == 0
    assert "number" not in run("sounds", "check").output


def test_a_folder_of_recordings_is_taken_in_and_what_does_not_fit_is_told(run, tmp_path):
    for name in ("1", "letter-b", "picnic"):
        humming.write(tmp_path / f"takes/{name}.wav", humming.tone(0.3))
    (tmp_path / "takes/2.wav").write_bytes(b"nothing")
    humming.write(tmp_path / "takes/3.wav", np.zeros(20_000))
    found = run("sounds", "add", "--folder", str(tmp_path / "takes"), "cantonese", "--lang", "en")
    assert found.exit_code == 1
    assert {p.stem for p in (run.hall / "sounds/cantonese").iterdir()} == {"1", "letter-b"}
    assert "cantonese has no clip picnic" in found.output
    assert "2.wav: no WAV file" in found.output
    assert "3.wav: silent" in found.output


def test_a_call_is_written_whole_at_its_loudness(run, tmp_path):
    run.ready()
    into = tmp_path / "call.wav"
    found = run("say", "b022", "6", "--language", "mandarin", "--into", str(into))
    assert found.exit_code == 0, found.output
    assert "请B零二二号，到六号窗口办理" in found.output
    with wave.open(str(into)) as file:
        assert (file.getframerate(), file.getnchannels(), file.getsampwidth()) == (48_000, 1, 2)
        sound = np.frombuffer(file.readframes(file.getnframes()), "<i2") / 32_768
    assert loudness(sound) == pytest.approx(-16, abs=1.5)  # with the chime
    short = tmp_path / "short.wav"
    run("say", "B022", "6", "--language", "mandarin", "--short", "--into", str(short))
    assert short.stat().st_size < into.stat().st_size
    assert "尽快到" in run("say", "B022", "6", "--recall", "--into", str(short)).output


def test_a_call_with_a_hole_says_what_was_left_out(run, tmp_path):
    found = run("say", "B022", "6", "--language", "english", "--into", str(tmp_path / "a.wav"))
    assert found.exit_code == 1
    assert "english/letter-b: no such clip" in found.output


def test_a_call_is_played_by_the_player_and_a_missing_card_is_no_success(run, tmp_path):
    run.ready()
    captured = tmp_path / "heard.raw"
    words = ("say", "B022", "6", "--language", "mandarin", "--short", "--device")
    assert run(*words, f"capture:{captured}").exit_code == 0
    assert captured.stat().st_size > 48_000
    mute = run(*words, "hw:77")
    assert mute.exit_code == 69
    assert "没有声音" in mute.output
