"""What goes on paper, and on which printer: tickets, lists, 告知单, 补打, the roll."""

from collections.abc import Sequence

from hallctl.core import commands as c
from hallctl.core import events as e
from hallctl.core.hall import Hall, Job, PrinterState
from hallctl.core.moment import Moment
from hallctl.core.refused import Events, Refused, named, rules_of
from hallctl.core.rules import Language
from hallctl.core.slip import Unended
from hallctl.core.view import can_print, printer_now
from hallctl.core.visit import OPEN, Visit

MM_A_M = 1000.0


def ticket(hall: Hall, issued: e.TicketIssued, places: Sequence[str]) -> Events:
    """The slip of a new ticket, on a printer of the first place that has one; [] without any."""
    printer = next((p for p in (printer_now(hall, place) for place in places) if p), None)
    if printer is None:
        return []
    return [
        e.SlipQueued(
            job=f"{issued.visit}.1",
            printer=printer,
            purpose="ticket",
            visit=issued.visit,
            item=issued.item,
            kiosk=issued.kiosk,
            language=issued.language,
            reprint=False,
        )
    ]


def queued(
    hall: Hall,
    purpose: e.Purpose,
    place: str,
    *,
    printer: str | None = None,
    item: str = "",
    visit: str = "",
    language: Language = "zh",
    missing: tuple[int, ...] = (),
    tests: tuple[str, ...] = (),
) -> e.SlipQueued:
    """A slip that is no ticket, on the printer of its place unless another is named.

    Raises Refused when no printer serves the place.
    """
    printer = printer or printer_now(hall, place)
    if printer is None:
        raise Refused("no_printer")
    return e.SlipQueued(
        job=f"{hall.day}-{item or purpose}.{len(hall.jobs) + 1}",
        printer=printer,
        purpose=purpose,
        visit=visit,
        item=item,
        kiosk=place,
        language=language,
        reprint=False,
        missing=missing,
        tests=tests,
    )


def print_materials(hall: Hall, command: c.PrintMaterials, _: Moment) -> Events:
    """Print what an item needs."""
    if rules_of(hall).item(command.item) is None:
        raise Refused("unknown_item", item=command.item)
    language = command.language
    return [queued(hall, "materials", command.kiosk, item=command.item, language=language)]


def print_notice(hall: Hall, command: c.PrintNotice, _: Moment) -> Events:
    """Print which materials are still missing, all of them at once."""
    item = rules_of(hall).item(command.item)
    if item is None:
        raise Refused("unknown_item", item=command.item)
    missing = tuple(sorted(set(command.missing)))
    if not missing or missing[0] < 1 or missing[-1] > len(item.materials):
        raise Refused("unknown_material", item=item.name, most=len(item.materials))
    visit = named(hall, command.visit) if command.visit else None
    return [
        queued(
            hall,
            "notice",
            command.place,
            item=item.code,
            visit=visit.id if visit else "",
            language=visit.language if visit else "zh",
            missing=missing,
        )
    ]


def print_tests(hall: Hall, command: c.PrintTests, _: Moment) -> Events:
    """Print the results of self-tests."""
    known = tuple(name for name in command.tests if name in hall.tests)
    if not known:
        raise Refused("unknown_test")
    return [queued(hall, "tests", command.place, tests=known)]


def reprint(hall: Hall, command: c.Reprint, _: Moment) -> Events:
    """Print a ticket once more, marked."""
    visit = named(hall, command.visit)
    if visit.status not in OPEN:
        raise Refused("not_possible", label=visit.label, status=visit.status, act="补打")
    return [copy(hall, visit, command.kiosk or visit.kiosk)]


def copy(hall: Hall, visit: Visit, kiosk: str) -> e.SlipQueued:
    """A marked copy of a ticket. Raises Refused while an earlier slip is under way."""
    mine = [j for j in hall.jobs.values() if j.visit == visit.id and j.purpose == "ticket"]
    if any(j.status in ("queued", "held", "sending") for j in mine):
        raise Refused("printing")
    printer = printer_now(hall, kiosk)
    if printer is None:
        raise Refused("no_printer")
    return e.SlipQueued(
        job=f"{visit.id}.{len(mine) + 1}",
        printer=printer,
        purpose="ticket",
        visit=visit.id,
        item=visit.item,
        kiosk=kiosk,
        language=visit.language,
        reprint=True,
    )


def held(hall: Hall, job: Job, reason: str) -> Events:
    """The printer cannot print the job: another one of the same place may, else it waits."""
    waits = e.SlipHeld(job=job.id, reason=reason)
    rules = hall.rules
    others = rules.printers_for(job.kiosk) if rules else ()
    for other in others:
        if other != job.printer and other not in job.tried and can_print(hall, other):
            return [waits, e.SlipMoved(job=job.id, from_printer=job.printer, printer=other)]
    return [waits]


def unended(hall: Hall) -> dict[str, Unended]:
    """Printers in which half a slip may hang, or half the form of a self-test, and why."""
    found = {name: state.unended for name, state in sorted(hall.printers.items()) if state.unended}
    for test in hall.tests.values():
        fitting = rules_of(hall).fitting(test.device)
        if fitting is None or fitting.kind != "printer" or test.level == "internal":
            continue
        whole = any(f.step == "print" and f.result == "passed" for f in test.found)
        state = hall.printers.get(test.device, PrinterState())
        if not whole and test.begun_seq > state.proven_seq:
            found[test.device] = "doubtful"
    return found


def load_paper(hall: Hall, command: c.LoadPaper, _: Moment) -> Events:
    """A new roll: how many tickets are left is counted from here."""
    rules = rules_of(hall)
    fitting = rules.fitting(command.printer)
    if fitting is None or fitting.kind != "printer":
        raise Refused("unknown_printer", printer=command.printer)
    if not 0 <= command.length_m <= MM_A_M:
        raise Refused("roll_length")
    length_mm = (command.length_m or rules.roll_m) * MM_A_M
    return [e.PaperLoaded(printer=command.printer, length_mm=length_mm)]
