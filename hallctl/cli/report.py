"""`hallctl report DAY`: the day's report, read from the journal while the hall runs or not."""

import dataclasses
import json
import sys
from collections import Counter
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Annotated
from zoneinfo import ZoneInfo

import apsw
import typer
from rich.table import Table

from hallctl import wire
from hallctl.chain import JournalError, read_only
from hallctl.cli.asking import HERE, HallOption, JsonOption, StateOption, err, kept_place, out
from hallctl.core.events import Recorded
from hallctl.listing import csv_line
from hallctl.projections.calls import CallRow, announced
from hallctl.projections.day import Day, VisitRow, day_of
from hallctl.projections.waits import waits

app = typer.Typer()

SHOWN_MOST = 20
"""Of long lists the table shows so many rows; --csv and --json hold all."""
VISIT_COLUMNS = (
    "label", "queue", "class", "item", "taken", "called", "waited_min", "started", "ended",
    "served_min", "window", "calls", "why", "outcome", "reason", "rated", "entered",
)  # fmt: skip


class NoSuchDay(Exception):  # noqa: N818 - says what is so
    """The journal has no such day; `args[0]` says which it has."""


@app.command()
def report(
    day: Annotated[str, typer.Argument(help='A date (2026-11-24), or "today": the latest day.')],
    hall: HallOption = HERE,
    state: StateOption = None,
    csv: Annotated[
        Path | None, typer.Option("--csv", help="Write the visits there, for a spreadsheet.")
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Tell a day: who waited how long and why each was called, calls nobody saw, work, alerts."""
    try:
        db = read_only(kept_place(hall, state).state)
        try:
            found = read_day(db, day)
        finally:
            db.close()
    except (JournalError, NoSuchDay, apsw.Error, wire.WireError) as problem:
        err.print(str(problem), highlight=False, markup=False, soft_wrap=True)
        raise typer.Exit(1) from None
    if csv is not None:
        _write_csv(found, csv)
    if as_json:
        sys.stdout.write(json.dumps(as_words(found), ensure_ascii=False) + "\n")
    elif csv is None:
        _tables(found)


def _write_csv(day: Day, path: Path) -> None:
    try:
        # The mark at the beginning tells spreadsheets that this is UTF-8.
        path.write_text("".join(csv_lines(day)), encoding="utf-8-sig")
    except OSError as problem:
        err.print(f"{path}: {problem.strerror}", highlight=False, markup=False, soft_wrap=True)
        raise typer.Exit(1) from None
    err.print(f"{len(day.visits)} visits written to {path}", highlight=False, soft_wrap=True)


def read_day(db: apsw.Connection, day: str) -> Day:
    """Fold one day of a journal, with the day before it. Raises NoSuchDay, WireError, apsw.Error.

    One transaction, so that a running hall does not move beneath it.
    """
    db.execute("BEGIN")
    try:
        start, end, wanted = _stretch(db, day)
        return day_of(_events(db, start, end), wanted)
    finally:
        db.execute("COMMIT")


def _stretch(db: apsw.Connection, day: str) -> tuple[int, int, str]:
    """From which event on, up to which, a day is folded; and its date."""
    query = "SELECT seq, body FROM events WHERE type='DayOpened' ORDER BY seq"
    opened = [(seq, json.loads(body)["event"]["day"]) for seq, body in db.execute(query)]
    days = [name for _, name in opened]
    wanted = days[-1] if day == "today" and days else day
    if wanted not in days:
        known = f"it has {days[0]} to {days[-1]}" if days else "it has none yet"
        raise NoSuchDay(f"the journal has no day {wanted}; {known}")
    first = days.index(wanted)
    last = len(days) - 1 - days[::-1].index(wanted)
    start = opened[max(0, first - 1)][0]
    end = opened[last + 1][0] if last + 1 < len(opened) else 1 << 62
    return start, end, wanted


def _events(db: apsw.Connection, start: int, end: int) -> Iterator[Recorded]:
    query = "SELECT body FROM events WHERE seq>=? AND seq<? ORDER BY seq"
    for (body,) in db.execute(query, (start, end)):
        yield wire.recorded_in(json.loads(body))


def as_words(day: Day) -> dict[str, object]:
    """The whole report as JSON holds it; times are UNIX seconds."""
    found = dataclasses.asdict(day)
    found["visits"] = list(found["visits"].values())
    found["windows"] = [found["windows"][n] for n in sorted(found["windows"])]
    found["announced"] = dataclasses.asdict(announced(day.calls))
    found["waits"] = [dataclasses.asdict(row) for row in waits(day)]
    return found


def csv_lines(day: Day) -> Iterator[str]:
    """A head and one line for each ticket; times as 9:05:00 in the hall's zone."""
    clock = _Clock(day)
    yield csv_line(VISIT_COLUMNS)
    for row in day.visits.values():
        yield csv_line(
            [
                row.label, row.queue, row.klass, row.item, clock(row.taken_s), clock(row.called_s),
                f"{row.waited_s / 60:.1f}", clock(row.started_s), clock(row.ended_s),
                f"{row.served_s / 60:.1f}", row.window or "", row.calls, row.why, row.outcome,
                row.reason, "" if row.rated is None else "yes" if row.rated else "no",
                clock(row.entered_s),
            ]
        )  # fmt: skip


class _Clock:
    """Writes times as people read them, in the hall's zone."""

    def __init__(self, day: Day) -> None:
        self._zone = ZoneInfo(day.timezone)

    def __call__(self, at_s: float) -> str:
        return f"{datetime.fromtimestamp(at_s, self._zone):%H:%M:%S}" if at_s else ""


def _minutes(seconds: float) -> str:
    return f"{seconds / 60:.1f}"


def _tables(day: Day) -> None:
    clock = _Clock(day)
    outcomes = Counter(row.outcome for row in day.visits.values())
    told = "  ".join(f"{name} {n}" for name, n in sorted(outcomes.items()))
    state = "closed" if day.closed else f"as of event {day.last_seq}"
    out.print(f"[bold]{day.hall}  {day.day}[/bold]  ({state})", highlight=False)
    out.print(f"取号 tickets {len(day.visits)}: {told or '-'}", highlight=False)
    table = Table("queue", "class", "tickets", "finished", "mean wait", "9 of 10", "longest")
    table.title = "等候 waits, minutes"
    for wait in waits(day):
        table.add_row(
            wait.queue, wait.klass, str(wait.taken), str(wait.finished), _minutes(wait.mean_s),
            _minutes(wait.p90_s), _minutes(wait.longest_s),
        )  # fmt: skip
    out.print(table)
    table = Table("window", "visits", "calls", "served", "paused", "idle while people waited")
    table.title = "窗口 work per window, minutes"
    for number, work in sorted(day.windows.items()):
        table.add_row(
            str(number), str(work.visits), str(work.calls), _minutes(work.served_s),
            _minutes(work.paused_s), _minutes(work.idle_waited_s),
        )  # fmt: skip
    out.print(table)
    _visits(day, clock)
    _calls(day, clock)
    _troubles(day, clock)
    if len(day.rules_set_s) > 1:
        times = "  ".join(clock(at_s) for at_s in day.rules_set_s)
        out.print(f"规则 rules set at: {times}", highlight=False)
    if day.grades:
        grades = "  ".join(f"{grade}: {n}" for grade, n in day.grades.items())
        out.print(f"评价 grades of the whole hall: {grades}", highlight=False)


def _visits(day: Day, clock: _Clock) -> None:
    def row_of(row: VisitRow) -> list[str]:
        return [
            row.label, row.klass, clock(row.taken_s), clock(row.called_s), _minutes(row.waited_s),
            _minutes(row.served_s), str(row.window or ""), str(row.calls), row.why,
            f"{row.outcome} {row.reason}".strip(),
        ]  # fmt: skip

    longest = sorted(day.visits.values(), key=lambda row: -row.waited_s)
    heads = ("ticket", "class", "taken", "called", "waited", "served", "w", "calls", "why", "end")
    _listed("最久的等候 longest waits", heads, [row_of(row) for row in longest])


def _calls(day: Day, clock: _Clock) -> None:
    def row_of(call: CallRow) -> list[str]:
        return [clock(call.at_s), call.label, str(call.window), str(call.times)]

    def told_of(call: CallRow) -> list[str]:
        tried = [failure for said in call.said for failure in said.failures]
        times = f"{len(tried)}: {tried[-1].evidence}".rstrip(": ") if tried else ""
        return [*row_of(call), call.why_unheard(), times]

    heads = ("time", "ticket", "window", "call")
    total, unseen, unheard = len(day.calls), day.unshown(), day.unheard()
    title = "没有屏幕显示 calls that no screen showed"
    if unseen and len(unseen) == total:
        out.print(f"{title}: all {total}", highlight=False)
    else:
        _listed(f"{title}: {len(unseen)} of {total}", heads, [row_of(c) for c in unseen])
    _speech(day)
    title = "没有播报 calls that nothing announced"
    if unheard and {call.why_unheard() for call in unheard} == {"no_voice"}:
        out.print(f"{title}: {len(unheard)} of {total}, no voice at the window", highlight=False)
    else:
        rows = [told_of(call) for call in unheard]
        _listed(f"{title}: {len(unheard)} of {total}", (*heads, "why", "failures"), rows)


def _speech(day: Day) -> None:
    """How many calls were heard, how soon, in which languages, and what went wrong."""
    found = announced(day.calls)
    if not found.calls:
        return
    out.print(f"播报 calls announced: {found.heard} of {found.calls}", highlight=False)
    if found.heard:
        out.print(
            f"从叫号到播报完 from call to end of speech, seconds: median {found.median_s:.1f}, "
            f"longest {found.longest_s:.1f}", highlight=False,
        )  # fmt: skip
    for title, counted in (
        ("语言 said in", found.languages),
        ("说过，没有凭据 said", {"not proven": found.unproven} if found.unproven else {}),
        ("播报失败 failures", found.failures),
        ("不再播报 not said any more", found.skips),
    ):
        if counted:
            words = "  ".join(f"{word} {n}" for word, n in counted.items())
            out.print(f"{title}: {words}", highlight=False)


def _troubles(day: Day, clock: _Clock) -> None:
    rows = [[clock(a.at_s), clock(a.ended_s), a.level, a.kind, a.words] for a in day.alerts]
    _listed("预警 alerts", ("from", "until", "level", "kind", "words"), rows)
    refused = Counter((key.window, key.key, key.code) for key in day.keys)
    rows = [[str(w), key, code, str(n)] for (w, key, code), n in sorted(refused.items())]
    _listed("按键被拒 refused keys", ("window", "key", "code", "times"), rows)
    rows = [[clock(s.at_s), s.label, s.how, s.reason] for s in day.slips]
    _listed("小票 slips doubtful or failed", ("time", "ticket", "how", "reason"), rows)
    rows = [
        [d.device, clock(d.down_s), clock(d.up_s), _minutes(d.lasted_s), d.evidence]
        for d in day.downs
    ]
    _listed("设备断开 devices down", ("device", "from", "until", "minutes", "evidence"), rows)
    rows = [[clock(j.at_s), f"{j.by_s:+.1f}"] for j in day.jumps]
    _listed("时钟跳变 clock jumps", ("time", "seconds"), rows)


def _listed(title: str, heads: tuple[str, ...], rows: list[list[str]]) -> None:
    """A table of the first rows; nothing when there are none."""
    if not rows:
        return
    table = Table(*heads, title=title, title_justify="left")
    for row in rows[:SHOWN_MOST]:
        table.add_row(*row)
    if len(rows) > SHOWN_MOST:
        table.caption = f"and {len(rows) - SHOWN_MOST} more; --csv or --json hold all"
    out.print(table)
