"""A stream of real events into a journal, and what must be found after it was cut off."""

import contextlib
import random
import shutil
import tempfile
from dataclasses import dataclass, replace
from pathlib import Path

from hallctl import journal as journals
from hallctl import wire
from hallctl.chain import GENESIS, chained
from hallctl.core import commands as c
from hallctl.core.applying import apply
from hallctl.core.events import TicketIssued
from hallctl.core.hall import Hall
from hallctl.journal import Journal
from hallctl.simulator.disk import FaultyDisk
from sample import Bench, at

DAY = "2026-11-23"
ACTS = (c.Start, c.Finish, c.Recall, c.MarkNoShow, c.CallNext)


@dataclass
class Commit:
    """What goes to the disk together: events (none when refused) and the asker's answer."""

    recorded: list
    key: str
    answer: bytes
    day: str = DAY

    @property
    def last(self):
        return self.recorded[-1].seq if self.recorded else 0


def commits(count, seed=0, next_day_after=0):
    """So many commits of a hall at work; the first has the day's opening and the rules.

    With `next_day_after` so many, the others are of the day after.
    """
    chance = random.Random(seed)
    bench = Bench()
    found = [Commit(list(bench.recorded), "begin", b"{}")]
    while len(found) < count:
        if len(found) == next_day_after:
            bench.now = at(9, 0, day="2026-11-24")
        n = bench.now
        bench.now = replace(n, wall_s=n.wall_s + 20, mono_s=n.mono_s + 20, day_s=n.day_s + 20)
        window = chance.randint(1, 3)
        free = bench.hall.at_window(window) is None
        act = c.CallNext(window=window) if free else chance.choice(ACTS)(window=window)
        outcome = bench.ask(chance.choice([act, c.IssueTicket(queue=chance.choice("AB"))]))
        key = f"kiosk-{len(found)}"
        found.append(
            Commit(list(outcome.recorded), key, wire.dumps(outcome.answer), bench.hall.day)
        )
    return found


@dataclass
class Stream:
    """Commits on their way into a journal; knows at each moment what was acknowledged."""

    journal: Journal
    commits: list[Commit]
    acknowledged: int = 0
    """How many commits were durable, so that others were told."""
    in_flight: int = 0
    """1 while one is on its way."""

    def run(self, sync_every=7):
        """Append what is not in yet; the mark is synced now and then, as each second does."""
        for done in range(self.acknowledged, len(self.commits)):
            commit = self.commits[done]
            self.in_flight = 1
            answers = [(commit.key, commit.answer)]
            self.journal.append(commit.recorded, answers, commit.day, self._seen)
            if done % sync_every == sync_every - 1:
                self.journal.each_second()

    def _seen(self):
        """What was acknowledged counts, whatever else the journal does before it returns."""
        self.acknowledged, self.in_flight = self.acknowledged + 1, 0

    @property
    def bounds(self):
        """The fewest and the most commits that may be found."""
        return self.acknowledged, self.acknowledged + self.in_flight


@dataclass
class Found:
    """What a start after the cut reads."""

    commits: int
    seq: int
    marked: int
    head: str


def rows_of(wanted):
    """The rows of the journal that these commits make, byte for byte."""
    rows, head = [], GENESIS
    for commit in wanted:
        for recorded in commit.recorded:
            body = wire.dumps(wire.recorded_out(recorded))
            head = chained(head, recorded.seq, body)
            rows.append((recorded.seq, body, head))
    return rows


def check(state, wanted, rows, least, most, *, thorough=False):
    """Start anew on what is in a folder; every promise is an assertion. Gives what was found.

    `rows` are those that `wanted` makes. `thorough` folds the events too, as a start does.
    """
    disk = FaultyDisk(0)
    try:
        journal = Journal(state, disk)
        marked = journal.mark.seq
        assert marked <= journal.seq, "the mark is ahead of the journal"
        journal.check_mark()
        count = found_commits(journal, wanted)
        assert least <= count <= most, f"{count} commits found, {least} were acknowledged"
        expected = [x for commit in wanted[:count] for x in commit.recorded]
        found = list(journal._db.execute("SELECT seq, body, hash FROM events ORDER BY seq"))
        assert found == rows[: len(expected)], "not the events that were written"
        assert journal.seq == len(expected)
        given = [x.event for x in expected if isinstance(x.event, TicketIssued)]
        highest = {
            q: max(e.number for e in given if e.queue == q) for q in {e.queue for e in given}
        }
        assert journal.highest_numbers(DAY) == highest
        if thorough:
            assert folded(journal.today()) == folded(expected)
        return Found(count, journal.seq, marked, journal.head)
    finally:
        disk.end()


def found_commits(journal, wanted):
    """How many of the commits are there: by their answers, none after one that is missing."""
    there = dict(journal._db.execute("SELECT id, answer FROM answers"))
    assert there == {x.key: x.answer for x in wanted[: len(there)]}, "answers without those before"
    return len(there)


def folded(events):
    """The hall that these events make."""
    hall = Hall()
    for recorded in events:
        apply(hall, recorded)
    return hall


def often(monkeypatch, pages=20):
    """Checkpoint every few commits, as a month's journal does every few hundred."""
    monkeypatch.setattr(journals, "CHECKPOINT_PAGES", pages)


@contextlib.contextmanager
def quick_folder():
    """A folder in memory where the machine has one: thousands of small files come and go there."""
    memory = Path("/dev/shm")
    folder = Path(tempfile.mkdtemp(prefix="hallctl-cut-", dir=memory if memory.is_dir() else None))
    try:
        yield folder
    finally:
        shutil.rmtree(folder)
