"""Which calls the hall's screen shows, for how long, and what it reports."""

from dataclasses import replace

import pytest

from hallctl.core import events as e
from hallctl.core.commands import ReportShown
from screens import sample
from screens.hall.model import Dark, HallModel, Leave
from screens.kit.sight import Sight


class Bench:
    def __init__(self, story):
        self.story = story
        self.asked = []
        self.model = HallModel("hall-1", self.asked.append)
        self.mono_s = 1000.0
        self.stale_s = None
        self.clock = "9:42"

    def board(self):
        now = sample.moment(self.clock)
        return self.model.show(Sight(self.story.hall, now, self.stale_s, self.mono_s))


def test_the_newest_call_is_big_and_those_still_awaited_stand_below():
    board = Bench(sample.morning()).board()
    assert (board.big.label, board.big.window) == ("B022", 6)
    assert [call.label for call in board.small] == ["A015"]


def labels(board):
    return [call.label for call in (board.big, *board.small) if call]


def test_the_newest_call_stands_first_at_once_and_as_large_as_the_one_in_its_8_s():
    bench = Bench(sample.morning())
    bench.board()
    bench.mono_s += 5
    bench.story.call(bench.story.take("F"), 8)
    board = bench.board()
    assert labels(board) == ["F001", "B022", "A015"]
    assert board.level
    bench.mono_s += 4
    assert not bench.board().level


def test_no_call_leaves_before_its_8_s_so_a_fourth_waits():
    bench = Bench(sample.morning())
    bench.board()
    for queue, window in (("F", 8), ("Q", 9), ("A", 5)):
        bench.story.call(bench.story.take(queue), window)
        bench.board()
    assert labels(bench.board()) == ["Q001", "F001", "B022"]
    bench.mono_s += 7.9
    assert labels(bench.board()) == ["Q001", "F001", "B022"]
    bench.mono_s += 0.2
    assert labels(bench.board()) == ["A020", "Q001", "F001"]


def test_every_call_of_a_burst_is_seen_for_8_s():
    bench = Bench(sample.opened())
    bench.board()
    called = []
    for window in range(1, 8):
        label = bench.story.take("F")
        bench.story.call(label, window)
        called.append(label)
    seen = {}
    for _ in range(400):
        for label in labels(bench.board()):
            seen[label] = seen.get(label, 0) + 0.1
        bench.mono_s += 0.1
    assert all(seen[label] >= 7.95 for label in called)


def test_who_comes_at_once_is_still_shown_for_8_s():
    bench = Bench(sample.morning())
    bench.board()
    label = bench.story.take("F")
    bench.story.call(label, 8)
    bench.board()
    bench.story.happen(e.ServiceStarted(visit=label, window=8))
    bench.mono_s += 7
    assert labels(bench.board())[0] == label
    bench.mono_s += 2
    assert labels(bench.board()) == ["B022", "A015"]


def test_all_windows_of_a_burst_ask_to_come():
    bench = Bench(sample.morning())
    bench.board()
    bench.story.call(bench.story.take("F"), 8)
    states = {card.number: card.state for card in bench.board().windows}
    assert (states[6], states[8], states[3]) == ("go", "go", "go")


def test_a_call_is_reported_once_and_only_when_it_is_on_the_glass():
    bench = Bench(sample.morning())
    board = bench.board()
    assert bench.asked == []
    bench.model.shown(board)
    bench.model.shown(bench.board())
    calls = {c.label: c.seq for c in bench.story.hall.calls}
    shown = [ReportShown(screen="hall-1", shown=calls[label]) for label in ("B022", "A015")]
    assert bench.asked == shown


def test_a_recall_is_a_call_of_its_own():
    bench = Bench(sample.morning())
    bench.model.shown(bench.board())
    event = e.TicketRecalled(visit="A015", label="A015", window=3, times=2)
    bench.story.happen(event)
    bench.mono_s += 9
    board = bench.board()
    assert board.big.label == "A015"
    bench.model.shown(board)
    assert bench.asked[-1] == ReportShown(screen="hall-1", shown=bench.story.hall.seq)


def test_the_window_of_the_big_call_asks_to_come_and_others_say_what_they_do():
    states = [card.state for card in Bench(sample.morning()).board().windows]
    assert states == [
        "serving", "serving", "called", "serving", "pause", "go", "serving", "idle", "idle",
    ]  # fmt: skip


def test_nobody_waiting_means_no_minutes():
    rows = {line.name: line for line in Bench(sample.morning()).board().queues}
    assert rows["企业服务"].minutes == ""
    assert rows["社会保障"].waiting == 5
    assert "–" in rows["社会保障"].minutes


def test_notices_are_paged_every_8_s():
    bench = Bench(sample.morning())
    first = bench.board().notice
    bench.mono_s += 8
    assert bench.board().notice != first


def test_a_silent_daemon_is_told_with_since_when_and_nothing_is_reported():
    bench = Bench(sample.morning())
    bench.stale_s = sample.moment("9:40").wall_s
    board = bench.board()
    assert board.stale == "断网  9:40 起"
    bench.model.shown(board)
    assert bench.asked == []


@pytest.mark.parametrize(
    ("clock", "title"), [("8:30", "还没开门"), ("12:10", "午休时间"), ("17:10", "今天下班了")]
)
def test_an_empty_hall_outside_its_hours_says_so(clock, title):
    bench = Bench(sample.opened())
    bench.clock = clock
    assert bench.board().rest.title == title


def test_who_is_still_called_at_lunch_is_still_shown():
    bench = Bench(sample.morning())
    bench.clock = "12:01"
    board = bench.board()
    assert board.rest is None
    assert board.big.label == "B022"


def test_before_any_contact_the_screen_says_that_it_is_connecting():
    board = HallModel("hall-1", lambda _: "c").show(Sight(sample.Story().hall, None, 0.0, 1.0))
    assert board.rest.title == "正在连接大厅"


def test_an_evacuation_takes_the_whole_screen_and_its_end_gives_it_back():
    bench = Bench(sample.morning())
    bench.story.happen(e.EvacuationStarted(place="desk-1"))
    assert bench.board() == Leave()
    bench.model.shown(bench.board())
    assert bench.asked == []
    bench.story.happen(e.EvacuationEnded(place="desk-1"))
    assert bench.board().big.label == "B022"


@pytest.mark.parametrize(
    ("clock", "dark"),
    [("17:29", False), ("17:30", True), ("23:59", True), ("5:00", True), ("8:15", False)],
)
def test_the_screen_is_black_from_30_min_after_closing_until_the_morning(clock, dark):
    bench = Bench(sample.opened())
    bench.clock = clock
    assert (bench.board() == Dark()) is dark


def test_the_screen_is_not_black_while_somebody_still_waits():
    bench = Bench(sample.opened())
    bench.story.take("A")
    bench.clock = "18:00"
    assert bench.board() != Dark()


def test_every_10_min_the_picture_moves_by_at_most_4_px():
    bench = Bench(sample.morning())
    seen = []
    for clock in ("9:00", "9:09", "9:10", "9:20", "9:30"):
        bench.clock = clock
        seen.append(bench.board().shift)
    assert seen[0] == seen[1]
    assert len(set(seen[1:])) == 4
    assert all(0 <= edge <= 4 for shift in seen for edge in shift)


def test_a_long_notice_is_paged_and_nothing_of_it_is_lost():
    bench = Bench(sample.morning())
    long = "请带好本人身份证和社保卡原件，代办的还要带委托书。" * 4
    bench.story.happen(e.NoticesSet(notices=(long,)))
    parts = {}
    for _ in range(bench.board().notices):
        parts[bench.board().notice_at] = bench.board().notice
        bench.mono_s += 8
    assert len(parts) > 2
    assert "".join(parts[at] for at in sorted(parts)) == long


def test_a_queue_without_numbers_says_so_and_never_that_there_is_no_wait():
    bench = Bench(sample.morning())
    bench.story.happen(e.QueueClosed(queue="Q", reason="full"))
    rows = {line.name: line for line in bench.board().queues}
    assert rows["企业服务"].shut
    notices = []
    for _ in range(bench.board().notices):
        notices.append(bench.board().notice)
        bench.mono_s += 8
    assert any("企业服务" in notice and "发完" in notice for notice in notices)


def test_a_hall_with_many_windows_shows_them_all_in_turn_in_their_order():
    bench = Bench(sample.morning())
    rules = sample.rules()
    more = tuple(replace(rules.windows[0], number=n) for n in range(10, 15))
    bench.story.happen(
        e.RulesSet(rules=replace(rules, windows=(*rules.windows, *more)), digest="x")
    )
    seen = []
    for _ in range(2):
        seen.append([card.number for card in bench.board().windows])
        bench.mono_s += 8
    assert sorted(seen) == [list(range(1, 8)), list(range(8, 15))]


def test_nothing_blinks_a_board_stands_still_but_for_its_pages():
    bench = Bench(sample.morning())
    seen = []
    for _ in range(640):
        board = bench.board()
        if not seen or seen[-1] != board:
            seen.append(board)
        bench.mono_s += 0.1
    assert len(seen) <= 9
