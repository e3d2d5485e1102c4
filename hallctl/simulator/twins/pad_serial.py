"""The twin of a rating pad on a serial line: `ASK <label>`, `THANKS`, `IDLE` in, `R<grade>` out.

Text is GB18030, as in all such units. After a thank-you the pad goes dark by itself.

Options: `window`.
"""

from collections import deque
from typing import Any, ClassVar

from hallctl.simulator.twins.base import Twin

LINES_KEPT = 30
LINE_MAX_BYTES = 256
THANKS_S = 5.0
GRADES = {5: "非常满意", 4: "满意", 3: "基本满意", 2: "不满意", 1: "非常不满意"}


class PadSerialTwin(Twin):
    """Five keys and a small display. `noise`: every press comes with dirt before it."""

    FAULTS: ClassVar[tuple[str, ...]] = ("noise",)

    def __init__(self, options: dict[str, Any]) -> None:
        super().__init__(options)
        self._stream = bytearray()
        self._lines: deque[str] = deque(maxlen=LINES_KEPT)
        self._unknown: deque[str] = deque(maxlen=LINES_KEPT)
        self._shows = "idle"
        self._label = ""
        self._thanked_at = 0.0
        self._presses = 0

    def receive(self, data: bytes, now: float) -> bytes:
        """Take lines; the pad answers nothing until somebody presses."""
        self._stream += data
        while b"\n" in self._stream:
            line, _, rest = bytes(self._stream).partition(b"\n")
            self._stream = bytearray(rest)
            self._read(line.rstrip(b"\r").decode("gb18030", "backslashreplace"), now)
        if len(self._stream) > LINE_MAX_BYTES:
            self._unknown.append(self._stream.hex(" "))
            self._stream.clear()
        return b""

    def _read(self, line: str, now: float) -> None:
        self.changed += 1
        self._lines.append(line)
        word, _, label = line.partition(" ")
        if word == "ASK":
            self._shows, self._label = "asking", label
        elif line == "THANKS":
            self._shows, self._thanked_at = "thanks", now
        elif line == "IDLE":
            self._shows, self._label = "idle", ""
        else:
            self._unknown.append(line)

    def wake(self, now: float) -> bytes:
        """The thank-you fades."""
        if self._shows == "thanks" and now - self._thanked_at >= THANKS_S:
            self._shows, self._label = "idle", ""
            self.changed += 1
        return b""

    def press(self, what: dict[str, Any], now: float) -> bytes:  # noqa: ARG002
        """`{"grade": 5}`, or `{"raw": "hex"}`. Raises ValueError for a key it does not have."""
        if "raw" in what:
            return bytes.fromhex(what["raw"])
        grade = what.get("grade")
        if grade not in GRADES:
            raise ValueError(f"the pad has the keys 1 to 5, not {grade}")
        self._presses += 1
        self.changed += 1
        dirt = b"\xfe\x00R\x80" if "noise" in self.faults else b""
        return dirt + f"R{grade}\r\n".encode()

    def state(self) -> dict[str, Any]:
        """What the pad shows, and the lines it was sent."""
        return {
            "window": self.options.get("window"),
            "asking": self._shows == "asking",
            "thanks": self._shows == "thanks",
            "label": self._label,
            "lines": list(self._lines),
            "unknown": list(self._unknown),
            "presses": self._presses,
            "faults": sorted(self.faults),
        }
