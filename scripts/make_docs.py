"""Make docs/{visit,keys,drivers,alarms}.md and docs/protocol/ from the code.

Usage: python scripts/make_docs.py. tests/tidy compares what is committed with what this makes.
The keys' table is not written by hand: each key is tried on a hall in each state of a window.
"""

import sys
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import get_args, get_type_hints

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

from hallctl.core import commands as c  # noqa: E402 - the path is set just above
from hallctl.core import events as e  # noqa: E402
from hallctl.core.decide import decide  # noqa: E402
from hallctl.core.hall import Hall  # noqa: E402
from hallctl.core.keys import STAFF_DIGITS, meaning  # noqa: E402
from hallctl.core.moment import Moment  # noqa: E402
from hallctl.core.refused import Refused  # noqa: E402
from hallctl.core.reports import Key, KeyPressed  # noqa: E402
from hallctl.core.rules import Item, Queue, Rules, Span, Staff, Window  # noqa: E402
from hallctl.core.step import Step  # noqa: E402
from hallctl.core.visit import OPEN, TRANSITIONS  # noqa: E402
from hallctl.texts import say  # noqa: E402
from scripts.alarms_page import alarms_page  # noqa: E402
from scripts.drivers_page import drivers_page  # noqa: E402
from scripts.protocol_docs import protocol_documents  # noqa: E402

NOTE = "<!-- Made by scripts/make_docs.py; do not edit. -->"

# ---- the visit ---------------------------------------------------------------------------------

Arrow = tuple[str, str, str]
"""(status before, event, status after)."""


def arrows() -> list[Arrow]:
    """Every transition, with what is not in the table: the issue, the ends that depend."""
    found: list[Arrow] = [
        ("[*]", "TicketIssued", "waiting"),
        ("[*]", "PreprintedEntered", "waiting"),
        ("[*]", "PreprintedEntered", "finished"),
    ]
    for (before, event), after in TRANSITIONS.items():
        ends = backs(event) or (after,)
        found += [(before, event.__name__, end) for end in ends]
    found += [("called", "CallWithdrawn", back) for back in backs(e.CallWithdrawn)]
    return found


def backs(event: type[e.Event]) -> tuple[str, ...]:
    """Where an event may lead back to, when its end depends on what was before; else none."""
    return get_args(get_type_hints(event).get("back_to"))


def diagram() -> list[str]:
    """The Mermaid state diagram: one arrow a pair of statuses, all its events on it."""
    labels: dict[tuple[str, str], list[str]] = {}
    for before, event, after in arrows():
        labels.setdefault((before, after), []).append(event)
    statuses = dict.fromkeys(after for _, _, after in arrows())
    lines = ["```mermaid", "stateDiagram-v2"]
    lines += [
        f'    state "{status} {say("zh", f"status.{status}")}" as {status}' for status in statuses
    ]
    lines += [f"    {b} --> {a}: {', '.join(events)}" for (b, a), events in labels.items()]
    ends = [s for s in statuses if s not in OPEN and all(b != s for b, _, _ in arrows())]
    return [*lines, *(f"    {status} --> [*]" for status in ends), "```"]


def what(event: str) -> str:
    """The first sentence of an event's own description."""
    words = " ".join((getattr(e, event).__doc__ or "").split())
    return words.split(". ")[0].rstrip(".") + "."


def visit_page() -> str:
    """docs/visit.md."""
    rows = [
        f"| {before if before != '[*]' else '(none)'} | `{event}` | {after} | {what(event)} |"
        for before, event, after in arrows()
    ]
    lines = [
        "# The life of a visit",
        "",
        NOTE,
        "",
        "One table moves every visit: `TRANSITIONS` in `hallctl/core/visit.py`. A pair of status",
        "and event that is not in it cannot happen; whoever asks for it is told so in words.",
        "",
        *diagram(),
        "",
        "| status | event | status after | what it means |",
        "|---|---|---|---|",
        *rows,
        "",
        "An event with several ends leads back to where the visit was before. An open visit",
        f"({', '.join(OPEN)}) is voided with the reason",
        "`day_end` when the day closes, so none stays in between.",
    ]
    return "\n".join(lines) + "\n"


# ---- the keys ----------------------------------------------------------------------------------

KEYS: tuple[tuple[str, Key, str], ...] = (
    ("呼叫", "call", ""),
    ("号码 + 呼叫", "call", "3"),
    ("重呼", "recall", ""),
    ("确认（开始）", "confirm", ""),
    ("工号 + 确认", "confirm", "1001"),
    ("评价（办结）", "rate", ""),
    ("过号（6 + 确认）", "no_show", ""),
    ("挂起（0 + 确认）", "hold", ""),
    ("回呼（3 + 确认）", "resume", ""),
    ("转移", "transfer", ""),
    ("窗口号 + 转移", "transfer", "2"),
    ("暂停", "pause", ""),
    ("取消", "cancel", ""),
    ("排队", "line", ""),
)
"""(as printed on the keypad, its name, what was typed before it)."""

RULES = Rules(
    hall="示例",
    hall_en="Example",
    seal="例",
    timezone="Asia/Shanghai",
    queues=(Queue("A", "综合", "General", "综合", "A", (1, 2)),),
    windows=(
        Window(1, "综合服务窗口", "General", "综合", ("A",)),
        Window(2, "综合服务窗口", "General", "综合", ("A",)),
    ),
    workdays=(1, 2, 3, 4, 5),
    sessions=(Span(9 * 3600, 17 * 3600),),
    taking=(Span(9 * 3600, 17 * 3600),),
    default_queue="A",
    stuck_queue="A",
    items=(Item("ZH01", "示例事项", "A", ""),),
    staff=(Staff("1001", post_a=(1,)),),
)
DAY, MONDAY = "2026-11-23", 1
NINE_S = 9 * 3600
MIDNIGHT_S = 1_795_363_200.0


class Example:
    """A hall with two windows at 9:00; what is asked of it happens at window 1."""

    def __init__(self, rules: Rules = RULES) -> None:
        self.hall = Hall()
        self.now = Moment(MIDNIGHT_S + NINE_S, 0.0, DAY, NINE_S, MONDAY)
        self._step = Step(self.hall, "example")
        self._asked = 0
        self.ask(c.Wake(rules=rules, digest="example"), c.Tick())

    def ask(self, *commands: c.Command) -> "Example":
        """Let them happen. Raises RuntimeError when one is refused: the example would be wrong."""
        for command in commands:
            self._asked += 1
            asked = c.Asked(str(self._asked), "docs", command)
            answer = self._step(asked, self.now).answer
            if not answer["ok"]:
                raise RuntimeError(f"{command}: {answer}")
        return self

    def later(self, seconds: int) -> "Example":
        """Let time pass."""
        n = self.now
        self.now = replace(
            n, wall_s=n.wall_s + seconds, mono_s=n.mono_s + seconds, day_s=n.day_s + seconds
        )
        return self

    def issue(self, tickets: int) -> "Example":
        """So many take a number, one a second."""
        for _ in range(tickets):
            self.ask(c.IssueTicket(queue="A")).later(1)
        return self


def _called(times: int) -> Example:
    example = Example().issue(3).ask(c.CallNext(window=1)).later(30)
    for _ in range(times - 1):
        example.ask(c.Recall(window=1)).later(30)
    return example


def _serving() -> Example:
    return _called(1).ask(c.Start(window=1)).later(30)


STATES: tuple[tuple[str, str, Callable[[], Example]], ...] = (
    ("未开放", "nobody has signed on, where the hall asks for it",
     lambda: Example(replace(RULES, sign_on=True)).issue(3)),
    ("空闲，没人等", "idle, nobody waits", lambda: Example().later(60)),
    ("空闲，有人等", "idle, A001 to A003 wait", lambda: Example().issue(3).later(60)),
    ("刚叫号", "A001 was called 2 s ago; A002 and A003 wait",
     lambda: Example().issue(3).ask(c.CallNext(window=1)).later(2)),
    ("已叫 1 次", "A001 was called 30 s ago", lambda: _called(1)),
    ("已叫 3 次", "A001 was called three times, the last 30 s ago", lambda: _called(3)),
    ("办理中", "A001 is served for 30 s", _serving),
    ("办理中，还有事项", "A001 is served and has one more matter",
     lambda: _serving().ask(c.AddMatter(visit="A001", item="ZH01"))),
    ("刚办结", "A001 was finished 2 s ago, the pad asks",
     lambda: _serving().ask(c.Finish(window=1)).later(2)),
    ("有挂起的号", "A001 stepped aside 30 s ago",
     lambda: _serving().ask(c.Hold(window=1)).later(30)),
    ("暂停", "paused for 30 s, A001 to A003 wait",
     lambda: Example().issue(3).ask(c.Pause(window=1)).later(30)),
    ("已登录", "clerk 1001 has signed on, A001 to A003 wait",
     lambda: Example().issue(3).ask(c.SignOn(window=1, staff="1001")).later(30)),
)  # fmt: skip
"""(name, what it is, how a hall comes there)."""

ACTS: dict[type[e.Event], str] = {
    e.TicketCalled: "叫 {label}",
    e.TicketRecalled: "再叫 {label}",
    e.ServiceStarted: "开始办",
    e.ServiceFinished: "办结",
    e.MatterFinished: "办完一项，接着办下一项",
    e.TicketMissed: "{label} 过号",
    e.VisitHeld: "挂起 {label}",
    e.VisitTransferred: "{label} 转走",
    e.CallWithdrawn: "撤回叫号 {label}",
    e.StartUndone: "撤回开始",
    e.FinishUndone: "撤回办结",
    e.HoldUndone: "撤回挂起",
    e.MissUndone: "撤回过号",
    e.RatingClosed: "评价结束",
    e.WindowPaused: "暂停",
    e.WindowResumed: "恢复",
    e.StaffSignedOn: "登录",
    e.StaffSignedOff: "退出",
}


@dataclass(frozen=True, slots=True)
class Cell:
    """What a key does in a state. `accepted` is False for a refusal, with its words."""

    accepted: bool
    words: str
    command: str
    events: str


def tried(example: Example, key: Key, digits: str) -> Cell:
    """Press the key at window 1 and see."""
    command = meaning(example.hall, KeyPressed(window=1, key=key, digits=digits, press="docs"))
    if command is None:
        return Cell(False, say("zh", "refused.no_key").rstrip("。"), "(none)", "`no_key`")
    name = f"`{type(command).__name__}`"
    try:
        events = decide(example.hall, command, example.now)
    except Refused as refused:
        return Cell(False, refused.words()["zh"].rstrip("。"), name, f"`{refused.code}`")
    words = [ACTS[type(event)].format(label=getattr(event, "label", "")) for event in events]
    return Cell(True, "，".join(words), name, ", ".join(f"`{type(x).__name__}`" for x in events))


def table() -> dict[str, dict[str, Cell]]:
    """State → key → what it does."""
    return {
        state: {label: tried(arrive(), key, digits) for label, key, digits in KEYS}
        for state, _, arrive in STATES
    }


def keys_page() -> str:
    """docs/keys.md."""
    cells = table()
    names = [state for state, _, _ in STATES]
    lines = [
        "# What each key of a window's keypad does",
        "",
        NOTE,
        "",
        "Found by pressing each key (`meaning` in `hallctl/core/keys.py`) in each state of a",
        "window. A dot is a press that is refused: the keypad beeps, nothing changes, and the",
        "journal has a `KeyRefused` with the reason. Digits typed before a key go with it;",
        f"{STAFF_DIGITS} digits or more and 确认 are a clerk's number (工号). On keypads that have",
        "keys of their own for it, 开始 is 确认 and 办结 is 评价. 号码 here is `3` (A003), 窗口号",
        "`2`, 工号 `1001` (A岗 of the window).",
        "",
        "| key | " + " | ".join(names) + " |",
        "|---" * (len(names) + 1) + "|",
    ]
    for label, _, _ in KEYS:
        row = [cells[s][label].words if cells[s][label].accepted else "·" for s in names]
        lines.append(f"| **{label}** | " + " | ".join(row) + " |")
    for state, meant, _ in STATES:
        lines += ["", f"## {state}", "", f"{meant[0].upper()}{meant[1:]}.", ""]
        lines += [
            "| key | asks for | what happens, or why not | events or code |",
            "|---|---|---|---|",
        ]
        for label, cell in cells[state].items():
            mark = "" if cell.accepted else "✗ "
            lines.append(f"| {label} | {cell.command} | {mark}{cell.words} | {cell.events} |")
    return "\n".join(lines) + "\n"


def documents() -> dict[Path, str]:
    """Every generated document: where it lies, and what it says."""
    docs = ROOT / "docs"
    return {
        docs / "visit.md": visit_page(),
        docs / "keys.md": keys_page(),
        docs / "drivers.md": drivers_page(NOTE),
        docs / "alarms.md": alarms_page(NOTE),
        **protocol_documents(),
    }


def main() -> None:
    """Write them."""
    for path, text in documents().items():
        path.write_text(text, "utf-8")
        print(path)


if __name__ == "__main__":
    main()
