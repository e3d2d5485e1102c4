"""Which calls the hall's screen shows, for how long, and what it reports."""

import pytest

from hallctl.core import events as e
from hallctl.core.commands import ReportShown
from screens import sample
from screens.hall.model import HallModel
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


def test_a_call_stays_big_for_8_s_while_the_newer_one_is_seen_small():
    bench = Bench(sample.morning())
    bench.board()
    bench.story.call(bench.story.take("F"), 8)
    bench.mono_s += 5
    board = bench.board()
    assert board.big.label == "B022"
    assert board.small[0].label == "F001"
    bench.mono_s += 4
    assert bench.board().big.label == "F001"


def test_calls_in_a_burst_each_have_their_8_s_in_order():
    bench = Bench(sample.morning())
    bench.board()
    for queue, window in (("F", 8), ("Q", 9)):
        bench.story.call(bench.story.take(queue), window)
    seen = []
    for _ in range(3):
        seen.append(bench.board().big.label)
        bench.mono_s += 8.1
    assert seen == ["B022", "F001", "Q001"]


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
