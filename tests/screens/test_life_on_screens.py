"""What the screens say of withdrawn calls, closed windows and queues, and numbers taken twice."""

import os

os.environ["SDL_VIDEODRIVER"] = "dummy"

from dataclasses import replace

import pygame
import pytest

from hallctl.core import commands as c
from hallctl.core import events as e
from hallctl.core.rules import Item, Span
from hallctl.core.visit import OPEN
from sample import RULES, at
from sample import Bench as Steps
from screens import gallery, sample
from screens.hall.model import GONE_S, HallModel
from screens.hall.screen import HallScreen
from screens.kiosk.pages import StatePage, TicketPage
from screens.kiosk.screen import KioskScreen
from screens.kit import tokens as k
from screens.kit.fonts import Fonts
from screens.kit.sight import Sight

ANSWER = {"queue": "A", "ahead": 2, "wait_low_min": 5, "wait_high_min": 10}


@pytest.fixture(scope="module")
def fonts():
    return Fonts()


def withdrawn(story, label="B022", window=6, reason="undo"):
    story.happen(
        e.CallWithdrawn(visit=label, label=label, window=window, reason=reason, back_to="waiting")
    )


def sight(story, after_s=0.0, mono_s=1000.0):
    """What a screen sees `after_s` after the last event."""
    now = replace(sample.moment("9:42"), wall_s=story.wall_s + after_s)
    return Sight(story.hall, now, None, mono_s)


def lint(canvas, smallest):
    width, height = canvas.surface.get_size()
    for line in canvas.written:
        box = line.box
        assert box.w <= line.room.w + 1, line.text
        assert box.x >= 0, line.text
        assert box.y >= 0, line.text
        assert box.right <= width, line.text
        assert box.bottom <= height, line.text
        assert line.size >= smallest or line.exempt, line.text
        assert not line.text.endswith("…"), line.text


def kept(canvas, name):
    """The picture, where somebody wants to look at it."""
    folder = os.environ.get("KEEP_PICTURES")
    if folder:
        pygame.image.save(canvas.surface, f"{folder}/{name}.png")


# The hall's screen.


def test_a_withdrawn_call_leaves_the_big_place_at_once_and_is_said_for_10_s():
    story = sample.morning()
    model = HallModel("hall-1", lambda _: "c1")
    assert model.show(sight(story)).big.label == "B022"
    withdrawn(story)
    board = model.show(sight(story, mono_s=1001.0))
    assert board.big.label == "A015"
    assert board.gone == ("B022",)
    assert model.show(sight(story, GONE_S - 0.1, 1002.0)).gone == ("B022",)
    assert model.show(sight(story, GONE_S, 1002.0)).gone == ()


def test_a_call_made_again_is_no_longer_said_to_be_withdrawn():
    story = sample.morning()
    model = HallModel("hall-1", lambda _: "c1")
    withdrawn(story)
    story.call("B022", 6)
    board = model.show(sight(story))
    assert board.gone == ()
    assert board.big.label == "B022"


def test_of_several_withdrawn_calls_the_newest_is_said_first():
    story = sample.morning()
    withdrawn(story)
    withdrawn(story, "A015", 3, "window_paused")
    board = HallModel("hall-1", lambda _: "c1").show(sight(story))
    assert board.gone == ("A015", "B022")
    assert board.small == ()


def test_the_screen_can_draw_a_withdrawn_call_beside_others_and_alone(fonts):
    story = sample.morning()
    withdrawn(story)
    beside = HallScreen("hall-1", lambda _: "c1")
    canvas = gallery.drawn(beside, beside.show(sight(story)), fonts)
    assert "叫号已撤回" in [line.text for line in canvas.written]
    lint(canvas, 28)
    kept(canvas, "beside")
    story.call(story.take("F"), 8)
    canvas = gallery.drawn(beside, beside.show(sight(story)), fonts)
    lint(canvas, 28)
    kept(canvas, "beside-two")

    story = sample.opened()
    story.call(story.take("A"), 1)
    withdrawn(story, "A001", 1)
    alone = HallScreen("hall-1", lambda _: "c1")
    canvas = gallery.drawn(alone, alone.show(sight(story)), fonts)
    assert {"A001", "叫号已撤回", "Call withdrawn"} <= {line.text for line in canvas.written}
    lint(canvas, 28)
    kept(canvas, "alone")


def test_a_window_without_a_clerk_is_shown_as_not_open(fonts):
    story = sample.opened()
    story.happen(e.RulesSet(rules=replace(sample.rules(), sign_on=True), digest="s"))
    story.happen(e.DayOpened(day="2024-12-10"))
    story.happen(e.StaffSignedOn(window=2, staff="1001", post="A"))
    screen = HallScreen("hall-1", lambda _: "c1")
    board = screen.show(sight(story))
    assert [(w.state, w.words) for w in board.windows[:3]] == [
        ("off", "未开放"), ("idle", "空闲"), ("off", "未开放"),
    ]  # fmt: skip
    canvas = gallery.drawn(screen, board, fonts)
    lint(canvas, 28)
    kept(canvas, "off")


def test_notices_of_today_stand_in_the_place_of_those_in_hall_yaml():
    story = sample.morning()
    model = HallModel("hall-1", lambda _: "c1")
    assert model.show(sight(story)).notices == 3
    story.happen(e.NoticesSet(notices=("今天下午停电。",)))
    board = model.show(sight(story))
    assert (board.notice, board.notice_at, board.notices) == ("今天下午停电。", 0, 1)
    story.happen(e.NoticesSet(notices=()))
    assert model.show(sight(story)).notices == 3


def test_longer_hours_are_shown():
    story = sample.morning()
    story.happen(e.HoursExtended(until_day_s=18 * 3600 + 1800))
    board = HallModel("hall-1", lambda _: "c1").show(sight(story))
    assert board.hours.endswith("13:00–18:30")


@pytest.mark.parametrize("ending", [*OPEN, "rating", "finished", "void"])
def test_no_status_of_a_visit_stops_a_screen(fonts, ending):
    steps = Steps(replace(RULES, items=(*RULES.items, Item("SB02", "社保卡办理", "A", "social"))))
    ways = {
        "waiting": (),
        "called": (c.CallNext(window=1),),
        "serving": (c.CallNext(window=1), c.Start(window=1)),
        "held": (c.CallNext(window=1), c.Start(window=1), c.Hold(window=1)),
        "no_show": (c.CallNext(window=1), "no_show"),
        "rating": (c.CallNext(window=1), c.Start(window=1), c.Finish(window=1)),
        "finished": (c.CallNext(window=1), c.Finish(window=1), "wait"),
        "void": (c.CancelTicket(visit="A001"),),
    }
    steps.ask(c.IssueTicket(queue="A"))
    for act in ways[ending]:
        if act == "wait":
            steps.later(120)
        elif act == "no_show":
            for _ in range(2):
                steps.later(30)
                steps.ask(c.Recall(window=1))
            steps.ask(c.MarkNoShow(window=1))
        else:
            steps.ask(act)
    assert steps.hall.visits["2026-11-23-A001"].status == ending
    seen = Sight(steps.hall, steps.now, None, 1000.0)
    for screen in (
        HallScreen("hall-1", lambda _: "c1"),
        KioskScreen("kiosk-1", lambda _: "c1", landscape=False),
    ):
        gallery.drawn(screen, screen.show(seen), fonts)


# The kiosk.


def kiosk(story, *, landscape=False, language="zh"):
    screen = KioskScreen("kiosk-1", lambda _: "c1", landscape=landscape)
    if language == "en":
        screen.touched("language", sight(story))
    screen.touched("unsure", sight(story))
    screen.touched("take", sight(story))
    return screen


def took_again(story, *, paper=True):
    label = story.take("A")
    screen = kiosk(story)
    result = {**ANSWER, "visit": label, "label": label, "job": "j2" if paper else "", "again": True}
    screen.answered("c1", True, result, {}, sight(story))
    return screen, label


def test_who_has_a_number_already_is_told_so_and_sees_it(fonts):
    story = sample.opened()
    screen, label = took_again(story)
    story.slip(label, "j2", reprint=True)
    page = screen.show(sight(story, mono_s=1001.0))
    assert isinstance(page, TicketPage)
    assert (page.title, page.label) == (f"您已领取过 {label} 号", label)
    canvas = gallery.drawn(screen, page, fonts)
    lint(canvas, k.KIOSK_SMALLEST)
    kept(canvas, "again")


def test_the_truth_about_its_copy_comes_before_that(fonts):
    story = sample.opened()
    screen, label = took_again(story)
    story.slip(label, "j2", reprint=True)
    story.happen(e.SlipHeld(job="j2", reason="paper_out"))
    assert screen.show(sight(story, mono_s=1001.0)).title == "号已排上，小票暂时打不了"


def test_a_copy_that_does_not_come_is_said_after_a_while():
    story = sample.opened()
    screen, label = took_again(story)
    story.slip(label, "j2", reprint=True)
    assert screen.show(sight(story, mono_s=1007.0)).title == f"您已领取过 {label} 号"
    assert screen.show(sight(story, mono_s=1009.0)).title == "号已排上，小票还没出来"


def test_a_number_taken_before_keeps_its_class_on_the_page():
    story = sample.opened()
    label = story.take("A")
    story.happen(e.ClassChanged(visit=label, klass="priority", virtual_s=0.0))
    screen = kiosk(story)
    result = {**ANSWER, "visit": label, "label": label, "job": "", "again": True}
    screen.answered("c1", True, result, {}, sight(story))
    page = screen.show(sight(story, mono_s=1001.0))
    assert page.number_words == "优先号码"
    assert page.title == f"您已领取过 {label} 号"


def refusals():
    """What the hall really says, by code, from a hall that refuses."""
    limited = replace(RULES.queues[0], quotas=(1, 1))
    quota = Steps(replace(RULES, queues=(limited, *RULES.queues[1:]), cut_off=False))
    quota.ask(c.IssueTicket(queue="A"))
    short = Steps(replace(RULES, sessions=(Span(9 * 3600, 9 * 3600 + 1860),)))
    short.ask(c.IssueTicket(queue="B"))
    closed = Steps()
    closed.ask(c.CloseQueue(queue="A", reason="系统维护，下午恢复。"))
    for code, steps, queue in (
        ("quota", quota, "A"), ("cut_off", short, "B"), ("queue_closed", closed, "A"),
    ):  # fmt: skip
        answer = steps.ask(c.IssueTicket(queue=queue)).answer
        assert answer["code"] == code, answer
        yield code, answer["words"]


@pytest.mark.parametrize("landscape", [False, True])
def test_a_refusal_stands_on_its_page_in_the_halls_own_words(fonts, landscape):
    for code, words in refusals():
        for language in ("zh", "en"):
            story = sample.opened()
            screen = kiosk(story, landscape=landscape, language=language)
            screen.answered("c1", False, {}, words, sight(story))
            page = screen.show(sight(story, mono_s=1001.0))
            assert isinstance(page, StatePage)
            assert page.sub == words[language]
            canvas = gallery.drawn(screen, page, fonts)
            kept(canvas, f"refused-{code}-{language}-{landscape}")
            lint(canvas, k.KIOSK_SMALLEST)


def test_a_closed_queue_is_said_on_its_tiles_before_anybody_asks(fonts):
    story = sample.morning()
    story.happen(e.QueueClosed(queue="B", reason=""))
    screen = KioskScreen("kiosk-1", lambda _: "c1", landscape=False)
    page = screen.show(sight(story))
    waits = {tile.target: tile.wait for tile in page.tiles}
    assert waits["tile:social"] == ("今天不再取号",)
    assert waits["tile:civil"] != waits["tile:social"]
    canvas = gallery.drawn(screen, page, fonts)
    lint(canvas, k.KIOSK_SMALLEST)
    kept(canvas, "closed-tile")


def test_after_hours_extended_numbers_are_taken_again():
    story = sample.morning()
    late = replace(sample.moment("17:10"), wall_s=story.wall_s)
    screen = KioskScreen("kiosk-1", lambda _: "c1", landscape=False)
    assert isinstance(screen.show(Sight(story.hall, late, None, 1000.0)), StatePage)
    story.happen(e.HoursExtended(until_day_s=18 * 3600 + 1800))
    assert not isinstance(screen.show(Sight(story.hall, late, None, 1000.0)), StatePage)
    assert at(17, 10).day_s == late.day_s


def test_the_boards_minutes_are_the_forecast_when_there_is_one():
    bench = Steps()
    bench.ask(c.IssueTicket(queue="A"))
    board = HallModel("hall-1", lambda _: "").show(
        Sight(bench.hall, at(9, 30), None, 1000.0, {"A": (7, 20)})
    )
    lines = {line.name: line.minutes for line in board.queues}
    assert lines["综合服务"] == "7–20"
    plain = HallModel("hall-1", lambda _: "").show(Sight(bench.hall, at(9, 30), None, 1000.0))
    assert {line.name: line.minutes for line in plain.queues}["综合服务"] != "7–20"
