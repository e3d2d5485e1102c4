"""Self-tests of devices, and visits that are rehearsed."""

from dataclasses import replace

import pytest

from hallctl.core import commands as c
from hallctl.core import effects as f
from hallctl.core import events as e
from hallctl.core import reports as r
from hallctl.core.rules import Fitting
from hallctl.core.trial import Found
from sample import RULES, VOICED, Bench, words


@pytest.fixture
def bench():
    return Bench()


def begin(bench, device="printer-1", **more):
    return bench.ask(c.TestDevice(device=device, **more)).answer["result"]["test"]


def only(outcome, kind):
    return [x for x in outcome.effects if isinstance(x, kind)]


def test_a_self_test_reaches_the_device_with_all_that_it_may_need_to_show(bench):
    outcome = bench.ask(c.TestDevice(device="printer-1", level="external"))
    (effect,) = only(outcome, f.ExerciseDevice)
    assert (effect.device, effect.level) == ("printer-1", "external")
    assert effect.form.parts
    assert effect.texts[-1] == "测试"


def test_findings_are_on_record_and_one_failure_fails_the_whole(bench):
    test = begin(bench)
    bench.report("printer-1", r.Finding(step="answer", result="passed", evidence="12"))
    bench.report("printer-1", r.Finding(step="paper", result="failed", code="paper_low"))
    outcome = bench.report("printer-1", r.TestEnded())
    assert outcome.recorded[-1].event == e.DeviceTestEnded(
        test=test, device="printer-1", result="failed"
    )
    assert [found.code for found in bench.hall.tests[test].found] == ["", "paper_low"]


@pytest.mark.parametrize(
    ("results", "verdict"),
    [(["passed"], "passed"), (["passed", "untested"], "untested"), ([], "untested")],
)
def test_a_self_test_passes_only_when_every_step_passed(bench, results, verdict):
    test = begin(bench)
    for result in results:
        bench.report("printer-1", r.Finding(step="answer", result=result))
    bench.report("printer-1", r.TestEnded())
    assert bench.hall.tests[test].result == verdict


def test_a_device_tests_itself_once_at_a_time(bench):
    begin(bench)
    assert bench.ask(c.TestDevice(device="printer-1")).answer["code"] == "test_running"
    bench.report("printer-1", r.TestEnded())
    assert begin(bench).endswith("-T2")


def test_findings_of_a_test_that_nobody_began_change_nothing(bench):
    assert not bench.report("printer-1", r.Finding(step="answer", result="passed")).recorded
    assert not bench.report("printer-1", r.TestEnded()).recorded


def test_what_a_person_must_do_is_asked_and_forgotten_with_the_finding(bench):
    test = begin(bench, "keypads", level="interactive", windows=(2,))
    bench.report("keypads", r.TestAsks(step="key:call", wait_s=15, window=2))
    assert (bench.hall.tests[test].asks, bench.hall.tests[test].asks_window) == ("key:call", 2)
    bench.report("keypads", r.Finding(step="key:call", result="passed"))
    assert bench.hall.tests[test].asks == ""


def test_unknown_devices_and_windows_are_refused_in_words(bench):
    assert bench.ask(c.TestDevice(device="nothing")).answer["code"] == "unknown_device"
    strange = bench.ask(c.TestDevice(device="keypads", windows=(7,)))
    assert strange.answer["code"] == "not_of_device"
    assert "7" in strange.answer["words"]["zh"]


def test_a_window_that_serves_is_not_asked_to_press_keys(bench):
    bench.ask(c.IssueTicket(queue="A", paper=False))
    bench.ask(c.CallNext(window=2))
    busy = bench.ask(c.TestDevice(device="keypads", level="interactive", windows=(2,)))
    assert busy.answer["code"] == "window_busy"
    assert bench.ask(c.TestDevice(device="keypads", level="interactive", windows=(1,))).answer["ok"]


def test_a_self_test_can_be_broken_off(bench):
    begin(bench)
    outcome = bench.ask(c.StopTest(device="printer-1"))
    assert only(outcome, f.EndExercise) == [f.EndExercise(device="printer-1")]
    bench.report("printer-1", r.TestEnded())
    assert bench.ask(c.StopTest(device="printer-1")).answer["code"] == "no_test"


def test_a_self_test_that_a_restart_cut_off_has_failed(bench):
    test = begin(bench)
    bench.ask(c.Wake(rules=bench.hall.rules, digest=bench.hall.digest))
    assert bench.hall.tests[test].result == "failed"
    assert bench.hall.tests[test].found[-1].code == "interrupted"


def test_a_self_test_that_nobody_ends_is_over_after_seven_minutes(bench):
    test = begin(bench)
    bench.later(400)
    bench.ask(c.Tick())
    assert not bench.hall.tests[test].result
    bench.later(30)
    bench.ask(c.Tick())
    assert bench.hall.tests[test].result == "failed"


def test_the_computers_own_findings_are_a_test_like_any_other(bench):
    clock = Found(step="clock", result="failed", code="clock_unsynced", evidence="no time server")
    disk = Found(step="disk", result="passed", evidence="40 GB free")
    outcome = bench.ask(c.ReportFindings(device="computer", findings=(clock, disk)))
    (test,) = bench.hall.tests.values()
    assert (test.device, test.result, test.found) == ("computer", "failed", [clock, disk])
    assert outcome.answer["result"]["test"] == test.id
    assert bench.ask(c.ReportFindings(device="computer", findings=())).answer["code"]


def test_what_a_person_saw_of_a_device_does_not_set_it_testing_itself(bench):
    seen = Found(step="seen:show", result="failed", code="not_shown")
    outcome = bench.ask(c.ReportFindings(device="printer-1", findings=(seen,)))
    assert words(outcome) == ["DeviceTestBegun", "DeviceTestFound", "DeviceTestEnded"]
    assert not [x for x in outcome.effects if isinstance(x, f.ExerciseDevice)]
    assert [
        x
        for x in bench.ask(c.TestDevice(device="printer-1")).effects
        if isinstance(x, f.ExerciseDevice)
    ]


def test_results_are_printed_with_what_failed_and_the_proof(bench):
    test = begin(bench)
    low = r.Finding(step="paper", result="failed", code="paper_low", evidence="4:1E")
    bench.report("printer-1", low)
    bench.report("printer-1", r.TestEnded())
    outcome = bench.ask(c.PrintTests(tests=(test,), place="kiosk-1"))
    (print_slip,) = only(outcome, f.PrintSlip)
    text = "\n".join(p.text for p in print_slip.slip.parts if hasattr(p, "text"))
    assert "× printer-1" in text
    assert "4:1E" in text
    assert bench.ask(c.PrintTests(tests=("none",), place="kiosk-1")).answer["code"] == (
        "unknown_test"
    )


# - a whole visit, rehearsed


def begun(bench, window=1):
    outcome = bench.ask(c.RehearseVisit(window=window))
    assert outcome.answer["ok"], outcome.answer
    return outcome


def press(bench, key, window=1):
    return bench.report("keypads", r.KeyPressed(window=window, key=key, press="p"))


def test_a_rehearsed_visit_goes_from_the_slip_to_the_grade():
    bench = Bench(VOICED)
    bench.speak()
    outcome = begun(bench)
    assert words(outcome) == [
        "SlipQueued", "RehearsalBegun", "RehearsalMoved",
        "AnnouncementQueued", "AnnouncementBegun",
    ]  # fmt: skip
    assert only(outcome, f.PrintSlip)
    (announce,) = only(outcome, f.Announce)
    assert announce.sentences[0].text == "演练，到一号窗口"
    strip = next(x for x in only(outcome, f.ShowStrip) if x.window == 1)
    assert strip.texts[0] == "请测试号到1号窗口"
    heard = r.Announced(announcement=announce.announcement, languages=("mandarin",), took_s=4.0)
    assert words(bench.report("voice", heard)) == ["AnnouncementMade", "RehearsalMoved"]
    assert words(press(bench, "start")) == ["RehearsalMoved"]
    finished = press(bench, "finish")
    assert only(finished, f.AskRating) == [f.AskRating(window=1, label="测试")]
    rated = bench.report("pad", r.Rated(window=1, grade=5, press="g1"))
    assert rated.recorded[-1].event == e.RehearsalEnded(window=1, reason="done")
    assert only(rated, f.AnswerKey)[0].accepted
    assert only(rated, f.EndRating) == [f.EndRating(window=1, thanks=True)]
    assert next(x for x in only(rated, f.ShowStrip) if x.window == 1).state == "idle"


def test_a_rehearsal_leaves_no_trace_in_numbers_visits_and_ratings(bench):
    begun(bench)
    press(bench, "start")
    press(bench, "finish")
    bench.report("pad", r.Rated(window=1, grade=1))
    assert not bench.hall.visits
    assert not bench.hall.numbers
    assert not bench.hall.calls
    assert not bench.hall.learned
    assert "VisitRated" not in {type(x.event).__name__ for x in bench.recorded}
    assert bench.ask(c.IssueTicket(queue="A")).answer["result"]["label"] == "A001"


def test_a_key_that_does_not_fit_beeps_and_calls_nobody(bench):
    bench.ask(c.IssueTicket(queue="A", paper=False))
    begun(bench)
    outcome = press(bench, "no_show")
    assert not only(outcome, f.AnswerKey)[0].accepted
    assert not outcome.recorded
    assert bench.hall.labelled("A001").status == "waiting"


def test_real_work_at_the_window_ends_the_rehearsal(bench):
    bench.ask(c.IssueTicket(queue="A", paper=False))
    begun(bench)
    outcome = bench.ask(c.CallNext(window=1))
    assert words(outcome) == ["RehearsalEnded", "TicketCalled"]
    assert bench.hall.labelled("A001").status == "called"
    assert (
        next(x for x in only(outcome, f.ShowStrip) if x.window == 1).texts[0].startswith("请A001")
    )


def test_a_refused_command_leaves_the_rehearsal_alone(bench):
    begun(bench)
    assert not bench.ask(c.CallNext(window=1)).answer["ok"]
    assert 1 in bench.hall.rehearsals


def test_no_rehearsal_where_somebody_is_served_or_one_runs(bench):
    begun(bench)
    assert bench.ask(c.RehearseVisit(window=1)).answer["code"] == "rehearsing"
    bench.ask(c.IssueTicket(queue="A", paper=False))
    bench.ask(c.CallNext(window=2))
    assert bench.ask(c.RehearseVisit(window=2)).answer["code"] == "window_busy"


@pytest.mark.parametrize(
    ("how", "reason"), [("key", "stopped"), ("command", "stopped"), ("wait", "timeout")]
)
def test_a_rehearsal_ends_by_key_by_command_and_by_waiting(bench, how, reason):
    begun(bench)
    if how == "key":
        press(bench, "cancel")
    elif how == "command":
        bench.ask(c.EndRehearsal(window=1))
    else:
        bench.later(121)
        bench.ask(c.Tick())
    ended = [x.event for x in bench.recorded if isinstance(x.event, e.RehearsalEnded)]
    assert ended == [e.RehearsalEnded(window=1, reason=reason)]


def test_a_restart_ends_a_rehearsal_and_does_not_print_its_ticket_again(bench):
    begun(bench)
    bench.ask(c.Wake(rules=bench.hall.rules, digest=bench.hall.digest))
    assert not bench.hall.rehearsals
    assert [j.status for j in bench.hall.jobs.values()] == ["failed"]


# - an ID card at the kiosk

READER = replace(RULES, fittings=(*RULES.fittings, Fitting("reader-1", "reader", (), ("kiosk-1",))))


def test_a_card_is_known_by_a_hash_and_an_age_until_a_ticket_is_taken_with_it():
    bench = Bench(READER)
    bench.report("reader-1", r.CardRead(person="ab12", age=71))
    card = bench.hall.cards["kiosk-1"]
    assert (card.person, card.age) == ("ab12", 71)
    bench.ask(c.IssueTicket(queue="A", kiosk="kiosk-1", person=card.person, paper=False))
    assert not bench.hall.cards
    again = bench.ask(c.IssueTicket(queue="A", kiosk="kiosk-1", person="ab12", paper=False))
    assert again.answer["result"]["again"]


def test_a_card_at_a_reader_that_serves_no_kiosk_changes_nothing(bench):
    assert not bench.report("keypads", r.CardRead(person="ab12", age=71)).recorded
