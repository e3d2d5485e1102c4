"""The words of a self-test: how deep it goes, how a step ended, what can be wrong with a device.

The levels are UnifiedPOS's (CheckHealth): internal asks the device and disturbs nobody, external
makes it do something one can see or hear, interactive needs a person at the device.
"""

from collections.abc import Iterable
from typing import Literal

from hallctl.core.late import dataclass

Level = Literal["internal", "external", "interactive"]
Result = Literal["passed", "failed", "untested"]

Wrong = Literal[
    "",
    "unplug", "silence", "stall", "slow", "short_write", "stale_byte", "garbage", "noise",
    "byte_by_byte", "wrong_checksum", "wrong_address", "paper_low", "paper_out", "cover_open",
    "cutter_error", "error", "offline", "doubtful", "no_press", "not_shown", "no_sound",
    "no_question", "interrupted", "driver_error", "clock_unsynced", "clock_behind", "clock_zone",
    "disk_full", "disk_read_only", "journal_damaged", "deaf", "keys_lost", "wrong_setting", "late",
]  # fmt: skip
"""What is wrong, by one stable name; twins' fault switches have the same names.

silence: bytes went out and nothing came back (`MAY_BE`). stall: the wire takes no more bytes.
short_write: it took part of them. garbage: what came is no answer; noise: answers with dirt beside
them. byte_by_byte: the answer came in single bytes (it works, but look at the adapter). doubtful:
the device may or may not have done it. no_press: nobody pressed. deaf: it speaks, and does not
hear our answers. keys_lost: the computer lost presses. wrong_setting: devices.yaml says otherwise
than the device does. no_question: the device cannot be asked, so nothing was tested. late: it
answers, but later than its `answer_s` in devices.yaml.
"""

MAY_BE: dict[str, tuple[str, ...]] = {
    "silence": ("silence", "stall", "short_write", "wrong_address", "deaf"),
    "doubtful": ("doubtful", "silence", "stall", "short_write"),
    "deaf": ("deaf", "stall", "short_write"),
    "no_press": ("no_press", "silence", "stall", "short_write", "deaf"),
}
"""What cannot be told apart from this side of the wire."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """One finding as it is kept; the fields are those of a report's `Finding`."""

    step: str
    result: Result
    code: Wrong = ""
    evidence: str = ""


def verdict(results: Iterable[Result]) -> Result:
    """All steps together: failed when one failed, passed only when every one passed."""
    seen = set(results)
    if "failed" in seen:
        return "failed"
    return "passed" if seen == {"passed"} else "untested"
