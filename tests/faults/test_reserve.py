"""The reserve in one process: every write of the journal meets a full disk, at every byte."""

import apsw
import pytest

from hallctl.chain import verify
from hallctl.core import commands as c
from hallctl.core import events as e
from hallctl.core.acts.alerts import ROOM_WELL_BYTES, ROOM_YELLOW_BYTES, VISIT_BYTES
from hallctl.core.applying import apply
from hallctl.core.hall import Hall
from hallctl.journal import CHECKPOINT_PAGES, Journal
from hallctl.mark import HighWaterMark
from hallctl.reserve import LOOK_S, REFILL_S, SLICE_BYTES, Reserve, whole_for
from hallctl.simulator.disk import FaultyDisk
from sample import Bench, at

MIB = 1 << 20
WHOLE = 16 * SLICE_BYTES


class Kept:
    """A journal with a reserve on a disk that takes `room` bytes."""

    def __init__(self, state, room=1 << 34, whole=WHOLE):
        self.disk = FaultyDisk(1, room)
        self.state = state
        self.whole = whole
        self.open()
        self.bench = Bench()
        self.done = 0
        self.store(self.bench.recorded)

    def open(self):
        self.reserve = Reserve(self.state, self.disk, self.whole)
        self.reserve.open_up()
        self.journal = Journal(self.state, self.disk, self.reserve)

    def store(self, recorded, day="2026-11-23"):
        self.done += 1
        answers = [(f"c{self.done}", b"yes" * 30)]
        self.journal.append(list(recorded), answers, day)

    def issue(self):
        self.store(self.bench.ask(c.IssueTicket(queue="A")).recorded)

    def end(self):
        self.journal.close()
        self.disk.end()


@pytest.fixture
def kept(tmp_path):
    made = Kept(tmp_path)
    yield made
    made.disk.end()


def test_the_reserve_takes_its_room_for_real_and_is_as_large_as_the_hall_needs(tmp_path):
    found = whole_for(9)
    assert found % SLICE_BYTES == 0
    assert found >= 500 * 6_000 + 4_200_000, "a measured day of 500 visits, and the log"
    assert whole_for(100) >= 10_000 * 6_000 + 4_200_000
    disk = FaultyDisk(1, 100 * MIB)
    reserve = Reserve(tmp_path, disk, found)
    before = disk.free_bytes(tmp_path)
    reserve.open_up()
    assert before - disk.free_bytes(tmp_path) == found == (tmp_path / "reserve").stat().st_size
    smaller = Reserve(tmp_path, disk, found - 3 * SLICE_BYTES)
    smaller.open_up()
    assert (tmp_path / "reserve").stat().st_size == found - 3 * SLICE_BYTES
    disk.end()


def test_a_commit_that_meets_a_full_disk_at_any_byte_is_done_all_the_same(kept):
    given = 0
    for room in range(0, 40_000, 977):
        before = kept.reserve.left
        kept.disk.full_after(room)
        kept.issue()
        given += kept.reserve.left < before
        kept.disk.space_back()
        kept.reserve.tend(kept.done * REFILL_S)
    assert given > 10, "the disk was never full"
    head = kept.journal.head
    kept.end()
    assert verify(kept.state) == (kept.bench.recorded[-1].seq, head)
    read = Hall()
    disk = FaultyDisk(2)
    journal = Journal(kept.state, disk)
    for recorded in journal.today():
        apply(read, recorded)
    assert [journal.answer(f"c{n}") for n in range(1, kept.done + 1)] == [b"yes" * 30] * kept.done
    assert read.numbers == kept.bench.hall.numbers
    journal.close()
    disk.end()


def test_a_full_disk_is_lived_on_until_nothing_is_left_and_then_nothing_is_halved(tmp_path):
    whole = 5 * SLICE_BYTES
    kept = Kept(tmp_path, whole=whole)
    kept.disk.full_after(0)
    full = None
    while full is None:
        before = kept.journal.seq
        try:
            kept.issue()
        except apsw.FullError as problem:
            full = problem
    assert kept.reserve.left == 0
    assert kept.done > (whole - 4_200_000) / VISIT_BYTES, "the room was lost to something else"
    assert kept.journal.seq == before
    kept.journal.close()
    kept.disk.space_back()
    assert verify(kept.state)[0] == before
    kept.open()
    assert kept.journal.seq == before
    assert kept.journal.answer(f"c{kept.done}") is None
    assert kept.journal.answer(f"c{kept.done - 1}") is not None
    assert kept.reserve.left == whole
    kept.end()


def test_the_mark_never_needs_room_from_a_full_disk(tmp_path):
    disk = FaultyDisk(1)
    journal = Journal(tmp_path, disk)
    disk.full_after(0)
    for seq in (1, 2, 3):
        journal.mark.advance(seq, "epoch-1", {"A": seq}, "2026-11-23")
    assert HighWaterMark(tmp_path / "high-water", disk).numbers == {"A": 3}
    disk.end()


def test_a_new_day_begins_and_forgets_answers_on_a_full_disk(kept):
    for _ in range(300):
        kept.issue()
    kept.bench.now = at(0, 0, 1, day="2026-11-24")
    kept.disk.full_after(0)
    opened = kept.bench.ask(c.Tick()).recorded
    assert any(isinstance(x.event, e.DayOpened) for x in opened)
    kept.store(opened, "2026-11-24")
    kept.bench.now = at(0, 0, 1, day="2026-11-25")
    kept.store(kept.bench.ask(c.Tick()).recorded, "2026-11-25")
    kept.journal.forget_answers("2026-11-25")
    assert kept.journal.answer("c10") is None
    assert kept.journal.answer(f"c{kept.done - 1}") is not None, "the last day's are kept"


def test_a_log_that_cannot_be_read_into_the_database_grows_and_is_read_in_later(tmp_path, caplog):
    kept = Kept(tmp_path, whole=0)
    while kept.journal._log_pages < 2 * CHECKPOINT_PAGES - 10:
        kept.issue()
    kept.disk.full_after(250_000)  # enough for the log, the database would need more
    while "the log beside it grows" not in caplog.text:
        kept.issue()
    kept.disk.space_back()
    size = (tmp_path / "journal.db").stat().st_size
    at_pages = kept.journal._log_pages
    while kept.journal._log_pages >= at_pages:
        kept.issue()
        assert kept.journal._log_pages < 4 * CHECKPOINT_PAGES, "never tried again"
    assert (tmp_path / "journal.db").stat().st_size > size
    seq = kept.journal.seq
    kept.end()
    assert verify(tmp_path)[0] == seq


def test_a_failed_sync_is_the_end_and_nothing_is_synced_after_it_not_even_by_closing(kept):
    kept.issue()
    kept.disk.fail_sync()
    with pytest.raises((apsw.IOError, OSError)):
        kept.issue()
    before = {p.name: p.stat().st_mtime_ns for p in kept.state.iterdir()}
    kept.journal.close()  # the disk itself asserts that nobody syncs a failed file again
    after = {p.name: p.stat().st_mtime_ns for p in kept.state.iterdir()}
    assert "journal.db-wal" in after, "the log was thrown away with what was doubtful"
    assert after["journal.db"] == before["journal.db"]
    assert after["high-water"] == before["high-water"]


def test_the_reserve_is_made_whole_by_the_tick_and_only_where_as_much_again_stays_free(kept):
    now_s = 1000.0
    assert kept.reserve.tend(now_s) is not None
    assert kept.reserve.tend(now_s + LOOK_S / 2) is None, "not looked at all the time"
    kept.disk.full_after(0)
    kept.issue()
    room = kept.reserve.tend(now_s + LOOK_S / 2 + 1)
    assert room is not None, "what was given is told at once"
    assert room.reserve_bytes == WHOLE - SLICE_BYTES
    kept.disk.full_after(WHOLE - MIB)
    assert kept.reserve.tend(now_s + 2 * LOOK_S).reserve_bytes == WHOLE - SLICE_BYTES
    kept.disk.space_back()
    assert kept.reserve.tend(now_s + 4 * LOOK_S).reserve_bytes == WHOLE
    kept.disk.full_after(0)
    while kept.reserve.left == WHOLE:
        kept.issue()
    kept.disk.space_back()
    assert kept.reserve.tend(now_s + 5 * LOOK_S).reserve_bytes < WHOLE, "once a minute at most"
    assert kept.reserve.tend(now_s + 4 * LOOK_S + REFILL_S).reserve_bytes == WHOLE


def noted(bench, free_bytes, reserve_bytes, whole_bytes=16 * MIB):
    command = c.NoteRoom(
        folder="/state",
        free_bytes=free_bytes,
        reserve_bytes=reserve_bytes,
        whole_bytes=whole_bytes,
    )
    return [x.event for x in bench.ask(command).recorded]


def test_the_supervisor_is_told_of_a_low_disk_of_a_begun_reserve_and_of_the_end_of_it():
    bench = Bench()
    assert noted(bench, ROOM_YELLOW_BYTES, 16 * MIB) == []
    (low,) = noted(bench, ROOM_YELLOW_BYTES - 1, 16 * MIB)
    assert (low.kind, low.subject, low.level) == ("disk", "/state", "yellow")
    assert noted(bench, ROOM_YELLOW_BYTES - 2, 16 * MIB) == [], "told once"
    bench.ask(c.Tick())
    assert "disk:/state" in bench.hall.alerts, "a tick does not end it"
    (full,) = noted(bench, 0, 15 * MIB)
    assert full.level == "red"
    assert "/state" in full.words
    assert f"{15 * MIB // VISIT_BYTES} 个号" in full.words
    assert noted(bench, 0, 3 * MIB) == []
    issued = bench.ask(c.IssueTicket(queue="A"))
    assert issued.answer["ok"], "the day goes on"
    (whole,) = noted(bench, 40 * MIB, 16 * MIB)
    assert whole.level == "yellow"
    assert noted(bench, ROOM_WELL_BYTES - 1, 16 * MIB) == [], "not told again and again at the edge"
    assert noted(bench, ROOM_WELL_BYTES, 16 * MIB) == [e.AlertEnded(kind="disk", subject="/state")]
    assert noted(bench, ROOM_WELL_BYTES, 16 * MIB) == []


def test_a_new_day_tells_anew_of_a_disk_that_is_still_low():
    bench = Bench()
    noted(bench, 0, 15 * MIB)
    bench.now = at(0, 0, 1, day="2026-11-24")
    bench.ask(c.Tick())
    (again,) = noted(bench, 0, 15 * MIB)
    assert again.level == "red"
