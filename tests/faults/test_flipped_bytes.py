"""Bytes of a journal turn over, tear or go: that is found before a hall opens, or changes nothing.

A trial spoils a copy of the files and does what a start does: open, compare with the mark, read the
day. Either that ends with words that name the one step, and all files are still as they were found;
or every event is the one that was written.
"""

import logging
import os
import random
import shutil

import apsw
import pytest

from faults.streaming import Stream, commits, folded, quick_folder, rows_of
from hallctl.chain import JournalError, verify
from hallctl.journal import Journal
from hallctl.mark import HighWaterMark
from hallctl.repair import accept_loss
from hallctl.simulator.disk import FaultyDisk

FLIPS = int(os.environ.get("HALLCTL_FLIPS", "120"))
"""Trials of each kind."""
STEP = "hallctl journal accept-loss"
FILES = ("journal.db", "journal.db-wal", "high-water")
WANTED = commits(60, next_day_after=30)
ROWS = rows_of(WANTED)
EVENTS = [x for commit in WANTED for x in commit.recorded]


@pytest.fixture
def folder():
    with quick_folder() as path:
        yield path


def kept(folder, *, closed):
    """A folder with the whole stream: closed properly, or as a killed process leaves it."""
    state = folder / "state"
    state.mkdir()
    disk = FaultyDisk(0)
    journal = Journal(state, disk)
    Stream(journal, WANTED).run()
    if closed:
        journal.close()
    disk.kill()
    disk.end()
    return state


def images(state):
    """What is in the files that hold something: a start may make an empty log."""
    held = {name: (state / name).read_bytes() for name in FILES if (state / name).exists()}
    return {name: image for name, image in held.items() if image}


def start(state):
    """What a start reads, or the words with which it ends."""
    disk = FaultyDisk(0)
    try:
        journal = Journal(state, disk)
        journal.check_mark()
        events = list(journal.today())
        journal.close()
    except JournalError as problem:
        return str(problem), None
    finally:
        disk.end()
    return "", events


def trial(state, spoilt):
    """Spoil a file and start: the words when it was found; "" when all events are those written."""
    copy = state.parent / "copy"
    shutil.copytree(state, copy, ignore=shutil.ignore_patterns("*-shm"))
    try:
        spoilt(copy)
        before = images(copy)
        try:
            found = verify(copy)
        except JournalError:
            found = None
        (copy / "journal.db-shm").unlink(missing_ok=True)
        words, events = start(copy)
        if words:
            assert STEP in words
            assert images(copy) == before, "what is to be looked at later was touched"
        else:
            assert folded(events) == folded(EVENTS)
            assert events == EVENTS[-len(events) :]
            if found is not None:
                assert found == (len(ROWS), ROWS[-1][2].hex())
        return words
    finally:
        shutil.rmtree(copy)


def flipper(name, chance, count=8):
    """Turns over a bit in each of so many bytes, from a place by chance on."""

    def spoil(copy):
        path = copy / name
        raw = bytearray(path.read_bytes())
        place = chance.randrange(len(raw) - count)
        for offset in range(place, place + count):
            raw[offset] ^= 1 << chance.randrange(8)
        path.write_bytes(raw)

    return spoil


def test_flipped_bytes_of_the_database_are_found_or_change_nothing(folder):
    state, chance = kept(folder, closed=True), random.Random(1)
    words = [trial(state, flipper("journal.db", chance)) for _ in range(FLIPS)]
    assert sum(map(bool, words)) > FLIPS // 10, "most of the file is not free space"


def test_flipped_bytes_of_the_log_are_found_or_change_nothing(folder):
    state, chance = kept(folder, closed=False), random.Random(2)
    words = [trial(state, flipper("journal.db-wal", chance)) for _ in range(FLIPS)]
    assert sum(map(bool, words)) > FLIPS // 2
    assert all("already durable" in w or "changed" in w for w in words if w), "the mark tells"


def test_one_flipped_bit_of_the_log_is_told_by_the_mark(folder):
    state, chance = kept(folder, closed=False), random.Random(3)
    words = [trial(state, flipper("journal.db-wal", chance, 1)) for _ in range(FLIPS // 2)]
    assert sum("already durable" in w for w in words) > FLIPS // 4


def test_flipped_bytes_of_the_mark_never_cost_an_event(folder):
    state, chance = kept(folder, closed=True), random.Random(4)
    words = [trial(state, flipper("high-water", chance)) for _ in range(FLIPS // 2)]
    assert words == [""] * (FLIPS // 2)


def test_an_answer_that_was_changed_is_given_to_nobody(folder):
    """Answers are in no chain: each has a digest of its own."""
    state = kept(folder, closed=True)
    whole = (state / "journal.db").read_bytes()
    commit = WANTED[-1]
    place = whole.index(commit.answer)
    for at in range(0, len(commit.answer), 3):
        spoilt = bytearray(whole)
        spoilt[place + at] ^= 1
        (state / "journal.db").write_bytes(spoilt)
        journal = Journal(state)
        with pytest.raises(JournalError, match=f"answer to {commit.key} was changed"):
            journal.answer(commit.key)
        journal.close()
        with pytest.raises(JournalError, match=f"answer to {commit.key} was changed"):
            verify(state)
    accept_loss(state)
    journal = Journal(state)
    assert journal.answer(commit.key) is None
    assert journal.answer(WANTED[-2].key) == WANTED[-2].answer
    journal.close()
    verify(state)


def looked_over(state):
    journal = Journal(state)
    journal.check_mark()
    journal.close()
    verify(state)


@pytest.mark.parametrize("name", ["journal.db", "journal.db-wal"])
def test_after_what_was_found_the_one_step_leads_back_to_a_hall(folder, name):
    """The sound part is kept, numbers go on above those given, the damaged files are kept too."""
    state, chance = kept(folder, closed=name == "journal.db"), random.Random(5)
    mended = 0
    for _ in range(FLIPS // 4):
        copy = folder / "copy"
        shutil.copytree(state, copy, ignore=shutil.ignore_patterns("*-shm"))
        flipper(name, chance)(copy)
        before = images(copy)
        if start(copy)[0]:
            accept_loss(copy)
            assert images(min(copy.glob("damaged-*"))) == before
            words, events = start(copy)
            assert words == ""
            hall = folded(events)
            last = HighWaterMark(state / "high-water")
            assert all(hall.numbers[queue] >= number for queue, number in last.numbers.items())
            verify(copy)
            mended += 1
        shutil.rmtree(copy)
    assert mended > FLIPS // 40


def test_a_log_cut_off_anywhere_in_its_last_commit_is_told_by_the_mark(folder):
    state = kept(folder, closed=False)
    log = (state / "journal.db-wal").read_bytes()
    events_from = log.rindex(b'"seq":%d,' % len(EVENTS))
    told = 0
    for length in range(len(log) // 512 * 512, 0, -512):

        def cut(copy, length=length):
            (copy / "journal.db-wal").write_bytes(log[:length])

        words = trial(state, cut)
        if length < events_from:
            assert "already durable" in words
        told += bool(words)
        if told > 40:
            break
    assert told > 40


def test_a_mark_torn_anywhere_leaves_the_events_and_is_made_anew(folder, caplog):
    state = kept(folder, closed=True)
    mark = (state / "high-water").read_bytes()
    for length in [*range(0, len(mark), 512), None]:

        def tear(copy, length=length):
            if length is None:
                (copy / "high-water").unlink()
            else:
                (copy / "high-water").write_bytes(mark[:length])

        caplog.clear()
        with caplog.at_level(logging.WARNING):
            assert trial(state, tear) == ""
        assert ("mark beside it is gone" in caplog.text) == (length in {0, None})


def test_a_lost_mark_knows_again_what_was_durable_and_each_queues_highest_number(folder):
    state = kept(folder, closed=True)
    before = HighWaterMark(state / "high-water")
    (state / "high-water").unlink()
    assert start(state)[0] == ""
    after = HighWaterMark(state / "high-water")
    assert (after.seq, after.epoch, after.day) == (before.seq, before.epoch, before.day)
    assert after.numbers == before.numbers


def test_an_older_mark_of_this_journal_is_no_reason_to_stop_and_anothers_is(folder):
    state = folder / "state"
    state.mkdir()
    journal = Journal(state)
    stream = Stream(journal, WANTED[:20])
    stream.run()
    journal.each_second()
    older = (state / "high-water").read_bytes()
    stream.commits = WANTED
    stream.run()
    journal.close()
    assert trial(state, lambda copy: (copy / "high-water").write_bytes(older)) == ""
    anothers = HighWaterMark(folder / "another")
    anothers.make_room()
    anothers.advance(7, "another", {"A": 3}, "2026-11-24")
    anothers.sync()
    words = trial(state, lambda copy: shutil.copy(folder / "another", copy / "high-water"))
    assert "event 7 of epoch another was already durable" in words


@pytest.mark.parametrize(
    "damage",
    [
        f"UPDATE events SET body=5 WHERE seq={len(EVENTS)}",  # a flipped bit may change the type
        f"UPDATE events SET body=2.5, hash=7 WHERE seq={len(EVENTS) - 1}",
        "UPDATE answers SET id=CAST(x'E92031' AS TEXT) WHERE id='kiosk-3'",
        "PRAGMA user_version=537001986",
    ],
)
def test_what_is_not_even_of_its_type_is_found_in_words_and_can_be_mended(folder, damage):
    state = kept(folder, closed=True)
    db = apsw.Connection(str(state / "journal.db"))
    db.execute(damage)
    db.close()
    with pytest.raises(JournalError, match=STEP):
        looked_over(state)
    assert "are sound and kept" in accept_loss(state)
    assert start(state)[0] == ""
    verify(state)
