"""hall.yaml: what the supervisor decides. Times of day as `9:00`, the rest in plain words."""

import re
from datetime import date
from typing import Annotated, Final, Literal

from pydantic import AfterValidator, BeforeValidator, Field

from hallctl.config.validating import Part
from hallctl.core.rules import Preprinted, Span
from hallctl.core.speech import MOST_WINDOWS

DAY_S: Final = 24 * 3600
WEEKDAYS: Final = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_PERSONAL: Final = re.compile(
    "name|姓|名|phone|mobile|tel|电话|手机|mail|邮|birth|生日|photo|照|身份|id_?card|sex|性别",
    re.IGNORECASE,
)
_SPAN: Final = re.compile(r"(\d{1,2}):([0-5]\d)\s*[-–—]\s*(\d{1,2}):([0-5]\d)", re.ASCII)


def span_of(text: str) -> Span:
    """`9:00-12:00` as a Span. Raises ValueError with words for the person at the editor."""
    found = _SPAN.fullmatch(text.strip())
    if found is None:
        raise ValueError(f"'{text}' is no stretch of the day, which is written 9:00-12:00")
    hour, minute, end_hour, end_minute = map(int, found.groups())
    start_s, end_s = hour * 3600 + minute * 60, end_hour * 3600 + end_minute * 60
    if not start_s < end_s <= DAY_S:
        raise ValueError(f"'{text}' must end after it begins, and by 24:00")
    return Span(start_s, end_s)


def _is_span(text: str) -> str:
    span_of(text)
    return text


def _is_date(text: str) -> str:
    try:
        same = date.fromisoformat(text).isoformat() == text
    except ValueError:
        same = False
    if not same:
        raise ValueError(f"'{text}' is no date, which is written 2026-10-01")
    return text


def _is_line(text: str) -> str:
    if not text.strip():
        raise ValueError("must not be empty")
    if "\n" in text:
        raise ValueError("must be one line")
    return text.strip()


def _is_prefix(text: str) -> str:
    if any(char.isdigit() or char.isspace() for char in text):
        raise ValueError(f"the prefix '{text}' must hold no digit and no space")
    return text


def written(pattern: str, words: str) -> AfterValidator:
    """A text must match; `words` say in plain language how it is written."""
    form = re.compile(pattern, re.ASCII)

    def check(text: str) -> str:
        if not form.fullmatch(text):
            raise ValueError(f"'{text[:40]}' must be {words}")
        return text

    return AfterValidator(check)


Words = Annotated[str, Field(min_length=1, max_length=80), AfterValidator(_is_line)]
Notice = Annotated[str, Field(min_length=1, max_length=200), AfterValidator(_is_line)]
SpanText = Annotated[str, AfterValidator(_is_span)]
DateText = Annotated[str, AfterValidator(_is_date)]
Prefix = Annotated[str, Field(min_length=1, max_length=2), AfterValidator(_is_prefix)]
QueueId = Annotated[str, written(r"[A-Z]", "one capital letter, such as A")]
Slug = Annotated[
    str, written(r"[a-z][a-z0-9-]{0,39}", "small letters, digits and hyphens, such as id-card")
]
WindowNumber = Annotated[int, Field(ge=1, le=MOST_WINDOWS)]


def _is_quoted(number: object) -> object:
    """A clerk's number without quotes has already lost its zeros."""
    if isinstance(number, int):
        words = f'must stand in quotes so that its zeros stay, as "0601", not {number}'
        raise ValueError(words)  # noqa: TRY004 - pydantic tells a ValueError
    return number


StaffNumber = Annotated[
    str,
    BeforeValidator(_is_quoted),
    written(r"[0-9]{2,8}", "a clerk's number (工号) of 2 to 8 digits, never a name"),
]
Percent = Annotated[int, Field(ge=0, le=100)]


def clock_s(text: str) -> int:
    """`9:00` as seconds of the day. Raises ValueError with words for the person at the editor."""
    found = re.fullmatch(r"(\d{1,2}):([0-5]\d)", text.strip(), re.ASCII)
    if found is None or int(found[1]) > 23:  # noqa: PLR2004 - the last hour of a day
        raise ValueError(f"'{text}' is no time of day, which is written 9:00 and stands in quotes")
    return int(found[1]) * 3600 + int(found[2]) * 60


def _is_clock(text: str) -> str:
    clock_s(text)
    return text


_RANGE: Final = re.compile(r"([1-9]\d{0,3})\s*[-–—]\s*([1-9]\d{0,3})", re.ASCII)


def preprinted_of(text: str) -> Preprinted | None:
    """`901-999`, or `none`. Raises ValueError with words for the person at the editor."""
    if text.strip() == "none":
        return None
    found = _RANGE.fullmatch(text.strip())
    if found is None:
        raise ValueError(f"'{text}' is no stretch of numbers, which is written 901-999, or none")
    first, last = int(found[1]), int(found[2])
    if not first <= last:
        raise ValueError(f"'{text}' must end after it begins")
    return Preprinted(first, last)


def _is_preprinted(text: str) -> str:
    preprinted_of(text)
    return text


ClockText = Annotated[str, AfterValidator(_is_clock)]
Minutes = Annotated[float, Field(ge=0, le=240, allow_inf_nan=False)]
Quota = Annotated[int, Field(ge=0, le=9999)]


class QueueEntry(Part):
    """A line of people; its key in the file is its letter."""

    name: Words = Field(examples=["综合"])
    name_en: Words = Field(examples=["General"])
    short: Words = Field(examples=["综合"])
    prefix: Prefix = Field(examples=["A"])
    windows: tuple[WindowNumber, ...] = Field(min_length=1, examples=["[1, 2, 3]"])
    standard_min: float = Field(default=8.0, gt=0, le=240, allow_inf_nan=False, examples=["8"])
    quotas: tuple[Quota, ...] = Field(default=(), examples=["[60, 60]"])


class WindowEntry(Part):
    """A place where residents are served; its key in the file is its number."""

    name: Words = Field(examples=["综合服务窗口"])
    name_en: Words = Field(examples=["General"])
    short: Words = Field(examples=["综合"])
    helps: dict[QueueId, Minutes] = Field(default={}, examples=["{A: 10}"])


class StaffEntry(Part):
    """A clerk; the key in the file is the number (工号). Nothing here may say who that is."""

    a: tuple[WindowNumber, ...] = Field(default=(), examples=["[6]"])
    b: tuple[WindowNumber, ...] = Field(default=(), examples=["[7]"])

    @classmethod
    def unknown(cls, key: object) -> tuple[str, str] | None:
        """A name, a telephone: refused with the reason."""
        if not _PERSONAL.search(str(key)):
            return None
        words = "names and other personal data have no place here (privacy); a clerk is a number"
        return words, "Take it out. Who has which number stays in the hall's own staff list."


class CategoryEntry(Part):
    """A tile of the kiosk's home page; its key in the file is what catalogue.yaml calls it."""

    name: Words = Field(examples=["社会保障"])
    name_en: Words = Field(examples=["Social security"])
    icon: Slug = Field(examples=["shield-check"])
    queue: QueueId = Field(examples=["B"])


class RulesEntry(Part):
    """The numbers of the house; a key that is left out keeps the value shown in the example."""

    priority_credit_min: float = Field(
        default=30.0, ge=0, le=240, allow_inf_nan=False, examples=["30"]
    )
    no_show_after_calls: int = Field(default=3, ge=1, le=20, examples=["3"])
    recall_gap_s: float = Field(default=20.0, ge=0, le=600, allow_inf_nan=False, examples=["20"])
    recall_max: int = Field(default=5, ge=1, le=50, examples=["5"])
    rejoin_behind: int = Field(default=3, ge=0, le=50, examples=["3"])
    rejoin_max: int = Field(default=1, ge=0, le=20, examples=["1"])
    undo_s: float = Field(default=10.0, ge=0, le=120, allow_inf_nan=False, examples=["10"])
    cut_off: bool = Field(default=True, examples=["true"])
    one_per_person: bool = Field(default=True, examples=["true"])
    wait_yellow_min: Minutes = Field(default=20.0, examples=["20"])
    wait_red_min: Minutes = Field(default=30.0, examples=["30"])
    pause_yellow_min: Minutes = Field(default=10.0, examples=["10"])
    pause_red_min: Minutes = Field(default=15.0, examples=["15"])
    visit_over_factor: float = Field(default=2.0, ge=1, le=20, allow_inf_nan=False, examples=["2"])
    rating_open_s: float = Field(default=60.0, ge=5, le=600, allow_inf_nan=False, examples=["60"])
    print_wait_min: float = Field(default=5.0, ge=0, le=60, allow_inf_nan=False, examples=["5"])
    roll_m: float = Field(default=50.0, gt=0, le=1000, allow_inf_nan=False, examples=["50"])
    preprinted: Annotated[str, AfterValidator(_is_preprinted)] = Field(
        default="901-999", examples=["901-999"]
    )


class VoiceEntry(Part):
    """How the voice calls; a key that is left out keeps the value shown in the example."""

    languages: tuple[Literal["mandarin", "cantonese", "english"], ...] = Field(
        default=("mandarin", "cantonese"), max_length=3, examples=["[mandarin, cantonese]"]
    )
    repeats: int = Field(default=1, ge=1, le=3, examples=["1"])
    one: Literal["yi", "yao"] = Field(default="yi", examples=["yi"])
    pile_up: int = Field(default=3, ge=1, le=50, examples=["3"])
    english_on_ticket: bool = Field(default=True, examples=["true"])
    say_missed: bool = Field(default=False, examples=["false"])
    say_lunch: bool = Field(default=True, examples=["true"])
    volume: Percent = Field(default=80, examples=["80"])
    volumes: dict[ClockText, Percent] = Field(default={}, examples=['{"12:00": 50, "13:00": 80}'])
    quiet: tuple[SpanText, ...] = Field(default=(), examples=["[12:30-12:50]"])
    readings: dict[Literal["mandarin", "cantonese", "english"], dict[Words, Words]] = Field(
        default={}, examples=["{mandarin: {重庆: chong2 qing4}}"]
    )


class HallFile(Part):
    """The whole of hall.yaml."""

    hall: Words = Field(examples=["赤坭镇便民服务中心"])
    hall_en: Words = Field(examples=["Chini Town Service Hall"])
    seal: Annotated[Words, Field(max_length=4)] = Field(examples=["赤坭"])
    timezone: str = Field(examples=["Asia/Shanghai"])
    workdays: tuple[Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"], ...] = Field(
        min_length=1, examples=["[mon, tue, wed, thu, fri]"]
    )
    hours: tuple[SpanText, ...] = Field(min_length=1, examples=["[9:00-12:00, 13:00-17:00]"])
    taking: tuple[SpanText, ...] = Field(min_length=1, examples=["[8:45-11:45, 11:45-16:45]"])
    holidays: tuple[DateText, ...] = Field(default=(), examples=["[2026-10-01]"])
    workdays_extra: tuple[DateText, ...] = Field(default=(), examples=["[2026-10-10]"])
    default_queue: QueueId = Field(examples=["A"])
    stuck_queue: QueueId = Field(examples=["F"])
    windows: dict[WindowNumber, WindowEntry] = Field(
        min_length=1, examples=["{1: {name: 综合服务窗口, name_en: General, short: 综合}}"]
    )
    queues: dict[QueueId, QueueEntry] = Field(
        min_length=1,
        examples=["{A: {name: 综合, name_en: General, short: 综合, prefix: A, windows: [1]}}"],
    )
    categories: dict[Slug, CategoryEntry] = Field(
        min_length=1,
        examples=["{farming: {name: 农业农村, name_en: Farming, icon: sprout, queue: A}}"],
    )
    staff: dict[StaffNumber, StaffEntry] = Field(
        default={}, examples=['{"0601": {a: [6], b: [7]}}']
    )
    sign_on: bool = Field(default=False, examples=["false"])
    notices: tuple[Notice, ...] = Field(default=(), examples=["[请带齐材料。]"])
    voice: VoiceEntry = Field(default=VoiceEntry(), examples=["{languages: [mandarin]}"])
    rules: RulesEntry = Field(default=RulesEntry(), examples=["{recall_gap_s: 20}"])
