"""The sound card, through a player process of its own (`hallctl/voice/player.py`)."""

import contextlib
import os
import subprocess
import sys
import threading
from collections.abc import Sequence
from pathlib import Path

from hallctl.links.base import LinkError, not_open
from hallctl.texts import say

READ_BYTES = 4096
LEAVE_S = 0.5
"""How long a player may take to go when it is told to, before it is killed."""
REMEDY = say("zh", "remedy.sound")


class SoundLink:
    """Starts the player and carries its lines. Closing takes the player along, without waiting.

    `device`: `default`, an ALSA device, or `capture:FILE` (raw samples into a file, for tests and
    benchmarks). `folders` hold the clips, the preferred one first.
    """

    def __init__(self, device: str, folders: Sequence[Path]) -> None:
        self.device = device
        self._folders = tuple(folders)
        self._player: subprocess.Popen[bytes] | None = None

    def open(self) -> int:
        """Start the player. A missing card is the player's to report, not a LinkError."""
        self.close()
        command = [sys.executable, "-m", "hallctl.voice.player", "--device", self.device]
        for folder in self._folders:
            command += ["--sounds", str(folder)]
        try:
            player = subprocess.Popen(  # noqa: S603 - our own interpreter and module
                command,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                bufsize=0,
                start_new_session=True,  # a Ctrl-C in the daemon's terminal is not the player's
            )
        except OSError as problem:
            raise LinkError(f"player: {problem}", REMEDY) from problem
        assert player.stdin
        assert player.stdout
        os.set_blocking(player.stdin.fileno(), False)
        os.set_blocking(player.stdout.fileno(), False)
        self._player = player
        return player.stdout.fileno()

    def _live(self) -> subprocess.Popen[bytes]:
        if self._player is None:
            raise not_open("player")
        return self._player

    def read(self) -> bytes:
        """What the player said. Raises LinkError when it has ended."""
        player = self._live()
        assert player.stdout
        try:
            got = os.read(player.stdout.fileno(), READ_BYTES)
        except BlockingIOError:
            return b""
        if not got:
            raise self._ended()
        return got

    def write(self, payload: bytes) -> int:
        """Send what the pipe takes now. Raises LinkError when the player has ended."""
        player = self._live()
        assert player.stdin
        try:
            return os.write(player.stdin.fileno(), payload)
        except BlockingIOError:
            return 0
        except BrokenPipeError as problem:
            raise self._ended() from problem

    def _ended(self) -> LinkError:
        """The player is gone, and why as far as one can tell by now."""
        code = self._live().poll()
        self.close()
        known = "" if code is None else f" with code {code}"  # the pipes close a moment before
        return LinkError(f"player: ended{known}", REMEDY)

    def unsent(self) -> int:
        """The pipe does not say."""
        return 0

    def close(self) -> None:
        """Close the pipes and send the player away; it is seen off in a thread of its own.

        A player stuck in a dead sound card may take its time, and the devices' thread has none.
        """
        player, self._player = self._player, None
        if player is None:
            return
        for pipe in (player.stdin, player.stdout):
            if pipe:
                with contextlib.suppress(OSError):
                    pipe.close()
        player.terminate()
        threading.Thread(target=_see_off, args=(player,), daemon=True).start()


def _see_off(player: subprocess.Popen[bytes]) -> None:
    """Wait for the player's end, and make it end when it does not."""
    try:
        player.wait(LEAVE_S)
    except subprocess.TimeoutExpired:
        player.kill()
        player.wait()
