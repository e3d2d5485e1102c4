"""docs/examples/client.mjs, written in JavaScript from docs/protocol.md alone, at a real hall.

It runs in node with zeromq from .venv/npm, where scripts/setup.sh --dev puts it.
HALLCTL_NODE_MODULES names another folder.
"""

import contextlib
import json
import os
import queue
import shutil
import signal
import subprocess
import sys
import threading
from pathlib import Path

import pytest
import zmq

from hallctl.core.events import EVENTS
from running import PATIENT_S, ROOT, RawAsker, RunningDaemon, free_ports, wait_until

MODULES = Path(
    os.environ.get("HALLCTL_NODE_MODULES", ROOT / ".venv" / "npm" / "node_modules")
).absolute()
AUDIENCE = {event.__name__: event.AUDIENCE for event in EVENTS}


class Node:
    """client.mjs as a process: told a command a line, heard a line at a time."""

    asker = ""  # as the journal names it

    def __init__(self, folder, *how):
        self.lines, self._read = [], queue.SimpleQueue()
        self.process = subprocess.Popen(
            ["node", folder / "client.mjs", *how], stdin=subprocess.PIPE, stdout=subprocess.PIPE
        )
        threading.Thread(target=self._listen, daemon=True).start()

    def _listen(self):
        for line in self.process.stdout:
            self._read.put(json.loads(line))

    def tell(self, asked, **command):
        self.process.stdin.write(json.dumps({"id": asked, **command}).encode() + b"\n")
        self.process.stdin.flush()

    def heard(self, what):
        """All it said of one kind so far."""
        while not self._read.empty():
            self.lines.append(self._read.get())
        return [line for line in self.lines if what in line]

    def answer(self, asked):
        """The answer to that command; waits for it."""
        return wait_until(
            lambda: next((x for x in self.heard("answer") if x["answer"] == asked), None)
        )

    def wait_for(self, what, times=1):
        wait_until(lambda: len(self.heard(what)) >= times)

    def events(self):
        return [line["event"] for line in self.heard("event")]

    def wait_for_event(self, command):
        wait_until(lambda: [x for x in self.events() if x["command"] == command])

    def end(self):
        """Nothing more to do: it answers what is open and goes. Gives the exit code."""
        self.process.stdin.close()
        return self.process.wait(PATIENT_S)

    def close(self):
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
        self.process.stdout.close()
        with contextlib.suppress(BrokenPipeError):
            self.process.stdin.close()


def hallctl(daemon, *words):
    done = subprocess.run(
        [sys.executable, "-m", "hallctl", *words, "--hall", daemon.hall, "--state", daemon.state],
        capture_output=True, check=False, text=True, cwd=ROOT, timeout=PATIENT_S,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return done.stdout


class Hall(RunningDaemon):
    """A hall, and the programs in JavaScript beside it."""

    def __init__(self, folder, by):
        super().__init__(folder)
        self.folder = folder
        self.by = by
        self.programs = []
        if by == "tcp":
            listen = f"listen: 127.0.0.1:{free_ports()}\n"
            (self.hall / "network.yaml").write_text(listen)
            hallctl(self, "keys", "init")

    def program(self, role, name, *more):
        """A client for a role of a place: over ipc, or with a key made for it."""
        if self.by == "tcp":
            hallctl(self, "keys", "enrol", name, "--role", role, "--into", self.folder)
            how = ["--key", self.folder / f"{name}.hallkey"]
        else:
            how = ["--bus", self.state / "bus", "--role", role.partition(":")[0], "--name", name]
        self.programs.append(Node(self.folder, *how, *more))
        self.programs[-1].asker = f"{role if self.by == 'tcp' else role.partition(':')[0]}:{name}"
        return self.programs[-1]

    def journal(self):
        return [json.loads(x) for x in hallctl(self, "journal", "export", "--json").splitlines()]


def programs_in(folder):
    """Put client.mjs there, as after `npm install zeromq`."""
    assert shutil.which("node"), "no node here: these tests need node and npm"
    assert (MODULES / "zeromq").is_dir(), f"no zeromq in {MODULES}: run scripts/setup.sh --dev"
    shutil.copy(ROOT / "docs" / "examples" / "client.mjs", folder)
    (folder / "node_modules").symlink_to(MODULES)


@pytest.fixture
def hall(tmp_path, request):
    programs_in(tmp_path)
    hall = Hall(tmp_path, getattr(request, "param", "ipc"))
    hall.start()
    yield hall
    for program in hall.programs:
        program.close()
    hall.stop()


def check_it_saw_all(program, journal, *audiences):
    """From its one snapshot on, the events for it: every one, once, in order, word for word."""
    (snapshot,) = [line["snapshot"] for line in program.heard("snapshot")]
    meant = [x for x in journal if AUDIENCE[x["event"]["type"]] in audiences]
    assert program.events() == [x for x in meant if x["seq"] > snapshot["seq"]]


def types_of(journal, command):
    return [x["event"]["type"] for x in journal if x["command"] == command]


@pytest.mark.parametrize("hall", ["ipc", "tcp"], indirect=True)
def test_what_a_client_in_javascript_asks_is_done_once_and_what_happens_it_sees_once(hall):
    kiosk = hall.program("kiosk:kiosk-1", "kiosk-1")
    window = hall.program("window:3", "window-3")
    asked = []

    def take(count):
        for _ in range(count):
            asked.append(f"k{len(asked) + 1}")
            kiosk.tell(asked[-1], type="IssueTicket", queue="A", kiosk="kiosk-1")

    kiosk.wait_for("snapshot")
    window.wait_for("snapshot")
    take(1)
    assert kiosk.answer("k1")["result"]["label"] == "A001"
    window.tell("w1", type="CallNext", window=3)
    assert window.answer("w1")["result"]["label"] == "A001"
    window.tell("w2", type="Recall", window=99)
    assert window.answer("w2")["ok"] is False
    assert window.answer("w2")["words"]["zh"]

    take(5)  # the daemon is stopped amid these
    window.tell("w3", type="Start", window=3)
    assert hall.stop() == 0
    take(5)
    kiosk.wait_for("stale")
    window.wait_for("stale")
    hall.start()
    assert window.answer("w3")["ok"]
    kiosk.answer("k11")
    kiosk.wait_for("fresh")
    window.wait_for("fresh")

    take(10)  # and killed amid these
    window.tell("w4", type="Finish", window=3)
    hall.kill()
    take(5)
    window.tell("w5", type="CallNext", window=3)
    hall.start()

    labels = [kiosk.answer(one)["result"]["label"] for one in asked]
    assert sorted(labels) == [f"A{n:03}" for n in range(1, len(asked) + 1)]
    assert window.answer("w4")["ok"]
    assert window.answer("w5")["ok"]
    kiosk.tell("last", type="AskHelp", place="kiosk-1")
    for program in (kiosk, window):
        program.wait_for_event(f"{kiosk.asker}:last")
        assert program.end() == 0

    journal = hall.journal()
    check_it_saw_all(kiosk, journal, "public")
    check_it_saw_all(window, journal, "public", "staff")
    for one in asked:
        assert types_of(journal, f"{kiosk.asker}:{one}") == ["TicketIssued"]
    done = {
        "w1": "TicketCalled", "w3": "ServiceStarted", "w4": "ServiceFinished", "w5": "TicketCalled",
    }  # fmt: skip
    for one, event in done.items():
        assert types_of(journal, f"{window.asker}:{one}").count(event) == 1
    answers = [line["answer"] for line in kiosk.heard("answer")]
    assert sorted(answers) == sorted([*asked, "last"])


def test_a_client_in_javascript_that_slept_while_the_hall_went_on_learns_all_of_it(hall):
    window = hall.program("window:3", "window-3")
    window.wait_for("snapshot")
    window.process.send_signal(signal.SIGSTOP)
    hall.stop()
    hall.start()
    guide = RawAsker(hall.state / "bus")
    try:
        for number in range(5):
            guide.ask(f"g{number}", {"type": "IssueTicket", "queue": "A"})
    finally:
        guide.close()
    assert window.events() == []
    window.process.send_signal(signal.SIGCONT)
    window.wait_for_event("guide:test:g4")
    check_it_saw_all(window, hall.journal(), "public", "staff")


def test_a_client_in_javascript_that_was_started_anew_repeats_a_command_and_nothing_happens_twice(
    hall,
):
    first = hall.program("kiosk:kiosk-1", "kiosk-1")
    first.tell("same", type="IssueTicket", queue="A")
    told = first.answer("same")
    first.close()
    again = hall.program("kiosk:kiosk-1", "kiosk-1")
    again.tell("same", type="IssueTicket", queue="A")
    assert again.answer("same") == told
    assert types_of(hall.journal(), f"{again.asker}:same") == ["TicketIssued"]


def test_a_client_in_javascript_gives_a_command_up_before_the_hall_has_forgotten_its_id(hall):
    hall.stop()
    kiosk = hall.program("kiosk:kiosk-1", "kiosk-1", "--give-up", "2")
    kiosk.tell("late", type="IssueTicket", queue="A")
    assert kiosk.answer("late") == {"answer": "late", "ok": False, "code": "unanswered"}
    hall.start()
    kiosk.wait_for("snapshot")
    kiosk.tell("last", type="AskHelp", place="kiosk-1")
    assert kiosk.answer("last")["ok"]
    assert types_of(hall.journal(), f"{kiosk.asker}:late") == []


class Pretended:
    """The sockets of a hall, with what a test wants on them when it wants it."""

    def __init__(self, folder):
        self.answered = set()
        self.context = zmq.Context()
        self.commands = self.context.socket(zmq.ROUTER)
        self.events = self.context.socket(zmq.XPUB)
        self.events.setsockopt(zmq.RCVTIMEO, int(PATIENT_S * 1000))
        self.commands.bind(f"ipc://{folder}/window")
        self.events.bind(f"ipc://{folder}/events-staff")
        programs_in(folder)
        self.program = Node(folder, "--bus", folder, "--role", "window", "--name", "w")

    def question(self, ask):
        """The next one of that kind; what has its answer and was asked again is passed over."""

        def look():
            if not self.commands.poll(100):
                return None
            peer, frame = self.commands.recv_multipart()
            question = json.loads(frame)
            wanted = question["ask"] == ask and question["id"] not in self.answered
            return (peer, question) if wanted else None

        return wait_until(look, every_s=0)

    def answer(self, asked, **answer):
        peer, question = asked
        body = {"v": 1, "id": question["id"], "ok": True, **answer}
        self.commands.send_multipart([peer, json.dumps(body).encode()])
        if body["ok"]:
            self.answered.add(question["id"])

    def recorded(self, seq):
        return {"v": 1, "seq": seq, "epoch": "e", "wall_s": 1.0, "event": {"type": "AreaCleared"}}

    def publish(self, seq, prev):
        body = json.dumps({"v": 1, "prev": prev, "recorded": self.recorded(seq)}).encode()
        self.events.send_multipart([b"AreaCleared", str(seq).encode(), body])

    def beat(self, seq, epoch):
        body = json.dumps({"v": 1, "epoch": epoch, "seq": seq, "now": {"wall_s": 2.0}}).encode()
        self.events.send_multipart([b"heartbeat", str(seq).encode(), body])

    def close(self):
        self.program.close()
        self.context.destroy(linger=0)


@pytest.fixture
def pretended(tmp_path):
    pretended = Pretended(tmp_path)
    yield pretended
    pretended.close()


def test_a_client_in_javascript_says_once_what_comes_both_with_an_answer_and_by_itself(pretended):
    client = pretended.program
    asked = pretended.question("snapshot")
    assert pretended.events.recv() == b"\x01", "it follows everything"
    pretended.publish(5, 4)
    pretended.publish(6, 5)
    pretended.answer(asked, snapshot={"epoch": "e", "seq": 5})
    client.wait_for("event")
    pretended.publish(8, 7)  # 7 is lost
    asked = pretended.question("replay")
    assert (asked[1]["epoch"], asked[1]["since"]) == ("e", 6)
    pretended.publish(9, 8)
    pretended.publish(10, 9)
    replay = [pretended.recorded(seq) for seq in (7, 8, 9)]
    pretended.answer(asked, replay=replay, seq=9)
    pretended.answer(asked, replay=replay, seq=9)
    client.wait_for("event", 5)
    pretended.beat(11, "e")  # 11 is lost, and nothing comes behind it
    asked = pretended.question("replay")
    assert asked[1]["since"] == 10
    pretended.answer(asked, replay=[pretended.recorded(11)], seq=12)
    client.wait_for("event", 6)
    pretended.publish(13, 11)
    client.wait_for("event", 7)
    assert [event["seq"] for event in client.events()] == [6, 7, 8, 9, 10, 11, 13]
    pretended.beat(3, "another")
    asked = pretended.question("replay")
    assert (asked[1]["epoch"], asked[1]["since"]) == ("e", 13)
    pretended.answer(asked, snapshot={"epoch": "another", "seq": 3})
    client.wait_for("snapshot", 2)


def test_a_client_in_javascript_asks_with_one_id_until_the_hall_answers(pretended):
    pretended.program.tell("x", type="CallNext", window=3)
    first = pretended.question("command")
    again = pretended.question("command")
    assert first[1] == again[1]
    pretended.answer(again, ok=False, code="too_fast", words={})
    third = pretended.question("command")
    assert third[1] == first[1]
    assert pretended.program.heard("answer") == []
    pretended.answer(third, result={"label": "A001"})
    pretended.answer(third, result={"label": "A001"})
    assert pretended.program.answer("x")["result"] == {"label": "A001"}
    assert pretended.program.end() == 0
    assert len(pretended.program.heard("answer")) == 1
