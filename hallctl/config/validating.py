"""pydantic's verdict on a part of a file, told in words, with the place and the nearest key."""

from collections.abc import Iterator, Mapping
from typing import Any, Final, TypeVar, get_args

from pydantic import BaseModel, ConfigDict, ValidationError
from pydantic.fields import FieldInfo
from pydantic_core import ErrorDetails

from hallctl.config.problems import nearest
from hallctl.config.tree import Path_, Tree

M = TypeVar("M", bound=BaseModel)

_WANTED: Final[Mapping[str, str]] = {
    "string": "text",
    "int": "a whole number",
    "float": "a number",
    "bool": "true or false",
    "tuple": "a list",
    "list": "a list",
    "set": "a list",
    "frozen_set": "a list",
    "dict": "keys with values",
    "model": "keys with values",
    "model_type": "keys with values",
    "dataclass": "keys with values",
}
_SHOWN: Final = 40
"""So many characters of a wrong value are repeated in the message."""


class Part(BaseModel):
    """Base of everything a file may hold: frozen, strict, and an unknown key is an error."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    @classmethod
    def unknown(cls, _key: object) -> tuple[str, str] | None:
        """Words and remedy for a key that is refused for a reason of its own; None for others."""
        return None


def validate(tree: Tree, path: Path_, model: type[M], value: object) -> M | None:
    """Make `model` of what stands at `path`. None, and problems in the tree, when it is wrong."""
    try:
        return model.model_validate(value)
    except ValidationError as error:
        for detail in error.errors(include_url=False):
            _explain(tree, path, model, detail)
    return None


def _explain(tree: Tree, path: Path_, model: type[BaseModel], detail: ErrorDetails) -> None:
    loc = detail["loc"]
    at = (*path, *(part for part in loc if part != "[key]"))
    kind = detail["type"]
    if kind == "too_short" and detail["input"]:
        return  # pydantic counts the entries that are right; the others have been told
    owner = _model_at(model, loc[:-1])
    if kind == "extra_forbidden":
        known = [name for name in owner.model_fields if name not in _siblings(tree, at)]
        told = owner.unknown(loc[-1]) if issubclass(owner, Part) else None
        words, remedy = told or ("unknown key", nearest(loc[-1], known or list(owner.model_fields)))
        tree.report(at, words, remedy, at_key=True)
    elif kind == "missing":
        tree.report(at, "this key is missing", _example(owner, str(loc[-1])), at_key=True)
    else:
        words = _words(kind, detail)
        tree.report(
            _placed(tree, at), words, _advice(kind, detail, owner, loc), at_key="[key]" in loc
        )


def _placed(tree: Tree, path: Path_) -> Path_:
    """The longest beginning of the path that stands in the file (pydantic adds its own names)."""
    while path and path not in tree.values:
        path = path[:-1]
    return path


def _siblings(tree: Tree, at: Path_) -> set[str]:
    parent = at[:-1]
    return {str(k[-1]) for k in tree.keys if k and k[:-1] == parent}


def _words(kind: str, detail: ErrorDetails) -> str:
    got = _shown(detail["input"])
    if kind == "value_error":
        return detail["msg"].removeprefix("Value error, ")
    stem = kind.removesuffix("_type").removesuffix("_parsing").removesuffix("_from_float")
    if stem in _WANTED and stem != kind:
        return f"must be {_WANTED[stem]}, not {got}"
    if kind == "literal_error":
        return f"must be {detail['ctx']['expected']}, not {got}"
    if kind in {"too_short", "string_too_short"}:
        return "must not be empty"
    msg = detail["msg"].replace("Input should", "must", 1).replace("String should", "must", 1)
    return f"{msg}, not {got}"


def _shown(value: object) -> str:
    if value is None:
        return "nothing"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, Mapping):
        return "keys with values"
    if isinstance(value, list | tuple):
        return "a list"
    text = str(value)
    return f"'{text[:_SHOWN]}…'" if len(text) > _SHOWN else f"'{text}'"


def _advice(kind: str, detail: ErrorDetails, owner: type[BaseModel], loc: Path_) -> str:
    value = detail["input"]
    if kind == "string_type" and isinstance(value, int | float) and not isinstance(value, bool):
        return f'Put it in quotes: "{value}".'
    if kind == "literal_error":
        return nearest(value, [w.strip(" '") for w in _literals(detail)])
    name = next((str(part) for part in reversed(loc) if isinstance(part, str)), "")
    return _example(owner, name) if name in owner.model_fields else ""


def _literals(detail: ErrorDetails) -> list[str]:
    return str(detail["ctx"]["expected"]).replace(" or ", ", ").split(", ")


def _example(owner: type[BaseModel], name: str) -> str:
    field = owner.model_fields.get(name)
    examples = field.examples if field else None
    return f"For example {name}: {examples[0]}" if examples else ""


def _model_at(model: type[BaseModel], loc: Path_) -> type[BaseModel]:
    """The model that owns what `loc` leads to, as deep as it can be followed."""
    owner = model
    for part in loc:
        field = owner.model_fields.get(str(part))
        if field is not None:
            owner = next(_models_in(field), owner)
    return owner


def _models_in(field: FieldInfo) -> Iterator[type[BaseModel]]:
    def walk(hint: Any) -> Iterator[type[BaseModel]]:  # noqa: ANN401 - a type hint is of any type
        if isinstance(hint, type) and issubclass(hint, BaseModel):
            yield hint
        for inner in get_args(hint):
            yield from walk(inner)

    yield from walk(field.annotation)
