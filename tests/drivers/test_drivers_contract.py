"""One contract over every driver: what device.py and devices.yaml may rely on."""

import ast
import functools
import importlib
import inspect
import itertools
import random
import subprocess
import sys

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import drivers
from every_driver import (
    DEVICE,
    FORM,
    LEVELS,
    NAMES,
    PRESSES,
    TWINNED,
    deeds,
    failed,
    first_window,
    make,
    options,
    orders,
    person,
    twin,
    wired,
    working_day,
)
from hallctl.core import effects as f
from hallctl.core import reports as r
from hallctl.device import driver_class
from hallctl.driver import DriverOptions, Reply

KINDS = {"printer", "strip", "keypad", "pad", "voice", "reader"}
WEIGHT_MOST_BYTES = 128 * 1024
"""What a driver may hold of a broken line."""


def check(reply):
    assert isinstance(reply, Reply)
    assert isinstance(reply.write, bytes)
    assert all(isinstance(report, r.Report) for report in reply.reports)
    return reply


class Unheard:
    """An effect of a time to come."""


# - what stands in the file


@pytest.mark.parametrize("name", NAMES)
def test_a_driver_file_says_what_it_is_for(name):
    words = importlib.import_module(f"drivers.{name}").__doc__
    assert words
    assert "Manual:" in words
    assert "Wiring:" in words
    assert sum(len(word) == 2 for word in words.split()) >= 3, "one frame taken apart, in hex"


@pytest.mark.parametrize("name", NAMES)
def test_a_driver_has_a_kind_and_takes_known_effects(name):
    kind = driver_class(name)
    assert kind.kind in KINDS
    assert kind.takes or kind.kind in {"keypad", "reader"}, "what nobody orders must be pressed"
    assert set(kind.takes) <= set(f.Effect.__args__)


@pytest.mark.parametrize("name", NAMES)
def test_options_are_frozen_explained_and_refuse_unknown_keys(name):
    kind = driver_class(name).Options
    assert issubclass(kind, DriverOptions)
    assert kind.model_config["extra"] == "forbid"
    assert kind.model_config["frozen"]
    words = inspect.cleandoc(kind.__doc__)
    assert [field for field in kind.model_fields if f"`{field}`" not in words] == []


@pytest.mark.parametrize("name", NAMES)
def test_the_options_of_the_example_work(name):
    assert options(name) == make(name).options


@pytest.mark.parametrize("name", NAMES)
def test_a_driver_is_made_from_its_options_alone(name):
    assert list(inspect.signature(driver_class(name)).parameters) == ["options"]


@pytest.mark.parametrize("name", NAMES)
def test_importing_a_driver_loads_no_heavy_library(name):
    code = f"import drivers.{name}, sys; print({{'PIL', 'escpos', 'pygame'}} & set(sys.modules))"
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert ran.stdout.strip() == "set()"


def test_the_folder_of_drivers_holds_a_docstring_only():
    assert len(ast.parse(inspect.getsource(drivers)).body) == 1


# - what it is told


@pytest.mark.parametrize("name", NAMES)
def test_a_driver_is_silent_on_an_effect_it_does_not_take(name):
    driver = make(name)
    driver.start(0.0)
    untaken = [kind for kind in f.Effect.__args__ if kind not in driver.takes]
    assert untaken
    for kind in (Unheard, *untaken):
        effect = object.__new__(kind)
        for field in getattr(kind, "__dataclass_fields__", {}):
            object.__setattr__(effect, field, "")
        assert driver.perform(effect, 1.0) == Reply(), kind


@pytest.mark.parametrize("name", NAMES)
def test_a_driver_never_asks_to_be_woken_in_the_past(name):
    driver = make(name)
    now, reply = 10.0, driver.start(10.0)
    for _ in range(50):
        if reply.wake_at is None:
            break
        assert reply.wake_at > now
        now = reply.wake_at
        reply = driver.wake(now)


# - what it hears


class Listened:
    """A driver, and everything it was told, in order."""

    TOLD = ("start", "perform", "receive", "wake", "selftest", "end_selftest")

    def __init__(self, driver):
        self.driver = driver
        self.told = []

    def __getattr__(self, name):
        found = getattr(self.driver, name)
        if name not in self.TOLD:
            return found

        def telling(*args):
            self.told.append((name, args))
            return found(*args)

        return telling


@functools.cache
def conversation(name, fault=""):
    """A working day and all self-tests with the twin: what the driver was told."""
    driver = Listened(make(name))
    pair = wired(name, driver)
    if fault:
        pair.fault(fault)
    working_day(pair)
    for level in LEVELS:
        pair.selftest(level, form=FORM, person=person(pair))
    return driver.told


def replayed(name, told, sizes):
    """The same again, with what was received in pieces of these sizes; what the driver said."""
    driver, size, said = make(name), itertools.cycle(sizes), []
    for what, args in told:
        parts = [args]
        if what == "receive":
            data, now = args
            parts, at = [], 0
            while at < len(data):
                step = next(size)
                parts.append((data[at : at + step], now))
                at += step
        replies = [check(getattr(driver, what)(*part)) for part in parts]
        reports = [_plain(report) for reply in replies for report in reply.reports]
        said.append((b"".join(reply.write for reply in replies), reports))
    return said


def _plain(report):
    """A report without what pieces may change: where the dirt was cut, and that it was pieces."""
    if isinstance(report, r.Fault):
        return ("fault", report.code)
    if isinstance(report, r.Finding):
        code = "" if report.code == "byte_by_byte" else report.code
        return ("finding", report.step, report.result, code)
    return report


@pytest.mark.parametrize("fault", ["", "noise"])
@pytest.mark.parametrize("name", TWINNED)
@given(sizes=st.lists(st.integers(1, 40), min_size=1, max_size=6))
@settings(max_examples=15, deadline=None)
def test_any_fragmentation_gives_the_same_reports_and_the_same_bytes(name, fault, sizes):
    told = conversation(name, fault)
    assert replayed(name, told, sizes) == replayed(name, told, [1 << 20])


def heard(name):
    """Every piece its device said in that day."""
    return [args[0] for what, args in conversation(name) if what == "receive"] or [b"\x00"]


@st.composite
def broken_lines(draw, name):
    """Any bytes, and sayings of the device: their beginnings, and with a byte that came wrong."""
    said = draw(st.sampled_from(heard(name)))
    at = draw(st.integers(0, len(said) - 1))
    wrong = draw(st.sampled_from([said[at], 0x00, 0x7F, 0xFF]) | st.integers(0, 255))
    spoilt = said[:at] + bytes([wrong]) + said[at + 1 :]
    cut = draw(st.integers(0, len(spoilt)))
    return draw(st.binary(max_size=30)) + spoilt[:cut] + draw(st.binary(max_size=20))


@pytest.mark.parametrize("name", NAMES)
@given(pieces=st.lists(st.tuples(st.binary(max_size=60), st.booleans()), max_size=20))
@settings(max_examples=100, deadline=None)
def test_a_driver_survives_any_bytes_and_floods_nobody(name, pieces):
    driver = make(name)
    check(driver.start(0.0))
    faults = 0
    for step, (data, wakes) in enumerate(pieces):
        now = step / 100
        said = check(driver.receive(data, now)).reports
        if wakes:
            check(driver.wake(now))
        faults += sum(type(report).__name__ == "Fault" for report in said)
    assert faults <= 1


def weight(thing, seen=None):
    """The bytes of an object and of everything it holds."""
    seen = set() if seen is None else seen
    if id(thing) in seen or inspect.isclass(thing) or callable(thing):
        return 0
    seen.add(id(thing))
    total = sys.getsizeof(thing)
    if isinstance(thing, dict):
        return total + sum(weight(x, seen) for pair in thing.items() for x in pair)
    if isinstance(thing, str | bytes | bytearray):
        return total
    if hasattr(thing, "__iter__") and hasattr(thing, "__len__"):
        return total + sum(weight(x, seen) for x in thing)
    held = list(getattr(thing, "__dict__", {}).values())
    for kind in type(thing).__mro__:
        slots = getattr(kind, "__slots__", ())
        names = (slots,) if isinstance(slots, str) else slots
        held += [getattr(thing, name) for name in names if hasattr(thing, name)]
    return total + sum(weight(x, seen) for x in held)


@pytest.mark.parametrize("testing", [False, True], ids=["at work", "in a self-test"])
@pytest.mark.parametrize("name", NAMES)
def test_a_megabyte_of_dirt_leaves_nothing_behind(name, testing):
    chance, now = random.Random(name), 10.0
    said = heard(name) if name in TWINNED else [b"\x00"]
    driver = make(name)
    driver.start(now)
    for order in orders(driver):
        driver.perform(order, now)
    if testing:
        test = f.ExerciseDevice(device=DEVICE, level="interactive", form=FORM, texts=("测试",))
        driver.selftest(test, now)
    left, step = 1 << 20, 0
    while left > 0:
        beginning = chance.choice(said)
        beginning = beginning[: chance.randrange(len(beginning) + 1)]
        piece = (chance.randbytes(500), beginning * 20, chance.randbytes(1) * 500)[step % 3][:2000]
        check(driver.receive(piece, now))
        left, step = left - len(piece) - 1, step + 1
        if step % 500 == 0:
            assert weight(driver) < WEIGHT_MOST_BYTES
    assert weight(driver) < WEIGHT_MOST_BYTES


def frames(name):
    """(press, bytes the device sends) for each of its keys, from a twin nobody answers."""
    found = []
    for what in PRESSES:
        device = twin(name)
        press = {"window": first_window(make(name)), **what}
        try:
            found.append(device.press(press, 50.0) + device.wake(50.2))
        except (ValueError, TypeError, KeyError):
            continue
    return [frame for frame in found if frame]


def told_of(driver, frame, now):
    """The deeds a frame is, right after everything was ordered anew."""
    for order in orders(driver):
        driver.perform(order, now)
    return deeds(driver.receive(frame, now).reports)


@pytest.mark.parametrize("name", TWINNED)
@given(drawn=st.data())
@settings(max_examples=150, deadline=None)
def test_after_any_dirt_at_most_one_press_is_lost(name, drawn):
    sent = frames(name)
    clean = [made for frame in sent if (made := told_of(started(name), frame, 50.0))]
    if driver_class(name).kind not in {"keypad", "pad"}:
        assert not clean, "it answers questions only: the next test is about those"
        return
    assert len(clean) == len(sent) >= 2
    driver = started(name)
    for report in driver.receive(drawn.draw(broken_lines(name)), 50.0).reports:
        if press := getattr(report, "press", ""):  # a whole frame among the dirt was a press
            answer = f.AnswerKey(device=DEVICE, window=report.window, press=press, accepted=True)
            driver.perform(answer, 50.0)
    told_of(driver, sent[0], 50.1)
    assert told_of(driver, sent[1], 50.2) == clean[1]


def started(name):
    driver = make(name)
    driver.start(49.0)
    return driver


@pytest.mark.parametrize("name", TWINNED)
@given(drawn=st.data())
@settings(max_examples=25, deadline=None)
def test_after_any_dirt_at_most_one_answer_is_lost(name, drawn):
    pair = wired(name)
    pair.link.arrive(drawn.draw(broken_lines(name)))
    pair.run(1)
    pair.selftest("external", form=FORM)
    assert failed(pair.selftest("external", form=FORM)) == []
