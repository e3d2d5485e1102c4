"""Command → what happens, or `Refused` with words for the person who asked.

Nothing is changed here and nothing is remembered: the same hall, command and moment give the
same events. The acts themselves are in `acts/`, one file a subject.
"""

from collections.abc import Callable
from typing import Any

from hallctl.core import commands as c
from hallctl.core.acts import (
    announcing,
    calling,
    issuing,
    leaving,
    places,
    preprinting,
    printing,
    rehearsing,
    serving,
    trials,
)
from hallctl.core.hall import Hall
from hallctl.core.moment import Moment
from hallctl.core.refused import Events, Refused

ACTS: dict[type, Callable[[Hall, Any, Moment], Events]] = {
    c.IssueTicket: issuing.issue,
    c.PrintMaterials: printing.print_materials,
    c.PrintNotice: printing.print_notice,
    c.Reprint: printing.reprint,
    c.CancelTicket: issuing.cancel,
    c.Rejoin: issuing.rejoin,
    c.SetItem: issuing.set_item,
    c.AddMatter: issuing.add_matter,
    c.ChangeClass: issuing.change_class,
    c.ServeWalkUp: issuing.walk_up,
    c.EnterPreprinted: preprinting.enter,
    c.RaiseStuck: issuing.raise_stuck,
    c.CallNext: calling.call_next,
    c.CallTicket: calling.call_ticket,
    c.CallBack: calling.call_back,
    c.Recall: calling.recall,
    c.MarkNoShow: calling.no_show,
    c.Undo: calling.undo,
    c.Start: serving.start,
    c.Finish: serving.finish,
    c.Hold: serving.hold,
    c.Transfer: serving.transfer,
    c.Rate: serving.rate,
    c.GiveReasons: serving.give_reasons,
    c.Pause: places.pause,
    c.Resume: places.resume,
    c.SignOn: places.sign_on,
    c.SignOff: places.sign_off,
    c.OpenQueue: places.open_queue,
    c.CloseQueue: places.close_queue,
    c.SetWindowQueues: places.set_window_queues,
    c.SetHelping: places.set_helping,
    c.SetNotices: places.set_notices,
    c.ExtendHours: places.extend_hours,
    c.AskHelp: places.ask_help,
    c.AnswerHelp: places.answer_help,
    c.ReportShown: places.shown,
    c.QuietVoice: announcing.quiet_voice,
    c.StartEvacuation: leaving.start,
    c.EndEvacuation: leaving.end,
    c.ConfirmClear: leaving.confirm_clear,
    c.TestDevice: trials.begin_test,
    c.StopTest: trials.stop_test,
    c.ReportFindings: trials.report_findings,
    c.PrintTests: printing.print_tests,
    c.LoadPaper: printing.load_paper,
    c.RehearseVisit: rehearsing.rehearse,
    c.EndRehearsal: rehearsing.end,
}


def decide(hall: Hall, command: c.Command, now: Moment) -> Events:
    """What a command lets happen. Raises Refused."""
    if hall.rules is None:
        raise Refused("no_rules")
    leaving.allowed(hall, command)
    return ACTS[type(command)](hall, command, now)
