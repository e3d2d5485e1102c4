"""What the API answers. Times are UNIX seconds (`_s`), waits whole minutes (`_min`)."""

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from hallctl.core.events import Opening
from hallctl.core.hall import WindowStatus
from hallctl.core.visit import Status

WORDS = {"zh": "A002 号现在等候中，不能叫。", "en": "A002 cannot be called: waiting."}


class Part(BaseModel):
    """What all have in common."""

    model_config = ConfigDict(frozen=True)


class Answered(Part):
    """When it was so: the hall's time, and the sequence of the last event that it tells of."""

    seq: int = Field(examples=[421])
    now_s: float = Field(examples=[1_795_397_400.0])


class HoursSpan(Part):
    """A stretch of the day, as `9:00`."""

    start: str = Field(examples=["9:00"])
    end: str = Field(examples=["12:00"])


class HallNow(Answered):
    """The hall itself."""

    name: str = Field(examples=["赤坭镇便民服务中心"])
    name_en: str = Field(examples=["Chini Town Service Hall"])
    day: str = Field(examples=["2026-11-23"])
    opening: Opening
    """before, open, lunch, after, holiday."""
    taking: bool
    """Whether numbers are given at this hour."""
    closed: bool
    """Whether the day has been closed: nobody is left."""
    evacuation: bool
    hours: list[HoursSpan]
    taking_hours: list[HoursSpan]
    notices: list[str]
    epoch: str = Field(examples=["9f3c0a11"])


class Wait(Part):
    """How long it may take, from and to: four calls in five come within. Say 约."""

    low_min: int = Field(examples=[9])
    high_min: int = Field(examples=[20])


class QueueNow(Part):
    """One queue. `wait` is for somebody who comes now; null when nobody can tell."""

    id: str = Field(examples=["A"])
    name: str = Field(examples=["综合"])
    name_en: str = Field(examples=["General"])
    waiting: int = Field(examples=[7])
    next: str | None = Field(description="The label of who is next.", examples=["A012"])
    oldest_wait_s: float | None = Field(examples=[640.0])
    open: bool = Field(description="Whether it gives numbers today.")
    wait: Wait | None


class Queues(Answered):
    """All queues, in the order of hall.yaml."""

    queues: list[QueueNow]


class WindowNow(Part):
    """One window. `label` is the ticket at it."""

    number: int = Field(examples=[3])
    name: str = Field(examples=["综合服务窗口"])
    name_en: str = Field(examples=["General"])
    state: WindowStatus
    since_s: float
    label: str | None = Field(examples=["A001"])
    visit: str | None = Field(examples=["2026-11-23-A001"])
    queues: list[str] = Field(examples=[["A", "L"]])
    pause_reason: str


class Windows(Answered):
    """All windows, in physical order."""

    windows: list[WindowNow]


class VisitNow(Answered):
    """One visit of today. `ahead` and `wait` while it waits, `window` once it was called."""

    id: str = Field(examples=["2026-11-23-A001"])
    label: str = Field(examples=["A001"])
    queue: str = Field(examples=["A"])
    item: str
    matters: list[str]
    priority: bool
    language: Literal["zh", "en"]
    status: Status
    window: int | None = Field(examples=[3])
    calls: int
    ahead: int | None = Field(examples=[4])
    wait: Wait | None
    issued_s: float
    called_s: float | None
    started_s: float | None
    finished_s: float | None


class DeviceNow(Part):
    """One device as last reported; `parts` such as paper: low."""

    name: str = Field(examples=["printer-1"])
    link: Literal["unknown", "up", "down"]
    since_s: float
    parts: dict[str, str] = Field(examples=[{"paper": "ok"}])
    evidence: str
    remedy: str


class Devices(Answered):
    """All devices that were heard of, by name."""

    devices: list[DeviceNow]


class AlertNow(Part):
    """Something that wants a supervisor's eye."""

    kind: str = Field(examples=["wait"])
    subject: str = Field(examples=["2026-11-23-A001"])
    level: str = Field(examples=["yellow"])
    words: str = Field(examples=["A001 号已等 21 分钟"])
    since_s: float


class Alerts(Answered):
    """What is alarming now."""

    alerts: list[AlertNow]


class CallNow(Part):
    """One call. `seq` is its event's; `times` counts recalls."""

    seq: int = Field(examples=[407])
    visit: str = Field(examples=["2026-11-23-A001"])
    label: str = Field(examples=["A001"])
    queue: str = Field(examples=["A"])
    window: int = Field(examples=[3])
    at_s: float
    times: int = Field(examples=[1])


class Calls(Answered):
    """Calls behind `since`, oldest first; not `complete` when there were more than are kept."""

    complete: bool
    calls: list[CallNow]


class Done(Part):
    """The command was carried out: now, or when it came with this id before."""

    id: str = Field(examples=["5f0c9b1e"])
    ok: Literal[True] = True
    result: dict[str, Any] = Field(examples=[{"visit": "2026-11-23-A001", "label": "A001"}])


class Refusal(Part):
    """A no. `code` is for programs and stays, `words` by language are for people."""

    ok: Literal[False] = False
    code: str = Field(examples=["nobody_waits"])
    words: dict[str, str] = Field(examples=[WORDS])
    id: str | None = Field(default=None, description="Of the command.", examples=["5f0c9b1e"])
    since_s: float | None = Field(
        default=None, description="With `stale`: since when the hall is silent."
    )
    wait_s: float | None = Field(default=None, description="With `too_fast`: ask again then.")


class Health(Part):
    """Whether this process hears the hall; `since_s` since when it does not."""

    ok: bool
    since_s: float | None = None
