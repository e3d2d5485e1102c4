"""Half an hour of a busy hall, heard by an ear that knows nothing of how the sound was made.

Rendered offline from a seed: the core's own step and queue, the real driver, the real player, clips
made by espeak-ng. `judging` says what must be so; here is what it was used on, and that the half
hours are busy enough to mean something.
"""

import json
from collections import Counter

import numpy as np
import pytest

from hallctl.core import events as e
from hallctl.core.speech import sentence
from hallctl.links.sound import SoundLink
from hallctl.voice.assembling import TAIL_MS, assemble
from hallctl.voice.clips import Library
from judging import RATE, SHORT_S, WHOLE_S, complaints, due_in, heard_as, told_in
from rendering import half_hour, rules_of_this_hall
from running import wait_until

EVACUATED_S, CLEAR_S, QUIET_S, AGAIN_S = 600.5, 640.0, 900.0, 1020.0


@pytest.fixture(scope="module")
def ordinary(spoken):
    """A half hour, and what the ear heard of it."""
    rendered = half_hour(spoken.folders, "2026-11-23")
    return rendered, spoken.ear.listen(rendered.pcm)


@pytest.fixture(scope="module")
def troubled(spoken):
    """Another one, with an evacuation for 40 s and two minutes of quiet."""
    rendered = half_hour(spoken.folders, "2026-11-24", evacuated=True, quieted=True)
    return rendered, spoken.ear.listen(rendered.pcm)


def skipped(journal):
    return [x.event for x in journal if isinstance(x.event, e.AnnouncementSkipped)]


def begun_s(recorded, journal):
    return recorded.mono_s - journal[0].mono_s


def test_the_half_hour_is_busy(ordinary):
    rendered, heard = ordinary
    kinds = Counter(type(x.event).__name__ for x in rendered.journal)
    assert kinds["TicketCalled"] >= 120
    assert kinds["TicketRecalled"] >= 25
    assert kinds["TicketMissed"] >= 8
    assert kinds["CallWithdrawn"] >= 4
    assert Counter(x.reason for x in skipped(rendered.journal))["moved_on"] >= 10
    assert sum(x.chime == "short" for x in heard) >= 10
    assert sum("english" in x.languages for x in heard) >= 5
    assert {x.told.window for x in due_in(rendered.journal)} == set(range(1, 10))
    assert sum(x.end - x.start for x in heard) > len(rendered.pcm) / 2


def test_every_call_is_heard_once_and_whole_in_order_level_and_in_time(ordinary):
    rendered, heard = ordinary
    assert complaints(rendered.pcm, heard, rendered.journal) == []
    assert [x.flaws for x in heard] == [[]] * len(heard)


def test_calls_are_heard_in_the_order_they_were_made_and_recalls_wait_their_turn(ordinary):
    rendered, heard = ordinary
    told = sorted(told_in(rendered.journal).values(), key=lambda x: x.call)
    made = [x for x in told if isinstance(x.ends[-1].event, e.AnnouncementMade)]
    wanted = [(x.label, x.window, x.purpose == "recall") for x in made]
    said = [next(iter(x.reads)) for x in heard]
    assert [(label, window) for _, label, window in said] == [(x[0], x[1]) for x in wanted]
    forms = [form for form, _, _ in said]
    for form, (_, _, again) in zip(forms, wanted, strict=True):
        assert form == "short" or (form == "recall") == again


def test_a_call_that_was_skipped_is_not_in_the_sound(ordinary):
    rendered, heard = ordinary
    told = told_in(rendered.journal)
    never = {told[x.announcement].visit for x in skipped(rendered.journal)} - {
        told[x.event.announcement].visit
        for x in rendered.journal
        if isinstance(x.event, e.AnnouncementMade)
    }
    labels = {x.label for x in told.values() if x.visit in never}
    assert len(labels) >= 5
    assert not labels & {label for x in heard for _, label, _ in x.reads}


def test_the_same_seed_gives_the_same_bytes_and_another_one_others(spoken, ordinary, troubled):
    rendered, _ = ordinary
    again = half_hour(spoken.folders, "2026-11-23")
    assert again.sha256 == rendered.sha256
    assert [x.event for x in again.journal] == [x.event for x in rendered.journal]
    assert troubled[0].sha256 != rendered.sha256


def test_sentences_at_one_volume_are_within_one_lu_and_nothing_is_clipped(ordinary):
    rendered, heard = ordinary
    levels = [sentence.lufs for x in heard for sentence in x.sentences]
    assert len(levels) > 200
    assert max(levels) - min(levels) <= 1.0
    assert np.abs(rendered.pcm.astype(np.int32)).max() < 29_205  # -1 dBFS


def test_an_evacuation_breaks_the_call_off_and_the_call_is_said_again_afterwards(troubled):
    rendered, heard = troubled
    assert complaints(rendered.pcm, heard, rendered.journal) == []
    (at,) = [n for n, x in enumerate(heard) if not x.whole]
    cut = next(x.told for x in due_in(rendered.journal) if x.key == heard_as(heard[at]))
    assert abs(heard[at + 1].start / RATE - EVACUATED_S) < 0.05
    alarms = [x for x in heard if ("evacuation", "", 0) in x.reads]
    assert len(alarms) >= 2
    assert heard[at + 1 : at + 1 + len(alarms)] == alarms
    assert all(x.languages == ("mandarin", "cantonese", "english") for x in alarms)
    after = heard[at + 1 + len(alarms)]
    assert after.start / RATE >= CLEAR_S
    assert {(label, window) for _, label, window in after.reads} == {(cut.label, cut.window)}


def test_an_evacuation_is_announced_at_full_volume(troubled):
    _, heard = troubled
    for one in heard:
        loud = ("evacuation", "", 0) in one.reads
        for spoken in one.sentences:
            assert spoken.gains[0] == pytest.approx(1.0 if loud else 0.6894, abs=0.002)


def test_nothing_begins_while_the_hall_is_quiet_and_each_call_of_then_is_accounted_for(troubled):
    rendered, heard = troubled
    assert not [x for x in heard if QUIET_S < x.start / RATE < AGAIN_S]
    quiet = [x for x in skipped(rendered.journal) if x.reason == "quiet"]
    called = [
        x
        for x in rendered.journal
        if isinstance(x.event, e.TicketCalled | e.TicketRecalled)
        and QUIET_S < begun_s(x, rendered.journal) < AGAIN_S
    ]
    assert len(called) >= 3
    assert {x.seq for x in called} <= {x.call for x in quiet}


def test_a_call_in_the_halls_languages_is_over_in_nine_seconds_and_a_short_one_in_3_5(spoken):
    rules, library = rules_of_this_hall(), Library(spoken.folders)
    calls = [
        (f"{queue.prefix}{digit}{digit}{digit}", window)
        for queue in rules.queues
        for digit in range(10)
        for window in queue.windows
    ]

    def longest_s(phrase, chime, languages):
        return max(
            assemble(
                library,
                chime,
                [
                    (x, sentence(rules, x, phrase, label=label, window=window).clips)
                    for x in languages
                ],
                100,
            ).lasts_s
            - TAIL_MS / 1000
            for label, window in calls
        )

    languages = rules.voice.languages
    assert longest_s("call", "full", languages) <= WHOLE_S
    assert longest_s("recall", "full", languages) <= WHOLE_S
    assert longest_s("short", "short", languages[:1]) <= SHORT_S


def test_what_the_ear_measured_is_as_short(ordinary):
    _, heard = ordinary
    both = [x.lasts_s for x in heard if x.languages == ("mandarin", "cantonese")]
    short = [x.lasts_s for x in heard if x.chime == "short"]
    assert max(both) <= WHOLE_S
    assert max(short) <= SHORT_S


def test_what_leaves_through_sdl_is_what_the_ear_expects(spoken, tmp_path):
    rules, file = rules_of_this_hall(), tmp_path / "card.raw"
    words = sentence(rules, "mandarin", "short", label="B022", window=6).clips
    link = SoundLink(f"capture:{file}", spoken.folders)
    link.open()
    try:
        heard = b""
        order = {"say": "1", "chime": "short", "sentences": [["mandarin", words]], "volume": 80}
        line = json.dumps(order).encode() + b"\n"
        assert link.write(line) == len(line)

        def ended():
            nonlocal heard
            heard += link.read()
            return b'"ended"' in heard

        wait_until(ended)
    finally:
        link.close()
    captured = np.frombuffer(file.read_bytes()[: file.stat().st_size // 2 * 2], np.int16)
    (one,) = spoken.ear.listen(captured)
    assert one.whole, one.flaws
    assert one.reads == {("short", "B022", 6)}
    assert (one.chime, one.languages) == ("short", ("mandarin",))
