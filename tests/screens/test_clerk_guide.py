"""The guide's desk: tickets for others, help, paper, the evacuation, against the real core."""

from dataclasses import replace

import pytest

from clerk_life import Terminal
from hallctl.core import commands as c
from hallctl.core import reports as r
from screens.clerk import pages
from screens.kit.touch import Touch


def guide(many=0):
    terminal = Terminal(guide=True)
    for _ in range(many):
        terminal.bench.ask(c.IssueTicket(queue="A", kiosk="kiosk-1"))
    return terminal


def found(terminal, *digits):
    terminal.touch("find", *(f"digit:{d}" for d in digits), "ok")
    return terminal


def missed(terminal):
    terminal.bench.ask(c.CallNext(window=1))
    for _ in range(2):
        terminal.later(30)
        terminal.bench.ask(c.Recall(window=1))
    terminal.bench.ask(c.MarkNoShow(window=1))


def test_a_number_is_given_by_kind_and_item_and_shown():
    terminal = guide()
    terminal.touch("issue", "category:social", "code:JZ01", "take:ordinary")
    page = terminal.page
    assert isinstance(page, pages.TicketPage)
    assert (page.label, page.chip.words) == ("A001", "等候中")
    assert dict(page.lines)["小票"] == "正在打印"
    assert terminal.sent[-1] == c.IssueTicket(item="JZ01", kiosk="kiosk-1")


def test_a_number_is_given_for_a_queue_and_with_priority():
    terminal = guide()
    terminal.touch("issue", "category:social", "queue:B", "take:priority")
    assert terminal.hall.labelled("B001").klass == "priority"


def test_who_does_not_know_gets_the_general_queue():
    terminal = guide()
    terminal.touch("issue", "queue:A", "take:ordinary")
    assert terminal.page.label == "A001"


def test_a_ticket_is_found_by_touch_and_by_keys():
    terminal = found(guide(3), 3)
    assert dict(terminal.page.lines)["前面"] == "2 人"
    terminal.key("escape", "2", "return")
    assert terminal.page.label == "A002"


def test_a_number_nobody_has_is_said_and_may_be_typed_again():
    terminal = found(guide(), 9)
    assert terminal.page.toast.words == "今天没有 A009 号。"
    assert isinstance(terminal.page, pages.Digits)


def came(terminal, digits):
    """A905 is typed, and when it was handed out."""
    return found(terminal, 9, 0, 5).touch(*(f"digit:{d}" for d in digits), "ok")


def test_a_pre_printed_number_is_entered_with_when_it_was_handed_out():
    terminal = guide(1)
    page = found(terminal, 9, 0, 5).page
    assert (page.title, page.prefixes) == ("A905 是预印号，几点发的？", ())
    terminal.touch("digit:9", "digit:1", "digit:2")
    assert terminal.page.shown == "9:12"
    terminal.touch("ok")
    assert terminal.sent[-1] == c.EnterPreprinted(label="A905", came_day_s=9 * 3600 + 12 * 60)
    page = terminal.page
    assert (page.label, page.chip.words) == ("A905", "等候中")
    assert (dict(page.lines)["取号"], dict(page.lines)["前面"]) == ("9:12", "0 人")
    assert [v.label for v in terminal.hall.waiting("A")] == ["A905", "A001"]
    terminal.touch("back")
    assert found(terminal, 9, 0, 5).page.label == "A905", "now it is found like any other"


def test_keys_enter_a_pre_printed_number_too():
    terminal = guide()
    terminal.key("9", "0", "6", "return", "0", "9", "0", "0", "return")
    assert terminal.page.label == "A906"


@pytest.mark.parametrize(
    ("digits", "said"),
    [
        ("967", "没有这个时间，请再按一次。"),
        ("2500", "没有这个时间，请再按一次。"),
        ("91200", "没有这个时间，请再按一次。"),
        ("2300", "23:00 还没到，现在是 9:30。"),
        ("12", "来的时间 0:12 太早：今天 8:45 才开始取号。"),
    ],
)
def test_a_time_that_cannot_be_is_said_and_may_be_typed_again(digits, said):
    terminal = guide()
    came(terminal, digits)
    assert terminal.page.toast.words == said
    assert isinstance(terminal.page, pages.Digits)
    assert terminal.hall.labelled("A905") is None


def test_where_no_numbers_are_pre_printed_there_is_no_such_ticket():
    terminal = guide()
    terminal.hall.rules = replace(terminal.hall.rules, preprinted=None)
    found(terminal, 9, 0, 5)
    assert terminal.page.toast.words == "今天没有 A905 号。"


def test_a_ticket_is_printed_again():
    terminal = guide(1)
    job = next(iter(terminal.hall.jobs))
    terminal.bench.report("printer-1", r.SlipReady(job=job))
    terminal.bench.report("printer-1", r.SlipPrinted(job=job))
    found(terminal, 1).touch("reprint")
    assert dict(terminal.page.lines)["小票"] == "正在打印"
    assert [j.reprint for j in terminal.hall.jobs.values()] == [False, True]
    terminal.touch("reprint")
    assert terminal.page.toast.words == "这张号票正在打印，请稍等。"


def test_a_ticket_is_cancelled_in_two_steps():
    terminal = found(guide(1), 1)
    terminal.touch("cancel", "ticket")
    assert terminal.status("A001") == "waiting"
    terminal.touch("cancel", "void")
    assert terminal.page.chip.words == "已作废"
    assert {t.id for t in terminal.canvas().targets} == {"back"}


def test_a_missed_ticket_waits_again():
    terminal = guide(2)
    missed(terminal)
    found(terminal, 1)
    assert terminal.page.chip.words == "已过号"
    terminal.touch("rejoin")
    assert terminal.status("A001") == "waiting"
    assert [v.label for v in terminal.hall.waiting("A")] == ["A002", "A001"]


def test_priority_is_given_and_taken():
    terminal = found(guide(2), 2)
    terminal.touch("class:priority")
    assert terminal.hall.waiting("A")[0].label == "A002"
    terminal.touch("class:ordinary")
    assert terminal.hall.labelled("A002").klass == "ordinary"


def test_a_ticket_at_a_window_is_left_to_the_clerk():
    terminal = guide(1)
    terminal.bench.ask(c.CallNext(window=2))
    found(terminal, 1)
    assert dict(terminal.page.lines)["在"] == "2 号窗口"
    assert {t.id for t in terminal.canvas().targets} == {"reprint", "back"}


def test_help_calls_say_who_and_since_when_and_are_answered():
    terminal = guide()
    terminal.bench.ask(c.AskHelp(place="window-3"))
    terminal.later(120)
    terminal.bench.ask(c.AskHelp(place="kiosk-1"))
    helps = terminal.page.helps
    assert [(b.words, b.sub) for b in helps] == [
        ("3 号窗口", "9:30 起，2 分钟"),
        ("取号机 1", "9:32 起，0 分钟"),
    ]
    terminal.touch("help:window-3")
    assert terminal.hall.help.keys() == {"kiosk-1"}
    terminal.touch("helps", "help:kiosk-1")
    assert terminal.page.empty == "没有人叫"


def test_alerts_stand_at_the_guides_desk_the_red_ones_first_and_lead_to_what_they_are_about():
    terminal = guide(1)
    assert (terminal.button("alerts").words, terminal.button("alerts").tone) == ("提醒  0", "")
    terminal.bench.ask(c.LoadPaper(printer="printer-1", length_m=1))
    terminal.later(25 * 60)
    assert (terminal.button("alerts").words, terminal.button("alerts").tone) == ("提醒  2", "brand")
    terminal.touch("alerts")
    assert [(b.words, b.tone) for b in terminal.page.buttons] == [
        ("打印机 printer-1 的纸约够 7 张号票：请备好新纸", "bad"),
        ("A001 号已等 25 分钟", "warn"),
    ]
    terminal.touch("look:2026-11-23-A001")
    assert terminal.page.label == "A001"
    terminal.touch("back", "alerts", "printer:printer-1", "loaded", "back")
    terminal.later(1)
    assert terminal.button("alerts").words == "提醒  1"
    terminal.touch("alerts")
    terminal.bench.ask(c.CallNext(window=1))
    terminal.later(1)
    assert terminal.page.empty == "没有提醒"


def test_a_new_roll_is_told_and_then_counted():
    terminal = guide()
    terminal.bench.report("printer-1", r.Condition(part="paper", state="out"))
    assert terminal.button("printers").sub == "打印机缺纸"
    terminal.touch("printers", "printer:printer-1", "loaded")
    assert terminal.hall.paper["printer-1"].length_mm == 50_000
    assert terminal.page.buttons[0].sub.endswith("还能打约 384 张")


def test_a_printer_that_answers_no_more_is_told_and_one_that_never_did_is_not():
    terminal = guide(1)
    bench, (job,) = terminal.bench, terminal.hall.jobs
    bench.report("printer-1", r.LinkUp())
    bench.report("printer-1", r.Condition(part="state", state="unknown"))
    assert terminal.button("printers").sub == ""
    bench.report("printer-1", r.SlipReady(job=job))
    bench.report("printer-1", r.SlipPrinted(job=job, proven=True))
    assert terminal.button("printers").sub == "打印机没有回答"


def test_the_overview_tells_each_queue_and_where_it_is_served():
    terminal = guide(2)
    terminal.bench.ask(c.Pause(window=3))
    rows = {row.name: row for row in terminal.page.rows}
    assert (rows["综合服务"].waiting, rows["综合服务"].next) == ("2 人", "A001")
    assert rows["社会保障"].where == "没有窗口在办"
    assert rows["社会保障"].tone == "warn"


def held(terminal, seconds):
    """A finger on 紧急疏散 for so long; answers what acted, and what was said meanwhile."""
    canvas = terminal.canvas()
    touch = Touch(canvas.targets)
    box = next(t.box for t in canvas.targets if t.id == "evacuate")
    touch.down(1, box.cx, box.cy, 0.0)
    canvas.pressed, canvas.held_s = touch.pressed, int(touch.held_s(seconds))
    terminal.screen.draw(canvas, terminal.page)
    acted = touch.held(seconds) or touch.up(1, box.cx, box.cy)
    return acted, [line.text for line in canvas.written]


@pytest.mark.parametrize(("seconds", "acted"), [(0.1, ""), (2.9, ""), (3.0, "evacuate")])
def test_an_evacuation_starts_only_after_three_seconds(seconds, acted):
    assert held(guide(), seconds)[0] == acted


def test_while_it_is_held_the_seconds_left_are_shown():
    assert "还要按住 2 秒，松手就取消" in held(guide(), 1.2)[1]


def test_an_evacuation_shows_who_is_clear_and_ends_in_two_steps():
    terminal = guide(1)
    terminal.screen.touched("evacuate", terminal.sight())
    terminal.answer()
    assert terminal.hall.evacuation_s
    page = terminal.page
    assert (page.title, page.areas_title) == ("请马上离开", "已清空 0/3 个窗口")
    terminal.bench.ask(c.ConfirmClear(window=2))
    assert [a.tone for a in terminal.page.areas] == ["warn", "ok", "warn"]
    terminal.touch("end", "back")
    assert terminal.hall.evacuation_s
    terminal.touch("end", "ended")
    assert not terminal.hall.evacuation_s
    assert terminal.status("A001") == "waiting"


def test_without_the_hall_the_guide_sees_no_numbers_and_can_touch_nothing():
    terminal = guide(2)
    terminal.stale_s = terminal.bench.now.wall_s
    assert terminal.canvas().targets == []
    assert terminal.page.rows == ()
    assert "9:30 起断网" in terminal.words()


def test_in_an_evacuation_without_the_hall_nothing_can_be_ended():
    terminal = guide()
    terminal.bench.ask(c.StartEvacuation(place="x"))
    terminal.stale_s = terminal.bench.now.wall_s
    assert terminal.canvas().targets == []


def test_after_hours_a_refusal_is_said_in_words():
    terminal = guide()
    terminal.bench.now = replace(terminal.bench.now, day_s=18 * 3600)
    terminal.touch("issue", "queue:A", "take:ordinary")
    assert terminal.page.toast.words.startswith("现在不在取号时间。")


def test_the_bell_rings_for_who_calls_until_somebody_goes_and_once_for_a_red_alert():
    terminal = guide()
    rings = []
    terminal.screen.model.ring = lambda: rings.append(terminal.mono_s)

    def rung(after_s=0.0):
        terminal.mono_s += after_s
        before = len(rings)
        terminal.page  # noqa: B018 - it is shown
        terminal.page  # noqa: B018
        return len(rings) - before

    assert rung() == 0
    terminal.bench.ask(c.AskHelp(place="window-3"))
    terminal.bench.ask(c.AskHelp(place="kiosk-1"))
    assert rung() == 1, "once for both"
    assert rung(29) == 0
    assert rung(1) == 1, "nobody has gone"
    terminal.stale_s = 1.0
    assert rung(60) == 0, "nobody knows whether they still wait"
    terminal.stale_s = None
    assert rung() == 1
    for place in ("window-3", "kiosk-1"):
        terminal.bench.ask(c.AnswerHelp(place=place))
    assert rung(60) == 0
    terminal.bench.ask(c.AskHelp(place="kiosk-1"))
    assert rung() == 1, "called anew"
    terminal.bench.ask(c.AnswerHelp(place="kiosk-1"))
    terminal.bench.ask(c.LoadPaper(printer="printer-1", length_m=1))
    terminal.later(1)
    assert rung() == 1, "a red alert"
    assert rung(300) == 0
