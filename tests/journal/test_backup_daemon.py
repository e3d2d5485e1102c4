"""A real daemon under load is backed up, killed, restored; it goes on above the paper."""

import json
import os
import random
import subprocess
import sys
import time
from pathlib import Path

import pytest

from hallctl.backups.looking import opened, proved
from hallctl.chain import read_only, verify
from running import PATIENT_S, ROOT, RawAsker, RunningDaemon, wait_until

ACTS_PER_S = 200
BACKUPS = 3


class Load:
    """Asks so many times a second, whether answered or not, and remembers each answer."""

    def __init__(self, asker: RawAsker) -> None:
        self.asker = asker
        self.rng = random.Random(8)
        self.sent_s: dict[str, float] = {}
        self.took_s: dict[str, float] = {}
        self.answers: dict[str, dict] = {}
        self.backed_up: set[str] = set()
        """Those asked while a backup was being made."""
        self.backing_up = False
        self._next_s = time.monotonic()

    def command(self) -> dict[str, object]:
        kind = self.rng.choice(["IssueTicket", "CallNext", "Start", "Finish"])
        if kind == "IssueTicket":
            return {"type": kind, "queue": self.rng.choice("AB")}
        return {"type": kind, "window": self.rng.randint(1, 9)}

    def step(self) -> None:
        """Send when it is time, take what has come."""
        now_s = time.monotonic()
        if now_s >= self._next_s:
            self._next_s = max(self._next_s + 1 / ACTS_PER_S, now_s - 1)
            name = f"load-{len(self.sent_s)}"
            self.sent_s[name] = now_s
            if self.backing_up:
                self.backed_up.add(name)
            self.asker.send(name, self.command())
        wait_s = max(0.0, self._next_s - time.monotonic())
        self.take(wait_s)

    def take(self, wait_s: float) -> None:
        answer = self.asker.receive(wait_s)
        if answer is not None and answer["id"] in self.sent_s:  # not to an `ask` that was repeated
            self.took_s[answer["id"]] = time.monotonic() - self.sent_s[answer["id"]]
            self.answers[answer["id"]] = answer

    def for_s(self, seconds: float) -> None:
        until_s = time.monotonic() + seconds
        while time.monotonic() < until_s:
            self.step()

    def rest(self) -> None:
        """Wait for every answer that is still open."""
        until_s = time.monotonic() + PATIENT_S
        while len(self.answers) < len(self.sent_s) and time.monotonic() < until_s:
            self.take(0.5)
        assert len(self.answers) == len(self.sent_s)

    def labels(self) -> list[str]:
        given = [a["result"] for a in self.answers.values() if a["ok"]]
        return [result["label"] for result in given if result.get("queue")]


def hallctl(daemon, *words):
    """A command as a technician types it: exit code, what a program reads."""
    places = ["--hall", str(daemon.hall), "--state", str(daemon.state), "--json"]
    done = subprocess.run(
        [sys.executable, "-m", "hallctl", *words, *places],
        cwd=ROOT, capture_output=True, text=True, timeout=PATIENT_S, check=False,
    )  # fmt: skip
    return done.returncode, json.loads(done.stdout)


def backups_under_load(daemon, load, into):
    """Several backups, one after the other, while the load goes on; each as its command told it."""
    made = []
    for _ in range(BACKUPS):
        places = ["--hall", str(daemon.hall), "--state", str(daemon.state), "--json"]
        command = [sys.executable, "-m", "hallctl", "backup", "--into", str(into), *places]
        process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)
        load.backing_up = True
        while process.poll() is None:
            load.step()
        load.backing_up = False
        load.for_s(1.0)
        assert process.returncode == 0
        made.append(json.loads(process.communicate()[0]))
    return made


@pytest.fixture
def daemon(tmp_path):
    daemon = RunningDaemon(tmp_path)
    daemon.start()
    yield daemon
    daemon.kill()


@pytest.fixture
def asker(daemon):
    wait_until((daemon.state / "bus" / "guide").exists)
    asker = RawAsker(daemon.state / "bus")
    yield asker
    asker.close()


def number_of(label):
    return int(label.lstrip("ABCFQL"))


def test_backed_up_under_load_killed_restored_and_above_the_paper(daemon, asker, tmp_path):
    asker.ask("first", {"type": "IssueTicket", "queue": "A"})
    load = Load(asker)
    (tmp_path / "stick").mkdir()
    load.for_s(1.0)
    made = backups_under_load(daemon, load, tmp_path / "stick")
    load.for_s(0.5)
    load.rest()
    quiet = [told["seq"] for told in made]
    assert quiet == sorted(set(quiet)), "each holds what happened since the one before"
    for told in made:
        proved_head(told)
        assert told["head"] == head_at(daemon.state, told["seq"]), "the fold at that event"
    on_paper = {q: max(number_of(x) for x in load.labels() if x[0] == q) for q in "AB"}
    code, refused = hallctl(daemon, "restore", made[0]["file"])
    assert (code, refused["code"]) == (75, "in_use")
    report(load)
    daemon.kill()

    code, dry = hallctl(daemon, "restore", made[0]["file"], "--dry-run")
    assert code == 0
    assert dry["lost"] > 0
    code, done = hallctl(daemon, "restore", made[0]["file"])
    assert code == 0, done
    assert done["above"] == {**done["above"], **on_paper}
    daemon.log.write_text("")
    daemon.start()
    answer = asker.ask("after", {"type": "IssueTicket", "queue": "A"})
    assert answer["ok"], answer
    assert number_of(answer["result"]["label"]) == on_paper["A"] + 1
    assert "从备份恢复" in daemon.words()
    assert daemon.stop() == 0
    verify(daemon.state)


def proved_head(told):
    file = Path(told["file"])
    db = opened(file)
    found = proved(db, file, decoded=True)
    db.close()
    assert (found.seq, found.head) == (told["seq"], told["head"])


def head_at(state, seq):
    db = read_only(state)
    row = db.execute("SELECT hash FROM events WHERE seq=?", (seq,)).fetchone()
    db.close()
    return row[0].hex()


def report(load):
    """For whoever measures: HALLCTL_TELL=1 pytest -s."""
    if os.environ.get("HALLCTL_TELL"):
        for what, wanted in (("during backups", True), ("between them", False)):
            took = sorted(t for n, t in load.took_s.items() if (n in load.backed_up) is wanted)
            p50, p99 = took[len(took) // 2], took[len(took) * 99 // 100]
            print(f"{what}: {len(took)} acts, p50 {p50 * 1e3:.1f} ms, p99 {p99 * 1e3:.1f} ms")
