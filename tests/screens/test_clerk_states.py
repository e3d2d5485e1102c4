"""The clerk's terminal in every state: signing on, devices, no hall, evacuation, lunch."""

from dataclasses import replace

from clerk_life import HALL, POSTS, Terminal
from hallctl.core import commands as c
from hallctl.core import events as e
from hallctl.core import reports as r
from hallctl.core.rules import Window
from screens.clerk import pages


def queue(terminal, many=1, **changes):
    for _ in range(many):
        terminal.bench.ask(c.IssueTicket(**{"queue": "A", "kiosk": "kiosk-1", **changes}))
    return terminal


def serving(item=""):
    terminal = queue(Terminal(), item=item)
    terminal.touch("next", "start")
    return terminal


def test_where_the_hall_asks_for_it_a_clerk_signs_on_by_touch():
    terminal = Terminal(rules=POSTS)
    assert isinstance(terminal.page, pages.Digits)
    terminal.touch("digit:0", "digit:1", "digit:0", "digit:1", "ok")
    assert terminal.hall.windows[1].staff == "0101"
    assert terminal.page.top.staff == "工号 0101"
    terminal.touch("more", "signoff")
    assert isinstance(terminal.page, pages.Digits)


def test_who_covers_for_another_says_why():
    terminal = Terminal(rules=POSTS)
    terminal.key("0", "1", "0", "2", "return")
    assert terminal.page.title == "工号 0102 为什么顶岗？"
    terminal.touch("cover:leave")
    assert terminal.hall.windows[1].staff == "0102"


def test_a_wrong_number_is_refused_and_the_page_stays():
    terminal = Terminal(rules=POSTS)
    terminal.key("9", "9", "9", "return")
    assert terminal.page.toast.words == "没有工号 999。"
    assert isinstance(terminal.page, pages.Digits)


def test_devices_of_the_window_are_told_in_words_first_what_is_wrong():
    terminal = Terminal()
    assert [chip.words for chip in terminal.page.top.chips][:2] == ["叫号器未知", "评价器未知"]
    for device in ("keypads", "pad-1", "printer-1"):
        terminal.bench.report(device, r.LinkUp())
    assert [chip.tone for chip in terminal.page.top.chips] == ["ok", "ok", "ok"]
    terminal.bench.report("pad-1", r.LinkDown(evidence="", remedy="replug"))
    terminal.bench.report("printer-1", r.Condition(part="paper", state="out"))
    assert [chip.words for chip in terminal.page.top.chips] == ["评价器断开", "打印机缺纸"]


def test_without_the_hall_nothing_can_be_touched_and_it_is_said_since_when():
    terminal = queue(serving(), 2)
    terminal.stale_s = terminal.bench.now.wall_s
    assert terminal.canvas().targets == []
    assert "9:30 起断网" in terminal.words()
    assert terminal.page.line == ()
    terminal.key("space", "r", "p", "1", "return")
    terminal.screen.touched("finish", terminal.sight())
    assert terminal.status("A001") == "serving"


def test_in_an_evacuation_only_clear_can_be_touched():
    terminal = serving()
    terminal.bench.ask(c.StartEvacuation(place="guide"))
    assert [t.id for t in terminal.canvas().targets] == ["clear"]
    terminal.key("space")
    assert terminal.status("A001") == "serving"
    terminal.touch("clear")
    assert 1 in terminal.hall.cleared
    assert terminal.canvas().targets == []
    assert "本区已清空  9:30" in terminal.words()
    terminal.bench.ask(c.EndEvacuation(place="guide"))
    assert terminal.page.case.label == "A001"


def test_the_line_shows_the_next_four_in_the_order_in_which_they_are_called():
    terminal = queue(Terminal(), 5)
    terminal.bench.ask(c.IssueTicket(queue="A", klass="priority", kiosk="kiosk-1"))
    terminal.later(660)
    page = terminal.page
    assert page.waiting == "等 6 人"
    assert [n.label for n in page.line] == ["A006", "A001", "A002", "A003"]
    assert page.line[0].wait == "优先  等 11 分"
    terminal.touch("next")
    assert terminal.page.case.label == "A006"


def test_a_window_of_two_queues_chooses_whose_number_it_calls():
    terminal = queue(Terminal(window=3), queue="A")
    terminal.touch("special", "prefix:A", "digit:1", "ok")
    assert terminal.status("A001") == "called"


def test_a_grade_is_never_shown_to_the_clerk():
    terminal = serving()
    terminal.touch("finish")
    before = terminal.words()
    terminal.bench.ask(c.Rate(window=1, grade=1))
    after = terminal.words()
    assert not set(after) & {"非常不满意", "不满意", "1 分"}
    assert "A001 已办结，正请评价" in before


def test_at_lunch_the_clerk_sees_how_many_are_left_of_the_morning():
    terminal = queue(Terminal(), 2)
    terminal.bench.now = replace(terminal.bench.now, day_s=12 * 3600 + 600)
    assert terminal.page.waiting_sub == "午休，剩 2 人"


def test_names_and_numbers_of_a_window_come_from_the_rules():
    window = Window(1, "民政窗口", "Civil", "民政", ("A",))
    rules = replace(HALL, windows=(window, *HALL.windows[1:]))
    assert Terminal(rules=rules).page.top.title == "号窗口  民政"


def test_a_hall_without_a_printer_says_so_and_prints_nothing():
    bare = replace(HALL, fittings=())
    terminal = queue(Terminal(rules=bare), item="JZ01")
    terminal.touch("next", "start")
    assert "没有打印机" in terminal.words()
    assert e.SlipQueued not in {type(one.event) for one in terminal.bench.recorded}


def test_while_nothing_happens_the_page_stays_the_same_and_nothing_is_drawn():
    terminal = queue(Terminal(), 3, item="JZ01")
    terminal.touch("next", "start")
    terminal.later(15)
    before = terminal.page
    terminal.later(1)
    assert terminal.page == before


def test_who_is_being_served_is_not_finished_by_the_way():
    terminal = queue(Terminal(), 2)
    terminal.touch("next", "start", "more")
    targets = {t.id for t in terminal.canvas().targets}
    assert not targets & {"special", "held", "item:walk"}


def test_a_page_of_choices_gives_way_when_nobody_touches_it():
    terminal = queue(Terminal())
    terminal.touch("pause")
    terminal.mono_s += 58
    assert isinstance(terminal.page, pages.Choices)
    terminal.mono_s += 3
    assert isinstance(terminal.page, pages.WindowPage)


def test_the_transfer_page_goes_when_who_was_here_has_gone():
    terminal = queue(Terminal())
    terminal.touch("next", "start", "transfer")
    terminal.bench.ask(c.Finish(window=1))
    assert isinstance(terminal.page, pages.WindowPage)
