"""What is read quickly is what is read slowly: the same values at the same places, or nothing."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hallctl.config.composing import compose
from hallctl.config.quick import quickly
from hallctl.config.tree import Tree
from running import ROOT

FILES = ("hall.yaml", "catalogue.yaml", "devices.yaml")


def slowly(text):
    tree = Tree("x.yaml")
    compose(tree, text)
    return tree


def spots(places):
    return {path: (place.line, place.column) for path, place in places.items()}


def same(text):
    """Whether it was read quickly; then it must be what the slow way reads without a complaint."""
    found = quickly(text)
    if found is None:
        return False
    tree = slowly(text)
    assert tree.problems == []
    assert found.value == tree.value
    assert repr(found.value) == repr(tree.value), "1 is not True and not 1.0"
    assert found.keys == spots(tree.keys)
    assert found.values == spots(tree.values)
    return True


@pytest.mark.parametrize("name", FILES)
def test_the_files_of_the_repository_are_read_quickly(name):
    assert same((ROOT / name).read_text())


@pytest.mark.parametrize(
    "text",
    [
        "a: 1", "a: -5", "a: 1.50", "a: true", "a: False", "a: NULL", "a: ~", "a: tRue",
        "a: 9:00-12:00", "a: 2026-10-01", "a: 901-999", "a: '007'", "1: x",
        "a: |\n  two\n  lines\nb: >-\n  folded\n  text", "a: [1, two, {b: c}]", "a:\n- 1\n- b: 2",
        "a: 赤坭\u3000镇 # 注", "a: 'it''s'", "# only\na: b # c", "a: {}\nb: []", "a: x\n  y\n",
    ],
)  # fmt: skip
def test_what_is_plain_is_read_quickly(text):
    assert same(text)


@pytest.mark.parametrize(
    "text",
    [
        "", "a:", 'a: "x\\ty"',
        "- a", "a: &x 1\nb: *x", "a: !t 1", "a: !!str 1", "a: 1\na: 2", "? [a]\n: b", "a: [1",
        "a: 007", "a: 0x1f", "a: 1e5", "a: .5", "a: 1_000", "a: +1", "a: .inf", "a: <<", "true: 1",
        "--- \na: 1", "a: 1\n...\n", "a: b: c", "\ta: 1", "1.5: x", "a: " + "[" * 40 + "]" * 40,
        "a: \u202ex", "%YAML 1.1\n---\na: yes", "a: 12345678901234567890", "a: =",
    ],
)  # fmt: skip
def test_what_is_not_plain_is_left_to_the_slow_way(text):
    assert quickly(text) is None


PIECES = st.sampled_from(
    ["a", "b:", ": ", "\n", "  ", "- ", "1", "07", "-", ".", "e5", "true", "~", "'", '"', "[", "]",
     "{", "}", ", ", "#", " #", "|", ">", "&x", "*x", "!", "?", "9:00", "赤", "\t", "<<", "=", "%"]
)  # fmt: skip


@settings(max_examples=300, deadline=None)
@given(st.lists(PIECES, max_size=14).map("".join))
def test_whatever_stands_in_a_file_both_ways_agree(text):
    same(text)


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 2500), PIECES, st.integers(0, 3))
def test_a_slip_of_the_hand_in_a_real_file_is_read_alike(at, piece, gone):
    text = (ROOT / "hall.yaml").read_text()[:2500]
    same(text[:at] + piece + text[at + gone :])
