"""Window terminals on machines of their own: cables pulled, packets lost, lines that take long.

The machines are network namespaces (root, `ip`, `iptables`: scripts/setup.sh --dev brings them).
HALLCTL_CABLE_S says how long the cable is out; the minute of the issue's text is for the drill.
"""

import json
import os
import subprocess
import threading
import time
from collections import Counter

import pytest

from hallctl.client import HallClient
from hallctl.core import commands as c
from hallctl.core import events as e
from hallctl.journal import Journal
from hallctl.keyring import Keyring
from hallctl.roles import standing_of
from net.hosts import Lan
from net.terminal import digest
from running import PATIENT_S, RunningDaemon, wait_until

CABLE_S = float(os.environ.get("HALLCTL_CABLE_S", "8"))
PORT = 7700
TICKETS = 30
SLOW_S = 0.2
STALE_S = 3.0


class Terminal:
    """A window's terminal on its machine, and all it has said."""

    def __init__(self, host, key, window: int, folder, address: str = "") -> None:
        script = "import sys; sys.path[:0] = ['tests', '.']; import runpy; "
        script += "runpy.run_module('net.terminal', run_name='__main__')"
        words = [str(key), str(window), str(folder / f"outbox-{window}")]
        self.process = host.python(
            "-c", script, *words, *([address] if address else []),
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        )  # fmt: skip
        self.said: list[dict] = []
        self._reader = threading.Thread(target=self._read)
        self._reader.start()

    def _read(self) -> None:
        for line in self.process.stdout:
            self.said.append(json.loads(line))

    def of(self, key: str) -> list[dict]:
        return [x for x in list(self.said) if key in x]

    def stale_since(self, at_s: float) -> list[dict]:
        """When its hall fell silent, behind a moment: before it, the machine may just be busy."""
        return [x for x in self.of("change") if x["change"] == "Stale" and x["at_s"] > at_s]

    def stop(self, seq: int) -> dict:
        """It acts no more; its mirror at an event from `seq` on."""
        self.process.stdin.write(f"stop {seq}\n")
        self.process.stdin.flush()
        (last,) = wait_until(lambda: self.of("digest"))
        assert self.process.wait(PATIENT_S) == 0
        return last

    def close(self) -> None:
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
        self._reader.join()
        self.process.stdin.close()
        self.process.stdout.close()


class Follower:
    """A follower beside the daemon: the hall's digest at every event."""

    def __init__(self, bus) -> None:
        self.digests: dict[int, str] = {}
        self._stopping = False
        self._client = HallClient(bus, "supervisor", "follower")
        self._thread = threading.Thread(target=self._run)
        self._thread.start()

    def _run(self) -> None:
        for _ in self._client.follow():
            hall = self._client.hall
            if self._client.stale_since_s is None:
                self.digests[hall.seq] = digest(hall)
            if self._stopping:
                return

    def close(self, wake) -> None:
        """It stops at the next event, which `wake` brings about: told first, woken after."""
        self._stopping = True
        wake()
        self._thread.join(PATIENT_S)
        assert not self._thread.is_alive()
        self._client.close()


@pytest.fixture
def lan():
    lan = Lan()
    yield lan
    lan.close()


@pytest.fixture
def hall(lan, tmp_path):
    """The daemon on its machine, listening there, with three windows' keys."""
    host = lan.host("hall", 1)
    daemon = RunningDaemon(tmp_path, via=("ip", "netns", "exec", host.space))
    (daemon.hall / "network.yaml").write_text(f'listen: "{host.address}:{PORT}"\n')
    keyring = Keyring(daemon.state / "keys")
    keyring.init()
    address = f"tcp://{host.address}:{PORT}"
    daemon.keys = {}
    for n in (1, 2, 3):
        key = keyring.enrol(f"window-{n}", standing_of(f"window:{n}"), None, address)
        daemon.keys[n] = tmp_path / f"window-{n}.hallkey"
        key.write(daemon.keys[n])
    daemon.start()
    yield daemon
    daemon.stop()


def acted(terminals) -> Counter:
    """How often each act was answered with yes, over all terminals."""
    return Counter(x["act"] for t in terminals for x in t.of("act") if x["ok"])


def issue(kiosk, count: int) -> None:
    for _ in range(count):
        answer = kiosk.do(c.IssueTicket(queue="A", kiosk="kiosk-1"), timeout_s=PATIENT_S)
        assert answer.ok, answer


def all_have_called(terminals, kiosk):
    """Whether every window has; while one has not, for a bad line takes long, more people come."""
    if all(acted([terminal])["CallNext"] for terminal in terminals):
        return True
    issue(kiosk, len(terminals))
    return False


def test_windows_on_three_machines_agree_whatever_happens_to_the_lines(
    lan, hall, tmp_path, monkeypatch
):
    # One message at a time, so that the follower has the hall's digest at every event.
    monkeypatch.setattr("hallctl.talking.BATCH", 1)
    near, pulled, far = (lan.host(f"window-{n}", 10 + n) for n in (1, 2, 3))
    near.lose(0.1)
    slow_line = far.python(
        "tests/net/slow_line.py", "192.0.2.1", str(PORT), "3", str(SLOW_S), stdout=subprocess.PIPE
    )
    assert slow_line.stdout.readline() == b"ready\n"
    terminals = [
        Terminal(near, hall.keys[1], 1, tmp_path),
        Terminal(pulled, hall.keys[2], 2, tmp_path),
        Terminal(far, hall.keys[3], 3, tmp_path, f"tcp://127.0.0.1:{PORT}"),
    ]
    bus = hall.state / "bus"
    follower = Follower(bus)
    try:
        with HallClient(bus, "kiosk", "kiosk-1") as kiosk:
            issue(kiosk, TICKETS)
            wait_until(lambda: all_have_called(terminals, kiosk), every_s=1.0)
        pulled.pull()
        pulled_s = time.monotonic()
        stale = wait_until(lambda: terminals[1].stale_since(pulled_s))[0]
        print(f"stale {stale['at_s'] - pulled_s:.1f} s after the cable was pulled")
        assert stale["at_s"] - pulled_s > STALE_S - 2.0, "not before a heartbeat is missing"
        others = acted(terminals[::2])["CallNext"]
        threading.Event().wait(CABLE_S)
        assert acted(terminals[::2])["CallNext"] > others, "the others went on meanwhile"
        pulled.plug()
        wait_until(lambda: terminals[1].of("change")[-1]["change"] == "Fresh")
        wait_until(lambda: acted(terminals)["Finish"] >= TICKETS - len(terminals))
        target = max(follower.digests)
        ends = [terminal.stop(target) for terminal in terminals]
        wait_until(lambda: all(end["seq"] in follower.digests for end in ends))
        for end in ends:
            assert follower.digests[end["seq"]] == end["digest"], "every mirror is the hall"
        assert near.lost() > 0
    finally:
        for terminal in terminals:
            terminal.close()
        slow_line.kill()
        slow_line.wait()
        slow_line.stdout.close()
        follower.close(lambda: _last_word(bus))
    hall.stop()
    _once_each(hall, terminals)


def _last_word(bus) -> None:
    with HallClient(bus, "guide", "last-word") as last:
        last.do(c.AskHelp(place="kiosk-1"), timeout_s=PATIENT_S)


def _once_each(hall, terminals) -> None:
    """No visit at two windows, no command twice, every yes in the journal."""
    journal = Journal(hall.state)
    recorded = list(journal.since(0, 100_000))
    journal.close()
    calls = [x for x in recorded if isinstance(x.event, e.TicketCalled)]
    assert Counter(x.event.visit for x in calls).most_common(1)[0][1] == 1
    assert {x.actor for x in calls} == {f"window:{n}:window-{n}" for n in (1, 2, 3)}
    by_command = Counter(
        (x.command, type(x.event), getattr(x.event, "visit", "")) for x in recorded
    )
    doubled = [key for key, times in by_command.items() if times > 1 and "window" in key[0]]
    assert doubled == []
    kept = {x.command.rsplit(":", 1)[-1] for x in recorded}
    for terminal in terminals:
        yes = {x["did"] for x in terminal.of("did") if x["ok"]}
        assert yes
        assert yes <= kept, "a yes that the journal does not have"
