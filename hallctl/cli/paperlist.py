"""The guide's list of pre-printed numbers: a CSV file in, one command a line out."""

import csv
import io
import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from hallctl.core import commands as c
from hallctl.texts import say

COLUMNS: Final = ("number", "came", "window", "from", "to", "item", "class")
"""What stands in a line, in this order unless the file's first line names its columns."""
HEADS: Final = {
    "number": ("number", "label", "号码", "号"),
    "came": ("came", "来的时间", "来", "发号时间"),
    "window": ("window", "窗口"),
    "from": ("from", "开始"),
    "to": ("to", "办结", "结束"),
    "item": ("item", "事项"),
    "class": ("class", "类别", "优先"),
}
FIRST: Final = ("priority", "优先", "是", "yes")
ORDINARY: Final = ("", "ordinary", "普通", "否", "no")
_CLOCK: Final = re.compile(r"(\d{1,2}):([0-5]\d)(?::[0-5]\d)?", re.ASCII)
_WINDOW: Final = re.compile(r"([1-9]\d{0,2})\s*(?:号|号窗口)?", re.ASCII)


class BadLine(Exception):  # noqa: N818 - says what is so
    """A line that nobody can read; `words` say why, by language."""

    def __init__(self, key: str, **values: object) -> None:
        super().__init__(key)
        self.words = {lang: say(lang, f"entry.{key}", **values) for lang in ("zh", "en")}


@dataclass(frozen=True, slots=True)
class Line:
    """One line: its place in the file, the number, and the command; else why there is none."""

    at: int
    label: str
    command: c.EnterPreprinted | None
    words: dict[str, str] = field(default_factory=dict)


def read(path: Path) -> list[Line]:
    """The lines of a file; UTF-8, or GB18030 as spreadsheets in China write it. Raises OSError."""
    raw = path.read_bytes()
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = raw.decode("gb18030", errors="replace")
    return list(lines(text))


def lines(text: str) -> Iterator[Line]:
    """Each line that says something; empty ones and those behind # are passed over."""
    text = unicodedata.normalize("NFKC", text)  # full-width digits, colons and commas too
    columns: tuple[str, ...] = COLUMNS
    reader = csv.reader(io.StringIO(text), delimiter=_delimiter(text))
    begun = False
    for row in reader:
        cells = [cell.strip() for cell in row]
        if not any(cells) or cells[0].startswith("#"):
            continue
        if not begun and (named := _named(cells)):
            columns = named
            begun = True
            continue
        begun = True
        found = dict(zip(columns, cells, strict=False))
        label = found.get("number", "").upper()
        try:
            yield Line(reader.line_num, label, _command(found))
        except BadLine as bad:
            yield Line(reader.line_num, label, None, bad.words)


def _delimiter(text: str) -> str:
    first = next((line for line in text.splitlines() if line.strip()), "")
    return max(",;\t", key=first.count)


def _named(cells: list[str]) -> tuple[str, ...]:
    """The columns a first line names; () when it is a line like the others. Others are skipped."""
    names = {head: column for column, heads in HEADS.items() for head in heads}
    found = tuple(names.get(cell.lower(), "") for cell in cells)
    return found if "number" in found else ()


def _command(found: dict[str, str]) -> c.EnterPreprinted:
    label = found.get("number", "")
    if not label:
        raise BadLine("no_number")
    return c.EnterPreprinted(
        label=label,
        came_day_s=clock_s(found.get("came", "")),
        item=found.get("item", "").upper(),
        klass="priority" if _is_first(found.get("class", "")) else "ordinary",
        served_at=_window(found.get("window", "")),
        started_day_s=_maybe_s(found.get("from", "")),
        finished_day_s=_maybe_s(found.get("to", "")),
    )


def clock_s(text: str) -> int:
    """Seconds since midnight of `9:12` or `9:12:30`, whole minutes. Raises BadLine."""
    found = _CLOCK.fullmatch(text)
    if found is None or int(found[1]) > 23:  # noqa: PLR2004 - the last hour of a day
        raise BadLine("no_time" if not text else "bad_time", text=text)
    return int(found[1]) * 3600 + int(found[2]) * 60


def _maybe_s(text: str) -> int:
    return clock_s(text) if text else 0


def _window(text: str) -> int:
    found = _WINDOW.fullmatch(text)
    if text and found is None:
        raise BadLine("bad_window", text=text)
    return int(found[1]) if found else 0


def _is_first(text: str) -> bool:
    if text.lower() in FIRST:
        return True
    if text.lower() not in ORDINARY:
        raise BadLine("bad_class", text=text)
    return False
