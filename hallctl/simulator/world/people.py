"""People in the hall: residents who come, clerks at keypads and terminals, the guide desk, others.

They do what people do, in any order and in haste; what comes of it is the daemon's matter.
"""

import random
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from hallctl.asked import Answer
from hallctl.config.load import HallConfig
from hallctl.core import commands as c
from hallctl.core.hall import Hall, WindowState
from hallctl.simulator.world.hours import Hours
from hallctl.simulator.world.house import House
from hallctl.simulator.world.presses import Presses
from hallctl.simulator.world.programs import Program

HASTE_S = (3.0, 20.0)
SERVICE_S = (20.0, 240.0)
RATES, PRIORITY, ITEMISED, CANCELS, LOST_SLIP = 0.6, 0.15, 0.6, 0.04, 0.05
KEYS = {
    "idle": (("call", 30), ("resume", 1), ("pause", 1), ("cancel", 1), ("line", 1)),
    "paused": (("call", 5), ("pause", 5)),
    "called": (
        ("confirm", 20), ("recall", 6), ("no_show", 6), ("cancel", 1), ("hold", 1), ("transfer", 1),
        ("call", 1),
    ),
    "serving": (("rate", 15), ("call", 6), ("hold", 1), ("transfer", 1), ("cancel", 1)),
    "off": (("call", 1),),
}  # fmt: skip
"""What a clerk presses in which state of the window, and how often."""
Acts = dict[str, tuple[tuple[Callable[[int], c.Command], int], ...]]
ACTS: Acts = {
    "idle": (
        (lambda w: c.CallNext(window=w), 30), (lambda w: c.CallBack(window=w), 2),
        (lambda w: c.ServeWalkUp(window=w), 1), (lambda w: c.Undo(window=w), 1),
        (lambda w: c.Pause(window=w, reason="lunch"), 1),
    ),
    "paused": ((lambda w: c.Resume(window=w), 5), (lambda w: c.CallNext(window=w), 5)),
    "called": (
        (lambda w: c.Start(window=w), 20), (lambda w: c.Recall(window=w), 6),
        (lambda w: c.MarkNoShow(window=w), 6), (lambda w: c.Undo(window=w), 1),
        (lambda w: c.Hold(window=w), 1), (lambda w: c.Transfer(window=w), 1),
        (lambda w: c.Pause(window=w), 1),
    ),
    "serving": (
        (lambda w: c.Finish(window=w), 15), (lambda w: c.CallNext(window=w), 6),
        (lambda w: c.Hold(window=w, reason="copy"), 1), (lambda w: c.RaiseStuck(window=w), 1),
        (lambda w: c.Transfer(window=w), 1), (lambda w: c.Undo(window=w), 1),
    ),
    "off": ((lambda w: c.CallNext(window=w), 1),),
}  # fmt: skip


@dataclass
class People:
    """Everybody in the hall. `visits_h` residents come in an hour; `go_home` ends it."""

    config: HallConfig
    hours: Hours
    house: House
    programs: dict[str, Program]
    presses: Presses
    chance: random.Random
    visits_h: float
    working: bool = True
    tickets: list[str] = field(default_factory=list)
    """Labels that residents hold, as they were answered; the newest last."""
    came: int = 0

    def begin(self) -> None:
        """Open the doors."""
        self._next_resident()
        terminals = [w.number for w in self.config.rules.windows if w.number % 2 == 0]
        for window in self.config.rules.windows:
            by_key = window.number not in terminals and window.number in self.presses.keypads
            act = self._clerk(window.number) if by_key else self._terminal(window.number)
            self.hours.after(self.chance.uniform(0, 30), act)
        for role, every_s in (("guide", 40.0), ("supervisor", 150.0)):
            self._now_and_then(role, every_s)

    def go_home(self) -> None:
        """Nobody does anything more."""
        self.working = False

    # Residents

    def _next_resident(self) -> None:
        self.hours.after(self.chance.expovariate(self.visits_h / 3600), self._resident)

    def _resident(self) -> None:
        if not self.working:
            return
        self._next_resident()
        self.came += 1
        queues = self.config.rules.queues
        queue = self.chance.choices(queues, [9, *([2] * (len(queues) - 1))])[0].id
        items = [i.code for i in self.config.rules.items if i.queue == queue]
        command = c.IssueTicket(
            queue=queue,
            item=self.chance.choice(items) if items and self.chance.random() < ITEMISED else "",
            klass="priority" if self.chance.random() < PRIORITY else "ordinary",
            language="en" if self.chance.random() < LOST_SLIP else "zh",
            kiosk="kiosk-1",
        )
        self.programs["kiosk-1"].ask(command, self._took)

    def _took(self, answer: Answer) -> None:
        if not answer.ok:
            return
        self.tickets = [*self.tickets[-40:], answer.result["label"]]
        label = self.chance.choice(self.tickets)
        seen = self.chance.random()
        if seen < CANCELS:
            self._kiosk(c.CancelTicket(visit=label))
        elif seen < CANCELS + LOST_SLIP:
            self._kiosk(c.Reprint(visit=label, kiosk="kiosk-1"))
        elif seen < CANCELS + 2 * LOST_SLIP:
            self._kiosk(c.Rejoin(visit=label))

    def _kiosk(self, command: c.Command) -> None:
        kiosk = self.programs["kiosk-1"]
        self.hours.after(self.chance.uniform(5, 60), lambda: self._ask(kiosk, command))

    def _ask(self, program: Program, command: c.Command) -> None:
        if self.working:
            program.ask(command)

    # Clerks

    def _clerk(self, window: int) -> Callable[[], None]:
        """A clerk who looks at the window and presses a key."""

        def look() -> None:
            if not self.working:
                return
            state = _state(self.house.hall, window)
            self.presses.press(window, self._drawn(KEYS[state.status]))
            self._rate(window)
            self.hours.after(self._rest_s(state), look)

        return look

    def _terminal(self, window: int) -> Callable[[], None]:
        """A clerk whose keys are on a screen, which shows the mirror of the hall."""
        name = f"terminal-{window}"

        def look() -> None:
            if not self.working:
                return
            program = self.programs.get(name)
            if program is None:
                return
            state = _state(program.hall, window)
            if not program.open:
                program.ask(self._drawn(ACTS[state.status])(window))
            self._rate(window)
            self.hours.after(self._rest_s(state), look)

        return look

    def _drawn(self, choices: Any) -> Any:  # noqa: ANN401 - a key or an act
        return self.chance.choices([a for a, _ in choices], [n for _, n in choices])[0]

    def _rest_s(self, state: WindowState) -> float:
        calm = SERVICE_S if state.status == "called" else HASTE_S
        return self.chance.uniform(*calm)

    def _rate(self, window: int) -> None:
        if self.chance.random() < RATES:
            wait_s = self.chance.uniform(1, 20)
            self.hours.after(wait_s, lambda: self.presses.grade(window, self.chance))

    # Others

    def _now_and_then(self, role: str, every_s: float) -> None:
        def act() -> None:
            if not self.working:
                return
            program = self.programs.get(role)
            if program is not None:
                program.ask(self._office(role, program.hall))
            self.hours.after(self.chance.expovariate(1 / every_s), act)

        self.hours.after(self.chance.expovariate(1 / every_s), act)

    def _office(self, role: str, hall: Hall) -> c.Command:
        """Something the guide desk or the supervisor does."""
        queue = self.chance.choice(self.config.rules.queues).id
        window = self.chance.choice(self.config.rules.windows).number
        label = self.chance.choice(self.tickets) if self.tickets else "A001"
        missed = [v.label for v in hall.visits.values() if v.status == "no_show"]
        if role == "supervisor":
            return self.chance.choice(
                (
                    c.OpenQueue(queue=queue),
                    c.OpenQueue(queue=queue),
                    c.CloseQueue(queue=queue, reason="full"),
                    c.SetHelping(window=window, on=self.chance.random() < RATES),
                    c.SetNotices(notices=("停电通知",)),
                    c.ExtendHours(until_day_s=18 * 3600),
                )
            )
        return self.chance.choice(
            (
                c.Rejoin(visit=self.chance.choice(missed) if missed else label),
                c.Rejoin(visit=self.chance.choice(missed) if missed else label),
                c.ChangeClass(visit=label, klass="priority"),
                c.Reprint(visit=label, kiosk="kiosk-1"),
                c.IssueTicket(queue=queue, kiosk="kiosk-1"),
                c.CallTicket(window=window, label=label),
                c.AskHelp(place="door"),
                c.AnswerHelp(place="door"),
                c.QuietVoice(minutes=0.5, place="guide"),
            )
        )


def _state(hall: Hall, window: int) -> WindowState:
    return hall.windows.get(window) or WindowState(window)
