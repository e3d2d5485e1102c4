"""The rating pad in every state, for the gallery, the check and the tests."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from hallctl.core import events as e
from hallctl.core.rules import Window
from screens import sample
from screens.kit.scene import PAD, Scene, deaf, scene
from screens.pad.screen import PadScreen

WALL = sample.moment("9:42").wall_s
COMMAND = "c1"
"""The id that `deaf` gives every command."""


def rated(window: int = 3, queue: str = "A", number: int = 15) -> sample.Story:
    """A visit has just been finished: its rating is open."""
    story = sample.opened()
    story.happen(e.StaffSignedOn(window=window, staff=f"0{window}01", post="A"))
    label = story.take(queue, number)
    story.happen(e.ItemSet(visit=label, item="P01"))
    story.serve(label, window)
    story.happen(e.ServiceFinished(visit=label, window=window))
    return story


def _graded(name: str, *steps: str, window: int = 3, story: sample.Story | None = None) -> Scene:
    """What follows touches; `ok` and `no` are the daemon's answers, `+9` seconds that go by."""
    story = story or rated(window)
    screen = PadScreen(window, deaf)
    mono_s = 1000.0
    sight = sample.sight_of(story, mono_s=mono_s)
    for step in steps:
        screen.show(sight)
        if step in ("ok", "no"):
            words = {"zh": "现在没有等待评价的办件。", "en": "No visit is waiting for a rating."}
            screen.answered(COMMAND, step == "ok", {}, words, sight)
        elif step.startswith("+"):
            mono_s += float(step)
            sight = sample.sight_of(story, mono_s=mono_s)
        else:
            screen.touched(step, sight)
    return Scene(name, screen, screen.show(sight), PAD)


def _after() -> Iterator[Scene]:
    low: Sequence[str] = ("grade:1", "ok")
    yield _graded("pad-sent", "grade:5")
    yield _graded("pad-late", "grade:5", "+7")
    yield _graded("pad-thanks", "grade:5", "ok")
    yield _graded("pad-refused", "grade:5", "no")
    yield _graded("pad-why", *low)
    yield _graded("pad-why-chosen", *low, "reason:wait", "reason:unsolved")
    yield _graded("pad-why-low", *low, "send")
    yield _graded("pad-why-refused", *low, "reason:wait", "send", "no")
    yield _graded("pad-why-window-8", *low, window=8, story=rated(8, "F", 3))


def _paused() -> sample.Story:
    story = sample.opened()
    until_s = sample.moment("10:15").wall_s
    story.happen(e.WindowPaused(window=3, reason="", until_s=until_s))
    return story


def _off() -> sample.Story:
    story = sample.opened()
    story.happen(e.RulesSet(rules=replace(sample.rules(), sign_on=True), digest="signs"))
    story.happen(e.StaffSignedOff(window=3, staff="0301"))
    return story


def _evacuated() -> sample.Story:
    story = rated()
    story.happen(e.EvacuationStarted(place="desk-1"))
    return story


def _large() -> sample.Story:
    """Window 12, a long name and a long item."""
    rules = sample.rules()
    story = sample.opened()
    window = Window(12, "综合服务窗口", "General", "综合", ("A",))
    story.happen(e.RulesSet(rules=replace(rules, windows=(*rules.windows, window)), digest="x"))
    label = story.take("A", 118)
    long = max(rules.items, key=lambda item: len(item.name))
    story.happen(e.ItemSet(visit=label, item=long.code))
    story.serve(label, 12)
    story.happen(e.ServiceFinished(visit=label, window=12))
    return story


def _idle() -> sample.Story:
    story = sample.opened()
    story.happen(e.StaffSignedOn(window=3, staff="0301", post="A"))
    return story


def scenes() -> Iterator[Scene]:
    """Every page of a pad."""
    for name, window, story, clock, stale_s in (
        ("idle", 3, _idle(), "9:42", None),
        ("ask", 3, rated(), "9:42", None),
        ("ask-long", 12, _large(), "9:42", None),
        ("paused", 3, _paused(), "9:42", None),
        ("off", 3, _off(), "9:42", None),
        ("lunch", 3, sample.opened(), "12:10", None),
        ("before", 3, sample.opened(), "8:40", None),
        ("after", 3, sample.opened(), "17:10", None),
        ("dark", 3, sample.opened(), "19:00", None),
        ("stale", 3, rated(), "9:42", WALL - 120),
        ("connecting", 3, sample.Story(), "9:42", 0.0),
        ("evacuation", 3, _evacuated(), "9:42", None),
    ):
        screen = PadScreen(window, deaf)
        yield scene(f"pad-{name}", screen, PAD, story, clock=clock, stale_s=stale_s)
    yield from _after()
