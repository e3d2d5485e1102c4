"""The wait page made from a hall in memory: states that take long to reach on a real one."""

import pytest

from hallctl.config.load import load
from hallctl.core import events as e
from hallctl.core.applying import apply
from hallctl.core.hall import Hall
from hallctl.core.moment import Moment
from hallctl.device import driver_class
from hallctl.http.waitpage import UNKNOWN, drawn, found, page_of
from hallctl.texts import EN, ZH
from running import ROOT

CODE = "c0de-of-the-ticket"


class Followed:
    """What `Following` knows, as a test wants it."""

    def __init__(self, hall, now, stale_since_s=None, forecast=None):
        self.hall = hall
        self.stale_since_s = stale_since_s
        self.forecast = forecast
        self._now = now

    def now(self):
        return self._now


def moment(clock="9:30", day="2026-11-23", weekday=1):
    hours, minutes = map(int, clock.split(":"))
    day_s = hours * 3600 + minutes * 60
    return Moment(1_795_363_200.0 + day_s, 5.0 + day_s, day, day_s, weekday)


@pytest.fixture(scope="module")
def rules():
    return load(ROOT, driver_class=driver_class).rules


def happen(hall, event):
    apply(hall, e.Recorded(hall.seq + 1, "ep", 1_795_397_400.0, 1.0, "t", "", event))


@pytest.fixture
def hall(rules):
    """Two who wait: A001, then the one whose page is looked at."""
    hall = Hall()
    happen(hall, e.EpochBegun(reason="new", numbers={}))
    happen(hall, e.DayOpened(day="2026-11-23"))
    happen(hall, e.RulesSet(rules=rules, digest="d"))
    for number, code in ((1, "another-code-here"), (2, CODE)):
        happen(
            hall,
            e.TicketIssued(
                visit=f"2026-11-23-A00{number}", label=f"A00{number}", queue="A", number=number,
                item="", klass="ordinary", language="zh", kiosk="kiosk-1",
                virtual_s=1_795_397_400.0 + number, ahead=0, wait_low_min=0, wait_high_min=0,
                code=code,
            ),
        )  # fmt: skip
    return hall


def said(page):
    return "\n".join(" ".join(line.words) for line in page.lines)


def test_a_silent_hall_says_since_when_and_no_number_of_people(hall):
    page = page_of(Followed(hall, moment(), stale_since_s=1_795_397_400.0), CODE)
    assert page.status == 503
    assert page.label == "A002"
    assert "从 9:30 起没有更新" in said(page)
    assert "人" not in said(page).replace("人员", "")
    assert page.again_s == 20


def test_a_hall_never_heard_answers_every_code_alike():
    pages = [page_of(Followed(Hall(), None, stale_since_s=0.0), code) for code in (CODE, "x")]
    assert pages[0] == pages[1]
    assert pages[0].status == 503
    assert "正在连接大厅" in said(pages[0])


def test_at_lunch_the_page_says_when_calls_go_on(hall):
    page = page_of(Followed(hall, moment("12:10")), CODE)
    assert "前面还有 1 人" in said(page)
    assert "现在午休，13:00 接着叫号。" in said(page)
    assert "午休" not in said(page_of(Followed(hall, moment("9:10")), CODE))


def test_a_range_is_shown_as_about_and_only_while_there_is_one(hall):
    told = {"queues": {}, "visits": {"2026-11-23-A002": {"ahead": 1, "low_min": 4, "high_min": 10}}}
    assert "约 4–10 分钟" in said(page_of(Followed(hall, moment(), forecast=told), CODE))
    assert "分钟" not in said(page_of(Followed(hall, moment()), CODE))
    told["visits"]["2026-11-23-A002"] |= {"low_min": None, "high_min": None}
    assert "分钟" not in said(page_of(Followed(hall, moment(), forecast=told), CODE))


@pytest.mark.parametrize(
    "now", [moment(day="2026-11-24", weekday=2), moment("23:59")], ids=["next day", "midnight"]
)
def test_a_code_of_yesterday_is_no_code(hall, now):
    late = Moment(now.wall_s, now.mono_s, now.day, 86_399, now.weekday)
    assert page_of(Followed(hall, now if now.day_s < 86_000 else late), CODE) is UNKNOWN


def test_a_code_of_a_closed_day_is_no_code_even_while_the_hall_is_silent(hall):
    happen(hall, e.DayClosed(day="2026-11-23", issued=2, finished=0, missed=0, voided=0))
    assert page_of(Followed(hall, moment("17:30")), CODE) is UNKNOWN
    assert page_of(Followed(hall, moment("17:30"), stale_since_s=1.0), CODE) is UNKNOWN


@pytest.mark.parametrize("code", ["", " ", CODE[:-1], CODE.upper(), CODE + "x", "A002", "\udcff"])
def test_only_the_whole_code_finds_the_ticket(hall, code):
    assert found(hall, CODE, moment()).label == "A002"
    assert found(hall, code, moment()) is None


def test_tickets_without_a_code_have_no_page(hall):
    for visit in hall.visits.values():
        visit.code = ""
    assert found(hall, "", moment()) is None


def test_a_name_from_the_hall_cannot_be_markup(hall):
    hall.visits["2026-11-23-A002"].label = "<script>"
    answer = drawn(page_of(Followed(hall, moment()), CODE), "<b>&\"'")
    assert b"<script" not in answer.body
    assert b"<b>" not in answer.body


def test_the_words_fit_a_narrow_telephone():
    longest = max(len(text) for key, text in ZH.items() if key.startswith("phone."))
    assert longest < 30
    assert max(len(text) for key, text in EN.items() if key.startswith("phone.")) < 80
