"""The journal is damaged while the hall is open: nobody is told what is not, the day goes on."""

import contextlib
import itertools
import json
import subprocess
import sys
from pathlib import Path

import apsw
import pytest

from hallctl.chain import JournalError, verify
from hallctl.repair import accept_loss
from running import PATIENT_S, ROOT, RawAsker, RunningDaemon, wait_until

DAY_S = 86_400
QUESTIONS = itertools.count()
TICKETS = 20
HURT = 10
"""The event that is spoilt: a ticket issued."""


def changed(db):
    """Another number in it, as somebody's SQL would; it is still an event."""
    other = """replace(CAST(body AS TEXT),'"A0','"A9')"""
    db.execute(f"UPDATE events SET body=CAST({other} AS BLOB) WHERE seq=?", (HURT,))


def unreadable(db):
    db.execute("UPDATE events SET body=? WHERE seq=?", (b'{"v":1,"seq":', HURT))


def gone(db):
    db.execute("DELETE FROM events WHERE seq=?", (HURT,))


def unchained(db):
    db.execute("UPDATE events SET hash=zeroblob(32) WHERE seq=?", (HURT,))


def torn(db):
    """The page it lies on is no page any more."""
    db.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
    size = db.execute("PRAGMA page_size").fetchone()[0]
    with Path(db.filename).open("r+b") as file:
        at = file.read().index(f'"seq":{HURT},'.encode()) // size * size
        file.seek(at)
        file.write(b"\xff" * 64)


SPOILT = [changed, unreadable, gone, unchained, torn]


@pytest.fixture
def daemon(tmp_path):
    daemon = RunningDaemon(tmp_path)
    daemon.start()
    yield daemon
    if daemon.process.poll() is None:
        daemon.kill()


def issue(asker, n):
    """A number, by a command id of its own."""
    word = {"type": "IssueTicket", "queue": "A", "kiosk": "kiosk-1"}
    answer = asker.ask(f"issue-{n}", word)
    assert answer["ok"], answer
    return answer["result"]["label"]


def spoil(daemon, how):
    db = apsw.Connection(str(daemon.state / "journal.db"))
    db.set_busy_timeout(10_000)
    how(db)
    db.close()


def ask(asker, **body):
    """The answer to a question, in the words of docs/protocol.md."""
    key = f"question-{next(QUESTIONS)}"
    asker.send_raw(json.dumps({"v": 1, "from": "test", "id": key, **body}).encode())
    for answer in iter(lambda: asker.receive(PATIENT_S), None):
        if answer["id"] == key:  # others are to what was asked again meanwhile
            return answer
    raise AssertionError(f"no answer to {body}")


def alerts(asker):
    return [a for a in ask(asker, ask="status")["result"]["alerts"] if a["kind"] == "journal"]


@pytest.mark.parametrize("how", SPOILT)
def test_who_asks_for_what_was_missed_gets_the_hall_as_it_is_and_numbers_go_on(daemon, how):
    with contextlib.closing(RawAsker(daemon.state / "bus")) as asker:
        labels = [issue(asker, n) for n in range(TICKETS)]
        epoch = ask(asker, ask="status")["result"]["epoch"]
        spoil(daemon, how)
        told = ask(asker, ask="replay", since=HURT - 3, epoch=epoch)
        assert [v["label"] for v in told["snapshot"]["visits"].values()] == labels
        labels.append(issue(asker, TICKETS))
        assert len(set(labels)) == TICKETS + 1
        told = ask(asker, ask="replay", since=HURT + 3, epoch=epoch)
        assert "replay" in told or how is torn, "what is sound is told as ever"
    assert daemon.process.poll() is None
    assert "accept-loss - after closing" in daemon.words()


@pytest.mark.parametrize("how", [changed, torn])
def test_staff_is_told_and_after_closing_the_named_step_goes_on_above_all_numbers(daemon, how):
    with contextlib.closing(RawAsker(daemon.state / "bus")) as asker:
        labels = [issue(asker, n) for n in range(TICKETS)]
        epoch = ask(asker, ask="status")["result"]["epoch"]
        assert not alerts(asker)
        spoil(daemon, how)
        ask(asker, ask="replay", since=HURT - 3, epoch=epoch)
        (alert,) = wait_until(lambda: alerts(asker))
    assert alert["level"] == "red"
    assert "不要重启" in alert["words"]
    words = [sys.executable, "-m", "hallctl", "health", "--state", str(daemon.state)]
    health = subprocess.run(words, cwd=ROOT, capture_output=True, text=True, check=False)
    assert (health.returncode, "流水账" in health.stdout) == (1, True), health.stdout
    assert daemon.stop() == 0
    with pytest.raises(JournalError, match="accept-loss"):
        verify(daemon.state)
    accept_loss(daemon.state)
    daemon.start()
    with contextlib.closing(RawAsker(daemon.state / "bus")) as asker:
        assert issue(asker, TICKETS) > max(labels), "never a number twice"
        assert not alerts(asker)
    assert daemon.stop() == 0
    verify(daemon.state)


def test_damage_in_a_day_that_is_over_is_told_until_a_start_has_read_its_own_day(daemon):
    with contextlib.closing(RawAsker(daemon.state / "bus")) as asker:
        for n in range(TICKETS):
            issue(asker, n)
        status = ask(asker, ask="status")["result"]
        daemon.clock.write_text(str(float(daemon.clock.read_text()) + DAY_S))
        wait_until(lambda: ask(asker, ask="status")["result"]["day"] > status["day"])
        spoil(daemon, changed)
        ask(asker, ask="replay", since=HURT - 3, epoch=status["epoch"])
        assert wait_until(lambda: alerts(asker))
        assert daemon.stop() == 0
        daemon.start()
        assert wait_until(lambda: ask(asker, ask="status")["result"]["seq"]) > status["seq"]
        assert not alerts(asker), "all that it serves is sound"
    assert daemon.stop() == 0
    with pytest.raises(JournalError, match=f"event {HURT} was changed"):
        verify(daemon.state)
