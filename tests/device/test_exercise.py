"""A self-test as device.py runs it: what the wire adds, and an end for every test."""

import pytest

from hallctl.core import effects as f
from hallctl.core import reports as r
from hallctl.driver import Driver, Reply
from hallctl.simulator.twins.base import Twin
from wired import Wired, codes


class Asker(Driver):
    """A driver whose self-test asks once and never ends by itself unless told."""

    kind = "strip"
    ends = True

    def selftest(self, test, now):
        self.asked = test
        found = r.Finding(step="answer", result="failed", code="silence")
        return Reply(b"?" * 40, (found, *((r.TestEnded(),) if self.ends else ())))

    def end_selftest(self, now):
        return Reply(b"!")


class Endless(Asker):
    ends = False


class Eater(Twin):
    """Takes what it is given and remembers it."""

    def __init__(self):
        super().__init__({})
        self.eaten = b""

    def receive(self, data, now):
        self.eaten += data
        return b""


def wired(driver=Asker):
    return Wired(driver(driver.Options()), Eater())


def test_the_wires_own_finding_comes_first():
    findings = wired().selftest()
    assert findings[0].step == "wire"
    assert findings[0].result == "passed"
    assert "bytes in" in findings[0].evidence


def test_an_unplugged_device_is_named_with_the_systems_word():
    line = wired()
    line.fault("unplug")
    line.run(1)
    (finding,) = line.selftest()
    assert (finding.code, finding.evidence) == ("unplug", "unplugged")


def test_a_wire_that_goes_in_the_middle_ends_the_test():
    line = wired(Endless)
    line.do(f.ExerciseDevice(device="dut", level="external"))
    line.fault("unplug")
    line.run(1)
    assert [x.code for x in line.heard(r.Finding)] == ["", "silence", "unplug"]
    assert len(line.heard(r.TestEnded)) == 1


@pytest.mark.parametrize(("level", "most_s"), [("internal", 20), ("external", 60)])
def test_a_test_that_never_ends_is_broken_off_and_the_driver_told(level, most_s):
    line = wired(Endless)
    line.do(f.ExerciseDevice(device="dut", level=level))
    line.run(most_s - 1)
    assert not line.heard(r.TestEnded)
    line.run(2)
    assert line.heard(r.Finding)[-1].code == "interrupted"
    assert line.line.twin.eaten.endswith(b"!")


def test_a_device_that_takes_no_bytes_has_stalled(monkeypatch):
    line = wired(Endless)
    monkeypatch.setattr(line.link, "write", lambda payload: 0)
    findings = line.selftest()
    assert findings[-1].code == "stall"
    assert "40 bytes" in findings[-1].evidence


def test_silence_with_bytes_still_in_the_computer_is_a_stall(monkeypatch):
    line = wired()
    monkeypatch.setattr(line.link, "unsent", lambda: 17)
    assert codes(line.selftest()) == {"stall"}


def test_a_wire_that_takes_part_of_a_small_write_is_short(monkeypatch):
    line = wired(Endless)
    write = line.link.write
    monkeypatch.setattr(line.link, "write", lambda payload: write(payload[:8]))
    line.do(f.ExerciseDevice(device="dut", level="external"), f.EndExercise(device="dut"))
    assert "short_write" not in codes(line.heard(r.Finding))  # nothing was written yet
    line.do(f.ExerciseDevice(device="dut", level="external"))
    line.do(f.EndExercise(device="dut"))
    (short,) = [x for x in line.heard(r.Finding) if x.code == "short_write"]
    assert short.evidence == "8 of 40 bytes taken"


def test_a_second_test_takes_the_place_of_the_first():
    line = wired(Endless)
    line.do(f.ExerciseDevice(device="dut", level="external"))
    line.do(f.ExerciseDevice(device="dut", level="internal"))
    assert "interrupted" in codes(line.heard(r.Finding))
    assert line.device.driver.asked.level == "internal"


def test_a_person_can_break_a_test_off():
    line = wired(Endless)
    line.do(f.ExerciseDevice(device="dut", level="external"))
    line.do(f.EndExercise(device="dut"))
    assert len(line.heard(r.TestEnded)) == 1
    assert "interrupted" not in codes(line.heard(r.Finding))


def test_findings_outside_a_test_are_nobodys():
    line = wired()
    line.device._hear((r.Finding(step="x", result="passed"), r.TestEnded()))
    assert not line.heard(r.Finding)


def test_a_sight_shows_the_wire_as_the_technician_needs_it():
    line = wired()
    line.selftest()
    line.run(1)
    sight = line.devices.sights["dut"]
    assert sight.is_open
    assert sight.last_out.startswith("3F 3F")
    line.fault("unplug")
    line.run(2)
    gone = line.devices.sights["dut"]
    assert (gone.is_open, gone.evidence) == (False, "unplugged")
    assert gone.remedy
    assert gone.retry_in_s > 0
