"""`hallctl window …`: what a clerk does at a window, by the window's number."""

from typing import Annotated

import typer

from hallctl.cli.asking import (
    HERE,
    HallOption,
    JsonOption,
    StateOption,
    ask,
    day_seconds,
    did,
    err,
    place_of,
    told,
)
from hallctl.core import commands as c

app = typer.Typer(no_args_is_help=True, help="What is done at a window (窗口).")

Number = Annotated[int, typer.Argument(help="The window's number.", metavar="N")]


@app.command("recall")
def window_recall(
    number: Number, hall: HallOption = HERE, state: StateOption = None, as_json: JsonOption = False
) -> None:
    """重呼: call the same ticket again (not sooner than 20 s, not oftener than the limit)."""
    words = "再叫 {label} 到 {window} 号窗口"
    did(hall, state, "window", c.Recall(window=number), words, as_json=as_json)


@app.command("start")
def window_start(
    number: Number, hall: HallOption = HERE, state: StateOption = None, as_json: JsonOption = False
) -> None:
    """开始办理: the resident has come."""
    words = f"{number} 号窗口开始办理"
    did(hall, state, "window", c.Start(window=number), words, as_json=as_json)


@app.command("finish")
def window_finish(
    number: Number, hall: HallOption = HERE, state: StateOption = None, as_json: JsonOption = False
) -> None:
    """办结: the matter is done and the pad asks for a rating; next matter of the ticket, if any."""
    words = f"{number} 号窗口办结"
    did(hall, state, "window", c.Finish(window=number), words, as_json=as_json)


@app.command("no-show")
def window_no_show(
    number: Number, hall: HallOption = HERE, state: StateOption = None, as_json: JsonOption = False
) -> None:
    """过号: called often enough, and nobody came."""
    words = f"{number} 号窗口过号"
    did(hall, state, "window", c.MarkNoShow(window=number), words, as_json=as_json)


@app.command("hold")
def window_hold(
    number: Number,
    hall: HallOption = HERE,
    state: StateOption = None,
    reason: Annotated[str, typer.Option(help="Why, as 去复印.")] = "",
    as_json: JsonOption = False,
) -> None:
    """挂起: the resident steps aside; the window is free, the visit is kept for today."""
    command = c.Hold(window=number, reason=reason)
    did(hall, state, "window", command, f"{number} 号窗口已挂起", as_json=as_json)


@app.command("back")
def window_back(
    number: Number,
    label: Annotated[str, typer.Argument(help="Which; none for the one held longest here.")] = "",
    hall: HallOption = HERE,
    state: StateOption = None,
    as_json: JsonOption = False,
) -> None:
    """回呼: call a held visit back."""
    command = c.CallBack(window=number, label=label)
    did(hall, state, "window", command, "请 {label} 回到 {window} 号窗口", as_json=as_json)


@app.command("transfer")
def window_transfer(
    number: Number,
    hall: HallOption = HERE,
    state: StateOption = None,
    queue: Annotated[str, typer.Option(help="To another queue, by its letter.")] = "",
    to: Annotated[int, typer.Option("--to", help="To one window, by its number.")] = 0,
    as_json: JsonOption = False,
) -> None:
    """转移: back to waiting with number and place kept; without options to its own queue."""
    command = c.Transfer(window=number, queue=queue.upper(), to_window=to)
    goal = f"到 {to} 号窗口" if to else f"到 {queue.upper()} 队列" if queue else "回队列"
    did(hall, state, "window", command, f"{number} 号窗口的号已转{goal}", as_json=as_json)


@app.command("undo")
def window_undo(
    number: Number, hall: HallOption = HERE, state: StateOption = None, as_json: JsonOption = False
) -> None:
    """撤回: take back the last press at the window, within 10 s."""
    words = f"{number} 号窗口已撤回上一步"
    did(hall, state, "window", c.Undo(window=number), words, as_json=as_json)


@app.command("walk-up")
def window_walk_up(
    number: Number,
    hall: HallOption = HERE,
    state: StateOption = None,
    item: Annotated[str, typer.Option(help="The item's code, when known.")] = "",
    queue: Annotated[str, typer.Option(help="The queue; without it the window's first.")] = "",
    as_json: JsonOption = False,
) -> None:
    """直接受理: serve somebody without a ticket; a number for the record, nothing announced."""
    command = c.ServeWalkUp(window=number, item=item.upper(), queue=queue.upper())
    did(hall, state, "window", command, "{window} 号窗口直接受理，记 {label}", as_json=as_json)


@app.command("stuck")
def window_stuck(
    number: Number,
    hall: HallOption = HERE,
    state: StateOption = None,
    place: Annotated[
        str, typer.Option(help="Whose printer prints it; without it the window's.")
    ] = "",
    as_json: JsonOption = False,
) -> None:
    """办不成事: a ticket for that window, with the visit that failed behind it."""
    command = c.RaiseStuck(window=number, place=place)
    did(hall, state, "window", command, "办不成事 {label}", as_json=as_json)


@app.command("pause")
def window_pause(
    number: Number,
    hall: HallOption = HERE,
    state: StateOption = None,
    reason: Annotated[str, typer.Option(help="Why, as 去取材料.")] = "",
    until: Annotated[str, typer.Option(help="When the clerk is back, today: 10:30.")] = "",
    as_json: JsonOption = False,
) -> None:
    """暂停: take nobody for now; a called ticket goes back to its place."""
    until_s = 0.0
    if until:
        until_day_s = day_seconds(until)
        now = told(ask(place_of(hall, state), "window", None), as_json=False)["now"]
        if until_day_s <= now["day_s"]:
            err.print(f"{until} 已经过去。  ({until} is past.)", highlight=False)
            raise typer.Exit(1)
        until_s = int(now["wall_s"]) - now["day_s"] + float(until_day_s)
    command = c.Pause(window=number, reason=reason, until_s=until_s)
    did(hall, state, "window", command, f"{number} 号窗口暂停", as_json=as_json)


@app.command("resume")
def window_resume(
    number: Number, hall: HallOption = HERE, state: StateOption = None, as_json: JsonOption = False
) -> None:
    """恢复: the pause is over."""
    words = f"{number} 号窗口恢复"
    did(hall, state, "window", c.Resume(window=number), words, as_json=as_json)


@app.command("sign-on")
def window_sign_on(
    number: Number,
    staff: Annotated[str, typer.Argument(help="The clerk's number (工号), from hall.yaml.")],
    hall: HallOption = HERE,
    state: StateOption = None,
    reason: Annotated[str, typer.Option(help="Why, when covering as B岗 or elsewhere.")] = "",
    as_json: JsonOption = False,
) -> None:
    """登录: a clerk takes the window."""
    command = c.SignOn(window=number, staff=staff, reason=reason)
    words = f"工号 {staff} 已在 {number} 号窗口登录"
    did(hall, state, "window", command, words, as_json=as_json)


@app.command("sign-off")
def window_sign_off(
    number: Number, hall: HallOption = HERE, state: StateOption = None, as_json: JsonOption = False
) -> None:
    """退出: the clerk leaves; a called ticket goes back to its place."""
    words = f"{number} 号窗口已退出"
    did(hall, state, "window", c.SignOff(window=number), words, as_json=as_json)


@app.command("queues")
def window_queues(
    number: Number,
    queues: Annotated[
        list[str] | None,
        typer.Argument(help="Letters, the preferred first; none for those of hall.yaml."),
    ] = None,
    hall: HallOption = HERE,
    state: StateOption = None,
    as_json: JsonOption = False,
) -> None:
    """Set what the window serves until the day ends."""
    letters = tuple(q.upper() for q in queues or ())
    command = c.SetWindowQueues(window=number, queues=letters)
    words = f"{number} 号窗口今天办 {'、'.join(letters) or 'hall.yaml 里的队列'}"
    did(hall, state, "supervisor", command, words, as_json=as_json)


@app.command("helping")
def window_helping(
    number: Number,
    switch: Annotated[str, typer.Argument(help="on or off.", metavar="on|off")],
    hall: HallOption = HERE,
    state: StateOption = None,
    as_json: JsonOption = False,
) -> None:
    """帮办: let the window help other queues (hall.yaml `helps:`), or no longer."""
    if switch not in ("on", "off"):
        raise typer.BadParameter(f"'{switch}' is neither on nor off")
    command = c.SetHelping(window=number, on=switch == "on")
    words = f"{number} 号窗口帮办：{'开' if command.on else '关'}"
    did(hall, state, "supervisor", command, words, as_json=as_json)


@app.command("notice")
def window_notice(
    number: Number,
    item: Annotated[str, typer.Argument(help="The item's code, as SB01.")],
    missing: Annotated[list[int], typer.Argument(help="Its materials by their place, from 1.")],
    hall: HallOption = HERE,
    state: StateOption = None,
    as_json: JsonOption = False,
) -> None:
    """一次性告知单: print what is still missing, all at once, on the window's printer."""
    command = c.PrintNotice(item=item.upper(), missing=tuple(missing), place=f"window-{number}")
    words = f"正在打印一次性告知单（{len(missing)} 项）"
    did(hall, state, "window", command, words, as_json=as_json)


@app.command("clear")
def window_clear(
    number: Number, hall: HallOption = HERE, state: StateOption = None, as_json: JsonOption = False
) -> None:
    """本区清空: while everybody leaves, say that nobody is left around the window."""
    words = f"{number} 号窗口一带已清空"
    did(hall, state, "window", c.ConfirmClear(window=number), words, as_json=as_json)
