"""One contract over every driver: what device.py and devices.yaml may rely on."""

import ast
import importlib
import inspect
import pkgutil
import subprocess
import sys

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import drivers
from hallctl.core.effects import Effect
from hallctl.core.reports import Report
from hallctl.driver import Driver, DriverOptions, Reply

NAMES = sorted(module.name for module in pkgutil.iter_modules(drivers.__path__))
NEEDED = {
    "keypad_rs485": {"windows": {1: 1}},
    "led_cpower": {"strips": {1: 1}},
    "pad_serial": {"window": 1},
}
"""The options without a default; a new driver with such options adds a line here."""


def driver_class(name):
    module = importlib.import_module(f"drivers.{name}")
    found = [
        thing
        for _, thing in inspect.getmembers(module, inspect.isclass)
        if issubclass(thing, Driver) and thing is not Driver
    ]
    assert len(found) == 1, f"{name} must define exactly one Driver"
    return found[0]


def make(name):
    kind = driver_class(name)
    return kind(kind.Options.model_validate(NEEDED.get(name, {})))


def check(reply):
    assert isinstance(reply, Reply)
    assert isinstance(reply.write, bytes)
    assert all(isinstance(report, Report) for report in reply.reports)
    return reply


class Unheard:
    """An effect of a time to come."""


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
    assert kind.kind in {"printer", "strip", "keypad", "pad", "voice"}
    assert kind.takes
    assert set(kind.takes) <= set(Effect.__args__)


@pytest.mark.parametrize("name", NAMES)
def test_options_are_frozen_and_refuse_unknown_keys(name):
    options = driver_class(name).Options
    assert issubclass(options, DriverOptions)
    assert options.model_config["extra"] == "forbid"
    assert options.model_config["frozen"]
    assert options.__doc__


@pytest.mark.parametrize("name", NAMES)
def test_a_driver_is_made_from_its_options_alone(name):
    assert list(inspect.signature(driver_class(name)).parameters) == ["options"]


@pytest.mark.parametrize("name", NAMES)
def test_a_driver_is_silent_on_an_effect_it_does_not_know(name):
    driver = make(name)
    driver.start(0.0)
    assert driver.perform(Unheard(), 1.0) == Reply()


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


@pytest.mark.parametrize("name", NAMES)
def test_importing_a_driver_loads_no_heavy_library(name):
    code = f"import drivers.{name}, sys; print({{'PIL', 'escpos', 'pygame'}} & set(sys.modules))"
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert ran.stdout.strip() == "set()"


def test_the_folder_of_drivers_holds_a_docstring_only():
    assert len(ast.parse(inspect.getsource(drivers)).body) == 1
