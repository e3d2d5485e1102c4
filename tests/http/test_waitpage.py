"""The wait page of one ticket: what it says in each state, and that it says nothing else."""

import re
import secrets

import pytest

from running import wait_until
from served_hall import served_hall

NO_CODES = ("", "x", "a/b", "%00", "%0A", "%E4%B8%AD", "..%2f..%2fhealthz", "x" * 500)


@pytest.fixture(scope="module")
def hall(tmp_path_factory):
    with served_hall(tmp_path_factory.mktemp("w")) as hall:
        yield hall


def words_of(page):
    """What a person reads."""
    body = page.text.partition("<body>")[2]
    return [re.sub(r"<[^>]+>", "", line).strip() for line in body.splitlines() if "<p" in line]


def until_said(hall, ticket, words):
    """The page, once it says that."""

    def said():
        page = hall.get(f"/t/{ticket['code']}")
        return page if words in page.text else None

    return wait_until(said)


def window(hall, act, number=3, **more):
    answer = hall.post({"type": act, "window": number, **more}, "chief")
    assert answer.status == 200, answer.text


def test_a_ticket_from_waiting_to_done(hall):
    first, second = hall.take_ticket(), hall.take_ticket()
    page = until_said(hall, second, "前面还有 1 人")
    assert page.status == 200
    assert words_of(page)[:2] == ["您的号码", second["label"]]
    assert '<meta http-equiv="refresh" content="20">' in page.text
    window(hall, "CallNext")
    assert "请到 3 号窗口" in until_said(hall, first, 'class="now"').text
    until_said(hall, second, "前面没有人了")
    window(hall, "Start")
    until_said(hall, first, "正在 3 号窗口办理")
    window(hall, "Hold")
    until_said(hall, first, "请回到 3 号窗口")
    window(hall, "CallBack")
    window(hall, "Start")
    window(hall, "Finish")
    assert "已办完" in until_said(hall, first, "请慢走").text
    hall.post({"type": "CancelTicket", "visit": second["visit"]}, "desk")
    void = until_said(hall, second, "号已作废")
    assert "refresh" not in void.text


def test_who_waits_long_is_told_a_range_and_never_a_time_of_day(hall):
    tickets = [hall.take_ticket(queue="F") for _ in range(5)]
    page = until_said(hall, tickets[-1], "约 ")
    assert words_of(page)[2] == "前面还有 4 人"
    low, high = re.fullmatch(r"约 (\d+)–(\d+) 分钟", words_of(page)[3]).groups()
    assert 5 < int(low) < int(high) < 120
    assert words_of(page)[-1].endswith("的情况，每 20 秒自动更新。")


def test_who_missed_the_call_reads_what_to_do(hall):
    ticket = hall.take_ticket(queue="B")
    window(hall, "CallNext", 6)
    until_said(hall, ticket, "请到 6 号窗口")
    visit = f"/api/v1/visits/{ticket['visit']}"

    def missed():
        hall.post({"type": "Recall", "window": 6}, "chief")
        hall.post({"type": "MarkNoShow", "window": 6}, "chief")
        return hall.get(visit, "chief").json["status"] == "no_show"

    def hurry():
        """Another three calls are 60 s apart: let the hall's clock run."""
        offset = float(hall.daemon.clock.read_text())
        hall.daemon.clock.write_text(str(offset + 25))
        return missed()

    wait_until(hurry, every_s=1.2)
    page = until_said(hall, ticket, "已过号")
    assert "请到导办台或原业务窗口重新排队。" in page.text


def test_a_ticket_taken_in_english_has_english_lines(hall):
    ticket = hall.take_ticket(queue="C", language="en")
    plain = hall.take_ticket(queue="C")
    page = until_said(hall, ticket, "前面没有人了")
    assert "Nobody is ahead of you" in page.text
    assert "Your number" in page.text
    assert "ahead" not in until_said(hall, plain, "前面还有 1 人").text
    window(hall, "CallNext", 7)
    assert "Please go to window 7" in until_said(hall, ticket, "请到 7 号窗口").text


def test_the_page_is_small_needs_no_script_and_nothing_from_elsewhere(hall):
    ticket = hall.take_ticket(queue="Q")
    page = hall.get(f"/t/{ticket['code']}")
    assert len(page.body) < 10_000
    for word in (
        "<script",
        "<img",
        "<link",
        "<a ",
        "<form",
        "href",
        "src=",
        "@import",
        "url(",
        "//",
    ):
        assert word not in page.text
    assert page.headers["Cache-Control"] == "no-store"
    assert page.headers["Referrer-Policy"] == "no-referrer"
    policy = page.headers["Content-Security-Policy"]
    assert policy.startswith("default-src 'none'; style-src 'sha256-")
    assert "unsafe" not in policy
    assert "Set-Cookie" not in page.headers


def test_the_page_names_no_other_ticket_and_no_id(hall):
    tickets = [hall.take_ticket(queue="L") for _ in range(3)]
    page = hall.get(f"/t/{tickets[2]['code']}").text
    for other in tickets[:2]:
        assert other["label"] not in page
        assert other["code"] not in page
    assert tickets[2]["visit"] not in page
    assert tickets[2]["code"] not in page


def test_every_unknown_code_gets_the_same_answer(hall):
    def seen(path):
        answer = hall.get(path)
        headers = {k: v for k, v in answer.headers.items() if k != "date"}
        return answer.status, sorted(headers.items()), answer.body

    label = hall.take_ticket()["label"]
    found = [
        seen(f"/t/{code}")
        for code in (secrets.token_urlsafe(12), *NO_CODES, label, "2026-11-23-" + label)
    ]
    assert [one for one in found if one != found[0]] == []
    assert found[0][0] == 404


def test_during_an_evacuation_every_page_says_leave(hall):
    ticket = hall.take_ticket(language="en")
    hall.post({"type": "StartEvacuation", "place": "desk"}, "desk")
    page = until_said(hall, ticket, "正在紧急疏散")
    assert "Leave the hall now." in page.text
    assert "人</p>" not in page.text
    hall.post({"type": "EndEvacuation", "place": "desk"}, "desk")
    until_said(hall, ticket, "请留意叫号")


def test_a_page_is_dead_when_its_day_is_over(hall):
    ticket = hall.take_ticket()
    dead = hall.get("/t/" + secrets.token_urlsafe(12))
    assert hall.get(f"/t/{ticket['code']}").status == 200
    offset = float(hall.daemon.clock.read_text())
    hall.daemon.clock.write_text(str(offset + 24 * 3600))

    def gone():
        page = hall.get(f"/t/{ticket['code']}")
        return page.status == 404 and page

    page = wait_until(gone)
    assert page.body == dead.body
