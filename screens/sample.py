"""A fixed hall for the gallery and the tests: a Monday at 9:42, made by events like any other."""

from hallctl.core import events as e
from hallctl.core.applying import apply
from hallctl.core.hall import Hall
from hallctl.core.moment import Moment
from hallctl.core.rules import Category, Fitting, Item, Material, Queue, Rules, Span, Window
from screens.kit.sight import Sight

DAY, MIDNIGHT_S = "2024-12-09", 1733673600.0
"""Monday 9 December 2024, in Asia/Shanghai."""
HOUR_S = 3600


def rules() -> Rules:
    """The rules of the sample hall."""
    general = tuple(range(1, 6))
    return Rules(
        hall="赤坭镇便民服务中心",
        hall_en="Chini Town Service Hall",
        seal="赤坭",
        timezone="Asia/Shanghai",
        queues=(
            Queue("A", "综合服务", "General", "综合", "A", general),
            Queue("B", "社会保障", "Social security", "社保", "B", (6,), 9.0),
            Queue("C", "出租屋备案", "Rental", "出租屋", "C", (7,), 10.0),
            Queue("F", "办不成事", "Unresolved", "办不成事", "F", (8,)),
            Queue("Q", "企业服务", "Business", "企业", "Q", (9,)),
        ),
        windows=(
            *(Window(n, "综合服务窗口", "General", "综合", ("A",)) for n in general),
            Window(6, "社会保障专窗", "Social security", "社会保障", ("B",)),
            Window(7, "出租屋综合税和备案专窗", "Rental", "出租屋", ("C",)),
            Window(8, "办不成事反映窗口", "Unresolved", "办不成事", ("F",)),
            Window(9, "特色服务专窗（企业）", "Business", "企业", ("Q",)),
        ),
        workdays=(1, 2, 3, 4, 5),
        sessions=(Span(9 * HOUR_S, 12 * HOUR_S), Span(13 * HOUR_S, 17 * HOUR_S)),
        taking=(
            Span(31500, 42300),
            Span(42300, 60300),
        ),
        default_queue="A",
        stuck_queue="F",
        categories=_categories(),
        items=_items(),
        fittings=(Fitting("printer-1", "printer", (), ("kiosk-1",)),),
        notices=(
            "城乡居民医保 12 月 31 日前缴费，可到 6 号窗口或用手机办理。",
            "身份证到期换领，请带旧证和近期照片。",
            "开门时间：周一至周五 9:00–12:00、13:00–17:00。",
        ),
    )


def _categories() -> tuple[Category, ...]:
    return (
        Category("social", "社会保障", "Social security", "shield", "B"),
        Category("permit", "居住证", "Residence permit", "idcard", "A"),
        Category("rental", "出租屋备案", "Rental registration", "housekey", "C"),
        Category("civil", "民政救助", "Civil affairs", "people", "A"),
        Category("health", "卫生健康", "Health", "heart", "A"),
        Category("disability", "残疾人服务", "Disability services", "wheelchair", "A"),
        Category("farming", "农业农村", "Farming", "sprout", "A"),
        Category("business", "企业服务", "Business", "building", "Q"),
    )


def _items() -> tuple[Item, ...]:
    named = (
        ("S01", "城乡居民医保缴费"),
        ("S02", "养老金申领"),
        ("S03", "养老资格认证"),
        ("S04", "社保卡办理"),
        ("S05", "灵活就业参保"),
    )
    permit = (
        Material("本人身份证", form="原件", signature="交窗口核对", icon="idcard"),
        Material("住址证明", form="租房合同或房产证", copies="复印件 1 份", icon="house"),
        Material("一寸照片", form="近期白底", copies="2 张", icon="photo"),
    )
    long = tuple(
        Material(f"第 {n} 样材料，名字特别长，长到一行写不下的那一种") for n in range(1, 8)
    )
    rental = "居住出租房屋（含集体宿舍、公寓、城中村自建房）租赁登记备案变更及注销"
    return (
        *(Item(code, name, "B", "social") for code, name in named),
        Item(
            "P01",
            "居住证办理",
            "A",
            "permit",
            limit="材料齐当场受理",
            fee="不收费",
            materials=permit,
            checked=True,
        ),
        *(Item(f"C{n:02d}", f"{rental}（{n}）", "C", "rental", materials=long) for n in range(9)),
        Item("M01", "特困人员救助供养", "A", "civil"),
        Item("H01", "生育登记", "A", "health"),
        Item("D01", "残疾人证办理", "A", "disability"),
        Item("N01", "耕地地力保护补贴", "A", "farming"),
    )


def moment(clock: str = "9:42", day: str = DAY) -> Moment:
    """The hall's time on the sample day (or another day of that week)."""
    hour, minute = clock.split(":")
    day_s = int(hour) * HOUR_S + int(minute) * 60
    weekday = 1 + int(day[-2:]) - int(DAY[-2:])
    return Moment(MIDNIGHT_S + (weekday - 1) * 86400 + day_s, 0.0, day, day_s, weekday)


class Story:
    """Lets events happen to a hall, with a clock of its own that starts at 9:00."""

    def __init__(self, prefixes: dict[str, str] | None = None) -> None:
        self.hall = Hall()
        self._prefixes = prefixes or {}
        self.wall_s = MIDNIGHT_S + 9 * HOUR_S
        self._numbers: dict[str, int] = {}

    def happen(self, event: e.Event) -> None:
        """The next event, a second later."""
        self.wall_s += 1
        seq = self.hall.seq + 1
        apply(self.hall, e.Recorded(seq, "sample", self.wall_s, 0.0, "test", f"c{seq}", event))

    def take(self, queue: str, number: int = 0, kiosk: str = "kiosk-1") -> str:
        """A resident takes a number; answers its label, which is also the visit."""
        number = number or self._numbers.get(queue, 0) + 1
        self._numbers[queue] = number
        label = f"{self._prefixes.get(queue, queue)}{number:03d}"
        waiting = len(self.hall.waiting(queue))
        self.happen(
            e.TicketIssued(
                visit=label,
                label=label,
                queue=queue,
                number=number,
                item="",
                klass="ordinary",
                language="zh",
                kiosk=kiosk,
                virtual_s=self.wall_s,
                ahead=waiting,
                wait_low_min=5,
                wait_high_min=10,
            )
        )
        return label

    def slip(self, label: str, job: str = "j1", *, reprint: bool = False) -> None:
        """Its slip is queued."""
        self.happen(
            e.SlipQueued(
                job=job,
                printer="printer-1",
                purpose="ticket",
                visit=label,
                item="",
                kiosk="kiosk-1",
                language="zh",
                reprint=reprint,
            )
        )

    def call(self, label: str, window: int) -> None:
        """The ticket is called to a window."""
        self.happen(e.TicketCalled(visit=label, label=label, window=window, why="最早取号"))

    def serve(self, label: str, window: int) -> None:
        """The ticket is called, and its resident comes."""
        self.call(label, window)
        self.happen(e.ServiceStarted(visit=label, window=window))


def sight_of(
    story: Story,
    clock: str = "9:42",
    stale_s: float | None = None,
    mono_s: float = 1000.0,
    day: str = DAY,
) -> Sight:
    """What a screen sees of a story."""
    return Sight(story.hall, moment(clock, day), stale_s, mono_s)


def opened(prefixes: dict[str, str] | None = None) -> Story:
    """A hall just opened, nobody in it; `prefixes` where queues do not have letters."""
    story = Story(prefixes)
    story.happen(e.DayOpened(day=DAY))
    story.happen(e.RulesSet(rules=rules(), digest="sample"))
    return story


def morning() -> Story:
    """The hall of the mock-ups: windows at work, B022 just called to window 6."""
    story = opened()
    for label, window in (("A012", 1), ("A014", 2), ("A013", 4), ("C007", 7)):
        story.take(label[0], int(label[1:]))
        story.serve(label, window)
    story.call(story.take("A", 15), 3)
    story.happen(e.WindowPaused(window=5, reason="", until_s=0.0))
    for _ in range(4):
        story.take("A")
    for _ in range(2):
        story.take("C")
    story.take("B", 22)
    for _ in range(5):
        story.take("B")
    story.call("B022", 6)
    return story
