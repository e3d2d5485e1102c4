"""Evacuations, voices that fail, several voices, a rush: nothing is lost, and it is seen."""

from dataclasses import replace

import pytest

from calling_aloud import Voice, languages_of, voiced
from hallctl.core import commands as c
from hallctl.core import effects as f
from hallctl.core import events as e
from hallctl.core import reports as r
from hallctl.core.rules import Fitting
from sample import RULES, words

# - evacuation


def test_an_evacuation_cuts_in_and_the_cut_call_is_said_again_afterwards():
    voice = Voice()
    voice.call(1)
    voice.call(2)
    outcome = voice.bench.ask(c.StartEvacuation(place="guide"))
    assert words(outcome) == [
        "EvacuationStarted", "AnnouncementQueued", "AnnouncementFailed", "AnnouncementBegun",
    ]  # fmt: skip
    assert voice.last().urgent
    assert voice.last().volume == 100
    assert languages_of(voice.last()) == ["mandarin", "cantonese", "english"]
    assert voice.last().sentences[0].text == "请马上离开大厅，请听从工作人员指引"
    voice.ends()
    voice.bench.ask(c.EndEvacuation(place="guide"))
    voice.say_everything()
    assert [x.window for x in voice.told()] == [1, 0, 1, 2]
    assert [x.urgent for x in voice.told()] == [False, True, False, False]


def test_an_evacuation_is_repeated_as_long_as_it_lasts_and_nothing_else_is_said():
    voice = Voice()
    voice.call(1)
    voice.bench.ask(c.StartEvacuation(place="guide"))
    before = len(voice.told())
    for _ in range(5):
        voice.bench.later(8)
        voice.ends()
        voice.bench.later(2)
        told = len(voice.told())
        voice.bench.later(3)
        voice.bench.later(1)
        assert len(voice.told()) == told + 1, "after five seconds of rest"
    assert len(voice.told()) == before + 5
    assert all(x.urgent for x in voice.told()[1:])


def test_an_evacuation_is_said_in_quiet_hours_too():
    voice = Voice()
    voice.bench.ask(c.QuietVoice(minutes=60))
    voice.bench.ask(c.StartEvacuation(place="guide"))
    assert [x.urgent for x in voice.told()] == [True]


def test_an_evacuation_that_has_ended_is_not_said_any_more():
    voice = Voice(speaks=False)
    voice.bench.ask(c.StartEvacuation(place="guide"))
    voice.bench.ask(c.EndEvacuation(place="guide"))
    assert [x.reason for x in voice.events(e.AnnouncementSkipped)] == ["over"]
    voice.bench.speak()
    assert voice.told() == []


def test_an_evacuation_is_not_handed_to_a_voice_that_has_just_gone():
    voice = Voice()
    voice.call(1)
    voice.bench.report("voice", r.LinkDown(evidence="gone", remedy=""))
    voice.bench.ask(c.StartEvacuation(place="guide"))
    assert len(voice.told()) == 1
    voice.fails("unplugged")
    voice.bench.speak()
    assert voice.last().urgent


def test_an_evacuation_that_fails_at_once_is_tried_again_and_not_without_end():
    voice = Voice()
    voice.bench.ask(c.StartEvacuation(place="guide"))
    assert words(voice.fails()) == ["AnnouncementFailed"], "it does not run in a circle"
    voice.bench.later(2)
    assert [x.urgent for x in voice.told()] == [True, True]


def test_an_evacuation_does_not_wait_for_the_end_of_a_self_test():
    voice = Voice()
    voice.bench.ask(c.TestDevice(device="voice", level="external"))
    voice.bench.ask(c.StartEvacuation(place="guide"))
    assert [x.urgent for x in voice.told()] == [True]


def test_a_late_word_about_the_call_that_was_cut_changes_nothing():
    voice = Voice()
    voice.call(1)
    cut = voice.last().announcement
    voice.bench.ask(c.StartEvacuation(place="guide"))
    for late in (
        r.AnnouncementFailed(announcement=cut, reason="cut"),
        r.Announced(announcement=cut, languages=(), took_s=1.0),
    ):
        assert words(voice.bench.report("voice", late)) == []
    assert voice.hall.voices["voice"].speaking.purpose == "evacuation"


# - a voice that is not there, fails, hangs, comes back


def test_without_a_sound_card_nothing_is_handed_over_and_everything_is_said_afterwards():
    voice = Voice(speaks=False)
    voice.bench.report("voice", r.LinkUp())
    voice.call(1)
    voice.bench.report("voice", r.Condition(part="state", state="silent", evidence="no card"))
    voice.call(2)
    voice.bench.later(3600)
    assert voice.told() == []
    assert voice.events(e.AnnouncementMade) == [], "silence is no success"
    voice.bench.report("voice", r.Condition(part="state", state="ready"))
    voice.say_everything()
    assert [x.window for x in voice.told()] == [1, 2]
    assert len(voice.events(e.AnnouncementMade)) == 2


def test_what_was_really_said_is_on_record():
    voice = Voice()
    voice.call(1)
    voice.ends(languages=("mandarin",), took_s=6.125, left_out=("cantonese/letter-a: none",))
    (made,) = voice.events(e.AnnouncementMade)
    assert (made.languages, made.took_s) == (("mandarin",), 6.12)
    assert made.left_out == ("cantonese/letter-a: none",)
    assert voice.hall.visits[made.visit].heard_s == voice.bench.now.wall_s


def test_a_failure_is_retried_with_pauses_that_grow_and_the_others_wait_their_turn():
    voice = Voice()
    voice.call(1)
    voice.call(2)
    pauses = []
    for _ in range(8):
        assert words(voice.fails()) == ["AnnouncementFailed"]
        told, waited_s = len(voice.told()), 0
        while len(voice.told()) == told:
            voice.bench.later(1)
            waited_s += 1
        pauses.append(waited_s)
    assert pauses == [2, 4, 6, 8, 10, 10, 10, 10]
    assert {x.window for x in voice.told()} == {1}
    voice.ends()
    assert voice.last().window == 2
    failed = voice.events(e.AnnouncementFailed)
    assert {(x.reason, x.evidence) for x in failed} == {("no_sound", "device busy")}


def test_a_voice_that_does_not_answer_is_given_up_after_two_minutes_and_asked_again():
    voice = Voice()
    voice.call(1)
    voice.bench.later(120)
    assert voice.events(e.AnnouncementFailed) == []
    voice.bench.later(1)
    (failed,) = voice.events(e.AnnouncementFailed)
    assert failed.reason == "silence"
    voice.bench.later(2)
    assert len(voice.told()) == 2


@pytest.mark.parametrize("jump_s", [-7200, 7200])
def test_a_wall_clock_that_is_set_makes_no_voice_lost_and_none_mute(jump_s):
    voice = Voice()
    voice.call(1)
    now = voice.bench.now
    voice.bench.now = replace(now, wall_s=now.wall_s + jump_s)
    voice.bench.later(5)
    assert voice.events(e.AnnouncementFailed) == []
    voice.bench.later(116)
    assert [x.reason for x in voice.events(e.AnnouncementFailed)] == ["silence"]


def test_words_about_something_else_change_nothing():
    voice = Voice()
    voice.call(1)
    strange = r.Announced(announcement="voice:999", languages=(), took_s=1.0)
    assert words(voice.bench.report("voice", strange)) == []
    assert words(voice.bench.report("other", replace(strange, announcement="voice:1"))) == []
    done = r.Announced(announcement=voice.last().announcement, languages=(), took_s=1.0)
    assert words(voice.bench.report("voice", done)) == ["AnnouncementMade"]
    assert words(voice.bench.report("voice", done)) == [], "and the same word twice counts once"


def test_a_call_that_was_being_said_when_hallctl_stopped_is_said_again():
    voice = Voice()
    voice.call(1)
    voice.bench.ask(c.Wake(rules=voice.hall.rules, digest="d1"))
    assert [x.reason for x in voice.events(e.AnnouncementFailed)] == ["restart"]
    voice.bench.later(1)
    voice.ends()
    assert [x.window for x in voice.told()] == [1, 1]
    assert len(voice.events(e.AnnouncementMade)) == 1


def test_calls_wait_while_the_voice_tests_itself():
    voice = Voice()
    voice.bench.ask(c.TestDevice(device="voice", level="external"))
    voice.call(1)
    assert voice.told() == []
    voice.bench.report("voice", r.TestEnded())
    assert [x.window for x in voice.told()] == [1]


def test_a_voice_that_is_no_longer_fitted_has_its_calls_skipped():
    voice = Voice()
    voice.call(1)
    voice.call(2)
    without = replace(voice.hall.rules, fittings=RULES.fittings)
    voice.bench.ask(c.Wake(rules=without, digest="d2", running=True))
    assert [(x.window, x.reason) for x in voice.events(e.AnnouncementSkipped)] == [
        (1, "gone"),
        (2, "gone"),
    ]
    assert voice.hall.voices == {}
    voice.bench.report("voice", r.Announced(announcement="voice:1", languages=(), took_s=1.0))
    voice.call(3)
    assert voice.hall.voices == {}


def test_the_day_ends_with_every_announcement_accounted_for():
    voice = Voice()
    voice.call(1)
    voice.call(2)
    now = voice.bench.now
    voice.bench.now = replace(
        now, day="2026-11-24", weekday=2, wall_s=now.wall_s + 86400, mono_s=now.mono_s + 86400
    )
    voice.bench.ask(c.Tick())
    assert [(x.window, x.reason) for x in voice.events(e.AnnouncementSkipped)] == [
        (1, "over"),
        (2, "over"),
    ]
    assert voice.hall.voices == {}
    voice.call(1)
    assert voice.last().window == 1


# - several voices


BOTH = (Fitting("hall", "voice", (1, 2)), Fitting("back", "voice", (3,)))


def test_each_voice_says_the_calls_of_its_own_windows_and_both_at_the_same_time():
    voice = Voice(replace(voiced(), fittings=BOTH), device="hall")
    voice.bench.speak("back")
    voice.call(1)
    voice.call(3)
    voice.call(2)
    assert [x.window for x in voice.told("hall")] == [1]
    assert [x.window for x in voice.told("back")] == [3]


def test_an_evacuation_is_said_by_every_voice_again_and_again():
    voice = Voice(replace(voiced(), fittings=BOTH), device="hall")
    voice.bench.speak("back")
    voice.bench.ask(c.StartEvacuation(place="guide"))
    for _ in range(3):
        for device in ("hall", "back"):
            done = voice.told(device)[-1].announcement
            voice.bench.report(device, r.Announced(announcement=done, languages=(), took_s=4.0))
        voice.bench.later(5)
        voice.bench.later(1)
    assert [len(voice.told(device)) for device in ("hall", "back")] == [4, 4]
    names = [x.announcement for x in voice.bench.effects if isinstance(x, f.Announce)]
    assert len(set(names)) == len(names)


def test_a_call_heard_everywhere_is_queued_for_each_voice_that_is_heard_everywhere():
    both = (Fitting("hall", "voice"), Fitting("yard", "voice"))
    voice = Voice(replace(voiced(), fittings=both), device="hall")
    voice.call(1)
    assert len(voice.told("hall")) == 1
    assert voice.told("yard") == [], "it is not ready"
    assert [x.device for x in voice.events(e.AnnouncementQueued)] == ["hall", "yard"]
    voice.ends()
    voice.bench.later(6)
    assert voice.bench.ask(c.Recall(window=1)).answer["ok"], "the dead one holds up nobody"


def test_a_hall_without_a_voice_queues_nothing():
    voice = Voice(RULES, speaks=False)
    voice.call(1)
    voice.bench.ask(c.StartEvacuation(place="guide"))
    assert voice.events(e.AnnouncementQueued) == []
    assert voice.hall.voices == {}


# - a rush


def test_two_hundred_calls_in_a_minute_are_all_said_in_order_or_skipped_with_a_reason():
    """Forty windows, five rounds: a round is called before the one before could all be said."""
    voice = Voice(voiced(windows=40, pile_up=3))
    labels = []
    said_at = voice.bench.now.mono_s
    for _ in range(5):
        for window in range(1, 41):
            if voice.hall.windows[window].status != "idle":
                voice.bench.ask(c.Finish(window=window))
            labels.append(voice.call(window))
            voice.bench.later(0.3)
            if voice.bench.now.mono_s - said_at >= 3.5:
                voice.ends(took_s=3.5)
                said_at = voice.bench.now.mono_s
    assert len(labels) == 200
    voice.say_everything()
    queued = [x.announcement for x in voice.events(e.AnnouncementQueued)]
    made = [x.announcement for x in voice.events(e.AnnouncementMade)]
    skipped = [x.announcement for x in voice.events(e.AnnouncementSkipped)]
    assert sorted(made + skipped) == sorted(queued)
    assert len(queued) == 200
    assert made == [x for x in queued if x in set(made)], "in the order of the calls"
    assert {x.reason for x in voice.events(e.AnnouncementSkipped)} == {"moved_on"}
    assert set(queued[-40:]) <= set(made), "whoever is still called is called aloud"
    assert all(x.short for x in voice.events(e.AnnouncementBegun)[3:-3])


# - the supervisor's eye


def alert(voice):
    found = voice.hall.alerts.get(f"voice:{voice.device}")
    return found.level if found else None


def test_calls_nobody_hears_are_an_alert_that_ends_when_they_are_heard():
    voice = Voice(speaks=False)
    voice.call(1)
    voice.call(2)
    voice.bench.later(29)
    assert alert(voice) is None
    voice.bench.later(2)
    assert alert(voice) == "yellow"
    assert "语音 voice 不出声，2 条" in voice.hall.alerts["voice:voice"].words
    voice.bench.later(90)
    assert alert(voice) == "red"
    voice.bench.speak()
    voice.bench.later(1)
    assert alert(voice) is None


@pytest.mark.parametrize("trouble", ["hanging", "failing", "silent", "gone"])
def test_a_voice_that_hangs_fails_or_falls_silent_is_an_alert(trouble):
    voice = Voice()
    voice.call(1)
    match trouble:
        case "failing":
            voice.fails()
        case "silent":
            voice.fails()
            voice.bench.report("voice", r.Condition(part="state", state="silent"))
        case "gone":
            voice.bench.report("voice", r.LinkDown(evidence="gone", remedy=""))
    for _ in range(31):
        voice.bench.later(1)
        if trouble == "failing" and voice.hall.voices["voice"].speaking is not None:
            voice.fails()
    assert alert(voice) == "yellow"


def test_a_healthy_voice_with_much_to_say_is_no_alert():
    voice = Voice(voiced(windows=40))
    for window in range(1, 41):
        voice.call(window)
    for _ in range(39):
        voice.bench.later(7)
        assert alert(voice) is None
        voice.ends()
    assert alert(voice) is None


def test_a_call_cut_by_an_evacuation_is_no_failure_of_the_voice():
    voice = Voice()
    voice.call(1)
    voice.bench.ask(c.StartEvacuation(place="guide"))
    for _ in range(40):
        voice.bench.later(5)
        if voice.hall.voices["voice"].speaking is not None:
            voice.ends()
        assert alert(voice) is None
    voice.bench.ask(c.EndEvacuation(place="guide"))
    voice.bench.later(1)
    assert alert(voice) is None
    assert voice.last().window == 1


def test_an_evacuation_nobody_hears_is_an_alert():
    voice = Voice(speaks=False)
    voice.bench.ask(c.StartEvacuation(place="guide"))
    voice.bench.later(31)
    assert alert(voice) == "yellow"
