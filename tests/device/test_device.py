"""The runner of one driver on one link: opening, retries, held effects, alarms, bugs."""

import os

import pytest

from hallctl.core import effects as f
from hallctl.core import reports as r
from hallctl.core.slip import Slip
from hallctl.device import Device, driver_class, open_link
from hallctl.devices import Devices
from hallctl.driver import Driver, Reply
from hallctl.inbox import Inbox
from hallctl.links.base import LinkError
from hallctl.links.memory import MemoryLink
from hallctl.links.serial import SerialLink
from hallctl.links.tcp import TcpLink


class Parrot(Driver):
    """Writes what it is told, reports what it hears; `bug` makes it raise."""

    kind = "strip"
    takes = (f.ShowStrip, f.PrintSlip, f.SendSlip, f.DropSlip, f.Announce, f.AnswerKey)
    bug = ""

    def start(self, now):
        return Reply(write=b"hello ", wake_at=now + 5)

    def perform(self, effect, now):
        if self.bug == "perform":
            raise ZeroDivisionError
        return Reply(write=f"{type(effect).__name__} ".encode())

    def receive(self, data, now):
        if self.bug == "receive":
            raise ZeroDivisionError
        return Reply(reports=(r.Fault(code="heard", evidence=data.decode()),))

    def wake(self, now):
        return Reply(write=b"tick ", wake_at=now + 5)


class Rig:
    def __init__(self):
        self.now = 100.0
        self.said = []
        self.link = MemoryLink(lambda payload: (self.said.append(payload), b"")[1])
        self.driver = Parrot(Parrot.Options())
        self.device = Device("parrot", self.driver, self.link, "boot")
        self.reports = []
        self.room = True
        self.devices = Devices([self.device], self.deliver, lambda: self.now, inline_open=True)

    def deliver(self, reports):
        if self.room:
            self.reports += [x.report for x in reports]
        return self.room

    def written(self):
        return b"".join(self.said).decode()

    def turn(self, seconds=0.0):
        self.now += seconds
        self.devices.turn()
        self.devices.turn()


@pytest.fixture
def rig():
    rig = Rig()
    yield rig
    rig.devices.stop()


STRIP = f.ShowStrip(window=1, state="idle", texts=("x",))


def test_a_device_is_greeted_when_its_link_opens(rig):
    rig.turn()
    assert rig.written() == "hello "
    assert rig.reports == [r.LinkUp()]


def test_an_alarm_rings_when_it_is_due_and_not_before(rig):
    rig.turn()
    rig.turn(4.9)
    assert "tick" not in rig.written()
    rig.turn(0.2)
    assert rig.written() == "hello tick "


def test_a_lost_wire_is_one_report_and_retries_wait_longer_and_longer(rig):
    rig.turn(20)
    rig.turn(20)
    rig.link.plugged = False
    rig.turn()
    assert [type(x) for x in rig.reports].count(r.LinkDown) == 1
    assert rig.reports[-1].remedy
    waits = []
    for _ in range(6):
        waits.append(rig.device.retry_at - rig.now)
        rig.turn(waits[-1])
    assert waits == [1, 2, 4, 8, 15, 30]
    assert [type(x) for x in rig.reports].count(r.LinkDown) == 1


def test_a_flapping_wire_does_not_flood_the_journal(rig):
    for _ in range(600):
        rig.link.plugged = not rig.link.plugged
        rig.turn(0.5)
    assert len([x for x in rig.reports if isinstance(x, r.LinkDown)]) < 25


def test_displays_are_held_while_the_wire_is_down_the_newest_only(rig):
    rig.link.plugged = False
    rig.turn()
    for text in ("a", "b", "c"):
        rig.devices.post([f.ShowStrip(window=1, state="idle", texts=(text,))])
    rig.devices.post([f.ShowStrip(window=2, state="idle", texts=("d",))])
    rig.turn()
    rig.link.plugged = True
    rig.turn(2)
    assert rig.written() == "hello ShowStrip ShowStrip "


def test_a_slip_for_an_unplugged_printer_is_held_and_said_and_prints_when_it_is_back(rig):
    rig.link.plugged = False
    rig.turn()
    rig.devices.post([f.PrintSlip(printer="parrot", job="j", slip=Slip(()))])
    rig.turn()
    assert r.SlipHeld(job="j", reason="unplugged") in rig.reports
    rig.link.plugged = True
    rig.turn(2)
    assert rig.written() == "hello PrintSlip "


def test_a_dropped_slip_is_not_printed_later(rig):
    rig.link.plugged = False
    rig.turn()
    rig.devices.post([f.PrintSlip(printer="parrot", job="j", slip=Slip(()))])
    rig.devices.post([f.DropSlip(printer="parrot", job="j")])
    rig.turn()
    rig.link.plugged = True
    rig.turn(2)
    assert rig.written() == "hello "


def test_a_slip_whose_wire_went_between_ready_and_send_is_doubtful(rig):
    rig.turn()
    rig.link.plugged = False
    rig.turn()
    rig.devices.post([f.SendSlip(printer="parrot", job="j")])
    rig.turn()
    assert r.SlipDoubtful(job="j", reason="unplugged") in rig.reports


def test_an_effect_for_another_printer_is_not_performed(rig):
    rig.turn()
    rig.devices.post([f.PrintSlip(printer="other", job="j", slip=Slip(()))])
    rig.turn()
    assert rig.written() == "hello "


class Worrier(Parrot):
    """Says what is in doubt when its wire goes, or stumbles over it."""

    def lost(self, now):
        if self.bug == "lost":
            raise ZeroDivisionError
        return Reply(write=b"help ", reports=(r.SlipDoubtful(job="j", reason="unplugged"),))


@pytest.mark.parametrize(
    ("bug", "said"),
    [("", r.SlipDoubtful(job="j", reason="unplugged")),
     ("lost", r.Fault(code="driver_error", evidence="ZeroDivisionError()"))],
)  # fmt: skip
def test_a_driver_says_what_is_in_doubt_when_its_wire_goes_once_and_writes_nothing(rig, bug, said):
    rig.device.driver = Worrier(Worrier.Options())
    rig.device.driver.bug = bug
    rig.turn()
    rig.link.plugged = False
    rig.turn()
    rig.turn(40)
    assert rig.reports.count(said) == 1
    rig.link.plugged = True
    rig.turn(40)
    assert rig.reports[-1] == r.LinkUp()
    assert "help" not in rig.written()


@pytest.mark.parametrize("bug", ["perform", "receive"])
def test_a_drivers_bug_ends_one_device_for_a_second_not_the_hall(rig, bug):
    rig.turn()
    Parrot.bug = bug
    try:
        rig.link.arrive(b"x")
        rig.devices.post([STRIP])
        rig.turn()
    finally:
        Parrot.bug = ""
    assert any(isinstance(x, r.Fault) and x.code == "driver_error" for x in rig.reports)
    assert "ZeroDivisionError" in rig.reports[-1].evidence
    rig.turn(1.5)
    assert rig.reports[-1] == r.LinkUp()


def test_while_nobody_takes_reports_no_wire_is_read_and_nothing_is_lost(rig, caplog):
    rig.turn()
    rig.room = False
    for piece in (b"a", b"b", b"c"):
        rig.link.arrive(piece)
        rig.turn()
    rig.room = True
    rig.turn()
    heard = "".join(x.evidence for x in rig.reports if isinstance(x, r.Fault))
    assert heard == "abc"
    assert [m.getMessage() for m in caplog.records] == [
        "the loop has no room for 1 reports; no wire is read until it has"
    ]


def test_reports_have_ids_of_their_own(rig):
    ids = []
    devices = Devices(
        [rig.device], lambda x: (ids.extend(i.id for i in x), True)[1], lambda: rig.now,
        inline_open=True,
    )  # fmt: skip
    devices.turn()
    rig.link.arrive(b"a")
    devices.turn()
    rig.link.arrive(b"b")
    devices.turn()
    devices.stop()
    assert ids == ["parrot:boot:1", "parrot:boot:2", "parrot:boot:3"]


def test_an_unknown_driver_is_named_with_those_there_are():
    with pytest.raises(LookupError, match="escpox") as caught:
        driver_class("escpox")
    assert "escpos" in caught.value.known


@pytest.mark.parametrize(
    ("link", "word"),
    [
        (TcpLink("127.0.0.1:1"), "refused"),
        (SerialLink("/dev/serial/by-path/none"), "/dev/serial"),
    ],
)
def test_a_wire_that_does_not_open_says_what_to_do(link, word):
    with pytest.raises(LinkError, match=word) as caught:
        link.open()
    assert caught.value.remedy
    link.close()
    with pytest.raises(LinkError):
        link.read()


def test_a_serial_line_that_is_pulled_out_is_noticed_at_once():
    master, slave = os.openpty()
    link = SerialLink(os.ttyname(slave))
    link.open()
    assert link.read() == b""
    os.write(master, b"\xff\x68")
    assert link.read() == b"\xff\x68"
    assert link.write(b"ok") == 2
    assert os.read(master, 10) == b"ok"
    os.close(master)
    os.close(slave)
    with pytest.raises(LinkError):
        link.read()
    link.close()


def test_a_serial_line_that_is_not_read_never_blocks():
    master, slave = os.openpty()
    link = SerialLink(os.ttyname(slave))
    link.open()
    taken = sum(link.write(b"x" * 4096) for _ in range(200))
    assert taken < 200 * 4096
    link.close()
    os.close(master)
    os.close(slave)


def test_a_full_inbox_says_so_and_takes_nothing_in_part():
    inbox = Inbox(3)
    assert inbox.put([1, 2])
    assert not inbox.put([3, 4])
    assert inbox.take() == [1, 2]
    assert inbox.put([3, 4])
    assert inbox.take(1) == [3]
    assert inbox.take() == [4]
    inbox.close()


def test_a_bug_while_opening_is_a_wire_that_does_not_open_not_one_that_opens_for_ever():
    class Broken(MemoryLink):
        def open(self):
            raise RuntimeError("a bug")

    found = open_link(Device("d", Driver(Driver.Options()), Broken(lambda sent: b""), "boot"))
    assert isinstance(found, LinkError)
    assert "a bug" in found.evidence
