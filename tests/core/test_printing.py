"""Which printer prints what, how long its roll lasts, and the 一次性告知单."""

from dataclasses import replace

import pytest

from hallctl.core import commands as c
from hallctl.core import effects as f
from hallctl.core import events as e
from hallctl.core import reports as r
from hallctl.core.applying import apply
from hallctl.core.hall import Hall
from hallctl.core.rules import Fitting
from hallctl.core.slip import Code
from hallctl.core.view import is_mute, printer_of, tickets_left
from sample import RULES, Bench, words

TWO = replace(
    RULES,
    fittings=(
        Fitting("printer-1", "printer", (), ("kiosk-1",)),
        Fitting("printer-2", "printer", (), ("kiosk-1", "window-3")),
    ),
)
OUT = r.Condition(part="paper", state="out")


@pytest.fixture
def bench():
    return Bench(TWO)


def take(bench):
    return bench.ask(c.IssueTicket(queue="A", kiosk="kiosk-1"))


def prints(outcome):
    return [x.printer for x in outcome.effects if isinstance(x, f.PrintSlip)]


def test_the_first_printer_named_for_a_place_prints_for_it(bench):
    assert prints(take(bench)) == ["printer-1"]
    notice = c.PrintNotice(item="SB01", missing=(1,), place="window-3")
    assert prints(bench.ask(notice)) == ["printer-2"]
    assert bench.ask(replace(notice, place="window-1")).answer["code"] == "no_printer"


@pytest.mark.parametrize(
    "report",
    [
        OUT,
        r.Condition(part="cover", state="open"),
        r.Condition(part="state", state="offline"),
        r.LinkDown(evidence="ENODEV", remedy="插回去"),
    ],
)
def test_a_printer_that_cannot_print_gives_way_to_the_second(bench, report):
    bench.report("printer-1", report)
    assert prints(take(bench)) == ["printer-2"]
    assert printer_of(bench.hall, "kiosk-1").name == "printer-2"


SILENT = r.Condition(part="state", state="unknown")


def test_a_printer_that_answered_once_and_is_mute_now_gives_way_to_the_second(bench):
    bench.report("printer-1", r.LinkUp())
    bench.report("printer-1", SILENT)
    assert not is_mute(bench.hall, "printer-1"), "perhaps it is one that cannot speak"
    assert prints(take(bench)) == ["printer-1"]
    bench.report("printer-1", r.SlipPrinted(job=sent(bench), proven=True))
    assert is_mute(bench.hall, "printer-1")
    assert prints(take(bench)) == ["printer-2"]
    bench.report("printer-1", r.Condition(part="state", state="ready"))
    assert prints(take(bench)) == ["printer-1"]


def test_with_both_printers_out_the_first_one_is_asked_and_waits(bench):
    bench.report("printer-1", OUT)
    bench.report("printer-2", OUT)
    assert prints(take(bench)) == ["printer-1"]


def test_a_slip_that_is_held_moves_to_the_second_printer_and_leaves_the_first(bench):
    job = take(bench).answer["result"]["job"]
    outcome = bench.report("printer-1", r.SlipHeld(job=job, reason="paper_out"))
    assert words(outcome) == ["SlipHeld", "SlipMoved"]
    assert prints(outcome) == ["printer-2"]
    drops = [x for x in outcome.effects if isinstance(x, f.DropSlip)]
    assert drops == [f.DropSlip(printer="printer-1", job=job)]
    assert words(bench.report("printer-2", r.SlipReady(job=job))) == ["SlipSending"]
    sends = [x for x in bench.effects if isinstance(x, f.SendSlip)]
    assert [x.printer for x in sends] == ["printer-2"]


def test_a_slip_does_not_wander_between_two_printers_that_cannot(bench):
    job = take(bench).answer["result"]["job"]
    bench.report("printer-1", r.SlipHeld(job=job, reason="paper_out"))
    outcome = bench.report("printer-2", r.SlipHeld(job=job, reason="cover_open"))
    assert words(outcome) == ["SlipHeld"]
    assert bench.hall.jobs[job].reason == "cover_open"


def test_a_word_of_the_printer_a_slip_was_moved_from_does_not_print_it_twice(bench):
    job = take(bench).answer["result"]["job"]
    bench.report("printer-1", r.SlipHeld(job=job, reason="paper_out"))
    assert not bench.report("printer-1", r.SlipReady(job=job)).recorded
    assert not [x for x in bench.effects if isinstance(x, f.SendSlip)]


def test_tickets_left_are_counted_from_the_new_roll_by_what_was_really_used(bench):
    assert tickets_left(bench.hall, "printer-1") is None
    assert bench.ask(c.LoadPaper(printer="printer-1", length_m=10)).answer["ok"]
    assert tickets_left(bench.hall, "printer-1") == 76  # by the usual 130 mm
    for _ in range(10):
        job = take(bench).answer["result"]["job"]
        bench.report("printer-1", r.SlipReady(job=job))
        bench.report("printer-1", r.SlipPrinted(job=job, length_mm=100))
    assert tickets_left(bench.hall, "printer-1") == 90


def test_the_roll_lives_on_from_day_to_day(bench):
    bench.ask(c.LoadPaper(printer="printer-1"))
    bench.later(86400)
    bench.now = replace(bench.now, day="2026-11-24", weekday=2)
    bench.ask(c.Tick())
    assert bench.hall.day == "2026-11-24"
    assert bench.hall.paper["printer-1"].length_mm == 50_000


def test_a_roll_for_no_printer_or_of_no_length_is_refused(bench):
    assert bench.ask(c.LoadPaper(printer="keypads")).answer["code"] == "unknown_printer"
    assert bench.ask(c.LoadPaper(printer="printer-1", length_m=-1)).answer["code"] == "roll_length"


def test_the_notice_tells_all_that_is_missing_and_nothing_that_is_not(bench):
    outcome = bench.ask(c.PrintNotice(item="SB01", missing=(2,), place="window-3"))
    slip = next(x for x in outcome.effects if isinstance(x, f.PrintSlip)).slip
    text = "\n".join(p.text for p in slip.parts if hasattr(p, "text"))
    assert "一次性告知单" in text
    assert "☑ 户口簿" in text
    assert "身份证" not in text


@pytest.mark.parametrize("missing", [(), (0,), (3,), (1, 9)])
def test_materials_the_item_does_not_have_cannot_be_missing(bench, missing):
    answer = bench.ask(c.PrintNotice(item="SB01", missing=missing, place="window-3")).answer
    assert answer["code"] == "unknown_material"


def test_a_notice_under_way_does_not_stop_the_reprint_of_the_ticket(bench):
    result = take(bench).answer["result"]
    bench.report("printer-1", r.SlipReady(job=result["job"]))
    bench.report("printer-1", r.SlipPrinted(job=result["job"]))
    visit = result["visit"]
    bench.ask(c.PrintNotice(item="SB01", missing=(1,), place="window-3", visit=visit))
    assert bench.ask(c.Reprint(visit=visit, kiosk="kiosk-1")).answer["ok"]


def test_a_roll_near_its_end_is_an_alert_until_a_new_one_is_in(bench):
    bench.ask(c.LoadPaper(printer="printer-1", length_m=4))  # 30 tickets of the usual length
    bench.later(1)
    alert = bench.hall.alerts["paper:printer-1"]
    assert (alert.level, "30" in alert.words) == ("yellow", True)
    bench.ask(c.LoadPaper(printer="printer-1", length_m=1))
    bench.later(1)
    assert bench.hall.alerts["paper:printer-1"].level == "red"
    bench.ask(c.LoadPaper(printer="printer-1"))
    bench.later(1)
    assert "paper:printer-1" not in bench.hall.alerts


def test_a_ticket_carries_the_wait_pages_code_only_where_there_is_such_a_page():
    def codes(url, new_code):
        bench = Bench(replace(RULES, public_url=url))
        bench.step._new_code = new_code
        slip = next(
            x.slip
            for x in bench.ask(c.IssueTicket(queue="A", kiosk="kiosk-1")).effects
            if isinstance(x, f.PrintSlip)
        )
        return [part.payload for part in slip.parts if isinstance(part, Code)]

    assert codes("", lambda: "k7") == []
    assert codes("http://hall.example", lambda: "k7") == ["http://hall.example/t/k7"]
    assert codes("http://hall.example", None) == []


def briefed(bench):
    """What the next process tells its printers' drivers: by printer, speaks and unended."""
    outcome = bench.ask(c.Wake(rules=bench.hall.rules, digest=bench.hall.digest))
    briefs = [x for x in outcome.effects if isinstance(x, f.BriefPrinter)]
    return {x.printer: (x.speaks, x.unended) for x in briefs}


def sent(bench, printer="printer-1", job=""):
    job = job or take(bench).answer["result"]["job"]
    bench.report(printer, r.SlipReady(job=job))
    return job


def test_the_next_process_knows_a_printer_that_has_proven_a_slip_for_ever(bench):
    bench.report("printer-1", r.Condition(part="paper", state="ok"))
    assert briefed(bench) == {}
    bench.report("printer-1", r.SlipPrinted(job=sent(bench), proven=True))
    assert briefed(bench) == {"printer-1": (True, "")}
    tomorrow(bench)
    assert briefed(bench) == {"printer-1": (True, "")}


def test_the_next_process_knows_of_a_slip_that_was_under_way(bench):
    bench.report("printer-1", r.SlipPrinted(job=sent(bench), proven=True))
    sent(bench)
    assert briefed(bench) == {"printer-1": (True, "doubtful")}


def test_the_next_process_knows_of_a_slip_nobody_could_vouch_for(bench):
    bench.report("printer-1", r.SlipPrinted(job=sent(bench), proven=False))
    assert briefed(bench) == {"printer-1": (False, "unproven")}


def test_what_hangs_in_a_printer_is_what_it_was_sent_last_not_what_was_queued_last(bench):
    first = take(bench).answer["result"]["job"]
    bench.report("printer-1", OUT)
    second = take(bench).answer["result"]["job"]
    bench.report("printer-2", r.SlipPrinted(job=sent(bench, "printer-2", second), proven=True))
    bench.report("printer-1", r.SlipHeld(job=first, reason="paper_out"))
    sent(bench, "printer-2", first)
    assert briefed(bench)["printer-2"] == (True, "doubtful")


def tomorrow(bench):
    bench.later(86400)
    bench.now = replace(bench.now, day="2026-11-24", weekday=2)


def check_the_day_knows_it_too(bench):
    """A process that starts tomorrow reads the journal from the day's beginning."""
    days = [i for i, x in enumerate(bench.recorded) if isinstance(x.event, e.DayOpened)]
    folded = Hall()
    for recorded in bench.recorded[days[-1] :]:
        apply(folded, recorded)
    assert folded.printers == bench.hall.printers


def test_what_hangs_in_a_printer_hangs_there_the_next_day_too(bench):
    sent(bench)
    tomorrow(bench)
    assert briefed(bench) == {"printer-1": (False, "doubtful")}
    assert bench.hall.day == "2026-11-24"
    check_the_day_knows_it_too(bench)


def run_a_test(bench, level, *findings):
    bench.ask(c.TestDevice(device="printer-1", level=level))
    for finding in findings:
        bench.report("printer-1", finding)


FAILED = r.Finding(step="print", result="failed", code="paper_out")
PASSED = r.Finding(step="print", result="passed")


@pytest.mark.parametrize(
    ("level", "findings", "hangs"),
    [
        ("external", (), True),
        ("external", (FAILED, r.TestEnded()), True),
        ("external", (PASSED, r.TestEnded()), False),
        ("internal", (), False),
    ],
)
def test_half_a_test_form_may_hang_in_a_printer_as_well_for_all_processes_to_come(
    bench, level, findings, hangs
):
    run_a_test(bench, level, *findings)
    known = {"printer-1": (False, "doubtful")} if hangs else {}
    assert briefed(bench) == known
    assert briefed(bench) == known, "nothing was printed in between"
    tomorrow(bench)
    assert briefed(bench) == known
    check_the_day_knows_it_too(bench)


def test_a_ticket_that_is_proven_behind_a_test_form_was_parted_from_it(bench):
    run_a_test(bench, "external", FAILED, r.TestEnded())
    bench.report("printer-1", r.SlipPrinted(job=sent(bench), proven=True))
    assert briefed(bench) == {"printer-1": (True, "")}
