"""A file's values by ruamel.yaml, slowly, with words and a place for whatever is wrong.

ruamel.yaml composes the nodes, because only nodes know the line and column of every key. The
values are made here: a file of a hall needs mappings, lists, text, numbers and true/false. All
else of YAML (anchors, tags, several documents) is refused with words. Dates and times of day stay
text: YAML 1.2 has no sexagesimal numbers, so `9:00` is text too.
"""

from typing import Final

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, StringMark, YAMLError
from ruamel.yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from hallctl.config.characters import forbidden, named
from hallctl.config.tree import MAX_DEPTH, Path_, Place, Tree

_TAG: Final = "tag:yaml.org,2002:"
_KINDS: Final = frozenset({"str", "timestamp", "int", "float", "bool", "null"})


def compose(tree: Tree, text: str) -> None:
    """Give the tree its value, and its problems. Raises nothing."""
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
        if getattr(node, "style", None) == ">":
            text = text.replace("\a", "")  # where ruamel.yaml notes a fold, to write it again
        kind = str(node.tag).removeprefix(_TAG)
        bad = next((char for char in text if forbidden(char)), None)
        if bad is not None:
            place = _place(node.start_mark)
            self._tree.report_at(
                place, ".".join(map(str, path)), f"holds {named(bad)}", "Delete that character."
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
