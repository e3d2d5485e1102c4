"""One visit after another through the one door."""

import pytest

from hallctl.core import commands as c
from hallctl.core import effects as f
from hallctl.core import reports as r
from sample import VOICED, Bench, at, words


@pytest.fixture
def bench():
    return Bench()


def take(bench, queue="A", **more):
    return bench.ask(c.IssueTicket(queue=queue, kiosk="kiosk-1", **more)).answer["result"]


def test_a_ticket_is_issued_and_its_slip_is_prepared_but_not_sent(bench):
    outcome = bench.ask(c.IssueTicket(queue="A", kiosk="kiosk-1"))
    assert words(outcome) == ["TicketIssued", "SlipQueued"]
    assert outcome.answer["result"]["label"] == "A001"
    assert [type(e) for e in outcome.effects if isinstance(e, f.PrintSlip | f.SendSlip)] == [
        f.PrintSlip
    ]


def test_the_slip_is_sent_only_after_the_printer_said_it_can_and_that_is_on_record(bench):
    job = take(bench)["job"]
    outcome = bench.report("printer-1", r.SlipReady(job=job))
    assert words(outcome) == ["SlipSending"]
    assert f.SendSlip(printer="printer-1", job=job) in outcome.effects
    assert words(bench.report("printer-1", r.SlipPrinted(job=job))) == ["SlipPrinted"]


def test_numbers_count_up_per_queue(bench):
    assert [take(bench)["label"] for _ in range(3)] == ["A001", "A002", "A003"]
    assert take(bench, "B")["label"] == "B001"


def test_an_item_names_its_queue_and_its_materials_stand_on_the_slip(bench):
    outcome = bench.ask(c.IssueTicket(item="SB01", kiosk="kiosk-1"))
    assert outcome.answer["result"]["label"] == "B001"
    slip = next(e for e in outcome.effects if isinstance(e, f.PrintSlip)).slip
    lines = [p.text for p in slip.parts if hasattr(p, "text")]
    assert "□ 身份证 原件核验" in lines
    assert "B001" in lines
    assert "社会保障 3 号窗口" in lines


def test_call_next_shows_announces_and_counts():
    bench = Bench(VOICED)
    bench.speak()
    take(bench)
    outcome = bench.ask(c.CallNext(window=2))
    assert words(outcome) == ["TicketCalled", "AnnouncementQueued", "AnnouncementBegun"]
    strip = next(e for e in outcome.effects if isinstance(e, f.ShowStrip))
    assert strip.window == 2
    assert strip.state == "call"
    assert strip.texts == ("请A001号到2号窗口", "请A001号", "请A001")
    (said,) = [e for e in outcome.effects if isinstance(e, f.Announce)]
    assert [x.text for x in said.sentences] == [
        "请A零零一号，到二号窗口办理",
        "請A零零一號，到二號窗口辦理",
    ]
    keypads = {e.window: e for e in outcome.effects if isinstance(e, f.ShowKeypad)}
    assert keypads[2].ticket == "001"
    assert keypads[1].waiting == 0


def test_call_next_while_called_is_refused_with_what_to_do(bench):
    take(bench)
    take(bench)
    bench.ask(c.CallNext(window=1))
    answer = bench.ask(c.CallNext(window=1)).answer
    assert answer["code"] == "called_not_come"
    assert "过号" in answer["words"]["zh"]


def test_call_next_while_serving_finishes_asks_the_rating_and_calls(bench):
    take(bench)
    take(bench)
    bench.ask(c.CallNext(window=1))
    bench.ask(c.Start(window=1))
    outcome = bench.ask(c.CallNext(window=1))
    assert words(outcome) == ["ServiceFinished", "TicketCalled"]
    assert f.AskRating(window=1, label="A001") in outcome.effects


def test_a_rating_is_private_and_closes_the_visit(bench):
    take(bench)
    bench.ask(c.CallNext(window=1))
    bench.ask(c.Finish(window=1))
    outcome = bench.report("pad-1", r.Rated(window=1, grade=5))
    assert words(outcome) == ["VisitRated", "RatingClosed"]
    assert outcome.recorded[0].event.AUDIENCE == "private"
    assert bench.hall.labelled("A001").status == "finished"
    assert words(bench.report("pad-1", r.Rated(window=1, grade=1))) == []


def test_no_answer_is_no_answer_never_a_grade(bench):
    take(bench)
    bench.ask(c.CallNext(window=1))
    bench.ask(c.Finish(window=1))
    bench.later(61)
    assert [type(x.event).__name__ for x in bench.recorded][-1] == "RatingClosed"
    assert not bench.recorded[-1].event.rated


def test_nobody_waiting_is_said(bench):
    assert bench.ask(c.CallNext(window=1)).answer["code"] == "nobody_waits"


def test_recall_waits_20_seconds_and_ends_after_five(bench):
    take(bench)
    bench.ask(c.CallNext(window=1))
    assert bench.ask(c.Recall(window=1)).answer["code"] == "too_soon"
    for _ in range(4):
        bench.later(20)
        assert bench.ask(c.Recall(window=1)).answer["ok"]
    bench.later(20)
    assert bench.ask(c.Recall(window=1)).answer["code"] == "too_often"


def test_a_no_show_needs_three_calls(bench):
    take(bench)
    bench.ask(c.CallNext(window=1))
    assert bench.ask(c.MarkNoShow(window=1)).answer["code"] == "no_show_early"
    for _ in range(2):
        bench.later(20)
        bench.ask(c.Recall(window=1))
    assert words(bench.ask(c.MarkNoShow(window=1))) == ["TicketMissed"]
    assert bench.hall.windows[1].status == "idle"


def test_priority_passes_those_who_came_within_its_credit_and_nobody_else(bench):
    take(bench)
    bench.later(31 * 60)
    take(bench)
    bench.later(60)
    take(bench, klass="priority")
    called = [bench.ask(c.CallNext(window=w)).answer["result"]["label"] for w in (1, 2, 3)]
    assert called == ["A001", "A003", "A002"]


def test_every_call_carries_why(bench):
    take(bench)
    bench.later(5)
    take(bench, klass="priority")
    event = bench.ask(c.CallNext(window=1)).recorded[0].event
    assert event.why == "优先，先于 1 位先到的普通号"


def test_numbers_are_given_at_the_hours_set_and_the_refusal_says_which(bench):
    bench.now = at(16, 50)
    answer = bench.ask(c.IssueTicket(queue="A")).answer
    assert answer["code"] == "closed"
    assert "8:45" in answer["words"]["zh"]
    bench.now = at(12, 10)
    assert bench.ask(c.IssueTicket(queue="A")).answer["ok"], "afternoon numbers at lunch"


def test_a_new_date_voids_what_waits_and_numbers_begin_anew(bench):
    take(bench)
    take(bench)
    bench.ask(c.CallNext(window=1))
    bench.now = at(9, 0, day="2026-11-24")
    outcome = bench.ask(c.IssueTicket(queue="A"))
    assert words(outcome)[:2] == ["TicketVoided", "TicketVoided"]
    assert outcome.answer["result"]["label"] == "A001"
    assert bench.hall.windows[1].status == "idle"


def test_a_clock_set_back_over_midnight_begins_no_day_twice(bench):
    take(bench)
    bench.now = at(9, 30, day="2026-11-22", weekday=1)
    assert take(bench)["label"] == "A002"


def test_a_pause_shows_and_call_next_ends_it(bench):
    take(bench)
    outcome = bench.ask(c.Pause(window=1, reason="取材料"))
    assert next(e for e in outcome.effects if isinstance(e, f.ShowStrip)).state == "pause"
    assert words(bench.ask(c.CallNext(window=1))) == ["WindowResumed", "TicketCalled"]


def test_a_window_that_serves_cannot_pause(bench):
    take(bench)
    bench.ask(c.CallNext(window=1))
    bench.ask(c.Start(window=1))
    assert bench.ask(c.Pause(window=1)).answer["code"] == "busy"


def test_a_called_ticket_at_a_window_that_pauses_returns_to_its_place(bench):
    take(bench)
    bench.later(5)
    take(bench)
    bench.ask(c.CallNext(window=1))
    assert words(bench.ask(c.Pause(window=1))) == ["CallWithdrawn", "WindowPaused"]
    assert bench.ask(c.CallNext(window=2)).answer["result"]["label"] == "A001"


def test_call_ticket_by_digits_means_the_windows_own_first_queue(bench):
    take(bench, "A")
    take(bench, "B")
    assert bench.ask(c.CallTicket(window=3, label="1")).answer["result"]["label"] == "B001"
    assert bench.ask(c.CallTicket(window=1, label="a1")).answer["code"] == "unknown_label"
    assert bench.ask(c.CallTicket(window=1, label="B001")).answer["code"] == "not_served_here"
    assert bench.ask(c.CallTicket(window=2, label="a001")).answer["result"]["label"] == "A001"
    assert bench.ask(c.CallTicket(window=1, label="001")).answer["code"] == "not_callable"


def test_a_refused_key_beeps_and_is_on_record(bench):
    outcome = bench.report("keypads", r.KeyPressed(window=1, key="call", press="p1"))
    assert words(outcome) == ["KeyRefused"]
    assert outcome.effects[0] == f.AnswerKey(device="keypads", window=1, press="p1", accepted=False)


@pytest.mark.parametrize(
    ("key", "code"),
    [
        ("line", "no_key"),
        ("transfer", "nobody_here"),
        ("hold", "nobody_here"),
        ("cancel", "nothing_to_undo"),
        ("resume", "nothing_held"),
    ],
)
def test_a_key_that_does_nothing_now_is_refused_not_ignored(bench, key, code):
    outcome = bench.report("keypads", r.KeyPressed(window=1, key=key, press="p"))
    assert outcome.recorded[0].event.code == code


def test_the_keys_of_a_visit(bench):
    take(bench)

    def press(key):
        return words(bench.report("keypads", r.KeyPressed(window=1, key=key, press=key)))

    assert press("call") == ["TicketCalled"]
    assert press("confirm") == ["ServiceStarted"]
    assert press("rate") == ["ServiceFinished"]
    assert press("pause") == ["WindowPaused"]
    assert press("pause") == ["WindowResumed"]


def test_after_a_restart_an_unsent_slip_is_printed_as_a_copy_and_a_doubtful_one_only_offered(bench):
    unsent, sent = take(bench)["job"], take(bench)["job"]
    bench.report("printer-1", r.SlipReady(job=sent))
    outcome = bench.ask(c.Wake(rules=bench.hall.rules, digest="d1"))
    assert words(outcome) == ["SlipFailed", "SlipQueued", "SlipDoubtful"]
    assert outcome.recorded[1].event.reprint
    slips = [e for e in outcome.effects if isinstance(e, f.PrintSlip)]
    assert [s.job for s in slips] == [unsent + "r"]
    assert any(getattr(p, "text", "") == "补打" for p in slips[0].slip.parts)


def test_a_slip_that_waits_longer_than_five_minutes_is_dropped_and_said(bench):
    job = take(bench)["job"]
    assert words(bench.report("printer-1", r.SlipHeld(job=job, reason="paper_out"))) == ["SlipHeld"]
    bench.later(301)
    assert bench.hall.jobs[job].status == "failed"
    assert f.DropSlip(printer="printer-1", job=job) in bench.effects
    assert words(bench.report("printer-1", r.SlipReady(job=job))) == []


def test_reprint_is_marked_and_refused_while_the_first_is_still_printing(bench):
    found = take(bench)
    assert bench.ask(c.Reprint(visit=found["visit"])).answer["code"] == "printing"
    bench.report("printer-1", r.SlipReady(job=found["job"]))
    bench.report("printer-1", r.SlipPrinted(job=found["job"]))
    outcome = bench.ask(c.Reprint(visit=found["visit"]))
    assert outcome.recorded[0].event.reprint


def test_the_strips_say_closed_at_lunch_and_idle_again_after_it(bench):
    bench.now = at(12, 0)
    bench.ask(c.Tick())
    strips = [e for e in bench.effects if isinstance(e, f.ShowStrip)]
    assert {s.texts for s in strips[-3:]} == {("午间休息", "午休")}
    bench.now = at(13, 0)
    bench.ask(c.Tick())
    assert [e for e in bench.effects if isinstance(e, f.ShowStrip)][-1].state == "idle"


def test_a_device_that_goes_and_comes_back_is_one_event_each(bench):
    down = r.LinkDown(evidence="EIO", remedy="x")
    assert words(bench.report("keypads", down)) == ["DeviceDown"]
    assert words(bench.report("keypads", down)) == []
    assert words(bench.report("keypads", r.LinkUp())) == ["DeviceUp"]
    assert words(bench.report("keypads", r.LinkUp())) == []


def test_a_ticket_carries_the_newest_forecast_and_a_replay_keeps_it(bench):
    bench.step.waits = {"A": (7, 20)}
    found = take(bench)
    assert (found["wait_low_min"], found["wait_high_min"]) == (7, 20)
    assert bench.hall.labelled("A001").wait_high_min == 20
    bench.step.waits = {}
    assert take(bench, "B")["wait_high_min"] != 20
