"""Dataclasses whose methods are written when they are first used.

The core has some two hundred words. `dataclasses` compiles five methods for each of them while they
are imported: a third of what a daemon needed to start. A day uses half of the words, a command of
the command line three. So here a class gets its fields and slots at once, and the methods that
`dataclasses` would have given it with the first call of any of them.
"""

import dataclasses
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, NoReturn

if TYPE_CHECKING:
    from dataclasses import dataclass
else:

    def dataclass(
        cls: type[Any] | None = None,
        /,
        *,
        frozen: bool = False,
        slots: bool = False,
        kw_only: bool = False,
    ) -> Any:  # noqa: ANN401 - the class, or what makes it
        """As `dataclasses.dataclass`; of its options, those that the core uses."""
        if cls is None:
            return lambda it: dataclass(it, frozen=frozen, slots=slots, kw_only=kw_only)
        bare = dataclasses.dataclass(init=False, repr=False, eq=False, slots=slots, kw_only=kw_only)
        made = bare(cls)
        if frozen:
            made.__setattr__, made.__delattr__ = _not_set, _not_deleted
        else:
            made.__hash__ = None
        _let_write(made, frozen=frozen, slots=slots)
        return made


__all__ = ["dataclass"]


def _let_write(cls: type[Any], *, frozen: bool, slots: bool) -> None:
    """Give the class methods that write what they should be when the first of them is called."""
    names = ["__init__", "__repr__", "__eq__"]
    if frozen:
        names += ["__hash__", "__getstate__", "__setstate__"] if slots else ["__hash__"]

    def write() -> None:
        fields = {field.name: field for field in dataclasses.fields(cls)}
        body = {
            **fields,
            "__annotations__": {name: field.type for name, field in fields.items()},
            "__module__": cls.__module__,
            "__qualname__": cls.__qualname__,
            "__doc__": cls.__name__,
        }
        if hasattr(cls, "__post_init__"):
            body["__post_init__"] = cls.__post_init__
        raw = type(cls.__name__, (), body)
        model: type[Any] = dataclasses.dataclass(frozen=frozen, slots=slots)(raw)
        for name in names:
            setattr(cls, name, vars(model)[name])

    def late(name: str) -> Callable[..., Any]:
        def method(self: object, *given: object, **named: object) -> Any:  # noqa: ANN401
            if vars(cls)[name] is method:
                write()
            return vars(cls)[name](self, *given, **named)

        return method

    for name in names:
        setattr(cls, name, late(name))


def _not_set(_: object, name: str, __: object) -> NoReturn:
    raise dataclasses.FrozenInstanceError(f"cannot assign to field {name!r}")


def _not_deleted(_: object, name: str) -> NoReturn:
    raise dataclasses.FrozenInstanceError(f"cannot delete field {name!r}")
