"""A bad line between a terminal and the hall: slow, cut, or dead without a word."""

import selectors
import socket
import threading
import time

import pytest

from bus.small_hall import SmallHall, issue
from hallctl.client import HallClient
from hallctl.connecting import Remote
from hallctl.core import commands as c
from hallctl.core.events import Recorded, TicketIssued
from hallctl.mirror import Fresh, Snapshot, Stale
from running import PATIENT_S, free_ports, wait_until


class Line:
    """Three TCP wires side by side, `delay_s` each way. `dead`: nothing goes through, unsaid."""

    def __init__(self, port):
        self.port, self.behind = free_ports(), port
        self.delay_s, self.dead = 0.0, False
        self.stop = threading.Event()
        self.ends = []
        self.selector = selectors.DefaultSelector()
        for more in range(3):
            listener = socket.create_server(("127.0.0.1", self.port + more))
            self.selector.register(listener, selectors.EVENT_READ, more)
            self.ends.append(listener)
        self.late = []
        self.thread = threading.Thread(target=self._run)
        self.thread.start()

    def _run(self):
        while not self.stop.is_set():
            for key, _ in self.selector.select(0.01):
                if isinstance(key.data, int):
                    self._call(key.fileobj.accept()[0], key.data)
                elif not self.dead:
                    self._carry(key.fileobj, key.data)
            if self.dead:
                time.sleep(0.02)
            now_s = time.monotonic()
            while self.late and not self.dead and self.late[0][0] <= now_s:
                _, other, chunk = self.late.pop(0)
                self._send(other, chunk)

    def _call(self, near, more):
        far = socket.socket()
        self.ends += [near, far]
        try:
            far.connect(("127.0.0.1", self.behind + more))
        except OSError:
            near.shutdown(socket.SHUT_RDWR)
            return
        for one, other in ((near, far), (far, near)):
            self.selector.register(one, selectors.EVENT_READ, other)

    def _carry(self, one, other):
        try:
            chunk = one.recv(65536)
        except OSError:
            chunk = b""
        self.late.append((time.monotonic() + self.delay_s, other, chunk))
        if not chunk:
            self.selector.unregister(one)

    def _send(self, other, chunk):
        try:
            if chunk:
                other.sendall(chunk)
            else:
                other.shutdown(socket.SHUT_WR)
        except OSError:
            return  # that end has gone already

    def close(self):
        self.stop.set()
        self.thread.join()
        self.selector.close()
        for end in self.ends:
            end.close()


@pytest.fixture
def hall():
    hall = SmallHall()
    yield hall
    hall.close()


@pytest.fixture
def line(hall):
    line = Line(hall.port)
    yield line
    line.close()


@pytest.fixture
def client(hall, line):
    key = hall.key(address=f"tcp://127.0.0.1:{line.port}")
    with HallClient(Remote(key, key.address)) as client:
        yield client


def heard(client, wanted):
    found = []

    def look():
        found.extend(client.poll(0.1))
        return any(wanted(one) for one in found)

    wait_until(look, every_s=0)
    return found


def labels(changes):
    events = [one.event for one in changes if isinstance(one, Recorded)]
    return [event.label for event in events if isinstance(event, TicketIssued)]


def test_a_line_that_dies_without_a_word_is_stale_in_three_seconds_and_ends_in_the_same_hall(
    hall, line, client
):
    heard(client, lambda one: isinstance(one, Snapshot))
    issue(hall)
    heard(client, lambda one: labels([one]) == ["A001"])
    line.dead, cut_s = True, time.monotonic()
    issue(hall, 5)
    asked = client.ask(c.CallNext(window=3))
    heard(client, lambda one: isinstance(one, Stale))
    assert time.monotonic() - cut_s < 3.5 + 5.0, "3 s, and what a busy machine adds"
    wait_until(lambda: [client.poll(0.1)] and client.trouble.what in ("nobody", "full"), every_s=0)
    line.dead, back_s = False, time.monotonic()
    found = heard(client, lambda one: isinstance(one, Fresh))
    assert time.monotonic() - back_s < PATIENT_S
    answer = [one for one in found if getattr(one, "id", "") == asked]
    assert (answer[0] if answer else client.wait(asked, PATIENT_S)).result["label"] == "A001"
    wait_until(lambda: [client.poll(0.1)] and client.hall.windows[3].visit, every_s=0)
    assert len(client.hall.visits) == 6
    assert len(hall.answers) == 1


def test_a_slow_line_loses_and_doubles_nothing(hall, line, client):
    line.delay_s = 0.2
    heard(client, lambda one: isinstance(one, Snapshot))
    began_s = time.monotonic()
    ids = [client.ask(c.IssueTicket(queue="A", kiosk="kiosk-1")) for _ in range(30)]
    found = heard(client, lambda one: labels([one]) == ["A030"])
    assert labels(found) == [f"A{n:03d}" for n in range(1, 31)]
    assert time.monotonic() - began_s < PATIENT_S
    assert client.stale_since_s is None
    answers = [one for one in found if getattr(one, "id", "") in ids]
    answers += [one for one in (client.wait(i, 0.5) for i in ids[len(answers) :]) if one]
    assert len({one.id for one in answers}) == len(answers)
    assert len(hall.answers) == 30


def test_a_line_that_is_cut_again_and_again_ends_in_the_same_hall(hall, line, client):
    heard(client, lambda one: isinstance(one, Snapshot))
    for n in range(4):
        hall.act(c.IssueTicket(queue="A", kiosk="kiosk-1"))
        hall.hang_up()
        hall.act(c.IssueTicket(queue="A", kiosk="kiosk-1"))
        if n == 2:
            heard(client, lambda one: True)
    wait_until(lambda: [client.poll(0.1)] and client.hall.labelled("A008"), every_s=0)
    assert client.hall.numbers == hall.bench.hall.numbers
    assert set(client.hall.visits) == set(hall.bench.hall.visits)
