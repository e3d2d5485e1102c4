"""The key of ID numbers lives for a day, and lies where nobody else can read it."""

import stat

import pytest

from hallctl.core import effects as f
from hallctl.daykey import KEY_BYTES, DayKey


def test_a_key_is_the_same_all_day_and_another_the_day_after(tmp_path):
    path = tmp_path / "day-key"
    first = DayKey(path).of("2026-11-23")
    assert len(first) == KEY_BYTES
    assert DayKey(path).of("2026-11-23") == first
    second = DayKey(path).of("2026-11-24")
    assert second != first
    assert first.hex() not in path.read_text()


def test_only_the_owner_may_read_it(tmp_path):
    path = tmp_path / "day-key"
    DayKey(path).of("2026-11-23")
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


@pytest.mark.parametrize("damage", ["", "2026-11-23", "2026-11-23 zz", "2026-11-23 abcd", "\x00"])
def test_a_damaged_file_is_replaced(tmp_path, damage):
    path = tmp_path / "day-key"
    path.write_text(damage)
    key = DayKey(path).of("2026-11-23")
    assert DayKey(path).of("2026-11-23") == key


def test_a_key_shows_itself_in_no_log():
    effect = f.SetDayKey(device="reader-1", day="2026-11-23", key=b"secret-key-bytes")
    assert "secret" not in repr(effect)
