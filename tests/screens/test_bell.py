"""The bell of a staff desk: the whole file comes out of the card, and no card is no harm."""

import subprocess
import sys
import wave

from running import ROOT, wait_until
from screens.kit.bell import BELL, Bell

SOUND = ROOT / "sounds" / BELL


def samples():
    with wave.open(str(SOUND)) as sound:
        return sound.readframes(sound.getnframes())


def test_a_ring_is_the_whole_bell_at_the_card_and_two_at_once_are_one(tmp_path):
    heard = tmp_path / "heard"
    bell = Bell(f"capture:{heard}")
    bell.ring()
    bell.ring()
    wait_until(lambda: bell._child.poll() is not None)
    assert bell._child.returncode == 0
    assert heard.read_bytes().count(samples()) == 1
    bell.ring()
    wait_until(lambda: bell._child.poll() is not None)
    assert samples() in heard.read_bytes()


def test_without_a_sound_card_it_says_so_and_ends():
    words = [sys.executable, "-m", "screens.kit.bell", str(SOUND), "no-such-card"]
    ended = subprocess.run(words, check=False, cwd=ROOT, capture_output=True, timeout=60)
    assert ended.returncode == 69
    assert b"no-such-card" in ended.stderr


def test_a_desk_without_a_bell_starts_nothing():
    bell = Bell("")
    bell.ring()
    assert bell._child is None
