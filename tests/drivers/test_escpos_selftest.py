"""The printer's self-test on its wire: what it asks, what it prints, and whom it lets go first."""

import pytest

from drivers.escpos import EscposOptions, EscposPrinter
from hallctl.core import effects as f
from hallctl.core import reports as r
from hallctl.core.slip import Code, Line, Slip
from hallctl.simulator.twins.escpos import EscposTwin
from wired import Wired, codes, named

FORM = Slip((Line("打印机自检", scale=2), Line("0123456789"), Code("HALL:TEST")))
SLIP = Slip((Line("A001", scale=4),))


def printer(twin=None, **options):
    chosen = EscposOptions(**options)
    pair = Wired(
        EscposPrinter(chosen), EscposTwin(chosen.model_dump(mode="json") | (twin or {})), name="p"
    )
    pair.run(2)
    return pair


def steps(findings):
    return {x.step: (x.result, x.code) for x in findings if x.step != "wire"}


def forms(pair):
    return [slip for slip in pair.line.twin.state()["slips"] if "打印机自检" in slip["text"]]


GOOD = {
    "answer": ("passed", ""),
    "paper": ("passed", ""),
    "cover": ("passed", ""),
    "state": ("passed", ""),
    "cutter": ("passed", ""),
}


def test_the_internal_test_asks_and_moves_no_paper():
    pair = printer()
    assert steps(pair.selftest("internal", form=FORM)) == GOOD
    assert pair.line.twin.state()["cuts"] == 0


@pytest.mark.parametrize("level", ["external", "interactive"])
def test_the_external_test_prints_its_form_once_and_reports_no_job(level):
    pair = printer()
    assert steps(pair.selftest(level, form=FORM)) == GOOD | {"print": ("passed", "")}
    (form,) = forms(pair)
    assert form["qr"] == "HALL:TEST"
    slips = r.SlipReady | r.SlipHeld | r.SlipPrinted | r.SlipDoubtful
    assert not [report for report in pair.reports if isinstance(report, slips)]


def test_a_printer_that_says_its_name_is_named_and_the_others_are_not_asked():
    pair = printer(profile="epson")
    found = pair.selftest("internal")
    assert [x.evidence for x in found if x.step == "model"] == ["TWIN-80"]
    other = printer()
    other.selftest("internal")
    assert b"\x1dI" not in other.device.last_out


def test_a_printer_that_has_no_name_to_say_passes_without_one():
    pair = printer(identify=True)
    whole = pair.line.twin.receive
    pair.line.twin.receive = lambda data, now: b"" if data == b"\x1dIC" else whole(data, now)
    assert steps(pair.selftest("external", form=FORM)) == GOOD | {"print": ("passed", "")}


@pytest.mark.parametrize(
    ("fault", "step", "printed"),
    [
        ("paper_low", "paper", ("passed", "")),
        ("paper_out", "paper", ("untested", "paper_out")),
        ("cover_open", "cover", ("untested", "cover_open")),
        ("cutter_error", "cutter", ("untested", "cutter_error")),
        ("error", "state", ("untested", "error")),
        ("offline", "state", ("untested", "offline")),
    ],
)
@pytest.mark.parametrize("profile", ["xprinter", "epson", "snbc"])
def test_what_is_wrong_is_named_and_keeps_the_form_in_unless_it_can_be_printed(
    profile, fault, step, printed
):
    pair = printer(profile=profile)
    pair.fault(fault)
    found = steps(pair.selftest("external", form=FORM))
    assert found[step] == ("failed", fault)
    assert found["print"] == printed
    assert len(forms(pair)) == (fault == "paper_low")


def test_paper_that_ends_in_the_form_is_named_and_the_form_is_not_printed_again():
    pair = printer(twin={"paper_out_after_lines": 1})
    pair.fault("paper_out_after")
    found = steps(pair.selftest("external", form=FORM))
    assert found["print"] == ("failed", "paper_out")
    pair.press(do="new_roll")
    pair.run(20)
    assert len(forms(pair)) == 1
    assert steps(pair.selftest("external", form=FORM))["print"] == ("passed", "")


def test_a_printer_declared_silent_is_not_asked_and_its_form_is_not_believed():
    pair = printer(profile="clone")
    found = pair.selftest("external", form=FORM)
    untested = ("untested", "no_question")
    assert steps(found) == {"answer": untested, "print": untested}
    assert len(forms(pair)) == 1
    assert steps(pair.selftest("internal")) == {"answer": untested}


def test_a_printer_that_should_answer_and_does_not_prints_no_form():
    pair = printer(twin={"silent": True})
    found = pair.selftest("external", form=FORM)
    assert steps(found) == {"answer": ("failed", "silence"), "print": ("untested", "silence")}
    assert named("silence", found)
    assert forms(pair) == []


def test_without_a_form_there_is_nothing_to_print():
    pair = printer()
    found = steps(pair.selftest("external", form=Slip(())))
    assert found["print"] == ("untested", "no_question")
    assert pair.line.twin.state()["cuts"] == 0


# - slips and tests do not mix


def begin(pair, level="external"):
    pair.do(f.ExerciseDevice(device="p", level=level, form=FORM))


def ended(pair):
    return r.TestEnded() in pair.reports


def serve(pair, seconds):
    """The core's part: what is ready is sent."""
    sent = set()
    for _ in range(round(seconds / 0.05)):
        for ready in pair.heard(r.SlipReady):
            if ready.job not in sent:
                sent.add(ready.job)
                pair.do(f.SendSlip(printer="p", job=ready.job))
        pair.turn()


def ask(pair, *jobs):
    for job in jobs:
        pair.do(f.PrintSlip(printer="p", job=job, slip=SLIP))


def texts(pair):
    return [slip["text"][0] for slip in pair.line.twin.state()["slips"]]


def test_a_slip_on_its_way_comes_out_before_the_test_begins():
    pair = printer(twin={"lines_s": 4})
    ask(pair, "j1")
    pair.until(lambda: r.SlipReady(job="j1") in pair.reports)
    pair.do(f.SendSlip(printer="p", job="j1"))
    begin(pair)
    serve(pair, 10)
    kinds = [type(x) for x in pair.reports if isinstance(x, r.SlipPrinted | r.TestEnded)]
    assert kinds == [r.SlipPrinted, r.TestEnded]
    assert texts(pair) == ["A001", "打印机自检"]


def test_a_slip_that_was_told_ready_goes_before_the_test():
    pair = printer()
    ask(pair, "j1")
    pair.until(lambda: r.SlipReady(job="j1") in pair.reports)
    begin(pair)
    pair.run(1)
    assert not pair.heard(r.Finding)[1:], "it waits for the slip the hall is about to send"
    pair.do(f.SendSlip(printer="p", job="j1"))
    pair.until(lambda: ended(pair))
    assert texts(pair) == ["A001", "打印机自检"]


@pytest.mark.parametrize("after_s", [0, 0.1, 0.2, 0.3, 0.5, 1, 2])
def test_slips_asked_for_during_the_test_wait_for_it_and_all_are_printed_once(after_s):
    pair = printer(twin={"lines_s": 10})
    begin(pair)
    pair.run(after_s)
    ask(pair, "j1", "j2")
    serve(pair, 20)
    assert ended(pair)
    assert sorted(texts(pair)) == ["A001", "A001", "打印机自检"]
    printed = [report.job for report in pair.heard(r.SlipPrinted)]
    assert sorted(printed) == ["j1", "j2"]
    assert "print" in steps(pair.heard(r.Finding))


def test_with_a_silent_printer_slips_and_the_test_take_turns_too():
    pair = printer(profile="clone")
    ask(pair, "j1")
    pair.do(f.SendSlip(printer="p", job="j1"))
    begin(pair)
    ask(pair, "j2")
    serve(pair, 20)
    assert ended(pair)
    assert texts(pair) == ["A001", "打印机自检", "A001"]


@pytest.mark.parametrize("after_s", [0, 0.1, 0.3, 1, 3])
def test_a_test_broken_off_leaves_the_line_to_the_slips(after_s):
    pair = printer(twin={"lines_s": 1})
    begin(pair)
    pair.run(after_s)
    pair.do(f.EndExercise(device="p"))
    before = len(pair.reports)
    ask(pair, "j1")
    serve(pair, 30)
    assert not [x for x in pair.reports[before:] if isinstance(x, r.Finding | r.SlipDoubtful)]
    assert [x.job for x in pair.heard(r.SlipPrinted)] == ["j1"]
    assert texts(pair)[-1] == "A001"


def test_a_wire_that_goes_in_the_form_fails_the_test_and_no_slip_is_in_doubt():
    pair = printer(twin={"lines_s": 1})
    begin(pair)
    pair.until(lambda: pair.line.twin.state()["buffered"] > 20)
    pair.fault("unplug")
    pair.until(lambda: ended(pair))
    assert "unplug" in codes(pair.heard(r.Finding))
    pair.fault("unplug", on=False)
    ask(pair, "j1")
    serve(pair, 60)
    assert not pair.heard(r.SlipDoubtful)
    assert [x.job for x in pair.heard(r.SlipPrinted)] == ["j1"]
