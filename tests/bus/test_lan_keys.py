"""Who comes in over the network, and what with: a key each, one standing, one name."""

import contextlib
import dataclasses
import socket
import time

import pytest
import zmq

from bus.lan_hall import Between, LanBus, Peer, drained
from hallctl import wire
from hallctl.core import commands as c
from hallctl.core import events as e
from hallctl.roles import MAY
from running import wait_until

QUEUE = e.QueueOpened(queue="A")
STAFF = e.AlertEnded(kind="wait", subject="A")


@pytest.fixture
def hall(tmp_path):
    hall = LanBus(tmp_path)
    yield hall
    hall.close()


@pytest.fixture
def joined(hall):
    peers = []

    def join(key, **options):
        peers.append(Peer(key, **options))
        return peers[-1]

    yield join
    for peer in peers:
        peer.close()


def heard(hall, peer, *events):
    """Publish until the follower hears something; subscriptions take a moment."""

    def tell():
        hall.publish(*events)
        return peer.receive(0.1)

    return wait_until(tell, every_s=0)


def test_an_enrolled_key_comes_in_and_the_journal_has_its_name(hall, joined):
    key = hall.enrol("window-3", "window:3")
    window = joined(key)
    answer = window.ask({"type": "CallNext", "window": 3}, **{"from": "supervisor:boss"})
    assert answer["result"]["actor"] == "window:3:window-3"
    assert hall.taken[-1].standing == key.standing
    assert hall.taken[-1].key == "window:3:window-3:1"


@pytest.mark.parametrize("name", [None, 7, "", "\x00", "x" * 999, ["a"], "a:b"])
def test_what_a_message_says_of_its_asker_is_of_no_weight(hall, joined, name):
    window = joined(hall.enrol("window-3", "window:3"))
    answer = window.ask({"type": "CallNext", "window": 3}, **{"from": name})
    assert answer["result"]["actor"] == "window:3:window-3"


def test_at_a_local_socket_no_name_can_be_mistaken_for_a_key(hall):
    context = zmq.Context()
    local = context.socket(zmq.DEALER)
    local.connect(f"ipc://{hall.folder}/window")
    local.send(b'{"v":1,"ask":"hello","id":"1","from":"3:window-3"}')
    assert b"colon" in local.recv()
    local.close()
    context.term()


def test_a_key_nobody_enrolled_is_told_so_and_counted(hall, joined):
    key = hall.enrol("window-3", "window:3")
    public, secret = zmq.curve_keypair()
    stranger = joined(dataclasses.replace(key, public=public, secret=secret))
    stranger.try_to_send()
    stranger.seen(zmq.EVENT_HANDSHAKE_FAILED_AUTH)
    wait_until(lambda: hall.turned().get(("tcp:127.0.0.1", "unknown_key")))
    assert not hall.taken


def test_without_a_key_nobody_comes_in_and_it_is_counted(hall, joined):
    key = hall.enrol("window-3", "window:3")
    joined(dataclasses.replace(key, secret=b"")).try_to_send()
    wait_until(lambda: hall.refused("handshake"))
    assert not hall.taken


def test_with_another_halls_key_nobody_comes_in_and_it_is_counted(hall, joined):
    key = hall.enrol("window-3", "window:3")
    joined(key, server=zmq.curve_keypair()[0]).try_to_send()
    wait_until(lambda: hall.refused("handshake"))
    assert not hall.taken


def test_somebody_elses_public_key_without_its_secret_is_of_no_use(hall, joined):
    key = hall.enrol("window-3", "window:3")
    _, secret = zmq.curve_keypair()
    joined(dataclasses.replace(key, secret=secret)).try_to_send()
    wait_until(lambda: hall.refused("handshake"))
    assert not hall.taken


@pytest.mark.parametrize("role", ["kiosk:kiosk-1", "screen:hall-1", "pad:3"])
def test_a_public_role_follows_public_events_only(hall, joined, role):
    key = hall.enrol("one", role)
    public = joined(key, kind=zmq.SUB, port=1)
    assert heard(hall, public, STAFF, QUEUE)["recorded"]["event"]["type"] == "QueueOpened"
    staff = joined(key, kind=zmq.SUB, port=2)
    staff.seen(zmq.EVENT_HANDSHAKE_FAILED_AUTH)
    wait_until(lambda: hall.turned().get((f"{role}:one", "not_allowed")))
    hall.publish(STAFF, QUEUE)
    assert staff.receive(0.2) is None


def test_staff_follow_staff_events(hall, joined):
    staff = joined(hall.enrol("window-3", "window:3"), kind=zmq.SUB, port=2)
    assert heard(hall, staff, STAFF)["recorded"]["event"]["type"] == "AlertEnded"


FILLED = {
    "window": 3, "place": "window-3", "kiosk": "kiosk-1", "screen": "hall-1", "shown": 1,
    "item": "SB01", "missing": (1,), "visit": "v", "klass": "ordinary", "label": "A001",
    "staff": "101", "queue": "A", "on": True, "until_day_s": 64800, "grade": 5, "reasons": ("x",),
    "minutes": 5.0, "device": "d", "findings": (), "tests": (), "printer": "p",
    "came_day_s": 33000,
}  # fmt: skip
WORDS = [getattr(c, name) for name in sorted(set().union(*MAY.values()))]


def filled(word, **changed):
    """A command with all its fields, as window 3, kiosk-1 or hall-1 would send it."""
    known = {f.name for f in dataclasses.fields(word)}
    must = {
        f.name
        for f in dataclasses.fields(word)
        if f.default is dataclasses.MISSING and f.default_factory is dataclasses.MISSING
    }
    return word(**{n: changed.get(n, FILLED.get(n)) for n in must | (known & set(changed))})


def verdict(peer, command):
    answer = peer.ask(wire.word_out(command))
    return "" if answer["ok"] else answer["code"]


@pytest.fixture
def patient(tmp_path):
    hall = LanBus(tmp_path, rate=10_000, burst=100_000)
    yield hall
    hall.close()


def test_each_command_is_for_the_roles_that_have_it_and_for_no_other(patient):
    keys = ["kiosk:kiosk-1", "screen:hall-1", "pad:3", "window:3", "guide", "technician"]
    keys += ["supervisor", "web"]
    for role in keys:
        name = role.partition(":")[0]
        peer = Peer(patient.enrol(name, role))
        for word in WORDS:
            shown = {"kiosk": "kiosk-1", "screen": "hall-1", "pad": "pad-3", "window": "window-3"}
            own = shown.get(name, "window-3")
            command = filled(word, screen=own, place=own)
            expected = "" if word.__name__ in MAY[name] else "not_allowed"
            assert verdict(peer, command) == expected, (role, word)
        peer.close()


def test_window_3_acts_for_window_3_only(patient):
    peer = Peer(patient.enrol("window-3", "window:3"))
    tried = 0
    for word in (w for w in WORDS if w.__name__ in MAY["window"]):
        fields = {f.name for f in dataclasses.fields(word)}
        for field, other in (("window", 4), ("place", "window-4"), ("screen", "window-4")):
            if field in fields:
                own = {"place": "window-3", "screen": "window-3", "window": 3}
                command = filled(word, **{**own, field: other})
                assert verdict(peer, command) == "not_yours", (word, field)
                tried += 1
    assert tried >= 20
    assert patient.refused("not_yours") == tried
    peer.close()


def test_a_kiosk_issues_for_itself_only(patient):
    peer = Peer(patient.enrol("k", "kiosk:kiosk-1"))
    assert verdict(peer, c.IssueTicket(queue="A", kiosk="kiosk-1")) == ""
    assert verdict(peer, c.IssueTicket(queue="A", kiosk="kiosk-2")) == "not_yours"
    assert verdict(peer, c.ReportShown(screen="kiosk-2", shown=1)) == "not_yours"
    assert verdict(peer, c.AskHelp(place="kiosk-2")) == "not_yours"
    peer.close()


def test_the_pin_opens_the_technicians_acts_at_a_kiosk_over_the_network_too(hall, joined):
    kiosk = joined(hall.enrol("k", "kiosk:kiosk-1"))
    paper = {"type": "LoadPaper", "printer": "p"}
    assert kiosk.ask(paper)["code"] == "not_allowed"
    assert kiosk.ask(paper, pin="000000")["code"] == "not_allowed"
    assert kiosk.ask(paper, pin="271828")["ok"]
    window = joined(hall.enrol("w", "window:3"))
    assert window.ask(paper, pin="271828")["code"] == "not_allowed"


def test_a_revoked_key_is_cut_off_at_once_and_nobody_else_is(hall, joined):
    doomed, kept = hall.enrol("window-3", "window:3"), hall.enrol("window-4", "window:4")
    asking, following = joined(doomed), joined(doomed, kind=zmq.SUB, port=2)
    other, others = joined(kept), joined(kept, kind=zmq.SUB, port=2)
    assert asking.ask()["ok"]
    first = heard(hall, following, STAFF)["recorded"]["seq"]
    last = drained(hall, others, heard(hall, others, STAFF)["recorded"]["seq"])
    drained(hall, following, first)
    hall.keyring.revoke("window-3")
    following.seen(zmq.EVENT_HANDSHAKE_FAILED_AUTH)
    hall.publish(*[STAFF] * 50)
    told = [others.receive()["recorded"]["seq"] for _ in range(50)]
    assert told == list(range(last + 1, last + 51)), "the other one has lost nothing"
    assert following.receive(0.2) is None
    before = len(hall.taken)
    asking.try_to_send()
    assert asking.receive(0.2) is None
    assert other.ask()["ok"]
    assert len(hall.taken) == before + 1
    revoked = [k for noted in hall.noted for k in noted.revoked]
    assert [(k.name, k.role) for k in revoked] == [("window-3", "window:3")]


def test_an_enrolled_key_comes_in_while_the_hall_runs_and_is_journalled_once(hall, joined):
    assert joined(hall.enrol("guide-1", "guide")).ask()["ok"]
    wait_until(lambda: [k for noted in hall.noted for k in noted.enrolled])
    time.sleep(0.1)
    hall.close()
    names = [k.name for noted in hall.noted for k in noted.enrolled]
    assert names == ["guide-1"]
    assert "guide-1" in (hall.keyring.folder / "journalled.json").read_text()


def test_a_damaged_registry_lets_nobody_in(hall, joined):
    key = hall.enrol("guide-1", "guide")
    peer = joined(key)
    assert peer.ask()["ok"]
    hall.keyring.registry.write_text("{")
    joined(key).seen(zmq.EVENT_HANDSHAKE_FAILED_AUTH)
    peer.try_to_send()
    assert peer.receive(0.2) is None


def test_a_captured_conversation_played_again_does_nothing(hall):
    """The bytes of a real client, sent once more: without the key's secret they are noise."""
    wire_ = Between(hall.port)
    peer = Peer(wire_.instead(hall.enrol("window-3", "window:3")))
    assert peer.ask({"type": "CallNext", "window": 3})["ok"]
    peer.close()
    wire_.close()
    captured = bytes(wire_.captured)
    assert len(captured) > 500
    before = len(hall.taken)
    refused = hall.refused("handshake")
    for _ in range(3):
        with (
            socket.create_connection(("127.0.0.1", hall.port)) as again,
            contextlib.suppress(ConnectionResetError),  # hung up before all of it was read
        ):
            again.sendall(captured)
            while again.recv(4096):
                pass
    wait_until(lambda: hall.refused("handshake") >= refused + 3)
    assert len(hall.taken) == before


def test_no_secret_is_in_what_is_told(hall, joined):
    key = hall.enrol("window-3", "window:3")
    joined(key).ask({"type": "IssueTicket", "queue": "A"}, pin="271828")
    wait_until(hall.turned)
    told = repr(hall.noted) + repr(hall.taken)
    assert key.secret.decode() not in repr(hall.noted)
    assert hall.keyring.server_secret.decode() not in told
    # A fingerprint may have those digits by chance.
    assert "271828" not in repr([noted.turned for noted in hall.noted])
