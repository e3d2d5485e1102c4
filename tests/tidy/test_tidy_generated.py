"""The documents that are made from code are those that are committed, and say what is so."""

import importlib.util
import re
from pathlib import Path
from typing import get_args

import pytest

from hallctl.core import events as e
from hallctl.core.hall import WindowStatus
from hallctl.core.reports import Key
from hallctl.core.visit import TRANSITIONS, Status
from hallctl.simulator.twins.keypad_rs485 import KEYS as ON_KEYPAD

ROOT = Path(__file__).parents[2]
SCRIPT = ROOT / "scripts" / "make_docs.py"


def _make_docs():
    spec = importlib.util.spec_from_file_location("make_docs", SCRIPT)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


make_docs = _make_docs()
DOCUMENTS = make_docs.documents()
CELLS = make_docs.table()


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path.name)
def test_a_generated_document_is_as_the_code_makes_it(path):
    assert path.is_file(), f"run: python {SCRIPT.relative_to(ROOT)}"
    same = path.read_text("utf-8") == DOCUMENTS[path]
    assert same, f"{path.name} is old; run: python {SCRIPT.relative_to(ROOT)}"


def test_the_diagram_has_every_transition_and_every_status():
    page = DOCUMENTS[ROOT / "docs" / "visit.md"]
    for before, event, after in make_docs.arrows():
        assert re.search(
            rf"^    {re.escape(before)} --> {after}: .*\b{event}\b", page, re.MULTILINE
        )
    for (before, event), after in TRANSITIONS.items():
        assert re.search(rf"^    {before} --> {after}: .*\b{event.__name__}\b", page, re.MULTILINE)
    for status in get_args(Status):
        assert f"as {status}\n" in page
    for back in ("waiting", "held", "no_show"):
        assert ("called", "CallWithdrawn", back) in make_docs.arrows()
    for status in ("finished", "void"):
        assert f"    {status} --> [*]\n" in page


def test_every_key_and_every_state_of_a_window_is_in_the_table():
    assert {key for _, key, _ in make_docs.KEYS} >= set(ON_KEYPAD)
    missing = set(get_args(Key)) - {key for _, key, _ in make_docs.KEYS}
    assert missing == {"start", "finish"}, "those two are described as 确认 and 评价"
    arrived = {make().hall.windows[1].status for _, _, make in make_docs.STATES}
    assert arrived == set(get_args(WindowStatus))


def test_each_key_does_something_in_some_state_but_the_one_that_never_does():
    idle = [
        label
        for label, _, _ in make_docs.KEYS
        if not any(cells[label].accepted for cells in CELLS.values())
    ]
    assert idle == ["排队"]


@pytest.mark.parametrize(
    ("state", "key", "words"),
    [
        ("空闲，有人等", "呼叫", "叫 A001"),
        ("空闲，有人等", "号码 + 呼叫", "叫 A003"),
        ("空闲，有人等", "工号 + 确认", "登录"),
        ("已登录", "工号 + 确认", "退出"),
        ("刚叫号", "取消", "撤回叫号 A001"),
        ("刚办结", "取消", "撤回办结"),
        ("已叫 3 次", "过号（6 + 确认）", "A001 过号"),
        ("办理中", "呼叫", "办结，叫 A002"),
        ("办理中，还有事项", "评价（办结）", "办完一项，接着办下一项"),
        ("有挂起的号", "回呼（3 + 确认）", "叫 A001"),
        ("暂停", "暂停", "恢复"),
    ],
)
def test_the_table_says_what_clerks_are_taught(state, key, words):
    cell = CELLS[state][key]
    assert (cell.accepted, cell.words) == (True, words)


@pytest.mark.parametrize(
    ("state", "key", "code"),
    [
        ("刚叫号", "重呼", "too_soon"),
        ("已叫 1 次", "过号（6 + 确认）", "no_show_early"),
        ("已叫 1 次", "取消", "undo_late"),
        ("办理中", "暂停", "busy"),
        ("办理中，还有事项", "呼叫", "matters_left"),
        ("未开放", "呼叫", "not_signed_on"),
        ("空闲，没人等", "呼叫", "nobody_waits"),
    ],
)
def test_the_table_says_why_a_press_is_refused(state, key, code):
    cell = CELLS[state][key]
    assert (cell.accepted, cell.events) == (False, f"`{code}`")
    assert re.search(r"[\u4e00-\u9fff]", cell.words)


def test_an_event_without_words_for_the_table_would_stop_the_script():
    seen = {name for cells in CELLS.values() for cell in cells.values() if cell.accepted
            for name in re.findall(r"`(\w+)`", cell.events)}  # fmt: skip
    assert seen <= {event.__name__ for event in make_docs.ACTS}
    assert {event.__name__ for event in make_docs.ACTS} <= {x.__name__ for x in e.EVENTS}
