"""One file of a hall as plain values that remember their place."""

from dataclasses import dataclass, field
from typing import Final

from hallctl.config.problems import Problem

MAX_DEPTH: Final = 12
MAX_WORDS: Final = 400
"""Characters of a message; what somebody wrote by mistake may be of any length."""

Path_ = tuple[str | int, ...]


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
