"""Events of paper, devices and calls for help. One function an event."""

from hallctl.core import events as e
from hallctl.core.hall import Card, DeviceState, Hall, Job, Paper, PrinterState


def queued(hall: Hall, event: e.SlipQueued, recorded: e.Recorded) -> None:
    hall.jobs[event.job] = Job(
        id=event.job,
        printer=event.printer,
        purpose=event.purpose,
        visit=event.visit,
        item=event.item,
        kiosk=event.kiosk,
        language=event.language,
        reprint=event.reprint,
        queued_s=recorded.wall_s,
        missing=event.missing,
        tests=event.tests,
    )


def _printer(hall: Hall, name: str) -> PrinterState:
    return hall.printers.setdefault(name, PrinterState())


def moved(hall: Hall, event: e.SlipMoved, _: e.Recorded) -> None:
    job = hall.jobs[event.job]
    job.printer, job.status, job.reason = event.printer, "queued", ""
    job.tried = (*job.tried, event.from_printer)


def held(hall: Hall, event: e.SlipHeld, _: e.Recorded) -> None:
    job = hall.jobs[event.job]
    job.status, job.reason = "held", event.reason


def sending(hall: Hall, event: e.SlipSending, _: e.Recorded) -> None:
    job = hall.jobs[event.job]
    job.status, job.reason = "sending", ""
    _printer(hall, job.printer).unended = "doubtful"


def printed(hall: Hall, event: e.SlipPrinted, recorded: e.Recorded) -> None:
    job = hall.jobs[event.job]
    job.status, job.proven, job.reason = "printed", event.proven, ""
    printer = _printer(hall, job.printer)
    printer.unended = "" if event.proven else "unproven"
    if event.proven:
        printer.speaks, printer.proven_seq = True, recorded.seq
    if event.length_mm:
        paper = hall.paper.setdefault(job.printer, Paper())
        paper.used_mm += event.length_mm
        paper.slips += 1


def doubtful(hall: Hall, event: e.SlipDoubtful, _: e.Recorded) -> None:
    job = hall.jobs[event.job]
    job.status, job.reason = "doubtful", event.reason


def slip_failed(hall: Hall, event: e.SlipFailed, _: e.Recorded) -> None:
    job = hall.jobs[event.job]
    job.status, job.reason = "failed", event.reason


def paper_loaded(hall: Hall, event: e.PaperLoaded, _: e.Recorded) -> None:
    hall.paper[event.printer] = Paper(length_mm=event.length_mm)


def device_of(hall: Hall, name: str) -> DeviceState:
    return hall.devices.setdefault(name, DeviceState(name=name))


def device_up(hall: Hall, event: e.DeviceUp, recorded: e.Recorded) -> None:
    device = device_of(hall, event.device)
    device.link, device.since_s = "up", recorded.wall_s
    device.evidence, device.remedy = "", ""


def device_down(hall: Hall, event: e.DeviceDown, recorded: e.Recorded) -> None:
    device = device_of(hall, event.device)
    device.link, device.since_s = "down", recorded.wall_s
    device.evidence, device.remedy = event.evidence, event.remedy
    device.parts = {}


def device_sensed(hall: Hall, event: e.DeviceSensed, recorded: e.Recorded) -> None:
    device = device_of(hall, event.device)
    device.parts[event.part] = event.state
    device.since_s = recorded.wall_s
    device.evidence = event.evidence


def card_read(hall: Hall, event: e.CardRead, recorded: e.Recorded) -> None:
    hall.cards[event.place] = Card(event.person, event.age, recorded.wall_s)


def help_asked(hall: Hall, event: e.HelpAsked, recorded: e.Recorded) -> None:
    hall.help[event.place] = recorded.wall_s


def help_answered(hall: Hall, event: e.HelpAnswered, _: e.Recorded) -> None:
    hall.help.pop(event.place, None)
