"""What is attached, how it should be named, and which lines of devices.yaml follow."""

import pytest

from attached_tree import Tree
from hallctl import scanning
from hallctl.cli.attaching import candidates
from hallctl.config.load import load
from hallctl.device import driver_class
from hallctl.scanning import Entry
from running import hall_folder


@pytest.fixture
def tree(tmp_path):
    return Tree(tmp_path / "root")


def entry(name, link, path, driver="pad_serial"):
    return Entry(name=name, driver=driver, link=link, path=path)


def test_nothing_is_attached_where_there_is_nothing(tmp_path):
    assert scanning.attached(tmp_path) == []


def test_a_serial_line_is_named_by_its_port_once(tree):
    path = tree.serial(3, "1.2", name="CH340")
    (found,) = scanning.attached(tree.root)
    assert (found.kind, found.path, found.node) == ("serial", path, "/dev/ttyUSB3")
    assert (found.name, found.model) == ("CH340", "1a86:7523")


def test_a_line_without_a_port_name_is_shown_without_a_name_to_write(tree):
    tree.serial(0, "1.2", by_path=False)
    (found,) = scanning.attached(tree.root)
    assert (found.path, found.node) == ("", "/dev/ttyUSB0")


def test_a_serial_port_of_the_computer_counts_when_there_is_one(tree):
    tree.file("dev/ttyS0")
    tree.file("sys/class/tty/ttyS0/type", "4\n")
    tree.file("dev/ttyS1")
    tree.file("sys/class/tty/ttyS1/type", "0\n")
    assert [w.path for w in scanning.attached(tree.root)] == ["/dev/ttyS0"]


def test_equal_keypads_have_paths_of_their_own_and_are_called_alike(tree):
    one, two = tree.keypad(5, "1.1"), tree.keypad(4, "1.2")
    found = scanning.attached(tree.root)
    assert [w.path for w in found] == [one, two]
    assert scanning.alike(found) == {"1c4f:0026": 2}
    assert scanning.alike(found[:1]) == {}


def test_a_printer_is_named_by_the_link_of_our_rule_or_not_at_all(tree):
    path = tree.printer("1.4")
    tree.printer("1.5", 1, rule=False)
    one, two = scanning.attached(tree.root)
    assert (one.kind, one.path, one.node) == ("usblp", path, "/dev/usb/lp0")
    assert (two.kind, two.path, two.node) == ("usblp", "", "/dev/usb/lp1")
    assert one.name == "POS Printer"


def test_a_printer_no_kernel_driver_has_is_named_by_bus_and_port(tree):
    assert tree.printer("1.4", None) == "1-1.4"
    (found,) = scanning.attached(tree.root)
    assert (found.kind, found.path, found.model) == ("usb", "1-1.4", "0483:5743")


def test_a_sound_card_that_only_records_is_no_loudspeaker(tree):
    tree.sound()
    (found,) = scanning.attached(tree.root)
    assert (found.kind, found.path, found.name) == ("sound", "default", "HDA Intel PCH")


def test_an_entry_is_known_by_any_name_of_its_wire(tree):
    path = tree.serial(0, "1.2")
    tree.printer("1.4", None)
    tree.sound()
    serial, usb, sound = scanning.attached(tree.root)
    for entries, wire in (
        ([entry("a", "serial", path)], serial),
        ([entry("a", "serial", "/dev/ttyUSB0")], serial),
        ([entry("a", "usb", "1-1.4")], usb),
        ([entry("a", "usb", "0483:5743")], usb),
        ([entry("a", "sound", "default")], sound),
    ):
        found = scanning.entry_of(wire, entries, tree.root)
        assert found is entries[0]
    for strange in (entry("a", "serial", "/dev/ttyUSB1"), entry("a", "evdev", path)):
        assert scanning.entry_of(serial, [strange], tree.root) is None


@pytest.mark.parametrize(
    ("path", "passes"),
    [
        ("/dev/ttyUSB0", True),
        ("/dev/ttyACM12", True),
        ("/dev/usb/lp0", True),
        ("/dev/input/event3", True),
        ("/dev/serial/by-id/usb-1a86_USB_Serial-if00-port0", True),
        ("/dev/serial/by-path/pci-0000:00:14.0-usb-0:1.2:1.0-port0", False),
        ("/dev/ttyS0", False),
        ("/dev/hall/printer/by-path/pci-x", False),
    ],
)
def test_names_that_wander_are_known(path, passes):
    assert [e.path for e in scanning.passing([entry("a", "serial", path)])] == [path] * passes


def test_what_is_configured_and_not_there_is_missed_but_the_network_is_not_looked_at(tree):
    path = tree.serial(0, "1.2")
    here, gone = entry("here", "serial", path), entry("gone", "serial", f"{path}x")
    far = entry("far", "tcp", "192.0.2.7:9100")
    wires = scanning.attached(tree.root)
    assert scanning.missing([here, gone, far], wires, tree.root) == [gone]


def test_a_half_written_devices_file_is_read_as_far_as_it_goes(tmp_path):
    folder = hall_folder(
        tmp_path,
        "devices:\n"
        "  pad-1: {driver: pad_serial, link: {serial: /dev/ttyUSB0}, windo: 1}\n"
        "  pad-2: {driver: no_such_driver}\n"
        "  pad-3:\n",
    )
    entries, problem = scanning.entries_in(folder)
    assert [(e.name, e.link, e.path) for e in entries] == [
        ("pad-1", "serial", "/dev/ttyUSB0"),
        ("pad-2", "", ""),
        ("pad-3", "", ""),
    ]
    assert problem == ""
    (folder / "devices.yaml").write_text("devices: {\n")
    entries, problem = scanning.entries_in(folder)
    assert entries == []
    assert problem.startswith("devices.yaml:")


def test_every_driver_says_how_it_is_wired_in_words_that_scan_understands():
    found = candidates()
    assert len(found) > 5
    assert [c.driver for c in found if not c.links] == []
    assert {link for c in found for link in c.links} >= {"serial", "evdev", "usblp", "sound"}
    by_name = {c.driver: c for c in found}
    assert by_name["keypad_rs485"].links >= {"serial"}
    assert "evdev" not in by_name["keypad_rs485"].links
    assert by_name["led_cpower"].baud == 115200
    assert "serial" not in by_name["keypad_hid"].links


def everything(tree):
    tree.serial(0, "1.2")
    tree.keypad(5, "1.1")
    tree.printer("1.4")
    tree.printer("1.5", None)
    tree.sound()
    return scanning.attached(tree.root)


def offered(tree):
    """Each line that scan offers for anything."""
    return [
        line
        for wire in everything(tree)
        for line in scanning.lines_for(wire, candidates(), {"pad-1"})
    ]


def test_every_line_that_is_offered_works_when_it_is_pasted(tree, tmp_path):
    lines = offered(tree)
    drivers = {line.partition("driver: ")[2].partition(",")[0] for line in lines}
    assert drivers == {c.driver for c in candidates() if c.links - {"tcp"}}
    for number, line in enumerate(lines):
        folder = hall_folder(tmp_path / str(number), f"devices:\n{line}\n")
        (device,) = load(folder, driver_class=driver_class).devices
        assert device.driver in line


def test_a_name_in_use_is_not_offered_again(tree):
    names = {line.strip().partition(":")[0] for line in offered(tree)}
    assert "pad-1" not in names
    assert "pad-2" in names


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ({1: 3}, "{1: 3}"),
        (["kiosk-1", 2], "[kiosk-1, 2]"),
        (True, "true"),
        ("true", '"true"'),
        ("7", '"7"'),
        ("1-1.2", '"1-1.2"'),
        ("a: b", '"a: b"'),
        ('say "no"', '"say \\"no\\""'),
        ("/dev/x:1.0-port0", "/dev/x:1.0-port0"),
        ("", '""'),
    ],
)
def test_values_are_written_so_that_they_are_read_back(value, text):
    assert scanning.flow(value) == text
