"""Runs one driver on its link: open, retry, bounded queue, alarm clock, hot-plug, self-test."""

import importlib
import inspect
import pkgutil
from collections.abc import Callable
from dataclasses import dataclass, field

from hallctl.config.devices_file import UnknownDriverError
from hallctl.core import effects as f
from hallctl.core import reports as r
from hallctl.core.trial import Wrong
from hallctl.driver import Driver, Reply
from hallctl.exercise import Exercise
from hallctl.links.base import Link, LinkError
from hallctl.texts import say

BACKOFF_S = (1.0, 2.0, 4.0, 8.0, 15.0, 30.0)
STEADY_S = 10.0
"""How long a wire must hold before its next loss counts as a first one: a flapping wire waits."""
STALL_S = 10.0
"""How long bytes may wait for a device that takes none before the wire counts as stalled."""
HELD_MOST = 256
READS_MOST = 64
LAST_BYTES = 48
Opened = tuple["Device", "int | LinkError"]


@dataclass(frozen=True, slots=True)
class Sight:
    """A device's wire as the technician sees it. Times are seconds ago; bytes in hex, the last."""

    name: str
    is_open: bool
    for_s: float
    tries: int
    retry_in_s: float
    bytes_in: int
    bytes_out: int
    last_in: str
    last_out: str
    unsent: int
    held: int
    evidence: str
    remedy: str


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
    since: float = 0.0
    """When the wire opened, or went."""
    trouble: LinkError | None = None
    """Why the wire is not open."""
    bytes_in: int = 0
    bytes_out: int = 0
    last_in: bytes = b""
    last_out: bytes = b""
    exercise: Exercise | None = None
    outgoing: bytearray = field(default_factory=bytearray)
    moved_at: float = 0.0
    held: dict[tuple[object, ...], f.Effect] = field(default_factory=dict)
    reports: list[r.Report] = field(default_factory=list)
    counted: int = 0

    def wants(self, effect: f.Effect) -> bool:
        """Whether the effect is this device's to perform."""
        own = getattr(effect, "printer", None) or getattr(effect, "device", None)
        if isinstance(effect, f.ExerciseDevice | f.EndExercise):
            return bool(own == self.name)
        if not isinstance(effect, self.driver.takes):
            return False
        if own is not None:
            return bool(own == self.name)
        windows = self.driver.windows()
        return not windows or effect.window in windows  # type: ignore[union-attr]

    def perform(self, effect: f.Effect, now: float) -> None:
        """Give an effect to the driver; keep it when the wire is down."""
        if isinstance(effect, f.ExerciseDevice):
            self._begin_exercise(effect, now)
        elif isinstance(effect, f.EndExercise):
            self._end_exercise("", now)
        elif self.is_open:
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
            case f.Announce():
                gone = self.trouble.evidence if self.trouble else "not open"
                self.reports.append(
                    r.AnnouncementFailed(
                        announcement=effect.announcement, reason="unplugged", evidence=gone
                    )
                )
            case f.BriefPrinter() | f.AnswerKey():
                # To be known only: the keypad that pressed hears it when it repeats itself.
                self.driver.perform(effect, now)
            case _:
                if isinstance(effect, f.PrintSlip):
                    self.reports.append(r.SlipHeld(job=effect.job, reason="unplugged"))
                self.held[_slot(effect)] = effect
                while len(self.held) > HELD_MOST:
                    del self.held[next(iter(self.held))]

    # - the self-test

    def _begin_exercise(self, test: f.ExerciseDevice, now: float) -> None:
        self._end_exercise("interrupted", now)
        if not self.is_open:
            evidence = self.trouble.evidence if self.trouble else "not open yet"
            found = r.Finding(step="wire", result="failed", code="unplug", evidence=evidence)
            self.reports += [found, r.TestEnded()]
            return
        self.exercise = Exercise(test, now)
        words = f"{self.bytes_in} bytes in, {self.bytes_out} out, open {now - self.since:.0f} s"
        self.reports.append(r.Finding(step="wire", result="passed", evidence=words))
        self._safely(lambda: self._took(self.driver.selftest(test, now), now), now)

    def _end_exercise(self, code: Wrong, now: float, evidence: str = "") -> None:
        """Break a running self-test off; with `code`, for that reason."""
        exercise, self.exercise = self.exercise, None
        if exercise is None:
            return
        if code:
            found = r.Finding(step="wire", result="failed", code=code, evidence=evidence)
            self.reports.append(found)
        self.reports += exercise.heard(r.TestEnded(), 0)
        if self.is_open:
            self._safely(lambda: self._took(self.driver.end_selftest(now), now), now)

    # - the wire

    def opened(self, result: "int | LinkError", now: float) -> None:
        """The opening has ended: greet the device, or wait longer."""
        self.opening = False
        if isinstance(result, LinkError):
            self._lost(result, now)
            return
        self.fd, self.is_open, self.trouble = result, True, None
        self.opened_at = self.moved_at = self.since = now
        self.reports.append(r.LinkUp())
        self._safely(lambda: self._took(self.driver.start(now), now), now)
        held, self.held = list(self.held.values()), {}
        for effect in held:
            self.perform(effect, now)

    def due(self, now: float) -> bool:
        """Whether a turn is due though nothing has come on the wire."""
        woken = self.wake_at is not None and now >= self.wake_at
        return woken or bool(self.outgoing) or self.fd < 0 or self.exercise is not None

    def turn(self, now: float) -> None:
        """Read, wake, write: whatever is due."""
        self._safely(lambda: self._due(now), now)

    def _due(self, now: float) -> None:
        self._read(now)
        if self.wake_at is not None and now >= self.wake_at:
            self.wake_at = None
            self._took(self.driver.wake(now), now)
        self._write(now)
        if self.exercise is not None:
            code = self.exercise.overdue(now, self.moved_at if self.outgoing else now)
            if code:
                self._end_exercise(code, now, f"{len(self.outgoing)} bytes wait")

    def _safely(self, act: Callable[[], None], now: float) -> None:
        try:
            act()
        except LinkError as problem:
            self._lost(problem, now)
        except Exception as bug:  # noqa: BLE001 - the one place: a bug here ends one device
            self.reports.append(r.Fault(code="driver_error", evidence=repr(bug)[:200]))
            self._lost(LinkError(repr(bug)[:200], say("zh", "remedy.bug")), now)

    def _read(self, now: float) -> None:
        for _ in range(READS_MOST):
            if not self.is_open:
                return
            got = self.link.read()
            if not got:
                return
            self.bytes_in += len(got)
            if not self.driver.private:
                self.last_in = (self.last_in + got)[-LAST_BYTES:]
            self._took(self.driver.receive(got, now), now)

    def _write(self, now: float) -> None:
        while self.outgoing and self.is_open:
            wanted = bytes(self.outgoing[:4096])
            taken = self.link.write(wanted)
            if self.exercise is not None:
                self.exercise.wrote(len(wanted), taken)
            if taken:
                self.bytes_out += taken
                self.last_out = (self.last_out + wanted[:taken])[-LAST_BYTES:]
                self.moved_at = now
                del self.outgoing[:taken]
            elif now - self.moved_at > STALL_S:
                evidence = f"{len(self.outgoing)} bytes not taken for {STALL_S:.0f} s"
                raise LinkError(evidence, say("zh", "remedy.usb_stuck"))
            else:
                return

    def _took(self, reply: Reply, now: float) -> None:
        if reply.write:
            if not self.outgoing:
                self.moved_at = now
            self.outgoing += reply.write
        self._hear(reply.reports)
        if reply.wake_at is not None:
            self.wake_at = reply.wake_at
        if reply.reopen:  # as if the wire had gone: its remedy is to wait for the next opening
            raise LinkError(reply.reopen, say("zh", "remedy.wait"))

    def _hear(self, reports: tuple[r.Report, ...]) -> None:
        """Findings count while a self-test runs; the wire may know more than the driver."""
        for report in reports:
            if not isinstance(report, r.Finding | r.TestAsks | r.TestEnded):
                self.reports.append(report)
            elif self.exercise is not None:
                self.reports += self.exercise.heard(report, self.link.unsent())
                if isinstance(report, r.TestEnded):
                    self.exercise = None

    def _lost(self, problem: LinkError, now: float) -> None:
        self.link.close()
        if self.is_open and now - self.opened_at > STEADY_S:
            self.tries = 0
        if self.is_open or not self.tries:
            down = r.LinkDown(evidence=problem.evidence, remedy=problem.remedy)
            self.reports.append(down)
            self.since = now
        was_open = self.is_open
        self.is_open, self.fd, self.wake_at = False, -1, None
        self.trouble = problem
        self._end_exercise("unplug", now, problem.evidence)
        if was_open:
            self._tell_lost(now)
        self.outgoing.clear()
        self.retry_at = now + BACKOFF_S[min(self.tries, len(BACKOFF_S) - 1)]
        self.tries += 1

    def _tell_lost(self, now: float) -> None:
        """The driver says what is in doubt; it can neither write nor be woken."""
        try:
            self._hear(self.driver.lost(now).reports)
        except Exception as bug:  # noqa: BLE001 - as in _safely; the wire is gone already
            self.reports.append(r.Fault(code="driver_error", evidence=repr(bug)[:200]))

    def alarms(self) -> list[float]:
        """When this device wants a turn, whatever comes on its wire."""
        found = [] if self.wake_at is None else [self.wake_at]
        return found if self.exercise is None else [*found, self.exercise.due]

    def sight(self, now: float) -> Sight:
        """The wire as it is now."""
        return Sight(
            name=self.name,
            is_open=self.is_open,
            for_s=now - self.since,
            tries=self.tries,
            retry_in_s=0.0 if self.is_open else max(0.0, self.retry_at - now),
            bytes_in=self.bytes_in,
            bytes_out=self.bytes_out,
            last_in=self.last_in.hex(" ").upper(),
            last_out=self.last_out.hex(" ").upper(),
            unsent=len(self.outgoing) + (self.link.unsent() if self.is_open else 0),
            held=len(self.held),
            evidence=self.trouble.evidence if self.trouble else "",
            remedy=self.trouble.remedy if self.trouble else "",
        )

    def reported(self) -> list[r.Reported]:
        """The reports since the last time, each with an id of its own."""
        found = []
        for report in self.reports:
            self.counted += 1
            found.append(r.Reported(f"{self.name}:{self.boot}:{self.counted}", self.name, report))
        self.reports.clear()
        return found


def open_link(device: Device) -> "int | LinkError":
    """Open the wire; may take the link's own deadline, so helper threads do it."""
    try:
        return device.link.open()
    except LinkError as problem:
        return problem
    except Exception as bug:  # noqa: BLE001 - else the device would be "opening" for ever
        return LinkError(repr(bug)[:200], say("zh", "remedy.bug"))
