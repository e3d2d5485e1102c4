"""A whole day of a hall in one process, from one seed: residents, clerks, devices, the daemon.

Everything is real but the clock, the wires (memory) and the sockets: rules, journal on disk,
drivers, device runner, and twins that read the bytes. The same seed gives the same journal.
"""

import heapq
import itertools
import math
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from hallctl import wire
from hallctl.bus.messages import Answer, Ready, Request
from hallctl.clock import Clock
from hallctl.config.load import HallConfig
from hallctl.core import commands as c
from hallctl.core.events import Recorded
from hallctl.core.hall import Hall, WindowState
from hallctl.core.moment import Moment
from hallctl.daemon import Daemon
from hallctl.device import Device, driver_class
from hallctl.devices import Devices
from hallctl.inbox import Inbox
from hallctl.journal import Journal
from hallctl.links.memory import MemoryLink
from hallctl.roles import Standing
from hallctl.simulator.faults import FaultyLine
from hallctl.simulator.stage import twin_class
from hallctl.simulator.twins.base import Twin

ROUNDS_MOST = 50
OPEN_S, LAST_CALL_S, CLOSE_S = 8 * 3600 + 40 * 60, 17 * 3600, 17 * 3600 + 40 * 60
SHARES = {"A": 0.54, "B": 0.15, "C": 0.14, "F": 0.03, "Q": 0.05, "L": 0.09}
SERVICE_MIN = {"A": 6.5, "B": 4.5, "C": 5.0, "F": 8.0, "Q": 7.0, "L": 1.5}
GRADES = (5, 5, 5, 5, 4, 4, 3, 2, 1)
NO_SHOW, PRIORITY, RATES = 0.04, 0.15, 0.64


class MemoryBus:
    """The bus without sockets: askers put requests in, answers and events are kept."""

    def __init__(self) -> None:
        self.last = {"public": 0, "staff": 0}
        self.refused = 0
        self.answers: dict[str, dict[str, Any]] = {}
        self.foretold: dict[str, Any] = {}
        self.published: list[Recorded] = []
        self._waiting: list[Request] = []

    def ask(self, role: str, name: str, command_id: str, command: c.Command) -> None:
        """Send a command; its answer will stand in `answers`."""
        message = {"ask": "command", "id": command_id, "from": name}
        request = Request(Standing(role), name, role, name.encode(), message, command)
        self._waiting.append(request)

    def condition(self) -> dict[str, Any]:
        """Nothing to tell."""
        return {}

    def tick(self, now: Moment) -> None:
        """Nobody comes and nobody goes."""

    def notes(self, _now: Moment) -> c.NoteBus | None:
        """Nobody is turned away."""
        return None

    def begin(self, seq: int) -> None:
        """Nothing is numbered here but the events themselves."""
        self.last = dict.fromkeys(self.last, seq)

    def receive(self, most: int, ready: Ready = None) -> list[Request]:  # noqa: ARG002
        """What was asked, at most `most` of it."""
        found, self._waiting = self._waiting[:most], self._waiting[most:]
        return found

    def reply(self, request: Request, body: Answer) -> None:
        """Keep the answer."""
        found = wire.loads_own(body) if isinstance(body, wire.Written) else dict(body)
        self.answers[request.message["id"]] = found

    def publish(self, recorded: Sequence[Recorded]) -> None:
        """Keep the events."""
        self.published += recorded

    def heartbeat(self, epoch: str, now: Moment) -> None:
        """Nobody listens for it here."""

    def forecast(self, body: dict[str, Any]) -> None:
        """Keep the newest."""
        self.foretold = body

    def wait_on(self) -> list[Any]:
        """Nothing: the simulation turns the daemon itself."""
        return []


@dataclass
class VirtualHall:
    """A daemon with twins on memory wires and a clock that moves when it is told to.

    By device: `twins` are the other ends, `lines` they and their faults, `links` our end.
    """

    config: HallConfig
    state: Path
    date: str
    seed: int
    now_s: float = OPEN_S
    twins: dict[str, Twin] = field(default_factory=dict)
    lines: dict[str, FaultyLine] = field(default_factory=dict)
    links: dict[str, MemoryLink] = field(default_factory=dict)
    bus: MemoryBus = field(default_factory=MemoryBus)

    def __post_init__(self) -> None:
        self.random = random.Random(self.seed)  # noqa: S311 - a simulation, not a secret
        zone = ZoneInfo(self.config.rules.timezone)
        self._midnight_s = datetime.fromisoformat(self.date).replace(tzinfo=zone).timestamp()
        wall = lambda: self._midnight_s + self.now_s  # noqa: E731
        self._clock = Clock(self.config.rules.timezone, wall, lambda: self.now_s)
        self.state.mkdir(parents=True, exist_ok=True)
        self.journal = Journal(self.state)
        self.reports: Inbox[Any] = Inbox(10_000)
        boot = f"{self.random.getrandbits(32):08x}"
        self.devices = Devices(
            [self._device(d.name, boot) for d in self.config.devices],
            self.reports.put,
            lambda: self.now_s,
            inline_open=True,
        )
        self.daemon = Daemon(
            journal=self.journal,
            bus=self.bus,
            devices=self.devices,
            reports=self.reports,
            now=self.moment,
            mono=lambda: self.now_s,
            new_epoch=lambda: f"{self.random.getrandbits(32):08x}",
            # Nobody looks at forecasts here, and a day of them takes longer than the day.
            uniform=None,
        )
        self.daemon.begin(self.config.rules, self.config.digest)
        self.settle()

    def _device(self, name: str, boot: str) -> Device:
        config = next(d for d in self.config.devices if d.name == name)
        twin = twin_class(config.driver)(config.options.model_dump())
        line = FaultyLine(twin, seed=self.seed)
        link = MemoryLink(lambda payload: line.receive(payload, self.now_s))
        self.twins[name], self.lines[name], self.links[name] = twin, line, link
        return Device(name, driver_class(config.driver)(config.options), link, boot)

    @property
    def hall(self) -> Hall:
        """The hall as the daemon has it."""
        return self.daemon.hall

    def moment(self) -> Moment:
        """The virtual present."""
        return self._clock.now()

    def settle(self) -> None:
        """Let everything that is under way come to rest, without letting time pass."""
        for _ in range(ROUNDS_MOST):
            before = self.journal.seq
            said = False
            for name, line in self.lines.items():
                words = line.wake(self.now_s)
                said = said or bool(words)
                self.links[name].arrive(words)
            self.devices.turn()
            self.daemon.turn()
            self.devices.turn()
            if self.journal.seq == before and not said:
                return

    def until(self, day_s: float) -> None:
        """Let time pass, second by second."""
        while self.now_s < day_s:
            self.now_s = min(day_s, float(int(self.now_s) + 1))
            self.settle()

    def press(self, device: str, what: dict[str, Any]) -> None:
        """A person presses something."""
        self.links[device].arrive(self.lines[device].press(what, self.now_s))
        self.settle()

    def ask(self, role: str, name: str, command_id: str, command: c.Command) -> dict[str, Any]:
        """Ask over the bus and give the answer."""
        self.bus.ask(role, name, command_id, command)
        self.settle()
        return self.bus.answers[command_id]

    def close(self) -> None:
        """Close the journal and the queues."""
        self.devices.stop()
        self.reports.close()
        self.journal.close()


class Day:
    """People in a virtual hall: residents who come, clerks who work, faults that happen."""

    def __init__(self, hall: VirtualHall, visits: int) -> None:
        self.v = hall
        self.random = hall.random
        self.issued = 0
        self.refused = 0
        self._order = itertools.count()
        self._due: list[tuple[float, int, Callable[[], None]]] = []
        self._pads = _by_window(hall.config, "pad")
        self._keypads = _by_window(hall.config, "keypad")
        self._printer = next(d.name for d in hall.config.devices if d.kind == "printer")
        for _ in range(visits):
            self._at(self.random.uniform(8.76 * 3600, 16.7 * 3600), self._arrive)
        for window in hall.config.rules.windows:
            self._at(9 * 3600 + window.number, self._work(window.number))
        self._at(10.4 * 3600, lambda: self._fault(self._printer, "paper_out", on=True))
        self._at(10.4 * 3600 + 120, lambda: self._fault(self._printer, "paper_out", on=False))
        self._at(14.2 * 3600, lambda: self._unplug_keypads(plugged=False))
        self._at(14.2 * 3600 + 45, lambda: self._unplug_keypads(plugged=True))

    def run(self, until_s: float = math.inf) -> None:
        """Until everybody has gone home, or until an earlier second of the day."""
        while self._due and self._due[0][0] <= until_s:
            at_s, _, act = heapq.heappop(self._due)
            self.v.until(at_s)
            act()
        self.v.until(min(until_s, CLOSE_S))

    def _at(self, day_s: float, act: Callable[[], None]) -> None:
        heapq.heappush(self._due, (day_s, next(self._order), act))

    def _after(self, seconds: float, act: Callable[[], None]) -> None:
        self._at(self.v.now_s + seconds, act)

    def _arrive(self) -> None:
        queue = self.random.choices(list(SHARES), list(SHARES.values()))[0]
        items = [i.code for i in self.v.config.rules.items if i.queue == queue]
        item = self.random.choice(items) if items and self.random.random() < 0.6 else ""  # noqa: PLR2004
        command = c.IssueTicket(
            queue=queue,
            item=item,
            klass="priority" if self.random.random() < PRIORITY else "ordinary",
            kiosk="kiosk-1",
        )
        self.issued += 1
        answer = self.v.ask("kiosk", "kiosk-1", f"k{self.issued}", command)
        self.refused += not answer["ok"]

    def _window(self, number: int) -> WindowState:
        return self.v.hall.windows[number]

    def _waiting_at(self, number: int) -> int:
        place = self.v.config.rules.window(number)
        return sum(len(self.v.hall.waiting(q)) for q in place.queues) if place else 0

    def _key(self, window: int, key: str) -> None:
        keypad = self._keypads[window]
        if self.v.links[keypad].plugged:
            self.v.press(keypad, {"window": window, "key": key})

    def _work(self, window: int) -> Callable[[], None]:
        """A clerk who looks at the window and does what is next."""

        def look() -> None:
            state = self._window(window)
            rest_s = self.random.uniform(10, 30)
            if state.status == "idle":
                if self.v.now_s < LAST_CALL_S or self._waiting_at(window):
                    self._key(window, "call")
                    self._after(rest_s, look)
            elif state.status == "called":
                self._receive(window, rest_s, look)
            else:
                self._key(window, "rate")
                self._rate(window)
                self._after(rest_s, look)

        return look

    def _receive(self, window: int, walk_s: float, then: Callable[[], None]) -> None:
        visit = self.v.hall.at_window(window)
        assert visit is not None
        if visit.calls > 1 or self.random.random() < NO_SHOW:
            self._key(window, "recall" if visit.calls < 3 else "no_show")  # noqa: PLR2004
            self._after(21 + walk_s, then)
            return
        self._key(window, "confirm")
        mean_s = SERVICE_MIN[visit.queue] * 60
        self._after(max(40.0, self.random.lognormvariate(0, 0.5) * mean_s), then)

    def _rate(self, window: int) -> None:
        if self.random.random() < RATES:
            grade = self.random.choice(GRADES)
            press = {"window": window, "grade": grade}
            self._after(self.random.uniform(3, 20), lambda: self.v.press(self._pads[window], press))

    def _fault(self, device: str, name: str, *, on: bool) -> None:
        self.v.lines[device].fault(name, on)
        self.v.settle()

    def _unplug_keypads(self, *, plugged: bool) -> None:
        for keypad in dict.fromkeys(self._keypads.values()):
            self.v.links[keypad].plugged = plugged
        self.v.settle()


def _by_window(config: HallConfig, kind: str) -> dict[int, str]:
    """Each window's device of a kind, whether it has one of its own or an address on a bus."""
    return {w: d.name for d in config.devices if d.kind == kind for w in d.windows}
