"""What goes wrong, and when: each kind of trouble draws from a chance of its own.

So a kind can be left out (`--faults`) and the others come much as before.
"""

import random
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

from hallctl.config.load import HallConfig
from hallctl.core import commands as c
from hallctl.simulator.world.hours import Hours
from hallctl.simulator.world.house import House
from hallctl.simulator.world.network import CALM, Network, Weather
from hallctl.simulator.world.presses import Presses
from hallctl.simulator.world.programs import Program
from hallctl.simulator.world.wires import Wire

KINDS: Final = {
    "kill": 150.0, "power": 170.0, "disk": 300.0, "clock": 400.0, "network": 70.0,
    "programs": 120.0, "wires": 45.0, "lines": 45.0, "printer": 80.0, "tests": 200.0,
}  # fmt: skip
"""Each kind of trouble, and how often it comes: once in so many seconds."""
PAUSE_S = (0.4, 4.0)
"""How long a computer, or systemd, takes to start the daemon again."""
LINE_FAULTS = ("silence", "slow", "short_write", "stale_byte", "garbage", "noise", "byte_by_byte")
PRINTER_FAULTS = (
    "paper_out", "paper_low", "cover_open", "cutter_error", "error", "offline", "paper_out_after",
)  # fmt: skip
OPERATIONS_MOST = 60
DEAF = 0.25
"""So often it is a keypad that hears nothing."""
HOUR_S = 3600.0
NOT_ONES_OWN = frozenset({"wrong_address"})
"""A switch that stands wrong makes one keypad another's: no driver can know."""


@dataclass
class Troubles:
    """Makes trouble until `cease`, which also mends all that is wrong."""

    config: HallConfig
    hours: Hours
    house: House
    network: Network
    wires: dict[str, Wire]
    programs: dict[str, Program]
    presses: Presses
    seed: str
    kinds: tuple[str, ...]
    rarer: float = 1.0
    """So many times rarer than `KINDS` says."""
    came: Counter[str] = field(default_factory=Counter)
    going: bool = True

    def begin(self) -> None:
        """Let each kind come in its own time."""
        for kind in self.kinds:
            chance = random.Random(f"{self.seed}/{kind}")  # noqa: S311 - accidents
            self._next(kind, chance, getattr(self, f"_{kind}"))

    def _next(self, kind: str, chance: random.Random, act: Callable[[random.Random], None]) -> None:
        def come() -> None:
            if self.going:
                self.came[kind] += 1
                act(chance)
                self._next(kind, chance, act)

        self.hours.after(chance.expovariate(1 / (KINDS[kind] * self.rarer)), come)

    def cease(self) -> None:
        """No more of it: everything is mended."""
        self.going = False
        self.network.weather = CALM
        self.house.disk.space_back()
        self.house.disk.read_only(on=False)
        self.house.disk.fail_sync(0)
        self.house.disk.cut_at(0)
        for wire in self.wires.values():
            for name in list(wire.line.faults):
                wire.line.fault(name, on=False)
            wire.cut_after()
            wire.plug()
        for program in self.programs.values():
            if not program.lives:
                program.begin()

    # The process and its disk

    def _kill(self, chance: random.Random) -> None:
        """At a moment between two turns, in the midst of a commit, or in order."""
        way = chance.random()
        if way < 0.5:  # noqa: PLR2004
            self.house.kill()
        elif way < 0.6:  # noqa: PLR2004
            self.house.stop()
        else:
            self.house.disk.cut_at(chance.randint(1, OPERATIONS_MOST))

    def _power(self, chance: random.Random) -> None:
        """Now, or at one of the next writes."""
        if chance.random() < 0.3:  # noqa: PLR2004
            self.house.power_cut()
        else:
            self.house.disk.cut_at(chance.randint(1, OPERATIONS_MOST))
            self.house.cuts_next = True

    def _disk(self, chance: random.Random) -> None:
        """A sync that fails, a disk that is full or read-only for a while."""
        disk = self.house.disk
        way = chance.randrange(3)
        if way == 0:
            disk.fail_sync(chance.randint(1, 20))
        elif way == 1:
            disk.full_after(chance.choice((0, 0, 5000, 1 << 20)))
            self.hours.after(chance.uniform(1, 40), disk.space_back)
        else:
            disk.read_only()
            self.hours.after(chance.uniform(1, 15), lambda: disk.read_only(on=False))

    def _clock(self, chance: random.Random) -> None:
        """Somebody sets the wall clock: a little, by hours, over midnight; later it is right."""
        hours = self.hours
        day_s = hours.moment().day_s
        midnight_s = 86_390.0 - day_s
        jumps = (1.5, -1.5, 30.0, -30.0, HOUR_S, -HOUR_S, midnight_s, midnight_s)
        hours.ahead_s += chance.choice(jumps)

        def right() -> None:
            hours.ahead_s = 0.0

        hours.after(chance.uniform(10, 200), right)

    # The bus and the programs on it

    def _network(self, chance: random.Random) -> None:
        def share() -> float:
            return chance.choice((0.0, 0.1, 0.4))

        weather = Weather(lost=share(), doubled=share(), late=share(), unheard=share())
        self.network.weather = weather
        self.hours.after(chance.uniform(5, 60), lambda: self._clear_up(weather))

    def _clear_up(self, weather: Weather) -> None:
        if self.network.weather is weather:
            self.network.weather = CALM

    def _programs(self, chance: random.Random) -> None:
        """A program dies and is started again."""
        program = chance.choice(list(self.programs.values()))
        if not program.lives:
            return
        program.end()

        def begin() -> None:
            if not program.lives:
                program.begin()

        self.hours.after(chance.uniform(0.5, 20), begin)

    # Wires and devices

    def _wires(self, chance: random.Random) -> None:
        """A plug is pulled: now, or at a byte that goes out or comes in; or the device stalls."""
        wire = chance.choice(list(self.wires.values()))
        way = chance.randrange(4)
        if way == 0:
            wire.pull()
        elif way == 1:
            wire.cut_after(out=chance.randint(0, 1200))
        elif way == 2:  # noqa: PLR2004
            wire.cut_after(incoming=chance.randint(0, 12))
        else:
            wire.stalled = True
            wire.disturbed()
        self.hours.after(chance.uniform(0.5, 30), wire.plug)

    def _lines(self, chance: random.Random) -> None:
        """Dirt on a line, or a device that is not well."""
        if chance.random() < DEAF:  # it repeats itself, and must act once all the same
            keypads = [d.name for d in self.config.devices if d.kind == "keypad"]
            self._fault(self.wires[chance.choice(keypads)], "deaf", chance.uniform(4, 20))
            return
        wire = chance.choice(list(self.wires.values()))
        own = [f for f in wire.twin.FAULTS if f not in NOT_ONES_OWN and f not in PRINTER_FAULTS]
        name = chance.choice([*LINE_FAULTS, *own, *own])
        self._fault(wire, name, chance.uniform(2, 40))

    def _printer(self, chance: random.Random) -> None:
        """Paper, cover, cutter; or the printer is switched off and on with bytes in it."""
        printers = [d.name for d in self.config.devices if d.kind == "printer"]
        wire = self.wires[chance.choice(printers)]
        if chance.random() < 0.2:  # noqa: PLR2004
            wire.press({"do": "power"})
            wire.disturbed()
            return
        self._fault(wire, chance.choice(PRINTER_FAULTS), chance.uniform(1, 60))

    def _fault(self, wire: Wire, name: str, lasts_s: float) -> None:
        mild = name == "deaf"
        wire.line.fault(name, on=True)
        if not mild:
            wire.disturbed()

        def mend() -> None:
            for fault in list(wire.line.faults & {name, "paper_out"}):
                wire.line.fault(fault, on=False)
            if not mild:
                wire.disturbed()

        self.hours.after(lasts_s, mend)

    def _tests(self, chance: random.Random) -> None:
        """The technician lets a device test itself in the midst of it all."""
        program = self.programs.get("technician")
        wire = chance.choice(list(self.wires.values()))
        if program is not None:
            wire.disturbed()
            program.ask(c.TestDevice(device=wire.name, level="internal"))
            self.hours.after(20.0, wire.disturbed)
