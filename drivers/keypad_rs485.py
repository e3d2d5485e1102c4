"""Clerk keypads on one RS-485 bus: the 21-key caller with a dot-matrix LCD (21键点阵液晶呼叫器).

Manual: the maker's sheet "21键点阵液晶呼叫器" on its serial protocol. Wiring: all keypads in
parallel on A/B, 9600 8N1, one auto-direction USB adapter, each keypad with its own address. Nobody
polls: a keypad speaks when pressed and repeats until it hears its own frame back. A four-key rating
unit may be wired to a keypad; its grades come in with command 11.

One frame taken apart, "call ticket 012" shown on keypad 1:

    FF 68 08 08 68     begin, length of address to data, again, begin
    01 02              address 1, command 2: show
    0A 0A 0A 00 01 02  three digits who wait (0A = leave as it is), three of the ticket
    24 16              sum of address to data mod 256, end

The answer, which ends the repeating, goes out only when the press (or the grade) is on disk. There
is no sequence on the wire; how a repeat is told from a second press, and what that costs, stands
at `Repeats` in hallctl/protocols/ff68.py.
"""

from collections.abc import Sequence
from typing import ClassVar

from hallctl.core.effects import AnswerKey, AskRating, Effect, ExerciseDevice, ShowKeypad
from hallctl.core.reports import Key, KeyPressed, Rated
from hallctl.driver import Driver, DriverOptions, Reply
from hallctl.presses import Wanted
from hallctl.protocols.ff68 import (
    ACK,
    BEEP,
    RATING,
    SHOW,
    START_RATING,
    answer_to,
    make_frame,
)
from hallctl.protocols.ff68_bus import OWN, Bus, Refused, Said
from hallctl.protocols.ff68_trial import BusTrial, Display, Place

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
SHOWN_BYTES = 6
LEAVE = bytes((0x0A,)) * SHOWN_BYTES
EIGHTS = bytes((8,)) * SHOWN_BYTES
NOTHING = bytes(SHOWN_BYTES)
GAP_S = 0.06
"""The bus is left alone so long after an answer or an order: a keypad with a second press waiting
speaks right after the first is answered, and nobody hears both."""
AGAIN_S = 2.0
"""So often one keypad is shown its digits anew: nine of them within twenty seconds."""


class KeypadOptions(DriverOptions):
    """`windows`: address on the bus → window.

    `resend_s`: how often a keypad repeats itself; the interactive self-test measures it. A press
    that is not answered is one press while it repeats itself, and forgotten when five repeats have
    stayed away. `slack_s`: so far from that moment a frame is still a repeat. `raters`: the windows
    whose keypad has a rating unit to be started.
    `default_is_real`: rating 1 is a key of its own, not the rater's default.
    """

    windows: dict[int, int]
    resend_s: float = 0.5
    slack_s: float = 0.06
    raters: tuple[int, ...] = ()
    default_is_real: bool = False


class KeypadRs485(Driver):
    """All keypads of one bus."""

    kind = "keypad"
    takes = (AnswerKey, AskRating, ShowKeypad)
    example: ClassVar = {"windows": {1: 1}}
    Options: ClassVar[type[DriverOptions]] = KeypadOptions
    options: KeypadOptions

    def __init__(self, options: KeypadOptions) -> None:
        super().__init__(options)
        self._bus = Bus(
            options.windows, self._understood, resend_s=options.resend_s, slack_s=options.slack_s
        )
        self._shown: dict[int, bytes] = {}
        self._starts: list[int] = []
        """Addresses whose raters are to be started."""
        self._unshown: dict[int, None] = {}
        """Addresses whose digits are still to be sent, in their order."""
        self._free_at = 0.0
        self._again_at = 0.0

    def windows(self) -> tuple[int, ...]:
        """Every window with a keypad on this bus."""
        return tuple(dict.fromkeys(self.options.windows.values()))

    def start(self, now: float) -> Reply:
        """Show again what was shown.

        The first frame changes nothing; an adapter that hears itself gives it back.
        """
        self._bus.start(now)
        self._unshown, self._starts = dict.fromkeys(self._shown), []
        first = next(iter(self.options.windows), None)
        return self._paced(Reply(b"" if first is None else make_frame(first, SHOW, LEAVE)), now)

    def lost(self, now: float) -> Reply:
        """Who has not heard an answer by now will repeat himself when the wire is back."""
        self._bus.lost(now)
        return Reply()

    def perform(self, effect: Effect, now: float) -> Reply:
        """AnswerKey ends the repeating, ShowKeypad sets the digits, AskRating starts the rater."""
        if isinstance(effect, AnswerKey):
            return self._paced(Reply(self._answer(effect, now)), now)
        if isinstance(effect, ShowKeypad):
            self._show(effect)
            return self._paced(Reply(), now)
        if isinstance(effect, AskRating) and effect.window in self.options.raters:
            self._starts += self._addresses(effect.window)
            return self._paced(Reply(), now)
        return Reply()

    def receive(self, data: bytes, now: float) -> Reply:
        """Presses and grades out of whatever comes."""
        return self._paced(self._bus.receive(data, now), now)

    def wake(self, now: float) -> Reply:
        """Digits that waited for a quiet moment, and whatever a self-test waits for.

        No keypad says that it has heard its digits. So in quiet times one after the other is shown
        what it should show already: a frame that was lost on the line is made good.
        """
        quiet = now >= self._again_at and not (self._unshown or self._bus.trial)
        if quiet and self._shown:
            address = next(iter(self._shown))
            self._shown[address] = self._shown.pop(address)
            self._unshown[address] = None
        return self._paced(self._bus.wake(now), now)

    def _paced(self, reply: Reply, now: float) -> Reply:
        """Answers go at once; raters and digits when the bus has been left alone, one by one."""
        trial = self._bus.trial
        free = [a for a in self._unshown if trial is None or not trial.shows(a)]
        if reply.write:
            self._free_at = now + GAP_S
        elif self._starts and now >= self._free_at:
            self._free_at = now + GAP_S
            frame = self._bus.sent(make_frame(self._starts.pop(0), ACK, START_RATING), now)
            reply = Reply(frame, reply.reports, reply.wake_at)
        elif free and now >= self._free_at:
            del self._unshown[free[0]]
            self._free_at, self._again_at = now + GAP_S, now + AGAIN_S
            frame = self._bus.sent(self._shown[free.pop(0)], now)
            reply = Reply(frame, reply.reports, reply.wake_at)
        if not (free or self._starts) and (trial or not self._shown):
            return reply  # a self-test's own moment stays as it is
        next_at = self._free_at if free or self._starts else max(self._again_at, self._free_at)
        wake_at = next_at if reply.wake_at is None else min(reply.wake_at, next_at)
        return Reply(reply.write, reply.reports, wake_at)

    # - from the keypad

    def _understood(self, frame: bytes) -> Said | Refused:
        command, payload = frame[6], frame[7:-2]
        if not payload or (command == SHOW and len(payload) == SHOWN_BYTES):
            return OWN
        window = self.options.windows.get(frame[5], 0)
        if command == RATING:
            return self._rated(window, payload)
        digits, key = payload[:-1], KEYS.get(payload[-1])
        if key is None or any(digit > 9 for digit in digits):  # noqa: PLR2004 - a digit
            return Refused("unknown_key")
        typed = "".join(map(str, digits))
        if key == "confirm" and typed in DIGIT_AND_CONFIRM:
            key, typed = DIGIT_AND_CONFIRM[typed], ""
        return Said(key, KeyPressed(window=window, key=key, digits=typed))

    def _rated(self, window: int, payload: bytes) -> Said | Refused:
        grade = GRADES.get(payload[0])
        if grade is None or len(payload) != 1:
            return Refused("unknown_rating")
        if payload[0] == NOT_RATED and not self.options.default_is_real:
            return Said("not_rated")
        return Said(f"grade {grade}", Rated(window=window, grade=grade))

    # - to the keypad

    def _addresses(self, window: int) -> list[int]:
        return [address for address, w in self.options.windows.items() if w == window]

    def _answer(self, effect: AnswerKey, now: float) -> bytes:
        """A refused key beeps; a resident's grade that came too late does not, at the clerk."""
        frame = self._bus.answer(effect, now)
        if not frame:
            return b""
        refused = not effect.accepted and frame[6] != RATING
        beep = make_frame(frame[5], BEEP) if refused else b""
        return self._bus.sent(answer_to(frame), now) + beep

    def _show(self, effect: ShowKeypad) -> None:
        """Both halves at once. No ticket is 000: leaving the digits would show one long gone."""
        ticket = "".join(c for c in effect.ticket if c in "0123456789")[-3:].zfill(3)
        waiting = f"{min(max(effect.waiting, 0), 999):03d}"
        digits = bytes(int(digit) for digit in waiting + ticket)
        for address in self._addresses(effect.window):
            self._shown[address] = make_frame(address, SHOW, digits)
            self._unshown[address] = None

    # - the self-test

    def selftest(self, test: ExerciseDevice, now: float) -> Reply:
        """A beep and eights on every digit, then each function key in turn."""
        keys = [Wanted(f"key:{key}", key) for key in KEYS.values()]
        display = Display(_eights, self._restored, "beep and 888 888 sent")
        places = self._bus.places(test, now)
        return self._bus.selftest(
            BusTrial(test.level, places, keys, self._bus.repeats, display), now
        )

    def end_selftest(self, now: float) -> Reply:
        """Back to work."""
        return self._paced(self._bus.end_selftest(now), now)

    def _restored(self, places: Sequence[Place]) -> bytes:
        frames = (
            self._shown.get(place.address) or make_frame(place.address, SHOW, NOTHING)
            for place in places
        )
        return b"".join(frames)


def _eights(places: Sequence[Place]) -> bytes:
    frames = (make_frame(p.address, BEEP) + make_frame(p.address, SHOW, EIGHTS) for p in places)
    return b"".join(frames)
