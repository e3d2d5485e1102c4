"""A real daemon that is reached over the network: what it answers, and what its journal says."""

import json
import resource
import socket
import time

import pytest
import zmq

from bus.lan_hall import Peer, rss_mib
from hallctl.chain import read_only, verify
from hallctl.keyring import Keyring
from hallctl.listing import rows
from hallctl.roles import standing_of
from hallctl.service import EX_CONFIG
from running import PATIENT_S, RawAsker, RunningDaemon, free_ports, wait_until

NETWORK = """\
listen: 127.0.0.1:{port}
public_url: http://hall.example
limits: {{rate: 200, burst: 400}}
"""


class Networked(RunningDaemon):
    """A daemon with a network.yaml; `enrol` gives keys that fit."""

    def __init__(self, folder):
        super().__init__(folder)
        self.port = free_ports()
        self.network = self.hall / "network.yaml"
        self.network.write_text(NETWORK.format(port=self.port))
        self.keyring = Keyring(self.state / "keys")

    def enrol(self, name, role):
        return self.keyring.enrol(name, standing_of(role), None, f"tcp://127.0.0.1:{self.port}")

    def events(self, name):
        found = []
        db = read_only(self.state)
        for line in rows(db, as_csv=False):
            body = json.loads(line)
            if body["event"]["type"] == name:
                found.append(body)
        db.close()
        return found

    def status(self):
        asker = RawAsker(self.state / "bus", "supervisor")
        asker.send_raw(b'{"v":1,"from":"t","ask":"status","id":"s"}')
        answer = asker.receive(PATIENT_S)
        asker.close()
        return answer["result"]


@pytest.fixture
def daemon(tmp_path):
    daemon = Networked(tmp_path)
    daemon.keyring.init()
    yield daemon
    if daemon.process is not None:
        daemon.stop()


@pytest.fixture
def joined():
    peers = []

    def join(key, **options):
        peers.append(Peer(key, **options))
        return peers[-1]

    yield join
    for peer in peers:
        peer.close()


def test_hello_tells_who_one_is_and_what_is_spoken_here(daemon, joined):
    key = daemon.enrol("window-3", "window:3")
    daemon.start()
    told = joined(key).ask()["result"]
    assert told["versions"] == [1]
    assert told["role"] == "window:3"
    assert told["name"] == "window-3"
    assert told["now"]["day"] == "2026-11-23"
    assert told["max_bytes"] == 65_536
    assert told["hall"]
    local = RawAsker(daemon.state / "bus", "kiosk")
    local.send_raw(b'{"v":1,"from":"kiosk-1","ask":"hello","id":"h"}')
    told = local.receive(PATIENT_S)
    assert told["id"] == "h"
    assert (told["result"]["role"], told["result"]["name"]) == ("kiosk", "kiosk-1")
    local.close()


@pytest.mark.parametrize("version", [0, 2, 1 << 70, -1])
def test_another_version_is_told_which_there_are(daemon, joined, version):
    daemon.start()
    answer = joined(daemon.enrol("guide-1", "guide")).ask(asked="mine", v=version)
    assert answer["code"] == "version"
    assert answer["versions"] == [1]
    assert answer["id"] == "mine"
    assert answer["words"]["zh"]
    assert answer["words"]["en"]


def test_unknown_fields_are_ignored(daemon, joined):
    daemon.start()
    peer = joined(daemon.enrol("kiosk-1", "kiosk:kiosk-1"))
    command = {"type": "IssueTicket", "queue": "A", "kiosk": "kiosk-1", "colour": "red"}
    assert peer.ask(command, weather={"rain": True})["result"]["label"] == "A001"


def test_a_ticket_goes_from_a_kiosk_to_a_window_over_the_network_and_all_see_it(daemon, joined):
    kiosk = joined(daemon.enrol("front", "kiosk:kiosk-1"))
    window = joined(daemon.enrol("window-3", "window:3"))
    sees = joined(daemon.enrol("hall-1", "screen:hall-1"), kind=zmq.SUB, port=1)
    daemon.start()
    wait_until(lambda: sees.receive(0.1), every_s=0)  # a heartbeat: it follows
    issue = {"type": "IssueTicket", "queue": "A", "kiosk": "kiosk-1"}
    first = kiosk.ask(issue, "same")
    assert kiosk.ask(issue, "same") == first
    assert first["result"]["label"] == "A001"
    assert window.ask({"type": "CallNext", "window": 3})["result"]["label"] == "A001"
    assert window.ask({"type": "CallNext", "window": 4}, "2")["code"] == "not_yours"
    seen = []
    while not seen or seen[-1]["type"] != "TicketCalled":
        message = sees.receive()
        seen += [message["recorded"]["event"]] if "recorded" in message else []
    issued = next(event for event in seen if event["type"] == "TicketIssued")
    assert issued["code"] == "", "the wait page's address is the resident's own"
    assert daemon.events("TicketIssued")[0]["event"]["code"]
    assert daemon.events("TicketIssued")[0]["actor"] == "kiosk:kiosk-1:front"
    assert daemon.events("TicketCalled")[0]["actor"] == "window:3:window-3"


def test_a_snapshot_tells_the_time_and_the_public_less(daemon, joined):
    screen = joined(daemon.enrol("hall-1", "screen:hall-1"))
    guide = joined(daemon.enrol("guide-1", "guide"))
    daemon.start()
    issue = {"type": "IssueTicket", "queue": "A", "kiosk": "kiosk-1", "person": "abc"}
    visit = guide.ask(issue)["result"]["visit"]
    guide.ask({"type": "StartEvacuation", "place": "door"}, "2")
    for ask in ("snapshot", "replay"):  # a replay of another epoch is a snapshot
        public, staff = (p.ask(ask=ask, asked=ask, since=0) for p in (screen, guide))
        assert public["now"]["day"] == staff["now"]["day"] == "2026-11-23"
        assert staff["snapshot"]["visits"][visit]["code"]
        assert public["snapshot"]["visits"][visit]["code"] == ""
        assert public["snapshot"]["alerts"] == {}
        assert staff["snapshot"]["visits"][visit]["person"] == ""
    epoch = public["snapshot"]["epoch"]
    asked = {"ask": "replay", "since": 0, "epoch": epoch}
    told = {name: p.ask(**asked)["replay"] for name, p in (("p", screen), ("s", guide))}
    codes = {
        name: [r["event"]["code"] for r in found if r["event"]["type"] == "TicketIssued"]
        for name, found in told.items()
    }
    assert codes["p"] == [""]
    assert codes["s"][0]


def test_enrolments_refusals_and_revocations_are_in_the_journal_and_nowhere_else(daemon, joined):
    key = daemon.enrol("window-3", "window:3")
    sees = joined(daemon.enrol("guide-1", "guide"), kind=zmq.SUB, port=2)
    daemon.start()
    window = joined(key)
    for number in range(100):
        command = {"type": "IssueTicket", "queue": "A"}
        assert window.ask(command, str(number))["code"] == "not_allowed"
    before = daemon.status()
    daemon.keyring.revoke("window-3")
    window.seen(zmq.EVENT_DISCONNECTED)
    wait_until(lambda: daemon.events("KeyRevoked"))
    after = daemon.status()
    assert before["keys_digest"] != after["keys_digest"] == Keyring(daemon.state / "keys").digest
    assert after["bus"]["refused"]["not_allowed"] == 100
    assert after["bus"]["listening"]
    assert [b["event"]["name"] for b in daemon.events("KeyEnrolled")] == ["window-3", "guide-1"]
    assert [b["event"]["fingerprint"] for b in daemon.events("KeyRevoked")] == [
        next(e for e in daemon.keyring.entries() if e.name == "window-3").fingerprint
    ]
    turned = [
        b["event"] for b in daemon.events("AskerTurned") if b["event"]["code"] == "not_allowed"
    ]
    assert len(turned) == 1, "the first at once, the others within the minute: not 100"
    assert turned[0]["asker"] == "window:3:window-3"
    assert turned[0]["what"] == "IssueTicket"
    told = set()
    while (message := sees.receive(1.5)) is not None and len(told) < 3:
        told.add(message.get("recorded", {"event": {"type": "-"}})["event"]["type"])
        if message.get("seq", 0) and told >= {"-"}:
            break
    assert not told & {"AskerTurned", "KeyEnrolled", "KeyRevoked"}
    assert key.secret.decode() not in daemon.words()
    daemon.stop()
    daemon.start()
    daemon.status()
    assert len(daemon.events("KeyEnrolled")) == 2, "each once, after a restart too"
    assert len(daemon.events("KeyRevoked")) == 1


def test_listening_without_a_key_pair_is_a_mistake_of_the_configuration(tmp_path):
    daemon = Networked(tmp_path)
    daemon.start()
    assert daemon.process.wait(PATIENT_S) == EX_CONFIG
    assert "hallctl keys init --hall" in daemon.words()
    assert "network.yaml" in daemon.words()


def test_an_address_that_is_taken_never_stops_the_hall_and_is_tried_again(daemon, joined):
    key = daemon.enrol("window-3", "window:3")
    with socket.create_server(("127.0.0.1", daemon.port + 1)):
        daemon.start()
        guide = RawAsker(daemon.state / "bus", "guide")
        assert guide.ask("1", {"type": "IssueTicket", "queue": "A"})["ok"]
        assert not daemon.status()["bus"]["listening"]
        assert f"127.0.0.1:{daemon.port + 1}" in daemon.words()
    wait_until(lambda: daemon.status()["bus"]["listening"], every_s=0.5)
    assert joined(key, kind=zmq.SUB, port=1).receive() is not None
    guide.close()


def test_an_address_of_another_machine_never_stops_the_hall(daemon):
    daemon.network.write_text(f"listen: 192.0.2.7:{daemon.port}\n")
    daemon.start()
    guide = RawAsker(daemon.state / "bus", "guide")
    assert guide.ask("1", {"type": "IssueTicket", "queue": "A"})["ok"]
    assert "192.0.2.7" in daemon.words()
    assert daemon.words().count("192.0.2.7") == 3
    guide.close()


def test_without_network_yaml_nothing_listens(daemon):
    daemon.network.unlink()
    daemon.start()
    assert not daemon.status()["bus"]["listening"]
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", daemon.port))


def test_everything_hostile_at_once_and_the_hall_goes_on(daemon, joined):
    flood = joined(daemon.enrol("window-4", "window:4"), SNDHWM=0)
    window = joined(daemon.enrol("window-3", "window:3"))
    daemon.start()
    guide = RawAsker(daemon.state / "bus", "guide")
    guide.ask("warm", {"type": "IssueTicket", "queue": "A"})
    assert window.ask()["ok"]
    before = rss_mib(daemon.process.pid)
    silent = [
        socket.create_connection(("127.0.0.1", daemon.port + n % 3), PATIENT_S) for n in range(1000)
    ]
    try:
        for number in range(5000):
            flood.socket.send(b'{"v":1,"ask":"snapshot","id":"%d"}' % number)
            if number % 100 == 0:
                silent[number // 100].sendall(b"GET / HTTP/1.1\r\n\r\n" * 5)
                flood.socket.send_multipart([b"\xff" * 100] * 50)
                guide.send_raw(b"[" * 60_000)
        for number in range(2, 12):
            issued = guide.ask(str(number), {"type": "IssueTicket", "queue": "A"})
            assert issued["result"]["label"] == f"A{number:03}"
            recall = {"type": "Recall", "window": 3}
            assert window.insist(recall, f"w{number}")["code"] == "nobody_here"
        grown = rss_mib(daemon.process.pid) - before
        assert grown < 150, f"{grown:.0f} MiB"
    finally:
        for one in silent:
            one.close()

    def all_counted():  # what was sent may still be on its way
        counted = daemon.status()["bus"]["refused"]
        return (
            counted.get("unreadable", 0) >= 50
            and counted.get("too_fast", 0) > 1000
            and counted.get("strangers", 0) >= 800
        )

    wait_until(all_counted)
    guide.close()
    assert daemon.stop() == 0
    verify(daemon.state)
    assert len(daemon.events("AskerTurned")) < 30


def test_connections_do_not_run_out_of_files_before_the_machine_does(daemon):
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(soft, 512), hard))
    try:
        daemon.start()
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    daemon.status()
    allowed = resource.prlimit(daemon.process.pid, resource.RLIMIT_NOFILE)
    assert allowed == (min(hard, 1 << 16), hard)


def test_a_stop_in_the_middle_of_a_storm_ends_the_daemon(daemon):
    daemon.start()
    daemon.status()
    storm = []
    until_s = time.monotonic() + 2
    while time.monotonic() < until_s and len(storm) < 500:
        storm.append(socket.create_connection(("127.0.0.1", daemon.port), PATIENT_S))
        if len(storm) == 300:
            daemon.process.terminate()
            break
    assert daemon.stop() == 0
    for one in storm:
        one.close()
