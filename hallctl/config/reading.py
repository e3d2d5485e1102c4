"""From bytes to plain values that remember their place.

ruamel.yaml composes the nodes, because only nodes know the line and column of every key. The
values are made here: a file of a hall needs mappings, lists, text, numbers and true/false. All
else of YAML (anchors, tags, several documents) is refused with words. Dates and times of day stay
text: YAML 1.2 has no sexagesimal numbers, so `9:00` is text too.
"""

import unicodedata
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, StringMark, YAMLError
from ruamel.yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from hallctl.config.problems import Problem

MAX_BYTES: Final = 512 * 1024
MAX_DEPTH: Final = 12
MAX_SIMILAR: Final = 5
"""Of one kind of bad character, how many places are named."""
MAX_WORDS: Final = 400
"""Characters of a message; what somebody wrote by mistake may be of any length."""

Path_ = tuple[str | int, ...]
_TAG: Final = "tag:yaml.org,2002:"
_KINDS: Final = frozenset({"str", "timestamp", "int", "float", "bool", "null"})
_BIDI: Final = frozenset("\u200b\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


@dataclass(frozen=True, slots=True)
class Place:
    """Line and column, counted from 1 as editors do."""

    line: int = 1
    column: int = 1


@dataclass(slots=True)
class Tree:
    """One file. `value` is None when it could not be read; sequences are tuples.

    `keys` holds where each key stands (a list's entry stands where its value does), `values`
    where each value begins.
    """

    file: str
    raw: bytes = b""
    value: dict[str | int, object] | None = None
    keys: dict[Path_, Place] = field(default_factory=dict)
    values: dict[Path_, Place] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)

    def report(self, path: Path_, words: str, remedy: str = "", *, at_key: bool = False) -> None:
        """Note a problem at `path`, or at the nearest thing around it that has a place."""
        known = self.keys if at_key else self.values
        at = path
        while at and at not in known:
            at = at[:-1]
        place = known.get(at, Place()) if at else Place()
        self.report_at(place, ".".join(map(str, path)), words, remedy)

    def report_at(self, place: Place, key: str, words: str, remedy: str = "") -> None:
        """Note a problem at a line and column, in one line of bounded length."""
        key, words, remedy = (_one_line(text) for text in (key, words, remedy))
        self.problems.append(Problem(self.file, place.line, place.column, key, words, remedy))


def _one_line(text: str) -> str:
    text = text if len(text) <= MAX_WORDS else f"{text[:MAX_WORDS]}…"
    return "".join(char if char.isprintable() else "·" for char in text)


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
    if text is not None:
        _parse(tree, text)
    return tree


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
    found = [(at, char) for at, char in enumerate(text) if _forbidden(char) and char != "\t"]
    for at, char in found[:MAX_SIMILAR]:
        place = Place(text.count("\n", 0, at) + 1, at - (text.rfind("\n", 0, at) + 1) + 1)
        tree.report_at(place, "", f"forbidden character {_named(char)}", "Delete it.")
    return None if found else text


def _forbidden(char: str) -> bool:
    if char == "\n":
        return False
    if unicodedata.category(char) in {"Cc", "Cs", "Zl", "Zp"}:
        return True
    return char in _BIDI or char == "\ufeff"


def _named(char: str) -> str:
    return f"U+{ord(char):04X} ({unicodedata.name(char, 'control character')})"


def _parse(tree: Tree, text: str) -> None:
    reader = YAML(typ="rt", pure=True)
    try:
        node = reader.compose(text)
    except MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        _malformed(tree, _place(mark), error.problem or error.context or "malformed")
    except RecursionError:
        tree.report((), "is nested too deeply", "A hall's files are three or four levels deep.")
    except (
        YAMLError,
        ValueError,
        ArithmeticError,
        LookupError,
        AttributeError,
        TypeError,
    ) as error:
        # ruamel.yaml lets such errors of its own out on some malformed input (fuzzed).
        _malformed(tree, Place(), str(error).split("\n", 1)[0] or type(error).__name__)
    else:
        if node is None:
            tree.report((), "is empty", "Begin with the example in the repository.")
            return
        value = _Values(tree).value(node, ())
        if isinstance(value, dict):
            tree.value = value
        else:
            tree.report((), "must be keys with values", "Write 'key: value' lines.")


def _malformed(tree: Tree, place: Place, problem: str) -> None:
    remedy = "Look at the indentation, colons and quotes here and on the line above."
    if "'\\t'" in problem:
        remedy = "Indent with spaces, never with tabs."
    tree.report_at(place, "", f"malformed YAML: {problem}", remedy)


def _place(mark: StringMark | None) -> Place:
    return Place(mark.line + 1, mark.column + 1) if mark else Place()


class _Values:
    """Makes plain values of nodes and notes their places."""

    def __init__(self, tree: Tree) -> None:
        self._tree = tree
        self._seen: set[int] = set()

    def value(self, node: Node, path: Path_) -> object:
        self._tree.values[path] = _place(node.start_mark)
        self._tree.keys.setdefault(path, _place(node.start_mark))
        if node.anchor or id(node) in self._seen:
            self._tree.report(path, "anchors and aliases are not used here", "Write it out.")
            return None
        self._seen.add(id(node))
        if len(path) > MAX_DEPTH:
            self._tree.report(path, "is nested too deeply")
            return None
        if isinstance(node, MappingNode):
            return self._mapping(node, path)
        if isinstance(node, SequenceNode):
            return tuple(self.value(child, (*path, at)) for at, child in enumerate(node.value))
        return self._scalar(node, path)

    def _mapping(self, node: MappingNode, path: Path_) -> dict[str | int, object]:
        made: dict[str | int, object] = {}
        for key_node, child in node.value:
            key = self._scalar(key_node, path) if isinstance(key_node, ScalarNode) else None
            if not isinstance(key, str | int) or isinstance(key, bool):
                place = _place(key_node.start_mark)
                self._tree.report_at(
                    place, ".".join(map(str, path)), "a key must be a word or a whole number"
                )
                continue
            at = (*path, key)
            if key in made:
                first = self._tree.keys[at].line
                place = _place(key_node.start_mark)
                self._tree.report_at(
                    place,
                    ".".join(map(str, at)),
                    f"is given twice (first in line {first})",
                    "Keep one of the two.",
                )
                continue
            self._tree.keys[at] = _place(key_node.start_mark)
            made[key] = self.value(child, at)
        return made

    def _scalar(self, node: Node, path: Path_) -> object:
        text = str(node.value)
        kind = str(node.tag).removeprefix(_TAG)
        bad = next((char for char in text if _forbidden(char)), None)
        if bad is not None:
            place = _place(node.start_mark)
            self._tree.report_at(
                place, ".".join(map(str, path)), f"holds {_named(bad)}", "Delete that character."
            )
            return text.replace(bad, "")
        if kind not in _KINDS:
            self._tree.report(
                path, f"the tag '{node.tag}' is not used here", "Write the value only."
            )
            return None
        if getattr(node, "style", None) is not None or kind in {"str", "timestamp"}:
            return text
        try:
            return _plain(kind, text)
        except ValueError:
            return text


def _plain(kind: str, text: str) -> object:
    """A plain scalar by the type YAML 1.2 resolves it to. Raises ValueError."""
    if kind == "int":
        return int(text.replace("_", ""), 0 if text.lstrip("+-")[:2] in {"0x", "0o"} else 10)
    if kind == "float":
        return float(text.lower().replace(".inf", "inf").replace(".nan", "nan"))
    if kind == "bool":
        return text.lower() == "true"
    if kind == "null":
        return None
    raise ValueError(kind)
