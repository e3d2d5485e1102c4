"""The forecast beside the loop: told after everything else, at most once a second, never kept."""

import contextlib
import itertools

import pytest
import zmq

from hallctl.client import HallClient
from hallctl.config.load import load
from hallctl.core import commands as c
from hallctl.daemon import FORECAST_ANEW_S
from hallctl.device import driver_class
from hallctl.simulator.day import VirtualHall
from running import PATIENT_S, ROOT, RawAsker, RunningDaemon, wait_until


@pytest.fixture
def hall(tmp_path):
    hall = VirtualHall(load(ROOT, driver_class=driver_class), tmp_path, "2026-11-23", 1)
    hall.until(9.5 * 3600)
    hall.daemon._uniform = hall.random.random
    hall.told = []
    hall.bus.forecast = hall.told.append
    yield hall
    hall.close()


def issue(hall, name):
    return hall.ask("kiosk", "kiosk-1", name, c.IssueTicket(queue="A", kiosk="kiosk-1"))["result"]


def test_a_ticket_is_in_the_next_forecast(hall):
    hall.until(hall.now_s + 1)
    visit = issue(hall, "1")["visit"]
    hall.until(hall.now_s + 1)
    newest = hall.told[-1]
    assert newest["visits"][visit]["ahead"] == 0
    assert newest["queues"]["A"]["ahead"] == 1
    assert newest["epoch"] == hall.hall.epoch


def test_forecasts_come_at_most_once_a_second_and_anyway_after_ten(hall):
    hall.until(hall.now_s + 1)
    hall.told.clear()
    for n in range(20):
        issue(hall, str(n))
    assert len(hall.told) <= 1
    hall.until(hall.now_s + 5)
    told = len(hall.told)
    assert told <= 6
    hall.until(hall.now_s + 5 * FORECAST_ANEW_S)
    assert 3 <= len(hall.told) - told <= 10


def test_a_forecast_is_in_no_journal(hall):
    issue(hall, "1")
    hall.until(hall.now_s + 1)
    before = hall.journal.seq
    told = len(hall.told)
    hall.until(hall.now_s + 2 * FORECAST_ANEW_S)
    assert len(hall.told) > told
    names = {type(r.event).__name__ for r in hall.journal.since(before, 1000)}
    assert not any("orecast" in name for name in names)


def test_a_follower_has_the_newest_forecast_while_the_hall_lives(tmp_path):
    daemon = RunningDaemon(tmp_path)
    daemon.start()
    bus = daemon.state / "bus"
    screen = HallClient(bus, "screen", "hall-1")
    guide = HallClient(bus, "guide", "guide-1", follow=True)
    try:
        assert screen.forecast is None
        taken = [guide.wait(guide.ask(c.IssueTicket(queue="B")), PATIENT_S) for _ in range(3)]
        visits = [answer.result["visit"] for answer in taken]

        def told(client):
            client.poll(0.2)
            return (
                client.forecast
                if visits[-1] in (client.forecast or {"visits": ()})["visits"]
                else None
            )

        for client in (screen, guide):
            found = wait_until(lambda client=client: told(client), every_s=0)
            assert found["visits"][visits[2]]["ahead"] == 2
            assert found["queues"]["B"]["low_min"] <= found["queues"]["B"]["high_min"]
            assert client.stale_since_s is None
        daemon.kill()
        wait_until(lambda: [screen.poll(0.2)] and screen.stale_since_s, every_s=0)
        assert screen.forecast is None, "nobody stands behind it any more"
    finally:
        screen.close()
        guide.close()
        daemon.stop()


def test_forecasts_come_however_many_ask(tmp_path):
    """They wait for a quiet moment, and where there is none they come all the same."""
    daemon = RunningDaemon(tmp_path)
    daemon.start()
    bus = daemon.state / "bus"
    context = zmq.Context()
    follower = context.socket(zmq.SUB)
    follower.setsockopt(zmq.SUBSCRIBE, b"forecast")
    follower.connect(f"ipc://{bus}/events-public")
    asked = itertools.count()
    with contextlib.closing(RawAsker(bus)) as asker:
        for number in range(20):
            asker.ask(f"ticket-{number}", {"type": "IssueTicket", "queue": "A"})

        def asked_on():
            for _ in range(200):  # there is always one that waits
                asker.send(f"help-{next(asked)}", {"type": "AskHelp", "place": "kiosk-1"})
                asker.receive(0)
            return follower.poll(0) and follower.recv_multipart()

        for _ in range(2):
            wait_until(asked_on, every_s=0)
    follower.close(0)
    context.term()
    assert daemon.stop() == 0
