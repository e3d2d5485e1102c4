"""The whole life of a ticket: every act beside the main road."""

from dataclasses import replace

import pytest

from hallctl.core import commands as c
from hallctl.core import effects as f
from hallctl.core import events as e
from hallctl.core import reports as r
from hallctl.core.rules import Item, Staff
from sample import RULES, Bench, at, words


@pytest.fixture
def bench():
    more = Item("MZ01", "最低生活保障申请", "A", "civil"), Item("MZ02", "低保边缘", "A", "civil")
    return Bench(replace(RULES, items=(*RULES.items, *more)))


def take(bench, queue="A", **more):
    bench.later(1)
    return bench.ask(c.IssueTicket(queue=queue, kiosk="kiosk-1", **more)).answer["result"]


def label(outcome):
    return outcome.answer["result"]["label"]


def code(outcome):
    return outcome.answer["code"]


def call(bench, window=1, *, start=False):
    outcome = bench.ask(c.CallNext(window=window))
    if start:
        bench.ask(c.Start(window=window))
    return outcome


def miss(bench, window=1):
    """Call, recall twice, no-show."""
    for _ in range(2):
        bench.later(20)
        assert bench.ask(c.Recall(window=window)).answer["ok"]
    return bench.ask(c.MarkNoShow(window=window))


def test_a_resident_gives_a_ticket_back_and_its_number_is_not_used_again(bench):
    visit = take(bench)["visit"]
    assert words(bench.ask(c.CancelTicket(visit=visit))) == ["TicketVoided"]
    assert code(bench.ask(c.CancelTicket(visit=visit))) == "not_possible"
    assert code(bench.ask(c.CallTicket(window=1, label="A001"))) == "not_callable"
    assert take(bench)["label"] == "A002"


def test_a_missed_ticket_rejoins_three_places_behind(bench):
    for _ in range(6):
        take(bench)
    call(bench)
    miss(bench)
    assert bench.ask(c.Rejoin(visit="A001")).answer["ok"]
    called = [label(call(bench, 2, start=True)) for _ in range(6)]
    assert called == ["A002", "A003", "A004", "A001", "A005", "A006"]


def test_a_second_miss_voids_with_the_reason(bench):
    take(bench)
    call(bench)
    miss(bench)
    bench.ask(c.Rejoin(visit="A001"))
    call(bench)
    outcome = miss(bench)
    assert words(outcome) == ["TicketMissed", "TicketVoided"]
    assert outcome.recorded[1].event.reason == "missed_twice"
    assert code(bench.ask(c.Rejoin(visit="A001"))) == "not_possible"


def test_a_visit_on_hold_frees_the_window_and_is_called_back(bench):
    take(bench)
    take(bench)
    call(bench, start=True)
    assert words(bench.ask(c.Hold(window=1, reason="复印"))) == ["VisitHeld"]
    assert label(call(bench)) == "A002"
    bench.ask(c.Start(window=1))
    assert label(bench.ask(c.CallBack(window=1))) == "A001"
    assert bench.hall.labelled("A002").status == "rating"


def test_several_on_hold_are_called_back_oldest_first_or_by_label(bench):
    for _ in range(3):
        take(bench)
        call(bench, start=True)
        bench.later(15)
        bench.ask(c.Hold(window=1))
    assert label(bench.ask(c.CallBack(window=1))) == "A001"
    bench.ask(c.Start(window=1))
    assert label(bench.ask(c.CallBack(window=1, label="3"))) == "A003"
    assert code(bench.ask(c.CallBack(window=2))) == "nothing_held"


def test_a_transfer_keeps_number_and_place(bench):
    take(bench)
    take(bench, "B")
    call(bench, 1, start=True)
    outcome = bench.ask(c.Transfer(window=1, queue="B"))
    assert words(outcome) == ["VisitTransferred"]
    assert label(call(bench, 3)) == "A001", "it was taken before B001"


def test_a_transfer_to_one_window_waits_for_that_window(bench):
    take(bench)
    take(bench)
    call(bench, 1, start=True)
    bench.ask(c.Transfer(window=1, to_window=2))
    assert label(call(bench, 1)) == "A002"
    outcome = call(bench, 2)
    assert label(outcome) == "A001"
    assert outcome.recorded[0].event.why == "转到本窗口"


def test_back_to_the_pool_is_next_again(bench):
    take(bench)
    take(bench)
    call(bench, 1)
    bench.ask(c.Transfer(window=1))
    assert label(call(bench, 2)) == "A001"


def test_a_transfer_to_where_it_is_not_served_is_refused(bench):
    take(bench)
    call(bench, 1)
    assert code(bench.ask(c.Transfer(window=1, queue="X"))) == "unknown_queue"
    assert code(bench.ask(c.Transfer(window=1, queue="B", to_window=2))) == "window_serves_not"
    assert code(bench.ask(c.Transfer(window=1, to_window=1))) == "same_window"
    assert code(bench.ask(c.Transfer(window=1, to_window=77))) == "unknown_window"


def test_several_matters_on_one_ticket_one_after_the_other(bench):
    take(bench, item="SB01")
    call(bench, 3, start=True)
    bench.ask(c.AddMatter(visit="B001", item="MZ01"))
    assert code(bench.ask(c.CallNext(window=3))) == "matters_left"
    outcome = bench.ask(c.Finish(window=3))
    assert words(outcome) == ["MatterFinished"], "window 3 serves A too"
    assert bench.hall.labelled("B001").item == "MZ01"
    assert words(bench.ask(c.Finish(window=3))) == ["ServiceFinished"]


def test_a_matter_of_another_queue_goes_there_with_the_same_ticket(bench):
    take(bench, item="MZ01")
    call(bench, 1, start=True)
    bench.ask(c.AddMatter(visit="A001", item="SB01"))
    assert words(bench.ask(c.Finish(window=1))) == ["MatterFinished", "VisitTransferred"]
    assert label(call(bench, 3)) == "A001"


def test_the_same_matter_twice_is_refused(bench):
    take(bench, item="MZ01")
    assert code(bench.ask(c.AddMatter(visit="A001", item="MZ01"))) == "matter_twice"
    bench.ask(c.AddMatter(visit="A001", item="MZ02"))
    assert code(bench.ask(c.AddMatter(visit="A001", item="MZ02"))) == "matter_twice"


def test_the_item_is_set_at_the_window(bench):
    take(bench)
    call(bench)
    assert words(bench.ask(c.SetItem(visit="A001", item="MZ01"))) == ["ItemSet"]
    assert code(bench.ask(c.SetItem(visit="A001", item="ZZ"))) == "unknown_item"


def test_priority_is_given_afterwards_and_counts_from_when_the_ticket_was_taken(bench):
    take(bench)
    take(bench)
    assert words(bench.ask(c.ChangeClass(visit="A002", klass="priority"))) == ["ClassChanged"]
    assert code(bench.ask(c.ChangeClass(visit="A002", klass="priority"))) == "same_class"
    assert label(call(bench)) == "A002"
    take(bench)
    bench.ask(c.ChangeClass(visit="A003", klass="priority"))
    bench.ask(c.ChangeClass(visit="A003", klass="ordinary"))
    assert label(call(bench, 2)) == "A001"


def test_a_walk_up_is_served_with_a_number_and_without_a_voice(bench):
    outcome = bench.ask(c.ServeWalkUp(window=1, item="MZ01"))
    assert words(outcome) == ["TicketIssued", "TicketCalled", "ServiceStarted"]
    assert not any(isinstance(e, f.Announce | f.PrintSlip) for e in outcome.effects)
    assert bench.hall.calls == []
    assert code(bench.ask(c.ServeWalkUp(window=1))) == "busy"
    assert code(bench.ask(c.ServeWalkUp(window=2, item="SB01"))) == "not_served_here"


def test_what_could_not_be_done_is_raised_with_the_visit_that_failed_behind_it(bench):
    take(bench)
    call(bench, 1, start=True)
    outcome = bench.ask(c.RaiseStuck(window=1))
    assert outcome.recorded[0].event.label == "B001"
    assert outcome.recorded[0].event.behind == "2026-11-23-A001"
    assert words(outcome) == ["TicketIssued", "SlipQueued"], "at the printer of the first ticket"
    assert code(bench.ask(c.RaiseStuck(window=1))) == "already_raised"
    bench.ask(c.Finish(window=1))
    assert code(bench.ask(c.RaiseStuck(window=2))) == "nobody_here"


class WhenUndo:
    def test_a_call_by_mistake_gives_the_place_back(self, bench):
        take(bench)
        take(bench)
        call(bench)
        outcome = bench.ask(c.Undo(window=1))
        assert words(outcome) == ["CallWithdrawn"]
        assert not any(isinstance(e, f.Announce) for e in outcome.effects), "the voice is silent"
        assert "A001" in bench.hall.withdrawn
        assert bench.hall.calls == []
        assert label(call(bench, 2)) == "A001"

    def test_a_start_a_finish_a_no_show_and_a_hold_by_mistake(self, bench):
        take(bench)
        call(bench, start=True)
        assert words(bench.ask(c.Undo(window=1))) == ["StartUndone"]
        bench.ask(c.Start(window=1))
        bench.ask(c.Finish(window=1))
        outcome = bench.ask(c.Undo(window=1))
        assert words(outcome) == ["FinishUndone"]
        assert f.EndRating(window=1, thanks=False) in outcome.effects
        bench.ask(c.Hold(window=1))
        assert words(bench.ask(c.Undo(window=1))) == ["HoldUndone"]
        bench.ask(c.Finish(window=1))
        take(bench)
        call(bench)
        miss(bench)
        assert words(bench.ask(c.Undo(window=1))) == ["MissUndone"]
        assert bench.hall.labelled("A002").status == "called"

    def test_a_visit_that_nobody_had_started_is_called_again_after_the_undo(self, bench):
        take(bench)
        call(bench)
        bench.ask(c.Hold(window=1))
        bench.ask(c.Undo(window=1))
        assert bench.hall.windows[1].status == "called"
        bench.ask(c.Finish(window=1))
        bench.ask(c.Undo(window=1))
        assert bench.hall.labelled("A001").status == "called"

    def test_not_later_than_ten_seconds_and_not_twice(self, bench):
        take(bench)
        call(bench)
        bench.later(11)
        assert code(bench.ask(c.Undo(window=1))) == "undo_late"
        bench.later(20)
        bench.ask(c.Start(window=1))
        bench.ask(c.Undo(window=1))
        assert code(bench.ask(c.Undo(window=1))) == "nothing_to_undo"

    def test_not_when_somebody_else_has_been_called_since(self, bench):
        take(bench)
        take(bench)
        call(bench, start=True)
        bench.ask(c.CallNext(window=1))
        assert words(bench.ask(c.Undo(window=1))) == ["CallWithdrawn"]
        assert bench.hall.labelled("A001").status == "rating", "the finish before it stands"

    def test_a_ticket_that_another_window_called_meanwhile_stays_there(self, bench):
        take(bench)
        call(bench, 1, start=True)
        bench.ask(c.Hold(window=1))
        bench.ask(c.CallTicket(window=2, label="A001"))
        assert code(bench.ask(c.Undo(window=1))) == "nothing_to_undo"

    def test_the_cancel_key_is_undo(self, bench):
        take(bench)
        call(bench)
        outcome = bench.report("keypads", r.KeyPressed(window=1, key="cancel", press="p"))
        assert words(outcome) == ["CallWithdrawn"]


class WhenStaff:
    @pytest.fixture
    def bench(self):
        staff = (Staff("0101", (1,)), Staff("0301", (3,)), Staff("0302", (), (3,)))
        return Bench(replace(RULES, staff=staff, sign_on=True))

    def test_a_window_calls_only_when_somebody_has_signed_on(self, bench):
        take(bench)
        assert code(call(bench)) == "not_signed_on"
        assert bench.hall.windows[1].status == "off"
        assert words(bench.ask(c.SignOn(window=1, staff="0101"))) == ["StaffSignedOn"]
        assert label(call(bench)) == "A001"

    def test_who_covers_says_why(self, bench):
        assert code(bench.ask(c.SignOn(window=3, staff="0302"))) == "cover_reason"
        outcome = bench.ask(c.SignOn(window=3, staff="0302", reason="A 岗培训"))
        assert outcome.recorded[0].event.post == "B"

    def test_one_clerk_one_window_one_window_one_clerk(self, bench):
        bench.ask(c.SignOn(window=1, staff="0101"))
        assert code(bench.ask(c.SignOn(window=1, staff="0101"))) == "signed_on_already"
        assert code(bench.ask(c.SignOn(window=2, staff="0101"))) == "signed_on_elsewhere"
        assert code(bench.ask(c.SignOn(window=1, staff="0301"))) == "window_taken"
        assert code(bench.ask(c.SignOn(window=2, staff="9999"))) == "unknown_staff"

    def test_a_called_ticket_at_a_window_that_signs_off_returns_to_its_place(self, bench):
        take(bench)
        bench.ask(c.SignOn(window=1, staff="0101"))
        call(bench)
        assert words(bench.ask(c.SignOff(window=1))) == ["CallWithdrawn", "StaffSignedOff"]
        assert bench.hall.labelled("A001").status == "waiting"
        assert code(bench.ask(c.SignOff(window=1))) == "not_signed_on"

    def test_the_number_typed_on_the_keypad_signs_on_and_off(self, bench):
        press = r.KeyPressed(window=1, key="confirm", digits="0101", press="p")
        assert words(bench.report("keypads", press)) == ["StaffSignedOn"]
        assert words(bench.report("keypads", press)) == ["StaffSignedOff"]


class WhenWhoIsNext:
    @pytest.fixture
    def bench(self):
        helping = replace(RULES.windows[2], queues=("B",), helps=(("A", 600.0),))
        return Bench(replace(RULES, windows=(*RULES.windows[:2], helping)))

    def test_a_window_helps_only_when_it_is_switched_on(self, bench):
        take(bench)
        assert code(call(bench, 3)) == "nobody_waits"
        assert words(bench.ask(c.SetHelping(window=3, on=True))) == ["HelpingSet"]
        assert code(bench.ask(c.SetHelping(window=3, on=True))) == "helping_already"
        assert code(bench.ask(c.SetHelping(window=1, on=True))) == "helps_nobody"
        outcome = call(bench, 3)
        assert label(outcome) == "A001"
        assert "帮办" in outcome.recorded[0].event.why

    def test_its_own_people_come_first_unless_the_others_waited_longer_by_the_offset(self, bench):
        bench.ask(c.SetHelping(window=3, on=True))
        take(bench, "A")
        bench.later(500)
        take(bench, "B")
        assert label(call(bench, 3, start=True)) == "B001"
        bench.later(700)
        take(bench, "B")
        assert label(call(bench, 3)) == "A001"

    def test_a_windows_queues_change_for_the_day(self, bench):
        take(bench, "B")
        bench.ask(c.SetWindowQueues(window=1, queues=("B",)))
        assert label(call(bench, 1)) == "B001"
        assert code(bench.ask(c.SetWindowQueues(window=1, queues=("X",)))) == "unknown_queue"
        assert code(bench.ask(c.SetWindowQueues(window=1, queues=("A", "A")))) == "queue_twice"


class WhenHours:
    def test_a_queue_is_closed_and_opened_and_those_with_numbers_are_served(self, bench):
        take(bench)
        assert words(bench.ask(c.CloseQueue(queue="A", reason="系统维护"))) == ["QueueClosed"]
        answer = bench.ask(c.IssueTicket(queue="A")).answer
        assert answer["code"] == "queue_closed"
        assert "系统维护" in answer["words"]["zh"]
        assert label(call(bench)) == "A001"
        bench.ask(c.OpenQueue(queue="A"))
        assert take(bench)["label"] == "A002"
        assert code(bench.ask(c.OpenQueue(queue="A"))) == "queue_open"

    def test_a_quota_is_per_span_and_says_when_the_next_is(self):
        limited = replace(RULES.queues[0], quotas=(2, 1))
        bench = Bench(replace(RULES, queues=(limited, RULES.queues[1]), cut_off=False))
        take(bench)
        take(bench)
        answer = bench.ask(c.IssueTicket(queue="A")).answer
        assert answer["code"] == "quota"
        assert "11:45" in answer["words"]["zh"]
        bench.now = at(11, 50)
        assert take(bench)["label"] == "A003"
        assert "下一个工作日" in bench.ask(c.IssueTicket(queue="A")).answer["words"]["zh"]

    def test_numbers_end_when_the_work_left_does_not_fit_into_the_time_left(self, bench):
        bench.now = at(16, 20)
        bench.ask(c.Tick())
        given = 0
        while (outcome := bench.ask(c.IssueTicket(queue="A"))).answer["ok"]:
            given += 1
            assert given < 100
        # 40 minutes, three windows, eight minutes each
        assert given == 15
        assert outcome.answer["code"] == "cut_off"
        assert bench.ask(c.IssueTicket(queue="B")).answer["ok"], "window 3 has its own line"

    def test_morning_tickets_are_called_after_lunch(self, bench):
        take(bench)
        bench.now = at(12, 30)
        bench.ask(c.Tick())
        bench.now = at(13, 1)
        assert label(call(bench)) == "A001"

    def test_the_hall_serves_longer_when_it_is_said(self, bench):
        assert code(bench.ask(c.ExtendHours(until_day_s=16 * 3600))) == "extend_later"
        assert words(bench.ask(c.ExtendHours(until_day_s=19 * 3600))) == ["HoursExtended"]
        bench.now = at(18, 0)
        bench.ask(c.Tick())
        assert bench.hall.opening == "open"
        assert take(bench)["label"] == "A001"

    def test_holidays_and_moved_working_days(self):
        rules = replace(RULES, holidays=("2026-11-23",), workdays_extra=("2026-11-28",))
        bench = Bench(rules)
        assert "不办公" in bench.ask(c.IssueTicket(queue="A")).answer["words"]["zh"]
        bench.now = at(9, 30, day="2026-11-28")
        assert bench.ask(c.IssueTicket(queue="A")).answer["ok"]

    def test_one_live_ticket_per_person_and_item_a_second_try_reprints(self, bench):
        first = take(bench, item="MZ01", person="h1")
        bench.report("printer-1", r.SlipReady(job=first["job"]))
        bench.report("printer-1", r.SlipPrinted(job=first["job"]))
        outcome = bench.ask(c.IssueTicket(item="MZ01", person="h1", kiosk="kiosk-1"))
        assert words(outcome) == ["SlipQueued"]
        assert outcome.answer["result"]["label"] == "A001"
        assert outcome.answer["result"]["again"]
        assert take(bench, item="MZ02", person="h1")["label"] == "A002"
        assert take(bench, item="MZ01", person="h2")["label"] == "A003"

    def test_the_day_is_closed_when_nobody_is_left_and_nobody_stays_in_limbo(self, bench):
        take(bench)
        take(bench)
        call(bench, 1, start=True)
        bench.ask(c.Hold(window=1))
        bench.now = at(17, 0)
        bench.ask(c.Tick())
        assert not bench.hall.closed, "A002 still waits"
        call(bench, 1, start=True)
        bench.ask(c.Finish(window=1))
        bench.later(61)
        bench.later(1)
        assert bench.hall.closed
        assert {v.status for v in bench.hall.visits.values()} == {"finished", "void"}
        names = [type(x.event).__name__ for x in bench.recorded]
        assert names.count("DayClosed") == 1
        assert code(bench.ask(c.ServeWalkUp(window=1))) == "closed", "nothing would end it"
        bench.now = at(9, 0, day="2026-11-24")
        bench.ask(c.Tick())
        assert [type(x.event).__name__ for x in bench.recorded].count("DayClosed") == 1

    @pytest.mark.parametrize("why", ["hours extended", "clock set back"])
    def test_a_closed_day_that_goes_on_after_all_is_closed_again_and_nobody_stays_in_limbo(
        self, bench, why
    ):
        take(bench)
        call(bench, 1, start=True)
        bench.ask(c.Finish(window=1))
        bench.now = at(17, 0)
        bench.ask(c.Tick())
        bench.later(61)
        assert bench.hall.closed
        if why == "hours extended":
            assert bench.ask(c.ExtendHours(until_day_s=19 * 3600)).answer["ok"]
        else:  # it had run a day ahead: this date's day has been closed already
            bench.now = at(9, 0)
        bench.ask(c.Tick())
        assert not bench.hall.closed
        assert bench.ask(c.ServeWalkUp(window=1)).answer["ok"]
        for _ in range(2):
            take(bench)
        call(bench, 2)
        bench.now = at(0, 0, day="2026-11-24")
        bench.ask(c.Tick())
        ends = [x.event for x in bench.recorded if isinstance(x.event, e.TicketVoided)]
        assert {(x.label, x.reason) for x in ends} == {(f"A00{n}", "day_end") for n in (2, 3, 4)}
        closed = [x.event for x in bench.recorded if isinstance(x.event, e.DayClosed)]
        assert [(x.issued, x.finished, x.voided) for x in closed] == [(1, 1, 0), (4, 1, 3)]
        assert not any(w.visit for w in bench.hall.windows.values())


class WhenAlerts:
    def alerts(self, bench):
        return {k: a.level for k, a in bench.hall.alerts.items()}

    def test_a_long_wait_is_yellow_then_red_then_over(self, bench):
        take(bench)
        bench.later(1200)
        assert self.alerts(bench) == {"wait:2026-11-23-A001": "yellow"}
        bench.later(600)
        assert self.alerts(bench) == {"wait:2026-11-23-A001": "red"}
        raised = [x for x in bench.recorded if type(x.event).__name__ == "AlertRaised"]
        assert len(raised) == 2, "each level once"
        call(bench)
        bench.later(1)
        assert self.alerts(bench) == {}

    def test_a_long_pause_and_a_long_visit(self, bench):
        bench.ask(c.Pause(window=2))
        take(bench)
        call(bench, 1, start=True)
        bench.later(960)
        assert self.alerts(bench) == {"pause:2": "red", "visit:2026-11-23-A001": "yellow"}

    def test_another_window_is_asked_for_when_one_stands_idle_and_newcomers_wait_too_long(
        self, bench
    ):
        for window in (2, 3):
            bench.ask(c.Pause(window=window))
        for _ in range(5):
            take(bench)
        bench.later(1)
        assert self.alerts(bench) == {"open_window:A": "yellow"}
        bench.ask(c.Resume(window=2))
        bench.ask(c.Resume(window=3))
        bench.later(1)
        assert self.alerts(bench) == {}


def test_durations_are_learned_and_live_on_into_the_next_day(bench):
    for _ in range(6):
        take(bench, item="MZ01")
        call(bench, 1, start=True)
        bench.later(120)
        bench.ask(c.Finish(window=1))
    assert bench.hall.learned["MZ01"].mean_s == pytest.approx(120)
    bench.now = at(9, 0, day="2026-11-24")
    bench.ask(c.Tick())
    assert bench.hall.learned["A"].mean_s == pytest.approx(120)
    assert bench.hall.learned["MZ01"].weight == 6


def test_notices_of_the_day_replace_those_of_the_file(bench):
    bench.ask(c.SetNotices(notices=("今天 15:00 停电",)))
    assert bench.hall.notices == ("今天 15:00 停电",)


def test_files_that_have_lost_an_item_and_a_queue_stop_no_start(bench):
    take(bench, "B", item="SB01")
    bench.ask(c.PrintMaterials(item="MZ01", kiosk="kiosk-1"))
    smaller = replace(
        RULES, items=(), queues=RULES.queues[:1], categories=(), stuck_queue="A",
        windows=RULES.windows[:2],
    )  # fmt: skip
    outcome = bench.ask(c.Wake(rules=smaller, digest="d2"))
    slips = [x.slip for x in outcome.effects if isinstance(x, f.PrintSlip)]
    assert len(slips) == 2
    lines = [getattr(part, "text", "") for slip in slips for part in slip.parts]
    assert "B001" in lines
    assert "MZ01" in lines


def test_asking_for_sign_on_in_the_middle_of_a_day_holds_at_once_and_ends_at_once(bench):
    asks = replace(bench.hall.rules, sign_on=True, staff=(Staff("0101", (1,)),))
    bench.ask(c.Wake(rules=asks, digest="d2", running=True))
    assert bench.hall.windows[1].status == "off"
    bench.ask(c.Wake(rules=RULES, digest="d3", running=True))
    assert bench.hall.windows[1].status == "idle"


def rated(bench, grade=2):
    bench.ask(c.IssueTicket(queue="A", paper=False))
    bench.ask(c.CallNext(window=1))
    bench.ask(c.Start(window=1))
    bench.ask(c.Finish(window=1))
    bench.ask(c.Rate(window=1, grade=grade))


class WhenReasons:
    def test_reasons_of_a_low_grade_are_kept_once_and_in_the_rules_order(self):
        bench = Bench()
        rated(bench)
        given = c.GiveReasons(window=1, reasons=("unsolved", "wait"))
        (recorded,) = bench.ask(given).recorded
        assert recorded.event.reasons == ("wait", "unsolved")
        assert recorded.event.AUDIENCE == "private"
        assert bench.ask(given).answer["code"] == "no_rating"

    def test_reasons_come_soon_or_not_at_all(self):
        bench = Bench()
        rated(bench)
        bench.later(121)
        assert not bench.ask(c.GiveReasons(window=1, reasons=("wait",))).answer["ok"]

    def test_reasons_nobody_offers_and_none_at_all_are_refused(self):
        bench = Bench()
        rated(bench)
        for reasons in ((), ("weather",)):
            answer = bench.ask(c.GiveReasons(window=1, reasons=reasons)).answer
            assert answer["code"] == "unknown_reason"

    def test_a_grade_and_reasons_meant_for_one_visit_never_land_on_another(self):
        bench = Bench()
        rated(bench)
        assert not bench.ask(c.GiveReasons(window=1, reasons=("wait",), visit="other")).answer["ok"]
        bench.ask(c.IssueTicket(queue="A", paper=False))
        bench.ask(c.CallNext(window=1))
        bench.ask(c.Start(window=1))
        bench.ask(c.Finish(window=1))
        late = c.Rate(window=1, grade=1, visit="2026-11-23-A001")
        assert bench.ask(late).answer["code"] == "no_rating"
        assert bench.ask(c.Rate(window=1, grade=5, visit="2026-11-23-A002")).answer["ok"]
