"""The link to the player: it never waits, says when the player is gone, and takes it along."""

import os
import signal
import stat
import sys
from pathlib import Path

import pytest
from pydantic import ValidationError

from hallctl.links import sound
from hallctl.links.base import LinkError
from hallctl.links.sound import SoundLink
from hallctl.links.spec import SoundSpec
from links.waiting import error_of, until


@pytest.fixture
def link(tmp_path, monkeypatch):
    """A link whose player has no sound card, and says so."""
    (tmp_path / "asoundrc").write_text("")
    monkeypatch.setenv("ALSA_CONFIG_PATH", str(tmp_path / "asoundrc"))
    monkeypatch.setenv("SDL_AUDIODRIVER", "alsa")
    link = SoundLink("default", [tmp_path / "own", tmp_path / "made"])
    yield link
    link.close()


def opened(link):
    assert link.open() >= 0
    process = link._player
    assert b'"failed"' in until(link.read)
    return process


def test_the_player_is_told_its_device_and_its_folders_in_order(link, tmp_path):
    process = opened(link)
    folders = ["--sounds", str(tmp_path / "own"), "--sounds", str(tmp_path / "made")]
    assert process.args[-6:] == ["--device", "default", *folders]


def test_the_link_says_when_the_player_has_died_and_opens_another(link):
    process = opened(link)
    process.kill()
    gone = error_of(link.read)
    assert gone.remedy
    assert "ended" in gone.evidence
    with pytest.raises(LinkError):
        link.write(b"x\n")
    assert opened(link).pid != process.pid


def test_writing_to_a_player_that_has_died_is_an_error(link):
    process = opened(link)
    process.kill()
    process.wait()
    assert "ended with code -9" in error_of(lambda: link.write(b"x\n")).evidence


def test_closing_takes_the_player_along(link):
    process = opened(link)
    link.close()
    until(lambda: process.poll() is not None)
    link.close()
    with pytest.raises(LinkError):
        link.read()


def hang(process):
    """Stop it, and see it stand: SIGTERM would overtake a SIGSTOP that is still on its way."""
    process.send_signal(signal.SIGSTOP)
    stat = Path(f"/proc/{process.pid}/stat")
    until(lambda: stat.read_text().rpartition(") ")[2].startswith("T"))


def test_closing_does_not_wait_for_a_player_that_hangs(link, monkeypatch):
    monkeypatch.setattr(sound, "LEAVE_S", 600.0)
    process = opened(link)
    hang(process)
    link.close()
    assert process.poll() is None, "it was not waited for"
    process.send_signal(signal.SIGCONT)
    assert until(lambda: process.returncode) == -signal.SIGTERM


def test_a_player_that_will_not_go_is_killed_and_leaves_no_zombie(link):
    process = opened(link)
    process.send_signal(signal.SIGSTOP)
    link.close()
    assert until(lambda: process.returncode) in {-signal.SIGKILL, -signal.SIGTERM}
    with pytest.raises(ChildProcessError):
        os.waitpid(process.pid, os.WNOHANG)


def test_a_full_pipe_takes_less_and_does_not_wait(link):
    process = opened(link)
    hang(process)
    try:
        taken = [link.write(b"x" * 65_536) for _ in range(8)]
    finally:
        process.send_signal(signal.SIGCONT)
    assert taken[-1] == 0


def test_a_player_that_cannot_be_started_is_an_error_of_the_link(link, monkeypatch, tmp_path):
    nothing = tmp_path / "python"
    nothing.write_text("")
    nothing.chmod(stat.S_IRUSR)
    monkeypatch.setattr(sys, "executable", str(nothing))
    with pytest.raises(LinkError, match="player"):
        link.open()


def test_a_hall_is_not_wired_to_a_file_nobody_hears():
    assert SoundSpec(sound="hw:1,0").sound == "hw:1,0"
    with pytest.raises(ValidationError, match="nobody hears"):
        SoundSpec(sound="capture:/tmp/x")
