"""`hallctl devices`: how each device is, words first, the evidence behind."""

import json
import sys
import time
from collections.abc import Callable
from typing import Annotated, Any

import typer
from rich.console import Group
from rich.live import Live
from rich.markup import escape
from rich.table import Table
from rich.text import Text

from hallctl.asked import Answer
from hallctl.cli import seeing
from hallctl.cli.asking import (
    ASK_S,
    EX_NOBODY,
    HERE,
    HallOption,
    JsonOption,
    StateOption,
    is_there,
    nobody,
    out,
    place_of,
)
from hallctl.client import HallClient
from hallctl.place import Place
from hallctl.scanning import entries_in
from hallctl.texts import say

app = typer.Typer()

EVERY_S = 1.0
"""How often --watch asks for the wires; events come by themselves."""

LangOption = Annotated[str, typer.Option("--lang", help="zh or en.")]
Look = Callable[[], seeing.Known]


@app.command(
    epilog="Ends with 0 when all are fine, 1 when something is wrong, 3 when nothing is but a "
    "device has never told its state, 69 when no daemon runs."
)
def devices(
    hall: HallOption = HERE,
    state: StateOption = None,
    watch: Annotated[
        bool, typer.Option("--watch", "-w", help="Keep showing, until Ctrl-C.")
    ] = False,
    lang: LangOption = "zh",
    as_json: JsonOption = False,
) -> None:
    """Show how each device is, what to do about it, and what that is known by."""
    place = place_of(hall, state)
    follower = Follower(place)
    try:
        told = seeing.rows(follower.known(), lang)
        if watch:
            _watch(follower, lang)
        status, words = seeing.all_in_all(told, lang)
        if as_json:
            body = {"ok": not status, "words": words, "devices": [*map(seeing.as_words, told)]}
            sys.stdout.write(json.dumps(body, ensure_ascii=False) + "\n")
        elif not watch:
            out.print(shown(told, lang))
        raise typer.Exit(0 if watch else status)
    finally:
        follower.close()


class Follower:
    """Follows the bus as a technician, and asks for what is no event: the wires as they are now.

    Exits with 69 when nobody answers; `quiet` leaves it to the caller to say so.
    """

    def __init__(self, place: Place, *, quiet: bool = False) -> None:
        self.place = place
        self._quiet = quiet
        if not is_there(place, "technician"):
            self._nobody()
        self.client = HallClient(place.bus, "technician", "cli")
        self.drivers = {entry.name: entry.driver for entry in entries_in(place.hall)[0]}

    def status(self) -> dict[str, Any]:
        """The daemon's condition, and the mirror filled. Exits with 69 when nobody answers."""
        until_s = time.monotonic() + ASK_S
        asked, found = self.client.ask_status(), None
        while time.monotonic() < until_s and (found is None or self.client.hall.rules is None):
            for heard in self.client.poll(0.1):
                if isinstance(heard, Answer) and heard.id == asked:
                    found = heard.result
        if found is None or self.client.hall.rules is None:
            self.close()
            self._nobody()
        assert found is not None
        return found

    def _nobody(self) -> None:
        if self._quiet:
            raise typer.Exit(EX_NOBODY)
        nobody(self.place)

    def known(self) -> seeing.Known:
        """All that is known of the devices now."""
        found = self.status()
        return seeing.Known(
            hall=self.client.hall,
            wires={wire["name"]: wire for wire in found.get("wires", ())},
            paper_left=found.get("paper_left", {}),
            drivers=self.drivers,
            now_s=found["now"]["wall_s"],
        )

    def close(self) -> None:
        """Leave the bus."""
        self.client.close()


def shown(told: list[seeing.Row], lang: str, *, worst_first: bool = False) -> Group:
    """The rows as a table of three columns, evidence dim, and a sentence below.

    `worst_first` for a screen that is too small for all: the sentence and what is wrong on top.
    """
    if worst_first:
        told = sorted(told, key=lambda row: tuple(seeing.STYLES).index(row.health), reverse=True)
    table = Table(show_lines=True)
    for head in ("name", "state", "mend"):
        table.add_column(say(lang, f"devices.{head}"), overflow="fold")
    for row in told:
        places = " ".join([*map(str, row.windows), *row.serves])
        about = "  ".join(filter(None, (say(lang, f"kind.{row.kind}"), places, row.driver)))
        style = seeing.STYLES[row.health]
        table.add_row(
            f"[bold]{escape(row.name)}[/]\n[dim]{escape(about)}[/]",
            f"[{style}]{seeing.MARKS[row.health]} {escape(row.words)}[/]"
            f"\n[dim]{escape(row.evidence)}[/]",
            escape(row.mend),
        )
    _, words = seeing.all_in_all(told, lang)
    parts = [table, Text(words)] if told else [Text(words)]
    return Group(*(reversed(parts) if worst_first else parts))


def _watch(follower: Follower, lang: str) -> None:
    """Show the table again and again; a hall that went away is said, the last table stays."""
    with Live(console=out, auto_refresh=False) as live:
        try:
            while True:
                told = seeing.rows(follower.known(), lang)
                live.update(shown(told, lang, worst_first=True), refresh=True)
                until_s = time.monotonic() + EVERY_S
                while (left_s := until_s - time.monotonic()) > 0:
                    if any(not isinstance(heard, Answer) for heard in follower.client.poll(left_s)):
                        break
        except KeyboardInterrupt:
            return
