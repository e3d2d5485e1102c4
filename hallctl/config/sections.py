"""The sections of a plain tree: their entries and names, as far as they could be read."""

from collections.abc import Iterator, Mapping

from hallctl.config.tree import Tree

Fields = Mapping[str | int, object]


def entries(tree: Tree, section: str) -> Iterator[tuple[str | int, Fields]]:
    """The entries of a section that have the form of keys with values."""
    found = (tree.value or {}).get(section)
    for name, entry in found.items() if isinstance(found, dict) else ():
        if isinstance(entry, dict):
            yield name, entry


def names(tree: Tree, section: str) -> tuple[str | int, ...]:
    """The names of a section's entries; empty when the file could not be read so far."""
    found = (tree.value or {}).get(section)
    return tuple(found) if isinstance(found, dict) else ()
