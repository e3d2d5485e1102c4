"""SYN6288, a small module that speaks Mandarin by itself, between a serial line and an amplifier.

Makes: 宇音天下 SYN6288 and SYN6288E on any carrier board. Manual: none was seen; several public
programs for the chip agree on the frames, on 41, 4E, 4F and on `[v0]` to `[v16]`; one names its
tones. From memory [M]: 45, 4A, and that 4F comes unasked at the end; nothing here needs them.
Wiring: UART TTL or RS-232, 9600 8N1; its loudspeaker pins to the amplifier.

One frame taken apart, "请A001号到3号窗口办理", and the two other ones:

    FD              begin                         FD 00 02 02 FD   stop
    00 18           length, from the 01 to XOR    FD 00 02 21 DE   how are you?
    01              command: speak
    01              GBK, without music            41 accepted      45 not understood
    C7 EB … C0 ED   the text, 200 bytes at most   4E busy          4F idle
    92              XOR of all before it          4A has got power

A frame that comes while it speaks cuts what it says. So it is asked first, and spoken to when it
has said "idle" twice; while it speaks it is asked again 0.1 s after each answer, and only what was
seen busy, and busy long enough, has been announced. An answer does not say to what it belongs: the
next question waits for it. What may have sounded unseen between two late answers is announced, not
proven. Whether a loudspeaker hangs behind it, it cannot know.
"""

import math
from collections import deque
from typing import ClassVar, Final

from drivers.voice_syn6288.asking import ACCEPTED, IDLE, SILENT_MOST, Asking
from drivers.voice_syn6288.words import (
    STATE,
    STOP,
    Frame,
    Saying,
    Syn6288Options,
    make_frame,
    saying_of,
    saying_to,
)
from hallctl.core.effects import Announce, Effect, ExerciseDevice
from hallctl.core.reports import (
    AnnouncementFailed,
    Condition,
    Fault,
    Finding,
    Report,
    TestEnded,
    VoiceTrouble,
)
from hallctl.core.trial import Result, Wrong
from hallctl.driver import Driver, DriverOptions, Reply
from hallctl.probe import Probe, Question, late_not_silent

REFUSED, POWERED, BUSY = 0x45, 0x4A, 0x4E
WORDS: Final = frozenset((ACCEPTED, REFUSED, POWERED, BUSY, IDLE))
BYTE_S = 10 / 9600
POLL_S, ACCEPT_S = 0.1, 0.3
BACK_S = 2.0
IDLES = 2
"""One byte may be dirt; so many answers running are not."""
BEGIN_S = 0.5
"""So long after its frame it may still be idle: it has not begun yet."""
OWN_MOST_S, OVERRUN_S = 20.0, 10.0
WAIT_MOST = 32
FAULT_GAP_S, EVIDENCE_BYTES = 10.0, 24


class VoiceSyn6288(Driver):
    """One module."""

    kind = "voice"
    takes = (Announce,)
    Options: ClassVar[type[DriverOptions]] = Syn6288Options
    options: Syn6288Options

    def __init__(self, options: Syn6288Options) -> None:
        super().__init__(options)
        self._waiting: deque[Saying] = deque()
        self._saying: Saying | None = None
        self._frame: Frame | None = None
        self._test: ExerciseDevice | None = None
        self._probe: Probe | None = None
        self._probe_at = math.inf
        self._probed = False
        self._state = ""
        self._stuck = False
        self._asking = Asking(options.answer_s)
        self._ask_at = math.inf
        self._idles = 0
        self._own_since = 0.0
        self._last = b""
        self._fault_at = -math.inf
        self._write = b""
        self._told: list[Report] = []

    def windows(self) -> tuple[int, ...]:
        """Where it is heard."""
        return self.options.windows

    def start(self, now: float) -> Reply:
        """Ask how it is; when it answers it is ready."""
        self._drop()
        self._state, self._stuck, self._last = "", False, b""
        self._asking.restart()
        self._is("unknown")
        self._ask_at = now
        return self._reply(now, ask=True)

    def lost(self, now: float) -> Reply:
        """Nobody hears the rest of what it says, nor what waits."""
        self._drop()
        return self._reply(now)

    def perform(self, effect: Effect, now: float) -> Reply:
        """Announce: the Mandarin among its sentences, as often as it is there."""
        if not isinstance(effect, Announce):
            return Reply()
        saying = saying_to(effect, self.options)
        if not saying.pieces:
            self._answer(saying, "no_sound", "nothing to say in Mandarin, and no tone is set")
        elif len(self._waiting) >= WAIT_MOST:
            self._answer(saying, "no_sound", f"{WAIT_MOST} others wait")
        elif effect.urgent:
            self._cut(now)
            self._waiting.appendleft(saying)
        else:
            self._waiting.append(saying)
        self._next(now)
        return self._reply(now, ask=True)

    def receive(self, data: bytes, now: float) -> Reply:
        """Single bytes are answers; what is no answer is dirt."""
        for byte in data:
            if byte in WORDS:
                self._last = bytes((byte,))
                self._hear(byte, now)
            elif self._probe:
                self._probe.piece(bytes((byte,)))
                self._probe.garbage(bytes((byte,)))
            elif now - self._fault_at >= FAULT_GAP_S:
                self._fault_at = now
                evidence = data[:EVIDENCE_BYTES].hex(" ").upper()
                self._told.append(Fault(code="garbage", evidence=evidence))
        return self._reply(now)

    def wake(self, now: float) -> Reply:
        """An answer has not come, or the next question is due."""
        if self._probe:
            self._probing(self._probe.wake(now), now)
        elif self._asking.asked_at is not None and now >= self._asking.due:
            self._missed(now)
        return self._reply(now, ask=True)

    # - what it says

    def _hear(self, word: int, now: float) -> None:
        if word == ACCEPTED:
            self._asking.accepted()
        if word in {BUSY, IDLE}:
            if self._probe:
                self._probed = self._probed or bool(self._probe.asking)
                self._probing(self._probe.answered(bytes((word,)), now), now)
            elif (asked_at := self._asking.answered(word, now)) is not None:
                self._answered(word == IDLE, asked_at, now)
        elif self._frame is not None:
            self._hear_of_frame(self._frame, word, now)
        elif word == POWERED and self._asking.asked_at is None and not self._probe:
            self._ask_at = min(self._ask_at, now + POLL_S)

    def _hear_of_frame(self, frame: Frame, word: int, now: float) -> None:
        """Until it is asked again, an answer is about the frame; later it may be to a question."""
        if word == POWERED:
            frame.powered = True
        elif word == REFUSED:
            frame.refused = True
            if not frame.asked:
                self._failed("no_sound", "45", "error", now)
        elif not frame.asked:
            frame.accepted = True
            self._ask_at = max(now, frame.sent_at + frame.wire_s) + POLL_S

    def _answered(self, idle: bool, asked_at: float, now: float) -> None:
        self._stuck = self._stuck and not idle
        if not self._stuck and self._asking.sure:
            self._is("ready")
        elif self._asking.overdue:
            self._is("late", f"{now - asked_at:.1f} s")
        rest_s = BACK_S if self._stuck else self.options.check_s or math.inf
        self._ask_at = now + (POLL_S if self._saying or not self._asking.sure else rest_s)
        if self._saying is None:
            self._next(now)
            return
        self._idles = self._idles + 1 if idle and (self._frame or self._asking.sure) else 0
        if self._frame is None and self._asking.overdue:
            words = f"answered after {now - asked_at:.1f} s, answer_s is {self.options.answer_s}"
            self._failed("silence", words, "late", now)
        elif self._frame is None:
            self._own(self._saying, now)
        else:
            self._frame.looked(asked_at, now)
            if not idle:
                self._speaks(self._saying, self._frame, now)
            elif asked_at >= self._frame.sent_at + self._frame.wire_s + BEGIN_S:
                self._rests(self._saying, self._frame, now)

    def _own(self, saying: Saying, now: float) -> None:
        """It is idle and is spoken to, or it is busy with something of its own."""
        if self._idles >= IDLES:
            frame = make_frame(saying.pieces[0].payload)
            self._frame = Frame(now, len(frame) * BYTE_S)
            self._write += frame
            self._idles = 0
            self._ask_at = now + self._frame.wire_s + self._asking.wait_s(ACCEPT_S)
            if math.isnan(saying.began_at):
                saying.began_at = now
        elif now - self._own_since >= OWN_MOST_S:
            self._give_up(now)

    def _speaks(self, saying: Saying, frame: Frame, now: float) -> None:
        frame.busy_at, frame.idle_at, frame.missed = now, math.nan, False
        if now - frame.sent_at > 2 * saying.pieces[0].usual_s + OVERRUN_S:
            self._give_up(now)

    def _give_up(self, now: float) -> None:
        """It is busy without end: nothing more is handed to it until it is idle."""
        self._write += STOP
        self._stuck = True
        self._is("silent", "4E")
        since = self._frame.sent_at if self._frame else self._own_since
        self._failed("no_sound", f"4E for {now - since:.0f} s", "no_sound", now)

    def _rests(self, saying: Saying, frame: Frame, now: float) -> None:
        """It is idle: it has said it, or has not begun, or never will."""
        frame.idle_at = now if math.isnan(frame.idle_at) else frame.idle_at
        if self._idles < IDLES:
            return
        wrong = frame.wrong(saying.pieces[0])
        if wrong is None:
            saying.proven = saying.proven and frame.proven(saying.pieces[0])
            self._said(saying, frame.idle_at, now)
        else:
            self._failed(*wrong, now)

    def _said(self, saying: Saying, ended_at: float, now: float) -> None:
        saying.pieces.popleft()
        self._frame, self._idles = None, 0
        if saying.pieces:
            gap_s = saying.pieces[0].gap_s - IDLES * POLL_S
            self._own_since = self._ask_at = max(now, ended_at + gap_s)
            return
        self._saying = None
        took_s = round(ended_at - saying.began_at, 2)
        if saying.order is None:
            result: tuple[Result, Wrong] = ("passed", "")
            if not saying.proven:
                result = ("untested", "doubtful")
            self._found(*result, f"{took_s:.1f} s")
        else:
            self._told.append(saying.announced(saying.order.announcement, took_s))
        self._next(now)

    def _failed(self, reason: VoiceTrouble, evidence: str, code: Wrong, now: float) -> None:
        """What is under way has failed."""
        saying, self._saying, self._frame = self._saying, None, None
        self._ask_at = now + POLL_S
        if saying is not None and saying.order is None:
            self._found("failed", code, evidence)
        elif saying is not None:
            self._answer(saying, reason, evidence)
        self._next(now)

    def _missed(self, now: float) -> None:
        if self._asking.missed():
            self._ask_at = now
            if self._frame:
                self._frame.missed = True
        if self._asking.silent:
            self._is("silent", self._last.hex().upper())
            if self._saying:
                words = f"no answer to {SILENT_MOST} questions"
                self._failed("silence", words, "silence", now)
        if self._saying is None:
            self._next(now)

    # - what is under way

    def _next(self, now: float) -> None:
        """Begin what waits: a self-test first."""
        if self._saying or self._probe:
            return
        if self._test and self._asking.asked_at is None:
            questions = [Question("answer", STATE)]
            self._probe, self._probed = Probe(questions, answer_s=self.options.answer_s), False
            self._probing(self._probe.begin(now), now)
        elif self._waiting and not self._test:
            self._begin(self._waiting.popleft(), now)

    def _begin(self, saying: Saying, now: float) -> None:
        self._saying, self._frame = saying, None
        self._idles = 0
        self._asking.begin()
        self._own_since = now
        self._ask_at = now

    def _cut(self, now: float) -> None:
        """Break off what it says, also a self-test."""
        if self._test:
            finding = Finding(step="tone", result="failed", code="interrupted")
            self._told += [finding, TestEnded()]
            self._test = self._probe = None
        saying, self._saying, self._frame = self._saying, None, None
        self._write += STOP
        self._ask_at = now + POLL_S
        if saying:
            self._answer(saying, "cut", "something urgent came")

    def _answer(self, saying: Saying, reason: VoiceTrouble, evidence: str) -> None:
        if saying.order is not None:
            name = saying.order.announcement
            failed = AnnouncementFailed(announcement=name, reason=reason, evidence=evidence)
            self._told.append(failed)

    # - the self-test

    def selftest(self, test: ExerciseDevice, now: float) -> Reply:
        """Ask how it is; external: say the test's words to their end. Calls wait meanwhile."""
        self._test = test
        self._next(now)
        return self._reply(now, ask=True)

    def end_selftest(self, now: float) -> Reply:
        """Say what has waited."""
        if self._saying and self._saying.order is None:
            self._write += STOP if self._frame else b""
            self._saying = self._frame = None
        answers = self._probe is not None and self._probe.asking  # perhaps yet
        self._test = self._probe = None
        if self._saying is None:
            self._ask_at = now + (self._asking.wait_s(POLL_S) if answers else POLL_S)
        self._next(now)
        return self._reply(now, ask=True)

    def _probing(self, reply: Reply, now: float) -> None:
        self._write += reply.write
        self._told += late_not_silent(reply.reports) if self._state == "late" else reply.reports
        if reply.wake_at is not None:
            self._probe_at = reply.wake_at
        if self._test is None or self._probe is None or self._probe.running:
            return
        test, self._probe = self._test, None
        self._ask_at = now + (POLL_S if self._probed else self.options.answer_s)
        if test.level == "internal" or not self._probed:
            self._told.append(TestEnded())
            self._test = None
            self._next(now)
            return
        texts = [x.text for x in test.sentences if x.language == "mandarin"] or test.texts[:1]
        opts = self.options
        saying = saying_of(texts, test.volume, chime=opts.chime, tags=opts.tags)
        if saying.pieces:
            self._begin(saying, now)
        else:
            self._found("untested", "no_question", "nothing to say")
            self._next(now)

    def _found(self, result: Result, code: Wrong, evidence: str) -> None:
        finding = Finding(step="tone", result=result, code=code, evidence=evidence)
        self._told += [finding, TestEnded()]
        self._test = None

    # - what all share

    def _drop(self) -> None:
        """Forget everything; whatever was to be said is answered for."""
        orders = [self._saying, *self._waiting] if self._saying else [*self._waiting]
        self._waiting.clear()
        self._saying = self._frame = self._test = self._probe = None
        self._asking.asked_at, self._ask_at = None, math.inf
        for saying in orders:
            self._answer(saying, "unplugged", "the line is gone")

    def _is(self, state: str, evidence: str = "") -> None:
        if state != self._state:
            self._state = state
            self._told.append(Condition(part="state", state=state, evidence=evidence))

    def _reply(self, now: float, *, ask: bool = False) -> Reply:
        """What has gathered. With `ask` the question that is due goes out."""
        if ask and not self._probe and self._asking.asked_at is None and now >= self._ask_at:
            self._write += STATE
            self._ask_at = math.inf
            self._asking.ask(now)
            if self._frame:
                self._frame.asked = True
        wake_at = self._ask_at
        if self._probe:
            wake_at = self._probe_at
        elif self._asking.asked_at is not None:
            wake_at = self._asking.due
        write, told, self._write, self._told = self._write, tuple(self._told), b"", []
        return Reply(write, told, wake_at if math.isfinite(wake_at) else None)
