"""Receipt printers that speak ESC/POS and print Chinese: Xprinter, Zijiang, Citizen, Epson, SNBC.

Manual: Epson "ESC/POS Command Reference"; status bits from the Citizen CT-S and SNBC BT-532C
manuals, where they agree. Wiring: USB printer class, TCP 9100, or serial 9600-115200 8N1; paper
80 mm (576 dots, 24 hanzi) or 58 mm (384 dots, 16 hanzi).

One frame taken apart, the question for paper and its answer:

    10 04 04     DLE EOT 4: answered at once, even while the printer is stopped
    72           0xx1xx10 marks such an answer; 60 = paper out, 0C = paper near its end

"The write succeeded" means nothing here: a printer that does not read swallowed 86 kB over USB and
2 MB over TCP. So a slip is believed only when the printer answers the fence behind it (GS r 1,
which waits its turn in the printer's buffer), and it is sent only after the printer was asked how
it is. Between "asked" and "sent" the journal is written (PrintSlip, SlipReady, SendSlip).
"""

from collections import deque
from dataclasses import dataclass, field
from typing import ClassVar

from drivers.escpos.typeset import FONTS, EscposOptions, Typesetter
from hallctl.core.effects import DropSlip, Effect, PrintSlip, SendSlip
from hallctl.core.reports import (
    Condition,
    Fault,
    Finding,
    Report,
    SlipDoubtful,
    SlipHeld,
    SlipPrinted,
    SlipReady,
)
from hallctl.core.slip import Slip
from hallctl.driver import Driver, DriverOptions, Reply

QUEUE_MAX = 8
DRAIN_S = 0.05
"""Before a question we listen this long: a byte left over from before must not answer it."""
ANSWER_S = 1.0
FENCE_S = 8.0
SILENT_S = 2.0
IDLE_POLL_S = 2.0
HELD_POLL_S = 1.0
PATIENT_AFTER, PATIENT_TIMES = 60, 5
"""A printer that stands keeps our questions in its buffer too: ask it for long, ask it less."""
SLOWEST_BYTES_A_S = 960  # a serial line at 9600 8N1

FENCE = b"\x1dr\x01"

OFFLINE = 0x08  # n=1
COVER_OPEN, PAPER_STOP, ERROR = 0x04, 0x20, 0x40  # n=2
ERROR_CAUSES = 0x08 | 0x20 | 0x40  # n=3: knife, unrecoverable, recoverable
NEAR_END, PAPER_OUT = 0x0C, 0x60  # n=4
FENCE_PAPER_OUT = 0x0C  # GS r 1


@dataclass(slots=True)
class _Job:
    job: str
    slip: Slip
    told: str = ""
    """The reason the hall was last told why it waits."""
    ready: bool = False


@dataclass(slots=True)
class _Sent:
    job: str
    due: float
    fence: int | None = None


@dataclass(slots=True)
class _Poll:
    due: float
    asked: int = 0
    """The n of the DLE EOT that is out; 0 while we drain."""
    answers: dict[int, int] = field(default_factory=dict)


class EscposPrinter(Driver):
    """A slip printer. At most one slip is on its way; the others wait, and wait asked."""

    kind = "printer"
    takes = (PrintSlip, SendSlip, DropSlip)
    Options: ClassVar[type[DriverOptions]] = EscposOptions
    options: EscposOptions

    def __init__(self, options: EscposOptions) -> None:
        super().__init__(options)
        self._jobs: deque[_Job] = deque()
        self._sent: _Sent | None = None
        self._poll: _Poll | None = None
        self._poll_at = 0.0
        self._open = False
        self._heard = False
        """It has answered a question since the start, so it is no printer that never does."""
        self._skip = 0
        self._known: dict[str, str] = {}
        self._stands = 0
        self._testing = False

    def start(self, now: float) -> Reply:
        """Ask at once how it is. What was on its way when the wire went is doubtful."""
        reports: list[Report] = []
        if self._sent:
            reports.append(SlipDoubtful(job=self._sent.job, reason="unplugged"))
        self._sent, self._poll, self._open, self._heard = None, None, True, False
        self._known.clear()
        for job in self._jobs:
            job.ready = False
        if self.options.silent:
            reports += self._changes({})
        return self._reply(now, reports=reports, poll=True)

    def perform(self, effect: Effect, now: float) -> Reply:
        """PrintSlip is queued and asked for, SendSlip sends, DropSlip forgets."""
        if isinstance(effect, PrintSlip):
            return self._queue(effect, now)
        if isinstance(effect, SendSlip):
            return self._send(effect.job, now)
        if isinstance(effect, DropSlip):
            self._jobs = deque(job for job in self._jobs if job.job != effect.job)
            return self._reply(now, poll=bool(self._jobs))
        return Reply()

    def receive(self, data: bytes, now: float) -> Reply:
        """Answers, told apart by their fixed bits; everything else is dropped."""
        status, fence = self._sort(data)
        fenced = fence is not None and self._sent is not None and self._sent.fence is None
        if self._sent and fenced:
            self._sent.fence, self._heard = fence, True
        if status is not None and self._poll and self._poll.asked:
            self._poll.answers[self._poll.asked], self._heard = status, True
            return self._ask_next(now)
        return self._reply(now, poll=True) if fenced else Reply()

    def wake(self, now: float) -> Reply:
        """A question was not answered, a fence stayed silent, or it is time to ask again."""
        if self._poll:
            return self._ask_next(now) if now >= self._poll.due else self._reply(now)
        if self._sent:
            return self._reply(now) if now < self._sent.due else self._fence_silent(now)
        return self._reply(now, poll=now >= self._poll_at)

    def selftest(self, now: float) -> Reply:
        """Ask for the status; the findings come with the answers."""
        if self.options.silent:
            words = "never answers (silent: true), so it cannot be tested from here"
            return Reply(reports=(Finding(step="status", passed=True, words=words),))
        self._testing = True
        return self._reply(now, poll=True)

    # - slips

    def _queue(self, effect: PrintSlip, now: float) -> Reply:
        if self._sent and self._sent.job == effect.job:
            return Reply()
        waiting = next((job for job in self._jobs if job.job == effect.job), None)
        if waiting:  # asked a second time, so answered a second time
            waiting.ready, waiting.told = False, ""
        elif len(self._jobs) >= QUEUE_MAX:
            return Reply(reports=(SlipHeld(job=effect.job, reason="queue_full"),))
        else:
            self._jobs.append(_Job(effect.job, effect.slip))
        return self._reply(now, poll=True)

    def _send(self, job: str, now: float) -> Reply:
        """The whole slip and the fence in one piece: a job cut in two glues onto the next."""
        found = next((waiting for waiting in self._jobs if waiting.job == job), None)
        if found is None:
            return Reply(reports=(Fault(code="unknown_job", evidence=job),))
        self._jobs.remove(found)
        said: list[Report] = []
        if self._sent:  # never two on their way; should it be asked, the first one's end is lost
            said.append(SlipDoubtful(job=self._sent.job, reason="no_answer"))
        typesetter = Typesetter(self.options)
        slip = typesetter.slip(found.slip)
        patience_s = max(FENCE_S, 5.0 + len(slip) / SLOWEST_BYTES_A_S)
        self._poll, self._skip = None, 0
        if self.options.silent:
            self._sent = _Sent(job, now + SILENT_S + len(slip) / SLOWEST_BYTES_A_S)
            fence = b""
        else:
            self._sent, fence = _Sent(job, now + patience_s), FENCE
        if typesetter.lacks_font:
            said.append(Fault(code="no_font", evidence=FONTS))
        return self._reply(now, write=slip + fence, reports=said)

    def _fence_silent(self, now: float) -> Reply:
        assert self._sent
        if self._heard and not self.options.silent:
            return self._reply(now, poll=True)  # it can speak, so its silence means something
        printed = SlipPrinted(job=self._sent.job, proven=False)
        self._sent = None
        return self._reply(now, reports=[printed], poll=True)

    def _conclude(self, sent: _Sent, *, paper_out: bool) -> Report:
        if paper_out or (sent.fence or 0) & FENCE_PAPER_OUT:
            return SlipDoubtful(job=sent.job, reason="paper_out")
        if sent.fence is None:
            return SlipDoubtful(job=sent.job, reason="no_answer")
        return SlipPrinted(job=sent.job)

    def _offer(self, reason: str) -> list[Report]:
        """Say which slips wait and why, or that the first one may go."""
        if not reason:
            if not self._jobs or self._jobs[0].ready:
                return []
            self._jobs[0].ready = True
            return [SlipReady(job=self._jobs[0].job)]
        told = [job for job in self._jobs if not job.ready and job.told != reason]
        for job in told:
            job.told = reason
        return [SlipHeld(job=job.job, reason=reason) for job in told]

    # - questions and answers

    def _sort(self, data: bytes) -> tuple[int | None, int | None]:
        """The last answer to DLE EOT and the last to GS r among the bytes."""
        status = fence = None
        for byte in data:
            if self._skip:
                self._skip -= 1
            elif byte & 0x93 == 0x12:  # noqa: PLR2004 - 0xx1xx10
                status = byte
            elif byte & 0x93 == 0x10:  # noqa: PLR2004 - 0xx1xx00: an unasked report of 4 bytes
                self._skip = 3
            elif byte & 0x90 == 0:  # 0xx0xxxx
                fence = byte
        return status, fence

    def _ask_next(self, now: float) -> Reply:
        """The next DLE EOT, or the judgement. One at a time: the answers carry no number."""
        poll = self._poll
        assert poll
        mute = poll.asked == 1 and not poll.answers
        if mute or poll.asked == 4:  # noqa: PLR2004 - there are four
            return self._judge(poll.answers, now)
        poll.asked, poll.due, self._skip = poll.asked + 1, now + ANSWER_S, 0
        return self._reply(now, write=bytes((0x10, 0x04, poll.asked)))

    def _judge(self, answers: dict[int, int], now: float) -> Reply:
        reports = self._changes(answers)
        states = self._states(answers)
        if self._testing:
            self._testing = False
            bad = {"out", "open", "offline", "error", "unknown"}
            reports += [
                Finding(step=part, passed=state not in bad, words=f"{state} ({_hex(answers)})")
                for part, state in states.items()
            ]
        self._poll = None
        if self._sent:
            reports.append(self._conclude(self._sent, paper_out=states["paper"] == "out"))
            self._sent = None
        reason = self._reason(states) if answers or not self._heard else "no_answer"
        reports += self._offer(reason)
        self._stands = self._stands + 1 if reason else 0
        pause_s = HELD_POLL_S if reason and self._jobs else IDLE_POLL_S
        self._poll_at = now + pause_s * (PATIENT_TIMES if self._stands > PATIENT_AFTER else 1)
        return self._reply(now, reports=reports)

    def _states(self, answers: dict[int, int]) -> dict[str, str]:
        n1, n2, n3, n4 = (answers.get(n) for n in (1, 2, 3, 4))
        paper = cover = state = "unknown"
        if n4 is not None:
            low = bool(n4 & NEAR_END) != self.options.near_end_inverted
            paper = "out" if n4 & PAPER_OUT else "low" if low else "ok"
        if n2 is not None:
            paper = "out" if n2 & PAPER_STOP else paper
            cover = "open" if n2 & COVER_OPEN else "closed"
        if n1 is not None:
            state = "offline" if n1 & OFFLINE else "ready"
        if (n2 or 0) & ERROR or (n3 or 0) & ERROR_CAUSES:
            state = "error"
        return {"paper": paper, "cover": cover, "state": state}

    @staticmethod
    def _reason(states: dict[str, str]) -> str:
        """Why nothing can be printed now; "" when it can, or when nobody can know."""
        if states["cover"] == "open":
            return "cover_open"
        if states["paper"] == "out":
            return "paper_out"
        return states["state"] if states["state"] in {"error", "offline"} else ""

    def _changes(self, answers: dict[int, int]) -> list[Report]:
        states = self._states(answers)
        news = {part: state for part, state in states.items() if self._known.get(part) != state}
        self._known.update(news)
        return [Condition(part=p, state=s, evidence=_hex(answers)) for p, s in news.items()]

    def _reply(
        self,
        now: float,
        *,
        write: bytes = b"",
        reports: list[Report] | None = None,
        poll: bool = False,
    ) -> Reply:
        """Every answer leaves here, so that the alarm is always set to what comes next."""
        said = reports or []
        if poll and self._open and self.options.silent and not self._sent:
            said = said + self._offer("")
        elif poll and self._open and not self.options.silent and not self._poll:
            self._poll = _Poll(due=now + DRAIN_S)
        return Reply(write, tuple(said), self._alarm())

    def _alarm(self) -> float | None:
        if self._poll:
            return self._poll.due
        if self._sent:
            return self._sent.due
        return None if self.options.silent or not self._open else self._poll_at


def _hex(answers: dict[int, int]) -> str:
    return " ".join(f"{n}:{byte:02X}" for n, byte in answers.items())
