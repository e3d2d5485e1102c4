"""Readers of the resident's ID card (二代身份证) with a SAM_V security module, on a serial line.

Manual: "身份证阅读器通信协议" (SAM_V). Makes: all that speak it, whatever the label; some speak
another (`02 00 03 …`). Wiring: UART 8N1, `link: {serial: …, baud: 115200}`.

One frame taken apart, "is there a card?", and the answer "yes":

    AA AA AA 96 69   begin               AA AA AA 96 69   begin
    00 03            length, XOR too     00 08            length
    20 01            command: find       00 00 9F         status: found
    22               XOR of length       00 00 00 00      data
                     to data             97               XOR

The reader asks every 0.3 s; found, it selects the card and reads it: 256 bytes of text (UTF-16LE)
and 1024 of photo. What leaves this file is a keyed hash of the number and the age in whole years.
Name, address, number and photo are let go at once, kept in no field, shown in no evidence; the
photo is never decoded. Without a key for the day (`SetDayKey`) no card is read.
A card counts once, until the reader has found none in between. An answer later than `answer_s` is
never taken for that of another question.
"""

import math
from datetime import date
from typing import ClassVar, Final

from pydantic import Field

from drivers.idcard_sam.card import card_of
from drivers.idcard_sam.frames import (
    FIND,
    FOUND,
    GOOD,
    LENGTH_AT,
    READ,
    SAM_ID,
    SELECT,
    SHOWN_BYTES,
    STATE,
    STATUS_AT,
    begins,
    fits,
    make_frame,
    size_of,
    xor,
)
from drivers.idcard_sam.trial import judged
from hallctl.core.effects import Effect, ExerciseDevice, SetDayKey
from hallctl.core.reports import Condition, Fault, Finding, Report, TestAsks, TestEnded
from hallctl.core.trial import Wrong
from hallctl.driver import Driver, DriverOptions, Reply
from hallctl.probe import Probe, Question, late_not_silent

BROKEN: Final = (0x60, 0x66)
"""The module's self-test has failed; it is not licensed. The last byte of a status."""
READ_MORE_S = 3.0
"""To read a card takes so much longer than any other answer."""
AGAIN_S = 0.5
"""Behind an answer that came broken no other comes: so soon it is asked again."""
LATE_S = 9.0
"""So long after it was given up the answer to a question may still come."""
SILENT_MOST, IN_TIME_LEAST = 2, 3
"""So many questions without an answer are silence; so many answers in time end being late."""
FAULT_GAP_S = 10.0
CARD_WAIT_S = 20.0
TEST_ANSWER_S = 2.0
"""A self-test waits at least so long for an answer."""
FOREIGN: Final = {SELECT: (FIND, SAM_ID), READ: (FIND, SAM_ID, STATE)}
"""What cannot be its answer. (A reader may say no more to "select" than to "state".)"""
TESTED: Final = {"answer": STATE, "sam": SAM_ID}


class IdCardOptions(DriverOptions):
    """`poll_s`: how often the reader looks for a card.

    `answer_s`: how long the reader may take to answer. What comes later is never taken for the
    answer of another question, so no card is read, and the reader is said to be late.
    """

    poll_s: float = 0.3
    answer_s: float = Field(default=3.0, gt=0, le=4)


class IdCardSam(Driver):
    """One reader."""

    kind = "reader"
    takes = (SetDayKey,)
    private = True
    Options: ClassVar[type[DriverOptions]] = IdCardOptions
    options: IdCardOptions

    def __init__(self, options: IdCardOptions) -> None:
        super().__init__(options)
        self._key = b""
        self._day = date.min
        self._buffer = b""
        self._asked = b""
        self._owed = dict[bytes, float]()
        """Questions given up, in their order, and until when their answers may still come."""
        self._due = 0.0
        self._silent = self._in_time = 0
        self._late_at = -math.inf
        self._lifted = True
        self._state = ""
        self._fault_at: float | None = None
        self._probe: Probe | None = None
        self._probe_next = False
        self._testing = False
        self._card_until = 0.0
        self._failed = ""

    def start(self, now: float) -> Reply:
        """Ask how the reader is."""
        self._buffer, self._lifted, self._silent = b"", True, 0
        self._testing, self._probe, self._card_until = False, None, 0.0
        self._probe_next = False
        self._state, self._late_at = "", -math.inf
        self._give_up(self._asked, now)
        asked = self._look(now) if STATE in self._owed else self._ask(STATE, now)
        return Reply(asked.write, (*self._is("unknown", b""),), asked.wake_at)

    def perform(self, effect: Effect, now: float) -> Reply:
        """The key of the day: from now on cards are read."""
        if not isinstance(effect, SetDayKey):
            return Reply()
        self._key, self._day = effect.key, date.fromisoformat(effect.day)
        return Reply() if self._asked or self._probe else self._rest(now)

    def receive(self, data: bytes, now: float) -> Reply:
        """Answers, in pieces of any size."""
        if self._probe and (self._probe.asking or not self._owed):
            self._probe.piece(data)  # what comes late is no stale byte
        reply = Reply()
        for frame, dirt, broken in self._split(data):
            said = self._answered(frame, now) if frame else self._dirty(dirt, broken, now)
            wake_at = reply.wake_at if said.wake_at is None else said.wake_at
            reply = Reply(reply.write + said.write, reply.reports + said.reports, wake_at)
        return reply

    def wake(self, now: float) -> Reply:
        """The next question, or an answer that did not come."""
        if self._probe:
            step = self._probe.asking
            reply = self._probe.wake(now)
            if step != self._probe.asking:
                self._give_up(TESTED.get(step, b""), now)
            return self._tested(reply, now)
        if now < self._due:
            return Reply(wake_at=self._due)
        reports: tuple[Report, ...] = ()
        if self._asked:
            reports = self._missed(now)
            slow = len(self._owed) > 1 or self._state == "late"
            if self._probe_next and slow:  # else the late answer may yet come, and pass for one
                return self._begin_probe(reports, now)
        if self._card_until and now >= self._card_until:
            return self._carded("no_press", now)
        asked = self._look(now)
        return Reply(asked.write, reports, asked.wake_at)

    def _missed(self, now: float) -> tuple[Report, ...]:
        """An answer has not come in time; it may still come, or the reader is silent."""
        self._buffer = b""  # half an answer, perhaps half a card
        self._give_up(self._asked, now)
        self._silent += 1
        self._in_time = 0
        silent = self._silent >= SILENT_MOST and now - self._late_at > LATE_S + READ_MORE_S
        return self._is("silent", b"") if silent else ()

    def _give_up(self, asked: bytes, now: float) -> None:
        self._owed.pop(asked, None)
        if asked:
            self._owed[asked] = now + LATE_S

    # - frames

    def _split(self, data: bytes) -> list[tuple[bytes, int, bytes]]:
        """In their order: a sound frame, or how much dirt, with what begins a frame of wrong XOR.

        What may yet become a frame is kept; a sound frame wins over a beginning before it.
        """
        buffer, found, broken = self._buffer + data, list[tuple[bytes, int, bytes]](), b""
        at, kept = 0, None
        while (at := begins(buffer, at)) < len(buffer):
            size = size_of(buffer, at)
            frame = buffer[at : at + max(size, 0)]
            if 0 < size == len(frame) and xor(frame[LENGTH_AT:]) == 0:
                found += [(b"", at, broken)] if at else []
                found.append((frame, 0, b""))
                buffer, at, kept, broken = buffer[at + size :], 0, None, b""
                continue
            if 0 < size == len(frame):
                broken = frame[:SHOWN_BYTES]
            elif size >= 0 and kept is None:
                kept = at
            at += 1
        cut = len(buffer) if kept is None else kept
        self._buffer = buffer[cut:]
        return [*found, (b"", cut, broken)] if cut else found

    def _dirty(self, dirt: int, broken: bytes, now: float) -> Reply:
        """Dirt is counted, never shown: it may be a piece of a card."""
        if self._probe:
            if broken:
                self._probe.bad_checksum(broken)
            else:
                self._probe.garbage(bytes(min(dirt, SHOWN_BYTES)))
            return Reply()
        if broken and self._card_until:
            self._failed = "wrong_checksum"
        if broken and self._asked:
            self._due = min(self._due, now + AGAIN_S)
        return Reply(reports=self._fault("garbage", f"{dirt} bytes", now), wake_at=self._due)

    def _fault(self, code: str, evidence: str, now: float) -> tuple[Report, ...]:
        if self._fault_at is not None and now - self._fault_at < FAULT_GAP_S:
            return ()
        self._fault_at = now
        return (Fault(code=code, evidence=evidence),)

    def _is(self, state: str, frame: bytes) -> tuple[Report, ...]:
        if state == self._state:
            return ()
        self._state = state
        evidence = frame[:SHOWN_BYTES].hex(" ").upper()
        return (Condition(part="state", state=state, evidence=evidence),)

    # - the card

    def _ask(self, command: bytes, now: float) -> Reply:
        self._asked = command
        self._due = now + self.options.answer_s + (READ_MORE_S if command == READ else 0.0)
        return Reply(make_frame(command), wake_at=self._due)

    def _look(self, now: float) -> Reply:
        """Look for a card; without a key only see whether the reader is there.

        While an answer is owed, something is asked that is answered otherwise: the reader answers
        in order, so with that answer all before it have come or never will.
        """
        reads = bool(self._key or self._card_until)
        self._owed = {asked: until for asked, until in self._owed.items() if now < until}
        wanted = [*((STATE, SAM_ID) if self._owed else ()), FIND if reads else STATE]
        free = [command for command in wanted if command not in self._owed]
        if free:
            return self._ask(free[0], now)
        self._asked, self._due = b"", min(self._owed.values())
        return Reply(wake_at=self._due)

    def _rest(self, now: float, *reports: Report) -> Reply:
        """Nothing is asked until the next look; a self-test that has waited begins."""
        if self._probe_next:
            return self._begin_probe(reports, now)
        self._asked = b""
        looks = self._key or self._card_until or self._state == "late"
        self._due = now + (self.options.poll_s if looks else FAULT_GAP_S)
        return Reply(reports=reports, wake_at=self._due)

    def _answered(self, frame: bytes, now: float) -> Reply:
        status = frame[STATUS_AT:SHOWN_BYTES]
        asked = TESTED.get(self._probe.asking, b"") if self._probe else self._asked
        if self._is_owed(frame, asked):
            return self._late(frame, now)
        self._owed.clear()
        if self._probe:
            return self._tested(judged(self._probe.answered(frame[:SHOWN_BYTES], now), status), now)
        self._silent = 0
        self._in_time += 1
        state: tuple[Report, ...] = ()
        if self._state != "late" or self._in_time >= IN_TIME_LEAST:
            state = self._is("error" if status[2] in BROKEN else "ready", frame)
        if self._probe_next and asked not in {SELECT, READ}:  # a card under way is read first
            return self._begin_probe(state, now)
        if asked == FIND and status == FOUND and self._lifted:
            then = self._ask(SELECT, now)
            return Reply(then.write, state, then.wake_at)
        if asked == FIND and status != FOUND:
            self._lifted = True
        if asked == SELECT and status == GOOD:
            then = self._ask(READ, now)
            return Reply(then.write, state, then.wake_at)
        if asked == READ and status == GOOD:
            return self._read(frame, now)
        unread: tuple[Report, ...] = ()
        if asked in {SELECT, READ}:
            self._failed = status.hex(" ").upper()
            unread = self._fault("card_unread", self._failed, now)
        return self._rest(now, *state, *unread)

    def _is_owed(self, frame: bytes, asked: bytes) -> bool:
        """Whether it answers a question that was given up; that one and those before are over.

        While a card is read it may also be one that nobody waits for any more.
        """
        if asked and asked not in self._owed and fits(frame, asked):
            return False
        owed = list(self._owed)
        for at, command in enumerate(owed):
            if fits(frame, command):
                for over in owed[: at + 1]:
                    del self._owed[over]
                return True
        return asked in FOREIGN and any(fits(frame, other) for other in FOREIGN[asked])

    def _late(self, frame: bytes, now: float) -> Reply:
        """It answers, but too late to be asked for a card."""
        self._silent, self._late_at = 0, now
        reports = self._is("late", frame)
        if self._asked or self._probe:
            return Reply(reports=reports)
        self._due = now  # it waited for this only
        return Reply(reports=reports, wake_at=now)

    def _read(self, frame: bytes, now: float) -> Reply:
        """A card: a hash and an age leave, everything else is let go."""
        self._lifted = False
        if self._card_until:
            return self._carded("", now)
        try:
            card = card_of(frame, self._key, self._day)
        except ValueError as wrong:
            return self._rest(now, *self._fault("card_unread", str(wrong), now))
        return self._rest(now, card)

    # - the self-test

    def selftest(self, test: ExerciseDevice, now: float) -> Reply:
        """The module's state and number; with a person, one card."""
        self._testing, self._probe_next = test.level == "interactive", True
        if self._asked:
            return Reply()  # its answer first, else it would look like a stale byte
        return self._begin_probe((), now)

    def _begin_probe(self, reports: tuple[Report, ...], now: float) -> Reply:
        self._probe = Probe(
            [Question("answer", make_frame(STATE)), Question("sam", make_frame(SAM_ID))],
            answer_s=max(TEST_ANSWER_S, self.options.answer_s),
            slow_s=0.6,
        )
        self._probe_next = False
        self._buffer, self._asked = b"", b""
        begun = self._probe.begin(now)
        return Reply(begun.write, reports + begun.reports, begun.wake_at)

    def end_selftest(self, now: float) -> Reply:
        """Back to looking for cards; one that is being read is read to its end."""
        if self._probe_next and self._asked:
            self._probe_next = self._testing = False
            return Reply(wake_at=self._due)
        self._give_up(TESTED.get(self._probe.asking, b"") if self._probe else self._asked, now)
        self._probe, self._testing, self._card_until = None, False, 0.0
        self._buffer, self._probe_next = b"", False
        return self._rest(now)

    def _tested(self, reply: Reply, now: float) -> Reply:
        if self._state == "late":
            reply = Reply(reply.write, late_not_silent(reply.reports), reply.wake_at)
        if self._probe is None or self._probe.running:
            return reply
        self._probe = None
        if not self._testing:
            return self._over(reply.reports, now)
        self._card_until, self._failed, self._lifted = now + CARD_WAIT_S, "", True
        asked = self._look(now)
        asks = TestAsks(step="card", wait_s=CARD_WAIT_S)
        return Reply(asked.write, (*reply.reports, asks), asked.wake_at)

    def _carded(self, code: Wrong, now: float) -> Reply:
        """A card came in the self-test, or none did."""
        left = self._card_until - now
        if not code:
            words = f"read {CARD_WAIT_S - left:.1f} s after it was asked for"
            found = Finding(step="card", result="passed", evidence=words)
        else:
            wrong: Wrong = code
            if self._failed:
                wrong = "wrong_checksum" if self._failed == "wrong_checksum" else "error"
            elif self._silent:
                wrong = "silence"
            found = Finding(step="card", result="failed", code=wrong, evidence=self._failed)
        return self._over((found,), now)

    def _over(self, found: tuple[Report, ...], now: float) -> Reply:
        self._testing, self._card_until = False, 0.0
        rest = self._rest(now)
        return Reply(reports=(*found, TestEnded()), wake_at=rest.wake_at)
