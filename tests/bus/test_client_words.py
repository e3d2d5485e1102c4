"""Why a hall on the network cannot be reached: the client says it in words, and mends by itself."""

import socket
import threading
import time

import pytest
import zmq

from bus.small_hall import SmallHall, issue
from hallctl.client import HallClient
from hallctl.connecting import ConnectError, Line, Local, Remote, Trouble, place_at
from hallctl.core import commands as c
from hallctl.core.events import TicketIssued
from hallctl.keyring import HallKey
from hallctl.mirror import Fresh, Snapshot, Stale
from hallctl.talking import Clock
from running import wait_until


@pytest.fixture
def hall():
    hall = SmallHall()
    yield hall
    hall.close()


@pytest.fixture
def joined():
    clients = []

    def join(key, **options):
        clients.append(HallClient(Remote(key, key.address), **options))
        return clients[-1]

    yield join
    for client in clients:
        client.close()


def heard(client, wanted):
    """What the client hears, up to the first that is wanted."""
    found = []

    def look():
        found.extend(client.poll(0.1))
        return any(wanted(one) for one in found)

    wait_until(look, every_s=0)
    return found


def trouble(client, what):
    found = heard(client, lambda one: isinstance(one, Trouble) and one.what == what)
    last = [one for one in found if isinstance(one, Trouble)][-1]
    for language in ("zh", "en"):
        assert last.words(language)
        assert last.remedy(language)
    assert client.trouble.what == what
    return last


def test_an_enrolled_key_follows_and_asks(hall, joined):
    client = joined(hall.key())
    heard(client, lambda one: isinstance(one, Snapshot))
    issue(hall)
    heard(client, lambda one: isinstance(getattr(one, "event", 0), TicketIssued))
    assert client.do(c.CallNext(window=3), 60).result["label"] == "A001"
    wait_until(lambda: [client.poll(0.1)] and client.standing == "window:3", every_s=0)
    assert client.trouble == Trouble("")
    assert client.name == "window-3"


def test_a_key_that_is_not_enrolled_is_named_and_let_in_once_it_is(hall, joined):
    key = hall.key()
    hall.known.clear()
    client = joined(key)
    trouble(client, "refused")
    hall.known.add(key.public)
    found = heard(client, lambda one: isinstance(one, Snapshot))
    found += heard(client, lambda one: one == Trouble("")) if Trouble("") not in found else []
    assert client.trouble == Trouble("")


def test_a_key_that_is_revoked_is_named_and_the_mirror_is_stale(hall, joined):
    client = joined(hall.key())
    heard(client, lambda one: isinstance(one, Snapshot))
    hall.known.clear()
    hall.hang_up()
    trouble(client, "refused")
    wait_until(lambda: [client.poll(0.1)] and client.stale_since_s, every_s=0)
    assert client.hall.rules is not None, "what was seen last stays"


def test_the_key_of_another_hall_is_named(hall, joined):
    other, _ = zmq.curve_keypair()
    trouble(joined(hall.key(server=other)), "server")


def test_a_hall_that_is_full_is_not_taken_for_a_wrong_key(hall, joined):
    key = hall.key()
    hall.known.clear()
    hall.status = b"300"
    told = trouble(joined(key), "full")
    assert key.address in told.remedy("zh")


def test_where_nobody_is_that_is_said_with_the_address_and_it_goes_on_by_itself(hall, joined):
    key = hall.key()
    hall.leave()
    client = joined(key)
    told = trouble(client, "nobody")
    assert key.address in told.remedy("zh")
    hall.come()
    heard(client, lambda one: isinstance(one, Snapshot))
    wait_until(lambda: [client.poll(0.1)] and client.trouble == Trouble(""), every_s=0)


def test_a_closed_port_of_the_events_is_told_apart_from_a_hall_that_is_away(hall, joined):
    hall.do(lambda: hall._sockets.pop().close(0))
    hall.silent = True
    key = hall.key()
    told = trouble(joined(key), "events")
    assert f":{hall.port + 2}" in told.remedy("en")


def test_another_program_at_the_address_is_named(hall, joined):
    with socket.create_server(("127.0.0.1", 0)) as stranger:
        address = f"tcp://127.0.0.1:{stranger.getsockname()[1]}"

        def greet():
            found, _ = stranger.accept()
            with found:
                found.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n" * 20)
                time.sleep(1)

        threading.Thread(target=greet, daemon=True).start()
        client = joined(hall.key(address=address))
        found = heard(client, lambda one: isinstance(one, Trouble) and one.what)
        assert found[-1].what in ("foreign", "full", "server")


def test_a_hall_of_another_version_is_named_with_what_it_speaks(hall, joined):
    hall.versions = [2, 3]
    client = joined(hall.key())
    assert "2, 3" in trouble(client, "version").remedy("zh")
    assert client.do(c.CallNext(window=3), 60).code == "version"
    hall.versions = [1, 2]
    heard(client, lambda one: one == Trouble(""))


@pytest.mark.parametrize(("off_s", "told"), [(90.0, 90), (-7200.0, -7200)])
def test_a_clock_that_is_off_is_told_and_the_halls_time_is_used(hall, joined, off_s, told):
    hall.off_s = off_s
    client = joined(hall.key())
    found = heard(client, lambda one: isinstance(one, Clock))
    clock = next(one for one in found if isinstance(one, Clock))  # a snapshot may come with it
    assert abs(clock.off_s - told) < 5
    assert abs(client.clock_off_s - told) < 5
    wait_until(lambda: [client.poll(0.1)] and client.now(), every_s=0)
    assert abs(client.now().wall_s - (time.time() - off_s)) < 5


def test_a_slow_line_is_not_taken_for_a_wrong_clock(hall, joined):
    hall.lag_s, hall.off_s = 1.0, 0.5
    client = joined(hall.key())
    wait_until(lambda: [client.poll(0.1)] and client.standing, every_s=0)
    assert client.clock_off_s == 0.0


def test_a_hall_that_falls_silent_is_stale_within_three_seconds_and_fresh_again(hall, joined):
    client = joined(hall.key())
    heard(client, lambda one: isinstance(one, Snapshot))
    hall.silent = True
    found = heard(client, lambda one: isinstance(one, Stale))
    assert found[-1] == Trouble("silent") or Trouble("silent") in heard(
        client, lambda one: isinstance(one, Trouble)
    )
    assert 2.5 < client.now().wall_s - client.stale_since_s < 20
    hall.silent = False
    heard(client, lambda one: isinstance(one, Fresh))
    assert client.stale_since_s is None


def test_an_answer_that_is_lost_is_asked_for_again_and_the_act_happens_once(hall, joined):
    issue(hall, 3)
    hall.forgets = 1
    client = joined(hall.key())
    assert client.do(c.CallNext(window=3), 60).result["label"] == "A001"
    asked = [m["id"] for m in hall.asked if m["ask"] == "command"]
    assert len(asked) >= 2
    assert len(set(asked)) == 1
    assert len(hall.bench.hall.waiting("A")) == 2


def test_what_came_too_fast_is_done_a_little_later_and_the_asker_sees_only_the_answer(hall, joined):
    issue(hall)
    hall.too_fast = 3
    assert joined(hall.key()).do(c.CallNext(window=3), 60).result["label"] == "A001"


# What is known of a wire, without one.


def test_one_hang_up_is_a_hall_being_stopped_and_two_are_a_wrong_key():
    line = Line(0.0)
    line.happened(zmq.EVENT_CONNECTED, 5, 0.1)
    line.happened(zmq.EVENT_HANDSHAKE_FAILED_NO_DETAIL, 32, 0.1)
    line.happened(zmq.EVENT_DISCONNECTED, 5, 0.1)
    assert line.why(0.2) == ""
    line.happened(zmq.EVENT_HANDSHAKE_FAILED_NO_DETAIL, 32, 0.3)
    assert line.why(0.3) == "server"
    line.happened(zmq.EVENT_HANDSHAKE_SUCCEEDED, 0, 0.4)
    assert line.why(99.0) == ""


def test_a_wire_that_broke_has_three_seconds_before_anybody_is_told():
    line = Line(0.0)
    line.happened(zmq.EVENT_HANDSHAKE_SUCCEEDED, 0, 0.1)
    line.happened(zmq.EVENT_DISCONNECTED, 5, 50.0)
    line.happened(zmq.EVENT_CLOSED, 5, 50.1)
    assert line.why(52.9) == ""
    assert line.why(53.1) == "nobody"


def test_a_wire_over_which_nothing_comes_is_given_up_though_tcp_says_that_it_lives():
    line = Line(0.0)
    line.owed_since_s = 0.0
    assert not line.hangs(99.0), "who is not there yet owes nothing"
    line.happened(zmq.EVENT_HANDSHAKE_SUCCEEDED, 0, 10.0)
    assert not line.hangs(15.9)
    assert line.hangs(16.0)
    line.owed_since_s = None
    assert not line.hangs(99.0), "an asker that has asked nothing waits for nothing"
    line.owed_since_s = 16.0
    assert line.hangs(22.0)
    line.given_up(22.0)
    assert not line.hangs(99.0)
    assert (line.why(24.9), line.why(25.1)) == ("", "nobody")


# Where a hall is, by what a person writes.


def test_a_folder_is_the_hall_of_this_machine_and_needs_a_role(tmp_path):
    assert place_at(tmp_path, "window") == Local(tmp_path, "window")
    assert place_at(tmp_path / "not-yet", "screen").follow.endswith("events-public")
    with pytest.raises(ConnectError, match="role") as told:
        place_at(tmp_path)
    assert told.value.trouble.remedy("zh")


def test_a_key_file_is_a_hall_on_the_network_with_its_role(tmp_path, hall):
    key = hall.key()
    key.write(tmp_path / "w.hallkey")
    place = place_at(tmp_path / "w.hallkey", "window")
    assert place == Remote(key, key.address)
    assert place.follow == f"tcp://127.0.0.1:{hall.port + 2}", "staff events"
    public = Remote(hall.key("hall-1", "screen:hall-1"), key.address)
    assert public.follow == f"tcp://127.0.0.1:{hall.port + 1}"
    other = place_at("tcp://192.0.2.7:7700", key=tmp_path / "w.hallkey")
    assert other.ask == "tcp://192.0.2.7:7700"
    with HallClient.at(tmp_path / "w.hallkey") as client:
        assert (client.role, client.name) == ("window", "window-3")


@pytest.mark.parametrize(
    ("where", "role", "what"),
    [
        ("none.hallkey", "", "keyfile"),
        ("torn.hallkey", "", "keyfile"),
        ("w.hallkey", "window:4", "role"),
        ("w.hallkey", "guide", "role"),
        ("tcp://192.0.2.7:7700", "", "no_key"),
    ],
)
def test_what_cannot_be_connected_with_is_told_in_both_languages(tmp_path, hall, where, role, what):
    hall.key().write(tmp_path / "w.hallkey")
    (tmp_path / "torn.hallkey").write_text('{"hallctl-key": 1, "na')
    (tmp_path / "torn.hallkey").chmod(0o600)
    with pytest.raises(ConnectError) as told:
        place_at(where if where.startswith("tcp") else tmp_path / where, role)
    assert told.value.trouble.what == what
    for language in ("zh", "en"):
        assert told.value.trouble.words(language)
        assert told.value.trouble.remedy(language)


def test_nothing_secret_is_in_what_is_told(tmp_path, hall):
    key = hall.key()
    key.write(tmp_path / "w.hallkey")
    place = place_at(tmp_path / "w.hallkey")
    with pytest.raises(ConnectError) as told:
        place_at(tmp_path / "w.hallkey", "guide")
    secret = HallKey.read(tmp_path / "w.hallkey").secret.decode()
    assert secret == key.secret.decode()
    for text in (repr(place), str(told.value), repr(told.value.trouble)):
        assert secret not in text
