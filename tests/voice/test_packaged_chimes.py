"""The chimes that come with hallctl are those the script makes, and the voice can play them."""

import subprocess
import sys
from pathlib import Path

import pytest

from hallctl.voice.assembling import assemble
from hallctl.voice.clips import Library

ROOT = Path(__file__).resolve().parents[2]
SOUNDS = ROOT / "sounds"


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    folder = tmp_path_factory.mktemp("chimes")
    script = ROOT / "scripts" / "make_chime.py"
    subprocess.run([sys.executable, str(script), str(folder)], check=True)
    return folder


@pytest.mark.parametrize("name", ["chime", "chime-short", "bell"])
def test_the_chimes_in_the_folder_are_those_the_script_makes(made, name):
    assert (made / f"{name}.wav").read_bytes() == (SOUNDS / f"{name}.wav").read_bytes()


def test_they_sound_and_the_short_one_is_shorter():
    full, short = (assemble(Library([SOUNDS]), chime, (), 80) for chime in ("full", "short"))
    assert full.left_out == short.left_out == ()
    assert full.lasts_s > short.lasts_s > 0.4
