"""The clerk's terminal: whole visits by touch and by key, against the real core."""

import pytest

from clerk_life import Terminal
from hallctl.core import commands as c
from hallctl.core import reports as r
from screens.clerk import pages
from screens.clerk.keys import act, digit


def queue(terminal, many=1, **changes):
    for _ in range(many):
        terminal.bench.ask(c.IssueTicket(**{"queue": "A", "kiosk": "kiosk-1", **changes}))
    return terminal


def serving(item=""):
    terminal = queue(Terminal(), item=item)
    terminal.touch("next", "start")
    return terminal


def test_a_whole_visit_by_touch_is_three_presses_of_the_one_primary_button():
    terminal = queue(Terminal(), 2)
    words = [terminal.page.primary.words]
    for target in ("next", "start", "finish"):
        terminal.touch(target)
        words.append(terminal.page.primary.words)
    assert words == ["叫下一位", "开始办理", "办结，请评价", "叫下一位"]
    assert terminal.status("A001") == "rating"
    assert [type(s).__name__ for s in terminal.sent] == ["CallNext", "Start", "Finish"]


def test_a_whole_visit_by_key_is_three_times_space():
    terminal = queue(Terminal())
    terminal.key("space", "space", "space")
    assert terminal.status("A001") == "rating"


def test_a_button_pressed_twice_acts_once_while_it_is_unanswered_and_says_so():
    terminal = queue(Terminal(), 2)
    for _ in range(2):
        terminal.screen.touched("next", terminal.sight())
    assert len(terminal.sent) == 1
    assert terminal.page.primary.busy
    terminal.answer()
    assert not terminal.page.primary.busy


def test_a_double_tap_on_finish_does_not_call_the_next_one():
    terminal = queue(Terminal(), 2)
    terminal.touch("next", "start")
    terminal.screen.touched("finish", terminal.sight())
    terminal.answer()
    terminal.screen.touched("next", terminal.sight())
    terminal.answer()
    assert terminal.status("A002") == "waiting"
    terminal.mono_s += 1
    terminal.touch("next")
    assert terminal.status("A002") == "called"


def test_nothing_is_shown_before_the_hall_says_so():
    terminal = queue(Terminal())
    terminal.screen.touched("next", terminal.sight())
    assert terminal.page.case.label == "空闲"
    terminal.answer()
    assert terminal.page.case.label == "A001"


def test_an_answer_that_does_not_come_is_said_after_five_seconds():
    terminal = queue(Terminal())
    terminal.screen.touched("next", terminal.sight())
    terminal.mono_s += 6
    assert terminal.page.toast.words == "大厅还没有回答，请稍等。"


def test_calling_again_waits_twenty_seconds_and_counts_to_three_before_no_show():
    terminal = queue(Terminal())
    terminal.touch("next")
    recall, miss = terminal.page.buttons[:2]
    assert (recall.words, recall.sub, recall.target) == ("再叫一次 1/3", "20 秒后可以再叫", "")
    assert (miss.target, miss.sub) == ("", "叫满 3 次才行")
    for count in ("2/3", "3/5"):
        terminal.later(21)
        terminal.touch("recall")
        assert terminal.page.buttons[0].words == f"再叫一次 {count}"
    terminal.touch("miss")
    assert terminal.status("A001") == "no_show"


def test_at_the_fifth_call_the_clerk_is_told_to_press_no_show():
    terminal = queue(Terminal())
    terminal.touch("next")
    for _ in range(4):
        terminal.later(21)
        terminal.key("r")
    assert terminal.page.case.notes[0].words == "叫了 5 次没来，请按过号"
    assert terminal.page.buttons[0].target == ""
    assert terminal.page.buttons[1].tone == "warn"
    terminal.key("m")
    assert terminal.status("A001") == "no_show"


def test_a_refusal_is_said_in_the_halls_words_for_six_seconds():
    terminal = queue(Terminal())
    terminal.touch("next")
    terminal.key("r")
    assert terminal.page.toast.words.startswith("刚叫过，请过")
    assert terminal.page.toast.words in terminal.words()
    terminal.mono_s += 5.5
    assert terminal.page.toast is None


def test_a_press_can_be_taken_back_for_ten_seconds_with_the_seconds_shown():
    terminal = queue(Terminal())
    terminal.touch("next", "start", "finish")
    undo = terminal.button("undo")
    assert (undo.words, undo.sub) == ("撤回办结", "10 秒内")
    terminal.later(4)
    assert terminal.button("undo").sub == "6 秒内"
    terminal.touch("undo")
    assert terminal.status("A001") == "serving"
    terminal.key("space")
    terminal.later(11)
    assert terminal.button("undo") is None
    terminal.key("u")
    assert terminal.page.toast.words == "超过 10 秒，不能撤回了。"


def test_a_held_visit_stands_in_the_list_and_is_called_back():
    terminal = serving()
    terminal.touch("hold")
    assert terminal.status("A001") == "held"
    terminal.later(300)
    assert terminal.button("held").words == "接着办  1 人"
    terminal.touch("held")
    assert terminal.page.buttons[0].sub == "5 分钟前  1 号窗口"
    terminal.touch("callback:A001")
    assert terminal.status("A001") == "called"


def test_by_key_a_held_visit_is_held_and_chosen_with_its_number():
    terminal = queue(Terminal())
    terminal.key("space", "space", "h")
    terminal.touch("held")
    terminal.key("1")
    assert terminal.status("A001") == "called"


@pytest.mark.parametrize(
    ("target", "command"),
    [
        ("queue:B", c.Transfer(window=1, queue="B")),
        ("queue:A", c.Transfer(window=1, queue="A")),
        ("window:3", c.Transfer(window=1, to_window=3)),
    ],
)
def test_a_visit_is_transferred_to_what_is_chosen(target, command):
    terminal = serving()
    terminal.touch("transfer", target)
    assert terminal.sent[-1] == command
    assert terminal.status("A001") == "waiting"


def test_transfer_does_not_offer_the_window_itself():
    terminal = serving()
    terminal.touch("transfer")
    assert "window:1" not in [t.id for t in terminal.canvas().targets]


def test_a_pause_has_a_reason_and_a_time_of_return():
    terminal = Terminal()
    terminal.touch("pause", "reason:papers", "until:15")
    state = terminal.hall.windows[1]
    assert (state.status, state.pause_reason) == ("paused", "取送材料")
    assert state.pause_until_s == pytest.approx(terminal.bench.now.wall_s + 900)
    assert [n.words for n in terminal.page.case.notes] == ["取送材料", "约 9:45 恢复"]
    assert terminal.page.primary.words == "恢复服务"
    terminal.later(1000)
    assert terminal.page.case.notes[1].words == "说好 9:45 恢复，已经过了"
    terminal.touch("resume")
    assert terminal.hall.windows[1].status == "idle"


def test_p_opens_the_pause_and_ends_it_and_escape_leaves_it():
    terminal = Terminal()
    terminal.key("p", "escape")
    assert isinstance(terminal.page, pages.WindowPage)
    terminal.key("p", "2", "6")
    assert terminal.hall.windows[1].pause_until_s == 0.0
    terminal.key("p")
    assert terminal.hall.windows[1].status == "idle"


def test_missing_papers_are_printed_and_the_slip_is_told_as_it_really_is():
    terminal = serving("JZ01")
    terminal.touch("tick:1", "tick:3", "notice")
    notice = terminal.sent[-1]
    assert notice == c.PrintNotice(
        item="JZ01", missing=(2,), place="kiosk-1", visit="2026-11-23-A001"
    )
    assert terminal.button("notice").sub == "正在打印"
    job = list(terminal.hall.jobs)[-1]
    terminal.bench.report("printer-1", r.SlipReady(job=job))
    terminal.bench.report("printer-1", r.SlipPrinted(job=job))
    assert terminal.button("notice").sub == "打好了"


def test_with_all_papers_there_is_nothing_to_print():
    terminal = serving("JZ01")
    terminal.touch("tick:1", "tick:2", "tick:3")
    assert terminal.button("notice") is None
    assert "材料都齐了" in terminal.words()
    terminal.touch("tick:2")
    assert terminal.button("notice").sub == "缺 1 样"


def test_ticks_belong_to_one_visit_and_one_item():
    terminal = queue(Terminal(), 2, item="JZ01")
    terminal.touch("next", "start", "tick:1", "finish", "next", "start")
    assert [p.ticked for p in terminal.page.case.papers] == [False, False, False]


def test_an_unknown_item_is_chosen_by_its_kind():
    terminal = serving()
    assert terminal.page.case.item == "事项未定，点这里选"
    terminal.touch("item:set", "category:social", "code:JZ01")
    assert terminal.page.case.item == "居住证办理"
    assert terminal.page.case.papers_title == "材料核对  0/3"


def test_one_more_matter_goes_on_the_same_ticket():
    terminal = serving("JZ01")
    terminal.touch("item:add", "category:social", "code:JZ02")
    assert (terminal.page.primary.words, terminal.page.primary.sub) == (
        "办完这件，办下一件",
        "居住证签注",
    )
    terminal.touch("finish")
    assert (terminal.status("A001"), terminal.page.case.item) == ("serving", "居住证签注")


def test_somebody_without_a_ticket_is_served_at_once():
    terminal = Terminal()
    terminal.touch("item:walk", "code:")
    assert terminal.status("A001") == "serving"


def test_what_could_not_be_done_is_raised():
    terminal = serving("JZ01")
    terminal.touch("stuck")
    raised = terminal.hall.labelled("B001")
    assert raised.behind == "2026-11-23-A001"


def test_a_number_is_called_by_touch_and_by_digits_and_enter():
    terminal = queue(Terminal(), 3)
    terminal.touch("special", "digit:3", "ok")
    assert terminal.status("A003") == "called"
    other = queue(Terminal(), 3)
    other.key("2")
    assert other.page.typed.startswith("2")
    other.key("return")
    assert other.status("A002") == "called"


@pytest.mark.parametrize(
    ("key", "typed", "meaning"),
    [
        ("enter", "", "next"), ("enter", "12", "call"), ("[+]", "", "recall"),
        ("[-]", "", "miss"), ("[*]", "", "transfer"), ("[/]", "", "pause"),
        ("[.]", "", "finish"), ("[-]", "0", "finish"), ("[*]", "6", "send"),
        ("space", "", "primary"), ("f9", "", ""),
    ],
)  # fmt: skip
def test_the_numeric_keypad_means_what_a_clerks_keypad_means(key, typed, meaning):
    assert act(key, typed) == meaning
    assert digit("[7]") == digit("7") == "7"
    assert digit("[+]") == digit("f7") == ""


def test_a_whole_visit_on_the_numeric_keypad():
    terminal = queue(Terminal(), 2)
    terminal.key("enter", "space", "[0]", "[-]", "enter")
    assert [terminal.status(n) for n in ("A001", "A002")] == ["rating", "called"]


def test_help_is_asked_for_once_and_shown_as_asked():
    terminal = Terminal()
    terminal.touch("help")
    assert terminal.hall.help.keys() == {"window-1"}
    assert (terminal.page.help.words, terminal.page.help.target) == ("已叫人", "")


def test_on_the_transfer_page_a_digit_is_a_window_and_nothing_else():
    terminal = serving()
    terminal.touch("transfer")
    terminal.key("1", "9", "0")
    assert terminal.status("A001") == "serving"
    terminal.key("2")
    assert terminal.sent[-1] == c.Transfer(window=1, to_window=2)
