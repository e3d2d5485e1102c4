"""`apply`: the only thing that changes a hall. The events of the day itself are here."""

from collections.abc import Callable
from typing import Any

from hallctl.core import events as e
from hallctl.core.applied import papers, times, trials, visits, voices, windows
from hallctl.core.hall import Hall, Learned, Paper, PrinterState
from hallctl.core.visit import OPEN


def apply(hall: Hall, recorded: e.Recorded) -> None:
    """Let one event happen to the hall.

    Raises AssertionError on an event that cannot follow what went before (a bug or a foreign
    journal; never an asker's mistake).
    """
    hall.epoch = recorded.epoch
    hall.seq = recorded.seq
    event = recorded.event
    how = _HOW.get(type(event))
    if how is None:
        return
    how(hall, event, recorded)
    visit = hall.visits.get(getattr(event, "visit", ""))
    if visit is not None:
        hall.lines.keep(visit)
        hall.closed = hall.closed and visit.status not in OPEN


def _epoch_begun(hall: Hall, event: e.EpochBegun, _: e.Recorded) -> None:
    for queue, number in event.numbers.items():
        hall.numbers[queue] = max(number, hall.numbers.get(queue, 0))


def _day_opened(hall: Hall, event: e.DayOpened, _: e.Recorded) -> None:
    hall.day = event.day
    hall.opening = "before"
    hall.closed = False
    hall.quiet_until_s = 0.0
    hall.extended_s = 0
    hall.notices = ()
    hall.learned = {k: Learned(*v) for k, v in event.learned.items()}
    hall.paper = {k: Paper(*v) for k, v in event.paper.items()}
    printers = {*event.unended, *event.speaking}
    hall.printers = {
        k: PrinterState(k in event.speaking, event.unended.get(k, "")) for k in sorted(printers)
    }
    today = (
        hall.numbers, hall.visits, hall.jobs, hall.help, hall.closed_queues, hall.closed_s,
        hall.given, hall.alerts, hall.withdrawn, hall.tests, hall.rehearsals, hall.cards,
        hall.voices,
    )  # fmt: skip
    for kept in today:
        kept.clear()
    hall.lines.clear()
    hall.calls.clear()
    for number in hall.windows:
        hall.windows[number] = windows.fresh(hall, number)


def _day_closed(hall: Hall, _event: e.DayClosed, _: e.Recorded) -> None:
    hall.closed = True


def _rules_set(hall: Hall, event: e.RulesSet, _: e.Recorded) -> None:
    hall.rules = event.rules
    hall.digest = event.digest
    known = {w.number for w in event.rules.windows}
    for number in known - hall.windows.keys():
        hall.windows[number] = windows.fresh(hall, number)
    for number in hall.windows.keys() - known:
        if not (hall.windows[number].visit or hall.windows[number].rating):
            del hall.windows[number]
    for state in hall.windows.values():
        if not event.rules.sign_on and state.status == "off":
            state.status = "idle"
        if event.rules.sign_on and state.status == "idle" and not state.staff:
            state.status = "off"


def _opening_turned(hall: Hall, event: e.OpeningTurned, _: e.Recorded) -> None:
    hall.opening = event.opening
    # Hours extended after all had left, or a clock set back: this day will be closed again.
    hall.closed = hall.closed and event.opening != "open"


_HOW: dict[type[e.Event], Callable[[Hall, Any, e.Recorded], None]] = {
    e.EpochBegun: _epoch_begun,
    e.DayOpened: _day_opened,
    e.DayClosed: _day_closed,
    e.RulesSet: _rules_set,
    e.OpeningTurned: _opening_turned,
    e.ClockSet: times.clock_set,
    e.TicketIssued: visits.issued,
    e.PreprintedEntered: visits.entered,
    e.TicketCalled: visits.called,
    e.TicketRecalled: visits.recalled,
    e.ServiceStarted: visits.started,
    e.ServiceFinished: visits.finished,
    e.ReasonsGiven: visits.reasons_given,
    e.RatingClosed: visits.rating_closed,
    e.TicketMissed: visits.missed,
    e.TicketVoided: visits.voided,
    e.TicketRejoined: visits.rejoined,
    e.VisitHeld: visits.held_visit,
    e.VisitTransferred: visits.transferred,
    e.CallWithdrawn: visits.withdrawn,
    e.StartUndone: visits.start_undone,
    e.FinishUndone: visits.finish_undone,
    e.MissUndone: visits.miss_undone,
    e.HoldUndone: visits.hold_undone,
    e.ItemSet: visits.item_set,
    e.MatterAdded: visits.matter_added,
    e.MatterFinished: visits.matter_finished,
    e.ClassChanged: visits.class_changed,
    e.StaffSignedOn: windows.signed_on,
    e.StaffSignedOff: windows.signed_off,
    e.QueueOpened: windows.queue_opened,
    e.QueueClosed: windows.queue_closed,
    e.WindowQueuesSet: windows.window_queues_set,
    e.HelpingSet: windows.helping_set,
    e.NoticesSet: windows.notices_set,
    e.HoursExtended: windows.hours_extended,
    e.AlertRaised: windows.alert_raised,
    e.AlertEnded: windows.alert_ended,
    e.EvacuationStarted: windows.evacuation_started,
    e.EvacuationEnded: windows.evacuation_ended,
    e.AreaCleared: windows.area_cleared,
    e.WindowPaused: windows.paused,
    e.WindowResumed: windows.resumed,
    e.SlipQueued: papers.queued,
    e.SlipMoved: papers.moved,
    e.SlipHeld: papers.held,
    e.SlipSending: papers.sending,
    e.SlipPrinted: papers.printed,
    e.SlipDoubtful: papers.doubtful,
    e.SlipFailed: papers.slip_failed,
    e.DeviceUp: papers.device_up,
    e.DeviceDown: papers.device_down,
    e.DeviceSensed: papers.device_sensed,
    e.PaperLoaded: papers.paper_loaded,
    e.DeviceTestBegun: trials.begun,
    e.DeviceTestAsked: trials.asked,
    e.DeviceTestFound: trials.found,
    e.DeviceTestEnded: trials.ended,
    e.RehearsalBegun: trials.rehearsal_begun,
    e.RehearsalMoved: trials.rehearsal_moved,
    e.RehearsalEnded: trials.rehearsal_ended,
    e.CardRead: papers.card_read,
    e.AnnouncementQueued: voices.queued,
    e.AnnouncementBegun: voices.begun,
    e.AnnouncementMade: voices.made,
    e.AnnouncementFailed: voices.failed,
    e.AnnouncementSkipped: voices.skipped,
    e.VoiceQuieted: voices.quieted,
    e.HelpAsked: papers.help_asked,
    e.HelpAnswered: papers.help_answered,
}
"""Events that change nothing here (a grade, a refused key, a proof of showing) are absent."""
