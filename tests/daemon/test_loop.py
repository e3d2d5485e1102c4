"""The loop itself: what happens when there is no room, and when the disk says no."""

import apsw
import pytest

from hallctl.config.load import load
from hallctl.core import commands as c
from hallctl.core import effects as f
from hallctl.device import driver_class
from hallctl.simulator.day import VirtualHall
from running import ROOT


@pytest.fixture
def hall(tmp_path):
    hall = VirtualHall(load(ROOT, driver_class=driver_class), tmp_path, "2026-11-23", 1)
    hall.until(9.5 * 3600)
    yield hall
    hall.close()


class NoRoom:
    def takes(self, kind):
        return True

    def post(self, effects):
        return False


def test_devices_that_are_behind_are_said_and_the_hall_goes_on(hall, caplog):
    hall.daemon._devices = NoRoom()
    assert hall.ask("kiosk", "k", "1", c.IssueTicket(queue="A"))["ok"]
    assert "displays may be stale" in caplog.text


def test_nothing_is_seen_of_what_could_not_be_stored(hall):
    published = len(hall.bus.published)
    hall.journal._db.execute("PRAGMA query_only=1")
    hall.bus.ask("kiosk", "k", "1", c.IssueTicket(queue="A"))
    with pytest.raises(apsw.Error):
        hall.daemon.turn()
    assert len(hall.bus.published) == published
    assert "1" not in hall.bus.answers


def test_everything_that_waits_goes_into_one_commit(hall):
    commits = []
    append = hall.journal.append
    hall.journal.append = lambda *a: (commits.append(len(a[0])), append(*a))[1]
    for n in range(30):
        hall.bus.ask("kiosk", f"k{n}", "1", c.IssueTicket(queue="A"))
    hall.daemon.turn()
    assert len(commits) == 1
    assert commits[0] >= 30


def test_a_turn_shows_each_display_once_however_much_has_happened_at_it(hall):
    posted = []
    hall.daemon._devices.post = lambda effects: posted.append(list(effects)) or True
    for n in range(30):
        hall.bus.ask("kiosk", f"k{n}", "1", c.IssueTicket(queue="A", paper=False))
    hall.daemon.turn()
    shown = [x for effects in posted for x in effects if isinstance(x, f.ShowKeypad)]
    windows = [x.window for x in shown]
    assert windows == sorted(set(windows)), "once, and not thirty times"
    assert {x.waiting for x in shown} == {30}


def test_what_is_durable_is_told_before_the_mark_is_moved_on(hall):
    """The mark may lag and must not be waited for; it is never ahead."""
    order = []
    advance, publish = hall.journal.mark.advance, hall.bus.publish
    hall.journal.mark.advance = lambda *a: order.append("mark") or advance(*a)
    hall.bus.publish = lambda told: order.append("told") or publish(told)
    hall.bus.ask("kiosk", "k", "1", c.IssueTicket(queue="A"))
    hall.daemon.turn()
    assert order[:2] == ["told", "mark"]
    assert hall.journal.mark.seq == hall.journal.seq


def test_a_command_that_comes_again_gets_the_stored_answer_byte_for_byte(hall):
    first = hall.ask("kiosk", "k", "1", c.IssueTicket(queue="A"))
    assert first["ok"]
    seq = hall.journal.seq
    assert hall.ask("kiosk", "k", "1", c.IssueTicket(queue="A")) == first
    assert hall.journal.seq == seq
