"""The twin of an LED board that shows one number: `3A colour lo hi 01 sum 0A`, nothing comes back.

Options: `window`; `first_byte` (low or high) and `sum_from` (begin or colour), as devices.yaml says
the board counts. A board is four figures wide.
"""

from typing import Any, ClassVar

from hallctl.simulator.twins import strips

FRAME_BYTES = 7
HIGHEST = 9999
COLUMNS = 2
"""Four figures are as wide as two ideographs."""
ONLY = 0
"""The board has no address; this stands for it."""


class Led3aTwin(strips.StripsTwin):
    """One board. What is wrong with it cannot be heard, so it has no faults of its own."""

    FAULTS: ClassVar[tuple[str, ...]] = ()

    def __init__(self, options: dict[str, Any]) -> None:
        super().__init__({"strips": {ONLY: options["window"]}, "columns": COLUMNS})
        self._high_first = options.get("first_byte") == "high"
        self._skipped = 1 if options.get("sum_from") == "colour" else 0
        self._window = bytearray()

    def receive(self, data: bytes, now: float) -> bytes:  # noqa: ARG002
        """Whatever seven bytes are a frame; what stands before one is junk."""
        junk = bytearray()
        for byte in data:
            self._window.append(byte)
            if self._is_frame():
                self._show(bytes(self._window))
                self._window.clear()
            elif len(self._window) == FRAME_BYTES:
                junk.append(self._window.pop(0))
        self.spoilt(bytes(junk))
        return b""

    def _is_frame(self) -> bool:
        if len(self._window) != FRAME_BYTES:
            return False
        begin, *_, always, check, end = self._window
        total = 0
        for byte in self._window[self._skipped : -2]:
            total = (total + byte) & 0xFF
        return (begin, always, check, end) == (0x3A, 0x01, total, 0x0A)

    def _show(self, frame: bytes) -> None:
        strip = self.strip_at(ONLY)
        if strip is None:
            return
        low, high = (frame[3], frame[2]) if self._high_first else (frame[2], frame[3])
        number = high << 8 | low
        strip.asked(frame, known=number <= HIGHEST)
        if number <= HIGHEST:
            strip.text, strip.own = str(number), {"colour": frame[1]}
        self.changed += 1
