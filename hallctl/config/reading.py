"""From bytes to plain values that remember their place.

What is plain is read by `quick`, anything else by `composing`, which has words for what is wrong.
"""

from pathlib import Path
from typing import Final

from hallctl.config.characters import BLANKS, forbidden, named
from hallctl.config.quick import quickly
from hallctl.config.tree import Place, Tree

MAX_BYTES: Final = 512 * 1024
MAX_SIMILAR: Final = 5
"""Of one kind of bad character, how many places are named."""


def read(path: Path) -> Tree:
    """Read one file; whatever is wrong with it stands in `problems`. Raises nothing."""
    tree = Tree(path.name)
    try:
        if not path.is_file():
            tree.report((), "there is no such file", f"Expected it at {path}.")
            return tree
        with path.open("rb") as stream:
            tree.raw = stream.read(MAX_BYTES + 1)
    except (OSError, ValueError) as error:
        words = getattr(error, "strerror", None) or str(error)
        tree.report((), f"cannot be read ({words})", "Look at the file's owner and mode.")
        return tree
    text = _text(tree)
    if text is not None and not _plainly(tree, text):
        from hallctl.config.composing import compose  # noqa: PLC0415 - slow, and seldom needed

        compose(tree, text)
    return tree


def _plainly(tree: Tree, text: str) -> bool:
    """Give the tree its value if there is nothing to say about the file."""
    found = quickly(text)
    if found is None:
        return False
    tree.value = found.value
    tree.keys = {path: Place(*spot) for path, spot in found.keys.items()}
    tree.values = {path: Place(*spot) for path, spot in found.values.items()}
    return True


def _text(tree: Tree) -> str | None:
    """The characters of the file. A byte-order mark and CRLF (Windows editors) are accepted."""
    if len(tree.raw) > MAX_BYTES:
        tree.report((), f"is larger than {MAX_BYTES // 1024} KiB", "Is it the right file?")
        return None
    try:
        text = tree.raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        before = tree.raw[: error.start]
        place = Place(before.count(b"\n") + 1, error.start - (before.rfind(b"\n") + 1) + 1)
        tree.report_at(place, "", "is not UTF-8 text", "Save it as UTF-8 (not GBK, not UTF-16).")
        return None
    text = text.replace("\r\n", "\n")
    if text.translate(BLANKS).isprintable():
        return text
    found = [(at, char) for at, char in enumerate(text) if forbidden(char) and char != "\t"]
    for at, char in found[:MAX_SIMILAR]:
        place = Place(text.count("\n", 0, at) + 1, at - (text.rfind("\n", 0, at) + 1) + 1)
        tree.report_at(place, "", f"forbidden character {named(char)}", "Delete it.")
    return None if found else text
