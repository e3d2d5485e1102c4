"""What the screen over a window says: its number, who is next, or where to go instead."""

import os

os.environ["SDL_VIDEODRIVER"] = "dummy"

from dataclasses import replace

import pytest

from hallctl.core import commands as c
from hallctl.core import events as e
from hallctl.core.commands import ReportShown
from hallctl.core.view import stand_ins
from sample import RULES
from sample import Bench as Steps
from screens import sample
from screens.kit import tokens as k
from screens.kit.fonts import Fonts
from screens.kit.scene import Scene, scenes_of
from screens.kit.sight import Sight
from screens.window.model import BLIND_S, GONE_S, Board, Dark, Leave, WindowModel
from screens.window.screen import WindowScreen


class Bench:
    def __init__(self, story, window=6):
        self.story = story
        self.asked = []
        self.model = WindowModel(window, f"window-{window}", self.asked.append)
        self.clock = "9:42"
        self.stale_s = None

    def board(self, after_s=0.0):
        now = sample.moment(self.clock)
        now = replace(now, wall_s=now.wall_s + after_s)
        return self.model.show(Sight(self.story.hall, now, self.stale_s, 1000.0))


def amber(canvas):
    return [line.text for line in canvas.written if line.colour == k.CALL]


@pytest.fixture(scope="module")
def scenes():
    fonts = Fonts()
    return {scene.name: scene.drawn(fonts) for scene in scenes_of("window")}


def test_a_called_number_stands_there_and_the_next_one_gets_ready():
    board = Bench(sample.morning()).board()
    assert (board.state, board.label) == ("called", "B022")
    assert (board.following.labels, board.following.shared) == (("B023",), False)


def test_amber_is_the_called_number_and_nothing_else(scenes):
    assert amber(scenes["window-called"]) == ["B022"]
    for name, canvas in scenes.items():
        if not name.startswith("window-called"):
            assert amber(canvas) == [], name


def test_where_windows_share_a_queue_the_next_numbers_are_not_promised_to_one_of_them():
    following = Bench(sample.morning(), 3).board().following
    assert following.shared
    assert following.labels == ("A016", "A017")


def test_a_call_is_reported_once_when_it_is_on_the_glass_and_again_when_recalled():
    bench = Bench(sample.morning())
    board = bench.board()
    assert bench.asked == []
    bench.model.shown(board)
    bench.model.shown(bench.board())
    assert bench.asked == [ReportShown(screen="window-6", shown=board.seq)]
    bench.story.happen(e.TicketRecalled(visit="B022", label="B022", window=6, times=2))
    bench.model.shown(bench.board())
    assert bench.asked[-1] == ReportShown(screen="window-6", shown=bench.story.hall.seq)


def test_only_what_was_announced_is_reported():
    story = sample.opened()
    story.take("B")
    called = e.TicketCalled(visit="B001", label="B001", window=6, why="窗口直接受理", quiet=True)
    story.happen(called)
    bench = Bench(story)
    board = bench.board()
    assert board.label == "B001"
    bench.model.shown(board)
    assert bench.asked == []


def test_who_is_served_is_no_longer_called():
    bench = Bench(sample.morning())
    bench.story.happen(e.ServiceStarted(visit="B022", window=6))
    board = bench.board()
    assert (board.state, board.label, board.seq) == ("serving", "B022", 0)
    bench.model.shown(board)
    assert bench.asked == []


def test_a_free_window_says_what_it_does():
    board = Bench(sample.morning(), 9).board()
    assert board.rest.title == "空闲"
    assert board.rest.lines[0] == "办理：企业服务"


def test_a_paused_window_says_until_when_and_which_open_windows_serve_the_same():
    story = sample.morning()
    until_s = sample.moment("10:15").wall_s
    story.happen(e.WindowResumed(window=5))
    story.happen(e.WindowPaused(window=5, reason="", until_s=until_s))
    rest = Bench(story, 5).board().rest
    assert rest.title == "暂停服务"
    assert rest.lines[:2] == ("约 10:15 恢复", "请到 1–4 号窗口")


def test_a_pause_whose_end_is_past_or_not_known_promises_no_time():
    for until_s in (0.0, sample.moment("9:30").wall_s):
        story = sample.opened()
        story.happen(e.WindowPaused(window=5, reason="", until_s=until_s))
        assert not any("恢复" in line for line in Bench(story, 5).board().rest.lines)


def test_the_only_window_of_its_queue_sends_nobody_to_another_one():
    story = sample.opened()
    story.happen(e.WindowPaused(window=6, reason="", until_s=0.0))
    assert Bench(story).board().rest.lines[0] == "急事请问咨询导办台"


def test_a_stand_in_takes_all_queues_of_a_window_and_works_now():
    steps = Steps()
    assert stand_ins(steps.hall, 1) == (2, 3)
    assert stand_ins(steps.hall, 3) == ()
    steps.ask(c.Pause(window=3))
    assert stand_ins(steps.hall, 1) == (2,)


def test_a_window_nobody_signed_on_at_is_not_open():
    steps = Steps(replace(RULES, sign_on=True))
    model = WindowModel(1, "window-1", lambda _: "c1")
    assert model.show(Sight(steps.hall, steps.now, None, 1.0)).rest.title == "本窗口未开放"


def test_a_window_that_hall_yaml_does_not_know_is_not_open():
    board = Bench(sample.opened(), 42).board()
    assert (board.number, board.rest.title) == (42, "本窗口未开放")


def test_who_works_here_is_said_by_number_and_never_without_one():
    bench = Bench(sample.morning())
    assert bench.board().staff == ""
    bench.story.happen(e.StaffSignedOn(window=6, staff="0601", post="A"))
    assert bench.board().staff == "工号 0601  A 岗"


@pytest.mark.parametrize(
    ("clock", "title"), [("8:40", "还没开门"), ("12:10", "午休时间"), ("17:10", "今天下班了")]
)
def test_outside_its_hours_a_window_says_when_it_opens(clock, title):
    bench = Bench(sample.opened())
    bench.clock = clock
    assert bench.board().rest.title == title
    assert "开" in "".join(bench.board().rest.lines) or "叫号" in "".join(bench.board().rest.lines)


def test_who_is_still_called_at_lunch_is_still_shown_and_nobody_gets_ready():
    bench = Bench(sample.morning())
    bench.clock = "12:01"
    board = bench.board()
    assert (board.label, board.following) == ("B022", None)


def test_long_after_closing_the_screen_is_black():
    bench = Bench(sample.opened())
    bench.clock = "19:00"
    assert isinstance(bench.board(), Dark)


def test_an_old_number_is_told_with_its_time_and_soon_taken_away():
    bench = Bench(sample.morning())
    bench.stale_s = sample.moment("9:42").wall_s
    fresh = bench.board(BLIND_S - 1)
    assert (fresh.state, fresh.label, fresh.was) == ("old", "B022", "9:42 的号，以叫号为准")
    assert fresh.following is None
    late = bench.board(BLIND_S)
    assert (late.label, late.rest.title, late.stale) == ("", "号码暂时看不到", "断网  9:42 起")
    for board in (fresh, late):
        bench.model.shown(board)
    assert bench.asked == []


def test_a_withdrawn_call_is_said_for_10_s_at_its_window_only():
    story = sample.morning()
    story.wall_s = sample.moment("9:42").wall_s - 1
    story.happen(
        e.CallWithdrawn(visit="B022", label="B022", window=6, reason="undo", back_to="waiting")
    )
    assert Bench(story).board().rest.title == "B022 的叫号已撤回"
    assert Bench(story).board(GONE_S).rest.title == "空闲"
    assert Bench(story, 9).board().rest.title == "空闲"


def test_everybody_must_leave_whatever_the_window_does():
    bench = Bench(sample.morning())
    bench.story.happen(e.EvacuationStarted(place="desk-1"))
    bench.stale_s = 1.0
    assert isinstance(bench.board(), Leave)
    bench.model.shown(bench.board())
    assert bench.asked == []


def test_before_any_contact_only_the_windows_own_number_is_said():
    model = WindowModel(6, "window-6", lambda _: "c1")
    board = model.show(Sight(sample.Story().hall, None, 0.0, 1.0))
    assert isinstance(board, Board)
    assert (board.number, board.label, board.rest.title) == (6, "", "正在连接大厅")


def test_every_page_of_a_window_stands_within_its_glass(scenes):
    for name, canvas in scenes.items():
        assert canvas.targets == [], name
        for line in canvas.written:
            assert not line.cut, (name, line.text)
            assert line.box.w <= line.room.w + 1, (name, line.text)
            assert line.box.bottom <= 1080, (name, line.text)


def test_a_long_name_and_a_chinese_prefix_fit():

    story = sample.opened()
    rules = sample.rules()
    first = replace(rules.windows[0], number=12, name="医疗保障和卫生健康综合服务窗口")
    story.happen(e.RulesSet(rules=replace(rules, windows=(first,)), digest="x"))
    taken = story.take("A", 1118)
    story.hall.visits[taken].label = "综1118"
    story.call(taken, 12)
    screen = WindowScreen(12, "window-12", lambda _: "c1")
    page = screen.show(sample.sight_of(story))
    canvas = Scene("window-long", screen, page, None).drawn(Fonts())
    assert not any(line.cut for line in canvas.written)
    assert all(line.box.right <= 1920 for line in canvas.written)
