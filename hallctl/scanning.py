"""What is attached to this computer, and how devices.yaml should name it.

Reads /dev, /sys and /proc beneath a `root`, opens nothing and needs no daemon. A wire is named by
the port it is plugged into (by-path): numbers such as ttyUSB0 go to whatever is plugged in first,
and two equal devices share one by-id name.
"""

import os
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Literal

from hallctl.config.reading import read
from hallctl.links.spec import EvdevSpec, SerialSpec, UsblpSpec, UsbSpec, named_by_port

Kind = Literal["serial", "input", "usblp", "usb", "sound"]

LINK_KEY: Final[Mapping[Kind, str]] = {
    "serial": "serial", "input": "evdev", "usblp": "usblp", "usb": "usb", "sound": "sound",
}  # fmt: skip
"""How devices.yaml calls a wire of that kind."""
PRINTER_CLASS = "07"
_CARD: Final = re.compile(r"^\s*(\d+) \[(\S+)\s*\]: .*? - (.*)$", re.MULTILINE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Attached:
    """One wire that is there. `path` is what devices.yaml should say, "" when no name lasts.

    `node` is the device node at present, `model` the USB vendor:product, `denied` whether this
    user may not open it.
    """

    kind: Kind
    path: str
    node: str = ""
    name: str = ""
    model: str = ""
    denied: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """A device of devices.yaml, as far as it can be read: `link` is the kind of its wire."""

    name: str
    driver: str
    link: str
    path: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """A driver that could be meant: the links it is wired by, options that work."""

    driver: str
    kind: str
    links: frozenset[str]
    baud: int
    example: Mapping[str, Any]


def attached(root: Path) -> list[Attached]:
    """Everything of use beneath `root` ("/" but for tests): serial, keypads, printers, sound."""
    return [*_serial(root), *_input(root), *_printers(root), *_sound(root)]


def _serial(root: Path) -> Iterator[Attached]:
    seen = set()
    for link, node in _by_port(root, "dev/serial/by-path", "*"):
        seen.add(node.name)
        yield _wire(root, "serial", node, link, _usb_above(root / "sys/class/tty" / node.name))
    for node in sorted((root / "dev").glob("tty[UA][SC][BM]*")):
        if node.name not in seen:
            yield _wire(root, "serial", node, None, _usb_above(root / "sys/class/tty" / node.name))
    for node in sorted((root / "dev").glob("ttyS[0-9]*")):
        if _text(root / "sys/class/tty" / node.name / "type") not in ("", "0"):
            yield _wire(root, "serial", node, node, None)


def _input(root: Path) -> Iterator[Attached]:
    for link, node in _by_port(root, "dev/input/by-path", "*-event-kbd"):
        about = root / "sys/class/input" / node.name / "device"
        vendor, product = _text(about / "id/vendor"), _text(about / "id/product")
        yield Attached(
            kind="input",
            path=_shown(root, link),
            node=_shown(root, node),
            name=_text(about / "name"),
            model=f"{vendor}:{product}" if vendor else "",
            denied=_denied(node, os.R_OK),
        )


def _printers(root: Path) -> Iterator[Attached]:
    links = {node: link for link, node in _by_port(root, "dev/hall/printer/by-path", "*")}
    for node in sorted((root / "dev/usb").glob("lp[0-9]*")):
        about = _usb_above(root / "sys/class/usbmisc" / node.name)
        yield _wire(root, "usblp", node, links.get(node.resolve()), about)
    for interface in sorted((root / "sys/bus/usb/devices").glob("*:*")):
        if _text(interface / "bInterfaceClass") != PRINTER_CLASS:
            continue
        if any((interface / "usbmisc").glob("lp*")):
            continue  # the kernel's own driver has it: listed above
        port = interface.name.partition(":")[0]
        about = root / "sys/bus/usb/devices" / port
        yield Attached(kind="usb", path=port, name=_maker(about), model=_model(about))


def _sound(root: Path) -> Iterator[Attached]:
    for number, card, name in _CARD.findall(_text(root / "proc/asound/cards", most=65536)):
        if any((root / f"proc/asound/card{number}").glob("pcm*p")):
            path = "default" if number == "0" else f"plughw:CARD={card}"
            yield Attached(kind="sound", path=path, node=f"hw:{number}", name=name.strip())


def _wire(root: Path, kind: Kind, node: Path, link: Path | None, about: Path | None) -> Attached:
    return Attached(
        kind=kind,
        path=_shown(root, link) if link else "",
        node=_shown(root, node),
        name=_maker(about) if about else "",
        model=_model(about) if about else "",
        denied=_denied(node, os.R_OK | os.W_OK),
    )


def _by_port(root: Path, folder: str, pattern: str) -> list[tuple[Path, Path]]:
    """Links by port with the nodes behind them, one link a node.

    Newer systems make two links for a USB port; the one without the bus's version is on all.
    """
    found: dict[Path, Path] = {}
    links = sorted((root / folder).glob(pattern), key=lambda p: ("usbv" in p.name, p.name))
    for link in links:
        if link.exists():
            found.setdefault(link.resolve(), link)
    return [(link, node) for node, link in sorted(found.items(), key=lambda pair: pair[1])]


def _usb_above(device: Path) -> Path | None:
    """The USB device that a node of sysfs is part of."""
    if not (device / "device").exists():
        return None
    at = (device / "device").resolve()
    return next((up for up in (at, *at.parents) if (up / "idVendor").is_file()), None)


def _maker(about: Path) -> str:
    return f"{_text(about / 'manufacturer')} {_text(about / 'product')}".strip()


def _model(about: Path) -> str:
    vendor = _text(about / "idVendor")
    return f"{vendor}:{_text(about / 'idProduct')}" if vendor else ""


def _text(path: Path, most: int = 256) -> str:
    """What a small file says; "" when it cannot be read."""
    try:
        with path.open(encoding="utf-8", errors="replace") as stream:
            return stream.read(most).strip()
    except OSError:
        return ""


def _denied(node: Path, mode: int) -> bool:
    return not os.access(node, mode)


def _shown(root: Path, path: Path) -> str:
    return f"/{path.relative_to(root)}"


def entries_in(folder: Path) -> tuple[list[Entry], str]:
    """The devices of a hall's devices.yaml, and what keeps it from being read, if anything.

    An entry that is half right is still told: the technician is just writing it.
    """
    tree = read(folder / "devices.yaml")
    devices = (tree.value or {}).get("devices")
    problem = str(tree.problems[0]) if tree.value is None and tree.problems else ""
    found = []
    for name, entry in devices.items() if isinstance(devices, dict) else ():
        link = entry.get("link") if isinstance(entry, dict) else None
        kinds = [k for k in (link or {}) if k in (*LINK_KEY.values(), "tcp")]
        kind = kinds[0] if isinstance(link, dict) and kinds else ""
        driver = str(entry.get("driver", "")) if isinstance(entry, dict) else ""
        path = str(link[kind]) if isinstance(link, dict) and kind else ""
        found.append(Entry(name=str(name), driver=driver, link=kind, path=path))
    return found, problem


def entry_of(wire: Attached, entries: Iterable[Entry], root: Path) -> Entry | None:
    """The entry that means this wire, whichever of its names it uses."""
    for entry in entries:
        if entry.link != LINK_KEY[wire.kind]:
            continue
        if entry.path == wire.path or (wire.node and _same(entry.path, wire.node, root)):
            return entry
        if wire.kind == "usb" and entry.path.lower() == wire.model:
            return entry
        if wire.kind == "sound" and wire.node in entry.path:
            return entry
    return None


def _same(path: str, node: str, root: Path) -> bool:
    if not path.startswith("/"):
        return False
    return (root / path[1:]).resolve() == (root / node[1:]).resolve()


def passing(entries: Iterable[Entry]) -> list[Entry]:
    """Entries whose name goes to another device after the next plug."""
    return [
        entry
        for entry in entries
        if (spec := _SPECS.get(entry.link))
        and not named_by_port(spec.model_construct(None, **{entry.link: entry.path}))
    ]


_SPECS: Final[Mapping[str, type[SerialSpec | UsblpSpec | UsbSpec | EvdevSpec]]] = {
    "serial": SerialSpec, "usblp": UsblpSpec, "usb": UsbSpec, "evdev": EvdevSpec,
}  # fmt: skip


def missing(entries: Iterable[Entry], wires: Iterable[Attached], root: Path) -> list[Entry]:
    """Entries of devices.yaml whose wire is not there."""
    there = list(wires)
    known = {e.name for w in there if (e := entry_of(w, entries, root)) is not None}
    return [e for e in entries if e.link not in ("", "tcp") and e.name not in known]


def alike(wires: Iterable[Attached]) -> dict[str, int]:
    """Models of which two or more are attached, with how many."""
    counted = Counter((w.kind, w.model) for w in wires if w.model)
    return {model: n for (_, model), n in counted.items() if n > 1}


def candidate(name: str, kind: str, docstring: str, example: Mapping[str, Any]) -> Candidate:
    """What a driver is wired by, as the `Wiring:` of its docstring says."""
    wiring = docstring.partition("Wiring:")[2].split("\n\n")[0]
    links = {link for link, words in _WIRED.items() if re.search(words, wiring, re.IGNORECASE)}
    baud = re.search(r"\b(\d{4,6})(?:-\d+)? 8N1", wiring)
    return Candidate(
        driver=name,
        kind=kind,
        links=frozenset(links),
        baud=int(baud.group(1)) if baud else 9600,
        example=example,
    )


_WIRED: Final = {
    "serial": r"serial|RS-?485|RS-?232|USB adapter",
    "evdev": r"evdev|HID|keyboard",
    "usblp": r"USB printer|usblp",
    "usb": r"USB printer|pyusb|vendor class",
    "tcp": r"\bTCP\b|network",
    "sound": r"\bsound\b|line-out",
}


def lines_for(wire: Attached, candidates: Iterable[Candidate], taken: set[str]) -> list[str]:
    """A line of devices.yaml for each driver that could be at the far end of a wire.

    `taken` are the names in use; those given here are added.
    """
    key = LINK_KEY[wire.kind]
    lines = []
    for driver in candidates:
        if key not in driver.links:
            continue
        link: dict[str, object] = {key: wire.path}
        if key == "serial":
            link["baud"] = driver.baud
        body = {"driver": driver.driver, "link": link, **driver.example}
        lines.append(f"  {new_name(driver.kind, taken)}: {flow(body)}")
    taken.update(line.strip().partition(":")[0] for line in lines)
    return lines


def new_name(kind: str, taken: set[str]) -> str:
    """A name for a device that no other has: `pad-3`."""
    number = 1
    while f"{kind}-{number}" in taken:
        number += 1
    return f"{kind}-{number}"


def flow(value: object) -> str:
    """A value as YAML on one line."""
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{flow(k)}: {flow(v)}" for k, v in value.items()) + "}"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(flow(v) for v in value) + "]"
    if isinstance(value, bool):
        return "true" if value else "false"
    text = str(value)
    plain = not isinstance(value, str) or (
        re.fullmatch(r"[A-Za-z/][\w./:=+-]*[\w/]", text, re.ASCII)
        and text.lower() not in ("true", "false", "null", "yes", "no", "on", "off")
    )
    return text if plain else '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'
