"""A daemon under strace, which lets a system call fail, wait or kill: nothing of hallctl knows."""

import contextlib
import os
import re
import shutil
import signal
from pathlib import Path

import pytest

from running import RunningDaemon

STRACE = shutil.which("strace")
needs_strace = pytest.mark.skipif(STRACE is None, reason="strace is not here: setup.sh --dev")
_CALL = re.compile(r"^(?:\d+ +)?(\w+)\(\d+<([^>]*)>")


class TracedDaemon(RunningDaemon):
    """`inject` is strace's own words for what is to fail (strace(1)); only on `at`, if given."""

    def __init__(self, folder):
        super().__init__(folder)
        self.trace = folder / "trace"

    def traced(self, inject, at=()):
        calls = inject.partition(":")[0]
        quick = () if ":signal=" in inject else ("--seccomp-bpf",)  # with it no signal is sent
        self.via = (
            STRACE, "-f", "-y", "-o", str(self.trace), *quick,
            *(word for name in at for word in ("-P", str(self.state / name))),
            "-e", f"trace={calls}", "-e", f"inject={inject}",
        )  # fmt: skip
        self.start()
        self.via = ()

    def calls(self):
        """What was traced: (call, file's name, whether it was injected)."""
        found = []
        for line in self.trace.read_text(errors="replace").splitlines():
            match = _CALL.match(line)
            if match:
                found.append((match[1], Path(match[2]).name, "(INJECTED)" in line))
        return found

    def end(self):
        """End what runs: the daemon itself too, which strace leaves behind."""
        with contextlib.suppress(OSError, ValueError):
            os.kill(int((self.state / "lock").read_text()), signal.SIGKILL)
        if self.process is not None and self.process.poll() is None:
            self.process.kill()
            self.process.wait()
