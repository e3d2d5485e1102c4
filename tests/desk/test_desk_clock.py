"""The desk's clock: where it starts, and that it never goes back."""

from dataclasses import replace
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from hallctl.core.rules import Rules, Span
from hallctl.simulator.clock import ClockError, DeskClock

ZONE = ZoneInfo("Asia/Shanghai")
RULES = Rules(
    hall="试", hall_en="Trial", seal="试", timezone="Asia/Shanghai", queues=(), windows=(),
    workdays=(1, 2, 3, 4, 5), sessions=(Span(32400, 43200), Span(46800, 61200)),
    taking=(Span(31500, 60300),), default_queue="A", stuck_queue="F",
)  # fmt: skip


class Real:
    """Real time, as the test wants it."""

    def __init__(self, text):
        self.now_s = datetime.fromisoformat(text).replace(tzinfo=ZONE).timestamp()

    def __call__(self):
        return self.now_s


def started(folder, real, words=None, rules=RULES):
    clock = DeskClock(folder, rules, real)
    clock.start(words)
    return clock


def shows(clock):
    return f"{clock.local():%Y-%m-%d %H:%M}"


def test_the_first_start_at_night_is_half_past_nine_of_that_working_day(tmp_path):
    assert shows(started(tmp_path, Real("2026-11-24 23:10"))) == "2026-11-24 09:30"


def test_the_first_start_on_a_sunday_is_monday_morning(tmp_path):
    assert shows(started(tmp_path, Real("2026-11-29 12:00"))) == "2026-11-30 09:30"


def test_the_first_start_passes_over_a_holiday(tmp_path):
    rules = replace(RULES, holidays=("2026-11-24",))
    assert shows(started(tmp_path, Real("2026-11-24 08:00"), rules=rules)) == "2026-11-25 09:30"


@pytest.mark.parametrize(
    ("words", "time"),
    [
        ("Mon 09:30", "2026-11-30 09:30"),
        ("tuesday 23:59", "2026-11-24 23:59"),
        ("周三 9:00", "2026-11-25 09:00"),
        ("2026-12-01 16:40", "2026-12-01 16:40"),
    ],
)
def test_a_clock_can_be_given_in_words(tmp_path, words, time):
    assert shows(started(tmp_path, Real("2026-11-24 20:00"), words)) == time


@pytest.mark.parametrize("words", ["", "Mon", "Moon 09:30", "Mon 25:00", "2026-13-01 09:00", "9"])
def test_words_that_are_no_time_say_what_to_write(tmp_path, words):
    with pytest.raises(ClockError, match="Mon 09:30"):
        started(tmp_path, Real("2026-11-24 20:00"), words)


def test_a_second_start_goes_on_where_the_first_stopped(tmp_path):
    first = started(tmp_path, Real("2026-11-24 20:00"), "2026-11-24 16:50")
    first.remember()
    second = started(tmp_path, Real("2026-11-27 07:00"))
    assert 0 <= second.now_s() - first.now_s() < 5


def test_an_earlier_weekday_on_the_second_start_is_the_next_such_day(tmp_path):
    started(tmp_path, Real("2026-11-24 20:00"), "2026-11-30 16:50")
    assert shows(started(tmp_path, Real("2026-11-24 20:01"), "Mon 09:30")) == "2026-12-07 09:30"


def test_an_earlier_date_on_the_second_start_counts_by_its_weekday(tmp_path):
    started(tmp_path, Real("2026-11-24 20:00"), "2026-11-30 16:50")
    clock = started(tmp_path, Real("2026-11-24 20:01"), "2026-11-24 09:00")
    assert shows(clock) == "2026-12-01 09:00"


def test_the_daemon_reads_the_offset_to_real_time_from_the_file(tmp_path):
    real = Real("2026-11-24 20:00")
    clock = started(tmp_path, real, "2026-11-25 09:30")
    assert float(clock.file.read_text()) == pytest.approx(clock.now_s() - real.now_s, abs=0.01)


def test_the_clock_goes_forward_only(tmp_path):
    clock = started(tmp_path, Real("2026-11-24 20:00"), "2026-11-24 12:30")
    with pytest.raises(ClockError, match="12:30"):
        clock.forward_to(12, 0)
    with pytest.raises(ClockError):
        clock.forward_by(-5)
    clock.forward_to(13, 0)
    clock.forward_by(10)
    assert shows(clock) == "2026-11-24 13:10"


def test_the_next_day_is_the_next_working_day(tmp_path):
    clock = started(tmp_path, Real("2026-11-24 20:00"), "2026-11-27 16:00")
    clock.forward_to_next_day(9, 0)
    assert shows(clock) == "2026-11-30 09:00"


def test_a_hall_that_ran_without_a_desk_is_not_set_back(tmp_path):
    clock = DeskClock(tmp_path, RULES, Real("2026-11-24 23:10"))
    clock.start(None, Real("2026-11-24 16:00").now_s)
    assert shows(clock) == "2026-11-24 16:00"
    clock.start("Tue 09:30", Real("2026-11-24 16:00").now_s)
    assert shows(clock) == "2026-12-01 09:30"


def test_a_torn_last_time_is_a_first_start(tmp_path: Path):
    (tmp_path / "clock-last").write_text("gar")
    assert shows(started(tmp_path, Real("2026-11-24 23:10"))) == "2026-11-24 09:30"
