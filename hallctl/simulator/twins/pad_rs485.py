"""The twin of an RS-485 bus with four-key rating pads on it.

A pad sends `CMD 11` with 0 不满意, 1 (its default), 2 满意 or 3 非常满意, and again until the host
answers `CMD 01` with the same number (domain notes 3.2). `CMD 01 0B` lights the keys, `CMD 03`
beeps, `CMD 02 05` shows five stars. A pad that is asked goes dark by itself.

Options: `windows` {address: window}.
"""

import random
from collections import deque
from dataclasses import dataclass, field
from typing import Any, ClassVar

from hallctl.simulator.twins.base import Twin, by_address
from hallctl.simulator.twins.ff68_stream import FrameReader, framed

RESULT_OF_GRADE = {5: 3, 4: 2, 3: 1, 2: 0}
NAMES = {3: "非常满意", 2: "满意", 1: "基本满意", 0: "不满意"}
ACK_WAIT_S = 0.5
EARLY_S = 0.03
"""A twin is woken every 50 ms only, so it is a little early rather than late."""
RESENDS = 3
LIT_S = 15.0
OTHER_ADDRESS = 0x40


@dataclass(slots=True)
class _Pad:
    """One pad: what it shows, and the grade it waits to have heard."""

    window: int
    lit_at: float | None = None
    queue: deque[int] = field(default_factory=deque)
    out: int | None = None
    out_at: float = 0.0
    tries: int = 0
    acks: int = 0
    resent: int = 0
    unanswered: int = 0
    beeps: int = 0
    stars: int | None = None
    asked: int = 0


class PadRs485Twin(Twin):
    """Several pads on one bus. `deaf` pads hear nothing; `noise` puts dirt on the wire.

    With `wrong_checksum` every sum is wrong, with `wrong_address` the switches stand wrong.
    """

    FAULTS: ClassVar[tuple[str, ...]] = ("deaf", "noise", "wrong_checksum", "wrong_address")

    def __init__(self, options: dict[str, Any]) -> None:
        super().__init__(options)
        windows = by_address(options.get("windows", {}))
        self._pads = {address: _Pad(window) for address, window in windows.items()}
        self._resend_s = ACK_WAIT_S - EARLY_S
        self._reader = FrameReader()
        self._foreign = 0
        self._dirt = random.Random(17)  # noqa: S311 - noise that is the same in every run

    def receive(self, data: bytes, now: float) -> bytes:
        """Orders and answers from the host."""
        if "deaf" in self.faults:
            return b""
        said = b""
        for body in self._reader.take(data):
            self.changed += 1
            pad = self._pads.get(body[0])
            if pad is None:
                self._foreign += 1
            else:
                said += self._told(body[0], pad, body[1], body[2:], now)
        return said

    def _told(self, address: int, pad: _Pad, command: int, data: bytes, now: float) -> bytes:
        if command == 0x01 and data == b"\x0b":
            pad.lit_at = now
            pad.asked += 1
        elif command == 0x01 and pad.out is not None and data == bytes((pad.out,)):
            pad.out = None
            pad.acks += 1
            pad.lit_at = None
        elif command == 0x03:  # noqa: PLR2004
            pad.beeps += 1
        elif command == 0x02 and len(data) == 1:  # noqa: PLR2004
            pad.stars = data[0]
        else:
            self._reader.bad.append(framed(bytes((address, command)) + data).hex(" "))
        return self._next(address, pad, now)

    def wake(self, now: float) -> bytes:
        """Repeat what was not answered; go dark."""
        said = b""
        for address, pad in self._pads.items():
            if pad.lit_at is not None and now - pad.lit_at >= LIT_S:
                pad.lit_at = None
                self.changed += 1
            if pad.out is None or now - pad.out_at < self._resend_s:
                continue
            self.changed += 1
            if pad.tries > RESENDS:
                pad.out = None
                pad.unanswered += 1
                said += self._next(address, pad, now)
            else:
                pad.tries, pad.out_at = pad.tries + 1, now
                pad.resent += 1
                said += self._on_wire(address, pad.out)
        return said

    def _next(self, address: int, pad: _Pad, now: float) -> bytes:
        if pad.out is not None or not pad.queue:
            return b""
        pad.out, pad.out_at, pad.tries = pad.queue.popleft(), now, 1
        return self._on_wire(address, pad.out)

    def _on_wire(self, address: int, result: int) -> bytes:
        if "wrong_address" in self.faults:
            address = (address + OTHER_ADDRESS) & 0xFF
        frame = framed(bytes((address, 0x11, result)))
        if "wrong_checksum" in self.faults:
            frame = frame[:-2] + bytes((frame[-2] ^ 0xFF, frame[-1]))
        if "noise" not in self.faults:
            return frame
        return self._dirt.randbytes(3) + frame + self._dirt.randbytes(2)

    def press(self, what: dict[str, Any], now: float) -> bytes:
        """`{"window": 3, "grade": 5}`, or `result` 0 to 3 for the pad's own number, or `raw` hex.

        Raises ValueError for a window or a key that is not there.
        """
        self.changed += 1
        if "raw" in what:
            return bytes.fromhex(what["raw"])
        found = [(a, p) for a, p in self._pads.items() if p.window == what.get("window")]
        if not found:
            raise ValueError(f"no pad of window {what.get('window')} on this bus")
        result = what.get("result", RESULT_OF_GRADE.get(what.get("grade", 0)))
        if result not in NAMES:
            raise ValueError(f"the pad has four keys, none of them {what}")
        address, pad = found[0]
        pad.queue.append(result)
        return self._next(address, pad, now)

    def state(self) -> dict[str, Any]:
        """Every pad by its window, and what nobody understood."""
        return {
            "windows": {
                str(pad.window): {
                    "address": address,
                    "keys": [NAMES[n] for n in sorted(NAMES, reverse=True)],
                    "asking": pad.lit_at is not None,
                    "asked": pad.asked,
                    "acks": pad.acks,
                    "resent": pad.resent,
                    "unanswered": pad.unanswered,
                    "pending": len(pad.queue) + (pad.out is not None),
                    "beeps": pad.beeps,
                    "stars": pad.stars,
                }
                for address, pad in self._pads.items()
            },
            "bad": list(self._reader.bad),
            "foreign": self._foreign,
            "faults": sorted(self.faults),
        }
