"""Clerk keypads on one RS-485 bus: the 21-key caller with a dot-matrix LCD (21键点阵液晶呼叫器).

Manual: the maker's sheet "21键点阵液晶呼叫器" on its serial protocol. Wiring: all keypads in
parallel on A/B, 9600 8N1, one auto-direction USB adapter, each keypad with its own address. Nobody
polls: a keypad speaks when pressed and repeats until it hears its own frame back.

One frame taken apart, "call ticket 012" shown on keypad 1:

    FF 68 08 08 68     begin, length of address to data, again, begin
    01 02              address 1, command 2: show
    0A 0A 0A 00 01 02  three digits who wait (0A = leave as it is), three of the ticket
    24 16              sum of address to data mod 256, end

There is no sequence on the wire. So the same frame while its press is unanswered, or just after,
is the keypad repeating itself; and the answer, which ends the repeating, goes out only when the
press is on disk.
"""

from dataclasses import dataclass
from typing import ClassVar

from hallctl.core.effects import AnswerKey, Effect, ShowKeypad
from hallctl.core.reports import Fault, Key, KeyPressed, Rated, Report
from hallctl.driver import Driver, DriverOptions, Reply

ACK, SHOW, BEEP, RATING = 0x01, 0x02, 0x03, 0x11
LENGTH_MIN, LENGTH_MAX = 3, 8
"""The manual's frames have 3 to 5; three digits and a key need 6."""
AROUND = 7  # FF 68 L L 68 before, CS 16 behind
FORGET_AFTER = 5  # repeats
ECHOES_MAX = 3
FAULT_GAP_S = 10.0
EVIDENCE_BYTES = 32

KEYS: dict[int, Key] = {
    0x0B: "rate",
    0x0C: "call",
    0x0D: "recall",
    0x0E: "cancel",
    0x0F: "confirm",
    0x11: "line",
    0x12: "pause",
    0x13: "transfer",
}
DIGIT_AND_CONFIRM: dict[str, Key] = {"6": "no_show", "0": "hold", "3": "resume"}
GRADES = {0: 2, 1: 3, 2: 4, 3: 5}
"""不满意, 基本满意, 满意, 非常满意. 1 is also what the rater sends when nobody pressed."""
NOT_RATED = 1


class KeypadOptions(DriverOptions):
    """`windows`: address on the bus → window.

    `debounce_s`: this long after our answer the same frame is still a repeat. `resend_s`: how
    often a keypad repeats itself; a press not answered within five repeats is forgotten.
    `default_is_real`: rating 1 is a key of its own, not the rater's default.
    """

    windows: dict[int, int]
    debounce_s: float = 0.3
    resend_s: float = 1.0
    default_is_real: bool = False


def make_frame(address: int, command: int, payload: bytes) -> bytes:
    """A frame for or from the bus."""
    body = bytes((address, command)) + payload
    length = len(body)
    return bytes((0xFF, 0x68, length, length, 0x68)) + body + bytes((sum(body) % 256, 0x16))


@dataclass(slots=True)
class _Press:
    press: str
    since: float
    answered: float | None = None
    echoes: int = 0


class KeypadRs485(Driver):
    """All keypads of one bus."""

    kind = "keypad"
    takes = (AnswerKey, ShowKeypad)
    Options: ClassVar[type[DriverOptions]] = KeypadOptions
    options: KeypadOptions

    def __init__(self, options: KeypadOptions) -> None:
        super().__init__(options)
        self._buffer = b""
        self._presses: dict[bytes, _Press] = {}
        self._count = 0
        self._shown: dict[int, bytes] = {}
        self._fault_at: float | None = None

    def windows(self) -> tuple[int, ...]:
        """Every window with a keypad on this bus."""
        return tuple(dict.fromkeys(self.options.windows.values()))

    def start(self, now: float) -> Reply:  # noqa: ARG002
        """Show again what was shown; half a frame of before is worth nothing."""
        self._buffer = b""
        return Reply(b"".join(self._shown.values()))

    def perform(self, effect: Effect, now: float) -> Reply:
        """AnswerKey ends the repeating, ShowKeypad sets the digits."""
        if isinstance(effect, AnswerKey):
            return self._answer(effect, now)
        if isinstance(effect, ShowKeypad):
            return self._show(effect)
        return Reply()

    def receive(self, data: bytes, now: float) -> Reply:
        """Frames out of whatever comes."""
        frames, garbage = self._split(data)
        write, reports = b"", list[Report]()
        if garbage:
            reports += self._fault("garbage", garbage, now)
        for frame in frames:
            answer, said = self._frame(frame, now)
            write += answer
            reports += said
        return Reply(write, tuple(reports))

    # - from the keypad

    def _split(self, data: bytes) -> tuple[list[bytes], bytes]:
        """Whole frames, and the bytes between them. What may yet become a frame is kept.

        A sound frame wins over a broken one before it that still waits for its end.
        """
        buffer, frames, garbage = self._buffer + data, list[bytes](), b""
        at, kept = 0, None
        while at < len(buffer):
            size = _size(buffer, at)
            if size > 0:
                garbage += buffer[:at]
                frames.append(buffer[at : at + size])
                buffer, at, kept = buffer[at + size :], 0, None
                continue
            if size == 0 and kept is None:
                kept = at
            at += 1
        cut = len(buffer) if kept is None else kept
        self._buffer = buffer[cut:]
        return frames, garbage + buffer[:cut]

    def _frame(self, frame: bytes, now: float) -> tuple[bytes, list[Report]]:
        self._forget(now)
        address, command, payload = frame[5], frame[6], frame[7:-2]
        window = self.options.windows.get(address)
        if window is None:
            return b"", self._fault("unknown_address", frame, now)
        known = self._presses.get(frame)
        if known:
            return self._repeat(frame, known), []
        if command == RATING:
            return self._rated(frame, window, now)
        digits, key = payload[:-1], KEYS.get(payload[-1])
        if key is None or any(digit > 9 for digit in digits):  # noqa: PLR2004 - a digit
            return b"", self._fault("unknown_key", frame, now)
        typed = "".join(map(str, digits))
        if key == "confirm" and typed in DIGIT_AND_CONFIRM:
            key, typed = DIGIT_AND_CONFIRM[typed], ""
        press = self._remember(frame, now).press
        return b"", [KeyPressed(window=window, key=key, digits=typed, press=press)]

    def _rated(self, frame: bytes, window: int, now: float) -> tuple[bytes, list[Report]]:
        """A grade is acknowledged as it is reported.

        There is no effect that answers a grade. Lost between here and the disk, it is lost for
        good; the resident cannot be asked again by a keypad either way.
        """
        grade = frame[-3]
        if len(frame) != AROUND + LENGTH_MIN or grade not in GRADES:
            return b"", self._fault("unknown_rating", frame, now)
        self._remember(frame, now).answered = now
        real = grade != NOT_RATED or self.options.default_is_real
        return _echo(frame), [Rated(window=window, grade=GRADES[grade])] if real else []

    def _remember(self, frame: bytes, now: float) -> _Press:
        self._count += 1
        self._presses[frame] = _Press(f"{frame[5]:02x}-{frame.hex()}-{self._count}", now)
        return self._presses[frame]

    @staticmethod
    def _repeat(frame: bytes, known: _Press) -> bytes:
        """Unanswered: the answer will come. Answered: it was not heard, so say it again.

        Not endlessly: an adapter that hears its own sending would keep us talking to ourselves.
        """
        if known.answered is None or known.echoes >= ECHOES_MAX:
            return b""
        known.echoes += 1
        return _echo(frame)

    def _forget(self, now: float) -> None:
        unanswered_s = FORGET_AFTER * self.options.resend_s
        self._presses = {
            frame: press
            for frame, press in self._presses.items()
            if (
                now - press.since < unanswered_s
                if press.answered is None
                else now - press.answered < self.options.debounce_s
            )
        }

    def _fault(self, code: str, evidence: bytes, now: float) -> list[Report]:
        """One fault for a burst, not one for every broken byte."""
        if self._fault_at is not None and now - self._fault_at < FAULT_GAP_S:
            return []
        self._fault_at = now
        return [Fault(code=code, evidence=evidence[:EVIDENCE_BYTES].hex(" ").upper())]

    # - to the keypad

    def _answer(self, effect: AnswerKey, now: float) -> Reply:
        self._forget(now)
        for frame, press in self._presses.items():
            if press.press == effect.press and press.answered is None:
                press.answered = now
                beep = b"" if effect.accepted else make_frame(frame[5], BEEP, b"")
                return Reply(_echo(frame) + beep)
        return Reply()

    def _show(self, effect: ShowKeypad) -> Reply:
        """Both halves at once. No ticket is 000: leaving the digits would show one long gone."""
        ticket = "".join(c for c in effect.ticket if c in "0123456789")[-3:].zfill(3)
        waiting = f"{min(max(effect.waiting, 0), 999):03d}"
        digits = bytes(int(digit) for digit in waiting + ticket)
        write = b""
        for address, window in self.options.windows.items():
            if window == effect.window:
                self._shown[address] = make_frame(address, SHOW, digits)
                write += self._shown[address]
        return Reply(write)


def _size(buffer: bytes, at: int) -> int:
    """The size of the frame that begins there; 0 when it may yet become one, -1 when it is none."""
    head = buffer[at : at + 5]
    length = head[2] if len(head) > 2 else LENGTH_MIN  # noqa: PLR2004 - where the length stands
    wanted = bytes((0xFF, 0x68, length, length, 0x68))
    if not (LENGTH_MIN <= length <= LENGTH_MAX and wanted.startswith(head)):
        return -1
    frame = buffer[at : at + AROUND + length]
    if len(frame) < AROUND + length:
        return 0
    sound = frame[-2] == sum(frame[5:-2]) % 256 and frame[-1] == 0x16  # noqa: PLR2004 - the end
    return len(frame) if sound else -1


def _echo(frame: bytes) -> bytes:
    """What a keypad wants to hear: its own frame; after a rating, command 1 with the same grade."""
    return make_frame(frame[5], ACK, frame[7:-2]) if frame[6] == RATING else frame
