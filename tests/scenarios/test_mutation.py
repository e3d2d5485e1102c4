"""Every rule is told by some scenario: with the rule broken, a scenario fails.

`pytest -s tests/scenarios/test_mutation.py` prints which scenarios caught which mistake.
"""

import inspect
import sys
import textwrap
import types
from functools import cache
from pathlib import Path

import pytest

from hallctl.core import discipline
from hallctl.core.visit import TRANSITIONS
from scenarios.mutations import MUTATIONS
from scenarios.reading import ScenarioError, read
from scenarios.sights import play

SCENARIOS = [read(path) for path in sorted(Path(__file__).parent.glob("*.txt"))]


ENOUGH = 3
"""So many scenarios that catch a mistake are told; then the next mistake is tried."""


@cache
def touched() -> dict[str, set[object]]:
    """Which functions each scenario calls and which events it makes, while nothing is wrong.

    One that never comes by a rule cannot see that it is broken, so it need not be played.
    """
    found = {}
    for scenario in SCENARIOS:
        seen: set[object] = set()
        sys.setprofile(lambda frame, *_, seen=seen: seen.add(frame.f_code))
        try:
            hall = play(scenario)
        finally:
            sys.setprofile(None)
        found[scenario.name] = seen | {type(recorded.event) for recorded in hall.recorded}
    return found


def caught(part: object = None) -> list[str]:
    """The first scenarios that fail now, of those that come by a function's code or an event."""
    found = []
    for scenario in SCENARIOS:
        if part is not None and part not in touched()[scenario.name]:
            continue
        try:
            play(scenario)
        except ScenarioError:
            found.append(scenario.name.removesuffix(".txt"))
        if len(found) == ENOUGH:
            break
    return found


def tell(mistake: str, found: list[str]) -> None:
    print(f"\n  {mistake} → {', '.join(found) or 'NOBODY'}", end="")


def changed(function: types.FunctionType, old: str, new: str) -> types.CodeType:
    """The code of a function of ours with one change in its text."""
    source = textwrap.dedent(inspect.getsource(function))
    assert old in source, f"{function.__qualname__} holds no {old!r} any more: mend mutations.py"
    space = dict(function.__globals__)
    exec(compile(source.replace(old, new, 1), function.__code__.co_filename, "exec"), space)
    return space[function.__name__].__code__


def words(text: str) -> str:
    return " ".join(text.split())


@pytest.mark.parametrize(
    ("function", "old", "new"),
    MUTATIONS,
    ids=[f"{f.__qualname__}: {words(old)} ⇒ {words(new)}" for f, old, new in MUTATIONS],
)
def test_a_mistake_in_a_rule_is_caught_by_a_scenario(function, old, new, monkeypatch):
    sound = function.__code__
    touched()
    monkeypatch.setattr(function, "__code__", changed(function, old, new))
    found = caught(sound)
    tell(f"{function.__qualname__}: {words(old)} ⇒ {words(new)}", found)
    assert found


@pytest.mark.parametrize(
    "transition", list(TRANSITIONS), ids=[f"{s}-{event.__name__}" for s, event in TRANSITIONS]
)
def test_a_transition_taken_out_of_the_table_is_missed_by_a_scenario(transition, monkeypatch):
    touched()
    monkeypatch.delitem(TRANSITIONS, transition)
    found = caught(transition[1])
    tell(f"{transition[0]} –{transition[1].__name__}→ taken out", found)
    assert found


def test_nothing_is_caught_when_nothing_is_wrong(monkeypatch):
    for function in {function for function, _, _ in MUTATIONS}:
        monkeypatch.setattr(function, "__code__", changed(function, "def ", "def "))
    assert caught() == []


def test_every_rule_of_discipline_is_mutated():
    rules = {
        name
        for name, found in vars(discipline).items()
        if inspect.isfunction(found) and found.__module__ == discipline.__name__
    }
    assert rules - {function.__name__ for function, _, _ in MUTATIONS} == set()
