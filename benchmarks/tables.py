"""What was measured, written into docs/: a table a scenario, between its markers, and one chart.

docs/performance.json keeps the figures of every scenario's last run; the tables and the chart are
made from it, so that one scenario can be measured again without the others.
"""

import json
import os
import platform
import re
import statistics
from datetime import UTC, datetime
from html import escape
from pathlib import Path
from typing import Any

import apsw
import pydantic
import zmq
from harness import Result, Row, Scenario

DOCS = Path(__file__).parents[1] / "docs"
NAME = "performance"
END = "<!-- bench:end -->"
WIDTH, BAR, LEFT, SCALE = 1060, 20, 590, 220


def machine(folder: Path) -> dict[str, str]:
    """Where it was measured; `folder` is where the journals lay."""
    info = Path("/proc/cpuinfo").read_text()
    model = re.search(r"model name\s*: (.*)", info)
    return {
        "processor": f"{model[1] if model else platform.machine()}, {os.cpu_count()} cores",
        "system": f"Linux {platform.release()}, journals on {_filesystem(folder)}",
        "Python": platform.python_version(),
        "libraries": f"SQLite {apsw.sqlite_lib_version()}, libzmq {zmq.zmq_version()}, "
        f"pyzmq {zmq.pyzmq_version()}, pydantic {pydantic.VERSION}",
    }


def _filesystem(folder: Path) -> str:
    lines = Path("/proc/mounts").read_text().splitlines()
    mounts = [(Path(line.split()[1]), line.split()[2]) for line in lines]
    over = [(len(at.parts), kind) for at, kind in mounts if folder.is_relative_to(at)]
    return max(over)[1]


def write(
    scenario: Scenario, result: Result, asked: str, load: float, where: Path, docs: Path = DOCS
) -> None:
    """Keep a scenario's result, and make its table and the chart anew."""
    page, kept, chart = (docs / f"{NAME}.{kind}" for kind in ("md", "json", "svg"))
    figures = json.loads(kept.read_text()) if kept.exists() else {}
    found = figures[scenario.name] = {
        "title": scenario.title,
        "date": datetime.now(UTC).strftime("%Y-%m-%d %H:%M UTC"),
        "command": asked,
        "load": round(load, 1),
        "rounds": result.rounds,
        "machine": machine(where),
        "rows": [_figures(row) for row in result.rows],
        "notes": list(result.notes),
    }
    kept.write_text(json.dumps(figures, ensure_ascii=False, indent=1) + "\n")
    text = page.read_text() if page.exists() else f"# Performance\n\n{END}\n"
    text = _placed(text, scenario.name, _section(found))
    page.write_text(_placed(text, "machine", _machine(found["machine"])))
    chart.write_text(_chart(figures))


def _figures(row: Row) -> dict[str, Any]:
    found: dict[str, Any] = {"subject": row.subject, "measure": row.measure}
    found["values"] = [_short(value) for value in row.values]
    if row.ratios:
        found["ratios"] = [round(ratio, 3) for ratio in row.ratios]
    if row.goal is not None and row.reached is not None:
        found["goal"] = row.goal.words()
        found["held"] = row.goal.held(row.reached)
        found["reached"] = round(row.reached, 3)
        limit = row.goal.most if row.goal.most is not None else row.goal.least
        assert limit is not None
        share = row.reached / limit if row.goal.most is not None else limit / row.reached
        found["share"] = round(share, 3)
    return found


def _short(value: float) -> float:
    return float(f"{value:.4g}")


def _placed(page: str, name: str, body: str) -> str:
    """The page with a section between its markers; a new one comes before the end."""
    begin, end = f"<!-- bench:{name} -->", f"<!-- /bench:{name} -->"
    whole = f"{begin}\n{body}{end}"
    if begin in page:
        lead, _, rest = page.partition(begin)
        return lead + whole + rest.partition(end)[2]
    return page.replace(END, f"{whole}\n\n{END}")


def _machine(found: dict[str, str]) -> str:
    rows = "".join(f"| {what} | {words} |\n" for what, words in found.items())
    return f"\n| the machine | |\n| --- | --- |\n{rows}\n"


def _section(found: dict[str, Any]) -> str:
    when = f"{found['date']}, `{found['command']}`, {found['rounds']} rounds"
    lines = [
        f"## {found['title']}",
        "",
        f"{when}; the machine's load before: {found['load']}.",
        "",
        "| | | min | median | max | × | goal |",
        "| --- | --- | --- | --- | --- | --- | --- |",
    ]
    for row in found["rows"]:
        values, ratios = row["values"], row.get("ratios")
        cells = [row["subject"], row["measure"]]
        cells += [_number(f(values)) for f in (min, statistics.median, max)]
        cells.append(f"{statistics.median(ratios):.2f}" if ratios else "")
        mark = "" if "goal" not in row else "✔ " if row["held"] else "✘ "
        cells.append(f"{mark}{row.get('goal', '')}")
        lines.append(f"| {' | '.join(cells)} |")
    lines += ["", *(f"{note}\n" for note in found["notes"])]
    return "\n".join(lines) + ("\n" if not found["notes"] else "")


def _number(value: float) -> str:
    if value >= 100:  # noqa: PLR2004 - three digits are enough
        return f"{value:,.0f}"
    return f"{value:.3g}"


def _chart(figures: dict[str, Any]) -> str:
    """Every goal as a bar: how much of what is allowed is used; the line is the goal."""
    bars = [
        (f"{found['title']}: {row['subject']}, {row['measure']} {row['goal']}", row)
        for found in figures.values()
        for row in found["rows"]
        if "goal" in row
    ]
    height = BAR * len(bars) + 40
    size = f'width="{WIDTH}" height="{height}" font-family="sans-serif" font-size="11"'
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" {size}>',
        f'<rect width="{WIDTH}" height="{height}" fill="#fff"/>',
        f'<text x="{LEFT + SCALE}" y="14" text-anchor="middle">the goal</text>',
    ]
    for number, (words, row) in enumerate(bars):
        y = 22 + number * BAR
        share = row["share"]
        colour = "#3a7d44" if row["held"] else "#b3402e"
        width = min(share, 2) * SCALE
        at = f'x="{LEFT}" y="{y + 3}" width="{width:.0f}" height="{BAR - 6}"'
        told = _number(row["reached"])
        parts += [
            f'<text x="{LEFT - 8}" y="{y + 13}" text-anchor="end">{escape(words)}</text>',
            f'<rect {at} fill="{colour}"/>',
            f'<text x="{LEFT + width + 4:.0f}" y="{y + 13}">{told}</text>',
        ]
    line = f'<path d="M{LEFT + SCALE} 18V{height - 14}" stroke="#222" stroke-dasharray="4 3"/>'
    return "\n".join([*parts, line, "</svg>"]) + "\n"
