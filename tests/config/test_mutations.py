"""Take away, misspell and mistype every key of a real hall.yaml: each time a problem with a place.

Mutations are made on the text's own nodes, so that what is left is what a person would have left.
"""

import copy
import io

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from ruamel.yaml import YAML

SMALL_HALL = """\
hall: 赤坭
hall_en: Chini
seal: 赤坭
timezone: Asia/Shanghai
workdays: [mon]
hours: [9:00-12:00]
taking: [9:00-12:00]
default_queue: B
stuck_queue: B
windows:
  1: {name: 社保, name_en: Social, short: 社保}
  2: {name: 社保, name_en: Social, short: 社保}
queues:
  B: {name: 社保, name_en: Social, short: 社保, prefix: B, windows: [1, 2]}
categories:
  social: {name: 社保, name_en: Social, icon: shield, queue: B}
"""
FILES = ("hall.yaml", "catalogue.yaml", "devices.yaml")


def _paths(value, at=()):
    for key, child in value.items() if isinstance(value, dict) else ():
        yield (*at, key)
        yield from _paths(child, (*at, key))


def _load(text):
    return YAML().load(text)


def _dump(value):
    stream = io.StringIO()
    YAML().dump(value, stream)
    return stream.getvalue()


def _changed(tree, path, change):
    tree = copy.deepcopy(tree)
    parent = tree
    for key in path[:-1]:
        parent = parent[key]
    change(parent, path[-1])
    return _dump(tree)


def _remove(parent, key):
    del parent[key]


def _misspell(parent, key):
    where = list(parent).index(key)
    value = parent.pop(key)
    parent.insert(where, f"{key}x", value)


def _mistype(parent, key):
    parent[key] = {"x": 1} if not isinstance(parent[key], dict) else "x"


OPTIONAL = {
    "hall.yaml": {
        "holidays", "workdays_extra", "notices", "rules", "standard_min",
        "helps", "staff", "sign_on", "a", "b", "voice",
    },
    "catalogue.yaml": {"common_note", "source", "SB01"},
    "devices.yaml": {"baud", "paper_mm", "serves"},
}  # fmt: skip
MINIMUM = {"hall.yaml": 60, "catalogue.yaml": 12, "devices.yaml": 10}
"""So many mutations of each kind must have been tried, or the test has lost its sample."""


def _says_nothing(name, change, path):
    """Whether the file is as right after the mutation as before, or the mutation tells no more."""
    alike = {
        "windows": {2, 3, 4, 5},
        "categories": {"civil", "health", "disability", "farming"},
        "queues": {"C", "Q"},
    }
    if len(path) == 3 and path[1] in alike.get(path[0], ()):
        return True  # the same as those beside them, which are tried
    if len(path) >= 2 and path[0] == "staff" and path[1] != "0601":
        return True
    if change is _remove:
        tile = path[0] == "categories" and len(path) == 2
        device = path[0] == "devices" and len(path) == 2
        inside = (
            path[0] in {"rules", "staff", "voice"}
            or "helps" in path
            or (name == "devices.yaml" and path[-1] in {1, 2})
        )
        return path[-1] in OPTIONAL[name] or tile or device or inside
    free = {"categories", "devices"}  # any name may stand there
    return change is _misspell and (path[0] in free and len(path) == 2)


@pytest.mark.parametrize("change", [_remove, _misspell, _mistype])
@pytest.mark.parametrize("name", FILES)
def test_every_key_counts(shared_hall, name, change):
    hall = shared_hall
    hall.__init__(hall.folder)
    if name != "hall.yaml":
        hall.write("hall.yaml", SMALL_HALL)
    assert hall.problems() == ()
    tree = _load(hall.read(name))
    tried = 0
    for path in _paths(tree):
        if _says_nothing(name, change, path):
            continue
        changed = _changed(tree, path, change)
        hall.write(name, changed)
        problems = hall.problems()
        where = f"{change.__name__} {path}: {[str(p) for p in problems]}"
        assert [p for p in problems if p.file == name and str(path[-1]) in str(p)], where
        lines = changed.count("\n") + 1
        assert all(1 <= p.line <= lines and p.column >= 1 for p in problems), where
        tried += 1
    assert tried >= MINIMUM[name]


SETTINGS = settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


def _only_config_errors(hall):
    assert "\n" not in "".join(str(problem) for problem in hall.problems())


SIGNS = ["{", "}", "[", "]", ":", "- ", "\n", "  ", "\t", "? ", "| ", "> ", "'", '"', "#", "@", "~"]
WORDS = ["&a", "*a", "!!int ", "!x ", "%YAML 1.1\n---\n", "---\n", "<<: ", "null", "0x", "1e999"]
KEYS = [
    "devices:",
    "windows:",
    "items:",
    "hours:",
    "link:",
    "driver: escpos",
    "1",
    "A",
    "\\U",
    ".nan",
]
SNIPPETS = st.sampled_from([*SIGNS, *WORDS, *KEYS])


@pytest.mark.parametrize("name", FILES)
@SETTINGS
@given(raw=st.one_of(st.binary(max_size=80), st.lists(SNIPPETS, max_size=25).map("".join)))
def test_any_bytes_give_a_config_error_and_nothing_else(shared_hall, name, raw):
    shared_hall.__init__(shared_hall.folder)
    if name != "hall.yaml":  # the real one is slow to parse
        shared_hall.write("hall.yaml", SMALL_HALL)
    shared_hall.write(name, raw)
    _only_config_errors(shared_hall)


@pytest.mark.parametrize("name", ["catalogue.yaml", "devices.yaml"])
@SETTINGS
@given(at=st.integers(0, 400), cut=st.integers(0, 12), snippet=SNIPPETS)
def test_any_slip_of_the_editor_gives_a_config_error_and_nothing_else(
    shared_hall, name, at, cut, snippet
):
    shared_hall.__init__(shared_hall.folder)
    shared_hall.write("hall.yaml", SMALL_HALL)
    text = shared_hall.read(name)
    shared_hall.write(name, text[:at] + snippet + text[at + cut :])
    _only_config_errors(shared_hall)


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3)
    ),
    max_leaves=6,
)


@SETTINGS
@given(data=st.data(), value=VALUES)
def test_any_value_anywhere_in_hall_yaml_gives_a_config_error_and_nothing_else(
    shared_hall, data, value
):
    shared_hall.__init__(shared_hall.folder)
    tree = _load(shared_hall.read("hall.yaml"))
    path = data.draw(st.sampled_from(list(_paths(tree))))
    shared_hall.write(
        "hall.yaml", _changed(tree, path, lambda parent, key: parent.__setitem__(key, value))
    )
    _only_config_errors(shared_hall)
