"""Every page of every screen in every state, from the sample hall, as PNG files.

For our own looking, for the documents, and for the tests: `pictures` is what they draw.
"""

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pygame

from hallctl.core import events as e
from hallctl.core.commands import Command
from hallctl.core.rules import Category
from screens import sample
from screens.hall.screen import HallScreen
from screens.kiosk.screen import KioskScreen
from screens.kit.canvas import Canvas
from screens.kit.fonts import Fonts
from screens.kit.sight import Sight

Scene = tuple[str, sample.Story, str, float | None, tuple[str, ...]]
"""(name, what has happened, the time, stale since, what is touched)."""


def sight_of(
    story: sample.Story, clock: str = "9:42", stale_s: float | None = None, mono_s: float = 1000.0
) -> Sight:
    """What a screen sees of a story."""
    return Sight(story.hall, sample.moment(clock), stale_s, mono_s)


def _paperless() -> sample.Story:
    story = sample.morning()
    story.happen(e.DeviceUp(device="printer-1"))
    story.happen(e.DeviceSensed(device="printer-1", part="paper", state="out", evidence="12 60"))
    return story


def _nine() -> sample.Story:
    story, rules = sample.morning(), sample.rules()
    collect = Category("collect", "领证", "Collect a document", "certificate", "A")
    more = replace(rules, categories=(*rules.categories, collect))
    story.happen(e.RulesSet(rules=more, digest="nine"))
    return story


def _doubtful() -> sample.Story:
    story = sample.morning()
    story.wall_s = sample.moment("9:40").wall_s
    story.slip("A016")
    story.happen(e.SlipSending(job="j1"))
    story.happen(e.SlipDoubtful(job="j1", reason="restart"))
    return story


def _saturday(story: sample.Story) -> Sight:
    return replace(sight_of(story), now=sample.moment("9:42", "2024-12-14"))


KIOSK: tuple[Scene, ...] = (
    ("home", sample.morning(), "9:42", None, ()),
    ("home-quiet", sample.opened(), "8:50", None, ()),
    ("home-nine", _nine(), "9:42", None, ()),
    ("home-nine-english", _nine(), "9:42", None, ("language",)),
    ("home-english", sample.morning(), "9:42", None, ("language",)),
    ("home-big", sample.morning(), "9:42", None, ("bigger",)),
    ("home-big-english", sample.morning(), "9:42", None, ("bigger", "language")),
    ("home-help", sample.morning(), "9:42", None, ("help",)),
    ("home-no-paper", _paperless(), "9:42", None, ("paperless",)),
    ("list", sample.morning(), "9:42", None, ("tile:social",)),
    ("list-paged", sample.morning(), "9:42", None, ("tile:rental",)),
    ("list-paged-big", sample.morning(), "9:42", None, ("tile:rental", "bigger")),
    ("list-english", sample.morning(), "9:42", None, ("tile:social", "language")),
    ("item", sample.morning(), "9:42", None, ("tile:permit",)),
    ("item-big", sample.morning(), "9:42", None, ("tile:permit", "bigger")),
    ("item-english", sample.morning(), "9:42", None, ("tile:permit", "language")),
    ("item-long", sample.morning(), "9:42", None, ("tile:rental", "item:C03")),
    ("item-long-big", sample.morning(), "9:42", None, ("tile:rental", "item:C03", "bigger")),
    ("item-open", sample.morning(), "9:42", None, ("tile:civil",)),
    ("item-direct", sample.morning(), "9:42", None, ("unsure",)),
    ("item-direct-english", sample.morning(), "9:42", None, ("unsure", "language")),
    ("taking", sample.morning(), "9:42", None, ("unsure", "take")),
    ("lunch", sample.morning(), "12:10", None, ()),
    ("lunch-english", sample.morning(), "12:10", None, ("language",)),
    ("after", sample.morning(), "17:10", None, ()),
    ("before", sample.opened(), "8:30", None, ()),
    ("stopped", sample.morning(), "16:50", None, ()),
    ("no-paper", _paperless(), "9:42", None, ()),
    ("no-paper-english", _paperless(), "9:42", None, ("language",)),
    ("out-of-service", sample.morning(), "9:42", sample.moment("9:40").wall_s, ()),
    ("connecting", sample.Story(), "9:42", 0.0, ()),
    ("offer", _doubtful(), "9:42", None, ()),
    ("offer-english", _doubtful(), "9:42", None, ("language",)),
)
SLIPS: dict[str, tuple[e.Event, ...]] = {
    "printing": (),
    "printed": (e.SlipSending(job="j1"), e.SlipPrinted(job="j1", proven=True)),
    "held": (e.SlipHeld(job="j1", reason="paper_out"),),
    "doubtful": (e.SlipSending(job="j1"), e.SlipDoubtful(job="j1", reason="silent")),
    "failed": (e.SlipFailed(job="j1", reason="too_late"),),
}


def pictures(fonts: Fonts, *, landscape: bool) -> Iterator[tuple[str, Canvas]]:
    """The kiosk's pages, one by one, with the canvas each was drawn on."""
    shape = "landscape" if landscape else "portrait"
    for name, story, clock, stale_s, touches in KIOSK:
        screen = _kiosk(story, landscape=landscape)
        sight = sight_of(story, clock, stale_s)
        for touch in touches:
            screen.touched(touch, sight)
        yield f"kiosk-{shape}-{name}", drawn(screen, screen.show(sight), fonts)
    yield from _odd_pictures(fonts, shape, landscape=landscape)


def _odd_pictures(fonts: Fonts, shape: str, *, landscape: bool) -> Iterator[tuple[str, Canvas]]:
    for name, happened in SLIPS.items():
        for language in ("zh", "en"):
            screen, sight = ticket(happened, landscape=landscape, english=language == "en")
            yield (
                f"kiosk-{shape}-ticket-{name}-{language}",
                drawn(screen, screen.show(sight), fonts),
            )
    screen, sight = ticket((), landscape=landscape, paper=False)
    yield f"kiosk-{shape}-ticket-no-paper", drawn(screen, screen.show(sight), fonts)
    story = sample.morning()
    screen = _kiosk(story, landscape=landscape)
    screen.touched("tile:permit", sight_of(story))
    idle = screen.show(sight_of(story, mono_s=1091.5))
    yield f"kiosk-{shape}-idle", drawn(screen, idle, fonts)
    screen.touched("take", sight_of(story))
    words = {"zh": "现在不在取号时间。9:00–12:00  13:00–17:00", "en": "Closed at this hour."}
    screen.answered("c1", False, {}, words, sight_of(story))
    yield f"kiosk-{shape}-refused", drawn(screen, screen.show(sight_of(story)), fonts)
    screen = _kiosk(story, landscape=landscape)
    yield f"kiosk-{shape}-holiday", drawn(screen, screen.show(_saturday(story)), fonts)
    screen.touched("tile:permit", sight_of(story))
    screen.touched("materials", sight_of(story))
    yield f"kiosk-{shape}-listing", drawn(screen, screen.show(sight_of(story)), fonts)


def _kiosk(story: sample.Story, *, landscape: bool) -> KioskScreen:
    def ask(command: Command) -> str:
        if type(command).__name__ == "AskHelp":
            story.happen(e.HelpAsked(place="kiosk-1"))
        return "c1"

    return KioskScreen("kiosk-1", ask, landscape=landscape)


def ticket(
    happened: tuple[e.Event, ...], *, landscape: bool, english: bool = False, paper: bool = True
) -> tuple[KioskScreen, Sight]:
    """A kiosk that has just been told its number, and what became of the slip."""
    story = sample.morning()
    screen = _kiosk(story, landscape=landscape)
    if english:
        screen.touched("language", sight_of(story))
    screen.touched("tile:permit", sight_of(story))
    screen.touched("take", sight_of(story))
    label = story.take("A")
    result: dict[str, object] = {
        "visit": label,
        "label": label,
        "queue": "A",
        "job": "j1" if paper else "",
        "ahead": 4,
        "wait_low_min": 5,
        "wait_high_min": 10,
    }
    screen.answered("c1", True, result, {}, sight_of(story))
    if paper:
        story.slip(label)
    for event in happened:
        story.happen(event)
    return screen, sight_of(story, mono_s=1003.0)


def drawn(screen: KioskScreen | HallScreen, page: object, fonts: Fonts) -> Canvas:
    """A page on a surface of its own."""
    canvas = Canvas(pygame.Surface(screen.size), fonts)
    screen.draw(canvas, page)
    return canvas


def hall_pictures(fonts: Fonts) -> Iterator[tuple[str, Canvas]]:
    """The hall's screen in its states."""
    one = sample.morning()
    one.happen(e.ServiceStarted(visit="A015", window=3))
    three = sample.morning()
    three.call(three.take("F"), 8)
    three.call(three.take("Q"), 9)
    scenes: tuple[tuple[str, sample.Story, str, float | None], ...] = (
        ("main", one, "9:42", None),
        ("two", sample.morning(), "9:42", None),
        ("three", three, "9:42", None),
        ("quiet", sample.opened(), "9:01", None),
        ("stale", sample.morning(), "9:42", sample.moment("9:40").wall_s),
        ("connecting", sample.Story(), "9:42", 0.0),
        ("lunch", sample.opened(), "12:10", None),
        ("before", sample.opened(), "8:30", None),
        ("after", sample.opened(), "17:10", None),
    )
    for name, story, clock, stale_s in scenes:
        screen = HallScreen("hall-1", lambda _: "c1")
        sight = sight_of(story, clock, stale_s)
        yield f"hall-{name}", drawn(screen, screen.show(sight), fonts)
    screen = HallScreen("hall-1", lambda _: "c1")
    page = screen.show(_saturday(sample.opened()))
    yield "hall-holiday", drawn(screen, page, fonts)


def save_all(folder: Path, say: Callable[[str], object]) -> None:
    """Draws everything into a folder. Raises FontMissing."""
    folder.mkdir(parents=True, exist_ok=True)
    fonts = Fonts()
    for found in (
        pictures(fonts, landscape=False),
        pictures(fonts, landscape=True),
        hall_pictures(fonts),
    ):
        for name, canvas in found:
            path = folder / f"{name}.png"
            pygame.image.save(canvas.surface, str(path))
            say(f"{path}\n")
