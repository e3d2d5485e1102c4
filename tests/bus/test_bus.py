"""The bus against a real daemon process: what may be asked, and what is answered to nonsense."""

import json
import random

import pytest

from hallctl.asked import Answer
from hallctl.client import HallClient
from hallctl.core import commands as c
from hallctl.core.events import TicketCalled, TicketIssued
from hallctl.mirror import Snapshot
from running import PATIENT_S, RawAsker, RunningDaemon, wait_until


@pytest.fixture
def daemon(tmp_path):
    daemon = RunningDaemon(tmp_path)
    daemon.start()
    yield daemon
    daemon.stop()


@pytest.fixture
def bus(daemon):
    return daemon.state / "bus"


def heard(client, wanted, timeout_s=PATIENT_S):
    found = []

    def look():
        found.extend(client.poll(0.2))
        return [h for h in found if wanted(h)]

    return wait_until(look, timeout_s, 0)


def test_a_ticket_taken_at_the_kiosk_is_called_at_a_window_and_seen_by_a_screen(bus):
    kiosk = HallClient(bus, "kiosk", "kiosk-1")
    window = HallClient(bus, "window", "window-3")
    screen = HallClient(bus, "screen", "hall-1")
    try:
        heard(screen, lambda h: isinstance(h, Snapshot))
        answer = kiosk.wait(kiosk.ask(c.IssueTicket(queue="A")), PATIENT_S)
        assert answer.ok
        assert answer.result["label"] == "A001"
        assert window.wait(window.ask(c.CallNext(window=3)), PATIENT_S).result["label"] == "A001"
        calls = heard(screen, lambda h: getattr(h, "event", None).__class__ is TicketCalled)
        assert calls[0].event.window == 3
        assert screen.hall.calls[-1].label == "A001"
        wait_until(lambda: [screen.poll(0.1)] and screen.now(), PATIENT_S, 0)
        wait_until(lambda: [screen.poll(0.1)] and screen.stale_since_s is None, PATIENT_S, 0)
        assert screen.now().day == "2026-11-23"
    finally:
        for client in (kiosk, window, screen):
            client.close()


def test_the_same_id_gives_the_same_answer_and_acts_once(bus):
    asker = RawAsker(bus, "kiosk")
    first = asker.ask("x1", {"type": "IssueTicket", "queue": "A"})
    assert asker.ask("x1", {"type": "IssueTicket", "queue": "A"}) == first
    assert asker.ask("x2", {"type": "IssueTicket", "queue": "A"})["result"]["label"] == "A002"
    refusal = asker.ask("x3", {"type": "Reprint", "visit": "nobody"})
    assert refusal["code"] == "unknown_visit"
    assert asker.ask("x3", {"type": "Reprint", "visit": "nobody"}) == refusal
    asker.close()


def test_two_in_one_breath_with_one_id_are_one(bus):
    asker = RawAsker(bus, "kiosk")
    asker.ask("warm", {"type": "AskHelp", "place": "door"})
    for _ in range(20):
        asker.send("same", {"type": "IssueTicket", "queue": "B"})
    answers = []
    while len(answers) < 20:  # a slow start may bring more than one answer to "warm"
        answer = asker.receive(60)
        answers += [answer] if answer["id"] == "same" else []
    assert {a["result"]["label"] for a in answers} == {"B001"}
    asker.close()


@pytest.mark.parametrize(
    ("role", "command"),
    [
        ("kiosk", {"type": "CallNext", "window": 1}),
        ("screen", {"type": "IssueTicket", "queue": "A"}),
        ("window", {"type": "IssueTicket", "queue": "A"}),
        ("pad", {"type": "CallNext", "window": 1}),
        ("supervisor", {"type": "Rate", "window": 1, "grade": 5}),
        ("technician", {"type": "CallNext", "window": 1}),
    ],
)
def test_a_role_may_do_only_what_is_its_own(bus, role, command):
    asker = RawAsker(bus, role)
    assert asker.ask("r", command)["code"] == "not_allowed"
    asker.close()


@pytest.mark.parametrize("command", ["Wake", "Tick", "Nonsense", "", None, 7, ["CallNext"]])
def test_internal_and_unknown_commands_are_refused_politely(bus, command):
    asker = RawAsker(bus, "supervisor")
    answer = asker.ask("u", {"type": command})
    assert answer["code"] == "unreadable"
    assert "command.type" in answer["words"]["en"]
    asker.close()


NONSENSE = [
    b"",
    b"not json",
    b"[]",
    b"{}",
    b'{"v":1,"ask":"dance","id":"a","from":"x"}',
    b'{"v":1,"ask":"command","id":"","from":"x","command":{"type":"CallNext","window":1}}',
    b'{"v":1,"ask":"command","id":"a","from":"x","command":{"type":"CallNext","window":"x"}}',
    b'{"v":1,"ask":"command","id":"a","from":"x","command":{"type":"CallNext","window":1e400}}',
    b'{"v":1,"ask":"command","id":"a","from":"x","command":{"type":"CallNext","window":NaN}}',
    b'{"v":1,"ask":"command","id":"a\\u0000","from":"x"}',
    b'{"v":1,"ask":"command","id":"a","from":"\\ud800"}',
    b'{"v":1,"ask":"command","id":"a","from":"x","command":{"type":"AskHelp","place":"\\u001b@"}}',
    b'{"v":1,"ask":"snapshot","id":"a","from":' + b"[" * 10_000 + b"]" * 10_000 + b"}",
    b"\xff\xfe" * 50,
    b'"' + b"x" * 70_000 + b'"',
]


def test_nonsense_is_answered_with_a_sentence_and_the_hall_goes_on(bus):
    asker = RawAsker(bus, "kiosk")
    for frames in [(n,) for n in NONSENSE] + [(b"a", b"b"), tuple([b"x"] * 200)]:
        asker.send_raw(*frames)
        answer = asker.receive(PATIENT_S)
        assert answer["code"] == "unreadable", frames[0][:80]
        assert answer["words"]["zh"]
    assert asker.ask("after", {"type": "IssueTicket", "queue": "A"})["ok"]
    asker.close()


@pytest.mark.parametrize("notices", [["\x1b@"], ["x" * 300], ["a"] * 60, ["ok", "\u202e"]])
def test_no_control_character_comes_in_by_way_of_a_list(bus, notices):
    asker = RawAsker(bus, "supervisor")
    answer = asker.ask("n", {"type": "SetNotices", "notices": notices})
    assert answer["code"] == "unreadable"
    asker.close()


def test_random_bytes_change_nothing(bus):
    asker = RawAsker(bus, "guide")
    rng = random.Random(7)
    for _ in range(500):
        asker.send_raw(*[rng.randbytes(rng.randint(0, 60)) for _ in range(rng.randint(1, 4))])
    for _ in range(500):
        assert asker.receive(PATIENT_S)["ok"] is False
    assert asker.ask("ok", {"type": "IssueTicket", "queue": "A"})["result"]["label"] == "A001"
    asker.close()


def test_a_follower_that_was_away_learns_what_it_missed_and_since_when_it_was_stale(daemon, bus):
    screen = HallClient(bus, "screen", "hall-1")
    guide = RawAsker(bus, "guide")
    try:
        heard(screen, lambda h: isinstance(h, Snapshot))
        daemon.kill()
        wait_until(lambda: [screen.poll(0.2)] and screen.stale_since_s, PATIENT_S, 0)
        daemon.start()
        guide.ask("i", {"type": "IssueTicket", "queue": "A"})
        found = heard(screen, lambda h: isinstance(getattr(h, "event", h), TicketIssued | Snapshot))
        assert found
        wait_until(lambda: [screen.poll(0.1)] and screen.stale_since_s is None, PATIENT_S, 0)
        assert screen.hall.labelled("A001") is not None
    finally:
        screen.close()
        guide.close()


def test_a_follower_that_missed_events_asks_for_a_replay(bus):
    screen = HallClient(bus, "screen", "hall-1")
    guide = RawAsker(bus, "guide")
    try:
        heard(screen, lambda h: isinstance(h, Snapshot))
        guide.ask("1", {"type": "IssueTicket", "queue": "A"})
        heard(screen, lambda h: getattr(h, "event", None).__class__ is TicketIssued)
        screen._follow.setsockopt(__import__("zmq").UNSUBSCRIBE, b"")
        guide.ask("2", {"type": "IssueTicket", "queue": "A"})
        guide.ask("3", {"type": "CallNext", "window": 1})
        screen._follow.setsockopt(__import__("zmq").SUBSCRIBE, b"")
        replayed = heard(screen, lambda h: getattr(h, "event", None).__class__ is TicketCalled)
        assert replayed[0].event.label == "A001"
        assert screen.hall.labelled("A002") is not None
    finally:
        screen.close()
        guide.close()


def test_grades_reach_no_follower(bus, daemon):
    guide = RawAsker(bus, "guide")
    pad = RawAsker(bus, "pad")
    boss = HallClient(bus, "supervisor", "desk")
    try:
        heard(boss, lambda h: isinstance(h, Snapshot))
        guide.ask("1", {"type": "IssueTicket", "queue": "A"})
        guide.ask("2", {"type": "CallNext", "window": 1})
        guide.ask("3", {"type": "Finish", "window": 1})
        assert pad.ask("4", {"type": "Rate", "window": 1, "grade": 2})["ok"]
        guide.ask("5", {"type": "IssueTicket", "queue": "A"})
        names = []

        def last():
            names.extend(type(h.event).__name__ for h in boss.poll(0.2) if hasattr(h, "event"))
            return names.count("TicketIssued") == 2

        wait_until(last, PATIENT_S, 0)
        assert "RatingClosed" in names
        assert "VisitRated" not in names
    finally:
        boss.close()
        guide.close()
        pad.close()


@pytest.mark.parametrize("role", ["kiosk", "screen", "pad"])
def test_what_stands_in_public_follows_no_staff_matter(bus, role):
    guide = RawAsker(bus, "guide")
    public = HallClient(bus, role, "public-1")
    try:
        heard(public, lambda h: isinstance(h, Snapshot))
        guide.ask("1", {"type": "IssueTicket", "queue": "A"})
        guide.ask("2", {"type": "ReportShown", "screen": "hall-1", "shown": 1})
        guide.ask("3", {"type": "IssueTicket", "queue": "A"})
        names = []

        def second():
            names.extend(type(h.event).__name__ for h in public.poll(0.2) if hasattr(h, "event"))
            return names.count("TicketIssued") == 2

        wait_until(second, PATIENT_S, 0)
        assert "CallShown" not in names
    finally:
        public.close()
        guide.close()


def test_status_is_for_machines_too(bus):
    client = HallClient(bus, "supervisor", "cli", follow=False)
    try:
        answer = client.wait(client.ask_status(), PATIENT_S)
        assert isinstance(answer, Answer)
        assert answer.result["waiting"] == {"A": 0, "B": 0, "C": 0, "F": 0, "Q": 0, "L": 0}
        json.dumps(answer.result)
    finally:
        client.close()
