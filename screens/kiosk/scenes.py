"""The kiosk's pages in every state, upright and lying, for the gallery, the check and the tests."""

from collections.abc import Callable, Iterator
from dataclasses import replace

from hallctl.core import events as e
from hallctl.core.commands import Command
from hallctl.core.rules import Category
from hallctl.texts import say
from screens import sample
from screens.kiosk.screen import KioskScreen
from screens.kit.scene import KIOSK, PORTRAIT_KIOSK, Limits, Scene, scene
from screens.kit.sight import Sight

Plain = tuple[str, Callable[[], sample.Story], str, float | None, tuple[str, ...]]
"""(name, what has happened, the time, stale since, what is touched)."""


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


def _evacuated() -> sample.Story:
    story = sample.morning()
    story.happen(e.EvacuationStarted(place="guide"))
    return story


def _full() -> sample.Story:
    story = sample.morning()
    for queue in sample.rules().queues:
        story.happen(e.QueueClosed(queue=queue.id, reason=""))
    return story


def _social_full() -> sample.Story:
    story = sample.morning()
    story.happen(e.QueueClosed(queue="B", reason=""))
    return story


def _old() -> sample.Story:
    story = sample.morning()
    story.wall_s = sample.moment("9:41").wall_s
    story.happen(e.CardRead(place="kiosk-1", person="5e", age=75))
    return story


PLAIN: tuple[Plain, ...] = (
    ("home", sample.morning, "9:42", None, ()),
    ("home-quiet", sample.opened, "8:50", None, ()),
    ("home-nine", _nine, "9:42", None, ()),
    ("home-no-paper", _paperless, "9:42", None, ("paperless",)),
    ("home-full", _social_full, "9:42", None, ()),
    ("list", sample.morning, "9:42", None, ("tile:social",)),
    ("list-paged", sample.morning, "9:42", None, ("tile:rental",)),
    ("item", sample.morning, "9:42", None, ("tile:permit",)),
    ("item-long", sample.morning, "9:42", None, ("tile:rental", "item:C03")),
    ("item-open", sample.morning, "9:42", None, ("tile:civil",)),
    ("item-direct", sample.morning, "9:42", None, ("unsure",)),
    ("item-full", _social_full, "9:42", None, ("tile:social", "item:S04")),
    ("item-card", _old, "9:42", None, ("tile:permit",)),
    ("taking", sample.morning, "9:42", None, ("unsure", "take")),
    ("help", sample.morning, "9:42", None, ("help",)),
    ("mute", sample.morning, "9:42", None, ("read",)),
    ("lunch", sample.morning, "12:10", None, ()),
    ("after", sample.morning, "17:10", None, ()),
    ("before", sample.opened, "8:30", None, ()),
    ("stopped", sample.morning, "16:50", None, ()),
    ("full", _full, "9:42", None, ()),
    ("guide", sample.morning, "17:10", None, ("guide",)),
    ("guide-list", sample.morning, "17:10", None, ("guide", "tile:social")),
    ("guide-item", sample.morning, "17:10", None, ("guide", "tile:permit")),
    ("no-paper", _paperless, "9:42", None, ()),
    ("out-of-service", sample.morning, "9:42", sample.moment("9:40").wall_s, ()),
    ("connecting", sample.Story, "9:42", 0.0, ()),
    ("offer", _doubtful, "9:42", None, ()),
    ("evacuation", _evacuated, "9:42", None, ()),
)
SETTINGS: tuple[tuple[str, tuple[str, ...], tuple[str, ...]], ...] = (
    ("", (), ("",)),
    ("-english", ("language",), ("",)),
    ("-big", ("bigger",), ("home", "list-paged", "item", "item-long", "guide")),
    ("-big-english", ("bigger", "language"), ("home", "item")),
    ("-contrast", ("bigger", "bigger"), ("home", "list", "item", "item-card", "lunch", "guide")),
    ("-contrast-english", ("bigger", "bigger", "language"), ("home", "item", "no-paper")),
)
"""(end of the name, what is touched before the rest, which pages; "" for all)."""
LARGEST = ("bigger", "bigger")
BLIND = ("connecting", "evacuation")
"""Pages that know no settings: nothing on them can be touched."""
SLIPS: dict[str, tuple[e.Event, ...]] = {
    "printing": (),
    "printed": (e.SlipSending(job="j1"), e.SlipPrinted(job="j1", proven=True)),
    "held": (e.SlipHeld(job="j1", reason="paper_out"),),
    "doubtful": (e.SlipSending(job="j1"), e.SlipDoubtful(job="j1", reason="silent")),
    "failed": (e.SlipFailed(job="j1", reason="too_late"),),
}


def scenes() -> Iterator[Scene]:
    """Every page in every state, both ways up."""
    for landscape in (False, True):
        start, limits = _named(landscape=landscape)
        for tail, settings, pages in SETTINGS:
            for plain in PLAIN:
                if pages == ("",) or plain[0] in pages:
                    yield _plain(plain, start, tail, limits, settings)
        for tail, settings in (("", ()), ("-english", ("language",))):
            yield from _tickets(start, tail, limits, settings)
            yield from _odd(start, tail, limits, settings)
        yield from _tickets(start, "-contrast", limits, LARGEST, ("printed",))


def largest() -> Iterator[Scene]:
    """Every page at the largest setting, both ways up and in both languages."""
    for landscape in (False, True):
        start, limits = _named(landscape=landscape)
        for tail, settings in (("", LARGEST), ("-english", (*LARGEST, "language"))):
            for plain in PLAIN:
                yield _plain(plain, start, f"-largest{tail}", limits, settings)
            yield from _tickets(start, f"-largest{tail}", limits, settings)
            yield from _odd(start, f"-largest{tail}", limits, settings)


def _named(*, landscape: bool) -> tuple[str, Limits]:
    shape = "landscape" if landscape else "portrait"
    return f"kiosk-{shape}", KIOSK if landscape else PORTRAIT_KIOSK


def _plain(plain: Plain, start: str, tail: str, limits: Limits, settings: tuple[str, ...]) -> Scene:
    name, happened, clock, stale_s, touches = plain
    story = happened()
    screen = kiosk(story, landscape="landscape" in start)
    if name in BLIND:
        screen.model.language = "en" if "language" in settings else "zh"
        settings = ()
    return scene(
        f"{start}-{name}{tail}",
        screen,
        limits,
        story,
        clock=clock,
        stale_s=stale_s,
        touches=(*settings, *touches),
    )


def _tickets(
    start: str,
    tail: str,
    limits: Limits,
    settings: tuple[str, ...],
    names: tuple[str, ...] = tuple(SLIPS),
) -> Iterator[Scene]:
    landscape = "landscape" in start
    for name in names:
        screen, sight = ticket(SLIPS[name], landscape=landscape, settings=settings)
        yield Scene(f"{start}-ticket-{name}{tail}", screen, screen.show(sight), limits)
    if len(names) > 1:
        screen, sight = ticket((), landscape=landscape, paper=False, settings=settings)
        yield Scene(f"{start}-ticket-no-paper{tail}", screen, screen.show(sight), limits)


def _odd(start: str, tail: str, limits: Limits, settings: tuple[str, ...]) -> Iterator[Scene]:
    landscape = "landscape" in start
    story = sample.morning()
    sight = sample.sight_of(story)
    screen = kiosk(story, landscape=landscape)
    for target in (*settings, "tile:permit"):
        screen.touched(target, sight)
    idle = screen.show(sample.sight_of(story, mono_s=1091.5))
    yield Scene(f"{start}-idle{tail}", screen, idle, limits)
    screen.touched("take", sight)
    words = {"zh": "现在不在取号时间。9:00–12:00  13:00–17:00", "en": "Closed at this hour."}
    screen.answered("c1", False, {}, words, sight)
    yield Scene(f"{start}-refused{tail}", screen, screen.show(sight), limits)
    for name, day, touches in (
        ("holiday", "2024-12-14", ()),
        ("listing", sample.DAY, ("tile:permit", "materials")),
    ):
        screen = kiosk(story, landscape=landscape)
        all_touches = (*settings, *touches)
        yield scene(f"{start}-{name}{tail}", screen, limits, story, day=day, touches=all_touches)
    if "bigger" not in settings:
        yield from _service(start, tail, limits, settings)


def _service(start: str, tail: str, limits: Limits, settings: tuple[str, ...]) -> Iterator[Scene]:
    """The technician's menu; it knows one size of text only."""
    story = sample.morning()
    story.happen(e.DeviceUp(device="printer-1"))
    for part, state in (("paper", "low"), ("cover", "closed"), ("state", "ready")):
        story.happen(e.DeviceSensed(device="printer-1", part=part, state=state, evidence="12"))
    story.happen(e.PaperLoaded(printer="printer-1", length_mm=50_000.0))
    sight = sample.sight_of(story)
    typed = (*settings, "seal", *(f"key:{digit}" for digit in "270451"))
    shut = {t: say(t, "refused.not_allowed", command="PrintTests") for t in ("zh", "en")}
    for name, words, more in (
        ("pin", None, ()),
        ("pin-wrong", shut, ()),
        ("menu", {}, ()),
        ("menu-tested", {}, ("menu:test",)),
    ):
        screen = kiosk(story, landscape="landscape" in start)
        for target in (*typed, "key:enter")[: None if words is not None else -1]:
            screen.touched(target, sight)
        if words is not None:
            screen.answered("p1", False, {}, words, sight)
        screen.model.locked_until_s = 0.0
        for target in more:
            screen.touched(target, sight)
            screen.answered("p1", True, {"test": "T1"}, {}, sight)
        yield Scene(f"{start}-{name}{tail}", screen, screen.show(sight), limits)


def kiosk(story: sample.Story, *, landscape: bool) -> KioskScreen:
    """A kiosk whose call for help is heard."""

    def ask(command: Command) -> str:
        if type(command).__name__ == "AskHelp":
            story.happen(e.HelpAsked(place="kiosk-1"))
        return "c1"

    return KioskScreen("kiosk-1", ask, landscape=landscape, ask_as=lambda _command, _pin: "p1")


def ticket(
    happened: tuple[e.Event, ...],
    *,
    landscape: bool,
    paper: bool = True,
    settings: tuple[str, ...] = (),
) -> tuple[KioskScreen, Sight]:
    """A kiosk that has just been told its number, and what became of the slip."""
    story = sample.morning()
    screen = kiosk(story, landscape=landscape)
    for target in (*settings, "tile:permit", "take"):
        screen.touched(target, sample.sight_of(story))
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
    screen.answered("c1", True, result, {}, sample.sight_of(story))
    if paper:
        story.slip(label)
    for event in happened:
        story.happen(event)
    return screen, sample.sight_of(story, mono_s=1003.0)
