"""The journal keeps what it was given, and says when somebody touched it."""

import apsw
import pytest

from hallctl import wire
from hallctl.chain import JournalError, verify
from hallctl.core import commands as c
from hallctl.core.applying import apply
from hallctl.core.events import TicketIssued
from hallctl.core.hall import Hall
from hallctl.journal import Journal, StateInUse, lock_state
from hallctl.repair import accept_loss
from sample import Bench, at


@pytest.fixture
def bench(tmp_path):
    """A bench whose events are stored in a journal as they happen."""
    bench = Bench()
    for _ in range(5):
        bench.ask(c.IssueTicket(queue="A"))
    bench.ask(c.CallNext(window=1))
    return bench


def store(bench, state):
    state.mkdir(exist_ok=True)
    journal = Journal(state)
    for recorded in bench.recorded:
        answers = [(str(recorded.seq), b"{}")]
        journal.append([recorded], answers, "2026-11-23")
    return journal


def test_what_is_stored_folds_to_the_same_hall(bench, tmp_path):
    store(bench, tmp_path).close()
    journal = Journal(tmp_path)
    journal.check_mark()
    hall = Hall()
    for recorded in journal.today():
        apply(hall, recorded)
    journal.close()
    assert hall == bench.hall


def test_recovery_begins_with_the_day_and_carries_all_it_needs(bench, tmp_path):
    bench.now = at(9, 0, day="2026-11-24")
    bench.ask(c.IssueTicket(queue="B"))
    journal = store(bench, tmp_path)
    read = list(journal.today())
    assert type(read[0].event).__name__ == "DayOpened"
    assert len(read) < len(bench.recorded)
    hall = Hall()
    for recorded in read:
        apply(hall, recorded)
    journal.close()
    assert hall.visits == bench.hall.visits
    assert hall.rules == bench.hall.rules


def test_a_commit_is_durable_by_setting_not_by_luck(tmp_path):
    journal = Journal(tmp_path)
    assert journal._one("PRAGMA synchronous") == 2
    assert journal._one("PRAGMA journal_mode") == "wal"
    journal.close()


def test_the_same_number_twice_is_refused_by_the_index_too(bench, tmp_path):
    journal = store(bench, tmp_path)
    again = next(x for x in bench.recorded if isinstance(x.event, TicketIssued))
    twin = wire.recorded_in({**wire.recorded_out(again), "seq": bench.hall.seq + 1})
    with pytest.raises(apsw.ConstraintError):
        journal.append([twin], [], "2026-11-23")
    journal.close()


@pytest.mark.parametrize("seq", [1, 4, 9])
def test_one_flipped_byte_is_found_and_named(bench, tmp_path, seq):
    store(bench, tmp_path).close()
    assert verify(tmp_path)[0] == len(bench.recorded)
    db = apsw.Connection(str(tmp_path / "journal.db"))
    body = bytearray(db.execute("SELECT body FROM events WHERE seq=?", (seq,)).fetchone()[0])
    body[len(body) // 2] ^= 0x01
    db.execute("UPDATE events SET body=? WHERE seq=?", (bytes(body), seq))
    db.close()
    with pytest.raises(JournalError, match=f"event {seq} was changed"):
        verify(tmp_path)


def test_a_missing_event_is_found_and_named(bench, tmp_path):
    store(bench, tmp_path).close()
    db = apsw.Connection(str(tmp_path / "journal.db"))
    db.execute("DELETE FROM events WHERE seq=3")
    db.close()
    with pytest.raises(JournalError, match="event 3 is missing"):
        verify(tmp_path)


def test_every_flipped_byte_of_the_file_is_found_or_harmless(bench, tmp_path):
    """Flips bytes over the whole file: each is named, or the events read are still the same."""
    store(bench, tmp_path).close()
    whole = (tmp_path / "journal.db").read_bytes()
    head = verify(tmp_path)[1]
    wrong = []
    for offset in range(0, len(whole), 997):
        spoilt = bytearray(whole)
        spoilt[offset] ^= 0x10
        for name in ("journal.db-wal", "journal.db-shm"):
            (tmp_path / name).unlink(missing_ok=True)
        (tmp_path / "journal.db").write_bytes(spoilt)
        try:
            if verify(tmp_path) != (len(bench.recorded), head):
                wrong.append(offset)
        except (JournalError, apsw.Error):
            continue
    assert wrong == []


def test_a_cut_off_tail_is_noticed_by_the_high_water_mark(bench, tmp_path):
    store(bench, tmp_path).close()
    last = len(bench.recorded)
    db = apsw.Connection(str(tmp_path / "journal.db"))
    db.execute("DELETE FROM events WHERE seq>?", (last - 3,))
    db.close()
    with pytest.raises(JournalError, match=f"event {last} was durable"):
        verify(tmp_path)
    journal = Journal(tmp_path)
    with pytest.raises(JournalError, match="accept-loss"):
        journal.check_mark()
    journal.close()


def test_after_accepting_a_loss_numbers_go_on_above_those_on_paper(bench, tmp_path):
    store(bench, tmp_path).close()
    last_issue = [x.seq for x in bench.recorded if isinstance(x.event, TicketIssued)][2]
    db = apsw.Connection(str(tmp_path / "journal.db"))
    db.execute("DELETE FROM events WHERE seq>?", (last_issue,))
    db.close()
    words = accept_loss(tmp_path)
    assert "damaged-" in words
    journal = Journal(tmp_path)
    journal.check_mark()
    hall = Hall()
    for recorded in journal.today():
        apply(hall, recorded)
    journal.close()
    assert verify(tmp_path)[0] == last_issue + 1
    assert hall.numbers["A"] == 5, "two tickets are lost, their numbers are not given again"
    assert hall.epoch != "epoch-1"


def test_a_torn_mark_leaves_the_one_before(bench, tmp_path):
    journal = store(bench, tmp_path)
    journal.mark.sync()
    journal.append(bench.ask(c.IssueTicket(queue="A")).recorded, [], "2026-11-23")
    journal.close()
    path = tmp_path / "high-water"
    raw = bytearray(path.read_bytes())
    from hallctl.mark import HighWaterMark

    newest = HighWaterMark(path)
    slot = 1 - newest._slot
    raw[slot * 2048 + 70] ^= 0xFF
    path.write_bytes(raw)
    assert HighWaterMark(path).seq == newest.seq - 1


def test_a_second_daemon_is_refused_and_told_who_has_the_folder(tmp_path):
    import os

    lock = lock_state(tmp_path)
    with pytest.raises(StateInUse, match=str(os.getpid())):
        lock_state(tmp_path)
    os.close(lock)
    os.close(lock_state(tmp_path))


def test_an_answer_is_kept_over_the_next_business_day_and_then_forgotten(tmp_path):
    journal = Journal(tmp_path)
    journal.append([], [("friday", b'{"ok":true}')], "2026-11-20")
    assert journal.answer("friday") == b'{"ok":true}'
    journal.forget_answers("2026-11-23")
    assert journal.answer("friday") is not None, "who heard nothing may ask on Monday"
    journal.append([], [("monday", b'{"ok":true}')], "2026-11-23")
    journal.forget_answers("2026-11-24")
    assert journal.answer("friday") is None
    assert journal.answer("monday") is not None
    journal.close()


def test_garbage_in_the_place_of_a_journal_is_one_clear_sentence(tmp_path):
    (tmp_path / "journal.db").write_bytes(b"not a database" * 500)
    with pytest.raises(JournalError, match="accept-loss"):
        Journal(tmp_path)
