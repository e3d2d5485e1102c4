"""A hall of 100 windows, 20 kiosks and 10,000 tickets a day: in the evening as in the morning."""

import json
import time
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import Any

import zmq
from harness import Bench, Goal, Measures, Result, Row, quantiles, scenario
from load import Clients, clients, command, hall
from ruamel.yaml import YAML

WINDOWS, QUEUES, KIOSKS, TICKETS = 100, "ABCDEGHJKM", 20, 10_000
WAITING = 300
"""So many wait at any time of the day."""
IN_FLIGHT = 32
DEVICES = "devices:\n" + "".join(
    f'  printer-{n}: {{driver: escpos, link: {{tcp: "127.0.0.1:{n}"}}, serves: [kiosk-{n}]}}\n'
    for n in range(1, KIOSKS + 1)
)
"""Twenty printers that nobody has switched on: their slips are held."""


def large(folder: Path) -> None:
    """The rules of a hall with 100 windows and ten queues, each queue at ten windows."""
    path, yaml = folder / "hall.yaml", YAML()
    rules = yaml.load(path)
    rules["windows"] = {n: _named(f"{n} 号窗口") for n in range(1, WINDOWS + 1)}
    rules["queues"] = {
        letter: {
            **_named(f"队列{letter}"),
            "prefix": letter,
            "windows": list(range(first * 10 + 1, first * 10 + 11)),
            "standard_min": 8,
        }
        for first, letter in enumerate(QUEUES)
    }
    rules |= {"staff": {}, "stuck_queue": "B", "default_queue": "A"}
    rules["categories"] = {
        "all": {"name": "综合", "name_en": "General", "icon": "building", "queue": "A"}
    }
    rules["rules"] |= {"cut_off": False, "preprinted": "none"}
    with path.open("w") as file:
        yaml.dump(rules, file)
    (folder / "catalogue.yaml").write_text("items: {}\n")


def _named(name: str) -> dict[str, str]:
    return {"name": name, "name_en": name, "short": name[:4]}


class Day:
    """A day of such a hall, command by command: a ticket is taken, another is called and ended."""

    def __init__(self, found: Clients) -> None:
        self.found = found
        self.kiosk = found.asker()
        self.guide = found.asker("guide")
        self.taken = 0
        self.turned = 0
        self._number = 0

    def ticket(self) -> bytes:
        """The next resident's command, at one kiosk after the other."""
        self.taken += 1
        queue = QUEUES[self.taken * 7 % len(QUEUES)]
        return command(f"kiosk-{self.taken % KIOSKS + 1}", self.taken, queue)

    def act(self, kind: str) -> bytes:
        """A clerk's command, at one window after the other."""
        self._number += 1
        asked: dict[str, Any] = {"type": kind, "window": self.turned % WINDOWS + 1}
        body = {"v": 1, "from": "guide-1", "ask": "command", "id": f"g{self._number}"}
        return json.dumps({**body, "command": asked}).encode()

    def measured(self, count: int) -> Measures:
        """So many visits, one command at a time."""
        waits: dict[str, list[float]] = {"ticket": [], "call": [], "finish": []}
        for _ in range(count):
            waits["ticket"].append(timed(self.kiosk, self.ticket()))
            waits["call"].append(timed(self.guide, self.act("CallNext")))
            waits["finish"].append(timed(self.guide, self.act("Finish")))
            self.turned += 1
        begun_s = time.perf_counter()
        self.guide.send(b'{"v":1,"from":"guide-1","ask":"snapshot","id":"s"}')
        size = len(self.guide.recv())
        found = {"snapshot ms": (time.perf_counter() - begun_s) * 1e3, "snapshot MB": size / 1e6}
        for kind, each in waits.items():
            found |= quantiles(each, kind)
        return {**found, "RSS MB": rss_mb(self.found.served.pid)}

    def through(self, count: int) -> None:
        """So many visits, as quick as it goes."""
        for done in range(0, count, IN_FLIGHT):
            many = min(IN_FLIGHT, count - done)
            self._all(self.kiosk, [self.ticket() for _ in range(many)])
            turned = self.turned
            for kind in ("CallNext", "Finish"):
                self.turned = turned
                messages = []
                for _ in range(many):
                    messages.append(self.act(kind))
                    self.turned += 1
                self._all(self.guide, messages)

    def _all(self, asker: zmq.Socket[bytes], messages: list[bytes]) -> None:
        for message in messages:
            asker.send(message)
        for _ in messages:
            answered(asker.recv())

    def crowd(self, count: int) -> None:
        """So many who wait."""
        for _ in range(count):
            timed(self.kiosk, self.ticket())


def answered(answer: bytes) -> None:
    """It was done, or the measure is worth nothing."""
    assert json.loads(answer)["ok"], answer.decode()


def timed(asker: zmq.Socket[bytes], message: bytes) -> float:
    """Seconds from command to answer."""
    begun_s = time.perf_counter()
    asker.send(message)
    answer = asker.recv()
    lasted_s = time.perf_counter() - begun_s
    answered(answer)
    return lasted_s


def rss_mb(pid: int) -> float:
    """Memory of a process."""
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    found = next(line for line in lines if line.startswith("VmRSS"))
    return int(found.split()[1]) / 1000


@scenario("bighall", "100 windows, 20 kiosks, 10,000 tickets a day: morning and evening")
def bighall(bench: Bench) -> Result:
    """Two such halls: one has just opened, in the other the day is nearly over."""
    tickets, count = bench.much(TICKETS, 1500), bench.much(60, 30)
    goals = [
        Goal("evening", f"{act} p50 ms", most=1.5, against="morning")
        for act in ("ticket", "call", "finish")
    ]
    notes = [
        f"{WAITING} wait at any time. A visit is three commands, each with events and displays.",
        "A ticket has a slip too. The printers are switched off, so slips are held, with events.",
        "A snapshot is what a screen asks for when it starts; it holds all visits of the day.",
    ]
    with ExitStack() as stack:
        days = {}
        for name in ("morning", "evening"):
            served = stack.enter_context(hall(DEVICES, rules=large))
            days[name] = Day(stack.enter_context(clients(served)))
            bench.say(f"{name}: people come")
            days[name].crowd(WAITING)
        bench.say("a day goes by")
        through = tickets - WAITING
        begun_s = time.perf_counter()
        days["evening"].through(through)
        rate = through * 3 / (time.perf_counter() - begun_s)
        subjects = {name: (lambda day=day: day.measured(count)) for name, day in days.items()}
        found = bench.side_by_side(
            subjects, against="morning", goals=goals, rounds=bench.much(7, 2), notes=notes
        )
    between = Row("in between", "commands/s", [rate])
    return replace(found, rows=[*found.rows, between])
