"""Puts a daemon together from a hall's folder, and runs it until it is told to stop.

Exit codes: 0 stopped, 74 the journal could not be written, 75 another process has the state,
76 the journal needs a person, 78 the configuration is wrong.
"""

import gc
import json
import logging
import os
import resource
import secrets
import signal
import time
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from types import FrameType

import apsw
import zmq

from hallctl import notify
from hallctl.backups.epochs import epoch_words, new_epoch
from hallctl.bus.local import Context, check_path
from hallctl.bus.server import Bus
from hallctl.chain import JournalError
from hallctl.clock import Clock, ClockWatch, offset_wall
from hallctl.config.devices_file import DeviceConfig
from hallctl.config.load import HallConfig, load
from hallctl.config.network_file import Network
from hallctl.config.problems import ConfigError, Problem
from hallctl.core.reports import Reported
from hallctl.daemon import Daemon
from hallctl.daykey import DayKey
from hallctl.device import Device, driver_class
from hallctl.devices import Devices
from hallctl.disk import SystemDisk, trouble_words
from hallctl.driver import Driver
from hallctl.inbox import Inbox
from hallctl.journal import Journal, StateInUse, lock_state
from hallctl.keyring import Keyring, KeyringError
from hallctl.links.base import Link
from hallctl.links.sound import SoundLink
from hallctl.links.spec import (
    EvdevSpec,
    LinkSpec,
    MemorySpec,
    SerialSpec,
    SoundSpec,
    TcpSpec,
    UsblpSpec,
    UsbSpec,
)
from hallctl.links.tcp import TcpLink
from hallctl.pin import Pin
from hallctl.place import EX_CONFIG, EX_INUSE, EX_IOERR, EX_JOURNAL, Place
from hallctl.reloading import Reader
from hallctl.reserve import Reserve, whole_for
from hallctl.voice.beginning import Making

log = logging.getLogger("hallctl")

REPORTS_MOST = 10_000
FILES_MOST = 1 << 16
SLOWLY_S = 10.0
"""How long a start that fails at the disk lasts under systemd, which tries again for ever.

Its pause between two starts is one for all reasons, and short, for a crash must not be seen.
"""
CODE_BYTES = 12
"""What a ticket's wait page is found by: nobody guesses 96 bits."""


def link_for(spec: LinkSpec, sounds: Sequence[Path]) -> Link:
    """The wire a specification names; `sounds` are the folders of clips.

    What a hall has no device for is not imported.

    Raises ConfigError for one only a simulation has.
    """
    match spec:
        case TcpSpec():
            return TcpLink(spec.tcp)
        case SerialSpec():
            from hallctl.links.serial import SerialLink  # noqa: PLC0415

            return SerialLink(spec.serial, spec.baud, parity=spec.parity, rtscts=spec.rtscts)
        case UsblpSpec():
            from hallctl.links.usblp import UsblpLink  # noqa: PLC0415

            return UsblpLink(spec.usblp)
        case UsbSpec():
            from hallctl.links.usb import UsbLink  # noqa: PLC0415

            return UsbLink(spec.usb)
        case EvdevSpec():
            from hallctl.links.evdev import EvdevLink  # noqa: PLC0415

            return EvdevLink(spec.evdev)
        case SoundSpec():
            return SoundLink(spec.sound, sounds)
        case MemorySpec():
            words = "a memory link exists in simulations only"
            raise ConfigError([Problem("devices.yaml", 1, 1, "link.memory", words)])


def rewired(
    devices: tuple[DeviceConfig, ...], links: Path | None, sounds: Sequence[Path]
) -> dict[str, Link]:
    """Each device's wire; `links` (the desk's) replaces those of devices.yaml by twins' wires."""
    found = {d.name: link_for(d.link, sounds) for d in devices}
    if links is not None:
        for name, spec in json.loads(links.read_text()).items():
            if name in found:
                found[name] = _wire_instead(spec, sounds)
    return found


def _wire_instead(spec: dict[str, str], sounds: Sequence[Path]) -> Link:
    if "sound" in spec:  # `capture:FILE`, which benchmarks listen to
        return SoundLink(spec["sound"], sounds)
    if "tcp" in spec:
        return TcpLink(spec["tcp"])
    from hallctl.links.serial import SerialLink  # noqa: PLC0415

    return SerialLink(spec["serial"])


def run(place: Place, *, links: Path | None = None, clock_file: Path | None = None) -> int:
    """Run the hall's daemon in the foreground; gives the exit code."""
    lock = -1
    begun_s = time.monotonic()
    try:
        config = load(place.hall, driver_class=driver_class)
        _fits(place)
        lock = lock_state(place.state)
        return _run(place, config, links, clock_file)
    except ConfigError as problem:
        log.error("%s", problem)  # noqa: TRY400 - a person's mistake, not a traceback
        return EX_CONFIG
    except StateInUse as problem:
        log.error("%s", problem)  # noqa: TRY400
        return EX_INUSE
    except JournalError as problem:
        log.error("%s", problem)  # noqa: TRY400
        return EX_JOURNAL
    except (apsw.Error, OSError) as problem:
        words = trouble_words(place.state, problem)
        log.error("%s", words)  # noqa: TRY400
        notify.status(words)
        if notify.watched():
            time.sleep(max(0.0, begun_s + SLOWLY_S - time.monotonic()))
        return EX_IOERR
    finally:
        if lock >= 0:
            os.close(lock)


def _fits(place: Place) -> None:
    words = check_path(place.bus)
    if words:
        raise ConfigError([Problem(str(place.state), 1, 1, "--state", words)])


def _keyring(place: Place, config: HallConfig) -> Keyring:
    """Who may come in from the network. Raises ConfigError when it is to listen without keys."""
    keyring = Keyring(place.keys)
    if not config.network.listen:
        return keyring
    try:
        assert keyring.server_public
    except KeyringError as problem:
        make = f"hallctl keys init --hall {place.hall} --state {place.state}"
        missing = problem.what == "not_made"
        words = f"the hall has no keys yet; make them once: {make}" if missing else str(problem)
        raise ConfigError([Problem("network.yaml", 1, 1, "listen", words)]) from problem
    if keyring.problem is not None:
        log.error("nobody is let in from the network: %s", keyring.problem)
    return keyring


def _allow_files() -> None:
    """Each connection is an open file: take as many as this machine allows us."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    most = FILES_MOST if hard == resource.RLIM_INFINITY else min(hard, FILES_MOST)
    if soft != resource.RLIM_INFINITY and soft < most:
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, hard))


def _journal(place: Place, windows: int) -> Journal:
    disk = SystemDisk()
    reserve = Reserve(place.state, disk, whole_for(windows))
    reserve.open_up()
    journal = Journal(place.state, disk, reserve)
    journal.check_mark()
    begun = new_epoch(journal)
    if begun is not None:
        log.warning("%s", epoch_words(begun))
    return journal


def _clock(config: HallConfig, clock_file: Path | None) -> Clock:
    zone = config.rules.timezone
    return Clock(zone, offset_wall(clock_file)) if clock_file else Clock(zone)


def _bus(place: Place, config: HallConfig, keyring: Keyring, context: Context, clock: Clock) -> Bus:
    pin = Pin(place.state / "pin", clock.mono)
    return Bus(place.bus, context, pin.check, config.network, keyring)


def _making(place: Place, wires: Iterable[Link]) -> Making | None:
    """Missing clips are made beside us, where a voice speaks through a sound card."""
    speaks = any(isinstance(wire, SoundLink) for wire in wires)
    return Making(place.hall, place.state) if speaks else None


def _run(place: Place, config: HallConfig, links: Path | None, clock_file: Path | None) -> int:
    clock = _clock(config, clock_file)
    keyring = _keyring(place, config)
    _allow_files()
    journal = _journal(place, len(config.rules.windows))
    wires = rewired(config.devices, links, place.sounds)
    making = _making(place, wires.values())
    day_key = DayKey(place.state / "day-key")
    boot = secrets.token_hex(4)
    reports: Inbox[Reported] = Inbox(REPORTS_MOST)
    devices = Devices(
        [Device(d.name, driver_of(d), wires[d.name], boot) for d in config.devices],
        reports.put,
        clock.mono,
    )
    context = zmq.Context()
    bus = _bus(place, config, keyring, context, clock)
    daemon = Daemon(
        journal=journal,
        bus=bus,
        devices=devices,
        reports=reports,
        now=clock.now,
        mono=clock.mono,
        new_epoch=lambda: secrets.token_hex(4),
        sights=lambda: devices.sights,
        day_key=lambda day: journal.reserve.through(lambda: day_key.of(day)),
        new_code=lambda: secrets.token_urlsafe(CODE_BYTES),
        set_by_s=ClockWatch().set_by_s,
    )
    _heed_signals(place, config.network, daemon, reports.nudge)
    try:
        daemon.begin(config.rules, config.digest)
        devices.start()
        words = f"{config.rules.hall}, event {journal.seq}, bus {place.bus}"
        log.info("hall open: %s", words)
        notify.ready(words)
        gc.freeze()  # what is here now stays: it need not be looked through again and again
        gc.enable()
        daemon.run()
    finally:
        notify.stopping()
        if making is not None:
            making.stop()
        devices.stop()
        bus.close()
        context.term()
        journal.close()
    log.info("stopped after event %d", journal.seq)
    return 0


def _heed_signals(
    place: Place, network: Network, daemon: Daemon, nudge: Callable[[], None]
) -> None:
    """SIGTERM and Ctrl-C end the daemon, SIGHUP lets new rules in."""

    def stop(_signal: int, _frame: FrameType | None) -> None:
        daemon.stopping = True
        nudge()

    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, stop)
    signal.signal(signal.SIGHUP, Reader(place.hall, network, daemon, nudge).asked)


def driver_of(device: DeviceConfig) -> Driver:
    """The driver of a configured device."""
    return driver_class(device.driver)(device.options)
