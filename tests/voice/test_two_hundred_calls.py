"""Two hundred calls in one minute, through the real queue, driver and player."""

from collections import Counter
from dataclasses import replace
from random import Random

import numpy as np
import pytest

from clips_on_disk import put
from hallctl.core import commands as c
from hallctl.core import events as e
from hallctl.core.rules import Queue, Window
from hallctl.core.speech import clips_needed, languages_of
from hallctl.voice.clips import Library
from hearing import Ear
from judging import complaints, told_in
from rendering import RenderedHall, rules_of_this_hall

CALLS, MINUTE_S = 200, 60.0
AN_HOUR_S = 3600.0


def big_hall(windows):
    """One queue, so many windows."""
    rules = rules_of_this_hall(english_on_ticket=False)
    return replace(
        rules,
        queues=(Queue("A", "综合", "General", "综合", "A", tuple(range(1, windows + 1))),),
        windows=tuple(Window(n, "综合", "General", "综合", ("A",)) for n in range(1, windows + 1)),
        default_queue="A",
        stuck_queue="A",
        items=(),
        categories=(),
    )


def noisy_clips(folder, rules):
    """Each clip is noise of its own, and all are equally loud."""
    chance = Random(6)

    def noise(lasts_s):
        draw = np.random.default_rng(chance.randrange(1 << 30))
        return draw.normal(scale=3000, size=int(lasts_s * 48_000)).clip(-20_000, 20_000)

    for language in languages_of(rules):
        for name in clips_needed(rules, language):
            put(folder / language / f"{name}.wav", noise(0.2).astype(np.int16))
    put(folder / "chime.wav", noise(0.5).astype(np.int16))
    put(folder / "chime-short.wav", noise(0.18).astype(np.int16))
    return (folder,)


@pytest.fixture
def hall(tmp_path):
    opened = []

    def begin(windows):
        rules = big_hall(windows)
        folders = noisy_clips(tmp_path / "sounds", rules)
        hall = RenderedHall(Library(folders), rules)
        hall.folders = folders
        opened.append(hall)
        for _ in range(CALLS):
            hall.ask(c.IssueTicket(queue="A", paper=False))
        return hall

    yield begin
    for one in opened:
        one.close()


def listened(hall):
    pcm = hall.link.tape.pcm()
    heard = Ear(hall.folders).listen(pcm)
    assert complaints(pcm, heard, hall.journal) == []
    return heard


def test_two_hundred_calls_at_two_hundred_windows_are_all_said_in_order(hall):
    hall = hall(CALLS)
    for number in range(CALLS):
        hall.at(1 + MINUTE_S * number / CALLS, lambda n=number: hall.ask(c.CallNext(window=n + 1)))
    hall.run(1 + MINUTE_S)
    hall.settled(AN_HOUR_S)
    heard = listened(hall)
    said = [next(iter(x.reads))[1:] for x in heard]
    assert said == [(f"A{n:03}", n) for n in range(1, CALLS + 1)]
    made = [x.event for x in hall.journal if isinstance(x.event, e.AnnouncementMade)]
    assert len(made) == CALLS
    assert sum(x.chime == "short" for x in heard) > CALLS - 10


def test_two_hundred_calls_at_nine_busy_windows_are_said_or_skipped_with_the_reason(hall):
    hall = hall(9)

    def serve(window):
        hall.ask(c.Start(window=window))

    def call(number):
        window = number % 9 + 1
        assert hall.ask(c.CallNext(window=window))["ok"]
        hall.after(9 * MINUTE_S / CALLS - 0.1, lambda: serve(window))

    for number in range(CALLS):
        hall.at(1 + MINUTE_S * number / CALLS, lambda n=number: call(n))
    hall.run(10 + MINUTE_S)
    hall.settled(AN_HOUR_S)
    heard = listened(hall)
    told = told_in(hall.journal)
    ends = Counter(type(x.ends[-1].event).__name__ for x in told.values())
    assert ends["AnnouncementMade"] == len(heard) >= 10
    assert ends["AnnouncementMade"] + ends["AnnouncementSkipped"] == CALLS
    skipped = [x.event.reason for x in hall.journal if isinstance(x.event, e.AnnouncementSkipped)]
    assert set(skipped) == {"moved_on"}


def test_two_hundred_recalls_of_one_ticket_stand_in_line_once(hall):
    hall = hall(3)
    for window in (1, 2, 3):
        hall.ask(c.CallNext(window=window))
    for number in range(CALLS):
        hall.at(1 + MINUTE_S * number / CALLS, lambda: hall.ask(c.Recall(window=3)))
    hall.run(1 + MINUTE_S)
    hall.settled(AN_HOUR_S)
    heard = listened(hall)
    assert sum(("A003", 3) in {x[1:] for x in one.reads} for one in heard) <= 3
