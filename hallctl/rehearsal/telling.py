"""A rehearsal in rows of words, for the table on the terminal and for the page alike."""

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from hallctl.core.rules import Rules
from hallctl.rehearsal.measures import NOBODY, Summary, Waits

CLASSES = {"": "全部", "priority": "优先", "ordinary": "普通"}
ENDS = {
    "finished": "办结 finished",
    "no_show": "过号 no-show",
    "left": "退号 gave the ticket back",
    "unserved": "未办 not served",
    "cut_off": "停止取号 refused: no time left",
    "quota": "号满 refused: quota",
    "closed": "非取号时间 refused: hours",
    "queue_closed": "停办 refused: queue closed",
}
WAIT_HEAD = (
    "队列 queue", "类别 class", "方案 plan", "人数 n", "平均 mean", "P50", "P90", "最长 max",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Plan:
    """One thing that was rehearsed, as it is called in the report, with what came out."""

    name: str
    summary: Summary


def minutes(seconds: float) -> str:
    """Seconds as minutes with one decimal."""
    return f"{seconds / 60:.1f}"


def clock(day_s: float) -> str:
    """Seconds since midnight as hh:mm."""
    return f"{int(day_s) // 3600}:{int(day_s) // 60 % 60:02d}"


def queue_name(rules: Rules, queue: str) -> str:
    """The queue as people know it: letter and name."""
    found = rules.queue(queue)
    return "全部 all" if not queue else f"{queue} {found.name}" if found else queue


def wait_rows(rules: Rules, plans: Sequence[Plan]) -> list[tuple[str, ...]]:
    """Waits in minutes by queue, class and plan, under `WAIT_HEAD`."""
    keys = [key for plan in plans for key in plan.summary.waits]
    ordered = sorted(set(keys), key=lambda k: (k[0], list(CLASSES).index(k[1])))
    rows: list[tuple[str, ...]] = []
    for queue, klass in ordered:
        for plan in plans:
            waits = plan.summary.waits.get((queue, klass))
            if waits is None:
                continue
            half = f" ±{minutes(waits.half_s)}" if waits.half_s else ""
            rows.append(
                (
                    queue_name(rules, queue),
                    CLASSES[klass],
                    plan.name,
                    str(waits.count),
                    f"{minutes(waits.mean_s)}{half}",
                    minutes(waits.p50_s),
                    minutes(waits.p90_s),
                    minutes(waits.longest_s),
                )
            )
    return rows


def fact_rows(plans: Sequence[Plan]) -> list[tuple[str, ...]]:
    """One fact a row, one plan a column."""
    summaries = [p.summary for p in plans]
    all_ends = {end for s in summaries for end in s.ends}
    ends = [end for end in ENDS if end in all_ends] + sorted(all_ends - ENDS.keys())
    facts: list[tuple[str, Callable[[Summary], str]]] = [
        ("每天来人 residents a day", lambda s: f"{s.residents / s.days:.1f}")
    ]
    facts += [(ENDS.get(end, end), _share(end)) for end in ends]
    facts += [
        ("平均等候 mean wait, min", lambda s: minutes(_overall(s).mean_s)),
        ("其中开放时间 of it in open hours, min", lambda s: minutes(s.open_mean_s)),
        ("最长等候 longest wait, min", lambda s: minutes(_overall(s).longest_s)),
        ("最多被几人超过 passed by at most", lambda s: str(s.passed_most)),
        ("平均被几人超过 passed by on average", lambda s: f"{s.passed_mean:.2f}"),
        ("超过者最多晚到 passers came later by ≤, min", lambda s: minutes(s.passed_later_s)),
        ("窗口利用差异 spread of window use", lambda s: f"{s.spread:.1%}"),
        ("在小票范围内 within the ticket's range", lambda s: f"{s.promised_held:.0%}"),
        ("小票误差 ticket's error, min", lambda s: minutes(s.promise_error_s)),
        ("最后办结 last visit ends", lambda s: clock(s.last_s)),
    ]
    return [(name, *(told(s) for s in summaries)) for name, told in facts]


def _overall(summary: Summary) -> Waits:
    return summary.waits.get(("", ""), NOBODY)


def _share(end: str) -> Callable[[Summary], str]:
    def told(summary: Summary) -> str:
        count = summary.ends.get(end, 0)
        return f"{count} ({count / summary.residents:.1%})" if count else "0"

    return told


def use_rows(plans: Sequence[Plan]) -> list[tuple[str, ...]]:
    """Each window's use in each plan, with its deviation over the days."""
    numbers = sorted({u.window for p in plans for u in p.summary.windows})
    rows = []
    for number in numbers:
        uses = [next((u for u in p.summary.windows if u.window == number), None) for p in plans]
        cells = [f"{u.mean:.0%} ±{u.deviation:.0%}" if u else "–" for u in uses]
        rows.append((str(number), *cells))
    return rows


def as_json(plans: Sequence[Plan]) -> dict[str, Any]:
    """Everything, in seconds, for programs."""
    found: dict[str, Any] = {}
    for plan in plans:
        body = asdict(plan.summary)
        body["waits"] = [
            {"queue": queue, "class": klass, **asdict(waits)}
            for (queue, klass), waits in plan.summary.waits.items()
        ]
        found[plan.name] = body
    return {"plans": found}
