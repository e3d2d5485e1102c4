"""A real daemon with `hallctl http` beside it, asked over real sockets; for tests."""

import http.client
import json
import os
import signal
import socket
import subprocess
import sys
import time
from contextlib import contextmanager

from hallctl.http.tokens import FILE, Tokens
from running import PATIENT_S, ROOT, RawAsker, RunningDaemon, free_ports, wait_until

URL = "http://192.0.2.7"
ROLES = {
    "desk": "guide",
    "third": "window:3",
    "first-kiosk": "kiosk:kiosk-1",
    "chief": "supervisor",
    "fitter": "technician",
    "reader": "web",
    "glass": "screen:hall-1",
}


class Answer:
    """What came back."""

    def __init__(self, status, headers, body):
        self.status = status
        self.headers = headers
        self.body = body

    @property
    def json(self):
        return json.loads(self.body)

    @property
    def text(self):
        return self.body.decode()


class ServedHall:
    """The daemon, the HTTP process and tokens for it, all on one temporary hall."""

    def __init__(self, folder, devices="devices: {}\n", rate=10_000):
        self.folder = folder
        self.daemon = RunningDaemon(folder, devices)
        self.port = free_ports(1)
        (self.daemon.hall / "network.yaml").write_text(
            f"public_url: {URL}\nhttp: 127.0.0.1:{self.port}\n"
            f"limits: {{rate: {rate}, burst: {rate}}}\n"
        )
        self.tokens = Tokens(self.daemon.state / FILE)
        self.keys = {name: self.tokens.add(name, role) for name, role in ROLES.items()}
        self.process = None
        self.log = folder / "http.log"

    @property
    def address(self):
        return f"http://127.0.0.1:{self.port}"

    def serve(self, *options):
        """Start `hallctl http`, and wait until it listens."""
        command = [
            sys.executable, "-m", "hallctl", "http", "--hall", str(self.daemon.hall),
            "--state", str(self.daemon.state), *options,
        ]  # fmt: skip
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(command, stdout=log, stderr=log, cwd=ROOT)
        wait_until(self.listens)

    def listens(self):
        assert self.process.poll() is None, self.log.read_text()
        with socket.socket() as found:
            return found.connect_ex(("127.0.0.1", self.port)) == 0

    def start(self):
        self.daemon.start()
        self.serve()
        self.until_fresh()
        return self

    def until_fresh(self):
        wait_until(lambda: self.get("/healthz").status == 200)

    def stop(self):
        if self.process is not None and self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            self.process.wait(timeout=PATIENT_S)
        if self.daemon.process is not None:
            self.daemon.stop()

    def request(self, method, path, *, who="", body=None, headers=None):
        """One request; `who` names a token."""
        line = http.client.HTTPConnection("127.0.0.1", self.port, timeout=PATIENT_S)
        try:
            more = {"Authorization": f"Bearer {self.keys.get(who, who)}"} if who else {}
            line.request(method, path, body=body, headers={**more, **(headers or {})})
            answer = line.getresponse()
            return Answer(answer.status, answer.headers, answer.read())
        finally:
            line.close()

    def get(self, path, who="", **headers):
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return self.request("GET", path, who=who, headers=named)

    def post(self, command, who, asked=None):
        body = {"id": asked or os.urandom(6).hex(), "command": command}
        return self.request("POST", "/api/v1/commands", who=who, body=json.dumps(body))

    def take_ticket(self, **more):
        """Take a number at a kiosk, on the bus; gives the answer's result with its code."""
        asker = RawAsker(self.daemon.state / "bus", "kiosk", "kiosk-1")
        try:
            command = {"type": "IssueTicket", "queue": "A", "kiosk": "kiosk-1", "paper": False}
            answer = asker.ask(os.urandom(6).hex(), command | more)
        finally:
            asker.close()
        assert answer["ok"], answer
        path = f"/api/v1/visits/{answer['result']['label']}"
        wait_until(lambda: self.get(path, "chief").status == 200)
        return answer["result"] | {"code": self.code_of(answer["result"]["visit"])}

    def code_of(self, visit):
        """What the ticket's QR holds: only staff's snapshot tells it."""
        asker = RawAsker(self.daemon.state / "bus", "guide", "code-reader")
        try:
            body = {"v": 1, "from": "code-reader", "ask": "snapshot", "id": "1"}
            asker.socket.send(json.dumps(body).encode())
            snapshot = asker.receive(PATIENT_S)["snapshot"]
        finally:
            asker.close()
        return snapshot["visits"][visit]["code"]


@contextmanager
def served_hall(folder, **options):
    hall = ServedHall(folder, **options)
    try:
        yield hall.start()
    finally:
        hall.stop()


class Stream:
    """Reads server-sent events off a socket."""

    def __init__(self, hall, who, last_id=""):
        self.line = http.client.HTTPConnection("127.0.0.1", hall.port, timeout=PATIENT_S)
        headers = {"Authorization": f"Bearer {hall.keys.get(who, who)}"}
        if last_id:
            headers["Last-Event-ID"] = last_id
        self.line.request("GET", "/api/v1/events", headers=headers)
        self.answer = self.line.getresponse()
        self.last_id = last_id

    def next(self):
        """The next event: (kind, data, id); None when the stream has ended."""
        found = {}
        while line := self.answer.readline():
            text = line.decode().rstrip("\n")
            if not text:
                self.last_id = found.get("id", self.last_id)
                return found["event"], json.loads(found["data"]), found.get("id", "")
            name, _, value = text.partition(": ")
            found[name] = value
        return None

    def until(self, kind):
        """The next event of that kind."""
        until_s = time.monotonic() + PATIENT_S
        while (found := self.next()) is not None and found[0] != kind:
            assert time.monotonic() < until_s, f"no {kind}"
        return found

    def happened(self, kind):
        """The next event of that kind, whatever else happens in the hall: its message."""
        while (found := self.until("event")) is not None:
            if found[1]["event"]["type"] == kind:
                return found[1]
        raise AssertionError(f"the stream ended without {kind}")

    def close(self):
        self.answer.close()
        self.line.close()
