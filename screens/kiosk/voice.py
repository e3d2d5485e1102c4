"""The kiosk's voice: espeak-ng in a child process, which can be broken off at once.

Clips recorded for the hall will take its place (they come with the announcements); until then
this is what a machine has. espeak-ng ends with 0 even when there is no sound card, and says so
on stderr only, with a line that begins with `error:` [M, 1.51].
"""

import shutil
import subprocess
import tempfile
from typing import IO, Literal

VOICES = {"zh": "cmn-latn-pinyin", "en": "en"}
WORDS_A_MIN = "140"
"""Slower than the 175 it has by itself: for people who hear with effort."""
END_S = 1.0


class Espeak:
    """Reads one page after the other. `program` is looked for in PATH."""

    def __init__(self, program: str = "espeak-ng") -> None:
        self._program = program
        self._child: subprocess.Popen[bytes] | None = None
        self._complaints: IO[bytes] | None = None

    def say(self, sentences: tuple[str, ...], language: str) -> bool:
        """Begin to read; False where the program is missing or will not start."""
        self.stop()
        path = shutil.which(self._program)
        if path is None:
            return False
        with tempfile.TemporaryFile() as text:
            text.write("\n\n".join(sentences).encode())
            text.seek(0)
            self._complaints = tempfile.TemporaryFile()  # noqa: SIM115 - read when it has ended
            voice = VOICES.get(language, VOICES["zh"])
            words = [path, "-v", voice, "-s", WORDS_A_MIN, "--stdin"]
            try:
                self._child = subprocess.Popen(  # noqa: S603 - what is read comes by stdin
                    words, stdin=text, stdout=subprocess.DEVNULL, stderr=self._complaints
                )
            except OSError:
                self._forget()
                return False
        return True

    def stop(self) -> None:
        """End the child, if it still reads."""
        if self._child is not None and self._child.poll() is None:
            self._child.terminate()
            try:
                self._child.wait(END_S)
            except subprocess.TimeoutExpired:
                self._child.kill()
                self._child.wait()
        self._forget()

    def state(self) -> Literal["silent", "speaking", "mute"]:
        """Whether it reads; `mute` once when it has ended and nothing was heard."""
        if self._child is None:
            return "silent"
        code = self._child.poll()
        if code is None:
            return "speaking"
        failed = code != 0 or self._complained()
        self._forget()
        return "mute" if failed else "silent"

    def _complained(self) -> bool:
        if self._complaints is None:
            return False
        self._complaints.seek(0)
        return any(line.startswith(b"error:") for line in self._complaints)

    def _forget(self) -> None:
        self._child = None
        if self._complaints is not None:
            self._complaints.close()
        self._complaints = None
