"""The player and its link, with ALSA's null device for a sound card, and with none at all."""

import json
import select
import subprocess
import sys
import time
from pathlib import Path

import pytest

from hallctl.links.base import LinkError
from hallctl.links.sound import SoundLink

ROOT = Path(__file__).resolve().parents[2]
SOUNDS = ROOT / "sounds"
PATIENCE_S = 60


@pytest.fixture
def card(tmp_path, monkeypatch):
    """A sound card that swallows everything, known to ALSA under its default name."""
    conf = tmp_path / "asoundrc"
    conf.write_text("pcm.!default { type null }\nctl.!default { type null }\n")
    monkeypatch.setenv("ALSA_CONFIG_PATH", str(conf))
    monkeypatch.setenv("SDL_AUDIODRIVER", "alsa")
    return conf


@pytest.fixture
def no_card(card):
    card.write_text("")


class Talk:
    def __init__(self, link):
        self.link, self.fd, self.buffer = link, link.open(), b""

    def order(self, payload):
        assert self.link.write(payload) == len(payload)

    def answers(self, count):
        until = time.monotonic() + PATIENCE_S
        while self.buffer.count(b"\n") < count:
            assert time.monotonic() < until, self.buffer
            if select.select([self.fd], [], [], 1)[0]:
                self.buffer += self.link.read()
        lines = self.buffer.split(b"\n")
        self.buffer = b"\n".join(lines[count:])
        return [json.loads(line) for line in lines[:count]]


@pytest.fixture
def talk():
    links = []

    def begin(sounds=SOUNDS, device="default"):
        links.append(SoundLink(device, sounds))
        return Talk(links[-1])

    yield begin
    for link in links:
        link.close()


@pytest.mark.usefixtures("card")
def test_clips_play_one_after_the_other_in_the_order_asked(talk):
    player = talk()
    assert player.answers(1) == [{"ready": True}]
    player.order(b'{"play":["chime"],"id":"1"}\n{"play":["chime","chime"],"id":"2"}\n')
    heard = [{"started": "1"}, {"ended": "1"}, {"started": "2"}, {"ended": "2"}]
    assert player.answers(4) == heard


@pytest.mark.usefixtures("card")
def test_a_missing_clip_is_said_and_the_next_one_plays(talk):
    player = talk()
    player.order(
        b'{"play":["nix"],"id":"1"}\n{"play":["../x"],"id":"2"}\n{"play":["chime"],"id":"3"}\n'
    )
    _, missing, outside, started, ended = player.answers(5)
    assert missing["failed"] == "1"
    assert "No such file" in missing["why"]
    assert outside["failed"] == "2"
    assert (started, ended) == ({"started": "3"}, {"ended": "3"})


@pytest.mark.usefixtures("no_card")
def test_without_a_sound_card_nothing_is_called_played(talk):
    player = talk()
    player.order(b'{"play":["chime"],"id":"1"}\n')
    first, second = player.answers(2)
    assert first["failed"] == ""
    assert second["failed"] == "1"
    assert "ALSA" in second["why"]


@pytest.mark.usefixtures("no_card")
def test_a_sound_card_that_comes_back_is_used_again(talk, card):
    player = talk()
    assert player.answers(1)[0]["failed"] == ""
    card.write_text("pcm.!default { type null }\nctl.!default { type null }\n")
    player.order(b'{"play":["chime"],"id":"1"}\n')
    assert player.answers(2) == [{"started": "1"}, {"ended": "1"}]


def test_sdls_dummy_is_refused(talk, monkeypatch):
    monkeypatch.setenv("SDL_AUDIODRIVER", "dummy")
    player = talk()
    assert "nobody can hear" in player.answers(1)[0]["why"]


@pytest.mark.usefixtures("card")
def test_an_order_nobody_understands_is_answered(talk):
    player = talk()
    player.order(b'nonsense\n[1]\n{"play": 3}\n')
    assert [answer["failed"] for answer in player.answers(4)[1:]] == ["", "", ""]


@pytest.mark.usefixtures("card")
def test_the_link_says_when_the_player_has_died(talk):
    player = talk()
    player.answers(1)
    player.link._player.kill()
    with pytest.raises(LinkError) as gone:
        player.answers(1)
    assert gone.value.remedy
    player.link._player.wait()
    with pytest.raises(LinkError):
        player.link.write(b"x\n")
    player.link.close()
    assert player.link.open() >= 0


@pytest.mark.usefixtures("card")
def test_closing_the_link_takes_the_player_along(talk):
    player = talk()
    player.answers(1)
    process = player.link._player
    player.link.close()
    assert process.poll() is not None
    player.link.close()
    with pytest.raises(LinkError):
        player.link.read()


@pytest.mark.usefixtures("card")
def test_a_full_pipe_takes_less_and_does_not_wait(talk):
    player = talk()
    process = player.link._player
    process.send_signal(19)  # SIGSTOP
    try:
        taken = [player.link.write(b"x" * 65_536) for _ in range(8)]
    finally:
        process.send_signal(18)
    assert taken[-1] == 0


def test_the_chime_in_the_folder_is_the_one_the_script_makes(tmp_path):
    made = tmp_path / "chime.wav"
    script = ROOT / "scripts" / "make_chime.py"
    subprocess.run([sys.executable, str(script), str(made)], check=True)
    assert made.read_bytes() == (SOUNDS / "chime.wav").read_bytes()
