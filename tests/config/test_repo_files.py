"""The files at the root of the repository are a whole hall: the example everybody starts from."""

from pathlib import Path

import pytest

from hallctl.config.load import describe, load
from hallctl.device import driver_class

REPO = Path(__file__).parents[2]
ICONS = REPO / "screens" / "icons"


@pytest.fixture
def config(hall):
    return load(REPO, driver_class=hall.driver_class)


def test_the_hall_has_nine_windows_six_queues_and_forty_items(config):
    rules = config.rules
    assert [window.number for window in rules.windows] == list(range(1, 10))
    assert [queue.id for queue in rules.queues] == ["A", "B", "C", "F", "Q", "L"]
    assert len(rules.items) == 40
    assert len(rules.categories) == 10


def test_windows_one_to_five_serve_general_and_collection(config):
    assert all(config.rules.window(n).queues == ("A", "L") for n in range(1, 6))
    assert [config.rules.window(n).queues for n in range(6, 10)] == [("B",), ("C",), ("F",), ("Q",)]


def test_the_hours_are_those_of_the_notice(config):
    hour = 3600
    spans = [(span.start_s / hour, span.end_s / hour) for span in config.rules.sessions]
    assert spans == [(9, 12), (13, 17)]
    taking = [(span.start_s / hour, span.end_s / hour) for span in config.rules.taking]
    assert taking == [(8.75, 11.75), (11.75, 16.75)]
    assert config.rules.workdays == (1, 2, 3, 4, 5)


def test_every_window_has_a_keypad_a_strip_and_a_pad(config):
    assert config.gaps.bare == ()
    assert config.rules.printers_for("kiosk-1") == ("printer-1",)
    assert {fitting.kind for fitting in config.rules.fittings} == {
        "printer", "keypad", "strip", "pad", "voice",
    }  # fmt: skip


def test_the_rules_of_the_example_are_the_documented_ones(config):
    rules = config.rules
    assert [s.number for s in rules.staff] == [f"0{n}01" for n in range(1, 10)]
    assert (rules.clerk("0601").post_a, rules.clerk("0601").post_b) == ((6,), (7,))
    assert (rules.clerk("0701").post_a, rules.clerk("0701").post_b) == ((7,), (6,))
    assert not rules.sign_on
    assert rules.window(6).helps == (("A", 600.0),)
    assert all(not w.helps for w in rules.windows if w.number != 6)
    assert all(q.quotas == () for q in rules.queues)
    numbers = (rules.rejoin_behind, rules.rejoin_max, rules.undo_s, rules.visit_over_factor)
    assert numbers == (3, 1, 10.0, 2.0)
    assert (rules.wait_yellow_s, rules.wait_red_s) == (1200.0, 1800.0)
    assert (rules.pause_yellow_s, rules.pause_red_s) == (600.0, 900.0)
    assert rules.cut_off
    assert rules.one_per_person


def test_every_number_of_the_file_reaches_the_rules(hall):
    changes = {
        "rejoin_behind: 3 ": ("rejoin_behind: 4 ", "rejoin_behind", 4),
        "rejoin_max: 1 ": ("rejoin_max: 2 ", "rejoin_max", 2),
        "undo_s: 10 ": ("undo_s: 11 ", "undo_s", 11),
        "cut_off: true": ("cut_off: false", "cut_off", False),
        "one_per_person: true": ("one_per_person: false", "one_per_person", False),
        "wait_yellow_min: 20": ("wait_yellow_min: 21", "wait_yellow_s", 1260),
        "wait_red_min: 30": ("wait_red_min: 31", "wait_red_s", 1860),
        "pause_yellow_min: 10": ("pause_yellow_min: 11", "pause_yellow_s", 660),
        "pause_red_min: 15": ("pause_red_min: 16", "pause_red_s", 960),
        "visit_over_factor: 2 ": ("visit_over_factor: 3 ", "visit_over_factor", 3),
        "sign_on: false": ("sign_on: true", "sign_on", True),
    }
    for old, (new, _, _) in changes.items():
        hall.change("hall.yaml", old, new)
    hall.change("hall.yaml", "[6], standard_min: 8", "[6], standard_min: 8, quotas: [60, 0]")
    rules = hall.load().rules
    for _, name, value in changes.values():
        assert getattr(rules, name) == value, name
    assert rules.queue("B").quotas == (60, 0)


def test_every_item_is_marked_to_be_checked_and_the_gaps_are_counted(config):
    assert not any(item.checked for item in config.rules.items)
    assert config.gaps.unchecked == config.gaps.items == 40
    lines = "\n".join(describe(config))
    assert "9 windows, 6 queues, 40 items" in lines
    assert "40 of 40 items are still to be checked" in lines
    assert "以窗口告知为准" in lines
    assert "no holidays" in lines


def test_items_stand_under_the_queue_of_their_department(config):
    for item in config.rules.items:
        wanted = {"SB": "B", "ZW": "C"}.get(item.code[:2], "A")
        assert item.queue == wanted, item.code
    direct = {c.id for c in config.rules.categories} - {i.category for i in config.rules.items}
    assert direct == {"business", "collect", "stuck"}


def test_the_catalogue_says_no_procedure_since_no_source_does(config):
    assert not any(item.procedure for item in config.rules.items)
    assert all(item.limit and item.basis and item.materials for item in config.rules.items)


@pytest.mark.skipif(not ICONS.is_dir(), reason="the screens are not in this tree")
def test_every_icon_named_is_drawn(config):
    drawn = {path.stem for path in ICONS.glob("*.svg")}
    named = {category.icon for category in config.rules.categories}
    named |= {m.icon for item in config.rules.items for m in item.materials if m.icon}
    assert named <= drawn


def test_the_real_drivers_accept_the_devices_of_the_example():
    config = load(REPO, driver_class=driver_class)
    assert {device.kind for device in config.devices} == {
        "printer", "keypad", "strip", "pad", "voice",
    }  # fmt: skip
    assert config.gaps.bare == ()


def test_the_digest_changes_with_any_of_the_files(hall):
    digests = {hall.load().digest}
    for name in ("hall.yaml", "catalogue.yaml", "devices.yaml"):
        hall.write(name, hall.read(name) + "# one more line\n")
        digests.add(hall.load().digest)
    assert len(digests) == 4
