"""What all LED strips on a shared line have in common; a board's driver adds its frames.

The longest text that fits stands still; what does not fit is paged, never scrolled, never flashed.
One request is under way at a time; a strip that does not answer is parked and said ("strip:3",
silent or late), the line goes on, and when it is back it is drawn again.
"""

import math
from abc import abstractmethod
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar, Literal

from pydantic import Field

from hallctl.core.effects import Effect, ExerciseDevice, ShowStrip
from hallctl.core.reports import Condition, Fault, Finding, Report, TestEnded
from hallctl.driver import Driver, DriverOptions, Reply
from hallctl.probe import Probe, Question, late_not_silent
from hallctl.protocols.strip_text import Heard, Shown, fitting
from hallctl.protocols.turns import CHECK, Owed, SeatState, Turns

PAGE_S = 3.0
TEST_SHOWS_S = 5.0
TEXT = "text"
ANSWER_S, ASKING_S = 1.5, 15.0
"""A self-test waits so long for an answer, and for all answers together."""
DIRT_S, FAULT_GAP_S, EVIDENCE_BYTES = 0.2, 10.0, 32


class StripOptions(DriverOptions):
    """`strips`: address → window. `columns`: how many hanzi fit (a Latin letter is half of one).

    `answer_s`: how long a strip may take to answer; a slow one is given twice that. `check_s`: how
    often each is asked whether it is there and still shows its text (0: never).
    """

    strips: dict[int, int]
    columns: int = Field(default=8, ge=1, le=32)
    answer_s: float = Field(default=1.0, gt=0, le=5)
    check_s: float = Field(default=10.0, ge=0)


@dataclass(slots=True)
class _Said:
    """A reply being put together."""

    write: bytes = b""
    reports: list[Report] = field(default_factory=list)


@dataclass(slots=True)
class _Test:
    """A self-test under way. `mute` are the strips that did not answer it."""

    test: ExerciseDevice
    addresses: tuple[int, ...]
    until: float
    stage: Literal["waiting", "asking", "showing", "holding"] = "waiting"
    mute: set[int] = field(default_factory=set)


class StripBus(Driver):
    """All strips of one line. A subclass gives `frame`, `hear` and `rest`."""

    kind = "strip"
    takes = (ShowStrip,)
    example: ClassVar[Mapping[str, Any]] = {"strips": {1: 1, 2: 2}, "columns": 8}
    Options: ClassVar[type[DriverOptions]] = StripOptions
    options: StripOptions
    gap_s: ClassVar[float] = 0.0
    """How long the line must be still between an answer and the next request."""

    def __init__(self, options: StripOptions) -> None:
        super().__init__(options)
        self._shown: dict[int, Shown] = {}
        self._turns = Turns(
            options.strips,
            answer_s=options.answer_s,
            check_s=options.check_s,
            gap_s=self.gap_s,
            optional=self.settings(),
        )
        self._owed = Owed()
        self._late_until = -math.inf
        """Until then the last answer that was given up may come, and is no fault to a self-test."""
        self._asked = ("", "")
        """What is under way: a request, and the text that stood to it."""
        self._page_at = math.inf
        self._state = ""
        self._dirt, self._dirt_code, self._dirt_at = b"", "", math.inf
        self._fault_at = -math.inf
        self._test: _Test | None = None
        self._probe = Probe(())
        self._probe_at = math.inf

    # - what a board adds

    @abstractmethod
    def frame(self, address: int, request: str, shown: Shown) -> bytes:
        """The bytes of a request: "text" with what is shown, "check", or one of the board's own."""

    @abstractmethod
    def hear(self, data: bytes) -> Iterator[Heard]:
        """What is in the bytes, one after the other; what is unfinished is kept."""

    @abstractmethod
    def rest(self) -> bytes:
        """What was kept as unfinished; forget it."""

    def answers(self) -> bool:
        """Whether the strips answer at all."""
        return True

    def settings(self) -> tuple[str, ...]:
        """Requests that set a strip up. One that does not take them still gets its text."""
        return ()

    def requests(self) -> tuple[str, ...]:
        """The requests that bring a new text up."""
        return (TEXT,)

    # - the driver

    def windows(self) -> tuple[int, ...]:
        """Every window with a strip on this line."""
        return tuple(dict.fromkeys(self.options.strips.values()))

    def start(self, now: float) -> Reply:
        """Show again what should stand there, and ask the others whether they are there."""
        self.rest()
        self._probe.stop()
        self._test, self._dirt_at = None, math.inf
        self._turns.restart()
        self._owed.forget()
        for address in self.options.strips:
            if self.answers():
                self._turns.want(address, (CHECK,))  # unless there is something to show
            self._draw(address)
        self._state = "unknown"
        return self._reply(_Said(reports=[Condition(part="state", state="unknown")]), now)

    def perform(self, effect: Effect, now: float) -> Reply:
        """ShowStrip: the longest text that fits."""
        if not isinstance(effect, ShowStrip):
            return Reply()
        shown = fitting(effect.texts, self.options.columns)
        for address, window in self.options.strips.items():
            if window == effect.window:
                self._shown[address] = Shown(shown, effect.state)
                self._turns.want(address, self.requests())
        self._set_page_alarm(now)
        return self._reply(_Said(), now)

    def receive(self, data: bytes, now: float) -> Reply:
        """Answers; anything else is dirt."""
        said = _Said()
        self._probe.piece(data)
        for heard in self.hear(data):
            if self._probe.running:
                self._tell_probe(heard, now, said)
            else:
                self._take(heard, now, said)
        return self._reply(said, now)

    def wake(self, now: float) -> Reply:
        """A page is over, an answer has not come, a step of the self-test is due."""
        said = _Said()
        if now >= self._page_at:
            self._turn_pages(now)
        if self._turns.out is not None and now >= self._turns.due:
            self._soil(self.rest(), "garbage", now)
            self._owed.give_up(self._turns.out[0], self._asked, self._turns.asked_at)
            self._failed("silent", b"", now, said)
            self._late_until = now + ANSWER_S
            if self._test:
                self._test.until = self._late_until
        if self._probe.running and now >= self._probe_at:
            self._probe.garbage(self.rest())
            self._probed(self._probe.wake(now), said)
        self._speak_of_dirt(now, said)
        return self._reply(said, now)

    def selftest(self, test: ExerciseDevice, now: float) -> Reply:
        """Ask each strip; then, unless only asked, show a text on each and put the old one back."""
        wanted = test.windows
        own = self.options.strips.items()
        at = tuple(address for address, window in own if not wanted or window in wanted)
        self._test = _Test(test, at, until=max(now, self._late_until))
        return self._reply(_Said(), now)

    def end_selftest(self, now: float) -> Reply:
        """Put the old texts back."""
        if self._probe.asking:
            self._turns.wait_until(now + self.options.answer_s)
        self._probe.stop()
        self._restore()
        return self._reply(_Said(), now)

    # - what is said

    def _reply(self, said: _Said, now: float) -> Reply:
        if self._test is not None and self._turns.out is None:
            self._go_on(self._test, said, now)
        elif self._test is not None:
            self._test.until = now + DIRT_S  # what comes behind the answer is not the test's
        while self._test is None and (turn := self._turns.next(now)) is not None:
            said.write += self._frame(*turn)
            self._asked = turn[1], (self._shown.get(turn[0]) or Shown()).text
            if not self.answers():
                self._turns.dropped()
        return Reply(said.write, tuple(said.reports), self._alarm(now))

    def _frame(self, address: int, request: str) -> bytes:
        return self.frame(address, request, self._shown.get(address) or Shown())

    def _draw(self, address: int) -> None:
        """Set the strip up and show what it should, if it should show something yet."""
        wanted = self.requests() if address in self._shown else ()
        self._turns.want(address, (*wanted, *self.settings()))

    def _alarm(self, now: float) -> float | None:
        due = [self._page_at, self._dirt_at]
        if self._test is None or self._turns.out is not None:
            due.append(self._turns.alarm(now) if self.answers() else math.inf)
        if self._test is not None:
            due += [self._test.until, self._probe_at if self._probe.running else math.inf]
        first = min(due)
        return first if math.isfinite(first) else None

    def _set_page_alarm(self, now: float) -> None:
        """When the next page is due. A running alarm is kept, or new texts would starve it."""
        if not any(len(shown.pages) > 1 for shown in self._shown.values()):
            self._page_at = math.inf
        elif not now < self._page_at < math.inf:
            self._page_at = now + PAGE_S

    def _turn_pages(self, now: float) -> None:
        for address, shown in self._shown.items():
            if len(shown.pages) > 1:
                shown.page = (shown.page + 1) % len(shown.pages)
                self._turns.want(address, (TEXT,))
        self._set_page_alarm(now)

    # - what is heard

    def _take(self, heard: Heard, now: float, said: _Said) -> None:
        if heard.what in {"garbage", "bad_checksum"}:
            code = "wrong_checksum" if heard.what == "bad_checksum" else "garbage"
            self._soil(heard.frame, code, now)
        out = self._turns.out
        if heard.what not in {"answer", "refused"}:
            return
        owed, asked_at = self._owed.answered(heard.address) or (None, now)
        fits = out is not None and heard.address == out[0]
        if out is None or not fits or (heard.kinds and out[1] not in heard.kinds):
            # Late: whoever it was, the line is free again.
            self._turns.wait_until(now + self.gap_s)
            if owed:
                self._turns.late(heard.address, now - asked_at, now)
            return
        if heard.what == "refused":
            self._soil(heard.frame, "refused", now)
            self._failed("error", heard.frame, now, said)
            return
        self._turns.took(out[0], now - asked_at)  # 0 for one in time
        before = self._turns.seats[out[0]].state
        if self._turns.answered(now) or (heard.stale and out[0] in self._shown):
            self._draw(out[0])
        elif owed not in (None, self._asked) and out[0] in self._shown:
            self._turns.want(out[0], self.requests())  # the answer of one before it, perhaps
        self._tell(out[0], before, heard.frame, said)

    def _failed(self, state: SeatState, evidence: bytes, now: float, said: _Said) -> None:
        address = self._turns.out[0] if self._turns.out else -1
        before = self._turns.seats[address].state
        self._turns.failed(now, state)
        self._tell(address, before, evidence, said)

    def _tell(self, address: int, before: SeatState, evidence: bytes, said: _Said) -> None:
        """A strip's state when it is another; and the line's, which is silent when all are."""
        state, shown = self._turns.seats[address].state, evidence.hex(" ").upper()
        if state != before:
            said.reports.append(Condition(part=f"strip:{address}", state=state, evidence=shown))
        states = {seat.state for seat in self._turns.seats.values()}
        whole = next((x for x in ("unknown", "late") if x in states), "silent")
        whole = "ready" if states & {"ready", "error"} else whole
        if whole != self._state:
            self._state = whole
            said.reports.append(Condition(part="state", state=whole, evidence=shown))

    def _soil(self, dirt: bytes, code: str, now: float) -> None:
        """Bytes nobody understands: one fault for a burst, told when the burst is over."""
        if not dirt or now - self._fault_at < FAULT_GAP_S:
            return
        if self._dirt_at == math.inf:
            self._dirt, self._dirt_code, self._dirt_at = b"", code, now + DIRT_S
        self._dirt = (self._dirt + dirt)[:EVIDENCE_BYTES]

    def _speak_of_dirt(self, now: float, said: _Said) -> None:
        if now >= self._dirt_at:
            evidence = self._dirt.hex(" ").upper()
            said.reports.append(Fault(code=self._dirt_code, evidence=evidence))
            self._dirt_at, self._fault_at = math.inf, now

    # - the self-test

    def _tell_probe(self, heard: Heard, now: float, said: _Said) -> None:
        match heard.what:
            case "garbage":
                self._probe.garbage(heard.frame)
            case "bad_checksum":
                self._probe.bad_checksum(heard.frame)
            case "answer" | "refused" if self._probe.asking.endswith(f":{heard.address}"):
                wrong: Literal["", "error"] = "error" if heard.what == "refused" else ""
                self._probed(self._probe.answered(heard.frame, now, wrong), said)
            case "answer" | "refused":
                self._probe.other_address(heard.frame)

    def _probed(self, reply: Reply, said: _Said) -> None:
        said.write += reply.write
        if reply.wake_at is not None:
            self._probe_at = reply.wake_at
        for told in reply.reports:
            report = told
            if isinstance(report, Finding) and self._test is not None:
                word, _, address = report.step.partition(":")
                if report.code == "silence":
                    self._test.mute.add(int(address))
                    if self._turns.seats[int(address)].state == "late":
                        (report,) = late_not_silent((report,))
                if word == "quiet" and self._test.stage == "showing":
                    continue  # found before the first question already
            said.reports.append(report)

    def _go_on(self, test: _Test, said: _Said, now: float) -> None:
        """The next step of the self-test, when the one before is over."""
        visible = test.test.level != "internal"
        if test.stage == "waiting" and now < test.until:
            return
        if test.stage == "waiting":
            if self.answers():
                test.stage, test.until = "asking", math.inf
                self._ask("answer", CHECK, test.addresses, said, now)
            else:
                found = Finding(step="answer", result="untested", code="no_question")
                said.reports.append(found)
                self._show_unasked(test, said, now)
        elif test.stage == "asking" and not self._probe.running:
            heard = tuple(a for a in test.addresses if a not in test.mute)
            if not visible or not heard:
                self._over(said, now)
                return
            test.stage, test.addresses = "showing", heard
            self._ask("show", TEXT, heard, said, now)
        elif test.stage == "showing" and not self._probe.running:
            test.stage, test.until = "holding", now + TEST_SHOWS_S
        elif test.stage == "holding" and now >= test.until:
            self._over(said, now)

    def _ask(
        self, step: str, request: str, addresses: tuple[int, ...], said: _Said, now: float
    ) -> None:
        shown = Shown(fitting(self._test.test.texts if self._test else (), self.options.columns))
        questions = [Question(f"{step}:{a}", self.frame(a, request, shown)) for a in addresses]
        answer_s = max(ANSWER_S, self.options.answer_s)
        answer_s = min(answer_s, ASKING_S / max(1, len(addresses)))
        self._probe = Probe(questions, answer_s=answer_s, gap_s=self.gap_s)
        self._probed(self._probe.begin(now), said)

    def _show_unasked(self, test: _Test, said: _Said, now: float) -> None:
        if test.test.level == "internal":
            self._over(said, now)
            return
        shown = Shown(fitting(test.test.texts, self.options.columns))
        said.write += b"".join(self.frame(a, TEXT, shown) for a in test.addresses)
        test.stage, test.until = "holding", now + TEST_SHOWS_S

    def _over(self, said: _Said, now: float) -> None:
        self._turns.wait_until(now + self.gap_s)
        self._restore()
        said.reports.append(TestEnded())

    def _restore(self) -> None:
        """The strips that showed a test text show again what they should."""
        test, self._test = self._test, None
        if test is not None and test.stage in {"showing", "holding"}:
            for address in test.addresses:
                self._shown.setdefault(address, Shown())
                self._turns.want(address, self.requests())
