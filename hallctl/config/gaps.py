"""What may be missing and is: not a mistake, but somebody's work, so `hallctl check` tells it."""

from collections import Counter
from dataclasses import dataclass
from typing import Final

from hallctl.config.catalogue_file import CatalogueFile
from hallctl.core.rules import Rules

_ITEM_FIELDS: Final = ("basis", "conditions", "procedure", "limit", "fee")
"""Not the notes: an item may have nothing to note."""

_MATERIAL_FIELDS: Final = ("basis", "form", "copies", "signature")
_AT_WINDOWS: Final = ("keypad", "strip", "pad")


@dataclass(frozen=True, slots=True)
class Gaps:
    """`empty` counts, by field, what the catalogue leaves empty; `bare` the windows by kind."""

    items: int
    unchecked: int
    fields: int
    empty: tuple[tuple[str, int], ...]
    """Field (`limit`, `material form`) and in how many places it is empty."""
    bare: tuple[tuple[str, tuple[int, ...]], ...]
    """Kind of device and the windows that have none, for kinds fitted at some window."""
    has_printer: bool
    has_holidays: bool


def gaps_of(rules: Rules, catalogue: CatalogueFile) -> Gaps:
    """Count the gaps."""
    entries = catalogue.items.values()
    materials = [material for entry in entries for material in entry.materials]
    empty = Counter(name for e in entries for name in _ITEM_FIELDS if not getattr(e, name))
    empty += Counter(
        f"material {n}" for m in materials for n in _MATERIAL_FIELDS if not getattr(m, n)
    )
    return Gaps(
        items=len(entries),
        unchecked=sum(1 for entry in entries if not entry.checked),
        fields=len(entries) * len(_ITEM_FIELDS) + len(materials) * len(_MATERIAL_FIELDS),
        empty=tuple(empty.items()),
        bare=tuple(_bare(rules)),
        has_printer=any(f.kind == "printer" for f in rules.fittings),
        has_holidays=bool(rules.holidays),
    )


def _bare(rules: Rules) -> list[tuple[str, tuple[int, ...]]]:
    found = []
    for kind in _AT_WINDOWS:
        fitted = {w for f in rules.fittings if f.kind == kind for w in f.windows}
        without = tuple(w.number for w in rules.windows if w.number not in fitted)
        if without:
            found.append((kind, without))
    return found
