"""docs/examples run as they stand there."""

import ast
import os
import signal
import subprocess
import sys
import threading

import pytest

from hallctl.client import HallClient
from hallctl.core import commands as c
from running import PATIENT_S, ROOT, RunningDaemon, wait_until

EXAMPLES = ROOT / "docs" / "examples"


@pytest.fixture
def daemon(tmp_path):
    daemon = RunningDaemon(tmp_path)
    daemon.start()
    yield daemon
    daemon.stop()


class Program:
    """An example as a process: lines in, lines out."""

    def __init__(self, folder, name, *words):
        command = [sys.executable, str(EXAMPLES / name), *map(str, words)]
        env = {**os.environ, "PYTHONPATH": str(ROOT)}
        pipe = subprocess.PIPE
        self.process = subprocess.Popen(
            command, cwd=folder, env=env, stdin=pipe, stdout=pipe, text=True
        )
        self.lines = []
        self.reader = threading.Thread(target=self._read, daemon=True)
        self.reader.start()

    def _read(self):
        for line in self.process.stdout:
            self.lines.append(line.strip())

    def says(self, words):
        return wait_until(lambda: [line for line in self.lines if words in line])[-1]

    def type(self, line):
        before = len(self.lines)
        self.process.stdin.write(line + "\n")
        self.process.stdin.flush()
        wait_until(lambda: len(self.lines) > before)
        return self.lines[-1]

    def close(self):
        self.process.stdin.close()
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        self.process.wait(PATIENT_S)
        self.reader.join()
        self.process.stdout.close()


def code_lines(path):
    """Lines of code, without the text on top, the imports and blank lines."""
    tree = ast.parse(path.read_text())
    first = next(n.lineno for n in tree.body[1:] if not isinstance(n, ast.Import | ast.ImportFrom))
    return [line for line in path.read_text().splitlines()[first - 1 :] if line.strip()]


def _visit_at(client, window):
    """Who is at a window; nobody before there is a hall to look at."""
    known = client.hall.windows.get(window)
    return known and known.visit


def test_a_window_terminal_is_twenty_lines_and_works(daemon, tmp_path):
    assert len(code_lines(EXAMPLES / "window_terminal.py")) <= 20
    bus = daemon.state / "bus"
    terminal = Program(tmp_path, "window_terminal.py", bus, 3)
    try:
        with HallClient.at(bus, "guide", "g") as guide:
            taken = [
                guide.do(c.IssueTicket(queue="A"), PATIENT_S).result["label"] for _ in range(2)
            ]
            assert terminal.type("") == taken[0]
            assert terminal.type("s") in ("OK", taken[0])
            assert terminal.type("f") in ("OK", taken[0])
            assert terminal.type("?") == "Enter s f r m"
            assert terminal.type("") == taken[1]
            answer = terminal.type("")
            assert any("\u4e00" <= letter <= "\u9fff" for letter in answer), "a refusal in words"
            wait_until(lambda: [guide.poll(0.1)] and _visit_at(guide, 3), every_s=0)
            daemon.kill()
            assert any("\u4e00" <= letter <= "\u9fff" for letter in terminal.type("r"))
            daemon.start()
            wait_until(lambda: [guide.poll(0.1)] and guide.stale_since_s is None, every_s=0)
        assert terminal.type("f") in ("OK", taken[1])
    finally:
        terminal.close()
    assert (tmp_path / "window-3.outbox").stat().st_mode & 0o777 == 0o600


def test_following_prints_the_hall_and_what_happens_through_a_restart(daemon, tmp_path):
    bus = daemon.state / "bus"
    follower = Program(tmp_path, "follow.py", bus, "screen")
    try:
        follower.says("at the windows")
        with HallClient.at(bus, "guide", "g") as guide:
            for n in (1, 2):
                guide.do(c.IssueTicket(queue="A"), PATIENT_S)
                follower.says(f"A00{n}")
                if n == 1:
                    daemon.kill()
                    daemon.start()
        follower.says("connected") if "silent" in str(follower.lines) else None
    finally:
        follower.close()
