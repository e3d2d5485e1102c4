"""Runs all devices on one thread: openings, effects, wires, alarms, reports.

The devices' thread has one selector over all wires. It meets the loop through two `Inbox`es:
effects in, reports out. Opening can block (a TCP connect), so that alone has helper threads.
"""

import logging
import selectors
import threading
from collections.abc import Callable, Collection, Sequence

from hallctl.core import effects as f
from hallctl.core import reports as r
from hallctl.device import Device, Opened, Sight, open_link
from hallctl.inbox import Inbox

log = logging.getLogger("hallctl")

SIGHT_EVERY_S = 0.5
SWEEP_EVERY_S = 5.0
"""So often every wire is looked at, whatever its descriptor says."""


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
        self._by_kind: dict[type[f.Effect], list[Device]] = {}
        self._stopping = False
        self._thread: threading.Thread | None = None
        self._watched: dict[str, tuple[int, int]] = {}
        """What the selector waits for, by device: descriptor and events."""
        self._swept_at = 0.0
        self._seen_at = -SIGHT_EVERY_S
        self.sights: dict[str, Sight] = {}
        """Each device's wire as it was a moment ago; replaced whole, so any thread may read it."""

    def post(self, effects: Sequence[f.Effect]) -> bool:
        """Hand effects over; False when the devices' thread is that far behind.

        What no device here takes does not wake the thread.
        """
        return self._effects.put([x for x in effects if self._takers(type(x))])

    def takes(self, kind: type[f.Effect]) -> bool:
        """Whether a device here does anything with such effects."""
        return bool(self._takers(kind))

    def _takers(self, kind: type[f.Effect]) -> list[Device]:
        """The devices that take a kind of effect, some of them for other windows."""
        found = self._by_kind.get(kind)
        if found is None:
            everybodys = issubclass(kind, f.ExerciseDevice | f.EndExercise)
            found = [d for d in self.devices if everybodys or issubclass(kind, d.driver.takes)]
            self._by_kind[kind] = found
        return found

    def turn(self, ready: Collection[str] | None = None) -> None:
        """One round over the devices: effects, openings, wires, reports.

        `ready` names those whose wires have something to say; None is for looking at all.
        """
        now = self._mono()
        if now - self._swept_at >= SWEEP_EVERY_S:
            ready = None
        if ready is None:
            self._swept_at = now
        for device, result in self._opened.take():
            device.opened(result, now)
        self._begin_opening(now)
        for effect in self._effects.take():
            for device in self._takers(type(effect)):
                if device.wants(effect):
                    device.perform(effect, now)
        if not self._undelivered:
            for device in self.devices:
                if device.is_open and (ready is None or device.name in ready or device.due(now)):
                    device.turn(now)
                self._undelivered += device.reported()
        if self._undelivered:
            self._hand_over()
        if now - self._seen_at >= SIGHT_EVERY_S:
            self._seen_at = now
            self.sights = {device.name: device.sight(now) for device in self.devices}

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
                device.opened(open_link(device), now)
            else:
                threading.Thread(target=self._open_aside, args=(device,), daemon=True).start()

    def _open_aside(self, device: Device) -> None:
        self._opened.put([(device, open_link(device))])

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
        with selectors.DefaultSelector() as selector:
            selector.register(self._effects, selectors.EVENT_READ)
            selector.register(self._opened, selectors.EVENT_READ)
            ready: Collection[str] | None = None
            while not self._stopping:
                self.turn(ready)
                ready = self._wait(selector)

    def _wait(self, selector: selectors.BaseSelector) -> Collection[str]:
        """Sleep until a wire, an effect, an opening or an alarm is due; whose wires it was."""
        now = self._mono()
        due = [now + 1.0]
        for device in self.devices:
            due += device.alarms()
            if not device.is_open and not device.opening:
                due.append(device.retry_at)
        if self._undelivered:
            due.append(now + 0.01)
        self._watch(selector)
        found = selector.select(max(0.0, min(due) - now))
        return {key.data for key, _ in found if key.data}

    def _watch(self, selector: selectors.BaseSelector) -> None:
        """Let the selector know what has changed; it is kept, for it seldom has.

        A device that has gone is forgotten here before it can come back with the same descriptor.
        """
        watched = {}
        for device in self.devices:
            wanted = 0 if self._undelivered else selectors.EVENT_READ
            wanted |= selectors.EVENT_WRITE if device.outgoing else 0
            if device.is_open and device.fd >= 0 and wanted:
                watched[device.name] = (device.fd, wanted)
        if watched == self._watched:
            return
        for name, (fd, _) in self._watched.items():
            if watched.get(name) != self._watched[name]:
                selector.unregister(fd)
        for name, (fd, wanted) in watched.items():
            if watched[name] != self._watched.get(name):
                selector.register(fd, wanted, name)
        self._watched = watched
