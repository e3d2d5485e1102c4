"""Scenario files: Chinese sentences in, steps out. What they mean is in settings, acts and sights.

A sentence has one fixed form, its words parted by spaces; behind `→` stands what must come of it.
"""

import difflib
import re
from dataclasses import dataclass
from pathlib import Path

NUMBERS = ("n", "m")
"""Gaps of a form that take a whole number; `text` takes the rest of a line, others one word."""


class ScenarioError(Exception):
    """A scenario cannot be read, or did not go as written; the words name file and line."""


@dataclass(frozen=True)
class Form:
    """The one way a sentence is written, and the method that plays it."""

    template: str
    method: str
    kind: str
    pattern: re.Pattern[str]


@dataclass(frozen=True)
class Line:
    """A sentence that was understood."""

    where: str
    words: str
    form: Form
    gaps: dict[str, object]
    result: str


@dataclass(frozen=True)
class Scenario:
    """One file: its name, its title, its sentences."""

    name: str
    title: str
    lines: tuple[Line, ...]


FORMS: list[Form] = []


def says(kind: str, *templates: str):
    """Make a method the meaning of these forms; `kind` is 配置, 做 or 看."""

    def known(method):
        FORMS.extend(Form(t, method.__name__, kind, _pattern(t)) for t in templates)
        return method

    return known


def _pattern(template: str) -> re.Pattern[str]:
    words = []
    for word in template.split():
        parts = re.split(r"\{(\w+)\}", word)
        for at in range(1, len(parts), 2):
            name = parts[at]
            form = r"\d+" if name in NUMBERS else (r"\S.*" if name == "text" else r"\S+")
            parts[at] = f"(?P<{name}>{form})"
        parts[::2] = [re.escape(part) for part in parts[::2]]
        words.append("".join(parts))
    return re.compile(r"\s+".join(words))


def read(path: Path) -> Scenario:
    """Read a scenario. Raises ScenarioError for a sentence nobody knows."""
    return understand(path.read_text(encoding="utf-8"), path.name)


def understand(text: str, name: str) -> Scenario:
    """The scenario a text tells. Raises ScenarioError that names the nearest sentence."""
    title, lines = "", []
    for number, raw in enumerate(text.splitlines(), 1):
        words = raw.partition("#")[0].strip()
        if not title and raw.startswith("#"):
            title = raw.lstrip("# ").strip()
        if words:
            lines.append(_line(words, f"{name}:{number}"))
    if not title:
        raise ScenarioError(f"{name}:1: the first line must be a title, # and a few words")
    return Scenario(name, title, tuple(lines))


def _line(words: str, where: str) -> Line:
    sentence, arrow, result = (part.strip() for part in words.partition("→"))
    found = [(f, m) for f in FORMS if (m := f.pattern.fullmatch(sentence))]
    if len(found) > 1:
        forms = " / ".join(f.template for f, _ in found)
        raise ScenarioError(f"{where}: “{sentence}” can be read as {forms}")
    if not found:
        raise ScenarioError(f"{where}: “{sentence}” is no sentence; nearest: {nearest(sentence)}")
    form, match = found[0]
    if arrow and (form.kind != "做" or not result):
        raise ScenarioError(f"{where}: “{words}”: only an act has a result behind →")
    gaps = {k: int(v) if k in NUMBERS else v for k, v in match.groupdict().items()}
    return Line(where, words, form, gaps, result)


def nearest(sentence: str) -> str:
    """The form most like a sentence."""
    templates = [form.template for form in FORMS]
    return difflib.get_close_matches(sentence, templates, n=1, cutoff=0.0)[0]
