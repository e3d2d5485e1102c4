"""Effects go to the devices that take them; what nobody takes wakes nobody."""

import select

import pytest

from hallctl.core import effects as f
from hallctl.device import Device, driver_class
from hallctl.devices import Devices
from hallctl.links.memory import MemoryLink


def made(name, driver, options):
    kind = driver_class(driver)
    return Device(name, kind(kind.Options(**options)), MemoryLink(lambda _: b""), "boot")


@pytest.fixture
def devices():
    fitted = [
        made("strips-1", "led_cpower", {"strips": {1: 1}}),
        made("strips-2", "led_cpower", {"strips": {1: 2}}),
        made("pad-1", "pad_serial", {"window": 1}),
    ]
    devices = Devices(fitted, lambda _: True, lambda: 10.0, inline_open=True)
    yield devices
    devices.stop()


def woken(devices):
    return bool(select.select([devices._effects], [], [], 0)[0])


def test_what_no_device_takes_does_not_wake_their_thread(devices):
    assert devices.post([f.ShowKeypad(window=1, waiting=3, ticket="")])
    assert not woken(devices)


def test_what_one_takes_wakes_it_and_nothing_else_comes_along(devices):
    shown = f.ShowStrip(window=2, state="idle", texts=("综合",))
    assert devices.post([f.ShowKeypad(window=1, waiting=3, ticket=""), shown])
    assert woken(devices)
    assert devices._effects.take() == [shown]


def test_a_self_test_is_for_any_device_whatever_it_takes(devices):
    assert devices.post([f.EndExercise(device="pad-1")])
    assert woken(devices)


def test_a_display_of_one_window_is_performed_by_its_device_alone(devices):
    devices.post([f.ShowStrip(window=2, state="idle", texts=("综合",))])
    performed = []
    for device in devices.devices:
        device.perform = lambda effect, _now, name=device.name: performed.append(name)
    devices.turn()
    assert performed == ["strips-2"]
