"""A small hall for tests: three windows, two queues, a printer, keypads, strips."""

from collections import Counter
from dataclasses import replace

from hallctl import wire
from hallctl.core import commands as c
from hallctl.core import discipline
from hallctl.core.hall import Hall
from hallctl.core.moment import Moment
from hallctl.core.react import displays
from hallctl.core.rules import Category, Fitting, Item, Material, Queue, Rules, Span, Window
from hallctl.core.step import Outcome, Step

NINE = 9 * 3600
RULES = Rules(
    hall="赤坭镇便民服务中心",
    hall_en="Chini Town Service Hall",
    seal="赤坭",
    timezone="Asia/Shanghai",
    queues=(
        Queue("A", "综合服务", "General", "综合", "A", (1, 2, 3)),
        Queue("B", "社会保障", "Social Security", "社保", "B", (3,)),
    ),
    windows=(
        Window(1, "综合服务窗口", "General", "综合", ("A",)),
        Window(2, "综合服务窗口", "General", "综合", ("A",)),
        Window(3, "社会保障专窗", "Social Security", "社保", ("B", "A")),
    ),
    workdays=(1, 2, 3, 4, 5),
    sessions=(Span(NINE, 12 * 3600), Span(13 * 3600, 17 * 3600)),
    taking=(Span(8 * 3600 + 2700, 11 * 3600 + 2700), Span(11 * 3600 + 2700, 16 * 3600 + 2700)),
    default_queue="A",
    stuck_queue="B",
    categories=(Category("social", "社会保障", "Social Security", "shield-check", "B"),),
    items=(
        Item(
            "SB01",
            "城乡居民养老保险参保登记",
            "B",
            "social",
            materials=(Material("身份证", form="原件核验"), Material("户口簿")),
        ),
    ),
    fittings=(
        Fitting("printer-1", "printer", (), ("kiosk-1",)),
        Fitting("keypads", "keypad", (1, 2, 3)),
    ),
)


VOICED = replace(RULES, fittings=(*RULES.fittings, Fitting("voice", "voice")))
"""The sample hall with a voice."""


def at(
    hour: int, minute: int = 0, second: int = 0, day: str = "2026-11-23", **changes: object
) -> Moment:
    """A moment of a Monday (2026-11-23) in the sample hall."""
    day_s = hour * 3600 + minute * 60 + second
    days = int(day[-2:]) - 23
    wall_s = 1_795_363_200.0 + days * 86400 + day_s
    moment = Moment(wall_s, wall_s - 1_795_000_000, day, day_s, days % 7 + 1)
    return replace(moment, **changes)


class Bench:
    """Steps a sample hall and remembers everything that came out."""

    def __init__(self, rules: Rules = RULES) -> None:
        self.hall = Hall()
        self.step = Step(self.hall, "epoch-1")
        self.now = at(9, 30)
        self.recorded = []
        self.effects = []
        self.asked = 0
        self.ask(c.Wake(rules=rules, digest="d1"))
        self.ask(c.Tick())

    def ask(self, command: c.Command) -> Outcome:
        self.asked += 1
        return self._keep(self.step(c.Asked(str(self.asked), "test", command), self.now))

    def speak(self, device: str = "voice") -> None:
        """A voice has come up: it is there, and it has a sound card."""
        from hallctl.core import reports as r

        self.report(device, r.LinkUp())
        self.report(device, r.Condition(part="state", state="ready"))

    def report(self, device: str, report) -> Outcome:
        from hallctl.core.reports import Reported

        self.asked += 1
        return self._keep(self.step(Reported(str(self.asked), device, report), self.now))

    def _keep(self, outcome: Outcome) -> Outcome:
        """As the loop does: displays are added once all has happened."""
        self.recorded += outcome.recorded
        outcome.effects.extend(displays(self.hall, [r.event for r in outcome.recorded]))
        self.effects += outcome.effects
        return outcome

    def later(self, seconds: float) -> None:
        """Let time pass, with a tick at the end of it."""
        n = self.now
        self.now = replace(
            n, wall_s=n.wall_s + seconds, mono_s=n.mono_s + seconds, day_s=int(n.day_s + seconds)
        )
        self.ask(c.Tick())


def words(outcome: Outcome) -> list[str]:
    """The names of what happened."""
    return [type(r.event).__name__ for r in outcome.recorded]


def check_a_snapshot_is_the_hall(hall: Hall) -> None:
    """A follower's mirror equals the hall in everything but the persons, which it is not told."""
    mirror = wire.hall_in(wire.loads_own(wire.dumps(wire.hall_out(hall))))
    nobody = {
        field: {key: replace(kept, person="") for key, kept in getattr(hall, field).items()}
        for field in ("visits", "cards")
    }
    assert mirror == replace(hall, **nobody)
    check_the_lines_are_the_visits(mirror)


def check_the_lines_are_the_visits(hall: Hall) -> None:
    """What is kept of who waits, against a look at every visit of the day."""
    waiting = [v for v in hall.visits.values() if v.status == "waiting"]
    waiting.sort(key=lambda v: (v.virtual_s, v.issued_s, v.label))
    assert hall.waiting() == waiting
    for queue in {v.queue for v in hall.visits.values()}:
        mine = [v for v in waiting if v.queue == queue]
        assert hall.waiting(queue) == mine
        assert hall.lines.count(queue) == len(mine)
        assert dict(hall.lines.items(queue)) == dict(Counter(v.item for v in mine))
        for at, visit in enumerate(mine):
            until = sum(v.virtual_s <= visit.virtual_s for v in mine)
            assert at < hall.lines.count_until(queue, visit.virtual_s) == until
    for visit in waiting:
        early = {v.id for v in waiting if v.issued_s <= visit.issued_s}
        assert set(hall.lines.taken_until(visit.issued_s)) == early
    for window in hall.windows:
        offsets = hall.offsets_of(window)
        may = [v for v in waiting if v.queue in offsets and v.to_window in (0, window)]
        assert discipline.count_for(hall, window) == len(may)
        assert {v.id for v in discipline.candidates(hall, window)} == {v.id for v in may}
        for queue in {v.queue for v in waiting}:
            assert (hall.windows[window] in hall.takers(queue)) == (queue in offsets)
