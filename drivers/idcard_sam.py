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
A card counts once, until the reader has found none in between.
"""

import hashlib
import hmac
from datetime import date
from typing import ClassVar, Final

from hallctl.core.effects import Effect, ExerciseDevice, SetDayKey
from hallctl.core.reports import CardRead, Condition, Fault, Finding, Report, TestAsks, TestEnded
from hallctl.core.trial import Wrong
from hallctl.driver import Driver, DriverOptions, Reply
from hallctl.probe import Probe, Question

HEAD: Final = b"\xaa\xaa\xaa\x96\x69"
LENGTH_AT, STATUS_AT = len(HEAD), len(HEAD) + 2
LENGTH_MIN, LENGTH_MAX = 4, 2400
"""Three bytes of status and the XOR; a card with fingerprints is 2321 bytes in all."""
STATE, SAM_ID, FIND, SELECT, READ = b"\x11\xff", b"\x12\xff", b"\x20\x01", b"\x20\x02", b"\x30\x01"
GOOD, FOUND = b"\x00\x00\x90", b"\x00\x00\x9f"
BROKEN: Final = (0x60, 0x66)
"""The module's self-test has failed; it is not licensed. The last byte of a status."""
TEXT_BYTES = 256
BIRTH = slice(36, 52)
NUMBER = slice(122, 158)
"""In the text: name 30 bytes, sex 2, nation 4, birth 16, address 70, number 36."""
PERSON_HEX = 32
ANSWER_S, READ_S = 1.0, 4.0
SILENT_MOST = 3
FAULT_GAP_S = 10.0
CARD_WAIT_S = 20.0
SHOWN_BYTES = STATUS_AT + 3
"""So much of a frame is no personal data: begin, length, status."""


class IdCardOptions(DriverOptions):
    """`poll_s`: how often the reader looks for a card."""

    poll_s: float = 0.3


def make_frame(command: bytes) -> bytes:
    """A command for the reader."""
    body = (len(command) + 1).to_bytes(2, "big") + command
    return HEAD + body + bytes((xor(body),))


def xor(data: bytes) -> int:
    """The check byte."""
    found = 0
    for byte in data:
        found ^= byte
    return found


def age_on(birth: str, day: date) -> int:
    """Whole years on that day. Raises ValueError for no date (or a later one)."""
    born = date(int(birth[:4]), int(birth[4:6]), int(birth[6:8]))
    age = day.year - born.year - ((day.month, day.day) < (born.month, born.day))
    if age < 0:
        raise ValueError("born after today")
    return age


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
        self._due = 0.0
        self._silent = 0
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
        self._state = ""
        asked = self._ask(STATE, now)
        return Reply(asked.write, (*self._is("unknown", b""),), asked.wake_at)

    def perform(self, effect: Effect, now: float) -> Reply:
        """The key of the day: from now on cards are read."""
        if not isinstance(effect, SetDayKey):
            return Reply()
        self._key, self._day = effect.key, date.fromisoformat(effect.day)
        return Reply() if self._asked or self._probe else self._rest(now)

    def receive(self, data: bytes, now: float) -> Reply:
        """Answers, in pieces of any size."""
        if self._probe:
            self._probe.piece(data)
        reply = Reply()
        for frame, dirt, broken in self._split(data):
            said = self._answered(frame, now) if frame else self._dirty(dirt, broken, now)
            wake_at = reply.wake_at if said.wake_at is None else said.wake_at
            reply = Reply(reply.write + said.write, reply.reports + said.reports, wake_at)
        return reply

    def wake(self, now: float) -> Reply:
        """The next question, or an answer that did not come."""
        if self._probe:
            return self._tested(self._probe.wake(now), now)
        if now < self._due:
            return Reply(wake_at=self._due)
        reports: tuple[Report, ...] = ()
        if self._asked:
            self._buffer = b""  # half an answer, perhaps half a card
            self._silent += 1
            if self._silent >= SILENT_MOST:
                reports = self._is("offline", b"")
            if self._probe_next:
                return self._begin_probe(reports, now)
        if self._card_until and now >= self._card_until:
            return self._carded("no_press", now)
        asked = self._look(now)
        return Reply(asked.write, reports, asked.wake_at)

    # - frames

    def _split(self, data: bytes) -> list[tuple[bytes, int, bytes]]:
        """In their order: a sound frame, or how much dirt, with what begins a frame of wrong XOR.

        What may yet become a frame is kept; a sound frame wins over a beginning before it.
        """
        buffer, found, broken = self._buffer + data, list[tuple[bytes, int, bytes]](), b""
        at, kept = 0, None
        while (at := _begins(buffer, at)) < len(buffer):
            size = _size(buffer, at)
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
        return Reply(reports=self._fault("garbage", f"{dirt} bytes", now))

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
        self._due = now + (READ_S if command == READ else ANSWER_S)
        return Reply(make_frame(command), wake_at=self._due)

    def _look(self, now: float) -> Reply:
        """Look for a card; without a key only see whether the reader is there."""
        reads = self._key or self._card_until
        return self._ask(FIND if reads else STATE, now)

    def _rest(self, now: float, *reports: Report) -> Reply:
        """Nothing is asked until the next look; a self-test that has waited begins."""
        if self._probe_next:
            return self._begin_probe(reports, now)
        self._asked = b""
        looks = self._key or self._card_until
        self._due = now + (self.options.poll_s if looks else FAULT_GAP_S)
        return Reply(reports=reports, wake_at=self._due)

    def _answered(self, frame: bytes, now: float) -> Reply:
        status = frame[STATUS_AT:SHOWN_BYTES]
        if self._probe:
            return self._tested(
                _judged(self._probe.answered(frame[:SHOWN_BYTES], now), status), now
            )
        asked, self._silent = self._asked, 0
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

    def _read(self, frame: bytes, now: float) -> Reply:
        """A card: a hash and an age leave, everything else is let go."""
        self._lifted = False
        if self._card_until:
            return self._carded("", now)
        lengths = frame[SHOWN_BYTES : SHOWN_BYTES + 4]
        begin = SHOWN_BYTES + (6 if len(frame) - 1 - SHOWN_BYTES > 4 + _sum(lengths) else 4)
        text = frame[begin : begin + TEXT_BYTES]
        try:
            number = text[NUMBER].decode("utf-16-le").strip().upper()
            age = age_on(text[BIRTH].decode("utf-16-le"), self._day)
        except (ValueError, IndexError):
            return self._rest(now, *self._fault("card_unread", "no date or no number", now))
        if not (number.isascii() and len(number) == 18 and number[:17].isdigit()):  # noqa: PLR2004
            return self._rest(now, *self._fault("card_unread", "no number", now))
        person = hmac.new(self._key, number.encode(), hashlib.sha256).hexdigest()[:PERSON_HEX]
        return self._rest(now, CardRead(person=person, age=age))

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
            answer_s=2.0,
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
        self._probe, self._testing, self._card_until = None, False, 0.0
        self._buffer, self._probe_next = b"", False
        return self._rest(now)

    def _tested(self, reply: Reply, now: float) -> Reply:
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


def _begins(buffer: bytes, at: int) -> int:
    """Where the next frame begins or may begin."""
    found = buffer.find(HEAD, at)
    if found >= 0:
        return found
    for tail in range(max(at, len(buffer) - len(HEAD) + 1), len(buffer)):
        if HEAD.startswith(buffer[tail:]):
            return tail
    return len(buffer)


def _size(buffer: bytes, at: int) -> int:
    """How long the frame there says it is; 0 when it does not say yet, -1 for nonsense."""
    if len(buffer) < at + STATUS_AT:
        return 0
    length = int.from_bytes(buffer[at + LENGTH_AT : at + STATUS_AT], "big")
    return STATUS_AT + length if LENGTH_MIN <= length <= LENGTH_MAX else -1


def _sum(lengths: bytes) -> int:
    """How many bytes of text and photo the card says it has."""
    return int.from_bytes(lengths[:2], "big") + int.from_bytes(lengths[2:], "big")


def _judged(reply: Reply, status: bytes) -> Reply:
    """An answer that says "I am broken" is an answer, but no pass."""
    if status == GOOD:
        return reply
    code: Wrong = "error"
    reports = tuple(
        Finding(step=found.step, result="failed", code=code, evidence=found.evidence)
        if isinstance(found, Finding) and found.result == "passed"
        else found
        for found in reply.reports
    )
    return Reply(reply.write, reports, reply.wake_at)
