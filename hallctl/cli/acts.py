"""What is done every minute (issue, call, status), and what a supervisor sets for the day."""

from typing import Annotated

import typer
from rich.table import Table

from hallctl.cli.asking import (
    HERE,
    HallOption,
    JsonOption,
    StateOption,
    ask,
    day_seconds,
    did,
    out,
    place_of,
    told,
)
from hallctl.core import commands as c

app = typer.Typer()
queue = typer.Typer(no_args_is_help=True, help="Open or close a queue (队列) for today.")
evacuate = typer.Typer(no_args_is_help=True, help="Everybody must leave (紧急疏散).")

Letter = Annotated[str, typer.Argument(help="The queue's letter.", metavar="X")]


@app.command()
def issue(
    what: Annotated[str, typer.Argument(help="A queue's letter (A) or an item's code (SB01).")],
    hall: HallOption = HERE,
    state: StateOption = None,
    priority: Annotated[bool, typer.Option("--priority", help="优先")] = False,
    kiosk: Annotated[
        str, typer.Option(help="Print at the printer that serves this kiosk; none without it.")
    ] = "",
    as_json: JsonOption = False,
) -> None:
    """Take a number (取号)."""
    command = c.IssueTicket(
        queue=what.upper() if len(what) == 1 else "",
        item=what.upper() if len(what) > 1 else "",
        klass="priority" if priority else "ordinary",
        kiosk=kiosk,
        paper=bool(kiosk),
    )
    found = told(ask(place_of(hall, state), "guide", command), as_json=as_json)
    if not as_json:
        out.print(f"[bold]{found['label']}[/bold]  前面 {found['ahead']} 人")


@app.command()
def call(
    window: Annotated[int, typer.Argument(help="The window's number.")],
    label: Annotated[str, typer.Argument(help="A ticket (特呼); none for the next.")] = "",
    hall: HallOption = HERE,
    state: StateOption = None,
    as_json: JsonOption = False,
) -> None:
    """Call the next ticket to a window (顺呼), or one ticket (特呼)."""
    command: c.Command = (
        c.CallTicket(window=window, label=label) if label else c.CallNext(window=window)
    )
    found = told(ask(place_of(hall, state), "window", command), as_json=as_json)
    if not as_json:
        called = found.get("label")
        words = f"请 [bold]{called}[/bold] 到 {window} 号窗口" if called else "已办结，没有人等候"
        out.print(words)


@app.command()
def status(hall: HallOption = HERE, state: StateOption = None, as_json: JsonOption = False) -> None:
    """Show how the running hall stands: queues, alerts, windows, devices."""
    found = told(ask(place_of(hall, state), "supervisor", None), as_json=as_json)
    if as_json:
        return
    now = found["now"]
    clock = f"{now['day_s'] // 3600}:{now['day_s'] // 60 % 60:02d}"
    out.print(f"{now['day']} {clock}  {found['opening']}  event {found['seq']}  pid {found['pid']}")
    waiting = "  ".join(f"{queue} {n}" for queue, n in found["waiting"].items())
    out.print(f"等候 waiting: {waiting}", highlight=False)
    for alert in found["alerts"]:
        style = "bold red" if alert["level"] == "red" else "yellow"
        out.print(f"⚠ {alert['level']}  {alert['words']}", style=style, highlight=False)
    table = Table("window", "status", "ticket", "staff")
    for window in found["windows"]:
        label = window["visit"].rpartition("-")[2]
        table.add_row(str(window["number"]), window["status"], label, window["staff"])
    out.print(table)
    table = Table("device", "link", "parts", "evidence", "remedy")
    for device in found["devices"]:
        parts = " ".join(f"{k}={v}" for k, v in device["parts"].items())
        table.add_row(device["name"], device["link"], parts, device["evidence"], device["remedy"])
    out.print(table)


@queue.command("open")
def queue_open(
    letter: Letter, hall: HallOption = HERE, state: StateOption = None, as_json: JsonOption = False
) -> None:
    """Give numbers for the queue again."""
    command = c.OpenQueue(queue=letter.upper())
    did(hall, state, "supervisor", command, f"{letter.upper()} 队列恢复取号", as_json=as_json)


@queue.command("close")
def queue_close(
    letter: Letter,
    hall: HallOption = HERE,
    state: StateOption = None,
    reason: Annotated[str, typer.Option(help="Why; residents read it.")] = "",
    as_json: JsonOption = False,
) -> None:
    """Give no more numbers for the queue today (停号); those given are served."""
    command = c.CloseQueue(queue=letter.upper(), reason=reason)
    did(hall, state, "supervisor", command, f"{letter.upper()} 队列今天停号", as_json=as_json)


@app.command()
def notices(
    texts: Annotated[
        list[str] | None, typer.Argument(help="One text a notice; none for those of hall.yaml.")
    ] = None,
    hall: HallOption = HERE,
    state: StateOption = None,
    as_json: JsonOption = False,
) -> None:
    """Set what the hall screen shows in turn, until the day ends (通知)."""
    command = c.SetNotices(notices=tuple(texts or ()))
    words = f"大屏通知：{len(command.notices)} 条" if command.notices else "大屏通知：照 hall.yaml"
    did(hall, state, "supervisor", command, words, as_json=as_json)


@evacuate.command("start")
def evacuate_start(
    hall: HallOption = HERE,
    state: StateOption = None,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask whether it is meant.")] = False,
    as_json: JsonOption = False,
) -> None:
    """紧急疏散: every screen says to leave; no number and no call until it is ended."""
    if not yes:
        typer.confirm("所有屏幕都会显示“请马上离开”，确定吗？", abort=True)
    command = c.StartEvacuation(place="cli")
    did(hall, state, "guide", command, "正在疏散", as_json=as_json)


@evacuate.command("end")
def evacuate_end(
    hall: HallOption = HERE, state: StateOption = None, as_json: JsonOption = False
) -> None:
    """The hall may be entered again; everybody keeps number and place."""
    command = c.EndEvacuation(place="cli")
    did(hall, state, "guide", command, "疏散结束，号码和次序都没变", as_json=as_json)


@app.command("answer-help")
def answer_help(
    place: Annotated[str, typer.Argument(help="Who called, as kiosk-1.")],
    hall: HallOption = HERE,
    state: StateOption = None,
    as_json: JsonOption = False,
) -> None:
    """Say that a person is on the way to whoever called for help (叫人帮忙)."""
    command = c.AnswerHelp(place=place)
    did(hall, state, "guide", command, f"有人去 {place} 了", as_json=as_json)


@app.command()
def extend(
    until: Annotated[str, typer.Argument(help="Until when, today: 18:30.", metavar="HH:MM")],
    hall: HallOption = HERE,
    state: StateOption = None,
    as_json: JsonOption = False,
) -> None:
    """Serve, and give numbers, until a later time today (延时服务)."""
    command = c.ExtendHours(until_day_s=day_seconds(until))
    did(hall, state, "supervisor", command, f"延时服务到 {until}", as_json=as_json)
