"""The hall's devices on the desk: a twin of each on a wire of its own.

Which devices there are is devices.yaml's word; each link is replaced by a wire with a twin at the
far end, and `links.json` tells the daemon where that wire is.
"""

import asyncio
import contextlib
import importlib
import inspect
import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from hallctl.config.devices_file import DeviceConfig
from hallctl.links.spec import TcpSpec
from hallctl.simulator.twins.base import Twin
from hallctl.simulator.wires import PtyWire, TcpWire, Wire

_LOOK_EVERY_S = 0.1
FAULT_WORDS = {
    "unplug": "拔线",
    "stall": "卡住",
    "paper_out": "缺纸",
    "paper_low": "纸少",
    "cover_open": "开盖",
    "silent": "不回话",
    "paper_out_after": "打到一半没纸",
    "cutter_error": "切刀卡住",
    "mute": "静音",
    "noise": "杂波",
    "deaf": "听不见",
    "busy": "一直忙",
}


_FAULT_WORDS_OF = {("strip", "mute"): "不回话"}
"""Where a fault's name means something else for a kind of device."""


class StageError(Exception):
    """What was asked of a twin cannot be; `status` is the HTTP status that says so."""

    def __init__(self, words: str, status: int = 400) -> None:
        super().__init__(words)
        self.status = status


@dataclass(slots=True)
class Prop:
    """A device on the desk. `seen` is the twin's `changed` when `read` and `pictures` were made."""

    config: DeviceConfig
    wire: Wire
    seen: int = -1
    read: dict[str, Any] = field(default_factory=dict)
    pictures: dict[str, bytes] | None = None

    @property
    def faults_on(self) -> set[str]:
        """What is wrong at present, with the wire or the device."""
        wrong = set(self.wire.twin.faults)
        wrong |= {"unplug"} if self.wire.unplugged else set()
        return wrong | ({"stall"} if self.wire.stalled else set())

    def fresh(self) -> None:
        """Read the twin again if it has changed."""
        if self.seen != self.wire.twin.changed:
            self.seen = self.wire.twin.changed
            self.read, self.pictures = self.wire.twin.state(), None


class Stage:
    """All twins. `folder` is `state/desk`; `changed` is told when any of them looks different.

    Raises StageError when a driver has no twin.
    """

    def __init__(
        self, devices: Iterable[DeviceConfig], folder: Path, changed: Callable[[], None]
    ) -> None:
        self._folder = folder
        self._changed = changed
        self._watching: asyncio.Task[None] | None = None
        self.props = {d.name: Prop(d, _wired(d, folder / "wires" / d.name)) for d in devices}

    @property
    def links_file(self) -> Path:
        """Where the wires are, as the daemon's `--links` wants it."""
        return self._folder / "links.json"

    async def start(self) -> None:
        """Open all wires and write the links file. Raises OSError."""
        for prop in self.props.values():
            await prop.wire.start()
        links = {name: prop.wire.address for name, prop in self.props.items()}
        self.links_file.write_text(json.dumps(links, indent=1) + "\n", "utf-8")
        self._watching = asyncio.create_task(self._watch())

    async def close(self) -> None:
        """Take all wires away."""
        watching, self._watching = self._watching, None
        if watching is not None:
            watching.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await watching
        for prop in self.props.values():
            await prop.wire.close()

    def state(self) -> list[dict[str, Any]]:
        """Every device, with what one would read off it and what is wrong with it."""
        return [_state(name, prop) for name, prop in self.props.items()]

    def picture(self, device: str, name: str) -> bytes | None:
        """A picture by name, PNG; None when there is none."""
        prop = self.props.get(device)
        if prop is None:
            return None
        prop.fresh()
        if prop.pictures is None:
            prop.pictures = prop.wire.twin.picture()
        return prop.pictures.get(name)

    def press(self, device: str, what: dict[str, Any]) -> None:
        """A person acts on a device. Raises StageError."""
        prop = self._prop(device)
        if prop.wire.unplugged:
            raise StageError(f"{device} 的线拔了，按了也没有用。", 409)
        try:
            prop.wire.press(what)
        except (ValueError, TypeError, KeyError) as error:
            raise StageError(f"{device} 没有这个键：{error}") from error

    async def fault(self, device: str, name: str, on: bool) -> None:
        """Make something wrong, or right again. Raises StageError."""
        try:
            await self._prop(device).wire.fault(name, on)
        except (ValueError, OSError) as error:
            raise StageError(f"{device}：{error}") from error

    @staticmethod
    def fault_words(name: str) -> str:
        """A fault in words people use."""
        return FAULT_WORDS.get(name, name)

    def _prop(self, device: str) -> Prop:
        prop = self.props.get(device)
        if prop is None:
            raise StageError(f"没有叫 {device} 的设备。", 404)
        return prop

    async def _watch(self) -> None:
        known: dict[str, int] = {}
        while True:
            now = {name: prop.wire.twin.changed for name, prop in self.props.items()}
            if now != known:
                known = now
                self._changed()
            await asyncio.sleep(_LOOK_EVERY_S)


def twin_class(driver: str) -> type[Twin]:
    """The twin of a driver, found by its file's name. Raises StageError."""
    name = f"hallctl.simulator.twins.{driver}"
    try:
        module = importlib.import_module(name)
    except ModuleNotFoundError as error:
        if error.name != name:
            raise
        words = f"the driver {driver} has no twin: hallctl/simulator/twins/{driver}.py"
        raise StageError(words) from error
    found = [
        c
        for _, c in inspect.getmembers(module, inspect.isclass)
        if issubclass(c, Twin) and c.__module__ == name
    ]
    if len(found) != 1:
        raise StageError(f"{name} must hold one Twin, it holds {len(found)}")
    return found[0]


def _wired(config: DeviceConfig, path: Path) -> Wire:
    twin = twin_class(config.driver)(config.options.model_dump(mode="json"))
    return TcpWire(twin) if isinstance(config.link, TcpSpec) else PtyWire(twin, path)


def _state(name: str, prop: Prop) -> dict[str, Any]:
    prop.fresh()
    on, kind = prop.faults_on, prop.config.kind
    words = {f: _FAULT_WORDS_OF.get((kind, f), FAULT_WORDS.get(f, f)) for f in prop.wire.faults}
    faults = [{"name": f, "words": words[f], "on": f in on} for f in prop.wire.faults]
    return {
        "name": name,
        "driver": prop.config.driver,
        "kind": kind,
        "windows": list(prop.config.windows),
        "wire": next(iter(prop.wire.address.values())),
        "version": prop.seen,
        "faults": faults,
        "state": prop.read,
        "last": list(prop.wire.log)[-6:],
    }
