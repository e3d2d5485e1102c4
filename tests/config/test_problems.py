"""Whatever is wrong with the files is told with file, line, key and what to write instead."""

import pytest

from hallctl.config.load import load
from hallctl.config.problems import ConfigError
from hallctl.config.reading import MAX_BYTES
from hallctl.device import driver_class


def test_the_sample_hall_has_no_problem(hall):
    assert hall.problems() == ()
    assert hall.load().devices[1].windows == (1, 2)


# What stood there, what somebody wrote, the key named, words of the message.
IN_HALL = [
    ("timezone: Asia/Shanghai", "timezone: Asia/Shangai", "timezone", "Asia/Shanghai"),
    ("timezone: Asia/Shanghai", "timezone: Asia", "timezone", "no time zone"),
    ("timezone: Asia/Shanghai", "timezone: ../../x", "timezone", "no time zone"),
    ("timezone:", "timezon:", "timezon", "'timezone'"),
    ("timezone:", "timezon:", "timezone", "missing"),
    ("9:00-12:00", "9:00-12:60", "hours.0", "9:00-12:00"),
    ("9:00-12:00", "12:00-9:00", "hours.0", "end after it begins"),
    ("9:00-12:00", "9:00-25:00", "hours.0", "24:00"),
    ("9:00-12:00", "9", "hours.0", "text"),
    ("13:00-17:00", "11:00-17:00", "hours.1", "overlaps"),
    ("11:45-16:45", "11:30-16:45", "taking.1", "overlaps"),
    ("9:00-12:00, 13:00-17:00", "13:00-17:00, 9:00-12:00", "hours.1", "before"),
    ("mon, tue", "mon, tues", "workdays.1", "'tue'"),
    ("holidays: []", "holidays: [2026-13-01]", "holidays.0", "2026-10-01"),
    ("holidays: []", "holidays: [2026-1-1, 2026-01-01]", "holidays.0", "no date"),
    ("default_queue: A", "default_queue: X", "default_queue", "no queue 'X'"),
    ("prefix: B, windows: [6]", "prefix: A, windows: [6]", "queues.B.prefix", "queue A"),
    ("prefix: B, windows: [6]", "prefix: B1, windows: [6]", "queues.B.prefix", "digit"),
    ("windows: [6]", "windows: [66]", "queues.B.windows.0", "'6'"),
    ("windows: [6]", "windows: [66]", "windows.6", "no queue names window 6"),
    ("windows: [6]", "windows: [6, 6]", "queues.B.windows.1", "twice"),
    ("windows: [6]", "windows: []", "queues.B.windows", "empty"),
    ("windows: [6]", "windows: 6", "queues.B.windows", "a list"),
    ("windows: [6]", 'windows: ["6"]', "queues.B.windows.0", "whole number"),
    ("recall_max: 5", "recall_max: true", "rules.recall_max", "whole number"),
    ("recall_max: 5", "recall_max: 0", "rules.recall_max", "greater than"),
    ("recall_max: 5", "recal_max: 5", "rules.recal_max", "'recall_max'"),
    ("recall_gap_s: 20 ", "recall_gap_s: .nan ", "rules.recall_gap_s", "number"),
    ("hall: 赤坭镇便民服务中心", "hall: 12", "hall", 'in quotes: "12"'),
    ("hall: 赤坭镇便民服务中心", 'hall: " "', "hall", "empty"),
    ("hall: 赤坭镇便民服务中心", 'hall: "a\\nb"', "hall", "one line"),
    ("hall: 赤坭镇便民服务中心", 'hall: "a\\x1b[2J"', "hall", "U+001B"),
    ("hall: 赤坭镇便民服务中心", 'hall: "a\\ud800"', "hall", "U+D800"),
    ("hall: 赤坭镇便民服务中心", 'hall: "a\\u202eb"', "hall", "RIGHT-TO-LEFT"),
    ("hall: 赤坭镇便民服务中心", "hall: !!python/name:os x", "hall", "tag"),
    ("hall: 赤坭镇便民服务中心", "hall: &a 赤坭", "hall", "anchors"),
    ("seal: 赤坭 ", "seal: 赤坭镇便民 ", "seal", "at most 4"),
    ("  6: {name", "  six: {name", "windows.six", "whole number"),
    ("  6: {name", "  5: {name", "windows.5", "twice (first in line"),
    ("helps: {A: 10}", "helps: {B: 10}", "windows.6.helps.B", "as its own"),
    ("helps: {A: 10}", "helps: {Z: 10}", "windows.6.helps.Z", "no queue 'Z'"),
    ("helps: {A: 10}", "helps: {A: ten}", "windows.6.helps.A", "a number"),
    ("helps: {A: 10}", "helps: {A: -1}", "windows.6.helps.A", "greater than"),
    ("helps: {A: 10}", "helps: [A]", "windows.6.helps", "keys with values"),
    ("helps: {A: 10}", "help: {A: 10}", "windows.6.help", "'helps'"),
    ('"0601": {a: [6], b', '"0601": {a: [66], b', "staff.0601.a.0", "'6'"),
    ('"0601": {a: [6], b: [7]}', '"0601": {a: [6], b: [6]}', "staff.0601.b.0", "not both"),
    ('"0601": {a: [6], b', '"0601": {a: 6, b', "staff.0601.a", "a list"),
    ('"0601": {a: [6], b', '"0601": {c: [6], b', "staff.0601.c", "unknown key"),
    ('"0601": {a', '"0601": {name: 某某, a', "staff.0601.name", "privacy"),
    ('"0601": {a', '"0601": {姓名: 某某, a', "staff.0601.姓名", "a clerk is a number"),
    ('"0601": {a', '"0601": {Phone: 1, a', "staff.0601.Phone", "Take it out"),
    ('"0601": {a', "601: {a", "staff.601", "quotes"),
    ('"0601": {a', "某某: {a", "staff.某某", "never a name"),
    ('"0701": {a', '"0601": {a', "staff.0601", "twice (first in line"),
    ("sign_on: false", "sign_on: no", "sign_on", "true or false"),
    ("sign_on: false", "sign_onn: false", "sign_onn", "'sign_on'"),
    ("[6], standard_min: 8", "[6], standard_min: 8, quotas: [9]", "queues.B.quotas", "2 stretches"),
    ("[6], standard_min: 8", "[6], standard_min: 8, quotas: [-1, 9]", "queues.B.quotas.0", "than"),
    ("[6], standard_min: 8", "[6], standard_min: 8, quotas: 9", "queues.B.quotas", "a list"),
    ("[6], standard_min: 8", "[6], standard_min: 8, quota: [9, 9]", "queues.B.quota", "'quotas'"),
    ("undo_s: 10 ", "undo_s: 10 s ", "rules.undo_s", "a number"),
    ("cut_off: true", "cut_off: 1", "rules.cut_off", "true or false"),
    ("rejoin_max: 1", "rejoin_max: -1", "rules.rejoin_max", "greater than"),
    ("visit_over_factor: 2 ", "visit_over_factor: 0.5 ", "rules.visit_over_factor", "greater than"),
    ("wait_red_min: 30", "wait_red_min: 10", "rules.wait_red_min", "yellow (20 min)"),
    ("pause_red_min: 15", "pause_red_min: 9", "rules.pause_red_min", "red (9 min)"),
    ("icon: sprout", "icon: Sprout!", "categories.farming.icon", "small letters"),
]  # fmt: skip
IN_CATALOGUE = [
    ("queue: B", "queue: Z", "items.SB01.queue", "no queue 'Z'"),
    ("category: social", "category: socail", "items.SB01.category", "'social'"),
    ("checked: false", "checked: no", "items.SB01.checked", "true or false"),
    ("source: memory", "source: guess", "items.SB01.source", "'found'"),
    ("SB01:", "sb-1:", "items.sb-1", "such as SB01"),
    ("{name: 身份证, form", "{form", "items.SB01.materials.0.name", "missing"),
    ("form: 原件核验", "fom: 原件核验", "items.SB01.materials.0.fom", "'form'"),
]  # fmt: skip
IN_DEVICES = [
    ("driver: escpos", "driver: escpros", "devices.printer-1.driver", "'escpos'"),
    ("driver: escpos", "driver: ../x", "devices.printer-1.driver", "no name of a file"),
    ("paper_mm", "paper_m", "devices.printer-1.paper_m", "'paper_mm'"),
    ("serves", "servs", "devices.printer-1.servs", "'serves'"),
    ("serves: [kiosk-1]", "serves: kiosk-1", "devices.printer-1.serves", "a list"),
    ("[kiosk-1]", "[window-12]", "devices.printer-1.serves.0", "no window 12"),
    ("paper_mm: 80", "paper_mm: wide", "devices.printer-1.paper_mm", "whole number"),
    ("tcp: 192.168.10.21:9100", "tcp: here", "devices.printer-1.link.tcp", "host:port"),
    ("tcp: 192", "tpc: 192", "devices.printer-1.link.tpc", "'tcp'"),
    ("{tcp: 192.168.10.21:9100}", "tcp", "devices.printer-1.link", "kind of link"),
    ("9100}", "9100, serial: /x}", "devices.printer-1.link", "one kind"),
    ("baud: 9600", "baud: 9660", "devices.keypads.link.baud", "9600"),
    ("baud: 9600", "bauds: 9600", "devices.keypads.link.bauds", "'baud'"),
    ("baud: 9600", "parity: evn", "devices.keypads.link.parity", "'even'"),
    ("baud: 9600", "rtscts: 1", "devices.keypads.link.rtscts", "true or false"),
    ("baud: 9600", "rts: true", "devices.keypads.link.rts", "'rtscts'"),
    ("serial: /dev/serial/by-path/one", "serial: COM1", "devices.keypads.link.serial", "by-path"),
    ("serial: /dev/serial/by-path/one", "usblp: lp0", "devices.keypads.link.usblp", "by-path"),
    ("serial: /dev/serial/by-path/one", "usblp: /a", "devices.keypads.link.baud", "Known: usblp"),
    ("serial: /dev/serial/by-path/one", "evdev: kbd", "devices.keypads.link.evdev", "event-kbd"),
    ("{serial: /dev/serial/by-path/two}", "{usb: 1}", "devices.pad-1.link.usb", '"1"'),
    ("{serial: /dev/serial/by-path/two}", "{usb: lp0}", "devices.pad-1.link.usb", "1-1.2"),
    ("{serial: /dev/serial/by-path/two}", "{usblpt: /a}", "devices.pad-1.link.usblpt", "'usblp'"),
    ("{serial: /dev/serial/by-path/two}", "{evdv: /a}", "devices.pad-1.link.evdv", "'evdev'"),
    ("by-path/two", "by-path/one", "devices.pad-1.link", "wire of keypads"),
    ("serial: /dev/serial/by-path/two", "evdev: /dev/serial/by-path/one", "devices.pad-1.link",
     "wire of keypads"),
    ("{1: 1, 2: 2}", "{1: 1, 1: 2}", "devices.keypads.windows.1", "twice"),
    ("{1: 1, 2: 2}", "{1: 1, 2: 1}", "devices.keypads.windows.2", "address already"),
    ("{1: 1, 2: 2}", "{1: 1, 2: 12}", "devices.keypads.windows.2", "no window 12"),
    ("window: 1", "window: 10", "devices.pad-1.window", "no window 10"),
    ("window: 1", "windw: 1", "devices.pad-1.windw", "'window'"),
    ("  pad-1:", "  Pad 1:", "devices.Pad 1", "small letters"),
    ("devices:", "device:", "device", "'devices'"),
]  # fmt: skip
MISTAKES = [
    (name, *mistake)
    for name, mistakes in [
        ("hall.yaml", IN_HALL),
        ("catalogue.yaml", IN_CATALOGUE),
        ("devices.yaml", IN_DEVICES),
    ]
    for mistake in mistakes
]


@pytest.mark.parametrize(("name", "old", "new", "key", "words"), MISTAKES)
def test_a_mistake_is_told_with_its_place(hall, name, old, new, key, words):
    line = hall.change(name, old, new)
    found = [problem for problem in hall.problems() if problem.key == key]
    assert found, [str(problem) for problem in hall.problems()]
    said = "\n".join(str(problem) for problem in found)
    assert words in said
    assert found[0].file == name
    if "missing" not in words and "no queue names" not in words:
        assert line in {problem.line for problem in found}


def test_problems_of_all_three_files_come_at_once(hall):
    hall.change("hall.yaml", "recall_max: 5", "recall_max: many")
    hall.change("hall.yaml", "default_queue: A", "default_queue: X")
    hall.change("catalogue.yaml", "queue: B", "queue: Y")
    hall.change("devices.yaml", "driver: pad_serial", "driver: pad_serail")
    hall.change("devices.yaml", "paper_mm: 80", "paper_mm: wide")
    with pytest.raises(ConfigError) as caught:
        hall.load()
    assert [(p.file, p.key) for p in caught.value.problems] == [
        ("hall.yaml", "default_queue"),
        ("hall.yaml", "rules.recall_max"),
        ("catalogue.yaml", "items.SB01.queue"),
        ("devices.yaml", "devices.printer-1.paper_mm"),
        ("devices.yaml", "devices.pad-1.driver"),
    ]
    lines = str(caught.value).splitlines()
    assert len(lines) == 5
    assert lines[-1].startswith("devices.yaml:12:13: devices.pad-1.driver: ")
    assert "Did you mean 'pad_serial'?" in lines[-1]


def test_signing_on_without_staff_is_told(hall):
    text = hall.read("hall.yaml")
    kept = [line for line in text.splitlines() if not line.startswith('  "0')]
    told = (
        "\n".join(kept)
        .replace("staff:\n", "staff: {}\n")
        .replace("sign_on: false", "sign_on: true")
    )
    hall.write("hall.yaml", told)
    (problem,) = hall.problems()
    assert (problem.key, "nobody could sign on" in problem.words) == ("sign_on", True)


def test_a_limit_that_is_left_out_counts_with_its_usual_value(hall):
    hall.change("hall.yaml", "  wait_red_min: 30\n", "")
    hall.change("hall.yaml", "wait_yellow_min: 20 ", "wait_yellow_min: 31 ")
    (problem,) = hall.problems()
    assert problem.key == "rules.wait_yellow_min"


def test_two_pads_of_one_window_are_told(hall):
    more = "  pad-2:\n    driver: pad_serial\n    link: {serial: /dev/three}\n    window: 1\n"
    hall.write("devices.yaml", hall.read("devices.yaml") + more)
    (problem,) = hall.problems()
    assert problem.key == "devices.pad-2.window"
    assert "window 1 belongs already to pad-1" in problem.words


MALFORMED = [
    ("hall: [", 1, "malformed"),
    ("hall: x\n\tseal: y\n", 2, "spaces, never with tabs"),
    ("hall: a: b\n", 1, "malformed"),
    ("", 1, "empty"),
    ("# only a comment\n", 1, "empty"),
    ("- a\n- b\n", 1, "keys with values"),
    ("hall: x\n--- \nhall: y\n", 2, "malformed"),
    ("[" * 1200, 1, "deep"),
    ("hall: " + "[" * 40 + "]" * 40, 1, "deep"),
    ("a: &x [1, 2]\nb: *x\n", 1, "anchors"),
    (b"hall: x\nseal: \xd6\xd0\n", 2, "UTF-8"),
    ("hall: x\n".encode("utf-16"), 1, "UTF-8"),
    (b"hall: x\nse\x00al: y\n", 2, "U+0000"),
    (b"hall: x\nseal: \x1b[2J\n", 2, "U+001B"),
    (b"#" * (MAX_BYTES + 1), 1, "larger than"),
]


@pytest.mark.parametrize(("text", "line", "words"), MALFORMED)
@pytest.mark.parametrize("name", ["hall.yaml", "catalogue.yaml", "devices.yaml"])
def test_a_malformed_file_is_told_with_its_line(hall, name, text, line, words):
    hall.write(name, text)
    said = [problem for problem in hall.problems() if problem.file == name]
    assert (line, True) in {(problem.line, words in str(problem)) for problem in said}


@pytest.mark.parametrize("name", ["hall.yaml", "catalogue.yaml", "devices.yaml"])
def test_a_missing_file_is_told_and_the_others_are_read(hall, name):
    (hall.folder / name).unlink()
    (problem,) = hall.problems()
    assert problem.file == name
    assert "no such file" in problem.words
    (hall.folder / name).mkdir()
    assert "no such file" in hall.problems()[0].words


def test_a_missing_folder_is_told(hall):
    with pytest.raises(ConfigError) as caught:
        load(hall.folder / "nowhere", driver_class=hall.driver_class)
    assert len(caught.value.problems) == 3


def test_a_file_from_a_windows_editor_is_read(hall):
    text = hall.read("hall.yaml").replace("\n", "\r\n").replace("recall_max", "recal_max")
    hall.write("hall.yaml", b"\xef\xbb\xbf" + text.encode())
    (problem,) = hall.problems()
    assert problem.line == text[: text.index("recal_max")].count("\n") + 1
    hall.write("hall.yaml", b"\xef\xbb\xbf" + text.replace("recal_max", "recall_max").encode())
    assert hall.problems() == ()


def test_a_driver_that_cannot_be_imported_is_told(hall):
    def broken(name):
        raise ImportError(f"No module named '{name}'")

    with pytest.raises(ConfigError, match="No module named 'escpos'"):
        load(hall.folder, driver_class=broken)


def test_of_very_many_problems_the_first_are_told(hall):
    hall.write("devices.yaml", hall.read("devices.yaml") + "  pad-1: x\n" * 500)
    problems = hall.problems()
    assert len(problems) < 100
    assert problems[-1].words == "and 440 problems more"


def test_a_message_is_one_printable_line_whatever_somebody_wrote(hall):
    hall.change("hall.yaml", "timezone: Asia/Shanghai", '"zo\\nne\\x1b": x')
    hall.change("hall.yaml", "9:00-12:00", "x" * 9000)
    for problem in hall.problems():
        assert str(problem).isprintable()
        assert len(str(problem)) < 1500


def test_a_list_of_wrong_entries_is_not_called_empty(hall):
    hall.change("hall.yaml", "[9:00-12:00, 13:00-17:00]", "[9-12]")
    assert [problem.key for problem in hall.problems()] == ["hours.0"]


def test_the_nearest_file_in_drivers_is_named(hall):
    hall.change("devices.yaml", "driver: escpos", "driver: escpros")
    with pytest.raises(ConfigError) as caught:
        load(hall.folder, driver_class=driver_class)
    (problem,) = caught.value.problems
    assert (problem.line, problem.key) == (3, "devices.printer-1.driver")
    assert problem.remedy == "Did you mean 'escpos'?"
