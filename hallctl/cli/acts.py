"""What people do at kiosks, windows and the guide desk, from the command line."""

from typing import Annotated

import typer
from rich.table import Table

from hallctl.cli.asking import HERE, HallOption, JsonOption, StateOption, ask, out, place_of, told
from hallctl.core import commands as c

app = typer.Typer()


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
    """Show how the running hall stands: queues, windows, devices."""
    found = told(ask(place_of(hall, state), "supervisor", None), as_json=as_json)
    if as_json:
        return
    now = found["now"]
    clock = f"{now['day_s'] // 3600}:{now['day_s'] // 60 % 60:02d}"
    out.print(f"{now['day']} {clock}  {found['opening']}  event {found['seq']}  pid {found['pid']}")
    waiting = "  ".join(f"{queue} {n}" for queue, n in found["waiting"].items())
    out.print(f"等候 waiting: {waiting}", highlight=False)
    table = Table("window", "status", "ticket")
    for window in found["windows"]:
        table.add_row(str(window["number"]), window["status"], window["visit"].rpartition("-")[2])
    out.print(table)
    table = Table("device", "link", "parts", "evidence", "remedy")
    for device in found["devices"]:
        parts = " ".join(f"{k}={v}" for k, v in device["parts"].items())
        table.add_row(device["name"], device["link"], parts, device["evidence"], device["remedy"])
    out.print(table)
