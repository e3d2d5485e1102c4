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
    "silence": "不回话",
    "slow": "回话慢",
    "short_write": "只收一半",
    "stale_byte": "冒旧字节",
    "garbage": "乱码",
    "noise": "杂波",
    "byte_by_byte": "逐字节",
    "wrong_checksum": "校验错",
    "wrong_address": "地址错",
    "paper_out": "缺纸",
    "paper_low": "纸少",
    "paper_out_after": "打到一半没纸",
    "cover_open": "开盖",
    "cutter_error": "切刀卡住",
    "error": "报错",
    "offline": "脱机",
    "no_sound": "静音",
    "hangs": "卡死",
    "busy_forever": "一直忙",
    "deaf": "听不见",
    "keys_lost": "丢按键",
    "card_unread": "读不出证",
}
"""The switches of wires, lines and twins, in as few words as fit on a chip."""

DEEDS: dict[str, tuple[tuple[str, dict[str, Any]], ...]] = {
    "printer": (("换新纸", {"do": "new_roll"}), ("走纸", {"do": "feed"})),
    "reader": (("放上身份证", {"do": "card"}), ("拿走", {"do": "remove"})),
}
"""What a person does at a device that has no picture on the page, by its kind."""
NO_TWIN = "没有孪生设备"
LINES_S = 40
"""How fast the desk's printers print, as real ones do: 150 mm a second."""


class StageError(Exception):
    """What was asked of a twin cannot be; `status` is the HTTP status that says so."""

    def __init__(self, words: str, status: int = 400) -> None:
        super().__init__(words)
        self.status = status


@dataclass(slots=True)
class Prop:
    """A device on the desk. `seen` is the twin's `changed` when `read` and `pictures` were made.

    `wire` is None for a device whose driver has no twin: it stays offline, and all else goes on.
    """

    config: DeviceConfig
    path: Path
    wire: Wire | None
    seen: int = -1
    read: dict[str, Any] = field(default_factory=dict)
    pictures: dict[str, bytes] | None = None

    @property
    def address(self) -> dict[str, str]:
        """Its wire as a links file has it; without a twin one that is never there."""
        return self.wire.address if self.wire else {"serial": str(self.path)}

    @property
    def changed(self) -> int:
        """Counts up when it looks different."""
        return self.wire.twin.changed if self.wire else 0

    def fresh(self) -> None:
        """Read the twin again if it has changed."""
        if self.wire and self.seen != self.wire.twin.changed:
            self.seen = self.wire.twin.changed
            self.read, self.pictures = self.wire.twin.state(), None


class Stage:
    """All twins. `folder` is `state/desk`; `changed` is told when any of them looks different.

    A voice finds its clips in the folders `sounds`, the preferred one first. A driver without a
    twin does not stop the desk. Raises StageError for a twin that is broken.
    """

    def __init__(
        self,
        devices: Iterable[DeviceConfig],
        folder: Path,
        changed: Callable[[], None],
        sounds: Iterable[Path] = (),
    ) -> None:
        self._folder = folder
        self._changed = changed
        self._watching: asyncio.Task[None] | None = None
        clips = [str(place) for place in sounds]
        self.props = {d.name: _prop(d, folder / "wires" / d.name, clips) for d in devices}

    @property
    def links_file(self) -> Path:
        """Where the wires are, as the daemon's `--links` wants it."""
        return self._folder / "links.json"

    async def start(self) -> None:
        """Open all wires and write the links file. Raises OSError."""
        for wire in self._wires():
            await wire.start()
        links = {name: prop.address for name, prop in self.props.items()}
        self.links_file.write_text(json.dumps(links, indent=1) + "\n", "utf-8")
        self._watching = asyncio.create_task(self._watch())

    async def close(self) -> None:
        """Take all wires away."""
        watching, self._watching = self._watching, None
        if watching is not None:
            watching.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await watching
        for wire in self._wires():
            await wire.close()

    def _wires(self) -> list[Wire]:
        return [prop.wire for prop in self.props.values() if prop.wire]

    def state(self) -> list[dict[str, Any]]:
        """Every device, with what one would read off it and what is wrong with it."""
        return [_state(name, prop) for name, prop in self.props.items()]

    def picture(self, device: str, name: str) -> bytes | None:
        """A picture by name, PNG; None when there is none."""
        prop = self.props.get(device)
        if prop is None or prop.wire is None:
            return None
        prop.fresh()
        if prop.pictures is None:
            prop.pictures = prop.wire.twin.picture()
        return prop.pictures.get(name)

    def sound(self, device: str, play: str) -> bytes | None:
        """What a voice sounds like in one of its last announcements, WAV; None for no such one."""
        prop = self.props.get(device)
        if prop is None or prop.wire is None:
            return None
        sounds: dict[str, bytes] = getattr(prop.wire.twin, "sounds", {})
        return sounds.get(play)

    def press(self, device: str, what: dict[str, Any]) -> None:
        """A person acts on a device. Raises StageError."""
        wire = self._wire(device)
        if wire.unplugged:
            raise StageError(f"{device} 的线拔了，按了也没有用。", 409)
        try:
            wire.press(what)
        except (ValueError, TypeError, KeyError) as error:
            raise StageError(f"{device} 没有这个键：{error}") from error

    async def fault(self, device: str, name: str, on: bool) -> None:
        """Make something wrong, or right again. Raises StageError."""
        try:
            await self._wire(device).fault(name, on)
        except (ValueError, OSError) as error:
            raise StageError(f"{device}：{error}") from error

    @staticmethod
    def fault_words(name: str) -> str:
        """A fault in words people use."""
        return FAULT_WORDS.get(name, name)

    def _wire(self, device: str) -> Wire:
        prop = self.props.get(device)
        if prop is None:
            raise StageError(f"没有叫 {device} 的设备。", 404)
        if prop.wire is None:
            raise StageError(f"{device} {NO_TWIN}（driver: {prop.config.driver}）。", 409)
        return prop.wire

    async def _watch(self) -> None:
        known: dict[str, int] = {}
        while True:
            now = {name: prop.changed for name, prop in self.props.items()}
            if now != known:
                known = now
                self._changed()
            await asyncio.sleep(_LOOK_EVERY_S)


class NoTwinError(StageError):
    """There is no file of that driver's name among the twins."""


def twin_class(driver: str) -> type[Twin]:
    """The twin of a driver, found by its file's name.

    Raises NoTwinError when there is none, StageError for a file that does not hold one.
    """
    name = f"hallctl.simulator.twins.{driver}"
    try:
        module = importlib.import_module(name)
    except ModuleNotFoundError as error:
        if error.name != name:
            raise
        words = f"the driver {driver} has no twin: hallctl/simulator/twins/{driver}.py"
        raise NoTwinError(words) from error
    found = [
        c
        for _, c in inspect.getmembers(module, inspect.isclass)
        if issubclass(c, Twin) and c.__module__ == name
    ]
    if len(found) != 1:
        raise StageError(f"{name} must hold one Twin, it holds {len(found)}")
    return found[0]


def _prop(config: DeviceConfig, path: Path, clips: list[str]) -> Prop:
    options = config.options.model_dump(mode="json")
    if config.kind == "voice" and clips:
        options["sounds"] = clips
    if config.kind == "printer":
        options["lines_s"] = LINES_S
    try:
        twin = twin_class(config.driver)(options)
    except NoTwinError:
        return Prop(config, path, None)
    return Prop(
        config, path, TcpWire(twin) if isinstance(config.link, TcpSpec) else PtyWire(twin, path)
    )


def _state(name: str, prop: Prop) -> dict[str, Any]:
    prop.fresh()
    wire, kind = prop.wire, prop.config.kind
    on = wire.faults_on if wire else set[str]()
    faults = wire.faults if wire else ()
    return {
        "name": name,
        "driver": prop.config.driver,
        "kind": kind,
        "windows": list(prop.config.windows),
        "wire": next(iter(prop.address.values())),
        "version": prop.seen,
        "twin": wire is not None,
        "words": [FAULT_WORDS.get(f, f) for f in faults if f in on] if wire else [NO_TWIN],
        "faults": [{"name": f, "words": FAULT_WORDS.get(f, f), "on": f in on} for f in faults],
        "deeds": [{"words": w, "press": what} for w, what in DEEDS.get(kind, ())] if wire else [],
        "state": prop.read,
        "last": list(wire.log)[-6:] if wire else [],
    }
