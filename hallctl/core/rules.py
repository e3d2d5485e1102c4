"""What hall.yaml, catalogue.yaml and devices.yaml decide, as far as the core must know it.

Rules enter the hall as an event (`RulesSet`), so that a replay is the same under a changed file.
"""

from dataclasses import field
from typing import Literal

from hallctl.core.late import dataclass

Klass = Literal["ordinary", "priority"]
Language = Literal["zh", "en"]
Spoken = Literal["mandarin", "cantonese", "english"]
"""A language the voice speaks."""


@dataclass(frozen=True, slots=True)
class Queue:
    """A line of people. `id` is its letter (`A`), `prefix` what stands before the number."""

    id: str
    name: str
    name_en: str
    short: str
    prefix: str
    windows: tuple[int, ...]
    standard_min: float = 8.0
    quotas: tuple[int, ...] = ()
    """How many numbers each span of `taking` gives, in their order; () for no limit."""

    def label(self, number: int) -> str:
        """A number of the queue as it stands on a ticket: A001; four digits after 999."""
        return f"{self.prefix}{number:03d}"


@dataclass(frozen=True, slots=True)
class Window:
    """A place where residents are served. `queues` in the order the window prefers them.

    `helps` are queues of other windows that it takes while helping is switched on, each with an
    offset in seconds: a ticket of theirs is next only when it has waited that much longer.
    """

    number: int
    name: str
    name_en: str
    short: str
    queues: tuple[str, ...]
    helps: tuple[tuple[str, float], ...] = ()


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of the day, in seconds since local midnight; the end is outside."""

    start_s: int
    end_s: int

    def holds(self, day_s: int) -> bool:
        """Whether `day_s` lies within."""
        return self.start_s <= day_s < self.end_s


@dataclass(frozen=True, slots=True)
class Material:
    """One paper to bring, with the fields of the notice's 受理材料标准化手册.

    An empty field means that the sources do not say: shown as 以窗口告知为准, never guessed.
    """

    name: str
    basis: str = ""
    form: str = ""
    copies: str = ""
    signature: str = ""
    icon: str = ""


@dataclass(frozen=True, slots=True)
class Item:
    """A matter (事项) people come for. Empty fields as in `Material`."""

    code: str
    name: str
    queue: str
    category: str
    basis: str = ""
    conditions: str = ""
    procedure: str = ""
    limit: str = ""
    fee: str = ""
    notes: str = ""
    materials: tuple[Material, ...] = ()
    checked: bool = False
    """Whether a person has checked this entry against the official guide."""


@dataclass(frozen=True, slots=True)
class Staff:
    """A clerk by number (工号), never by name. `windows` where the post is A or B (AB岗)."""

    number: str
    post_a: tuple[int, ...] = ()
    post_b: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Category:
    """A tile of the kiosk's home page. With `items` empty the tile issues for `queue` directly."""

    id: str
    name: str
    name_en: str
    icon: str
    queue: str


@dataclass(frozen=True, slots=True)
class Fitting:
    """A device as it is fitted: what it is, which windows it belongs to, whom it serves."""

    device: str
    kind: str
    windows: tuple[int, ...] = ()
    serves: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Preprinted:
    """The numbers of each queue that stand on pre-printed paper; both ends belong to them."""

    first: int
    last: int

    def holds(self, number: int) -> bool:
        """Whether a number is one of them."""
        return self.first <= number <= self.last


@dataclass(frozen=True, slots=True)
class VoiceRules:
    """How the hall's voice calls. Times are seconds of the day, `volume` in percent."""

    languages: tuple[Spoken, ...] = ("mandarin", "cantonese")
    """In this order; () is a chime without words."""
    repeats: int = 1
    """How often the whole is said when nobody else waits to be called."""
    one: Literal["yi", "yao"] = "yi"
    """Whether Mandarin reads a 1 in a ticket's number as 一 or as 幺."""
    pile_up: int = 3
    """With so many calls behind it, a call is said once, in one language, in the short form."""
    english_on_ticket: bool = True
    """Whether a call is said in English too when its ticket was taken in English."""
    say_missed: bool = False
    """Whether a no-show (过号) is announced."""
    say_lunch: bool = True
    """Whether the break at noon is announced."""
    volume: int = 80
    volumes: tuple[tuple[int, int], ...] = ()
    """(from this second of the day, percent), in order; before the first one `volume` holds."""
    quiet: tuple[Span, ...] = ()
    """When calls are shown and not said."""
    readings: tuple[tuple[Spoken, str, str], ...] = ()
    """(language, words as written, how they are read): Pinyin or Jyutping, for heteronyms."""


class _Found:
    """What rules are looked up by; found from them once, so no field of theirs."""

    __slots__ = ("_tables",)
    _tables: tuple[dict[str, Queue], dict[int, Window], dict[str, Item]]


@dataclass(frozen=True, slots=True)
class Rules(_Found):
    """Everything decided by people for one day."""

    hall: str
    hall_en: str
    seal: str
    timezone: str
    queues: tuple[Queue, ...]
    windows: tuple[Window, ...]
    workdays: tuple[int, ...]
    sessions: tuple[Span, ...]
    taking: tuple[Span, ...]
    default_queue: str
    stuck_queue: str
    categories: tuple[Category, ...] = ()
    items: tuple[Item, ...] = ()
    fittings: tuple[Fitting, ...] = ()
    notices: tuple[str, ...] = ()
    priority_credit_s: float = 1800.0
    no_show_after: int = 3
    recall_gap_s: float = 20.0
    recall_max: int = 5
    rejoin_behind: int = 3
    rejoin_max: int = 1
    undo_s: float = 10.0
    staff: tuple[Staff, ...] = ()
    sign_on: bool = False
    """Whether a window calls only when a clerk has signed on there."""
    cut_off: bool = True
    """Whether numbers end when the work left would not fit into the time left."""
    wait_yellow_s: float = 1200.0
    wait_red_s: float = 1800.0
    pause_yellow_s: float = 600.0
    pause_red_s: float = 900.0
    visit_over_factor: float = 2.0
    one_per_person: bool = True
    rating_open_s: float = 60.0
    reasons_open_s: float = 120.0
    """How long after a grade its reasons may be given."""
    reasons: tuple[str, ...] = ("wait", "papers", "trips", "attitude", "unsolved", "other")
    """Why a grade may be low; the words stand in the texts (`reason.wait`)."""
    print_wait_s: float = 300.0
    roll_m: float = 50.0
    """How much paper a new roll has."""
    voice: VoiceRules = VoiceRules()
    preprinted: Preprinted | None = Preprinted(901, 999)
    """Handed out while the PC is down, never issued by it; None where a hall has no such paper."""
    public_url: str = ""
    """Where the wait page is to be reached from a telephone; "" prints no code on tickets."""
    holidays: tuple[str, ...] = field(default=())
    workdays_extra: tuple[str, ...] = field(default=())

    def _table(self) -> tuple[dict[str, Queue], dict[int, Window], dict[str, Item]]:
        """Queues, windows and items by their names: a hall of 100 windows asks at every event."""
        try:
            tables = self._tables
        except AttributeError:
            tables = (
                {q.id: q for q in reversed(self.queues)},
                {w.number: w for w in reversed(self.windows)},
                {i.code: i for i in reversed(self.items)},
            )
            object.__setattr__(self, "_tables", tables)
        return tables

    def queue(self, queue_id: str) -> Queue | None:
        """The queue with that letter."""
        return self._table()[0].get(queue_id)

    def window(self, number: int) -> Window | None:
        """The window with that number."""
        return self.by_number.get(number)

    @property
    def by_number(self) -> dict[int, Window]:
        """All windows by their numbers."""
        return self._table()[1]

    def clerk(self, number: str) -> Staff | None:
        """The clerk with that number."""
        return next((s for s in self.staff if s.number == number), None)

    def item(self, code: str) -> Item | None:
        """The item with that code."""
        return self._table()[2].get(code)

    def fitting(self, device: str) -> Fitting | None:
        """How a device is fitted."""
        return next((f for f in self.fittings if f.device == device), None)

    def printers_for(self, place: str) -> tuple[str, ...]:
        """The printers that serve a kiosk or window, the first choice first.

        Those that name the place come before those that name none.
        """
        printers = [f for f in self.fittings if f.kind == "printer"]
        named = [f.device for f in printers if place in f.serves]
        unnamed = [f.device for f in printers if not f.serves]
        return tuple(named + unnamed)

    def works_on(self, day: str, weekday: int) -> bool:
        """Whether the hall opens on that date (holidays and made-up working days included)."""
        if day in self.workdays_extra:
            return True
        return weekday in self.workdays and day not in self.holidays
