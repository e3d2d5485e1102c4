"""A chime for every call, through the sound card and any amplifier with a line input.

Manual: `hallctl/player.py`, the other end of this link. Wiring: line-out to the amplifier; the link
is `sound:`, a child process that owns the sound card. Lines of JSON:

    {"play": ["chime"], "id": "7"}    to the player: play sounds/chime.wav
    {"play": [], "id": "7"}           to the player: is the sound card there?
    {"ready": true}                   from the player: the sound card is open
    {"started": "7"}                  it sounds
    {"ended": "7"}                    it has been heard to its end
    {"failed": "7", "why": "..."}     it has not, and why; "7" may be "" when nothing was asked

Strictly one after the other, in the order called, and never cut: a chime cut off is a call missed.
"""

import json
from collections import deque
from typing import Any, ClassVar

from hallctl.core.effects import Announce, Effect, ExerciseDevice
from hallctl.core.reports import Announced, Condition, Fault, Finding, Report, TestEnded
from hallctl.core.trial import Result, Wrong
from hallctl.driver import Driver, DriverOptions, Reply

QUEUE_MAX = 64
ANSWER_S = 15.0
LINE_MAX = 4096
FAULT_GAP_S = 10.0


class ChimeOptions(DriverOptions):
    """`clip`: the sound to play, a file name in sounds/ without .wav."""

    clip: str = "chime"


class VoiceChime(Driver):
    """The hall's chime."""

    kind = "voice"
    takes = (Announce,)
    Options: ClassVar[type[DriverOptions]] = ChimeOptions
    options: ChimeOptions

    def __init__(self, options: ChimeOptions) -> None:
        super().__init__(options)
        self._calls: deque[Announce] = deque()
        self._playing = ""
        self._count = 0
        self._due: float | None = None
        self._open = False
        self._state = ""
        self._buffer = b""
        self._fault_at: float | None = None
        self._trial: deque[tuple[str, list[str]]] = deque()
        """Steps of a self-test still to come, with what each plays."""
        self._asked = ""
        """The step that is under way."""
        self._asked_at = 0.0

    def start(self, now: float) -> Reply:
        """A new player. What the last one had not played to its end is played again."""
        self._open, self._playing, self._due = True, "", None
        self._state, self._buffer = "", b""
        self._trial.clear()
        self._asked = ""
        return self._next(now, [])

    def perform(self, effect: Effect, now: float) -> Reply:
        """Announce: in the queue, or at once."""
        if not isinstance(effect, Announce):
            return Reply()
        if len(self._calls) >= QUEUE_MAX:
            return Reply(reports=(Fault(code="queue_full", evidence=effect.label),))
        self._calls.append(effect)
        return self._next(now, [])

    def receive(self, data: bytes, now: float) -> Reply:
        """What the player says."""
        reports: list[Report] = []
        *lines, self._buffer = (self._buffer + data).split(b"\n")
        self._buffer = self._buffer[-LINE_MAX:]
        for line in lines:
            reports += self._line(line, now)
        return self._next(now, reports)

    def wake(self, now: float) -> Reply:
        """The player has not answered in time."""
        if self._due is None or now < self._due:
            return Reply(wake_at=self._due)
        if self._asked:
            return self._next(now, self._found("failed", "silence", ""))
        return self._next(now, self._failed(f"no answer within {ANSWER_S:.0f} s"))

    def selftest(self, test: ExerciseDevice, now: float) -> Reply:
        """Ask for the sound card; external: play the chime to its end. Calls wait meanwhile.

        Bytes on a pipe to our own child are neither slow, dirty nor short, so nothing looks for it.
        """
        self._trial = deque([("answer", [])])
        if test.level != "internal":
            self._trial.append(("tone", [self.options.clip]))
        return self._next(now, [])

    def end_selftest(self, now: float) -> Reply:
        """Play what has waited."""
        self._trial.clear()
        self._asked = ""
        return self._next(now, [])

    def _found(self, result: Result, code: Wrong, evidence: str) -> list[Report]:
        """The end of a step; the first one that fails ends the test."""
        found = Finding(step=self._asked, result=result, code=code, evidence=evidence)
        self._asked, self._due = "", None
        if result == "failed":
            self._trial.clear()
        return [found] if self._trial else [found, TestEnded()]

    def _line(self, line: bytes, now: float) -> list[Report]:
        try:
            said: Any = json.loads(line)
        except (ValueError, RecursionError):
            said = None
        if not isinstance(said, dict):
            return self._garbage(line, now)
        if said.get("ready") is True:
            return self._sense("ready", "")
        if self._asked:
            return self._trial_line(said, now)
        if "failed" in said and said["failed"] in {"", self._playing}:
            why = str(said.get("why", ""))[:200]
            return self._failed(why) if said["failed"] else self._sense("silent", why)
        if not self._playing:
            return []
        if said.get("started") == self._playing:
            self._due = now + ANSWER_S
        elif said.get("ended") == self._playing:
            call = self._done()
            heard = Announced(visit=call.visit, window=call.window)
            return [*self._sense("ready", ""), heard]
        return []

    def _trial_line(self, said: dict[str, Any], now: float) -> list[Report]:
        mine = f"test-{self._asked}"
        if said.get("ended") == mine:
            state = self._sense("ready", "")
            return state + self._found("passed", "", f"{now - self._asked_at:.1f} s")
        if said.get("failed") == mine:
            why = str(said.get("why", ""))[:200]
            return self._sense("silent", why) + self._found("failed", "no_sound", why)
        return []

    def _failed(self, why: str) -> list[Report]:
        self._done()
        return self._sense("silent", why)

    def _done(self) -> Announce:
        self._playing, self._due = "", None
        return self._calls.popleft()

    def _sense(self, state: str, evidence: str) -> list[Report]:
        if state == self._state:
            return []
        self._state = state
        return [Condition(part="state", state=state, evidence=evidence)]

    def _garbage(self, line: bytes, now: float) -> list[Report]:
        if self._fault_at is not None and now - self._fault_at < FAULT_GAP_S:
            return []
        self._fault_at = now
        return [Fault(code="garbage", evidence=line[:32].hex(" ").upper())]

    def _next(self, now: float, reports: list[Report]) -> Reply:
        """Ask for the next sound when none is out: a self-test's before the calls'."""
        write = b""
        if self._open and not self._playing and not self._asked:
            if self._trial:
                self._asked, clips = self._trial.popleft()
                self._asked_at = now
                write = _order(clips, f"test-{self._asked}")
            elif self._calls:
                self._count += 1
                self._playing = str(self._count)
                write = _order([self.options.clip], self._playing)
            if write:
                self._due = now + ANSWER_S
        return Reply(write, tuple(reports), self._due)


def _order(clips: list[str], name: str) -> bytes:
    return json.dumps({"play": clips, "id": name}).encode() + b"\n"
