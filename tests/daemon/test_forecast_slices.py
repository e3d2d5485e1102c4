"""A forecast is made beside the loop: slice by slice, and nobody waits for it."""

import random

import pytest

from hallctl.config.load import load
from hallctl.core import commands as c
from hallctl.core.forecast import SLICE, forecast, foretelling
from hallctl.device import driver_class
from hallctl.simulator.day import VirtualHall
from running import ROOT

CROWD = 40


@pytest.fixture
def hall(tmp_path):
    """A hall in which many wait."""
    hall = VirtualHall(load(ROOT, driver_class=driver_class), tmp_path, "2026-11-23", 1)
    hall.until(9.5 * 3600)
    for n in range(CROWD):
        hall.bus.ask("kiosk", "kiosk-1", f"c{n}", c.IssueTicket(queue="A", paper=False))
    hall.settle()
    hall.daemon._uniform = hall.random.random
    hall.told = []
    hall.bus.forecast = hall.told.append
    yield hall
    hall.close()


def test_a_command_is_answered_while_a_forecast_is_being_made(hall):
    daemon = hall.daemon
    daemon._turn()
    daemon._foretell_on()
    assert daemon._foretelling is not None
    before = hall.hall.seq
    hall.bus.ask("kiosk", "kiosk-1", "late", c.IssueTicket(queue="A", paper=False))
    daemon._turn()
    late = hall.bus.answers["late"]["result"]["visit"]
    assert daemon._foretelling is not None, "it is still being made"
    while daemon._foretelling is not None:
        daemon._foretell_on()
    (told,) = hall.told
    assert len(told["visits"]) == CROWD
    assert late not in told["visits"], "it is of the moment at which it was begun"
    assert told["seq"] == before < hall.hall.seq


def test_in_slices_it_is_the_same_forecast(hall):
    now = hall.moment()
    whole = forecast(hall.hall, now, random.Random(3).random)
    slices = list(foretelling(hall.hall, now, random.Random(3).random))
    assert slices[-1] == whole
    assert set(slices[:-1]) == {None}


def test_no_slice_is_long(hall):
    """Each person in a run takes a few numbers; so the numbers drawn tell a slice's length."""
    drawn, most = 0, 0

    def uniform():
        nonlocal drawn
        drawn += 1
        return hall.random.random()

    for _ in foretelling(hall.hall, hall.moment(), uniform):
        drawn, most = 0, max(most, drawn)
    assert 0 < most <= 6 * SLICE


def test_a_forecast_that_took_long_is_made_more_rarely(hall):
    daemon = hall.daemon
    daemon.turn()
    assert len(hall.told) == 1
    daemon._foretelling_s = 0.2
    for _ in range(3):
        hall.bus.ask("kiosk", "kiosk-1", f"n{hall.now_s}", c.IssueTicket(queue="A", paper=False))
        hall.now_s += 1
        daemon.turn()
    assert len(hall.told) == 1, "a fifth of a second's work is done every four seconds at most"
    hall.now_s += 1
    daemon.turn()
    assert len(hall.told) == 2
