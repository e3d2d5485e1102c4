"""Midnight, summer time, the machine's own zone: a number belongs to the hall's day, once.

The hall of these tests is open day and night, so that numbers are given across every edge.
"""

import time
from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from faults.seeing import change, happened, journal, ready
from running import RunningDaemon, wait_until

AFTER_S = 1.5
EDGES = {
    # the hall's zone, the machine's zone, when the daemon starts there, the days that are opened
    "midnight": ("Asia/Shanghai", "America/Los_Angeles", "2026-11-23 23:59:58", 2),
    "midnight in Greenwich": ("Asia/Shanghai", "UTC", "2026-11-24 07:59:58", 1),
    "midnight of the machine": ("Asia/Shanghai", "Pacific/Kiritimati", "2026-11-23 17:59:58", 1),
    "summer time begins": ("Europe/Berlin", "Europe/Berlin", "2026-03-29 01:59:58", 1),
    "summer time ends": ("Europe/Berlin", "Asia/Shanghai", "2026-10-25 02:59:58", 1),
    "midnight before summer time": ("America/Sao_Paulo", "UTC", "2017-10-14 23:59:58", 2),
}
"""In São Paulo the day of the change had no midnight: it began at one o'clock."""


@pytest.fixture(params=EDGES, ids=lambda name: name.replace(" ", "-"))
def edge(request):
    return EDGES[request.param]


@pytest.fixture
def daemon(tmp_path, edge):
    zone, machine, began, _ = edge
    daemon = RunningDaemon(tmp_path, via=("env", f"TZ={machine}"))
    change(daemon, "timezone: Asia/Shanghai", f"timezone: {zone}")
    change(daemon, "workdays: [mon, tue, wed, thu, fri]",
           "workdays: [mon, tue, wed, thu, fri, sat, sun]")  # fmt: skip
    change(daemon, "hours: [9:00-12:00, 13:00-17:00]", "hours: [0:00-24:00]")
    change(daemon, "taking: [8:45-11:45, 11:45-16:45]", "taking: [0:00-24:00]")
    change(daemon, "cut_off: true ", "cut_off: false ")
    daemon.begins_s = datetime.fromisoformat(began).replace(tzinfo=ZoneInfo(zone)).timestamp()
    daemon.clock.write_text(str(daemon.begins_s - 60 - time.time()))
    daemon.start()
    daemon.asker = ready(daemon)
    yield daemon
    daemon.asker.close()
    assert daemon.stop() == 0


def test_numbers_go_on_over_the_edge_and_begin_anew_once_where_a_day_begins(daemon, edge):
    zone, _, began, days = edge
    # Only now, so that a slow start has not passed the edge before the first number.
    daemon.clock.write_text(str(daemon.begins_s - time.time()))
    given = []
    until_s = daemon.begins_s + 2 + AFTER_S

    def past():
        given.append(daemon.asker.ask(f"t{len(given)}", {"type": "IssueTicket", "queue": "A"}))
        return journal(daemon)[-1]["wall_s"] > until_s

    wait_until(past, every_s=0.1)
    assert [answer for answer in given if not answer["ok"]] == []
    visits = [answer["result"]["visit"] for answer in given]
    assert len(set(visits)) == len(visits), "a number was given twice"
    by_day = {}
    for visit in visits:
        day, _, label = visit.rpartition("-")
        by_day.setdefault(day, []).append(label)
    assert len(by_day) == days
    for labels in by_day.values():
        assert labels == [f"A{n:03}" for n in range(1, len(labels) + 1)], "none is left out"
    opened = [event["day"] for event in happened(daemon, "DayOpened")]
    assert opened[-days:] == sorted(by_day), "each day is begun once"
    check_day_of_each(daemon, zone)


def check_day_of_each(daemon, zone):
    """The day of a number is the hall's date when it was given, whatever the machine's zone is."""
    for one in journal(daemon):
        if one["event"]["type"] == "TicketIssued":
            date = datetime.fromtimestamp(one["wall_s"], ZoneInfo(zone)).date().isoformat()
            assert one["event"]["visit"].startswith(date)
