"""A rehearsal as one HTML file: no script, no font, no address; it can be mailed and printed."""

from collections.abc import Sequence
from html import escape

from hallctl.core.rules import Rules
from hallctl.rehearsal.telling import (
    CLASSES,
    WAIT_HEAD,
    Plan,
    fact_rows,
    minutes,
    queue_name,
    use_rows,
    wait_rows,
)

COLOURS = ("#0B4F71", "#E3A62B", "#6FB1CF")
"""Of the plans, in their order: apart for every kind of colour vision, and named in the legend."""
BAR, GAP, LEFT, WIDE, ENDING = 16, 12, 210, 560, 150

Bar = tuple[float, float, str]
"""Length, end of the thin line (both in the chart's unit), and the words behind the bar."""

STYLE = """
:root{--paper:#F6F3EE;--surface:#FFF;--sunken:#ECE6DC;--ink:#17242D;--ink2:#44525C;--line:#D8D0C4;
--brand:#A33A22}
*{box-sizing:border-box}
body{margin:0;background:var(--paper);color:var(--ink);
font:16px/1.5 "Noto Sans CJK SC","Noto Sans SC","PingFang SC","Microsoft YaHei",sans-serif}
main{max-width:1040px;margin:0 auto;padding:32px 24px 64px}
header{border-left:8px solid var(--brand);padding-left:16px;margin-bottom:24px}
h1{font-size:30px;margin:0;line-height:1.3}h2{font-size:20px;margin:0 0 8px}
p{margin:4px 0;color:var(--ink2)}
section{background:var(--surface);border:1px solid var(--line);border-radius:20px;padding:24px;
margin:16px 0;overflow-x:auto}
table{border-collapse:collapse;width:100%;font-variant-numeric:tabular-nums}
th,td{text-align:right;padding:6px 10px;border-bottom:1px solid var(--line);white-space:nowrap}
th{color:var(--ink2);font-weight:500;background:var(--sunken)}
th.word,td.word{text-align:left}
svg{max-width:100%;height:auto;display:block}
svg text{font:14px "Noto Sans CJK SC","Noto Sans SC",sans-serif;fill:var(--ink)}
.legend{display:flex;flex-wrap:wrap;gap:8px 24px;margin:0 0 12px;padding:0;list-style:none}
.legend i{display:inline-block;width:16px;height:16px;border-radius:4px;margin-right:8px;
vertical-align:-2px}
@media print{body{background:#FFF}section{break-inside:avoid;border-radius:0}}
"""


def page(rules: Rules, plans: Sequence[Plan], about: str) -> str:
    """The whole page. `about` is one line on what was rehearsed (seed, days, load)."""
    heads = ("", *(p.name for p in plans))
    queues = sorted({q for p in plans for q, _ in p.summary.waits})
    waits = [
        (f"{queue_name(rules, queue)} · {CLASSES[klass]}", _waits(plans, queue, klass))
        for queue in queues
        for klass in ("priority", "ordinary")
    ]
    numbers = sorted({u.window for p in plans for u in p.summary.windows})
    uses = [(f"{n} 号窗口 window {n}", _uses(plans, n)) for n in numbers]
    return f"""<!doctype html>
<html lang="zh-CN"><head><meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>预演 · {escape(rules.hall)}</title><style>{STYLE}</style></head><body><main>
<header><h1>预演 Rehearsal · {escape(rules.hall)}</h1><p>{escape(about)}</p></header>
<section><h2>平均等候 Mean wait, minutes</h2><p>细线到 P90。The thin line reaches to P90.</p>
{_legend(plans)}{_bars(waits)}</section>
<section><h2>一览 At a glance</h2>{_table(heads, fact_rows(plans), words=1)}</section>
<section><h2>窗口利用 Use of windows</h2><p>占当班时间；细线为各日波动。Share of the staffed
time; the thin line is one deviation over the days.</p>{_legend(plans)}{_bars(uses)}
{_table(("窗口 window", *heads[1:]), use_rows(plans), words=1)}</section>
<section><h2>等候明细 Waits in minutes</h2>{_table(WAIT_HEAD, wait_rows(rules, plans), words=3)}
<p>± 为平均值的 95% 置信区间（按日）。± is the mean's 95 % interval, from the days' means.</p>
</section></main></body></html>
"""


def _waits(plans: Sequence[Plan], queue: str, klass: str) -> list[Bar | None]:
    found: list[Bar | None] = []
    for plan in plans:
        waits = plan.summary.waits.get((queue, klass))
        words = f"{minutes(waits.mean_s)} / P90 {minutes(waits.p90_s)}" if waits else ""
        found.append((waits.mean_s, waits.p90_s, words) if waits else None)
    return found


def _uses(plans: Sequence[Plan], number: int) -> list[Bar | None]:
    found: list[Bar | None] = []
    for plan in plans:
        use = next((u for u in plan.summary.windows if u.window == number), None)
        found.append((use.mean, use.mean + use.deviation, f"{use.mean:.0%}") if use else None)
    return found


def _legend(plans: Sequence[Plan]) -> str:
    entries = "".join(
        f'<li><i style="background:{COLOURS[at % len(COLOURS)]}"></i>{escape(plan.name)}</li>'
        for at, plan in enumerate(plans)
    )
    return f'<ul class="legend">{entries}</ul>'


def _bars(groups: Sequence[tuple[str, list[Bar | None]]]) -> str:
    """Groups of horizontal bars, one colour a plan, on one scale."""
    shown = [(label, bars) for label, bars in groups if any(bars)]
    most = max((max(b[0], b[1]) for _, bars in shown for b in bars if b), default=0.0) or 1.0
    parts, y = [], GAP
    for label, bars in shown:
        middle = y + len(bars) * BAR / 2 + 5
        parts.append(f'<text x="{LEFT - 12}" y="{middle:.0f}" text-anchor="end">')
        parts.append(f"{escape(label)}</text>")
        for at, bar in enumerate(bars):
            if bar is not None:
                parts.append(_bar(bar, most, y, COLOURS[at % len(COLOURS)]))
            y += BAR
        y += GAP
    wide = LEFT + WIDE + ENDING
    axis = f'<path d="M{LEFT} 0V{y}" stroke="#857B6D"/>'
    return f'<svg viewBox="0 0 {wide} {y}" width="{wide}" role="img">{"".join(parts)}{axis}</svg>'


def _bar(bar: Bar, most: float, y: int, colour: str) -> str:
    length, end = bar[0] / most * WIDE, bar[1] / most * WIDE
    middle = y + BAR / 2
    return (
        f'<rect x="{LEFT}" y="{y + 1}" width="{length:.1f}" height="{BAR - 2}" rx="3" '
        f'fill="{colour}"/><path d="M{LEFT + length:.1f} {middle}H{LEFT + end:.1f}m0 -4v8" '
        f'stroke="#44525C" fill="none"/><text x="{LEFT + max(length, end) + 8:.1f}" '
        f'y="{middle + 5}">{escape(bar[2])}</text>'
    )


def _table(heads: Sequence[str], rows: Sequence[Sequence[str]], words: int) -> str:
    """A table whose first `words` columns are words, the others figures."""

    def cells(tag: str, row: Sequence[str]) -> str:
        word = f'<{tag} class="word">'
        return "".join(
            f"{word if at < words else f'<{tag}>'}{escape(cell)}</{tag}>"
            for at, cell in enumerate(row)
        )

    body = "".join(f"<tr>{cells('td', row)}</tr>" for row in rows)
    return f"<table><thead><tr>{cells('th', heads)}</tr></thead><tbody>{body}</tbody></table>"
