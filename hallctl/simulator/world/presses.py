"""Presses at keypads and pads, and what the journal made of each: it acts once, or not at all."""

import random
from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from hallctl.config.load import HallConfig
from hallctl.core.events import DayOpened, DeviceTestBegun, DeviceTestEnded, Recorded
from hallctl.simulator.world.hours import Hours
from hallctl.simulator.world.ledger import Broken
from hallctl.simulator.world.wires import Wire

JUDGED_S = 5.0
"""A press that was not answered is given up by then; before, another one would be its repeat."""


@dataclass(slots=True)
class Press:
    """One press of a key. `clean`: nothing was in its way so far."""

    window: int
    key: str
    at_s: float
    acts: int = 0
    clean: bool = True


class Presses:
    """Presses keys and remembers. `disturbed` tells when anything was last wrong with the hall."""

    def __init__(self, config: HallConfig, wires: Mapping[str, Wire], hours: Hours) -> None:
        self.keypads = _by_window(config, wires, "keypad")
        self.pads = _by_window(config, wires, "pad")
        self.pressed = self.judged = 0
        self.disturbed_s = float("-inf")
        """When the daemon's process or its disk was last in trouble."""
        self._wires = wires
        self._hours = hours
        self._devices = {d.name for d in config.devices if d.kind == "keypad"}
        self._open: deque[Press] = deque()
        self._ids: deque[str] = deque(maxlen=200)
        self._tests: dict[str, str] = {}

    def press(self, window: int, key: str) -> None:
        """A clerk presses a key, unless the last press there is still to be judged."""
        wire = self._wires[self.keypads[window]]
        if not wire.plugged or any(p.window == window for p in self._open):
            return
        self.pressed += 1
        self._open.append(Press(window, key, self._hours.now_s))
        wire.press({"window": window, "key": key})

    def grade(self, window: int, chance: random.Random) -> None:
        """A resident presses a face."""
        wire = self._wires.get(self.pads.get(window, ""))
        if wire is not None and wire.plugged:
            wire.press({"window": window, "grade": chance.randint(1, 5)})

    def committed(self, recorded: Sequence[Recorded]) -> None:
        """Which presses the daemon has acted upon."""
        for one in recorded:
            self._note_test(one)
        for one in _of_the_press(recorded):
            window = getattr(one.event, "window", 0)
            if one.actor not in self._devices or not window or one.command in self._ids:
                continue
            self._ids.append(one.command)
            for press in self._open:
                if press.window == window:
                    press.acts += 1

    def _note_test(self, one: Recorded) -> None:
        """While a keypad tests itself its presses are findings."""
        match one.event:
            case DeviceTestBegun():
                self._tests[one.event.test] = one.event.device
                self._wires[one.event.device].disturbed()
            case DeviceTestEnded():
                self._wires[self._tests.pop(one.event.test, one.event.device)].disturbed()
            case _:
                pass

    def judge(self) -> None:
        """Those whose time is over: one act for each, where nothing was in the way."""
        now_s = self._hours.now_s
        while self._open and now_s - self._open[0].at_s > JUDGED_S:
            press = self._open.popleft()
            wire = self._wires[self.keypads[press.window]]
            trouble_s = max(self.disturbed_s, wire.troubled_s)
            tested = wire.name in self._tests.values()
            bad = tested or not wire.is_open or wire.stalled or wire.line.faults - MILD
            if bad or trouble_s >= press.at_s - JUDGED_S:
                continue
            self.judged += 1
            if press.acts != 1:
                raise Broken("a press acts once", f"{press} {sorted(wire.line.faults)}")


def _of_the_press(recorded: Sequence[Recorded]) -> Sequence[Recorded]:
    """Without what the turn of the day has done in the same commit, at other windows too."""
    opened = [at for at, one in enumerate(recorded) if isinstance(one.event, DayOpened)]
    return recorded[opened[-1] :] if opened else recorded


MILD = frozenset({"deaf"})
"""Faults under which a press must still act once: it is repeated, for the answer is not heard."""


def _by_window(config: HallConfig, wires: Mapping[str, Wire], kind: str) -> dict[int, str]:
    return {
        w: d.name for d in config.devices if d.kind == kind and d.name in wires for w in d.windows
    }
