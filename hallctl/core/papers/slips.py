"""Which slip a print job is."""

from hallctl.core.hall import Hall, Job
from hallctl.core.moment import Moment
from hallctl.core.papers import lists, tests
from hallctl.core.papers.ticket import ticket
from hallctl.core.rules import Item, Queue
from hallctl.core.slip import Slip

WINDOW_PLACE = "window-"


def slip_for(hall: Hall, job: Job, now: Moment) -> Slip:
    """The slip of a print job.

    A queue or an item that has left the files since the job was queued is named by its letter or
    code: a slip must not stop the hall.
    """
    rules = hall.rules
    assert rules is not None
    match job.purpose:
        case "materials" | "notice":
            item = rules.item(job.item) or Item(job.item, job.item, "", "")
            made = lists.materials if job.purpose == "materials" else lists.notice
            return made(rules, item, job, now)
        case "tests":
            return tests.results(hall, rules, job.tests, now)
        case "rehearsal":
            return tests.rehearsal(rules, int(job.kiosk.removeprefix(WINDOW_PLACE)), now)
        case "ticket":
            visit = hall.visits[job.visit]
            gone = Queue(visit.queue, visit.queue, visit.queue, visit.queue, "", ())
            return ticket(rules, rules.queue(visit.queue) or gone, visit, job, now)
