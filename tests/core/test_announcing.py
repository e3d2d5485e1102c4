"""The announcement queue: in order, whole, shortened but never left out, quiet when asked."""

import pytest

from calling_aloud import Voice, languages_of, voiced
from hallctl.core import commands as c
from hallctl.core import effects as f
from hallctl.core import events as e
from hallctl.core import reports as r
from hallctl.core.acts import announcing
from hallctl.core.rules import Span, VoiceRules
from sample import at, words

# - order


def test_calls_are_said_one_after_the_other_in_the_order_they_were_called():
    voice = Voice(voiced(pile_up=50))
    labels = [voice.call(n) for n in (2, 1, 3)]
    assert len(voice.told()) == 1, "the second waits for the first one's end"
    voice.say_everything()
    assert labels == ["A001", "A002", "A003"]
    assert voice.said() == ["请A零零一号", "请A零零二号", "请A零零三号"]
    assert [x.window for x in voice.told()] == [2, 1, 3]


def test_the_next_is_handed_over_in_the_moment_the_one_before_has_ended():
    voice = Voice()
    voice.call(1)
    voice.call(2)
    outcome = voice.ends()
    assert words(outcome) == ["AnnouncementMade", "AnnouncementBegun"]
    assert [x.window for x in outcome.effects if isinstance(x, f.Announce)] == [2]


def test_an_announcement_is_named_after_its_device_and_its_calls_place_in_the_journal():
    voice = Voice()
    voice.call(1)
    called = next(x for x in voice.bench.recorded if isinstance(x.event, e.TicketCalled))
    (queued,) = voice.events(e.AnnouncementQueued)
    assert queued.call == called.seq
    assert voice.last().announcement == f"voice:{called.seq}" == queued.announcement


def test_a_quiet_call_of_somebody_who_stands_there_already_is_not_said():
    voice = Voice()
    assert voice.bench.ask(c.ServeWalkUp(window=1)).answer["ok"]
    assert voice.told() == []
    assert voice.events(e.AnnouncementQueued) == []


def test_a_recall_does_not_jump_the_line():
    voice = Voice(voiced(pile_up=50))
    voice.call(1)
    voice.ends()
    voice.call(2)
    voice.call(3)
    voice.bench.later(6)
    assert voice.bench.ask(c.Recall(window=1)).answer["ok"]
    voice.say_everything()
    assert [x.window for x in voice.told()] == [1, 2, 3, 1]
    assert voice.last().sentences[0].text == "请A零零一号，尽快到一号窗口"


def test_a_recall_of_a_call_that_waits_still_is_merged_with_it():
    voice = Voice(speaks=False)
    voice.call(1)
    voice.call(2)
    voice.bench.later(6)
    again = voice.bench.ask(c.Recall(window=1))
    assert words(again) == ["TicketRecalled", "AnnouncementQueued", "AnnouncementSkipped"]
    assert again.recorded[-1].event.reason == "merged"
    assert again.recorded[-1].event.call == again.recorded[0].seq
    voice.bench.speak()
    voice.say_everything()
    assert [x.window for x in voice.told()] == [1, 2], "each once, at the first one's place"


def test_the_same_ticket_called_to_another_window_is_not_merged():
    voice = Voice(speaks=False)
    label = voice.call(1)
    voice.bench.ask(c.Undo(window=1))
    voice.bench.ask(c.CallTicket(window=2, label=label))
    reasons = [x.reason for x in voice.events(e.AnnouncementSkipped)]
    assert reasons == ["moved_on"]
    voice.bench.speak()
    assert [x.window for x in voice.told()] == [2]


# - a recall while the first call is not said yet


def test_a_recall_is_refused_while_the_call_is_being_said_and_while_it_waits():
    voice = Voice()
    voice.call(1)
    voice.call(2)
    voice.bench.later(25)
    for window, label in ((1, "A001"), (2, "A002")):
        refused = voice.bench.ask(c.Recall(window=window)).answer
        assert refused["code"] == "not_said_yet"
        assert label in refused["words"]["zh"]
    voice.ends()
    voice.bench.later(6)
    assert voice.bench.ask(c.Recall(window=1)).answer["ok"]


def test_the_gap_before_a_recall_counts_from_the_end_of_the_call_that_was_heard():
    voice = Voice()
    voice.call(1)
    voice.bench.later(10)
    voice.ends()
    voice.bench.later(3)
    assert voice.bench.ask(c.Recall(window=1)).answer["code"] == "too_soon"
    voice.bench.later(3)
    assert voice.bench.ask(c.Recall(window=1)).answer["ok"]


@pytest.mark.parametrize("dead", ["unplugged", "silent", "failing", "hanging", "self-test"])
def test_a_dead_voice_holds_up_no_recall_and_so_no_no_show(dead):
    voice = Voice()
    voice.call(1)
    match dead:
        case "unplugged":
            voice.bench.report("voice", r.LinkDown(evidence="gone", remedy=""))
        case "silent":
            voice.bench.report("voice", r.Condition(part="state", state="silent"))
        case "failing":
            voice.fails()
            voice.bench.later(3)
            assert len(voice.told()) == 2, "said ready, fails again and again"
        case "hanging":
            voice.bench.later(31)
        case "self-test":
            voice.bench.ask(c.TestDevice(device="voice", level="internal"))
    voice.bench.later(6)
    for _ in range(2):
        assert voice.bench.ask(c.Recall(window=1)).answer["ok"]
        voice.bench.later(6)
    assert voice.bench.ask(c.MarkNoShow(window=1)).answer["ok"]


# - piling up


def test_with_nobody_behind_it_a_call_is_said_in_each_language_as_often_as_asked():
    voice = Voice(voiced(repeats=2))
    voice.call(1)
    assert languages_of(voice.last()) == ["mandarin", "cantonese", "mandarin", "cantonese"]
    assert voice.last().chime == "full"


def test_with_somebody_behind_it_a_call_is_not_repeated():
    voice = Voice(voiced(repeats=2), speaks=False)
    voice.call(1)
    voice.call(2)
    voice.bench.speak()
    assert languages_of(voice.last()) == ["mandarin", "cantonese"]
    voice.ends()
    assert languages_of(voice.last()) == ["mandarin", "cantonese"] * 2, "the last of the line"


def test_when_calls_pile_up_they_are_said_shortly_in_one_language_and_all_of_them():
    voice = Voice(voiced(windows=6, pile_up=3, languages=("cantonese", "mandarin")), speaks=False)
    labels = [voice.call(n) for n in range(1, 7)]
    voice.bench.speak()
    voice.say_everything()
    told = voice.told()
    assert [languages_of(x) for x in told] == [["cantonese"]] * 3 + [["cantonese", "mandarin"]] * 3
    assert [x.chime for x in told] == ["short"] * 3 + ["full"] * 3
    assert told[0].sentences[0].text == "A零零一號，一號窗口"
    assert told[3].sentences[0].text == "請A零零四號，到四號窗口辦理"
    begun = voice.events(e.AnnouncementBegun)
    assert [x.short for x in begun] == [True] * 3 + [False] * 3
    made = {x.visit for x in voice.events(e.AnnouncementMade)}
    assert {voice.hall.visits[v].label for v in made} == set(labels)


@pytest.mark.parametrize("behind", range(6))
@pytest.mark.parametrize("repeats", [1, 3])
def test_the_more_wait_the_less_is_said_and_never_nothing(behind, repeats):
    rules = VoiceRules(repeats=repeats, pile_up=3)
    languages, short = announcing.passes(rules, behind, english=False)
    more, _ = announcing.passes(rules, max(0, behind - 1), english=False)
    assert 1 <= len(languages) <= len(more)
    assert short == (behind >= 3)


def test_a_hall_without_languages_has_the_chime_alone():
    voice = Voice(voiced(languages=()))
    voice.call(1)
    assert voice.last().sentences == ()
    assert voice.last().chime == "full"


def test_an_english_ticket_is_called_in_english_too():
    voice = Voice()
    voice.call(1, language="en")
    assert languages_of(voice.last()) == ["mandarin", "cantonese", "english"]
    english = voice.last().sentences[2].text
    assert english == "number A zero zero one, please go to window one"


def test_an_english_ticket_is_not_called_in_english_where_the_hall_does_not_want_it():
    voice = Voice(voiced(english_on_ticket=False))
    voice.call(1, language="en")
    assert languages_of(voice.last()) == ["mandarin", "cantonese"]


def test_a_hall_that_speaks_english_anyway_says_it_once_and_at_its_place():
    voice = Voice(voiced(languages=("english", "mandarin")))
    voice.call(1, language="en")
    assert languages_of(voice.last()) == ["english", "mandarin"]


# - what is not said any more


@pytest.mark.parametrize(
    "act", [c.Start, c.Undo, c.Hold, c.Transfer, c.Finish], ids=lambda a: a.__name__
)
def test_a_call_that_waits_is_skipped_when_its_visit_is_no_longer_called_there(act):
    voice = Voice()
    voice.call(1)
    voice.call(2)
    outcome = voice.bench.ask(act(window=2))
    assert outcome.answer["ok"]
    (skipped,) = [x.event for x in outcome.recorded if isinstance(x.event, e.AnnouncementSkipped)]
    assert (skipped.reason, skipped.window) == ("moved_on", 2)
    voice.ends()
    assert len(voice.told()) == 1


def test_a_call_that_is_being_said_is_said_to_its_end_whatever_becomes_of_the_visit():
    voice = Voice()
    voice.call(1)
    voice.bench.ask(c.Start(window=1))
    assert voice.hall.voices["voice"].speaking is not None
    assert voice.events(e.AnnouncementSkipped, e.AnnouncementFailed) == []
    assert words(voice.ends()) == ["AnnouncementMade"]


def test_a_call_still_standing_is_never_skipped_however_long_it_has_waited():
    voice = Voice(speaks=False)
    for n in (1, 2, 3):
        voice.call(n)
    for _ in range(60):
        voice.bench.later(60)
    assert voice.events(e.AnnouncementSkipped) == []
    voice.bench.speak()
    voice.say_everything()
    assert [x.window for x in voice.told()] == [1, 2, 3]


# - quiet, and how loud


def test_in_quiet_hours_calls_are_shown_and_not_said():
    voice = Voice(voiced(quiet=(Span(9 * 3600 + 40 * 60, 9 * 3600 + 50 * 60),)))
    voice.bench.now = at(9, 40)
    voice.call(1)
    (skipped,) = voice.events(e.AnnouncementSkipped)
    assert skipped.reason == "quiet"
    assert voice.told() == []
    assert any(isinstance(x, f.ShowStrip) and x.state == "call" for x in voice.bench.effects)
    voice.bench.now = at(9, 50)
    voice.bench.ask(c.Tick())
    assert voice.told() == [], "and not made up for later"
    voice.call(2)
    assert len(voice.told()) == 1


def test_the_guide_desk_can_ask_for_quiet_and_end_it_sooner():
    voice = Voice()
    assert voice.bench.ask(c.QuietVoice(minutes=10, place="guide")).answer["ok"]
    voice.call(1)
    assert voice.told() == []
    voice.bench.later(599)
    voice.call(2)
    assert voice.told() == []
    assert voice.bench.ask(c.QuietVoice(minutes=0, place="guide")).answer["ok"]
    voice.call(3)
    assert [x.window for x in voice.told()] == [3]
    assert [x.place for x in voice.events(e.VoiceQuieted)] == ["guide", "guide"]


def test_quiet_that_was_asked_for_ends_by_itself():
    voice = Voice()
    voice.bench.ask(c.QuietVoice(minutes=10))
    voice.bench.later(600)
    voice.call(1)
    assert len(voice.told()) == 1


def test_ending_a_quiet_that_was_not_asked_for_changes_nothing():
    assert words(Voice().bench.ask(c.QuietVoice(minutes=0))) == []


@pytest.mark.parametrize("minutes", [-1, 241, float("inf"), float("nan")])
def test_quiet_for_half_a_day_is_refused(minutes):
    refused = Voice().bench.ask(c.QuietVoice(minutes=minutes)).answer
    assert refused["code"] == "quiet_minutes"
    assert "240" in refused["words"]["zh"]


@pytest.mark.parametrize(
    ("moment", "volume"), [(at(9, 30), 70), (at(10, 0), 50), (at(10, 59), 50), (at(11, 0), 90)]
)
def test_the_volume_goes_by_the_time_of_day(moment, volume):
    voice = Voice(voiced(volume=70, volumes=((10 * 3600, 50), (11 * 3600, 90))))
    voice.bench.now = moment
    voice.call(1)
    assert voice.last().volume == volume


# - what else is announced


def no_show(voice):
    voice.call(1)
    for _ in range(2):
        voice.ends()
        voice.bench.later(6)
        assert voice.bench.ask(c.Recall(window=1)).answer["ok"]
    voice.ends()
    voice.bench.ask(c.MarkNoShow(window=1))


def test_a_no_show_is_announced_where_the_hall_wants_it():
    voice = Voice(voiced(say_missed=True))
    no_show(voice)
    assert voice.last().sentences[0].text == "A零零一号已过号，请到导办台"
    assert languages_of(voice.last()) == ["mandarin", "cantonese"]


def test_a_no_show_is_not_announced_otherwise():
    voice = Voice()
    no_show(voice)
    assert len(voice.told()) == 3
    assert "missed" not in {x.purpose for x in voice.events(e.AnnouncementQueued)}


def test_a_no_show_that_is_undone_before_it_was_said_is_not_said():
    voice = Voice(voiced(say_missed=True))
    voice.call(2)
    voice.ends()
    voice.bench.report("voice", r.LinkDown(evidence="gone", remedy=""))
    voice.call(1)
    for _ in range(2):
        voice.bench.later(6)
        assert voice.bench.ask(c.Recall(window=1)).answer["ok"]
    voice.bench.ask(c.MarkNoShow(window=1))
    voice.bench.ask(c.Undo(window=1))
    reasons = [(x.reason, x.window) for x in voice.events(e.AnnouncementSkipped)]
    assert reasons[-1] == ("moved_on", 1)


@pytest.mark.parametrize("wanted", [True, False])
def test_lunch_is_announced_once_where_the_hall_wants_it(wanted):
    voice = Voice(voiced(say_lunch=wanted))
    voice.bench.now = at(11, 59, 59)
    voice.bench.ask(c.Tick())
    voice.bench.later(1)
    voice.bench.later(1)
    assert [x.text for told in voice.told() for x in told.sentences] == (
        ["上午服务结束，下午继续", "上午服務結束，下午繼續"] if wanted else []
    )


def test_lunch_that_is_over_before_it_was_said_is_not_said():
    voice = Voice(speaks=False)
    voice.bench.now = at(12)
    voice.bench.ask(c.Tick())
    voice.bench.now = at(13)
    voice.bench.ask(c.Tick())
    assert [x.reason for x in voice.events(e.AnnouncementSkipped)] == ["over"]
