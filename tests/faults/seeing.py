"""What the tests of faults share: the journal on disk, and limits of the system's own."""

import contextlib
import json
import os
from pathlib import Path

import pytest

from hallctl.chain import read_only
from running import RawAsker, wait_until

CGROUPS = Path("/sys/fs/cgroup")


def journal(daemon):
    """Every event with its place in the journal."""
    db = read_only(daemon.state)
    found = [json.loads(b) for (b,) in db.execute("SELECT body FROM events ORDER BY seq")]
    db.close()
    return found


def happened(daemon, name):
    return [e["event"] for e in journal(daemon) if e["event"]["type"] == name]


def ready(daemon, role="guide", name="test"):
    """An asker that the daemon has answered once."""
    asker = RawAsker(daemon.state / "bus", role, name)
    asker.send("hello", {"type": "AskHelp", "place": "door"})
    try:
        wait_until(lambda: asker.receive(0.2) or daemon.process.poll() is not None)
        assert daemon.process.poll() is None, daemon.words()
    except AssertionError:
        asker.close()
        daemon.stop()
        raise
    return asker


def change(daemon, old, new, name="hall.yaml"):
    """Edit one place of a file of the hall."""
    path = daemon.hall / name
    text = path.read_text()
    assert text.count(old) == 1, old
    path.write_text(text.replace(old, new))


def memory_kb(pid):
    """What of a process lies in memory now."""
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1])
    raise AssertionError(f"process {pid} is gone")


class Slice:
    """A control group (version 1) of a test's own; skips the test where none can be made."""

    def __init__(self, kind, **limits):
        self.path = CGROUPS / kind / f"hallctl-test-{os.getpid()}"
        try:
            self.path.mkdir()
            self.kind = kind
            for name, value in limits.items():
                self.limit(name, value)
        except OSError as problem:
            self.close()
            pytest.skip(f"no control group of {kind} can be made here: {problem}")

    def limit(self, name, value):
        """From now on this limit holds."""
        (self.path / f"{self.kind}.{name}").write_text(str(value))

    def take(self, pid):
        """From now on the limits hold for a process and all its threads."""
        (self.path / "cgroup.procs").write_text(str(pid))

    @property
    def via(self):
        """What stands before a command, so that it runs within the limits from its first byte."""
        return ("sh", "-c", f'echo $$ >{self.path}/cgroup.procs && exec "$@"', "sh")

    def read(self, name):
        return (self.path / f"{self.kind}.{name}").read_text()

    def close(self):
        """To be called when its process has ended."""
        if self.path.exists():
            with contextlib.suppress(OSError):
                wait_until(lambda: not (self.path / "cgroup.procs").read_text().strip(), 10)
            self.path.rmdir()
