"""The ticket a resident has got, as the daemon's answer tells of it."""

from dataclasses import dataclass

from hallctl.core.rules import Klass


@dataclass(slots=True)
class Got:
    """The ticket on the screen. `before` says that it is one the resident already had."""

    visit: str
    label: str
    queue: str
    paper: bool
    ahead: int
    low_min: int
    high_min: int
    priority: bool
    since_s: float
    before: bool = False
    again: str = ""
    """The id of the reprint asked for, until it is answered."""


def got(result: dict[str, object], klass: Klass, now_s: float) -> Got:
    """The ticket of an answer; `klass` is what was asked for, `now_s` the screen's own seconds."""
    return Got(
        visit=str(result["visit"]),
        label=str(result["label"]),
        queue=str(result["queue"]),
        paper=bool(result.get("job")),
        ahead=int(str(result.get("ahead", 0))),
        low_min=int(str(result.get("wait_low_min", 0))),
        high_min=int(str(result.get("wait_high_min", 0))),
        priority=klass == "priority",
        since_s=now_s,
        before=result.get("again") is True,
    )
