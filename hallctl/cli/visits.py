"""`hallctl ticket …`: what the guide desk does with a ticket, by its label."""

from enum import StrEnum
from typing import Annotated

import typer

from hallctl.cli import preprinted
from hallctl.cli.asking import HERE, HallOption, JsonOption, StateOption, did
from hallctl.core import commands as c

app = typer.Typer(no_args_is_help=True, help="Cancel, rejoin, reprint or change a ticket (号票).")
app.add_typer(preprinted.app)

Label = Annotated[str, typer.Argument(help="The ticket's label, as A012.")]
ItemCode = Annotated[str, typer.Argument(help="An item's code (SB01), from catalogue.yaml.")]


class KlassName(StrEnum):
    """The classes of a ticket."""

    ORDINARY = "ordinary"
    PRIORITY = "priority"


@app.command("cancel")
def ticket_cancel(
    label: Label, hall: HallOption = HERE, state: StateOption = None, as_json: JsonOption = False
) -> None:
    """取消: the resident gives the ticket back; its number is not used again."""
    words = f"{label.upper()} 已取消"
    did(hall, state, "guide", c.CancelTicket(visit=label), words, as_json=as_json)


@app.command("rejoin")
def ticket_rejoin(
    label: Label, hall: HallOption = HERE, state: StateOption = None, as_json: JsonOption = False
) -> None:
    """过号重排: a missed ticket waits again, three places behind; once."""
    words = f"{label.upper()} 已重新排队"
    did(hall, state, "guide", c.Rejoin(visit=label), words, as_json=as_json)


@app.command("reprint")
def ticket_reprint(
    label: Label,
    hall: HallOption = HERE,
    state: StateOption = None,
    kiosk: Annotated[
        str, typer.Option(help="Whose printer prints it; without it where the ticket was taken.")
    ] = "",
    as_json: JsonOption = False,
) -> None:
    """补打: print the ticket once more, marked as a copy."""
    words = f"{label.upper()} 正在补打"
    did(hall, state, "guide", c.Reprint(visit=label, kiosk=kiosk), words, as_json=as_json)


@app.command("item")
def ticket_item(
    label: Label,
    item: ItemCode,
    hall: HallOption = HERE,
    state: StateOption = None,
    as_json: JsonOption = False,
) -> None:
    """定事项: say what the visit is about (the resident had pressed 不清楚)."""
    command = c.SetItem(visit=label, item=item.upper())
    did(hall, state, "guide", command, f"{label.upper()} 办 {item.upper()}", as_json=as_json)


@app.command("matter")
def ticket_matter(
    label: Label,
    item: ItemCode,
    hall: HallOption = HERE,
    state: StateOption = None,
    as_json: JsonOption = False,
) -> None:
    """加办事项: one more item on the same ticket (一票到底)."""
    command = c.AddMatter(visit=label, item=item.upper())
    did(hall, state, "guide", command, f"{label.upper()} 加办 {item.upper()}", as_json=as_json)


@app.command("class")
def ticket_class(
    label: Label,
    klass: Annotated[KlassName, typer.Argument(help="priority (优先) or ordinary (普通).")],
    hall: HallOption = HERE,
    state: StateOption = None,
    as_json: JsonOption = False,
) -> None:
    """改类别: give or take priority; the place follows from when the ticket was taken."""
    command = c.ChangeClass(visit=label, klass=klass.value)
    name = "优先" if klass is KlassName.PRIORITY else "普通"
    did(hall, state, "guide", command, f"{label.upper()} 改为{name}", as_json=as_json)
