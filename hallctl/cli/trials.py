"""Self-tests of devices, followed over the bus from the first question to the last finding."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from hallctl.asked import Answer
from hallctl.client import HallClient
from hallctl.core import commands as c
from hallctl.core import events as e
from hallctl.core.events import Recorded
from hallctl.core.rules import Fitting
from hallctl.core.trial import Found, Level, Result, Wrong, verdict
from hallctl.exercise import LONGEST_S

COMPUTER = "computer"
MARGIN_S = 20.0
"""Beyond the devices' own limit: the daemon may be busy."""
LOST_S = 10.0
"""So long the daemon may be silent before the test counts as broken off."""
STOP_S = 3.0
NOTED_S = 5.0
"""So long the daemon may take to journal what a person said."""


PRESSED = ("key", "face")
VISIBLE: dict[str, Wrong] = {"print": "doubtful", "show": "not_shown", "tone": "no_sound"}
"""Steps that a person can see or hear, with what is wrong when he does not."""


class HallLostError(Exception):
    """The daemon no longer answers."""


@dataclass(slots=True)
class Trial:
    """One device's self-test. `result` is "" while it runs; `refused` why it was not begun."""

    device: str
    kind: str
    id: str = ""
    found: list[Found] = field(default_factory=list)
    result: Result | str = ""
    refused: dict[str, str] = field(default_factory=dict)
    asked: str = ""
    """The step a person was last asked for."""

    def judge(self) -> None:
        """The result, from what was found here and what a person saw.

        A device that cannot be asked has answered when its keys came; what nobody can measure is
        settled by a person who looked.
        """
        pressed = [f.result for f in self.found if f.step.partition(":")[0] in PRESSED]
        seen = {f.step.partition(":")[2] for f in self.found if f.step.startswith("seen:")}
        if pressed and verdict(pressed) == "passed":
            seen.add("answer")
        self.result = verdict(
            "passed" if f.code == "no_question" and f.step.partition(":")[0] in seen else f.result
            for f in self.found
        )

    def looks(self) -> list[str]:
        """The steps that a person could see or hear."""
        steps = (f.step.partition(":")[0] for f in self.found if f.result != "failed")
        return [step for step in dict.fromkeys(steps) if step in VISIBLE]


class Teller(Protocol):
    """Whoever shows how the tests go."""

    def asks(self, trial: Trial, step: str, window: int, wait_s: float) -> None:
        """A person is asked."""

    def found(self, trial: Trial, found: Found) -> None:
        """Something was found."""

    def ended(self, trial: Trial) -> None:
        """A device's test is over."""

    def looked(self, trial: Trial) -> list[Found]:
        """What a person says who was asked to look; [] when nobody says anything."""

    def not_noted(self, trial: Trial) -> None:
        """What that person said has not come into the journal."""


class Testing:
    """Runs tests at one level: interactive ones one after the other, else all at once.

    `windows` narrows devices of many windows to those.
    """

    def __init__(
        self,
        client: HallClient,
        level: Level,
        tell: Teller,
        *,
        windows: tuple[int, ...] = (),
        mono: Callable[[], float] = time.monotonic,
    ) -> None:
        self._client = client
        self._level = level
        self._tell = tell
        self._windows = windows
        self._mono = mono
        self._asking: dict[str, e.DeviceTestAsked] = {}
        self._running: list[Trial] = []

    def run(self, fittings: Sequence[Fitting], trials: list[Trial]) -> None:
        """Test those devices; each trial stands in `trials` from its beginning.

        Raises HallLostError, and KeyboardInterrupt after the tests that ran were stopped.
        """
        at_once = 1 if self._level == "interactive" else max(1, len(fittings))
        try:
            for first in range(0, len(fittings), at_once):
                self._together(fittings[first : first + at_once], trials)
        except KeyboardInterrupt:
            self.stop()
            raise

    def _together(self, fittings: Sequence[Fitting], trials: list[Trial]) -> None:
        waiting: dict[str, Trial] = {}
        self._running = [Trial(fitting.device, fitting.kind) for fitting in fittings]
        trials += self._running
        for trial, fitting in zip(self._running, fittings, strict=True):
            mine = tuple(w for w in self._windows if w in fitting.windows)
            command = c.TestDevice(device=trial.device, level=self._level, windows=mine)
            waiting[self._client.ask(command)] = trial
        until = self._mono() + LONGEST_S[self._level] + MARGIN_S
        while any(not trial.result for trial in self._running):
            self._turn(waiting)
            if self._mono() > until:
                self.stop()
                self._give_up()
        for trial in self._running:
            self._look_at(trial)

    def _turn(self, waiting: dict[str, Trial]) -> None:
        """Hear what came, and look at the mirror: the events of a test are folded there."""
        for heard in self._client.poll(0.2):
            if isinstance(heard, Answer) and heard.id in waiting:
                self._begun(waiting.pop(heard.id), heard)
            elif isinstance(heard, Recorded) and isinstance(heard.event, e.DeviceTestAsked):
                self._asking[heard.event.test] = heard.event
        now = self._client.now()
        stale_s = self._client.stale_since_s
        if now is not None and stale_s is not None and now.wall_s - stale_s > LOST_S:
            raise HallLostError
        for trial in self._running:
            if trial.id and not trial.result:
                self._look(trial)

    def _begun(self, trial: Trial, answer: Answer) -> None:
        if answer.ok:
            trial.id = answer.result["test"]
            return
        trial.refused = answer.words
        trial.result = "untested"
        self._tell.ended(trial)

    def _look(self, trial: Trial) -> None:
        test = self._client.hall.tests.get(trial.id)
        if test is None:
            return
        for found in test.found[len(trial.found) :]:
            trial.found.append(found)
            trial.asked = ""
            self._tell.found(trial, found)
        asking = self._asking.get(trial.id)
        if test.asks and asking and asking.step == test.asks != trial.asked:
            trial.asked = test.asks
            self._tell.asks(trial, asking.step, asking.window, asking.wait_s)
        if test.result:
            trial.result = test.result
            self._tell.ended(trial)

    def _look_at(self, trial: Trial) -> None:
        """At an interactive test a person's eyes and ears count; the journal keeps what he says."""
        said = self._tell.looked(trial) if self._level == "interactive" and trial.found else []
        if said:
            report = c.ReportFindings(device=trial.device, findings=tuple(said))
            answer = self._client.wait(self._client.ask(report), NOTED_S)
            if answer is None or not answer.ok:
                self._tell.not_noted(trial)
            trial.found += said
        if trial.found:
            trial.judge()

    def _give_up(self) -> None:
        """What has not ended by now is said to be so."""
        for trial in self._running:
            if not trial.result:
                trial.found.append(Found(step="wire", result="failed", code="interrupted"))
                trial.judge()
                self._tell.ended(trial)

    def stop(self) -> None:
        """Break off what runs, and wait a little for its end."""
        for trial in self._running:
            if trial.id and not trial.result:
                self._client.ask(c.StopTest(device=trial.device))
        until = self._mono() + STOP_S
        while self._mono() < until and any(t.id and not t.result for t in self._running):
            self._turn({})
