"""Makes docs/drivers.md from the drivers themselves: their own words, options and examples."""

import importlib
import inspect
import json
import pkgutil

from pydantic import BaseModel
from pydantic_core import PydanticUndefined

import drivers
from hallctl.device import driver_class
from hallctl.driver import Driver

KINDS = {
    "printer": "Printers",
    "strip": "LED strips",
    "keypad": "Keypads",
    "pad": "Rating pads",
    "voice": "Voices",
    "reader": "ID readers",
}


def drivers_page(note: str) -> str:
    """docs/drivers.md: every file in drivers/, by kind."""
    found = {name: driver_class(name) for name in names()}
    lines = [
        "# Drivers",
        "",
        note,
        "",
        "One file in `drivers/` each; its name is the `driver:` of devices.yaml. What follows is",
        "each driver's own description. None has met its real device yet: they were written from",
        "the manuals and are tested against twins (decision 3).",
    ]
    for kind in sorted({driver.kind for driver in found.values()}, key=_order):
        lines += ["", f"## {KINDS.get(kind, kind.capitalize())}"]
        for name, driver in found.items():
            if driver.kind == kind:
                lines += _chapter(name, driver)
    return "\n".join(lines) + "\n"


def names() -> list[str]:
    """The drivers there are."""
    return sorted(module.name for module in pkgutil.iter_modules(drivers.__path__))


def _order(kind: str) -> tuple[int, str]:
    known = list(KINDS)
    return (known.index(kind) if kind in known else len(known), kind)


def _chapter(name: str, driver: type[Driver]) -> list[str]:
    words = inspect.getdoc(importlib.import_module(f"drivers.{name}")) or ""
    lines = ["", f"### `{name}`", "", *words.splitlines(), "", "Options:", ""]
    lines += ["| key | default |", "| --- | --- |"]
    options = driver.Options.model_fields
    lines += [f"| `{key}` | {_default(field)} |" for key, field in options.items()]
    if not options:
        lines = [*lines[:-4], "No options."]
    else:
        lines += ["", *(inspect.getdoc(driver.Options) or "").splitlines()]
    shown = [f"{key}: {json.dumps(value, ensure_ascii=False)}" for key, value in _shown(driver)]
    lines += ["", "```yaml", "a-name:", f"  driver: {name}", "  link: {…}"]
    return [*lines, *(f"  {line}" for line in shown), "```"]


def _shown(driver: type[Driver]) -> list[tuple[str, object]]:
    return list(driver.example.items())


def _default(field: object) -> str:
    value = getattr(field, "default", PydanticUndefined)
    if value is PydanticUndefined:
        factory = getattr(field, "default_factory", None)
        if factory is None:
            return "(must be given)"
        value = factory()
    if isinstance(value, BaseModel):
        value = value.model_dump(mode="json")
    return f"`{json.dumps(value, ensure_ascii=False, default=str)}`"
