"""The hall's computer: one disk, wires, and the daemon's process, which may end at any moment."""

import contextlib
import os
import random
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import apsw
import zmq

from hallctl.backups.epochs import new_epoch
from hallctl.bus.messages import Answer, Request
from hallctl.bus.server import Bus
from hallctl.chain import JournalError
from hallctl.clock import ClockWatch
from hallctl.config.load import HallConfig
from hallctl.core import effects as f
from hallctl.core import reports as r
from hallctl.core.events import Recorded
from hallctl.core.hall import Hall
from hallctl.daemon import TICK_S, Daemon
from hallctl.device import Device, driver_class
from hallctl.devices import Devices
from hallctl.inbox import Inbox
from hallctl.journal import Journal, lock_state
from hallctl.reserve import Reserve, whole_for
from hallctl.simulator.disk import FaultyDisk
from hallctl.simulator.platter import PowerCut
from hallctl.simulator.world.hours import Hours
from hallctl.simulator.world.ledger import Broken
from hallctl.simulator.world.network import Network
from hallctl.simulator.world.oracle import Oracle
from hallctl.simulator.world.wires import Wire
from hallctl.wire import Written, loads_own

ROUNDS_MOST = 200
REPORTS_MOST = 10_000


class WatchedJournal(Journal):
    """The product's journal; the oracle sees what goes in."""

    oracle: Oracle

    def append(
        self,
        recorded: Sequence[Recorded],
        answers: Sequence[tuple[str, bytes]],
        day: str,
        then: Callable[[], None] = lambda: None,
    ) -> None:
        """As `Journal.append`."""

        def durable() -> None:
            self.oracle.committed(self.head)
            then()

        self.oracle.committing(recorded, answers)
        super().append(recorded, answers, day, durable)


class WatchedBus(Bus):
    """The product's bus over the world's doors; the oracle sees what goes out."""

    oracle: Oracle
    journal: Journal

    def publish(self, recorded: Sequence[Recorded]) -> None:
        """As `Bus.publish`."""
        self.oracle.published(recorded)
        super().publish(recorded)

    def reply(self, request: Request, body: Answer) -> None:
        """As `Bus.reply`."""
        stored = self.journal.answer(request.key) if request.command is not None else None
        told = loads_own(body) if isinstance(body, Written) else dict(body)
        self.oracle.replied(request, told, stored)
        super().reply(request, body)


class House:
    """Starts the daemon, turns it when something is due, and ends it in every way there is.

    `chance` draws what a process draws for itself: its boot's name, an epoch.
    """

    def __init__(
        self,
        config: HallConfig,
        state: Path,
        disk: FaultyDisk,
        hours: Hours,
        network: Network,
        wires: Mapping[str, Wire],
        oracle: Oracle,
        chance: random.Random,
    ) -> None:
        self.config = config
        self.state = state
        self.disk = disk
        self.wires = wires
        self.oracle = oracle
        self.running: Process | None = None
        self.starts = self.refusals = self.cuts = 0
        self.cuts_next = False
        """Whether it is the current that goes when the disk is told to stop, not the process."""
        self.stirred = False
        """Whether something has come that the daemon or its devices should look at."""
        self.down_since_s = float("-inf")
        self.turn: Callable[[Daemon], None] = Daemon.turn
        """How the loop is turned: somebody may measure it."""
        self.hours = hours
        self.network = network
        self.chance = chance
        self._left: Hall | None = None
        """The hall of the process that ended, when its fold must be the same."""

    @property
    def told(self) -> Mapping[str, int]:
        """The last sequence published to each audience by the running daemon."""
        assert self.running is not None
        return self.running.bus.last

    @property
    def hall(self) -> Hall:
        """The hall as the running daemon has it, or as the last one left it."""
        if self.running is not None:
            return self.running.daemon.hall
        return self._left or Hall()

    def stir(self) -> None:
        """Something has come."""
        self.stirred = True

    # The process

    def start(self) -> bool:
        """Start the daemon as `service` does; False when the disk did not let it."""
        assert self.running is None
        self.starts += 1
        process = Process(self)
        try:
            process.open()
            before = self._left
            if before is not None:
                _same(before, process.daemon.hall)
            self.running = process
            process.daemon.begin(self.config.rules, self.config.digest)
        except (apsw.Error, OSError, PowerCut):
            self._refused(process)
            return False
        except JournalError as problem:
            if self.disk.is_off:  # SQLite has made an error of its own of it
                self._refused(process)
                return False
            raise Broken("a hall that was not touched starts by itself", problem) from problem
        if self.disk.is_off:
            self._refused(process)
            return False
        self.network.opened(self.stir)
        self.stirred = True
        return True

    def _refused(self, process: "Process") -> None:
        self.refusals += 1
        self._end(process, sure=False, orderly=not self.disk.is_off)

    def stop(self) -> None:
        """SIGTERM: the process ends in order."""
        if self.running is not None:
            self._end(self.running, sure=True, orderly=True)

    def kill(self) -> None:
        """As by `kill -9`, between two turns."""
        if self.running is not None:
            self._end(self.running, sure=not self.disk.is_off)

    def power_cut(self) -> None:
        """The current goes: the process with it, and what the disk had not synced."""
        if self.running is not None:
            self._end(self.running, sure=not self.disk.is_off, cut=True)
        else:
            self.cuts += 1
            self.disk.power_cut()

    def _end(
        self, process: "Process", *, sure: bool, orderly: bool = False, cut: bool = False
    ) -> None:
        """`sure`: no commit was under way, so the hall is what the journal has."""
        self.running = None
        self.down_since_s = self.hours.now_s
        if process.begun:
            self._left = process.daemon.hall if sure else None
        elif not sure:
            self._left = None
        process.close(orderly=orderly)
        off = self.disk.is_off
        if cut or (off and self.cuts_next):
            self.cuts += 1
            self.disk.power_cut()
        else:
            self.disk.kill()
        self.cuts_next = False

    # Its work

    @property
    def next_s(self) -> float:
        """When it wants to be looked at again, whatever happens."""
        if self.stirred:
            return self.hours.now_s
        woken_s = min(wire.wake_s for wire in self.wires.values())
        return woken_s if self.running is None else min(woken_s, self.running.next_s)

    def work(self) -> None:
        """Do all that is due at this moment, until nothing more comes of it."""
        now_s = self.hours.now_s
        for wire in self.wires.values():
            if wire.wake_s <= now_s:
                wire.wake()
        process = self.running
        if process is None:
            self.stirred = False
            return
        if not self.stirred and process.next_s > now_s:
            return
        try:
            for _ in range(ROUNDS_MOST):
                self.stirred = False
                process.round()
                if self.disk.is_off:
                    break
                if not self.stirred and not process.waits:
                    return
            else:
                raise Broken("a moment has an end", f"{ROUNDS_MOST} rounds")
        except apsw.ConstraintError as bug:
            raise Broken("nothing is stored twice", bug) from bug
        except (apsw.Error, OSError, PowerCut):
            pass
        self._end(process, sure=False, orderly=not self.disk.is_off)


class Process:
    """One run of the daemon, put together as `service` does it."""

    def __init__(self, house: House) -> None:
        self.house = house
        self.begun = False
        self._closing = contextlib.ExitStack()
        self.next_s = 0.0
        """When anything is due in it by itself, as of its last round."""
        self._tick_s = 0.0
        self._posted = self._told = False

    def open(self) -> None:
        """Lock, reserve, journal, devices, bus, daemon. Raises what the disk makes of it."""
        house, hours = self.house, self.house.hours
        lock = lock_state(house.state)
        self._closing.callback(os.close, lock)
        reserve = Reserve(house.state, house.disk, whole_for(len(house.config.rules.windows)))
        reserve.folder = Path(
            "state"
        )  # it is told in an event, and ours has another name each time
        reserve.open_up()
        self.journal = WatchedJournal(house.state, house.disk, reserve)
        self.journal.oracle = house.oracle
        self.journal.check_mark()
        new_epoch(self.journal)
        house.oracle.reopened(self.journal, house.disk.vfs)
        boot = f"{house.chance.getrandbits(32):08x}"
        self.reports: Inbox[r.Reported] = Inbox(REPORTS_MOST)
        self._closing.callback(self.reports.close)
        self.devices = Devices(
            [
                Device(d.name, driver_class(d.driver)(d.options), house.wires[d.name], boot)
                for d in house.config.devices
                if d.name in house.wires
            ],
            self._reported,
            hours.mono_s,
            inline_open=True,
        )
        self._closing.callback(self.devices.stop)
        self.bus = WatchedBus(house.state, zmq.Context.instance(), doors=house.network)
        self.bus.oracle, self.bus.journal = house.oracle, self.journal
        self._closing.callback(self.bus.close)
        epoch = f"{house.chance.getrandbits(32):08x}"
        self.daemon = Daemon(
            journal=self.journal,
            bus=self.bus,
            devices=self,
            reports=self.reports,
            now=hours.moment,
            mono=hours.mono_s,
            new_epoch=lambda: epoch,
            uniform=None,
            sights=lambda: self.devices.sights,
            set_by_s=ClockWatch(hours.wall_s, hours.mono_s).set_by_s,
        )
        self.begun = True
        self._tick_s = hours.now_s + TICK_S

    def takes(self, kind: type[f.Effect]) -> bool:
        """As `Devices.takes`."""
        return self.devices.takes(kind)

    def post(self, effects: Sequence[f.Effect]) -> bool:
        """The loop hands effects over (hallctl.daemon.Performer)."""
        self._posted = True
        return self.devices.post(effects)

    def _reported(self, reports: list[r.Reported]) -> bool:
        self._told = True
        return self.reports.put(reports)

    @property
    def waits(self) -> bool:
        """Whether something is still to be done at this moment."""
        return self._posted or self._told or self.house.network.waits

    def _due_s(self) -> float:
        """The next tick, alarm, or try of a wire."""
        due = [self._tick_s]
        for device in self.devices.devices:
            due += device.alarms() if device.is_open else (device.retry_at,)
        return min(due)

    def round(self) -> None:
        """The devices' thread, then the loop: each as far as it goes now."""
        self._posted = False
        self.devices.turn()
        now_s = self.house.hours.now_s
        ticks = now_s >= self._tick_s
        if ticks or self._told or self.house.network.waits:
            self._told = False
            self.house.turn(self.daemon)
        if ticks:
            self._tick_s = now_s + TICK_S
        self.next_s = self._due_s()

    def close(self, *, orderly: bool) -> None:
        """Let go of everything; in order, the journal too."""
        with contextlib.suppress(apsw.Error, OSError, PowerCut):
            self._closing.close()
            if orderly and self.begun:
                self.journal.close()


def _same(before: Hall, after: Hall) -> None:
    """The hall that was and its fold. Raises Broken.

    A fold begins with the day: of devices it knows what they have said since. Each says it again
    after a start.
    """
    for name in Hall.__dataclass_fields__:
        was, is_now = getattr(before, name), getattr(after, name)
        if name == "devices":
            is_now = {d: state.link for d, state in is_now.items() if state.link != "unknown"}
            was = {d: was[d].link for d in is_now if d in was}
        if was != is_now:
            raise Broken("the journal folds to the hall that was", f"{name}: {was} {is_now}"[:900])
