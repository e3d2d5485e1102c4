"""The sound card, through a player process of its own (`hallctl/player.py`)."""

import contextlib
import os
import subprocess
import sys
from pathlib import Path

from hallctl.links.base import LinkError, not_open
from hallctl.texts import say

READ_BYTES = 4096
LEAVE_S = 2.0
REMEDY = say("zh", "remedy.sound")


class SoundLink:
    """Starts the player and carries its lines. Closing lets the player go with it."""

    def __init__(self, device: str, sounds: Path) -> None:
        self.device = device
        self._sounds = sounds
        self._player: subprocess.Popen[bytes] | None = None

    def open(self) -> int:
        """Start the player. A missing card is the player's to report, not a LinkError."""
        self.close()
        command = [sys.executable, "-m", "hallctl.player", str(self._sounds)]
        try:
            player = subprocess.Popen(  # noqa: S603 - our own interpreter and module
                [*command, "--device", self.device],
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
            raise LinkError(f"player: ended with code {player.poll()}", REMEDY)
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
            raise LinkError(f"player: ended with code {player.poll()}", REMEDY) from problem

    def unsent(self) -> int:
        """The pipe does not say."""
        return 0

    def close(self) -> None:
        """Close the pipes; the player leaves at the end of its input, or is made to."""
        player, self._player = self._player, None
        if player is None:
            return
        for pipe in (player.stdin, player.stdout):
            if pipe:
                with contextlib.suppress(OSError):
                    pipe.close()
        try:
            player.wait(LEAVE_S)
        except subprocess.TimeoutExpired:
            player.kill()
            player.wait()
