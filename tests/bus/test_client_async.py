"""The client for asyncio: many tasks ask and follow over one pair of sockets."""

import asyncio

import pytest

from bus.small_hall import SmallHall, issue
from hallctl.asked import NoAnswer
from hallctl.client_async import AsyncHallClient
from hallctl.connecting import Remote, Trouble
from hallctl.core import commands as c
from hallctl.core.events import Recorded, TicketIssued
from hallctl.mirror import Fresh, Snapshot, Stale
from running import PATIENT_S


@pytest.fixture
def hall():
    hall = SmallHall()
    yield hall
    hall.close()


def joined(key, **options):
    return AsyncHallClient(Remote(key, key.address), **options)


async def heard(client, enough):
    async def look():
        found = []
        async for one in client.follow():
            found.append(one)
            if enough(one):
                break
        return found

    return await asyncio.wait_for(look(), PATIENT_S)


def labels(changes):
    events = [one.event for one in changes if isinstance(one, Recorded)]
    return [event.label for event in events if isinstance(event, TicketIssued)]


def test_tasks_ask_at_once_and_each_gets_its_own_answer(hall):
    async def run():
        async with joined(hall.key("guide-1", "guide")) as client:
            ask = [
                client.do(c.IssueTicket(queue="A", kiosk="kiosk-1"), PATIENT_S) for _ in range(20)
            ]
            return await asyncio.gather(*ask)

    answers = asyncio.run(run())
    assert sorted(a.result["label"] for a in answers) == [f"A{n:03d}" for n in range(1, 21)]


def test_two_that_wait_for_one_id_get_one_answer(hall):
    issue(hall, 2)

    async def run():
        async with joined(hall.key()) as client:
            ask = [client.do(c.CallNext(window=3), PATIENT_S, command_id="one") for _ in range(2)]
            return await asyncio.gather(*ask)

    first, second = asyncio.run(run())
    assert first == second
    assert len(hall.bench.hall.waiting("A")) == 1


def test_several_follow_and_each_hears_everything(hall):
    async def run():
        async with joined(hall.key()) as client:

            def last(one):
                return labels([one]) == ["A003"]

            tasks = [asyncio.create_task(heard(client, last)) for _ in range(3)]
            await heard(client, lambda one: isinstance(one, Snapshot))
            await asyncio.to_thread(issue, hall, 3)
            return await asyncio.gather(*tasks)

    for found in asyncio.run(run()):
        assert labels(found) == ["A001", "A002", "A003"]
        assert isinstance(next(one for one in found if not isinstance(one, Trouble)), Snapshot)


def test_silence_and_its_end_are_followed(hall):
    async def run():
        async with joined(hall.key()) as client:
            await heard(client, lambda one: isinstance(one, Snapshot))
            hall.silent = True
            await heard(client, lambda one: isinstance(one, Stale))
            assert client.stale_since_s
            hall.silent = False
            await heard(client, lambda one: isinstance(one, Fresh))
            assert client.stale_since_s is None

    asyncio.run(run())


def test_a_revoked_key_is_told_and_asking_says_why(hall):
    async def run():
        async with joined(hall.key()) as client:
            await heard(client, lambda one: isinstance(one, Snapshot))
            hall.known.clear()
            await asyncio.to_thread(hall.hang_up)
            await heard(client, lambda one: isinstance(one, Trouble) and one.what == "refused")
            with pytest.raises(NoAnswer, match="refused"):
                await client.do(c.CallNext(window=3), 0.3)

    asyncio.run(run())


def test_what_had_no_answer_is_asked_again_from_the_outbox(hall, tmp_path):
    issue(hall)
    hall.forgets = 1

    async def run():
        key = hall.key()
        async with joined(key, outbox=tmp_path / "outbox") as client:
            await heard(client, lambda one: isinstance(one, Snapshot))
            with pytest.raises(NoAnswer):
                await client.do(c.CallNext(window=3), 0.3, command_id="lost")
        async with joined(key, outbox=tmp_path / "outbox") as client:
            return await client.unanswered(PATIENT_S)

    (outcome,) = asyncio.run(run())
    assert outcome.id == "lost"
    assert outcome.answer.result["label"] == "A001"
    assert len(hall.answers) == 1


def test_a_client_that_leaves_ends_its_followers_and_wakes_who_waits(hall):
    async def run():
        client = joined(hall.key())
        async with client:
            await heard(client, lambda one: isinstance(one, Snapshot))
            hall.deaf = True
            waits = asyncio.create_task(client.do(c.CallNext(window=3), PATIENT_S))
            follows = asyncio.create_task(heard(client, lambda one: False))
            await asyncio.sleep(0.2)
        with pytest.raises(NoAnswer, match="closed"):
            await asyncio.wait_for(waits, PATIENT_S)
        await asyncio.wait_for(follows, PATIENT_S)

    asyncio.run(run())


def test_an_answer_comes_at_once_and_not_with_the_next_tick(hall, monkeypatch):
    """The next tick is ten minutes away, and no heartbeat comes meanwhile: the sockets wake it."""

    async def run():
        async with joined(hall.key()) as client:
            await heard(client, lambda one: isinstance(one, Snapshot))
            hall.silent = True
            monkeypatch.setattr("hallctl.client_async.SLICE_S", 10 * PATIENT_S)
            for _ in range(15):
                await client.do(c.AskHelp(place="kiosk-1"), PATIENT_S)

    asyncio.run(run())
