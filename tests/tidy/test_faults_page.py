"""docs/faults.md names tests that exist, and leaves out no fault; docs/drill.md has every step."""

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "faults.md").read_text("utf-8")
DRILL = (ROOT / "docs" / "drill.md").read_text("utf-8")
FAULTS = 39
COLUMNS = 6
ROWS = {
    int(cells[0]): cells
    for line in re.findall(r"^\| (\d+ \|.*) \|$", PAGE, re.MULTILINE)
    for cells in [[cell.strip() for cell in line.split(" | ")]]
}
NAMED = re.findall(r"`(\w+/\w+\.py)::(\w+)`", PAGE)
STEPS = re.findall(r"^\| D(\d+) \|", DRILL, re.MULTILINE)


def defined_in(path):
    """The names of the tests in a file, without running it."""
    tree = ast.parse(path.read_text("utf-8"))
    return {
        node.name
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and node.name.startswith("test_")
    }


def test_every_fault_has_its_row_with_every_column_filled_in():
    assert sorted(ROWS) == list(range(1, FAULTS + 1))
    assert {number: len(cells) for number, cells in ROWS.items() if len(cells) != COLUMNS} == {}
    assert [number for number, cells in ROWS.items() if not all(cells)] == []


@pytest.mark.parametrize(("file", "name"), sorted(set(NAMED)))
def test_a_test_that_the_page_names_exists(file, name):
    assert name in defined_in(ROOT / "tests" / file)


def test_every_row_is_shown_by_a_test():
    shown = {number: re.findall(r"\.py::test_", cells[4]) for number, cells in ROWS.items()}
    assert [number for number, tests in shown.items() if not tests] == []


def test_every_test_of_tests_faults_is_in_the_table():
    files = {path.name for path in (ROOT / "tests" / "faults").glob("test_*.py")}
    named = {file.removeprefix("faults/") for file, _ in NAMED if file.startswith("faults/")}
    assert files == named


def test_steps_of_the_drill_are_counted_without_a_gap_and_each_that_is_named_is_there():
    in_order = [str(n) for n in range(1, len(STEPS) + 1)]
    assert in_order == STEPS
    named = {step for cells in ROWS.values() for step in re.findall(r"D(\d+)", cells[5])}
    assert named <= set(STEPS)
