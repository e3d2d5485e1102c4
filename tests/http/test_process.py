"""The process: without a daemon, with one that comes and goes, in public, and under a flood."""

import http.client
import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest

from hallctl.config.network_file import Network, address_of
from hallctl.http.app import Serving, run
from hallctl.http.following import Following
from running import PATIENT_S, ROOT, free_ports, wait_until
from served_hall import ServedHall, Stream, served_hall


@pytest.fixture
def hall(tmp_path):
    with served_hall(tmp_path) as hall:
        yield hall


@pytest.fixture(scope="module")
def shared(tmp_path_factory):
    """One hall for the tests that leave it as it was."""
    with served_hall(tmp_path_factory.mktemp("p")) as hall:
        yield hall


def test_without_a_daemon_it_says_so_and_comes_to_life_with_it(tmp_path):
    hall = ServedHall(tmp_path)
    try:
        hall.serve()
        assert hall.get("/healthz").json == {"ok": False, "since_s": None}
        answer = hall.get("/api/v1/queues", "desk")
        assert (answer.status, answer.json["code"]) == (503, "stale")
        assert "Retry-After" in answer.headers
        assert hall.post({"type": "CallNext", "window": 3}, "third").status == 503
        assert hall.get("/t/whatever-it-may-be").status == 503
        assert "hallctl_up 0.0" in hall.get("/metrics").text
        hall.daemon.start()
        hall.until_fresh()
        assert hall.get("/api/v1/queues", "desk").status == 200
    finally:
        hall.stop()


def test_while_the_daemon_is_away_no_old_number_is_told_and_then_all_is_well(hall):
    ticket = hall.take_ticket()
    page = f"/t/{ticket['code']}"
    stream = Stream(hall, "desk")
    stream.next()
    hall.daemon.kill()
    wait_until(lambda: hall.get("/healthz").status == 503)
    since_s = hall.get("/healthz").json["since_s"]
    for path in ("hall", "queues", "windows", "calls", "alerts", f"visits/{ticket['label']}"):
        answer = hall.get(f"/api/v1/{path}", "desk")
        assert (answer.status, answer.json["code"]) == (503, "stale")
        assert answer.json["since_s"] == since_s
    assert stream.until("stale")[1] == {"since_s": since_s}
    silent = hall.get(page)
    assert silent.status == 503
    assert re.search(r"从 9:3\d 起没有更新", silent.text)
    assert ticket["label"] in silent.text
    assert "前面" not in silent.text
    metrics = hall.get("/metrics").text
    assert "hallctl_up 0.0" in metrics
    assert "hallctl_waiting{" not in metrics
    asked = hall.post({"type": "CallNext", "window": 3}, "third", "while-away")
    assert (asked.status, asked.json["code"]) == (503, "stale")

    hall.daemon.start()
    hall.until_fresh()
    assert hall.get(page).status == 200
    visit = hall.get(f"/api/v1/visits/{ticket['label']}", "desk").json
    assert visit["status"] == "waiting", "what was refused must not happen later"
    assert hall.post({"type": "CallNext", "window": 3}, "third", "while-away").status == 200
    assert stream.until("event") is not None
    stream.close()


def test_a_command_that_gets_no_answer_is_not_carried_out_later(hall):
    ticket = hall.take_ticket()
    os.kill(hall.daemon.process.pid, signal.SIGSTOP)
    try:
        asked = hall.post({"type": "CallNext", "window": 3}, "third", "unheard")
    finally:
        os.kill(hall.daemon.process.pid, signal.SIGCONT)
    assert asked.status == 503
    assert asked.json["code"] in {"no_answer", "stale"}
    hall.until_fresh()
    again = hall.post({"type": "CallNext", "window": 3}, "third", "unheard")
    assert (again.status, again.json["result"]["label"]) == (200, ticket["label"])
    calls = hall.get("/api/v1/calls", "desk").json["calls"]
    assert [c["times"] for c in calls] == [1]


def test_in_public_there_is_the_wait_page_and_nothing_else(tmp_path):
    hall = ServedHall(tmp_path)
    try:
        hall.daemon.start()
        hall.serve("--public", "--listen", f"127.0.0.1:{hall.port}")
        hall.until_fresh()
        unknown = hall.get("/t/nobody-has-this-code")
        assert unknown.status == 404
        paths = ("/", "/metrics", "/api/v1/hall", "/api/v1/openapi.json", "/docs", "/t", "/t/")
        for path in paths:
            answer = hall.get(path, "chief")
            assert (answer.status, answer.body) == (404, unknown.body), path
        assert hall.request("POST", "/api/v1/commands", who="chief", body="{}").status == 404
        assert hall.get("/healthz").json == {"ok": True, "since_s": None}
    finally:
        hall.stop()


def test_figures_are_for_this_machine_and_for_technicians(hall):
    hall.take_ticket()
    text = hall.get("/metrics").text
    assert 'hallctl_waiting{queue="A"} 1.0' in text
    assert 'hallctl_windows{state="idle"} 9.0' in text
    assert re.search(r"hallctl_daemon_uptime_seconds \d", text)
    room = dict(
        re.findall(r"^hallctl_(disk_free|reserve|reserve_whole)_bytes (\S+)$", text, re.MULTILINE)
    )
    assert float(room["disk_free"]) > 0
    assert 0 < float(room["reserve"]) == float(room["reserve_whole"])
    for headers in ({"Host": "hall.example"}, {"X-Forwarded-For": "192.0.2.9"}):
        assert hall.request("GET", "/metrics", headers=headers).status == 401
        assert hall.request("GET", "/metrics", who="desk", headers=headers).status == 403
        assert hall.request("GET", "/metrics", who="fitter", headers=headers).status == 200


def test_commands_and_refusals_are_counted(hall):
    hall.post({"type": "CallNext", "window": 3}, "third")
    hall.post({"type": "CallNext", "window": 4}, "third")
    hall.post({"type": "AskHelp", "place": "x"}, "desk")
    text = hall.get("/metrics").text
    assert 'hallctl_http_commands_total{code="nobody_waits",role="window"} 1.0' in text
    assert 'hallctl_http_commands_total{code="not_yours",role="window"} 1.0' in text
    assert 'hallctl_http_commands_total{code="ok",role="guide"} 1.0' in text


def slowed(ask):
    """Ask until it is too fast: what was answered before, and the refusal. Slow machines too."""
    before = []
    while (answer := ask(len(before))).status != 429:
        before.append(answer.status)
        assert len(before) < 500, "nobody was slowed down"
    return before, answer


def test_a_token_that_asks_too_fast_waits_and_others_do_not(tmp_path):
    with served_hall(tmp_path, rate=5) as hall:
        _, slow = slowed(lambda _: hall.get("/api/v1/hall", "desk"))
        assert slow.json["code"] == "too_fast"
        assert int(slow.headers["Retry-After"]) == slow.json["wait_s"] >= 1
        assert hall.get("/api/v1/hall", "chief").status == 200
        wait_until(lambda: hall.get("/api/v1/hall", "desk").status == 200, every_s=0.5)


def test_guessing_a_page_or_a_token_is_slowed_down_and_good_tokens_are_not(shared):
    ticket = shared.take_ticket()
    guesses, _ = slowed(lambda n: shared.get(f"/t/guess-number-{n}"))
    assert guesses[:25] == [404] * 25

    def hit():
        """Right behind a miss too many; each second one more guess is free."""
        slowed(lambda n: shared.get(f"/t/another-guess-{n}"))
        return shared.get(f"/t/{ticket['code']}").status == 429

    wait_until(hit)  # a hit must not be told from a miss
    wait_until(lambda: shared.get(f"/t/{ticket['code']}").status == 200, every_s=1.5)
    tries, _ = slowed(lambda n: shared.get("/api/v1/hall", f"hallctl_wrong{n}"))
    assert tries[:25] == [401] * 25
    assert shared.get("/api/v1/hall", "desk").status == 200


def test_a_connection_that_says_nothing_is_hung_up(shared):
    with socket.create_connection(("127.0.0.1", shared.port)) as idle:
        idle.sendall(b"GET /healthz HTTP/1.1\r\nHost: 127.0.0.1\r\n")
        idle.settimeout(PATIENT_S)
        began_s = time.monotonic()
        try:
            assert idle.recv(100) == b""
        except ConnectionResetError:
            assert time.monotonic() - began_s > 5
    assert shared.get("/healthz").status == 200


def test_a_body_that_never_ends_is_refused_before_it_is_kept(shared):
    line = http.client.HTTPConnection("127.0.0.1", shared.port, timeout=PATIENT_S)
    line.putrequest("POST", "/api/v1/commands")
    line.putheader("Authorization", f"Bearer {shared.keys['desk']}")
    line.putheader("Content-Length", str(10**9))
    line.endheaders()
    try:
        for _ in range(64):
            line.send(b"x" * 65_536)
        answer = line.getresponse()
        assert (answer.status, json.load(answer)["code"]) == (400, "unreadable")
    except (BrokenPipeError, ConnectionResetError):
        return  # hung up, and the answer with it
    finally:
        line.close()


def test_a_follower_that_reads_nothing_costs_nothing(shared):
    stuck = [Stream(shared, "desk") for _ in range(10)]
    for n in range(300):
        shared.post({"type": "AskHelp", "place": f"place-{n % 7}"}, "chief")
    began_s = time.monotonic()
    assert shared.get("/api/v1/hall", "desk").status == 200
    assert time.monotonic() - began_s < PATIENT_S / 4
    for stream in stuck:
        stream.close()


def test_only_so_many_may_follow(shared):
    streams = [Stream(shared, "desk") for _ in range(50)]
    more = shared.get("/api/v1/events", "chief")
    assert (more.status, more.json["code"]) == (429, "too_many")
    for stream in streams:
        stream.close()


def test_it_ends_with_the_signal_while_somebody_follows(hall):
    stream = Stream(hall, "desk")
    stream.next()
    hall.process.send_signal(signal.SIGTERM)
    assert hall.process.wait(timeout=PATIENT_S) == 0
    stream.close()
    assert "Traceback" not in hall.log.read_text()


def test_a_port_that_is_taken_is_said_and_ends_it(shared):
    command = [
        sys.executable, "-m", "hallctl", "http", "--hall", str(shared.daemon.hall),
        "--state", str(shared.daemon.state),
    ]  # fmt: skip
    done = subprocess.run(
        command, cwd=ROOT, capture_output=True, text=True, timeout=PATIENT_S, check=False
    )
    assert done.returncode == 69
    assert "address already in use" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_broken_token_file_lets_nobody_in_and_says_so(shared):
    path = shared.daemon.state / "http-tokens.json"
    kept = path.read_text()
    path.write_text("{")
    answer = shared.get("/api/v1/hall", "desk")
    assert (answer.status, answer.json["code"]) == (503, "no_tokens")
    path.write_text(kept)
    assert shared.get("/api/v1/hall", "desk").status == 200


def test_a_bug_ends_the_process_so_that_another_one_is_started(tmp_path, monkeypatch, caplog):
    def broken(_following):
        raise AssertionError("a bug")

    monkeypatch.setattr(Following, "_look", broken)
    serving = Serving(
        bus=tmp_path, state=tmp_path, host="127.0.0.1", port=free_ports(1), rate=1.0, burst=1,
        most=10,
    )  # fmt: skip
    assert run(serving) == 70
    assert "following the hall ended by a bug" in caplog.text


def test_a_proxy_of_this_machine_is_believed_about_who_asks_and_nobody_else(shared):
    """Each address has guesses of its own: the proxy's address is nobody's."""

    def guess(address):
        headers = {"X-Forwarded-For": address}
        return shared.request("GET", "/t/nobody-has-this-code", headers=headers)

    slowed(lambda _: guess("192.0.2.50"))
    assert guess("192.0.2.51").status == 404


def test_only_this_machine_is_listened_to_unless_network_yaml_says_otherwise(shared):
    assert address_of(Network().http)[0] == "127.0.0.1"
    lines = Path("/proc/net/tcp").read_text().splitlines() + (
        Path("/proc/net/tcp6").read_text().splitlines()
    )
    bound = [line.split()[1] for line in lines if line.split()[3] == "0A"]
    mine = [place for place in bound if place.endswith(f":{shared.port:04X}")]
    assert mine == [f"0100007F:{shared.port:04X}"]


def test_an_address_that_is_none_is_refused_with_what_would_be_right(shared):
    command = [
        sys.executable, "-m", "hallctl", "http", "--hall", str(shared.daemon.hall),
        "--state", str(shared.daemon.state), "--listen", "here",
    ]  # fmt: skip
    done = subprocess.run(
        command, cwd=ROOT, capture_output=True, text=True, timeout=PATIENT_S, check=False
    )
    assert done.returncode == 2
    assert "must be address:port" in done.stderr
