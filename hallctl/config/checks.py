"""What one file says about another, and one part of hall.yaml about the next.

The checks read the plain trees, not the models: a mistake in one place must not hide those in
others. What has not the right form is skipped here, because the models have said so.
"""

import re
import zoneinfo
from functools import cache

from hallctl.config.devices_file import DeviceConfig
from hallctl.config.hall_file import span_of
from hallctl.config.problems import nearest
from hallctl.config.rule_checks import check_rules
from hallctl.config.sections import entries, names
from hallctl.config.tree import Path_, Tree
from hallctl.core.rules import Span


def check_hall(tree: Tree) -> None:
    """hall.yaml against itself."""
    _check_timezone(tree)
    _check_spans(tree, "hours")
    _check_spans(tree, "taking")
    _check_dates(tree)
    _check_queues(tree)
    check_rules(tree)
    queues = names(tree, "queues")
    for key in ("default_queue", "stuck_queue"):
        _known_queue(tree, (key,), (tree.value or {}).get(key), queues)
    for name, category in entries(tree, "categories"):
        _known_queue(tree, ("categories", name, "queue"), category.get("queue"), queues)


def check_catalogue(tree: Tree, hall: Tree) -> None:
    """catalogue.yaml against hall.yaml."""
    queues, categories = names(hall, "queues"), names(hall, "categories")
    for code, item in entries(tree, "items"):
        _known_queue(tree, ("items", code, "queue"), item.get("queue"), queues)
        category = item.get("category")
        if categories and isinstance(category, str) and category not in categories:
            words = f"hall.yaml has no category '{category}'"
            tree.report(("items", code, "category"), words, nearest(category, categories))


def check_devices(tree: Tree, devices: tuple[DeviceConfig, ...], hall: Tree) -> None:
    """devices.yaml against hall.yaml."""
    windows = names(hall, "windows")
    if not windows:
        return
    for device in devices:
        path: Path_ = ("devices", device.name)
        for window in device.windows:
            if window not in windows:
                words = f"hall.yaml has no window {window}"
                tree.report(_naming(tree, path, window), words, nearest(window, windows))
        for at, place in enumerate(device.serves):
            found = re.fullmatch(r"window-(\d+)", place, re.ASCII)
            if found and int(found[1]) not in windows:
                words = f"hall.yaml has no window {found[1]}"
                tree.report((*path, "serves", at), words, nearest(found[1], windows))


def _naming(tree: Tree, path: Path_, window: int) -> Path_:
    """The place in a device's entry that names the window."""
    entry: object = tree.value
    for part in path:
        entry = entry.get(part) if isinstance(entry, dict) else None
    for key, value in entry.items() if isinstance(entry, dict) else ():
        if value == window:
            return (*path, key)
        for inner, content in value.items() if isinstance(value, dict) else ():
            if content == window:
                return (*path, key, inner)
    return path


def _known_queue(tree: Tree, path: Path_, queue: object, queues: tuple[str | int, ...]) -> None:
    if queues and isinstance(queue, str) and queue not in queues:
        tree.report(path, f"hall.yaml has no queue '{queue}'", nearest(queue, queues))


@cache
def _zones() -> tuple[str, ...]:
    return tuple(sorted(zoneinfo.available_timezones()))


def _is_zone(name: str) -> bool:
    """By its file alone: to list all zones reads six hundred."""
    try:
        zoneinfo.ZoneInfo(name)
    except (ValueError, OSError, zoneinfo.ZoneInfoNotFoundError):
        return False
    return True


def _check_timezone(tree: Tree) -> None:
    zone = (tree.value or {}).get("timezone")
    if not isinstance(zone, str) or _is_zone(zone):
        return
    remedy = nearest(zone, _zones()) if _zones() else "Install the package tzdata first."
    remedy = remedy if len(remedy) < 80 else "For example timezone: Asia/Shanghai"  # noqa: PLR2004
    tree.report(("timezone",), f"there is no time zone '{zone}'", remedy)


def _check_spans(tree: Tree, section: str) -> None:
    listed = (tree.value or {}).get(section)
    spans: list[Span] = []
    for at, text in enumerate(listed if isinstance(listed, tuple) else ()):
        try:
            span = span_of(text) if isinstance(text, str) else None
        except ValueError:
            continue
        if span is None:
            continue
        if any(span.start_s < other.end_s and other.start_s < span.end_s for other in spans):
            tree.report((section, at), f"'{text}' overlaps another stretch of '{section}'")
        elif spans and span.start_s < spans[-1].start_s:
            tree.report((section, at), f"'{text}' must stand before the later ones")
        spans.append(span)


def _check_dates(tree: Tree) -> None:
    both: dict[str, str] = {}
    for section in ("holidays", "workdays_extra"):
        listed = (tree.value or {}).get(section)
        for at, day in enumerate(listed if isinstance(listed, tuple) else ()):
            if not isinstance(day, str):
                continue
            if day in both:
                tree.report((section, at), f"'{day}' stands already under '{both[day]}'")
            both[day] = section


def _check_queues(tree: Tree) -> None:
    windows = names(tree, "windows")
    prefixes: dict[str, str | int] = {}
    served: set[int] = set()
    for name, queue in entries(tree, "queues"):
        path: Path_ = ("queues", name)
        prefix = queue.get("prefix")
        if isinstance(prefix, str):
            other = prefixes.setdefault(prefix, name)
            if other != name:
                words = f"'{prefix}' is already the prefix of queue {other}"
                tree.report((*path, "prefix"), words, "Two tickets would bear the same number.")
        listed = queue.get("windows")
        seen: set[int] = set()
        for at, window in enumerate(listed if isinstance(listed, tuple) else ()):
            if not isinstance(window, int):
                continue
            if windows and window not in windows:
                words = f"there is no window {window}"
                tree.report((*path, "windows", at), words, nearest(window, windows))
            if window in seen:
                tree.report((*path, "windows", at), f"window {window} is given twice")
            seen.add(window)
        served.update(seen)
    if not names(tree, "queues"):
        return
    for window in windows:
        if window not in served:
            words = f"no queue names window {window}"
            remedy = "Add it to the 'windows' of a queue, or take it out."
            tree.report(("windows", window), words, remedy, at_key=True)
