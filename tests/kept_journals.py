"""Journals on disk for tests of backups, a disk that fills up, a process killed at any line."""

import os
import shutil
import signal
import sys
from dataclasses import replace
from pathlib import Path

import apsw

from hallctl.backups.copying import backup
from hallctl.core import commands as c
from hallctl.core.applying import apply
from hallctl.core.events import TicketIssued
from hallctl.core.hall import Hall
from hallctl.core.step import Step
from hallctl.journal import Journal, lock_state
from sample import Bench


class Kept:
    """A sample hall whose events are stored in a state folder as they happen."""

    def __init__(self, state: Path, epoch: str = "epoch-1") -> None:
        self.state = state
        self.epoch = epoch
        self.state.mkdir(parents=True, exist_ok=True)
        self.bench = Bench()
        self.journal = Journal(state)
        self._stored = 0
        self.store()

    def store(self) -> None:
        for recorded in self.bench.recorded[self._stored :]:
            one = replace(recorded, epoch=self.epoch)
            self.journal.append([one], [(f"c{one.seq}", b"{}")], self.bench.hall.day)
        self._stored = len(self.bench.recorded)

    def issue(self, count: int = 1, queue: str = "A", **more: object) -> None:
        for _ in range(count):
            self.bench.ask(c.IssueTicket(queue=queue, **more))
        self.store()

    @property
    def head(self) -> str:
        return self.journal.head

    def close(self) -> None:
        """As SIGTERM leaves it."""
        self.journal.close()

    def left_by_a_kill(self, to: Path) -> Path:
        """A copy of the folder as kill -9 would leave it now: all of it still in the log."""
        self.journal.mark.sync()
        shutil.copytree(self.state, to)
        return to


def next_start(state: Path) -> tuple[Hall, Journal]:
    """What the next start of the daemon does: take the folder, check, fold."""
    os.close(lock_state(state))
    journal = Journal(state)
    journal.check_mark()
    hall = Hall()
    for recorded in journal.today():
        apply(hall, recorded)
    return hall, journal


def tickets(journal: Journal) -> list[str]:
    """The labels of all tickets, in order."""
    found = journal.since(0, 1 << 30)
    return [x.event.label for x in found if isinstance(x.event, TicketIssued)]


class BackedUp:
    """A hall backed up when A003 and B001 were the last, which went on to A007 and B002."""

    def __init__(self, folder):
        self.state = folder / "s"
        self.kept = Kept(self.state)
        self.kept.issue(3)
        self.kept.issue(1, "B")
        self.file = folder / "stick"
        self.file.mkdir()
        self.file = backup(self.state, self.file, 9).file
        self.seq = self.kept.journal.seq
        self.kept.bench.ask(c.CallNext(window=1))
        self.kept.issue(4)
        self.kept.issue(1, "B")
        self.head = self.kept.head
        self.last = self.kept.journal.seq
        self.kept.close()

    def given_next(self, queue="A"):
        """The next label, as the hall would give it after its next start."""
        hall, journal = next_start(self.state)
        step = Step(hall, hall.epoch)
        outcome = step(c.Asked("next", "test", c.IssueTicket(queue=queue)), self.kept.bench.now)
        journal.append(outcome.recorded, [], hall.day)
        journal.close()
        return outcome.answer["result"]["label"]


def listing(folder):
    """Every file below a folder with what is in it."""
    return {
        str(p.relative_to(folder)): p.read_bytes()
        for p in sorted(folder.rglob("*"))
        if p.is_file() and p.name not in ("lock", "journal.db-shm", "journal.db-wal")
    }


class FullDisk(apsw.VFS):
    """A disk that takes so many bytes and then no more."""

    def __init__(self, room: int) -> None:
        self.room = room
        super().__init__("full", "unix", makedefault=True)

    def xOpen(self, name, flags):  # noqa: N802 - apsw's word
        return FullFile(name, flags, self)


class FullFile(apsw.VFSFile):
    def __init__(self, name, flags, disk) -> None:
        self.disk = disk
        super().__init__("unix", name, flags)

    def xWrite(self, payload, offset):  # noqa: N802 - apsw's word
        self.disk.room -= len(payload)
        if self.disk.room < 0:
            raise apsw.FullError("no space left")
        super().xWrite(payload, offset)


class Lines:
    """Follows the lines that some source files run; kills this very process before the n-th."""

    def __init__(self, files: tuple[str, ...], kill_at: int = -1) -> None:
        self.files = files
        self.kill_at = kill_at
        self.seen: list[tuple[str, int]] = []

    def __call__(self, frame, event, arg):
        name = frame.f_code.co_filename
        if not name.endswith(self.files):
            return None
        if event == "line":
            if len(self.seen) == self.kill_at:
                os.kill(os.getpid(), signal.SIGKILL)
            self.seen.append((name, frame.f_lineno))
        return self


def in_child(work, lines: Lines) -> tuple[int, list[tuple[str, int]]]:
    """Run `work` in a child: how it ended (9: killed), and which lines it ran."""
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        code = 1
        try:
            os.close(reader)
            sys.settrace(lines)
            work()
            sys.settrace(None)
            with os.fdopen(writer, "w") as told:
                told.writelines(f"{name}\t{line}\n" for name, line in lines.seen)
            code = 0
        finally:
            os._exit(code)
    os.close(writer)
    with os.fdopen(reader) as told:
        found = [line.rstrip("\n").split("\t") for line in told]
    status = os.waitpid(child, 0)[1]
    seen = [(name, int(line)) for name, line in found]
    return os.WTERMSIG(status) if os.WIFSIGNALED(status) else -os.WEXITSTATUS(status), seen


KILL_EVERY = int(os.environ.get("HALLCTL_KILL_EVERY", "4"))
"""Of the lines to kill at every n-th is taken; 1 in the night."""


def points(seen: list[tuple[str, int]], whole: str = "") -> list[int]:
    """Before each line's first run and its last, or a sample of them: where to kill.

    Of the file `whole` none is left out.
    """
    first = {line: n for n, line in reversed(list(enumerate(seen)))}
    last = {line: n for n, line in enumerate(seen)}
    found = sorted({*first.values(), *last.values()})
    return [
        n
        for at, n in enumerate(found)
        if at % KILL_EVERY == 0 or (whole and seen[n][0].endswith(whole))
    ]
