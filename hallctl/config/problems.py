"""What is wrong in the files of a hall, said so that the person at the editor can put it right."""

import difflib
from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, order=True)
class Problem:
    """One mistake: where it stands (`line` and `column` count from 1), what it is, what to do.

    `key` is the path from the top of the file (`queues.A.windows`), empty for the file itself.
    """

    file: str
    line: int
    column: int
    key: str
    words: str
    remedy: str = ""

    def __str__(self) -> str:
        place = f"{self.file}:{self.line}:{self.column}"
        said = f"{self.key}: {self.words}" if self.key else self.words
        return f"{place}: {said}. {self.remedy}".rstrip()


class ConfigError(Exception):
    """The files cannot be used; `problems` holds every mistake found, in the order of the files."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__(str(self))

    def __str__(self) -> str:
        return "\n".join(str(problem) for problem in self.problems)


def nearest(word: object, known: Iterable[object]) -> str:
    """The remedy for a name nobody knows: the nearest known one, or the list of all."""
    names = [str(name) for name in known]
    close = difflib.get_close_matches(str(word)[:80], names, n=1, cutoff=0.55)
    if close:
        return f"Did you mean '{close[0]}'?"
    return f"Known: {', '.join(names)}." if names else "None is known here."
