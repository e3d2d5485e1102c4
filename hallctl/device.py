"""Runs each driver on its link: open, retry, bounded queues, alarm clock, hot-plug.

The devices' thread has one selector over all wires. It meets the loop through two `Inbox`es:
effects in, reports out. Opening can block (a TCP connect), so that alone has helper threads.
"""

import importlib
import inspect
import logging
import pkgutil
import selectors
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from hallctl.config.devices_file import UnknownDriverError
from hallctl.core import effects as f
from hallctl.core import reports as r
from hallctl.driver import Driver, Reply
from hallctl.inbox import Inbox
from hallctl.links.base import Link, LinkError

log = logging.getLogger("hallctl")

BACKOFF_S = (1.0, 2.0, 4.0, 8.0, 15.0, 30.0)
STEADY_S = 10.0
"""How long a wire must hold before its next loss counts as a first one: a flapping wire waits."""
STALL_S = 10.0
"""How long bytes may wait for a device that takes none before the wire counts as stalled."""
HELD_MOST = 256
READS_MOST = 64
Opened = tuple["Device", "int | LinkError"]


def driver_class(name: str) -> type[Driver]:
    """The driver of that file name.

    Raises UnknownDriverError with the files there are, LookupError for a file without a driver.
    """
    package = importlib.import_module("drivers")
    known = sorted(m.name for m in pkgutil.iter_modules(package.__path__))
    if name not in known:
        raise UnknownDriverError(name, tuple(known))
    module = importlib.import_module(f"drivers.{name}")
    found = [
        c
        for _, c in inspect.getmembers(module, inspect.isclass)
        if issubclass(c, Driver) and c.__module__.startswith(module.__name__)
    ]
    if len(found) != 1:
        raise LookupError(f"drivers/{name}.py must define one Driver, it defines {len(found)}")
    return found[0]


def _slot(effect: f.Effect) -> tuple[object, ...]:
    """Where an effect waits while the wire is down: the newest of each slot is kept."""
    if isinstance(effect, f.AskRating | f.EndRating):
        return ("rating", effect.window)
    job = getattr(effect, "job", None)
    return (type(effect).__name__, job if job is not None else getattr(effect, "window", 0))


@dataclass
class Device:
    """One driver on one link. Only the devices' thread touches it."""

    name: str
    driver: Driver
    link: Link
    boot: str
    fd: int = -1
    is_open: bool = False
    opening: bool = False
    tries: int = 0
    retry_at: float = 0.0
    opened_at: float = 0.0
    wake_at: float | None = None
    outgoing: bytearray = field(default_factory=bytearray)
    moved_at: float = 0.0
    held: dict[tuple[object, ...], f.Effect] = field(default_factory=dict)
    reports: list[r.Report] = field(default_factory=list)
    counted: int = 0

    def wants(self, effect: f.Effect) -> bool:
        """Whether the effect is this device's to perform."""
        if not isinstance(effect, self.driver.takes):
            return False
        printer = getattr(effect, "printer", None)
        if printer is not None:
            return bool(printer == self.name)
        windows = self.driver.windows()
        return not windows or effect.window in windows  # type: ignore[union-attr]

    def perform(self, effect: f.Effect, now: float) -> None:
        """Give an effect to the driver; keep it when the wire is down."""
        if self.is_open:
            self._safely(lambda: self._took(self.driver.perform(effect, now), now), now)
        else:
            self._keep(effect, now)

    def _keep(self, effect: f.Effect, now: float) -> None:
        match effect:
            case f.SendSlip():
                self.reports.append(r.SlipDoubtful(job=effect.job, reason="unplugged"))
                self.held.pop(("PrintSlip", effect.job), None)
                self.driver.perform(f.DropSlip(printer=self.name, job=effect.job), now)
            case f.DropSlip():
                self.held.pop(("PrintSlip", effect.job), None)
                self.driver.perform(effect, now)
            case f.AnswerKey():
                pass  # the keypad that pressed is not there to hear it
            case _:
                if isinstance(effect, f.PrintSlip):
                    self.reports.append(r.SlipHeld(job=effect.job, reason="unplugged"))
                self.held[_slot(effect)] = effect
                while len(self.held) > HELD_MOST:
                    del self.held[next(iter(self.held))]

    def opened(self, result: "int | LinkError", now: float) -> None:
        """The opening has ended: greet the device, or wait longer."""
        self.opening = False
        if isinstance(result, LinkError):
            self._lost(result, now)
            return
        self.fd, self.is_open = result, True
        self.opened_at = self.moved_at = now
        self.reports.append(r.LinkUp())
        self._safely(lambda: self._took(self.driver.start(now), now), now)
        held, self.held = list(self.held.values()), {}
        for effect in held:
            self.perform(effect, now)

    def turn(self, now: float) -> None:
        """Read, wake, write: whatever is due."""
        self._safely(lambda: self._due(now), now)

    def _due(self, now: float) -> None:
        self._read(now)
        if self.wake_at is not None and now >= self.wake_at:
            self.wake_at = None
            self._took(self.driver.wake(now), now)
        self._write(now)

    def _safely(self, act: Callable[[], None], now: float) -> None:
        try:
            act()
        except LinkError as problem:
            self._lost(problem, now)
        except Exception as bug:  # noqa: BLE001 - the one place: a bug here ends one device
            self.reports.append(r.Fault(code="driver_error", evidence=repr(bug)[:200]))
            self._lost(LinkError(repr(bug)[:200], "请把日志发给开发者；设备会自动重连"), now)

    def _read(self, now: float) -> None:
        for _ in range(READS_MOST):
            if not self.is_open:
                return
            got = self.link.read()
            if not got:
                return
            self._took(self.driver.receive(got, now), now)

    def _write(self, now: float) -> None:
        while self.outgoing and self.is_open:
            taken = self.link.write(bytes(self.outgoing[:4096]))
            if taken:
                self.moved_at = now
                del self.outgoing[:taken]
            elif now - self.moved_at > STALL_S:
                evidence = f"{len(self.outgoing)} bytes not taken for {STALL_S:.0f} s"
                raise LinkError(evidence, "设备不收数据：关机重开，查缺纸、卡纸和线缆")
            else:
                return

    def _took(self, reply: Reply, now: float) -> None:
        if reply.write:
            if not self.outgoing:
                self.moved_at = now
            self.outgoing += reply.write
        self.reports += reply.reports
        if reply.wake_at is not None:
            self.wake_at = reply.wake_at

    def _lost(self, problem: LinkError, now: float) -> None:
        self.link.close()
        if self.is_open and now - self.opened_at > STEADY_S:
            self.tries = 0
        if self.is_open or not self.tries:
            down = r.LinkDown(evidence=problem.evidence, remedy=problem.remedy)
            self.reports.append(down)
        self.is_open, self.fd, self.wake_at = False, -1, None
        self.outgoing.clear()
        self.retry_at = now + BACKOFF_S[min(self.tries, len(BACKOFF_S) - 1)]
        self.tries += 1

    def reported(self) -> list[r.Reported]:
        """The reports since the last time, each with an id of its own."""
        found = []
        for report in self.reports:
            self.counted += 1
            found.append(r.Reported(f"{self.name}:{self.boot}:{self.counted}", self.name, report))
        self.reports.clear()
        return found


class Devices:
    """All devices. `post` is called by the loop; everything else by the devices' thread.

    `deliver` takes reports and says whether there was room; while there is none, no wire is read.
    `inline_open` opens links in the caller, for simulations; else helper threads do.
    """

    def __init__(
        self,
        devices: Sequence[Device],
        deliver: Callable[[list[r.Reported]], bool],
        mono: Callable[[], float],
        *,
        inline_open: bool = False,
    ) -> None:
        self.devices = list(devices)
        self._deliver = deliver
        self._mono = mono
        self._inline_open = inline_open
        self._effects: Inbox[f.Effect] = Inbox(100_000)
        self._opened: Inbox[Opened] = Inbox(1000)
        self._undelivered: list[r.Reported] = []
        self._waiting_room = False
        self._stopping = False
        self._thread: threading.Thread | None = None

    def post(self, effects: Sequence[f.Effect]) -> bool:
        """Hand effects over; False when the devices' thread is that far behind."""
        return self._effects.put(effects)

    def turn(self) -> None:
        """One round over all devices: effects, openings, wires, reports."""
        now = self._mono()
        for device, result in self._opened.take():
            device.opened(result, now)
        self._begin_opening(now)
        for effect in self._effects.take():
            for device in self.devices:
                if device.wants(effect):
                    device.perform(effect, now)
        if not self._undelivered:
            for device in self.devices:
                if device.is_open:
                    device.turn(now)
                self._undelivered += device.reported()
        if self._undelivered:
            self._hand_over()

    def _hand_over(self) -> None:
        waited = self._waiting_room
        self._waiting_room = not self._deliver(self._undelivered)
        if not self._waiting_room:
            self._undelivered = []
        elif not waited:
            log.warning(
                "the loop has no room for %d reports; no wire is read until it has",
                len(self._undelivered),
            )

    def _begin_opening(self, now: float) -> None:
        for device in self.devices:
            if device.is_open or device.opening or now < device.retry_at:
                continue
            device.opening = True
            if self._inline_open:
                device.opened(_open(device), now)
            else:
                threading.Thread(target=self._open_aside, args=(device,), daemon=True).start()

    def _open_aside(self, device: Device) -> None:
        self._opened.put([(device, _open(device))])

    def start(self) -> None:
        """Begin the devices' thread."""
        self._thread = threading.Thread(target=self._run, name="devices", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """End the thread and close all wires."""
        self._stopping = True
        self._effects.nudge()
        if self._thread is not None:
            self._thread.join(timeout=5)
        for device in self.devices:
            device.link.close()
        self._effects.close()
        self._opened.close()

    def _run(self) -> None:
        while not self._stopping:
            self.turn()
            self._wait()

    def _wait(self) -> None:
        """Sleep until a wire, an effect, an opening or an alarm is due."""
        now = self._mono()
        due = [now + 1.0]
        with selectors.DefaultSelector() as selector:
            selector.register(self._effects, selectors.EVENT_READ)
            selector.register(self._opened, selectors.EVENT_READ)
            for device in self.devices:
                if device.is_open and device.fd >= 0:
                    wanted = 0 if self._undelivered else selectors.EVENT_READ
                    wanted |= selectors.EVENT_WRITE if device.outgoing else 0
                    if wanted:
                        selector.register(device.fd, wanted)
                if device.wake_at is not None:
                    due.append(device.wake_at)
                if not device.is_open and not device.opening:
                    due.append(device.retry_at)
            if self._undelivered:
                due.append(now + 0.01)
            selector.select(max(0.0, min(due) - now))


def _open(device: Device) -> "int | LinkError":
    try:
        return device.link.open()
    except LinkError as problem:
        return problem
