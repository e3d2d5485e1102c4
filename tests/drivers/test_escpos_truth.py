"""Each fault at each byte of a ticket: what the hall believes is what the paper shows."""

import pytest

from drivers.escpos import EscposOptions, EscposPrinter
from hallctl.core import commands as c
from hallctl.core import effects as f
from hallctl.core.slip import Code, Line, Slip
from hallctl.links.memory import MemoryLink
from hallctl.simulator.twins.escpos import EscposTwin
from sample import Bench
from wired import Wired

COPY = "补打"
STEP_S = 0.25


class CutLink(MemoryLink):
    """A wire on which something happens after `at` bytes of the next slip."""

    at = None

    def write(self, payload):
        if self.at is None or not payload.startswith(b"\x1b@"):
            return super().write(payload)
        first, rest, self.at = payload[: self.at], payload[self.at :], None
        super().write(first)
        return len(first) + self.happen(rest)


class Hall:
    """The core itself, the driver on its wire, and a printer; a short ticket."""

    def __init__(self, twin=None, **options):
        self.bench = Bench()
        self.twin = EscposTwin(EscposOptions(**options).model_dump() | (twin or {}))
        self.options = EscposOptions(**options)
        self.plug_in()
        self.run(2)

    def plug_in(self, **how):
        """A driver begins on a wire that can be cut."""
        driver = EscposPrinter(self.options)
        self.wired = wired = Wired(driver, self.twin, name="printer-1", **how)
        self.link = CutLink(lambda sent: wired.line.receive(sent, wired.now))
        self.link.opened = True
        wired.link = wired.device.link = self.link
        self.performed, self.reported = len(self.bench.effects), 0

    def turn(self):
        wired = self.wired
        wired.turn()
        wired.now += STEP_S - 0.05
        for report in wired.reports[self.reported :]:
            self.bench.report("printer-1", report)
        self.reported = len(wired.reports)
        due = self.bench.effects[self.performed :]
        self.performed = len(self.bench.effects)
        papers = (f.PrintSlip, f.SendSlip, f.DropSlip)
        ours = [short(effect) for effect in due if isinstance(effect, papers)]
        assert wired.devices.post(ours)

    def cut(self, at, happen):
        """After so many bytes of the next slip it happens to the rest of them."""
        self.link.at, self.link.happen = at, lambda rest: happen(self, rest)

    def restart(self, *, forgets=False):
        """The process ends where it is; the next one knows the journal and a new driver.

        `forgets`: it is the first one of all.
        """
        before, hall = self.wired, self.bench.hall
        known = self.bench.ask(c.Wake(rules=hall.rules, digest=hall.digest)).effects
        briefs = [] if forgets else [x for x in known if isinstance(x, f.BriefPrinter)]
        self.plug_in(now=before.now, first=briefs, faults=before.line.faults)

    def run(self, seconds):
        for _ in range(round(seconds / STEP_S)):
            self.turn()

    def until(self, done, most_s=60):
        for _ in range(round(most_s / STEP_S)):
            if done():
                return
            self.turn()
        raise AssertionError("it never happened")

    def take_ticket(self):
        self.bench.ask(c.IssueTicket(queue="A", kiosk="kiosk-1"))
        (self.visit,) = self.bench.hall.visits
        (self.job,) = self.bench.hall.jobs

    def status(self, job):
        return self.bench.hall.jobs[job].status

    def on_paper(self):
        """What a resident holds, slip by slip, and what still hangs in the printer."""
        state = self.twin.state()
        found = [slip["text"] + [slip["qr"]] for slip in state["slips"]]
        return [lines for lines in [*found, state["uncut"]] if any(lines)]

    def tickets(self, *, copies=False):
        """The slips with the number on them, whole or in part."""
        shown = ["|".join(lines) for lines in self.on_paper()]
        return [text for text in shown if "A001" in text and (COPY in text) == copies]


def short(effect):
    """The same order with a ticket of few bytes: its number, its marks, a code."""
    if not isinstance(effect, f.PrintSlip):
        return effect
    lines = [part for part in effect.slip.parts if isinstance(part, Line)]
    kept = [line for line in lines if line.text == "A001" or COPY in line.text]
    parts = (*kept, Line("请到等候区就座"), Code("Q:A001"), Line("当日有效"))
    return f.PrintSlip(printer=effect.printer, job=effect.job, slip=Slip(parts))


WHOLE = "A001|请到等候区就座|当日有效|Q:A001"


def silence(hall, rest):
    hall.wired.fault("silence")
    return MemoryLink.write(hall.link, rest)


def unplug(hall, rest):
    hall.link.plugged = False
    return 0


def stall(hall, rest):
    hall.link.stalled = True
    return 0


def swallow(hall, rest):
    """The wire takes the bytes, says so, and loses them."""
    return len(rest)


def power(hall, rest):
    """The printer loses its power, and with it all it has not printed, and comes back."""
    hall.twin.press({"do": "power"}, hall.wired.now)
    return len(rest)


def stops(fault):
    def happen(hall, rest):
        hall.wired.fault(fault)
        return MemoryLink.write(hall.link, rest)

    return happen


FAULTS = {
    "unplug": unplug,
    "silence": silence,
    "stall": stall,
    "swallow": swallow,
    "power": power,
    "paper_out": stops("paper_out"),
    "cover_open": stops("cover_open"),
    "cutter_error": stops("cutter_error"),
}


def repair(hall, fault):
    if fault not in {"power", "swallow"}:
        hall.wired.fault(fault, on=False)


def sent_bytes(profile):
    """How long the ticket is on the wire, fence and all."""
    hall, seen = Hall(profile=profile), []
    hall.link.at = 0
    hall.link.happen = lambda rest: seen.append(len(rest)) or MemoryLink.write(hall.link, rest)
    hall.take_ticket()
    hall.until(lambda: hall.status(hall.job) == "printed")
    assert hall.tickets() == [WHOLE]
    return seen[0]


@pytest.mark.parametrize(("profile", "every"), [("xprinter", 1), ("epson", 3)])
@pytest.mark.parametrize("fault", FAULTS)
def test_whatever_byte_it_happens_at_the_hall_believes_what_the_paper_shows(fault, profile, every):
    length = sent_bytes(profile)
    assert 80 < length < 250
    ends = {told_truth(fault, at, profile) for at in (*range(0, length, every), length)}
    assert ends - {"printed"}, "it did happen in the midst of the ticket"


def told_truth(fault, at, profile):
    """Let it happen at that byte, repair it, print again if need be; how it ended."""
    hall = Hall(profile=profile)
    hall.cut(at, FAULTS[fault])
    hall.take_ticket()
    hall.until(lambda: hall.status(hall.job) in {"printed", "doubtful"})
    where = (fault, at, hall.on_paper())
    assert len(hall.tickets()) <= 1, where
    end = hall.status(hall.job)
    if end == "printed":
        assert hall.tickets() == [WHOLE], where
    repair(hall, fault)
    hall.run(40 if fault in {"unplug", "stall"} else 10)
    where = (fault, at, hall.on_paper())
    assert len(hall.tickets()) <= 1, where
    if hall.status(hall.job) == "printed":
        assert hall.tickets() == [WHOLE], where
        return end if end == "printed" else "printed late"
    assert not hall.tickets(copies=True), where
    hall.bench.ask(c.Reprint(visit=hall.visit))
    copy = next(job for job in hall.bench.hall.jobs if job != hall.job)
    hall.until(lambda: hall.status(copy) == "printed")
    where = (fault, at, hall.on_paper())
    assert len(hall.tickets()) <= 1, where
    (again,) = hall.tickets(copies=True)
    assert again.endswith(WHOLE), where
    assert all("|".join(lines).count("A001") <= 2 for lines in hall.on_paper()), "glued together"
    return "doubtful"


@pytest.mark.parametrize("lines", range(1, 5))
def test_wherever_the_paper_ends_in_a_slow_printer_the_hall_believes_what_it_shows(lines):
    hall = Hall({"lines_s": 3, "paper_out_after_lines": lines})
    hall.wired.fault("paper_out_after")
    hall.take_ticket()
    hall.until(lambda: hall.status(hall.job) in {"printed", "doubtful"})
    end = hall.status(hall.job)
    assert (end == "printed") <= (hall.tickets() == [WHOLE])
    hall.wired.fault("paper_out", on=False)
    hall.run(20)
    assert hall.status(hall.job) == "printed"
    assert hall.tickets() == [WHOLE]
    assert hall.tickets(copies=True) == []


@pytest.mark.parametrize("fault", ["unplug", "stall", "swallow", "power", "paper_out"])
def test_a_silent_printer_is_never_believed_and_its_copies_are_marked_all_the_same(fault):
    for at in range(0, 170, 3):
        printed_unproven(fault, at)


def printed_unproven(fault, at):
    """As `told_truth`; half a slip may hang on top of the copy, since nobody says it is there."""
    hall = Hall(profile="clone", qr="native")
    hall.cut(at, FAULTS[fault])
    hall.take_ticket()
    hall.until(lambda: hall.status(hall.job) in {"printed", "doubtful"})
    assert not hall.bench.hall.jobs[hall.job].proven
    repair(hall, fault)
    hall.run(40 if fault in {"unplug", "stall"} else 5)
    hall.bench.ask(c.Reprint(visit=hall.visit))
    copy = next(job for job in hall.bench.hall.jobs if job != hall.job)
    hall.until(lambda: hall.status(copy) == "printed")
    where = (fault, at, hall.on_paper())
    assert len(hall.tickets()) <= 1, where
    (again,) = hall.tickets(copies=True)
    assert again.endswith(WHOLE), where


PROFILES = {
    "speaks": ({}, range(3, 150, 7)),
    "silent": ({"profile": "clone", "qr": "native"}, range(3, 150, 7)),
    "silent, draws its codes": ({"profile": "clone"}, range(3, 5000, 97)),
}


@pytest.mark.parametrize("profile", PROFILES)
def test_half_a_slip_of_a_process_that_ended_does_not_hang_on_the_next_ones_ticket(profile):
    options, places = PROFILES[profile]
    begun = [ended_in_mid_slip(at, options) for at in places]
    assert any(begun), "half a ticket did hang in the printer"


def ended_in_mid_slip(at, profile):
    hall = Hall(**profile)
    hall.cut(at, swallow)
    hall.take_ticket()
    hall.until(lambda: hall.link.at is None)
    begun = bool(hall.on_paper())
    hall.restart()
    assert hall.status(hall.job) == "doubtful"
    second_ticket(hall, at)
    return begun


def second_ticket(hall, where):
    """One more ticket, which must stand on a paper of its own."""
    before = set(hall.bench.hall.jobs)
    hall.bench.ask(c.IssueTicket(queue="A", kiosk="kiosk-1"))
    (second,) = hall.bench.hall.jobs.keys() - before
    hall.until(lambda: hall.status(second) == "printed")
    hall.run(3)
    *_, last = hall.on_paper()
    code = "Q:A001" if hall.options.qr == "native" else ""  # nobody reads a drawn one
    assert last == ["请到等候区就座", "当日有效", code], (where, hall.on_paper())


def mute_from_the_start(at):
    """A printer that has never spoken takes the first bytes of a ticket, and loses the rest."""
    hall = Hall()
    hall.wired.fault("silence")
    hall.restart(forgets=True)
    hall.cut(at, swallow)
    hall.take_ticket()
    hall.until(lambda: hall.status(hall.job) == "printed")
    assert not hall.bench.hall.jobs[hall.job].proven
    return hall


@pytest.mark.parametrize("restarts", [False, True], ids=["same process", "next process"])
def test_what_hangs_in_a_mute_printer_is_parted_from_the_next_ticket_once_it_speaks(restarts):
    for at in range(3, 150, 7):
        hall = mute_from_the_start(at)
        hall.wired.fault("silence", on=False)
        if restarts:
            hall.run(10)
            hall.restart()
        second_ticket(hall, at)


def test_a_mute_printer_that_has_kept_its_slips_does_not_prove_the_next_one_by_their_fences():
    hall = Hall({"buffer_bytes": 65536})
    hall.wired.fault("silence")
    hall.wired.fault("cover_open")
    hall.restart(forgets=True)
    hall.take_ticket()
    hall.until(lambda: hall.status(hall.job) == "printed")
    hall.wired.fault("silence", on=False)
    hall.wired.fault("cover_open", on=False)
    hall.wired.fault("slow")
    second_ticket(hall, "")


def test_tickets_taken_faster_than_they_print_are_all_proven_each_on_its_own_paper():
    hall = Hall({"lines_s": 2})
    for _ in range(4):
        hall.bench.ask(c.IssueTicket(queue="A", kiosk="kiosk-1"))
        hall.run(0.5)
    jobs = hall.bench.hall.jobs.values()
    hall.until(lambda: all(job.status == "printed" for job in jobs))
    assert all(job.proven for job in jobs)
    rest = ["请到等候区就座", "当日有效", "Q:A001"]
    assert hall.on_paper() == [["A001", *rest], rest, rest, rest]
    said = [type(x.event).__name__ for x in hall.bench.recorded]
    assert "SlipDoubtful" not in said


def test_a_printer_that_has_proven_slips_and_is_mute_after_the_restart_is_sent_nothing():
    hall = Hall()
    hall.take_ticket()
    hall.until(lambda: hall.status(hall.job) == "printed")
    hall.wired.fault("silence")
    hall.restart()
    hall.bench.ask(c.IssueTicket(queue="A", kiosk="kiosk-1"))
    (second,) = hall.bench.hall.jobs.keys() - {hall.job}
    hall.run(30)
    held = hall.bench.hall.jobs[second]
    assert (held.status, held.reason) == ("held", "no_answer")
    assert hall.on_paper() == [WHOLE.split("|")]
    hall.wired.fault("silence", on=False)
    hall.until(lambda: hall.status(second) == "printed")
    assert hall.bench.hall.jobs[second].proven
