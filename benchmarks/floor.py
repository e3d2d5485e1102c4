"""The floor: what a hall's loop cannot do without, and nothing else. Own code, none of hallctl's.

    .venv/bin/python benchmarks/floor.py FOLDER     a bus in FOLDER/bus, as hallctl's
    … FOLDER --print HOST:PORT      and every ticket's slip goes out to a printer
    … FOLDER --wire A B             every frame on A is stored, then a frame goes out on B

It receives what waits (at most 64), validates it, chains the hash, commits event and answer in one
transaction to SQLite (WAL, FULL), publishes and answers. Messages are as large as hallctl's. It
knows no hall: no rules, no queue, no devices, no second audience, no asker's id seen before.
"""

import hashlib
import json
import os
import signal
import socket
import sys
import time
from pathlib import Path
from typing import Any, Literal

import apsw
import zmq
from pydantic import BaseModel, ConfigDict, TypeAdapter

BATCH = 64
KEY_BYTES, LED_BYTES = 8, 64
SLIP = b"\x1b@" + b" " * 600 + b"\n\x1dV\x00"
SCHEMA = """
CREATE TABLE events(seq INTEGER PRIMARY KEY, type TEXT, body BLOB, hash BLOB);
CREATE TABLE answers(id TEXT PRIMARY KEY, day TEXT, answer BLOB) WITHOUT ROWID;
"""
COLUMNS = {"klass": "ordinary", "language": "zh", "person": "", "behind": "", "code": "", "span": 0}
"""What stands in hallctl's event too, so that both write rows of one size."""


class Command(BaseModel):
    """A ticket is asked for."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    type: Literal["IssueTicket"]
    queue: str = ""
    item: str = ""
    kiosk: str = ""


class Message(BaseModel):
    """What comes in by the bus."""

    model_config = ConfigDict(extra="ignore", frozen=True, populate_by_name=True)

    v: Literal[1]
    id: str
    ask: Literal["command"]
    command: Command


READ = TypeAdapter(Message)


class Store:
    """Events, each with the hash of the one before, and answers."""

    def __init__(self, path: Path) -> None:
        self.db = apsw.Connection(str(path))
        self.db.execute("PRAGMA journal_mode=WAL")
        self.db.execute("PRAGMA synchronous=FULL")
        self.db.execute(SCHEMA)
        self.seq = 0
        self.head = b"\0" * 32

    def chained(self, body: bytes) -> tuple[int, str, bytes, bytes]:
        """A row: the event's number, type, bytes and hash."""
        self.seq += 1
        self.head = hashlib.sha256(self.head + self.seq.to_bytes(8, "big") + body).digest()
        return self.seq, "TicketIssued", body, self.head

    def commit(self, rows: list[Any], answers: list[Any]) -> None:
        """Durable when this returns."""
        with self.db:
            self.db.executemany("INSERT INTO events VALUES(?,?,?,?)", rows)
            self.db.executemany("INSERT INTO answers VALUES(?,?,?)", answers)


def dumps(value: object) -> bytes:
    """Compact JSON."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()


def issued(seq: int, message: Message) -> tuple[dict[str, Any], dict[str, Any]]:
    """The event of a command, and its answer."""
    label = f"A{seq:03d}"
    ticket = {"visit": f"2026-11-23-{label}", "label": label, "queue": message.command.queue}
    waits = {"ahead": seq, "wait_low_min": 5, "wait_high_min": 10}
    event = {
        "type": "TicketIssued", **ticket, "number": seq, **COLUMNS, **waits,
        "item": message.command.item, "kiosk": message.command.kiosk, "virtual_s": time.time(),
    }  # fmt: skip
    recorded = {
        "v": 1, "seq": seq, "epoch": "0f0f0f0f", "wall_s": time.time(),
        "mono_s": time.monotonic(), "actor": "kiosk:floor", "command": message.id, "event": event,
    }  # fmt: skip
    return recorded, {**ticket, "job": "", "again": False, **waits}


def serve(folder: Path, printer: socket.socket | None) -> None:
    """Turn for ever."""
    bus = folder / "bus"
    bus.mkdir(parents=True, exist_ok=True)
    context: zmq.Context[zmq.Socket[bytes]] = zmq.Context()
    router, publisher = context.socket(zmq.ROUTER), context.socket(zmq.PUB)
    publisher.setsockopt(zmq.SNDHWM, 10_000)
    publisher.bind(f"ipc://{bus}/events-public")
    router.bind(f"ipc://{bus}/kiosk")
    store = Store(folder / "floor.db")
    while True:
        found = [router.recv_multipart()]
        try:
            while len(found) < BATCH:
                found.append(router.recv_multipart(zmq.DONTWAIT))
        except zmq.Again:
            pass
        rows, answers, told = [], [], []
        for identity, payload in found:
            message = READ.validate_json(payload)
            recorded, result = issued(store.seq + 1, message)
            answer = {"ok": True, "result": result}
            rows.append(store.chained(dumps(recorded)))
            answers.append((f"{identity.hex()}:{message.id}", "2026-11-23", dumps(answer)))
            told.append((identity, recorded, {"v": 1, "id": message.id, **answer}))
        store.commit(rows, answers)
        if printer is not None:
            printer.sendall(SLIP * len(rows))
        for _, recorded, _ in told:
            seq = recorded["seq"]
            body = dumps({"v": 1, "prev": seq - 1, "recorded": recorded})
            publisher.send_multipart([b"TicketIssued", str(seq).encode(), body])
        for identity, _, answer in told:
            router.send_multipart([identity, dumps(answer)])


def echo(folder: Path, key: str, led: str) -> None:
    """Every frame of one wire is stored; then a frame goes out on the other."""
    store = Store(folder / "floor.db")
    pressed, shown = os.open(key, os.O_RDWR | os.O_NOCTTY), os.open(led, os.O_RDWR | os.O_NOCTTY)
    while True:
        frame = b""
        while len(frame) < KEY_BYTES:
            frame += os.read(pressed, KEY_BYTES - len(frame))
        body = dumps({"seq": store.seq + 1, "wall_s": time.time(), "frame": frame.hex(), **COLUMNS})
        store.commit([store.chained(body)], [])
        os.write(shown, b"\xa5" * LED_BYTES)


def main() -> None:
    """As said above."""
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    folder = Path(sys.argv[1])
    if sys.argv[2:3] == ["--wire"]:
        echo(folder, sys.argv[3], sys.argv[4])
    printer = None
    if sys.argv[2:3] == ["--print"]:
        host, _, port = sys.argv[3].rpartition(":")
        printer = socket.create_connection((host, int(port)))
    serve(folder, printer)


if __name__ == "__main__":
    main()
