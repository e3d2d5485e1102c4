"""Events of self-tests and rehearsed visits. One function an event."""

from hallctl.core import events as e
from hallctl.core.hall import DeviceTest, Hall, Rehearsal
from hallctl.core.trial import Found

TESTS_MOST = 200
"""So many of a day's self-tests are kept; the journal has them all."""


def begun(hall: Hall, event: e.DeviceTestBegun, recorded: e.Recorded) -> None:
    hall.tests[event.test] = DeviceTest(
        event.test, event.device, event.level, recorded.wall_s, begun_seq=recorded.seq
    )
    while len(hall.tests) > TESTS_MOST:
        del hall.tests[next(iter(hall.tests))]


def asked(hall: Hall, event: e.DeviceTestAsked, _: e.Recorded) -> None:
    test = hall.tests[event.test]
    test.asks, test.asks_window = event.step, event.window


def found(hall: Hall, event: e.DeviceTestFound, _: e.Recorded) -> None:
    test = hall.tests[event.test]
    test.asks = ""
    test.found.append(
        Found(step=event.step, result=event.result, code=event.code, evidence=event.evidence)
    )


def ended(hall: Hall, event: e.DeviceTestEnded, _: e.Recorded) -> None:
    test = hall.tests[event.test]
    test.asks, test.result = "", event.result


def rehearsal_begun(hall: Hall, event: e.RehearsalBegun, recorded: e.Recorded) -> None:
    rehearsal = Rehearsal(event.window, event.job, since_s=recorded.wall_s)
    hall.rehearsals[event.window] = rehearsal


def rehearsal_moved(hall: Hall, event: e.RehearsalMoved, recorded: e.Recorded) -> None:
    rehearsal = hall.rehearsals[event.window]
    if event.stage == "heard":
        rehearsal.heard = True
    else:
        rehearsal.stage, rehearsal.since_s = event.stage, recorded.wall_s


def rehearsal_ended(hall: Hall, event: e.RehearsalEnded, _: e.Recorded) -> None:
    hall.rehearsals.pop(event.window, None)
