"""Exactly once for the asker: ids, outboxes, and who dies when."""

import json
import signal
import subprocess
import sys

import pytest

from hallctl.asked import Asking, NoAnswer, Outbox, OutboxInUse
from hallctl.client import HallClient
from hallctl.connecting import Trouble
from hallctl.core import commands as c
from hallctl.mirror import Snapshot
from running import PATIENT_S, ROOT, RunningDaemon, wait_until

TICKET = c.IssueTicket(queue="A", kiosk="kiosk-1")
DAY = "2026-11-23"


@pytest.fixture(scope="module")
def daemon(tmp_path_factory):
    daemon = RunningDaemon(tmp_path_factory.mktemp("d"))
    daemon.start()
    yield daemon
    daemon.stop()


@pytest.fixture
def mortal(tmp_path):
    """A daemon of one's own, to be killed."""
    daemon = RunningDaemon(tmp_path)
    yield daemon
    daemon.stop()


@pytest.fixture
def bus(daemon):
    return daemon.state / "bus"


def issued(client, last=""):
    """How many tickets there are, once `last` is known: events come by themselves."""

    def known():
        client.poll(0.1)
        seen = not last or client.hall.labelled(last) is not None
        return seen and client.stale_since_s is None

    wait_until(known, every_s=0)
    return len(client.hall.visits)


def test_a_command_gives_its_answer_and_a_refusal_is_an_answer(bus):
    with HallClient.at(bus, "guide", "g1", follow=False) as hall:
        answer = hall.do(TICKET, PATIENT_S)
        assert answer.ok
        assert answer.result["label"].startswith("A")
        refused = hall.do(c.Reprint(visit="nobody", kiosk="kiosk-1"), PATIENT_S)
        assert (refused.ok, refused.code) == (False, "unknown_visit")
        assert refused.words["zh"]


def test_two_clients_with_one_name_and_one_id_get_one_answer_for_one_act(bus):
    with HallClient.at(bus, "guide", "twin") as one, HallClient.at(bus, "guide", "twin") as other:
        before = issued(one)
        first = one.do(TICKET, PATIENT_S, command_id="same")
        second = other.do(TICKET, PATIENT_S, command_id="same")
        assert first == second
        assert issued(other, first.result["label"]) == before + 1


def test_another_name_with_the_same_id_is_another_act(bus):
    with HallClient.at(bus, "guide", "a") as one, HallClient.at(bus, "guide", "b") as other:
        labels = {x.do(TICKET, PATIENT_S, command_id="x").result["label"] for x in (one, other)}
        assert len(labels) == 2


DIES = """
import os, signal, sys, time
from pathlib import Path
from hallctl.client import HallClient
from hallctl.core.commands import IssueTicket
from hallctl.mirror import Snapshot
hall = HallClient.at(sys.argv[1], "guide", "mortal", outbox=Path(sys.argv[2]))
if sys.argv[3] == "connected":
    while not any(isinstance(one, Snapshot) for one in hall.poll(0.2)):
        pass
hall.ask(IssueTicket(queue="A", kiosk="kiosk-1"), "wish-" + sys.argv[4])
time.sleep(float(sys.argv[4]))
os.kill(os.getpid(), signal.SIGKILL)
"""


def die(bus, outbox, how, after_s):
    command = [sys.executable, "-c", DIES, str(bus), str(outbox), how, str(after_s)]
    done = subprocess.run(command, cwd=ROOT, timeout=PATIENT_S, check=False)
    assert done.returncode == -signal.SIGKILL


@pytest.mark.parametrize("after_s", [0.0, 0.5])
def test_a_client_killed_between_asking_and_hearing_learns_the_outcome_later(
    tmp_path, bus, after_s
):
    with HallClient.at(bus, "guide", "witness") as witness:
        before = issued(witness)
        die(bus, tmp_path / "outbox", "connected", after_s)
        with HallClient.at(bus, "guide", "mortal", outbox=tmp_path / "outbox") as again:
            (outcome,) = again.unanswered(PATIENT_S)
            assert outcome.id == f"wish-{after_s}"
            assert outcome.command == TICKET
            label = outcome.answer.result["label"]
            assert again.unanswered() == [], "it is known now"
        with HallClient.at(bus, "guide", "mortal", outbox=tmp_path / "outbox") as third:
            assert third.unanswered() == []
            same = third.do(TICKET, PATIENT_S, command_id=f"wish-{after_s}")
            assert same.result["label"] == label
        assert issued(witness, label) == before + 1, "asked three times, done once"


def test_a_daemon_killed_between_the_act_and_the_answer_acts_once(mortal):
    mortal.start()
    bus = mortal.state / "bus"
    with HallClient.at(bus, "guide", "g") as hall:
        for n in range(5):
            wait_until(lambda: [hall.poll(0.1)] and hall.stale_since_s is None, every_s=0)
            asked = hall.ask(TICKET)
            mortal.kill()
            mortal.start()
            assert hall.wait(asked, PATIENT_S).result["label"] == f"A00{n + 1}"
        assert issued(hall, "A005") == 5


def test_nobody_there_is_told_and_asking_again_with_the_same_id_acts_once(mortal):
    bus = mortal.state / "bus"
    with HallClient.at(bus, "guide", "g") as hall:
        with pytest.raises(NoAnswer) as told:
            hall.do(TICKET, 0.3)
        mortal.start()
        wait_until(lambda: [hall.poll(0.1)] and hall.stale_since_s is None, every_s=0)
        assert hall.hall.visits == {}, "it was not sent behind its asker's back"
        first = hall.do(TICKET, PATIENT_S, command_id=told.value.id)
        assert hall.do(TICKET, PATIENT_S, command_id=told.value.id) == first
        assert issued(hall, first.result["label"]) == 1


def test_what_was_asked_while_nobody_was_there_is_known_to_the_next_client(tmp_path, mortal):
    bus, outbox = mortal.state / "bus", tmp_path / "outbox"
    die(bus, outbox, "alone", 0.0)
    with HallClient.at(bus, "guide", "mortal", outbox=outbox) as hall:
        kept = hall.unanswered(0.2)
        assert [(k.id, k.answer, k.expired) for k in kept] == [("wish-0.0", None, False)]
        mortal.start()
        wait_until(lambda: [hall.poll(0.1)] and hall.stale_since_s is None, every_s=0)
    # The terminal's date is not the hall's (its clock stands in 2026-11-23): nothing is done twice.
    with HallClient.at(bus, "guide", "mortal", outbox=outbox) as hall:
        (outcome,) = hall.unanswered(PATIENT_S)
        assert outcome.expired or outcome.answer.ok
        assert len(hall.hall.visits) <= 1


# Without a socket.


def asking(tmp_path, name="window-3"):
    return Asking(name, Outbox(tmp_path / "outbox"))


def kept(tmp_path):
    return json.loads((tmp_path / "outbox").read_text())


def test_an_outbox_is_private_and_holds_what_has_no_answer(tmp_path):
    first = asking(tmp_path)
    asked = first.command(TICKET, "a", "", DAY)
    first.command(c.CallNext(window=3), "b", "", DAY)
    assert (tmp_path / "outbox").stat().st_mode & 0o777 == 0o600
    assert [k["id"] for k in kept(tmp_path)] == ["a", "b"]
    answer = first.answered({"id": "a", "ok": True, "result": {"label": "A001"}}, 0.0)
    assert answer.result == {"label": "A001"}
    assert [k["id"] for k in kept(tmp_path)] == ["b"]
    first.close()
    second = asking(tmp_path)
    assert second.due(100.0) == [], "nothing is sent unless somebody asks"
    assert [o.command for o in second.again(DAY)] == [c.CallNext(window=3)]
    assert json.loads(second.due(100.0)[0])["id"] == "b"
    assert asked.id == "a"
    second.close()


def test_what_was_asked_on_another_day_is_told_and_never_sent(tmp_path):
    asked = asking(tmp_path)
    asked.command(TICKET, "a", "", DAY)
    asked.close()
    later = asking(tmp_path)
    assert [(o.id, o.expired) for o in later.again("2026-11-24")] == [("a", True)]
    assert later.due(100.0) == []
    assert kept(tmp_path) == []
    later.close()


def test_an_outbox_that_cannot_be_read_is_set_aside_and_the_terminal_works(tmp_path):
    (tmp_path / "outbox").write_text('[{"id": "a", "comm')
    asked = asking(tmp_path)
    assert asked.again(DAY) == []
    assert (tmp_path / "outbox.unreadable").read_text() == '[{"id": "a", "comm'
    asked.command(TICKET, "a", "", DAY)
    assert len(kept(tmp_path)) == 1
    asked.close()


def test_an_outbox_belongs_to_one_program_at_a_time(tmp_path):
    first = Outbox(tmp_path / "outbox")
    with pytest.raises(OutboxInUse, match="another program"):
        Outbox(tmp_path / "outbox")
    first.close()
    Outbox(tmp_path / "outbox").close()


def test_what_cannot_be_kept_is_not_asked(tmp_path, monkeypatch):
    asked = asking(tmp_path)

    def full(path, text):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("hallctl.asked.write_privately", full)
    with pytest.raises(OSError, match="No space"):
        asked.command(TICKET, "a", "", DAY)
    assert asked.due(0.0) == []
    asked.close()


def test_a_pin_is_on_no_disk(tmp_path):
    asked = asking(tmp_path)
    asked.command(c.LoadPaper(printer="printer-1"), "a", "271828", DAY)
    asked.command(TICKET, "b", "", DAY)
    assert [k["id"] for k in kept(tmp_path)] == ["b"]
    assert b"271828" in asked.due(0.0)[0]
    asked.close()


def test_a_message_is_sent_each_second_until_its_answer_and_not_after():
    asked = Asking("x", None)
    asked.command(TICKET, "a", "", DAY)
    assert [len(asked.due(at_s)) for at_s in (0.0, 0.5, 1.0, 1.5, 2.0)] == [1, 0, 1, 0, 1]
    assert asked.answered({"id": "a", "ok": True}, 2.1).ok
    assert asked.answered({"id": "a", "ok": True}, 2.2) is None, "an answer is given once"
    assert asked.due(9.0) == []
    assert asked.answered({"id": "nobody's", "ok": True}, 2.2) is None


def test_what_came_too_fast_comes_again_one_by_one():
    asked = Asking("x", None)
    for n in range(5):
        asked.command(TICKET, str(n), "", DAY)
    assert len(asked.due(0.0)) == 5
    refusal = {"ok": False, "code": "too_fast", "words": {}}
    assert [asked.answered({"id": str(n), **refusal}, 0.1) for n in range(5)] == [None] * 5
    assert [len(asked.due(tenth / 20)) for tenth in range(36)].count(1) == 5
    assert asked.answered({"id": "0", "ok": True}, 2.0).ok


def test_what_rests_is_still_answered_when_the_answer_comes_late():
    asked = Asking("x", None)
    asked.command(TICKET, "a", "", DAY)
    asked.rest("a")
    assert asked.due(9.0) == []
    assert asked.answered({"id": "a", "ok": True}, 9.1).ok


def test_first_contact_needs_no_heartbeat(bus):
    with HallClient.at(bus, "screen", "hall-1") as screen:
        found = wait_until(
            lambda: [one for one in screen.poll(0.1) if not isinstance(one, Trouble)], every_s=0
        )  # a daemon that is slow to start is told of as nobody
        assert isinstance(found[0], Snapshot)
