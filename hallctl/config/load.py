"""The door: a folder with three files in, a HallConfig out, or every mistake at once."""

import hashlib
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Final

from hallctl.config.building import rules_of
from hallctl.config.catalogue_file import CatalogueFile
from hallctl.config.checks import check_catalogue, check_devices, check_hall
from hallctl.config.devices_file import DeviceConfig, DriverClass, devices_of
from hallctl.config.gaps import Gaps, gaps_of
from hallctl.config.hall_file import HallFile
from hallctl.config.network_file import Network, network_of
from hallctl.config.problems import ConfigError, Problem
from hallctl.config.reading import read
from hallctl.config.tree import Tree
from hallctl.config.validating import validate
from hallctl.core.rules import Rules
from hallctl.links.spec import named_by_port

FILES: Final = ("hall.yaml", "catalogue.yaml", "devices.yaml")
NETWORK: Final = "network.yaml"
"""Not needed: without it nothing listens on the network."""
MAX_PROBLEMS: Final = 60
"""Of one file, so many problems are told."""


@dataclass(frozen=True, slots=True)
class HallConfig:
    """A hall as its files describe it. `digest` is the sha256 over all of them."""

    rules: Rules
    devices: tuple[DeviceConfig, ...]
    digest: str
    gaps: Gaps
    network: Network = field(default_factory=Network)


def load(folder: Path, *, driver_class: DriverClass) -> HallConfig:
    """Read hall.yaml, catalogue.yaml and devices.yaml of a folder.

    `driver_class` finds a driver by its file name and raises UnknownDriverError. Raises ConfigError
    with all problems of all three files, and nothing else whatever the files hold.
    """
    hall_tree, catalogue_tree, devices_tree = trees = tuple(read(folder / name) for name in FILES)
    hall = None if hall_tree.value is None else validate(hall_tree, (), HallFile, hall_tree.value)
    catalogue = (
        None
        if catalogue_tree.value is None
        else validate(catalogue_tree, (), CatalogueFile, catalogue_tree.value)
    )
    devices = devices_of(devices_tree, driver_class)
    check_hall(hall_tree)
    check_catalogue(catalogue_tree, hall_tree)
    check_devices(devices_tree, devices, hall_tree)
    if (folder / NETWORK).exists():
        trees = (*trees, read(folder / NETWORK))
    network = network_of(trees[-1]) if len(trees) > len(FILES) else Network()
    problems = [problem for tree in trees for problem in _told(tree)]
    if problems or hall is None or catalogue is None:
        raise ConfigError(problems)
    rules = replace(rules_of(hall, catalogue, devices), public_url=network.public_url)
    return HallConfig(rules, devices, _digest(trees), gaps_of(rules, catalogue), network)


def _told(tree: Tree) -> list[Problem]:
    """A file's problems in its own order; of very many (the wrong file?) the first ones."""
    problems = sorted(set(tree.problems))
    told, left = problems[:MAX_PROBLEMS], len(problems) - MAX_PROBLEMS
    if left > 0:
        last = told[-1]
        told.append(Problem(tree.file, last.line, last.column, "", f"and {left} problems more"))
    return told


def _digest(trees: Iterable[Tree]) -> str:
    """The file's name and length go in too, so that nothing can wander from one file to another."""
    total = hashlib.sha256()
    for tree in trees:
        total.update(f"{tree.file} {len(tree.raw)}\n".encode())
        total.update(tree.raw)
    return total.hexdigest()


def describe(config: HallConfig) -> list[str]:
    """What was read and what is still somebody's work, a line each, for `hallctl check`."""
    rules, gaps = config.rules, config.gaps
    kinds = Counter(device.kind for device in config.devices)
    fitted = ", ".join(f"{number} {kind}" for kind, number in sorted(kinds.items()))
    size = f"{len(rules.windows)} windows, {len(rules.queues)} queues, {len(rules.items)} items"
    lines = [
        f"{rules.hall}: {size}, {len(config.devices)} devices ({fitted or 'none'}).",
        f"Files: sha256 {config.digest}",
    ]
    if gaps.unchecked:
        lines.append(
            f"catalogue.yaml: {gaps.unchecked} of {gaps.items} items are still to be checked "
            "against the official guide (set checked: true when a person has done so)."
        )
    empty = sum(count for _, count in gaps.empty)
    if empty:
        each = ", ".join(f"{name} {count}" for name, count in gaps.empty)
        lines.append(
            f"catalogue.yaml: {empty} of {gaps.fields} fields are empty and are shown as "
            f"以窗口告知为准 ({each})."
        )
    if not gaps.has_holidays:
        lines.append("hall.yaml: no holidays are entered; the hall opens on every workday.")
    lines += [
        f"devices.yaml: no {kind} at window{'s' if len(windows) > 1 else ''} "
        f"{', '.join(map(str, windows))}."
        for kind, windows in gaps.bare
    ]
    lines += [
        f"devices.yaml: {device.name} is named by the order of plugging; name it by its port "
        "(hallctl scan), or it is another device after the next plug."
        for device in config.devices
        if not named_by_port(device.link)
    ]
    if not gaps.has_printer:
        lines.append("devices.yaml: no printer; tickets are shown on the screen only.")
    return lines
