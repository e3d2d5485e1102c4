"""Whether slips can be printed at a kiosk, and which ones may have been lost."""

from typing import Literal

from hallctl.core.hall import Hall, Job
from hallctl.core.view import jobs_to_offer, printer_of

OFFER_AGE_S = 600.0
"""A slip that may be lost is offered again this long, while its resident may be near."""


def trouble(hall: Hall, kiosk: str) -> Literal["", "paper", "printer"]:
    """Why no slip can be printed there; "" when it can (or may)."""
    printer = printer_of(hall, kiosk)
    if printer is None:
        return ""
    if printer.parts.get("paper") == "out":
        return "paper"
    broken = printer.parts.get("state") in ("offline", "error")
    if printer.link == "down" or broken or printer.parts.get("cover") == "open":
        return "printer"
    return ""


def prints(hall: Hall, kiosk: str) -> bool:
    """Whether slips are to be printed there."""
    return printer_of(hall, kiosk) is not None and not trouble(hall, kiosk)


def lost(hall: Hall, kiosk: str, wall_s: float) -> list[Job]:
    """Tickets' slips that may not be on paper and whose residents may still be near."""
    found = []
    for job in jobs_to_offer(hall, kiosk):
        visit = hall.visits.get(job.visit)
        waits = visit is not None and visit.status == "waiting"
        if job.purpose == "ticket" and waits and wall_s - job.queued_s < OFFER_AGE_S:
            found.append(job)
    return found
