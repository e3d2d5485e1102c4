"""The screen over a window in every state, for the gallery, the check and the tests."""

from collections.abc import Iterator
from dataclasses import replace

from hallctl.core import events as e
from screens import sample
from screens.kit.scene import WINDOW, Scene, deaf, scene
from screens.window.screen import WindowScreen

WALL = sample.moment("9:42").wall_s


def _signed(story: sample.Story, window: int, post: str = "A") -> sample.Story:
    story.happen(e.StaffSignedOn(window=window, staff=f"0{window}01", post=post))
    return story


def _paused(until: str, *, all_of_them: bool = False) -> sample.Story:
    story = sample.opened()
    until_s = sample.moment(until).wall_s if until else 0.0
    for window in range(1, 6) if all_of_them else (5,):
        story.happen(e.WindowPaused(window=window, reason="", until_s=until_s))
    story.take("A")
    return story


def _sign_on_asked() -> sample.Story:
    story = sample.opened()
    story.happen(e.RulesSet(rules=replace(sample.rules(), sign_on=True), digest="signs"))
    story.happen(e.StaffSignedOff(window=3, staff="0301"))
    return _signed(_signed(story, 1), 4)


def _withdrawn() -> sample.Story:
    story = sample.opened()
    story.take("A")
    story.call("A001", 3)
    story.wall_s = WALL - 2
    story.happen(
        e.CallWithdrawn(visit="A001", label="A001", window=3, reason="undo", back_to="waiting")
    )
    return story


def _evacuated() -> sample.Story:
    story = sample.morning()
    story.happen(e.EvacuationStarted(place="desk-1"))
    return story


def scenes() -> Iterator[Scene]:
    """Every state of a window."""
    morning = sample.morning
    for name, window, story, clock, stale_s in (
        ("called", 6, _signed(morning(), 6), "9:42", None),
        ("called-shared", 3, _signed(morning(), 3, "B"), "9:42", None),
        ("serving", 7, _signed(morning(), 7), "9:42", None),
        ("idle", 9, morning(), "9:42", None),
        ("quiet", 1, sample.opened(), "9:02", None),
        ("withdrawn", 3, _withdrawn(), "9:42", None),
        ("paused", 5, _paused("10:15"), "9:42", None),
        ("paused-open", 5, _paused(""), "9:42", None),
        ("paused-all", 5, _paused("10:15", all_of_them=True), "9:42", None),
        ("off", 3, _sign_on_asked(), "9:42", None),
        ("lunch", 6, sample.opened(), "12:10", None),
        ("before", 6, sample.opened(), "8:40", None),
        ("after", 6, sample.opened(), "17:10", None),
        ("dark", 6, sample.opened(), "19:00", None),
        ("stale", 6, morning(), "9:42", WALL - 20),
        ("blind", 6, morning(), "9:42", WALL - 120),
        ("connecting", 6, sample.Story(), "9:42", 0.0),
        ("evacuation", 6, _evacuated(), "9:42", None),
    ):
        screen = WindowScreen(window, f"window-{window}", deaf)
        yield scene(f"window-{name}", screen, WINDOW, story, clock=clock, stale_s=stale_s)
    holiday = WindowScreen(6, "window-6", deaf)
    yield scene("window-holiday", holiday, WINDOW, sample.opened(), day="2024-12-14")
