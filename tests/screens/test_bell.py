"""The bell of a staff desk: the whole file comes out of the card, and no card is no harm."""

import os
import wave

from running import ROOT, wait_until
from screens.kit.bell import BELL, Bell

SOUND = ROOT / "sounds" / BELL


def samples():
    with wave.open(str(SOUND)) as sound:
        return sound.readframes(sound.getnframes())


def rung(bell):
    bell.ring()
    wait_until(lambda: not bell.rings)
    return bell.code


def test_each_ring_is_the_whole_bell_at_the_card(tmp_path):
    heard = tmp_path / "heard"
    bell = Bell(f"capture:{heard}")
    for _ in range(2):
        assert rung(bell) == 0
        assert heard.read_bytes().count(samples()) == 1
        heard.unlink()


def test_a_ring_while_it_rings_is_no_second_one(tmp_path):
    slow = tmp_path / "slow"
    os.mkfifo(slow)  # the card opens when somebody listens
    bell = Bell(f"capture:{slow}")
    bell.ring()
    first = bell._ringing
    bell.ring()
    assert bell._ringing is first
    assert slow.read_bytes().count(samples()) == 1
    wait_until(lambda: not bell.rings)
    assert bell.code == 0


def test_without_a_sound_card_it_says_so_once_and_goes_on(caplog):
    bell = Bell("no-such-card")
    assert [rung(bell), rung(bell)] == [69, 69]
    assert [x.levelname for x in caplog.records] == ["WARNING"]
    assert "no-such-card" in caplog.text


def test_a_card_that_is_stuck_is_given_up_and_the_next_ring_tries_again(monkeypatch, tmp_path):
    monkeypatch.setattr("screens.kit.bell.MOST_S", 0.2)
    stuck = tmp_path / "stuck"
    os.mkfifo(stuck)  # nobody reads: to open it takes for ever
    bell = Bell(f"capture:{stuck}")
    assert [rung(bell), rung(bell)] == [69, 69]


def test_a_desk_without_a_bell_starts_nothing():
    bell = Bell("")
    bell.ring()
    assert not bell.rings
    assert bell.code is None
