"""The hall's clock: what it says between two seconds, and over midnights and changes of a zone."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hallctl.clock import Clock, moment_of

ZONES = ("Asia/Shanghai", "Europe/Berlin", "Australia/Lord_Howe")


@pytest.mark.parametrize("zone", ZONES)
@given(walls=st.lists(st.integers(0, 2_500_000_000_000), min_size=1, max_size=20))
def test_it_says_what_the_calendar_says_in_whatever_order_it_is_asked(zone, walls):
    """To the millisecond; a clock may be set back and forth."""
    now = {"wall_s": 0.0}
    clock = Clock(zone, lambda: now["wall_s"], lambda: 7.0)
    for wall_ms in walls:
        now["wall_s"] = wall_ms / 1000
        assert clock.now() == moment_of(now["wall_s"], 7.0, ZoneInfo(zone))


@pytest.mark.parametrize("zone", ZONES)
def test_a_zone_that_goes_forward_and_back_is_right_at_each_second(zone):
    now = {"wall_s": 0.0}
    clock = Clock(zone, lambda: now["wall_s"], lambda: 0.0)
    for month, day in ((3, 29), (4, 4), (10, 3), (10, 25)):
        noon_s = datetime(2026, month, day, 12, tzinfo=UTC).timestamp()
        for second in range(-86_400, 86_400, 600):
            for part_s in (-0.001, 0.0, 0.001):
                now["wall_s"] = noon_s + second + part_s
                assert clock.now() == moment_of(now["wall_s"], 0.0, ZoneInfo(zone))


def test_the_next_day_begins_at_midnight_and_not_before():
    midnight_s = datetime(2026, 11, 24, tzinfo=ZoneInfo("Asia/Shanghai")).timestamp()
    now = {"wall_s": midnight_s - 0.001}
    clock = Clock("Asia/Shanghai", lambda: now["wall_s"])
    before = clock.now()
    assert (before.day, before.day_s) == ("2026-11-23", 86_399)
    now["wall_s"] = midnight_s
    after = clock.now()
    assert (after.day, after.day_s) == ("2026-11-24", 0)
