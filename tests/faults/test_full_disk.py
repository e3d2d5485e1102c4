"""A real daemon whose disk fills up: the day goes on from the reserve, and ends in words."""

import json

import pytest

from hallctl.backups.copying import backup
from hallctl.backups.trouble import BackupError
from hallctl.chain import read_only, verify
from hallctl.cli.health import WANTS, health_of
from hallctl.core.events import TicketIssued
from hallctl.service import Place
from hallctl.wire import recorded_in
from running import RawAsker, RunningDaemon, wait_until
from small_disk import SmallDisk, needs_mount

pytestmark = needs_mount
MIB = 1 << 20
EX_IOERR = 74
WAIT_S = 120.0


class FullHall:
    """A hall on a small disk, and somebody who asks it without pause."""

    def __init__(self, folder, size_mib):
        self.daemon = RunningDaemon(folder)
        self.state = self.daemon.state
        self.disk = SmallDisk(self.state, size_mib)
        self.daemon.start()
        self.asker = RawAsker(self.state / "bus", "supervisor")
        self.guide = RawAsker(self.state / "bus", "guide")
        self.labels = {}
        self.asked = 0
        self.ask({"type": "AskHelp", "place": "door"})

    def ask(self, command):
        self.asked += 1
        return self.guide.ask(f"c{self.asked}", command, WAIT_S)

    def status(self):
        self.asker.socket.send(
            json.dumps({"v": 1, "from": "test", "ask": "status", "id": "s"}).encode()
        )
        answer = self.asker.receive(WAIT_S)
        return answer["result"]

    def alerts(self):
        return {a["level"]: a["words"] for a in self.status()["alerts"] if a["kind"] == "disk"}

    def work(self, n):
        """Tickets, and calls of them; every one is acknowledged."""
        for _ in range(n):
            answer = self.ask({"type": "IssueTicket", "queue": "L"})
            assert answer["ok"]
            self.labels[f"guide:test:c{self.asked}"] = answer["result"]["label"]
            window = 1 + self.asked % 9
            self.ask({"type": "CallNext", "window": window})
            self.ask({"type": "Start", "window": window})
            self.ask({"type": "Finish", "window": window})

    def issued(self):
        """What the journal has, after every hash of it was recomputed."""
        verify(self.state)
        db = read_only(self.state)
        found = [recorded_in(json.loads(b)) for (b,) in db.execute("SELECT body FROM events")]
        db.close()
        return {r.command: r.event.label for r in found if isinstance(r.event, TicketIssued)}

    def reserve(self):
        return (self.state / "reserve").stat().st_size

    def close(self):
        self.guide.close()
        self.asker.close()
        if self.daemon.process is not None and self.daemon.process.poll() is None:
            self.daemon.kill()
        self.disk.close()


@pytest.fixture
def hall(tmp_path):
    made = FullHall(tmp_path, 300)
    yield made
    made.close()


def test_the_day_goes_on_from_the_reserve_and_the_alert_ends_when_there_is_room_again(hall):
    whole = hall.reserve()
    assert whole >= 8 * MIB
    hall.work(3)
    assert hall.alerts() == {}
    hall.disk.fill()
    hall.work(40)
    assert hall.reserve() < whole
    assert "the disk is full; from the reserve" in hall.daemon.words()
    red = wait_until(lambda: hall.alerts().get("red"), WAIT_S)
    assert str(hall.state) in red
    health = health_of(Place(hall.daemon.hall, hall.state), "zh")
    assert health.status == WANTS
    assert red in health.words
    assert hall.status()["room"]["whole_bytes"] == whole
    hall.daemon.kill()
    hall.disk.fill()
    hall.daemon.start()  # on a disk that has not a byte for it
    hall.work(5)
    with pytest.raises(BackupError) as refused:
        backup(hall.state, None, 3)
    assert refused.value.what == "disk_full"
    hall.disk.make_room()
    wait_until(lambda: hall.reserve() == whole, WAIT_S)
    wait_until(lambda: hall.alerts() == {}, WAIT_S)
    hall.work(2)
    assert hall.daemon.stop() == 0
    assert hall.issued() == hall.labels
    assert backup(hall.state, None, 3).found.seq == verify(hall.state)[0]


def test_with_the_reserve_used_up_it_ends_in_words_and_nothing_acknowledged_is_lost(hall):
    hall.work(1)
    hall.disk.fill()
    while hall.daemon.process.poll() is None:
        hall.disk.fill()  # whatever is given back, somebody else takes it
        hall.asked += 1
        command = {"type": "IssueTicket", "queue": "A"}
        hall.guide.send(f"c{hall.asked}", command)
        answer = hall.guide.receive(0.2)
        while answer is not None:
            if answer.get("ok") and "label" in answer["result"]:
                hall.labels[f"guide:test:{answer['id']}"] = answer["result"]["label"]
            answer = hall.guide.receive(0)
    assert hall.daemon.process.returncode == EX_IOERR
    last = hall.daemon.words().splitlines()[-1]
    assert last.startswith(f"ERROR {hall.state}: the disk is full")
    assert "Traceback" not in hall.daemon.words()
    assert len(hall.labels) > 1
    hall.daemon.start()
    assert hall.daemon.process.wait(WAIT_S) == EX_IOERR, "still full"
    assert hall.daemon.words().count("the disk is full, and nothing is left") == 2
    hall.disk.make_room()
    hall.daemon.start()
    again = hall.guide.ask(f"c{hall.asked}", {"type": "IssueTicket", "queue": "A"}, WAIT_S)
    assert again["ok"]
    hall.labels[f"guide:test:c{hall.asked}"] = again["result"]["label"]
    assert hall.daemon.stop() == 0
    issued = hall.issued()
    assert hall.labels.items() <= issued.items()
    assert len(set(issued.values())) == len(issued), "a number was given twice"
