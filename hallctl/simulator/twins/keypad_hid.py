"""The twin of a clerk's USB numeric keypad: keys in, the kernel's events out (domain notes 3.3).

Options: `window`.
"""

from typing import Any, ClassVar

from hallctl.simulator.twins.base import Twin
from hallctl.simulator.twins.hid_stream import overrun, stroke

STROKES = {
    "1": (79, 0x59), "2": (80, 0x5A), "3": (81, 0x5B), "4": (75, 0x5C), "5": (76, 0x5D),
    "6": (77, 0x5E), "7": (71, 0x5F), "8": (72, 0x60), "9": (73, 0x61), "0": (82, 0x62),
    "enter": (96, 0x58), "+": (78, 0x57), "-": (74, 0x56), "*": (55, 0x55), "/": (98, 0x54),
    ".": (83, 0x63), "backspace": (14, 0x2A), "numlock": (69, 0x53),
}  # fmt: skip
"""Each key with the kernel's code and its number in the HID tables."""
MAIN = {
    "1": (2, 0x1E), "2": (3, 0x1F), "3": (4, 0x20), "4": (5, 0x21), "5": (6, 0x22), "6": (7, 0x23),
    "7": (8, 0x24), "8": (9, 0x25), "9": (10, 0x26), "0": (11, 0x27), "enter": (28, 0x28),
    "-": (12, 0x2D), "/": (53, 0x38), ".": (52, 0x37),
}  # fmt: skip
WORDS = {
    "call": ("enter",), "recall": ("+",), "no_show": ("-",), "transfer": ("*",), "pause": ("/",),
    "rate": (".",), "finish": ("0", "-"), "hold": ("0", "*"), "resume": ("0", "+"),
    "start": ("0", "enter"), "cancel": ("0", "/"),
}  # fmt: skip
"""What a clerk wants, as the keys to press."""


class KeypadHidTwin(Twin):
    """One keypad. With `keys_lost` the computer is too slow, and the kernel drops events."""

    FAULTS: ClassVar[tuple[str, ...]] = ("keys_lost",)

    def __init__(self, options: dict[str, Any]) -> None:
        super().__init__(options)
        self._received = 0
        self._typed: list[str] = []

    def receive(self, data: bytes, now: float) -> bytes:  # noqa: ARG002
        """Nothing is ever said to a keypad; what is, is counted."""
        self._received += len(data)
        return b""

    def press(self, what: dict[str, Any], now: float) -> bytes:
        """`{"key": "enter"}` or `{"key": "call", "digits": "012"}`.

        `held` keeps the last key down, `main` takes the keys of a main keyboard, `raw` is hex.
        Raises ValueError for a key that is not there.
        """
        if "raw" in what:
            return bytes.fromhex(what["raw"])
        key = str(what.get("key") or what.get("keys") or "")
        keys = (*str(what.get("digits", "")), *WORDS.get(key, (key,) if key else ()))
        table = MAIN if what.get("main") else STROKES
        if not keys or any(one not in table for one in keys):
            raise ValueError(f"the keypad has no such key: {what}")
        self.changed += 1
        self._typed = [*self._typed, *keys][-20:]
        said = overrun(now) if "keys_lost" in self.faults else b""
        for at, one in enumerate(keys):
            code, usage = table[one]
            held = bool(what.get("held")) and at == len(keys) - 1
            said += stroke(code, usage, now, held=held)
        return said

    def state(self) -> dict[str, Any]:
        """The last keys, and bytes that nobody should have sent."""
        return {
            "window": self.options.get("window"),
            "typed": list(self._typed),
            "received_bytes": self._received,
            "faults": sorted(self.faults),
        }
