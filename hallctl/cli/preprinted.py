"""`hallctl ticket enter` and `sheet`: numbers on paper, for the time without the PC."""

import json
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Any

import typer

from hallctl.asked import Answer
from hallctl.cli import paperlist
from hallctl.cli.asking import (
    HERE,
    HallOption,
    JsonOption,
    StateOption,
    ask,
    day_seconds,
    err,
    hall_of,
    out,
    place_of,
    told,
)
from hallctl.cli.sheet import PER_PAGE, sheet
from hallctl.core import commands as c
from hallctl.core.refused import clock_text
from hallctl.core.rules import Rules
from hallctl.place import EX_CONFIG, Place

app = typer.Typer()


@app.command("enter")
def ticket_enter(
    label: Annotated[str, typer.Argument(help="A pre-printed number, as A905.")] = "",
    hall: HallOption = HERE,
    state: StateOption = None,
    came: Annotated[str, typer.Option(help="When it was handed out, today.", metavar="H:MM")] = "",
    item: Annotated[str, typer.Option(help="An item's code (SB01).")] = "",
    priority: Annotated[bool, typer.Option("--priority", help="优先")] = False,
    window: Annotated[int, typer.Option(help="Where it was served already, if it was.")] = 0,
    started: Annotated[str, typer.Option("--from", help="From when.", metavar="H:MM")] = "",
    finished: Annotated[str, typer.Option("--to", help="Until when.", metavar="H:MM")] = "",
    file: Annotated[
        Path | None,
        typer.Option(help="A list instead: number,came,window,from,to,item,class a line (CSV)."),
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """补录: enter pre-printed numbers that were handed out while the PC was down.

    Without a window it waits at the place its time gives, and is called like any other. With
    --window, --from and --to it was served: it is counted, and nothing is called.
    """
    place = place_of(hall, state)
    if file is not None:
        if label:
            raise typer.BadParameter("give a number or a --file, not both")
        raise typer.Exit(_enter_list(place, file, as_json=as_json))
    if not label or not came:
        raise typer.BadParameter("give a number and when it --came, or a --file")
    command = c.EnterPreprinted(
        label=label,
        came_day_s=day_seconds(came),
        item=item.upper(),
        klass="priority" if priority else "ordinary",
        served_at=window,
        started_day_s=day_seconds(started) if started else 0,
        finished_day_s=day_seconds(finished) if finished else 0,
    )
    found = told(ask(place, "guide", command), as_json=as_json)
    if not as_json:
        out.print(_entered_words(found, command), markup=False, highlight=False)


def _entered_words(found: dict[str, Any], command: c.EnterPreprinted) -> str:
    came = f"{found['label']}  {clock_text(command.came_day_s)} 来"
    if not command.served_at:
        return f"{came}，排入队列，前面 {found['ahead']} 人"
    times = f"{clock_text(command.started_day_s)}–{clock_text(command.finished_day_s)}"
    return f"{came}，{command.served_at} 号窗口 {times} 已办完，记下了"


@dataclass(slots=True)
class _Listed:
    """What became of a list: numbers entered now, before, and lines that were not."""

    entered: list[str] = field(default_factory=list)
    already: list[str] = field(default_factory=list)
    bad: list[dict[str, Any]] = field(default_factory=list)


def _enter_list(place: Place, file: Path, *, as_json: bool) -> int:
    """Enter what can be; gives the exit status: 1 when a line was left out."""
    try:
        listed = paperlist.read(file)
    except OSError as problem:
        err.print(f"{file}: {problem.strerror}", highlight=False, markup=False, soft_wrap=True)
        return 1
    found = _Listed()
    for line in listed:
        answer = ask(place, "guide", line.command) if line.command else None
        words = _note(found, line, answer)
        if not as_json:
            to = out if answer is not None and answer.ok else err
            said = words if answer is not None and answer.ok else f"{file}:{line.at}: {words}"
            to.print(said, markup=False, highlight=False, soft_wrap=True)
    done = not found.bad
    if as_json:
        body = {"entered": found.entered, "already": found.already, "bad": found.bad}
        sys.stdout.write(json.dumps({"ok": done, **body}, ensure_ascii=False) + "\n")
    else:
        counts = f"{len(found.entered)} 个，早已补录 {len(found.already)} 个"
        out.print(f"补录 {counts}，没录进 {len(found.bad)} 行", highlight=False)
    return 0 if done else 1


def _note(found: _Listed, line: paperlist.Line, answer: Answer | None) -> str:
    """Sort a line in by its answer (None: it could not be read); gives the words for it."""
    if answer is not None and answer.ok:
        assert line.command is not None
        found.entered.append(answer.result["label"])
        return _entered_words(answer.result, line.command)
    words = answer.words if answer is not None else line.words
    if answer is not None and answer.code == "entered_already":
        found.already.append(line.label)
    else:
        found.bad.append({"line": line.at, "number": line.label, "words": words})
    return f"{words.get('zh', '')}  ({words.get('en', '')})"


@app.command("sheet")
def ticket_sheet(
    to: Annotated[Path, typer.Option("--out", help="The file to write: .html, for a browser.")],
    hall: HallOption = HERE,
    queue: Annotated[str, typer.Option(help="One queue's letter; all without it.")] = "",
    per_page: Annotated[int, typer.Option(help="8 or 12 numbers on an A4 page.")] = 8,
) -> None:
    """预印号: sheets of the pre-printed numbers, to be printed while the PC is well."""
    rules = _rules(hall)
    if rules.preprinted is None:
        err.print("hall.yaml: preprinted is none: 901-999 gives the hall such numbers")
        raise typer.Exit(1)
    queues = [q for q in rules.queues if queue.upper() in ("", q.id)]
    if not queues or per_page not in PER_PAGE or to.suffix.lower() not in (".html", ".htm"):
        known = " ".join(q.id for q in rules.queues)
        raise typer.BadParameter(f"queues: {known}; --per-page 8 or 12; --out FILE.html")
    try:
        to.write_text(sheet(rules, queues, per_page), "utf-8")
    except OSError as problem:
        err.print(f"{to}: {problem.strerror}", highlight=False, markup=False, soft_wrap=True)
        raise typer.Exit(1) from None
    count = rules.preprinted.last - rules.preprinted.first + 1
    pages = len(queues) * -(-count // per_page)
    words = f"{len(queues)} 个队列，每个 {count} 个号，共 {pages} 页 A4：用浏览器打开 {to} 打印"
    out.print(words, markup=False, highlight=False, soft_wrap=True)


def _rules(hall: Path | None) -> Rules:
    # Only a sheet needs the files of the hall; a number is entered without reading them.
    from hallctl.config.load import load  # noqa: PLC0415
    from hallctl.config.problems import ConfigError  # noqa: PLC0415
    from hallctl.device import driver_class  # noqa: PLC0415

    try:
        return load(hall_of(hall), driver_class=driver_class).rules
    except ConfigError as problem:
        err.print(str(problem), highlight=False, markup=False, soft_wrap=True)
        raise typer.Exit(EX_CONFIG) from None
