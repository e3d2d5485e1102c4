"""Commands under way, and what happened lately: against a socket that the test itself answers."""

import asyncio
import contextlib
import json

import pytest
import zmq

from hallctl.core import events as e
from hallctl.core.commands import AskHelp
from hallctl.http import asking
from hallctl.http.asking import Askers
from hallctl.http.following import KEPT, Following
from running import PATIENT_S

HELP = AskHelp(place="x")


class Daemon:
    """Answers what it is told to answer, and remembers all it was asked."""

    def __init__(self, bus, *deaf):
        self.deaf = set(deaf)
        self.context = zmq.Context()
        self.socket = self.context.socket(zmq.ROUTER)
        self.socket.setsockopt(zmq.LINGER, 0)
        self.socket.bind(f"ipc://{bus}/guide")
        self.asked = []

    def turn(self):
        while self.socket.poll(0):
            who, body = self.socket.recv_multipart()
            message = json.loads(body)
            self.asked.append((message["from"], message["id"]))
            if message["id"] not in self.deaf:
                answer = {"v": 1, "id": message["id"], "ok": True, "result": {"n": message["id"]}}
                self.socket.send_multipart([who, json.dumps(answer).encode()])

    def close(self):
        self.socket.close()
        self.context.term()


@contextlib.asynccontextmanager
async def turning(*what):
    async def turn():
        while True:
            for one in what:
                one.turn()
            await asyncio.sleep(0.005)

    task = asyncio.create_task(turn())
    try:
        yield
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


@pytest.fixture
def bench(tmp_path):
    daemon, askers = Daemon(tmp_path, "lost", "late"), Askers(tmp_path)
    yield daemon, askers
    askers.close()
    daemon.close()


def test_a_command_nobody_waits_for_any_more_is_not_sent_again_and_others_are(bench):
    daemon, askers = bench

    async def play():
        async with turning(daemon, askers):
            late = asyncio.create_task(askers.ask("guide", "one", HELP, "late", PATIENT_S))
            assert await askers.ask("guide", "one", HELP, "lost", 3.0) is None
            before = daemon.asked.count(("one", "lost"))
            daemon.deaf.clear()
            answer = await late
            await asyncio.sleep(4.5)  # it would be sent again each second
            return before, answer

    before, answer = asyncio.run(play())
    assert before >= 1
    assert answer.result == {"n": "late"}
    assert daemon.asked.count(("one", "lost")) <= before + 1  # one may have been on the wire
    assert not askers.busy


def test_who_asks_with_an_id_that_is_under_way_hears_the_same_answer(bench):
    daemon, askers = bench

    async def play():
        async with turning(daemon, askers):
            asked = [askers.ask("guide", "one", HELP, "same", PATIENT_S) for _ in range(20)]
            return await asyncio.gather(*asked)

    answers = asyncio.run(play())
    assert {answer.result["n"] for answer in answers} == {"same"}
    assert daemon.asked.count(("one", "same")) == 1


def test_each_token_speaks_by_its_own_name_and_only_so_many_lines_stay_open(bench, monkeypatch):
    daemon, askers = bench
    monkeypatch.setattr(asking, "LINES_MOST", 3)

    async def play():
        async with turning(daemon, askers):
            for n in range(5):
                answer = await askers.ask("guide", f"token-{n}", HELP, "same-id", PATIENT_S)
                assert answer.ok

    asyncio.run(play())
    assert len(set(daemon.asked)) == 5
    assert len(askers._lines) == 3


@pytest.fixture
def following(tmp_path):
    following = Following(tmp_path)
    yield following
    following._client.close()
    following.askers.close()


def test_so_many_events_are_kept_and_who_missed_more_is_told_so(following):
    following.hall.epoch = "ep"
    for seq in range(1, KEPT + 11):
        following.hall.seq = seq
        following._keep(e.Recorded(seq, "ep", 1.0, 1.0, "t", "", e.HelpAsked(place="x")))
    last = KEPT + 10
    assert following.since(9, "ep") is None
    assert [r.seq for r in following.since(10, "ep")] == list(range(11, last + 1))
    assert [r.seq for r in following.since(last - 1, "")] == [last]
    assert following.since(last, "ep") == []
    assert following.since(last + 1, "ep") is None
    assert following.since(last, "other") is None
    assert len(following._kept) == KEPT
