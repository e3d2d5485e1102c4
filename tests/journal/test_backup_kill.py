"""kill -9 between any two lines of a backup or a restore leaves the old or the new, never neither.

Each trial forks, follows the lines of the code in question, and kills the child before one of them:
each line's first and its last run, of which a sample is taken (all with HALLCTL_KILL_EVERY=1). Then
comes what a technician would do: start, or try again.
"""

import shutil
import signal
import tempfile
from pathlib import Path

import apsw
import pytest

from hallctl.backups.copying import backup, backups_in
from hallctl.backups.looking import opened, proved
from hallctl.backups.restoring import restore
from hallctl.chain import JournalError, verify
from hallctl.journal import lock_state
from hallctl.repair import accept_loss
from kept_journals import Kept, Lines, in_child, next_start, points, tickets

HERE = (
    "hallctl/backups/copying.py",
    "hallctl/backups/looking.py",
    "hallctl/backups/restoring.py",
    "hallctl/changeover.py",
    "hallctl/repair.py",
    "hallctl/journal.py",
    "hallctl/mark.py",
)
CHANGEOVER = ("hallctl/changeover.py",)
KILLED = signal.SIGKILL.value
OLD = ["A001", "A002", "A003", "A004", "A005"]
NEW = ["A001", "A002"]


MEMORY = Path("/dev/shm")
"""A killed process loses nothing that it wrote, on whatever disk: so take the quickest."""


@pytest.fixture(scope="module")
def memory():
    with tempfile.TemporaryDirectory(dir=MEMORY if MEMORY.is_dir() else None) as folder:
        yield Path(folder)


@pytest.fixture(scope="module")
def before(memory):
    """A hall that was killed with all in its log, and a backup of it from earlier."""
    folder = memory / "before"
    folder.mkdir()
    kept = Kept(folder / "live")
    kept.issue(2)
    (folder / "stick").mkdir()
    file = backup(kept.state, folder / "stick", 1).file
    kept.issue(3)
    state = kept.left_by_a_kill(folder / "s")
    assert (state / "journal.db-wal").stat().st_size > 0
    kept.close()
    return state, file


def fresh(memory, state):
    shutil.rmtree(memory / "try", ignore_errors=True)
    return shutil.copytree(state, memory / "try")


def put_aside(state):
    return [folder for folder in state.iterdir() if folder.name.startswith("replaced-")]


def told_apart(state):
    """Old or new, as the next start finds it: whole, either way."""
    hall, journal = next_start(state)
    labels = tickets(journal)
    journal.close()
    verify(state)
    assert hall.numbers == {"A": 5}, "the paper is known, whichever it is"
    assert not (state / "restored").exists()
    assert not (state / "restoring").exists()
    aside = put_aside(state)
    if labels == OLD:
        assert aside == []
        return "old"
    assert labels == NEW
    assert len(aside) == 1
    _, kept = next_start(aside[0])
    assert tickets(kept) == OLD
    kept.close()
    return "new"


def test_a_restore_killed_between_any_two_lines(before, memory):
    state, file = before
    here = fresh(memory, state)
    ended, seen = in_child(lambda: restore(here, file), Lines(HERE))
    assert ended == 0
    assert told_apart(here) == "new"
    found = []
    for at in points(seen, "changeover.py"):
        here = fresh(memory, state)
        ended, _ = in_child(lambda h=here: restore(h, file), Lines(HERE, at))
        assert ended == KILLED, f"line {at} of {len(seen)} was not reached"
        found.append(told_apart(here))
    assert len(found) > 60
    turn = found.index("new")
    assert found == ["old"] * turn + ["new"] * (len(found) - turn), "there is one moment it counts"
    assert 0 < turn < len(found)


def test_an_accepted_loss_killed_between_any_two_lines(before, memory):
    """The damaged journal is still there and says so, or the sound part has taken its place."""
    spoilt = shutil.copytree(before[0], memory / "spoilt")
    db = apsw.Connection(str(spoilt / "journal.db"))
    db.execute("UPDATE events SET body='{}' WHERE seq=(SELECT max(seq) - 1 FROM events)")
    db.close()
    here = fresh(memory, spoilt)
    ended, seen = in_child(lambda: accept_loss(here), Lines(HERE))
    assert ended == 0
    assert accepted(here) == "new"
    found = []
    for at in points(seen, "changeover.py"):
        here = fresh(memory, spoilt)
        ended, _ = in_child(lambda h=here: accept_loss(h), Lines(HERE, at))
        assert ended == KILLED, f"line {at} of {len(seen)} was not reached"
        found.append(accepted(here))
        if found[-1] == "old":
            accept_loss(here)
            assert accepted(here) == "new", "it can be done again"
    turn = found.index("new")
    assert found == ["old"] * turn + ["new"] * (len(found) - turn), "there is one moment it counts"
    assert 0 < turn < len(found)


def accepted(state):
    """Old or new, as the next start finds it."""
    try:
        hall, journal = next_start(state)
    except JournalError as problem:
        words = str(problem)
    else:
        words = ""
    if words:
        assert "accept-loss" in words
        return "old"
    labels = tickets(journal)
    journal.close()
    verify(state)
    assert labels == OLD[: len(labels)]
    assert len(labels) < len(OLD)
    assert hall.numbers == {"A": 5}, "the paper is known"
    return "new"


def test_a_start_that_carries_out_a_broken_off_restore_may_be_killed_too(before, memory):
    """Killed in the restore once it counts; the next start is killed as well, at any line."""
    state, file = before
    here = fresh(memory, state)
    _, seen = in_child(lambda: restore(here, file), Lines(CHANGEOVER))
    met = set()
    for at in points(seen, "changeover.py"):
        half = fresh(memory, state)
        in_child(lambda h=half: restore(h, file), Lines(CHANGEOVER, at))
        names = tuple(sorted(str(path.relative_to(half)) for path in half.rglob("*")))
        if not (half / "restored").exists() or names in met:
            continue
        met.add(names)
        kept = shutil.copytree(half, memory / "half")
        _, again = in_child(lambda h=half: lock_state(h), Lines(CHANGEOVER))
        for second in points(again):
            here = fresh(memory, kept)
            ended, _ = in_child(lambda h=here: lock_state(h), Lines(CHANGEOVER, second))
            assert ended == KILLED
            assert told_apart(here) == "new"
        shutil.rmtree(kept)
    assert len(met) > 5


def test_a_restore_that_was_killed_can_be_done_again(before, memory):
    state, file = before
    here = fresh(memory, state)
    _, seen = in_child(lambda: restore(here, file), Lines(CHANGEOVER))
    for at in points(seen):
        here = fresh(memory, state)
        in_child(lambda h=here: restore(h, file), Lines(CHANGEOVER, at))
        restore(here, file)
        hall, journal = next_start(here)
        assert tickets(journal) == NEW
        assert hall.numbers == {"A": 5}
        journal.close()
        aside = [next_start(folder)[1] for folder in put_aside(here)]
        assert [tickets(kept) for kept in aside].count(OLD) == 1, "the old one is kept, once"
        for kept in aside:
            kept.close()


def sound(folder):
    """What each backup in a folder holds; all must be whole."""
    found = {}
    for kept in backups_in(folder, "chini-town-service-hall"):
        db = opened(kept.file)
        found[kept.file.name] = proved(db, kept.file).tickets
        db.close()
    return found


def test_a_backup_killed_between_any_two_lines(before, memory):
    state, file = before
    here = fresh(memory, state)
    stick = memory / "stick"

    def again():
        shutil.rmtree(stick, ignore_errors=True)
        stick.mkdir()
        shutil.copy2(file, stick)

    again()
    ended, seen = in_child(lambda: backup(here, stick, 1), Lines(HERE))
    assert ended == 0
    assert list(sound(stick).values()) == [5]
    ends = set()
    for at in points(seen, "copying.py"):
        again()
        ended, _ = in_child(lambda: backup(here, stick, 1), Lines(HERE, at))
        assert ended == KILLED
        found = sorted(sound(stick).values())
        assert found in ([2], [2, 5], [5]), "the old one, both, or the new one"
        ends.add(tuple(found))
        assert list(sound_after_next(here, stick).values()) == [5]
    assert ends == {(2,), (2, 5), (5,)}
    hall, journal = next_start(here)
    assert tickets(journal) == OLD, "a backup reads only"
    journal.close()


def sound_after_next(state, stick):
    """The next backup does it, and nothing of the killed one is left."""
    backup(state, stick, 1)
    assert [path.name for path in stick.iterdir() if path.name.startswith(".")] == []
    return sound(stick)
