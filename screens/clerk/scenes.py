"""The clerk's terminal and the guide's desk in every state, for the gallery and the check."""

from collections.abc import Callable, Iterator
from dataclasses import replace

from hallctl.core import events as e
from hallctl.core.rules import Fitting, Rules, Staff
from hallctl.texts import say
from screens import sample
from screens.clerk.screen import ClerkScreen
from screens.kit.scene import CLERK, Scene, deaf, scene

WINDOW = 3
NOTHING: tuple[str, ...] = ()


def rules(**changes: object) -> Rules:
    """The sample hall with the devices of window 3."""
    fittings = (
        Fitting("printer-1", "printer", (), ("kiosk-1",)),
        Fitting("keypads", "keypad", tuple(range(1, 10))),
        Fitting("strips", "strip", tuple(range(1, 10))),
        Fitting("pad-3", "pad", (3,)),
    )
    return replace(sample.rules(), fittings=fittings, **changes)  # type: ignore[arg-type]


def hall(*, devices: bool = True, changes: Rules | None = None) -> sample.Story:
    """A morning in which all devices answer; people wait for the general windows."""
    story = sample.opened()
    story.happen(e.RulesSet(rules=changes or rules(), digest="clerk"))
    if devices:
        for name in ("printer-1", "keypads", "strips", "pad-3"):
            story.happen(e.DeviceUp(device=name))
    story.wall_s += 900
    return story


def waiting(story: sample.Story | None = None, many: int = 5) -> sample.Story:
    """People wait; the second one has priority."""
    story = story or hall()
    labels = [story.take("A") for _ in range(many)]
    if many > 1:
        visit = story.hall.visits[labels[1]]
        changed = e.ClassChanged(visit=labels[1], klass="priority", virtual_s=visit.issued_s - 1800)
        story.happen(changed)
    story.wall_s += 660
    return story


def called(times: int = 1) -> sample.Story:
    """A015 is called to window 3, again and again."""
    story = waiting()
    label = story.take("A", 15)
    story.wall_s += 600
    if times == 1:
        _soon(story)
    story.call(label, WINDOW)
    for n in range(2, times + 1):
        story.wall_s += 25
        story.happen(e.TicketRecalled(visit=label, label=label, window=WINDOW, times=n))
    return story


def serving(item: str = "P01") -> sample.Story:
    """A015 is served at window 3."""
    story = called()
    story.wall_s += 20
    story.happen(e.ServiceStarted(visit="A015", window=WINDOW))
    if item:
        story.happen(e.ItemSet(visit="A015", item=item))
    story.wall_s += 392
    return story


def rating() -> sample.Story:
    """A015 has just been finished."""
    story = serving()
    _soon(story)
    story.happen(e.ServiceFinished(visit="A015", window=WINDOW))
    return story


def held() -> sample.Story:
    """A015 has been held; somebody waits for it."""
    story = serving()
    happened = e.VisitHeld(visit="A015", label="A015", window=WINDOW, reason="")
    story.happen(happened)
    story.wall_s += 700
    return story


def paused() -> sample.Story:
    """The window is paused."""
    story = waiting()
    until_s = story.wall_s + 900
    story.happen(e.WindowPaused(window=WINDOW, reason="取送材料", until_s=until_s))
    story.wall_s += 300
    return story


def broken() -> sample.Story:
    """The pad is cut off, the printer has no paper."""
    story = serving()
    story.happen(e.DeviceDown(device="pad-3", evidence="", remedy="replug"))
    story.happen(e.DeviceSensed(device="printer-1", part="paper", state="out", evidence=""))
    return story


def evacuated() -> sample.Story:
    """Everybody must leave; two windows are clear."""
    story = serving()
    story.happen(e.EvacuationStarted(place="guide-1"))
    story.happen(e.AreaCleared(window=1))
    story.happen(e.AreaCleared(window=2))
    return story


def cleared() -> sample.Story:
    """Window 3 is clear too."""
    story = evacuated()
    story.happen(e.AreaCleared(window=WINDOW))
    return story


def signing() -> sample.Story:
    """A hall that asks for a number, and has an A post at window 3."""
    staff = (Staff("0301", (3,)), Staff("0302", (), (3,)))
    story = hall(changes=rules(sign_on=True, staff=staff))
    story.happen(e.DayOpened(day="2024-12-10"))
    return story


def helping() -> sample.Story:
    """Two places call for help."""
    story = serving()
    story.take("B", 22)
    story.take("C", 7)
    story.happen(e.HelpAsked(place="kiosk-1"))
    story.wall_s += 100
    story.happen(e.HelpAsked(place="window-3"))
    story.happen(e.QueueClosed(queue="Q", reason=""))
    story.happen(e.DeviceSensed(device="printer-1", part="paper", state="low", evidence=""))
    return story


def alerted() -> sample.Story:
    """Alerts of every kind stand."""
    story = helping()
    folder = "/var/lib/hallctl"
    journal = f"{folder}/journal.db"
    for kind, subject, level, words in (
        ("wait", "B022", "yellow", say("zh", "alert.wait", label="B022", minutes=31)),
        ("pause", "7", "yellow", say("zh", "alert.pause", window=7, minutes=12)),
        ("paper", "printer-1", "red", say("zh", "alert.paper", printer="printer-1", n=8)),
        ("voice", "voice-1", "red", say("zh", "alert.voice", device="voice-1", n=3)),
        ("journal", journal, "red", say("zh", "alert.journal", path=journal)),
        ("disk", folder, "yellow", say("zh", "alert.disk_yellow", folder=folder, mb=180, n=9000)),
        (
            "visit",
            "A001",
            "yellow",
            say("zh", "alert.visit", window=2, label="A001", minutes=45, usual=15),
        ),
        (
            "open_window",
            "A",
            "yellow",
            say("zh", "alert.open_window", queue="综合服务", n=14, minutes=40),
        ),
    ):
        raised = e.AlertRaised(kind=kind, subject=subject, level=level, words=words)  # type: ignore[arg-type]
        story.happen(raised)
    return story


def missed() -> sample.Story:
    """A015 was called three times and did not come."""
    story = called(3)
    story.happen(e.TicketMissed(visit="A015", label="A015", window=WINDOW))
    story.wall_s += 300
    return story


def _made(
    name: str,
    screen: Callable[[str], ClerkScreen],
    story: sample.Story,
    touches: tuple[str, ...] = NOTHING,
    clock: str = "",
    stale: bool = False,
) -> Iterator[Scene]:
    at = clock or _clock(story)
    stale_s = sample.moment("9:40").wall_s if stale else None
    for language, end in (("zh", ""), ("en", "-english")):
        yield scene(
            f"clerk-{name}{end}", screen(language), CLERK, story,
            clock=at, touches=touches, stale_s=stale_s,
        )  # fmt: skip


def _soon(story: sample.Story) -> None:
    """Four seconds before a full minute: what happens next is shown at the minute."""
    story.wall_s += (56 - story.wall_s) % 60 - 1


def _clock(story: sample.Story) -> str:
    day_s = int(story.wall_s - sample.MIDNIGHT_S) + 59
    return f"{day_s // 3600}:{day_s % 3600 // 60:02d}"


def scenes() -> Iterator[Scene]:
    """Every state of both."""
    yield from _window_scenes()
    yield from _guide_scenes()


def _clerk(language: str) -> ClerkScreen:
    return ClerkScreen.clerk(WINDOW, deaf, language=language)


def _guide(language: str) -> ClerkScreen:
    return ClerkScreen.guide(deaf, language=language)


def _window_scenes() -> Iterator[Scene]:
    for name, story, touches in (
        ("idle", waiting(), NOTHING),
        ("empty", hall(), NOTHING),
        ("called", called(), NOTHING),
        ("not-come", called(5), NOTHING),
        ("serving", serving(), ("tick:1", "tick:2")),
        ("no-item", serving(""), NOTHING),
        ("papers", serving("C01"), ("sheet:1", "tick:4")),
        ("rating", rating(), NOTHING),
        ("held", held(), NOTHING),
        ("held-list", held(), ("held",)),
        ("paused", paused(), NOTHING),
        ("broken", broken(), NOTHING),
        ("transfer", serving(), ("transfer",)),
        ("pause-why", waiting(), ("pause",)),
        ("pause-until", waiting(), ("pause", "reason:papers")),
        ("category", serving(""), ("item:set",)),
        ("items", serving(""), ("item:set", "category:rental")),
        ("special", waiting(), ("special", "digit:1", "digit:2")),
        ("more", serving(), ("more",)),
        ("evacuation", evacuated(), NOTHING),
        ("cleared", cleared(), NOTHING),
        ("help", helping(), NOTHING),
    ):
        yield from _made(name, _clerk, story, touches)
    yield from _made("notice-none", _clerk, serving(), ("tick:1", "tick:2", "tick:3", "notice"))
    yield from _made("sign-on", _clerk, signing(), ("digit:0", "digit:3"))
    cover = ("digit:0", "digit:3", "digit:0", "digit:2", "ok")
    yield from _made("cover", _clerk, signing(), cover)
    yield from _made("lunch", _clerk, waiting(), clock="12:10")
    yield from _made("after", _clerk, waiting(), clock="17:20")
    yield from _made("stale", _clerk, serving(), clock="9:44", stale=True)
    yield from _made("stale-idle", _clerk, waiting(), clock="9:44", stale=True)
    for language, end in (("zh", ""), ("en", "-english")):
        story = sample.Story()
        yield scene(f"clerk-connecting{end}", _clerk(language), CLERK, story, stale_s=0.0)


def _guide_scenes() -> Iterator[Scene]:
    find = ("find", "digit:1", "digit:5")
    paper = ("find", "digit:9", "digit:0", "digit:5")
    for name, story, touches in (
        ("home", helping(), NOTHING),
        ("home-empty", hall(), NOTHING),
        ("issue", helping(), ("issue",)),
        ("items", helping(), ("issue", "category:rental")),
        ("class", helping(), ("issue", "category:permit", "code:P01")),
        ("find", helping(), find),
        ("unknown", helping(), ("find", "digit:9", "ok")),
        ("came", helping(), (*paper, "ok", "digit:9", "digit:1", "digit:2")),
        ("ticket", waiting(), ("find", "digit:3", "ok")),
        ("missed", missed(), (*find, "ok")),
        ("cancel", missed(), (*find, "ok", "cancel")),
        ("helps", helping(), ("helps",)),
        ("alerts-home", alerted(), NOTHING),
        ("alerts", alerted(), ("alerts",)),
        ("alerts-more", alerted(), ("alerts", "page:1")),
        ("alerts-none", helping(), ("alerts",)),
        ("printers", helping(), ("printers",)),
        ("paper", helping(), ("printers", "printer:printer-1")),
        ("evacuation", evacuated(), NOTHING),
        ("end", cleared(), ("end",)),
    ):
        yield from _made(f"guide-{name}", _guide, story, touches)
    yield from _made("guide-lunch", _guide, helping(), clock="12:10")
    yield from _made("guide-stale", _guide, helping(), stale=True)
