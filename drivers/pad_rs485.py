"""Four-key rating pads (评价器) alone on an RS-485 bus, with the frames of the clerk keypads.

Manual: the sheet of the "21键点阵液晶呼叫器", command 11 (评价器). Wiring: all pads in parallel on
A/B, 9600 8N1, one auto-direction USB adapter, each pad with its own address. A pad speaks when
pressed and repeats until it is answered with command 1 and the same grade.

One frame taken apart, the resident at pad 1 pressed 非常满意, and its answer:

    FF 68 03 03 68  01 11 03  15 16    address 1, command 11: a grade, 3 of 0 to 3; sum, end
    FF 68 03 03 68  01 01 03  05 16    address 1, command 1: heard, grade 3

Four keys, no 非常不满意: the driver says so (part `keys`, state `four`), and whoever is that
unhappy must find the fifth grade by QR. Grade 1 is what the pad sends when nobody pressed, so it is
no grade unless the technician has found a key that sends it. A grade is answered when it is on
disk; one that nobody was asked for is answered and forgotten, so that the pad stops.
"""

from collections.abc import Sequence
from typing import ClassVar, Literal

from hallctl.core.effects import AnswerKey, AskRating, Effect, EndRating, ExerciseDevice
from hallctl.core.reports import Condition, Rated
from hallctl.driver import Driver, DriverOptions, Reply
from hallctl.presses import Wanted
from hallctl.protocols.ff68 import ACK, BEEP, RATING, SHOW, START_RATING, answer_to, make_frame
from hallctl.protocols.ff68_bus import OWN, Bus, Refused, Said
from hallctl.protocols.ff68_trial import BusTrial, Display, Place

GRADES = {0: 2, 1: 3, 2: 4, 3: 5}
"""不满意, 基本满意, 满意, 非常满意."""
NOT_RATED = 1
STARS = b"\x05"


class PadRs485Options(DriverOptions):
    """`windows`: address on the bus → window.

    `resend_s`: how often a pad repeats itself; the interactive self-test measures it. `slack_s`:
    so far from that moment a frame is still a repeat. `default_is_real`: grade 1 is a key of its
    own, not what the pad sends when nobody pressed. `thanks`: what the pad does when a grade was
    taken: beep, stars (all five) or nothing.
    """

    windows: dict[int, int]
    resend_s: float = 0.5
    slack_s: float = 0.06
    default_is_real: bool = False
    thanks: Literal["beep", "stars", "nothing"] = "beep"


class PadRs485(Driver):
    """All pads of one bus. Only the first grade after a question counts."""

    kind = "pad"
    takes = (AnswerKey, AskRating, EndRating)
    example: ClassVar = {"windows": {1: 1}}
    Options: ClassVar[type[DriverOptions]] = PadRs485Options
    options: PadRs485Options

    def __init__(self, options: PadRs485Options) -> None:
        super().__init__(options)
        self._bus = Bus(
            options.windows, self._understood, resend_s=options.resend_s, slack_s=options.slack_s
        )
        self._asking: dict[int, str] = {}
        """Windows with an open question, and the label asked for."""

    def windows(self) -> tuple[int, ...]:
        """Every window with a pad on this bus."""
        return tuple(dict.fromkeys(self.options.windows.values()))

    def start(self, now: float) -> Reply:
        """Say that there are four keys, and ask again where a question is open."""
        self._bus.start(now)
        asks = b"".join(self._start(window) for window in self._asking)
        return Reply(asks, (Condition(part="keys", state="four"),))

    def lost(self, now: float) -> Reply:
        """Who has not heard an answer by now will repeat himself when the wire is back."""
        self._bus.lost(now)
        return Reply()

    def perform(self, effect: Effect, now: float) -> Reply:
        """AskRating opens a question, EndRating closes it, AnswerKey ends the repeating."""
        match effect:
            case AnswerKey():
                frame = self._bus.answer(effect, now)
                return Reply(self._bus.sent(answer_to(frame), now) if frame else b"")
            case AskRating() if effect.window in self.windows():
                self._asking[effect.window] = effect.label
                return Reply(self._start(effect.window))
            case EndRating():
                self._asking.pop(effect.window, None)
                return Reply(self._thanks(effect.window) if effect.thanks else b"")
            case _:
                return Reply()

    def receive(self, data: bytes, now: float) -> Reply:
        """Grades out of whatever comes; the first one closes the question."""
        reply = self._bus.receive(data, now)
        for report in reply.reports:
            if isinstance(report, Rated):
                self._asking.pop(report.window, None)
        return reply

    def wake(self, now: float) -> Reply:
        """Only a self-test waits for a time."""
        return self._bus.wake(now)

    def _understood(self, frame: bytes) -> Said | Refused:
        address, command, payload = frame[5], frame[6], frame[7:-2]
        if command in {ACK, SHOW, BEEP}:
            return OWN
        grade = GRADES.get(payload[0]) if len(payload) == 1 else None
        if command != RATING or grade is None:
            return Refused("unknown_rating")
        window = self.options.windows.get(address, 0)
        trial = self._bus.trial
        if trial is not None and trial.address == address:
            return Said(f"grade {grade}")
        real = payload[0] != NOT_RATED or self.options.default_is_real
        if not real or window not in self._asking:
            return Said("not_rated")
        return Said(f"grade {grade}", Rated(window=window, grade=grade))

    # - to the pad

    def _addresses(self, window: int) -> list[int]:
        return [address for address, w in self.options.windows.items() if w == window]

    def _start(self, window: int) -> bytes:
        return b"".join(make_frame(a, ACK, START_RATING) for a in self._addresses(window))

    def _thanks(self, window: int) -> bytes:
        addresses = self._addresses(window)
        if self.options.thanks == "beep":
            return b"".join(make_frame(address, BEEP) for address in addresses)
        if self.options.thanks == "stars":
            return b"".join(make_frame(address, SHOW, STARS) for address in addresses)
        return b""

    # - the self-test

    def selftest(self, test: ExerciseDevice, now: float) -> Reply:
        """A beep and the pad's question, then each face in turn."""
        faces = [
            Wanted(f"face:{grade}", f"grade {grade}")
            for code, grade in sorted(GRADES.items(), reverse=True)
            if code != NOT_RATED or self.options.default_is_real
        ]
        display = Display(self._tried, self._restored, "beep and question sent")
        places = self._bus.places(test, now)
        return self._bus.selftest(
            BusTrial(test.level, places, faces, self._bus.repeats, display), now
        )

    def end_selftest(self, now: float) -> Reply:
        """Back to work."""
        return self._bus.end_selftest(now)

    def _tried(self, places: Sequence[Place]) -> bytes:
        return b"".join(make_frame(p.address, BEEP) + self._start(p.window) for p in places)

    def _restored(self, places: Sequence[Place]) -> bytes:
        """An open question is asked again; a pad that was not asked goes dark by itself."""
        return b"".join(self._start(p.window) for p in places if p.window in self._asking)
