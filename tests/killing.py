"""Somebody who asks a hall without pause, and what must be so whatever happened to it."""

import json
import random
import time
from collections import Counter

from hallctl.chain import read_only, verify
from running import PATIENT_S, RawAsker, RunningDaemon

OPEN_MOST = 8


def commands(rng: random.Random):
    """Tickets and the windows' keys, without end."""
    while True:
        kind = rng.choice(["issue", "issue", "call", "start", "finish"])
        window = rng.randint(1, 9)
        match kind:
            case "issue":
                yield {"type": "IssueTicket", "queue": rng.choice("ABCFQL")}
            case "call":
                yield {"type": "CallNext", "window": window}
            case "start":
                yield {"type": "Start", "window": window}
            case "finish":
                yield {"type": "Finish", "window": window}


class Load:
    """Keeps a few commands open at a time and remembers every answer."""

    def __init__(self, asker: RawAsker, rng: random.Random) -> None:
        self.asker = asker
        self.source = commands(rng)
        self.count = 0
        self.sent: dict[str, dict] = {}
        self.open: dict[str, dict] = {}
        self.answers: dict[str, dict] = {}

    def push(self) -> None:
        while len(self.open) < OPEN_MOST:
            self.count += 1
            command_id = f"c{self.count}"
            self.sent[command_id] = self.open[command_id] = next(self.source)
            self.asker.send(command_id, self.sent[command_id])

    def take(self, timeout_s: float) -> bool:
        answer = self.asker.receive(timeout_s)
        if answer is None:
            return False
        known = self.answers.setdefault(answer["id"], answer)
        assert known == answer, f"{answer['id']} was answered differently after a restart"
        self.open.pop(answer["id"], None)
        return True

    def repeat(self) -> None:
        """Ask once more for what has no answer, with the same ids."""
        for command_id, command in list(self.open.items()):
            self.asker.send(command_id, command)

    def settle(self) -> None:
        """Ask again, with the same ids, until nothing is open."""
        until_s = time.monotonic() + PATIENT_S
        while self.open:
            assert time.monotonic() < until_s, f"no answer to {list(self.open)}"
            self.repeat()
            while self.take(0.3 if self.open else 0):
                pass


def check(daemon: RunningDaemon, load: Load) -> None:
    count, _ = verify(daemon.state)
    db = read_only(daemon.state)
    events = [json.loads(b) for (b,) in db.execute("SELECT body FROM events ORDER BY seq")]
    db.close()
    assert [e["seq"] for e in events] == list(range(1, count + 1))
    issued = [e for e in events if e["event"]["type"] == "TicketIssued"]
    numbers = Counter((e["event"]["queue"], e["event"]["number"]) for e in issued)
    assert max(numbers.values()) == 1, "a number was given twice"
    by_command = {e["command"]: e["event"]["label"] for e in issued}
    assert len(by_command) == len(issued), "one command gave two numbers"
    acknowledged = {
        i: a["result"]["label"]
        for i, a in load.answers.items()
        if a["ok"] and load.sent.get(i, {}).get("type") == "IssueTicket"
    }
    assert acknowledged, "the load issued nothing"
    for command_id, label in acknowledged.items():
        assert by_command[f"guide:test:{command_id}"] == label, "an acknowledged ticket is lost"
    holders: dict[str, int] = {}
    for event in (e["event"] for e in events):
        if event["type"] == "TicketCalled":
            assert event["visit"] not in holders, "one ticket at two windows"
            holders[event["visit"]] = event["window"]
        elif event["type"] in ("ServiceFinished", "TicketMissed"):
            del holders[event["visit"]]
