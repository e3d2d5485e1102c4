"""Fingers and line breaking: both pure."""

import pytest

from screens.kit.touch import Box, Target, Touch
from screens.kit.wrap import full_width, wrap

BUTTONS = (Target("a", Box(0, 0, 100, 100)), Target("b", Box(200, 0, 100, 100)))


def test_a_target_acts_when_the_finger_goes_up_on_it():
    touch = Touch(BUTTONS)
    touch.down("f1", 50, 50, 0.0)
    assert touch.pressed == "a"
    assert touch.up("f1", 60, 60) == "a"


def test_a_finger_that_slides_away_does_nothing():
    touch = Touch(BUTTONS)
    touch.down("f1", 50, 50, 0.0)
    assert touch.up("f1", 250, 50) == ""


def test_a_trembling_finger_may_leave_the_edge_a_little():
    touch = Touch(BUTTONS)
    touch.down("f1", 95, 50, 0.0)
    assert touch.up("f1", 120, 50) == "a"


def test_a_second_finger_is_ignored():
    touch = Touch(BUTTONS)
    touch.down("f1", 50, 50, 0.0)
    touch.down("f2", 250, 50, 0.1)
    assert touch.up("f2", 250, 50) == ""
    assert touch.up("f1", 50, 50) == "a"


def test_a_finger_whose_lifting_was_lost_does_not_block_the_kiosk():
    touch = Touch(BUTTONS)
    touch.down("f1", 50, 50, 0.0)
    touch.down("f2", 250, 50, 6.0)
    assert touch.up("f2", 250, 50) == "b"


def test_a_touch_acts_only_if_its_target_is_still_there():
    touch = Touch(BUTTONS)
    touch.down("f1", 50, 50, 0.0)
    touch.targets = ()
    assert touch.up("f1", 50, 50) == ""


def ten(text):
    return 10.0 * len(text)


def test_no_line_begins_with_a_comma_or_a_closing_mark():
    for room in range(20, 120, 10):
        for line in wrap("听到叫“综合 020 号”，看大屏幕（左边）。《手册》为准，请看。", room, ten)[
            1:
        ]:
            if room >= 40:
                assert line[0] not in "，。？）》”"


def test_numbers_and_latin_words_stay_whole():
    assert wrap("请到 Window 12 办理", 80, ten) == ["请到", "Window", "12 办理"]


def test_no_line_is_wider_than_its_room():
    text = "居住出租房屋（含集体宿舍、公寓）Supercalifragilistic租赁登记"
    for room in range(30, 200, 10):
        assert all(ten(line) <= room for line in wrap(text, room, ten))


def test_nothing_is_lost_in_breaking():
    text = "居住出租房屋（含集体宿舍、公寓、城中村自建房）租赁登记备案"
    assert "".join(wrap(text, 70, ten)) == text


def test_ascii_marks_after_chinese_become_full_width():
    assert full_width("好,是吗?1,2") == "好，是吗？1,2"


HELD = Target("evacuate", Box(0, 0, 100, 100), 3.0)


def test_what_must_be_held_acts_once_after_its_time_and_not_by_a_tap():
    touch = Touch([HELD])
    touch.down(1, 50, 50, 10.0)
    assert touch.held(12.9) == ""
    assert touch.held_s(12.9) == pytest.approx(2.9)
    assert touch.held(13.0) == "evacuate"
    assert touch.held(14.0) == ""
    assert touch.up(1, 50, 50) == ""


def test_letting_go_too_early_does_nothing():
    touch = Touch([HELD])
    touch.down(1, 50, 50, 10.0)
    assert touch.up(1, 50, 50) == ""
    assert touch.held(20.0) == ""


def test_an_ordinary_target_is_never_held():
    touch = Touch([Target("a", Box(0, 0, 100, 100))])
    touch.down(1, 50, 50, 10.0)
    assert touch.held(20.0) == ""
    assert touch.up(1, 50, 50) == "a"
