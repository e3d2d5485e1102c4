"""Beside the daemon: the clips this hall still lacks are made, by a process of its own.

Making brings numpy and takes half a second a clip; neither has a place in the daemon. The voice
says what it can until they are there, and leaves out, with its name, what it cannot.
"""

import contextlib
import logging
import subprocess
import sys
import threading
from pathlib import Path

log = logging.getLogger("hallctl")

NICE = "10"
LEAVE_S = 2.0


class Making:
    """`hallctl sounds build --quiet` for a hall, nicely. `stop` ends it with the daemon."""

    def __init__(self, hall: Path, state: Path) -> None:
        self._child: subprocess.Popen[bytes] | None = None
        command = [sys.executable, "-m", "hallctl", "sounds", "build", "--quiet"]
        place = ["--hall", str(hall), "--state", str(state)]
        try:
            self._child = subprocess.Popen(  # noqa: S603 - our own interpreter and module
                ["nice", "-n", NICE, *command, *place],  # noqa: S607 - coreutils, wherever it lies
                stdin=subprocess.DEVNULL,
                start_new_session=True,
            )
        except OSError as problem:
            log.warning("missing clips are not made now (hallctl sounds build): %s", problem)
            return
        threading.Thread(target=self._wait, args=(self._child,), daemon=True).start()

    @staticmethod
    def _wait(child: "subprocess.Popen[bytes]") -> None:
        code = child.wait()
        if code > 0:
            log.warning("some clips are still missing: hallctl sounds check says which")

    def stop(self) -> None:
        """Let go of what is under way; a clip is there whole or not at all."""
        if self._child is None:
            return
        self._child.terminate()
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._child.wait(LEAVE_S)
