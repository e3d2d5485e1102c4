"""The ear can fail: whatever is spoilt in a recording, or in the journal, it notices."""

from dataclasses import replace

import numpy as np
import pytest

from hallctl.core import events as e
from judging import complaints
from rendering import half_hour

TWO_DB = 10 ** (-2 / 20)
MS = 48


@pytest.fixture(scope="module")
def recording(spoken):
    """Two minutes of the hall, with nothing wrong about them."""
    rendered = half_hour(spoken.folders, "ear", length_s=120.0)
    heard = spoken.ear.listen(rendered.pcm)
    assert complaints(rendered.pcm, heard, rendered.journal) == []
    assert len(heard) >= 12
    return rendered, heard


def without(pcm, start, end):
    return np.concatenate((pcm[:start], pcm[end:]))


def silenced(pcm, start, end):
    spoilt = pcm.copy()
    spoilt[start:end] = 0
    return spoilt


def between(pcm, at, more):
    return np.concatenate((pcm[:at], more, pcm[at:]))


def softer(pcm, start, end, factor=TWO_DB):
    spoilt = pcm.copy()
    spoilt[start:end] = np.round(spoilt[start:end] * factor)
    return spoilt


def nudged(pcm, at, by):
    spoilt = pcm.copy()
    spoilt[at] += by
    return spoilt


def whole(heard):
    """One in the middle, in two languages."""
    return next(x for x in heard[2:-2] if x.languages == ("mandarin", "cantonese"))


def digits(one):
    sentence = one.sentences[0]
    return [
        span
        for name, span in zip(sentence.names[:6], sentence.spans, strict=False)
        if name.isdigit()
    ]


def a_call_left_out(pcm, heard):
    one = whole(heard)
    return silenced(pcm, one.start, one.end)


def a_call_cut_off_in_its_middle(pcm, heard):
    one = whole(heard)
    return silenced(pcm, one.sentences[1].spans[3][0] + 50 * MS, one.end)


def a_sentence_left_out(pcm, heard):
    one = whole(heard)
    return silenced(pcm, one.sentences[1].start, one.end)


def a_call_said_twice(pcm, heard):
    one = whole(heard)
    tail = np.zeros(400 * MS, np.int16)
    return between(pcm, one.start, np.concatenate((pcm[one.start : one.end], tail)))


def two_calls_swapped(pcm, heard):
    at = heard.index(whole(heard))
    one, other = heard[at], heard[at + 1]
    parts = (
        pcm[: one.start],
        pcm[other.start : other.end],
        pcm[one.end : other.start],
        pcm[one.start : one.end],
        pcm[other.end :],
    )
    return np.concatenate(parts)


def a_digit_dropped(pcm, heard):
    first, second, _ = digits(whole(heard))
    return without(pcm, first[0], second[0])


def a_digit_said_twice(pcm, heard):
    first, second, _ = digits(whole(heard))
    return between(pcm, first[0], pcm[first[0] : second[0]])


def two_words_run_into_each_other(pcm, heard):
    first, second, _ = digits(whole(heard))
    return without(pcm, first[1] - 40 * MS, second[0] + 20 * MS)


def a_click_within_a_word(pcm, heard):
    start, end = digits(whole(heard))[0]
    return nudged(pcm, (start + end) // 2, 60)


def a_click_in_a_pause(pcm, heard):
    one = whole(heard)
    return nudged(pcm, one.chimed + 100 * MS, 30)


def a_gap_between_two_words(pcm, heard):
    first, _, _ = digits(whole(heard))
    return between(pcm, first[1], np.zeros(100 * MS, np.int16))


def a_dropout_within_a_word(pcm, heard):
    start, end = digits(whole(heard))[1]
    return silenced(pcm, (start + end) // 2, (start + end) // 2 + 5 * MS)


def a_gap_behind_the_chime(pcm, heard):
    return between(pcm, whole(heard).chimed, np.zeros(50 * MS, np.int16))


def a_gap_between_two_announcements(pcm, heard):
    return between(pcm, heard[1].end, np.zeros(2000 * MS, np.int16))


def no_pause_between_two_announcements(pcm, heard):
    return without(pcm, heard[1].end, heard[1].end + 150 * MS)


def a_sentence_softer_by_two_decibels(pcm, heard):
    sentence = whole(heard).sentences[0]
    return softer(pcm, sentence.start, sentence.end)


def a_word_softer_by_two_decibels(pcm, heard):
    return softer(pcm, *digits(whole(heard))[1])


def a_sample_at_full_scale(pcm, heard):
    start, end = digits(whole(heard))[0]
    spoilt = pcm.copy()
    spoilt[(start + end) // 2] = -32768
    return spoilt


def noise_before_the_first_chime(pcm, heard):
    return nudged(pcm, heard[0].start - 300 * MS, 500)


@pytest.mark.parametrize(
    ("spoil", "words"),
    [
        (a_call_left_out, "not said"),
        (a_call_cut_off_in_its_middle, "no clip"),
        (a_sentence_left_out, "not said"),
        (a_call_said_twice, "said too often"),
        (two_calls_swapped, "out of order"),
        (a_digit_dropped, "no sentence"),
        (a_digit_said_twice, "contradict"),
        (two_words_run_into_each_other, "no clip"),
        (a_click_within_a_word, "is damaged at"),
        (a_click_in_a_pause, "no clip"),
        (a_gap_between_two_words, "a gap of"),
        (a_dropout_within_a_word, "no clip"),
        (a_gap_behind_the_chime, "a pause of"),
        (a_gap_between_two_announcements, "s after the last"),
        (no_pause_between_two_announcements, "only 0.2"),
        (a_sentence_softer_by_two_decibels, "LUFS"),
        (a_word_softer_by_two_decibels, "louder than another"),
        (a_sample_at_full_scale, "clipped"),
        (noise_before_the_first_chime, "no clip"),
    ],
)
def test_the_ear_notices(spoken, recording, spoil, words):
    rendered, heard = recording
    spoilt = spoil(rendered.pcm, heard)
    found = complaints(spoilt, spoken.ear.listen(spoilt), rendered.journal)
    assert any(words in complaint for complaint in found), found


def changed(journal, kind, **changes):
    """The journal with its first event of a kind changed."""
    at = next(n for n, x in enumerate(journal) if isinstance(x.event, kind))
    other = replace(journal[at], event=replace(journal[at].event, **changes))
    return (*journal[:at], other, *journal[at + 1 :])


def lacking(journal, kind):
    """The journal without any event of a kind."""
    return tuple(x for x in journal if not isinstance(x.event, kind))


@pytest.mark.parametrize(
    ("spoil", "words"),
    [
        (lambda j: lacking(j, e.AnnouncementMade), "0 ends"),
        (lambda j: changed(j, e.TicketCalled, quiet=True), "no such call"),
        (lambda j: changed(j, e.AnnouncementQueued, label="A999"), "not said"),
        (lambda j: changed(j, e.AnnouncementQueued, window=99), "not said"),
        (lambda j: changed(j, e.AnnouncementQueued, call=1), "queued 0 times"),
        (lambda j: changed(j, e.TicketCalled, label="A999"), "no such call"),
        (lambda j: changed(j, e.AnnouncementBegun, short=True), "short True"),
        (
            lambda j: lacking(j, e.CallWithdrawn | e.ServiceStarted | e.ServiceFinished),
            "though still called",
        ),
    ],
)
def test_a_journal_that_tells_otherwise_is_noticed(recording, spoil, words):
    rendered, heard = recording
    found = complaints(rendered.pcm, heard, spoil(rendered.journal))
    assert any(words in complaint for complaint in found)


def test_the_ear_reads_a_number_as_people_do():
    from hearing import _label, _number

    assert [_number(x.split()) for x in ("6", "10", "10 1", "2 10 3", "1 100 0 5", "20 1")] == [
        6,
        10,
        11,
        23,
        105,
        21,
    ]
    assert _label(["letter-b", "0", "yao", "2"]) == "B012"
    assert _label(["letter-b", "0", "2"]) == ""
