"""One FF 68 bus as a driver sees it: presses in, answers out, and its self-test.

Shared by the keypads and the rating pads; what a frame means is the driver's word (`understand`).
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from hallctl.core.effects import AnswerKey, ExerciseDevice
from hallctl.core.reports import Fault, KeyPressed, Rated, Report
from hallctl.driver import Reply
from hallctl.protocols.ff68 import Frames, Repeats, answer_to
from hallctl.protocols.ff68_trial import BusTrial, Place, joined

FAULT_GAP_S = 10.0
EVIDENCE_BYTES = 32
OWN_S = 0.3
"""What we sent comes back within so long where an adapter hears itself."""


@dataclass(frozen=True, slots=True)
class Said:
    """What a frame means: `press` for the self-test, `report` for the hall.

    Without a report there is nothing to store, so the frame is answered at once.
    """

    press: str
    report: KeyPressed | Rated | None = None


@dataclass(frozen=True, slots=True)
class Refused:
    """A frame that means nothing here; `code` is the fault."""

    code: str


OWN = Refused("")
"""A frame that only we send: the adapter hears itself."""
Understand = Callable[[bytes], Said | Refused]


class Bus:
    """Frames, repeats and answers of all devices on one line. `windows`: address → window."""

    def __init__(
        self, windows: Mapping[int, int], understand: Understand, *, resend_s: float, slack_s: float
    ) -> None:
        self.windows = windows
        self.repeats = Repeats(resend_s, slack_s)
        self.trial: BusTrial | None = None
        self._understand = understand
        self._frames = Frames()
        self._hears_itself = False
        self._started_at = 0.0
        self._sent: dict[bytes, float] = {}
        self._heard_at: dict[int, float] = {}
        self._fault_at: float | None = None

    def start(self, now: float) -> None:
        """The wire is new: forget half frames, and what was known of the adapter."""
        self._frames.clear()
        self._sent.clear()
        self._hears_itself, self._started_at = False, now
        self.trial = None
        self.repeats.reopened(now)

    def lost(self, now: float) -> None:
        """The wire is gone."""
        self.repeats.lost(now)

    # - from the bus

    def receive(self, data: bytes, now: float) -> Reply:
        """Reports and answers out of whatever comes."""
        self.repeats.activity(now)
        if self.trial:
            self.trial.piece(data)
        reply = Reply()
        for kind, piece in self._frames.feed(data):
            if kind == "frame":
                reply = joined(reply, self._frame(piece, now))
            elif self.trial:
                (self.trial.dirt if kind == "dirt" else self.trial.bad_checksum)(piece)
            else:
                reply = joined(reply, Reply(reports=self._fault("garbage", piece, now)))
        return reply

    def _frame(self, frame: bytes, now: float) -> Reply:
        if self._own(frame, now):
            return Reply()
        said = self._understand(frame)
        if said is OWN:
            self._hears_itself = True
            return Reply()
        address = frame[5]
        if address not in self.windows:
            if self.trial:
                self.trial.other_address(frame)
            return Reply(reports=self._fault("unknown_address", frame, now))
        if isinstance(said, Refused):
            return Reply(reports=self._fault(said.code, frame, now))
        self._heard_at[address] = now
        if self.trial and self.trial.address == address:
            return self._tried(self.trial.heard(frame, said.press, now), now)
        return self._worked(frame, said, now)

    def _worked(self, frame: bytes, said: Said, now: float) -> Reply:
        fate = self.repeats.fate(frame, now)
        if fate == "waiting":
            return Reply()
        if fate == "unheard":
            return Reply(self.sent(answer_to(frame), now))
        name = self.repeats.remember(frame, now)
        if said.report is None:
            self.repeats.answered(name, now)
            return Reply(self.sent(answer_to(frame), now))
        return Reply(reports=(replace(said.report, press=name),))

    def _own(self, frame: bytes, now: float) -> bool:
        """Whether this is our own sending, back from an adapter that hears itself.

        Known from a frame that no keypad sends; until one could have come back, suspected.
        """
        until = self._sent.pop(frame, 0.0)
        if now >= until:
            return False
        return self._hears_itself or now < self._started_at + OWN_S

    def _fault(self, code: str, evidence: bytes, now: float) -> tuple[Report, ...]:
        """One fault for a burst, not one for every broken byte."""
        if self._fault_at is not None and now - self._fault_at < FAULT_GAP_S:
            return ()
        self._fault_at = now
        return (Fault(code=code, evidence=evidence[:EVIDENCE_BYTES].hex(" ").upper()),)

    # - to the bus

    def sent(self, frame: bytes, now: float) -> bytes:
        """A frame goes out now."""
        self._sent = {f: until for f, until in self._sent.items() if now < until}
        self._sent[frame] = now + OWN_S
        return frame

    def answer(self, effect: AnswerKey, now: float) -> bytes:
        """The press is on disk: its frame, to be answered; b"" when nobody waits for it."""
        return self.repeats.answered(effect.press, now)

    # - the self-test

    def selftest(self, trial: BusTrial, now: float) -> Reply:
        """Begin a self-test."""
        self.trial = trial
        return self._tried(trial.begin(now), now)

    def wake(self, now: float) -> Reply:
        """Whatever the self-test waits for."""
        return self._tried(self.trial.wake(now), now) if self.trial else Reply()

    def end_selftest(self, now: float) -> Reply:
        """Break it off; nobody is left repeating himself."""
        trial, self.trial = self.trial, None
        return Reply(trial.stop(now)) if trial else Reply()

    def _tried(self, reply: Reply, now: float) -> Reply:
        if self.trial and not self.trial.running:
            self.trial = None
        for _, frame in Frames().feed(reply.write):
            self.sent(frame, now)
        return reply

    def places(self, test: ExerciseDevice, now: float) -> list[Place]:
        """The devices under test, with what is known of each."""
        adapter = ", the adapter hears itself" if self._hears_itself else ""
        found = []
        for address, window in self.windows.items():
            if test.windows and window not in test.windows:
                continue
            at = self._heard_at.get(address)
            words = "not heard since the start" if at is None else f"heard {now - at:.0f} s ago"
            found.append(Place(address, window, f"address {address}, {words}{adapter}"))
        return found
