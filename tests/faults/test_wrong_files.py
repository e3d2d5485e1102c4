"""Every key of devices.yaml, with every driver there is, taken away, misspelt and mistyped.

What hall.yaml and catalogue.yaml answer is in tests/config/test_mutations.py; here is what the
daemon says and does: exit 78 at a start, and nothing at all at a reload.
"""

import logging
import re
import signal

import pytest

from config.test_mutations import SMALL_HALL, _changed, _dump, _load, _misspell, _mistype, _paths
from config.test_mutations import _remove as remove
from every_driver import NAMES, make
from faults.seeing import change, happened, journal, ready
from hallctl.config.load import load
from hallctl.config.problems import ConfigError
from hallctl.device import driver_class
from hallctl.service import Place, run
from running import RunningDaemon, wait_until

EX_CONFIG = 78


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "hall.yaml").write_text(SMALL_HALL)
    (tmp_path / "catalogue.yaml").write_text('common_note: ""\nitems: {}\n')
    return tmp_path


def device(name):
    """An entry of devices.yaml for a driver, with all that its example has."""
    link = {"tcp": "192.168.10.21:9100"}
    if name.startswith("keypad_hid"):
        link = {"evdev": "/dev/input/by-path/x-event-kbd"}
    entry = {"driver": name, "link": link, **dict(driver_class(name).example)}
    if make(name).kind == "printer":
        entry["serves"] = ["kiosk-1"]
    return _load(_dump({"devices": {"one": entry}}))


def refused(folder, caplog):
    """Whether the hall is refused; then it is by the daemon too, in words with a place."""
    try:
        load(folder, driver_class=driver_class)
    except ConfigError:
        pass
    else:
        return False
    caplog.clear()
    with caplog.at_level(logging.ERROR):
        assert run(Place(folder, folder / "s")) == EX_CONFIG
    (record,) = caplog.records
    assert record.exc_info is None, "a person's mistake, not a traceback"
    assert re.match(r"devices\.yaml:\d+:\d+: ", record.getMessage()), record.getMessage()
    assert not (folder / "s" / "journal.db").exists(), "nothing was begun"
    return True


@pytest.mark.parametrize("name", NAMES)
def test_a_wrong_key_of_any_driver_ends_the_start_with_78_and_names_its_line(folder, name, caplog):
    tree = device(name)
    (folder / "devices.yaml").write_text(_dump(tree))
    load(folder, driver_class=driver_class)  # as it stands it is right
    paths = [path for path in _paths(tree) if path != ("devices", "one")]
    assert len(paths) >= 3
    for kind in (_misspell, _mistype, remove):
        for path in paths:
            changed = _changed(tree, path, kind)
            (folder / "devices.yaml").write_text(changed)
            wrong = refused(folder, caplog)
            inside = len(path) > 3 and path[2] != "link"  # names of the technician's own
            if kind is not remove and not inside:
                assert wrong, f"{kind.__name__} {path} was let through"
            if wrong and kind is _misspell:
                assert f"{path[-1]}" in caplog.text


WRONG = {
    "hall.yaml": [
        ("timezone: Asia/Shanghai", "timezone: Asia/Shanghia"),
        ("rating_open_s: 60 ", "rating_open: 60 "),
        ("default_queue: A ", "default_queue: Z "),
    ],
    "catalogue.yaml": [("common_note:", "common_notes:")],
    "devices.yaml": [("devices: {}", "devices: []")],
}


def test_a_bad_reload_of_any_of_the_files_changes_nothing_and_a_good_one_comes_in(tmp_path):
    daemon = RunningDaemon(tmp_path)
    daemon.start()
    asker = ready(daemon)
    try:
        label = asker.ask("t1", {"type": "IssueTicket", "queue": "A"})["result"]["label"]
        before = [one["event"] for one in journal(daemon) if one["event"]["type"] == "RulesSet"]
        count = 0
        for name, edits in WRONG.items():
            for old, new in edits:
                change(daemon, old, new, name)
                daemon.process.send_signal(signal.SIGHUP)
                count += 1
                said = "rules not reloaded"
                wait_until(lambda n=count, s=said: daemon.words().count(s) == n)
                assert re.search(rf"{re.escape(name)}:\d+:\d+: ", daemon.words().split(said)[-1])
                change(daemon, new, old, name)
        assert happened(daemon, "RulesSet") == before
        assert label == "A001"
        assert asker.ask("t2", {"type": "IssueTicket", "queue": "A"})["result"]["label"] == "A002"
        change(daemon, "rating_open_s: 60 ", "rating_open_s: 45 ")
        daemon.process.send_signal(signal.SIGHUP)
        wait_until(lambda: len(happened(daemon, "RulesSet")) == len(before) + 1)
        assert "Traceback" not in daemon.words()
    finally:
        asker.close()
        assert daemon.stop() == 0
