"""The twin of one RS-485 bus with the clerks' 21-key keypads on it.

Frames (domain.md 3.2): `FF 68 | L | L | 68 | ADDR | CMD | DATA… | CS | 16`, CS the sum of ADDR to
DATA. A keypad speaks when a key is pressed and repeats itself until the host has echoed the
frame; the CMD of an upload is not documented, so option `upload_cmd` sets it (any but 11 hex).

Options: `windows` {address: window}; `exact_resend_s` for a test that wakes it all the time.
"""

import random
from collections import deque
from dataclasses import dataclass, field
from typing import Any, ClassVar

from hallctl.simulator.twins.base import Twin, by_address
from hallctl.simulator.twins.ff68_stream import FrameReader, framed

KEYS = {
    "call": "0C", "recall": "0D", "rate": "0B", "cancel": "0E", "confirm": "0F", "line": "11",
    "pause": "12", "transfer": "13", "no_show": "06 0F", "hold": "00 0F", "resume": "03 0F",
}  # fmt: skip
"""What is on a keypad, as the bytes it sends; the last three are typed as a digit and 确认."""
RATING_CMD = 0x11
RESULT_OF_GRADE = {5: 3, 4: 2, 3: 1, 2: 0, 1: 0}
"""The four-key unit behind a keypad: 3 非常满意, 2 满意, 1 基本满意, 0 不满意."""
ACK_WAIT_S = 0.5
EARLY_S = 0.03
"""A twin is woken every 50 ms only, so it is a little early rather than late."""
RESENDS = 3
NO_DIGIT = 0x0A
"""A digit that the host leaves as it is."""
OTHER_ADDRESS = 0x40
"""Added to the address of a keypad whose switches stand wrong."""


@dataclass(slots=True)
class _Upload:
    """A frame on its way to the host, until it is echoed."""

    body: bytes
    sent_at: float
    tries: int = 1


@dataclass(slots=True)
class _Keypad:
    """One keypad: what it shows and what it has been told."""

    window: int
    waiting: list[int] = field(default_factory=lambda: [NO_DIGIT] * 3)
    ticket: list[int] = field(default_factory=lambda: [NO_DIGIT] * 3)
    queue: deque[bytes] = field(default_factory=deque)
    upload: _Upload | None = None
    acks: int = 0
    sent: int = 0
    resent: int = 0
    unanswered: int = 0
    beeps: int = 0
    ratings: int = 0
    stars: int | None = None
    last: str = ""

    def state(self, address: int) -> dict[str, Any]:
        """Digits as on its display, with spaces where nothing was ever shown."""
        shown = self.waiting, self.ticket
        waiting, ticket = ("".join(" " if d > 9 else str(d) for d in row) for row in shown)  # noqa: PLR2004
        return {
            "address": address,
            "waiting": waiting.strip(),
            "ticket": ticket.strip(),
            "acks": self.acks,
            "sent": self.sent,
            "resent": self.resent,
            "unanswered": self.unanswered,
            "pending": len(self.queue) + (self.upload is not None),
            "beeps": self.beeps,
            "ratings_asked": self.ratings,
            "stars": self.stars,
            "last": self.last,
        }


class KeypadRs485Twin(Twin):
    """Several keypads on one bus. `deaf` keypads hear nothing; `noise` puts dirt on the wire.

    With `wrong_checksum` every sum is wrong, with `wrong_address` the switches stand wrong.
    """

    FAULTS: ClassVar[tuple[str, ...]] = ("deaf", "noise", "wrong_checksum", "wrong_address")

    def __init__(self, options: dict[str, Any]) -> None:
        super().__init__(options)
        windows = by_address(options.get("windows", {}))
        self._pads = {address: _Keypad(window) for address, window in windows.items()}
        self._command = int(options.get("upload_cmd", 0x06))
        self._resend_s = float(options.get("exact_resend_s", ACK_WAIT_S - EARLY_S))
        self._reader = FrameReader()
        self._foreign = 0
        self._dirt = random.Random(485)  # noqa: S311 - noise that is the same in every run

    def receive(self, data: bytes, now: float) -> bytes:
        """Read what the host sends; a keypad answers only by going on to its next press."""
        if "deaf" in self.faults:
            return b""
        said = bytearray()
        bad = len(self._reader.bad)
        for body in self._reader.take(data):
            self.changed += 1
            pad = self._pads.get(body[0])
            if pad is None:
                self._foreign += 1
            else:
                self._told(pad, body)
                said += self._next_upload(pad, now)
        self.changed += len(self._reader.bad) != bad
        return bytes(said)

    def _told(self, pad: _Keypad, body: bytes) -> None:
        """One frame for this keypad: the echo it waits for, or an order."""
        command, data = body[1], body[2:]
        pad.last = framed(body).hex(" ")
        if pad.upload is not None and body == _echo(pad.upload.body):
            pad.upload = None
            pad.acks += 1
        elif command == 0x02 and len(data) == 6:  # noqa: PLR2004
            pad.waiting = _shown(pad.waiting, data[:3])
            pad.ticket = _shown(pad.ticket, data[3:])
        elif command == 0x02 and len(data) == 1:  # noqa: PLR2004
            pad.stars = data[0]
        elif command == 0x03:  # noqa: PLR2004
            pad.beeps += 1
        elif command == 0x01 and data == b"\x0b":
            pad.ratings += 1
        else:
            # A late echo of a frame given up, or something no keypad knows.
            self._reader.bad.append(pad.last)

    def wake(self, now: float) -> bytes:
        """Repeat what was not echoed in time; give up after the third repetition."""
        said = bytearray()
        for pad in self._pads.values():
            upload = pad.upload
            if upload is None or now - upload.sent_at < self._resend_s:
                continue
            self.changed += 1
            if upload.tries > RESENDS:
                pad.upload = None
                pad.unanswered += 1
                said += self._next_upload(pad, now)
            else:
                upload.tries += 1
                upload.sent_at = now
                pad.resent += 1
                said += self._on_wire(upload.body)
        return bytes(said)

    def _next_upload(self, pad: _Keypad, now: float) -> bytes:
        if pad.upload is not None or not pad.queue:
            return b""
        pad.upload = _Upload(pad.queue.popleft(), now)
        pad.sent += 1
        return self._on_wire(pad.upload.body)

    def _on_wire(self, body: bytes) -> bytes:
        if "wrong_address" in self.faults:
            body = bytes(((body[0] + OTHER_ADDRESS) & 0xFF,)) + body[1:]
        frame = framed(body)
        if "wrong_checksum" in self.faults:
            frame = frame[:-2] + bytes((frame[-2] ^ 0xFF, frame[-1]))
        if "noise" not in self.faults:
            return frame
        return self._dirt.randbytes(3) + frame + self._dirt.randbytes(2)

    def press(self, what: dict[str, Any], now: float) -> bytes:
        """`{"window": 3, "key": "call", "digits": "012"}`; `keys` is taken for `key` too.

        `{"window": 3, "grade": 5}` presses the rating unit behind the keypad (`result` 0 to 3 for
        its own number), `{"window": 3, "raw": "hex"}` puts bytes on the wire unasked. Raises
        ValueError for a window or a key that is not there.
        """
        self.changed += 1
        if "raw" in what:
            return bytes.fromhex(what["raw"])
        found = [(a, p) for a, p in self._pads.items() if p.window == what.get("window")]
        if not found:
            raise ValueError(f"no keypad of window {what.get('window')} on this bus")
        address, pad = found[0]
        pad.queue.append(bytes((address,)) + self._pressed(what))
        return self._next_upload(pad, now)

    def _pressed(self, what: dict[str, Any]) -> bytes:
        """CMD and DATA of a press."""
        if "result" in what or "grade" in what:
            result = what.get("result", RESULT_OF_GRADE.get(what.get("grade", 0)))
            if result is None or result not in RESULT_OF_GRADE.values():
                raise ValueError(f"the rating unit has no such key: {what}")
            return bytes((RATING_CMD, int(result)))
        key = str(what.get("key") or what.get("keys"))
        if key not in KEYS:
            raise ValueError(f"'{key}' is none of {', '.join(KEYS)}")
        digits = bytes(int(d) for d in str(what.get("digits", "")))
        return bytes((self._command,)) + digits + bytes.fromhex(KEYS[key])

    def state(self) -> dict[str, Any]:
        """Every keypad by its window, and what came over the bus that nobody understood."""
        return {
            "windows": {str(p.window): p.state(a) for a, p in self._pads.items()},
            "bad": list(self._reader.bad),
            "foreign": self._foreign,
            "faults": sorted(self.faults),
        }


def _echo(body: bytes) -> bytes:
    """What the host answers: the frame itself, and for a rating the same with CMD 01."""
    if body[1] == RATING_CMD:
        return body[:1] + b"\x01" + body[2:]
    return body


def _shown(before: list[int], digits: bytes) -> list[int]:
    """The digits after an order: 0A leaves one as it is."""
    return [old if new == NO_DIGIT else new for old, new in zip(before, digits, strict=True)]
