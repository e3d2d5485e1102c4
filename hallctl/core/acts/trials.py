"""Self-tests: devices prove themselves, and every finding is on record."""

from hallctl.core import commands as c
from hallctl.core import events as e
from hallctl.core import reports as r
from hallctl.core.hall import DeviceTest, Hall
from hallctl.core.moment import Moment
from hallctl.core.refused import Events, Refused, rules_of
from hallctl.core.trial import Result, verdict

LOST_S = 420.0
"""After so long a self-test that nobody ended is over; device.py's own limits are shorter."""
BUSY = ("called", "serving")


def begin_test(hall: Hall, command: c.TestDevice, _: Moment) -> Events:
    """Begin a self-test. A window where somebody stands is not disturbed by an interactive one."""
    fitting = rules_of(hall).fitting(command.device)
    if fitting is None:
        raise Refused("unknown_device", device=command.device)
    if hall.testing(command.device) is not None:
        raise Refused("test_running", device=command.device)
    strange = [w for w in command.windows if fitting.windows and w not in fitting.windows]
    if strange:
        raise Refused("not_of_device", device=command.device, window=strange[0])
    wanted = command.windows or fitting.windows
    if command.level == "interactive":
        for number in wanted:
            window = hall.windows.get(number)
            if window is not None and (window.status in BUSY or window.rating):
                raise Refused("window_busy", window=number)
    test = f"{hall.day}-T{_next_number(hall)}"
    return [
        e.DeviceTestBegun(
            test=test, device=command.device, level=command.level, windows=command.windows
        )
    ]


def _next_number(hall: Hall) -> int:
    last = next(reversed(hall.tests), "-T0")
    return int(last.rpartition("-T")[2]) + 1


def stop_test(hall: Hall, command: c.StopTest, _: Moment) -> Events:
    """Break a self-test off; the device reports its end."""
    test = hall.testing(command.device)
    if test is None:
        raise Refused("no_test", device=command.device)
    return [e.DeviceTestStopped(test=test.id)]


def report_findings(hall: Hall, command: c.ReportFindings, _: Moment) -> Events:
    """A whole test of something that is no device of ours, at once."""
    rules_of(hall)
    if not command.findings or hall.testing(command.device) is not None:
        raise Refused("no_findings")
    test = f"{hall.day}-T{_next_number(hall)}"
    found = [
        e.DeviceTestFound(test=test, step=f.step, result=f.result, code=f.code, evidence=f.evidence)
        for f in command.findings
    ]
    result = verdict(f.result for f in command.findings)
    return [
        e.DeviceTestBegun(test=test, device=command.device, level="internal"),
        *found,
        e.DeviceTestEnded(test=test, device=command.device, result=result),
    ]


def heard(hall: Hall, device: str, report: r.Finding | r.TestAsks | r.TestEnded) -> Events:
    """A device's word about the self-test that runs; nothing when none does."""
    test = hall.testing(device)
    if test is None:
        return []
    match report:
        case r.TestAsks():
            return [
                e.DeviceTestAsked(
                    test=test.id, step=report.step, window=report.window, wait_s=report.wait_s
                )
            ]
        case r.Finding():
            return [
                e.DeviceTestFound(
                    test=test.id,
                    step=report.step,
                    result=report.result,
                    code=report.code,
                    evidence=report.evidence,
                )
            ]
        case r.TestEnded():
            return [ended(test, verdict(f.result for f in test.found))]


def ended(test: DeviceTest, result: Result) -> e.DeviceTestEnded:
    """The end of a test."""
    return e.DeviceTestEnded(test=test.id, device=test.device, result=result)


def broken_off(hall: Hall, before_s: float) -> Events:
    """Tests begun at or before that time which still run are over: nobody will end them."""
    events: Events = []
    for test in hall.tests.values():
        if not test.result and test.begun_s <= before_s:
            events.append(
                e.DeviceTestFound(test=test.id, step="wire", result="failed", code="interrupted")
            )
            events.append(ended(test, "failed"))
    return events
