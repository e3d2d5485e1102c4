"""A chime for every call, through the sound card and any amplifier with a line input.

Manual: `hallctl/player.py`, the other end of this link. Wiring: line-out to the amplifier; the link
is `sound:`, a child process that owns the sound card. Lines of JSON:

    {"play": ["chime"], "id": "7"}    to the player: play sounds/chime.wav
    {"ready": true}                   from the player: the sound card is open
    {"started": "7"}                  it sounds
    {"ended": "7"}                    it has been heard to its end
    {"failed": "7", "why": "..."}     it has not, and why; "7" may be "" when nothing was asked

Strictly one after the other, in the order called, and never cut: a chime cut off is a call missed.
"""

import json
from collections import deque
from typing import Any, ClassVar

from hallctl.core.effects import Announce, Effect
from hallctl.core.reports import Announced, Condition, Fault, Report
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

    def start(self, now: float) -> Reply:
        """A new player. What the last one had not played to its end is played again."""
        self._open, self._playing, self._due = True, "", None
        self._state, self._buffer = "", b""
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
        return self._next(now, self._failed(f"no answer within {ANSWER_S:.0f} s"))

    def _line(self, line: bytes, now: float) -> list[Report]:
        try:
            said: Any = json.loads(line)
        except (ValueError, RecursionError):
            said = None
        if not isinstance(said, dict):
            return self._garbage(line, now)
        if said.get("ready") is True:
            return self._sense("ready", "")
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
        """Ask for the next one when none is playing."""
        write = b""
        if self._open and self._calls and not self._playing:
            self._count += 1
            self._playing, self._due = str(self._count), now + ANSWER_S
            order = {"play": [self.options.clip], "id": self._playing}
            write = json.dumps(order).encode() + b"\n"
        return Reply(write, tuple(reports), self._due)
