"""The self-test of an FF 68 bus: nothing on it answers questions, so people and time must.

It asks for each key. The last one of a device is left unanswered until the device has repeated
itself once: that measures how often it repeats (the driver's `resend_s`). Then the answer goes
out, and silence must follow: a device that goes on repeating does not hear us.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from hallctl.core.reports import Finding, Report, TestEnded
from hallctl.core.trial import Level, Result, Wrong
from hallctl.driver import Reply
from hallctl.presses import Presses, Wanted
from hallctl.protocols.ff68 import Repeats, answer_to

SHOWN_S = 3.0
REPEAT_MOST_S = 2.5
"""How long we wait for the first repeat."""
DEAF_REPEATS = 2
"""One repeat after our answer may have crossed it on the wire; two have not heard it."""


def joined(first: Reply, then: Reply) -> Reply:
    """Two replies as one."""
    wake_at = first.wake_at if then.wake_at is None else then.wake_at
    return Reply(first.write + then.write, first.reports + then.reports, wake_at)


@dataclass(frozen=True, slots=True)
class Place:
    """A device under test: where it is, and what is known of it without asking."""

    address: int
    window: int
    known: str


@dataclass(frozen=True, slots=True)
class Display:
    """What the external level does: `show` the bytes, `words` for them, and `restore` after."""

    show: Callable[[Sequence[Place]], bytes]
    restore: Callable[[Sequence[Place]], bytes]
    words: str


class BusTrial:
    """One self-test of a bus; `address` is whose presses are findings now, None for nobody's."""

    def __init__(
        self,
        level: Level,
        places: Sequence[Place],
        wanted: Sequence[Wanted],
        repeats: Repeats,
        display: Display,
    ) -> None:
        self.running = False
        self._level = level
        self._places = list(places)
        self._wanted = wanted
        self._repeats = repeats
        self._display = display
        self._presses = Presses(())
        self._shown = False
        self._at = -1
        self._held = b""
        self._held_at = 0.0
        self._name = ""
        self._answered = False
        self._unheard = 0
        self._due = 0.0

    @property
    def address(self) -> int | None:
        """Whose presses are findings now."""
        return self._places[self._at].address if 0 <= self._at < len(self._places) else None

    def shows(self, address: int) -> bool:
        """Whether the test is using that device's display; it is restored afterwards."""
        return self._shown and any(place.address == address for place in self._places)

    def begin(self, now: float) -> Reply:
        """Listen whether the line is quiet."""
        self.running = True
        return self._presses.begin(now)

    def piece(self, data: bytes) -> None:
        """Bytes have come."""
        self._presses.piece(data)

    def dirt(self, data: bytes) -> None:
        """Bytes that are part of no frame."""
        self._presses.dirt(data)

    def bad_checksum(self, frame: bytes) -> None:
        """A frame whose sum is wrong."""
        self._presses.bad_checksum(frame)

    def other_address(self, frame: bytes) -> None:
        """A frame from an address nobody knows."""
        self._presses.other_address(frame)

    # - what comes

    def heard(self, frame: bytes, press: str, now: float) -> Reply:
        """A frame of the device under test: a finding, and never a press."""
        fate = self._repeats.fate(frame, now)
        if fate == "waiting" and frame == self._held:
            return self._measured(now - self._held_at, now)
        if fate == "unheard":
            self._unheard += frame == self._held
            return Reply(answer_to(frame))
        if fate != "new":
            return Reply()
        name = self._repeats.remember(frame, now)
        reply = self._presses.pressed(press, now)
        if reply.reports and not self._presses.running:
            self._held, self._held_at = frame, now
            self._answered, self._due = False, now + REPEAT_MOST_S
            self._name = name
            return Reply(reports=reply.reports, wake_at=self._due)
        self._repeats.answered(name, now)
        return joined(Reply(answer_to(frame)), reply)

    def wake(self, now: float) -> Reply:
        """Something is over: a listening, a showing, a waiting."""
        if self._presses.running:
            reply = self._presses.wake(now)
            return reply if self._presses.running else joined(reply, self._after_presses(now))
        if now < self._due:
            return Reply(wake_at=self._due)
        if self._shown:
            self._shown = False
            write = self._display.restore(self._places)
            return joined(Reply(write), self._next_place(now))
        if self._held and not self._answered:
            return self._measured(None, now)
        return self._listened(now)

    def stop(self, now: float) -> bytes:
        """Break off: answer who waits for it, show what was shown."""
        self._presses.stop()
        self.running = False
        write = self._restored()
        if self._held and not self._answered:
            self._repeats.answered(self._name, now)
            write += answer_to(self._held)
        return write

    def _restored(self) -> bytes:
        """What stood there before; faces and keys that were pressed have changed it as well."""
        shown = self._shown or self._level == "interactive"
        return self._display.restore(self._places) if shown else b""

    # - from one stage to the next

    def _after_presses(self, now: float) -> Reply:
        """The line was listened to, or nobody pressed the last key."""
        if self._at >= 0:
            place = self._places[self._at]
            code: Wrong = "no_press"
            found = (
                _found(place, "repeat", "untested", code),
                _found(place, "hears", "untested", code),
            )
            return joined(Reply(reports=found), self._next_place(now))
        unasked = tuple(
            Finding(
                step=f"answer:{place.address}",
                result="untested",
                code="no_question",
                evidence=place.known,
            )
            for place in self._places
            if self._level != "interactive"  # there the keys prove it
        )
        if self._level == "internal":
            return joined(Reply(reports=unasked), self._ended())
        self._shown, self._due = True, now + SHOWN_S
        seen = tuple(
            _found(place, "show", "untested", "no_question", self._display.words)
            for place in self._places
        )
        return Reply(self._display.show(self._places), unasked + seen, self._due)

    def _next_place(self, now: float) -> Reply:
        self._at += 1
        self._held, self._unheard = b"", 0
        if self._level != "interactive" or self._at >= len(self._places):
            self._at = len(self._places)
            return joined(Reply(self._restored()), self._ended())
        window = self._places[self._at].window
        self._presses = Presses(self._wanted, window=window, listen=False)
        return self._presses.begin(now)

    def _measured(self, every_s: float | None, now: float) -> Reply:
        """The device has repeated itself, or does not; either way it is answered now."""
        place, expected = self._places[self._at], self._repeats.resend_s
        report: Report
        if every_s is None:
            words = f"none in {REPEAT_MOST_S} s"
            report = _found(place, "repeat", "untested", "no_question", words)
        elif self._repeats.fits(every_s):
            report = _found(place, "repeat", "passed", "", f"every {every_s:.2f} s")
        else:
            words = f"every {every_s:.2f} s, resend_s is {expected}"
            report = _found(place, "repeat", "failed", "wrong_setting", words)
            self._repeats.resend_s = every_s
        self._repeats.answered(self._name, now)
        self._answered = True
        self._due = now + (DEAF_REPEATS + 0.6) * self._repeats.resend_s
        return Reply(answer_to(self._held), (report,), self._due)

    def _listened(self, now: float) -> Reply:
        result: Result = "failed" if self._unheard else "passed"
        code: Wrong = ""
        if self._unheard:
            code = "deaf" if self._unheard >= DEAF_REPEATS else "slow"
        words = f"{self._unheard} repeats after our answer"
        report = _found(self._places[self._at], "hears", result, code, words)
        return joined(Reply(reports=(report,)), self._next_place(now))

    def _ended(self) -> Reply:
        self.running = False
        return Reply(reports=(TestEnded(),))


def _found(
    place: Place, step: str, result: Result, code: Wrong = "", evidence: str = ""
) -> Finding:
    words = f"window {place.window}" + (f", {evidence}" if evidence else "")
    return Finding(step=step, result=result, code=code, evidence=words)
