"""devices.yaml: what hangs where. `driver`, `link` and `serves` are ours, the rest the driver's."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

from hallctl.config.problems import nearest
from hallctl.config.tree import Path_, Tree
from hallctl.config.validating import validate
from hallctl.driver import Driver, DriverOptions
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

DriverClass = Callable[[str], type[Driver]]
"""Finds a driver by its file name; raises UnknownDriverError (or another LookupError)."""

_OURS: Final = ("driver", "link", "serves")
_LINKS: Final[Mapping[str, type[LinkSpec]]] = {
    "tcp": TcpSpec,
    "serial": SerialSpec,
    "usblp": UsblpSpec,
    "usb": UsbSpec,
    "evdev": EvdevSpec,
    "sound": SoundSpec,
    "memory": MemorySpec,
}
_LINK_OPTIONS: Final = SerialSpec.model_fields.keys() - {"serial"}
_LINK_EXAMPLE: Final = "For example link: {tcp: 192.168.10.21:9100}"
_NAME: Final = re.compile(r"[a-z][a-z0-9-]{0,39}", re.ASCII)
_BAUDS: Final = (1200, 2400, 4800, 9600, 19200, 38400, 57600, 115200, 230400)


class UnknownDriverError(LookupError):
    """There is no driver of that name in drivers/; `known` are those there are."""

    def __init__(self, name: str, known: tuple[str, ...]) -> None:
        super().__init__(f"no driver is called '{name}'")
        self.name = name
        self.known = known


@dataclass(frozen=True, slots=True)
class DeviceConfig:
    """One device as it is wired. `kind` and `windows` are its driver's word."""

    name: str
    driver: str
    link: LinkSpec
    serves: tuple[str, ...]
    options: DriverOptions
    kind: str
    windows: tuple[int, ...]


def devices_of(tree: Tree, driver_class: DriverClass) -> tuple[DeviceConfig, ...]:
    """Every device that is right; what is wrong with the others stands in `tree.problems`."""
    found: list[DeviceConfig] = []
    for key in (tree.value or {}).keys() - {"devices"}:
        tree.report((key,), "unknown key", nearest(key, ["devices"]), at_key=True)
    entries = (tree.value or {}).get("devices")
    if tree.value is not None and not isinstance(entries, dict):
        tree.report(("devices",), "must be here, with a key for each device", "See devices.yaml.")
    for name, entry in entries.items() if isinstance(entries, dict) else ():
        made = _Device(tree, ("devices", name), driver_class).made(name, entry)
        if made is not None:
            found.append(made)
    _same_wire(tree, found)
    _same_window(tree, found)
    return tuple(found)


class _Device:
    """Makes one DeviceConfig."""

    def __init__(self, tree: Tree, path: Path_, driver_class: DriverClass) -> None:
        self._tree = tree
        self._path = path
        self._driver_class = driver_class

    def made(self, name: str | int, entry: object) -> DeviceConfig | None:
        before = len(self._tree.problems)
        if not isinstance(name, str) or not _NAME.fullmatch(name):
            words = "a device is named with small letters, digits and hyphens"
            self._report((), words, "For example printer-1.", at_key=True)
        if not isinstance(entry, dict):
            self._report((), "must be keys with values", "driver: and link: at least.")
            return None
        driver = self._driver(entry)
        link = self._link(entry)
        serves = self._serves(entry)
        options = self._options(entry, driver) if driver else None
        if not driver or link is None or options is None or len(self._tree.problems) > before:
            return None
        return DeviceConfig(
            name=str(name),
            driver=str(entry["driver"]),
            link=link,
            serves=serves,
            options=options,
            kind=driver.kind,
            windows=tuple(driver(options).windows()),
        )

    def _report(self, at: Path_, words: str, remedy: str = "", *, at_key: bool = False) -> None:
        self._tree.report((*self._path, *at), words, remedy, at_key=at_key)

    def _driver(self, entry: Mapping[str | int, object]) -> type[Driver] | None:
        if "driver" not in entry:
            self._report(("driver",), "this key is missing", "For example driver: escpos")
            return None
        name = entry["driver"]
        if not isinstance(name, str) or not name.isidentifier():
            self._report(("driver",), f"'{name}' is no name of a file in drivers/")
            return None
        try:
            return self._driver_class(name)
        except UnknownDriverError as error:
            self._report(("driver",), f"no driver is called '{name}'", nearest(name, error.known))
        except (LookupError, ImportError) as error:
            said = str(error.args[0] if error.args else error)  # a KeyError quotes itself
            known = said.partition("there are: ")[2]
            remedy = nearest(name, known.split(", ")) if known else ""
            words = f"the driver '{name}' cannot be used: {said}"
            self._report(("driver",), words, remedy)
        return None

    def _link(self, entry: Mapping[str | int, object]) -> LinkSpec | None:
        link = entry.get("link")
        if "link" not in entry:
            self._report(("link",), "this key is missing", _LINK_EXAMPLE)
            return None
        if not isinstance(link, dict):
            self._report(("link",), "must name the kind of link and its address", _LINK_EXAMPLE)
            return None
        kinds = [kind for kind in _LINKS if kind in link]
        if len(kinds) != 1:
            for key in link.keys() - _LINKS.keys() - _LINK_OPTIONS:
                remedy = nearest(key, [*_LINKS, *sorted(_LINK_OPTIONS)])
                self._report(("link", key), "unknown key", remedy, at_key=True)
            words = f"must name one kind of link: {', '.join(_LINKS)}"
            self._report(("link",), words, _LINK_EXAMPLE)
            return None
        spec = validate(self._tree, (*self._path, "link"), _LINKS[kinds[0]], link)
        if isinstance(spec, SerialSpec):
            self._check_serial(spec)
        return spec

    def _check_serial(self, spec: SerialSpec) -> None:
        if spec.baud not in _BAUDS:
            close = min(_BAUDS, key=lambda baud: abs(baud - spec.baud))
            self._report(("link", "baud"), f"{spec.baud} is no baud rate", f"Did you mean {close}?")

    def _serves(self, entry: Mapping[str | int, object]) -> tuple[str, ...]:
        serves = entry.get("serves", ())
        if not isinstance(serves, tuple):
            self._report(("serves",), "must be a list", "For example serves: [kiosk-1]")
            return ()
        for at, place in enumerate(serves):
            if not isinstance(place, str) or not _NAME.fullmatch(place):
                words = f"'{place}' is no name of a place"
                self._report(("serves", at), words, "For example serves: [kiosk-1]")
        return tuple(str(place) for place in serves)

    def _options(
        self, entry: Mapping[str | int, object], driver: type[Driver]
    ) -> DriverOptions | None:
        fields = driver.Options.model_fields
        given = {key: value for key, value in entry.items() if key not in _OURS}
        for key in [key for key in given if key not in fields]:
            del given[key]
            words = f"unknown key (the driver '{entry['driver']}' has no such option)"
            free = [name for name in (*fields, *_OURS) if name not in entry]
            self._report((key,), words, nearest(key, free), at_key=True)
        return validate(self._tree, self._path, driver.Options, given)


def _wire(link: LinkSpec) -> str:
    """What must be one device's alone. A path is a path, whichever kind of link it is given to."""
    match link:
        case TcpSpec(tcp=where):
            return f"tcp {where.lower()}"
        case UsbSpec(usb=where):
            return f"usb {where.lower()}"
        case SerialSpec(serial=path) | UsblpSpec(usblp=path) | EvdevSpec(evdev=path):
            return path
        case SoundSpec(sound=where):
            return f"sound {where}"
        case MemorySpec(memory=where):
            return f"memory {where}"


def _same_wire(tree: Tree, devices: list[DeviceConfig]) -> None:
    first: dict[str, str] = {}
    for device in devices:
        other = first.setdefault(_wire(device.link), device.name)
        if other != device.name:
            words = f"{_wire(device.link)} is already the wire of {other}"
            tree.report(("devices", device.name, "link"), words, "One wire belongs to one device.")


def _same_window(tree: Tree, devices: list[DeviceConfig]) -> None:
    """The same window twice: within a device, or in two devices with the same driver."""
    first: dict[tuple[str, int], str] = {}
    for device in devices:
        listed = list(device.windows)
        for option, value in device.options:
            if isinstance(value, Mapping):
                listed = _twice_in_map(tree, ("devices", device.name, option), value) or listed
        for window in sorted({window for window in listed if listed.count(window) > 1}):
            tree.report(("devices", device.name), f"window {window} is given twice")
        for window in sorted(set(listed)):
            other = first.setdefault((device.driver, window), device.name)
            if other != device.name:
                words = f"window {window} belongs already to {other}"
                at: Path_ = ("devices", device.name)
                at = (*at, "window") if (*at, "window") in tree.values else at
                tree.report(at, words, "Give each device windows of its own.")


def _twice_in_map(tree: Tree, path: Path_, addresses: Mapping[object, object]) -> list[int]:
    """Report a window that two addresses lead to; the windows of the map, each once."""
    first: dict[int, object] = {}
    for address, window in addresses.items():
        if not isinstance(window, int):
            return []
        if window in first and isinstance(address, int | str):
            words = f"window {window} has an address already ({first[window]})"
            tree.report((*path, address), words, "Each window has one address.")
        first.setdefault(window, address)
    return list(first)
