"""The catalogue of the repository on the clerk's and the guide's pages: nothing is cut off."""

import pytest

from clerk_life import Terminal
from hallctl.config.load import load
from hallctl.core import commands as c
from hallctl.device import driver_class
from running import ROOT


@pytest.fixture(scope="module")
def rules():
    return load(ROOT, driver_class=driver_class).rules


def whole(terminal):
    """The page as drawn has no text that was cut off; answers its targets."""
    canvas = terminal.canvas()
    assert [line.text for line in canvas.written if line.cut] == []
    return [t.id for t in canvas.targets]


def choosable(terminal, *touches):
    """The items of every kind that can be touched, on all sheets."""
    found = []
    terminal.touch(*touches)
    for tile in [t for t in whole(terminal) if t.startswith("category:")]:
        terminal.touch(tile)
        while True:
            targets = whole(terminal)
            found += [t.removeprefix("code:") for t in targets if t.startswith("code:")]
            if "page:1" not in targets:
                break
            terminal.touch("page:1")
        terminal.touch("back", *touches)
    return found


def test_every_item_can_be_chosen_at_a_window(rules):
    terminal = Terminal(rules=rules)
    terminal.bench.ask(c.IssueTicket(queue="A", kiosk="kiosk-1"))
    terminal.touch("next", "start")
    assert sorted(choosable(terminal, "item:set")) == sorted(i.code for i in rules.items)


def test_a_number_can_be_taken_for_every_item_and_every_queue_at_the_guides_desk(rules):
    terminal = Terminal(guide=True, rules=rules)
    assert sorted(choosable(terminal, "issue")) == sorted(i.code for i in rules.items)
    queues = set()
    for tile in ["", *[t for t in whole(terminal) if t.startswith("category:")]]:
        terminal.touch(*([tile] if tile else []))
        while "page:1" in whole(terminal):
            terminal.touch("page:1")
        queues |= {t for t in whole(terminal) if t.startswith("queue:")}
        terminal.touch("back", "issue")
    assert queues == {f"queue:{q.id}" for q in rules.queues}


def test_the_papers_of_every_item_can_be_read_and_ticked(rules):
    terminal = Terminal(rules=rules)
    terminal.bench.ask(c.IssueTicket(queue="A", kiosk="kiosk-1"))
    terminal.touch("next", "start")
    for item in rules.items:
        terminal.bench.ask(c.SetItem(visit=terminal.hall.windows[1].visit, item=item.code))
        terminal.screen.model.sheet = 0
        ticked = []
        while True:
            targets = whole(terminal)
            ticked += [t for t in targets if t.startswith("tick:")]
            if "sheet:1" not in targets:
                break
            terminal.touch("sheet:1")
        assert len(ticked) == len(item.materials), item.code
