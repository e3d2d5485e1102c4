"""The API on a real daemon: what it tells, what may be asked, by whom, and how it says no."""

import json
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from hallctl.roles import MAY
from running import wait_until
from served_hall import ROLES, Stream, served_hall

CALL = {"type": "CallNext", "window": 3}
READS = ("hall", "queues", "windows", "devices", "alerts", "calls", "visits/A001", "events")


@pytest.fixture(scope="module")
def hall(tmp_path_factory):
    with served_hall(tmp_path_factory.mktemp("a")) as hall:
        yield hall


def free(hall, window):
    """Let a window be idle again, whatever stands there."""
    for act in ("Finish", "CallNext"):
        state = hall.get("/api/v1/windows", "chief").json["windows"][window - 1]["state"]
        if state in {"called", "serving"}:
            hall.post({"type": "Start", "window": window}, "chief")
            hall.post({"type": act, "window": window}, "chief")


def test_a_ticket_is_in_the_queue_at_the_window_and_among_the_calls(hall):
    free(hall, 3)
    ticket = hall.take_ticket()
    queue = hall.get("/api/v1/queues", "desk").json["queues"][0]
    assert (queue["id"], queue["waiting"], queue["next"]) == ("A", 1, ticket["label"])
    assert queue["oldest_wait_s"] >= 0
    visit = hall.get(f"/api/v1/visits/{ticket['label'].lower()}", "desk").json
    assert (visit["status"], visit["ahead"], visit["window"]) == ("waiting", 0, None)

    before = hall.get("/api/v1/hall", "desk").json["seq"]
    answer = hall.post(CALL, "third")
    assert answer.status == 200
    assert answer.json["result"]["label"] == ticket["label"]

    def called():
        rows = hall.get("/api/v1/windows", "desk").json["windows"]
        return rows[2]["state"] == "called" and rows[2]["label"] == ticket["label"]

    wait_until(called)
    calls = hall.get(f"/api/v1/calls?since={before}", "desk").json
    assert [(c["label"], c["window"]) for c in calls["calls"]] == [(ticket["label"], 3)]
    assert calls["complete"]
    last = calls["calls"][-1]["seq"]
    assert hall.get(f"/api/v1/calls?since={last}", "desk").json["calls"] == []
    visit = hall.get(f"/api/v1/visits/{ticket['visit']}", "desk").json
    assert (visit["status"], visit["window"], visit["ahead"]) == ("called", 3, None)
    free(hall, 3)


def test_the_hall_tells_its_name_and_hours(hall):
    found = hall.get("/api/v1/hall", "reader").json
    assert found["name"] == "赤坭镇便民服务中心"
    assert found["opening"] == "open"
    assert found["hours"][0] == {"start": "9:00", "end": "12:00"}


def test_nothing_of_a_visit_tells_whose_it_is_or_the_code_of_its_page(hall):
    ticket = hall.take_ticket()
    assert ticket["code"]
    for path in ("visits/" + ticket["label"], "windows", "calls", "queues"):
        assert ticket["code"] not in hall.get(f"/api/v1/{path}", "chief").text
    stream = Stream(hall, "chief")
    snapshot = json.dumps(stream.next()[1])
    assert ticket["visit"] in snapshot
    assert ticket["code"] not in snapshot
    other = hall.take_ticket()
    issued = stream.happened("TicketIssued")["event"]
    assert issued["visit"] == other["visit"]
    assert issued["code"] == ""
    stream.close()


def test_the_same_id_gives_the_same_answer_and_acts_once(hall):
    free(hall, 3)
    hall.take_ticket()
    hall.take_ticket()
    first = hall.post(CALL, "third", "once-1")
    assert first.status == 200
    again = hall.post(CALL, "third", "once-1")
    assert again.json == first.json
    with ThreadPoolExecutor(8) as many:
        answers = list(many.map(lambda _: hall.post(CALL, "third", "once-1").json, range(16)))
    assert answers == [first.json] * 16
    refused = hall.post(CALL, "third", "once-2")
    assert (refused.status, refused.json["code"]) == (409, "called_not_come")
    free(hall, 3)
    assert hall.post(CALL, "third", "once-2").json == refused.json
    assert hall.post(CALL, "third", "once-1").json == first.json


def test_two_tokens_with_the_same_id_do_not_get_each_others_answer(hall):
    one = hall.post({"type": "AskHelp", "place": "kiosk-1"}, "first-kiosk", "help-1")
    other = hall.post({"type": "AskHelp", "place": "nowhere"}, "desk", "help-1")
    assert one.status == other.status == 200
    third = hall.post({"type": "OpenQueue", "queue": "B"}, "chief", "help-1")
    assert (third.status, third.json["code"]) == (409, "queue_open")


def test_the_journal_names_who_asked(hall):
    stream = Stream(hall, "desk")
    stream.next()
    hall.post({"type": "AskHelp", "place": "somewhere"}, "desk")
    while (body := stream.happened("HelpAsked"))["event"]["place"] != "somewhere":
        continue
    assert body["actor"] == "guide:http-desk"
    stream.close()


@pytest.mark.parametrize("path", [f"/api/v1/{name}" for name in (*READS, "openapi.json")])
def test_without_a_token_nothing_is_told(hall, path):
    for headers in ({}, {"Authorization": "Bearer hallctl_" + "x" * 43}, {"Authorization": "x"}):
        answer = hall.get(path, **headers)
        if answer.status == 429:  # too many wrong ones from here
            continue
        assert (answer.status, answer.json["code"]) == (401, "no_token")
        assert answer.headers["WWW-Authenticate"] == "Bearer"
        assert set(answer.json["words"]) == {"zh", "en"}


@pytest.mark.parametrize(
    ("who", "command", "code"),
    [
        ("third", {"type": "CallNext", "window": 4}, "not_yours"),
        ("third", {"type": "OpenQueue", "queue": "A"}, "not_allowed"),
        ("first-kiosk", {"type": "IssueTicket", "kiosk": "kiosk-2"}, "not_yours"),
        ("reader", {"type": "CallNext", "window": 3}, "not_allowed"),
        ("desk", {"type": "Rate", "window": 3, "grade": 5}, "not_allowed"),
        ("chief", {"type": "TestDevice", "device": "printer-1"}, "not_allowed"),
        ("glass", {"type": "ReportShown", "screen": "hall-2", "shown": 1}, "not_yours"),
    ],
)
def test_a_role_and_its_place_decide_what_may_be_asked(hall, who, command, code):
    answer = hall.post(command, who)
    assert (answer.status, answer.json["code"]) == (403, code)
    assert command["type"] in answer.json["words"]["zh"]


@pytest.mark.parametrize("role", sorted({r.partition(":")[0] for r in ROLES.values()}))
def test_every_command_of_a_role_is_described_and_no_other(hall, role):
    found = hall.get("/api/v1/openapi.json", "reader").json["components"]["schemas"]
    assert MAY[role] <= set(found)
    assert not {"Wake", "Tick", "NoteBus"} & set(found)


def test_alerts_are_staffs_matter_and_so_are_staffs_events(hall):
    assert hall.get("/api/v1/alerts", "glass").status == 403
    assert hall.get("/api/v1/alerts", "reader").status == 200
    public, staff = Stream(hall, "glass"), Stream(hall, "reader")
    assert public.next()[1]["snapshot"]["alerts"] == {}
    staff.next()
    hall.post({"type": "QuietVoice", "minutes": 1}, "desk")
    hall.post({"type": "AskHelp", "place": "the-end"}, "desk")
    seen = {"public": [], "staff": []}
    for name, stream in (("public", public), ("staff", staff)):
        while seen[name][-1:] != ["HelpAsked"]:
            seen[name].append(stream.until("event")[1]["event"]["type"])
        stream.close()
    assert "VoiceQuieted" in seen["staff"]
    assert "VoiceQuieted" not in seen["public"]
    hall.post({"type": "QuietVoice", "minutes": 0}, "desk")


BAD = [
    b"",
    b"{",
    b"[]",
    b'"x"',
    b"\xff\xfe",
    b'{"id": "1"}',
    b'{"id": "", "command": {"type": "CallNext", "window": 3}}',
    b'{"id": 1, "command": {"type": "CallNext", "window": 3}}',
    b'{"id": "1", "command": {"type": "Nothing"}}',
    b'{"id": "1", "command": {"type": "Tick"}}',
    b'{"id": "1", "command": {"type": "CallNext"}}',
    b'{"id": "1", "command": {"type": "CallNext", "window": "3"}}',
    b'{"id": "1", "command": {"type": "CallNext", "window": true}}',
    b'{"id": "1", "command": {"type": "CallNext", "window": NaN}}',
    b'{"id": "1\\u0000", "command": {"type": "CallNext", "window": 3}}',
    b"[" * 60_000,
    json.dumps({"id": "1", "command": {"type": "AskHelp", "place": "x" * 201}}).encode(),
    b'{"id": "1", "command": "' + b"x" * 70_000 + b'"}',
]


@pytest.mark.parametrize("body", BAD, ids=range(len(BAD)))
def test_what_cannot_be_read_is_refused_with_why(hall, body):
    answer = hall.request("POST", "/api/v1/commands", who="chief", body=body)
    assert (answer.status, answer.json["code"]) == (400, "unreadable")
    assert answer.json["words"]["en"].startswith("Unreadable request: ")


def test_a_no_of_the_hall_is_409_whatever_it_is_about(hall):
    for command, code in (
        ({"type": "CancelTicket", "visit": "Z999"}, "unknown_visit"),
        ({"type": "OpenQueue", "queue": "A"}, "queue_open"),
        ({"type": "CallNext", "window": 99}, "unknown_window"),
    ):
        answer = hall.post(command, "chief")
        assert (answer.status, answer.json["code"]) == (409, code)


def test_a_wrong_parameter_path_or_method_is_refused_in_the_same_form(hall):
    for answer, status, code in (
        (hall.get("/api/v1/calls?since=-1", "desk"), 400, "unreadable"),
        (hall.get("/api/v1/calls?since=x", "desk"), 400, "unreadable"),
        (hall.get("/api/v1/visits/Z999", "desk"), 404, "unknown_visit"),
        (hall.get("/api/v1/nothing", "desk"), 404, "not_found"),
        (hall.get("/docs"), 404, "not_found"),
        (hall.request("DELETE", "/api/v1/hall", who="desk"), 405, "wrong_method"),
    ):
        assert (answer.status, answer.json["code"]) == (status, code)


def test_nothing_is_kept_by_anybody_on_the_way(hall):
    for path in ("/healthz", "/api/v1/hall", "/api/v1/nothing", "/metrics"):
        answer = hall.get(path, "desk")
        assert answer.headers["Cache-Control"] == "no-store"
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert "Server" not in answer.headers


def test_a_follower_that_comes_back_is_told_what_it_missed_and_only_that(hall):
    stream = Stream(hall, "desk")
    assert stream.next()[0] == "snapshot"
    hall.post({"type": "AskHelp", "place": "one"}, "desk")
    while stream.happened("HelpAsked")["event"]["place"] != "one":
        continue
    seen = stream.last_id
    stream.close()
    for place in ("two", "three"):
        hall.post({"type": "AskHelp", "place": place}, "desk")
    back = Stream(hall, "desk", last_id=seen)
    found = []
    while "three" not in found:  # a heartbeat may come before it
        kind, body, _ = back.next()
        assert kind != "snapshot"
        if kind == "event" and body["event"]["type"] == "HelpAsked":
            found.append(body["event"]["place"])
    assert found == ["two", "three"]
    back.close()
    for last_id in ("999999999", "0-otherepo", "nonsense", "-5"):
        lost = Stream(hall, "desk", last_id=last_id)
        assert lost.next()[0] == "snapshot"
        lost.close()


def test_a_follower_hears_each_second_that_the_hall_lives(hall):
    stream = Stream(hall, "desk")
    stream.next()
    first = stream.until("heartbeat")[1]["now"]["wall_s"]
    assert stream.until("heartbeat")[1]["now"]["wall_s"] > first
    stream.close()


def test_followers_that_left_are_forgotten(hall):
    streams = [Stream(hall, "desk") for _ in range(5)]
    for stream in streams:
        stream.next()
    assert "hallctl_http_followers 0.0" not in hall.get("/metrics").text
    for stream in streams:
        stream.close()
    wait_until(lambda: "hallctl_http_followers 0.0" in hall.get("/metrics").text)


def test_a_revoked_token_opens_nothing_and_ends_what_it_followed(hall):
    hall.keys["short"] = hall.tokens.add("short", "guide")
    stream = Stream(hall, "short")
    assert stream.next()[0] == "snapshot"
    hall.tokens.revoke("short")
    answer = hall.get("/api/v1/hall", "short")
    assert (answer.status, answer.json["code"]) == (401, "no_token")
    ended_s = time.monotonic()
    while stream.next() is not None:
        assert time.monotonic() - ended_s < 30
    stream.close()


def test_neither_a_token_nor_a_code_is_ever_in_the_log(hall):
    ticket = hall.take_ticket()
    hall.get(f"/t/{ticket['code']}")
    log = hall.log.read_text()
    assert ticket["code"] not in log
    assert not [key for key in hall.keys.values() if key in log or key[8:] in log]
