"""The FF 68 … CS 16 bus of clerk keypads and rating pads: its frames, and who repeats himself.

    FF 68 | L | L | 68 | ADDR | CMD | DATA… | CS | 16

L counts ADDR to DATA, CS is their sum mod 256 (domain notes 3.2). Nobody polls: a device speaks
when pressed, and says the same again every so often until it hears its answer. There is no sequence
on the wire, so time alone tells a repeat from a second press of the same key (`Repeats`).
"""

import math
from dataclasses import dataclass
from typing import Literal

ACK, SHOW, BEEP, RATING = 0x01, 0x02, 0x03, 0x11
START_RATING = b"\x0b"
LENGTH_MIN, LENGTH_MAX = 2, 8
"""The manual's device frames have 3 to 5; three digits and a key need 6, the host's digits 8."""
AROUND = 7  # FF 68 L L 68 before, CS 16 behind
END = 0x16
REPEATS_MOST = 5
UNANSWERED_MOST_S = 60.0
"""A press that repeats itself for longer is no press: a key that is stuck, or a bug of ours."""
LATE = 3
FRAMES_KNOWN = 256

Piece = tuple[Literal["frame", "broken", "dirt"], bytes]
Fate = Literal["new", "waiting", "unheard"]


def make_frame(address: int, command: int, payload: bytes = b"") -> bytes:
    """A frame for or from the bus."""
    body = bytes((address, command)) + payload
    length = len(body)
    return bytes((0xFF, 0x68, length, length, 0x68)) + body + bytes((sum(body) % 256, END))


def answer_to(frame: bytes) -> bytes:
    """What a device wants to hear: its own frame; after a rating, command 1 with the same grade."""
    return make_frame(frame[5], ACK, frame[7:-2]) if frame[6] == RATING else frame


class Frames:
    """Frames out of whatever comes, in pieces of any size."""

    def __init__(self) -> None:
        self._buffer = b""

    def clear(self) -> None:
        """Forget what was half received."""
        self._buffer = b""

    def feed(self, data: bytes) -> list[Piece]:
        """Sound frames, frames whose sum is wrong, and dirt, in their order.

        What may yet become a frame is kept; but a sound frame wins over a beginning before it that
        still waits for its end, so a torn frame never swallows the next.
        """
        buffer, found = self._buffer + data, list[Piece]()
        at, kept = 0, None
        while at < len(buffer):
            size = _size(buffer, at)
            if size > 0:
                found += _between(buffer[:at])
                found.append(("frame", buffer[at : at + size]))
                buffer, at, kept = buffer[at + size :], 0, None
                continue
            if size == 0 and kept is None:
                kept = at
            at += 1
        cut = len(buffer) if kept is None else kept
        self._buffer = buffer[cut:]
        return found + _between(buffer[:cut])


def _size(buffer: bytes, at: int) -> int:
    """The size of the frame that begins there; 0 when it may yet become one, -1 when it is none."""
    if buffer[at] != 0xFF:  # noqa: PLR2004 - how a frame begins
        return -1
    whole = _claimed(buffer, at)
    if whole <= 0:
        return whole
    frame = buffer[at : at + whole]
    if len(frame) < whole:
        return 0
    sound = frame[-2] == sum(frame[5:-2]) % 256 and frame[-1] == END
    return whole if sound else -1


def _claimed(buffer: bytes, at: int) -> int:
    """How long the head there says its frame is; 0 when too little of it is here, -1 for none."""
    head = buffer[at : at + 5]
    length = head[2] if len(head) > 2 else LENGTH_MIN  # noqa: PLR2004 - where the length stands
    wanted = bytes((0xFF, 0x68, length, length, 0x68))
    if not (LENGTH_MIN <= length <= LENGTH_MAX and wanted.startswith(head)):
        return -1
    return AROUND + length if len(head) == len(wanted) else 0


def _between(dirt: bytes) -> list[Piece]:
    """What lies between sound frames: one with a wrong sum is worth a name of its own."""
    if not dirt:
        return []
    for at in range(len(dirt) - AROUND):
        whole = _claimed(dirt, at) if dirt[at] == 0xFF else -1  # noqa: PLR2004
        frame = dirt[at : at + whole]
        if whole > 0 and len(frame) == whole and frame[-1] == END:
            return [("broken", frame)]
    return [("dirt", dirt)]


@dataclass(slots=True)
class _Press:
    name: str
    first: float
    last: float
    answered: bool = False
    missed: int = 0
    """Repeats whose time came while something else was on the bus, so it may have hidden them."""
    parted: bool = False
    """The wire went before its device can have heard our answer: it will say it again."""


class Repeats:
    """Tells a device that repeats itself from a key pressed again.

    Before our answer the same frame is a repeat. After it, a device that did not hear us says the
    frame again `resend_s` after the last time, and never in between: at that moment it is a repeat,
    at any other a new press. When the moment passes and the bus is silent, the device has heard us;
    when something else was on the bus, the next moment counts too.

    The moment is `slack_s` wide before (the frame before may have been read late) and a third of
    that behind, no more: a second press that waited for our answer to the first goes out right
    after it, and were it torn on the wire, its repeat would come some 25 ms after that moment.

    The price: the same key pressed again in that moment, `resend_s` after the last frame, is
    answered and taken for a repeat. And a repeat that comes later than that, because this computer
    was busy or the keypad waited for a free bus, is taken for a press.
    """

    def __init__(self, resend_s: float, slack_s: float) -> None:
        self.resend_s = resend_s
        self._slack_s = slack_s
        self._presses: dict[bytes, _Press] = {}
        self._count = 0

    def fits(self, every_s: float) -> bool:
        """Whether one that repeats itself every `every_s` is told from one that presses again."""
        return abs(every_s - self.resend_s) <= self._slack_s

    def activity(self, now: float) -> None:
        """Something was heard: a repeat due now may be hidden under it."""
        for press in self._presses.values():
            if press.answered and self._repeat_due(press, now) == press.missed + 1:
                press.missed += 1

    def fate(self, frame: bytes, now: float) -> Fate:
        """What this frame is: new, the repeat of a press not answered yet, or of one answered."""
        self._forget(now)
        known = self._presses.get(frame)
        if known is not None and not known.answered:
            known.last, known.parted = now, False
            return "waiting"
        if known is not None and (known.parted or self._repeat_due(known, now)):
            known.last, known.missed, known.parted = now, 0, False
            return "unheard"
        # It says something else, so it has heard the answer to what it said before.
        mine = frame[5:7]
        self._presses = {f: p for f, p in self._presses.items() if f[5:7] != mine or not p.answered}
        return "new"

    def lost(self, now: float) -> None:
        """The wire is gone: who has not heard our answer by now does not hear it."""
        self._forget(now)
        for press in self._presses.values():
            press.parted, press.last = True, math.inf

    def reopened(self, now: float) -> None:
        """It is back: they say it again within a repeat or two."""
        for press in self._presses.values():
            press.last = now if press.parted else press.last

    def remember(self, frame: bytes, now: float) -> str:
        """A new press; the name it is answered by."""
        self._count += 1
        name = f"{frame[5]:02x}-{frame[6:-2].hex()}-{self._count}"
        self._presses[frame] = _Press(name, now, now)
        while len(self._presses) > FRAMES_KNOWN:
            del self._presses[next(iter(self._presses))]
        return name

    def answered(self, name: str, now: float) -> bytes:
        """The frame of that press, which is answered now; b"" for one forgotten or answered."""
        self._forget(now)
        for frame, press in self._presses.items():
            if press.name == name and not press.answered:
                press.answered = True
                return frame
        return b""

    def _repeat_due(self, press: _Press, now: float) -> int:
        """Which repeat would come now, counted from the last one heard; 0 for none."""
        for count in range(1, min(press.missed + 1, REPEATS_MOST) + 1):
            moment = press.last + count * self.resend_s
            if moment - self._slack_s <= now <= moment + self._slack_s / LATE:
                return count
        return 0

    def _forget(self, now: float) -> None:
        def lives(press: _Press) -> bool:
            if press.parted or not press.answered:
                soon = now - press.last < REPEATS_MOST * self.resend_s
                return soon and now - press.first < UNANSWERED_MOST_S
            teeth = min(press.missed + 1, REPEATS_MOST)
            return now - press.last <= teeth * self.resend_s + self._slack_s

        self._presses = {f: p for f, p in self._presses.items() if lives(p)}
