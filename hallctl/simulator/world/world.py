"""One world: puts everything together, lets time pass, looks whether the promises are kept."""

import random
import traceback
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from hallctl.config.load import HallConfig
from hallctl.core.events import Recorded
from hallctl.simulator.disk import FaultyDisk
from hallctl.simulator.stage import NoTwinError, twin_class
from hallctl.simulator.world.hours import Hours
from hallctl.simulator.world.house import House
from hallctl.simulator.world.ledger import Broken
from hallctl.simulator.world.network import Network
from hallctl.simulator.world.oracle import Oracle
from hallctl.simulator.world.people import People
from hallctl.simulator.world.presses import Presses
from hallctl.simulator.world.programs import Program
from hallctl.simulator.world.troubles import KINDS, PAUSE_S, Troubles
from hallctl.simulator.world.watching import Watching
from hallctl.simulator.world.wires import Wire

FIRST_DAY = "2026-11-23"
BEGINS = (8.7, 9.5, 11.6, 13.2, 15.4, 16.3)
"""Hours of the day at which a world may begin: before the morning, into lunch, into the evening."""
OPENS_S, NIGHT_S, EVE_S = 8 * 3600 + 2400, 18 * 3600, 24 * 3600 - 5
CHECK_S = 5.0
WHOLE_EVERY = 4
"""So many checks a follower's whole hall is compared with the daemon's, one after another."""
SETTLE_MOST_S = 400.0
CALM_S = 30.0
LINES_S = 8.0
"""How fast printers print: two or three seconds for a ticket, so that much happens in mid-slip."""


@dataclass(slots=True)
class Story:
    """What one world was like."""

    seed: int
    hours: float = 0.0
    visits: int = 0
    commands: int = 0
    events: int = 0
    presses: int = 0
    slips: int = 0
    starts: int = 0
    cuts: int = 0
    compared: int = 0
    head: str = ""
    troubles: dict[str, int] = field(default_factory=dict)


class World:
    """Everything from one seed. `kinds` are the troubles that may come, `rarer` how much rarer.

    `visits_h` residents come in an hour; it begins on a Monday at the hour `begin_h`, or at one
    that is drawn.
    """

    def __init__(
        self,
        config: HallConfig,
        state: Path,
        seed: int,
        kinds: tuple[str, ...] = tuple(KINDS),
        visits_h: float = 120.0,
        *,
        begin_h: float | None = None,
        rarer: float = 1.0,
    ) -> None:
        self.seed = seed
        chance = self._chance("world")
        zone = ZoneInfo(config.rules.timezone)
        begin = datetime.fromisoformat(FIRST_DAY).replace(tzinfo=zone)
        drawn_h = chance.choice(BEGINS)
        begin_s = begin.timestamp() + (drawn_h if begin_h is None else begin_h) * 3600
        self.hours = Hours(begin_s, zone)
        self.oracle = Oracle()
        self.disk = FaultyDisk(seed)
        self.network = Network(self.hours, f"{seed}/network-fates")
        self.wires = self._wired(config)
        self.house = House(
            config, state, self.disk, self.hours, self.network, self.wires, self.oracle, chance
        )
        self.presses = Presses(config, self.wires, self.hours)
        self.oracle.hearers.append(self.presses.committed)
        self.programs = self._started(config)
        self.people = People(
            config, self.hours, self.house, self.programs, self.presses, self._chance("people"),
            visits_h,
        )  # fmt: skip
        self.troubles = Troubles(
            config, self.hours, self.house, self.network, self.wires, self.programs, self.presses,
            str(seed), kinds, rarer,
        )  # fmt: skip
        self.lived_s = 0.0
        self.watching = Watching(self.house, self.wires, self.oracle)
        self._starting = False
        self._checks = 0
        self._dusk_s = 0.0
        self._again = chance

    def _chance(self, of: str) -> random.Random:
        return random.Random(f"{self.seed}/{of}")  # noqa: S311 - a simulation, not a secret

    def _wired(self, config: HallConfig) -> dict[str, Wire]:
        found = {}
        for number, device in enumerate(config.devices):
            try:
                options = device.options.model_dump(mode="json")
                if device.kind == "printer":
                    options["lines_s"] = LINES_S
                twin = twin_class(device.driver)(options)
            except NoTwinError:
                continue
            found[device.name] = Wire(
                device.name, twin, self.seed * 100 + number, self.hours.mono_s, self._stirred
            )
        return found

    def _stirred(self) -> None:
        self.house.stir()

    def _started(self, config: HallConfig) -> dict[str, Program]:
        terminals = [w.number for w in config.rules.windows if w.number % 2 == 0]
        who = {"kiosk-1": "kiosk", "hall-1": "screen", "guide": "guide"}
        who |= {f"terminal-{n}": "window" for n in terminals}
        who |= {"supervisor": "supervisor", "technician": "technician"}
        return {
            name: Program(
                name, role, self.hours, self.network, self.oracle, keeps=name == "kiosk-1"
            )
            for name, role in who.items()
        }

    # Its course

    def run(self, hours: float) -> Story:
        """Live so many hours in which the hall is open, then let all trouble cease and all settle.

        Raises Broken.
        """
        try:
            self.begin()
            self.live(hours)
            return self.end()
        except Broken:
            raise
        except Exception as bug:
            lines = traceback.format_exception(bug)
            raise Broken("the daemon never trips", "".join(lines)[-1500:]) from bug

    def begin(self) -> None:
        """The daemon starts, people come, troubles too."""
        self._start()
        self.people.begin()
        self.troubles.begin()
        self.hours.after(CHECK_S, self._check)

    def live(self, hours: float) -> None:
        """Let so many hours pass; nights do not count."""
        until_s = self.lived_s + hours * 3600
        while self.lived_s < until_s:
            self._step(self.hours.now_s + until_s - self.lived_s)
            if self.hours.now_s >= self._dusk_s:
                self._pass_the_night()

    def go_to_evening(self) -> None:
        """Leap over the rest of the day."""
        self._leap(max(0.0, NIGHT_S - self._day_s()))

    def end(self) -> Story:
        """All trouble ceases, all must come to rest, and the journal is read once more."""
        self.people.go_home()
        self.troubles.cease()
        self._settle()
        path = self.house.state / "journal.db"
        return self.story(self.oracle.reread(path, self.disk.vfs))

    def close(self) -> None:
        """Let go of everything."""
        if self.house.running is not None:
            self.house.kill()
        self.disk.end()

    def story(self, head: str = "") -> Story:
        """What it was like so far."""
        fates = {f"messages {what}": n for what, n in sorted(self.network.fates.items())}
        return Story(
            seed=self.seed,
            hours=self.lived_s / 3600,
            visits=self.oracle.ledger.issued,
            commands=self.oracle.commands,
            events=self.oracle.events,
            presses=self.presses.judged,
            slips=self.oracle.slips,
            starts=self.house.starts,
            cuts=self.house.cuts,
            compared=self.oracle.followed,
            head=head,
            troubles=dict(sorted(self.troubles.came.items())) | fates,
        )

    def _step(self, most_s: float) -> None:
        """To the next moment at which anything is due."""
        now_s = self.hours.now_s
        next_s = max(now_s, min(self.hours.next_s, self.house.next_s, most_s))
        self.lived_s += next_s - now_s
        self.hours.now_s = next_s
        for act in self.hours.take():
            act()
        self.house.work()
        self.watching.paper()
        if self.house.running is None and not self._starting:
            self.presses.disturbed_s = next_s
            self._starting = True
            self.hours.after(self._again.uniform(*PAUSE_S), self._start)

    def _start(self) -> None:
        self._starting = False
        self.presses.disturbed_s = self.hours.now_s
        if self.house.running is None:
            self.house.start()

    def _pass_the_night(self) -> None:
        """At night nobody is there: it goes by in two leaps, and midnight as it is."""
        self._dusk_s = self.hours.now_s + 1.0
        now = datetime.fromtimestamp(self.hours.true_wall_s(), ZoneInfo(self._zone))
        day_s = self._day_s()
        if OPENS_S <= day_s < NIGHT_S or day_s >= EVE_S or day_s < CHECK_S:
            return
        if day_s >= NIGHT_S:
            self._leap(EVE_S - day_s)
            return
        morning = now.replace(hour=8, minute=40, second=0, microsecond=0)
        while not self.house.config.rules.works_on(
            morning.date().isoformat(), morning.isoweekday()
        ):
            morning += timedelta(days=1)
        self._leap((morning - now).total_seconds() + 1.0)

    def _day_s(self) -> int:
        now = datetime.fromtimestamp(self.hours.true_wall_s(), ZoneInfo(self._zone))
        return now.hour * 3600 + now.minute * 60 + now.second

    @property
    def _zone(self) -> str:
        return self.house.config.rules.timezone

    def _leap(self, seconds: float) -> None:
        self.watching.new_day()
        self.hours.now_s += seconds
        self.presses.disturbed_s = self.hours.now_s

    # Looking

    def _check(self) -> None:
        """Every few seconds."""
        self.hours.after(CHECK_S, self._check)
        self.presses.judge()
        self._checks += 1
        whole, now_not = divmod(self._checks, WHOLE_EVERY)
        for number, program in enumerate(self.programs.values()):
            turn = whole % len(self.programs) == number
            self.watching.follower(program, whole=turn and not now_not)
        self.watching.note()

    # The end

    def _settle(self) -> None:
        """Everything that is waited for comes, within a bounded time. Raises Broken."""
        until_s = self.hours.now_s + SETTLE_MOST_S
        calm_s = self.hours.now_s + CALM_S
        why = "not looked at"
        while self.hours.now_s < until_s and (why or self.hours.now_s < calm_s):
            self._step(self.hours.now_s + 1.0)
            why = self._unsettled()
        if why:
            raise Broken("when trouble ceases all comes to rest", why)
        for program in self.programs.values():
            self.watching.follower(program, whole=True)

    def _unsettled(self) -> str:
        """What is still not as it should be; "" when all is."""
        if self.house.running is None:
            return "no daemon runs"
        hall = self.house.hall
        down = [d.name for d in hall.devices.values() if d.link != "up"]
        if down:
            return f"devices are down: {down}"
        waiting = [j.id for j in hall.jobs.values() if j.status in ("queued", "held", "sending")]
        if waiting:
            return f"slips wait: {waiting}"
        for program in self.programs.values():
            if program.open:
                return f"{program.name} waits for answers: {sorted(program.open)[:3]}"
            behind = program.hall.seq < self.house.told[program.audience]
            if behind or not program.is_fresh:
                return f"{program.name} is stale"
        return self._displays()

    def _displays(self) -> str:
        """Which keypad does not show the ticket at its window, "" for none."""
        for name in {self.presses.keypads[w] for w in self.presses.keypads}:
            windows = self.wires[name].twin.state().get("windows", {})
            for window, shown in windows.items():
                visit = self.house.hall.at_window(int(window))
                digits = "".join(d for d in visit.label if d.isdigit()) if visit else ""
                if "ticket" in shown and int(shown["ticket"] or 0) != int(digits[-3:] or 0):
                    return f"the keypad of window {window} shows {shown['ticket']} for {digits}"
        return ""


def last_words(recorded: Iterable[Recorded], most: int) -> list[str]:
    """The newest events, shortened to lines."""
    lines = [f"{one.seq} {one.command}: {one.event}" for one in recorded]
    return [line[:200] for line in lines[-most:]]
