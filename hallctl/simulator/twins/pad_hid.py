"""The twin of a rating pad that is a USB keyboard with the keys 1 to 5 (domain notes 3.5).

Options: `window`, `grades` {digit typed: grade}.
"""

from typing import Any, ClassVar

from hallctl.simulator.twins.base import Twin
from hallctl.simulator.twins.hid_stream import overrun, stroke

FIRST_CODE, FIRST_USAGE = 2, 0x1E
"""Key 1 of a main keyboard in the kernel's list and in the HID tables; the others follow it."""


class PadHidTwin(Twin):
    """Five keys, no light. With `keys_lost` the computer is too slow, and events are dropped."""

    FAULTS: ClassVar[tuple[str, ...]] = ("keys_lost",)

    def __init__(self, options: dict[str, Any]) -> None:
        super().__init__(options)
        grades = options.get("grades") or {n: n for n in range(1, 6)}
        self._digit_of = {int(grade): int(digit) for digit, grade in grades.items()}
        self._presses = 0
        self._received = 0

    def receive(self, data: bytes, now: float) -> bytes:  # noqa: ARG002
        """Nothing is ever said to such a pad; what is, is counted."""
        self._received += len(data)
        return b""

    def press(self, what: dict[str, Any], now: float) -> bytes:
        """`{"grade": 5}`; `held` keeps it down, `raw` is hex. Raises ValueError for another key."""
        if "raw" in what:
            return bytes.fromhex(what["raw"])
        digit = self._digit_of.get(what.get("grade", 0))
        if digit is None:
            raise ValueError(f"the pad has no such key: {what}")
        self._presses += 1
        self.changed += 1
        said = overrun(now) if "keys_lost" in self.faults else b""
        step = (digit - 1) % 10
        return said + stroke(
            FIRST_CODE + step, FIRST_USAGE + step, now, held=bool(what.get("held"))
        )

    def state(self) -> dict[str, Any]:
        """How often it was pressed."""
        return {
            "window": self.options.get("window"),
            "keys": sorted(self._digit_of, reverse=True),
            "presses": self._presses,
            "received_bytes": self._received,
            "faults": sorted(self.faults),
        }
