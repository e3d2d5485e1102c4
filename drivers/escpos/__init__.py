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
from collections.abc import Mapping
from typing import Any, ClassVar

from drivers.escpos.jobs import Hanging, Job, Poll, Sent
from drivers.escpos.profiles import EscposOptions
from drivers.escpos.status import (
    FENCE_PAPER_OUT,
    Sorter,
    States,
    by_answers,
    by_report,
    cause,
    in_hex,
)
from drivers.escpos.trial import Trial, not_printed, printed
from drivers.escpos.typeset import FONTS, REPORTS_ON, RESET, Typesetter
from hallctl.core.effects import (
    BriefPrinter,
    DropSlip,
    Effect,
    ExerciseDevice,
    PrintSlip,
    SendSlip,
)
from hallctl.core.reports import (
    Condition,
    Fault,
    Finding,
    Report,
    SlipDoubtful,
    SlipHeld,
    SlipPrinted,
    SlipReady,
    TestEnded,
)
from hallctl.core.slip import Slip
from hallctl.driver import Driver, DriverOptions, Reply

QUEUE_MAX = 8
DRAIN_S = 0.05
"""Before a question we listen this long: a byte left over from before must not answer it."""
ANSWER_S = 1.0
FENCE_S = 8.0
SILENT_S = 2.0
IDLE_POLL_S, REPORTING_POLL_S = 2.0, 10.0
HELD_POLL_S = 1.0
PATIENT_AFTER, PATIENT_TIMES = 60, 5
"""A printer that stands keeps our questions in its buffer too: ask it for long, ask it less."""
SLOWEST_BYTES_A_S = 960  # a serial line at 9600 8N1

FENCE = b"\x1dr\x01"


class EscposPrinter(Driver):
    """A slip printer. At most one slip is on its way; the others wait, and wait asked."""

    kind = "printer"
    example: ClassVar[Mapping[str, Any]] = {"profile": "xprinter", "paper_mm": 80}
    takes = (PrintSlip, SendSlip, DropSlip, BriefPrinter)
    Options: ClassVar[type[DriverOptions]] = EscposOptions
    options: EscposOptions

    def __init__(self, options: EscposOptions) -> None:
        super().__init__(options)
        self._jobs: deque[Job] = deque()
        self._sent: Sent | None = None
        self._hanging = Hanging()
        self._poll: Poll | None = None
        self._poll_at = 0.0
        self._open = False
        self._heard = self._reports = False
        """It has answered, to us or (a slip) to a process before us, so its silence means
        something; and it has reported by itself since the wire was opened."""
        self._sorter = Sorter()
        self._known: States = {}
        self._stands = 0
        self._trial: Trial | None = None

    def start(self, now: float) -> Reply:
        """Ask at once how it is."""
        reports = list(self.lost(now).reports)
        self._open = True
        self._sorter.forget()
        self._known.clear()
        for job in self._jobs:
            job.ready = False
        begun = self._hanging.filled()
        if self.options.silent:
            self._hanging.give_up()  # there is nothing to wait for
            reports += self._changes(by_answers({}, near_end_inverted=False), "")
        elif self.options.asb:
            begun += REPORTS_ON
        return self._reply(now, write=begun, reports=reports, poll=True)

    def lost(self, now: float) -> Reply:  # noqa: ARG002 - as in the contract
        """What was on its way when the wire went is doubtful."""
        gone, self._sent, self._trial = self._sent, None, None
        self._poll, self._open, self._reports = None, False, False
        self._hanging.lost(gone)
        return Reply(reports=tuple(self._ended(gone, "unplugged")) if gone else ())

    def perform(self, effect: Effect, now: float) -> Reply:
        """PrintSlip is queued and asked for, SendSlip sends, DropSlip forgets."""
        if isinstance(effect, PrintSlip):
            return self._queue(effect, now)
        if isinstance(effect, SendSlip):
            return self._send(effect.job, now)
        if isinstance(effect, DropSlip):
            self._jobs = deque(job for job in self._jobs if job.job != effect.job)
            return self._reply(now, poll=bool(self._jobs))
        if isinstance(effect, BriefPrinter):
            return self._brief(effect, now)
        return Reply()

    def receive(self, data: bytes, now: float) -> Reply:
        """Words of the printer, told apart by their fixed bits; of each kind the last counts."""
        words = self._sorter.words(data)
        last = dict(words)
        said: list[Report] = []
        poll = False
        for fence in [word[0] for kind, word in words if kind == "fence"]:
            poll = self._fenced(fence, said) or poll  # each counts: it answers for one slip
        if "asb" in last:
            poll = self._reported(last["asb"], said) or poll
        if self._trial and self._trial.asks:
            self._trial.probe.piece(data)
            self._trial.probe.garbage(b"".join(b for kind, b in words if kind == "other"))
            return self._tried(last, said, now)
        if "answer" in last and self._poll and self._poll.asked:
            self._poll.answers[self._poll.asked] = last["answer"][0]
            self._speaks()
            return self._ask_next(now, said)
        return self._reply(now, reports=said, poll=poll) if said or poll else Reply()

    def wake(self, now: float) -> Reply:
        """A question was not answered, a fence stayed silent, or it is time to ask again."""
        if self._trial and self._trial.asks and now >= self._trial.due:
            return self._tried({}, [], now)
        if self._poll:
            return self._ask_next(now, []) if now >= self._poll.due else self._reply(now)
        if self._sent:
            return self._reply(now) if now < self._sent.due else self._fence_silent(now)
        return self._reply(now, poll=now >= self._poll_at)

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
            self._jobs.append(Job(effect.job, effect.slip))
        return self._reply(now, poll=True)

    def _brief(self, effect: BriefPrinter, now: float) -> Reply:
        self._heard = self._heard or effect.speaks
        if effect.unended:
            longest, silent = self.options.longest, self.options.silent
            self._hanging.left(effect.unended, longest, silent=silent)
        return self._reply(now, write=self._hanging.filled() if self._open else b"")

    def _send(self, job: str, now: float) -> Reply:
        found = next((waiting for waiting in self._jobs if waiting.job == job), None)
        if found is None:
            return Reply(reports=(Fault(code="unknown_job", evidence=job),))
        self._jobs.remove(found)
        said: list[Report] = []
        if self._sent:  # never two on their way; should it be asked, the first one's end is lost
            said += self._ended(self._sent, "no_answer")
        return self._reply(now, write=self._put(job, found.slip, said, now), reports=said)

    def _put(self, job: str | None, slip: Slip, said: list[Report], now: float) -> bytes:
        """The whole slip and the fence in one piece: a job cut in two glues onto the next."""
        typesetter = Typesetter(self.options)
        set_slip = typesetter.slip(slip)
        parted = RESET + typesetter.cut() if self._hanging.before(typesetter.longest) else b""
        slip_bytes = self._hanging.filled() + parted + set_slip
        self._poll = None
        taken_s = len(slip_bytes) / SLOWEST_BYTES_A_S
        due = now + (SILENT_S + taken_s if self.options.silent else max(FENCE_S, 5.0 + taken_s))
        self._sent = Sent(job, due, typesetter.length_mm, typesetter.longest)
        if typesetter.lacks_font:
            said.append(Fault(code="no_font", evidence=FONTS))
        return slip_bytes + (b"" if self.options.silent else FENCE)

    def _fence_silent(self, now: float) -> Reply:
        assert self._sent
        sent, silent = self._sent, self.options.silent
        filling = b"" if silent else bytes(sent.longest)  # questions follow
        if self._heard and not silent:
            # It can speak, so its silence means something: perhaps that bytes were lost.
            return self._reply(now, write=filling, poll=True)
        said = self._ended(sent, "", proven=False)
        self._sent = None
        self._hanging.unproven(sent, silent=silent)
        return self._reply(now, write=filling, reports=said, poll=True)

    def _fenced(self, fence: int, said: list[Report]) -> bool:
        """An answer to GS r; whether the printer is to be asked once more behind it."""
        if self._sent:
            self._speaks()
        if self._hanging.owed and (self._sent or self._hanging.waits):
            late = self._hanging.answered()
            if late and late.job is not None and not fence & FENCE_PAPER_OUT:
                said.append(SlipPrinted(job=late.job, length_mm=late.length_mm))
            return bool(self._jobs)
        if self._sent and self._sent.fence is None:
            self._sent.fence = fence
            return True
        return False

    def _conclude(self, sent: Sent, states: States, why: str) -> list[Report]:
        self._sent = None
        if sent.fence is not None:
            out = states["paper"] == "out" or sent.fence & FENCE_PAPER_OUT
            return self._ended(sent, "paper_out" if out else "")
        self._hanging.doubt(sent)
        return self._ended(sent, why or "no_answer")

    def _ended(self, sent: Sent, reason: str, *, proven: bool = True) -> list[Report]:
        """The end of a slip as the hall hears it, or of the form as the technician does."""
        if sent.job is not None:
            if reason:
                return [SlipDoubtful(job=sent.job, reason=reason)]
            return [SlipPrinted(job=sent.job, proven=proven, length_mm=sent.length_mm)]
        if self._trial is None or self._trial.stage != "printing":
            return []
        self._trial = None
        return [printed(reason, proven=proven, length_mm=sent.length_mm), TestEnded()]

    def _speaks(self) -> None:
        self._heard = True
        if not self.options.silent:
            self._hanging.spoke()

    def _offer(self, reason: str) -> list[Report]:
        """Say which slips wait and why, or that the first one may go."""
        if not reason:
            on_its_way = self._trial or self._sent or self._hanging.waits
            if on_its_way or not self._jobs or self._jobs[0].ready:
                return []
            self._jobs[0].ready = True
            return [SlipReady(job=self._jobs[0].job)]
        told = [job for job in self._jobs if not job.ready and job.told != reason]
        for job in told:
            job.told = reason
        return [SlipHeld(job=job.job, reason=reason) for job in told]

    # - questions and answers

    def _ask_next(self, now: float, said: list[Report]) -> Reply:
        """The next DLE EOT, or the judgement. One at a time: the answers carry no number."""
        poll = self._poll
        assert poll
        mute = poll.asked == 1 and not poll.answers
        if mute or poll.asked == 4:  # noqa: PLR2004 - there are four
            return self._judge(poll.answers, said, now)
        poll.asked, poll.due = poll.asked + 1, now + ANSWER_S
        return self._reply(now, write=bytes((0x10, 0x04, poll.asked)), reports=said)

    def _judge(self, answers: dict[int, int], said: list[Report], now: float) -> Reply:
        states = by_answers(answers, near_end_inverted=self.options.near_end_inverted)
        why = cause(states, answers) if answers or not self._heard else "no_answer"
        said += self._changes(states, in_hex(answers))
        self._poll = None
        sent = self._sent
        if sent and (sent.fence is not None or why or now >= sent.due):
            said += self._conclude(sent, states, why)
        self._hanging.linger(why, now)
        if why and self._trial and self._trial.stage == "form":
            said += self._end_trial(not_printed(why))
        said += self._offer(why)
        self._stands = self._stands + 1 if why else 0
        pause_s = REPORTING_POLL_S if self._reports else IDLE_POLL_S
        pause_s = HELD_POLL_S if self._hanging.waits or (why and self._jobs) else pause_s
        self._poll_at = now + pause_s * (PATIENT_TIMES if self._stands > PATIENT_AFTER else 1)
        return self._reply(now, reports=said)

    def _reported(self, report: bytes, said: list[Report]) -> bool:
        """The printer speaks by itself (ASB). Whether to ask it: what it then answers decides."""
        states = by_report(report)
        self._reports = True
        news = self._changes(states, report.hex(" ").upper())
        said += news
        # While a slip is on its way only trouble is worth a question.
        return bool(news) and (self._sent is None or bool(cause(states, {})))

    def _changes(self, states: States, evidence: str) -> list[Report]:
        news = {part: state for part, state in states.items() if self._known.get(part) != state}
        self._known.update(news)
        return [Condition(part=p, state=s, evidence=evidence) for p, s in news.items()]

    # - the self-test

    def selftest(self, test: ExerciseDevice, now: float) -> Reply:
        """Ask for the status, then print the form: both in their turn, behind a slip that goes."""
        self._trial = Trial(test, self.options)
        return self._reply(now)

    def end_selftest(self, now: float) -> Reply:
        """Ask no more. A form on its way keeps the line until its end is known."""
        self._trial, self._sorter.named = None, False
        return self._reply(now, poll=True)

    def _tried(self, last: dict[Any, bytes], said: list[Report], now: float) -> Reply:
        """The next question of the self-test, or what they have shown."""
        trial = self._trial
        assert trial
        reply = trial.heard(last, now)
        said += reply.reports
        self._sorter.named = trial.stage == "naming"
        if trial.asks:
            return self._reply(now, write=reply.write, reports=said)
        if trial.answers:
            self._speaks()
            said += self._changes(trial.states, in_hex(trial.answers))
        if trial.prints and trial.why:
            said += self._end_trial(not_printed(trial.why))
        return self._reply(now, reports=said, poll=True)

    def _end_trial(self, *findings: Finding) -> list[Report]:
        self._trial = None
        return [*findings, TestEnded()]

    def _go_on(self, said: list[Report], now: float) -> bytes:
        """Begin the self-test, or print its form, as soon as nothing else is on its way."""
        trial = self._trial
        if trial is None:
            return b""
        if self._sent or self._poll or any(job.ready for job in self._jobs):
            trial.due = 0.0 if trial.stage == "waiting" else trial.due
            return b""
        if trial.stage == "waiting":
            # What came with the last answer was not said to the test.
            trial.due = trial.due or now + DRAIN_S
            if now < trial.due:
                return b""
            said += trial.begin(now)
        return self._form(trial, said, now) if trial.stage == "form" else b""

    def _form(self, trial: Trial, said: list[Report], now: float) -> bytes:
        if not trial.prints:
            said += self._end_trial()
        elif not trial.test.form.parts:
            said += self._end_trial(not_printed(""))
        elif not self._hanging.waits:
            trial.stage = "printing"
            return self._put(None, trial.test.form, said, now)
        return b""

    # - every answer leaves here, so that the alarm is always set to what comes next

    def _reply(
        self,
        now: float,
        *,
        write: bytes = b"",
        reports: list[Report] | None = None,
        poll: bool = False,
    ) -> Reply:
        said = list(reports or [])
        begun = self._go_on(said, now)
        if poll and self._open and not begun:
            if self.options.silent:
                said += [] if self._sent else self._offer("")
            elif not self._poll and not (self._trial and self._trial.asks):
                self._poll = Poll(due=now + DRAIN_S)
        return Reply(write + begun, tuple(said), self._alarm())

    def _alarm(self) -> float | None:
        if self._poll:
            return self._poll.due
        if self._trial and self._trial.due and self._trial.stage in {"waiting", "asking", "naming"}:
            return self._trial.due
        if self._sent:
            return self._sent.due
        return None if self.options.silent or not self._open else self._poll_at
