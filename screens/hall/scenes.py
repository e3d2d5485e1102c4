"""The hall's board in every state, for the gallery, the check and the tests."""

from collections.abc import Iterator
from dataclasses import replace

from hallctl.core import events as e
from hallctl.core.rules import Queue, Window
from screens import sample
from screens.hall.screen import HallScreen
from screens.kit.scene import HALL, Scene, deaf, scene

STALE_S = sample.moment("9:40").wall_s


def scenes() -> Iterator[Scene]:
    """Every state, on the board and where nothing but calls is shown."""
    for start, calls_only in (("hall", False), ("hall-calls", True)):
        for name, story, clock, since_s in (
            ("main", _one(), "9:42", None),
            ("two", sample.morning(), "9:42", None),
            ("three", _three(), "9:42", None),
            ("quiet", sample.opened(), "9:01", None),
            ("stale", sample.morning(), "9:42", STALE_S),
            ("connecting", sample.Story(), "9:42", 0.0),
            ("lunch", sample.opened(), "12:10", None),
            ("before", sample.opened(), "8:30", None),
            ("after", sample.opened(), "17:10", None),
            ("dark", sample.opened(), "18:10", None),
            ("withdrawn", _withdrawn(), "9:00", None),
            ("withdrawn-alone", _withdrawn(alone=True), "9:00", None),
            ("evacuation", _leaving(), "9:42", None),
            ("full", _full(), "9:42", None),
            ("many", _many(), "9:52", None),
            ("chinese", _chinese(), "9:42", None),
        ):
            screen = HallScreen("hall-1", deaf, calls_only=calls_only)
            yield scene(f"{start}-{name}", screen, HALL, story, clock=clock, stale_s=since_s)
        screen = HallScreen("hall-1", deaf, calls_only=calls_only)
        yield scene(f"{start}-holiday", screen, HALL, sample.opened(), day="2024-12-14")
        for name, story, more in (
            ("burst-two", sample.morning(), 1),
            ("burst-three", sample.morning(), 2),
            ("burst-chinese", _chinese(), 2),
        ):
            yield _burst(f"{start}-{name}", story, more, calls_only=calls_only)


def _burst(name: str, story: sample.Story, more: int, *, calls_only: bool) -> Scene:
    """Calls that come within the 8 s of the first."""
    screen = HallScreen("hall-1", deaf, calls_only=calls_only)
    screen.show(sample.sight_of(story))
    story.happen(e.ServiceStarted(visit=story.hall.windows[3].visit, window=3))
    for queue, window in (("F", 8), ("Q", 9))[:more]:
        story.call(story.take(queue), window)
    return scene(name, screen, HALL, story, mono_s=1002.0)


def _three() -> sample.Story:
    story = sample.morning()
    story.call(story.take("F"), 8)
    story.call(story.take("Q"), 9)
    return story


def _one() -> sample.Story:
    story = sample.morning()
    story.happen(e.ServiceStarted(visit="A015", window=3))
    return story


def _withdrawn(*, alone: bool = False) -> sample.Story:
    story = _one() if not alone else sample.opened()
    label, window = ("A015", 3) if not alone else (story.take("A"), 3)
    if alone:
        story.call(label, window)
    else:
        story.call(label := story.take("F"), window := 8)
    # The scene's clock says 9:00: the withdrawal is a second old.
    story.wall_s = sample.moment("9:00").wall_s - 2
    story.happen(
        e.CallWithdrawn(visit=label, label=label, window=window, reason="undo", back_to="waiting")
    )
    return story


def _chinese() -> sample.Story:
    """Numbers that begin with a character in the place of a letter."""
    names = {"A": "综", "B": "社", "C": "租", "F": "事", "Q": "企"}
    story = sample.opened(names)
    for queue, number, window in (("A", 12, 1), ("A", 14, 2), ("C", 7, 7)):
        story.serve(story.take(queue, number), window)
    story.call(story.take("A", 15), 3)
    for _ in range(4):
        story.take("A")
    story.call(story.take("B", 22), 6)
    return story


def _leaving() -> sample.Story:
    story = sample.morning()
    story.happen(e.EvacuationStarted(place="desk-1"))
    return story


def _full() -> sample.Story:
    story = sample.morning()
    for queue in ("B", "Q"):
        story.happen(e.QueueClosed(queue=queue, reason="full"))
    return story


def _many() -> sample.Story:
    """A large hall: 14 windows, 9 queues, long notices, and who is called to window 12."""
    rules = sample.rules()
    story = sample.opened()
    more = tuple(Queue(x, f"业务办理{x}", f"Desk {x}", "业务", x, (12,)) for x in "DEGH")
    windows = tuple(Window(n, "业务办理窗口", "Desk", "业务办理", ("D",)) for n in range(10, 15))
    large = replace(rules, queues=(*rules.queues, *more), windows=(*rules.windows, *windows))
    story.happen(e.RulesSet(rules=large, digest="large"))
    long = "因系统升级，本周六上午九点到十二点暂停办理社会保险业务，请您改在下周一以后再来。" * 2
    story.happen(e.NoticesSet(notices=(long,)))
    story.call(story.take("D", 118), 12)
    return story
